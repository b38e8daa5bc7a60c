/**
 * What answers brought along before it was asked for: entries under keys, rows under keys, rows by ids. Good for as long as a transaction
 * sees one state, or several see the same (`kept.ts`); own writes are laid over it as over anything that is stored.
 */
import type { EntryBatch, RowBatch, RowId, TableId } from '../engine.ts';
import { EMPTY_ROWS, RowCollector } from './batches.ts';
import { EntryPart, NamedPart, OwnPart, type Row, type Stretch, type Value } from './expansion-parts.ts';
import { partsOf, type ExpansionShape } from './expansion.ts';
import { KeyMap } from './key-map.ts';
import type { Extent, Pace } from './pace.ts';
import { nextColumn, readInt8, type Rows } from './wire.ts';

/** Of answers; beyond that, all is forgotten. */
const MOST_BYTES = 8 * 1024 * 1024;

export class BroughtAlong {
  /** By keys without the zero byte at their end. */
  readonly #entries = new Map<TableId, KeyMap<Stretch>>();
  readonly #named = new Map<TableId, KeyMap<Row>>();
  readonly #rows = new Map<TableId, Map<RowId, Row>>();
  #bytes = 0;

  get hasRoom(): boolean {
    return this.#bytes <= MOST_BYTES;
  }

  hasEntries(index: TableId, key: Uint8Array): boolean {
    return this.#entries.get(index)?.get(key, 0, key.length - 1) !== undefined;
  }

  /** Undefined where not all of them are known. */
  entries(index: TableId, keys: readonly Uint8Array[]): EntryBatch | undefined {
    const known = this.#entries.get(index);
    if (known === undefined) return undefined;
    const stretches: Stretch[] = [];
    let count = 0;
    for (const key of keys) {
      const stretch = known.get(key, 0, key.length - 1);
      if (stretch === undefined) return undefined;
      stretches.push(stretch);
      count += stretch.end - stretch.from;
    }
    const ranges = new Int32Array(count);
    const ids = new Float64Array(count);
    const starts = new Int32Array(count);
    const ends = new Int32Array(count);
    let at = 0;
    for (const [range, { list, from, end }] of stretches.entries()) {
      for (let i = from; i < end; i++, at++) {
        ranges[at] = range;
        ids[at] = list.ids[i]!;
        starts[at] = list.starts[i]!;
        ends[at] = list.ends[i]!;
      }
    }
    const filled = stretches.filter(({ from, end }) => from < end);
    const buffer = filled[0]?.list.buffer ?? EMPTY_ROWS.buffer;
    const isOne = filled.every(({ list }) => list.buffer === buffer);
    return { count, ids, ranges, values: isOne ? { count, ids, buffer, starts, ends } : copiedValues(filled) };
  }

  /** Rows under keys of a unique index; undefined where not all of them are known. */
  findNamed(index: TableId, keys: readonly Uint8Array[]): RowBatch | undefined {
    const known = this.#named.get(index);
    if (known === undefined) return undefined;
    return batchOf(keys.length, (i) => {
      const key = keys[i]!;
      return key.at(-1) === 0 ? known.get(key, 0, key.length - 1) : undefined;
    });
  }

  /** Rows by ids; undefined where not all of them are known. */
  findRows(table: TableId, ids: ArrayLike<RowId>): RowBatch | undefined {
    const known = this.#rows.get(table);
    return known && batchOf(ids.length, (i) => known.get(ids[i]!));
  }

  /** What is known of entries, by index. */
  get entriesUnderKeys(): ReadonlyMap<TableId, KeyMap<Stretch>> {
    return this.#entries;
  }

  /** What is known of rows under unique keys, by index. */
  get namedRows(): ReadonlyMap<TableId, KeyMap<Row>> {
    return this.#named;
  }

  /** What is known of rows by their ids, by table. */
  get rowsById(): ReadonlyMap<TableId, ReadonlyMap<RowId, Row>> {
    return this.#rows;
  }

