// The peer: what somebody would build by hand for the same work, Fastify with response schemas over better-sqlite3. Documents are
// JSON text under a primary key, filtered attributes have expression indexes, statements are prepared once.
// Usage: node peer.js <folder> <synchronous: NORMAL|FULL> <documents>
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fastify from 'fastify';
import { documentOf, KEYS } from './documents.js';

const [folder, synchronous, count] = process.argv.slice(2);
const db = new Database(join(folder, 'peer.sqlite'));
db.pragma('journal_mode = WAL');
db.pragma(`synchronous = ${synchronous}`);
// As much memory as somebody would give it who cares: a page cache of 256 MB, and reading through a mapping of the file.
db.pragma('cache_size = -262144');
db.pragma('mmap_size = 4294967296');
db.exec('CREATE TABLE IF NOT EXISTS items (key TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID');
db.exec('CREATE TABLE IF NOT EXISTS fresh (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
db.exec("CREATE INDEX IF NOT EXISTS items_city ON items (json_extract(body, '$.city'), json_extract(body, '$.age'))");

if (db.prepare('SELECT count(*) AS n FROM items').get().n === 0) {
  const insert = db.prepare('INSERT INTO items VALUES (?, ?)');
  db.transaction(() => {
    for (let i = 0; i < Number(count); i++) insert.run(KEYS(i), JSON.stringify({ _key: KEYS(i), ...documentOf(i) }));
  })();
}

const one = db.prepare('SELECT body FROM items WHERE key = ?').pluck();
const add = db.prepare('INSERT INTO fresh (body) VALUES (?)');
const byCity = db
  .prepare(
    "SELECT body FROM items WHERE json_extract(body, '$.city') = ? AND json_extract(body, '$.age') >= ? ORDER BY json_extract(body, '$.age') LIMIT 20",
  )
  .pluck();
const scan = db
  .prepare("SELECT count(*) FROM items WHERE json_extract(body, '$.score') > ? AND json_extract(body, '$.active') = 1")
  .pluck();

const app = fastify({ logger: false });
const message = { type: 'object', properties: { hello: { type: 'string' } } };
app.get('/hello', { schema: { response: { 200: message } } }, () => ({ hello: 'world' }));

const key = { type: 'object', properties: { key: { type: 'string', minLength: 1 } }, required: ['key'] };
app.get('/items/:key', { schema: { params: key } }, (request, reply) => {
  const body = one.get(request.params.key);
  if (body === undefined) return reply.code(404).send({ error: true });
  return reply.type('application/json; charset=utf-8').send(body);
});
// What a handler does that looks into the document before it answers.
app.get(
  '/greet/:key',
  { schema: { params: key, response: { 200: { type: 'object', properties: { name: { type: 'string' }, age: { type: 'number' } } } } } },
  (request, reply) => {
    const body = one.get(request.params.key);
    if (body === undefined) return reply.code(404).send({ error: true });
    const { name, age } = JSON.parse(body);
    return { name, age };
  },
);
const created = { type: 'object', properties: { _id: { type: 'string' }, _key: { type: 'string' } } };
app.post('/items', { schema: { response: { 202: created } } }, (request, reply) => {
  const { lastInsertRowid } = add.run(JSON.stringify(request.body));
  return reply.code(202).send({ _id: `fresh/${lastInsertRowid}`, _key: String(lastInsertRowid) });
});
app.get('/query/:city/:age', (request, reply) => {
  const rows = byCity.all(request.params.city, Number(request.params.age));
  return reply.type('application/json; charset=utf-8').send(`{"result":[${rows.join(',')}]}`);
});
app.get('/scan/:score', (request) => ({ result: [scan.get(Number(request.params.score))] }));

await app.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ port: app.server.address().port });
