import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { HttpAnswer, HttpRequest } from '#base';
import { refusalOfPage } from './foreign-pages.ts';
import { WebInterface } from './web-interface.ts';

const outside = mkdtempSync(join(tmpdir(), 'foxden-test-'));
after(() => rmSync(outside, { recursive: true, force: true }));
const folder = join(outside, 'web');
mkdirSync(join(folder, 'assets'), { recursive: true });
writeFileSync(join(outside, 'secret.txt'), 'secret');
writeFileSync(join(folder, '.hidden'), 'secret');
writeFileSync(join(folder, 'index.html'), '<!doctype html>');
writeFileSync(join(folder, 'assets', 'main-Ab3_dE-9.js'), 'x'.repeat(5000));
writeFileSync(join(folder, 'assets', 'fox.svg'), '<svg/>');

function request(url: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): HttpRequest {
  const address = { remoteAddress: '127.0.0.1', remotePort: 1, localAddress: '127.0.0.1', localPort: 2 };
  return { method, url, headers, body: new Uint8Array(), ...address, isSecure: false };
}

const web = new WebInterface(folder);
function ask(name: string, headers?: Readonly<Record<string, string>>): HttpAnswer {
  const answer = web.answer(request(`/_admin/aardvark${name}`, headers), `/_admin/aardvark${name}`);
  assert.ok(answer);
  return answer;
}

