import assert from 'node:assert/strict';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { ArangoError } from '#base';
import { loadService, unavailable, type Unavailability } from '#modules';
import {
  captureLog,
  httpRequest,
  loadFiles,
  loadRoutes,
  sourceOf,
  TestService,
  writeFiles,
  type Answered,
} from '../../../tests/support/load-service.ts';

const HTML = { accept: 'text/html,application/xhtml+xml;q=0.9' };

function answer(t: TestContext, code: string, isDevelopment: boolean, headers: Record<string, string> = {}): Answered {
  return loadRoutes(t, `router.get((req, res) => { ${code} });`, { isDevelopment }).get('/', { headers });
}

test('in production nothing of an unexpected error is told', (t) => {
  const entries = captureLog(t);
  const table: [code: string, status: number][] = [
    ['throw new Error("secret")', 500],
    ['throw "a text"', 500],
    ['throw null', 500],
    ['throw Object.assign(new Error("secret"), { errorNum: 1202 })', 404],
    ['throw Object.assign(new Error("secret"), { errorNum: 1210 })', 400],
    ['throw Object.assign(new Error("secret"), { errorNum: 1207 })', 409],
    ['throw Object.assign(new Error("secret"), { errorNum: 11 })', 403],
    ['throw Object.assign(new Error("secret"), { errorNum: 4 })', 500],
    ['throw Object.assign(new Error("secret"), { errorNum: 503 })', 503],
    ['throw Object.assign(new Error("secret"), { errorNum: 1457 })', 503],
  ];
  for (const [code, status] of table) {
    const { json, ...sent } = answer(t, code, false, HTML);
    assert.equal(sent.status, status, code);
    assert.equal(sent.headers['content-type'], 'application/json');
    assert.deepEqual(json, { error: true, errorNum: status, errorMessage: 'Internal Server Error', code: status });
  }
  assert.equal(entries.length, table.length);
  assert.match(
    entries[0]?.message ?? '',
    /Service "\/test" encountered error 500 while handling GET .*\n\s+Error: secret\n\s+at .*index\.js:2/,
  );
  assert.equal(entries[0]?.level, 'error');
});

