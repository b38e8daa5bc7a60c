/**
 * AQL's functions on strings, but those that match patterns (`pattern.ts`), measure likeness (`similarity.ts`) or hash (`hash.ts`).
 * Lengths and positions count characters, not UTF-16 units.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { ArangoError } from '#base';
import { DocumentView, isArray, isObject, toNumber, toText, type Value } from '#values';
import type { FunctionContext } from './context.ts';
import { bool, define, integer, numeral, optional, rest, string, text, value, view, warn } from './define.ts';
import { reserveParts } from './reserve.ts';
import { characterCount, charactersBefore, reverseCharacters, sliceCharacters } from './text/characters.ts';

const LARGEST_REPETITION_BYTES = 16 * 1024 * 1024;
const LONGEST_TOKEN = 65_536;
const TOKEN_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const WHITESPACE = '\r\n\t ';
const UNLIMITED = -1;

export const CHAR_LENGTH = define({
  name: 'CHAR_LENGTH',
  summary: 'How many characters `value` has as a string. So true has 4, false 5 and null none.',
  params: [text('value')],
  examples: [
    ['CHAR_LENGTH("fox 🦊")', 5],
    ['CHAR_LENGTH({den: 1})', 9],
    ['CHAR_LENGTH(null)', 0],
  ],
  call: (given) => characterCount(given),
});

export const CONCAT = define({
  name: 'CONCAT',
  summary: 'All `values` as strings, one after the other, without nulls. A single array stands for its elements.',
  params: [rest(value('values'), 1)],
  examples: [
    ['CONCAT("fox", null, 1, true)', 'fox1true'],
    ['CONCAT(["a", ["b"], {c: 1}])', 'a["b"]{"c":1}'],
  ],
  call: (values) => {
    let all = '';
    for (const each of soleArray(values)) all += toText(each);
    return all;
  },
});

export const CONCAT_SEPARATOR = define({
  name: 'CONCAT_SEPARATOR',
  summary: 'All `values` as strings with `separator` between them, without nulls. A single array stands for its elements.',
  params: [text('separator'), rest(value('values'), 1)],
  examples: [
    ['CONCAT_SEPARATOR(", ", "fox", null, "den")', 'fox, den'],
    ['CONCAT_SEPARATOR("-", [1, "", 2])', '1--2'],
    ['CONCAT_SEPARATOR(", ", [1, 2], {a: 3})', '[1,2], {"a":3}'],
  ],
  call: (separator, values) =>
    soleArray(values)
      .filter((each) => each !== null)
      .map(toText)
      .join(separator),
});

export const CONTAINS = define({
  name: 'CONTAINS',
  summary:
    'Whether `search` occurs in `text`; with `returnIndex` the position of the first occurrence, or -1. An empty `search` never occurs.',
  params: [text('text'), text('search'), optional(bool('returnIndex'), false)],
  examples: [
    ['CONTAINS("foxden", "den")', true],
    ['CONTAINS("foxden", "Den")', false],
    ['CONTAINS("🦊den", "den", true)', 1],
    ['CONTAINS("foxden", "owl", true)', -1],
    ['CONTAINS("foxden", "")', false],
  ],
  call: (given, search, returnIndex) => {
    const found = search === '' ? -1 : given.indexOf(search);
    if (!returnIndex) return found !== -1;
    return found === -1 ? -1 : charactersBefore(given, found);
  },
});

export const ENCODE_URI_COMPONENT = define({
  name: 'ENCODE_URI_COMPONENT',
  summary: '`value`, escaped to be a part of a URI.',
  params: [text('value')],
  examples: [['ENCODE_URI_COMPONENT("fünf %")', 'f%C3%BCnf%20%25']],
  call: (given) => encodeURIComponent(Buffer.from(given).toString()),
});

export const FIND_FIRST = define({
  name: 'FIND_FIRST',
  summary: 'The position of the first occurrence of `search` that lies between `start` and `end` (inclusive) of `text`, or -1.',
  params: [text('text'), text('search'), optional(integer('start'), 0), optional(value('end'), null)],
  examples: [
    ['FIND_FIRST("foxfoxfox", "fox")', 0],
    ['FIND_FIRST("foxfoxfox", "fox", 1)', 3],
    ['FIND_FIRST("foxfoxfox", "fox", 1, 4)', -1],
    ['FIND_FIRST("fox", "", 2)', 2],
  ],
  call: (given, search, start, end) => {
    const last = lastPosition(given, end);
    if (start < 0 || (end !== null && last < start)) return -1;
    if (search === '') return start;
    const part = sliceCharacters(given, start, last + 1);
    const found = part.indexOf(search);
    return found === -1 ? -1 : start + charactersBefore(part, found);
  },
});

export const FIND_LAST = define({
  name: 'FIND_LAST',
  summary: 'The position of the last occurrence of `search` that lies between `start` and `end` (inclusive) of `text`, or -1.',
  params: [text('text'), text('search'), optional(integer('start'), 0), optional(value('end'), null)],
  examples: [
    ['FIND_LAST("foxfoxfox", "fox")', 6],
    ['FIND_LAST("foxfoxfox", "fox", 0, 7)', 3],
    ['FIND_LAST("fox", "")', 3],
    ['FIND_LAST("foxes", "", 0, 2)', 3],
  ],
  call: (given, search, start, end) => {
    const last = lastPosition(given, end);
    if (start < 0 || (end !== null && last < start)) return -1;
    if (search === '') return end === null ? last : last + 1;
    const part = sliceCharacters(given, start, last + 1);
    const found = part.lastIndexOf(search);
    return found === -1 ? -1 : start + charactersBefore(part, found);
  },
});

export const IPV4_FROM_NUMBER = define({
  name: 'IPV4_FROM_NUMBER',
  summary: 'The IPv4 address that the number `address` stands for.',
  params: [numeral('address')],
  examples: [
    ['IPV4_FROM_NUMBER(3232235521)', '192.168.0.1'],
    ['IPV4_FROM_NUMBER(-1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (address, context) => {
    const whole = Math.trunc(address);
    if (whole < 0 || whole > 0xffffffff) return warn(context, 'IPV4_FROM_NUMBER');
    return [24, 16, 8, 0].map((shift) => (whole >>> shift) & 255).join('.');
  },
});

export const IPV4_TO_NUMBER = define({
  name: 'IPV4_TO_NUMBER',
  summary: 'The number that an IPv4 address stands for.',
  params: [string('address')],
  examples: [
    ['IPV4_TO_NUMBER("192.168.0.1")', 3232235521],
    ['IPV4_TO_NUMBER("milk")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (address, context) => {
    if (!isIpv4(address)) return warn(context, 'IPV4_TO_NUMBER');
    return address.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
  },
});

export const IS_IPV4 = define({
  name: 'IS_IPV4',
  summary: 'Whether `value` is a string with an IPv4 address: four numbers up to 255 without leading zeros.',
  params: [value('value')],
  examples: [
    ['IS_IPV4("127.0.0.1")', true],
    ['IS_IPV4("008.8.8.8")', false],
    ['IS_IPV4(8888)', false],
  ],
  call: (given) => typeof given === 'string' && isIpv4(given),
});

export const JSON_PARSE = define({
  name: 'JSON_PARSE',
  summary: 'The value that `text` describes in JSON.',
  params: [string('text')],
  examples: [
    ['JSON_PARSE("[true, -0.5]")', [true, -0.5]],
    ['JSON_PARSE("fox")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (given, context) => {
    try {
      return JSON.parse(given) as Value;
    } catch {
      return warn(context, 'JSON_PARSE');
    }
  },
});

export const JSON_STRINGIFY = define({
  name: 'JSON_STRINGIFY',
  summary: '`value` in JSON.',
  params: [value('value')],
  examples: [
    ['JSON_STRINGIFY([1, {fox: null}])', '[1,{"fox":null}]'],
    ['JSON_STRINGIFY("fox")', '"fox"'],
  ],
  call: (given) => JSON.stringify(given),
});

export const LEFT = define({
  name: 'LEFT',
  summary: 'The first `n` characters of `value`.',
  params: [text('value'), integer('n')],
  examples: [
    ['LEFT("this is a test", 4)', 'this'],
    ['LEFT("🦊🦊🦊", 1)', '🦊'],
    ['LEFT(null, 4)', ''],
  ],
  call: (given, n) => sliceCharacters(given, 0, Math.max(0, n)),
});

export const LENGTH = define({
  name: 'LENGTH',
  aliases: ['COUNT'],
  summary:
    'How many elements an array, attributes an object, characters a string or number, documents a collection has. True counts 1; false and null 0.',
  params: [view('value')],
  ofCollection: 'COLLECTION_COUNT',
  examples: [
    ['LENGTH([1, 2, 3])', 3],
    ['LENGTH({name: "fox", legs: 4})', 2],
    ['LENGTH("🥑")', 1],
    ['LENGTH(-1.5)', 4],
    ['LENGTH(null)', 0],
    ['LENGTH(true)', 1],
  ],
  call: (given) => {
    if (given instanceof DocumentView) return Object.keys(given.toObject()).length;
    if (isArray(given)) return given.length;
    if (typeof given === 'boolean') return given ? 1 : 0;
    return isObject(given) ? Object.keys(given).length : characterCount(toText(given));
  },
});

export const LOWER = define({
  name: 'LOWER',
  summary: '`value` in lower case.',
  params: [text('value')],
  examples: [['LOWER("AVOcadÖ")', 'avocadö']],
  call: (given) => given.toLowerCase(),
});

export const UPPER = define({
  name: 'UPPER',
  summary: '`value` in upper case.',
  params: [text('value')],
  examples: [['UPPER("Straße")', 'STRASSE']],
  call: (given) => given.toUpperCase(),
});

export const LTRIM = define({
  name: 'LTRIM',
  summary: '`value` without the `chars` at its start: by default carriage returns, line feeds, tabs and spaces.',
  params: [text('value'), optional(text('chars'), WHITESPACE)],
  examples: [
    ['LTRIM("  fox  ")', 'fox  '],
    ['LTRIM("--[fox]--", "-[]")', 'fox]--'],
  ],
  call: (given, chars) => trimStart(given, chars),
});

export const RTRIM = define({
  name: 'RTRIM',
  summary: '`value` without the `chars` at its end: by default carriage returns, line feeds, tabs and spaces.',
  params: [text('value'), optional(text('chars'), WHITESPACE)],
  examples: [
    ['RTRIM("  fox  ")', '  fox'],
    ['RTRIM("--[fox]--", "-[]")', '--[fox'],
  ],
  call: (given, chars) => trimEnd(given, chars),
});

export const TRIM = define({
  name: 'TRIM',
  summary:
    '`value` without whitespace at both ends; only at its start if `typeOrChars` is 1, at its end if it is 2. A string names other characters to remove.',
  params: [text('value'), optional(value('typeOrChars'), 0)],
  examples: [
    ['TRIM("  fox\\t ")', 'fox'],
    ['TRIM("  fox  ", 1)', 'fox  '],
    ['TRIM("--[fox]--", "-[]")', 'fox'],
  ],
  call: (given, typeOrChars) => {
    const chars = typeof typeOrChars === 'string' ? typeOrChars : WHITESPACE;
    const type = typeof typeOrChars === 'number' ? Math.trunc(typeOrChars) : 0;
    if (type === 1) return trimStart(given, chars);
    return type === 2 ? trimEnd(given, chars) : trimStart(trimEnd(given, chars), chars);
  },
});

export const RANDOM_TOKEN = define({
  name: 'RANDOM_TOKEN',
  summary: 'A random string of `length` letters and digits, fit for passwords and the like. At most 65536.',
  params: [integer('length')],
  deterministic: false,
  cacheable: false,
  canThrow: true,
  examples: [
    ['LENGTH(RANDOM_TOKEN(8))', 8],
    ['RANDOM_TOKEN(0)', ''],
  ],
  call: (length) => {
    if (length < 0 || length > LONGEST_TOKEN) {
      throw new ArangoError('ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH', {
        message: "invalid argument type in call to function 'RANDOM_TOKEN()'",
      });
    }
    let token = '';
    for (let i = 0; i < length; i++) token += TOKEN_CHARACTERS.charAt(randomInt(TOKEN_CHARACTERS.length));
    return token;
  },
});

export const REPEAT = define({
  name: 'REPEAT',
  summary: '`value`, `count` times, with `separator` in between. Null and a warning when that makes more than 16 MB.',
  params: [text('value'), integer('count'), optional(text('separator'), '')],
  examples: [
    ['REPEAT("fox", 3)', 'foxfoxfox'],
    ['REPEAT(5, 3, ", ")', '5, 5, 5'],
    ['REPEAT("fox", 0)', ''],
    ['REPEAT("fox", 16000000)', null, 'ERROR_RESOURCE_LIMIT'],
  ],
  call: (given, count, separator, context) => {
    if (count < 0) return warn(context, 'REPEAT');
    if (count === 0) return '';
    const bytes = Buffer.byteLength(given) * count + Buffer.byteLength(separator) * (count - 1);
    if (bytes > LARGEST_REPETITION_BYTES) return warn(context, 'REPEAT', 'ERROR_RESOURCE_LIMIT');
    context.reserve?.(bytes);
    return (given + separator).repeat(count - 1) + given;
  },
});

export const REVERSE = define({
  name: 'REVERSE',
  summary: 'A string with its characters, or an array with its elements, in the opposite order.',
  params: [value('value')],
  examples: [
    ['REVERSE("🦊den")', 'ned🦊'],
    ['REVERSE([1, [2, 3]])', [[2, 3], 1]],
    ['REVERSE(5)', null, 'ERROR_QUERY_ARRAY_EXPECTED'],
  ],
  call: (given, context) => {
    if (isArray(given)) return given.toReversed();
    return typeof given === 'string' ? reverseCharacters(given) : warn(context, 'REVERSE', 'ERROR_QUERY_ARRAY_EXPECTED');
  },
});

export const RIGHT = define({
  name: 'RIGHT',
  summary: 'The last `n` characters of `value`.',
  params: [text('value'), integer('n')],
  examples: [
    ['RIGHT("foxden", 3)', 'den'],
    ['RIGHT("fox", 10)', 'fox'],
  ],
  call: (given, n) => sliceCharacters(given, Math.max(0, characterCount(given) - Math.max(0, n)), Infinity),
});

export const SPLIT = define({
  name: 'SPLIT',
  summary:
    'The parts of `value` between the occurrences of `separator`, a string or an array of alternatives; at most `limit` of them, the rest is left out. An empty separator cuts into characters.',
  params: [value('value'), optional(value('separator')), optional(numeral('limit'), Infinity)],
  examples: [
    ['SPLIT("a-b-c", "-")', ['a', 'b', 'c']],
    ['SPLIT("a-b-c", "-", 1)', ['a']],
    ['SPLIT("a, b & c", [", ", " & "])', ['a', 'b', 'c']],
    ['SPLIT("fox", "")', ['f', 'o', 'x']],
    ['SPLIT("fox")', ['fox']],
  ],
  call: (given, separator, limit, context) => {
    const most = Math.trunc(limit);
    if (most < 0) return null;
    if (most === 0) return [];
    if (separator === undefined) return [given];
    const separators = isArray(separator) ? separator : isObject(separator) ? [separator] : [toText(separator)];
    if (!separators.every((each) => typeof each === 'string')) return warn(context, 'SPLIT');
    reserveParts(context, toText(given));
    const parts = separators.includes('') ? Array.from(toText(given)) : splitAtAny(toText(given), separators);
    return parts.length > most ? parts.slice(0, most) : parts;
  },
});

export const STARTS_WITH = define({
  name: 'STARTS_WITH',
  summary: 'Whether `text` starts with `prefix`, or with at least `minMatchCount` of several prefixes.',
  params: [value('text'), value('prefix'), optional(value('minMatchCount'), 1)],
  examples: [
    ['STARTS_WITH("foxden", "fox")', true],
    ['STARTS_WITH("foxden", ["owl", "fox"])', true],
    ['STARTS_WITH("foxden", ["fo", "fox", "owl"], 3)', false],
    ['STARTS_WITH(1, "1")', false, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (given, prefix, minMatchCount, context) => {
    if (typeof given === 'string' && typeof prefix === 'string') return given.startsWith(prefix);
    const isFit = typeof given === 'string' && isArray(prefix) && typeof minMatchCount === 'number' && Math.trunc(minMatchCount) >= 0;
    if (!isFit || !prefix.every((each) => typeof each === 'string')) {
      warn(context, 'STARTS_WITH');
      return false;
    }
    return prefix.filter((each) => given.startsWith(each)).length >= Math.trunc(minMatchCount);
  },
});

export const SUBSTITUTE = define({
  name: 'SUBSTITUTE',
  summary:
    '`value` with each occurrence of `search` replaced. Several searches with a replacement each are two arrays or one object; what has no replacement is removed. At most `limit` replacements.',
  params: [text('value'), value('search'), optional(value('replace')), optional(integer('limit'), UNLIMITED)],
  examples: [
    ['SUBSTITUTE("the quick fox", "quick", "lazy")', 'the lazy fox'],
    ['SUBSTITUTE("the quick fox", ["quick", "fox"], ["lazy", "dog"])', 'the lazy dog'],
    ['SUBSTITUTE("the quick fox", ["quick", "fox"], "x")', 'the x x'],
    ['SUBSTITUTE("the quick fox", {quick: "fox", fox: null})', 'the fox '],
    ['SUBSTITUTE("a-b-c", "-", "+", 1)', 'a+b-c'],
    ['SUBSTITUTE("the quick fox", "quick ")', 'the fox'],
    ['SUBSTITUTE("the quick fox", "quick", 1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (given, search, replace, limit, context) => {
    if (!isObject(search)) return substitute(given, isArray(search) ? search : [search], replace ?? [], limit, context);
    const most = replace === undefined ? UNLIMITED : Math.trunc(toNumber(replace));
    return substitute(given, Object.keys(search), Object.values(search), most, context);
  },
});

export const SUBSTRING = define({
  name: 'SUBSTRING',
  summary: '`length` characters of `value` from `offset` on, or all. A negative offset counts from the end.',
  params: [text('value'), integer('offset'), optional(integer('length'), Infinity)],
  examples: [
    ['SUBSTRING("Holy Guacamole!", 5)', 'Guacamole!'],
    ['SUBSTRING("Holy Guacamole!", 10, 4)', 'mole'],
    ['SUBSTRING("Holy Guacamole!", -5, 4)', 'mole'],
  ],
  call: (given, offset, length) => {
    const start = offset < 0 ? Math.max(0, characterCount(given) + offset) : offset;
    return length <= 0 ? '' : sliceCharacters(given, start, start + length);
  },
});

export const SUBSTRING_BYTES = define({
  name: 'SUBSTRING_BYTES',
  summary:
    '`length` bytes of `value` in UTF-8 from `offset` on, widened by `left` and `right` characters. Null and a warning where that would cut a character.',
  params: [
    text('value'),
    integer('offset'),
    optional(integer('length'), Infinity),
    optional(integer('left'), 0),
    optional(integer('right')),
  ],
  examples: [
    ['SUBSTRING_BYTES("We ❤️ avocado!", 3, 3)', '❤'],
    ['SUBSTRING_BYTES("We ❤️ avocado!", -15, 6)', '❤️'],
    ['SUBSTRING_BYTES("We ❤️ avocado!", 3, 3, 3, 5)', 'We ❤️ avo'],
    ['SUBSTRING_BYTES("We ❤️ avocado!", -15, 4)', null, 'ERROR_BAD_PARAMETER'],
  ],
  call: (given, offset, length, left, right, context) => {
    const bytes = Buffer.from(given);
    let start = Math.min(offset < 0 ? Math.max(0, bytes.length + offset) : offset, bytes.length);
    let end = Math.min(start + Math.max(0, length), bytes.length);
    if (isInsideCharacter(bytes, start) || isInsideCharacter(bytes, end)) return warn(context, 'SUBSTRING_BYTES', 'ERROR_BAD_PARAMETER');
    for (let i = 0; i < left && start > 0; i++) {
      do start--;
      while (isInsideCharacter(bytes, start));
    }
    for (let i = 0; i < (right ?? left) && end < bytes.length; i++) {
      do end++;
      while (isInsideCharacter(bytes, end));
    }
    return bytes.toString('utf8', start, end);
  },
});

export const TO_BASE64 = define({
  name: 'TO_BASE64',
  summary: 'The bytes of `value` in Base64.',
  params: [text('value')],
  examples: [['TO_BASE64("ABC.")', 'QUJDLg==']],
  call: (given) => Buffer.from(given).toString('base64'),
});

export const TO_CHAR = define({
  name: 'TO_CHAR',
  summary: 'The character with a code point.',
  params: [numeral('codepoint')],
  examples: [
    ['TO_CHAR(216)', 'Ø'],
    ['TO_CHAR(129361)', '🥑'],
    ['TO_CHAR(-1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (codepoint, context) => {
    const isCharacter = codepoint >= 0 && codepoint <= 0x10ffff && (codepoint < 0xd800 || codepoint > 0xdfff);
    return isCharacter ? String.fromCodePoint(Math.trunc(codepoint)) : warn(context, 'TO_CHAR');
  },
});

export const TO_HEX = define({
  name: 'TO_HEX',
  summary: 'The bytes of `value` in hexadecimal digits.',
  params: [text('value')],
  examples: [['TO_HEX("ü")', 'c3bc']],
  call: (given) => Buffer.from(given).toString('hex'),
});

export const UUID = define({
  name: 'UUID',
  summary: 'A new universally unique identifier, version 4.',
  params: [],
  deterministic: false,
  cacheable: false,
  examples: [['LENGTH(UUID())', 36]],
  call: () => randomUUID(),
});

export const PARTITION = define({
  name: 'PARTITION',
  summary:
    'What stands before an occurrence of `delimiter`, the delimiter, and what stands after: of the first one, or the one that `occurrence` counts, from the end if negative. Without it everything is before, or after when counting from the end.',
  params: [text('value'), text('delimiter'), optional(integer('occurrence'), 1)],
  examples: [
    ['PARTITION("fox:den:1", ":")', ['fox', ':', 'den:1']],
    ['PARTITION("fox:den:1", ":", -1)', ['fox:den', ':', '1']],
    ['PARTITION("foxden", ":")', ['foxden', '', '']],
    ['PARTITION("foxden", ":", -1)', ['', '', 'foxden']],
  ],
  call: (given, delimiter, occurrence, context) => {
    if (delimiter === '' || occurrence === 0) return warn(context, 'PARTITION');
    const found = occurrence > 0 ? nthIndexOf(given, delimiter, occurrence) : nthLastIndexOf(given, delimiter, -occurrence);
    if (found !== -1) return [given.slice(0, found), delimiter, given.slice(found + delimiter.length)];
    return occurrence > 0 ? [given, '', ''] : ['', '', given];
  },
});

/** The elements of the array that is the only argument, or else the arguments. */
function soleArray(values: readonly Value[]): readonly Value[] {
  const [first] = values;
  return values.length === 1 && first !== undefined && isArray(first) ? first : values;
}

