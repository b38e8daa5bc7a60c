'use strict';
const router = require('@arangodb/foxx/router')();
module.context.use(router);
router.get('/', (req, res) => res.json(module.context.configuration));
module.exports = {
  greet: (name) => `${module.context.configuration.text} ${name}`,
  mount: module.context.mount,
};
