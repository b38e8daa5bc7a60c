/**
 * Regular expressions as ArangoDB has them, which are ICU's, in JavaScript's: a pattern is parsed and written anew with the `v` flag.
 *
 * Nothing is passed through unread, so what both write alike but mean differently (`\d`, `\w`, `\b`, `.`, `$`, flags in the middle) comes
 * out with ICU's meaning. What JavaScript lacks is built from what it has: an atomic group or possessive quantifier is a lookahead that
 * captures and a reference to it, which makes groups that the caller must not see; hence `groups`.
 *
 * Known differences: a reference to a group that did not take part matches the empty string, and a group in a repetition forgets what an
 * earlier turn captured. `\G`, `\N{…}` and the flag `w` are refused as invalid. No pattern is bounded in time: JavaScript cannot stop one
 * that backtracks without end, the time limit of the request does.
 */
import { LeastRecentlyUsed } from './least-recently-used.ts';

export interface IcuRegex {
  /** Without the flag `g`. */
  readonly pattern: RegExp;
  /** The index, among the groups of `pattern`, of each group that the writer of the pattern counts; the whole match is 0. */
  readonly groups: readonly number[];
  readonly groupNames: ReadonlyMap<string, number>;
}

const compiled = new LeastRecentlyUsed<string, IcuRegex | 'invalid'>(500);

/** Undefined when the pattern is not valid. */
export function compileRegex(pattern: string, options: { readonly ignoreCase: boolean }): IcuRegex | undefined {
  const found = compiled.get(options.ignoreCase ? `i${pattern}` : `c${pattern}`, (key) => {
    try {
      return new Translation(key.slice(1), key.startsWith('i')).regex();
    } catch (error) {
      // SyntaxError is what the translation throws, and what JavaScript throws where it is stricter still.
      if (error instanceof SyntaxError) return 'invalid';
      throw error;
    }
  });
  return found === 'invalid' ? undefined : found;
}

const LINE_END = String.raw`\n\v\f\r\u0085\u2028\u2029`;
const LINE_BREAK = String.raw`\r\n|(?<!\r)\n|[\v\f\r\u0085\u2028\u2029]`;
const WORD = String.raw`[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d]`;
const NOT_WORD = String.raw`[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d]`;

/** Escapes that stand for a set of characters, inside brackets too. */
const SETS: Readonly<Record<string, string>> = {
  d: String.raw`\p{Nd}`,
  D: String.raw`\P{Nd}`,
  w: WORD,
  W: NOT_WORD,
  s: String.raw`\p{White_Space}`,
  S: String.raw`\P{White_Space}`,
  h: String.raw`[\t\p{Zs}]`,
  H: String.raw`[^\t\p{Zs}]`,
  v: `[${LINE_END}]`,
  V: `[^${LINE_END}]`,
};

const ASSERTIONS: Readonly<Record<string, string>> = {
  A: '(?:^)',
  z: '(?:$)',
  Z: `(?=(?:${LINE_BREAK})?$)`,
  b: `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`,
  B: `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`,
};

const CONTROLS: Readonly<Record<string, number>> = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 };

const POSIX: Readonly<Record<string, string>> = {
  alnum: String.raw`[\p{Alphabetic}\p{Nd}]`,
  alpha: String.raw`\p{Alphabetic}`,
  blank: String.raw`[\p{Zs}\t]`,
  cntrl: String.raw`\p{Cc}`,
  digit: String.raw`\p{Nd}`,
  graph: String.raw`[^\p{White_Space}\p{Cc}\p{Cs}\p{Cn}]`,
  lower: String.raw`\p{Lowercase}`,
  print: String.raw`[^\p{Cc}\p{Cs}\p{Cn}]`,
  punct: String.raw`\p{P}`,
  space: String.raw`\p{White_Space}`,
  upper: String.raw`\p{Uppercase}`,
  word: WORD,
  xdigit: String.raw`[\p{Nd}\p{Hex_Digit}]`,
};

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly x: boolean;
}

