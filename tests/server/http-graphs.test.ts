/** /_api/gharial on a running server: graphs come and go, and what is written through them keeps to their definitions. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asker, type Ask } from '../support/ask.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let ask: Ask;

before(async () => {
  server = await startServer({ workers: 1 });
  ask = asker(server);
});
after(() => server.dispose());

const KNOWS = { collection: 'knows', from: ['person'], to: ['person', 'city'] };

/** A graph for one test, gone with its collections afterwards. */
async function withGraph(action: (path: string) => Promise<void>): Promise<void> {
  const created = await ask('POST', '/_api/gharial', { name: 'g', edgeDefinitions: [KNOWS], orphanCollections: ['lonely'] });
  assert.equal(created.status, 202, created.text);
  try {
    for (const key of ['ada', 'bob']) await ask('POST', '/_api/gharial/g/vertex/person', { _key: key });
    await ask('POST', '/_api/gharial/g/vertex/city', { _key: 'rome' });
    await action('/_api/gharial/g');
  } finally {
    assert.equal((await ask('DELETE', '/_api/gharial/g?dropCollections=true')).status, 202);
  }
}

test('a graph is made, described and listed, and its collections with it', () =>
  withGraph(async (path) => {
    const { status, headers, body } = await ask('GET', path);
    const graph = body['graph'] as Record<string, unknown>;
    assert.equal(status, 200);
    assert.equal(headers.get('etag'), null, 'as ArangoDB, which has it with changes only');
    assert.deepEqual(
      { ...graph, _rev: '' },
      {
        _key: 'g',
        _id: '_graphs/g',
        _rev: '',
        name: 'g',
        edgeDefinitions: [{ collection: 'knows', from: ['person'], to: ['city', 'person'] }],
        orphanCollections: ['lonely'],
      },
    );
    assert.deepEqual((await ask('GET', '/_api/gharial')).body['graphs'], [graph]);
    assert.deepEqual((await ask('GET', `${path}/vertex`)).body['collections'], ['city', 'lonely', 'person']);
    assert.deepEqual((await ask('GET', `${path}/edge`)).body['collections'], ['knows']);
    assert.equal((await ask('GET', '/_api/collection/knows')).body['type'], 3);
  }));

test('edge definitions are stored by the names of their collections, however they come', async () => {
  const named = (collection: string) => ({ collection, from: ['person'], to: ['person'] });
  const names = ({ body }: Awaited<ReturnType<Ask>>): readonly string[] =>
    (body['graph'] as { edgeDefinitions: { collection: string }[] }).edgeDefinitions.map(({ collection }) => collection);
  assert.deepEqual(names(await ask('POST', '/_api/gharial', { name: 'g', edgeDefinitions: [named('likes'), named('hates')] })), [
    'hates',
    'likes',
  ]);
  assert.deepEqual(names(await ask('POST', '/_api/gharial/g/edge', named('helps'))), ['hates', 'helps', 'likes']);
  assert.equal((await ask('DELETE', '/_api/gharial/g?dropCollections=true')).status, 202);
});

test('dropping a graph keeps the collections, unless the client wants them gone and no other graph has them', async () => {
  await ask('POST', '/_api/gharial', { name: 'one', edgeDefinitions: [KNOWS] });
  await ask('POST', '/_api/gharial', { name: 'two', edgeDefinitions: [KNOWS], orphanCollections: ['alone'] });
  assert.deepEqual((await ask('DELETE', '/_api/gharial/two?dropCollections=true')).body['removed'], true);
  assert.equal((await ask('GET', '/_api/collection/knows')).status, 200);
  assert.equal((await ask('GET', '/_api/collection/alone')).status, 404);
  assert.equal((await ask('DELETE', '/_api/gharial/one')).status, 202);
  assert.equal((await ask('GET', '/_api/collection/knows')).status, 200);
  for (const name of ['knows', 'person', 'city']) await ask('DELETE', `/_api/collection/${name}`);
});

