/**
 * What clients get wrong: each mistake has its documented number and a message that says what was found. And no route answers 500,
 * whatever is sent to it.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ROUTES } from '#api';
import { isThorough } from '../support/law.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;

before(async () => {
  server = await startServer({ workers: 1 });
  await makeWorld();
});
after(async () => server.dispose());

async function makeWorld(): Promise<void> {
  await server.fetch('/_api/collection', { json: { name: 'c' } });
  await server.fetch('/_api/collection', { json: { name: 'e', type: 3 } });
  await server.fetch('/_api/document/c', { json: { _key: 'k' } });
  await server.fetch('/_api/collection', { json: { name: 'twins' } });
  await server.fetch('/_api/document/twins', { json: [{ n: 1 }, { n: 1 }] });
}

type Mistake = readonly [method: string, path: string, body: unknown, status: number, errorNum: number, message: RegExp];

/** A string is sent as it is. */
const MISTAKES: readonly Mistake[] = [
  ['POST', '/_api/cursor', '{"query":', 400, 600, /VPackError error: Expecting item/],
  ['POST', '/_api/cursor', '{"query":"RETURN 1","query":"RETURN 2"}', 400, 600, /Duplicate attribute name/],
  ['POST', '/_api/document/c', 'moo', 400, 600, /Expecting digit/],
  ['POST', '/_api/document/c', '{"n":1,"n":2}', 400, 600, /Duplicate attribute name/],
  ['POST', '/_api/document/c', '', 400, 1227, /type/],
  ['POST', '/_api/collection', '', 400, 1208, /nothing/],
  ['POST', '/_api/collection', [], 400, 1208, /nothing/],
  ['POST', '/_api/collection', {}, 400, 1208, /nothing/],
  ['POST', '/_api/collection', { name: 5 }, 400, 1208, /5/],
  ['POST', '/_api/collection', { name: '1a' }, 400, 1208, /illegal name/],
  ['POST', '/_api/collection', { name: '_own' }, 400, 1208, /illegal name/],
  ['POST', '/_api/collection', { name: 'x'.repeat(257) }, 400, 1208, /illegal name/],
  ['POST', '/_api/collection', { name: 'c' }, 409, 1207, /duplicate name/],
  ['POST', '/_api/collection', { name: 'n', type: 7 }, 400, 1218, /type/],
  ['POST', '/_api/collection', { name: 'n', waitForSync: 'yes' }, 400, 10, /waitForSync/],
  ['POST', '/_api/collection', { name: 'n', keyOptions: { type: 'own' } }, 400, 1232, /generator/],
  ['POST', '/_api/collection', { name: 'n', schema: 5 }, 400, 1621, /object/],
  ['GET', '/_api/collection/none', undefined, 404, 1203, /none/],
  ['PUT', '/_api/collection/c/rename', { name: 5 }, 400, 1208, /5/],
  ['PUT', '/_api/collection/c/spin', undefined, 404, 404, /'truncate'/],
  ['GET', '/_api/collection/c/spin', undefined, 404, 404, /'figures'/],
  ['PUT', '/_api/collection/c', undefined, 400, 400, /<action>/],
  ['PUT', '/_api/collection/c/properties', { waitForSync: 5 }, 400, 10, /waitForSync/],
  ['PUT', '/_api/collection/c/responsibleShard', {}, 501, 1471, /coordinator/],
  ['DELETE', '/_api/collection/_users', undefined, 403, 11, /forbidden/],
  ['GET', '/_api/document/c/none', undefined, 404, 1202, /not found/],
  ['GET', '/_api/document/none/k', undefined, 404, 1203, /none/],
  ['POST', '/_api/document', {}, 400, 1204, /collection/],
  ['GET', '/_api/document', undefined, 404, 1203, /expecting GET/],
  ['GET', '/_api/document/c', undefined, 404, 1203, /expecting GET/],
  ['PUT', '/_api/document', [], 400, 400, /collection/],
  ['PATCH', '/_api/document', [], 400, 400, /collection/],
  ['PUT', '/_api/document', {}, 400, 400, /query parameter 'collection' must be specified/],
  ['PATCH', '/_api/document', {}, 400, 400, /query parameter 'collection' must be specified/],
  ['PATCH', '/_api/document?collection=none', {}, 400, 1227, /type/],
  ['PATCH', '/_api/document?collection=none', [], 404, 1203, /none/],
  ['PUT', '/_api/document?onlyget=true', [], 400, 400, /expecting PUT/],
  ['DELETE', '/_api/document', undefined, 400, 400, /expecting DELETE/],
  ['PUT', '/_api/user/root/database/_system/none', { grant: 'ro' }, 404, 1203, /not found/],
  ['PUT', '/_api/user/root/database/none/c', { grant: 'ro' }, 404, 1228, /not found/],
  ['DELETE', '/_api/user/root/database/_system/none', undefined, 404, 1203, /not found/],
  ['DELETE', '/_api/user/root/database/none/*', undefined, 404, 1228, /not found/],
  ['DELETE', '/_api/user/none/database/_system/c', undefined, 404, 1703, /not found/],
  ['DELETE', '/_api/document/c', undefined, 400, 400, /not parseable/],
  ['PUT', '/_api/document/none', {}, 400, 1227, /type/],
  ['PUT', '/_api/document//k', {}, 400, 1227, /type/],
  ['POST', '/_api/document/c', 5, 400, 1227, /type/],
  ['POST', '/_api/document/c', { _key: 'a b' }, 400, 1221, /key/],
  ['POST', '/_api/document/c', { _key: 5 }, 400, 1221, /key/],
  ['POST', '/_api/document/c', { _key: 'x'.repeat(255) }, 400, 1221, /key/],
  ['POST', '/_api/document/e', {}, 400, 1233, /edge/],
  ['POST', '/_api/document/e', { _from: 'x', _to: 'c/k' }, 400, 1233, /edge/],
  ['PUT', '/_api/document/c', {}, 400, 1227, /type/],
  ['PATCH', '/_api/document/c/k', [], 400, 1227, /type/],
  ['PATCH', '/_api/document/c/none', {}, 404, 1202, /not found/],
  ['DELETE', '/_api/document/c', 'x', 400, 600, /Expecting digit/],
  ['GET', '/_api/document/c/%ff', undefined, 400, 400, /percent/],
  ['GET', '/_api/index', undefined, 400, 400, /collection/],
  ['POST', '/_api/index?collection=c', {}, 400, 10, /type/],
  ['POST', '/_api/index?collection=c', { type: 'wooden', fields: ['a'] }, 400, 10, /wooden|type/],
  ['POST', '/_api/index?collection=c', { type: 'persistent' }, 400, 10, /fields/],
  ['POST', '/_api/index?collection=c', { type: 'persistent', fields: [5] }, 400, 10, /./],
  ['POST', '/_api/index?collection=none', { type: 'persistent', fields: ['a'] }, 404, 1203, /none/],
  ['POST', '/_api/index?collection=twins', { type: 'persistent', fields: ['n'], unique: true }, 400, 1210, /unique/],
  ['GET', '/_api/index/c/5', undefined, 404, 1212, /index/],
  ['DELETE', '/_api/index/c/0', undefined, 403, 11, /forbidden/],
  ['POST', '/_api/cursor', '', 400, 1502, /empty/],
  ['POST', '/_api/cursor', {}, 400, 600, /JSON/],
  ['POST', '/_api/cursor', { query: '' }, 400, 1502, /empty/],
  ['POST', '/_api/cursor', { query: 5 }, 400, 17, /5/],
  ['POST', '/_api/cursor', { query: 'RETURN 1', bindVars: [] }, 400, 17, /bindVars.*\[\]/],
  ['POST', '/_api/cursor', { query: 'RETURN 1', options: 'fast' }, 400, 17, /options.*fast/],
  ['POST', '/_api/cursor', { query: 'RETURN 1', batchSize: 0 }, 400, 17, /batchSize.*0/],
  ['POST', '/_api/cursor', { query: 'RETURN 1', batchSize: -5 }, 400, 17, /batchSize.*-5/],
  ['POST', '/_api/cursor', { query: 'RETURN 1', batchSize: 'all' }, 400, 17, /batchSize.*all/],
  ['POST', '/_api/cursor', { query: 'RETURN 1', ttl: -1 }, 400, 17, /ttl.*-1/],
  ['POST', '/_api/cursor', { query: 'RETURN @a' }, 400, 1551, /'a'/],
  ['POST', '/_api/cursor', { query: 'RETURN 1', bindVars: { a: 1 } }, 400, 1552, /'a'/],
  ['POST', '/_api/cursor', { query: 'RETURN NOPE()' }, 400, 1540, /NOPE/],
  ['PUT', '/_api/cursor/abc', undefined, 404, 1600, /cursor not found/],
  ['POST', '/_api/cursor/99999999', undefined, 404, 1600, /cursor not found/],
  ['DELETE', '/_api/cursor/1', undefined, 404, 1600, /cursor not found/],
  ['POST', '/_api/explain', {}, 400, 1502, /empty/],
  ['POST', '/_api/query', { query: 'RETURN' }, 400, 1501, /syntax error/],
  ['POST', '/_api/database', { name: 5 }, 400, 1208, /5/],
  ['POST', '/_api/database', { name: '' }, 400, 1208, /database name/],
  ['POST', '/_api/database', { name: '_system' }, 409, 1207, /duplicate/],
  ['POST', '/_api/database', { name: 'x', users: 5 }, 400, 10, /users/],
  ['POST', '/_api/database', { name: 'x', options: 5 }, 400, 10, /options.*5/],
  ['DELETE', '/_api/database/none', undefined, 404, 1228, /not found/],
  ['DELETE', '/_api/database/_system', undefined, 403, 11, /forbidden/],
  ['GET', '/_db/none/_api/version', undefined, 404, 1228, /not found/],
  ['POST', '/_api/transaction/begin', {}, 400, 10, /collections/],
  ['POST', '/_api/transaction/begin', { collections: { write: 5 } }, 400, 10, /5/],
  ['POST', '/_api/transaction/begin', { collections: { write: 'none' } }, 404, 1203, /none/],
  ['POST', '/_api/transaction/begin', { collections: {}, lockTimeout: 'long' }, 400, 10, /lockTimeout.*long/],
  ['POST', '/_api/transaction', '', 400, 10, /empty/],
  ['POST', '/_api/transaction', { collections: {}, action: 'return 1;' }, 400, 10, /no function/],
  ['POST', '/_api/transaction', { collections: {}, action: '(p) => p.a.b', params: {} }, 400, 17, /undefined/],
  ['POST', '/_api/transaction', { collections: {} }, 400, 10, /action/],
  ['POST', '/_api/transaction', { collections: {}, action: 'function () { throw "oh" }' }, 500, 1650, /^oh$/],
  ['PUT', '/_api/transaction/5', undefined, 404, 1655, /transaction/],
  ['GET', '/_api/edges/c?vertex=c/k', undefined, 400, 1218, /type/],
  ['GET', '/_api/edges/e', undefined, 400, 1205, /vertex/],
  ['GET', '/_api/edges/e?vertex=c/k&direction=up', undefined, 400, 400, /up/],
  ['POST', '/_api/import', '', 400, 1204, /collection/],
  ['POST', '/_api/import?collection=c&type=heap', '[]', 400, 10, /heap/],
  ['POST', '/_api/import?collection=c&onDuplicate=cry', '[]', 400, 10, /cry/],
  ['PUT', '/_api/simple/by-example', { collection: 'c' }, 400, 10, /example.*nothing/],
  ['PUT', '/_api/simple/all', { collection: 'c', skip: -1 }, 400, 1504, /range/],
  ['PUT', '/_api/simple/update-by-example', { collection: 'c', example: {}, newValue: [] }, 400, 400, /newValue.*\[\]/],
  ['PUT', '/_api/simple/remove-by-example', { collection: 'c', example: 5 }, 400, 400, /example.*5/],
  ['POST', '/_api/aqlfunction', { code: '() => 1' }, 400, 1580, /name/],
  ['POST', '/_api/aqlfunction', { name: 'a::b' }, 400, 1581, /code/],
  ['PUT', '/_api/simple/first-example', { collection: 'c', example: { none: 1 } }, 404, 404, /no match/],
  ['PUT', '/_api/simple/lookup-by-keys', { collection: 'c', keys: 'k' }, 400, 10, /keys.*"k"/],
  ['POST', '/_api/user', {}, 400, 1700, /name/],
  ['POST', '/_api/user', { user: 'u', passwd: 5 }, 400, 10, /passwd.*5/],
  ['GET', '/_api/user/none', undefined, 404, 1703, /not found/],
  ['PUT', '/_api/user/none', '', 404, 1703, /not found/],
  ['PATCH', '/_api/user/none', undefined, 404, 1703, /not found/],
  ['PUT', '/_api/user', {}, 400, 400, /user/],
  ['DELETE', '/_api/user', undefined, 400, 400, /user/],
  ['PUT', '/_api/user/none/database/_system', { grant: 'all' }, 400, 10, /grant.*all/],
  ['POST', '/_open/auth', { username: 'none', password: 'x' }, 401, 401, /credentials/],
  ['GET', '/_api/job/none', undefined, 400, 400, /expecting done, pending/],
  ['GET', '/_admin/log?level=loud', undefined, 400, 400, /loud/],
  ['GET', '/_admin/log?size=big', undefined, 400, 400, /size.*big/],
  ['DELETE', '/_api/query/7', undefined, 404, 1591, /query ID/],
  ['GET', '/_api/foxx/service?mount=none', undefined, 400, 400, /mount/],
  ['GET', '/_api/foxx/service?mount=/none', undefined, 400, 3009, /none/],
  ['POST', '/_api/foxx/tests?mount=/none', undefined, 400, 3009, /none/],
  ['POST', '/_api/foxx/tests?mount=/none&reporter=shout', undefined, 400, 400, /shout/],
  ['POST', '/_api/foxx/scripts/x?mount=/none', undefined, 400, 3009, /none/],
  ['GET', '/_api/nothing', undefined, 404, 404, /_api\/nothing/],
];

