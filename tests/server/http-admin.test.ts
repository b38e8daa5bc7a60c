/** /_admin and what belongs to accounts, on a running server with authentication. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { asker, type Ask } from '../support/ask.ts';
import { startServer, type TestServer } from '../support/server.ts';

const secrets = mkdtempSync(join(tmpdir(), 'foxden-secrets-'));
let server: TestServer;
let root: Ask;
let superuser: Ask;
let nobody: Ask;

function basic(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

/** As an operator makes one who has the secret. */
function serverToken(secret: string): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ iss: 'arangodb', server_id: 'operator' })}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}

before(async () => {
  mkdirSync(join(secrets, 'jwt'));
  writeFileSync(join(secrets, 'jwt', 'a'), 'first secret\n');
  server = await startServer({
    arguments: [
      '--server.authentication=true',
      '--database.password=pw',
      `--server.jwt-secret-folder=${join(secrets, 'jwt')}`,
      '--javascript.allow-admin-execute=true',
      '--server.minimal-threads=2',
      '--server.maximal-threads=2',
    ],
  });
  root = asker(server, basic('root', 'pw'));
  superuser = asker(server, { authorization: `bearer ${serverToken('first secret')}` });
  nobody = asker(server);
  await root('POST', '/_api/user', { user: 'ada', passwd: 'ada' });
});
after(async () => {
  await server.dispose();
  rmSync(secrets, { recursive: true });
});

test('access tokens are passwords that can be taken back', async () => {
  const made = await root('POST', '/_api/token/ada', { name: 'laptop', valid_until: 4_000_000_000 });
  const { token, id, fingerprint, active } = made.body as { token: string; id: number; fingerprint: string; active: boolean };
  assert.equal(made.status, 200);
  assert.equal(active, true);
  assert.equal(fingerprint, `v1...${token.slice(-6)}`);
  assert.equal((await root('POST', '/_api/token/ada', { name: 'laptop' })).status, 409);
  assert.equal((await root('POST', '/_api/token/none', { name: 'x' })).status, 404);
  assert.equal((await root('POST', '/_api/token/ada', {})).status, 400);

  const may = async (headers: Record<string, string>): Promise<boolean> =>
    (await asker(server, headers)('GET', '/_api/user/ada')).status === 200;
  assert.equal(await may(basic('ada', token)), true);
  assert.equal(await may(basic('', token)), true);
  assert.equal(await may(basic('root', token)), false);
  assert.equal(await may(basic('', 'v1.zz')), false);
  const { jwt } = (await nobody('POST', '/_open/auth', { username: '', password: token })).body;
  assert.equal(await may({ authorization: `bearer ${String(jwt)}` }), true);

  const ada = asker(server, basic('ada', token));
  const { tokens } = (await ada('GET', '/_api/token/ada')).body as { tokens: Record<string, unknown>[] };
  assert.deepEqual(
    tokens.map(({ name }) => name),
    ['laptop'],
  );
  assert.ok(!('token' in tokens[0]!) && !('digest' in tokens[0]!));
  assert.equal((await ada('GET', '/_api/token/root')).status, 401);
  const past = (await root('POST', '/_api/token/ada', { name: 'old', valid_until: 1 })).body;
  assert.equal(past['active'], false);
  assert.equal(await may(basic('ada', String(past['token']))), false);

  assert.equal((await ada('DELETE', `/_api/token/ada/${id}`)).status, 200);
  assert.equal(await may(basic('ada', token)), false);
  assert.equal((await root('DELETE', `/_api/token/ada/${id}`)).status, 404);
});

test('secrets of tokens come from their folder and are read anew', async () => {
  const loaded = (await superuser('GET', '/_admin/server/jwt')).body['result'] as { active: { sha256: string }; passive: unknown[] };
  assert.match(loaded.active.sha256, /^[\da-f]{64}$/);
  assert.equal((await root('GET', '/_admin/server/jwt')).status, 403);
  const newer = asker(server, { authorization: `bearer ${serverToken('second secret')}` });
  assert.equal((await newer('GET', '/_api/version')).status, 401);
  writeFileSync(join(secrets, 'jwt', 'b'), 'second secret');
  const reloaded = (await superuser('POST', '/_admin/server/jwt')).body['result'] as typeof loaded;
  assert.equal(reloaded.passive.length, 1);
  for (let i = 0; i < 8; i++) assert.equal((await newer('GET', '/_api/version')).status, 200);
});

