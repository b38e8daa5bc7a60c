'use strict';
const router = require('@arangodb/foxx/router')();
module.context.use(router);
router.get('/', (req, res) => res.json({ answer: 42 }));
module.exports.double = (n) => 2 * n;
