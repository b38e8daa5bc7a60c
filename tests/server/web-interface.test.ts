/** The web interface as a browser meets it: where it is, who may reach it, and what pages of others may not do. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before as beforeAll, test } from 'node:test';
import { request } from 'node:http';
import { saying, zip } from '../support/bundles.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ workers: 1 });
});
after(() => server.dispose());

const asIs: RequestInit = { redirect: 'manual' };

test('/ leads to it, unless a service is there', async () => {
  const answer = await server.fetch('/', asIs);
  assert.equal(answer.status, 301);
  assert.equal(answer.headers.get('location'), '/_db/_system/_admin/aardvark/index.html');
  assert.match(answer.headers.get('cache-control') ?? '', /no-store/);
  assert.equal((await server.fetch('/', { ...asIs, method: 'HEAD' })).status, 301);
  assert.equal((await server.fetch('/', { ...asIs, method: 'POST' })).status, 404);

  await server.fetch('/_api/database', { json: { name: 'other' } });
  assert.equal((await server.fetch('/_db/other/', asIs)).headers.get('location'), '/_db/other/_admin/aardvark/index.html');
  assert.equal((await server.fetch('/_db/none/', asIs)).status, 404);
});

test('its files are there: the page is asked for each time, and what is called after its content never again', async () => {
  const page = await server.fetch('/_admin/aardvark/index.html');
  assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.equal(page.headers.get('cache-control'), 'no-cache');
  const html = await page.text();
  assert.equal(await (await server.fetch('/_db/other/_admin/aardvark/')).text(), html);
  const known = { headers: { 'if-none-match': page.headers.get('etag') ?? '' } };
  assert.equal((await server.fetch('/_admin/aardvark/index.html', known)).status, 304);

  const [, script = ''] = /src="\.\/(assets\/[^"]+\.js)"/.exec(html) ?? [];
  const { headers } = await server.fetch(`/_admin/aardvark/${script}`, { method: 'HEAD', headers: { 'accept-encoding': 'gzip' } });
  assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable');
  assert.equal(headers.get('content-encoding'), 'gzip');
  assert.equal(headers.get('expires'), null);
  assert.ok(Number(headers.get('content-length')) > 1000);
});

test('with authentication its files are public, and nothing else is', async (context) => {
  const guarded = await startServer({ workers: 1, arguments: ['--server.authentication=true'] });
  context.after(() => guarded.dispose());
  assert.equal((await guarded.fetch('/', asIs)).status, 301);
  for (const path of ['/_admin/aardvark/index.html', '/_db/_system/_admin/aardvark/index.html']) {
    const { status, headers } = await guarded.fetch(path);
    assert.ok(status === 200 || status === 404, `${path}: ${status}`);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
  }
  assert.equal((await guarded.fetch('/_admin/aardvarks')).status, 401);
  assert.equal((await guarded.fetch('/_admin/aardvark/x', { method: 'POST' })).status, 401);
});

test('it can be switched off, and led elsewhere', async (context) => {
  const off = await startServer({ workers: 1, arguments: ['--web-interface.enable=false'] });
  context.after(() => off.dispose());
  assert.equal((await off.fetch('/', asIs)).status, 404);
  assert.equal((await off.fetch('/_admin/aardvark/index.html')).status, 404);
  const elsewhere = await startServer({
    workers: 1,
    arguments: ['--http.redirect-root-to=https://example.org/', '--http.permanently-redirect-root=false'],
  });
  context.after(() => elsewhere.dispose());
  const answer = await elsewhere.fetch('/', asIs);
  assert.deepEqual([answer.status, answer.headers.get('location')], [302, 'https://example.org/']);
});

test('a page of another origin reaches services, and not the server', async () => {
  await server.fetch('/_api/foxx?mount=/public', {
    method: 'POST',
    body: zip(saying('hello')),
    headers: { 'content-type': 'application/zip' },
  });
  const evil = { origin: 'https://evil.example' };
  assert.equal((await server.fetch('/public/', { headers: evil })).status, 200);
  const refused = await server.fetch('/_api/collection', { method: 'POST', body: '{"name":"stolen"}', headers: evil });
  assert.equal(refused.status, 403);
  assert.match(((await refused.json()) as { errorMessage: string }).errorMessage, /evil\.example.*--http\.trusted-origin/);
  assert.equal((await server.fetch('/_api/collection/stolen')).status, 404);
  assert.equal((await server.fetch('/_api/version', { headers: evil })).status, 403);
  assert.equal((await server.fetch('/_api/version', { headers: { origin: server.url } })).status, 200);
});

test('without authentication a name that was made to lead here is refused', async () => {
  const { hostname, port } = new URL(server.url);
  const ask = (path: string, host: string, agent = 'Mozilla/5.0 (X11)'): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request({ hostname, port, path, headers: { host, 'user-agent': agent } }, (answer) => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end();
    });
  assert.equal(await ask('/_api/version', 'rebound.example'), 403);
  assert.equal(await ask('/_api/version', 'rebound.example', 'curl/8'), 200);
  assert.equal(await ask('/_api/version', `localhost:${port}`), 200);
  assert.equal(await ask('/public/', 'rebound.example'), 200);
});

test('the page holds no script or style of its own', () => {
  const page = readFileSync('dist/web/index.html', 'utf8');
  assert.doesNotMatch(page, /<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
});
