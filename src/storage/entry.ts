/**
 * How the entries of index tables stand in both engines.
 *
 * A unique entry stands under its key, its row id is in the value. Any other stands under its key and the eight bytes of its row
 * id; keys are prefix-free, so that does not disturb their order. Keys are texts here, with a character for each byte: they
 * compare like the bytes and can be kept in maps.
 */
import assert from 'node:assert/strict';
import { textAt, writeBytes } from './bytes.ts';
import type { IndexEntry, RowId } from './engine.ts';

export const ID_BYTES = 8;
/** What a page of the embedded engine's file takes (1,978 bytes) beside the number of a table and an id. */
export const KEY_LIMIT_BYTES = 1966;

const NO_BYTES = new Uint8Array(0);
/** Before what is stored along with an entry whose id is in its key. An id in the value begins with a zero. */
const VALUE_FOLLOWS = 1;

/** Where keys and ids come together. */
const keyAndId = Buffer.alloc(KEY_LIMIT_BYTES + ID_BYTES);

export function textOf(bytes: Uint8Array): string {
  return textAt(bytes, 0, bytes.length);
}

export function writeId(target: Buffer, offset: number, id: RowId): void {
  target.writeUInt32BE(Math.floor(id / 2 ** 32), offset);
  target.writeUInt32BE(id >>> 0, offset + 4);
}

export function readId(source: Buffer, offset: number): RowId {
  const high = (source[offset]! << 24) | (source[offset + 1]! << 16) | (source[offset + 2]! << 8) | source[offset + 3]!;
  const low = (source[offset + 4]! << 24) | (source[offset + 5]! << 16) | (source[offset + 6]! << 8) | source[offset + 7]!;
  return high === 0 && low >= 0 ? low : (high >>> 0) * 2 ** 32 + (low >>> 0);
}

export function storedKey(entry: IndexEntry, id: RowId): string {
  const { key, isUnique } = entry;
  const { length } = key;
  assert(length <= KEY_LIMIT_BYTES, `an index key of ${length} bytes is too long`);
  if (isUnique) return textOf(key);
  writeBytes(keyAndId, 0, key);
  writeId(keyAndId, length, id);
  return textAt(keyAndId, 0, length + ID_BYTES);
}

export function storedValue(entry: IndexEntry, id: RowId): Uint8Array {
  const { value } = entry;
  if (entry.isUnique) {
    const bytes = Buffer.allocUnsafe(ID_BYTES + (value?.length ?? 0));
    writeId(bytes, 0, id);
    if (value !== undefined) writeBytes(bytes, ID_BYTES, value);
    return bytes;
  }
  if (value === undefined || value.length === 0) return NO_BYTES;
  const bytes = Buffer.allocUnsafe(1 + value.length);
  bytes[0] = VALUE_FOLLOWS;
  writeBytes(bytes, 1, value);
  return bytes;
}

/** Whether the id is part of the stored key, judged by the first byte and the size of the stored value. */
export function hasIdInKey(firstByte: number | undefined, valueSize: number): boolean {
  return valueSize === 0 || firstByte === VALUE_FOLLOWS;
}
