/** Stretches of keys: as bounds for the server, and over the writes that a transaction keeps aside. */
import { Buffer } from 'node:buffer';
import type { KeyRange, RowId } from '../engine.ts';
import { hasIdInKey, ID_BYTES, readId, textOf } from '../entry.ts';
import type { Writes } from '../writes.ts';

/** Above all keys: none is that long. */
const ABOVE_ALL = Buffer.alloc(2000, 0xff);
const NOTHING = Buffer.alloc(0);

/** From `low` on, below `high`. */
export interface Bounds {
  readonly low: Buffer;
  readonly high: Buffer;
}

export function boundsOf({ from, fromExclusive, to, toInclusive }: KeyRange): Bounds {
  return {
    low: from === undefined ? NOTHING : fromExclusive === true ? after(from) : asBuffer(from),
    high: to === undefined ? ABOVE_ALL : toInclusive === true ? after(to) : asBuffer(to),
  };
}

/** The least bytes that come after these. */
function after(bytes: Uint8Array): Buffer {
  const next = Buffer.allocUnsafe(bytes.length + 1);
  next.set(bytes);
  next[bytes.length] = 0;
  return next;
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** An entry that is kept aside, or the hiding of one that is stored. */
export interface OwnEntry {
  /** Orders entries: the key, and unless it is unique the id. */
  readonly stored: string;
  readonly isHidden: boolean;
  readonly id: RowId;
  readonly key: string;
  readonly value: Uint8Array;
}

const NO_VALUE = new Uint8Array(0);

/** What is kept aside of an index, in the order of a scan. `isUnique`: of all entries of the index. */
export function* ownEntries(
  writes: Writes<string>,
  { from, fromExclusive, to, toInclusive }: KeyRange,
  options: { readonly isUnique: boolean; readonly reverse: boolean },
): Generator<OwnEntry> {
  const low = from && textOf(from);
  const high = to && textOf(to);
  const isAbove = (key: string): boolean => low === undefined || (fromExclusive === true ? key > low : key >= low);
  const isBelow = (key: string): boolean => high === undefined || (toInclusive === true ? key <= high : key < high);
  // Ids follow keys, so there may be entries of the key `high` beyond its bytes.
  const walk = options.reverse ? writes.before(high && `${high}\u00ff`) : writes.from(low);
  for (const [stored, bytes] of walk) {
    const entry = readOwn(stored, bytes, options.isUnique);
    if (options.reverse ? !isAbove(entry.key) : !isBelow(entry.key)) return;
    if (isAbove(entry.key) && isBelow(entry.key)) yield entry;
  }
}

function readOwn(stored: string, bytes: Uint8Array | undefined, isUnique: boolean): OwnEntry {
  const key = isUnique ? stored : stored.slice(0, -ID_BYTES);
  if (bytes === undefined) return { stored, isHidden: true, id: 0, key, value: NO_VALUE };
  const value = asBuffer(bytes);
  return hasIdInKey(value[0], value.length)
    ? { stored, isHidden: false, id: idAtEnd(stored), key, value: value.subarray(1) }
    : { stored, isHidden: false, id: readId(value, 0), key, value: value.subarray(ID_BYTES) };
}

/** The row id at the end of a stored key. */
export function idAtEnd(stored: string): RowId {
  return readId(Buffer.from(stored.slice(-ID_BYTES), 'latin1'), 0);
}
