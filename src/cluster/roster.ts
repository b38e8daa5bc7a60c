/**
 * What coordinators agree by, as rows of the database that they share: who is there, who holds a lock, what was announced, what is published.
 * Every statement of SQL of this layer is here. It is plain on purpose, needs nothing of the session, and one statement is enough wherever
 * that is sound.
 *
 * A condition is never about another row than those that the statement itself locks, because a statement sees the others as they were when
 * it began. Hence: being dead is a fact that is written down once (`bury`), which frees everything of the dead in the same transaction;
 * and whoever takes a lock or publishes holds their own row meanwhile, so that they cannot be buried between the two.
 *
 * Time is the database's. Times are milliseconds since 1970.
 */
import { randomUUID } from 'node:crypto';

export type Row = Readonly<Record<string, unknown>>;

/** What of a connection is used here: `pg` has it. */
export interface Connection {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly Row[] }>;
}

export interface MemberRow {
  readonly id: string;
  /** A small number that no other coordinator has: ids of what a coordinator holds tell it. */
  readonly number: number;
  readonly endpoint: string;
  readonly version: string;
  readonly startedAt: number;
  /** Empty once it was taken for dead. */
  readonly incarnation: string;
  readonly beatAgeMs: number;
  /** Of its lease; below zero when it is over. */
  readonly leaseLeftMs: number;
}

export function isAlive({ incarnation, leaseLeftMs }: MemberRow): boolean {
  return incarnation !== '' && leaseLeftMs > 0;
}

export interface Look {
  /** Of each topic, with how long ago it grew. */
  readonly versions: ReadonlyMap<string, { readonly version: number; readonly ageMs: number }>;
  readonly members: readonly MemberRow[];
}

export interface StoredValue {
  readonly member: string;
  readonly name: string;
  readonly value: string;
}

/** Coordinators are told of news here. */
export const CHANNEL = 'foxden';
/** The topic that grows with what is published, and with those who come and go. */
export const VALUES = 'values';

const NUMBER_LIMIT = 999;
/** What is dead for so long is forgotten. */
const FORGET_MS = 24 * 3600 * 1000;
const UNIQUE_VIOLATION = '23505';
const DUPLICATE_SCHEMA = '42P06';
const DUPLICATE_TABLE = '42P07';

const NOW = 'CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS bigint)';

const TABLES = [
  'CREATE SCHEMA IF NOT EXISTS foxden',
  `CREATE TABLE IF NOT EXISTS foxden.cluster_members (
    id text PRIMARY KEY, number bigint NOT NULL UNIQUE, incarnation text NOT NULL, endpoint text NOT NULL, release text NOT NULL,
    started_at bigint NOT NULL, beat_at bigint NOT NULL, lease_until bigint NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS foxden.cluster_locks (name text PRIMARY KEY, member text, incarnation text, fence bigint NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS foxden.cluster_versions (topic text PRIMARY KEY, version bigint NOT NULL, grown_at bigint NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS foxden.cluster_values (
    member text NOT NULL, name text NOT NULL, incarnation text NOT NULL, value text NOT NULL, PRIMARY KEY (member, name))`,
];

/** In the schema of the engine. Two coordinators that make a table at the same moment may get in each other's way, although each says "if not exists". */
export async function prepareRoster(connection: Connection): Promise<void> {
  for (const table of TABLES) {
    for (let isMade = false; !isMade;) isMade = await made(connection.query(table));
  }
}

async function made(creation: Promise<unknown>): Promise<boolean> {
  try {
    await creation;
    return true;
  } catch (error) {
    if ([UNIQUE_VIOLATION, DUPLICATE_SCHEMA, DUPLICATE_TABLE].includes(String(codeOf(error)))) return false;
    throw error;
  }
}

export interface Joining {
  readonly id: string;
  readonly endpoint: string;
  readonly version: string;
  readonly startedAt: number;
  readonly leaseMs: number;
}

/** A coordinator as it is known since it joined: another one of the same id is a later life of it. */
export interface Life {
  readonly id: string;
  readonly incarnation: string;
  readonly number: number;
}

/** Begins a life, and ends the one before, with all that it held. */
export async function join(connection: Connection, joining: Joining): Promise<Life> {
  for (;;) {
    try {
      return await inTransaction(connection, () => joinNow(connection, joining));
    } catch (error) {
      if (codeOf(error) !== UNIQUE_VIOLATION) throw error; // another has just taken the number
    }
  }
}