test('in development an answer has the exception, its stack, and for a browser the lines of source', (t) => {
  captureLog(t);
  const { json } = answer(t, 'throw new TypeError("told")', true);
  const { exception, stacktrace, ...rest } = json as { exception: string; stacktrace: string[] };
  assert.deepEqual(rest, { error: true, errorNum: 500, errorMessage: 'Internal Server Error', code: 500 });
  assert.equal(exception, 'TypeError: told');
  assert.match(stacktrace[1] ?? '', /index\.js:2/);
  assert.equal((answer(t, 'throw "a text"', true).json as { stacktrace: string }).stacktrace, 'no stacktrace available');

  const html = answer(t, 'throw new Error("<script>", { cause: new RangeError("deep & down") })', true, HTML);
  assert.equal(html.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(html.status, 500);
  assert.match(html.body, /&#60;script&#62;/);
  assert.match(html.body, /via RangeError: deep &#38; down/);
  assert.match(html.body, /router/);
  assert.doesNotMatch(html.body, /<script>/);
  assert.ok(!html.body.includes('\u001B'));
});

test('an error with a status is told, and logged by its weight', (t) => {
  const entries = captureLog(t);
  const code = (status: number): string => `throw Object.assign(new Error("told"), { statusCode: ${status}, extra: { more: [1] } })`;
  assert.deepEqual(answer(t, code(404), false).json, { error: true, errorNum: 404, errorMessage: 'told', code: 404, more: [1] });
  assert.equal(answer(t, code(503), false).status, 503);
  assert.equal(answer(t, code(404), true).status, 404);
  assert.deepEqual([...new Set(entries.map(({ level }) => level))], ['warning', 'info']);
});

test('a service that cannot run answers 503 to everything, and tells why only in development', (t) => {
  const folder = writeFiles(t, { 'index.js': `const a = 1;\nthrow new Error('broken <here>');\n` });
  let error: unknown;
  try {
    loadService(sourceOf(folder));
  } catch (caught) {
    error = caught;
  }
  const ask = (accept: string | undefined, options: Partial<Unavailability>): { status: number; type: unknown; body: string } => {
    const request = {
      http: httpRequest('PUT', '/test/x', { headers: accept === undefined ? {} : { accept } }),
      path: '/x',
      query: '',
      user: undefined,
      isAuthorized: false,
    };
    const service = { mount: '/test', basePath: folder, isDevelopment: false, isConfigured: true, error, ...options };
    const { status, headers, body } = unavailable(request, service);
    return { status, type: headers['content-type'], body: String(body) };
  };
  for (const accept of [undefined, '*/*', 'application/json', 'application/json, text/html']) {
    const { status, type, body } = ask(accept, {});
    assert.deepEqual([status, type], [503, 'application/json; charset=utf-8']);
    assert.deepEqual(JSON.parse(body), { error: true, errorNum: 503, errorMessage: 'service unavailable', code: 503 });
  }
  const page = ask('text/html', {});
  assert.match(page.body, /Failed to mount service/);
  assert.doesNotMatch(page.body, /broken|index\.js/);

  const { exception, stacktrace, ...rest } = JSON.parse(ask('*/*', { isDevelopment: true }).body) as {
    exception: string;
    stacktrace: string[];
    errorMessage: string;
  };
  assert.equal(exception, 'Error: broken <here>');
  assert.ok(stacktrace.some((line) => line.includes('index.js:2:7')));
  assert.match(rest.errorMessage, /^failed to invoke module\n/);
  const developmentPage = ask('text/html', { isDevelopment: true }).body;
  assert.match(developmentPage, /Failed to mount service at &#34;\/test&#34;/);
  assert.match(developmentPage, new RegExp(`${join(folder, 'index.js')}:2`));
  assert.match(developmentPage, /broken &#60;here&#62;/);

  const lacking = { isConfigured: false, error: new ArangoError('ERROR_SERVICE_NEEDS_CONFIGURATION') };
  assert.match(ask('text/html', lacking).body, /Service needs to be configured/);
  assert.equal((JSON.parse(ask('*/*', { ...lacking, isDevelopment: true }).body) as { errorNum: number }).errorNum, 3010);
});

test('files at the root are looked for where there is no route', (t) => {
  const service = loadFiles(
    t,
    {
      'index.js': `
      const router = require('@arangodb/foxx/router')();
      router.get('/route', (req, res) => { res.send('route'); });
      module.context.use(router);`,
      'public/route': 'file',
      'public/page.html': 'page',
    },
    {},
    { files: { '/': 'public' as never } },
  );
  assert.equal(service.get('/route').body, 'route');
  assert.equal(service.get('/page.html').body, 'page');
  assert.equal(service.get('/none').body, 'cannot find file "public/none"');
});

test('static files: types, compression, and nothing outside of the folder', (t) => {
  const text = 'x'.repeat(2000);
  const files = {
    'index.js': `
    const router = require('@arangodb/foxx/router')();
    router.get('/app.js', (req, res) => { res.send('route'); });
    router.get('/other', (req, res) => { res.send('route'); });
    router.get('/', (req, res) => { res.send('route'); });
    module.context.use(router);`,
    'assets/app.js': 'app',
    'assets/deep/a b.txt': 'deep',
    'assets/big.css': text,
    'assets/ready.css': 'plain',
    'assets/ready.css.gz': 'ready',
    'assets/none': 'no type',
    'secret.txt': 'secret',
  };
  const service = loadFiles(
    t,
    files,
    {},
    {
      files: {
        '/app.js': 'assets/app.js' as never,
        static: { path: 'assets', gzip: true },
        'static/own': { path: 'assets/none', type: 'text/own' },
      },
      defaultDocument: 'index.html',
    },
  );
  assert.equal(service.get('/app.js').body, 'app');
  assert.equal(service.get('/app.js').headers['content-type'], 'application/javascript; charset=utf-8');
  assert.equal(service.get('/other').body, 'route');
  assert.equal(service.get('/static/deep/a%20b.txt').body, 'deep');
  assert.equal(service.get('/static/own').headers['content-type'], 'text/own');
  assert.equal(service.get('/static/none').headers['content-type'], 'text/plain');
  const gzip = { headers: { 'accept-encoding': 'gzip' } };
  assert.equal(service.get('/static/ready.css', gzip).body, 'ready');
  assert.equal(service.get('/static/ready.css').body, 'plain');
  const made = service.get('/static/big.css', gzip);
  assert.equal(made.headers['content-encoding'], 'gzip');
  assert.ok(made.body.length < 200);
  for (const path of [
    '/static/nothing',
    '/static',
    '/static/deep',
    '/static/../secret.txt',
    '/static/%2e%2e/secret.txt',
    '/static/..%2fsecret.txt',
    '/static/a%00b',
    '/static/%zz',
  ]) {
    const answered = service.get(path);
    assert.deepEqual([answered.status, answered.headers['content-type']], [404, 'text/plain; charset=utf-8'], path);
    assert.match(answered.body, /^cannot find file "assets/);
  }
  const moved = service.ask('POST', '/');
  assert.deepEqual([moved.status, moved.headers['location']], [307, '/_db/_system/test/index.html']);
});

test('a file that is not there while another version takes its place is found', (t) => {
  const folder = writeFiles(t, {
    'index.js': `
    const router = require('@arangodb/foxx/router')();
    router.get('/sent', (req, res) => { res.sendFile(module.context.fileName('assets/page.txt')); });
    router.get('/read', (req, res) => { res.send(module.context.file('assets/page.txt', 'utf8')); });
    module.context.use(router);`,
    'assets/page.txt': 'page',
  });
  const [live, trash] = [join(folder, 'assets'), join(folder, 'trash')];
  let looks = 0;
  const whileInPlace = <Result>(look: () => Result): Result => {
    looks++;
    if (existsSync(trash)) renameSync(trash, live);
    return look();
  };
  const source = sourceOf(folder, { whileInPlace }, { files: { '/static': 'assets' as never } });
  const service = new TestService(loadService(source));
  for (const path of ['/static/page.txt', '/sent', '/read']) {
    renameSync(live, trash);
    assert.equal(service.get(path).body, 'page', path);
    assert.equal(service.get(path).body, 'page', path);
  }
  assert.equal(looks, 3, 'nobody waits for what is there');
  assert.equal(service.get('/static/none.txt').status, 404);
});
