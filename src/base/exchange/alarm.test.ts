import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Alarm, createAlarmMemory } from './alarm.ts';

test('an alarm only comes nearer, until it is cleared', () => {
  const memory = createAlarmMemory();
  const [front, worker] = [new Alarm(memory), new Alarm(memory)];
  assert.equal(front.atMs, undefined);
  worker.setBy(100);
  worker.setBy(200);
  assert.equal(front.atMs, 100);
  worker.setBy(50.7);
  assert.equal(front.atMs, 50);
  front.clear();
  assert.equal(worker.atMs, undefined);
  worker.setBy(Infinity);
  assert.equal(front.atMs, Number.MAX_SAFE_INTEGER);
});

test('who waits learns of a change, also of one that came before', async () => {
  const alarm = new Alarm(createAlarmMemory());
  const before = alarm.changes;
  const waiting = alarm.changed(before);
  alarm.setBy(1);
  await waiting;
  await alarm.changed(before);
  assert.notEqual(alarm.changes, before);
});
