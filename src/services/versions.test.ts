import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Manifest } from '#modules';
import type { Definition, StoredDefinition } from './store.ts';
import { getFormer, nextDefinition, type Change } from './versions.ts';

const options = { development: false, configuration: {}, dependencies: {} };
const manifestOf = (version: string): Manifest => ({ name: 'made', version, configuration: {}, dependencies: {}, scripts: {}, tests: [] });
const asRead = (stored: StoredDefinition): Definition => ({ ...stored, closedBy: undefined, identity: '' });

function after(old: Definition | undefined, checksum: string, change: Change): Definition {
  return asRead(nextDefinition('/x', old, { checksum, options, manifest: manifestOf(`${checksum}.0.0`) }, change));
}

/** The checksums of what is served and of what is kept, the newest first. */
const all = ({ checksum, former }: Definition): readonly unknown[] => [checksum, ...former.map((version) => version.checksum)];

test('whatever is done, numbers only grow, so many are kept as shall be, and none twice', () => {
  const step = fc.oneof(
    fc.record({ is: fc.constant('upgrade' as const), checksum: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ is: fc.constant('rollback' as const), at: fc.nat(6) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.nat(5), (steps, kept) => {
      let current = after(undefined, 'first', { operation: 'install', kept });
      for (const each of steps) {
        const restores = each.is === 'rollback' ? current.former[each.at] : undefined;
        if (each.is === 'rollback' && restores === undefined) continue;
        const before = current;
        const checksum = each.is === 'rollback' ? (restores?.checksum ?? '') : each.checksum;
        current = after(before, checksum, { operation: each.is, restores, kept });
        assert.equal(current.version.id, before.version.id + 1);
        assert.equal(current.former.length, Math.min(kept, before.former.length + (restores === undefined ? 1 : 0)));
        if (kept > 0) assert.equal(current.former[0]?.id, before.version.id);
        const ids = current.former.map(({ id }) => id);
        assert.deepEqual(
          ids,
          ids.toSorted((left, right) => right - left),
        );
        assert.equal(new Set(ids).size, ids.length);
      }
    }),
  );
});

test('going back twice is as if nothing had happened, but for the numbers', () => {
  let current = after(undefined, 'a', { operation: 'install', kept: 5 });
  for (const checksum of ['b', 'c']) current = after(current, checksum, { operation: 'upgrade', kept: 5 });
  const before = all(current);
  for (let turn = 0; turn < 2; turn++) {
    const restores = getFormer(current);
    current = after(current, restores.checksum, { operation: 'rollback', restores, kept: 5 });
  }
  assert.deepEqual(all(current), before);
  assert.deepEqual([current.version.id, current.version.restores], [5, 3]);
});

test('a version is found by its number before that of a manifest, and the newest of those', () => {
  let current = after(undefined, '3', { operation: 'install', kept: 9 });
  for (const checksum of ['1', '2', '1', '2']) current = after(current, checksum, { operation: 'upgrade', kept: 9 });
  assert.equal(getFormer(current, '2').checksum, '1');
  assert.equal(getFormer(current, '1.0.0').id, 4);
  assert.throws(() => getFormer(current, '5'), { errorNum: 3014, message: /Wanted: 5\nCurrent: 5 \(2\.0\.0\)\nKept: 4 \(1\.0\.0\), 3 / });
});

test('switching development off without an edit is no version', () => {
  const old = after(undefined, 'a', { operation: 'install', kept: 5 });
  const edited = { ...old, options: { ...options, development: true } };
  assert.equal(after(edited, 'a', { operation: 'production', kept: 5 }).version, old.version);
  const changed = after(edited, 'b', { operation: 'production', kept: 5 });
  assert.deepEqual([changed.version.id, changed.former[0]?.options.development], [2, false]);
});
