import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clock, replaceClock } from './clock.ts';
import { createServiceMetricsMemory, percentile, SERVICE_BOUNDS_MS, ServiceMetrics, SLICE_MS } from './service-metrics.ts';

test('threads count apart, and whoever reads sees all of it', () => {
  const memory = createServiceMetricsMemory();
  const [one, two] = [new ServiceMetrics(memory, 0), new ServiceMetrics(memory, 64)];
  const nowMs = clock.monotonic();
  one.meter('db', '/a')?.observe(200, 1, nowMs);
  two.meter('db', '/a')?.observe(404, 3, nowMs);
  two.meter('db', '/a')?.observe(500, 3, nowMs);
  one.meter('other', '/a')?.observe(200, 70_000_000, nowMs);
  const { requests, clientErrors, serverErrors, sumMs } = two.sums('db', '/a');
  assert.deepEqual([requests, clientErrors, serverErrors, sumMs], [3, 1, 1, 7]);
  assert.deepEqual(
    one.all().map(({ database, mount, requests: count }) => [database, mount, count]),
    [
      ['db', '/a', 3],
      ['other', '/a', 1],
    ],
  );
  assert.equal(one.sums('db', '/none').requests, 0);
});

test('slices are of their time, and forgotten after their round', (context) => {
  let nowMs = 1_000 * SLICE_MS + 1;
  context.after(replaceClock({ now: () => 5_000_000 + nowMs, monotonic: () => nowMs }));
  const metrics = new ServiceMetrics(createServiceMetricsMemory(), 1);
  const meter = metrics.meter('db', '/a');
  meter?.observe(503, 1, nowMs);
  nowMs += SLICE_MS;
  meter?.observe(200, 1, nowMs);
  meter?.observe(200, 1, nowMs);
  const counts = (): number[] => metrics.recent('db', '/a', 3).map(({ requests }) => requests);
  assert.deepEqual(counts(), [0, 1, 2]);
  const [, first] = metrics.recent('db', '/a', 3);
  assert.deepEqual([first?.time, first?.serverErrors], [5_000_000 + 1_000 * SLICE_MS, 1]);
  nowMs += 60 * SLICE_MS;
  assert.deepEqual(counts(), [0, 0, 0]);
  meter?.observe(200, 1, nowMs);
  assert.deepEqual(counts(), [0, 0, 1]);
  const [together] = metrics.all(60);
  assert.deepEqual([together?.requests, together?.recent.requests], [4, 1]);
});

test('the last failures are remembered newest first, cut where a stack is long', () => {
  const metrics = new ServiceMetrics(createServiceMetricsMemory(), 1);
  const failure = { method: 'GET', path: '/a/x', status: 500, durationMs: 1.5, excerpt: 'line', error: 'Error: boom\n  at x' };
  for (let time = 1; time <= 40; time++) metrics.remember('db', '/a', { time, ...failure });
  metrics.remember('db', '/a', { time: 41, ...failure, error: 'e'.repeat(10_000) });
  const found = metrics.failures('db', '/a');
  assert.equal(found.length, 32);
  assert.deepEqual(found[1], { time: 40, ...failure });
  assert.ok((found[0]?.error.length ?? 0) > 3000);
  assert.deepEqual(metrics.failures('db', '/b'), []);
});

test('a percentile is at most a bucket away from the truth', () => {
  const metrics = new ServiceMetrics(createServiceMetricsMemory(), 0);
  let services = 0;
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.07, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.5, 0.95, 0.99),
      (durations, share) => {
        const mount = `/${services++}`;
        const meter = metrics.meter('db', mount);
        for (const duration of durations) meter?.observe(200, duration, 0);
        const exact = durations.toSorted((left, right) => left - right)[Math.ceil(durations.length * share) - 1] ?? 0;
        const guessed = percentile(metrics.sums('db', mount).counts, share) ?? 0;
        assert.ok(guessed / exact < Math.SQRT2 * 1.001 && exact / guessed < Math.SQRT2 * 1.001, `${guessed} for ${exact}`);
      },
    ),
    { numRuns: 100 },
  );
  assert.equal(
    percentile(
      SERVICE_BOUNDS_MS.map(() => 0),
      0.5,
    ),
    undefined,
  );
});

test('services beyond the last place are not counted, and harm none', () => {
  const metrics = new ServiceMetrics(createServiceMetricsMemory(), 0);
  for (let number = 0; number < 1024; number++) assert.ok(metrics.meter('db', `/${number}`));
  assert.equal(metrics.meter('db', '/more'), undefined);
  assert.ok(metrics.meter('db', '/7'));
});
