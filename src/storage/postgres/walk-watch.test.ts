/** When it pays that changes of tables are told. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { TableId } from '../engine.ts';
import { LOOKS, BYTES_BEFORE, BYTES_WATCHED, WalkWatch } from './walk-watch.ts';

const TABLES: readonly TableId[] = [5, 7];
const AT_ONCE = 64 * 1024;

function newWatch(changed: () => number): { readonly watch: WalkWatch; readonly verdicts: unknown[] } {
  const verdicts: unknown[] = [];
  const watch = new WalkWatch({
    changedRows: (tables) => {
      assert.deepEqual(tables, TABLES);
      return changed();
    },
    onVerdict: (...verdict) => verdicts.push(verdict),
  });
  return { watch, verdicts };
}

function read(watch: WalkWatch, bytes: number): void {
  for (let left = bytes; left > 0; left -= AT_ONCE) watch.noteRead(TABLES, AT_ONCE);
}

suite('it pays that changes are told', () => {
  test('where walks read much and nothing changes meanwhile', () => {
    let asked = 0;
    const { watch, verdicts } = newWatch(() => {
      asked++;
      return 1_000_000;
    });
    read(watch, BYTES_BEFORE - AT_ONCE);
    assert.equal(asked, 0);
    read(watch, AT_ONCE);
    assert.equal(asked, 1);
    read(watch, BYTES_WATCHED - AT_ONCE);
    assert.deepEqual(verdicts, []);
    read(watch, AT_ONCE);
    assert.deepEqual(verdicts, [[TABLES, true]]);
    // It is not said again.
    read(watch, 10 * BYTES_WATCHED);
    assert.equal(verdicts.length, 1);
    assert.equal(asked, 2);
  });

  test('where little changes, and not where much does', () => {
    const calls = BYTES_WATCHED / AT_ONCE;
    for (const [changes, expected] of [
      [calls / 4 - 1, [[TABLES, true]]],
      [calls / 4 + 1, []],
    ] as const) {
      const counts = [10, 10 + changes];
      const { watch, verdicts } = newWatch(() => counts.shift()!);
      read(watch, BYTES_BEFORE);
      read(watch, BYTES_WATCHED);
      assert.deepEqual(verdicts, expected);
    }
  });

  test('not where the server cannot say what changes', () => {
    const { watch, verdicts } = newWatch(() => Infinity);
    read(watch, BYTES_BEFORE);
    read(watch, BYTES_WATCHED);
    assert.deepEqual(verdicts, []);
  });

  test('no more where most looks find something changed', () => {
    const { watch, verdicts } = newWatch(() => 0);
    for (let i = 0; i < LOOKS; i++) watch.noteLook(TABLES, i % 2 === 0);
    assert.deepEqual(verdicts, []);
    for (let i = 0; i < LOOKS; i++) watch.noteLook(TABLES, i % 3 === 0);
    assert.deepEqual(verdicts, [[TABLES, false]]);
    // It is not said the other way at once.
    read(watch, BYTES_BEFORE);
    read(watch, BYTES_WATCHED);
    assert.equal(verdicts.length, 1);
  });
});
