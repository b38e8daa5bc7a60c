// SQLite in the process, by better-sqlite3: documents as JSON (text, or with `isBinary` SQLite's JSONB), each line with the index that
// serves it best, on generated columns, covering where that helps (which takes tables with row ids), and loops in the best order
// (`CROSS JOIN` keeps it). Statements are prepared once.
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { ASKED, batchesOf, edgeEnds, itemOf, orderCount, orderOf, vertexKey, vertexOf, weightOf } from '../data.js';

export function openEngine(folder, sizes, { isBinary }) {
  const db = new Database(join(folder, 'bench.sqlite'));
  db.pragma('journal_mode = WAL');
  // As foxden without waitForSync: a crash of the process loses nothing, a power cut may lose the last moments.
  db.pragma('synchronous = NORMAL');
  db.pragma('cache_size = -524288');
  db.pragma('mmap_size = 17179869184');
  db.pragma('temp_store = MEMORY');
  const stored = isBinary ? 'jsonb(?)' : '?';
  const body = isBinary ? 'json(body)' : 'body';

  const insertAll = (table, count, make) => {
    const insert = db.prepare(`INSERT INTO ${table} (key, body) VALUES (?, ${stored})`);
    const insertBatch = db.transaction((batch) => {
      for (const document of batch) insert.run(document._key, JSON.stringify(document));
    });
    for (const batch of batchesOf(count, make)) insertBatch(batch);
  };

  const prepared = new Map();
  const statement = (text) => {
    let known = prepared.get(text);
    if (known === undefined) prepared.set(text, (known = db.prepare(text)));
    return known;
  };
  const reach = (depth) => {
    const hops = ['h1 AS (SELECT DISTINCT dst FROM edges WHERE src = ?)'];
    for (let hop = 2; hop <= depth; hop++) {
      hops.push(`h${hop} AS (SELECT DISTINCT e.dst FROM h${hop - 1} CROSS JOIN edges e ON e.src = h${hop - 1}.dst)`);
    }
    const all = hops.map((_, i) => `SELECT dst FROM h${i + 1}`).join(' UNION ');
    return `WITH ${hops.join(', ')} SELECT v.body ->> '$.name' FROM (${all}) r CROSS JOIN vertices v ON v.key = r.dst WHERE r.dst <> ?`;
  };
  const neighbours = (depth, turn) => {
    const start = vertexKey(ASKED.vertex(turn, sizes));
    return statement(reach(depth)).pluck().all(start, start).length;
  };

  return {
    version: `SQLite ${db.prepare('SELECT sqlite_version()').pluck().get()}`,
    insertItems() {
      const columns = "city TEXT AS (body ->> '$.city'), age INTEGER AS (body ->> '$.age')";
      db.exec(`CREATE TABLE items (key TEXT PRIMARY KEY, body NOT NULL, ${columns})`);
      db.exec('CREATE INDEX items_city ON items (city, age)');
      insertAll('items', sizes.documents, itemOf);
    },
    loadRest() {
      db.exec("ALTER TABLE items ADD COLUMN grp TEXT AS (body ->> '$.group')");
      db.exec("ALTER TABLE items ADD COLUMN visits INTEGER AS (body ->> '$.visits')");
      db.exec('CREATE INDEX items_group ON items (grp, visits)');
      const columns = "customer TEXT AS (body ->> '$.customer'), total INTEGER AS (body ->> '$.total')";
      db.exec(`CREATE TABLE orders (key TEXT PRIMARY KEY, body NOT NULL, ${columns})`);
      db.exec('CREATE INDEX orders_customer ON orders (customer, total)');
      insertAll('orders', orderCount(sizes.documents), (i) => orderOf(i, sizes.documents));
      db.exec('CREATE TABLE vertices (key TEXT PRIMARY KEY, body NOT NULL)');
      insertAll('vertices', sizes.vertices, vertexOf);
      db.exec(
        "CREATE TABLE edges (key INTEGER PRIMARY KEY, body NOT NULL, src TEXT AS (body ->> '$._from') STORED, dst TEXT AS (body ->> '$._to') STORED)",
      );
      insertAll('edges', sizes.edges, (i) => {
        const [from, to] = edgeEnds(i, sizes.vertices);
        return { _key: i, _from: vertexKey(from), _to: vertexKey(to), weight: weightOf(i) };
      });
      db.exec('CREATE INDEX edges_src ON edges (src, dst)');
      db.exec('CREATE INDEX edges_dst ON edges (dst, src)');
      db.exec('ANALYZE');
      db.pragma('wal_checkpoint(TRUNCATE)');
    },
    lines: {
      'point lookup': (turn) => JSON.parse(statement(`SELECT ${body} FROM items WHERE key = ?`).pluck().get(ASKED.key(turn, sizes))).name,
      'point lookup by query': (turn) =>
        JSON.parse(statement(`SELECT ${body} FROM items WHERE key = ?`).pluck().get(ASKED.key(turn, sizes))).name,
      'indexed range + sort + limit': (turn) =>
        statement(`SELECT ${body} FROM items WHERE city = ? AND age >= ? ORDER BY age LIMIT 20`)
          .pluck()
          .all(ASKED.city(turn), ASKED.age(turn))
          .map((text) => JSON.parse(text).age),
      'full scan with filter': () =>
        statement("SELECT count(*) FROM items WHERE body ->> '$.score' > 90000 AND body ->> '$.active' = 1").pluck().get(),
      'COLLECT with AGGREGATE': () =>
        statement('SELECT grp AS "group", sum(visits) AS visits, count(*) AS n FROM items GROUP BY grp ORDER BY grp').all(),
      'COLLECT with AGGREGATE, no index': () =>
        statement(
          "SELECT body ->> '$.active' AS active, sum(body ->> '$.score') AS sum FROM items GROUP BY body ->> '$.note', body ->> '$.active' ORDER BY active",
        )
          .all()
          .map(({ active, sum }) => ({ active: active === 1, sum })),
      'join through an index': (turn) =>
        statement("SELECT i.body ->> '$.name' AS name, o.total FROM items i JOIN orders o ON o.customer = i.key WHERE i.city = ?")
          .all(ASKED.city(turn))
          .reduce((sum, { total }) => sum + total, 0),
      '2-hop neighbours': (turn) => neighbours(2, turn),
      '3-hop neighbours': (turn) => neighbours(3, turn),
      'shortest path': (turn) => pathLength(ASKED.vertex(turn, sizes), ASKED.target(turn, sizes)),
    },
    close: () => db.close(),
  };

  /** Breadth first by one statement a level: a recursive statement cannot leave out what it has seen, and would take minutes. */
  function pathLength(from, to) {
    db.exec('CREATE TEMP TABLE IF NOT EXISTS seen (key TEXT PRIMARY KEY, depth INTEGER) WITHOUT ROWID');
    db.exec('CREATE TEMP TABLE IF NOT EXISTS level (key TEXT PRIMARY KEY) WITHOUT ROWID');
    const target = vertexKey(to);
    const isReached = statement('SELECT 1 FROM seen WHERE key = ?').pluck();
    statement('DELETE FROM seen').run();
    statement('INSERT INTO seen VALUES (?, 0)').run(vertexKey(from));
    for (let depth = 0; ; depth++) {
      if (isReached.get(target) !== undefined) return depth + 1;
      statement('DELETE FROM level').run();
      statement('INSERT INTO level SELECT key FROM seen WHERE depth = ?').run(depth);
      const { changes } = statement('INSERT OR IGNORE INTO seen SELECT e.dst, ? FROM level l JOIN edges e ON e.src = l.key').run(depth + 1);
      if (changes === 0) return 0;
    }
  }
}
