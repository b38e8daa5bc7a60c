import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { replaceClock } from '#base';
import { Processors } from './processors.ts';

test('processors are busy when hardly any of their time was idle', (t: TestContext) => {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-stat-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'stat');
  let nowMs = 0;
  t.after(replaceClock({ now: () => nowMs, monotonic: () => nowMs }));
  const pass = (ms: number, user: number, idle: number): void => {
    nowMs += ms;
    writeFileSync(path, `cpu  ${user} 0 0 ${idle} 0 0 0 0 0 0\ncpu0 1 2 3 4 5\n`);
  };
  pass(0, 100, 100);
  const processors = new Processors(path);
  const areBusy = (): boolean => {
    processors.look();
    return processors.areBusy;
  };
  assert.equal(areBusy(), false, 'nothing is known yet');
  pass(50, 110, 100);
  assert.equal(areBusy(), false, 'too short a while');
  pass(100, 130, 100);
  assert.equal(processors.areBusy, false, 'nobody has looked');
  assert.equal(areBusy(), true);
  pass(10, 130, 101);
  assert.equal(areBusy(), true, 'as it was found last');
  pass(100, 140, 109);
  assert.equal(areBusy(), false);
  const elsewhere = new Processors(join(folder, 'none'));
  elsewhere.look();
  assert.equal(elsewhere.areBusy, false, 'another system');
});

test('who waits for a disk has no time, and does not work', (t: TestContext) => {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-stat-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'stat');
  let nowMs = 0;
  t.after(replaceClock({ now: () => nowMs, monotonic: () => nowMs }));
  writeFileSync(path, 'cpu  0 0 0 0 0 0 0 0 0 0\n');
  const processors = new Processors(path);
  assert.equal(processors.look(), undefined, 'nothing is known yet');
  nowMs += 50;
  assert.equal(processors.look(), undefined, 'too short a while');
  nowMs += 450;
  writeFileSync(path, 'cpu  50 0 25 10 15 0 0 0 0 0\n');
  assert.equal(processors.look(), 0.75);
  assert.equal(processors.areBusy, true);
});