/** The last position that FIND_FIRST and FIND_LAST look at. */
function lastPosition(given: string, end: Value): number {
  return end === null ? characterCount(given) : Math.trunc(toNumber(end));
}

function isIpv4(given: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(given);
}

function trimStart(given: string, chars: string): string {
  const removed = new Set(chars);
  let start = 0;
  for (const character of given) {
    if (!removed.has(character)) break;
    start += character.length;
  }
  return given.slice(start);
}

function trimEnd(given: string, chars: string): string {
  const removed = new Set(chars);
  let end = given.length;
  while (end > 0) {
    const character =
      String.fromCodePoint(given.codePointAt(end - 2) ?? 0).length === 2 ? given.slice(end - 2, end) : given.charAt(end - 1);
    if (!removed.has(character)) break;
    end -= character.length;
  }
  return given.slice(0, end);
}

/** `separators` are not empty; where several stand at one place the first of them counts. */
function splitAtAny(given: string, separators: readonly string[]): string[] {
  if (separators.length === 1) return given.split(separators[0] ?? '');
  const parts: string[] = [];
  let start = 0;
  for (const [at, which] of occurrences(given, separators)) {
    parts.push(given.slice(start, at));
    start = at + (separators[which] ?? '').length;
  }
  parts.push(given.slice(start));
  return parts;
}

