/** `/_api/foxx/metrics` and the metrics of the server: how each service fares, and its last failures. */
import assert from 'node:assert/strict';
import { after, before as beforeAll, test } from 'node:test';
import { service, zip } from '../support/bundles.ts';
import { startServer, type TestServer } from '../support/server.ts';

interface Figures {
  readonly requests: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

interface Failure {
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  readonly error: string;
  readonly excerpt: string;
}

interface OneService {
  readonly total: Figures & { readonly meanMs: number | null };
  readonly slices: readonly (Figures & { readonly time: number })[];
  readonly failures: readonly Failure[];
}

const CODE = `
router.get('/fine', (req, res) => res.json(1));
router.get('/missing', (req, res) => res.throw(404, 'not here'));
router.get('/broken', () => {
  throw new Error('secret reason');
});
router.get('/late', async () => {
  await null;
  throw new Error('late reason');
});
router.get('/said', (req, res) => { res.status(503); res.json({}); });`;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ arguments: ['--log.level=v8=fatal'] });
  for (const mount of ['/one', '/two', '/silent']) await install(mount);
});
after(() => server.dispose());

async function install(mount: string): Promise<void> {
  const answer = await server.fetch(`/_api/foxx?mount=${mount}`, {
    method: 'POST',
    body: zip(service(CODE)),
    headers: { 'content-type': 'application/zip' },
  });
  assert.equal(answer.status, 201);
}

async function metricsOf(mount: string): Promise<OneService> {
  return (await (await server.fetch(`/_api/foxx/metrics?mount=${mount}`)).json()) as OneService;
}

test('what a service answers is counted, whichever thread answers', async () => {
  await Promise.all(Array.from({ length: 20 }, () => server.fetch('/one/fine')));
  for (const path of ['/one/missing', '/one/no-such-path', '/one/said']) await server.fetch(path);
  const { total, slices } = await metricsOf('/one');
  assert.deepEqual([total.requests, total.clientErrors, total.serverErrors], [23, 2, 1]);
  assert.ok(total.p50Ms !== null && total.p99Ms !== null && total.p50Ms > 0 && total.p99Ms >= total.p50Ms);
  assert.equal(slices.length, 60);
  assert.equal(
    slices.reduce((sum, { requests }) => sum + requests, 0),
    23,
  );
  const { total: silent } = await metricsOf('/silent');
  assert.deepEqual([silent.requests, silent.p50Ms, silent.meanMs], [0, null, null]);
  assert.equal((await server.fetch('/_api/foxx/metrics?mount=/none')).status, 400);
});

test('all services of the database that have had a request are listed', async () => {
  const { services } = (await (await server.fetch('/_api/foxx/metrics')).json()) as {
    readonly services: readonly { readonly mount: string; readonly total: Figures; readonly recent: Figures }[];
  };
  assert.deepEqual(
    services.map(({ mount }) => mount),
    ['/one'],
  );
  assert.equal(services[0]?.recent.requests, 23);
});

test('failures are remembered with their stacks, and the client of a service in production learns nothing of them', async () => {
  for (const [path, reason] of [
    ['/two/broken?token=mine', /Error: secret reason\n.*index\.js/],
    ['/two/late', /Error: late reason/],
    ['/two/said', /^$/],
  ] as const) {
    const answer = await server.fetch(path);
    assert.ok(answer.status >= 500);
    assert.doesNotMatch(await answer.text(), /reason/);
    const [last] = (await metricsOf('/two')).failures;
    assert.match(last?.error ?? '', reason);
    assert.equal(last?.path, path.slice('/two'.length).replace(/\?.*/, ''));
    assert.equal(last?.excerpt, '');
    assert.equal(last?.method, 'GET');
    assert.equal(last?.status, answer.status);
    assert.ok(Math.abs(Date.parse(last?.time ?? '') - Date.now()) < 60_000);
  }
  assert.equal((await metricsOf('/two')).failures.length, 3);
});

test('in development the lines of the service are shown, too', async () => {
  await server.fetch('/_api/foxx/development?mount=/two', { method: 'POST' });
  await server.fetch('/two/broken');
  const [last] = (await metricsOf('/two')).failures;
  assert.match(last?.excerpt ?? '', /throw new Error\('secret reason'\)/);
});

test('the metrics of the server have them with labels', async () => {
  const text = await (await server.fetch('/_admin/metrics/v2')).text();
  assert.match(text, /^foxden_service_request_seconds_count\{database="_system",mount="\/one"\} 23$/m);
  assert.match(text, /^foxden_service_errors_total\{database="_system",mount="\/one",status="4xx"\} 2$/m);
  assert.match(text, /^foxden_service_request_seconds_bucket\{database="_system",mount="\/one",le="\+Inf"\} 23$/m);
  assert.doesNotMatch(text, /silent/);
});

test('they are for those who may change the services', async (context) => {
  const guarded = await startServer({ arguments: ['--server.authentication=true', '--database.password=root'] });
  context.after(() => guarded.dispose());
  const asUser = (name: string, password: string): RequestInit => ({
    headers: { authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` },
  });
  const root = asUser('root', 'root');
  await guarded.fetch('/_api/user', { ...root, method: 'POST', body: JSON.stringify({ user: 'reader', passwd: 'reader' }) });
  await guarded.fetch('/_api/user/reader/database/_system', { ...root, method: 'PUT', body: '{"grant":"ro"}' });
  assert.equal((await guarded.fetch('/_api/foxx/metrics', root)).status, 200);
  assert.equal((await guarded.fetch('/_api/foxx/metrics', asUser('reader', 'reader'))).status, 403);
  assert.equal((await guarded.fetch('/_api/foxx/metrics')).status, 401);
});