class Translation {
  readonly #characters: readonly string[];
  #position = 0;
  #flags: Flags;
  /** How many groups the result has so far. */
  #groupCount = 0;
  readonly #groups = [0];
  readonly #groupNames = new Map<string, number>();
  /** Whether case is ignored from beginning to end, so that JavaScript's flag does it; else letters are written in both cases. */
  readonly #ignoresAllCase: boolean;

  constructor(pattern: string, ignoreCase: boolean) {
    this.#characters = Array.from(pattern);
    const changesCase = /\(\?[a-z]*-?[a-z]*i/.test(pattern.replace(/^\(\?i\)/, ''));
    this.#ignoresAllCase = !changesCase && (ignoreCase || pattern.startsWith('(?i)'));
    this.#flags = { i: ignoreCase, m: false, s: false, x: false };
  }

  regex(): IcuRegex {
    const source = this.#alternatives();
    if (this.#position < this.#characters.length) throw new SyntaxError('a closing parenthesis too many');
    return { pattern: new RegExp(source, this.#ignoresAllCase ? 'iv' : 'v'), groups: this.#groups, groupNames: this.#groupNames };
  }

  /** Up to the closing parenthesis or the end. Flags that were set inside end with it. */
  #alternatives(): string {
    const outer = this.#flags;
    let source = '';
    for (;;) {
      const character = this.#peek();
      if (character === undefined || character === ')') break;
      if (character === '|') {
        this.#position++;
        source += '|';
      } else source += this.#quantified();
    }
    this.#flags = outer;
    return source;
  }

  #quantified(): string {
    const groupsBefore = this.#groupCount;
    const groupsListed = this.#groups.length;
    const atom = this.#atom();
    this.#skipInsignificant();
    const quantifier = this.#quantifier();
    if (quantifier === '' || atom === '') {
      if (quantifier !== '') throw new SyntaxError('a quantifier without anything before it');
      return atom;
    }
    if (this.#takes('?')) return `${atom}${quantifier}?`;
    if (!this.#takes('+')) return atom + quantifier;
    // Possessive: the group around it comes before those inside, which therefore move up by one.
    const reference = groupsBefore + 1;
    this.#groupCount++;
    for (let i = groupsListed; i < this.#groups.length; i++) this.#groups[i] = (this.#groups[i] ?? 0) + 1;
    return `(?:(?=(${shiftReferences(atom, groupsBefore)}${quantifier}))\\${reference})`;
  }

  #quantifier(): string {
    const character = this.#peek();
    if (character === '*' || character === '+' || character === '?') {
      this.#position++;
      return character;
    }
    if (character !== '{') return '';
    const end = this.#characters.indexOf('}', this.#position);
    const range = this.#characters.slice(this.#position, end + 1).join('');
    if (!/^\{\d+(?:,\d*)?\}$/.test(range)) throw new SyntaxError('a repetition without numbers');
    this.#position = end + 1;
    return range;
  }

  /** One thing that a quantifier can follow; the empty string where there is nothing but flags or a comment. */
  #atom(): string {
    this.#skipInsignificant();
    const character = this.#next();
    switch (character) {
      case '.':
        return this.#flags.s ? String.raw`[\s\S]` : `[^${LINE_END}]`;
      case '^':
        return this.#flags.m ? String.raw`(?:^|(?<=[${LINE_END}])(?<!\r(?=\n))(?!$))` : '(?:^)';
      case '$':
        return this.#flags.m ? `(?:(?=$|${LINE_BREAK}))` : `(?:${ASSERTIONS['Z'] ?? ''})`;
      case '[':
        return this.#set();
      case '(':
        return this.#group();
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
      case '{':
        throw new SyntaxError('a quantifier without anything before it');
      case undefined:
      case ')':
      case '|':
        this.#position -= character === undefined ? 0 : 1;
        return '';
      default:
        return this.#literal(character);
    }
  }

  #literal(character: string): string {
    if (this.#flags.i && !this.#ignoresAllCase) {
      const variants = caseVariants(character);
      if (variants.length > 1) return `[${variants.map(inSet).join('')}]`;
    }
    return /[\^$\\.*+?()[\]{}|/]/.test(character) ? `\\${character}` : character;
  }

  #group(): string {
    if (!this.#takes('?')) return `(${this.#captured()})`;
    if (this.#takes('#')) {
      this.#upTo(')');
      return '';
    }
    const kind = this.#next() ?? '';
    switch (kind) {
      case ':':
        return `(?:${this.#inside()})`;
      case '=':
      case '!':
        return `(?:(?${kind}${this.#inside()}))`;
      case '>': {
        const reference = ++this.#groupCount;
        return `(?:(?=(${this.#inside()}))\\${reference})`;
      }
      case '<': {
        const behind = this.#peek();
        if (behind === '=' || behind === '!') {
          this.#position++;
          return `(?:(?<${behind}${this.#inside()}))`;
        }
        const name = this.#upTo('>');
        if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name) || this.#groupNames.has(name)) throw new SyntaxError('a bad name of a group');
        this.#groupNames.set(name, this.#groups.length);
        return `(${this.#captured()})`;
      }
      default:
        this.#position--;
        return this.#flagGroup();
    }
  }

  #captured(): string {
    this.#groups.push(++this.#groupCount);
    return this.#inside();
  }

