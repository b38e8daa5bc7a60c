/** Configuration, dependencies, scripts, tests and GraphQL of services, from outside. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceFolder, useFixtures } from '../../support/fixtures.ts';

const fixtures = useFixtures(['provider', 'graphql', 'tested'], {
  arguments: [`--foxx.install=/second=${serviceFolder('provider')}`, `--foxx.install=/consumer=${serviceFolder('consumer')}`],
});
const { ask, get } = fixtures;
type Body = Readonly<Record<string, unknown>>;

async function configure(values: object, method = 'PATCH', more = ''): Promise<Body> {
  return (await ask(method, `/_api/foxx/configuration?mount=/provider${more}`, values)).body;
}

test('configuration of every type is checked, converted, kept and seen at once', async () => {
  assert.deepEqual((await get('/provider')).body, { text: 'hello', whole: 1, flag: false });
  const given = { text: 't', secret: 's', whole: '7', part: 1.5, flag: 'true', data: '{"a":[1]}' };
  const kept = { text: 't', secret: 's', whole: 7, part: 1.5, flag: true, data: { a: [1] } };
  assert.deepEqual(await configure(given), { values: kept });
  assert.deepEqual((await get('/provider')).body, kept);
  const bad: readonly (readonly [name: string, value: unknown, warning: RegExp])[] = [
    ['text', 5, /must be a string/],
    ['whole', 1.5, /must be an integer/],
    ['part', 'x', /must be a number/],
    ['flag', 'perhaps', /must be a boolean/],
    ['data', '{', /JSON|valid|must/],
    ['unknown', 1, /^is not allowed$/],
  ];
  for (const [name, value, warning] of bad) {
    const { warnings, values } = await configure({ [name]: value });
    assert.match(String((warnings as Body)[name]), warning, name);
    assert.deepEqual(values, kept, `${name} stays`);
  }
  const all = (await get('/_api/foxx/configuration?mount=/provider')).body as Readonly<Record<string, Body>>;
  assert.deepEqual(all['secret'], { type: 'password', required: false, title: 'Secret', current: 's', currentRaw: 's' });
  assert.deepEqual(
    [all['data']?.['current'], all['data']?.['currentRaw'], all['text']?.['description']],
    [{ a: [1] }, '{"a":[1]}', 'What is said.'],
  );
  assert.deepEqual((await get('/_api/foxx/configuration?mount=/provider&minimal=true')).body, kept);
  assert.deepEqual(
    await configure({ whole: 3 }, 'PUT'),
    { values: { text: 'hello', whole: 3, flag: false }, warnings: { text: 'is required', flag: 'is required' } },
    'what PUT leaves out is unset, and a default steps in',
  );
  const described = await configure({ whole: 4 }, 'PATCH', '&minimal=false');
  assert.equal((described['whole'] as Body)['current'], 4);
});

test('services are linked by name, one or several, and see changes at once', async () => {
  assert.equal((await get('/consumer')).status, 503, 'what it needs is not given');
  const link = async (values: object, method = 'PATCH'): Promise<Body> =>
    (await ask(method, '/_api/foxx/dependencies?mount=/consumer', values)).body;
  assert.deepEqual(await link({ greeter: '/provider', others: ['/provider', '/second'], nobody: '/x' }), {
    values: { greeter: '/provider', others: ['/provider', '/second'] },
    warnings: { nobody: 'is not allowed' },
  });
  assert.deepEqual((await get('/consumer')).body, { greeting: 'hello you', others: ['/provider', '/second'], maybe: null, isFrozen: true });
  await configure({ text: 'welcome' });
  assert.equal(((await get('/consumer')).body as Body)['greeting'], 'welcome you');
  await link({ greeter: '/second' });
  assert.equal(((await get('/consumer')).body as Body)['greeting'], 'hello you');
  assert.deepEqual((await link({ greeter: 5 }))['warnings'], { greeter: 'must be a string' });
  const shown = (await get('/_api/foxx/dependencies?mount=/consumer')).body as Readonly<Record<string, Body>>;
  assert.deepEqual(shown['greeter'], {
    name: 'greeter',
    version: '^1.0.0',
    required: true,
    multiple: false,
    title: 'Greeter',
    current: '/second',
  });
  assert.deepEqual([shown['others']?.['multiple'], shown['maybe']?.['description']], [true, 'Nobody needs it.']);
  await link({ greeter: '/nobody' });
  assert.ok((await get('/consumer')).status >= 400, 'nobody is there');
  assert.deepEqual((await link({}, 'PUT'))['warnings'], { greeter: 'is required' });
  assert.equal((await get('/consumer')).status, 503);
});

test('scripts have titles, take an argument and answer with their exports', async () => {
  assert.deepEqual((await get('/_api/foxx/scripts?mount=/provider')).body, {
    echo: 'Echo',
    'send-all-mail': 'Send All Mail',
    throws: 'Throws',
    later: 'Later',
  });
  const run = (name: string, argument?: unknown) => ask('POST', `/_api/foxx/scripts/${name}?mount=/provider`, argument);
  assert.deepEqual((await run('echo')).body, []);
  assert.deepEqual((await run('echo', { a: 1 })).body, [{ a: 1 }]);
  assert.deepEqual((await run('echo', [1, 2])).body, [[1, 2]]);
  assert.equal((await run('later')).text, '"later"');
  const thrown = await run('throws');
  assert.deepEqual([thrown.status, (thrown.body as { errorNum: number }).errorNum], [409, 409]);
  const unknown = await run('none');
  assert.deepEqual([unknown.status, (unknown.body as { errorNum: number }).errorNum], [400, 3016]);
});

interface Counted {
  readonly stats: Readonly<Record<string, number>>;
  readonly tests: readonly { readonly title: string; readonly fullTitle: string; readonly err: { readonly message?: string } }[];
  readonly failures: Counted['tests'];
  readonly pending: Counted['tests'];
}
const runTests = (query = '', headers?: Readonly<Record<string, string>>) =>
  ask('POST', `/_api/foxx/tests?mount=/tested${query}`, undefined, headers);

test('tests in every style run, once, and are told in every form', async () => {
  const { stats, failures, pending, tests } = (await runTests()).body as Counted;
  assert.deepEqual(
    ['tests', 'passes', 'pending', 'failures'].map((name) => stats[name]),
    [10, 6, 2, 2],
  );
  assert.deepEqual(
    failures.map(({ fullTitle, err }) => [fullTitle, typeof err.message]),
    [
      ['a suite fails', 'string'],
      ['a suite within another throws', 'string'],
    ],
  );
  assert.deepEqual(
    pending.map(({ title }) => title),
    ['is pending', 'is skipped'],
  );
  for (const title of ['passes too', 'passes as well', 'passes inside', 'waits', 'asks its own service'])
    assert.ok(
      tests.some((one) => one.title === title && one.err.message === undefined),
      title,
    );

  const nested = (await runTests('&reporter=suite')).body as { readonly suites: readonly { readonly title: string }[] };
  assert.deepEqual(nested.suites.map(({ title }) => title).toSorted(), ['a suite', 'another suite', 'exported']);
  const stream = (await runTests('&reporter=stream&idiomatic=false')).body as readonly (readonly [string, unknown])[];
  assert.deepEqual([stream[0], stream.at(-1)?.[0]], [['start', { total: 10 }], 'end']);
  const lines = await runTests('&reporter=stream&idiomatic=true');
  assert.match(lines.headers.get('content-type') ?? '', /^application\/x-ldjson/);
  assert.equal(lines.text.trimEnd().split('\r\n').length, 10);
  const tap = await runTests('&reporter=tap&idiomatic=true');
  assert.match(tap.text, /^1\.\.10\n/);
  assert.match(tap.text.trimEnd(), /# fail 2$/);
  const xml = await runTests('&reporter=xunit&idiomatic=true');
  assert.match(xml.text, /^<\?xml[^\n]*\n<testsuite[^>]* failures="2"/);
  const rows = (await runTests('&reporter=xunit&idiomatic=false')).body as readonly unknown[];
  assert.equal(rows[0], 'testsuite');
  assert.ok(Array.isArray((await runTests('&reporter=tap', { accept: 'application/json' })).body), 'JSON for who prefers it');
  assert.equal((await runTests('&reporter=nobody')).status, 400);
  const some = (await runTests(`&filter=${encodeURIComponent('within another')}`)).body as Counted;
  assert.deepEqual(
    some.tests.map(({ title }) => title),
    ['asks its own service', 'waits', 'throws'],
  );
});

test('a service in development is tested as its files are now', async () => {
  await ask('POST', '/_api/foxx/development?mount=/tested');
  const { stats } = (await runTests()).body as Counted;
  assert.equal(stats['tests'], 10);
  await ask('DELETE', '/_api/foxx/development?mount=/tested');
});

test('GraphQL by GET, POST, form and its own type; a mutation not by GET', async () => {
  const query = encodeURIComponent('query($n: String) { hello(name: $n) }');
  const variables = encodeURIComponent('{"n":"you"}');
  const hello = { data: { hello: 'hello you' } };
  const askPlain = async (method: string, path: string, body?: unknown, type?: string) =>
    ask(method, `/graphql/plain${path}`, body, type === undefined ? {} : { 'content-type': type });
  assert.deepEqual((await askPlain('GET', `?query=${query}&variables=${variables}`)).body, hello);
  assert.deepEqual((await askPlain('POST', '', { query: 'query($n: String) { hello(name: $n) }', variables: { n: 'you' } })).body, hello);
  assert.deepEqual((await askPlain('POST', '', `query=${query}&variables=${variables}`, 'application/x-www-form-urlencoded')).body, hello);
  assert.deepEqual((await askPlain('POST', '', '{ hello(name: "you") }', 'application/graphql')).body, hello);
  const named = { query: 'query a { hello } query b { stored }', operationName: 'b' };
  assert.deepEqual((await askPlain('POST', '', named)).body, { data: { stored: 0 } });
  const mutation = await askPlain('GET', `?query=${encodeURIComponent('mutation { store(n: 5) }')}`);
  assert.deepEqual([mutation.status, mutation.headers.get('allow')], [405, 'POST']);
  assert.deepEqual((await askPlain('POST', '', { query: 'mutation { store(n: 5) }' })).body, { data: { store: 5 } });
  for (const [path, what] of [
    ['', 'no query'],
    ['?query=%7B', 'a syntax error'],
    [`?query=${query}&variables=%7B`, 'variables that are no JSON'],
    ['?query=%7Bnothing%7D', 'a field that there is not'],
  ] as const) {
    assert.equal((await askPlain('GET', path)).status, 400, what);
  }
  assert.deepEqual(((await ask('GET', '/graphql/shown?query=%7Bfails%7D')).body as { readonly errors: unknown }).errors, [
    { said: 'of a field' },
  ]);
  const page = await ask('GET', '/graphql/shown', undefined, { accept: 'text/html' });
  assert.match(page.text, /graphiql/i);
  assert.match((await ask('GET', '/graphql/shown?query=%7Bhello%7D')).text, /\n {2}"data"/);
});
