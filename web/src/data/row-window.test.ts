import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rowWindow, scrollTo } from './row-window.ts';

const view = (count: number, scrollTop: number) => ({ count, rowHeight: 40, scrollTop, height: 600 });

test('only the rows in view are drawn, and a few around them', () => {
  assert.deepEqual(rowWindow(view(100_000, 0)), { first: 0, end: 21, offset: 0, height: 4_000_000 });
  const { first, end, offset } = rowWindow(view(100_000, 2_000_020));
  assert.deepEqual([first, end, offset], [49_994, 50_022, 49_994 * 40]);
  assert.deepEqual(rowWindow(view(3, 0)), { first: 0, end: 3, offset: 0, height: 120 });
  assert.deepEqual(rowWindow(view(0, 0)), { first: 0, end: 0, offset: 0, height: 0 });
});

test('the scroll bar reaches the first and the last of any number of rows', () => {
  for (const count of [1, 50, 100_000, 5_000_000, 1_000_000_000]) {
    const { height } = rowWindow(view(count, 0));
    assert.ok(height <= 8_000_000);
    assert.equal(rowWindow(view(count, 0)).first, 0);
    const last = rowWindow(view(count, Math.max(0, height - 600)));
    assert.equal(last.end, count);
    assert.ok(last.offset + (last.end - last.first) * 40 <= height + 0.001);
  }
});

test('a row is scrolled into view, and one that is in view is not', () => {
  assert.equal(scrollTo(3, view(1000, 0)), undefined);
  assert.equal(scrollTo(15, view(1000, 0)), 40);
  assert.equal(scrollTo(2, view(1000, 400)), 80);
  for (const row of [0, 12_345_678, 99_999_999]) {
    const top = scrollTo(row, { ...view(100_000_000, 4_000_000) });
    const { first, end } = rowWindow(view(100_000_000, top ?? 4_000_000));
    assert.ok(row >= first && row < end, `${row} in ${first}..${end}`);
  }
});
