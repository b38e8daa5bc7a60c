/**
 * Writing at all coordinators while the database fails over, and looking up afterwards what was acknowledged, refused, and left unknown: how much of it is lost,
 * and for how long nobody could write.
 */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { clock } from '#base';
import type { Client } from '../../client.ts';
import { Failure, ServerError } from '../../failure.ts';
import { well, wrong, type Finding } from './finding.ts';

export interface WritesGiven {
  readonly collection: string;
  readonly seconds: number;
  /** A command that makes the database fail over; undefined: somebody does, or nobody. */
  readonly command: string | undefined;
  readonly say: (text: string) => void;
}

/** Of one client: keys of documents by what its request was answered with. */
interface Written {
  readonly acknowledged: string[];
  readonly refused: string[];
  readonly unknown: string[];
  longestGapMs: number;
}

const WRITERS = 2;
const REQUEST_LIMIT_MS = 90_000;
const PAUSE_MS = 100;
const BATCH = 1000;
/** 503 with this number: nobody knows whether it was done. */
const UNKNOWN_OUTCOME = 1457;

export async function checkWrites(clients: ReadonlyMap<string, Client>, given: WritesGiven): Promise<readonly Finding[]> {
  const { collection, seconds, command, say } = given;
  const [anyone] = clients.values();
  if (anyone === undefined) throw new Failure('There is no coordinator.');
  const endsAt = clock.monotonic() + seconds * 1000;
  const running = Array.from(clients, ([id, client]) =>
    Array.from({ length: WRITERS }, (_, writer) => write(client, collection, `${id}-${writer}`, endsAt)),
  ).flat();
  say(
    `Writing at ${clients.size} coordinators for ${seconds} s: ${command === undefined ? 'now make the database fail over' : `then ${command}`}`,
  );
  await sleep((seconds * 1000) / 4);
  // Writers come to their end, whatever becomes of the command.
  const [ran, ...written] = await Promise.allSettled([command === undefined ? undefined : run(command), ...running]);
  const all = written.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const keys = (outcome: 'acknowledged' | 'refused' | 'unknown'): string[] => all.flatMap((each) => each[outcome]);
  const lost = await missing(anyone, collection, keys('acknowledged'));
  const done = keys('refused').length - (await missing(anyone, collection, keys('refused'))).length;
  const unknownDone = keys('unknown').length - (await missing(anyone, collection, keys('unknown'))).length;
  const gaps = all.map(({ longestGapMs }) => longestGapMs / 1000).toSorted((left, right) => left - right);
  const [least, middle, most] = [gaps[0], gaps[Math.floor(gaps.length / 2)], gaps.at(-1)].map((gap = 0) => gap.toFixed(1));
  return [
    judge(
      lost.length === 0 && keys('acknowledged').length > 0,
      `${keys('acknowledged').length} writes were acknowledged, ${lost.length} of them are lost`,
    ),
    judge(done === 0, `${keys('refused').length} writes were refused, ${done} of them are there all the same`),
    well(`of ${keys('unknown').length} writes the outcome was unknown; ${unknownDone} of them were done`),
    well(
      `the longest time without an acknowledgement, of ${gaps.length} clients: ${least} s at least, ${middle} s at the median, ${most} s at most`,
    ),
    ...(ran.status === 'rejected' ? [wrong((ran.reason as Error).message)] : []),
  ];
}

const judge = (isWell: boolean, what: string): Finding => (isWell ? well(what) : wrong(what));

async function write(client: Client, collection: string, prefix: string, endsAt: number): Promise<Written> {
  const written: Written = { acknowledged: [], refused: [], unknown: [], longestGapMs: 0 };
  let lastAt = clock.monotonic();
  for (let count = 0; clock.monotonic() < endsAt; count++) {
    const key = `${prefix}-${count}`;
    try {
      const signal = AbortSignal.timeout(REQUEST_LIMIT_MS);
      await client.json({ method: 'POST', path: `/_api/document/${collection}`, json: { _key: key }, signal });
      written.acknowledged.push(key);
      written.longestGapMs = Math.max(written.longestGapMs, clock.monotonic() - lastAt);
      lastAt = clock.monotonic();
    } catch (error) {
      // Without an answer of the server nobody knows either.
      const isRefused = error instanceof ServerError && error.errorNum !== UNKNOWN_OUTCOME;
      written[isRefused ? 'refused' : 'unknown'].push(key);
      await sleep(PAUSE_MS);
    }
  }
  written.longestGapMs = Math.max(written.longestGapMs, clock.monotonic() - lastAt);
  return written;
}

async function missing(client: Client, collection: string, keys: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (let from = 0; from < keys.length; from += BATCH) {
    const query = 'FOR key IN @keys FILTER DOCUMENT(@collection, key) == null RETURN key';
    const bindVars = { collection, keys: keys.slice(from, from + BATCH) };
    const json = { query, bindVars, batchSize: BATCH };
    const { result } = await client.json<{ readonly result: readonly string[] }>({ method: 'POST', path: '/_api/cursor', json });
    found.push(...result);
  }
  return found;
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