async function joinNow(connection: Connection, { id, endpoint, version, startedAt, leaseMs }: Joining): Promise<Life> {
  const incarnation = randomUUID();
  await connection.query(`DELETE FROM foxden.cluster_members WHERE incarnation = '' AND beat_at < ${NOW} - $1`, [FORGET_MS]);
  const { rows } = await connection.query('SELECT id, number FROM foxden.cluster_members');
  const taken = new Set(rows.map((row) => Number(row['number'])));
  const known = rows.find((row) => row['id'] === id);
  const number = known === undefined ? firstFree(taken) : Number(known['number']);
  await connection.query(
    `INSERT INTO foxden.cluster_members (id, number, incarnation, endpoint, release, started_at, beat_at, lease_until)
     VALUES ($1, $2, $3, $4, $5, $6, ${NOW}, ${NOW} + $7)
     ON CONFLICT (id) DO UPDATE SET incarnation = $3, endpoint = $4, release = $5, started_at = $6, beat_at = ${NOW}, lease_until = ${NOW} + $7`,
    [id, number, incarnation, endpoint, version, Math.floor(startedAt), leaseMs],
  );
  await connection.query('UPDATE foxden.cluster_locks SET member = NULL WHERE member = $1', [id]);
  await connection.query('DELETE FROM foxden.cluster_values WHERE member = $1', [id]);
  await bump(connection, VALUES, 1);
  return { id, incarnation, number };
}

function firstFree(taken: ReadonlySet<number>): number {
  for (let number = 1; number <= NUMBER_LIMIT; number++) if (!taken.has(number)) return number;
  throw new Error(`there are ${NUMBER_LIMIT} coordinators, and there cannot be more`);
}

/** False: this life is over. */
export async function beat(connection: Connection, { id, incarnation }: Life, leaseMs: number): Promise<boolean> {
  const { rows } = await connection.query(
    `UPDATE foxden.cluster_members SET beat_at = ${NOW}, lease_until = ${NOW} + $3 WHERE id = $1 AND incarnation = $2 RETURNING id`,
    [id, incarnation, leaseMs],
  );
  return rows.length > 0;
}

/** All that one has to look at now and then, in one statement. */
export async function look(connection: Connection): Promise<Look> {
  const { rows } = await connection.query(
    `SELECT 'version' AS kind, topic AS name, version AS number, CAST(NULL AS text) AS incarnation, CAST(NULL AS text) AS endpoint,
       CAST(NULL AS text) AS release, CAST(0 AS bigint) AS started_at, ${NOW} - grown_at AS age, CAST(0 AS bigint) AS lease_left
     FROM foxden.cluster_versions
     UNION ALL SELECT 'member', id, number, incarnation, endpoint, release, started_at, ${NOW} - beat_at, lease_until - ${NOW} FROM foxden.cluster_members`,
  );
  const versions = rows
    .filter((row) => row['kind'] === 'version')
    .map((row) => [row['name'] as string, { version: Number(row['number']), ageMs: Math.max(0, Number(row['age'])) }] as const);
  const members = rows.filter((row) => row['kind'] === 'member').map(toMember);
  return { versions: new Map(versions), members: members.toSorted((left, right) => (left.id < right.id ? -1 : 1)) };
}

function toMember(row: Row): MemberRow {
  return {
    id: row['name'] as string,
    number: Number(row['number']),
    endpoint: row['endpoint'] as string,
    version: row['release'] as string,
    startedAt: Number(row['started_at']),
    incarnation: row['incarnation'] as string,
    beatAgeMs: Math.max(0, Number(row['age'])),
    leaseLeftMs: Number(row['lease_left']),
  };
}

/** Takes one whose lease is over for dead. False when it has come back, or another was quicker. */
export function bury(connection: Connection, { id, incarnation }: Pick<Life, 'id' | 'incarnation'>): Promise<boolean> {
  return endLife(connection, id, incarnation, `AND lease_until < ${NOW}`);
}

/** The end of a life by its own will. */
export function leave(connection: Connection, { id, incarnation }: Life): Promise<boolean> {
  return endLife(connection, id, incarnation, '');
}

