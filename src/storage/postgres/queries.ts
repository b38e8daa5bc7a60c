/** The statements that read, by the tables that they read. Parameters are in the order in which the functions of `Reading` give them. */
import type { KeyInRow, TableId } from '../engine.ts';
import { entryTable, rowTable } from './schema.ts';
import { madeOnce, statement, type Statement } from './wire.ts';

export interface ScanShape {
  readonly reverse: boolean;
  readonly isLimited: boolean;
}

const order = (reverse: boolean): string => (reverse ? ' DESC' : '');

/** Rows by their ids, in any order. */
export function rowsById(table: TableId, isLocking: boolean): Statement {
  const asked = `SELECT id, row FROM ${rowTable(table)} WHERE id = ANY ($1::bigint[])`;
  return statement(isLocking ? `${asked} ORDER BY id FOR UPDATE` : asked);
}

export function rowById(table: TableId, isLocking: boolean): Statement {
  return statement(`SELECT 1::bigint, id, row FROM ${rowTable(table)} WHERE id = $1${isLocking ? ' FOR UPDATE' : ''}`);
}

export function rowVersions(table: TableId): Statement {
  return statement(`SELECT id, substring(row FROM 1 FOR 8) FROM ${rowTable(table)} WHERE id = ANY ($1::bigint[])`);
}

/** Where rows are, and whether they tell their keys. */
export interface KeyedRows {
  readonly index: TableId;
  readonly table: TableId;
  readonly keyInRow?: KeyInRow | undefined;
}

/**
 * Columns `k, id, row` of rows under an array of unique keys, in any order; `k` may be null where the row tells its key. The server is fastest with arrays, as it
 * goes through each table once, but then it does not know any more which key a row was found under.
 */
export function rowsUnder({ index, table, keyInRow }: KeyedRows, keys: string): string {
  return keyInRow === undefined
    ? `SELECT e.k, r.id, r.row FROM ${entryTable(index)} e JOIN ${rowTable(table)} r ON r.id = e.id WHERE e.k = ANY (${keys}) AND e.d = 0`
    : `SELECT NULL::bytea AS k, id, row FROM ${rowTable(table)} WHERE id = ANY (ARRAY(SELECT id FROM ${entryTable(index)} WHERE k = ANY (${keys}) AND d = 0))`;
}

/** Rows under unique keys, with the columns of `rowsUnder`. */
export function rowsByKey(rows: KeyedRows): Statement {
  return statement(rowsUnder(rows, '$1::bytea[]'));
}

/** The same with all keys, and the rows locked. */
export function lockedRowsByKey({ index, table }: KeyedRows): Statement {
  return statement(`${rowsUnder({ index, table }, '$1::bytea[]')} ORDER BY r.id FOR UPDATE OF r`);
}

/** The row under one unique key. Without a lock, one table after the other costs the server less than a join of them. */
export function rowByKey(index: TableId, table: TableId, isLocking: boolean): Statement {
  return (isLocking ? lockedRowByKey : plainRowByKey)(index)(table);
}

const plainRowByKey = madeOnce((index) => madeOnce((table) => rowByOneKey(index, table, false)));
const lockedRowByKey = madeOnce((index) => madeOnce((table) => rowByOneKey(index, table, true)));

function rowByOneKey(index: TableId, table: TableId, isLocking: boolean): Statement {
  return statement(
    isLocking
      ? `SELECT 1::bigint, r.id, r.row FROM ${entryTable(index)} e JOIN ${rowTable(table)} r ON r.id = e.id WHERE e.k = $1 AND e.d = 0 FOR UPDATE OF r`
      : `SELECT 1::bigint, id, row FROM ${rowTable(table)} WHERE id = (SELECT id FROM ${entryTable(index)} WHERE k = $1 AND d = 0)`,
  );
}

/** Who holds unique keys, with their places. */
export function holders(index: TableId): Statement {
  return statement(
    `SELECT n.n, e.id FROM unnest($1::bytea[]) WITH ORDINALITY AS n(k, n) JOIN ${entryTable(index)} e ON e.k = n.k AND e.d = 0`,
  );
}

export function allRows(table: TableId, { reverse, isLimited }: ScanShape): Statement {
  return statement(`SELECT id, row FROM ${rowTable(table)} ORDER BY id${order(reverse)}${isLimited ? ' LIMIT $1' : ''}`);
}

/** Entries of one range. */
export function entriesOfRange(index: TableId, { reverse, isLimited }: ScanShape, isFull: boolean): Statement {
  const by = `ORDER BY k${order(reverse)}, d${order(reverse)}`;
  const columns = isFull ? 'k, v' : 'NULL::bytea, NULL::bytea';
  return statement(
    `SELECT 1::bigint, id, d, ${columns} FROM ${entryTable(index)} WHERE k >= $1 AND k < $2 ${by}${isLimited ? ' LIMIT $3' : ''}`,
  );
}

const EACH_RANGE = 'unnest($1::bytea[], $2::bytea[]) WITH ORDINALITY AS n(low, high, n)';

/** Entries of many ranges. `reverse` turns the entries around; `isTurned` also the ranges. */
export function entriesOfRanges(index: TableId, { reverse, isLimited }: ScanShape, isTurned: boolean, isFull: boolean): Statement {
  const columns = isFull ? 'e.k, e.v' : 'NULL::bytea, NULL::bytea';
  const by = `ORDER BY n.n${order(isTurned)}, e.k${order(reverse)}, e.d${order(reverse)}`;
  return statement(
    `SELECT n.n, e.id, e.d, ${columns} FROM ${EACH_RANGE} JOIN ${entryTable(index)} e ON e.k >= n.low AND e.k < n.high ${by}${isLimited ? ' LIMIT $3' : ''}`,
  );
}

export function rowsOfRange(index: TableId, table: TableId, { reverse, isLimited }: ScanShape): Statement {
  const by = `ORDER BY e.k${order(reverse)}, e.d${order(reverse)}`;
  return statement(
    `SELECT r.id, r.row FROM ${entryTable(index)} e JOIN ${rowTable(table)} r ON r.id = e.id WHERE e.k >= $1 AND e.k < $2 ${by}${isLimited ? ' LIMIT $3' : ''}`,
  );
}

export function rowsOfRanges(index: TableId, table: TableId, { reverse, isLimited }: ScanShape): Statement {
  const by = `ORDER BY n.n${order(reverse)}, e.k${order(reverse)}, e.d${order(reverse)}`;
  return statement(
    `SELECT r.id, r.row FROM ${EACH_RANGE} JOIN ${entryTable(index)} e ON e.k >= n.low AND e.k < n.high
    JOIN ${rowTable(table)} r ON r.id = e.id ${by}${isLimited ? ' LIMIT $3' : ''}`,
  );
}

export function countOfRows(table: TableId): Statement {
  return statement(`SELECT count(*) FROM ${rowTable(table)}`);
}

export function countOfRanges(index: TableId): Statement {
  return statement(`SELECT count(*) FROM ${EACH_RANGE} JOIN ${entryTable(index)} e ON e.k >= n.low AND e.k < n.high`);
}

export const META_VALUE = statement('SELECT value FROM foxden.meta WHERE key = $1');
export const META_VALUES = statement('SELECT key, value FROM foxden.meta WHERE key >= $1 AND key < $2 ORDER BY key');