  /** Keeps an answer. `keys`: those that were asked for; what there was no room for waits in `pace`. */
  keep(answer: Rows, shape: ExpansionShape, keys: readonly Uint8Array[], extent: Extent, pace: Pace): void {
    const { buffer, starts } = answer;
    this.#bytes += buffer.length;
    const parts = partsOf(shape);
    const kept = parts.map((part) => {
      switch (part.is) {
        case 'entries':
          return new EntryPart(buffer, this.#entriesOf(shape.indexes[part.way]!));
        case 'named': {
          const { index, keyInRow } = shape.named[part.place]!;
          return new NamedPart(buffer, this.#namedOf(index), keyInRow);
        }
        case 'own':
          return new OwnPart(
            buffer,
            mapOf(this.#rows, shape.own[part.way]!, () => new Map<RowId, Row>()),
          );
      }
    });
    for (const at of starts) kept[readInt8(buffer, at)]!.add(nextColumn(buffer, at));
    const ways = shape.indexes.length;
    const levels = Array.from({ length: shape.levels + 1 }, (_, level) => kept.slice(level * ways, (level + 1) * ways) as EntryPart[]);
    for (const part of levels[0]!) {
      part.close(false);
      for (const key of keys) part.noteAsked(key);
    }
    for (let level = 1; level <= shape.levels; level++) {
      const [before, entries] = [levels[level - 1]!, levels[level]!];
      const waiting: Uint8Array[] = [];
      const values = before.flatMap((part) => part.values());
      const [followed, left] = shape.goesOn === 'from all' ? [values, []] : chosen(values, shape.goesOn, extent.keys);
      const cuts = entries.map((part) => part.close(part.count === extent.entries));
      // What is worth most is put on last, and taken first.
      for (const { key } of left.toReversed()) waiting.push(key);
      for (const { key } of followed.toReversed()) {
        let isCut = false;
        for (const [way, cut] of cuts.entries()) {
          if (cut === undefined || Buffer.compare(key, cut) < 0) entries[way]!.noteAsked(key, key.length);
          else isCut = true;
        }
        if (isCut) waiting.push(key);
      }
      pace.wait(shape, shape.levels - level, waiting);
    }
  }

  #namedOf(index: TableId): KeyMap<Row> {
    return mapOf(this.#named, index, () => new KeyMap<Row>());
  }

  #entriesOf(index: TableId): KeyMap<Stretch> {
    return mapOf(this.#entries, index, () => new KeyMap<Stretch>());
  }
}

function mapOf<Name, Kept>(maps: Map<Name, Kept>, name: Name, make: () => Kept): Kept {
  let known = maps.get(name);
  if (known === undefined) maps.set(name, (known = make()));
  return known;
}

/** Values that lie in several answers. */
function copiedValues(stretches: readonly Stretch[]): RowBatch {
  const collector = new RowCollector();
  for (const { list, from, end } of stretches) {
    for (let i = from; i < end; i++) collector.add(list.ids[i]!, list.buffer.subarray(list.starts[i], list.ends[i]));
  }
  return collector.finish();
}

/** Those from which the server has gone on, and the others. */
function chosen(values: readonly Value[], goesOn: 'from first' | 'from last', count: number): readonly [Value[], Value[]] {
  const direction = goesOn === 'from first' ? 1 : -1;
  const ordered = values.toSorted((one, other) => direction * (one.id - other.id) || Buffer.compare(one.key, other.key));
  return [ordered.slice(0, count), ordered.slice(count)];
}

/** Rows that may lie in several answers; undefined where one is not known. */
function batchOf(count: number, find: (place: number) => Row | undefined): RowBatch | undefined {
  const ids = new Float64Array(count);
  const starts = new Int32Array(count);
  const ends = new Int32Array(count);
  let { buffer }: { buffer: Uint8Array } = EMPTY_ROWS;
  let isOne = true;
  for (let i = 0; i < count; i++) {
    const row = find(i);
    if (row === undefined) return undefined;
    if (i === 0) ({ buffer } = row);
    else if (row.buffer !== buffer) isOne = false;
    ids[i] = row.id;
    starts[i] = row.start;
    ends[i] = row.end;
  }
  return isOne ? { count, ids, buffer, starts, ends } : copied(Array.from({ length: count }, (_, i) => find(i)!));
}

function copied(rows: readonly Row[]): RowBatch {
  const collector = new RowCollector();
  for (const { id, buffer, start, end } of rows) collector.add(id, buffer.subarray(start, end));
  return collector.finish();
}
