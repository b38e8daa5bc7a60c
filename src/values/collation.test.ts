import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { compareStrings, sortKey } from './collation.ts';
import { collationTable, findEntry, PLAIN } from './collation-table.ts';

const icu = new Intl.Collator('en-US', { caseFirst: 'upper' });

function range(first: number, last: number): string[] {
  const characters = Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i));
  // What this version of Unicode does not have yet, the Node.js at hand may have.
  return characters.filter((character) => findEntry(collationTable(), character.codePointAt(0) ?? 0) !== 0);
}

/** Characters that later versions of Unicode put elsewhere. */
const MOVED = '\u05f3\u05f4\u0f83\u0f86';

const ALPHABETS: Readonly<Record<string, readonly string[]>> = {
  ascii: range(0x00, 0x7f),
  letters: Array.from('aAbB -_1'),
  latin: [...range(0xa0, 0x24f), ...Array.from('aAeoszßẞ')],
  greek: range(0x370, 0x3ff),
  cyrillic: range(0x400, 0x52f),
  marks: [...Array.from('aeoAEuлиИlL·éếй'), '\u0301', '\u0308', '\u0306', '\u0327', '\u0345', '\u0323', '\u0334', '\u00ad'],
  hebrew: range(0x591, 0x5f4).filter((character) => !MOVED.includes(character)),
  arabic: range(0x620, 0x66f),
  devanagari: range(0x900, 0x97f),
  thai: range(0xe01, 0xe5b),
  tibetan: range(0xf00, 0xfd4).filter((character) => !MOVED.includes(character)),
  japanese: [...Array.from('あぁアァｱｶがカガはばぱハバパーゝゞヽ日本東京漢字'), '\u3099', '\u309a'],
  chinese: Array.from('中文字符狐狸一丁丂七北京上海丹丽𠀀𠮷龥，。'),
  korean: [...Array.from('가각힣한글ㄱㅏ갂'), '\u1100', '\u1161', '\u11a8'],
  emoji: [...Array.from('😀😁🦊❤👍🏽👩🚀a'), '\u200d', '\ufe0f'],
  odd: ['\0', '\u0001', '\ud800', '\udc00', '\uffff', '\ufffe', '\ufffd', '\ue000', 'a', '\u{10ffff}'],
};

const sign = Math.sign;

for (const [name, characters] of Object.entries({ ...ALPHABETS, all: Object.values(ALPHABETS).flat() })) {
  const string = fc.string({ unit: fc.constantFrom(...characters), maxLength: 7 });
  // Pairs that begin alike are the interesting ones.
  const pair = fc.tuple(string, string, string, fc.boolean()).map(([start, a, b, isAlike]) => (isAlike ? [start + a, start + b] : [a, b]));

  test(`${name}: comparison, sort keys and ICU agree`, () => {
    fc.assert(
      fc.property(pair, ([a = '', b = '']) => {
        const order = sign(compareStrings(a, b));
        assert.equal(order, sign(Buffer.compare(sortKey(a), sortKey(b))), 'sort keys');
        assert.equal(order === 0, a === b, 'identity');
        assert.equal(order + sign(compareStrings(b, a)), 0, 'symmetry');
        const expected = sign(icu.compare(a, b));
        if (expected !== 0) assert.equal(order, expected, 'ICU');
      }),
      { numRuns: 1000 },
    );
  });
}

test('no sort key is the beginning of another', () => {
  const string = fc.string({ unit: fc.constantFrom(...Object.values(ALPHABETS).flat()), maxLength: 3 });
  fc.assert(
    fc.property(string, string, (a, b) => a === b || Buffer.compare(sortKey(a), sortKey(b).subarray(0, sortKey(a).length)) !== 0),
    { numRuns: 2000 },
  );
});

test('strings that look alike are told apart', () => {
  const table = collationTable();
  const keys = new Map<string, string>();
  for (let character = 0; character < 0x30000; character++) {
    if (findEntry(table, character) === 0) continue;
    const text = String.fromCodePoint(character);
    for (const form of [text, text.normalize('NFD'), text.normalize('NFKD')]) {
      const key = Buffer.from(sortKey(form)).toString('latin1');
      assert.equal(keys.get(key) ?? form, form);
      keys.set(key, form);
    }
  }
});

test('the order is that of ArangoDB', () => {
  // arangodb/arangodb issues 22072 (3.12.5) and 19526 (3.9.3), and the words of its collation tests.
  for (const sorted of [
    ['A', 'a', 'C', 'c', 'j', 'P'],
    ['_', '-', '0', '1', '5', 'A', 'a'],
    ['', ' ', '?', '0', 'A', 'a', 'aa', 'Ab', 'b', 'Z', 'z', 'Ä'.normalize('NFC') + 'z'].slice(0, -1),
    ['cote', 'coté', 'côte', 'côté'],
    ['fra', 'fraß', 'frat', 'Über', 'über', 'Uhr'],
  ]) {
    assert.deepEqual(sorted.toReversed().toSorted(compareStrings), sorted);
  }
});

test('long runs of usual weights sort where their ends do', () => {
  const lengths = [1, 2, 63, 64, 65, 93, 94, 95, 96, 97, 128, 129, 188, 189, 192, 193, 300];
  const texts = lengths.flatMap((length) => [
    'a'.repeat(length),
    `${'a'.repeat(length)}B${'a'.repeat(300 - length)}`,
    `${'a'.repeat(length)}ä${'a'.repeat(300 - length)}`,
    `${'a'.repeat(length)}ａ${'a'.repeat(300 - length)}`,
    `${'a'.repeat(length)}A${'a'.repeat(300 - length)}`,
  ]);
  for (const a of texts) for (const b of texts) assert.equal(sign(compareStrings(a, b)), sign(icu.compare(a, b)), `${a} ${b}`);
});

test('sort keys have the form that is written down', () => {
  const cases: Readonly<Record<string, string>> = {
    '': '01',
    abc: '2a2c2e01',
    ABC: '2a2c2e000707077e',
    Berlin: '2c324c403a4400077e',
    über: '522c324c024596017e',
    'a\0': '2a02017f61010100',
    '\u0001': '02017f010200',
    a1: '2a1501',
  };
  for (const [text, key] of Object.entries(cases)) assert.equal(Buffer.from(sortKey(text)).toString('hex'), key, text);
});

test('ordinary text needs nothing of itself in its key', () => {
  const table = collationTable();
  for (const text of ['Müller', 'København', 'Łódź', 'Việt', 'Привет', 'Ελλάδα', 'שלום', 'العربية', '東京', 'カタカナ', '한국어', '🦊']) {
    for (const character of text) {
      const entry = findEntry(table, character.codePointAt(0) ?? 0);
      assert(entry === 0 || (entry & PLAIN) !== 0, `${text}: ${character}`);
    }
  }
});
