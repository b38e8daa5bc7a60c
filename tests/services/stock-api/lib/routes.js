'use strict';
const { db, errors } = require('@arangodb');
const joi = require('joi');

// Looked up once, when the module is loaded: it must exist by then.
const collection = db._collection('inventory_api');
const fields = { name: joi.string(), type: joi.string() };
const create = joi.object().required().keys({ ...fields, name: joi.string().required() }).unknown();
const change = joi.object().required().keys(fields).min(1).unknown();
const stored = joi.object().keys({ id: joi.string().required(), created: joi.number().integer(), updated: joi.number().integer() }).unknown();

const seconds = () => Math.trunc(Date.now() / 1000);
const shown = ({ _key, _id, _rev, ...others }) => ({ ...others, id: _key });

const orMissing = (handler) => (req, res) => {
  try {
    handler(req, res);
  } catch (error) {
    if (!error.isArangoError || error.errorNum !== errors.ERROR_ARANGO_DOCUMENT_NOT_FOUND.code) throw error;
    res.throw(404, 'Entity does not exist', error);
  }
};

exports.addRoutes = (router) => {
  router.get('/status', (req, res) => res.send('OK')).response(['text/plain'], 'Is it there?');
  router
    .post('/entities', (req, res) => {
      const document = { ...req.body, created: seconds(), updated: seconds() };
      res.send(shown({ ...document, ...collection.save(document) }));
    })
    .body(create, 'What to keep')
    .response(stored, 'What was kept');
  router.get('/entities/:id', orMissing((req, res) => res.send(shown(collection.document(req.pathParams.id))))).pathParam('id', joi.string().required());
  router
    .patch('/entities/:id', orMissing((req, res) => {
      collection.update(req.pathParams.id, { ...req.body, updated: seconds() });
      res.sendStatus(204);
    }))
    .pathParam('id', joi.string().required())
    .body(change);
  router.delete('/entities/:id', orMissing((req, res) => {
    collection.remove(req.pathParams.id);
    res.sendStatus(204);
  }));
};
