/** Attributes of documents that can be read off the entries of an index. `_id` can where the `_key` is: it is made of both names. */
import type { IndexAccess } from '#documents';

/** The place in `IndexAccess.held` of what an attribute is read from; -1: it is not there. */
export function placeHeld({ held }: IndexAccess, path: readonly string[]): number {
  const [first] = path;
  if (first === '_id') return held.findIndex(({ text }) => text === '_key');
  return held.findIndex(({ steps }) => steps.length <= path.length && steps.every((step, i) => step === path[i]));
}
