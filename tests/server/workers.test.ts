/** What workers may do to the server, and it to them: wait, crash, loop, fill their memory, be too many or too few. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metrics } from '#base';
import { hold, openClient, openConnections, receivedRequests, startTestServer, until, type TestServer } from './support.ts';

interface ErrorBody {
  readonly error: true;
  readonly code: number;
  readonly errorNum: number;
  readonly errorMessage: string;
}

async function get(server: TestServer, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}${path}`, { headers });
}

async function getJson<Body>(server: TestServer, path: string): Promise<Body> {
  return (await (await get(server, path)).json()) as Body;
}

/** Which workers serve so many requests that keep each of them busy. */
async function indexesOf(server: TestServer, requests: number): Promise<readonly number[]> {
  const answers = await Promise.all(Array.from({ length: requests }, () => getJson<{ index: number }>(server, '/block?ms=200')));
  return [...new Set(answers.map(({ index }) => index))];
}

test('what a handler throws becomes an error answer, and tells a client nothing that is not meant for it', async (context) => {
  const server = await startTestServer(context);
  assert.deepEqual(await getJson(server, '/refuses'), {
    error: true,
    code: 409,
    errorNum: 1200,
    errorMessage: 'conflict: somebody was faster',
  });
  assert.deepEqual(await getJson(server, '/rejects'), { error: true, code: 404, errorNum: 1202, errorMessage: 'document not found' });
  assert.deepEqual(await getJson(server, '/throws'), { error: true, code: 500, errorNum: 4, errorMessage: 'internal error' });
});

test('a handler that answers later gives its thread back while it waits', async (context) => {
  const server = await startTestServer(context);
  const release = await hold(context, server, '/hold-later');
  assert.equal((await get(server, '/hello')).status, 200);
  await release();
});

test('so many requests may be pending in a worker, and the next waits', async (context) => {
  const server = await startTestServer(context, { 'server.async-requests-per-thread': 2 });
  const release = [await hold(context, server, '/hold-later'), await hold(context, server, '/hold-later')] as const;
  const order: string[] = [];
  const before = receivedRequests();
  const next = get(server, '/hello').then(() => order.push('answered'));
  await until(() => receivedRequests() === before + 1);
  order.push('one is over');
  await release[0]();
  await next;
  assert.deepEqual(order, ['one is over', 'answered']);
  await release[1]();
});

test('answers that wait for the disk are held back together, and the worker goes on', async (context) => {
  const server = await startTestServer(context);
  const [first, ...others] = await Promise.all(Array.from({ length: 50 }, () => get(server, '/durable')));
  assert.equal(first?.status, 200);
  assert.ok(others.every(({ status }) => status === 200));
});

test('a service calls its own server in its own thread, though it is the only one', async (context) => {
  const server = await startTestServer(context);
  const { own } = await getJson<{ own: string }>(server, '/self');
  assert.deepEqual((JSON.parse(own) as { endpoints: string[] }).endpoints, [server.url]);
});

test('a full queue answers 503 at once, and what waits is answered', async (context) => {
  const server = await startTestServer(context, { 'server.maximal-queue-size': 2 });
  const release = await hold(context, server);
  const answers: Response[] = [];
  const others = Array.from({ length: 5 }, async () => answers.push(await get(server, '/hello')));
  await until(() => answers.length === 3);
  for (const refused of answers) {
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get('retry-after'), '1');
    assert.deepEqual(await refused.json(), { error: true, code: 503, errorNum: 21003, errorMessage: 'queue is full' });
  }
  await release();
  await Promise.all(others);
  assert.deepEqual(
    answers.slice(3).map(({ status }) => status),
    [200, 200],
  );
});

test('what has waited too long is answered with 503, and never run', async (context) => {
  const server = await startTestServer(context, { 'server.maximal-queue-time': 0.5 });
  const release = await hold(context, server);
  const late = await get(server, '/worker');
  assert.equal(late.status, 503);
  assert.equal(((await late.json()) as ErrorBody).errorNum, 21003);
  await release();
  assert.equal((await getJson<{ runs: number }>(server, '/worker')).runs, 1);
});

test('a client that says how long it would wait is told 412', async (context) => {
  const server = await startTestServer(context);
  const release = await hold(context, server);
  const late = await get(server, '/hello', { 'x-arango-queue-time-seconds': '0.1' });
  assert.equal(late.status, 412);
  assert.equal(((await late.json()) as ErrorBody).errorNum, 21004);
  await release();
});

test('a request whose client has gone is not run', async (context) => {
  const server = await startTestServer(context);
  const release = await hold(context, server);
  const client = openClient(context, server);
  const before = receivedRequests();
  client.send('GET /worker HTTP/1.1\r\nHost: here\r\n\r\n');
  await until(() => receivedRequests() === before + 1);
  const connections = openConnections();
  client.socket.resetAndDestroy();
  await until(() => openConnections() < connections);
  await release();
  assert.equal((await getJson<{ runs: number }>(server, '/worker')).runs, 1);
});

test('a worker in an endless loop is ended, its request answered, others undisturbed', async (context) => {
  const server = await startTestServer(context, {
    'server.minimal-threads': 2,
    'server.maximal-threads': 2,
    'server.maximal-request-time': 0.5,
  });
  const looping = get(server, '/loop');
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (let i = 0; i < 20; i++) assert.equal((await get(server, '/hello')).status, 200);
  const ended = await looping;
  assert.equal(ended.status, 504);
  const body = (await ended.json()) as ErrorBody;
  assert.deepEqual([body.error, body.code, body.errorNum], [true, 504, 21]);
  assert.match(body.errorMessage, /0\.5 s/);
  // Both workers answer again, once the new one has started.
  await until(async () => (await indexesOf(server, 2)).length === 2);
});

