/**
 * Expressions by precedence climbing, with ArangoDB's table of operators.
 *
 * No input may overflow the stack: what nests deeper than `MAX_NESTING` is error 1524. A chain of operators counts as nested too, so
 * every later walk over the tree may recurse.
 */
import { ArangoError } from '#base';
import type {
  ArrayOperator,
  BinaryOperator,
  Block,
  Expression,
  LimitClause,
  ObjectElement,
  Quantifier,
  QuestionQuantifier,
  UnaryOperator,
} from './ast.ts';
import type { TokenKind } from './lexer.ts';
import { TokenCursor } from './token-cursor.ts';

/** ArangoDB's limit: `1 + 2 + 3 + 4` nests three levels deep. */
const MAX_NESTING = 500;

/** How strongly operators bind; all are left-associative, only `? :` is not. */
const TERNARY = 1;
const OR = 2;
const AND = 3;
/** The left side of `ANY ==` and the like; their right side is that of the operator. */
const QUANTIFIER = 4;
const EQUALITY = 5;
const IN = 6;
const RELATION = 7;
const RANGE = 8;
const SUM = 9;
const PRODUCT = 10;

interface Infix {
  readonly operator: BinaryOperator;
  readonly power: number;
}

const INFIX: Readonly<Partial<Record<TokenKind, Infix>>> = {
  OR: { operator: '||', power: OR },
  AND: { operator: '&&', power: AND },
  '==': { operator: '==', power: EQUALITY },
  '!=': { operator: '!=', power: EQUALITY },
  LIKE: { operator: 'LIKE', power: EQUALITY },
  '=~': { operator: '=~', power: EQUALITY },
  '!~': { operator: '!~', power: EQUALITY },
  IN: { operator: 'IN', power: IN },
  'NOT IN': { operator: 'NOT IN', power: IN },
  '<': { operator: '<', power: RELATION },
  '<=': { operator: '<=', power: RELATION },
  '>': { operator: '>', power: RELATION },
  '>=': { operator: '>=', power: RELATION },
  '..': { operator: '..', power: RANGE },
  '+': { operator: '+', power: SUM },
  '-': { operator: '-', power: SUM },
  '*': { operator: '*', power: PRODUCT },
  '/': { operator: '/', power: PRODUCT },
  '%': { operator: '%', power: PRODUCT },
};

/** What may follow a `NOT` between two operands; `NOT IN` is a token of its own. */
const NEGATED: Readonly<Partial<Record<TokenKind, Infix>>> = {
  LIKE: { operator: 'NOT LIKE', power: EQUALITY },
  '=~': { operator: '!~', power: EQUALITY },
  '!~': { operator: '=~', power: EQUALITY },
};

const UNARY: Readonly<Partial<Record<TokenKind, UnaryOperator>>> = { NOT: '!', '+': '+', '-': '-' };

const ARRAY_OPERATORS: ReadonlySet<string | undefined> = new Set(['==', '!=', '<', '<=', '>', '>=', 'IN', 'NOT IN']);

function isArrayOperator(operator: BinaryOperator | undefined): operator is ArrayOperator {
  return ARRAY_OPERATORS.has(operator);
}

const STATEMENTS: ReadonlySet<TokenKind> = new Set([
  'FOR',
  'LET',
  'FILTER',
  'RETURN',
  'COLLECT',
  'SORT',
  'LIMIT',
  'WINDOW',
  'REMOVE',
  'INSERT',
  'UPDATE',
  'REPLACE',
  'UPSERT',
] as const);

/** What an expression ends before, although it could go on. */
type Stop = 'collection';

type Expansion = Omit<Extract<Expression, { type: 'expansion' }>, 'tail'>;

/** Puts expansions together, the outermost first: each is the tail of the one before, and `object` that of the last. */
function withTails(expansions: readonly Expansion[], object: Expression): Expression {
  return expansions.reduceRight<Expression>((tail, expansion) => (tail.type === 'name' ? expansion : { ...expansion, tail }), object);
}

