import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Alarm, createAlarmMemory, clock, type HttpAnswer } from '#base';
import { Errands } from './errands.ts';

interface Asked {
  readonly url: string;
  readonly answer: (plan: { readonly run: readonly string[]; readonly lookAtMs?: number }) => void;
}

const stops: (() => void)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

/** A front whose worker answers when the test says so; what it has asked for comes one by one. */
function start() {
  const memory = createAlarmMemory();
  const asked: Asked[] = [];
  const errands = new Errands(
    { path: '/', alarm: memory, warmupMs: 0, pollMs: 600_000 },
    ({ url }) =>
      new Promise<HttpAnswer>((resolve) => {
        asked.push({ url, answer: (plan) => resolve({ status: 200, headers: {}, body: JSON.stringify(plan) }) });
      }),
  );
  errands.start();
  stops.push(() => errands.stop());
  return {
    alarm: new Alarm(memory),
    /** Undefined when nothing is asked for. */
    next: async (): Promise<Asked | undefined> => {
      for (let turns = 0; turns < 100 && asked.length === 0; turns++) await turn();
      return asked.shift();
    },
  };
}

test('what is due again before its last run was answered is looked for once more when it is', async () => {
  const { alarm, next } = start();
  (await next())?.answer({ run: ['job/a'] });
  const run = await next();
  assert.equal(run?.url, '/job/a');
  // The worker is done with it, and somebody has begun it again, before that answer has come.
  alarm.setBy(clock.now());
  const look = await next();
  assert.equal(look?.url, '/look');
  look.answer({ run: ['job/a'] });
  assert.equal(await next(), undefined, 'not twice at a time');
  run.answer({ run: [] });
  const again = await next();
  assert.equal(again?.url, '/look');
  again.answer({ run: ['job/a'] });
  const last = await next();
  assert.equal(last?.url, '/job/a');
  last.answer({ run: [] });
  assert.equal(await next(), undefined, 'and then there is nothing more to do');
});
