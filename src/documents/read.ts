/**
 * Reading through indexes: stretches of values in, batches of documents out.
 *
 * Two things make it more than a passing on of ranges. A document has several entries in an index with `[*]`, but comes once. And
 * where a bound was too long for a key, the engine is asked for more, and each document is looked at again.
 */
import assert from 'node:assert/strict';
import {
  cursorOf,
  type BatchCursor,
  type EntryBatch,
  type EntryScanOptions,
  type KeyList,
  type KeyRange,
  type LookupOptions,
  type ReadOptions,
  type RowBatch,
  type RowId,
  type ScanOptions,
  type Transaction,
} from '#storage';
import { DocumentView, KEY_IN_ROW } from '#values';
import type { IndexAccess } from './access.ts';
import { bufferOf, EMPTY_ROWS, pickingCursor, pickRows, placesThere, rowsThere, unseenPlaces } from './batches.ts';
import { isInRange, type IndexRange } from './index-range.ts';
import { entryMaker } from './indexes/entries.ts';
import { disjointRanges } from './indexes/entry-key.ts';
import { PersistentEntries } from './indexes/persistent.ts';
import { isPoint, keyRangeOf, pointKeys, uniqueKey } from './ranges.ts';

/** The documents in any of the ranges, each once, in the order of the index. */
export function scanIndex(
  transaction: Transaction,
  access: IndexAccess,
  ranges: readonly IndexRange[],
  options: ScanOptions = {},
): BatchCursor<RowBatch> {
  const { collection, table } = access;
  const [only] = ranges;
  if (options.limit === 0) return cursorOf(EMPTY_ROWS);
  if (ranges.length === 1 && only !== undefined) {
    const key = uniqueKey(access, only);
    if (key !== undefined) return cursorOf(rowsThere(transaction.lookup(table, collection.rows, [key], lookupOptions(access, options))));
  }
  const { keyRanges, isWidened } = encodeRanges(access, ranges);
  if (keyRanges.length === 0) return cursorOf(EMPTY_ROWS);
  const isRepeating = access.isExpanded && !(ranges.length === 1 && only !== undefined && isPoint(access, only));
  if (!isRepeating && !isWidened) return transaction.scanEntryRows(table, collection.rows, keyRanges, options);

  const { limit, ...direction } = options;
  let cursor = transaction.scanEntryRows(table, collection.rows, keyRanges, direction);
  if (isWidened) cursor = pickingCursor(cursor, (batch) => placesThere(batch).filter((place) => isAsked(access, batch, place, ranges)));
  return pickingCursor(cursor, isRepeating ? unseenPlaces(new Set()) : placesThere, limit);
}

/**
 * What the entries in the ranges hold (`IndexAccess.held`), as JSON arrays that are borrowed; of a primary index its keys (`keyText`), of an
 * edge index the texts of the other vertices. Not for expanded indexes, and undefined where the entries alone do not do.
 */
export function scanCovered(
  transaction: Transaction,
  access: IndexAccess,
  ranges: readonly IndexRange[],
  options: EntryScanOptions = {},
): BatchCursor<RowBatch> | undefined {
  const { keyRanges, isWidened } = encodeRanges(access, ranges);
  if (isWidened || access.isExpanded || mustSeeRows(transaction)) return undefined;
  if (keyRanges.length === 0) return cursorOf(EMPTY_ROWS);
  const held = heldBy(access);
  const wanted = { ...options, ...HELD[held], withoutRanges: true, isBorrowed: true, isPassing: true };
  const entries = transaction.scanEntries(access.table, keyRanges, wanted);
  return { next: () => entries.next()?.[held], close: () => entries.close() };
}

const HELD = { keys: { withKeys: true }, values: { withValues: true } } as const;

/** Where an entry holds what can be read off it. */
function heldBy({ index }: IndexAccess): keyof typeof HELD {
  return index.type === 'primary' ? 'keys' : 'values';
}

/**
 * In an engine that several processes share, a direct transaction sees the latest with each call. That others have changed what it goes by it
 * can only tell of rows.
 */
function mustSeeRows({ mode }: Transaction): boolean {
  return mode === 'direct';
}

/** The same for each of many ranges, or the first of them when their entries are more than `enough`. */
export function probeCovered(
  transaction: Transaction,
  access: IndexAccess,
  probes: readonly IndexRange[],
  enough?: number,
): ProbedRows | undefined {
  if (access.isExpanded || mustSeeRows(transaction)) return undefined;
  const encoded = encodeProbes(access, probes);
  if (encoded.isWidened !== undefined) return undefined;
  const held = heldBy(access);
  const options = { ...HELD[held], isBorrowed: true, ...(enough !== undefined && { enough }) };
  const entries = probeEntries(transaction, access, encoded, options);
  const { ranges, [held]: values = EMPTY_ROWS } = entries;
  const [answered, count] = answeredBy(entries, probes.length, enough);
  return count === entries.count
    ? { rows: values, probes: ranges, answered }
    : {
        rows: pickRows(
          values,
          Array.from({ length: count }, (_, place) => place),
        ),
        probes: ranges,
        answered,
      };
}

/** Keys, or ranges where they are not all just one key. */
interface EncodedProbes {
  readonly keys?: KeyList;
  readonly ranges: readonly KeyRange[];
  /** Of each of the ranges, if one is. */
  readonly isWidened?: readonly boolean[];
}

function encodeProbes(access: IndexAccess, probes: readonly IndexRange[]): EncodedProbes {
  const keys = pointKeys(access, probes);
  if (keys !== undefined) return { keys, ranges: [] };
  const encoded = probes.map((probe) => keyRangeOf(access, probe));
  const ranges = encoded.map(({ range }) => range);
  const widened = encoded.map(({ isWidened }) => isWidened);
  return widened.includes(true) ? { ranges, isWidened: widened } : { ranges };
}

