/** Queries seen from outside, with several workers: which run, ending them, slow ones, kept results and plans, functions of users. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { unlessEmbedded } from '../support/database.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer({ arguments: ['--server.minimal-threads=3', '--server.maximal-threads=3'] });
  await send('POST', '/_api/collection', { name: 'c' });
});
after(() => server.dispose());

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>> & { readonly result?: readonly unknown[]; readonly errorNum?: number };
}

async function send(method: string, path: string, json?: unknown): Promise<Answer> {
  const response = await server.fetch(path, { method, ...(json === undefined ? {} : { json }) });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const query = (text: string, more: object = {}): Promise<Answer> => send('POST', '/_api/cursor', { query: text, ...more });

async function list(path: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await send('GET', path)).body as unknown as readonly Readonly<Record<string, unknown>>[];
}

/** Asks again until the answer is there. */
async function until<Value>(ask: () => Promise<Value | undefined>): Promise<Value> {
  for (;;) {
    const value = await ask();
    if (value !== undefined) return value;
  }
}

suite('queries that run', () => {
  const text = 'FOR i IN 1..100 LET s = SLEEP(0.1) RETURN @x + s';

  test('are listed by other workers, and ended', async () => {
    const running = query(text, { bindVars: { x: 1 } });
    const found = await until(async () => (await list('/_api/query/current')).find((each) => each['query'] === text));
    assert.deepEqual(found['bindVars'], { x: 1 });
    assert.deepEqual(
      [found['database'], found['state'], found['stream'], found['modificationQuery']],
      ['_system', 'executing', false, false],
    );
    assert.equal((await send('DELETE', `/_api/query/${String(found['id'])}`)).status, 200);
    const ended = await running;
    assert.deepEqual([ended.status, ended.body.errorNum], [410, 1500]);
    assert.deepEqual(
      (await list('/_api/query/current')).filter((each) => each['query'] === text),
      [],
    );
  });

  test('one that is unknown cannot be ended', async () => {
    const { status, body } = await send('DELETE', '/_api/query/123');
    assert.deepEqual([status, body.errorNum], [404, 1591]);
  });

  test('those that were slow are remembered until they are forgotten', async () => {
    await send('PUT', '/_api/query/properties', { slowQueryThreshold: 0.02, trackBindVars: false });
    await query('RETURN SLEEP(0.05) + @x', { bindVars: { x: 1 } });
    const slow = await list('/_api/query/slow');
    assert.deepEqual(
      slow.map((each) => [each['query'], each['bindVars'], each['state']]),
      [['RETURN SLEEP(0.05) + @x', {}, 'finished']],
    );
    await send('DELETE', '/_api/query/slow');
    assert.deepEqual(await list('/_api/query/slow'), []);
    const { body } = await send('PUT', '/_api/query/properties', { slowQueryThreshold: 10, trackBindVars: true });
    assert.equal(body['slowQueryThreshold'], 10);
    const refused = await send('PUT', '/_api/query/properties', { enabled: 'yes' });
    assert.equal(refused.status, 400);
  });

  test('time and memory end them', async () => {
    const late = await query('FOR i IN 1..100 LET s = SLEEP(0.05) RETURN 1', { options: { maxRuntime: 0.2 } });
    assert.deepEqual([late.status, late.body.errorNum], [410, 1500]);
    const large = await query('FOR i IN 1..1000000 SORT i DESC RETURN i', { memoryLimit: 100_000 });
    assert.deepEqual([large.status, large.body.errorNum], [500, 32]);
    assert.match(
      String(large.body['errorMessage']),
      /^AQL: query would use more memory than allowed \[node #\d+: \w+\].*\(while executing\)$/,
    );
  });
});

test('an explained query that cannot be read says so without the frame of one that is run', async () => {
  const request = { query: 'RETURN @x' };
  const messageOf = async (path: string): Promise<unknown> => (await send('POST', path, request)).body['errorMessage'];
  assert.equal(await messageOf('/_api/explain'), "no value specified for declared bind parameter 'x' (while parsing)");
  assert.equal(await messageOf('/_api/cursor'), "AQL: no value specified for declared bind parameter 'x' (while parsing)");
});

test('a profile says what each node gave out and left out', async () => {
  const { body } = await query('FOR i IN 1..2500 FILTER i % 5 != 0 RETURN i', { options: { profile: 2 }, batchSize: 5000 });
  const { stats } = body['extra'] as { readonly stats: { readonly nodes: readonly Readonly<Record<string, number>>[] } };
  const [loop] = stats.nodes.filter(({ filtered }) => filtered !== 0);
  assert.deepEqual([loop?.['calls'], loop?.['items'], loop?.['filtered']], [2, 2000, 500]);
});

test('a profile has the time of each phase', async () => {
  const { body } = await query('RETURN 1 + @a', { bindVars: { a: 1 }, options: { profile: 1 } });
  const { profile } = body['extra'] as { readonly profile: Readonly<Record<string, number>> };
  for (const phase of ['initializing', 'parsing', 'instantiating plan', 'executing']) assert.ok(profile[phase]! > 0, phase);
});

test('a batch that may be asked for again can be, the last one too, which has no id', async () => {
  const first = await query('FOR i IN 1..3 RETURN i', { batchSize: 2, options: { allowRetry: true } });
  const { id, nextBatchId } = first.body;
  for (let i = 0; i < 2; i++) {
    const { body } = await send('POST', `/_api/cursor/${String(id)}/${String(nextBatchId)}`);
    assert.deepEqual([body.result, body['hasMore'], 'id' in body, 'nextBatchId' in body], [[3], false, false, false]);
  }
  assert.equal((await send('DELETE', `/_api/cursor/${String(id)}`)).status, 202);
});

test('the optimizer rules are those of ArangoDB', async () => {
  const rules = await list('/_api/query/rules');
  assert.ok(rules.length > 50);
  assert.ok(!rules.some(({ name }) => name === 'scatter-in-cluster'));
  for (const { name, description } of rules) assert.match(String(description), /^[A-Z].*\.$/, String(name));
  assert.deepEqual(rules.find(({ name }) => name === 'use-indexes')?.['flags'], {
    hidden: false,
    clusterOnly: false,
    canBeDisabled: true,
    canCreateAdditionalPlans: false,
    disabledByDefault: false,
    enterpriseOnly: false,
  });
});

test('the functions are listed with what an editor shows of them, aliases too', async () => {
  const { body } = await send('GET', '/_api/aql-builtin');
  const functions = body['functions'] as readonly Record<string, unknown>[];
  const named = (wanted: string): Record<string, unknown> | undefined => functions.find(({ name }) => name === wanted);
  assert.ok(functions.length > 200);
  assert.deepEqual(named('LEFT'), {
    name: 'LEFT',
    arguments: '.,.',
    deterministic: true,
    cacheable: true,
    signature: 'LEFT(value: string, n: number)',
    summary: named('LEFT')?.['summary'],
    group: 'Strings',
    examples: named('LEFT')?.['examples'],
  });
  assert.equal(named('CONCAT')?.['arguments'], '.|+');
  assert.equal(named('RAND')?.['deterministic'], false);
  assert.match(String(named('IS_LIST')?.['summary']), /^Another name of IS_ARRAY\./);
});

suite('results that are kept', { skip: unlessEmbedded('several coordinators keep no results, as in ArangoDB') }, () => {
  const text = 'FOR d IN c RETURN d.n';
  const cached = async (more: object = { cache: true }): Promise<unknown> => (await query(text, more)).body['cached'];

  test('serve again, whichever worker is asked, until something is written', async () => {
    await send('PUT', '/_api/query-cache/properties', { mode: 'demand' });
    await send('POST', '/_api/document/c', { n: 1 });
    assert.equal(await cached(), false);
    for (let i = 0; i < 6; i++) assert.equal(await cached(), true);
    assert.equal(await cached({}), false);
    const entries = await list('/_api/query-cache/entries');
    assert.deepEqual(
      entries.map((each) => [each['query'], each['results'], each['dataSources'], each['hits']]),
      [[text, 1, ['c'], 6]],
    );
    await send('POST', '/_api/document/c', { n: 2 });
    const { body } = await query(text, { cache: true });
    assert.deepEqual([body['cached'], body.result], [false, [1, 2]]);
    assert.equal(await cached(), true);
    await send('DELETE', '/_api/query-cache');
    assert.equal(await cached(), false);
  });

  test('with mode on all may, with mode off none, and what is not the same each time never', async () => {
    await send('PUT', '/_api/query-cache/properties', { mode: 'on' });
    await cached({});
    assert.equal(await cached({}), true);
    assert.equal(await cached({ cache: false }), false);
    for (let i = 0; i < 2; i++) assert.equal((await query('RETURN RAND()', { cache: true })).body['cached'], false);
    await send('PUT', '/_api/query-cache/properties', { mode: 'off' });
    assert.equal(await cached(), false);
    assert.equal((await send('PUT', '/_api/query-cache/properties', { mode: 'sometimes' })).status, 400);
  });
});

test('plans that are kept have keys, and are forgotten with an index', async () => {
  const ask = async (bindVars: object): Promise<unknown> =>
    (await query('FOR d IN @@c FILTER d.n == @n RETURN d.n', { bindVars, options: { usePlanCache: true } })).body['planCacheKey'];
  assert.equal(await ask({ '@c': 'c', n: 1 }), undefined);
  const key = await ask({ '@c': 'c', n: 2 });
  assert.equal(typeof key, 'string');
  assert.deepEqual(
    (await list('/_api/query-plan-cache')).map((each) => [each['hash'], each['hits'], each['dataSources']]),
    [[key, 1, ['c']]],
  );
  await send('POST', '/_api/index?collection=c', { type: 'persistent', fields: ['n'] });
  assert.equal(await ask({ '@c': 'c', n: 1 }), undefined);
  const refused = await query('FOR d IN c LIMIT @n RETURN d', { bindVars: { n: 1 }, options: { usePlanCache: true } });
  assert.deepEqual([refused.status, refused.body.errorNum], [400, 1584]);
  await send('DELETE', '/_api/query-plan-cache');
  assert.deepEqual(await list('/_api/query-plan-cache'), []);
});

suite('functions of users', () => {
  const register = (name: string, code: string, more: object = {}): Promise<Answer> =>
    send('POST', '/_api/aqlfunction', { name, code, ...more });
  const result = async (text: string, more: object = {}): Promise<unknown> => (await query(text, more)).body.result;
  const warnings = async (text: string): Promise<readonly unknown[]> => {
    const { warnings: all } = (await query(text)).body['extra'] as {
      readonly warnings: readonly { readonly code: number; readonly message: string }[];
    };
    return all.map(({ code, message }) => [code, message.split('\n')[0]]);
  };

  test('are made, listed, replaced and removed', async () => {
    const made = await register('my::Double', 'function (x) { return x * 2; }', { isDeterministic: true });
    assert.deepEqual([made.status, made.body], [201, { error: false, code: 201, isNewlyCreated: true }]);
    assert.deepEqual(await result('RETURN MY::DOUBLE(4)'), [8]);
    const again = await register('MY::DOUBLE', '(x) => x * 20;');
    assert.deepEqual([again.status, again.body], [200, { error: false, code: 200, isNewlyCreated: false }]);
    for (let i = 0; i < 6; i++) assert.deepEqual(await result('FOR i IN 1..2 RETURN my::double(i)'), [20, 40]);
    await register('my::math::one', 'function () { return 1; }');
    const names = async (path: string): Promise<unknown> =>
      ((await send('GET', path)).body.result as { name: string }[]).map(({ name }) => name);
    assert.deepEqual(await names('/_api/aqlfunction'), ['MY::DOUBLE', 'my::math::one']);
    assert.deepEqual(await names('/_api/aqlfunction?namespace=my::math'), ['my::math::one']);
    assert.deepEqual(await names('/_api/aqlfunction/my::ma'), []);
    assert.deepEqual((await send('DELETE', '/_api/aqlfunction/my?group=true')).body, { error: false, code: 200, deletedCount: 2 });
    const gone = await query('RETURN MY::DOUBLE(4)');
    assert.deepEqual(
      [gone.status, gone.body.errorNum, gone.body['errorMessage']],
      [404, 1582, "AQL: user function 'MY::DOUBLE()' not found (while executing)"],
    );
  });

  test('are refused with bad names and bad code', async () => {
    for (const name of ['noNamespace', '_my::f', 'a:::b', 'my::', 'my::f-g']) {
      assert.equal((await register(name, 'function () {}')).body.errorNum, 1580, name);
    }
    for (const code of ['function (', '1', '']) assert.equal((await register('my::f', code)).body.errorNum, 1581, code);
    const missing = await send('DELETE', '/_api/aqlfunction/myfunction::x::y');
    assert.deepEqual(missing.body, {
      error: true,
      code: 404,
      errorNum: 1582,
      errorMessage: "no AQL user function with name 'myfunction::x::y' found",
    });
  });

  test('may warn, fail, use modules, and know their names', async () => {
    await register('u::warn', 'function () { AQL_WARNING(1541, "from " + this.name); return 1; }');
    assert.deepEqual(await warnings('RETURN u::warn()'), [[1541, 'from U::WARN']]);
    await register('u::fail', 'function () { throw new Error("no"); }');
    const failing = await query('RETURN u::fail()');
    assert.deepEqual([failing.status, failing.body.errorNum], [400, 1583]);
    assert.match(String(failing.body['errorMessage']), /in function 'U::FAIL\(\)': user function runtime error: Error: no/);
    assert.deepEqual(await result('RETURN CALL("u::fail")'), [null]);
    assert.match(JSON.stringify(await warnings('RETURN APPLY("u::fail", [])')), /^\[\[1583,/);
    await register('u::module', 'function (a) { return require("@arangodb").errors.ERROR_QUERY_KILLED.code + require("lodash").sum(a); }');
    assert.deepEqual(await result('RETURN u::module([1, 2])'), [1503]);
  });

  test('give values of AQL, whatever they return', async () => {
    const cases: readonly (readonly [code: string, value: unknown])[] = [
      ['function () {}', null],
      ['function () { return NaN; }', null],
      ['function () { return [undefined, () => 1, 1 / 0]; }', [null, null, null]],
      ['function () { return new Date(0); }', '1970-01-01T00:00:00.000Z'],
      ['function () { return { a: undefined, b: 1 }; }', { b: 1 }],
      ['function () { return arguments.length; }', 2],
      ['function (a, b) { "use strict"; return a === null && b.c; }', 5],
    ];
    for (const [code, value] of cases) {
      await register('u::value', code);
      assert.deepEqual(await result('RETURN u::value(null, {c: 5})'), [value], code);
    }
    assert.deepEqual(await result('RETURN [CALL("u::value", null, {c: 1}), APPLY("U::VALUE", [null, {c: 2}])]'), [[1, 2]]);
  });
});
