/** Releases of one service, numbered, whose answers tell of which release each of their parts is; and clients that ask all the time. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { service, type Files } from './bundles.ts';
import { askServer } from './fixtures.ts';
import type { TestServer } from './server.ts';

/** Its answer comes out of the main file, one that is loaded with it, one that is loaded when it is needed, and the manifest. */
export function release(
  number: number,
  { manifest = {}, files = {}, code = '' }: { manifest?: object; files?: Files; code?: string } = {},
): Files {
  const filler = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [`lib/filler${i}.js`, `module.exports = ${number}; // ${'x'.repeat(500)}`]),
  );
  return service(
    `const early = require('./lib/early');
    ${code}
    router.get('/', (req, res) => res.json([${number}, early, require('./lib/late'), Number(module.context.manifest.version.split('.')[0])]));`,
    { version: `${number}.0.0`, ...manifest },
    { 'lib/early.js': `module.exports = ${number};`, 'lib/late.js': `module.exports = ${number};`, ...filler, ...files },
  );
}

export interface Asked {
  readonly answers: number;
  /** Answers of a release after one of a later release had been seen before they were asked for. */
  readonly oldAfterNew: number;
  readonly releases: ReadonlySet<number>;
}

/** What the servers need to get on with their work while they are asked all the time. */
const PAUSE_MS = 2;

/** Asks again and again, as several clients, while `work` runs. Fails for an answer that is no success, or of two releases. */
export async function whileAsking(
  servers: readonly TestServer[],
  path: string,
  clients: number,
  work: () => Promise<void>,
): Promise<Asked> {
  const releases = new Set<number>();
  const end = new AbortController();
  let answers = 0;
  let oldAfterNew = 0;
  let newest = 0;
  const ask = async (server: TestServer): Promise<void> => {
    while (!end.signal.aborted) {
      const seen = newest;
      const { status, text } = await askServer(server, 'GET', path);
      assert.equal(status, 200, text);
      const [number = 0, ...others] = JSON.parse(text) as readonly number[];
      assert.deepEqual(others, [number, number, number], 'of one release');
      if (number < seen) oldAfterNew++;
      newest = Math.max(newest, number);
      releases.add(number);
      answers++;
      await sleep(PAUSE_MS);
    }
  };
  const asking = Array.from({ length: clients }, (_, client) => ask(servers[client % servers.length] as TestServer));
  const worked = work().finally(() => end.abort());
  await Promise.all([worked, ...asking]);
  return { answers, oldAfterNew, releases };
}
