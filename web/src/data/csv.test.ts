import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toCsv } from '../queries/results/shape.ts';
import { csvDocuments, guessSeparator } from './csv.ts';

const read = (text: string, separator = ','): unknown => csvDocuments(text, { separator, readsTypes: true });

test('lines become documents with values of their types', () => {
  assert.deepEqual(read('_key,n,ok,zip\n1,1.5,true,007\n2,,false,\n'), [
    { _key: '1', n: 1.5, ok: true, zip: '007' },
    { _key: '2', ok: false },
  ]);
  assert.deepEqual(csvDocuments('a\n1', { separator: ',', readsTypes: false }), [{ a: '1' }]);
});

test('quotes keep separators, lines and the type of text', () => {
  assert.deepEqual(read('a;b\r\n"x;y";"1"\r\n"two\nlines";"say ""hi"""', ';'), [
    { a: 'x;y', b: '1' },
    { a: 'two\nlines', b: 'say "hi"' },
  ]);
});

test('an export comes back', () => {
  const documents = [
    { _key: 'a', n: 1, nested: { list: [1, 'x'] }, text: 'a, "b"\n' },
    { _key: 'b', n: -2.5, nested: { list: [] }, text: 'plain' },
  ];
  assert.deepEqual(read(toCsv(documents)), documents);
});

test('a name of JavaScript is a name of an attribute', () => {
  const [document] = csvDocuments('__proto__,a\nx,1', { separator: ',', readsTypes: true });
  assert.deepEqual(Object.keys(document ?? {}), ['__proto__', 'a']);
});

test('the separator is guessed by the first line', () => {
  assert.deepEqual(['a,b', 'a;b;c', 'a\tb', 'a|b', 'a'].map(guessSeparator), [',', ';', '\t', '|', ',']);
});
