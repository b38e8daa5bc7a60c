/** What answers say to pages of other origins; everything else about CORS is the front's business. */

/** A browser lets a page of another origin read only headers that are named. */
export function exposedHeaders(headers: object | undefined): string {
  return [...Object.keys(headers ?? {}), 'content-length', 'server'].toSorted().join(', ');
}
