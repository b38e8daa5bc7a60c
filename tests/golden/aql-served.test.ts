/**
 * The queries of ArangoDB's manual against a real server: over HTTP, and inside a service, with the optimizer and with every rule off. All
 * ways must give what was recorded; exceptions are those of `known-misses.ts`.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Value, ValueObject } from '#values';
import { service, zip } from '../support/bundles.ts';
import { isThorough } from '../support/law.ts';
import { startServer, type TestServer } from '../support/server.ts';
import type { DataSet } from '../support/world.ts';
import { GOLDEN, recordedExamples, resultMiss, skip } from './examples.ts';
import { KNOWN_MISSES } from './known-misses.ts';

let server: TestServer;
before(async () => {
  if (skip === false) server = await startServer({ workers: 1 });
});
after(async () => {
  if (skip === false) await server.dispose();
});

/** A service that runs a query for whoever asks. */
const ASKED = zip(
  service(`
    router.post('/', (req, res) => {
      const { query: text, bindVars, options } = JSON.parse(req.rawBody.toString());
      res.json(db._query(text, bindVars, options).toArray());
    });
  `),
);

async function send(path: string, json: unknown): Promise<Value> {
  const response = await server.fetch(path, { method: 'POST', json });
  const body = (await response.json()) as Value;
  assert.ok(response.ok, `${path}: ${JSON.stringify(body)}`);
  return body;
}

/** A database with the data, and the service. */
async function load(name: string, dataset: string | null): Promise<void> {
  await send('/_api/database', { name });
  const { status } = await server.fetch(`/_db/${name}/_api/foxx?mount=/ask`, {
    method: 'POST',
    body: ASKED,
    headers: { 'content-type': 'application/zip' },
  });
  assert.equal(status, 201);
  if (dataset === null) return;
  const data = JSON.parse(readFileSync(join(GOLDEN, 'datasets', `${dataset}.json`), 'utf8')) as DataSet;
  for (const { name: collection, type } of data.collections) {
    if (!collection.startsWith('_')) await send(`/_db/${name}/_api/collection`, { name: collection, type: type === 'edge' ? 3 : 2 });
  }
  for (const [collection, documents] of Object.entries(data.documents)) {
    if (documents.length > 0) await send(`/_db/${name}/_api/document/${collection}`, documents);
  }
  for (const graph of data.graphs ?? []) await send(`/_db/${name}/_api/gharial`, graph);
  for (const { collection, ...definition } of data.indexes ?? [])
    await send(`/_db/${name}/_api/index?collection=${collection}`, definition);
}

interface Way {
  readonly path: '/_api/cursor' | '/ask';
  readonly options: ValueObject;
}

const PLAIN = { optimizer: { rules: ['-all'] } };

/** Either is asked over HTTP and in a service; the quick tests ask each once. */
const WAYS: readonly Way[] = [
  { path: '/_api/cursor', options: {} },
  { path: '/ask', options: PLAIN },
  ...(isThorough ? [{ path: '/_api/cursor', options: PLAIN } as const, { path: '/ask', options: {} } as const] : []),
];

/** These would find what they wrote the time before; `aql.test.ts` runs them. */
const WRITES = /\b(?:insert|update|replace|remove|upsert)\b/i;

test('a server gives the recorded results, over HTTP and in a service', { skip }, async (context) => {
  const known = new Set(KNOWN_MISSES.flatMap(({ ids }) => ids));
  const examples = [...recordedExamples('aql.jsonl'), ...recordedExamples('aql-static.jsonl')].filter(
    ({ id, query }) => !known.has(id) && !WRITES.test(query),
  );
  const databases = new Map<string | null, string>();
  const misses: string[] = [];
  for (const record of examples) {
    const { dataset, query, bindVars } = record;
    let name = databases.get(dataset);
    if (name === undefined) {
      name = `golden${databases.size}`;
      databases.set(dataset, name);
      await load(name, dataset);
    }
    for (const { path, options } of WAYS) {
      const body = await send(`/_db/${name}${path}`, { query, bindVars, options, batchSize: 100_000 });
      const result = path === '/ask' ? body : ((body as ValueObject)['result'] ?? null);
      const miss = resultMiss(record, result as readonly Value[]);
      if (miss !== undefined) misses.push(`${record.id} ${path} ${JSON.stringify(options)}: ${miss}`);
    }
  }
  context.diagnostic(`aql.jsonl and aql-static.jsonl, served: ${examples.length - misses.length} of ${examples.length}`);
  assert.deepEqual(misses, []);
});
