'use strict';
const router = require('@arangodb/foxx/router')();
module.context.use(router);
router.get('/', (req, res) => {
  const { greeter, others, maybe } = module.context.dependencies;
  res.json({ greeting: greeter.greet('you'), others: others.map(({ mount }) => mount), maybe, isFrozen: Object.isFrozen(module.context.dependencies) });
});
