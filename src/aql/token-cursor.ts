/**
 * The tokens of a query with a place among them, and the complaints about what stands there.
 */
import type { ArangoError } from '#base';
import { TOKEN_CLASSES, type Token, type TokenKind } from './lexer.ts';
import { parseError } from './query-error.ts';

export class TokenCursor {
  /** The next token, the last of them for ever being `end`. */
  protected token: Token;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #index = 0;

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
    this.token = this.ahead(0);
  }

  protected ahead(distance: number): Token {
    const tokens = this.#tokens;
    return tokens[Math.min(this.#index + distance, tokens.length - 1)] as Token;
  }

  protected next(): Token {
    const token = this.token;
    this.#index++;
    this.token = this.ahead(0);
    return token;
  }

  /** Whether the next token is of this kind. A call, where a comparison would make the compiler believe that it stays so. */
  protected sees(kind: TokenKind): boolean {
    return this.token.kind === kind;
  }

  protected accept(kind: TokenKind): boolean {
    if (this.token.kind !== kind) return false;
    this.next();
    return true;
  }

  protected expect(kind: TokenKind): Token {
    if (this.token.kind !== kind) throw this.unexpected();
    return this.next();
  }

  /** Where nothing else can stand, so that the complaint names what should. */
  protected expectOnly(kind: TokenKind): Token {
    if (this.token.kind !== kind) throw this.unexpected(kind);
    return this.next();
  }

  /** ArangoDB names the alternatives where there are at most four, though not in all of these places. */
  protected unexpected(...alternatives: readonly TokenKind[]): ArangoError {
    const { kind, value } = this.token;
    // Only at the end of the query it is known that something does not end.
    if (kind === 'invalid' && value !== null) return this.complaint(String(value), this.#text.length);
    const expecting = alternatives.map((wanted) => TOKEN_CLASSES[wanted]).join(' or ');
    return this.complaint(`syntax error, unexpected ${TOKEN_CLASSES[kind]}${expecting && `, expecting ${expecting}`}`);
  }

  protected complaint(complaint: string, at = this.token.at): ArangoError {
    return parseError(this.#text, at, complaint);
  }

  protected name(): string {
    return String(this.expect('name').value);
  }

  protected names(): string[] {
    const names = [this.name()];
    while (this.accept(',')) names.push(this.name());
    return names;
  }

  /** Whether a token is one of the words that mean something only in their place. */
  protected isWord(word: string, token = this.token): boolean {
    return token.kind === 'name' && String(token.value).toUpperCase() === word;
  }

  protected acceptWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.next();
    return true;
  }

  protected expectWord(word: string): void {
    if (!this.acceptWord(word)) throw this.unexpected();
  }
}
