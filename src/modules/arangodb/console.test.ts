import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setLogLevel } from '#base';
import { captureLog } from '../../../tests/support/load-service.ts';
import { createConsole } from './console.ts';

test('a console writes to the log, by levels, with the mount in front', (t) => {
  setLogLevel('trace', 'v8');
  t.after(() => setLogLevel('info'));
  const entries = captureLog(t);
  const console = createConsole('/m');
  const { log } = console;
  log('a %s %d %j', 'b', 1, { c: 2 }, 'd');
  console.info('i');
  console.debug('d');
  console.warn('w');
  console.error('e');
  console.infoLines('one\ntwo');
  console.group('g');
  console.log('in');
  console.groupEnd();
  console.log('out');
  console.count();
  console.count();
  console.dir({ a: 1 });
  assert.deepEqual(
    entries.map(({ level, topic, message }) => [level, topic, message]),
    [
      ['info', 'v8', '/m a b 1 {"c":2} d'],
      ['info', 'v8', '/m i'],
      ['debug', 'v8', '/m d'],
      ['warning', 'v8', '/m w'],
      ['error', 'v8', '/m e'],
      ['info', 'v8', '/m one'],
      ['info', 'v8', '/m two'],
      ['info', 'v8', '/m g'],
      ['info', 'v8', '/m   in'],
      ['info', 'v8', '/m out'],
      ['info', 'v8', '/m default: 1'],
      ['info', 'v8', '/m default: 2'],
      ['info', 'v8', '/m { a: 1 }'],
    ],
  );
});

test('errors, timers and assertions', (t) => {
  const entries = captureLog(t);
  const console = createConsole('/m');
  console.errorStack(new Error('outer', { cause: new Error('inner') }), 'what was done');
  console.time('x');
  console.timeEnd('x');
  console.timeEnd('x');
  console.assert(true, 'fine');
  assert.throws(() => console.assert(false, 'not %s', 'fine'), { name: 'AssertionError', message: 'Assertion failed: not fine' });
  const [stack, time, missing, assertion] = entries.map(({ message }) => message);
  assert.match(stack ?? '', /^\/m what was done\n\s+Error: outer\n[^]*via Error: inner/);
  assert.match(time ?? '', /^\/m x: \d+\.\d{3} ms$/);
  assert.match(missing ?? '', /no timer is called "x"/);
  assert.match(assertion ?? '', /Assertion failed: not fine/);
});
