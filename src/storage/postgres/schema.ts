/**
 * What the engine has in a database: a schema of its own with these tables, and one table more for each table of the seam, made when
 * it is first used.
 *
 * Keys are bytes that were made to be compared as bytes, rows are bytes that nobody but foxden reads: no collation and no JSON of the
 * server's matters. There are no triggers, functions or sequences, so that servers which speak PostgreSQL's protocol stay within reach.
 */
import type pg from 'pg';
import { ArangoError } from '#base';
import type { TableId } from '../engine.ts';
import { CHANGES_FLOOR, CREATE_CHANGES } from './changes.ts';

const FORMAT = 1;

export const rowTable = (table: TableId): string => `foxden.r_${table}`;
export const entryTable = (index: TableId): string => `foxden.e_${index}`;

export const createRowTable = (table: TableId): string =>
  `CREATE TABLE IF NOT EXISTS ${rowTable(table)} (id bigint PRIMARY KEY, row bytea NOT NULL)`;

/** `d` is 0 for a unique entry, otherwise its row id: one key may then have many entries. */
export const createEntryTable = (index: TableId): string =>
  `CREATE TABLE IF NOT EXISTS ${entryTable(index)} (k bytea, d bigint, id bigint NOT NULL, v bytea, PRIMARY KEY (k, d))`;

/**
 * The same for entries with short values, which are read from the server's own index alone: the entries of a vertex lie scattered over the table, in the order
 * in which edges came. Tables of before have no such index; they are slower, and nothing else.
 */
export const createCoveredEntryTable = (index: TableId): string =>
  `CREATE TABLE IF NOT EXISTS ${entryTable(index)} (k bytea, d bigint, id bigint NOT NULL, v bytea, PRIMARY KEY (k, d) INCLUDE (id, v))`;

const TABLES = [
  'CREATE SCHEMA IF NOT EXISTS foxden',
  // Numbers: the next id, how many processes there were, the epoch of the lineage guard, who this database is, its format.
  'CREATE TABLE IF NOT EXISTS foxden.counter (name text PRIMARY KEY, value bigint NOT NULL)',
  // One row each. Whoever changes definitions locks the gate; whoever writes reads it together with the version, and so waits for them.
  'CREATE TABLE IF NOT EXISTS foxden.gate (one bigint PRIMARY KEY)',
  'CREATE TABLE IF NOT EXISTS foxden.version (one bigint PRIMARY KEY, value bigint NOT NULL)',
  'CREATE TABLE IF NOT EXISTS foxden.meta (key bytea PRIMARY KEY, value bytea NOT NULL)',
  // Commits whose outcome may be asked for, when the connection died on the way.
  'CREATE TABLE IF NOT EXISTS foxden.outcome (id bytea PRIMARY KEY, committed boolean NOT NULL, at timestamptz NOT NULL DEFAULT now())',
  'CREATE TABLE IF NOT EXISTS foxden.dropped (name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())',
  CREATE_CHANGES,
];

/** Several coordinators may start at once, and `IF NOT EXISTS` does not keep them from meeting. */
const MET_ANOTHER = new Set(['23505', '42P06', '42P07', '40001', 'XX000']);
const ATTEMPTS = 20;

/** Makes what is missing. Returns the number of this process. Throws when the data is not of this server's format. */
export async function prepareSchema(client: pg.Client, identity: bigint): Promise<number> {
  const { rows: existing } = await client.query("SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = 'foxden' AND tablename = 'change'");
  if (existing.length === 0) for (const text of TABLES) await createOnce(client, text);
  const first = [
    ['tick', 1n],
    ['process', 0n],
    ['epoch', 0n],
    ['format', BigInt(FORMAT)],
    [CHANGES_FLOOR, 0n],
    ['identity', identity],
  ] as const;
  for (const [name, value] of first) {
    await client.query('INSERT INTO foxden.counter (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING', [name, String(value)]);
  }
  await client.query('INSERT INTO foxden.gate (one) VALUES (1) ON CONFLICT DO NOTHING');
  await client.query('INSERT INTO foxden.version (one, value) VALUES (1, 1) ON CONFLICT DO NOTHING');
  const format = await counter(client, 'format');
  if (format !== BigInt(FORMAT)) {
    throw new ArangoError(
      'ERROR_ARANGO_CORRUPTED_DATAFILE',
      `the data in the database has format ${format}, this server reads format ${FORMAT}`,
    );
  }
  const { rows } = await client.query<{ value: string }>(
    "UPDATE foxden.counter SET value = value + 1 WHERE name = 'process' RETURNING value",
  );
  return Number(rows[0]!.value);
}

export async function counter(client: pg.Client, name: 'epoch' | 'identity' | 'format'): Promise<bigint> {
  const { rows } = await client.query<{ value: string }>('SELECT value FROM foxden.counter WHERE name = $1', [name]);
  return BigInt(rows[0]?.value ?? 0);
}

async function createOnce(client: pg.Client, text: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query(text);
      return;
    } catch (error) {
      const { code = '' } = error as { readonly code?: string };
      if (attempt === ATTEMPTS || !MET_ANOTHER.has(code)) throw error;
    }
  }
}
