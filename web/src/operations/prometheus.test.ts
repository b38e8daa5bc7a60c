import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMetrics, percentileBetween } from './prometheus.ts';
import { withoutServerFrames } from './stack.ts';
import { bytes, distance, duration, milliseconds, percent, rate } from './units.ts';

const TEXT = `# HELP errors_total Errors.
# TYPE errors_total counter
errors_total{mount="/a",status="4xx"} 2
errors_total{mount="/b",status="5xx"} 3
workers 4
time_bucket{mount="/a",le="0.1"} 1
time_bucket{mount="/a",le="1"} 3
time_bucket{mount="/a",le="+Inf"} 4
time_bucket{mount="/b",le="0.1"} 1
time_bucket{mount="/b",le="1"} 1
time_bucket{mount="/b",le="+Inf"} 1
time_count{mount="/a"} 4
time_sum{mount="/a"} 2.5
`;

test('metrics with labels are summed up', () => {
  const { values, histograms } = parseMetrics(TEXT);
  assert.deepEqual([values.get('errors_total'), values.get('workers')], [5, 4]);
  assert.deepEqual(histograms.get('time'), {
    buckets: [
      [0.1, 2],
      [1, 4],
      [Infinity, 5],
    ],
    sum: 2.5,
    count: 4,
  });
  assert.equal(parseMetrics('').values.size, 0);
});

test('percentiles are of what came between two readings', () => {
  const to = parseMetrics(TEXT).histograms.get('time');
  assert.ok(to);
  assert.equal(percentileBetween(undefined, to, 0.4), 0.1);
  assert.equal(percentileBetween(undefined, to, 0.8), 1);
  assert.equal(percentileBetween(undefined, to, 0.99), 1);
  assert.equal(percentileBetween(to, to, 0.5), undefined);
  const from = { ...to, buckets: [[0.1, 2] as const, [1, 2] as const, [Infinity, 3] as const] };
  assert.equal(percentileBetween(from, to, 0.5), 0.55);
});

test('numbers are written as people read them', () => {
  const cases: readonly (readonly [string, string])[] = [
    [milliseconds(0.4239), '0.42 ms'],
    [milliseconds(12.4), '12 ms'],
    [milliseconds(1340), '1.3 s'],
    [duration(59.4), '59 s'],
    [duration(3599), '59 min'],
    [duration(7500), '2 h 5 min'],
    [duration(7200), '2 h'],
    [duration(97_200), '1 d 3 h'],
    [bytes(999), '999 B'],
    [bytes(1_540_000), '1.5 MB'],
    [bytes(292_000_000), '292 MB'],
    [rate(0), '0/s'],
    [rate(1234.5), '1,235/s'],
    [percent(0.0512), '5.1 %'],
    [percent(1.5), '150 %'],
    [distance(10_000, 130_000), '2 min ago'],
    [distance(70_000, 10_000), 'in 1 min'],
    [distance(10_000, 10_400), 'now'],
  ];
  for (const [written, expected] of cases) assert.equal(written, expected);
});

test('of a stack the frames of the service are left', () => {
  const stack = [
    'Error: x',
    '    at work (/data/apps/_db/_system/shop/APP/index.js:3:9)',
    '    at Dispatch.run (file:///opt/foxden/dist/bundle/other-1.js:1:1)',
    '    at file:///opt/foxden/dist/x.js:1:1',
    '    at node:internal/timers:1:1',
    'via Error: at file://',
  ];
  assert.equal(withoutServerFrames(stack.join('\n')), [stack[0], stack[1], stack[5]].join('\n'));
});
