/** Routers, requests, answers and errors from outside: the service `routing` does each thing at a route of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceFolder, useFixtures } from '../../support/fixtures.ts';

const fixtures = useFixtures(['routing'], {
  workers: 1,
  arguments: [`--foxx.install=/deep/er=${serviceFolder('routing')}`, '--http.trusted-origin=https://trusted.example'],
});
const { ask, get } = fixtures;
const json = async (path: string, headers?: Readonly<Record<string, string>>): Promise<unknown> =>
  (await get(`/routing${path}`, headers)).body;

test('of several routes for a path the most exact answers, and of two alike the first', async () => {
  const expected: readonly (readonly [path: string, answer: unknown])[] = [
    ['/order/fixed', ['fixed']],
    ['/order/word', ['parameter', 'word']],
    ['/order/a%20b', ['parameter', 'a b']],
    ['/order/a/b', ['wildcard', 'a/b']],
    ['/order/a/b%20c', ['wildcard', 'a/b%20c']],
    ['/order', ['wildcard', '']],
    ['/order/number/5', ['number', 5]],
    // A parameter's name does not tell routes apart, so the second one with that path is asked once the first has refused.
    ['/order/number/five', ['word']],
    ['/same', 'first'],
    ['//same/', 'first'],
  ];
  for (const [path, answer] of expected) assert.deepEqual(await json(path), answer, path);
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
    assert.equal((await ask(method, '/routing/any')).text, JSON.stringify(method));
  assert.equal((await ask('HEAD', '/routing/any')).status, 200);
});

test('an unknown path is 404, a wrong verb 405 with those that there are', async () => {
  const unknown = await get('/routing/nowhere');
  assert.deepEqual([unknown.status, (unknown.body as { errorMessage: string }).errorMessage], [404, "unknown path '/routing/nowhere'"]);
  const wrong = await ask('DELETE', '/routing/same');
  assert.deepEqual([wrong.status, wrong.headers.get('allow')], [405, 'POST']);
  assert.equal((await get('/routing/only-numbers/word')).status, 404);
  assert.equal((await get('/routing/only-numbers/12')).text, '12');
});

test('middleware runs from outside to inside and back, wherever it was defined', async () => {
  const own = await get('/routing/traced');
  assert.deepEqual([own.body, own.headers.get('x-trace')], [['outer', 'late', 'own'], '<own<outer']);
  assert.deepEqual(await json('/traced/inner/end'), ['outer', 'late', 'inner', 'child']);
  assert.deepEqual(await json('/again/inner/end'), ['outer', 'late', 'inner', 'child'], 'a router may be mounted twice');
  const stopped = await get('/routing/traced/stopped');
  assert.deepEqual([stopped.status, stopped.body], [202, { stopped: ['outer', 'late'] }]);
  assert.equal((await get('/routing/traced/passed-on')).status, 500);
  assert.equal((await get('/routing/traced/twice')).text, 'once ');
  const caught = await get('/routing/traced/caught');
  assert.deepEqual([caught.status, caught.body], [418, { caught: 'below' }]);
  assert.equal((await get('/routing/registered')).status, 400);
  assert.equal((await get('/routing/registered', { 'x-wanted': 'this' })).text, '"this"');
});

test('parameters are checked and converted, and a refusal names what it is about', async () => {
  assert.deepEqual(await json('/checked/5'), { path: { id: 5 }, query: { n: 7 } });
  assert.deepEqual(await json('/checked/5?n=3&list=a&list=b&other=x', { 'x-count': '4' }), {
    path: { id: 5 },
    query: { n: 3, list: ['a', 'b'], other: 'x' },
    header: 4,
  });
  const refused: readonly (readonly [path: string, headers: Record<string, string>, message: RegExp])[] = [
    ['/checked/5?n=x', {}, /query parameter "n" must be a number/],
    ['/checked/5', { 'x-count': '11' }, /request header "x-count" must be less than or equal to 10/],
  ];
  for (const [path, headers, message] of refused) {
    const { status, body } = await get(`/routing${path}`, headers);
    assert.equal(status, 400);
    assert.match((body as { errorMessage: string }).errorMessage, message);
  }
});

test('bodies are read by their type, checked, and made into what the service works with', async () => {
  const post = async (path: string, body: unknown, type?: string): Promise<readonly [number, unknown]> => {
    const { status, body: answer } = await ask('POST', `/routing${path}`, body, type === undefined ? {} : { 'content-type': type });
    return [status, answer];
  };
  assert.deepEqual(await post('/bodies/json', { a: '5', b: 1 }), [200, { got: { a: 5, b: 1 } }]);
  const [status, refused] = await post('/bodies/json', { b: 1 });
  assert.deepEqual([status, (refused as { errorMessage: string }).errorMessage], [400, 'child "a" fails because ["a" is required]']);
  assert.equal((await post('/bodies/json', '{', 'application/json'))[0], 400);
  assert.deepEqual(await post('/bodies/text', 'grüße', 'text/plain; charset=utf-8'), [200, { got: 'grüße' }]);
  assert.deepEqual(await post('/bodies/text', Buffer.from([0xe4]), 'text/plain; charset=latin1'), [200, { got: 'ä' }]);
  assert.deepEqual(await post('/bodies/form', 'a=1&b=2&b=3', 'application/x-www-form-urlencoded'), [
    200,
    { got: { a: '1', b: ['2', '3'] } },
  ]);
  const form = new FormData();
  form.set('file', new Blob(['inside']), 'name.txt');
  const [, parts] = await post('/bodies/parts', form);
  assert.deepEqual(parts, [{ disposition: 'form-data; name="file"; filename="name.txt"', text: 'inside' }]);
  assert.deepEqual(await post('/bodies/raw', Buffer.from([1, 2, 3]), 'application/x-own'), [200, { isBuffer: true, length: 3, raw: 3 }]);
  assert.deepEqual(await post('/bodies/shouting', 'HELLO', 'application/x-shouting'), [200, { heard: 'hello' }]);
  assert.deepEqual(await post('/bodies/either', { a: 1 }), [200, { got: { a: 1 }, is: 'json' }]);
  assert.deepEqual(await post('/bodies/either', 'text', 'text/plain'), [200, { got: 'text', is: 'text' }]);
  assert.deepEqual(await post('/model/one', { x: 1, y: 2 }), [201, { x: 1, y: 2, sum: 3 }]);
  assert.deepEqual(await post('/model/many', [{ x: 1 }, { x: 2, y: 2 }]), [
    200,
    [
      { x: 1, y: 0, sum: 1 },
      { x: 2, y: 2, sum: 4 },
    ],
  ]);
  assert.equal((await post('/model/many', { x: 1 }))[0], 400);
});

test('answers have the type of what they are made of', async () => {
  const expected: readonly (readonly [path: string, status: number, type: string | null, body: string])[] = [
    ['/answers/nothing', 204, null, ''],
    ['/answers/text', 200, 'text/html; charset=utf-8', '<b>text</b>'],
    ['/answers/buffer', 200, 'application/octet-stream', 'bytes'],
    ['/answers/object', 200, 'application/json; charset=utf-8', '{"an":"object"}'],
    ['/answers/declared', 200, 'text/plain; charset=utf-8', 'plain'],
    ['/answers/shouting', 200, 'application/x-shouting', 'HEY!'],
    ['/answers/status/404', 404, null, 'Not Found'],
    ['/answers/status/gone', 410, null, 'Gone'],
    ['/answers/type', 200, 'image/png', 'x'],
  ];
  for (const [path, status, type, body] of expected) {
    const answer = await get(`/routing${path}`);
    assert.deepEqual([answer.status, answer.text], [status, body], path);
    if (type !== null) assert.equal(answer.headers.get('content-type'), type, path);
  }
  assert.equal((await get('/routing/answers/written')).text, 'a{"b":1}c');
  const { headers } = await get('/routing/answers/headers');
  assert.deepEqual(
    ['x-one', 'x-two', 'x-three', 'vary'].map((name) => headers.get(name)),
    ['1', null, '3', 'Origin, Accept'],
  );
});

test('redirects, attachments and files', async () => {
  for (const [query, status] of [
    ['?kind=permanent', 301],
    ['?kind=307', 307],
  ] as const) {
    const { status: found, headers } = await get(`/routing/answers/redirect${query}`);
    assert.deepEqual([found, headers.get('location')], [status, '/elsewhere']);
  }
  assert.equal((await get('/routing/answers/redirect-plain')).status, 302);
  const attached = await get('/routing/answers/attachment');
  assert.match(attached.headers.get('content-disposition') ?? '', /^attachment; filename="a name\\".txt"/);
  assert.match(attached.headers.get('content-type') ?? '', /^text\/plain/);
  const download = await get('/routing/answers/download');
  assert.deepEqual([download.text, download.headers.get('content-disposition')], ['0123456789', 'attachment; filename="other.bin"']);
  const file = await get('/routing/answers/file');
  assert.match(file.headers.get('content-type') ?? '', /^text\/html/);
  assert.ok(file.headers.get('last-modified'));
  assert.equal((await get('/routing/answers/file-without-date')).headers.get('last-modified'), null);
});

test('cookies are signed, and a forged one is none', async () => {
  const { headers } = await get('/routing/answers/cookies');
  const lines = headers.getSetCookie();
  const value = (name: string): string => lines.find((line) => line.startsWith(`${name}=`))?.split(/[=;]/)[1] ?? '';
  assert.deepEqual(lines.map((line) => line.slice(0, line.indexOf('='))).toSorted(), [
    'plain',
    'short',
    'short.sig',
    'signed',
    'signed.sig',
  ]);
  assert.match(lines.find((line) => line.startsWith('signed=')) ?? '', /; *path=\/.*httponly/i);
  const read = (signed: string): Promise<unknown> =>
    json('/cookies', { cookie: `plain=${value('plain')}; signed=${signed}; signed.sig=${value('signed.sig')}` });
  assert.deepEqual(await read(value('signed')), { plain: 'a b', signed: 'value', wrong: null });
  assert.deepEqual(await read('forged'), { plain: 'a b', signed: null, wrong: null });
});

test('a request tells where it comes from and what it wants', async () => {
  const seen = (await json('/request/rest/of%20it?q=1', { 'accept-language': 'en', range: 'bytes=2-5', accept: 'text/html' })) as Record<
    string,
    unknown
  >;
  assert.deepEqual(
    { ...seen, port: 0, absolute: '', remoteAddresses: [], hostname: '' },
    {
      arangoUser: null,
      arangoVersion: 31205,
      auth: null,
      authorized: true,
      baseUrl: '/_db/_system',
      database: '_system',
      hostname: '',
      method: 'GET',
      originalUrl: '/_db/_system/routing/request/rest/of%20it?q=1',
      path: '/request/rest/of%20it',
      port: 0,
      protocol: 'http',
      queryParams: { q: '1' },
      remoteAddress: '127.0.0.1',
      remoteAddresses: [],
      secure: false,
      suffix: 'rest/of%20it',
      trustProxy: true,
      url: '/request/rest/of%20it?q=1',
      xhr: false,
      accepts: 'html',
      languages: 'en',
      range: [{ start: 2, end: 5 }],
      param: '1',
      absolute: '',
      context: '/routing',
    },
  );
  assert.match(String(seen['absolute']), /^http:\/\/127\.0\.0\.1:\d+\/_db\/_system\/routing\/x\?a=1$/);
  const proxied = (await json('/request/x', {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'outside.example',
    'x-forwarded-for': '9.9.9.9, 8.8.8.8',
    'x-requested-with': 'XMLHttpRequest',
    authorization: `Basic ${Buffer.from('me:pw').toString('base64')}`,
  })) as Record<string, unknown>;
  assert.deepEqual(
    ['protocol', 'secure', 'hostname', 'remoteAddress', 'xhr', 'auth'].map((name) => proxied[name]),
    ['https', true, 'outside.example', '9.9.9.9', true, { basic: { username: 'me', password: 'pw' } }],
  );
  assert.deepEqual(await json('/json'), { nothing: true });
});

test('routes are found by their names', async () => {
  const { absolute, ...named } = (await json('/named/1/2')) as Record<string, string>;
  assert.deepEqual(named, {
    here: '/named/1/x%2Fy?c=3',
    other: '/traced',
    deep: '/traced/inner/end?q=%C3%A4',
    missing: 'Error: Missing value for parameter "b"',
    unknown: 'Error: Route could not be resolved: "nobody"',
    context: '/named/a/b',
  });
  assert.match(absolute ?? '', /\/_db\/_system\/routing\/traced$/);
});

test('an error tells what it was thrown to tell, and in production nothing else', async () => {
  const expected: readonly (readonly [name: string, body: object])[] = [
    ['error', { code: 500, errorNum: 500, errorMessage: 'Internal Server Error' }],
    ['http', { code: 409, errorNum: 409, errorMessage: 'taken', hint: 'another' }],
    ['named', { code: 409, errorNum: 409, errorMessage: 'both at once' }],
    ['cause', { code: 400, errorNum: 400, errorMessage: 'wrapped' }],
    ['http-errors', { code: 410, errorNum: 410, errorMessage: 'it was here' }],
    ['arango', { code: 404, errorNum: 404, errorMessage: 'Internal Server Error' }],
    ['arangoConverted', { code: 404, errorNum: 1203, errorMessage: 'nothing there' }],
  ];
  for (const [name, body] of expected) {
    const answer = await get(`/routing/thrown/${name}`);
    assert.deepEqual(answer.body, { error: true, ...body }, name);
  }
  await ask('POST', '/_api/foxx/development?mount=/deep/er');
  try {
    for (const [name, body] of expected) {
      const answer = (await get(`/deep/er/thrown/${name}`)).body as Record<string, unknown>;
      const { exception, stacktrace, ...rest } = answer;
      assert.deepEqual(rest, { error: true, ...body }, name);
      assert.ok(typeof exception === 'string' && Array.isArray(stacktrace), name);
    }
    const page = await get('/deep/er/thrown/error', { accept: 'text/html' });
    assert.match(page.text, /a secret/);
  } finally {
    await ask('DELETE', '/_api/foxx/development?mount=/deep/er');
  }
});

test('files of the manifest, whole and in parts', async () => {
  const first = await get('/routing');
  assert.deepEqual([first.status, first.headers.get('location')], [307, '/_db/_system/routing/page.html']);
  assert.match((await get('/routing/page.html')).text, /<title>Page/);
  assert.deepEqual(
    [(await get('/routing/typed')).headers.get('content-type'), (await get('/routing/assets/data.bin')).text],
    ['application/x-typed', '0123456789'],
  );
  const missing = await get('/routing/assets/none.txt');
  assert.deepEqual([missing.status, missing.headers.get('content-type')?.split(';')[0]], [404, 'text/plain']);
  assert.match(missing.text, /^cannot find file ".*none.txt"$/);
  for (const path of ['/routing/assets/../index.js', '/routing/assets/..%2findex.js', '/routing/assets/%2e%2e/index.js'])
    assert.ok(!(await get(path)).text.includes('use strict'), path);
  const packed = await fixtures.server.fetch('/routing/assets/long.css', { headers: { 'accept-encoding': 'gzip' } });
  assert.equal(packed.headers.get('content-encoding'), 'gzip');
  assert.equal((await packed.text()).length, 4600);
  const whole = await get('/routing/assets/data.bin');
  const etag = whole.headers.get('etag') ?? '';
  const modified = whole.headers.get('last-modified') ?? '';
  assert.ok(etag !== '' && modified !== '');
  assert.equal((await get('/routing/assets/data.bin', { 'if-none-match': etag })).status, 304);
  assert.equal((await get('/routing/assets/data.bin', { 'if-modified-since': modified })).status, 304);
  const part = await get('/routing/assets/data.bin', { range: 'bytes=2-4' });
  assert.deepEqual([part.status, part.text, part.headers.get('content-range')], [206, '234', 'bytes 2-4/10']);
  assert.equal((await get('/routing/assets/data.bin', { range: 'bytes=50-' })).status, 416);
});

test('browsers of other origins learn what they may', async () => {
  const preflight = await ask('OPTIONS', '/routing/same', undefined, {
    origin: 'https://else.example',
    'access-control-request-headers': 'x-a',
  });
  assert.deepEqual(
    [preflight.status, preflight.headers.get('access-control-allow-origin'), preflight.headers.get('access-control-allow-credentials')],
    [200, 'https://else.example', 'false'],
  );
  assert.equal(preflight.headers.get('access-control-allow-headers'), 'x-a');
  const trusted = await get('/routing/answers/headers', { origin: 'https://trusted.example' });
  assert.equal(trusted.headers.get('access-control-allow-credentials'), 'true');
  const exposed = trusted.headers.get('access-control-expose-headers') ?? '';
  for (const name of ['x-one', 'x-three', 'content-length', 'server']) assert.ok(exposed.includes(name), `${name} in ${exposed}`);
});

test('the API is documented, and shown by Swagger UI without the network', async () => {
  const docs = (await get('/_api/foxx/swagger?mount=/routing')).body as {
    readonly swagger: string;
    readonly basePath: string;
    readonly info: Readonly<Record<string, unknown>>;
    readonly paths: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  };
  assert.deepEqual([docs.swagger, docs.basePath], ['2.0', '/_db/_system/routing']);
  assert.deepEqual(docs.info, {
    title: 'routing',
    version: '1.2.3',
    description: 'Routes of every kind.',
    license: { name: 'Apache-2.0' },
  });
  const thing = docs.paths['/documented/{id}']?.['get'];
  assert.deepEqual(
    [thing?.['summary'], thing?.['description'], thing?.['tags'], thing?.['deprecated']],
    ['A thing', 'All there is to a thing.', ['things', 'all'], true],
  );
  const parameters = thing?.['parameters'] as readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  assert.deepEqual(parameters.map(({ name, in: place }) => `${place} ${name}`).toSorted(), ['header x-trace', 'path id', 'query deep']);
  assert.deepEqual(Object.keys(thing?.['responses'] as object), ['200', '404', '500']);
  for (const [path, base] of [
    ['/routing/docs', 'docs/'],
    ['/routing/docs/', './'],
    ['/routing/docs/index.html', './'],
  ] as const) {
    const { text } = await get(path);
    assert.ok(text.includes(`<base href="${base}">`), path);
    const needed = [...text.matchAll(/(?:src|href)="([^"]+\.(?:js|css|png))"/g)].map(([, name = '']) => name);
    assert.deepEqual(needed, ['favicon-32x32.png', 'swagger-ui.css', 'swagger-ui-bundle.js', 'swagger-initializer.js']);
    for (const name of needed) assert.equal((await get(`/routing/docs/${name}`)).status, 200, name);
  }
  const own = (await get('/routing/docs/swagger.json')).body as { readonly basePath: string };
  assert.equal(own.basePath, '/_db/_system/routing');
  assert.equal((await get('/_api/foxx/readme?mount=/routing')).text, '# Routing\n\nRoutes of every kind.\n');
});