test('options are shown to the superuser, without secrets', async () => {
  assert.equal((await root('GET', '/_admin/options')).status, 403);
  const { body } = await superuser('GET', '/_admin/options');
  assert.equal(body['server.authentication'], true);
  assert.ok(!('database.password' in body));
  const { body: described } = await superuser('GET', '/_admin/options-description');
  assert.equal((described['http.keep-alive-timeout'] as Record<string, unknown>)['default'], 300);
  assert.equal((await asker(server, basic('root', 'pw'))('GET', '/_admin/options-public')).body['server.session-timeout'], 3600);
});

test('levels of the log are changed in all threads', async () => {
  assert.equal((await root('GET', '/_admin/log/level')).body['http'], 'INFO');
  assert.equal((await root('PUT', '/_admin/log/level', { http: 'debug' })).body['http'], 'DEBUG');
  assert.equal((await root('PUT', '/_admin/log/level', { nonsense: 'debug' })).status, 400);
  assert.equal((await root('PUT', '/_admin/log/level', { http: 'loud' })).status, 400);
  for (let i = 0; i < 8; i++) assert.equal((await root('GET', '/_admin/log/level')).body['http'], 'DEBUG');
  assert.equal((await root('DELETE', '/_admin/log/level')).body['http'], 'INFO');
  assert.equal((await root('GET', '/_admin/log/entries?size=1')).status, 200);
  assert.deepEqual((await root('PUT', '/_admin/log/structured', { url: false })).body, { database: false, url: false, username: false });
});

test('statistics have the figures that their description names', async () => {
  const { body } = await root('GET', '/_admin/statistics');
  const { figures, groups } = (await root('GET', '/_admin/statistics-description')).body as {
    figures: { group: string; identifier: string; type: string; cuts?: number[] }[];
    groups: { group: string }[];
  };
  assert.deepEqual(
    groups.map(({ group }) => group),
    ['system', 'client', 'clientUser', 'http', 'server'],
  );
  for (const group of ['client', 'clientUser'])
    for (const [name, counts] of [
      ['connectionTime', 4],
      ['totalTime', 10],
      ['queueTime', 10],
      ['ioTime', 10],
      ['bytesSent', 6],
    ] as const) {
      const measured = (body[group] as Record<string, { counts: number[]; count: number }>)[name];
      assert.equal(measured?.counts.length, counts, name);
      assert.equal(
        measured.counts.reduce((all, one) => all + one, 0),
        measured.count,
        name,
      );
    }
  const { threads, v8Context } = body['server'] as Record<string, Record<string, unknown>>;
  assert.deepEqual(Object.keys(threads ?? {}), ['scheduler-threads', 'blocked', 'queued', 'in-progress', 'direct-exec']);
  assert.equal(v8Context?.['dirty'], 0);
  for (const { group, identifier, type, cuts = [] } of figures) {
    const value = (body[group] as Record<string, unknown>)[identifier];
    if (type !== 'distribution') assert.equal(typeof value, 'number', identifier);
    else assert.equal((value as { counts: number[] }).counts.length, cuts.length + 1, identifier);
  }
});

