/**
 * `foxden cluster check`: sees for itself what a cluster promises. What the coordinators and Patroni tell of the database; whether what is written at one
 * coordinator is read at another at once; how soon an installed service answers everywhere; and, while documents are written at all coordinators, whether every
 * write that was acknowledged is there afterwards, whatever becomes of the database meanwhile.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { clock } from '#base';
import type { Client } from '../../client.ts';
import { Failure, ServerError } from '../../failure.ts';
import { info, json } from '../../output.ts';
import type { ServerGiven } from '../../server-options.ts';
import { judgeDatabase, judgeLeases, type DatabaseReport } from './database.ts';
import { tell, well, wrong, type Finding } from './finding.ts';
import { connectTo, readStatus } from './members.ts';
import { askPatroni, judgePatroni } from './patroni.ts';
import { checkWrites } from './writes.ts';

export interface CheckGiven extends ServerGiven {
  readonly seconds: number;
  readonly 'switchover-command': string | undefined;
  readonly patroni: readonly string[];
  readonly json: boolean;
}

const ROUNDS = 25;
const ANSWER_LIMIT_MS = 60_000;

/** The exit code: 1 when something was not as promised. */
export async function checkCluster(client: Client, given: CheckGiven): Promise<number> {
  const status = await readStatus(client);
  const members = status.members.filter(({ isAlive }) => isAlive);
  const clients = await connectTo(given, members);
  const name = `foxden_check_${randomBytes(4).toString('hex')}`;
  const findings: Finding[] = [];
  const note = (found: readonly Finding[]): void => {
    findings.push(...found);
    if (!given.json) for (const finding of found) tell(finding);
  };
  try {
    note(judgeLeases(status));
    note(judgeDatabase(await askDatabases(clients)));
    note(judgePatroni(await Promise.all(given.patroni.map(askPatroni))));
    await client.json({ method: 'POST', path: '/_api/collection', json: { name } });
    try {
      if (clients.size > 1) {
        note([await checkFreshness(clients, name)]);
        note([await checkServices(clients, `/${name}`)]);
      }
      const say = given.json ? () => undefined : info;
      note(await checkWrites(clients, { collection: name, seconds: given.seconds, command: given['switchover-command'], say }));
    } finally {
      await client.send({ method: 'DELETE', path: `/_api/collection/${name}` });
    }
  } finally {
    for (const each of clients.values()) each.close();
  }
  if (given.json) json({ coordinators: members.map(({ id }) => id), findings });
  return findings.some(({ is }) => is === 'wrong') ? 1 : 0;
}

async function askDatabases(clients: ReadonlyMap<string, Client>): Promise<ReadonlyMap<string, DatabaseReport>> {
  const reports = Array.from(
    clients,
    async ([id, each]) => [id, await each.json<DatabaseReport>({ path: '/_admin/cluster/database' })] as const,
  );
  return new Map(await Promise.all(reports));
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
  const what = `${ROUNDS} documents were written at one coordinator and read at another: ${stale} were not there yet`;
  return stale === 0 ? well(what) : wrong(what);
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
    return Number.isFinite(ms)
      ? well(`a service that was installed at one answered at all ${clients.size} after ${Math.round(ms)} ms`)
      : wrong(`a service that was installed at one did not answer everywhere within ${ANSWER_LIMIT_MS / 1000} s`);
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