/** The occurrences of any of `searches` from left to right, not overlapping: the place, and which search it is. */
function* occurrences(given: string, searches: readonly string[]): Generator<readonly [at: number, which: number]> {
  const next = searches.map((search) => given.indexOf(search));
  for (;;) {
    let which = -1;
    for (const [i, at] of next.entries()) if (at !== -1 && (which === -1 || at < (next[which] ?? 0))) which = i;
    if (which === -1) return;
    const at = next[which] ?? 0;
    yield [at, which];
    const end = at + (searches[which] ?? '').length;
    for (const [i, search] of searches.entries()) if (next[i] !== -1 && (next[i] ?? 0) < end) next[i] = given.indexOf(search, end);
  }
}

/** Replaces each of `searches` by the replacement of the same index, or by the only one; by nothing where there is none. */
function substitute(given: string, searches: readonly Value[], replace: Value, limit: number, context: FunctionContext): string | null {
  const replacements = isArray(replace) ? replace.map((each) => each ?? '') : searches.map(() => replace);
  const areStrings = searches.every((each) => typeof each === 'string') && replacements.every((each) => typeof each === 'string');
  if (!areStrings) return warn(context, 'SUBSTITUTE');
  if (limit === 0) return given;
  if (searches.includes('')) return warn(context, 'SUBSTITUTE', 'ERROR_ARANGO_ICU_ERROR', 'icu error: U_ILLEGAL_ARGUMENT_ERROR');
  let result = '';
  let start = 0;
  let count = 0;
  for (const [at, which] of occurrences(given, searches)) {
    result += given.slice(start, at) + (replacements[which] ?? '');
    start = at + (searches[which] ?? '').length;
    // Of the negative limits only -1 is none, the others stop after one replacement, as ArangoDB's do.
    if (limit !== UNLIMITED && ++count >= limit) break;
  }
  return result + given.slice(start);
}

function isInsideCharacter(bytes: Buffer, offset: number): boolean {
  return ((bytes[offset] ?? 0) & 0xc0) === 0x80;
}

function nthIndexOf(given: string, search: string, n: number): number {
  let at = -search.length;
  for (let i = 0; i < n; i++) {
    at = given.indexOf(search, at + search.length);
    if (at === -1) return -1;
  }
  return at;
}

function nthLastIndexOf(given: string, search: string, n: number): number {
  let at = given.length;
  for (let i = 0; i < n; i++) {
    if (at < search.length) return -1;
    at = given.lastIndexOf(search, at - search.length);
    if (at === -1) return -1;
  }
  return at;
}
