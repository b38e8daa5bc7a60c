/**
 * JSON bodies as ArangoDB takes them: no object may have a name twice, and what is wrong is said in VelocyPack's words, which clients show.
 * `JSON.parse` does the work; the text is gone through here only when it found a mistake, or when names are missing from what it made.
 */
import { ArangoError } from '#base';
import type { Value } from '#values';

/** Throws 600. */
export function parseJson(text: string): Value {
  let value: Value;
  try {
    value = JSON.parse(text) as Value;
  } catch (cause) {
    new Inspector(text).inspect();
    throw corrupted('Parse error', cause);
  }
  if (countNamesIn(text) !== countNames(value)) new Inspector(text).inspect();
  return value;
}

function corrupted(reason: string, cause?: unknown): ArangoError {
  return new ArangoError('ERROR_HTTP_CORRUPTED_JSON', { message: `VPackError error: ${reason}` }, { cause });
}

const BACKSLASH = 0x5c;
const SPACES = ' \t\r\n';

/** How many strings of a text that is JSON are names. */
function countNamesIn(text: string): number {
  let count = 0;
  for (let quote = text.indexOf('"'); quote >= 0; quote = text.indexOf('"', quote)) {
    quote = endOfString(text, quote + 1);
    while (SPACES.includes(text.charAt(quote)) && quote < text.length) quote++;
    if (text[quote] === ':') count++;
  }
  return count;
}

/** Where what follows the string begins. */
function endOfString(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); ; quote = text.indexOf('"', quote + 1)) {
    let before = quote;
    while (text.charCodeAt(before - 1) === BACKSLASH) before--;
    if ((quote - before) % 2 === 0) return quote + 1;
  }
}

/** How many attributes there are, however deep. */
function countNames(value: Value): number {
  let count = 0;
  const open: Value[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === null || typeof next !== 'object') continue;
    const inner = Array.isArray(next) ? (next as readonly Value[]) : Object.values(next);
    if (inner !== next) count += inner.length;
    for (const each of inner) if (each !== null && typeof each === 'object') open.push(each);
  }
  return count;
}

const LITERALS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' };
const ESCAPED = '"\\/bfnrt';

/** Reads a text from its beginning and throws at the first mistake. */
class Inspector {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  inspect(): void {
    this.#value();
    this.#skipSpace();
    if (this.#at < this.#text.length) throw corrupted('Expecting EOF');
  }

  #value(): void {
    const first = this.#next('Expecting item');
    if (first === '{') this.#object();
    else if (first === '[') this.#array();
    else if (first === '"') this.#string();
    else if (Object.hasOwn(LITERALS, first)) this.#literal(LITERALS[first]!);
    else this.#number();
  }

  #object(): void {
    this.#at++;
    if (this.#next("Expecting item or '}'") === '}') return void this.#at++;
    const names = new Set<string>();
    for (;;) {
      this.#expect('"', "Expecting '\"' or '}'");
      names.add(this.#nameAmong(names));
      this.#expect(':', "Expecting ':'");
      this.#at++;
      this.#value();
      if (this.#next("Expecting ',' or '}'") === '}') return void this.#at++;
      this.#expect(',', "Expecting ',' or '}'");
      this.#at++;
    }
  }

  #nameAmong(names: ReadonlySet<string>): string {
    const start = this.#at;
    this.#string();
    const name = JSON.parse(this.#text.slice(start, this.#at)) as string;
    if (names.has(name)) throw corrupted('Duplicate attribute name');
    return name;
  }

  #array(): void {
    this.#at++;
    if (this.#next("Expecting item or ']'") === ']') return void this.#at++;
    for (;;) {
      this.#value();
      if (this.#next("Expecting ',' or ']'") === ']') return void this.#at++;
      this.#expect(',', "Expecting ',' or ']'");
      this.#at++;
    }
  }

  #string(): void {
    for (this.#at++; this.#text[this.#at] !== '"'; this.#at++) {
      const character = this.#text[this.#at];
      if (character === undefined) throw corrupted('Unfinished string');
      if (character < ' ') throw corrupted('Unexpected control character');
      if (character === '\\') this.#escape();
    }
    this.#at++;
  }

  #escape(): void {
    const escaped = this.#text[++this.#at] ?? '';
    if (escaped === 'u') {
      for (let digits = 0; digits < 4; digits++) {
        const digit = this.#text[++this.#at];
        if (digit === undefined) throw corrupted('Unfinished \\uXXXX escape sequence');
        if (!/[\da-f]/i.test(digit)) throw corrupted('Illegal \\uXXXX escape sequence character');
      }
    } else if (escaped === '' || !ESCAPED.includes(escaped)) throw corrupted('Invalid escape sequence');
  }

  #literal(literal: string): void {
    if (!this.#text.startsWith(literal, this.#at)) throw corrupted(`Expecting '${literal}'`);
    this.#at += literal.length;
  }

  #number(): void {
    if (this.#text[this.#at] === '-') {
      this.#at++;
      if (this.#at === this.#text.length) throw corrupted('Incomplete number');
    }
    if (!this.#isDigit()) throw corrupted('Expecting digit');
    if (this.#text[this.#at] === '0') this.#at++;
    else this.#digits();
    if (this.#text[this.#at] === '.') {
      this.#at++;
      this.#digits();
    }
    if (this.#text[this.#at]?.toLowerCase() === 'e') {
      this.#at++;
      if ('+-'.includes(this.#text[this.#at] ?? ' ')) this.#at++;
      this.#digits();
    }
  }

  #digits(): void {
    if (!this.#isDigit()) throw corrupted('Incomplete number');
    while (this.#isDigit()) this.#at++;
  }

  #isDigit(): boolean {
    const character = this.#text[this.#at] ?? '';
    return character >= '0' && character <= '9';
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && SPACES.includes(this.#text.charAt(this.#at))) this.#at++;
  }

  /** The character after white space; at the end of the text the mistake is what was expected. */
  #next(expectation: string): string {
    this.#skipSpace();
    const character = this.#text[this.#at];
    if (character === undefined) throw corrupted(expectation);
    return character;
  }

  #expect(character: string, expectation: string): void {
    if (this.#next(expectation) !== character) throw corrupted(expectation);
  }
}
