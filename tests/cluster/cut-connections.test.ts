/**
 * Many clients of one server while PostgreSQL closes its connections again and again: each answer is the one to what was asked, what was acknowledged is
 * there as it was acknowledged, and what was refused is not.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { service, zip } from '../support/bundles.ts';
import { tries } from '../support/law.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startServer, type TestServer } from '../support/server.ts';

const CLIENTS = 24;
const TURNS = tries({ quick: 8, thorough: 48 });
const CUT_PAUSE_MS = 100;

let postgres: TestPostgres;
let server: TestServer;
let database: string;

before(async () => {
  postgres = await startPostgres();
  database = await postgres.createDatabase();
  server = await startServer({ arguments: [`--storage.url=${database}`, '--server.minimal-threads=3', '--server.maximal-threads=4'] });
  await expect('POST', '/_api/collection', { name: 'things' });
  await expect('POST', '/_api/index?collection=things', { type: 'persistent', fields: ['tag'] });
  const routes = service(`
    router.get('/one/:key', (req, res) => res.json(db.things.document(req.pathParams.key)));
    router.post('/move/:from/:to', ({ pathParams: { from, to } }, res) => {
      db._executeTransaction({ collections: { write: 'things' }, action: () => {
        db.things.update(from, { n: db.things.document(from).n - 1 });
        db.things.update(to, { n: db.things.document(to).n + 1 });
      } });
      res.status(204);
    });`);
  const body = zip(routes);
  const installed = await server.fetch('/_api/foxx?mount=/cut', { method: 'POST', body, headers: { 'content-type': 'application/zip' } });
  assert.equal(installed.status, 201, await installed.text());
});
after(async () => {
  await server.dispose();
  await postgres.stop();
});

type Body = Readonly<Record<string, unknown>>;

interface Answer {
  readonly status: number;
  readonly body: Body;
  /** It says that it may be asked again. */
  readonly mayRetry: boolean;
}

async function ask(method: string, path: string, json?: unknown): Promise<Answer> {
  const answer = await server.fetch(path, { method, ...(json !== undefined && { json }) });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Body), mayRetry: answer.headers.has('retry-after') };
}

async function expect(method: string, path: string, json?: unknown): Promise<Body> {
  const { status, body } = await ask(method, path, json);
  assert.ok(status < 300, `${method} ${path}: ${status} ${JSON.stringify(body)}`);
  return body;
}

/** What became of a write. */
type Outcome = 'done' | 'refused' | 'unknown';

function outcomeOf({ status, body, mayRetry }: Answer): Outcome {
  if (status < 300) return 'done';
  assert.ok(status === 503 || status === 409, `${status} ${JSON.stringify(body)}`);
  return status === 409 || mayRetry ? 'refused' : 'unknown';
}

/** A client, and the two documents that nobody else changes. */
class Client {
  readonly #name: string;
  readonly #made: string[] = [];
  readonly #refused: string[] = [];
  /** How many moves from the first document to the second were done at least, and at most. */
  #moves = { least: 0, most: 0 };

  constructor(name: string) {
    this.#name = name;
  }

  async begin(): Promise<void> {
    for (const half of ['from', 'to']) await expect('POST', '/_api/document/things', { _key: `${this.#name}-${half}`, n: 0 });
  }

  async turn(turn: number): Promise<void> {
    switch (turn % 4) {
      case 0:
        return this.#insert(`${this.#name}-${turn}`);
      case 1:
        return this.#move();
      case 2:
        return this.#read(`/_api/document/things/`);
      case 3:
        return turn % 8 === 3 ? this.#query() : this.#read('/cut/one/');
    }
  }

  async #insert(key: string): Promise<void> {
    const outcome = outcomeOf(await ask('POST', '/_api/document/things', { _key: key, tag: `of ${key}` }));
    if (outcome === 'done') this.#made.push(key);
    else if (outcome === 'refused') this.#refused.push(key);
  }

  async #move(): Promise<void> {
    const outcome = outcomeOf(await ask('POST', `/cut/move/${this.#name}-from/${this.#name}-to`));
    if (outcome !== 'refused') this.#moves.most++;
    if (outcome === 'done') this.#moves.least++;
  }

  async #read(path: string): Promise<void> {
    const key = this.#made.at(-1);
    if (key === undefined) return;
    const answer = await ask('GET', path + key);
    if (outcomeOf(answer) === 'done') assert.deepEqual([answer.body['_key'], answer.body['tag']], [key, `of ${key}`]);
  }

  async #query(): Promise<void> {
    const key = this.#made.at(-1);
    if (key === undefined) return;
    const answer = await ask('POST', '/_api/cursor', {
      query: 'FOR t IN things FILTER t.tag == @tag RETURN t._key',
      bindVars: { tag: `of ${key}` },
    });
    if (outcomeOf(answer) === 'done') assert.deepEqual(answer.body['result'], [key]);
  }

  check(stored: ReadonlyMap<string, number>): void {
    for (const key of this.#made) assert.ok(stored.has(key), `${key} was acknowledged`);
    for (const key of this.#refused) assert.ok(!stored.has(key), `${key} was refused`);
    const [from, to] = ['from', 'to'].map((half) => stored.get(`${this.#name}-${half}`)!);
    assert.equal(from! + to!, 0, 'both halves of a transaction or none');
    const { least, most } = this.#moves;
    assert.ok(to! >= least && to! <= most, `${to} moves, of which ${least} were acknowledged and ${most - least} are unknown`);
  }

  get count(): number {
    return this.#made.length;
  }
}

test('each answer is the one to what was asked, and what was acknowledged is there', async () => {
  const clients = Array.from({ length: CLIENTS }, (_, i) => new Client(`c${i}`));
  for (const client of clients) await client.begin();
  const end = new AbortController();
  const cutting = (async () => {
    const all = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${new URL(database).pathname.slice(1)}'`;
    while (!end.signal.aborted) {
      await postgres.query(all);
      await sleep(CUT_PAUSE_MS, undefined, { signal: end.signal }).catch(() => undefined);
    }
  })();
  try {
    await Promise.all(
      clients.map(async (client) => {
        for (let turn = 0; turn < TURNS; turn++) await client.turn(turn);
      }),
    );
  } finally {
    end.abort();
    await cutting;
  }
  const { result } = await expect('POST', '/_api/cursor', { query: 'FOR t IN things RETURN [t._key, t.n]', batchSize: 100_000 });
  const stored = new Map(result as readonly (readonly [string, number])[]);
  for (const client of clients) client.check(stored);
  assert.ok(
    clients.some(({ count }) => count > 0),
    'something was acknowledged',
  );
});
