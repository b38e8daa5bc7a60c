/** A foxden process of its own on a folder of its own, for tests that look at it from outside. */
import { spawn, spawnSync, type ChildProcess, type SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whenAbandoned } from './daemons.ts';
import { createTestDatabase } from './database.ts';

export interface TestServer {
  readonly url: string;
  readonly folder: string;
  readonly appPath: string;
  readonly process: ChildProcess;
  /** What it has printed so far. */
  readonly output: () => string;
  fetch(path: string, options?: RequestInit & { readonly json?: unknown }): Promise<Response>;
  /** Ends it with a signal and waits until it is gone; the folder stays. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Ends it and removes its folder. */
  dispose(): Promise<void>;
}

export interface TestServerOptions {
  /** Of an earlier server, to go on with its data. */
  readonly folder?: string;
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * How many workers it begins with; by itself two, or more on PostgreSQL. Each takes a third of a second of processor time, and where no test is about
   * what several have in common, one does: more come when it is busy.
   */
  readonly workers?: number;
}

/** By folders. */
const databases = new Map<string, string | undefined>();

export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'foxden-test-'));
  const appPath = join(folder, 'apps');
  // A server that goes on with a folder goes on with the database that belongs to it.
  const database = databases.get(folder) ?? createTestDatabase();
  databases.set(folder, database);
  const child = spawn(
    process.execPath,
    [
      'bin/foxden.js',
      '--server.endpoint=tcp://127.0.0.1:0',
      '--server.authentication=false',
      `--database.directory=${join(folder, 'data')}`,
      `--javascript.app-path=${appPath}`,
      ...(database === undefined ? [] : [`--storage.url=${database}`]),
      ...(options.workers === undefined ? [] : [`--server.minimal-threads=${options.workers}`]),
      ...(options.arguments ?? []),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...options.environment } },
  );
  // A test that is ended in the middle leaves no server behind.
  const abandoned = whenAbandoned(() => child.kill('SIGKILL'));
  child.once('exit', () => abandoned.forget());
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      text += chunk.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text);
      if (found) resolve(found[0]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`foxden ended with ${code} before it listened:\n${text}`)));
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    child.kill(signal);
    return ended;
  };
  return {
    url,
    folder,
    appPath,
    process: child,
    output: () => text,
    fetch: (path, { json, ...init } = {}) =>
      fetch(
        url + path,
        json === undefined
          ? init
          : { method: 'POST', ...init, body: JSON.stringify(json), headers: { 'content-type': 'application/json' } },
      ),
    stop,
    dispose: async () => {
      await stop('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs the foxx-cli that npm has, unmodified, against a server; without one for commands that need none. */
export function foxxCli(server: TestServer | undefined, ...args: readonly string[]): SpawnSyncReturns<string> {
  const target = server === undefined ? [] : ['--server', server.url];
  return spawnSync(process.execPath, ['node_modules/foxx-cli/bin/foxx', ...args, ...target], {
    encoding: 'utf8',
    timeout: 60_000,
  });
}
