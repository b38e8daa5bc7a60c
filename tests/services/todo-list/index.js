'use strict';
const { context } = require('@arangodb/locals');
const Router = require('@arangodb/foxx/router');
const { errors, query } = require('@arangodb');
const joi = require('joi');

const todos = context.collection('todos');
const routes = Router();
context.use(routes);

const shown = ({ _key, created, label, done }) => ({ _key, created, label, done });
const model = joi.object({ _key: joi.string(), created: joi.number(), label: joi.string(), done: joi.boolean() });

function orMissing(res, read) {
  try {
    return read();
  } catch (error) {
    if (error.errorNum !== errors.ERROR_ARANGO_DOCUMENT_NOT_FOUND.code) res.throw(error);
    return res.throw(404, 'Todo item does not exist');
  }
}

routes.get('/', (req, res) => {
  const list = query`FOR todo IN ${todos} SORT todo.created, todo._key RETURN { key: todo._key, label: todo.label }`.toArray();
  res.json(list.map(({ key, label }) => ({ key, label, url: req.makeAbsolute(key) })));
});

routes
  .post('/', (req, res) => {
    const todo = { created: Date.now(), ...req.body };
    const { _key } = todos.save(todo);
    res.status(201);
    res.json({ _key, ...todo });
  })
  .body(joi.object().keys({ label: joi.string(), done: joi.boolean().default(false) }))
  .response(201, model, 'The new item');

routes
  .patch('/:key', (req, res) => res.json(shown(todos.update(req.pathParams.key, req.body, { returnNew: true }).new)))
  .pathParam('key', joi.string())
  .body(joi.object().keys({ label: joi.string().optional(), done: joi.boolean().optional() }).or('label', 'done'))
  .response(model);

routes
  .delete('/:key', (req, res) => {
    orMissing(res, () => todos.remove(req.pathParams.key));
    res.status(204);
  })
  .response(204, 'Gone');

routes.get('/:key', (req, res) => res.json(shown(orMissing(res, () => todos.document(req.pathParams.key))))).pathParam('key', joi.string());
