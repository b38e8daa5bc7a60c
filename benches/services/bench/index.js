'use strict';
const joi = require('joi');
const createRouter = require('@arangodb/foxx/router');
const { db } = require('@arangodb');

const router = createRouter();
module.context.use(router);

router.get('/hello', (req, res) => {
  res.json({ hello: 'world' });
});

router
  .get('/greet/:key', (req, res) => {
    const { name, age } = db.items.document(req.pathParams.key);
    res.json({ name, age });
  })
  .pathParam('key', joi.string().required());
