'use strict';

const joi = require('joi');
const createRouter = require('@arangodb/foxx/router');
const { aql, errors, query } = require('@arangodb');

const notes = module.context.collection('notes');
const { longest } = module.context.configuration;

const router = createRouter();
module.context.use(router);

const note = joi.object({
  text: joi.string().max(longest).required(),
  tags: joi.array().items(joi.string()).default([]),
});

router
  .get('/', (req, res) => {
    const { tag } = req.queryParams;
    const filter = tag === undefined ? aql`` : aql`FILTER ${tag} IN note.tags`;
    res.json(query`FOR note IN ${notes} ${filter} SORT note.created DESC RETURN KEEP(note, "_key", "text", "tags", "created")`.toArray());
  })
  .queryParam('tag', joi.string().optional(), 'Only notes with this tag.')
  .summary('All notes, the newest first');

router
  .post('/', (req, res) => {
    const created = new Date().toISOString();
    const { _key } = notes.insert({ ...req.body, created });
    res.status(201);
    res.set('location', req.makeAbsolute(req.reverse('note', { key: _key })));
    res.json({ _key, ...req.body, created });
  })
  .body(note, 'The note to keep.')
  .response(201, note)
  .summary('Keeps a note');

router
  .get(
    '/:key',
    (req, res) => {
      try {
        res.json(notes.document(req.pathParams.key));
      } catch (error) {
        if (error.errorNum !== errors.ERROR_ARANGO_DOCUMENT_NOT_FOUND.code) throw error;
        res.throw(404, 'There is no such note', error);
      }
    },
    'note',
  )
  .pathParam('key', joi.string().required())
  .summary('One note');

router
  .delete('/:key', (req, res) => {
    notes.remove(req.pathParams.key);
    res.status(204);
  })
  .pathParam('key', joi.string().required())
  .response(204, null)
  .summary('Throws a note away');