export abstract class ExpressionParser extends TokenCursor {
  /** Open brackets and right operands: parentheses count here, though they leave no trace in the tree. */
  #recursion = 0;
  /** The levels of the expression that was parsed last, and the most levels of any since the innermost open bracket. */
  #height = 0;
  #tallest = 0;

  /** The statements of a subquery. */
  protected abstract block(where: { readonly isSubquery: boolean }): Block;

  /**
   * An expression of operators that bind at least as strongly as `power`. Before a modification's collection, `IN` is an operator only
   * where it cannot lead to that collection: `REMOVE a IN b IN c` removes `a IN b`.
   */
  protected expression(power = 0, before?: Stop): Expression {
    let left = this.#unary();
    for (;;) {
      const height = this.#height;
      if (this.sees('?') && power <= TERNARY) left = this.#ternary(left, before);
      else if (power <= QUANTIFIER && this.#isQuantifier()) left = this.#quantified(left, before);
      else {
        const infix = this.#infix();
        if (infix === undefined || infix.power < power || (before === 'collection' && this.#isCollectionNext())) break;
        left = this.#binary(left, infix, before);
      }
      this.#reach(Math.max(height, this.#height) + 1);
    }
    if (this.#height > this.#tallest) this.#tallest = this.#height;
    return left;
  }

  #infix(distance = 0): Infix | undefined {
    const { kind } = this.ahead(distance);
    return kind === 'NOT' ? NEGATED[this.ahead(distance + 1).kind] : INFIX[kind];
  }

  /** After the left operand. */
  #binary(left: Expression, { operator, power }: Infix, before: Stop | undefined): Expression {
    const tallest = this.enter();
    this.accept('NOT');
    this.next();
    const right = this.expression(power + 1, before);
    this.leave(tallest, 0);
    return { type: 'binary', at: left.at, operator, left, right };
  }

  #quantified(left: Expression, before: Stop | undefined): Expression {
    const tallest = this.enter();
    const quantifier = this.#quantifier();
    const infix = this.#infix();
    if (infix === undefined || !isArrayOperator(infix.operator)) throw this.unexpected();
    this.accept('NOT');
    this.next();
    const right = this.expression(infix.power + 1, before);
    this.leave(tallest, 0);
    return { type: 'quantified', at: left.at, quantifier, operator: infix.operator, left, right };
  }

  #ternary(condition: Expression, before: Stop | undefined): Expression {
    const tallest = this.enter();
    this.next();
    // oxlint-disable-next-line unicorn/no-thenable -- the tree's own word
    const then = this.sees(':') ? {} : { then: this.expression() };
    this.expect(':');
    const otherwise = this.expression(TERNARY, before);
    this.leave(tallest, 0);
    return { type: 'ternary', at: condition.at, condition, ...then, otherwise };
  }

