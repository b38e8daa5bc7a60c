/**
 * Requests for single documents that wait at the same time: their answers are those that each would have had alone, and what was answered is there for
 * everybody from then on, whoever is killed.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { service, zip } from '../support/bundles.ts';
import { startCluster, until, type TestCluster } from '../support/coordinators.ts';
import { assertLaw, tries } from '../support/law.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import { startServer, type TestServer } from '../support/server.ts';

let postgres: TestPostgres;
let single: TestServer | undefined;
let two: TestCluster | undefined;
before(async () => {
  postgres = await startPostgres();
});
after(async () => {
  await single?.dispose();
  await two?.dispose();
  await postgres.stop();
});

type Body = Record<string, unknown>;

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

async function ask({ url }: TestServer, { method, path, body, headers = {} }: Asked): Promise<Answer> {
  const answer = await fetch(url + path, { method, headers, ...(body !== undefined && { body }) });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? '' : JSON.parse(text), headers: answer.headers };
}

const json = (server: TestServer, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
  ask(server, { method, path, ...(body !== undefined && { body: JSON.stringify(body) }), ...(headers && { headers }) });

async function query(server: TestServer, text: string, bindVars: Body = {}): Promise<unknown[]> {
  const answer = await json(server, 'POST', '/_api/cursor', { query: text, bindVars, batchSize: 1_000_000 });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return (answer.body as { result: unknown[] }).result;
}

/** How many trips requests take one by one and together; as long as they all came too late to wait together, the next ones get more time to come. */
class Trips {
  #alone = 0;
  #together = 0;
  #seconds = 0.2;

  /** Keeps the only worker busy meanwhile. */
  get pause(): Body {
    return { query: `RETURN SLEEP(${this.#seconds})` };
  }

  add(alone: number, together: number): void {
    this.#alone += alone;
    this.#together += together;
    if (this.#together >= this.#alone) this.#seconds = Math.min(this.#seconds * 3, 6);
  }

  get areShared(): boolean {
    return this.#together < this.#alone;
  }

  assertShared(): void {
    assert.ok(this.areShared, `${this.#together} trips together, ${this.#alone} one by one`);
  }
}

/** What a request is, before it is known which collection it goes to. Each is about a document that no other one is about. */
interface Wish {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly condition: 'none' | 'if-match' | 'wrong if-match' | 'if-none-match' | 'wrong if-none-match';
  readonly parameters: readonly string[];
  readonly body: 'plain' | 'taken' | 'revision' | 'bad' | 'list' | 'number' | 'with key';
  readonly target: 'usual' | 'no collection' | 'no database' | 'by id' | 'odd key';
  readonly user: 'root' | 'reader' | 'wrong';
}

const anyWish: fc.Arbitrary<Wish> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'POST', 'PUT', 'PATCH', 'PATCH', 'DELETE'),
  condition: fc.constantFrom('none', 'none', 'none', 'if-match', 'wrong if-match', 'if-none-match', 'wrong if-none-match'),
  parameters: fc.subarray(
    [
      'returnNew=true',
      'returnOld=true',
      'silent=true',
      'waitForSync=true',
      'ignoreRevs=false',
      'overwriteMode=update',
      'overwriteMode=ignore',
      'overwrite=true',
    ],
    {
      maxLength: 2,
    },
  ),
  body: fc.constantFrom('plain', 'plain', 'plain', 'taken', 'revision', 'bad', 'list', 'number', 'with key'),
  target: fc.constantFrom('usual', 'usual', 'usual', 'usual', 'no collection', 'no database', 'by id', 'odd key'),
  user: fc.constantFrom('root', 'root', 'root', 'root', 'reader', 'wrong'),
});

/** Of what is asked at random much is refused, and done once more alone. Of these nothing is. */
const PLAIN: readonly Wish[] = Array.from({ length: 24 }, (_, place) => ({
  method: place % 3 === 0 ? 'POST' : 'GET',
  condition: 'none',
  parameters: [],
  body: 'plain',
  target: 'usual',
  user: 'root',
}));

interface Twin {
  readonly name: string;
  readonly id: string;
  readonly revisions: ReadonlyMap<string, string>;
}

const WRONG_REVISION = '_aaaaaaa---';
/** Every other one of these is there before. */
const keyOf = (place: number): string => `k${place}`;

