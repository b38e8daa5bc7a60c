// Makes src/values/collation-data.ts from the collation table of Unicode's CLDR:
//
//     node scripts/make-collation.js /usr/share/unicode/cldr/common/uca/FractionalUCA.txt
//
// (The Debian package unicode-cldr-core has the file.) Whatever changes in the result changes the order of strings and with it the
// meaning of stored index keys: raise COLLATION_VERSION in src/values/collation.ts then.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { root } from './prepare.js';

const source = readFileSync(process.argv[2], 'utf8');
const version = /^\[UCA version = (.*)\]/m.exec(source)[1];

// --- What the file says ---

const hex = (text) => parseInt(text, 16);
const codePoints = (text) => text.trim().split(/\s+/).map(hex);

/** `[2A, 05, 9C]`, or with the primary weight of an ideograph `[U+4E00, 70, 05]`, `[U+4E00, 10]`, `[U+4E00]`: common weights are left out. */
function parseElement(text) {
  const parts = text.split(',').map((part) => part.trim());
  if (parts[0].startsWith('U+')) {
    const [tertiary = '05', secondary = '05'] = parts.slice(1).toReversed();
    return { ideograph: hex(parts[0].slice(2)), secondary, tertiary };
  }
  const [primary, secondary, tertiary] = parts;
  return { primary, secondary, tertiary };
}

