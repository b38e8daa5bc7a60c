/**
 * Three PostgreSQL 15 under Patroni on this machine, replicating synchronously, with etcd: what Debian has of each, set up as the recipe in
 * `docs/guide/cluster.md` says. Accidents are made by killing and freezing processes, and undone afterwards.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import {
  daemonFolder,
  familyOf,
  freePorts,
  identity,
  removeFolder,
  signalAll,
  startDaemon,
  untilGone,
  whenAbandoned,
  type Daemon,
} from './daemons.ts';
import { startEtcd, type TestEtcd } from './etcd.ts';

export interface PatroniMember {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  readonly timeline?: number;
}

export interface TestPatroni {
  readonly etcd: TestEtcd;
  /** Of all three hosts, for `--storage.url`: of a database that is made with it. */
  createDatabase(): Promise<string>;
  /** Runs a statement on the server that takes writes, or on the one that is named. */
  query(text: string, options?: { readonly url?: string; readonly node?: string }): Promise<Record<string, unknown>[]>;
  /** The name of the node that leads, by what Patroni says. */
  leader(): Promise<string>;
  /** That of its synchronous standby. */
  synchronousStandby(): Promise<string>;
  /** Waits for a leader with a synchronous standby and all others behind it. */
  untilWhole(): Promise<void>;
  /** Of the node's PostgreSQL the first process, and no other. */
  killPostmaster(node: string): Promise<void>;
  /** Patroni and PostgreSQL at once, as if the machine were gone. */
  killHost(node: string): Promise<void>;
  /** Patroni and all of PostgreSQL stand still. */
  freeze(node: string): void;
  thaw(node: string): void;
  /** Starts Patroni again where it was killed. */
  revive(node: string): void;
  switchover(): Promise<void>;
  /** Where the node's Patroni answers: `http://127.0.0.1:8008`. */
  api(node: string): string;
  /** Makes a base backup of what is there now. */
  backup(): Promise<void>;
  /** Has the cluster go on with what was there then, as if everything since had never been. */
  restore(): Promise<void>;
  stop(): Promise<void>;
}

const POSTGRES = '/usr/lib/postgresql/15/bin';

/** By the packages of Debian that have them. */
export const PROGRAMS = {
  'postgresql-15': join(POSTGRES, 'postgres'),
  patroni: '/usr/bin/patroni',
  'etcd-server': '/usr/bin/etcd',
  pgbouncer: '/usr/sbin/pgbouncer',
} as const;

/** Debian packages that the tests of failovers need and this machine has not. */
export function missingPackages(): string[] {
  return Object.entries(PROGRAMS)
    .filter(([, path]) => !existsSync(path))
    .map(([name]) => name);
}

const SIZE = 3;
const WHOLE_LIMIT_MS = 180_000;
/** Of tests on one machine: nobody waits for the disk. */
const QUICK = { fsync: 'off', full_page_writes: 'on', shared_buffers: '32MB', max_wal_size: '256MB' };