const isReading = (method: string): boolean => method === 'GET' || method === 'HEAD';

const send = (method: string, path: string, body: unknown): Promise<Response> =>
  server.fetch(path, {
    method,
    ...(body === undefined || isReading(method) ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });

for (const [method, path, body, status, errorNum, message] of MISTAKES) {
  const shown = body === undefined ? '' : ` with ${typeof body === 'string' ? body : JSON.stringify(body)}`.slice(0, 80);
  test(`${method} ${path}${shown} is ${status} with number ${errorNum}`, async () => {
    const answer = await send(method, path, body);
    const found = (await answer.json()) as { error: boolean; code: number; errorNum: number; errorMessage: string };
    assert.deepEqual([answer.status, found.code, found.errorNum, found.error], [status, status, errorNum, true], found.errorMessage);
    assert.match(found.errorMessage, message);
  });
}

test('a method that a path does not have is 405 with those that it has', async () => {
  for (const [method, path, allowed] of [
    ['PATCH', '/_api/engine', 'GET'],
    ['DELETE', '/_api/cursor', 'POST, PUT'],
    ['POST', '/_api/collection/c/count', 'GET'],
  ] as const) {
    const answer = await send(method, path, undefined);
    assert.deepEqual([answer.status, answer.headers.get('allow')], [405, allowed], path);
    assert.equal(((await answer.json()) as { errorNum: number }).errorNum, 405);
  }
});

test('a batch may be larger than any result', async () => {
  const answer = await send('POST', '/_api/cursor', { query: 'FOR i IN 1..3 RETURN i', batchSize: 1e15 });
  assert.deepEqual(((await answer.json()) as { result: unknown }).result, [1, 2, 3]);
});

const BODIES: readonly unknown[] = [
  undefined,
  '{',
  'null',
  '5',
  '"text"',
  '[]',
  '[null, 5, "x", {}, []]',
  {},
  { name: {}, query: {}, collection: [], collections: 5, example: 5, keys: {}, user: [], options: 5, users: [5], action: 5, type: {} },
  {
    name: 'f',
    query: 'RETURN 1',
    collection: 'c',
    collections: [],
    example: [],
    keys: [{}],
    options: [],
    fields: {},
    params: {},
    grant: {},
  },
];
const QUERIES = [
  '',
  '?collection=c&mount=/x&vertex=5&type=5&size=x&count=x&stamp=x&waitForSync=7&onlyget=1',
  '?collection=%00&mount=%00&vertex=%00',
];

/** Each segment of a path, each query and each body at least once with the usual others, and bodies with all queries in turn. */
const ODDITIES: readonly { readonly segment: string; readonly query: string; readonly body: unknown }[] = [
  ...BODIES.map((body, place) => ({ segment: 'c', query: QUERIES[place % QUERIES.length] ?? '', body })),
  ...['k', '%00', '5', '..%2f..'].flatMap((segment, place) => [
    { segment, query: QUERIES[place % QUERIES.length] ?? '', body: undefined },
    { segment, query: QUERIES[(place + 1) % QUERIES.length] ?? '', body: {} },
  ]),
];

/** Where no body is sent. */
const ODD_PATHS = ODDITIES.filter(
  ({ segment, query }, place) => ODDITIES.findIndex((each) => each.segment === segment && each.query === query) === place,
);

/** What a route is sent in the quick tests: one in three, with others at each route and in each run. */
const FEW = 3;
const firstTurn = Math.floor(Math.random() * FEW);
const isTried = (route: number, oddity: number): boolean => isThorough || (route + oddity + firstTurn) % FEW === 0;

test('no route answers 500, whatever is sent to it', async () => {
  let isChanged = false;
  for (const [route, { method, path }] of ROUTES.entries()) {
    if (method === 'DELETE' && path === '/_admin/shutdown') continue; // it would be the last one
    if (isChanged) await makeWorld(); // the route before may have dropped all of it
    isChanged = !isReading(method);
    for (const [oddity, { segment, query, body }] of (isReading(method) ? ODD_PATHS : ODDITIES).entries()) {
      if (!isTried(route, oddity)) continue;
      const full = path.replaceAll(/[:*]\w+/g, segment) + query;
      const answer = await send(method === '*' ? 'PUT' : method, full, body);
      const text = await answer.text();
      assert.ok(answer.status < 500 || answer.status === 501, `${method} ${full} ${JSON.stringify(body)}: ${text}`);
    }
  }
});