test('definitions are added, replaced and removed, and what nothing connects becomes an orphan', () =>
  withGraph(async (path) => {
    const orphans = async (): Promise<unknown> => ((await ask('GET', path)).body['graph'] as Record<string, unknown>)['orphanCollections'];
    assert.equal((await ask('POST', `${path}/edge`, { collection: 'owns', from: ['person'], to: ['lonely'] })).status, 202);
    assert.deepEqual(await orphans(), []);
    assert.equal((await ask('PUT', `${path}/edge/knows`, { from: ['person'], to: ['person'] })).status, 202);
    assert.deepEqual(await orphans(), ['city']);
    assert.equal((await ask('DELETE', `${path}/edge/owns?dropCollections=true`)).status, 202);
    assert.deepEqual(await orphans(), ['city', 'lonely']);
    assert.equal((await ask('GET', '/_api/collection/owns')).status, 404);
    assert.equal((await ask('POST', `${path}/vertex`, { collection: 'new' })).status, 202);
    assert.equal((await ask('DELETE', `${path}/vertex/new?dropCollection=true`)).status, 202);
    assert.deepEqual(await orphans(), ['city', 'lonely']);
    await ask('DELETE', `${path}/vertex/city`);
    await ask('DELETE', '/_api/collection/city');
  }));

test('what does not fit is refused, with ArangoDB’s numbers', () =>
  withGraph(async (path) => {
    await ask('POST', '/_api/collection', { name: 'links', type: 3 });
    const cases: readonly (readonly [method: string, path: string, body: unknown, status: number, errorNum: number])[] = [
      ['POST', '/_api/gharial', { name: 'g' }, 409, 1925],
      ['POST', '/_api/gharial', {}, 400, 1922],
      ['POST', '/_api/gharial', { name: 'h', edgeDefinitions: [{ collection: 'x' }] }, 400, 1923],
      ['POST', '/_api/gharial', { name: 'h', edgeDefinitions: [{ collection: 'x', from: [], to: ['a'] }] }, 400, 1923],
      ['POST', '/_api/gharial', { name: 'h', orphanCollections: 'x' }, 400, 1943],
      ['POST', '/_api/gharial', { name: 'h', edgeDefinitions: [KNOWS, KNOWS] }, 400, 1920],
      ['POST', '/_api/gharial', { name: 'h', edgeDefinitions: [{ ...KNOWS, to: ['person'] }] }, 409, 1921],
      ['POST', '/_api/gharial', { name: 'h', edgeDefinitions: [{ ...KNOWS, collection: 'person' }] }, 400, 1944],
      ['POST', '/_api/gharial', { name: 'h', isSmart: true }, 501, 9],
      ['GET', '/_api/gharial/none', undefined, 404, 1924],
      ['DELETE', '/_api/gharial/none', undefined, 404, 1924],
      ['POST', `${path}/edge`, KNOWS, 400, 1920],
      ['PUT', `${path}/edge/none`, { from: ['person'], to: ['person'] }, 404, 1930],
      ['DELETE', `${path}/edge/none`, undefined, 404, 1930],
      ['POST', `${path}/vertex`, { collection: 'person' }, 400, 1929],
      ['POST', `${path}/vertex`, { collection: 'lonely' }, 400, 1938],
      ['POST', `${path}/vertex`, { collection: 'links' }, 400, 1927],
      ['DELETE', `${path}/vertex/person`, undefined, 400, 1928],
      ['DELETE', `${path}/vertex/none`, undefined, 400, 1928],
      ['POST', `${path}/vertex/none`, {}, 404, 1949],
      ['POST', `${path}/vertex/person`, [], 400, 1227],
      ['GET', `${path}/vertex/person/none`, undefined, 404, 1202],
      ['POST', `${path}/edge/none`, {}, 404, 1930],
      ['POST', `${path}/edge/knows`, { _from: 'person/ada' }, 400, 1233],
      ['POST', `${path}/edge/knows`, { _from: 'person/ada', _to: 'no id' }, 400, 1233],
      ['POST', `${path}/edge/knows`, { _from: 'person/ada', _to: 'links/1' }, 404, 1947],
      ['PATCH', `${path}/edge/knows/none`, { _to: 'links/1' }, 404, 1947],
      ['PATCH', `${path}/edge/knows/none`, { _to: 'person/none' }, 404, 1202],
      ['DELETE', '/_api/collection/person', undefined, 400, 1942],
      ['DELETE', '/_api/collection/knows', undefined, 400, 1942],
      ['DELETE', '/_api/collection/lonely', undefined, 400, 1942],
      ['POST', `${path}/edge/knows`, { _from: 'person/ada', _to: 'person/none' }, 404, 1202],
    ];
    for (const [method, to, body, status, errorNum] of cases) {
      const answer = await ask(method, to, body);
      assert.deepEqual(
        [answer.status, answer.body['errorNum'], answer.body['code']],
        [status, errorNum, status],
        `${method} ${to} ${JSON.stringify(body)}: ${answer.text}`,
      );
    }
    await ask('DELETE', '/_api/collection/links');
  }));

