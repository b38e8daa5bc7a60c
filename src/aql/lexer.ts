/**
 * Cuts the text of a query into tokens, all at once, so that the parser can look ahead as far as it likes.
 *
 * Nothing fails here: what is no token becomes an `invalid` one, and the parser complains when it gets there, so that errors come
 * in the order of the text. Words that are keywords only in places (`KEEP`, `COUNT`, `OPTIONS`, `PRUNE`, `SEARCH`, `TO`, `AT LEAST`)
 * are names to the lexer.
 */
import { errorMessage, ERRORS } from '#base';
import type { QueryWarning } from './bound-query.ts';

/**
 * The kinds of tokens and what ArangoDB calls each in `unexpected …, expecting …`. The order is ArangoDB's too: that of the
 * alternatives in such a message.
 */
export const TOKEN_CLASSES = {
  end: 'end of query string',
  invalid: 'invalid token',
  FOR: 'FOR declaration',
  LET: 'LET declaration',
  FILTER: 'FILTER declaration',
  RETURN: 'RETURN declaration',
  COLLECT: 'COLLECT declaration',
  SORT: 'SORT declaration',
  LIMIT: 'LIMIT declaration',
  WINDOW: 'WINDOW declaration',
  ASC: 'ASC keyword',
  DESC: 'DESC keyword',
  IN: 'IN keyword',
  WITH: 'WITH keyword',
  INTO: 'INTO keyword',
  AGGREGATE: 'AGGREGATE keyword',
  GRAPH: 'GRAPH keyword',
  SHORTEST_PATH: 'SHORTEST_PATH keyword',
  K_SHORTEST_PATHS: 'K_SHORTEST_PATHS keyword',
  K_PATHS: 'K_PATHS keyword',
  ALL_SHORTEST_PATHS: 'ALL_SHORTEST_PATHS keyword',
  DISTINCT: 'DISTINCT modifier',
  REMOVE: 'REMOVE command',
  INSERT: 'INSERT command',
  UPDATE: 'UPDATE command',
  REPLACE: 'REPLACE command',
  UPSERT: 'UPSERT command',
  NULL: 'null',
  TRUE: 'true',
  FALSE: 'false',
  name: 'identifier',
  string: 'quoted string',
  integer: 'integer number',
  number: 'number',
  parameter: 'bind parameter',
  'collection parameter': 'bind data source parameter',
  '=': 'assignment',
  NOT: 'not operator',
  AND: 'and operator',
  OR: 'or operator',
  'NOT IN': 'not in operator',
  '=~': '~= operator',
  '!~': '~! operator',
  '==': '== operator',
  '!=': '!= operator',
  '<': '< operator',
  '>': '> operator',
  '<=': '<= operator',
  '>=': '>= operator',
  LIKE: 'like operator',
  '+': '+ operator',
  '-': '- operator',
  '*': '* operator',
  '/': '/ operator',
  '%': '% operator',
  '?': '?',
  ':': ':',
  '::': '::',
  '..': '..',
  ',': '","',
  '(': '(',
  ')': ')',
  '{': '{',
  '}': '}',
  '[': '[',
  ']': ']',
  OUTBOUND: 'outbound modifier',
  INBOUND: 'inbound modifier',
  ANY: 'any modifier',
  ALL: 'all modifier',
  NONE: 'none modifier',
  '.': "'.'",
} as const;

export type TokenKind = keyof typeof TOKEN_CLASSES;

export interface Token {
  readonly kind: TokenKind;
  /** Offsets of the first character and of the one after the last. */
  readonly at: number;
  readonly end: number;
  /** Of a name, string or parameter what it stands for, of a number its value (null: out of range), of an invalid one the complaint. */
  readonly value: string | number | null;
}

interface Tokens {
  readonly tokens: readonly Token[];
  /** The bind parameters by first appearance; those of collections begin with `@`. */
  readonly parameters: ReadonlySet<string>;
  readonly warnings: readonly QueryWarning[];
}

const KEYWORDS: ReadonlyMap<string, TokenKind> = new Map(
  Object.keys(TOKEN_CLASSES)
    .filter((kind) => /^[A-Z_]+$/.test(kind))
    .flatMap((kind) => [kind, kind.toLowerCase()].map((spelling) => [spelling, kind as TokenKind] as const)),
);

/** By length, the first letters that a keyword of that length can have: most names are told from keywords by it. */
const KEYWORD_LETTERS: readonly string[] = [...KEYWORDS.keys()].reduce<string[]>((letters, keyword) => {
  for (let length = letters.length; length <= keyword.length; length++) letters[length] = '';
  letters[keyword.length] += keyword.charAt(0);
  return letters;
}, []);

