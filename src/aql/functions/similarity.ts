/** How alike strings are, and vectors. */
import { isArray, type Value } from '#values';
import type { FunctionContext } from './context.ts';
import { array, define, numeral, optional, string, text, value, warn } from './define.ts';

export const LEVENSHTEIN_DISTANCE = define({
  name: 'LEVENSHTEIN_DISTANCE',
  summary: 'How many characters must be added, removed, replaced or swapped with their neighbour to make one string of the other.',
  params: [text('value1'), text('value2')],
  examples: [
    ['LEVENSHTEIN_DISTANCE("foobar", "bar")', 3],
    ['LEVENSHTEIN_DISTANCE("fxo", "fox")', 1],
    ['LEVENSHTEIN_DISTANCE("der mötör trötet", "der trötet")', 6],
  ],
  call: (left, right) => editDistance(left, right, { withTranspositions: true }),
});

/** ArangoDB's automata go no further; beyond, and with transpositions, it reckons the distance in full. */
const FARTHEST_MATCH = 4;

export const LEVENSHTEIN_MATCH = define({
  name: 'LEVENSHTEIN_MATCH',
  summary: 'Whether the edit distance of two strings is at most `distance`; without `transpositions` a swap of neighbours counts 2.',
  params: [
    value('path'),
    value('target'),
    numeral('distance'),
    optional(value('transpositions'), true),
    optional(value('maxTerms')),
    optional(value('prefix'), ''),
  ],
  examples: [
    ['LEVENSHTEIN_MATCH("over", "voer", 1)', true],
    ['LEVENSHTEIN_MATCH("over", "voer", 1, false)', false],
    ['LEVENSHTEIN_MATCH("foxden", "dxn", 2, true, 64, "fox")', true],
    ['LEVENSHTEIN_MATCH("over", "voer", -1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (given, target, distance, withTranspositions, _maxTerms, prefix, context) => {
    const most = Math.trunc(distance);
    const isOutside = most < 0 || (withTranspositions === false && most > FARTHEST_MATCH);
    if (isOutside || typeof withTranspositions !== 'boolean' || typeof prefix !== 'string') return warn(context, 'LEVENSHTEIN_MATCH');
    const [left, right] = [given, target].map((each) => (typeof each === 'string' ? each : ''));
    return editDistance(left ?? '', prefix + (right ?? ''), { withTranspositions }) <= most;
  },
});

export const NGRAM_SIMILARITY = define({
  name: 'NGRAM_SIMILARITY',
  summary: 'The part of the runs of `ngramSize` characters of `target` that `input` has, too, in the same order.',
  params: [string('input'), string('target'), numeral('ngramSize')],
  examples: [
    ['NGRAM_SIMILARITY("quick fox", "quick foxx", 2)', 0.8888888955116272],
    ['NGRAM_SIMILARITY("fox", "fox", 4)', 1],
    ['NGRAM_SIMILARITY("fox", "fox", 0)', null, 'ERROR_BAD_PARAMETER'],
  ],
  call: (input, target, ngramSize, context) => {
    if (ngramSize < 1) return warn(context, 'NGRAM_SIMILARITY', 'ERROR_BAD_PARAMETER', 'Invalid ngram size. Should be 1 or greater');
    return ngramSimilarity(Array.from(input), Array.from(target), Math.trunc(ngramSize));
  },
});

export const NGRAM_POSITIONAL_SIMILARITY = define({
  name: 'NGRAM_POSITIONAL_SIMILARITY',
  summary: 'As NGRAM_SIMILARITY, as a part of the runs of the longer string, and with runs that agree in part counted so.',
  params: [string('input'), string('target'), numeral('ngramSize')],
  examples: [
    ['NGRAM_POSITIONAL_SIMILARITY("quick fox", "quirky fox", 2)', 0.7222222089767456],
    ['NGRAM_POSITIONAL_SIMILARITY("fox", "fix", 4)', 0.6666666865348816],
  ],
  call: (input, target, ngramSize, context) => {
    if (ngramSize < 1) {
      return warn(context, 'NGRAM_POSITIONAL_SIMILARITY', 'ERROR_BAD_PARAMETER', 'Invalid ngram size. Should be 1 or greater');
    }
    return ngramPositionalSimilarity(Array.from(input), Array.from(target), Math.trunc(ngramSize));
  },
});

export const SOUNDEX = define({
  name: 'SOUNDEX',
  summary: 'A letter and three digits that words have in common that sound alike in English.',
  params: [text('value')],
  examples: [
    ['SOUNDEX("soundex")', 'S532'],
    ['SOUNDEX("sounteks")', 'S532'],
    ['SOUNDEX("ekzampul")', 'E251'],
    ['SOUNDEX("42")', ''],
  ],
  call: (given) => soundex(given),
});

export const COSINE_SIMILARITY = define({
  name: 'COSINE_SIMILARITY',
  summary: 'The cosine of the angle between two vectors, or between each of several and one.',
  params: [array('x'), array('y')],
  examples: [
    ['COSINE_SIMILARITY([0, 1], [1, 0])', 0],
    ['COSINE_SIMILARITY([[0, 1], [-1, 0]], [1, 0])', [0, -1]],
    ['COSINE_SIMILARITY([0, 1], [1])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (x, y, context) =>
    ofVectors('COSINE_SIMILARITY', x, y, context, (left, right) => {
      const norms = Math.sqrt(dot(left, left)) * Math.sqrt(dot(right, right));
      return Math.max(-1, Math.min(1, dot(left, right) / norms));
    }),
});

export const L1_DISTANCE = define({
  name: 'L1_DISTANCE',
  summary: 'The Manhattan distance of two vectors, or of each of several and one.',
  params: [array('x'), array('y')],
  examples: [
    ['L1_DISTANCE([-1, -1], [2, 2])', 6],
    ['L1_DISTANCE([[1, 2, 3], [-1, -2, -3]], [1, 1, 1])', [3, 9]],
    ['L1_DISTANCE(["a"], [1])', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (x, y, context) =>
    ofVectors('L1_DISTANCE', x, y, context, (left, right) => left.reduce((sum, each, i) => sum + Math.abs(each - (right[i] ?? 0)), 0)),
});

export const L2_DISTANCE = define({
  name: 'L2_DISTANCE',
  summary: 'The Euclidean distance of two vectors, or of each of several and one.',
  params: [array('x'), array('y')],
  examples: [
    ['L2_DISTANCE([1, 1], [5, 2])', 4.123105625617661],
    ['L2_DISTANCE([[1, 2, 3], [4, 5, 6]], [3, 2, 1])', [2.8284271247461903, 5.916079783099616]],
  ],
  call: (x, y, context) =>
    ofVectors('L2_DISTANCE', x, y, context, (left, right) => {
      const difference = left.map((each, i) => each - (right[i] ?? 0));
      return Math.sqrt(dot(difference, difference));
    }),
});

/** Damerau's distance with transpositions, also of characters that edits bring together; else Levenshtein's. */
function editDistance(left: string, right: string, { withTranspositions }: { readonly withTranspositions: boolean }): number {
  const [source, target] = [Array.from(left), Array.from(right)];
  const beyond = source.length + target.length;
  const width = target.length + 2;
  // Row and column 0 stand for what comes before the begin, where no transposition may reach; 1 for the empty string.
  const distances = new Int32Array((source.length + 2) * width).fill(beyond);
  for (let i = 0; i <= source.length; i++) distances[(i + 1) * width + 1] = i;
  for (let j = 0; j <= target.length; j++) distances[width + j + 1] = j;
  const lastRowWith = new Map<string, number>();
  for (let i = 1; i <= source.length; i++) {
    const character = source[i - 1] ?? '';
    const here = (i + 1) * width + 1;
    let lastColumn = 0;
    for (let j = 1; j <= target.length; j++) {
      const other = target[j - 1] ?? '';
      const cost = character === other ? 0 : 1;
      let distance = (distances[here + j - width - 1] ?? 0) + cost;
      distance = Math.min(distance, (distances[here + j - 1] ?? 0) + 1, (distances[here + j - width] ?? 0) + 1);
      if (withTranspositions) {
        const row = lastRowWith.get(other) ?? 0;
        distance = Math.min(distance, (distances[row * width + lastColumn] ?? 0) + (i - row - 1) + 1 + (j - lastColumn - 1));
      }
      distances[here + j] = distance;
      if (cost === 0) lastColumn = j;
    }
    lastRowWith.set(character, i);
  }
  return distances[distances.length - 1] ?? 0;
}

function ngramSimilarity(input: readonly string[], target: readonly string[], size: number): number {
  if (target.length < size || input.length < size) return target.join('\0') === input.join('\0') ? 1 : 0;
  const isSame = (i: number, j: number): boolean => {
    for (let k = 0; k < size; k++) if (target[i + k] !== input[j + k]) return false;
    return true;
  };
  const targetCount = target.length - size + 1;
  return Math.fround(longestSequence(targetCount, input.length - size + 1, (i, j) => (isSame(i, j) ? 1 : 0)) / targetCount);
}

function ngramPositionalSimilarity(input: readonly string[], target: readonly string[], size: number): number {
  const [shorter, longer] = target.length > input.length ? [input, target] : [target, input];
  if (longer.length === 0) return 1;
  const common = (i: number, j: number, length: number): number => {
    let count = 0;
    for (let k = 0; k < length; k++) if (shorter[i + k] === longer[j + k]) count++;
    return count;
  };
  if (shorter.length < size) return Math.fround(common(0, 0, shorter.length) / longer.length);
  const longerCount = longer.length - size + 1;
  const similarity = (i: number, j: number): number => Math.fround(common(i, j, size) / size);
  return Math.fround(longestSequence(shorter.length - size + 1, longerCount, similarity) / longerCount);
}

/** The most that pairs of runs, taken in order from both sides, can score. In single precision, as ArangoDB reckons. */
function longestSequence(rows: number, columns: number, score: (row: number, column: number) => number): number {
  const best = new Float32Array(columns + 1);
  for (let row = 0; row < rows; row++) {
    let diagonal = 0;
    for (let column = 1; column <= columns; column++) {
      const above = best[column] ?? 0;
      best[column] = Math.max(best[column - 1] ?? 0, above, Math.fround(diagonal + score(row, column - 1)));
      diagonal = above;
    }
  }
  return best[columns] ?? 0;
}

/** The class of each letter from a to z by its sound; 0 for those that are not told apart. */
const SOUNDS = '01230120022455012623010202';

function soundex(given: string): string {
  const letters = given.trim().toLowerCase();
  const soundAt = (i: number): string => SOUNDS.charAt(letters.charCodeAt(i) - 97);
  let start = 0;
  while (start < letters.length && soundAt(start) === '') start++;
  if (start === letters.length) return '';
  let code = letters.charAt(start).toUpperCase();
  for (let i = start + 1; i < letters.length && code.length < 4; i++) {
    const sound = soundAt(i);
    if (sound !== '' && sound !== '0' && sound !== soundAt(i - 1)) code += sound;
  }
  return code.padEnd(4, '0');
}

type Vector = readonly number[];

function isVector(given: Value): given is Vector {
  return isArray(given) && given.every((each) => typeof each === 'number');
}

function dot(left: Vector, right: Vector): number {
  return left.reduce((sum, each, i) => sum + each * (right[i] ?? 0), 0);
}

/** Of two vectors, or of one and each row of a matrix, on whichever side that is. */
function ofVectors(
  name: string,
  x: readonly Value[],
  y: readonly Value[],
  context: FunctionContext,
  compute: (left: Vector, right: Vector) => number,
): Value {
  const [rows, vector] = isVector(y) ? [x, y] : [y, x];
  if (!isVector(vector) || rows.length === 0) return warn(context, name);
  const isMatrix = isArray(rows[0] ?? null);
  const lefts = isMatrix ? rows : [rows];
  const results: (number | null)[] = [];
  for (const left of lefts) {
    if (!isVector(left) || left.length !== vector.length) return warn(context, name);
    const result = compute(left, vector);
    results.push(Number.isFinite(result) ? result : null);
  }
  return isMatrix ? results : (results[0] ?? null);
}