test('the server tells of itself', async () => {
  assert.match(
    String((await root('GET', '/_admin/deployment/id')).body['id']),
    /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/,
  );
  assert.equal((await root('GET', '/_admin/license')).body['upgrading'], false);
  assert.match(String((await root('GET', '/_admin/database/target-version')).body['version']), /^3\d{4}$/);
  assert.deepEqual((await root('GET', '/_admin/support-info')).body['deployment'], { type: 'single' });
  assert.equal((await root('GET', '/_admin/crashes')).status, 200);
  assert.equal((await root('GET', '/_admin/crashes/x')).status, 404);
  assert.equal((await root('GET', '/_api/engine/stats')).status, 200);
  assert.equal((await root('PUT', '/_admin/server/mode', { mode: 'default' })).body['mode'], 'default');
  assert.equal((await root('PUT', '/_admin/server/mode', { mode: 'readonly' })).status, 501);
  assert.equal((await root('GET', '/_admin/server/tls')).status, 200);
  assert.equal((await root('GET', '/_admin/shutdown')).status, 200);
  assert.match((await root('GET', '/_admin/metrics/v2')).text, /# TYPE arangodb_http2_connections_total counter/);
});

test('code is executed where the option allows it', async () => {
  const answer = await root('POST', '/_admin/execute?returnAsJSON=true', "return require('@arangodb').db._name();");
  assert.deepEqual([answer.status, JSON.parse(answer.text)], [200, '_system']);
  assert.equal((await asker(server, basic('ada', 'ada'))('POST', '/_admin/execute', 'return 1')).status, 401);
});

test('what there is not says so', async () => {
  for (const [method, path, status] of [
    ['POST', '/_admin/backup/upload', 501],
    ['GET', '/_admin/cluster/health', 501],
    ['POST', '/_api/batch', 404],
    ['GET', '/_api/wal/tail', 501],
    ['PUT', '/_admin/license', 501],
    ['POST', '/_api/view', 501],
  ] as const) {
    const answer = await root(method, path, method === 'GET' ? undefined : {});
    assert.deepEqual([answer.status, answer.body['code']], [status, status], path);
  }
  const unknown = await root('GET', '/_api/nothing/here');
  assert.deepEqual({ ...unknown.body }, { error: true, code: 404, errorNum: 404, errorMessage: "unknown path '/_api/nothing/here'" });
});

test('analyzers that come along are listed, and those of users beside them', async () => {
  const { result } = (await root('GET', '/_api/analyzer')).body as { result: { name: string }[] };
  assert.equal(result.length, 13);
  assert.equal((await root('GET', '/_api/analyzer/text_en')).body['type'], 'text');
  assert.equal((await root('GET', '/_api/analyzer/mine')).status, 404);
  const mine = { name: 'mine', type: 'delimiter', properties: { delimiter: ';' }, features: ['frequency'] };
  assert.equal((await root('POST', '/_api/analyzer', mine)).status, 201);
  assert.equal((await root('POST', '/_api/analyzer', mine)).status, 200);
  assert.equal((await root('POST', '/_api/analyzer', { ...mine, properties: { delimiter: ',' } })).status, 400);
  const refused: readonly (readonly [body: object, status: number, errorNum: number])[] = [
    [{ ...mine, type: 'magic' }, 501, 9],
    [{ ...mine, name: '_mine' }, 400, 10],
    [{ ...mine, name: 'other::mine' }, 403, 11],
    [{ ...mine, name: 'new', features: ['position'] }, 400, 10],
    [{ ...mine, name: 'new', features: ['speed'] }, 400, 10],
    [{ ...mine, name: 'new', properties: {} }, 400, 10],
    [{ type: 'identity' }, 400, 10],
    [{}, 400, 600],
  ];
  for (const [body, status, errorNum] of refused) {
    const answer = await root('POST', '/_api/analyzer', body);
    assert.deepEqual([answer.status, answer.body['errorNum']], [status, errorNum], JSON.stringify(body));
  }
  const norm = await root('POST', '/_api/analyzer', {
    name: 'norm',
    type: 'norm',
    properties: '{"locale":"de"}',
    features: ['norm', 'frequency'],
  });
  assert.deepEqual(norm.body, {
    name: '_system::norm',
    type: 'norm',
    properties: { locale: 'de', case: 'none', accent: true },
    features: ['frequency', 'norm'],
  });
  const split = { name: 'split', type: 'aql', properties: { queryString: "FOR part IN SPLIT(@param, '-') RETURN part" } };
  assert.equal((await root('POST', '/_api/analyzer', split)).status, 201);
  const parts = await root('POST', '/_api/cursor', {
    query: 'FOR text IN @texts RETURN TOKENS(text, "split")',
    bindVars: { texts: ['a-b', 'c'] },
  });
  assert.deepEqual(parts.body['result'], [['a', 'b'], ['c']]);
  const unknown = await root('POST', '/_api/cursor', { query: 'RETURN TOKENS("a", "none")' });
  assert.deepEqual([unknown.status, unknown.body['errorNum']], [400, 10]);
  assert.equal((await root('POST', '/_api/database', { name: 'other' })).status, 201);
  const elsewhere = await root('POST', '/_db/other/_api/cursor', { query: 'RETURN TOKENS("A;b", "_system::mine")' });
  assert.deepEqual(elsewhere.body['result'], [['A', 'b']]);
  assert.equal((await root('GET', '/_db/other/_api/analyzer/_system::mine')).body['type'], 'delimiter');
  assert.equal((await root('GET', '/_db/other/_api/analyzer/mine')).status, 404);
  assert.equal((await root('GET', '/_api/analyzer/other::mine')).status, 403);
  assert.equal((await root('DELETE', '/_db/other/_api/analyzer/_system::mine')).status, 403);
  assert.equal((await root('DELETE', '/_api/database/other')).status, 200);
  assert.equal((await root('GET', '/_api/analyzer/_system::mine')).body['name'], '_system::mine');
  const tokens = await root('POST', '/_api/cursor', { query: 'RETURN [TOKENS("a;b", "mine"), TOKENS("a;b", "text_en")]' });
  assert.deepEqual(tokens.body['result'], [
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
  ]);
  assert.equal((await root('DELETE', '/_api/analyzer/mine')).body['name'], '_system::mine');
  assert.equal((await root('DELETE', '/_api/analyzer/mine')).status, 404);
  assert.equal((await root('DELETE', '/_api/analyzer/text_en')).status, 403);
  assert.deepEqual((await root('GET', '/_api/view')).body['result'], []);
});

test('a job is known to every thread', async () => {
  for (let i = 0; i < 6; i++) {
    const begun = await root('GET', '/_api/version', undefined, { 'x-arango-async': 'store' });
    const id = begun.headers.get('x-arango-async-id');
    assert.equal(begun.status, 202);
    let answer = await root('PUT', `/_api/job/${id}`);
    while (answer.status === 204) answer = await root('PUT', `/_api/job/${id}`);
    assert.equal(answer.body['server'], 'arango');
    assert.equal(answer.headers.get('x-arango-async-id'), id);
    assert.equal((await root('PUT', `/_api/job/${id}`)).status, 404);
  }
  assert.equal((await root('GET', '/_api/version', undefined, { 'x-arango-async': 'true' })).status, 202);
  const slow = await root('POST', '/_api/cursor', { query: 'RETURN SLEEP(0.5)' }, { 'x-arango-async': 'store' });
  const id = slow.headers.get('x-arango-async-id');
  assert.ok([200, 204].includes((await root('GET', `/_api/job/${id}`)).status));
  assert.equal((await root('DELETE', '/_api/job/all')).status, 200);
  assert.equal((await root('PUT', `/_api/job/${id}`)).status, 404);
  assert.equal((await root('GET', '/_api/job/pending')).text, '[]');
  assert.equal((await root('GET', '/_api/job/nonsense')).status, 400);
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const { status, body } = await root(method, '/_api/job');
    assert.deepEqual([status, body['errorNum'], body['errorMessage']], [400, 400, 'bad parameter'], method);
  }
});

