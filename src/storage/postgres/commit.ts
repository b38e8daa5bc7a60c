/**
 * What a transaction has kept aside, as the statements that write it, which go to the server together.
 *
 * Each statement proves that what it changes is still what the transaction saw: a row by its version, a unique entry by its holder, a meta
 * value by itself. Where it is not, the statement divides by zero, and with that the server undoes them all. Tables come in the order
 * of their numbers and rows and keys in their own, so that two commits wait for each other but never both at once.
 */
import { Buffer } from 'node:buffer';
import type { RowId, TableId } from '../engine.ts';
import type { Overlay } from '../overlay.ts';
import { ID_BYTES } from '../entry.ts';
import { tellText } from './changes.ts';
import { DEFINITIONS_CHANNEL } from './monitor.ts';
import { asBuffer, idAtEnd, ownEntries, type OwnEntry } from './ranges.ts';
import { entryTable, rowTable } from './schema.ts';
import { bytesArray, int8, int8Array, madeOnce, statement, textBytes, type Parameter, type Statement } from './wire.ts';

/** What a statement is about, for when it fails. */
export type StepKind = 'all' | 'frame' | 'version' | 'rows' | 'entries' | 'meta' | 'marker' | 'new version';

export interface Step {
  readonly kind: StepKind;
  readonly statement: Statement;
  readonly parameters: readonly Parameter[];
  /** As a part of a larger statement, where that is possible. */
  readonly part?: Part;
}

/** A statement on one table that can go along with others (`fuse`): each `$?` is the next of the step's parameters. */
export interface Part {
  readonly table: string;
  /** It changes one row that is there: others of its table may go along. */
  readonly isOfOneRow?: boolean;
  readonly text: string;
  /** What must be true of the part, which is called `$part`, and takes the parameters after those of the text. */
  readonly demand?: string;
}

/** What a transaction knows of the state before its writes. */
export interface Before {
  /** Versions of rows. */
  readonly rows: ReadonlyMap<TableId, ReadonlyMap<RowId, bigint>>;
  readonly meta: ReadonlyMap<string, Uint8Array | undefined>;
  /** Indexes whose entries are unique. */
  readonly unique: ReadonlySet<TableId>;
  /** Holders of unique entries that were dropped. */
  readonly freed: ReadonlyMap<TableId, ReadonlyMap<string, RowId>>;
}

const FOUND = 'EXISTS (SELECT FROM $part)';
/** Where a commit has no more rows, those that it replaces are named one by one: that takes the server less than arrays of them. */
const FEW_ROWS = 3;
const BATCH_ROWS = 2000;
const BATCH_BYTES = 8 * 1024 * 1024;
const VERSION_BYTES = 8;

