/** Sessions, passwords and OAuth from outside; the provider that services sign in with is a server of the test's. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { useFixtures } from '../../support/fixtures.ts';

const { ask, get } = useFixtures(['sessions']);

interface Counted {
  readonly uid: string | null;
  readonly count: number;
  readonly session?: null;
}
type Sent = Readonly<Record<string, string>>;

/** Asks with what the last answer said, as a browser or an app would. */
async function visit(
  way: string,
  sent: Sent,
  method = 'GET',
  path = '',
): Promise<{ readonly counted: Counted; readonly sent: Sent; readonly headers: Headers }> {
  const { headers, text } = await ask(method, `/sessions/${way}${path}`, undefined, sent);
  const cookies = headers
    .getSetCookie()
    .map((line) => line.split(';')[0] ?? '')
    .filter((pair) => !pair.endsWith('='));
  const next: Record<string, string> = cookies.length > 0 ? { cookie: cookies.join('; ') } : {};
  for (const name of ['x-session-id', 'x-own']) {
    const value = headers.get(name);
    if (value !== null) next[name] = value;
  }
  return { counted: (text === '' ? {} : JSON.parse(text)) as Counted, sent: next, headers };
}

test('a session lasts from request to request, however it is kept and sent', async () => {
  for (const way of ['collection-cookie', 'collection-header', 'collection-name', 'jwt-header', 'jwt-cookie', 'jwt-none', 'both']) {
    const first = await visit(way, {});
    assert.deepEqual(first.counted, { uid: null, count: 1 }, way);
    const second = await visit(way, first.sent);
    assert.equal(second.counted.count, 2, way);
    const login = await visit(way, { ...first.sent, ...second.sent }, 'POST', '/login');
    const known = await visit(way, { ...first.sent, ...second.sent, ...login.sent });
    assert.deepEqual([known.counted.uid, known.counted.count], ['me', 3], way);
    const stranger = await visit(way, {});
    assert.equal(stranger.counted.count, 1, way);
  }
});

test('both transports write, and the first that has something is read', async () => {
  const { sent, headers } = await visit('both', {});
  assert.ok(sent['cookie']?.startsWith('sid=') && sent['x-session-id'] !== undefined);
  assert.ok(headers.get('x-session-id'));
  assert.equal((await visit('both', { 'x-session-id': sent['x-session-id'] ?? '' })).counted.count, 2);
  assert.equal((await visit('both', { cookie: sent['cookie'] ?? '' })).counted.count, 2);
});

test('a session that is ended, over or forged is none', async () => {
  const { sent } = await visit('collection-header', {});
  await visit('collection-header', sent, 'POST', '/logout');
  assert.equal((await visit('collection-header', sent)).counted.count, 1, 'ended');
  const cookie = await visit('collection-cookie', {});
  const logout = await visit('collection-cookie', cookie.sent, 'POST', '/logout');
  assert.match(logout.headers.getSetCookie().join(), /sid=;.*expires=Thu, 01 Jan 1970|max-age=0|expires=/i);
  const short = await visit('short-lived', {});
  await new Promise((later) => setTimeout(later, 20));
  assert.equal((await visit('short-lived', short.sent)).counted.count, 1, 'over');
  const token = (await visit('jwt-header', {})).sent['x-session-id'] ?? '';
  const [head = '', , signature = ''] = token.split('.');
  const forged = `${head}.${Buffer.from(JSON.stringify({ uid: 'root', iat: 1, exp: Date.now() * 2, payload: { count: 9 } })).toString('base64url')}.${signature}`;
  assert.equal((await visit('jwt-header', { 'x-session-id': forged })).counted.count, 1, 'forged');
  const unsigned = `${Buffer.from('{"typ":"JWT","alg":"none"}').toString('base64url')}.${token.split('.')[1] ?? ''}.`;
  assert.equal((await visit('jwt-header', { 'x-session-id': unsigned })).counted.count, 1, 'without a signature');
  const signed = (await visit('jwt-cookie', {})).sent['cookie'] ?? '';
  assert.match(signed, /own=.*own\.sig=/);
  assert.equal(
    (await visit('jwt-cookie', { cookie: signed.replace(/own\.sig=\w{4}/, 'own.sig=0000') })).counted.count,
    1,
    'a forged cookie',
  );
});

