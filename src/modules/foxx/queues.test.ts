import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replaceClock } from '#base';
import { runStoredFunction, type ServiceHost, type Task, type TaskOptions } from '#modules';
import { openDatabase, runCode, sourceOf, writeFiles } from '../../../tests/support/load-service.ts';

const HEAD = `const queues = require('@arangodb/foxx/queues'); const joi = require('joi');`;

test('queues are documents, and there is always a default one', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `${HEAD}
    const made = queues.create('q', 3); queues.create('big', 1000); queues.create('one');
    let missing; try { queues.get('none'); } catch (e) { missing = e.message; }
    const workers = ['q', 'big', 'one'].map((name) => db._queues.document(name).maxWorkers);
    queues.create('q', 5);
    return [made.name, workers, db._queues.document('q').maxWorkers, queues.get('q').name, queues.get('default').name, missing,
      queues.delete('q'), queues.delete('q'), require('@arangodb/foxx').queues === queues];`,
    { database },
  );
  assert.deepEqual(found, ['q', [3, 64, 1], 5, 'q', 'default', 'Queue does not exist: none', true, false, true]);
});

test('jobs are documents with what the scheduler must know', (t) => {
  const now = Date.UTC(2026, 0, 1);
  t.after(replaceClock({ now: () => now, monotonic: () => 0 }));
  const { database } = openDatabase(t);
  const woken: number[] = [];
  const host: ServiceHost = {
    endpoints: [],
    exportsOf: () => null,
    request: () => ({ status: 500, headers: {}, body: '' }),
    jobs: { wake: (dueAtMs) => woken.push(dueAtMs) },
  };
  const found = runCode(
    t,
    `${HEAD}
    const q = queues.create('q');
    const type = { name: 'script', mount: '/m', maxFailures: Infinity, backOff: (n) => n * 10, schema: joi.object({ n: joi.number() }), preprocess: ({ n }) => n + 1 };
    const id = q.push(type, { n: '41' }, {
      success: function (result, data) { leaked = result; }, failure(error) {}, delay: 500, repeatTimes: Infinity, repeatDelay: 100,
      repeatUntil: new Date(${now} + 1000), maxFailures: -1, backOff: 50,
    });
    const { _id, _key, _rev, ...job } = db._jobs.document(id);
    let bad; try { q.push(type, { n: 'x' }); } catch (e) { bad = e.name; }
    let none; try { q.push(); } catch (e) { none = e.message; }
    return [id.startsWith('_jobs/'), job, bad, none];`,
    { database, host },
  ) as unknown[];
  assert.deepEqual(found, [
    true,
    {
      status: 'pending',
      queue: 'q',
      type: { name: 'script', mount: '/m', maxFailures: -1, backOff: '(n) => n * 10' },
      failures: [],
      runs: 0,
      runFailures: 0,
      data: 42,
      created: now,
      modified: now,
      delayUntil: now + 500,
      maxFailures: -1,
      repeatDelay: 100,
      repeatTimes: -1,
      repeatUntil: now + 1000,
      backOff: 50,
      success: 'function (result, data) { leaked = result; }',
      failure: 'failure(error) {}',
    },
    'ValidationError',
    'Must pass a job type!',
  ]);
  assert.deepEqual(woken, [now + 500]);
});

test('jobs are found by their state and type, in the order in which they are due', (t) => {
  const { database } = openDatabase(t);
  const found = runCode(
    t,
    `${HEAD}
    const q = queues.create('q'); const a = { name: 'a', mount: '/m' }, b = { name: 'b', mount: '/m' };
    const late = q.push(a, 1, { delay: 1000 }), soon = q.push(a, 2), other = q.push(b, [3, 4]);
    db._jobs.update(other, { status: 'complete' });
    const job = q.get(other), pending = q.get(late.split('/')[1]);
    job.abort(); pending.abort();
    const states = [job.status, pending.status, pending.failures[0].message, pending.data, job.type.name, job.runs];
    pending.reset();
    return [
      q.all().length, q.pending(a).map((id) => [soon, late].indexOf(id)), q.pending(b).length, q.complete().length, q.failed().length, q.progress().length,
      states, q.get(late).status, q.delete(soon), q.delete(soon), queues.create('r').all(),
    ];`,
    { database },
  );
  assert.deepEqual(found, [3, [0, 1], 0, 1, 0, 0, ['complete', 'failed', 'Job aborted.', 1, 'b', 0], 'pending', true, false, []]);
});

test('a stored function runs sloppily, without what was around it, with the modules of the service', (t) => {
  const { database } = openDatabase(t);
  const folder = writeFiles(t, { 'own.js': `module.exports = 5;` });
  const text = `function (a, b) { undeclared = a + b; const { db } = require('@arangodb'); return [undeclared, typeof outer, db._name(), require('./own'), module.context.mount]; }`;
  assert.deepEqual(runStoredFunction(sourceOf(folder, { database }), text, [1, 2]), [3, 'undefined', '_system', 5, '/test']);
  assert.equal(runStoredFunction(sourceOf(folder, { database }), '(n) => n * 10', [4]), 40);
  for (const bad of ['no function at all', '"a text"', '', 'function ('])
    assert.throws(() => runStoredFunction(sourceOf(folder, { database }), bad, []), { errorNum: 10 });
});

test('tasks are handed to the server', (t) => {
  const { database } = openDatabase(t);
  const given: TaskOptions[] = [];
  const task: Task = { id: '1', name: 'n', created: 0, type: 'timed', offset: 0, command: '', database: '_system' };
  const host: ServiceHost = {
    endpoints: [],
    exportsOf: () => null,
    request: () => ({ status: 500, headers: {}, body: '' }),
    tasks: {
      register: (options) => {
        given.push(options);
        return task;
      },
      unregister: (id) => void given.push({ id }),
      get: (id) => ({ ...task, id }),
      list: () => [task],
    },
  };
  const found = runCode(
    t,
    `
    const tasks = require('@arangodb/tasks');
    const made = tasks.register({ id: 'x', period: 5, params: { at: new Date(0) }, command: function (params) { return params.a; } });
    tasks.register({ command: 'return params;' });
    tasks.unregister(made); tasks.unregister('2');
    return [made.id, tasks.get('y').id, tasks.get({ id: 'z' }).id, tasks.get().length];`,
    { database, host },
  );
  assert.deepEqual(found, ['1', 'y', 'z', 1]);
  assert.deepEqual(given, [
    { id: 'x', period: 5, params: { at: '1970-01-01T00:00:00.000Z' }, command: '(function (params) { return params.a; })(params);' },
    { command: 'return params;' },
    { id: '1' },
    { id: '2' },
  ]);
});