function endLife(connection: Connection, id: string, incarnation: string, condition: string): Promise<boolean> {
  return inTransaction(connection, async () => {
    const { rows } = await connection.query(
      `UPDATE foxden.cluster_members SET incarnation = '' WHERE id = $1 AND incarnation = $2 ${condition} RETURNING id`,
      [id, incarnation],
    );
    if (rows.length === 0) return false;
    await connection.query('UPDATE foxden.cluster_locks SET member = NULL WHERE member = $1 AND incarnation = $2', [id, incarnation]);
    await connection.query('DELETE FROM foxden.cluster_values WHERE member = $1 AND incarnation = $2', [id, incarnation]);
    await bump(connection, VALUES, 1);
    return true;
  });
}

/** The number under which the lock was taken, which grows each time; undefined when somebody has it, or this life is over. */
export async function tryLock(connection: Connection, { id, incarnation }: Life, name: string): Promise<number | undefined> {
  const { rows } = await connection.query(
    `WITH self AS (SELECT id FROM foxden.cluster_members WHERE id = $1 AND incarnation = $2 FOR SHARE)
     INSERT INTO foxden.cluster_locks AS held (name, member, incarnation, fence) SELECT $3, $1, $2, 1 FROM self
     ON CONFLICT (name) DO UPDATE SET member = $1, incarnation = $2, fence = held.fence + 1 WHERE held.member IS NULL
     RETURNING held.fence`,
    [id, incarnation, name],
  );
  return rows[0] === undefined ? undefined : Number(rows[0]['fence']);
}

export async function findHolder(connection: Connection, name: string): Promise<string | undefined> {
  const { rows } = await connection.query('SELECT member FROM foxden.cluster_locks WHERE name = $1 AND member IS NOT NULL', [name]);
  return rows[0]?.['member'] as string | undefined;
}

/** What a life holds, by the rows. */
export async function readHeld(
  connection: Connection,
  { id, incarnation }: Life,
): Promise<readonly { readonly name: string; readonly fence: number }[]> {
  const { rows } = await connection.query('SELECT name, fence FROM foxden.cluster_locks WHERE member = $1 AND incarnation = $2', [
    id,
    incarnation,
  ]);
  return rows.map((row) => ({ name: row['name'] as string, fence: Number(row['fence']) }));
}

/** Nothing when it was lost meanwhile. */
export async function unlock(connection: Connection, { id, incarnation }: Life, name: string, fence: number): Promise<void> {
  await connection.query(
    'UPDATE foxden.cluster_locks SET member = NULL WHERE name = $1 AND member = $2 AND incarnation = $3 AND fence = $4',
    [name, id, incarnation, fence],
  );
}

/** Makes a version grow; answers with what it is then. */
export async function bump(connection: Connection, topic: string, by: number): Promise<number> {
  const { rows } = await connection.query(
    `INSERT INTO foxden.cluster_versions AS known (topic, version, grown_at) VALUES ($1, $2, ${NOW})
     ON CONFLICT (topic) DO UPDATE SET version = known.version + $2, grown_at = ${NOW} RETURNING known.version`,
    [topic, by],
  );
  return Number(rows[0]?.['version']);
}

/** Publishes a value, or takes it back. False: this life is over. */
export async function storeValue(
  connection: Connection,
  { id, incarnation }: Life,
  name: string,
  value: string | undefined,
): Promise<boolean> {
  if (value === undefined) {
    await connection.query('DELETE FROM foxden.cluster_values WHERE member = $1 AND incarnation = $2 AND name = $3', [
      id,
      incarnation,
      name,
    ]);
    return true;
  }
  const { rows } = await connection.query(
    `WITH self AS (SELECT id FROM foxden.cluster_members WHERE id = $1 AND incarnation = $2 FOR SHARE)
     INSERT INTO foxden.cluster_values (member, incarnation, name, value) SELECT $1, $2, $3, $4 FROM self
     ON CONFLICT (member, name) DO UPDATE SET incarnation = $2, value = $4 RETURNING name`,
    [id, incarnation, name, value],
  );
  return rows.length > 0;
}

/** Those of all whose life goes on. */
export async function readValues(connection: Connection): Promise<readonly StoredValue[]> {
  const { rows } = await connection.query(
    `SELECT v.member, v.name, v.value FROM foxden.cluster_values v JOIN foxden.cluster_members m ON m.id = v.member AND m.incarnation = v.incarnation
     ORDER BY v.name, v.member`,
  );
  return rows as unknown as readonly StoredValue[];
}

async function inTransaction<Result>(connection: Connection, action: () => Promise<Result>): Promise<Result> {
  await connection.query('BEGIN');
  try {
    const result = await action();
    await connection.query('COMMIT');
    return result;
  } catch (error) {
    // A connection that is lost has ended its transaction itself.
    await connection.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}