test('without autoCreate nobody gets a session, and what is missing is refused', async () => {
  assert.deepEqual((await visit('none', {})).counted, { session: null });
  assert.deepEqual((await get('/sessions/refused')).body, [true, true, true, false]);
});

test('passwords are verified by every method, and nothing that is missing makes an error', async () => {
  const found = (await get('/sessions/auth')).body as readonly Readonly<Record<string, unknown>>[];
  assert.equal(found.length, 7);
  for (const { method, salt, ...results } of found) {
    assert.equal(salt, 8);
    assert.deepEqual(results, { right: true, wrong: false, none: false, noPassword: false, empty: false, byAnother: true }, String(method));
  }
});

test('a service signs in with a provider', async (t) => {
  const seen: { readonly url: string; readonly method: string; readonly authorization: string; readonly body: string }[] = [];
  const provider = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { url = '', method = '', headers } = request;
      seen.push({ url, method, authorization: headers.authorization ?? '', body });
      const path = url.replace(/\?.*/, '');
      const forms: Readonly<Record<string, string>> = {
        '/request-token': 'oauth_token=r&oauth_token_secret=rs&oauth_callback_confirmed=true',
        '/access-token': 'oauth_token=a&oauth_token_secret=as',
      };
      const json: Readonly<Record<string, object>> = { '/me': { name: 'one' }, '/me2': { name: 'two' }, '/token': { access_token: 'at' } };
      const isForm = path in forms;
      response.writeHead(200, { 'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json' });
      response.end(isForm ? forms[path] : JSON.stringify(json[path]));
    });
  });
  await new Promise<void>((listening) => provider.listen(0, '127.0.0.1', listening));
  t.after(() => {
    provider.closeAllConnections();
    provider.close();
  });
  const url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  await ask('PATCH', '/_api/foxx/configuration?mount=/sessions', { provider: url });

  const one = (await get('/sessions/oauth1')).body as Readonly<Record<string, Readonly<Record<string, string>>>> & {
    readonly authUrl: string;
  };
  assert.deepEqual([one['token']?.['oauth_token'], one['access']?.['oauth_token'], one['user']], ['r', 'a', { name: 'one' }]);
  assert.deepEqual([one['signed'], one['method']], [true, 'HMAC-SHA1']);
  assert.equal(one.authUrl, `${url}/authorize?force=1&oauth_token=r`);
  assert.deepEqual(
    seen.map(({ method, authorization }) => [method, authorization.startsWith('OAuth ')]),
    [
      ['POST', true],
      ['POST', true],
      ['GET', true],
    ],
  );
  seen.length = 0;
  const two = (await get('/sessions/oauth2')).body as { readonly token: object; readonly user: object; readonly authUrl: string };
  assert.deepEqual([two.token, two.user], [{ access_token: 'at' }, { name: 'two' }]);
  const auth = new URL(two.authUrl);
  assert.deepEqual(Object.fromEntries(auth.searchParams), {
    force: '1',
    redirect_uri: 'http://here/back',
    client_id: 'client',
    response_type: 'code',
    state: 'xyz',
  });
  const form = new URLSearchParams(seen[0]?.body);
  assert.deepEqual(
    [form.get('code'), form.get('grant_type'), form.get('client_secret')],
    ['the code', 'authorization_code', 'client secret'],
  );
  assert.match(seen[1]?.url ?? '', /access_token=at/);
  assert.deepEqual((await get('/sessions/oauth-refused')).body, [true, true]);
});