const singles = new Map();
const contractions = [];
for (const line of source.split('\n')) {
  const match = /^([0-9A-F ]+?)(?: \| ([0-9A-F ]+))?;\s*([^#]*)/.exec(line);
  // U+FDD0 and U+FDD1 begin the table's notes on scripts and lead bytes.
  if (match === null || match[1].startsWith('FDD')) continue;
  const elements = [...match[3].matchAll(/\[([^\]]*)\]/g)].map(([, element]) => parseElement(element));
  const characters = codePoints(match[1]);
  // What a character weighs after another: a contraction of both that begins with the other's own elements.
  if (match[2] !== undefined) contractions.push({ characters: [...characters, ...codePoints(match[2])], elements, isAfter: true });
  else if (characters.length > 1) contractions.push({ characters, elements });
  else singles.set(characters[0], elements);
}
for (const contraction of contractions) {
  if (contraction.isAfter) contraction.elements = [...singles.get(contraction.characters[0]), ...contraction.elements];
}
// The lowest primary weight of all, which must not look like the end of a sort key's first level.
for (const [element] of [singles.get(0xfffe)]) element.primary = '03 02';

/** Ideographs by radical and stroke, as ICU orders them: `[radical 1=⼀一:一𪛙丁-丆…]`. */
const ideographs = [];
for (const [, list] of source.matchAll(/^\[radical [^:]*:(.*)\]$/gm)) {
  const listed = Array.from(list, (character) => character.codePointAt(0));
  for (let i = 0; i < listed.length; i++) {
    if (listed[i] !== 0x2d) ideographs.push(listed[i]);
    else for (let character = listed[i - 1] + 1; character < listed[i + 1]; character++) ideographs.push(character);
  }
}
const ideographRank = new Map(ideographs.map((character, rank) => [character, rank]));

// --- Weights as the sort key has them ---

/** Upper case first: the two upper bits of a tertiary weight say lower (0) or upper (2). */
const upperFirst = (tertiary) => hex(tertiary) ^ 0xc0;
const COMMON = upperFirst('05');
const everyElement = [...singles.values(), ...contractions.map(({ elements }) => elements)].flat();
const tertiaries = [...new Set(everyElement.map(({ tertiary }) => tertiary))].filter((weight) => weight !== '');
tertiaries.sort((a, b) => upperFirst(a) - upperFirst(b));
const below = tertiaries.filter((weight) => upperFirst(weight) < COMMON);
const above = tertiaries.filter((weight) => upperFirst(weight) > COMMON);
check(below.length <= 0x1e && above.length <= 0x1f && tertiaries.every((weight) => weight.length === 2), 'tertiary weights fit');
const tertiaryCode = new Map([
  ['', 0],
  ['05', 1],
  ...below.map((weight, i) => [weight, 2 + i]),
  ...above.map((weight, i) => [weight, 0xe0 + i]),
]);

const bytesToNumber = (text) => (text === '' ? 0 : text.split(' ').reduce((number, byte) => number * 256 + hex(byte), 0));
const primaries = [...new Set(everyElement.map(({ primary }) => primary ?? ''))]
  .filter((weight) => weight !== '')
  .toSorted((a, b) => (a < b ? -1 : 1));
const primaryRank = new Map(primaries.map((weight, i) => [weight, i + 1]));
const secondaries = ['', '05', ...new Set(everyElement.map(({ secondary }) => secondary))].filter(
  (weight, i, all) => all.indexOf(weight) === i,
);
check(
  primaries.every((weight) => hex(weight.slice(0, 2)) >= 3 && hex(weight.slice(0, 2)) < 0xfe),
  'primary weights begin with 03 to FD',
);
check(
  secondaries.every((weight) => weight === '' || weight === '05' || hex(weight.slice(0, 2)) >= 0x46),
  'secondary weights are above the codes of runs',
);

// --- What is known of characters ---

const MARK = 1;
const PLAIN = 2;
const STARTS = 4;
const CONTINUES = 8;

/**
 * Its combining class, or that of the first character it is made of, is not 0, so that it may change places with marks before it: then
 * one of two marks of the extreme classes can pass it.
 */
const isMark = (character) => {
  const [first] = String.fromCodePoint(character).normalize('NFD');
  return ['\u0334', '\u0345'].some(
    (mark) => (first + mark).normalize('NFD') !== first + mark || (mark + first).normalize('NFD') !== mark + first,
  );
};

check(
  contractions.every(({ characters }) => characters.slice(1).every((character) => character > 127)),
  'no contraction goes on with an ASCII character',
);
check(
  contractions.every(({ characters: [first], elements }) => first > 127 || elements[0].primary === singles.get(first)[0].primary),
  'no contraction changes the primary weight of an ASCII character',
);

/**
 * Characters are plain when no two different strings of them have the same elements, so that the sort key of such a string needs not
 * say which string it was. Taken apart from the left, the elements of a string of plain characters must show where each character
 * ends: it has one primary weight, which comes first, or begins with an element that no other begins with; and no two have the same
 * elements. Of each contraction one character is not plain.
 */
const id = ({ primary, ideograph, secondary, tertiary }) => `${ideograph ?? primary}|${secondary}|${tertiary}`;
const hasPrimary = ({ primary }) => primary !== '';
const plainBy = new Map();
const startsOf = new Map();
/** What is made of other characters, or part of a Hangul syllable, has elements like those others. */
const isComposed = (character) =>
  String.fromCodePoint(character).normalize('NFC') !== String.fromCodePoint(character) ||
  (character >= 0x1100 && character <= 0x11ff) ||
  (character >= 0xa960 && character <= 0xa97f) ||
  (character >= 0xd7b0 && character <= 0xd7ff);
for (const [character, elements] of [...singles].toSorted(([a], [b]) => a - b)) {
  if (isComposed(character) || elements.length === 0 || !hasPrimary(elements[0])) continue;
  if (elements.some(({ tertiary }) => tertiary === '')) continue;
  // Ideographs have no line of their own in the table.
  if (elements[0].ideograph !== undefined && elements[0].tertiary === '05' && elements[0].secondary === '05') continue;
  const block = elements.map(id).join();
  if (!plainBy.has(block)) plainBy.set(block, character);
}
for (const character of plainBy.values()) {
  const start = id(singles.get(character)[0]);
  startsOf.set(start, (startsOf.get(start) ?? 0) + 1);
}
const plain = new Set();
for (const character of plainBy.values()) {
  const elements = singles.get(character);
  const isBlock = elements.filter(hasPrimary).length === 1 && elements.slice(1).every(({ secondary }) => secondary !== '05');
  if (isBlock || startsOf.get(id(elements[0])) === 1) plain.add(character);
}
for (const { characters } of contractions) {
  if (characters.every((character) => plain.has(character))) plain.delete(characters[0] < 128 ? characters.at(-1) : characters[0]);
}

// --- The columns ---

function varints() {
  const bytes = [];
  return {
    bytes,
    write(number) {
      for (; number > 127; number = Math.floor(number / 128)) bytes.push((number % 128) | 128);
      bytes.push(number);
    },
    writeSigned(number) {
      this.write(number < 0 ? -2 * number - 1 : 2 * number);
    },
  };
}

const columns = Object.fromEntries(
  ['weights', 'secondaryWeights', 'characters', 'flags', 'counts', 'primaries', 'secondaries', 'tertiaries', 'contractions'].map((name) => [
    name,
    varints(),
  ]),
);

let before = 0;
for (const weight of primaries) {
  // Left-aligned to three bytes, so that they ascend.
  const number = bytesToNumber(`${weight} 00 00`.slice(0, 8));
  columns.weights.write(number - before);
  before = number;
}
for (const weight of secondaries) columns.secondaryWeights.write(bytesToNumber(weight));

let rankBefore = 0;
function writeElements(elements) {
  columns.counts.write(elements.length);
  for (const element of elements) {
    // 0: the next rank; 1: none; 2: an ideograph's, whose rank follows; otherwise the distance from the last.
    const rank = primaryRank.get(element.primary);
    if (element.ideograph !== undefined) {
      columns.primaries.write(2);
      columns.primaries.write(ideographRank.get(element.ideograph));
    } else if (rank === undefined) columns.primaries.write(1);
    else {
      if (rank === rankBefore + 1) columns.primaries.write(0);
      else columns.primaries.write(3 + (rank < rankBefore ? 2 * (rankBefore - rank) - 1 : 2 * (rank - rankBefore)));
      rankBefore = rank;
    }
    columns.secondaries.write(secondaries.indexOf(element.secondary));
    columns.tertiaries.write(tertiaryCode.get(element.tertiary));
  }
}

const starters = new Set(contractions.map(({ characters: [first] }) => first));
const continuations = new Set(contractions.flatMap(({ characters: [, ...rest] }) => rest));

/** Flags are also those of the characters that one is made of. */
function flagsOf(character) {
  const parts = Array.from(String.fromCodePoint(character).normalize('NFD'), (part) => part.codePointAt(0));
  return (
    (isMark(character) ? MARK : 0) |
    (plain.has(character) ? PLAIN : 0) |
    (parts.some((part) => starters.has(part)) ? STARTS : 0) |
    (continuations.has(parts[0]) ? CONTINUES : 0)
  );
}

const characters = [...singles.keys()].toSorted((a, b) => a - b);
before = -1;
for (const character of characters) {
  columns.characters.write(character - before - 1);
  before = character;
  columns.flags.write(flagsOf(character));
  writeElements(singles.get(character));
}
for (const contraction of contractions) {
  columns.contractions.write(contraction.characters.length);
  for (const character of contraction.characters) columns.contractions.write(character);
  writeElements(contraction.elements);
}

// --- ASCII apart ---

const ascii = [];
for (let character = 0; character < 128; character++) {
  const elements = singles.get(character).filter((element) => element.primary !== '' || element.secondary !== '');
  check(elements.length <= 1, `ASCII character ${character} has at most one element`);
  const [{ primary, secondary, tertiary } = { primary: '', secondary: '05', tertiary: '05' }] = elements;
  const weight = bytesToNumber(`${primary === '' ? '00' : primary} 00`.slice(0, 5));
  check(secondary === '05' && primary.length <= 5 && upperFirst(tertiary) <= COMMON, `ASCII character ${character} is simple`);
  check(primary === '' || plain.has(character), `ASCII character ${character} is plain`);
  ascii.push(weight >> 8, weight & 255, tertiaryCode.get(tertiary));
}

function check(isTrue, message) {
  if (!isTrue) throw new Error(`the table is not as expected: ${message}`);
}

// --- The order of ideographs: runs of neighbours, each in a block of its own where it mostly goes on where the last one ended ---

const blocks = [0x3400, 0x4e00, 0xfa00, 0x20000, 0x2a700, 0x2b740, 0x2b820, 0x2ceb0, 0x30000];
const order = { blocks: varints(), gaps: varints(), lengths: varints() };
const expected = [...blocks];
for (let i = 0; i < ideographs.length;) {
  const first = ideographs[i];
  const block = blocks.findLastIndex((start) => first >= start);
  let end = i + 1;
  while (ideographs[end] === ideographs[end - 1] + 1) end++;
  order.blocks.write(block);
  order.gaps.writeSigned(first - expected[block]);
  order.lengths.write(end - i);
  expected[block] = ideographs[end - 1] + 1;
  i = end;
}

/** Each column after its length. */
function compress(all) {
  const parts = Object.values(all).flatMap(({ bytes }) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, Buffer.from(bytes)];
  });
  const whole = Buffer.concat(parts);
  const compressed = brotliCompressSync(whole, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: whole.length } });
  return compressed
    .toString('base64')
    .match(/.{1,128}/g)
    .join('\n');
}

const licence = readFileSync(join(root, 'scripts', 'unicode-licence.txt'), 'utf8').trimEnd();
writeFileSync(
  join(root, 'src', 'values', 'collation-data.ts'),
  `/**
 * Made by scripts/make-collation.js from the root collation of Unicode's CLDR (UCA ${version}); not to be changed by hand.
 *
${licence
  .split('\n')
  .map((line) => ` * ${line}`.trimEnd())
  .join('\n')}
 */

/** For each ASCII character the primary weight (two bytes, the second 0 where it has but one) and the code of the tertiary weight. */
export const ASCII_WEIGHTS =
  '${Buffer.from(ascii).toString('base64')}';

/** Columns of numbers, compressed; \`collation-table.ts\` reads them. */
export const COLLATION_TABLE = \`
${compress(columns)}
\`;

/** The ideographs in their order, compressed likewise. */
export const IDEOGRAPH_ORDER = \`
${compress(order)}
\`;
`,
);
console.log(
  `${characters.length} characters, ${plain.size} of them plain, ${contractions.length} contractions, ${ideographs.length} ideographs`,
);
