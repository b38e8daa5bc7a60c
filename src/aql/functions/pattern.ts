/** Functions that match patterns: LIKE and ICU's regular expressions. The operators `LIKE` and `=~` are the same. */
import type { FunctionContext } from './context.ts';
import { bool, define, numeral, optional, text, warn } from './define.ts';
import { compileRegex, type IcuRegex } from './text/icu-regex.ts';
import { like, likeIgnoringCase } from './text/like.ts';

export const LIKE = define({
  name: 'LIKE',
  summary: 'Whether the whole of `text` fits the pattern `search`, where `_` stands for one character and `%` for any number of them.',
  params: [text('text'), text('search'), optional(bool('caseInsensitive'), false)],
  examples: [
    ['LIKE("cart", "ca_t")', true],
    ['LIKE("carrot", "ca%t")', true],
    ['LIKE("foxden", "den")', false],
    ['LIKE("50%", "50\\\\%")', true],
    ['LIKE("FoX", "f%", true)', true],
  ],
  call: (given, pattern, ignoreCase) => (ignoreCase ? likeIgnoringCase(given, pattern) : like(given, pattern)),
});

export const REGEX_MATCHES = define({
  name: 'REGEX_MATCHES',
  summary: 'The first match of `regex` in `text` and what its groups captured; null when there is none.',
  params: [text('text'), text('regex'), optional(bool('caseInsensitive'), false)],
  examples: [
    ['REGEX_MATCHES("john@doe.com", "([a-z]+)@([a-z.]+)")', ['john@doe.com', 'john', 'doe.com']],
    ['REGEX_MATCHES("foxden", "owl")', null],
    ['REGEX_MATCHES("foxden", "(")', null, 'ERROR_QUERY_INVALID_REGEX'],
  ],
  call: (given, pattern, ignoreCase, context) => {
    const regex = compile('REGEX_MATCHES', pattern, ignoreCase, context);
    if (regex === undefined) return null;
    if (given === '' && pattern !== '') return [''];
    const match = regex.pattern.exec(given);
    return match === null ? null : regex.groups.map((group) => match[group] ?? '');
  },
});

export const REGEX_SPLIT = define({
  name: 'REGEX_SPLIT',
  summary:
    'The parts of `text` between the matches of `splitExpression`, and what its groups captured; at most `limit` of them, the rest is left out.',
  params: [text('text'), text('splitExpression'), optional(bool('caseInsensitive'), false), optional(numeral('limit'), Infinity)],
  examples: [
    ['REGEX_SPLIT("hypertext language, programming", "[\\\\s, ]+")', ['hypertext', 'language', 'programming']],
    ['REGEX_SPLIT("Capture the article", "(the)")', ['Capture ', 'the', ' article']],
    ['REGEX_SPLIT("a1b2c", "[0-9]", false, 2)', ['a', 'b']],
  ],
  call: (given, pattern, ignoreCase, limit, context) => {
    const most = Math.trunc(limit);
    if (most < 0) return null;
    if (most === 0) return [];
    const regex = compile('REGEX_SPLIT', pattern, ignoreCase, context);
    if (regex === undefined) return null;
    if (given === '') return pattern === '' ? [] : [''];
    const parts = split(given, regex);
    return parts.length > most ? parts.slice(0, most) : parts;
  },
});

export const REGEX_TEST = define({
  name: 'REGEX_TEST',
  summary: 'Whether `search` matches anywhere in `text`.',
  params: [text('text'), text('search'), optional(bool('caseInsensitive'), false)],
  examples: [
    ['REGEX_TEST("the quick brown fox", "the.*fox")', true],
    ['REGEX_TEST("the quick brown fox", "^fox")', false],
    ['REGEX_TEST("FOX", "fox", true)', true],
    ['REGEX_TEST("fox", "[")', null, 'ERROR_QUERY_INVALID_REGEX'],
  ],
  call: (given, pattern, ignoreCase, context) => compile('REGEX_TEST', pattern, ignoreCase, context)?.pattern.test(given) ?? null,
});

export const REGEX_REPLACE = define({
  name: 'REGEX_REPLACE',
  summary: '`text` with each match of `search` replaced. In `replacement`, `$1` is what the first group captured.',
  params: [text('text'), text('search'), text('replacement'), optional(bool('caseInsensitive'), false)],
  examples: [
    ['REGEX_REPLACE("An Avocado", "a", "_")', 'An Avoc_do'],
    ['REGEX_REPLACE("An Avocado", "a", "_", true)', '_n _voc_do'],
    ['REGEX_REPLACE("fox den", "(\\\\w+) (\\\\w+)", "$2 $1")', 'den fox'],
    ['REGEX_REPLACE("fox", "o", "$1")', null, 'ERROR_QUERY_INVALID_REGEX'],
  ],
  call: (given, pattern, replacement, ignoreCase, context) => {
    const regex = compile('REGEX_REPLACE', pattern, ignoreCase, context);
    if (regex === undefined) return null;
    let result = '';
    let end = 0;
    for (const match of given.matchAll(global(regex.pattern))) {
      const inserted = expand(replacement, match, regex);
      if (inserted === undefined) return warn(context, 'REGEX_REPLACE', 'ERROR_QUERY_INVALID_REGEX');
      result += given.slice(end, match.index) + inserted;
      end = match.index + match[0].length;
    }
    return result + given.slice(end);
  },
});

function compile(name: string, pattern: string, ignoreCase: boolean, context: FunctionContext): IcuRegex | undefined {
  const regex = compileRegex(pattern, { ignoreCase });
  if (regex === undefined) warn(context, name, 'ERROR_QUERY_INVALID_REGEX');
  return regex;
}

const globals = new WeakMap<RegExp, RegExp>();

function global(pattern: RegExp): RegExp {
  let found = globals.get(pattern);
  if (found === undefined) {
    found = new RegExp(pattern, `${pattern.flags}g`);
    globals.set(pattern, found);
  }
  return found;
}

/** An empty match splits between two characters, not at the ends. */
function split(given: string, regex: IcuRegex): string[] {
  const parts: string[] = [];
  let end = 0;
  for (const match of given.matchAll(global(regex.pattern))) {
    const isEmpty = match[0] === '';
    if (isEmpty && (match.index === end || match.index === given.length)) continue;
    parts.push(given.slice(end, match.index), ...regex.groups.slice(1).map((group) => match[group] ?? ''));
    end = match.index + match[0].length;
  }
  parts.push(given.slice(end));
  return parts;
}

/** What stands for a match, as ICU reads `replacement`; undefined when it names a group that there is not. */
function expand(replacement: string, match: RegExpMatchArray, { groups, groupNames }: IcuRegex): string | undefined {
  let isValid = true;
  const expanded = replacement.replace(
    /\\u([\dA-Fa-f]{4})|\\([^]?)|\$\{(\w+)\}|\$(\d*)/g,
    (_, code: string | undefined, escaped: string | undefined, name: string | undefined, digits: string | undefined) => {
      if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
      if (escaped !== undefined) return escaped;
      let used = digits?.slice(0, 1) ?? '';
      for (const digit of (digits ?? '').slice(1)) {
        if (Number(used + digit) >= groups.length) break;
        used += digit;
      }
      const number = name === undefined ? (used === '' ? -1 : Number(used)) : (groupNames.get(name) ?? -1);
      const group = groups[number];
      if (group === undefined) {
        isValid = false;
        return '';
      }
      return (match[group] ?? '') + (digits ?? '').slice(used.length);
    },
  );
  return isValid ? expanded : undefined;
}