test('the start page is asked for each time, and files that are called after their content never again', () => {
  const page = ask('/');
  assert.deepEqual([page.status, String(page.body), page.headers['cache-control']], [200, '<!doctype html>', 'no-cache']);
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  const script = ask('/assets/main-Ab3_dE-9.js');
  assert.equal(script.headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
  assert.equal(ask('/assets/fox.svg').headers['cache-control'], 'no-cache');
});

test('whoever has a file is not sent it again, and whoever can unpack gets it packed', () => {
  const { etag } = ask('/index.html').headers;
  for (const known of [etag, `W/${String(etag)}`, `"other", ${String(etag)}`, '*'])
    assert.deepEqual([ask('/index.html', { 'if-none-match': String(known) }).status], [304]);
  assert.equal(ask('/index.html', { 'if-none-match': '"other"' }).status, 200);

  const plain = ask('/assets/main-Ab3_dE-9.js', { 'accept-encoding': 'gzip;q=0' });
  const packed = ask('/assets/main-Ab3_dE-9.js', { 'accept-encoding': 'gzip, br' });
  assert.equal(plain.body.length, 5000);
  assert.equal(gunzipSync(packed.body).length, 5000);
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.equal(packed.headers['vary'], 'accept-encoding');
  assert.notEqual(packed.headers['etag'], plain.headers['etag']);
});

test('no path leads out of the folder', () => {
  const attempts = [
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/index.html%00.js',
    '/%00',
    '/%c0%ae%c0%ae/secret.txt',
    '/%',
    `/${encodeURIComponent(join(outside, 'secret.txt'))}`,
    `//${join(outside, 'secret.txt')}`,
    '/.hidden',
    '/assets',
    '/assets/',
    '/assets/none.js',
    '/constructor',
  ];
  for (const attempt of attempts) {
    const { status, body } = ask(attempt);
    assert.equal(status, 404, attempt);
    assert.ok(!String(body).includes('"secret"'), attempt);
  }
});

test('an address that somebody opens leads to the start page, of the same database', () => {
  const opens = { accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate' };
  for (const below of ['', '/services', '/services/one', '/data/'])
    assert.equal(ask(below, opens).headers['location'], '/_admin/aardvark/index.html', below);
  assert.equal(ask('/services', { accept: '*/*' }).status, 404);
  assert.equal(ask('/services', { accept: 'text/html', 'sec-fetch-mode': 'cors' }).status, 404);
  const other = web.answer(request('/_db/a%20b/_admin/aardvark/x?y', opens), '/_admin/aardvark/x');
  assert.equal(other?.headers['location'], '/_db/a%20b/_admin/aardvark/index.html');
});

test('other paths and methods are not its business', () => {
  for (const path of ['/_admin/aardvarks', '/_admin', '/_api/version']) assert.equal(web.answer(request(path), path), undefined);
  assert.equal(web.answer(request('/_admin/aardvark/', {}, 'POST'), '/_admin/aardvark/'), undefined);
});

test('every answer says what a page may do', () => {
  for (const answer of [ask('/'), ask('/none.js'), ask('/', { 'if-none-match': '*' })]) {
    const policy = String(answer.headers['content-security-policy']);
    assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*|http/);
    assert.equal(answer.headers['referrer-policy'], 'no-referrer');
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  }
});

test('a new build is seen with the next load of the page', () => {
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>new</title>');
  writeFileSync(join(folder, 'assets', 'main-00000000.js'), 'new');
  utimesSync(join(folder, 'index.html'), 1, 1);
  assert.equal(String(ask('/assets/main-00000000.js').body), 'new');
  assert.match(String(ask('/').body), /new/);
  rmSync(folder, { recursive: true });
  assert.match(String(ask('/').body), /without its web interface/);
});

test('pages of others may look only where somebody has to say who they are, and change nothing', () => {
  const here = 'localhost:8529';
  const rules = { trustsOrigin: (origin: string) => origin === 'https://friend' };
  const cases: readonly (readonly [
    name: string,
    headers: Record<string, string>,
    isRefused: { open: boolean; read: boolean; write: boolean },
  ])[] = [
    ['no browser', { host: here }, { open: false, read: false, write: false }],
    [
      'the page itself',
      { host: here, origin: `http://${here}`, 'sec-fetch-site': 'same-origin' },
      { open: false, read: false, write: false },
    ],
    ['the page itself in an old browser', { host: here, origin: `http://${here}` }, { open: false, read: false, write: false }],
    [
      'the page behind a proxy',
      { host: here, origin: 'https://x', 'sec-fetch-site': 'same-origin' },
      { open: false, read: false, write: false },
    ],
    ['another page', { host: here, origin: 'https://evil' }, { open: true, read: false, write: true }],
    [
      'another page, with a password',
      { host: here, origin: 'https://evil', authorization: 'Basic eDp5' },
      { open: true, read: false, write: true },
    ],
    [
      'another page, with a token that it was given',
      { host: here, origin: 'https://evil', authorization: 'Bearer e30.e30.x' },
      { open: true, read: false, write: false },
    ],
    [
      'another port',
      { host: here, origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' },
      { open: true, read: false, write: true },
    ],
    ['a frame without an origin', { host: here, origin: 'null', 'sec-fetch-site': 'cross-site' }, { open: true, read: false, write: true }],
    ['an image', { host: here, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, { open: true, read: false, write: true }],
    ['a link', { host: here, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, { open: false, read: false, write: true }],
    ['a typed address', { host: here, 'sec-fetch-site': 'none' }, { open: false, read: false, write: false }],
    [
      'a trusted page',
      { host: here, origin: 'https://friend', 'sec-fetch-site': 'cross-site' },
      { open: false, read: false, write: false },
    ],
    [
      'a name that leads here',
      { host: 'evil.example:8529', origin: 'http://evil.example:8529' },
      { open: true, read: false, write: false },
    ],
    [
      'a name like this machine',
      { host: 'localhost.evil.example', 'user-agent': 'Mozilla/5.0 (X11)' },
      { open: true, read: false, write: false },
    ],
    ['a program that knows it by another name', { host: 'database:8529' }, { open: false, read: false, write: false }],
    ['an address', { host: '127.0.0.1:8529' }, { open: false, read: false, write: false }],
    ['an address of version 6', { host: '[::1]:8529' }, { open: false, read: false, write: false }],
    ['a trusted name', { host: 'friend' }, { open: false, read: false, write: false }],
  ];
  const isRefused = (method: string, headers: Record<string, string>, isAuthenticationOn: boolean): boolean =>
    refusalOfPage(request('/_api/version', headers, method), { ...rules, isAuthenticationOn }) !== undefined;
  for (const [name, headers, { open, read, write }] of cases) {
    assert.deepEqual(
      { open: isRefused('GET', headers, false), read: isRefused('GET', headers, true), write: isRefused('POST', headers, true) },
      { open, read, write },
      name,
    );
  }
  const throughSocket = { ...request('/_api/version', { host: 'any' }), remoteAddress: '' };
  assert.equal(refusalOfPage(throughSocket, { ...rules, isAuthenticationOn: false }), undefined);
});
