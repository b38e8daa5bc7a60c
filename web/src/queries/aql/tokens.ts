/**
 * AQL cut into tokens for the editor: for its colours, its completion and the bind parameters of a query.
 *
 * It is apart from the server's lexer, which stops at what it does not know: here any text is cut, also one that is being typed, and spaces
 * and comments are tokens too. Tokens follow each other without a gap.
 */

export type TokenKind =
  | 'keyword'
  /** A keyword that is an operator or a modifier within an expression: `IN`, `AND`, `LIKE`. */
  | 'operator word'
  | 'constant'
  | 'name'
  /** A name with its call's parenthesis after it. */
  | 'function'
  | 'string'
  | 'number'
  | 'parameter'
  | 'comment'
  | 'operator'
  | 'bracket'
  | 'punctuation'
  | 'space'
  | 'unknown';

export interface Token {
  readonly kind: TokenKind;
  readonly at: number;
  readonly end: number;
  readonly text: string;
  /** A string, a comment or a quoted name that the text ends in. */
  readonly isOpen: boolean;
}

/** The words of lines of words. */
export const words = (...lines: readonly string[]): ReadonlySet<string> => new Set(lines.flatMap((line) => line.split(' ')));

export const KEYWORDS: ReadonlySet<string> = words(
  'FOR LET FILTER RETURN COLLECT SORT LIMIT WINDOW ASC DESC WITH INTO AGGREGATE GRAPH SHORTEST_PATH',
  'K_SHORTEST_PATHS K_PATHS ALL_SHORTEST_PATHS DISTINCT REMOVE INSERT UPDATE REPLACE UPSERT OUTBOUND',
  'INBOUND ANY',
);

export const OPERATOR_WORDS: ReadonlySet<string> = new Set(['IN', 'NOT', 'AND', 'OR', 'LIKE', 'ALL', 'NONE']);

export const CONSTANTS: ReadonlySet<string> = new Set(['NULL', 'TRUE', 'FALSE']);

/** Names to the lexer, keywords only where the grammar has a place for them. */
export const WORDS_OF_PLACES: ReadonlySet<string> = new Set(['KEEP', 'COUNT', 'OPTIONS', 'PRUNE', 'SEARCH', 'TO', 'LEAST']);

/** What a token can be, by its first characters. The last form takes any character, so that cutting always goes on. */
const FORMS: readonly (readonly [TokenKind, RegExp])[] = [
  ['space', /\s+/y],
  ['comment', /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)/y],
  ['string', /"(?:[^"\\]|\\[^]?)*(?:"|$)|'(?:[^'\\]|\\[^]?)*(?:'|$)/y],
  ['name', /`(?:[^`\\]|\\[^]?)*(?:`|$)|´(?:[^´\\]|\\[^]?)*(?:´|$)/y],
  ['parameter', /@@?(?:[A-Za-z0-9][A-Za-z0-9_]*|_+[A-Za-z0-9]+[A-Za-z0-9_]*)?/y],
  ['number', /0[bB][01]+|0[xX][0-9A-Fa-f]+|(?:(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?/y],
  ['name', /[A-Za-z_$][A-Za-z0-9_]*/y],
  ['operator', /::|\.\.|=~|!~|==|!=|<=|>=|&&|\|\||[-=<>+*/%!?:]/y],
  ['bracket', /[()[\]{}]/y],
  ['punctuation', /[.,]/y],
  ['unknown', /[^]/uy],
];

export function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    const token = tokenAt(text, at);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

/** The token that begins at `at`, which must be where one begins. */
export function tokenAt(text: string, at: number): Token {
  for (const [kind, form] of FORMS) {
    form.lastIndex = at;
    const found = form.exec(text)?.[0];
    if (found === undefined) continue;
    const end = at + found.length;
    return { kind: kindOf(kind, found, text, end), at, end, text: found, isOpen: isOpen(kind, found) };
  }
  throw new Error('the last form takes any character');
}

function kindOf(kind: TokenKind, found: string, text: string, end: number): TokenKind {
  if (kind !== 'name' || !/^[A-Za-z]/.test(found)) return kind;
  const word = found.toUpperCase();
  if (isSpelled(found)) {
    if (KEYWORDS.has(word)) return 'keyword';
    if (OPERATOR_WORDS.has(word)) return 'operator word';
    if (CONSTANTS.has(word)) return 'constant';
  }
  if (/^\s*\(/.test(text.slice(end, end + 40)) || text.startsWith('::', end)) return 'function';
  // In small letters they are names more often: `LET to = …`.
  return WORDS_OF_PLACES.has(found) ? 'keyword' : 'name';
}

/** Keywords are written in capitals or in small letters: `For` is a name. */
const isSpelled = (word: string): boolean => word === word.toUpperCase() || word === word.toLowerCase();

function isOpen(kind: TokenKind, found: string): boolean {
  if (kind === 'comment') return found.startsWith('/*') && !(found.length >= 4 && found.endsWith('*/'));
  const quote = found.charAt(0);
  if (!'"\'`´'.includes(quote)) return false;
  return found.length < 2 || !found.endsWith(quote) || /(?<!\\)(?:\\\\)*\\$/.test(found.slice(0, -1));
}

/** A name as a query may write it: bare, or between backticks when it would be something else. */
export function quotedName(name: string): string {
  const isBare = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
  const isTaken = isBare && isSpelled(name) && [KEYWORDS, OPERATOR_WORDS, CONSTANTS].some((taken) => taken.has(name.toUpperCase()));
  return isBare && !isTaken ? name : `\`${name.replaceAll(/[\\`]/g, '\\$&')}\``;
}
