'use strict';
const joi = require('joi');
const { db } = require('@arangodb');
const queues = require('@arangodb/foxx/queues');
const tasks = require('@arangodb/tasks');
const router = require('@arangodb/foxx/router')();
module.context.use(router);

const mount = module.context.mount;
const notes = () => module.context.collection('notes');

router
  .post('/queue', (req, res) => {
    const { name, maxWorkers } = req.body;
    res.json({ name: queues.create(name, maxWorkers).name });
  })
  .body(joi.object());

router.get('/queue/:name', (req, res) => {
  try {
    const queue = queues.get(req.pathParams.name);
    const of = (state) => queue[state]().length;
    res.json({ pending: of('pending'), progress: of('progress'), complete: of('complete'), failed: of('failed'), all: of('all') });
  } catch (error) {
    res.status(404).json({ message: error.message });
  }
});

router.delete('/queue/:name', (req, res) => res.json(queues.delete(req.pathParams.name)));

// Options are JSON, but for the callbacks, which note what they get when they are asked for.
router
  .post('/job', (req, res) => {
    const { queue = 'default', script = 'note', type = {}, data, options = {} } = req.body;
    const callbacks = {
      success: function (result, data, job) {
        const { db } = require('@arangodb');
        const name = module.context.collectionName('notes');
        db._collection(name).save({ what: 'success', result, data, job: job._id, runs: job.runs, status: job.status });
      },
      failure: function (result, data, job) {
        const { db } = require('@arangodb');
        const name = module.context.collectionName('notes');
        db._collection(name).save({ what: 'failure', data, job: job._id, failures: job.failures.length, status: job.status });
      },
    };
    const backOff = options.backOff === 'function' ? { backOff: (failures) => 10 * (failures + 1) } : {};
    const id = queues.get(queue).push({ mount, name: script, ...type }, data, { ...callbacks, ...options, ...backOff });
    res.json({ id });
  })
  .body(joi.object());

router.get('/job/:key', (req, res) => {
  const job = queues.get('default').get(`_jobs/${req.pathParams.key}`);
  const { id, status, runs, runFailures, failures, data, type, delayUntil } = job;
  res.json({ id, status, runs, runFailures, failures, data, type, delayUntil });
});

router.post('/job/:key/abort', (req, res) => {
  queues.get('default').get(req.pathParams.key).abort();
  res.status(204);
});

router.post('/job/:key/reset', (req, res) => {
  queues.get('default').get(req.pathParams.key).reset();
  res.status(204);
});

router.delete('/job/:key', (req, res) => res.json(queues.get('default').delete(`_jobs/${req.pathParams.key}`)));

// What a push with a schema or a change of the data does, without the wait for the job.
router.post('/typed', (req, res) => {
  const queue = queues.get('default');
  const type = { mount, name: 'note', schema: joi.object({ n: joi.number().required() }), preprocess: ({ n }) => ({ n: n + 1 }) };
  let refused;
  try {
    queue.push(type, { n: 'x' });
  } catch (error) {
    refused = error.name;
  }
  res.json({ id: queue.push(type, { n: '41' }), refused });
});

router.post('/in-transaction', (req, res) => {
  const id = db._executeTransaction({
    collections: { write: ['_jobs'] },
    action: () => queues.get('default').push({ mount, name: 'note' }, 'in a transaction'),
  });
  res.json({ id });
});

router.get('/notes/:what', (req, res) => {
  const all = notes().byExample({ what: req.pathParams.what }).toArray();
  res.json(all.filter(({ job }) => req.queryParams.job === undefined || job === req.queryParams.job));
});

router
  .post('/task', (req, res) => {
    const { collection = module.context.collectionName('notes'), ...options } = req.body;
    const command = function (params) {
      require('@arangodb').db._collection(params.collection).save({ what: params.what, at: Date.now() });
    };
    res.json(tasks.register({ command, ...options, params: { collection, what: 'task', ...options.params } }));
  })
  .body(joi.object());

router.get('/task/:id', (req, res) => res.json(tasks.get(req.pathParams.id)));
router.delete('/task/:id', (req, res) => {
  tasks.unregister(req.pathParams.id);
  res.status(204);
});
