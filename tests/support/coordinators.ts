/** Several foxden processes on one PostgreSQL, for tests that look at them from outside. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer, type TestServer } from './server.ts';

export interface TestCluster {
  readonly url: string;
  readonly members: TestServer[];
  /** A further one, or one again that was killed: it goes on with its folder. */
  start(options?: CoordinatorOptions): Promise<TestServer>;
  /** Starts the one in a place again. */
  restart(place: number, options?: CoordinatorOptions): Promise<TestServer>;
  dispose(): Promise<void>;
}

export interface CoordinatorOptions {
  readonly folder?: string;
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A lease that is short enough for tests, and long enough for a busy machine; and no more threads than it takes for some to differ. */
const QUICK = [
  '--cluster.heartbeat-interval=0.5',
  '--cluster.lease=4',
  '--foxx.queues-poll-interval=0.2',
  '--server.minimal-threads=2',
  '--server.maximal-threads=3',
];
const LIMIT_MS = 60_000;
/** Looking takes time from what is waited for. */
const LOOK_AGAIN_MS = 25;

/** The first is started by itself, so that it makes what the others find. */
export async function startCluster(url: string, count: number, options: CoordinatorOptions = {}): Promise<TestCluster> {
  const folders: string[] = [];
  const members: TestServer[] = [];
  const start = (own: CoordinatorOptions = {}): Promise<TestServer> => {
    const folder = own.folder ?? mkdtempSync(join(tmpdir(), 'foxden-cluster-'));
    if (!folders.includes(folder)) folders.push(folder);
    return startServer({
      folder,
      arguments: [...QUICK, `--storage.url=${url}`, ...(options.arguments ?? []), ...(own.arguments ?? [])],
      environment: { ...options.environment, ...own.environment },
    });
  };
  members.push(await start());
  members.push(...(await Promise.all(Array.from({ length: count - 1 }, () => start()))));
  return {
    url,
    members,
    start: async (own) => {
      const server = await start(own);
      members.push(server);
      return server;
    },
    restart: async (place, own) => {
      const before = members[place];
      if (before === undefined) throw new Error(`there is no member ${place}`);
      await before.stop('SIGKILL');
      const server = await start({ ...own, folder: before.folder });
      members[place] = server;
      return server;
    },
    dispose: async () => {
      await Promise.all(members.map((member) => member.stop('SIGKILL')));
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Asks again and again until the answer is as it should be. */
export async function until<Result>(
  ask: () => Promise<Result>,
  isSo: (result: Result) => boolean,
  describe: () => string = () => '',
): Promise<Result> {
  const end = Date.now() + LIMIT_MS;
  for (;;) {
    let last: unknown;
    try {
      const result = await ask();
      if (isSo(result)) return result;
      last = result;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end)
      throw new Error(`waited too long${describe()}; last: ${last instanceof Error ? last.stack : JSON.stringify(last)}`);
    await sleep(LOOK_AGAIN_MS);
  }
}

/** What a path answers, as a text with its status before it. */
export async function textAt(server: TestServer, path: string): Promise<string> {
  const response = await server.fetch(path);
  return `${response.status} ${await response.text()}`;
}