export async function startPatroni(): Promise<TestPatroni> {
  const folder = daemonFolder('patroni');
  const etcd = await startEtcd(folder);
  const ports = await freePorts(SIZE * 2);
  const nodes = Array.from({ length: SIZE }, (_, i) => ({ name: `node${i + 1}`, port: ports[2 * i]!, api: ports[2 * i + 1]! }));
  const daemons = new Map<string, Daemon>();
  const nodeOf = (name: string): (typeof nodes)[number] => {
    const found = nodes.find((node) => node.name === name);
    if (found === undefined) throw new Error(`there is no node "${name}"`);
    return found;
  };
  const saved = join(folder, 'saved');
  const dataFolder = (name: string): string => join(folder, name, 'data');
  const postmasterOf = (name: string): number | undefined => {
    const path = join(dataFolder(name), 'postmaster.pid');
    const pid = existsSync(path) ? Number(readFileSync(path, 'latin1').split('\n')[0]) : 0;
    // The number may be another process's by now.
    const isOurs = pid > 0 && existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(folder);
    return isOurs ? pid : undefined;
  };
  const processesOf = (name: string): number[] => {
    const roots = [daemons.get(name)?.pid, postmasterOf(name)];
    return familyOf(roots.filter((pid) => pid !== undefined && pid > 0) as number[]);
  };
  const start = (name: string): void => {
    const { port, api } = nodeOf(name);
    const path = join(folder, `${name}.json`);
    // YAML has JSON in it.
    writeFileSync(path, JSON.stringify(configuration({ name, port, api, folder, etcd: etcd.hosts })), { mode: 0o644 });
    daemons.set(name, startDaemon(PROGRAMS.patroni, [path], { folder }));
  };
  const kill = async (name: string): Promise<void> => {
    // Patroni first, which would start again what is missing.
    signalAll([daemons.get(name)?.pid ?? 0].filter(Boolean), 'SIGKILL');
    const pids = processesOf(name);
    signalAll(pids, 'SIGKILL');
    await untilGone(pids);
  };
  const abandoned = whenAbandoned(() => {
    for (const { name } of nodes) signalAll(processesOf(name), 'SIGKILL');
    removeFolder(folder);
  });

  const address = (database: string, at = nodes): string =>
    `postgres://postgres:${PASSWORD}@${at.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${database}`;
  async function members(): Promise<readonly PatroniMember[]> {
    for (const { api } of nodes) {
      try {
        const answer = await fetch(`http://127.0.0.1:${api}/cluster`, { signal: AbortSignal.timeout(5_000) });
        return ((await answer.json()) as { readonly members: readonly PatroniMember[] }).members;
      } catch {
        // That one is dead or frozen; another one knows as well.
      }
    }
    return [];
  }
  async function untilNamed(role: string): Promise<string> {
    for (const end = Date.now() + WHOLE_LIMIT_MS; ; await sleep(100)) {
      const found = (await members()).find((member) => member.role === role);
      if (found !== undefined) return found.name;
      if (Date.now() > end) throw new Error(`there is no ${role}\n${sayings()}`);
    }
  }
  const sayings = (): string => Array.from(daemons, ([name, { output }]) => `${name}:\n${output().slice(-5_000)}`).join('\n');
  /** Replicas that follow say so from 3.0 on; before, they say that they run. */
  const isWhole = (all: readonly PatroniMember[]): boolean =>
    all.length === SIZE &&
    all.filter(({ role }) => role === 'leader').length === 1 &&
    all.filter(({ role }) => role === 'sync_standby').length === 1 &&
    all.every(({ state }) => state === 'running' || state === 'streaming') &&
    new Set(all.map(({ timeline }) => timeline)).size === 1;
  async function untilWhole(): Promise<void> {
    let last: readonly PatroniMember[] = [];
    for (const end = Date.now() + WHOLE_LIMIT_MS; ; await sleep(200)) {
      last = await members();
      if (isWhole(last)) return;
      if (Date.now() > end) throw new Error(`the cluster is not whole: ${JSON.stringify(last)}\n${sayings()}`);
    }
  }
  const query: TestPatroni['query'] = async (text, { url, node } = {}) => {
    const name = node ?? (await untilNamed('leader'));
    const database = url === undefined ? 'postgres' : (url.split('/').at(-1) ?? 'postgres');
    const client = new pg.Client({ connectionString: address(database, [nodeOf(name)]), connectionTimeoutMillis: 10_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return ((await client.query(text)) as { readonly rows: Record<string, unknown>[] }).rows;
    } finally {
      await client.end();
    }
  };
  let databases = 0;

  // The first makes the data that the others copy.
  for (const { name } of nodes) start(name);
  await untilWhole();
  return {
    etcd,
    query,
    createDatabase: async () => {
      const name = `test_${process.pid}_${++databases}`;
      await query(`CREATE DATABASE ${name}`);
      return address(name);
    },
    leader: () => untilNamed('leader'),
    synchronousStandby: () => untilNamed('sync_standby'),
    untilWhole,
    killPostmaster: async (name) => {
      const pid = postmasterOf(name);
      if (pid === undefined) throw new Error(`${name} does not run`);
      signalAll([pid], 'SIGKILL');
      await untilGone([pid]);
    },
    killHost: kill,
    freeze: (name) => signalAll(processesOf(name), 'SIGSTOP'),
    thaw: (name) => signalAll(processesOf(name), 'SIGCONT'),
    revive: start,
    switchover: async () => {
      const leader = await untilNamed('leader');
      const candidate = await untilNamed('sync_standby');
      const answer = await fetch(`http://127.0.0.1:${nodeOf(leader).api}/switchover`, {
        method: 'POST',
        body: JSON.stringify({ leader, candidate }),
      });
      if (!answer.ok) throw new Error(`no switchover: ${await answer.text()}`);
    },
    api: (name) => `http://127.0.0.1:${nodeOf(name).api}`,
    backup: async () => {
      const { port } = nodeOf(await untilNamed('leader'));
      const args = ['-h', '127.0.0.1', '-p', String(port), '-U', 'replicator', '-D', saved, '-X', 'stream', '-c', 'fast'];
      const env = { ...process.env, PGPASSWORD: PASSWORD };
      const { status, stderr } = spawnSync(join(POSTGRES, 'pg_basebackup'), args, { ...identity, cwd: folder, env, encoding: 'utf8' });
      if (status !== 0) throw new Error(`no backup: ${stderr}`);
    },
    restore: async () => {
      // The others copy anew what the one that leads has.
      const leader = await untilNamed('leader');
      for (const { name } of nodes) await kill(name);
      for (const { name } of nodes) removeFolder(dataFolder(name));
      renameSync(saved, dataFolder(leader));
      for (const { name } of nodes) start(name);
      await untilWhole();
    },
    stop: async () => {
      for (const { name } of nodes) await kill(name);
      await etcd.stop();
      abandoned.forget();
      removeFolder(folder);
    },
  };
}

const PASSWORD = 'secret';

interface NodeGiven {
  readonly name: string;
  readonly port: number;
  readonly api: number;
  readonly folder: string;
  readonly etcd: readonly string[];
}

/** What the recipe says, for three nodes on one machine. */
function configuration({ name, port, api, folder, etcd }: NodeGiven): object {
  return {
    scope: 'foxden',
    name,
    restapi: { listen: `127.0.0.1:${api}`, connect_address: `127.0.0.1:${api}` },
    etcd: { hosts: etcd },
    bootstrap: {
      dcs: {
        ttl: 20,
        loop_wait: 5,
        retry_timeout: 5,
        synchronous_mode: true,
        synchronous_mode_strict: true,
        failsafe_mode: true,
        postgresql: {
          use_pg_rewind: true,
          parameters: { wal_retrieve_retry_interval: '200ms', max_connections: 200, wal_log_hints: 'on', ...QUICK },
        },
      },
      initdb: [{ encoding: 'UTF8' }, { locale: 'C' }, 'data-checksums', 'no-sync'],
      pg_hba: ['local all all trust', 'host replication replicator 127.0.0.1/32 scram-sha-256', 'host all all 127.0.0.1/32 scram-sha-256'],
    },
    postgresql: {
      listen: `127.0.0.1:${port}`,
      connect_address: `127.0.0.1:${port}`,
      data_dir: join(folder, name, 'data'),
      bin_dir: POSTGRES,
      pgpass: join(folder, `${name}.pgpass`),
      parameters: { unix_socket_directories: folder },
      authentication: {
        superuser: { username: 'postgres', password: PASSWORD },
        replication: { username: 'replicator', password: PASSWORD },
      },
    },
    watchdog: { mode: 'off' },
  };
}
