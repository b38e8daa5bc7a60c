import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { replaceClock } from '#base';
import { loadRoutes, openDatabase, type TestService } from '../../../../tests/support/load-service.ts';

/** A service whose session counts visits; `/out` ends it. */
function load(t: TestContext, storage: string, transport: string, more = ''): TestService {
  return loadRoutes(
    t,
    `
    const sessions = require('@arangodb/foxx/sessions');
    const jwt = require('@arangodb/foxx/sessions/storages/jwt');
    const cookie = require('@arangodb/foxx/sessions/transports/cookie');
    const header = require('@arangodb/foxx/sessions/transports/header');
    router.get('/', (req, res) => {
      req.session.data = { visits: (req.session.data ? req.session.data.visits : 0) + 1 };
      res.json(req.session.data.visits);
    });
    router.get('/out', (req) => { delete req.session; });
    router.get('/none', (req, res) => { res.json(req.session); });
    router.get('/slow', async (req, res) => { await null; req.session.data = { visits: 10 }; });
    router.use(sessions({ storage: ${storage}, transport: ${transport} ${more} }));
    `,
  );
}

test('a token in a header is a session', (t) => {
  const service = load(t, `jwt('secret')`, `'header'`);
  const first = service.get('/');
  assert.equal(first.body, '1');
  const token = String(first.headers['x-session-id']);
  assert.equal(token.split('.').length, 3);
  assert.equal(service.get('/', { headers: { 'x-session-id': token } }).body, '2');
  assert.equal(service.get('/', { headers: { 'x-session-id': `${token}x` } }).body, '1');
  assert.equal(service.get('/', { headers: { 'x-session-id': 'garbage' } }).body, '1');
});

test('a session ends when its time is over', (t) => {
  const service = load(t, `jwt({ secret: 's', ttl: 60 })`, `header('BEARER')`);
  const token = String(service.get('/').headers['bearer']);
  const now = Date.now();
  t.after(replaceClock({ now: () => now + 59_000, monotonic: () => 0 }));
  assert.equal(service.get('/', { headers: { bearer: token } }).body, '2');
  replaceClock({ now: () => now + 62_000, monotonic: () => 0 });
  assert.equal(service.get('/', { headers: { bearer: token } }).body, '1');
});

test('a cookie, signed, that is deleted with the session', (t) => {
  const service = load(t, `jwt({ algorithm: 'none' })`, `cookie({ name: 'id', secret: 'x', httpOnly: true })`);
  const cookies = service.get('/').headers['set-cookie'] as string[];
  const [id = '', signature = ''] = cookies.map((one) => one.split(';')[0] ?? '');
  assert.match(cookies[0] ?? '', /^id=.*HttpOnly$/);
  assert.equal(service.get('/', { headers: { cookie: `${id}; ${signature}` } }).body, '2');
  assert.equal(service.get('/', { headers: { cookie: id } }).body, '1');
  const out = service.get('/out', { headers: { cookie: `${id}; ${signature}` } }).headers['set-cookie'] as string[];
  assert.match(out[0] ?? '', /^id=; Max-Age=0; Expires=/);
});

test('several transports are asked in turn, and all told', (t) => {
  const service = load(t, `jwt('s')`, `['cookie', 'header']`);
  const { headers } = service.get('/');
  assert.ok(headers['x-session-id'] && headers['set-cookie']);
  assert.equal(service.get('/', { headers: { 'x-session-id': String(headers['x-session-id']) } }).body, '2');
});

test('without autoCreate there is no session until somebody makes one', (t) => {
  const service = load(t, `jwt('s')`, `'header'`, ', autoCreate: false');
  assert.equal(service.get('/none').body, 'null');
  assert.equal(service.get('/none').headers['x-session-id'], undefined);
});

test('a session that an asynchronous handler changes is told after it', async (t) => {
  const service = load(t, `jwt('s')`, `'header'`);
  const { headers } = await service.askAsync('GET', '/slow');
  assert.equal(service.get('/', { headers: { 'x-session-id': String(headers['x-session-id']) } }).body, '11');
});