function probeEntries(
  transaction: Transaction,
  { table }: IndexAccess,
  { keys, ranges }: EncodedProbes,
  options: EntryScanOptions,
): EntryBatch {
  return keys === undefined ? transaction.probe(table, ranges, options) : transaction.probeKeys(table, keys, options);
}

/** How many of the probes have all of their entries here, and how many entries these are, which come first. */
function answeredBy({ count, ranges }: EntryBatch, probes: number, enough = Infinity): readonly [answered: number, count: number] {
  if (count < enough) return [probes, count];
  const last = ranges[count - 1]!;
  let end = count;
  while (end > 0 && ranges[end - 1] === last) end--;
  return [last, end];
}

export interface ProbeOptions extends ReadOptions {
  readonly enough?: number;
}

export interface ProbedRows {
  readonly rows: RowBatch;
  /** Which probe each row answers; ascending. */
  readonly probes: ArrayLike<number>;
  /** So many of the probes, from the first on, have all of their rows here, and the others none. */
  readonly answered: number;
}

/**
 * The documents for each of many ranges, or the first of them when their entries are more than `enough`. A document comes once for each range
 * it answers.
 */
export function probeIndex(
  transaction: Transaction,
  access: IndexAccess,
  probes: readonly IndexRange[],
  { enough, ...options }: ProbeOptions = {},
): ProbedRows {
  const unique = uniqueKeys(access, probes);
  if (unique !== undefined) {
    const found = transaction.lookup(access.table, access.collection.rows, unique, lookupOptions(access, options));
    const places = placesThere(found);
    return { rows: places.length === found.count ? found : pickRows(found, places), probes: places, answered: probes.length };
  }
  const encoded = encodeProbes(access, probes);
  const { isWidened } = encoded;
  const entries = probeEntries(transaction, access, encoded, enough === undefined ? {} : { enough });
  const [answered, count] = answeredBy(entries, probes.length, enough);
  const ids = count === entries.count ? entries.ids : Array.from({ length: count }, (_, place) => entries.ids[place]!);
  const rows = transaction.rows(access.collection.rows, ids, options);
  const isRepeating = access.isExpanded && !probes.every((probe) => isPoint(access, probe));
  if (!isRepeating && isWidened === undefined) return { rows, probes: entries.ranges, answered };
  const seen = new Set<string>();
  const places: number[] = [];
  for (let place = 0; place < rows.count; place++) {
    const range = entries.ranges[place]!;
    if (isWidened?.[range] === true && !isAsked(access, rows, place, [probes[range]!])) continue;
    const pair = `${range}/${rows.ids[place]!}`;
    if (isRepeating && seen.has(pair)) continue;
    seen.add(pair);
    places.push(place);
  }
  return { rows: pickRows(rows, places), probes: places.map((place) => entries.ranges[place]!), answered };
}

export function countIndex(transaction: Transaction, access: IndexAccess, ranges: readonly IndexRange[]): number {
  const { keyRanges, isWidened } = encodeRanges(access, ranges);
  if (!isWidened && !access.isExpanded) return keyRanges.length === 0 ? 0 : transaction.countEntries(access.table, keyRanges);
  if (isWidened) return countRows(scanIndex(transaction, access, ranges));
  const seen = new Set<RowId>();
  const entries = keyRanges.length === 0 ? undefined : transaction.scanEntries(access.table, keyRanges);
  for (let batch: EntryBatch | undefined; (batch = entries?.next()) !== undefined;) {
    for (let place = 0; place < batch.count; place++) seen.add(batch.ids[place]!);
  }
  return seen.size;
}

function countRows(cursor: BatchCursor<RowBatch>): number {
  let count = 0;
  for (let batch: RowBatch | undefined; (batch = cursor.next()) !== undefined;) count += batch.count;
  return count;
}

interface EncodedRanges {
  readonly keyRanges: readonly KeyRange[];
  readonly isWidened: boolean;
}

function encodeRanges(access: IndexAccess, ranges: readonly IndexRange[]): EncodedRanges {
  const encoded = ranges.map((range) => keyRangeOf(access, range));
  return { keyRanges: disjointRanges(encoded.map(({ range }) => range)), isWidened: encoded.some(({ isWidened }) => isWidened) };
}

function uniqueKeys(access: IndexAccess, probes: readonly IndexRange[]): Uint8Array[] | undefined {
  if (!access.isUnique) return undefined;
  const keys: Uint8Array[] = [];
  for (const probe of probes) {
    const key = uniqueKey(access, probe);
    if (key === undefined) return undefined;
    keys.push(key);
  }
  return keys;
}

function lookupOptions({ index }: IndexAccess, options: ReadOptions): LookupOptions {
  return index.type === 'primary' ? keyedOptions(options) : options;
}

/** Documents have their `_key` in themselves. Each has the same attributes in the same order: spread into another object, V8 makes a new class of each. */
export function keyedOptions({ isScattered = false, isBorrowed = isScattered }: ReadOptions = {}): LookupOptions {
  return { isScattered, isBorrowed, keyInRow: KEY_IN_ROW };
}

/** The document, looked at again, is in one of the ranges. */
function isAsked({ collection, index }: IndexAccess, batch: RowBatch, place: number, ranges: readonly IndexRange[]): boolean {
  const maker = entryMaker(index);
  assert(maker instanceof PersistentEntries, 'only a sorted index has ranges that are widened');
  const document = new DocumentView(bufferOf(batch, place), batch.starts[place]!, batch.ends[place]!, collection.name);
  return maker.values(document).some((values) => ranges.some((range) => isInRange(values, range)));
}
