import assert from 'node:assert/strict';
import { test } from 'node:test';
import { currentTab, newTab, readDesk, tabTitle, withChanged, withoutTab, withPast, withTab } from './query-tabs.ts';

test('there is always a tab, and an empty one gives its place', () => {
  const empty = readDesk(null);
  assert.equal(empty.tabs.length, 1);
  const one = withTab(empty, newTab({ text: 'RETURN 1' }));
  assert.deepEqual(
    one.tabs.map(({ text }) => text),
    ['RETURN 1'],
  );
  const two = withTab(one, newTab({ text: 'RETURN 2' }));
  assert.equal(currentTab(two).text, 'RETURN 2');
  const back = withoutTab(two, two.current);
  assert.equal(currentTab(back).text, 'RETURN 1');
  assert.equal(currentTab(withoutTab(back, back.current)).text, '');
});

test('what is kept comes back, and what is no desk does not', () => {
  const desk = withPast(withChanged(readDesk(null), '', {}), { text: 'RETURN 1', values: {}, at: 5 });
  assert.deepEqual(readDesk(JSON.stringify(desk)), desk);
  for (const text of ['', 'x', '[]', '{}', '{"tabs":[],"current":"","history":[]}', '{"tabs":[null],"current":"","history":[]}']) {
    assert.equal(readDesk(text).tabs.length, 1);
  }
});

test('a text stands in the history once, at its last time', () => {
  const past = (text: string, at: number) => ({ text, values: {}, at });
  const desk = withPast(withPast(withPast(readDesk(null), past('a', 1)), past('b', 2)), past('a', 3));
  assert.deepEqual(
    desk.history.map(({ text, at }) => [text, at]),
    [
      ['a', 3],
      ['b', 2],
    ],
  );
});

test('a tab is called by its saved query, or by its first words', () => {
  assert.equal(tabTitle(newTab({ text: '// note\nFOR d IN\n  c RETURN d' })), 'FOR d IN c RETURN d');
  assert.equal(tabTitle(newTab()), 'New query');
  assert.equal(tabTitle(newTab({ text: 'RETURN 1', savedAs: 'one' })), 'one');
});
