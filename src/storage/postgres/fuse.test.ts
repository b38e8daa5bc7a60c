/** Which steps of a commit become one statement, and what that says; that the server does what it says is shown by the engine's tests. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Overlay } from '../overlay.ts';
import { checkVersion, mark, writeSteps, type Before, type Step } from './commit.ts';
import { fuse } from './fuse.ts';
import { newMarkId } from './mark-id.ts';

const NOTHING_CLEARED = { existing: [], gone: [] };

function rowBytes(version: bigint): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(version);
  return bytes;
}

/** The steps of a commit. A row that was there has a version: replaced with bytes, removed without. */
function stepsOf(writes: readonly { readonly table: number; readonly id: number; readonly was?: bigint; readonly to?: bigint }[]): Step[] {
  const overlay = new Overlay(Infinity);
  const rows = new Map<number, Map<number, bigint>>();
  for (const { table, id, was, to } of writes) {
    overlay.setRow(table, id, to === undefined ? undefined : rowBytes(to), 0);
    if (was !== undefined) rows.set(table, (rows.get(table) ?? new Map<number, bigint>()).set(id, was));
  }
  const before: Before = { rows, meta: new Map(), unique: new Set(), freed: new Map() };
  return [checkVersion(7), ...writeSteps(overlay, before, NOTHING_CLEARED), mark(newMarkId())];
}

const replaced = (table: number, id: number): { table: number; id: number; was: bigint; to: bigint } => ({ table, id, was: 1n, to: 2n });
const removed = (table: number, id: number): { table: number; id: number; was: bigint } => ({ table, id, was: 1n });
const inserted = (table: number, id: number): { table: number; id: number; to: bigint } => ({ table, id, to: 2n });

test('few rows that are replaced are parts of one statement, in their order, and each of them must be found', () => {
  const steps = stepsOf([replaced(5, 30), replaced(4, 20), replaced(4, 10)]);
  const fused = fuse(steps);
  assert(fused !== undefined);
  const { text } = fused.statement;
  assert.deepEqual(text.match(/UPDATE foxden\.r_\d/g), ['UPDATE foxden.r_4', 'UPDATE foxden.r_4', 'UPDATE foxden.r_5']);
  assert.match(
    text,
    /\(SELECT value FROM p0\) = \$1 AND EXISTS \(SELECT FROM p1\) AND EXISTS \(SELECT FROM p2\) AND EXISTS \(SELECT FROM p3\)/,
  );
  assert.deepEqual(
    fused.parameters,
    steps.flatMap(({ parameters }) => parameters),
  );
  const numbers = [...new Set(text.match(/\$\d+/g))].map((found) => Number(found.slice(1))).toSorted((one, other) => one - other);
  assert.deepEqual(
    numbers,
    fused.parameters.map((_, i) => i + 1),
  );
});

test('the same shape is the same statement with other parameters, another shape is another one', () => {
  const [one, same, other] = [
    [replaced(4, 1), replaced(4, 2)],
    [replaced(4, 3), replaced(4, 9)],
    [replaced(4, 1), replaced(6, 2)],
  ].map((writes) => fuse(stepsOf(writes)));
  assert.equal(one?.statement, same?.statement);
  assert.notDeepEqual(one?.parameters, same?.parameters);
  assert.notEqual(one?.statement, other?.statement);
});

for (const [name, writes, isOne] of [
  ['one that is removed', [removed(4, 1)], true],
  ['one that is removed and one of another table that is replaced', [removed(4, 1), replaced(5, 1)], true],
  ['two that are removed, which are locked first', [removed(4, 1), removed(4, 2)], false],
  ['one that is replaced and one that is removed', [replaced(4, 1), removed(4, 2)], false],
  ['one that is replaced and a new one in the same table', [replaced(4, 1), inserted(4, 2)], false],
  ['new ones', [inserted(4, 1), inserted(4, 2)], false],
  ['four that are replaced, as arrays', [1, 2, 3, 4].map((id) => replaced(4, id)), true],
  ['three of each of two tables', [4, 5].flatMap((table) => [1, 2, 3].map((id) => replaced(table, id))), true],
  ['more tables than a statement takes', [4, 5, 6, 7, 8].map((table) => replaced(table, 1)), false],
] as const) {
  test(`${isOne ? 'one statement' : 'several statements'}: ${name}`, () => {
    // Again, since what was found out is kept, also for what had the same texts.
    for (const _time of [1, 2]) assert.equal(fuse(stepsOf(writes)) !== undefined, isOne);
  });
}

test('a part that stands alone is told how many rows it must have found, and as a part it is not', () => {
  const steps = stepsOf([removed(4, 1)]);
  const fused = fuse(steps);
  assert.equal(fused?.parameters.length, steps.flatMap(({ parameters }) => parameters).length - 1);
});
