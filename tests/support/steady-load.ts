/**
 * Clients that write and read without a pause, each request remembered with what became of it, so that afterwards can be told what a failover has cost:
 * what was acknowledged, refused and left unknown, how long each client went without an answer, and how long the longest request took.
 *
 * An answer is one of three. *Acknowledged*: it is there, for ever. *Refused* (503 with `Retry-After`, or a conflict): it is not there. *Unknown* (503
 * without, or no answer at all): it is there as a whole or not at all.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { service, zip } from './bundles.ts';
import { textAt, until } from './coordinators.ts';
import type { TestServer } from './server.ts';

type Outcome = 'acknowledged' | 'refused' | 'unknown';
/** A document by the API; two documents by a service in one transaction; a job; and reading what was acknowledged. */
const KINDS = ['insert', 'pair', 'job', 'read'] as const;
type Kind = (typeof KINDS)[number];

export interface Spell {
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  /** Of those the outcome was unknown of. */
  readonly unknownDone: number;
  /** The longest time without an acknowledgement, of each client that writes. */
  readonly gapsSeconds: { readonly min: number; readonly median: number; readonly max: number };
  readonly longestRequestSeconds: number;
}

export interface SteadyLoad {
  /** Waits until every client has had so many further acknowledgements. */
  progress(count: number): Promise<void>;
  /** Stops, looks up what was written, fails where that is not as it was told, and tells the rest. */
  end(): Promise<Spell>;
}

const MOUNT = '/load';
const PAUSE_MS = 20;
/** Nothing may take so long, even with a machine that others keep busy. */
const PROGRESS_LIMIT_MS = 180_000;
const BATCH = 1000;
const MAX_WORKERS = 4;

/** The service and the collections of the load; once for a database. */
export async function installLoad(servers: readonly TestServer[]): Promise<void> {
  const files = service(
    `const queues = require('@arangodb/foxx/queues');
    for (const name of ['written', 'pairs', 'ran']) if (!db._collection(name)) db._create(name);
    router.post('/pair/:key', (req, res) => {
      const { key } = req.pathParams;
      db._executeTransaction({ collections: { write: ['pairs'] }, action: () => {
        for (const half of ['a', 'b']) db.pairs.save({ _key: key + '-' + half });
      } });
      res.send('saved');
    });
    router.post('/job/:key', (req, res) => {
      queues.create('load', ${MAX_WORKERS}).push({ mount: module.context.mount, name: 'run' }, { key: req.pathParams.key }, { maxFailures: -1, repeatDelay: 100 });
      res.send('pushed');
    });
    router.get('/', (req, res) => res.send('here'));`,
    { scripts: { run: 'run.js' } },
    { 'run.js': `'use strict'; const { db } = require('@arangodb'); db.ran.save({ key: module.context.argv[0].key });` },
  );
  const installed = await servers[0]!.fetch(`/_api/foxx?mount=${MOUNT}`, {
    method: 'POST',
    body: zip(files),
    headers: { 'content-type': 'application/zip' },
  });
  assert.equal(installed.status, 201, await installed.text());
  for (const server of servers)
    await until(
      () => textAt(server, MOUNT),
      (text) => text === '200 here',
    );
}

