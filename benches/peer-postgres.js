// The peer of foxden on PostgreSQL: what somebody would build by hand on the same server, Fastify with response schemas over `pg` with
// a pool and prepared statements. Documents are jsonb under a primary key, filtered attributes have an expression index.
// Usage: node peer-postgres.js <url> <documents> <vertices> <edges of each>
import fastify from 'fastify';
import pg from 'pg';
import { documentOf, KEYS, mix } from './documents.js';

const [url, documents, vertices, degree] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url, max: 20 });
const names = new Map();
function prepared(text, values) {
  let name = names.get(text);
  if (name === undefined) names.set(text, (name = `s${names.size}`));
  return { name, text, values };
}
const ask = async (text, values, client = pool) => (await client.query(prepared(text, values))).rows;

async function fill() {
  const tables = [
    'CREATE TABLE items (key text COLLATE "C" PRIMARY KEY, body jsonb NOT NULL)',
    "CREATE INDEX ON items ((body ->> 'city'), ((body -> 'age')::int))",
    'CREATE TABLE fresh (id bigserial PRIMARY KEY, body jsonb NOT NULL)',
    'CREATE TABLE accounts (key text COLLATE "C" PRIMARY KEY, amount int NOT NULL)',
    'CREATE TABLE vertices (key text COLLATE "C" PRIMARY KEY, name text NOT NULL)',
    'CREATE TABLE edges (src text COLLATE "C", dst text COLLATE "C", PRIMARY KEY (src, dst))',
  ];
  for (const text of tables) await pool.query(text);
  const all = (count, make) => Array.from({ length: Number(count) }, (_, i) => make(i));
  await ask('INSERT INTO items SELECT * FROM unnest($1::text[], $2::jsonb[])', [
    all(documents, KEYS),
    all(documents, (i) => JSON.stringify({ _key: KEYS(i), ...documentOf(i) })),
  ]);
  await ask('INSERT INTO accounts SELECT *, 1000 FROM unnest($1::text[])', [all(documents, KEYS)]);
  await ask('INSERT INTO vertices SELECT * FROM unnest($1::text[], $2::text[])', [
    all(vertices, KEYS),
    all(vertices, (i) => `vertex ${i}`),
  ]);
  const ends = all(vertices * degree, (i) => [KEYS(i % vertices), KEYS(Math.floor(mix(i + 9e7) * vertices))]);
  await ask('INSERT INTO edges SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING', [
    ends.map(([from]) => from),
    ends.map(([, to]) => to),
  ]);
  await pool.query('ANALYZE');
}
await fill();

const app = fastify({ logger: false });
app.get('/items/:key', async ({ params }, reply) => {
  const [found] = await ask('SELECT body::text FROM items WHERE key = $1', [params.key]);
  return found === undefined ? reply.code(404).send({ error: true }) : reply.type('application/json; charset=utf-8').send(found.body);
});
const item = { type: 'object', properties: { name: { type: 'string' }, age: { type: 'number' } } };
app.get('/item/:key', { schema: { response: { 200: item } } }, async ({ params }) => {
  const [{ body }] = await ask('SELECT body FROM items WHERE key = $1', [params.key]);
  return { name: body.name, age: body.age };
});
const created = { type: 'object', properties: { _id: { type: 'string' }, _key: { type: 'string' } } };
app.post('/items', { schema: { response: { 202: created } } }, async ({ body }, reply) => {
  const [{ id }] = await ask('INSERT INTO fresh (body) VALUES ($1) RETURNING id', [JSON.stringify(body)]);
  return reply.code(202).send({ _id: `fresh/${id}`, _key: id });
});
app.get('/query/:city/:age', async ({ params }, reply) => {
  const rows = await ask(
    "SELECT body::text FROM items WHERE body ->> 'city' = $1 AND (body -> 'age')::int >= $2 ORDER BY (body -> 'age')::int LIMIT 20",
    [params.city, params.age],
  );
  return reply.type('application/json; charset=utf-8').send(`{"result":[${rows.map(({ body }) => body).join(',')}]}`);
});
app.get('/hops/:key', async ({ params }) => {
  const seen = new Set([params.key]);
  let frontier = [params.key];
  for (let depth = 0; depth < 3 && frontier.length > 0; depth++) {
    const next = [];
    for (const { dst } of await ask('SELECT dst FROM edges WHERE src = ANY ($1)', [frontier])) {
      if (seen.has(dst)) continue;
      seen.add(dst);
      next.push(dst);
    }
    frontier = next;
  }
  seen.delete(params.key);
  return (await ask('SELECT name FROM vertices WHERE key = ANY ($1)', [[...seen]])).map(({ name }) => name);
});
// One by one, as a handler in a loop does.
app.get('/many/:key', async ({ params }) => {
  const first = Number(params.key.slice(1));
  const found = [];
  for (let i = 0; i < 100; i++) {
    const [{ body }] = await ask('SELECT body FROM items WHERE key = $1', [KEYS((first + i * 37) % 10_000)]);
    found.push(body.name);
  }
  return found;
});
app.post('/transfer/:from', async ({ params: { from } }) => {
  const to = KEYS((Number(from.slice(1)) + 1) % 10_000);
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    // In the order of keys, or two of them would wait for each other.
    for (const key of [from, to].toSorted((a, b) => (a < b ? -1 : 1)))
      await ask('SELECT amount FROM accounts WHERE key = $1 FOR UPDATE', [key], client);
    await ask('UPDATE accounts SET amount = amount - 1 WHERE key = $1', [from], client);
    await ask('UPDATE accounts SET amount = amount + 1 WHERE key = $1', [to], client);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
  return { done: true };
});
app.post('/batch', { bodyLimit: 2 ** 26 }, async ({ body }) => {
  const ids = [];
  for (const document of body) {
    const [{ id }] = await ask('INSERT INTO fresh (body) VALUES ($1) RETURNING id', [JSON.stringify(document)]);
    ids.push(id);
  }
  return ids;
});

await app.listen({ host: '127.0.0.1', port: 0 });
process.send({ port: app.server.address().port });
process.on('disconnect', () => process.exit(0));
