import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createEntriesMemory, SharedEntries } from './shared-entries.ts';

const SIZE = { entries: 4, bytes: 1000 };
const never = (): boolean => false;

suite('entries that threads share', () => {
  const open = (): { readonly here: SharedEntries; readonly there: SharedEntries } => {
    const memory = createEntriesMemory(SIZE);
    return { here: new SharedEntries(memory, SIZE.entries), there: new SharedEntries(memory, SIZE.entries) };
  };

  test('what one adds the other finds', () => {
    const { here, there } = open();
    here.add({ name: 'a' }, 'body of ä', never);
    assert.deepEqual(
      there.find(({ name }) => name === 'a'),
      { head: { name: 'a' }, body: 'body of ä' },
    );
    assert.equal(
      there.find(({ name }) => name === 'b'),
      undefined,
    );
  });

  test('the oldest make room, by number and by size', () => {
    const { here } = open();
    for (const name of ['a', 'b', 'c', 'd', 'e']) here.add({ name }, '', never);
    assert.deepEqual(
      here.list().map(({ name }) => name),
      ['b', 'c', 'd', 'e'],
    );
    here.add({ name: 'large' }, 'x'.repeat(950), never);
    assert.deepEqual(
      here.list().map(({ name }) => name),
      ['d', 'e', 'large'],
    );
    assert.equal(here.add({ name: 'too large' }, 'x'.repeat(1000), never), false);
  });

  test('an entry takes the place of the one that it replaces', () => {
    const { here } = open();
    for (const [name, body] of [
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
    ] as const)
      here.add({ name }, body, (head) => head['name'] === name);
    assert.deepEqual(
      here.list().map(({ name }) => name),
      ['b', 'a'],
    );
    assert.equal(here.find(({ name }) => name === 'a')?.body, '3');
    assert.equal(here.find(({ name }) => name === 'b')?.body, '2');
  });

  test('removing closes the gaps', () => {
    const { here } = open();
    for (const name of ['a', 'b', 'c']) here.add({ name }, name.repeat(10), never);
    assert.equal(
      here.remove(({ name }) => name === 'a'),
      1,
    );
    assert.equal(here.find(({ name }) => name === 'c')?.body, 'cccccccccc');
  });
});
