/** Batches out of answers, without copying a row; and out of what was put together by hand. */
import type { EntryBatch, EntryScanOptions, KeyInRow, RowBatch, RowId } from '../engine.ts';
import { KeyMap } from './key-map.ts';
import { nextColumn, readInt8, type Rows } from './wire.ts';

const NOTHING = Buffer.alloc(0);

/** Of columns `id, row`. */
export function rowBatch({ buffer, starts: rows, count }: Rows): RowBatch {
  const ids: RowId[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  for (let i = 0; i < count; i++) {
    const at = rows[i]!;
    ids.push(readInt8(buffer, at));
    const column = nextColumn(buffer, at);
    starts.push(column + 4);
    ends.push(nextColumn(buffer, column));
  }
  return { count, ids, buffer, starts, ends };
}

/** Of columns `n, id, row`: the only row that was asked for, empty where there is none. */
export function rowOrNone({ buffer, starts: rows }: Rows, asked: RowId = 0): RowBatch {
  const [at] = rows;
  if (at === undefined) return { count: 1, ids: [asked], buffer, starts: [0], ends: [0] };
  const idAt = nextColumn(buffer, at);
  const rowAt = nextColumn(buffer, idAt);
  return { count: 1, ids: [readInt8(buffer, idAt)], buffer, starts: [rowAt + 4], ends: [nextColumn(buffer, rowAt)] };
}

/** Of columns `id, row`, in any order: a row for each of the ids, empty where there is none. */
export function rowsWithIds({ buffer, starts: rows }: Rows, ids: ArrayLike<RowId>): RowBatch {
  const found = new Map<RowId, number>();
  for (const at of rows) found.set(readInt8(buffer, at), nextColumn(buffer, at));
  const starts: number[] = [];
  const ends: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    const rowAt = found.get(ids[i]!);
    starts.push(rowAt === undefined ? 0 : rowAt + 4);
    ends.push(rowAt === undefined ? 0 : nextColumn(buffer, rowAt));
  }
  return { count: ids.length, ids: Array.from(ids), buffer, starts, ends };
}

/** Of columns `k, id, row`, in any order: a row for each of the keys, empty where there is none. */
export function rowsUnderKeys({ buffer, starts: rows }: Rows, keys: readonly Uint8Array[], keyInRow?: KeyInRow): RowBatch {
  // What a row says of its key is all but the last byte.
  const missing = keyInRow === undefined ? 0 : 1;
  const found = new KeyMap<number>();
  for (const at of rows) {
    const idAt = nextColumn(buffer, at);
    if (keyInRow === undefined) found.set(idAt, buffer, at + 4, idAt);
    else {
      const start = nextColumn(buffer, idAt) + 4;
      found.set(idAt, buffer, start + keyInRow.at, keyEndInRow(buffer, start, keyInRow));
    }
  }
  const ids: RowId[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  for (const key of keys) {
    const idAt = found.get(key, 0, key.length - missing);
    const rowAt = idAt === undefined ? 0 : nextColumn(buffer, idAt);
    ids.push(idAt === undefined ? 0 : readInt8(buffer, idAt));
    starts.push(idAt === undefined ? 0 : rowAt + 4);
    ends.push(idAt === undefined ? 0 : nextColumn(buffer, rowAt));
  }
  return { count: keys.length, ids, buffer, starts, ends };
}

/** Where the key ends that stands in the row which begins at `start`. */
export function keyEndInRow(buffer: Uint8Array, start: number, { at, end }: KeyInRow): number {
  let keyEnd = start + at;
  while (keyEnd < buffer.length && buffer[keyEnd] !== end) keyEnd++;
  return keyEnd;
}

/** One entry as the server gives it: columns `n, id, d, k, v`. */
export interface FiledEntry {
  readonly range: number;
  readonly id: RowId;
  readonly isUnique: boolean;
  readonly key: Buffer;
  readonly value: Buffer;
}

export interface FiledBatch {
  readonly count: number;
  readonly items: readonly FiledEntry[];
}

export function filedBatch({ buffer, starts, count }: Rows): FiledBatch {
  const items = starts.map((at) => {
    const idAt = nextColumn(buffer, at);
    const dAt = nextColumn(buffer, idAt);
    const keyAt = nextColumn(buffer, dAt);
    const valueAt = nextColumn(buffer, keyAt);
    return {
      range: readInt8(buffer, at) - 1,
      id: readInt8(buffer, idAt),
      isUnique: readInt8(buffer, dAt) === 0,
      key: buffer.subarray(keyAt + 4, valueAt),
      value: buffer.subarray(valueAt + 4, nextColumn(buffer, valueAt)),
    };
  });
  return { count, items };
}

/** Of columns `n, id, d, k, v`. */
export function entryBatch({ buffer, starts: rows, count }: Rows, { withKeys, withValues }: EntryScanOptions): EntryBatch {
  const ids: RowId[] = [];
  const ranges: number[] = [];
  const keyStarts: number[] = [];
  const keyEnds: number[] = [];
  const valueStarts: number[] = [];
  const valueEnds: number[] = [];
  for (let i = 0; i < count; i++) {
    const at = rows[i]!;
    const idAt = nextColumn(buffer, at);
    ranges.push(readInt8(buffer, at) - 1);
    ids.push(readInt8(buffer, idAt));
    if (withKeys !== true && withValues !== true) continue;
    const keyAt = nextColumn(buffer, nextColumn(buffer, idAt));
    const valueAt = nextColumn(buffer, keyAt);
    keyStarts.push(keyAt + 4);
    keyEnds.push(valueAt);
    valueStarts.push(valueAt + 4);
    valueEnds.push(nextColumn(buffer, valueAt));
  }
  return {
    count,
    ids,
    ranges,
    ...(withKeys === true && { keys: { count, ids, buffer, starts: keyStarts, ends: keyEnds } }),
    ...(withValues === true && { values: { count, ids, buffer, starts: valueStarts, ends: valueEnds } }),
  };
}

/** Rows put together one by one. */
export class RowCollector {
  readonly #ids: RowId[] = [];
  readonly #parts: Uint8Array[] = [];

  get count(): number {
    return this.#ids.length;
  }

  add(id: RowId, bytes: Uint8Array): void {
    this.#ids.push(id);
    this.#parts.push(bytes);
  }

  finish(): RowBatch {
    const starts: number[] = [];
    const ends: number[] = [];
    let at = 0;
    for (const part of this.#parts) {
      starts.push(at);
      at += part.length;
      ends.push(at);
    }
    return { count: this.#ids.length, ids: this.#ids, buffer: Buffer.concat(this.#parts, at), starts, ends };
  }
}

export function copied(batch: RowBatch): RowBatch {
  const collector = new RowCollector();
  for (let i = 0; i < batch.count; i++) collector.add(batch.ids[i]!, bytesAt(batch, i));
  return collector.finish();
}

export function bytesAt({ buffer, starts, ends }: RowBatch, place: number): Uint8Array {
  return buffer.subarray(starts[place], ends[place]);
}

export const EMPTY_ROWS: RowBatch = { count: 0, ids: [], buffer: NOTHING, starts: [], ends: [] };
export const EMPTY_ENTRIES: EntryBatch = { count: 0, ids: [], ranges: [], keys: EMPTY_ROWS, values: EMPTY_ROWS };