test('a job that takes its time is pending meanwhile, and keeps nobody waiting', async () => {
  for (let i = 0; i < 3; i++) {
    const begun = await root('POST', '/_api/cursor', { query: 'FOR i IN 1..600 RETURN SLEEP(0.1)' }, { 'x-arango-async': 'store' });
    const id = begun.headers.get('x-arango-async-id');
    assert.equal((await root('GET', `/_api/job/${id}`)).status, 204);
    assert.equal((await root('PUT', `/_api/job/${id}`)).status, 204);
    assert.equal((await root('GET', '/_api/job/pending')).text, JSON.stringify([id]));
    assert.equal((await root('PUT', `/_api/job/${id}/cancel`)).status, 200);
    while ((await root('PUT', `/_api/job/${id}`)).status === 204);
  }
});

test('a job that is cancelled is done when its query has ended', async () => {
  const begun = await root('POST', '/_api/cursor', { query: 'FOR i IN 1..600 RETURN SLEEP(0.1)' }, { 'x-arango-async': 'store' });
  const id = begun.headers.get('x-arango-async-id');
  for (;;) {
    const current = (await root('GET', '/_api/query/current')).body as unknown as readonly Readonly<Record<string, unknown>>[];
    assert.ok(current.every((query) => !('job' in query)));
    if (current.some(({ query }) => String(query).includes('1..600'))) break;
  }
  assert.equal((await root('PUT', `/_api/job/${id}/cancel`)).body['result'], true);
  let answer = await root('PUT', `/_api/job/${id}`);
  while (answer.status === 204) answer = await root('PUT', `/_api/job/${id}`);
  assert.deepEqual([answer.status, answer.body['errorNum']], [410, 1500]);
  assert.equal((await root('GET', '/_api/query/current')).text, '[]');
});

test('a task has the id that its body gives, or one of its own', async () => {
  const task = { id: 'mine', command: '1', offset: 1000 };
  assert.equal((await root('POST', '/_api/tasks', task)).body['id'], 'mine');
  assert.equal((await root('GET', '/_api/tasks/mine')).body['command'], '(function (params) { 1 } )(params);');
  const again = await root('POST', '/_api/tasks', task);
  assert.deepEqual([again.status, again.body['errorNum']], [409, 1851]);
  const { id } = (await root('POST', '/_api/tasks', { ...task, id: undefined })).body;
  for (const each of ['mine', String(id)]) assert.equal((await root('DELETE', `/_api/tasks/${each}`)).status, 200);
});

test('the version is told whatever the method is', async () => {
  for (const method of ['GET', 'PUT', 'POST']) assert.equal((await root(method, '/_api/version')).body['server'], 'arango', method);
});

test('a client can shut the server down', async () => {
  assert.equal((await asker(server, basic('ada', 'ada'))('DELETE', '/_admin/shutdown')).status, 401);
  const ended = new Promise((resolve) => server.process.once('exit', resolve));
  assert.equal((await root('DELETE', '/_admin/shutdown')).text, '"OK"');
  assert.equal(await ended, 0);
});
