'use strict';
const { db, query } = require('@arangodb');
const router = require('@arangodb/foxx/router')();
module.context.use(router);

router.get('/item/:key', (req, res) => {
  const { name, age } = db.items.document(req.pathParams.key);
  res.json({ name, age });
});

const hops = (from, edges) =>
  query`FOR v IN 1..3 OUTBOUND ${from} ${edges} OPTIONS { order: "bfs", uniqueVertices: "global" } RETURN v.name`.toArray();

router.get('/hops/:key', (req, res) => res.json(hops(`vertices/${req.pathParams.key}`, db.edges)));
router.get('/kept-hops/:key', (req, res) => res.json(hops(`kept_vertices/${req.pathParams.key}`, db.kept_edges)));

const keyOf = (i) => `k${String(i).padStart(8, '0')}`;

router.post('/transfer/:from', (req, res) => {
  const { from } = req.pathParams;
  const to = keyOf((Number(from.slice(1)) + 1) % 10_000);
  db._executeTransaction({
    collections: { write: ['accounts'] },
    action() {
      const one = db.accounts.document(from);
      const other = db.accounts.document(to);
      db.accounts.update(one, { amount: one.amount - 1 });
      db.accounts.update(other, { amount: other.amount + 1 });
    },
  });
  res.json({ done: true });
});

router.get('/many/:key', (req, res) => {
  const first = Number(req.pathParams.key.slice(1));
  const keys = Array.from({ length: 100 }, (_, i) => keyOf((first + i * 37) % 10_000));
  res.json(db.items.documents(keys).documents.map(({ name }) => name));
});
