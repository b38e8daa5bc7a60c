/**
 * What the server has with a transaction's own writes laid over it, in the order of a scan. Own writes are few against what is stored, so
 * plainness goes before speed here; tables that a transaction has not written to do not come this way.
 */
import type { BatchCursor, EntryBatch, EntryScanOptions, RowBatch, RowId } from '../engine.ts';
import { writeId, ID_BYTES } from '../entry.ts';
import type { Writes } from '../writes.ts';
import { bytesAt, RowCollector, type FiledBatch, type FiledEntry } from './batches.ts';
import type { OwnEntry } from './ranges.ts';

const FIRST_ROWS = 100;
const MOST_ROWS = 1000;

interface Row {
  readonly id: RowId;
  readonly bytes: Uint8Array;
}

/** `stored`: undefined when nothing of what is stored counts any more. */
export function mergeRows(
  stored: BatchCursor<RowBatch> | undefined,
  own: Writes<RowId> | undefined,
  { reverse }: { readonly reverse: boolean },
): BatchCursor<RowBatch> {
  function* walk(): Generator<Row> {
    const above = own === undefined ? undefined : reverse ? own.before(undefined) : own.from(undefined);
    let next = above?.next().value as readonly [RowId, Uint8Array | undefined] | undefined;
    const isBefore = (one: RowId, other: RowId): boolean => (reverse ? one > other : one < other);
    for (let batch = stored?.next(); batch !== undefined; batch = stored?.next()) {
      for (let i = 0; i < batch.count; i++) {
        const id = batch.ids[i]!;
        while (next !== undefined && isBefore(next[0], id)) {
          if (next[1] !== undefined) yield { id: next[0], bytes: next[1] };
          next = above?.next().value as typeof next;
        }
        if (next?.[0] === id) continue;
        yield { id, bytes: bytesAt(batch, i) };
      }
    }
    for (; next !== undefined; next = above?.next().value as typeof next) {
      if (next[1] !== undefined) yield { id: next[0], bytes: next[1] };
    }
  }
  return inBatches(walk(), (rows) => {
    const collector = new RowCollector();
    for (const { id, bytes } of rows) collector.add(id, bytes);
    return collector.finish();
  });
}

interface Entry {
  readonly range: number;
  readonly id: RowId;
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** `order`: the places of the ranges in which both come; `ownOf`: the own entries of a range. */
export function mergeEntries(
  stored: BatchCursor<FiledBatch> | undefined,
  order: readonly number[],
  ownOf: (place: number) => Iterable<OwnEntry>,
  options: EntryScanOptions & { readonly isAllAtOnce?: boolean },
): BatchCursor<EntryBatch> {
  const reverse = options.reverse === true;
  const isBefore = (one: string, other: string): boolean => (reverse ? one > other : one < other);

  function* filed(): Generator<FiledEntry> {
    for (let batch = stored?.next(); batch !== undefined; batch = stored?.next()) yield* batch.items;
  }

  function* walk(): Generator<Entry> {
    const below = filed();
    let next = below.next();
    for (const place of order) {
      const take = function* (until: string | undefined): Generator<Entry> {
        for (; next.done !== true && next.value.range === place; next = below.next()) {
          const text = storedText(next.value);
          if (until !== undefined && !isBefore(text, until)) return;
          const { id, key, value } = next.value;
          yield { range: place, id, key, value };
        }
      };
      for (const own of ownOf(place)) {
        yield* take(own.stored);
        // The own one stands for the one that is stored.
        if (next.done !== true && next.value.range === place && storedText(next.value) === own.stored) next = below.next();
        if (!own.isHidden) yield { range: place, id: own.id, key: Buffer.from(own.key, 'latin1'), value: own.value };
      }
      yield* take(undefined);
    }
  }

  const sizes = options.isAllAtOnce === true ? { first: Infinity, most: Infinity } : undefined;
  return inBatches(walk(), (entries) => entryBatchOf(entries, options), sizes);
}

function storedText({ key, id, isUnique }: FiledEntry): string {
  const text = key.toString('latin1');
  if (isUnique) return text;
  const bytes = Buffer.alloc(ID_BYTES);
  writeId(bytes, 0, id);
  return text + bytes.toString('latin1');
}

function entryBatchOf(entries: readonly Entry[], { withKeys, withValues }: EntryScanOptions): EntryBatch {
  const collect = (bytesOf: (entry: Entry) => Uint8Array): RowBatch => {
    const collector = new RowCollector();
    for (const entry of entries) collector.add(entry.id, bytesOf(entry));
    return collector.finish();
  };
  return {
    count: entries.length,
    ids: entries.map(({ id }) => id),
    ranges: entries.map(({ range }) => range),
    ...(withKeys === true && { keys: collect(({ key }) => key) }),
    ...(withValues === true && { values: collect(({ value }) => value) }),
  };
}

function inBatches<Item, Batch>(
  items: Generator<Item>,
  make: (items: readonly Item[]) => Batch,
  sizes = { first: FIRST_ROWS, most: MOST_ROWS },
): BatchCursor<Batch> {
  let count = sizes.first;
  return {
    next() {
      const taken: Item[] = [];
      while (taken.length < count) {
        const { value, done } = items.next();
        if (done === true) break;
        taken.push(value);
      }
      count = Math.min(sizes.most, count * 4);
      return taken.length === 0 ? undefined : make(taken);
    },
    close() {
      items.return(undefined);
    },
  };
}