test('storages and transports of a service’s own, and what is none', (t) => {
  const service = load(
    t,
    `{ fromClient: (id) => ({ id }), forClient: ({ id }) => id, new: () => ({ id: 'new' }) }`,
    `{ get: (req) => req.queryParams.sid, set: (res, id) => { res.set('sid', id); } }`,
  );
  assert.equal(service.get('/').headers['sid'], 'new');
  assert.equal(service.get('/?sid=7').headers['sid'], '7');
  for (const [storage, transport] of [
    ['undefined', `'header'`],
    [`jwt('s')`, 'undefined'],
    [`jwt('s')`, '{}'],
    ['{}', `'header'`],
    ['jwt({})', `'header'`],
    [`jwt({ secret: 's', algorithm: 'none' })`, `'header'`],
  ] as const) {
    assert.throws(() => load(t, storage, transport), { errorNum: 3103 }, `${storage} ${transport}`);
  }
});

test('sessions in a collection: the key is the id, and each use prolongs it', (t) => {
  const { database } = openDatabase(t);
  const now = Date.UTC(2026, 0, 1);
  const setNow = (time: number): void => void replaceClock({ now: () => time, monotonic: () => 0 });
  t.after(replaceClock({ now: () => now, monotonic: () => 0 }));
  const service = loadRoutes(
    t,
    `
    const { db } = require('@arangodb');
    if (!db._collection('s')) db._create('s');
    router.get('/', (req, res) => { res.json(req.session); });
    router.get('/in', (req) => { req.session.uid = 'ada'; req.session.data = { a: 1 }; req.sessionStorage.save(req.session); });
    router.get('/out', (req, res) => { res.json(req.sessionStorage.clear(req.session)); delete req.session; });
    router.get('/prune', (req, res) => { res.json(req.sessionStorage.prune()); });
    router.get('/save', (req, res) => { res.json(req.sessionStorage.save()); });
    router.use(require('@arangodb/foxx/sessions')({ storage: require('@arangodb/foxx/sessions/storages/collection')({ collection: 's', ttl: 60, pruneExpired: true }), transport: 'cookie' }));
    `,
    { database },
  );
  assert.equal(service.get('/').headers['set-cookie'], undefined);
  const signIn = (): { cookie: string } => ({ cookie: String(service.get('/in').headers['set-cookie']).split(';')[0] ?? '' });
  const first = signIn();
  assert.match(first.cookie, /^sid=[0-9a-f]{64}$/);
  const key = first.cookie.slice('sid='.length);
  assert.deepEqual(service.get('/', { headers: first }).json, { _key: key, uid: 'ada', created: now, data: { a: 1 } });
  const stored = database.getCollection('s').document(key);
  assert.deepEqual([stored['uid'], stored['expires']], ['ada', now + 60_000]);

  setNow(now + 50_000);
  assert.equal((service.get('/', { headers: first }).json as { uid: string }).uid, 'ada');
  setNow(now + 100_000);
  assert.equal((service.get('/', { headers: first }).json as { uid: string }).uid, 'ada');
  setNow(now + 200_000);
  assert.equal((service.get('/', { headers: first }).json as { uid: null }).uid, null);
  assert.equal(database.getCollection('s').exists(key), undefined);

  const second = signIn();
  assert.equal(service.get('/out', { headers: second }).body, 'true');
  assert.equal(service.get('/out', { headers: second }).body, 'false');
  signIn();
  setNow(now + 900_000);
  assert.equal((service.get('/prune').json as string[]).length, 1);
  assert.equal(service.get('/save').body, 'null');
  for (const cookie of ['sid=none', 'sid=a/b', 'sid=', `sid=${'x'.repeat(500)}`, 'sid=%00']) {
    assert.equal((service.get('/', { headers: { cookie } }).json as { uid: null }).uid, null, cookie);
  }
});