const IS_SPACE = 1;
const IS_DIGIT = 2;
const IS_LETTER = 4;
const IS_UNDERSCORE = 8;
/** A token of one character that begins no other. */
const IS_SINGLE = 16;
const IS_HEX = 32;
const IS_BIT = 64;
const IS_WORD = IS_DIGIT | IS_LETTER | IS_UNDERSCORE;

const CHARACTERS: readonly (readonly [classes: number, members: RegExp])[] = [
  [IS_SPACE, /[ \t\r\n]/],
  [IS_DIGIT, /[0-9]/],
  [IS_LETTER, /[A-Za-z]/],
  [IS_UNDERSCORE, /_/],
  [IS_SINGLE, /[,()[\]{}+\-*%?]/],
  [IS_HEX, /[0-9A-Fa-f]/],
  [IS_BIT, /[01]/],
];

/** The classes of each ASCII character. */
const CLASSES = Uint8Array.from({ length: 128 }, (_, code) =>
  CHARACTERS.reduce((classes, [own, members]) => (members.test(String.fromCharCode(code)) ? classes | own : classes), 0),
);

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

export function tokenize(text: string): Tokens {
  return new Lexer(text).run();
}

class Lexer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  readonly #parameters = new Set<string>();
  readonly #warnings: QueryWarning[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Tokens {
    const text = this.#text;
    let last = 0;
    while (this.#at < text.length) {
      last = this.#at;
      const code = text.charCodeAt(last);
      const classes = code < 128 ? (CLASSES[code] ?? 0) : 0;
      if ((classes & IS_SPACE) !== 0) this.#at = this.#endOfSpace(last);
      else if ((classes & (IS_LETTER | IS_UNDERSCORE)) !== 0) this.#word(last);
      else if ((classes & IS_DIGIT) !== 0) this.#number(last);
      else if ((classes & IS_SINGLE) !== 0) this.#push(text.charAt(last) as TokenKind, last + 1);
      else this.#other(text.charAt(last));
    }
    // ArangoDB reports the end of a query where the last thing before it begins, be it only space.
    this.#tokens.push({ kind: 'end', at: text.charCodeAt(last) === 10 ? text.length : last, end: text.length, value: null });
    return { tokens: this.#tokens, parameters: this.#parameters, warnings: this.#warnings };
  }

  #push(kind: TokenKind, end: number, value: string | number | null = null): void {
    this.#tokens.push({ kind, at: this.#at, end, value });
    this.#at = end;
  }

  #is(at: number, classes: number): boolean {
    const code = this.#text.charCodeAt(at);
    return code < 128 && ((CLASSES[code] ?? 0) & classes) !== 0;
  }

  #endOf(at: number, classes: number): number {
    let end = at;
    while (this.#is(end, classes)) end++;
    return end;
  }

  /** A line's end stands alone, as its position matters to the end of the query. */
  #endOfSpace(at: number): number {
    if (this.#text.charCodeAt(at) === 10) return at + 1;
    let end = at + 1;
    while (this.#is(end, IS_SPACE) && this.#text.charCodeAt(end) !== 10) end++;
    return end;
  }

  #word(at: number): void {
    const letters = this.#endOf(at, IS_UNDERSCORE);
    if (!this.#is(letters, IS_LETTER)) {
      this.#push('invalid', at + 1);
      return;
    }
    const end = this.#endOf(letters, IS_WORD);
    const word = this.#text.slice(at, end);
    const keyword = findKeyword(word);
    const notIn = keyword === 'NOT' ? this.#endOfIn(end) : end;
    if (notIn > end) this.#push('NOT IN', notIn);
    else this.#push(keyword ?? 'name', end, word);
  }

  /** Where an `IN` ends that follows with only space between, else the place itself. */
  #endOfIn(at: number): number {
    const start = this.#endOf(at, IS_SPACE);
    const end = this.#endOf(start, IS_WORD);
    return end === start + 2 && this.#text.slice(start, end).toUpperCase() === 'IN' ? end : at;
  }

  #number(at: number): void {
    const text = this.#text;
    const radix = text.charCodeAt(at) === 48 ? text.charAt(at + 1).toLowerCase() : '';
    if ((radix === 'x' && this.#is(at + 2, IS_HEX)) || (radix === 'b' && this.#is(at + 2, IS_BIT))) {
      const end = this.#endOf(at + 2, radix === 'x' ? IS_HEX : IS_BIT);
      const value = Number(text.slice(at, end));
      this.#push('integer', end, value <= 0xffff_ffff ? value : this.#outOfRange());
      return;
    }
    let kind: TokenKind = 'integer';
    // `007` is three numbers: an integer has no leading zero.
    let end = text.charCodeAt(at) === 48 ? at + 1 : this.#endOf(at, IS_DIGIT);
    if (text.charAt(end) === '.' && this.#is(end + 1, IS_DIGIT)) {
      kind = 'number';
      end = this.#endOf(end + 1, IS_DIGIT);
    }
    if ((text.charCodeAt(end) | 32) === 101) {
      const sign = text.charAt(end + 1);
      const digits = sign === '+' || sign === '-' ? end + 2 : end + 1;
      if (this.#is(digits, IS_DIGIT)) {
        kind = 'number';
        end = this.#endOf(digits, IS_DIGIT);
      }
    }
    const value = Number(text.slice(at, end));
    this.#push(kind, end, Number.isFinite(value) ? value : this.#outOfRange());
  }

  #outOfRange(): null {
    this.#warnings.push({
      code: ERRORS.ERROR_QUERY_NUMBER_OUT_OF_RANGE.errorNum,
      message: errorMessage('ERROR_QUERY_NUMBER_OUT_OF_RANGE'),
    });
    return null;
  }

  /** What begins with a character that stands for several things, or for none. */
  #other(character: string): void {
    const text = this.#text;
    const at = this.#at;
    const next = text.charAt(at + 1);
    switch (character) {
      case '"':
      case "'":
        this.#quoted('string', character, 'unexpected unterminated string literal');
        return;
      case '`':
      case '´':
        this.#quoted('name', character, 'unexpected unterminated identifier');
        return;
      case '.':
        if (next === '.') this.#push('..', at + 2);
        else if (this.#is(at + 1, IS_DIGIT)) this.#number(at);
        else this.#push('.', at + 1);
        return;
      case '=':
        if (next === '=' || next === '~') this.#push(`=${next}`, at + 2);
        else this.#push('=', at + 1);
        return;
      case '!':
        if (next === '=' || next === '~') this.#push(`!${next}`, at + 2);
        else this.#push('NOT', at + 1);
        return;
      case '<':
      case '>':
        if (next === '=') this.#push(`${character}=`, at + 2);
        else this.#push(character, at + 1);
        return;
      case '&':
      case '|':
        if (next === character) this.#push(character === '&' ? 'AND' : 'OR', at + 2);
        else this.#push('invalid', at + 1);
        return;
      case ':':
        if (next === ':') this.#push('::', at + 2);
        else this.#push(':', at + 1);
        return;
      case '/':
        if (next === '/') this.#lineComment();
        else if (next === '*') this.#comment();
        else this.#push('/', at + 1);
        return;
      case '@':
        this.#parameter();
        return;
      case '$':
        if (this.#is(at + 1, IS_LETTER)) {
          const end = this.#endOf(at + 1, IS_WORD);
          this.#push('name', end, text.slice(at, end));
        } else this.#push('invalid', at + 1);
        return;
      default:
        this.#push('invalid', at + 1);
    }
  }

  #lineComment(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end === -1 ? this.#text.length : end;
  }

  #comment(): void {
    const end = this.#text.indexOf('*/', this.#at + 2);
    if (end === -1) this.#push('invalid', this.#text.length, 'unexpected unterminated multi-line comment');
    else this.#at = end + 2;
  }

  #parameter(): void {
    const at = this.#at;
    const isCollection = this.#text.charAt(at + 1) === '@';
    const start = at + (isCollection ? 2 : 1);
    const first = this.#endOf(start, IS_UNDERSCORE);
    if (!this.#is(first, IS_LETTER | IS_DIGIT)) {
      this.#push('invalid', at + 1);
      return;
    }
    const end = this.#endOf(first, IS_WORD);
    this.#push(isCollection ? 'collection parameter' : 'parameter', end, this.#text.slice(start, end));
    this.#parameters.add(this.#text.slice(at + 1, end));
  }

  /** A string or quoted name. Backslashes escape in both. */
  #quoted(kind: 'string' | 'name', quote: string, unterminated: string): void {
    const text = this.#text;
    const start = this.#at + 1;
    const quoteCode = quote.charCodeAt(0);
    let end = start;
    let isEscaped = false;
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (code === quoteCode) break;
      if (code === 92) {
        isEscaped = true;
        end++;
      }
    }
    if (end >= text.length) {
      this.#push('invalid', text.length, unterminated);
      return;
    }
    const raw = text.slice(start, end);
    this.#push(kind, end + 1, isEscaped ? unescape(raw) : raw);
  }
}

export function isKeyword(word: string): boolean {
  return findKeyword(word) !== undefined;
}

function findKeyword(word: string): TokenKind | undefined {
  if (!KEYWORD_LETTERS[word.length]?.includes(word.charAt(0))) return undefined;
  return KEYWORDS.get(word) ?? KEYWORDS.get(word.toUpperCase());
}

function unescape(raw: string): string {
  return raw.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, hex: string | undefined, character: string) =>
    hex === undefined ? (ESCAPES[character] ?? character) : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
