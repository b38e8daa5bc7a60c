/**
 * What is under each of many keys, as joins and hops ask for it: entries, or the rows that hold unique keys. Nothing lies over the data file here,
 * so each key is one short stretch of it.
 */
import type { RowId } from '../engine.ts';
import { readId } from '../entry.ts';
import { hashOf } from './known-places.ts';
import type { Cursor, Snapshot } from './lmdb.ts';
import { NO_PAGE, NODE_HEAD_BYTES, offsetOf, PAGE_BYTES, type MappedPages, type Window } from './pages.ts';
import { AHEAD } from './read-ahead.ts';
import type { EntryList } from './row-list.ts';

/** The number of a row that is not there. */
export const NO_ROW = -1;

const PREFIX_BYTES = 4;
const FORWARDS = { reverse: false } as const;

/** Adds the entries under each of the keys, with the key's place among them as their range, until there are `most` of them. */
export function readPoints(
  mapped: MappedPages,
  snapshot: Snapshot,
  cursor: Cursor,
  prefix: number,
  points: readonly Uint8Array[],
  list: EntryList,
  most: number,
): void {
  for (const [range, point] of points.entries()) {
    if (list.count >= most) return;
    if (range % AHEAD === 0) snapshot.preparePoints(prefix, points, range);
    if (!cursor.seekPoint(prefix, point, FORWARDS)) continue;
    const wanted = { range, onlyLength: point.length, count: most };
    do {
      list.addLeaf(mapped, cursor.window, cursor.leaf, [cursor.place, cursor.last + 1], wanted);
      cursor.place = cursor.last;
    } while (list.count < most && cursor.next());
  }
}

const key = Buffer.alloc(PAGE_BYTES);
const hashes = new Int32Array(AHEAD);
const pages = new Int32Array(AHEAD);
const places = new Int32Array(AHEAD);

/** What was read adds up to this, so that no compiler leaves the reading out. */
const touched = new Int32Array(1);

/** The row that holds each of the unique keys, or none; first where they were found before in this commit. */
export function findHolders(mapped: MappedPages, root: number, commit: number, prefix: number, keys: readonly Uint8Array[]): RowId[] {
  const holders: RowId[] = [];
  for (let from = 0; from < keys.length; from += AHEAD) {
    const count = Math.min(AHEAD, keys.length - from);
    findPlaces(mapped, commit, prefix, keys, from, count);
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

/** Where keys were found before, each step for all of them before the next one: so the processor waits for memory only once. */
function findPlaces(mapped: MappedPages, commit: number, prefix: number, keys: readonly Uint8Array[], from: number, count: number): void {
  const { known } = mapped;
  for (let i = 0; i < count; i++) {
    const hash = hashOf(key, writeKey(prefix, keys[from + i]!));
    hashes[i] = hash;
    touched[0]! += known.touch(hash);
  }
  for (let i = 0; i < count; i++) {
    const isKnown = known.find(commit, hashes[i]!);
    pages[i] = isKnown ? known.page : NO_PAGE;
    places[i] = known.place;
    if (isKnown) touched[0]! += mapped.window(known.page).halves[(offsetOf(known.page) + known.place) >> 1]!;
  }
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
