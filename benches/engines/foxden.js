// foxden in the process: its façade over its embedded engine, as a worker thread has it.
import { ASKED, BATCH, batchesOf, edgeEnds, itemOf, orderCount, orderOf, vertexKey, vertexOf, weightOf } from '../data.js';
import { openDatabases } from '../../dist/src/database/index.js';
import { openStorage } from '../../dist/src/storage/index.js';

export function openEngine(folder, sizes) {
  const engine = openStorage({ folder });
  const databases = openDatabases(engine);
  const database = databases.get('_system');
  const query = (text, bindVars) => database.query({ query: text, bindVars }).toArray();
  const id = (vertex) => `vertices/${vertexKey(vertex)}`;

  const insertAll = (name, count, make) => {
    const collection = database.getCollection(name);
    for (const batch of batchesOf(count, make)) collection.insertAll(batch, { silent: true });
  };

  return {
    version: 'foxden',
    insertItems() {
      database.createCollection({ name: 'items' }).ensureIndex({ type: 'persistent', fields: ['city', 'age'] });
      insertAll('items', sizes.documents, itemOf);
    },
    loadRest() {
      database.getCollection('items').ensureIndex({ type: 'persistent', fields: ['group'], storedValues: ['visits'] });
      database.createCollection({ name: 'orders' }).ensureIndex({ type: 'persistent', fields: ['customer'], storedValues: ['total'] });
      insertAll('orders', orderCount(sizes.documents), (i) => orderOf(i, sizes.documents));
      database.createCollection({ name: 'vertices' });
      database.createCollection({ name: 'edges', type: 3 });
      insertAll('vertices', sizes.vertices, vertexOf);
      insertAll('edges', sizes.edges, (i) => {
        const [from, to] = edgeEnds(i, sizes.vertices);
        return { _from: id(from), _to: id(to), weight: weightOf(i) };
      });
      engine.syncNow();
    },
    lines: {
      'point lookup': (turn) => database.getCollection('items').document(ASKED.key(turn, sizes)).name,
      'point lookup by query': (turn) => query('FOR d IN items FILTER d._key == @key RETURN d', { key: ASKED.key(turn, sizes) })[0].name,
      'indexed range + sort + limit': (turn) =>
        query('FOR d IN items FILTER d.city == @city AND d.age >= @age SORT d.age LIMIT 20 RETURN d', {
          city: ASKED.city(turn),
          age: ASKED.age(turn),
        }).map(({ age }) => age),
      'full scan with filter': () =>
        query('FOR d IN items FILTER d.score > 90000 AND d.active == true COLLECT WITH COUNT INTO n RETURN n')[0],
      'COLLECT with AGGREGATE': () =>
        query(
          'FOR d IN items COLLECT group = d.group AGGREGATE visits = SUM(d.visits), n = COUNT() SORT group RETURN { group, visits, n }',
        ),
      'COLLECT with AGGREGATE, no index': () =>
        query('FOR d IN items COLLECT country = d.note, active = d.active AGGREGATE sum = SUM(d.score) SORT active RETURN { active, sum }'),
      'join through an index': (turn) =>
        query('FOR d IN items FILTER d.city == @city FOR o IN orders FILTER o.customer == d._key RETURN { name: d.name, total: o.total }', {
          city: ASKED.city(turn),
        }).reduce((sum, { total }) => sum + total, 0),
      '2-hop neighbours': (turn) => neighbours(2, turn),
      '3-hop neighbours': (turn) => neighbours(3, turn),
      'shortest path': (turn) =>
        query('FOR v IN OUTBOUND SHORTEST_PATH @from TO @to edges RETURN v._key', {
          from: id(ASKED.vertex(turn, sizes)),
          to: id(ASKED.target(turn, sizes)),
        }).length,
    },
    batch: BATCH,
    close() {
      databases.close();
      engine.close();
    },
  };

  function neighbours(depth, turn) {
    const options = "OPTIONS { order: 'bfs', uniqueVertices: 'global' }";
    return query(`FOR v IN 1..${depth} OUTBOUND @start edges ${options} RETURN v.name`, { start: id(ASKED.vertex(turn, sizes)) }).length;
  }
}
