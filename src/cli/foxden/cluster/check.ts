/**
 * `foxden cluster check`: sees for itself what a cluster promises. Whether what is written at one coordinator is read at another at once; how
 * soon an installed service answers everywhere; and, while documents are written at all coordinators, whether every write that was
 * acknowledged is there afterwards, whatever becomes of the database meanwhile.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { clock } from '#base';
import type { Client } from '../../client.ts';
import { Failure, ServerError } from '../../failure.ts';
import { green, info, json, red } from '../../output.ts';
import type { ServerGiven } from '../../server-options.ts';
import { connectTo, readStatus } from './members.ts';

export interface CheckGiven extends ServerGiven {
  readonly seconds: number;
  readonly exec: string | undefined;
  readonly json: boolean;
}

interface Finding {
  readonly what: string;
  readonly isWell: boolean;
}

const WRITERS = 2;
const REQUEST_LIMIT_MS = 30_000;
const ROUNDS = 25;
const ANSWER_LIMIT_MS = 60_000;
const BATCH = 1000;

/** The exit code: 1 when something was not as promised. */
export async function checkCluster(client: Client, given: CheckGiven): Promise<number> {
  const members = (await readStatus(client)).members.filter(({ isAlive }) => isAlive);
  const clients = await connectTo(given, members);
  const name = `foxden_check_${randomBytes(4).toString('hex')}`;
  const findings: Finding[] = [];
  const tell = (finding: Finding): void => {
    findings.push(finding);
    if (!given.json) info(`${finding.isWell ? green('✓') : red('✗')} ${finding.what}`);
  };
  await client.json({ method: 'POST', path: '/_api/collection', json: { name } });
  try {
    if (clients.size > 1) {
      tell(await checkFreshness(clients, name));
      tell(await checkServices(clients, `/${name}`));
    }
    for (const finding of await checkWrites(client, clients, name, given)) tell(finding);
  } finally {
    await client.send({ method: 'DELETE', path: `/_api/collection/${name}` });
    await Promise.all(Array.from(clients.values(), (each) => each.close()));
  }
  if (given.json) json({ coordinators: members.map(({ id }) => id), findings });
  return findings.every(({ isWell }) => isWell) ? 0 : 1;
}

/** What was written at one is read at the next, right after. */
async function checkFreshness(clients: ReadonlyMap<string, Client>, collection: string): Promise<Finding> {
  const all = [...clients.values()];
  let stale = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const key = `fresh-${round}`;
    const [writer, reader] = [all[round % all.length], all[(round + 1) % all.length]];
    await writer?.json({ method: 'POST', path: `/_api/document/${collection}`, json: { _key: key } });
    try {
      await reader?.json({ path: `/_api/document/${collection}/${key}` });
    } catch (error) {
      if (!(error instanceof ServerError) || error.status !== 404) throw error;
      stale++;
    }
  }
  return {
    what: `${ROUNDS} documents were written at one coordinator and read at another: ${stale} were not there yet`,
    isWell: stale === 0,
  };
}

/** How long until a service that was installed at one answers everywhere. */
async function checkServices(clients: ReadonlyMap<string, Client>, mount: string): Promise<Finding> {
  const [first] = clients.values();
  if (first === undefined) throw new Failure('There is no coordinator.');
  const source = `'use strict';\nconst router = require('@arangodb/foxx/router')();\nmodule.context.use(router);\nrouter.get('/', (req, res) => res.send('here'));\n`;
  await first.json({
    method: 'POST',
    path: '/_api/foxx',
    query: { mount },
    body: source,
    headers: { 'content-type': 'application/javascript' },
  });
  const installedAt = clock.monotonic();
  try {
    const answered = await Promise.all(Array.from(clients.values(), (each) => untilAnswers(each, mount)));
    const ms = Math.max(...answered) - installedAt;
    const isWell = Number.isFinite(ms);
    const what = isWell
      ? `a service that was installed at one answered at all ${clients.size} after ${Math.round(ms)} ms`
      : `a service that was installed at one did not answer everywhere within ${ANSWER_LIMIT_MS / 1000} s`;
    return { what, isWell };
  } finally {
    await first.send({ method: 'DELETE', path: '/_api/foxx/service', query: { mount } });
  }
}