test('a loop behind an await is ended, too', async (context) => {
  const server = await startTestServer(context, { 'server.maximal-request-time': 0.5 });
  assert.ok((await get(server, '/loops-later')).status >= 500);
  assert.equal((await get(server, '/hello')).status, 200);
});

test('a promise that never settles is answered for, and does not use the worker up', async (context) => {
  const server = await startTestServer(context, { 'server.maximal-request-time': 0.2, 'server.async-requests-per-thread': 2 });
  const statuses = await Promise.all(Array.from({ length: 2 }, async () => (await get(server, '/never')).status));
  assert.deepEqual(statuses, [504, 504]);
  const { index, runs } = await getJson<{ index: number; runs: number }>(server, '/worker');
  assert.deepEqual([index, runs], [0, 1]);
});

test('a worker that fills its memory is replaced, its request answered, others undisturbed', async (context) => {
  const server = await startTestServer(context, {
    'server.minimal-threads': 2,
    'server.maximal-threads': 2,
    'javascript.v8-max-heap': 48,
  });
  const filling = get(server, '/memory');
  for (let i = 0; i < 20; i++) assert.equal((await get(server, '/hello')).status, 200);
  const ended = await filling;
  assert.equal(ended.status, 500);
  const body = (await ended.json()) as ErrorBody;
  assert.deepEqual([body.code, body.errorNum], [500, 3]);
  assert.match(body.errorMessage, /48 MiB/);
  assert.equal((await get(server, '/hello')).status, 200);
});

test('a worker that ends is replaced; what waited for it is run, once', async (context) => {
  const server = await startTestServer(context);
  const failuresBefore = metrics.value('foxden_worker_failures_total');
  const exiting = get(server, '/exit');
  const waiting = Array.from({ length: 20 }, () => getJson<{ runs: number }>(server, '/worker'));
  assert.equal((await exiting).status, 500);
  const runs = (await Promise.all(waiting)).map((answer) => answer.runs);
  assert.equal(Math.max(...runs), runs.length);
  assert.equal(new Set(runs).size, runs.length);
  assert.equal(metrics.value('foxden_worker_failures_total'), failuresBefore + 1);
});

test('stray exceptions and rejections end nothing', async (context) => {
  const server = await startTestServer(context);
  const { runs: before } = await getJson<{ runs: number }>(server, '/worker');
  assert.equal((await get(server, '/stray')).status, 200);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal((await getJson<{ runs: number }>(server, '/worker')).runs, before + 1);
});

test('workers become more while all are busy, and fewer when they are not needed', async (context) => {
  const server = await startTestServer(context, { 'server.maximal-threads': 3, 'javascript.v8-contexts-max-age': 1 });
  // Each is held at one request: that also has another one started where no processor has time.
  const releases = [await hold(context, server), await hold(context, server), await hold(context, server)];
  assert.equal(metrics.value('arangodb_scheduler_num_worker_threads'), 3);
  for (const release of releases) await release();
  await until(() => metrics.value('arangodb_scheduler_num_worker_threads') === 1);
  assert.equal((await get(server, '/hello')).status, 200);
});

test('a worker is replaced after its number of requests, and none fails', async (context) => {
  const server = await startTestServer(context, {
    'server.minimal-threads': 2,
    'server.maximal-threads': 2,
    'javascript.v8-contexts-max-invocations': 50,
  });
  const started = metrics.value('arangodb_scheduler_threads_started_total');
  for (let round = 0; round < 40; round++) {
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await get(server, '/hello')).status));
    assert.ok(statuses.every((status) => status === 200));
  }
  await until(() => metrics.value('arangodb_scheduler_threads_started_total') > started);
});

test('large bodies are for one worker as much as for another, also when one dies', async (context) => {
  const server = await startTestServer(context, { 'server.minimal-threads': 2, 'server.maximal-threads': 2 });
  const body = Buffer.alloc(100_000, 'x');
  const requests = Array.from({ length: 40 }, async (_, i) => {
    if (i === 20) return get(server, '/exit');
    return fetch(`${server.url}/digest`, { method: 'POST', body });
  });
  const statuses = (await Promise.all(requests)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 200).length, 39);
});

test('stopping finishes what has begun, and closes what is idle', async (context) => {
  const server = await startTestServer(context);
  const idle = openClient(context, server);
  idle.send('GET /hello HTTP/1.1\r\nHost: here\r\n\r\n');
  await idle.reply();
  const half = openClient(context, server);
  half.send('POST /digest HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n\r\na');
  const before = receivedRequests();
  const running = get(server, '/later?ms=300');
  const waiting = Array.from({ length: 10 }, () => get(server, '/block?ms=10'));
  await until(() => receivedRequests() === before + 11);
  const stopped = server.stop();
  half.send('bc');
  const reply = await half.reply();
  assert.deepEqual([reply.status, reply.headers['connection']], [200, 'Close']);
  assert.deepEqual(new Set((await Promise.all([running, ...waiting])).map(({ status }) => status)), new Set([200]));
  assert.equal(await idle.closed(), '');
  await stopped;
  await assert.rejects(get(server, '/hello'));
});

test('stopping does not wait for ever', async (context) => {
  const server = await startTestServer(context, { 'server.shutdown-timeout': 0.2 });
  const before = receivedRequests();
  const looping = get(server, '/loop');
  const never = get(server, '/later?ms=100000');
  await until(() => receivedRequests() === before + 2);
  await server.stop();
  const statuses = (await Promise.all([looping, never])).map(({ status }) => status);
  assert.deepEqual(statuses, [503, 503]);
});

test('a server whose workers cannot start does not start', async (context) => {
  await assert.rejects(startTestServer(context, { 'temp.path': '/fail at start' }), /handler does not start/);
});