function requestOf({ method, condition, parameters, body, target, user }: Wish, place: number, { name, id, revisions }: Twin): Asked {
  const key = keyOf(place);
  const revision = revisions.get(key) ?? WRONG_REVISION;
  const collection = { usual: name, 'no collection': 'none', 'no database': name, 'by id': id, 'odd key': name }[target];
  const database = target === 'no database' ? '/_db/none' : '';
  const document = method === 'POST' ? '' : `/${target === 'odd key' ? '%ff' : key}`;
  const given: Body = { value: place, other: { a: [1, null, 'ä'] } };
  if (body === 'taken') given['code'] = 'taken';
  if (body === 'revision') given['_rev'] = revision;
  if (body === 'with key') given['_key'] = method === 'POST' && place % 4 < 2 ? key : `new${place}`;
  const text = { bad: '{"a":', list: JSON.stringify([given]), number: '17' }[body as string] ?? JSON.stringify(given);
  const conditions: Record<Wish['condition'], Record<string, string>> = {
    none: {},
    'if-match': { 'if-match': `"${revision}"` },
    'wrong if-match': { 'if-match': WRONG_REVISION },
    'if-none-match': { 'if-none-match': revision },
    'wrong if-none-match': { 'if-none-match': WRONG_REVISION },
  };
  return {
    method,
    path: `${database}/_api/document/${collection}${document}${parameters.length > 0 ? `?${parameters.join('&')}` : ''}`,
    ...(method !== 'GET' && method !== 'HEAD' && { body: text }),
    headers: {
      ...conditions[condition],
      ...as(user),
    },
  };
}

/** What of an answer is the same for both twins. */
function comparable({ status, body, headers }: Answer, { name }: Twin): unknown {
  const plain = JSON.stringify(body)
    .replaceAll(name, 'twin')
    .replaceAll(/"(_rev|_oldRev)":"[^"]*"/g, '"$1":""')
    .replaceAll(/"(_key|_id)":"(twin\/)?\d+"/g, '"$1":"automatic"');
  const kept = ['content-type', 'x-arango-error-codes', 'www-authenticate'].map((header) => headers.get(header));
  return [status, plain, kept, headers.get('etag') === null, headers.get('location')?.replace(name, 'twin').replace(/\d+$/, '')];
}