/** When it did; never: `Infinity`. */
async function untilAnswers(client: Client, mount: string): Promise<number> {
  for (const end = clock.monotonic() + ANSWER_LIMIT_MS; clock.monotonic() < end; await sleep(5)) {
    try {
      await client.send({ path: `${mount}/` });
      return clock.monotonic();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
    }
  }
  return Infinity;
}

interface Written {
  readonly acknowledged: Set<string>;
  longestGapMs: number;
  refused: number;
}

async function checkWrites(
  client: Client,
  clients: ReadonlyMap<string, Client>,
  collection: string,
  { seconds, exec, json: isQuiet }: CheckGiven,
): Promise<readonly Finding[]> {
  const say = (text: string): void => {
    if (!isQuiet) info(text);
  };
  const endsAt = clock.monotonic() + seconds * 1000;
  const written = new Map(Array.from(clients.keys(), (id) => [id, { acknowledged: new Set<string>(), longestGapMs: 0, refused: 0 }]));
  const writing = Array.from(clients, ([id, each]) =>
    Array.from({ length: WRITERS }, (_, writer) => write(each, collection, `${id}-${writer}`, endsAt, written.get(id)!)),
  ).flat();
  say(
    `Writing at ${clients.size} coordinators for ${seconds} s: ${exec === undefined ? 'now make the database fail over' : `then ${exec}`}`,
  );
  await sleep((seconds * 1000) / 4);
  if (exec !== undefined) await run(exec);
  await Promise.all(writing);
  return Promise.all(
    Array.from(written, async ([id, { acknowledged, longestGapMs, refused }]): Promise<Finding> => {
      const lost = await countMissing(client, collection, [...acknowledged]);
      const gap = `the longest time without an acknowledgement was ${(longestGapMs / 1000).toFixed(1)} s`;
      const what = `${id}: ${acknowledged.size} writes were acknowledged, ${lost} of them are lost, ${refused} were refused; ${gap}`;
      return { what, isWell: lost === 0 && acknowledged.size > 0 };
    }),
  );
}

async function write(client: Client, collection: string, prefix: string, endsAt: number, written: Written): Promise<void> {
  let lastAt = clock.monotonic();
  for (let count = 0; clock.monotonic() < endsAt; count++) {
    const key = `${prefix}-${count}`;
    try {
      const signal = AbortSignal.timeout(REQUEST_LIMIT_MS);
      await client.json({ method: 'POST', path: `/_api/document/${collection}`, json: { _key: key }, signal });
      written.acknowledged.add(key);
      written.longestGapMs = Math.max(written.longestGapMs, clock.monotonic() - lastAt);
      lastAt = clock.monotonic();
    } catch {
      // Whatever it was: it was not acknowledged.
      written.refused++;
      await sleep(100);
    }
  }
}

async function countMissing(client: Client, collection: string, keys: readonly string[]): Promise<number> {
  let missing = 0;
  for (let from = 0; from < keys.length; from += BATCH) {
    const batch = keys.slice(from, from + BATCH);
    const query = 'RETURN LENGTH(FOR document IN @@collection FILTER document._key IN @keys RETURN 1)';
    const { result } = await client.json<{ readonly result: readonly number[] }>({
      method: 'POST',
      path: '/_api/cursor',
      json: { query, bindVars: { '@collection': collection, keys: batch } },
    });
    missing += batch.length - (result[0] ?? 0);
  }
  return missing;
}

function run(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve();
      else reject(new Failure(`"${command}" ended with ${code}.`));
    });
  });
}
