/** Collections over HTTP: names, rules for documents in all ways in, and the searches from before AQL. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;

async function send(
  method: string,
  path: string,
  body?: unknown,
): Promise<Readonly<Record<string, unknown>> & { readonly status: number }> {
  const text = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const response = await fetch(server.url + path, { method, ...text });
  return { ...((await response.json()) as Record<string, unknown>), status: response.status };
}

before(async () => {
  server = await startServer({ workers: 1, arguments: ['--database.extended-names=true'] });
});
after(async () => server.dispose());

test('extended names may have any letters, in their composed form', async () => {
  const composed = 'Füchse 🦊';
  const made = await send('POST', '/_api/collection', { name: composed });
  assert.deepEqual([made.status, made['name']], [200, composed]);
  assert.equal((await send('POST', `/_api/document/${encodeURIComponent(composed)}`, { _key: 'a' }))['_id'], `${composed}/a`);
  assert.equal((await send('GET', `/_api/document/${encodeURIComponent(composed)}/a`)).status, 200);
  assert.deepEqual((await send('POST', '/_api/cursor', { query: `FOR f IN \`${composed}\` RETURN f._id` }))['result'], [`${composed}/a`]);
  for (const name of [composed.normalize('NFD'), 'a/b', ' a', '1a', '.a', 'ä'.repeat(129)]) {
    assert.equal((await send('POST', '/_api/collection', { name }))['errorNum'], 1208, name);
  }
});

test('an import tells taken keys by their place among what was to be inserted', async () => {
  await send('POST', '/_api/collection', { name: 'imported' });
  const lines = ['{"_key": "a"}', 'no JSON', '{"_key": "a", "n": 2}'].join('\n');
  const { details } = await send('POST', '/_api/import?collection=imported&type=documents&details=true', lines);
  assert.deepEqual(details, [
    'at position 2: invalid JSON type (expecting object, probably parse error), offending context: no JSON',
    `at position 1: creating document failed with error 'unique constraint violated', offending document: {"_key":"a","n":2}`,
  ]);
});

test('an import holds documents to the schema and gives them computed values', async () => {
  const computedValues = [{ name: 'double', expression: 'RETURN @doc.n * 2', overwrite: true }];
  const schema = { rule: { properties: { n: { type: 'number' } }, required: ['n'] }, message: 'a number n' };
  assert.equal((await send('POST', '/_api/collection', { name: 'ruled', schema, computedValues })).status, 200);
  const lines = [{ _key: 'a', n: 1 }, { _key: 'b', n: 'x' }, { _key: 'c' }].map((each) => JSON.stringify(each)).join('\n');
  const imported = await send('POST', '/_api/import?collection=ruled&type=documents&details=true', lines);
  assert.deepEqual([imported['created'], imported['errors']], [1, 2]);
  assert.match(String((imported['details'] as readonly string[])[0]), /a number n/);
  assert.equal((await send('GET', '/_api/document/ruled/a'))['double'], 2);
  const complete = await send('POST', '/_api/import?collection=ruled&type=documents&complete=true', lines);
  assert.equal(complete['errorNum'], 1210);
  const refused = await send('POST', '/_api/document/ruled', {});
  assert.deepEqual([refused.status, refused['errorNum'], refused['errorMessage']], [400, 1620, 'a number n']);
  const wrong = await send('PUT', '/_api/collection/ruled/properties', { schema: { rule: 1 } });
  assert.deepEqual([wrong.status, wrong['errorNum']], [400, 1621]);
  const notComputed = await send('PUT', '/_api/collection/ruled/properties', {
    computedValues: [{ ...computedValues[0], expression: 'x' }],
  });
  assert.deepEqual([notComputed.status, notComputed['errorNum']], [400, 10]);
});

test('computed values do without functions that wait, or look at more than the document', async () => {
  await send('POST', '/_api/collection', { name: 'computed' });
  const set = async (call: string): Promise<number> =>
    (
      await send('PUT', '/_api/collection/computed/properties', {
        computedValues: [{ name: 'x', expression: `RETURN ${call}`, overwrite: true }],
      })
    ).status;
  for (const call of [
    'SLEEP(1)',
    'TOKENS(@doc.a, "text_en")',
    'NGRAM_MATCH(@doc.a, "a")',
    'VERSION()',
    'CALL("UPPER", "a")',
    'DOCUMENT("c/a")',
  ])
    assert.equal(await set(call), 400, call);
  for (const call of ['RAND()', 'UUID()', 'DATE_NOW()', 'UPPER(@doc.a)']) assert.equal(await set(call), 200, call);
});

test('an import counts lines with nothing in them, and wants the names of a table in its first', async () => {
  await send('POST', '/_api/collection', { name: 'lines' });
  const counts = async (query: string, text: string): Promise<readonly unknown[]> => {
    const { status, created, empty, errors, errorNum } = await send('POST', `/_api/import?collection=lines${query}`, text);
    return errorNum === undefined ? [status, created, empty, errors] : [status, errorNum];
  };
  assert.deepEqual(await counts('&type=documents', '\n \r\n{"a":1}\n\n\t\n{"a":2}\n\n'), [201, 2, 5, 0]);
  assert.deepEqual(await counts('&type=documents', '\n\n'), [201, 0, 2, 0]);
  assert.deepEqual(await counts('', '["a"]\n\n[1]\n \n'), [201, 1, 2, 0]);
  assert.deepEqual(await counts('', '\n["a"]\n[1]'), [400, 400]);
  assert.deepEqual(await counts('&type=array', '[{"a":1}, {"b"}]'), [400, 600]);
  assert.deepEqual(await counts('&type=array', ''), [400, 400]);
});

test('an import of a table takes rows of other lengths if that is asked for', async () => {
  await send('POST', '/_api/collection', { name: 'table' });
  const lines = '["_key", "a"]\n["x", 1]\n["y"]\n["z", 3, 4]';
  assert.deepEqual((await send('POST', '/_api/import?collection=table', lines))['errors'], 2);
  assert.equal((await send('POST', '/_api/import?collection=table&complete=true&overwrite=true', lines)).status, 500);
  assert.equal((await send('GET', '/_api/collection/table/count'))['count'], 1);
  assert.equal((await send('POST', '/_api/import?collection=table&ignoreMissing=true&overwrite=true', lines))['created'], 3);
  assert.equal((await send('GET', '/_api/document/table/y'))['a'], undefined);
  assert.equal((await send('GET', '/_api/document/table/z'))['a'], 3);
});

test('searches from before AQL find by place and by words', async () => {
  await send('POST', '/_api/collection', { name: 'places' });
  assert.equal((await send('PUT', '/_api/simple/near', { collection: 'places', latitude: 0, longitude: 0 }))['errorNum'], 1570);
  assert.equal((await send('PUT', '/_api/simple/fulltext', { collection: 'places', attribute: 'text', query: 'fox' }))['errorNum'], 1571);
  await send('POST', '/_api/index?collection=places', { type: 'geo', fields: ['lat', 'lng'] });
  await send('POST', '/_api/index?collection=places', { type: 'fulltext', fields: ['text'] });
  const documents = Array.from({ length: 120 }, (_, i) => ({ _key: `k${i}`, lat: 0, lng: i, text: i % 2 === 0 ? 'fox' : 'bear' }));
  await send('POST', '/_api/document/places', documents);
  const place = { collection: 'places', latitude: 0, longitude: 0 };
  const keys = async (path: string, body: object): Promise<unknown[]> =>
    ((await send('PUT', `/_api/simple/${path}`, body))['result'] as readonly Record<string, unknown>[]).map(({ _key }) => _key);
  assert.equal((await keys('near', place)).length, 100);
  assert.deepEqual(await keys('near', { ...place, skip: 1, limit: 2 }), ['k1', 'k2']);
  const { result } = await send('PUT', '/_api/simple/within', { ...place, radius: 120_000, distance: 'far' });
  assert.deepEqual(
    (result as readonly Record<string, unknown>[]).map(({ far }) => Math.round(Number(far))),
    [0, 111_195],
  );
  assert.deepEqual(await keys('within-rectangle', { collection: 'places', latitude1: -1, longitude1: 2, latitude2: 1, longitude2: 3 }), [
    'k2',
    'k3',
  ]);
  assert.deepEqual(await keys('fulltext', { collection: 'places', attribute: 'text', query: 'fox', limit: 2 }), ['k0', 'k2']);
});