export const BEGIN = statement('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
export const COMMIT = statement('COMMIT');
export const LOCK_DEFINITIONS = statement('LOCK TABLE foxden.gate IN ACCESS EXCLUSIVE MODE');
/** Waits for whoever changes definitions, and keeps others from it until the commit. */
export const WAIT_FOR_DEFINITIONS = statement('SELECT FROM foxden.gate');
const CHECK_VERSION = statement('SELECT 1 / (value = $1)::int FROM foxden.gate, foxden.version');
const VERSION_PART: Part = {
  table: 'foxden.version',
  text: 'SELECT value FROM foxden.gate, foxden.version',
  demand: '(SELECT value FROM $part) = $?',
};
const NEW_VERSION = statement('UPDATE foxden.version SET value = value + 1 RETURNING value');
const NOTIFY = statement(`SELECT pg_notify('${DEFINITIONS_CHANNEL}', value::text) FROM foxden.version`);
const OUTCOME = 'foxden.outcome';
const MARK = statement(`INSERT INTO ${OUTCOME} (id, committed) VALUES ($1, true)`);
const MARK_PART: Part = { table: OUTCOME, text: `INSERT INTO ${OUTCOME} (id, committed) VALUES ($?, true)` };
const TELL = statement(tellText('$1'));
const TELL_TEXT = tellText('$?');
const DROP_LATER = statement(
  "INSERT INTO foxden.dropped (name) SELECT convert_from(n, 'UTF8') FROM unnest($1::bytea[]) n ON CONFLICT DO NOTHING",
);

export const frame = (what: Statement): Step => ({ kind: 'frame', statement: what, parameters: [] });

/** Fails when the definitions have changed, and keeps them from changing until the commit. */
export function checkVersion(version: number): Step {
  return { kind: 'version', statement: CHECK_VERSION, parameters: [int8(version)], part: VERSION_PART };
}

export function mark(id: Buffer): Step {
  return { kind: 'marker', statement: MARK, parameters: [id], part: MARK_PART };
}

/** No two of them tell of the same table. */
function tell(table: TableId): Step {
  return { kind: 'frame', statement: TELL, parameters: [int8(table)], part: { table: `change of ${table}`, text: TELL_TEXT } };
}

export function writeSteps(
  overlay: Overlay,
  before: Before,
  cleared: { readonly existing: readonly string[]; readonly gone: readonly string[] },
): Step[] {
  const steps: Step[] = [];
  for (const name of cleared.existing) steps.push({ kind: 'rows', statement: statement(`DELETE FROM foxden.${name}`), parameters: [] });
  if (cleared.gone.length > 0)
    steps.push({ kind: 'rows', statement: DROP_LATER, parameters: [bytesArray(cleared.gone.map((name) => textBytes(name)))] });
  let count = 0;
  for (const rows of overlay.rows.values()) count += rows.size;
  for (const table of ascending(overlay.rows.keys())) {
    const versions = overlay.cleared.has(table) ? undefined : before.rows.get(table);
    addRowSteps(steps, table, overlay, versions, { areFew: count <= FEW_ROWS });
  }
  for (const index of ascending(overlay.entries.keys())) addEntrySteps(steps, index, overlay, before);
  for (const table of ascending(overlay.told)) steps.push(tell(table));
  if (overlay.meta.size > 0) {
    for (const [key, value] of overlay.meta.from(undefined)) steps.push(metaStep(key, value, before.meta.get(key)));
    steps.push({ kind: 'new version', statement: NEW_VERSION, parameters: [] }, { kind: 'frame', statement: NOTIFY, parameters: [] });
  }
  return steps;
}

function ascending(tables: Iterable<TableId>): TableId[] {
  return [...tables].toSorted((one, other) => one - other);
}

interface RowWrite {
  readonly id: RowId;
  readonly bytes: Uint8Array;
  readonly was: Buffer;
}

const NO_BYTES = Buffer.alloc(0);

function addRowSteps(
  steps: Step[],
  table: TableId,
  overlay: Overlay,
  versions: ReadonlyMap<RowId, bigint> | undefined,
  { areFew }: { readonly areFew: boolean },
): void {
  const inserted: RowWrite[] = [];
  const replaced: RowWrite[] = [];
  const removed: RowWrite[] = [];
  const kept: RowWrite[] = [];
  for (const [id, bytes] of overlay.rows.get(table)!.from(undefined)) {
    const version = versions?.get(id);
    if (version === undefined) {
      if (bytes !== undefined) inserted.push({ id, bytes, was: NO_BYTES });
      continue;
    }
    const was = versionBytes(version);
    if (bytes === undefined) removed.push({ id, bytes: NO_BYTES, was });
    else if (was.compare(bytes, 0, VERSION_BYTES) === 0) kept.push({ id, bytes, was });
    else replaced.push({ id, bytes, was });
  }
  const name = rowTable(table);
  const add = (what: Statement, ...parameters: Parameter[]): void => void steps.push({ kind: 'rows', statement: what, parameters });
  const addPart = (what: Statement, parameters: Parameter[], part: Omit<Part, 'table'>): void =>
    void steps.push({ kind: 'rows', statement: what, parameters, part: { table: name, ...part } });
  // Those that replace and nothing else lock as they go.
  if (removed.length > 0 && replaced.length + removed.length > 1) {
    const ids = [...replaced, ...removed].map(({ id }) => id).toSorted((one, other) => one - other);
    add(statement(`SELECT id FROM ${name} WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE`), int8Array(ids));
  }
  for (const batch of batchesOf(kept)) {
    // With a lock, a transaction with a snapshot does not take them as they were then.
    const found = `SELECT FROM unnest($1::bigint[], $2::bytea[]) n(id, was) JOIN ${name} r ON r.id = n.id AND substring(r.row FROM 1 FOR 8) = n.was FOR SHARE OF r`;
    add(statement(`SELECT 1 / (count(*) = $3)::int FROM (${found}) f`), idsOf(batch), wasOf(batch), int8(batch.length));
  }
  if (areFew) {
    const { alone, part } = replaceOne(table);
    for (const { id, bytes, was } of replaced)
      steps.push({ kind: 'rows', statement: alone, parameters: [asBuffer(bytes), int8(id), was], part });
  } else
    for (const batch of batchesOf(replaced)) {
      const parameters = [idsOf(batch), bytesArray(batch.map(({ bytes }) => bytes)), wasOf(batch), int8(batch.length)];
      addPart(replaceMany(name), parameters, {
        text: updateMany(name, ['$?', '$?', '$?']),
        demand: '(SELECT count(*) FROM $part) = $?',
      });
    }
  for (const batch of batchesOf(removed)) {
    const text = `DELETE FROM ${name} r USING unnest($?::bigint[], $?::bytea[]) n(id, was)
      WHERE r.id = n.id AND substring(r.row FROM 1 FOR 8) = n.was RETURNING 1`;
    const parameters = [idsOf(batch), wasOf(batch), int8(batch.length)];
    if (batch.length === 1) addPart(removeMany(name), parameters, { text, demand: FOUND });
    else add(removeMany(name), ...parameters);
  }
  for (const batch of batchesOf(inserted)) {
    const [only] = batch;
    if (batch.length === 1) {
      const parameters = [int8(only!.id), asBuffer(only!.bytes)];
      addPart(statement(`INSERT INTO ${name} (id, row) VALUES ($1, $2)`), parameters, {
        text: `INSERT INTO ${name} (id, row) VALUES ($?, $?)`,
      });
    } else {
      const many = statement(`INSERT INTO ${name} (id, row) SELECT * FROM unnest($1::bigint[], $2::bytea[])`);
      add(many, idsOf(batch), bytesArray(batch.map(({ bytes }) => bytes)));
    }
  }
}

const replaceOne = madeOnce((table): { readonly alone: Statement; readonly part: Part } => {
  const name = rowTable(table);
  const update = ([row, id, was]: readonly [string, string, string]): string =>
    `UPDATE ${name} SET row = ${row} WHERE id = ${id} AND substring(row FROM 1 FOR 8) = ${was} RETURNING 1`;
  return {
    alone: statement(`WITH u AS (${update(['$1', '$2', '$3'])}) SELECT 1 / count(*) FROM u`),
    part: { table: name, text: update(['$?', '$?', '$?']), demand: FOUND, isOfOneRow: true },
  };
});

function replaceMany(name: string): Statement {
  return statement(`WITH u AS (${updateMany(name, ['$1', '$2', '$3'])}) SELECT 1 / (count(*) = $4)::int FROM u`);
}

/** Locks the rows in the order of their ids before it changes one. */
function updateMany(name: string, [ids, rows, was]: readonly [ids: string, rows: string, was: string]): string {
  const given = `unnest(${ids}::bigint[], ${rows}::bytea[], ${was}::bytea[]) n(id, row, was)`;
  const locked = `SELECT n.id, n.row, n.was FROM ${given} JOIN ${name} l ON l.id = n.id ORDER BY n.id FOR UPDATE OF l`;
  return `UPDATE ${name} r SET row = n.row FROM (${locked}) n WHERE r.id = n.id AND substring(r.row FROM 1 FOR 8) = n.was RETURNING 1`;
}

function removeMany(name: string): Statement {
  const remove = `DELETE FROM ${name} r USING unnest($1::bigint[], $2::bytea[]) n(id, was)
    WHERE r.id = n.id AND substring(r.row FROM 1 FOR 8) = n.was RETURNING 1`;
  return statement(`WITH u AS (${remove}) SELECT 1 / (count(*) = $3)::int FROM u`);
}

function addEntrySteps(steps: Step[], index: TableId, overlay: Overlay, before: Before): void {
  const isUnique = before.unique.has(index);
  const freed = before.freed.get(index);
  const dropped: OwnEntry[] = [];
  const freedEntries: { readonly key: string; readonly id: RowId }[] = [];
  const added: OwnEntry[] = [];
  for (const entry of ownEntries(overlay.entries.get(index)!, {}, { isUnique, reverse: false })) {
    // A unique entry that this transaction has put there itself may be another's by now: only the one that was there before goes.
    const holder = freed?.get(entry.stored);
    if (holder !== undefined && (entry.isHidden || holder !== entry.id)) freedEntries.push({ key: entry.key, id: holder });
    if (!entry.isHidden) added.push(entry);
    else if (!isUnique) dropped.push(entry);
  }
  const name = entryTable(index);
  const add = (what: Statement, ...parameters: Parameter[]): void => void steps.push({ kind: 'entries', statement: what, parameters });
  const keysOf = (entries: readonly { readonly key: string }[]): Parameter =>
    bytesArray(entries.map(({ key }) => Buffer.from(key, 'latin1')));
  if (!overlay.cleared.has(index)) {
    for (const batch of batchesOf(dropped)) {
      const remove = (first: string, second: string): string =>
        `DELETE FROM ${name} e USING unnest(${first}::bytea[], ${second}::bigint[]) n(k, d) WHERE e.k = n.k AND e.d = n.d`;
      const parameters = [keysOf(batch), int8Array(batch.map(({ stored }) => idAtEnd(stored)))];
      steps.push({
        kind: 'entries',
        statement: statement(remove('$1', '$2')),
        parameters,
        part: { table: name, text: remove('$?', '$?') },
      });
    }
    for (const batch of batchesOf(freedEntries)) {
      const remove = `DELETE FROM ${name} e USING unnest($1::bytea[], $2::bigint[]) n(k, id) WHERE e.k = n.k AND e.d = 0 AND e.id = n.id`;
      add(statement(remove), keysOf(batch), int8Array(batch.map(({ id }) => id)));
    }
  }
  // Putting an entry where it is already does no harm: an index is being filled while others keep it up.
  const again = 'ON CONFLICT (k, d) DO UPDATE SET v = excluded.v WHERE e.id = excluded.id RETURNING 1';
  for (const batch of batchesOf(added)) {
    const [only] = batch;
    if (batch.length === 1) {
      const one = `WITH a AS (INSERT INTO ${name} AS e (k, d, id, v) VALUES ($1, $2, $3, $4) ${again}) SELECT 1 / count(*) FROM a`;
      steps.push({
        kind: 'entries',
        statement: statement(one),
        parameters: [Buffer.from(only!.key, 'latin1'), int8(isUnique ? 0 : only!.id), int8(only!.id), asBuffer(only!.value)],
        part: { table: name, text: `INSERT INTO ${name} AS e (k, d, id, v) VALUES ($?, $?, $?, $?) ${again}`, demand: FOUND },
      });
      continue;
    }
    const source = 'SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::bigint[], $4::bytea[])';
    const ids = batch.map(({ id }) => id);
    add(
      statement(`WITH a AS (INSERT INTO ${name} AS e (k, d, id, v) ${source} ${again}) SELECT 1 / (count(*) = $5)::int FROM a`),
      keysOf(batch),
      int8Array(isUnique ? batch.map(() => 0) : ids),
      int8Array(ids),
      bytesArray(batch.map(({ value }) => value)),
      int8(batch.length),
    );
  }
}

const META = {
  insert: statement(
    'WITH a AS (INSERT INTO foxden.meta (key, value) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1) SELECT 1 / count(*) FROM a',
  ),
  replace: statement('WITH u AS (UPDATE foxden.meta SET value = $2 WHERE key = $1 AND value = $3 RETURNING 1) SELECT 1 / count(*) FROM u'),
  remove: statement('WITH u AS (DELETE FROM foxden.meta WHERE key = $1 AND value = $2 RETURNING 1) SELECT 1 / count(*) FROM u'),
  removeNothing: statement('SELECT 1 / (count(*) = 0)::int FROM foxden.meta WHERE key = $1'),
};

function metaStep(key: string, value: Uint8Array | undefined, was: Uint8Array | undefined): Step {
  const bytes = Buffer.from(key, 'latin1');
  const step = (what: Statement, ...parameters: Parameter[]): Step => ({
    kind: 'meta',
    statement: what,
    parameters: [bytes, ...parameters],
  });
  if (was === undefined) return value === undefined ? step(META.removeNothing) : step(META.insert, Buffer.from(value));
  return value === undefined ? step(META.remove, Buffer.from(was)) : step(META.replace, Buffer.from(value), Buffer.from(was));
}

/** Groups that are not too large for one statement. */
function batchesOf<Item extends { readonly bytes?: Uint8Array; readonly key?: string }>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [];
  const batches: Item[][] = [];
  let batch: Item[] = [];
  let size = 0;
  for (const item of items) {
    const bytes = (item.bytes?.length ?? 0) + (item.key?.length ?? 0) + ID_BYTES;
    if (batch.length === BATCH_ROWS || (batch.length > 0 && size + bytes > BATCH_BYTES)) {
      batches.push(batch);
      batch = [];
      size = 0;
    }
    batch.push(item);
    size += bytes;
  }
  batches.push(batch);
  return batches;
}

function idsOf(batch: readonly RowWrite[]): Parameter {
  return int8Array(batch.map(({ id }) => id));
}

function wasOf(batch: readonly RowWrite[]): Parameter {
  return bytesArray(batch.map(({ was }) => was));
}

function versionBytes(version: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(VERSION_BYTES);
  bytes.writeBigUInt64BE(version);
  return bytes;
}
