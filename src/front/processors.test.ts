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

test('the share of this process is told along with that of all', (t: TestContext) => {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-stat-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'stat');
  let nowMs = 0;
  let ownUs = 5_000_000;
  t.after(replaceClock({ now: () => nowMs, monotonic: () => nowMs }));
  const write = (busy: number, idle: number, waiting = 0): void => writeFileSync(path, `cpu  ${busy} 0 0 ${idle} ${waiting} 0 0 0 0 0\n`);
  write(0, 0);
  const processors = new Processors(path, () => ownUs);
  const pass = (ms: number, us: number, ...ticks: Parameters<typeof write>): ReturnType<Processors['look']> => {
    nowMs += ms;
    ownUs += us;
    write(...ticks);
    return processors.look();
  };
  assert.equal(processors.look(), undefined, 'nothing is known yet');
  // A hundred ticks of two processors are half a second; this process has run for a fifth of that.
  assert.deepEqual(pass(500, 200_000, 75, 25), { all: 0.75, own: 0.2 });
  assert.equal(pass(50, 0, 80, 30), undefined, 'too short a while');
  assert.deepEqual(pass(500, 0, 150, 25, 25), { all: 0.75, own: 0 }, 'one that waits for a disk does not work');
  assert.equal(processors.areBusy, true, 'and has no time');
});
