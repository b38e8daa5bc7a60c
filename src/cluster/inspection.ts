/**
 * What a coordinator sees of its database when it looks closely: which server it is and who follows it, the settings that decide what a failover costs,
 * whether there is a pooler in between, whether notifications arrive, and how far apart the clocks are.
 *
 * Over connections of its own that are closed afterwards. Servers that only speak PostgreSQL's language do not have all of it: what they refuse to tell
 * is left out.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { clock, type Config } from '#base';
import { connectPrimary, parseAddress, readLineage } from '#storage';

export interface DatabaseReport {
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly timeline?: number;
  /** As the server has them now, with their units. */
  readonly settings: Readonly<Record<string, string>>;
  /** undefined: this user may not see who follows. */
  readonly standbys?: readonly Standby[];
  /** Others than the coordinator's own server answer for it. */
  readonly isPooled: boolean;
  readonly keepsStatements: boolean;
  /** Over the connection by which coordinators find each other. */
  readonly notifies: boolean;
  /** Of this coordinator's clock, ahead of the database's; known as exactly as `roundTripMs`. */
  readonly clockAheadMs: number;
  readonly roundTripMs: number;
  readonly lineage: {
    readonly identity: string;
    readonly epoch: string;
    /** It has grown while this was looked at. */
    readonly isGrowing: boolean;
    /** The highest that this coordinator has seen of this database. */
    readonly highestSeen?: string;
  };
  readonly poolSize: number;
}

export interface Standby {
  readonly name: string;
  readonly state: string | null;
  /** `sync`, `async`, `potential` or `quorum`. */
  readonly sync: string;
  readonly lagSeconds: number;
}

const SETTINGS = [
  'synchronous_standby_names',
  'synchronous_commit',
  'fsync',
  'full_page_writes',
  'wal_retrieve_retry_interval',
  'max_connections',
  'cluster_name',
];
const CLOCK_LOOKS = 5;
const NOTIFICATION_MS = 1000;
/** Longer than the number of the lineage guard stands still. */
const EPOCH_LIMIT_MS = 5000;
const LOOK_MS = 100;
const WAIT_MS = 5000;

/** Rejects when no server can be reached that takes writes. */
export async function inspectDatabase(config: Config): Promise<DatabaseReport> {
  const client = await connect(config['storage.url']);
  try {
    const [server] = await ask<{ version: string; pid: number }>(
      client,
      "SELECT current_setting('server_version') AS version, pg_backend_pid() AS pid",
    );
    const timeline = await ask<{ timeline: number }>(
      client,
      "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int AS timeline",
    );
    const standbys = await ask<Standby>(
      client,
      `SELECT application_name AS name, state, sync_state AS sync, COALESCE(EXTRACT(EPOCH FROM replay_lag), 0)::float8 AS "lagSeconds"
       FROM pg_stat_replication ORDER BY application_name`,
    );
    // To those who may not look, the server tells that there are some, and nothing of them.
    const areVisible = standbys.every(({ state }) => state !== null);
    // What the driver was told when it connected; a pooler makes that up.
    const { processID } = client as unknown as { readonly processID: number };
    return {
      host: client.host,
      port: client.port,
      version: server?.version ?? 'unknown',
      ...(timeline[0] === undefined ? {} : { timeline: timeline[0].timeline }),
      settings: await readSettings(client),
      ...(areVisible ? { standbys } : {}),
      isPooled: server !== undefined && server.pid !== processID,
      keepsStatements: config['storage.prepared-statements'],
      notifies: await notifies(config['cluster.url'] || config['storage.url'], client),
      ...(await compareClocks(client)),
      lineage: await watchLineage(client, config['database.directory']),
      poolSize: config['storage.pool-size'],
    };
  } finally {
    await client.end();
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = await connectPrimary(parseAddress(url), { waitMs: WAIT_MS });
  // The next statement tells of it.
  client.on('error', () => undefined);
  return client;
}

/** Nothing where the server does not know what is meant. */
async function ask<Row extends object>(client: pg.Client, text: string): Promise<readonly Row[]> {
  try {
    const { rows } = await client.query<Row>(text);
    return rows;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === undefined) throw error;
    return [];
  }
}

async function readSettings(client: pg.Client): Promise<Readonly<Record<string, string>>> {
  const names = SETTINGS.map((name) => `'${name}'`).join(', ');
  const rows = await ask<{ name: string; value: string }>(
    client,
    `SELECT name, current_setting(name) AS value FROM pg_settings WHERE name IN (${names})`,
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/** Another connection has to send: behind a pooler one may be told what it has sent itself. */
async function notifies(url: string, sender: pg.Client): Promise<boolean> {
  const client = await connect(url);
  const channel = `foxden_look_${process.pid}_${Math.floor(clock.monotonic())}`;
  try {
    const end = new AbortController();
    let isHeard = false;
    client.on('notification', (notification) => {
      isHeard ||= notification.channel === channel;
      if (isHeard) end.abort();
    });
    await ask(client, `LISTEN ${channel}`);
    await ask(sender, `SELECT pg_notify('${channel}', '')`);
    await sleep(NOTIFICATION_MS, undefined, { signal: end.signal }).catch(() => undefined);
    // A pooler would give the connection, and what it listens to, to somebody else.
    await ask(client, `UNLISTEN ${channel}`);
    return isHeard;
  } finally {
    await client.end();
  }
}

/** The quickest of several looks is the most exact. */
async function compareClocks(client: pg.Client): Promise<Pick<DatabaseReport, 'clockAheadMs' | 'roundTripMs'>> {
  let best = { clockAheadMs: 0, roundTripMs: Infinity };
  for (let look = 0; look < CLOCK_LOOKS; look++) {
    const sentAt = clock.monotonic();
    const { rows } = await client.query<{ now: number }>('SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS float8) AS now');
    const roundTripMs = clock.monotonic() - sentAt;
    if (roundTripMs < best.roundTripMs)
      best = { clockAheadMs: Math.round(clock.now() - roundTripMs / 2 - (rows[0]?.now ?? 0)), roundTripMs };
  }
  return best;
}

async function watchLineage(client: pg.Client, folder: string): Promise<DatabaseReport['lineage']> {
  const look = async (): Promise<{ readonly identity: string; readonly epoch: string }> => {
    const { rows } = await client.query<{ identity: string; epoch: string }>(
      "SELECT i.value AS identity, e.value AS epoch FROM foxden.counter i, foxden.counter e WHERE i.name = 'identity' AND e.name = 'epoch'",
    );
    return rows[0] ?? { identity: '', epoch: '0' };
  };
  const first = await look();
  let now = first;
  for (const end = clock.monotonic() + EPOCH_LIMIT_MS; now.epoch === first.epoch && clock.monotonic() < end; now = await look()) {
    await sleep(LOOK_MS);
  }
  const seen = readLineage(folder);
  return {
    ...now,
    isGrowing: BigInt(now.epoch) > BigInt(first.epoch),
    ...(seen?.identity === now.identity ? { highestSeen: seen.epoch } : {}),
  };
}