/** Three clients that write and one that reads, at each of the servers. Of a server that is killed meanwhile nothing more is expected. */
export function startLoad(name: string, servers: readonly TestServer[], options: { readonly limitSeconds: number }): SteadyLoad {
  const clients = servers.flatMap((server, place) => KINDS.map((kind) => new LoadClient(`${name}-${place}-${kind}`, kind, server)));
  const writers = clients.filter(({ kind }) => kind !== 'read');
  const known = (): string[] => writers.filter(({ kind }) => kind === 'insert').flatMap(({ latest }) => latest ?? []);
  const end = new AbortController();
  const running = Promise.all(clients.map((client) => client.run(end.signal, known)));
  // Who waits for progress hears of it as well.
  void running.catch(() => end.abort());

  return {
    progress: async (count) => {
      const wanted = writers.map(({ keys }) => keys.acknowledged.length + count);
      const isThere = (): boolean => writers.every((client, i) => client.isServerGone || client.keys.acknowledged.length >= wanted[i]!);
      for (const limit = Date.now() + PROGRESS_LIMIT_MS; !isThere(); await sleep(50)) {
        if (end.signal.aborted) await running;
        assert.ok(Date.now() < limit, `no progress: ${clients.map((client) => client.describe()).join('; ')}`);
      }
    },
    end: async () => {
      end.abort();
      await running;
      const all = (outcome: Outcome, ...kinds: readonly Kind[]): string[] =>
        clients.filter(({ kind }) => kinds.includes(kind)).flatMap(({ keys }) => keys[outcome]);
      const server = servers.find(({ process: { exitCode, signalCode } }) => exitCode === null && signalCode === null);
      assert.ok(server !== undefined, 'one of them lives');
      const unknownDone = await checkStored(server, all);
      const longest = Math.max(...clients.map(({ longestMs }) => longestMs)) / 1000;
      assert.ok(longest < options.limitSeconds, `a request took ${longest} s`);
      const gaps = writers
        .filter(({ isServerGone }) => !isServerGone)
        .map(({ gapMs }) => gapMs / 1000)
        .toSorted((left, right) => left - right);
      const count = (outcome: Outcome): number => all(outcome, 'insert', 'pair', 'job').length;
      return {
        acknowledged: count('acknowledged'),
        refused: count('refused'),
        unknown: count('unknown'),
        unknownDone,
        gapsSeconds: { min: gaps[0] ?? 0, median: gaps[Math.floor(gaps.length / 2)] ?? 0, max: gaps.at(-1) ?? 0 },
        longestRequestSeconds: longest,
      };
    },
  };
}

/** What a spell looked like, in a line. */
export function describeSpell(
  name: string,
  { acknowledged, refused, unknown, unknownDone, gapsSeconds, longestRequestSeconds }: Spell,
): string {
  const { min, median, max } = gapsSeconds;
  const [low, middle, high, longest] = [min, median, max, longestRequestSeconds].map((seconds) => seconds.toFixed(1));
  return (
    `${name}: gap min ${low} median ${middle} max ${high} s; ${acknowledged} acknowledged, 0 lost, ${refused} refused, ` +
    `${unknown} unknown (${unknownDone} of them done); longest request ${longest} s`
  );
}

class LoadClient {
  readonly kind: Kind;
  readonly keys: Readonly<Record<Outcome, string[]>> = { acknowledged: [], refused: [], unknown: [] };
  readonly #name: string;
  readonly #server: TestServer;
  gapMs = 0;
  longestMs = 0;
  #last = '';

  constructor(name: string, kind: Kind, server: TestServer) {
    this.#name = name;
    this.kind = kind;
    this.#server = server;
  }

  get latest(): string | undefined {
    return this.keys.acknowledged.at(-1);
  }

  /** It was killed on purpose: nobody expects anything of its clients. */
  get isServerGone(): boolean {
    const { exitCode, signalCode } = this.#server.process;
    return exitCode !== null || signalCode !== null;
  }

  describe(): string {
    const { acknowledged, refused, unknown } = this.keys;
    return `${this.#name}: ${acknowledged.length}, ${refused.length} refused, ${unknown.length} unknown, last ${this.#last}`;
  }

  /** `known`: documents that are there. Fails for an answer that is none of the three. */
  async run(signal: AbortSignal, known: () => readonly string[]): Promise<void> {
    let acknowledgedAt = performance.now();
    for (let count = 0; !signal.aborted && !this.isServerGone; count++) {
      const documents = this.kind === 'read' ? known() : [];
      const key = this.kind === 'read' ? documents[count % documents.length] : `${this.#name}-${count}`;
      const sentAt = performance.now();
      const outcome = key === undefined ? 'refused' : await this.#ask(key);
      const now = performance.now();
      this.longestMs = Math.max(this.longestMs, now - sentAt);
      if (key !== undefined) this.keys[outcome].push(key);
      if (outcome === 'acknowledged') {
        this.gapMs = Math.max(this.gapMs, now - acknowledgedAt);
        acknowledgedAt = now;
      }
      await sleep(PAUSE_MS);
    }
  }