const as = (user: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(user === 'wrong' ? 'root:wrong' : `${user}:`).toString('base64')}`,
});

/** While its worker is kept busy, what comes waits together. `reader` may read all that is in it, and `nobody` nothing. */
async function serverWithOneWorker(): Promise<TestServer> {
  if (single !== undefined) return single;
  const url = await postgres.createDatabase();
  const limits = ['--server.minimal-threads=1', '--server.maximal-threads=1', '--server.authentication=true'];
  const server = await startServer({ arguments: [`--storage.url=${url}`, ...limits] });
  single = server;
  for (const user of ['reader', 'nobody'])
    assert.equal((await json(server, 'POST', '/_api/user', { user, passwd: '' }, as('root'))).status, 201);
  assert.equal((await json(server, 'PUT', '/_api/user/reader/database/_system', { grant: 'ro' }, as('root'))).status, 200);
  return server;
}

test('requests that wait together have the answers that they have one by one', async () => {
  const server = await serverWithOneWorker();
  const asRoot = (method: string, path: string, body?: unknown): Promise<Answer> => json(server, method, path, body, as('root'));
  let serial = 0;
  const makeTwin = async (count: number): Promise<Twin> => {
    const name = `twin${serial++}x`;
    const made = await asRoot('POST', '/_api/collection', { name });
    assert.equal(made.status, 200, JSON.stringify(made.body));
    await asRoot('POST', `/_api/index?collection=${name}`, {
      name: 'codes',
      type: 'persistent',
      fields: ['code'],
      unique: true,
      sparse: true,
    });
    const documents: Body[] = [{ _key: 'holder', code: 'taken' }];
    for (let place = 0; place < count; place += 2) documents.push({ _key: keyOf(place), value: 'old', nested: { a: 1 } });
    const inserted = (await asRoot('POST', `/_api/document/${name}`, documents)).body as { _key: string; _rev: string }[];
    return { name, id: (made.body as { id: string }).id, revisions: new Map(inserted.map(({ _key, _rev }) => [_key, _rev])) };
  };
  const contentsOf = async ({ name }: Twin): Promise<unknown> => {
    const text =
      'FOR d IN @@twin LET key = REGEX_TEST(d._key, "^[0-9]+$") ? "automatic" : d._key SORT key, d.value RETURN [key, UNSET(d, "_id", "_key", "_rev")]';
    return (await asRoot('POST', '/_api/cursor', { query: text, bindVars: { '@twin': name }, batchSize: 1000 })).body;
  };
  const calls = async (): Promise<number> => ((await asRoot('GET', '/_api/engine/stats')).body as { calls: number }).calls;
  const trips = new Trips();
  /** How many calls they took one by one, and together. */
  const tryBoth = async (wishes: readonly Wish[]): Promise<readonly [alone: number, together: number]> => {
    const [one, other] = [await makeTwin(wishes.length), await makeTwin(wishes.length)];
    const start = await calls();
    const alone: Answer[] = [];
    for (const [place, wish] of wishes.entries()) alone.push(await ask(server, requestOf(wish, place, one)));
    const between = await calls();
    // All of them wait behind this one: there is no other worker.
    const [, ...together] = await Promise.all([
      asRoot('POST', '/_api/cursor', trips.pause),
      ...wishes.map((wish, place) => ask(server, requestOf(wish, place, other))),
    ]);
    const end = await calls();
    for (const [place, wish] of wishes.entries()) {
      const told = JSON.stringify([wish, alone[place], together[place]]);
      assert.deepEqual(comparable(together[place]!, other), comparable(alone[place]!, one), told);
    }
    const [left, right] = [await contentsOf(one), await contentsOf(other)].map((body) => (body as Body)['result']);
    assert.deepEqual(right, left);
    return [between - start, end - between];
  };
  for (let attempt = 0; attempt < 4 && !trips.areShared; attempt++) trips.add(...(await tryBoth(PLAIN)));
  trips.assertShared();
  const law = fc.asyncProperty(fc.array(anyWish, { minLength: 6, maxLength: 24 }), async (wishes) => void (await tryBoth(wishes)));
  await assertLaw(law, { numRuns: tries({ quick: 3, thorough: 8 }) });
});

/** A query as many ask it at once: the same text with other values, by some who may not, and some that are wrong. */
interface QueryWish {
  readonly bindVars: Body;
  readonly more: Body;
  readonly user: 'root' | 'reader' | 'nobody' | 'wrong';
}

const anyQueryWish: fc.Arbitrary<QueryWish> = fc.record({
  bindVars: fc.oneof(
    fc.record({ city: fc.integer({ min: 0, max: 5 }), age: fc.integer({ min: -1, max: 40 }) }),
    fc.constantFrom<Body>({ city: 'c', age: null }, { city: 1 }, { city: 1, age: 2, more: 3 }, {}),
  ),
  more: fc.constantFrom<Body>(
    {},
    {},
    { count: true },
    { batchSize: 2 },
    { options: { fullCount: true } },
    { options: { stream: true } },
    { options: { profile: 1 } },
    { options: { maxRuntime: 0.000_001 } },
    { options: 7 },
    { memoryLimit: 1 },
    { query: 'RETURN @city' },
  ),
  user: fc.constantFrom('root', 'root', 'root', 'reader', 'nobody', 'wrong'),
});

test('the same query with other values has the answers together that it has alone', async () => {
  const server = await serverWithOneWorker();
  const asRoot = (method: string, path: string, body?: unknown): Promise<Answer> => json(server, method, path, body, as('root'));
  await asRoot('POST', '/_api/collection', { name: 'people' });
  await asRoot('POST', '/_api/index?collection=people', { type: 'persistent', fields: ['city', 'age'] });
  const people = Array.from({ length: 800 }, (_, i) => ({ _key: `k${i}`, city: i % 4, age: (i * 7) % 40 }));
  assert.equal((await asRoot('POST', '/_api/document/people?silent=true', people)).status, 202);
  const calls = async (): Promise<number> => ((await asRoot('GET', '/_api/engine/stats')).body as { calls: number }).calls;
  const texts = [
    'FOR p IN people FILTER p.city == @city AND p.age >= @age SORT p.age LIMIT 20 RETURN p',
    'FOR p IN people FILTER p.city == @city AND p.age >= @age RETURN p.age',
    'FOR p IN people FILTER p._key == CONCAT("k", @city) RETURN [p.age, @age]',
    'FOR p IN people FILTER p._key IN ["k3", CONCAT("k", @city)] LIMIT 2 RETURN [p.age, @age, CURRENT_USER()]',
    'FOR p IN people FILTER p.city == @city AND p.age < @age COLLECT WITH COUNT INTO n RETURN n',
    'FOR p IN people FILTER p.city == @city + FLOOR(RAND()) AND p.age > @age LIMIT 3 RETURN p.city',
    'FOR p IN people FILTER p.city == @city AND p.age == ASSERT(@age > 0, "no") LIMIT 3 RETURN p',
    'FOR p IN people UPDATE p WITH { seen: @city } IN people LIMIT 1 RETURN NEW.seen > @age',
  ];
  const request = (text: string, { bindVars, more, user }: QueryWish): Asked => ({
    method: 'POST',
    path: '/_api/cursor',
    body: JSON.stringify({ query: text, bindVars, ...more }),
    headers: as(user),
  });
  const plain = ({ status, body }: Answer): unknown => {
    const { extra: _extra, id, ...rest } = body as Body;
    return [status, rest, id === undefined];
  };
  const trips = new Trips();
  for (const text of texts) {
    await assertLaw(
      fc.asyncProperty(fc.array(anyQueryWish, { minLength: 6, maxLength: 24 }), async (wishes) => {
        const start = await calls();
        const alone: Answer[] = [];
        for (const wish of wishes) alone.push(await ask(server, request(text, wish)));
        const between = await calls();
        const [, ...together] = await Promise.all([
          asRoot('POST', '/_api/cursor', trips.pause),
          ...wishes.map((wish) => ask(server, request(text, wish))),
        ]);
        trips.add(between - start, (await calls()) - between);
        for (const [place, wish] of wishes.entries())
          assert.deepEqual(plain(together[place]!), plain(alone[place]!), `${text} ${JSON.stringify(wish)}`);
      }),
      { numRuns: tries({ quick: 1, thorough: 2 }) },
    );
  }
  trips.assertShared();
});

/** Two coordinators with collections that are empty. */
async function twoCoordinators(): Promise<TestCluster> {
  two ??= await startCluster(await postgres.createDatabase(), 2, {
    arguments: ['--storage.failover-timeout=60', '--cluster.maximal-wait=60'],
  });
  const [first] = two.members;
  for (const name of ['counts', 'events']) {
    const { status } = await json(first!, 'POST', '/_api/collection', { name });
    if (status === 409) assert.equal((await json(first!, 'PUT', `/_api/collection/${name}/truncate`)).status, 200);
    else assert.equal(status, 200);
  }
  return two;
}

/** How many there are of each. */
function statusesOf(answers: readonly Answer[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

test('of many who change one document each gets what it asks for, or learns that it came too late', async () => {
  const cluster = await twoCoordinators();
  const member = (place: number): TestServer => cluster.members[place % 2]!;
  const many = [...Array(24).keys()];
  const made = await Promise.all(many.map((i) => json(member(i), 'POST', '/_api/document/counts', { _key: 'one', by: i })));
  assert.deepEqual(statusesOf(made), { 202: 1, 409: many.length - 1 });
  const revision = (made.find(({ status }) => status === 202)!.body as Body)['_rev'] as string;
  const matching = { 'if-match': revision };
  const changed = await Promise.all(many.map((i) => json(member(i), 'PATCH', '/_api/document/counts/one', { winner: i }, matching)));
  assert.deepEqual(statusesOf(changed), { 202: 1, 412: many.length - 1 });
  const merged = await Promise.all(many.map((i) => json(member(i), 'PATCH', '/_api/document/counts/one', { [`a${i}`]: i })));
  assert.deepEqual(statusesOf(merged), { 202: many.length });
  const [document] = (await query(member(0), 'FOR c IN counts RETURN c')) as [Body];
  for (const i of many) assert.equal(document[`a${i}`], i);
  assert.equal(new Set(merged.map(({ body }) => (body as Body)['_rev'])).size, many.length);
});

test('what was answered is seen by transactions, queries and services anywhere', async () => {
  const cluster = await twoCoordinators();
  const [one, other] = cluster.members as [TestServer, TestServer];
  const files = service(`
    router.get('/', (req, res) => res.json('here'));
    router.get('/:key', (req, res) => res.json(db.counts.document(req.param('key')).n));
  `);
  const installed = await fetch(`${one.url}/_api/foxx?mount=/count`, {
    method: 'POST',
    headers: { 'content-type': 'application/zip' },
    body: zip(files),
  });
  assert.equal(installed.status, 201, await installed.text());
  await until(
    () => json(other, 'GET', '/count/'),
    ({ status }) => status === 200,
  );
  const readers: ((server: TestServer, key: string) => Promise<unknown>)[] = [
    async (server, key) => ((await json(server, 'GET', `/_api/document/counts/${key}`)).body as Body)['n'],
    async (server, key) => (await json(server, 'GET', `/count/${key}`)).body,
    async (server, key) => (await query(server, 'RETURN DOCUMENT(counts, @key).n', { key }))[0],
    async (server, key) => {
      const begun = await json(server, 'POST', '/_api/transaction/begin', { collections: { write: 'counts' } });
      const { id } = (begun.body as { result: { id: string } }).result;
      const inside = { 'x-arango-trx-id': id };
      const read = await json(server, 'GET', `/_api/document/counts/${key}`, undefined, inside);
      const written = await json(server, 'PATCH', `/_api/document/counts/${key}`, { seen: true }, inside);
      assert.equal(written.status, 202, JSON.stringify(written.body));
      assert.equal((await json(server, 'PUT', `/_api/transaction/${id}`)).status, 200);
      return (read.body as Body)['n'];
    },
  ];
  const client = async (serial: number): Promise<void> => {
    const key = `c${serial}`;
    assert.equal((await json(one, 'POST', '/_api/document/counts', { _key: key, n: 0 })).status, 202);
    for (let n = 1; n <= 8; n++) {
      const writer = (serial + n) % 2 === 0 ? one : other;
      const method = n % 3 === 0 ? 'PUT' : 'PATCH';
      assert.equal((await json(writer, method, `/_api/document/counts/${key}`, { n })).status, 202);
      const read = readers[(serial + n) % readers.length]!;
      assert.equal(await read(n % 4 < 2 ? one : other, key), n);
    }
  };
  await Promise.all(Array.from({ length: 16 }, (_, serial) => client(serial)));
});

test('nothing acknowledged is lost and nothing refused is done when the database or a coordinator is killed', async () => {
  const cluster = await twoCoordinators();
  const end = new AbortController();
  const acknowledged = new Set<string>();
  const refused = new Set<string>();
  const counts = new Map<string, { known: number; sent: number }>();
  let answers = 0;

  const send = async (serial: number, method: string, path: string, body: unknown): Promise<'done' | 'not done' | 'unknown'> => {
    const server = cluster.members[serial % 2]!;
    const answer = await json(server, method, path, body).catch(() => undefined);
    if (answer !== undefined) answers++;
    if (answer !== undefined && answer.status < 300) return 'done';
    // It is asked again soon, and not as often as it can be refused.
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (answer === undefined) return 'unknown';
    const { errorMessage } = answer.body as { errorMessage: string };
    assert.ok([409, 412, 503].includes(answer.status), JSON.stringify(answer.body));
    return answer.status === 503 && !/reached|in use/.test(errorMessage) ? 'unknown' : 'not done';
  };
  const client = async (serial: number): Promise<void> => {
    const key = `c${serial}`;
    const count = { known: -1, sent: -1 };
    counts.set(key, count);
    for (let n = 0; !end.signal.aborted; n++) {
      const event = `${key}-${n}`;
      const fate = await send(serial, 'POST', '/_api/document/events', { _key: event });
      if (fate === 'done') acknowledged.add(event);
      else if (fate === 'not done') refused.add(event);
      if (count.known < 0) {
        if ((await send(serial, 'POST', '/_api/document/counts?overwriteMode=replace', { _key: key, n })) === 'done') count.known = n;
      } else {
        count.sent = n;
        if ((await send(serial, 'PATCH', `/_api/document/counts/${key}`, { n })) === 'done') count.known = n;
      }
    }
  };
  const untilMore = async (more: number): Promise<void> => {
    const sofar = acknowledged.size;
    await until(
      () => Promise.resolve(acknowledged.size - sofar),
      (size) => size > more,
    );
  };
  const clients = Promise.all(Array.from({ length: 24 }, (_, serial) => client(serial)));
  try {
    await untilMore(50);
    await postgres.crash('SIGKILL');
    await postgres.restart();
    await untilMore(50);
    await cluster.restart(1);
    await untilMore(50);
    await postgres.crash('SIGKILL');
    await postgres.restart();
    await untilMore(50);
    end.abort();
    await clients;
    const server = cluster.members[0]!;
    const stored = new Set(await query(server, 'FOR e IN events RETURN e._key'));
    assert.deepEqual(
      [...acknowledged].filter((key) => !stored.has(key)),
      [],
    );
    assert.deepEqual(
      [...refused].filter((key) => stored.has(key)),
      [],
    );
    for (const [key, n] of (await query(server, 'FOR c IN counts RETURN [c._key, c.n]')) as [string, number][]) {
      const { known, sent } = counts.get(key)!;
      assert.ok(n >= known && n <= Math.max(known, sent), `${key} is ${n}, acknowledged ${known}, sent ${sent}`);
    }
    assert.ok(answers > 200);
  } finally {
    end.abort();
  }
});