  #inside(): string {
    const source = this.#alternatives();
    if (!this.#takes(')')) throw new SyntaxError('a closing parenthesis too few');
    return source;
  }

  #flagGroup(): string {
    const flags: { -readonly [Name in keyof Flags]: boolean } = { ...this.#flags };
    let value = true;
    for (;;) {
      const character = this.#next();
      if (character === '-') value = false;
      else if (character === 'i' || character === 'm' || character === 's' || character === 'x') flags[character] = value;
      else if (character === ')') {
        this.#flags = flags;
        return '';
      } else if (character === ':') {
        const outer = this.#flags;
        this.#flags = flags;
        const source = `(?:${this.#inside()})`;
        this.#flags = outer;
        return source;
      } else throw new SyntaxError('an unknown flag');
    }
  }

  #escape(): string {
    const character = this.#next();
    if (character === undefined) throw new SyntaxError('a backslash at the end');
    const known = SETS[character] ?? ASSERTIONS[character];
    if (known !== undefined) return `(?:${known})`;
    switch (character) {
      case 'R':
        return `(?:\\r\\n|[${LINE_END}])`;
      case 'X':
        return String.raw`(?:\r\n|\p{RI}\p{RI}|\P{M}[\p{M}\u200d\p{EMod}]*(?:(?<=\u200d)\P{M}[\p{M}\u200d\p{EMod}]*)*|\p{M}+)`;
      case 'Q': {
        const end = this.#characters.findIndex((each, i) => i >= this.#position && each === '\\' && this.#characters[i + 1] === 'E');
        const quoted = this.#characters.slice(this.#position, end === -1 ? undefined : end);
        this.#position = end === -1 ? this.#characters.length : end + 2;
        // A quantifier that follows is for the last character alone.
        return quoted.map((each) => this.#literal(each)).join('');
      }
      case 'p':
      case 'P':
        return this.#property(character === 'P');
      case 'k': {
        if (!this.#takes('<')) throw new SyntaxError('a reference without a name');
        const group = this.#groupNames.get(this.#upTo('>'));
        return this.#reference(group ?? Infinity);
      }
      default:
        if (/[1-9]/.test(character)) return this.#numberedReference(Number(character));
        return this.#literal(String.fromCodePoint(this.#codePoint(character)));
    }
  }

  /** As many digits as make the number of a group that there is. */
  #numberedReference(first: number): string {
    const groupsInAll = countGroups(this.#characters);
    let group = first;
    for (;;) {
      const digit = this.#peek() ?? '';
      if (!/^\d$/.test(digit) || group * 10 + Number(digit) > groupsInAll) break;
      group = group * 10 + Number(digit);
      this.#position++;
    }
    return this.#reference(group);
  }

  #reference(group: number): string {
    const index = this.#groups[group];
    // A reference to a group that comes later can never have anything to match.
    if (index === undefined && group > countGroups(this.#characters)) throw new SyntaxError('a reference to no group');
    return index === undefined ? '(?!)' : `(?:\\${index})`;
  }

  /** The code point that an escape stands for, whose first character was read. */
  #codePoint(character: string): number {
    const control = CONTROLS[character];
    if (control !== undefined) return control;
    switch (character) {
      case '0':
        return Number.parseInt(this.#digits(/[0-7]/, 1, 3), 8);
      case 'x':
        return Number.parseInt(this.#takes('{') ? this.#upTo('}') : this.#digits(/[\da-f]/i, 1, 2), 16);
      case 'u':
        return Number.parseInt(this.#digits(/[\da-f]/i, 4, 4), 16);
      case 'U':
        return Number.parseInt(this.#digits(/[\da-f]/i, 8, 8), 16);
      case 'c':
        return (this.#next() ?? '').charCodeAt(0) & 31;
      default:
        if (/[A-Za-z0-9]/.test(character)) throw new SyntaxError('an unknown escape');
        return character.codePointAt(0) ?? 0;
    }
  }

  #digits(digit: RegExp, least: number, most: number): string {
    let found = '';
    while (found.length < most && digit.test(this.#peek() ?? '')) found += this.#next() ?? '';
    if (found.length < least) throw new SyntaxError('digits too few');
    return found;
  }

  #property(isNegated: boolean): string {
    const name = this.#takes('{') ? this.#upTo('}') : (this.#next() ?? '');
    return propertySet(name, isNegated);
  }

  /** What stands in brackets, whose opening one was read. */
  #set(): string {
    const isNegated = this.#takes('^');
    let union = '';
    let result: string | undefined;
    let operator = '';
    let isFirst = true;
    const combine = (): void => {
      const operand = `[${union}]`;
      result = result === undefined ? operand : `[${result}${operator}${operand}]`;
      union = '';
    };
    for (;;) {
      const character = this.#next();
      if (character === undefined) throw new SyntaxError('a closing bracket too few');
      if (character === ']' && !isFirst) break;
      const doubled = character === this.#peek();
      const beforeSet = this.#peek() === '[' && union !== '';
      if ((character === '&' || character === '-') && (doubled || beforeSet)) {
        combine();
        operator = character + character;
        if (doubled) this.#position++;
      } else union += this.#setItem(character);
      isFirst = false;
    }
    if (result === undefined) return `[${isNegated ? '^' : ''}${union}]`;
    combine();
    return `[${isNegated ? '^' : ''}${result}]`;
  }

  /** A set, a character or a range, whose first character was read. */
  #setItem(character: string): string {
    if (character === '[') {
      if (!this.#takes(':')) return this.#set();
      const isNegated = this.#takes('^');
      const name = this.#upTo(':');
      if (!this.#takes(']')) throw new SyntaxError('a name of a set without its end');
      const posix = POSIX[name.toLowerCase()];
      return posix === undefined ? propertySet(name, isNegated) : isNegated ? `[^${posix}]` : posix;
    }
    if (character === '\\') {
      const escaped = this.#next() ?? '';
      const known = SETS[escaped];
      if (known !== undefined) return known;
      if (escaped === 'p' || escaped === 'P') return this.#property(escaped === 'P');
      return this.#range(escaped === 'b' ? 8 : this.#codePoint(escaped));
    }
    return this.#range(character.codePointAt(0) ?? 0);
  }

  #range(first: number): string {
    const after = this.#characters[this.#position + 1];
    const isRange = this.#peek() === '-' && after !== undefined && after !== ']' && after !== '[' && after !== '-';
    if (!isRange) return this.#inEachCase(first, first);
    this.#position++;
    const end = this.#next() ?? '';
    const last = end === '\\' ? this.#codePoint(this.#next() ?? '') : (end.codePointAt(0) ?? 0);
    if (last < first) throw new SyntaxError('a range that runs backwards');
    return this.#inEachCase(first, last);
  }

  #inEachCase(first: number, last: number): string {
    const range = first === last ? inSet(String.fromCodePoint(first)) : `\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`;
    if (!this.#flags.i || this.#ignoresAllCase || last - first > 0x500) return range;
    const variants = new Set<string>();
    for (let code = first; code <= last; code++) for (const each of caseVariants(String.fromCodePoint(code))) variants.add(each);
    return range + [...variants].map(inSet).join('');
  }

  #peek(): string | undefined {
    return this.#characters[this.#position];
  }

  #next(): string | undefined {
    const character = this.#characters[this.#position];
    if (character !== undefined) this.#position++;
    return character;
  }

  #takes(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#position++;
    return true;
  }

  /** The text before `end`, which is skipped as well. */
  #upTo(end: string): string {
    const at = this.#characters.indexOf(end, this.#position);
    if (at === -1) throw new SyntaxError(`${end} is missing`);
    const text = this.#characters.slice(this.#position, at).join('');
    this.#position = at + 1;
    return text;
  }

  /** Blanks and comments, where the flag `x` allows them. */
  #skipInsignificant(): void {
    while (this.#flags.x) {
      const character = this.#peek() ?? '';
      if (/^\s$/.test(character)) this.#position++;
      else if (character === '#') while (this.#peek() !== undefined && this.#next() !== '\n');
      else return;
    }
  }
}

function inSet(character: string): string {
  return /^[A-Za-z0-9]$/.test(character) ? character : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** The character and what it is in the other cases, as far as that is one character. */
function caseVariants(character: string): string[] {
  const variants = new Set([character]);
  for (const each of [character.toLowerCase(), character.toUpperCase()]) if (Array.from(each).length === 1) variants.add(each);
  return [...variants];
}

/** How many groups a pattern captures. Parentheses in sets and escapes do not count. */
function countGroups(characters: readonly string[]): number {
  const bare = characters.join('').replace(/\\Q[^]*?(?:\\E|$)|\\[^]|\[(?:\\[^]|[^\]\\])*\]/g, '');
  return bare.match(/\((?!\?)|\(\?<(?![=!])/g)?.length ?? 0;
}

/** `source` with its references to groups above `least` moved up by one. */
function shiftReferences(source: string, least: number): string {
  return source.replace(/\\(\d+)|\\[^]/g, (found, group: string | undefined) =>
    group !== undefined && Number(group) > least ? `\\${Number(group) + 1}` : found,
  );
}

const SPELLINGS: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => `Script=${name}`,
  (name) => `General_Category=${name}`,
  (name) => capitalized(name),
  (name) => `Script=${capitalized(name)}`,
];

function capitalized(name: string): string {
  return name.toLowerCase().replace(/(?:^|[_ ])[a-z]/g, (found) => found.toUpperCase().replace(' ', '_'));
}

/** ICU takes a property's name in any case, and a script's or category's without saying that it is one. */
function propertySet(name: string, isNegated: boolean): string {
  const trimmed = name.trim();
  const isComplement = trimmed.startsWith('^') !== isNegated;
  const bare = trimmed.replace(/^\^/, '').replace(/^Is(?=[A-Z])/, '');
  for (const spelling of SPELLINGS) {
    const source = `\\${isComplement ? 'P' : 'p'}{${spelling(bare)}}`;
    try {
      void new RegExp(source, 'v');
      return source;
    } catch {
      // Not spelled so; the next spelling may do.
    }
  }
  throw new SyntaxError(`no property is called ${name}`);
}