  /** `IN`, then a collection's name and nothing more of an expression. */
  #isCollectionNext(): boolean {
    if (!this.sees('IN')) return false;
    const { kind } = this.ahead(1);
    if (kind !== 'name' && kind !== 'string' && kind !== 'collection parameter') return false;
    const after = this.ahead(2);
    return STATEMENTS.has(after.kind) || after.kind === 'end' || after.kind === ')' || after.kind === ',' || this.isWord('OPTIONS', after);
  }

  /** `ANY` before anything but a comparison is a direction, as in `FOR v IN 1..2 ANY start edges`. */
  #isQuantifier(): boolean {
    switch (this.token.kind as string) {
      case 'ALL':
      case 'NONE':
        return true;
      case 'ANY':
        return isArrayOperator(this.#infix(1)?.operator);
      case 'name':
        return this.#isAtLeast();
      default:
        return false;
    }
  }

  #isAtLeast(): boolean {
    return this.isWord('AT') && this.isWord('LEAST', this.ahead(1));
  }

  #quantifier(): Quantifier {
    const { kind } = this.next();
    if (kind === 'ALL' || kind === 'ANY' || kind === 'NONE') return { is: kind };
    this.next();
    this.expect('(');
    const count = this.expression();
    this.expect(')');
    return { is: 'AT LEAST', count };
  }

  #unary(): Expression {
    const { kind, at } = this.token;
    const operator = UNARY[kind];
    if (operator === undefined) return this.primary();
    this.next();
    if (++this.#recursion > MAX_NESTING) throw new ArangoError('ERROR_QUERY_TOO_MUCH_NESTING');
    const operand = this.#unary();
    this.#recursion--;
    this.#reach(this.#height + 1);
    return { type: 'unary', at, operator, operand };
  }

  protected primary(): Expression {
    const { kind, at, value } = this.token;
    this.#height = 0;
    switch (kind as string) {
      case 'NULL':
        this.next();
        return { type: 'literal', at, value: null };
      case 'TRUE':
      case 'FALSE':
        this.next();
        return { type: 'literal', at, value: kind === 'TRUE' };
      case 'string':
      case 'integer':
      case 'number':
        this.next();
        return { type: 'literal', at, value };
      case 'parameter':
        this.next();
        return this.#accesses({ type: 'bind', at, name: String(value) });
      case 'collection parameter':
        this.next();
        return this.#accesses({ type: 'collection bind', at, name: String(value) });
      case '(':
        return this.#accesses(this.#parentheses());
      case '[':
        return this.#accesses(this.#array());
      case '{':
        return this.#accesses(this.object());
      case 'LIKE':
        if (this.ahead(1).kind !== '(') throw this.unexpected();
        this.next();
        return this.#accesses({ type: 'call', at, name: 'LIKE', arguments: this.arguments() });
      case 'name': {
        const next = this.ahead(1).kind;
        if (next === '(' || next === '::') {
          return this.#accesses({ type: 'call', at, name: this.functionName(), arguments: this.arguments() });
        }
        this.next();
        return this.#accesses({ type: 'name', at, name: String(value) });
      }
      default:
        throw this.unexpected();
    }
  }

  #parentheses(): Expression {
    const { at } = this.next();
    const tallest = this.enter();
    const isSubquery = STATEMENTS.has(this.token.kind);
    const content: Expression = isSubquery ? { type: 'subquery', at, query: this.block({ isSubquery }) } : this.expression();
    if (isSubquery) this.expectOnly(')');
    else this.expect(')');
    this.leave(tallest, isSubquery ? 1 : 0);
    return content;
  }

  /** In upper case, with all parts of a user function's name. */
  protected functionName(): string {
    let name = this.name();
    while (this.accept('::')) name += `::${this.name()}`;
    return name.toUpperCase();
  }

  protected arguments(): Expression[] {
    const list: Expression[] = [];
    this.expect('(');
    const tallest = this.enter();
    if (!this.sees(')')) {
      do list.push(this.#argument());
      while (this.accept(','));
    }
    this.expect(')');
    this.leave(tallest, 1);
    return list;
  }

  /** A subquery needs no parentheses of its own here. */
  #argument(): Expression {
    const { at, kind } = this.token;
    if (!STATEMENTS.has(kind)) return this.expression();
    const tallest = this.enter();
    const query = this.block({ isSubquery: true });
    this.leave(tallest, 1);
    this.#tallest = Math.max(this.#tallest, this.#height);
    return { type: 'subquery', at, query };
  }

  #array(): Expression {
    const { at } = this.next();
    const tallest = this.enter();
    const elements: Expression[] = [];
    while (!this.sees(']')) {
      elements.push(this.expression());
      if (!this.accept(',')) break;
    }
    this.expect(']');
    this.leave(tallest, 1);
    return { type: 'array', at, elements };
  }

  protected object(): Expression {
    const { at } = this.next();
    const tallest = this.enter();
    const elements: ObjectElement[] = [];
    if (!this.accept('}')) {
      do elements.push(this.#element(elements.length === 0));
      while (this.accept(',') && !this.sees('}'));
      this.expect('}');
    }
    this.leave(tallest, 1);
    return { type: 'object', at, elements };
  }

  #element(isFirst: boolean): ObjectElement {
    const { at, kind, value } = this.token;
    switch (kind as string) {
      case 'name':
      case 'string':
      case 'parameter': {
        this.next();
        const name = String(value);
        if (kind === 'name' && !this.sees(':')) return { type: 'shorthand', at, name };
        this.expectOnly(':');
        return { type: kind === 'parameter' ? 'bound property' : 'property', at, name, value: this.expression() };
      }
      case '[': {
        this.next();
        const name = this.expression();
        this.expect(']');
        this.expectOnly(':');
        return { type: 'computed property', at, name, value: this.expression() };
      }
      default:
        throw isFirst ? this.unexpected('}') : this.unexpected('name', 'string', 'parameter', '[');
    }
  }

  protected limit(): LimitClause {
    const first = this.expression();
    return this.accept(',') ? { offset: first, count: this.expression() } : { count: first };
  }

  /**
   * Attributes, indexes and expansions after an operand. All that follows an expansion applies to each of its elements, up to the
   * next parenthesis: it is written in terms of `CURRENT` and becomes the expansion's tail.
   *
   * As in ArangoDB a further `[*]` walks through what the first expansion has come to for an element, however many are in between, and
   * `[**]` through what all of them have come to.
   */
  #accesses(operand: Expression): Expression {
    if (!this.sees('.') && !this.sees('[')) return operand;
    const expansions: Expansion[] = [];
    const { at } = operand;
    let object = operand;
    for (;;) {
      let height = this.#height;
      if (this.accept('.')) {
        const { kind, value } = this.token;
        if (kind !== 'name' && kind !== 'parameter') throw this.unexpected('name', 'parameter');
        this.next();
        object = { type: kind === 'name' ? 'attribute' : 'bound attribute', at, object, name: String(value) };
      } else if (this.sees('[')) {
        const tallest = this.enter();
        this.next();
        if (this.sees('*')) {
          const expansion = this.#expansion(at);
          object = withTails(expansions.splice(expansion.levels === 1 ? 1 : 0), object);
          expansions.push({ ...expansion, object });
          object = { type: 'name', at, name: 'CURRENT' };
        } else if (this.sees('?')) object = this.#question(at, object);
        else object = { type: 'index', at, object, index: this.expression() };
        this.expect(']');
        this.leave(tallest, 0);
        height = Math.max(height, this.#height);
      } else break;
      this.#reach(height + 1);
    }
    return withTails(expansions, object);
  }

  /** Between `[` and `]`. */
  #expansion(at: number): Omit<Expansion, 'object'> {
    let levels = 0;
    while (this.accept('*')) levels++;
    const filter = this.accept('FILTER') ? { filter: this.expression() } : {};
    const limit = this.accept('LIMIT') ? { limit: this.limit() } : {};
    const projection = this.accept('RETURN') ? { projection: this.expression() } : {};
    return { type: 'expansion', at, levels, ...filter, ...limit, ...projection };
  }

  /** Between `[` and `]`. */
  #question(at: number, object: Expression): Expression {
    // However many there are, they say the same.
    while (this.accept('?'));
    if (this.sees(']')) return { type: 'question', at, object };
    const quantifier = this.sees('FILTER') ? {} : { quantifier: this.#questionQuantifier() };
    this.expectOnly('FILTER');
    return { type: 'question', at, object, ...quantifier, filter: this.expression() };
  }

  #questionQuantifier(): QuestionQuantifier {
    const { kind } = this.token;
    if (kind === 'ALL' || kind === 'ANY' || kind === 'NONE' || this.#isAtLeast()) return this.#quantifier();
    return { is: 'EXACTLY', count: this.expression() };
  }

  /** Opens a bracket, or what recurses like one. What it returns is for `leave`. */
  protected enter(): number {
    if (++this.#recursion > MAX_NESTING) throw new ArangoError('ERROR_QUERY_TOO_MUCH_NESTING');
    const tallest = this.#tallest;
    this.#tallest = 0;
    return tallest;
  }

  /** Closes a bracket whose node stands `levels` above what is in it. */
  protected leave(tallest: number, levels: number): void {
    this.#recursion--;
    this.#reach(this.#tallest + levels);
    this.#tallest = tallest;
  }

  #reach(height: number): void {
    if (height > MAX_NESTING) throw new ArangoError('ERROR_QUERY_TOO_MUCH_NESTING');
    this.#height = height;
  }
}