test('vertices and edges are written and read with revisions, and old and new content', () =>
  withGraph(async (path) => {
    const made = await ask('POST', `${path}/edge/knows?returnNew=true&waitForSync=true`, {
      _key: 'e',
      _from: 'person/ada',
      _to: 'city/rome',
      n: 1,
    });
    assert.equal(made.status, 201);
    const { _rev } = made.body['edge'] as Record<string, unknown>;
    assert.equal((made.body['new'] as Record<string, unknown>)['n'], 1);
    assert.equal(made.headers.get('etag'), _rev);

    const changed = await ask('PATCH', `${path}/edge/knows/e?returnOld=true&returnNew=true&keepNull=false`, { n: null, m: 2 });
    assert.equal(changed.status, 202);
    assert.equal((changed.body['edge'] as Record<string, unknown>)['_oldRev'], _rev);
    assert.equal((changed.body['old'] as Record<string, unknown>)['n'], 1);
    assert.equal('n' in (changed.body['new'] as object), false);

    const conflict = await ask('PUT', `${path}/edge/knows/e`, { _from: 'person/ada', _to: 'person/bob' }, { 'if-match': String(_rev) });
    assert.deepEqual([conflict.status, conflict.body['errorNum'], conflict.body['_key']], [412, 1200, 'e']);
    assert.equal((await ask('GET', `${path}/edge/knows/e?rev=${String(_rev)}`)).status, 412);
    const present = (await ask('GET', `${path}/edge/knows/e`)).headers.get('etag') ?? '';
    assert.equal((await ask('GET', `${path}/edge/knows/e`, undefined, { 'if-none-match': present })).status, 304);
    assert.equal((await ask('HEAD', `${path}/edge/knows/e`)).status, 200);
    assert.equal((await ask('PUT', `${path}/vertex/person/ada?returnOld=true`, { age: 36 })).status, 202);
    const removed = await ask('DELETE', `${path}/edge/knows/e?returnOld=true`);
    assert.deepEqual([removed.status, removed.body['removed'], (removed.body['old'] as Record<string, unknown>)['m']], [202, true, 2]);
  }));

test('a vertex goes with its edges, also inside a stream transaction', () =>
  withGraph(async (path) => {
    const edge = { _from: 'person/ada', _to: 'city/rome' };
    await ask('POST', `${path}/edge/knows`, edge);
    const begun = await ask('POST', '/_api/transaction/begin', { collections: { write: ['person', 'knows'] } });
    const id = String((begun.body['result'] as Record<string, unknown>)['id']);
    assert.equal((await ask('DELETE', `${path}/vertex/person/ada`, undefined, { 'x-arango-trx-id': id })).status, 202);
    assert.equal((await ask('GET', '/_api/collection/knows/count')).body['count'], 1);
    assert.equal((await ask('DELETE', `/_api/transaction/${id}`)).status, 200);

    assert.equal((await ask('DELETE', `${path}/vertex/person/ada`)).status, 202);
    assert.equal((await ask('GET', '/_api/collection/knows/count')).body['count'], 0);
  }));
