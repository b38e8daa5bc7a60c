/** What a service has around it, and what its modules do, from outside: the service `modules` tells what it saw. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { eventually, useFixtures } from '../../support/fixtures.ts';

const fixtures = useFixtures(['modules']);
type Seen = Readonly<Record<string, unknown>>;
const look = async <What = Seen>(path: string): Promise<What & Seen> => {
  const { status, text } = await fixtures.get(`/modules${path}`);
  assert.equal(status, 200, text);
  return JSON.parse(text) as What & Seen;
};
interface Thrown {
  readonly errorNum: number;
  readonly message: string;
}

test('modules are found as Node finds them, within the service, and before those that come along', async () => {
  const { missing, missingPackage, broken, syntax, again, ...found } =
    await look<Readonly<Record<'missing' | 'missingPackage' | 'broken' | 'syntax' | 'again', Thrown>>>('/require');
  assert.deepEqual(found, {
    shadowed: 'own',
    byMain: 'by its main',
    byIndex: 'by its index',
    json: 2,
    folder: 'folder',
    extension: true,
    mark: 'after a mark',
    shell: 'after a line for the shell',
    circle: ['b', false],
    around: ['around.js', 'lib', 'function', '/modules', true],
    alias: true,
    cached: true,
  });
  const numbers = [missing, missingPackage, broken, syntax, again].map(({ errorNum }) => errorNum);
  assert.deepEqual(numbers, [3100, 3100, 3103, 3101, 3103]);
  assert.match(broken.message, /Reason: TypeError: in a module\nFile: .*broken\.js\nLine: 1\nColumn: 7/);
});

test('the packages that ArangoDB brings along are there, and do what they are for', async () => {
  assert.deepEqual(
    Object.values(await look('/bundled')).filter((type) => type === 'undefined'),
    [],
  );
  assert.deepEqual(await look('/bundled-used'), {
    lodash: [[1, 2], [3]],
    fp: 'function',
    marked: '<p><em>a</em></p>\n',
    semver: true,
    qs: { a: { b: '1' } },
    yaml: { a: 1 },
    dedent: 'a\n  b',
    aqb: 'FOR x IN xs RETURN x',
    highlight: 'function',
    minimatch: true,
    netmask: true,
    iconv: 'ä',
    underscore: 2,
    xml: 'b',
  });
  assert.deepEqual(await look('/node'), []);
  assert.deepEqual(await look('/arangodb-modules'), []);
});

test('a service has its globals and its context', async () => {
  const { types, ...globals } = await look<{ readonly types: Readonly<Record<string, string>> }>('/globals');
  assert.deepEqual(globals, { own: [5, 5], aqlQuery: 'RETURN @value0', cwd: 'string', argv: true });
  assert.deepEqual(
    [types['applicationContext'], types['describe'], types['print'], types['process']],
    ['undefined', 'undefined', 'function', 'object'],
  );
  assert.deepEqual(await look('/context'), {
    argv: [],
    baseUrl: '/_db/_system/modules',
    collectionPrefix: 'modules_',
    configuration: {},
    dependencies: {},
    isDevelopment: false,
    isProduction: true,
    mount: '/modules',
    name: 'modules',
    basePath: true,
    names: ['modules_a', 'modules_a_b_c', 72],
    none: null,
    file: '{ "a": 1 }',
    buffer: true,
    fileName: true,
    locals: true,
    json: '/modules',
  });
});

test('hashes, tokens and one-time passwords are those of their standards', async () => {
  const { hashes, algorithms, ...found } = await look<{ readonly hashes: readonly string[]; readonly algorithms: readonly unknown[] }>(
    '/crypto',
  );
  assert.deepEqual(
    hashes.map((hash) => hash.slice(0, 8)),
    ['90015098', 'a9993e36', '23097d22', 'ba7816bf', 'cb00753f', 'ddaf35a1'],
  );
  assert.equal(algorithms[0], 'HS256');
  assert.deepEqual(found, {
    hmac: 'f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8',
    hmacSha1: 'de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9',
    pbkdf2: '4b007901b765489abead49d926f721d065a429c1',
    random: [5, 6, 7, 8, true],
    uuid: true,
    nonce: [true, false],
    equal: [true, false],
    jwt: [{ a: 1 }, true, { a: 1 }],
    known: 'John Doe',
    hotp: ['755224', '287082', '359152', '520489'],
    hotpVerify: [{ delta: 0 }, null],
    totp: true,
  });
});

test('the database, its graphs and its users', async () => {
  assert.deepEqual(await look('/db'), {
    saved: [true, 'string'],
    property: true,
    document: 1,
    missing: true,
    isArangoError: true,
    exists: [true, false],
    count: 3,
    updated: [true, 1],
    cursor: [true, [2, 3]],
    tagged: [1, 2],
    literal: [3, 2, 1],
    joined: 3,
    example: 1,
    first: 'c',
    all: 2,
    keys: 2,
    rolledBack: ['no', true],
    removed: 1,
    index: 'persistent',
    explained: true,
    truncated: 0,
    time: true,
    version: true,
  });
  assert.deepEqual(await look('/graph'), {
    list: true,
    neighbors: ['ada', 'eve'],
    path: ['ada', 'bob', 'eve'],
    distance: 2,
    edges: 2,
    removed: 0,
    refused: true,
  });
  assert.deepEqual(await look('/users'), {
    document: { a: 1 },
    valid: [true, false],
    permission: 'ro',
    listed: true,
    databases: true,
    gone: 1703,
  });
});

test('requests to itself, also to handlers that answer later, and to others', async (t) => {
  const outside = createServer((request, response) => {
    const { url = '', method, headers } = request;
    if (url === '/slow') return;
    if (url === '/loop') return void response.writeHead(302, { location: '/loop' }).end();
    if (url === '/redirect') return void response.writeHead(302, { location: '/echo' }).end();
    if (url === '/error') return void response.writeHead(500).end('an error');
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
    request.on('end', () => {
      const { authorization, 'content-type': type } = headers;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ method, url, authorization, type, body }));
    });
  });
  await new Promise<void>((listening) => outside.listen(0, '127.0.0.1', listening));
  t.after(() => {
    outside.closeAllConnections();
    outside.close();
  });
  const address = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`;
  const { echo, error, outside: others, ...found } = await look<{ readonly error: string }>(`/request?outside=${address}`);
  assert.deepEqual(echo, [
    200,
    200,
    {
      method: 'POST',
      query: { y: 'a b' },
      own: 'yes',
      authorization: `Basic ${Buffer.from('me:pw').toString('base64')}`,
      body: '{"sent":true}',
    },
  ]);
  assert.match(error, /Not Found/);
  assert.deepEqual(found, {
    form: 'a%5B0%5D=1&a%5B1%5D=2&b=c',
    bearer: 'Bearer token',
    buffer: true,
    text: 'string',
    head: [200, 0],
    absolute: 200,
    path: 'GET',
    later: ['later', 'posted later', 'hidden'],
    unreachable: 500,
    unsupported: 'Multipart form encoding is currently not supported.',
  });
  assert.deepEqual(others, [
    { method: 'GET', url: '/echo', body: '' },
    302,
    302,
    500,
    true,
    { method: 'PUT', url: '/echo', type: 'text/plain; charset=utf-8', body: 'text' },
    'application/octet-stream',
    `Basic ${Buffer.from('u:p').toString('base64')}`,
  ]);
});

test('many at once ask themselves what is answered later, and none waits for ever', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => fixtures.get('/modules/asks')));
  assert.deepEqual(
    answers.map(({ status }) => status),
    answers.map(() => 200),
  );
});

test('files and the log', async () => {
  assert.deepEqual(await look('/fs'), {
    exists: [true, false],
    kinds: [true, true],
    read: ['text more', Buffer.from('text more').toString('base64'), 9, 'text more'],
    size: 9,
    list: ['a', 'moved.txt'],
    tree: ['a', 'a/b', 'a/file.txt', 'moved.txt'],
    absolute: true,
    gone: false,
  });
  const { thrown } = await look<{ readonly thrown: Thrown }>('/console');
  assert.match(thrown.message, /asserted/);
  for (const line of [
    /INFO .*a line for the log with 5/,
    /WARNING .*a warning/,
    /ERROR .*an error/,
    /INFO .*\bone$/m,
    /INFO .*\btwo$/m,
    /WARNING .*\{queries\} under a topic/,
  ])
    await eventually(`${line} in the log`, async () => line.test(fixtures.server.output()));
});
