/**
 * The paths of routes: segments between slashes, of which one is literal text, a parameter (`:name`) or, as the last, a wildcard (`*`).
 */

export type Segment = { readonly type: 'text'; readonly text: string } | { readonly type: 'parameter'; readonly name: string };

export interface RoutePath {
  readonly segments: readonly Segment[];
  readonly hasWildcard: boolean;
}

export function parsePath(path: string): RoutePath {
  const parts = path.split('/').filter((part) => part !== '');
  const hasWildcard = parts.at(-1) === '*';
  const segments = (hasWildcard ? parts.slice(0, -1) : parts).map((part): Segment =>
    part.startsWith(':') && part.length > 1 ? { type: 'parameter', name: part.slice(1) } : { type: 'text', text: part },
  );
  return { segments, hasWildcard };
}

export function printPath({ segments, hasWildcard }: RoutePath): string {
  const parts = segments.map((segment) => (segment.type === 'text' ? segment.text : `:${segment.name}`));
  return `/${(hasWildcard ? [...parts, '*'] : parts).join('/')}`;
}