  async #ask(key: string): Promise<Outcome> {
    let status: number;
    let text: string;
    let retryAfter: string | null;
    try {
      const answer = await this.#send(key);
      ({ status } = answer);
      retryAfter = answer.headers.get('retry-after');
      text = await answer.text();
    } catch (error) {
      this.#last = String(error);
      return 'unknown'; // the coordinator has died
    }
    this.#last = `${status} ${text.slice(0, 300)}`;
    if (status >= 200 && status < 300) return 'acknowledged';
    const { errorNum = 0 } = status === 503 || status === 409 ? (JSON.parse(text) as { readonly errorNum?: number }) : {};
    // What a service lets through, it tells by its status alone.
    const isService = this.kind === 'pair' || this.kind === 'job';
    if (status === 503 && retryAfter === null && (isService || errorNum === 1457)) return 'unknown';
    const isRefused = status === 503 ? retryAfter !== null : status === 409 && (isService || errorNum === 1200);
    assert.ok(isRefused, `${this.#name} ${key}: ${this.#last}`);
    return 'refused';
  }

  #send(key: string): Promise<Response> {
    switch (this.kind) {
      case 'insert':
        return this.#server.fetch('/_api/document/written', { json: { _key: key } });
      case 'pair':
      case 'job':
        return this.#server.fetch(`${MOUNT}/${this.kind}/${key}`, { method: 'POST' });
      case 'read':
        return this.#server.fetch(`/_api/document/written/${key}`);
    }
  }
}

/** Compares what is there with what clients were told. How many there are of which nobody knew. */
async function checkStored(server: TestServer, all: (outcome: Outcome, ...kinds: readonly Kind[]) => string[]): Promise<number> {
  const halves = (keys: readonly string[]): string[] => keys.flatMap((key) => [`${key}-a`, `${key}-b`]);
  const written = await missing(server, 'written', all('acknowledged', 'insert'));
  assert.deepEqual(written, [], 'acknowledged documents that are lost');
  assert.deepEqual(await missing(server, 'pairs', halves(all('acknowledged', 'pair'))), [], 'acknowledged transactions that are lost');
  for (const [collection, keys] of [
    ['written', all('refused', 'insert')],
    ['pairs', halves(all('refused', 'pair'))],
  ] as const)
    assert.deepEqual(await missing(server, collection, keys), keys, `${collection}: refused, and all the same not there`);
  const unknownDocuments = all('unknown', 'insert');
  const unknownPairs = all('unknown', 'pair');
  const notThere = new Set(await missing(server, 'pairs', halves(unknownPairs)));
  for (const key of unknownPairs) assert.equal(notThere.has(`${key}-a`), notThere.has(`${key}-b`), `${key} is there by half`);
  const jobs = all('acknowledged', 'job');
  await until(
    () => notRun(server, jobs),
    (left) => left.length === 0,
    () => ' for jobs to be run',
  );
  const undone = (await missing(server, 'written', unknownDocuments)).length + notThere.size / 2;
  return unknownDocuments.length + unknownPairs.length - undone;
}

function missing(server: TestServer, collection: string, keys: readonly string[]): Promise<string[]> {
  return select(server, keys, 'FOR key IN @keys FILTER DOCUMENT(@collection, key) == null RETURN key', { collection });
}

function notRun(server: TestServer, keys: readonly string[]): Promise<string[]> {
  return select(server, keys, 'FOR key IN MINUS(@keys, (FOR run IN ran RETURN run.key)) RETURN key', {});
}

/** Of many keys, in batches. */
async function select(server: TestServer, keys: readonly string[], query: string, bindVars: object): Promise<string[]> {
  const found: string[] = [];
  for (let from = 0; from < keys.length; from += BATCH) {
    const body = { query, bindVars: { ...bindVars, keys: keys.slice(from, from + BATCH) }, batchSize: BATCH };
    const answer = await server.fetch('/_api/cursor', { json: body });
    const { result, errorMessage } = (await answer.json()) as { readonly result?: string[]; readonly errorMessage?: string };
    assert.ok(result !== undefined, errorMessage);
    found.push(...result);
  }
  return found;
}
