import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { captureLog, loadFiles, sourceOf, writeFiles } from '../../../tests/support/load-service.ts';
import { runScript } from '#modules';

const COUNTER = {
  'index.js': `
  const router = require('@arangodb/foxx/router')();
  const counts = module.exports = { timeout: 0, interval: 0, immediate: 0, module: 0 };
  setInterval(() => { counts.interval++; }, 1);
  require('timers').setInterval(() => { counts.module++; }, 1);
  global.setTimeout((by) => { counts.timeout += by; }, 1, 5);
  setImmediate(() => { counts.immediate++; });
  const never = [setTimeout(() => { counts.timeout = -100; }, 1), setImmediate(() => { counts.immediate = -100; }), setInterval(() => { counts.interval = -100; }, 1)];
  clearTimeout(never[0]); clearImmediate(never[1]); clearInterval(never[2]); clearTimeout(undefined);
  router.get('/slow', async (req, res) => { while (!counts.isOver) await require('util').promisify(setTimeout)(1); res.json('slow'); });
  module.context.use(router);
  `,
};

test('timers fire, and end with the service once all that it is answering is answered', async (t) => {
  const service = loadFiles(t, COUNTER);
  const counts = service.loaded.exports as Record<string, number>;
  const slow = service.askAsync('GET', '/slow');
  while ((counts['interval'] ?? 0) < 3 || (counts['module'] ?? 0) < 3 || counts['timeout'] === 0) await wait(2);
  assert.equal(counts['timeout'], 5);
  assert.equal(counts['immediate'], 1);
  service.loaded.close();
  const before = counts['interval'] ?? 0;
  // It goes on as long as something is being answered.
  while (counts['interval'] === before) await wait(2);
  counts['isOver'] = 1;
  assert.equal((await slow).json, 'slow');
  const then = { ...counts };
  await wait(20);
  assert.deepEqual(counts, then);
});

test('what a timer of a service throws is logged by the service, and its neighbours go on', async (t) => {
  const log = captureLog(t);
  loadFiles(t, { 'index.js': `setTimeout(() => { throw new Error('in a timer'); }, 1);` });
  while (log.length === 0) await wait(2);
  assert.match(JSON.stringify(log[0]), /\/test .*timer/);
});

test('the timers of a script end with it, and its promise keeps them alive', async (t) => {
  const folder = writeFiles(t, {
    'script.js': `module.exports = new Promise((resolve) => { setInterval(() => { globalThis.ticks = (globalThis.ticks ?? 0) + 1; if (ticks === 3) resolve(ticks); }, 1); });`,
  });
  assert.equal(await runScript(sourceOf(folder), 'script.js', []), 3);
});
