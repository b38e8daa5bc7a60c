/**
 * The rows that hold each of many unique keys in the data file: first where the keys were found before, then by the way from the root.
 */
import type { RowId } from '../engine.ts';
import { readId } from '../entry.ts';
import { hashOf } from './known-places.ts';
import { NO_PAGE, NODE_HEAD_BYTES, offsetOf, PAGE_BYTES, type MappedPages, type Window } from './pages.ts';
import { AHEAD, FormerPlaces } from './read-ahead.ts';

/** The number of a row that is not there. */
export const NO_ROW = -1;

const PREFIX_BYTES = 4;

const key = Buffer.alloc(PAGE_BYTES);
const former = new FormerPlaces();
const { hashes, pages, places } = former;

/** The row that holds each of the unique keys, or none; first where they were found before in this commit. */
export function findHolders(mapped: MappedPages, root: number, commit: number, prefix: number, keys: readonly Uint8Array[]): RowId[] {
  const holders: RowId[] = [];
  for (let from = 0; from < keys.length; from += AHEAD) {
    const count = Math.min(AHEAD, keys.length - from);
    for (let i = 0; i < count; i++) hashes[i] = hashOf(key, writeKey(prefix, keys[from + i]!));
    former.findNodes(mapped, commit, count);
    for (let i = 0; i < count; i++) {
      const wanted = keys[from + i]!;
      if (pages[i] !== NO_PAGE) {
        const window = mapped.window(pages[i]!);
        const node = offsetOf(pages[i]!) + places[i]!;
        if (isEntry(window, node, prefix, wanted)) {
          mapped.readValue(window, node);
          holders.push(readId(mapped.bytes, mapped.start));
          continue;
        }
      }
      const isFound = mapped.findKnown(root, commit, key, writeKey(prefix, wanted));
      holders.push(isFound ? readId(mapped.bytes, mapped.start) : NO_ROW);
    }
  }
  return holders;
}

/** Answers the size. */
function writeKey(prefix: number, wanted: Uint8Array): number {
  key.writeUInt32BE(prefix, 0);
  for (let i = 0; i < wanted.length; i++) key[PREFIX_BYTES + i] = wanted[i]!;
  return PREFIX_BYTES + wanted.length;
}

function isEntry({ bytes, halves, view }: Window, node: number, prefix: number, wanted: Uint8Array): boolean {
  if (halves[(node >> 1) + 3] !== PREFIX_BYTES + wanted.length) return false;
  const at = node + NODE_HEAD_BYTES;
  if (view.getUint32(at) !== prefix) return false;
  // Keys of one table begin alike.
  for (let i = wanted.length - 1; i >= 0; i--) if (bytes[at + PREFIX_BYTES + i] !== wanted[i]) return false;
  return true;
}
