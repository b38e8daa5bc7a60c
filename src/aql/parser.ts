/**
 * From the text of a query to its tree: a hand-written descent for statements, over the one for expressions.
 *
 * The grammar is the one of ArangoDB 3.12, and so are the complaints where their wording is known.
 */
import { ArangoError } from '#base';
import type {
  AggregateAssignment,
  Assignment,
  Block,
  CollectionReference,
  Direction,
  Expression,
  GraphReference,
  GraphSubject,
  PathKind,
  Query,
  Statement,
  Target,
} from './ast.ts';
import type { QueryWarning } from './bound-query.ts';
import { ExpressionParser } from './expression-parser.ts';
import { tokenize, type TokenKind } from './lexer.ts';

export interface ParsedQuery {
  readonly text: string;
  readonly query: Query;
  /** The bind parameters by first appearance; those of collections begin with `@`. */
  readonly parameters: ReadonlySet<string>;
  readonly warnings: readonly QueryWarning[];
}

/** Throws 1501 for what is no AQL, 1502 for an empty text, 1524 for too much nesting. */
export function parseQuery(text: string): ParsedQuery {
  if (text === '') throw new ArangoError('ERROR_QUERY_EMPTY');
  const { tokens, parameters, warnings } = tokenize(text);
  return { text, query: new QueryParser(text, tokens).query(), parameters, warnings };
}

const DIRECTIONS: Readonly<Partial<Record<TokenKind, Direction>>> = { OUTBOUND: 'OUTBOUND', INBOUND: 'INBOUND', ANY: 'ANY' };

const PATH_KINDS: Readonly<Partial<Record<TokenKind, PathKind>>> = {
  SHORTEST_PATH: 'SHORTEST_PATH',
  K_SHORTEST_PATHS: 'K_SHORTEST_PATHS',
  ALL_SHORTEST_PATHS: 'ALL_SHORTEST_PATHS',
  K_PATHS: 'K_PATHS',
};

/** How many variables the walks set at most, and what to say of more. */
const TRAVERSAL_VARIABLES = [3, 'Traversals only have one, two or three output variables'] as const;
const PATH_VARIABLES: Readonly<Partial<Record<PathKind, readonly [most: number, complaint: string]>>> = {
  SHORTEST_PATH: [2, 'SHORTEST_PATH should only have one or two output variables'],
};

class QueryParser extends ExpressionParser {
  query(): Query {
    const withCollections: GraphReference[] = [];
    if (this.accept('WITH')) {
      do withCollections.push(this.#boundSource());
      while (this.accept(',') || this.#isSource() || this.sees('parameter'));
    }
    const { statements } = this.block({ isSubquery: false });
    this.expectOnly('end');
    return { with: withCollections, statements };
  }

  /** Statements up to a `RETURN`, or to a modification with nothing after it. */
  protected block({ isSubquery }: { readonly isSubquery: boolean }): Block {
    const statements: Statement[] = [];
    let isLoop = false;
    for (;;) {
      const at = this.token.at;
      switch (this.token.kind as string) {
        case 'FOR':
          statements.push(this.#for(at));
          isLoop = true;
          break;
        case 'LET':
          this.#let(statements);
          break;
        case 'FILTER':
          this.next();
          statements.push({ type: 'filter', at, condition: this.expression() });
          break;
        case 'COLLECT':
          statements.push(this.#collect(at));
          isLoop ||= isSubquery;
          break;
        case 'SORT':
          statements.push(this.#sort(at));
          break;
        case 'LIMIT':
          this.next();
          statements.push({ type: 'limit', at, ...this.limit() });
          break;
        case 'WINDOW':
          statements.push(this.#window(at));
          break;
        case 'RETURN':
          statements.push(this.#return(at, isLoop));
          return { statements };
        default: {
          const modification = this.#modification(at);
          statements.push(modification);
          if (isSubquery ? this.sees(')') || this.sees(',') : this.sees('end')) return { statements };
        }
      }
    }
  }

  #return(at: number, isLoop: boolean): Statement {
    this.next();
    const distinct = this.token;
    const isDistinct = this.accept('DISTINCT');
    if (isDistinct && !isLoop) throw this.complaint('cannot use DISTINCT modifier on top-level query element', distinct.at);
    return { type: 'return', at, isDistinct, value: this.expression() };
  }

  #let(statements: Statement[]): void {
    this.next();
    do {
      const at = this.token.at;
      const target = this.#target();
      this.expectOnly('=');
      statements.push({ type: 'let', at, target, value: this.expression() });
    } while (this.accept(','));
  }

  #target(): Target {
    const at = this.token.at;
    if (!this.sees('[') && !this.sees('{')) return { type: 'variable', at, name: this.name() };
    const tallest = this.enter();
    const target = this.accept('[') ? this.#arrayTarget(at) : this.#objectTarget(at);
    this.leave(tallest, 0);
    return target;
  }

  /** Without its `[`. */
  #arrayTarget(at: number): Target {
    const elements: (Target | undefined)[] = [];
    while (!this.accept(']')) {
      elements.push(this.sees(',') ? undefined : this.#target());
      if (!this.sees(']')) this.expect(',');
    }
    return { type: 'array target', at, elements };
  }

  #objectTarget(at: number): Target {
    const elements: { name: string; target: Target }[] = [];
    this.expect('{');
    while (!this.accept('}')) {
      if (!this.sees(',')) {
        const nameAt = this.token.at;
        const name = this.name();
        elements.push({ name, target: this.accept(':') ? this.#target() : { type: 'variable', at: nameAt, name } });
      }
      if (!this.sees('}')) this.expect(',');
    }
    return { type: 'object target', at, elements };
  }

  #for(at: number): Statement {
    this.next();
    const targets = [this.#target()];
    while (this.accept(',')) targets.push(this.#target());
    this.expect('IN');
    if (DIRECTIONS[this.token.kind] !== undefined) return this.#graphWalk(at, targets);
    const source = this.expression();
    if (DIRECTIONS[this.token.kind] !== undefined) return this.#graphWalk(at, targets, source);
    const [target, second] = targets;
    if (target === undefined || second !== undefined) {
      throw this.complaint('a FOR loop over a collection, view or array has only one variable', second?.at);
    }
    const search = this.acceptWord('SEARCH') ? { search: this.expression() } : {};
    return { type: 'for', at, target, source, ...search, ...this.#options() };
  }

  #graphWalk(at: number, targets: readonly Target[], depthExpression?: Expression): Statement {
    const direction = DIRECTIONS[this.next().kind] as Direction;
    const depth = depthExpression === undefined ? {} : { depth: depthExpression };
    const kind = PATH_KINDS[this.token.kind];
    if (kind === undefined) {
      const variables = this.#walkVariables(targets);
      const start = this.expression();
      const subject = this.#subject();
      return { type: 'traversal', at, variables, ...depth, direction, start, subject, ...this.#prune(), ...this.#options() };
    }
    if (depthExpression !== undefined && kind !== 'K_PATHS') throw this.unexpected();
    this.next();
    const variables = this.#walkVariables(targets, kind);
    const from = this.expression();
    this.expectWord('TO');
    const to = this.expression();
    return { type: 'paths', at, kind, variables, ...depth, direction, from, to, subject: this.#subject(), ...this.#options() };
  }

  #walkVariables(targets: readonly Target[], kind?: PathKind): string[] {
    const [most, has] =
      kind === undefined ? TRAVERSAL_VARIABLES : (PATH_VARIABLES[kind] ?? [1, `${kind} should only have a single output variable`]);
    const tooMany = targets[most];
    if (tooMany !== undefined) throw this.complaint(has, tooMany.at);
    return targets.map((target) => {
      if (target.type !== 'variable') throw this.complaint('cannot destructure the variables of a graph query', target.at);
      return target.name;
    });
  }

  #subject(): GraphSubject {
    if (this.accept('GRAPH')) return { type: 'named graph', graph: this.#graph() };
    const collections: { direction?: Direction; collection: GraphReference }[] = [];
    do {
      const direction = DIRECTIONS[this.token.kind];
      if (direction === undefined) collections.push({ collection: this.#boundSource() });
      else {
        this.next();
        collections.push({ direction, collection: this.#boundSource() });
      }
    } while (this.accept(','));
    return { type: 'edge collections', collections };
  }

  #graph(): GraphReference {
    const { at, value } = this.token;
    return this.accept('string') ? { type: 'name', at, name: String(value) } : this.#boundSource();
  }

  #prune(): { prune?: { variable?: string; condition: Expression } } {
    if (!this.acceptWord('PRUNE')) return {};
    if (!this.sees('name') || this.ahead(1).kind !== '=') return { prune: { condition: this.expression() } };
    const variable = this.name();
    this.next();
    return { prune: { variable, condition: this.expression() } };
  }

  #options(): { options?: Expression } {
    if (!this.acceptWord('OPTIONS')) return {};
    if (!this.sees('{')) throw this.unexpected('{');
    return { options: this.object() };
  }

  #collect(at: number): Statement {
    this.next();
    const groups: Assignment[] = [];
    if (this.sees('name')) {
      do groups.push(this.#assignment());
      while (this.accept(','));
    }
    const aggregates = this.sees('AGGREGATE') ? this.#aggregates() : [];
    if (aggregates.length === 0 && this.accept('WITH')) {
      this.expectWord('COUNT');
      this.expect('INTO');
      return { type: 'collect', at, groups, aggregates, count: this.name(), ...this.#options() };
    }
    if (!this.accept('INTO')) {
      if (groups.length + aggregates.length === 0) throw this.unexpected();
      return { type: 'collect', at, groups, aggregates, ...this.#options() };
    }
    const name = this.name();
    const projection = this.accept('=') ? { projection: this.expression() } : {};
    const keep = this.acceptWord('KEEP') ? { keep: this.names() } : {};
    return { type: 'collect', at, groups, aggregates, into: { name, ...projection, ...keep }, ...this.#options() };
  }

  #assignment(): Assignment {
    const at = this.token.at;
    const name = this.name();
    this.expectOnly('=');
    return { at, name, value: this.expression() };
  }

  #aggregates(): AggregateAssignment[] {
    this.expect('AGGREGATE');
    const aggregates: AggregateAssignment[] = [];
    do {
      const at = this.token.at;
      const name = this.name();
      this.expectOnly('=');
      if (!this.sees('name')) throw this.unexpected();
      aggregates.push({ at, name, function: this.functionName(), arguments: this.arguments() });
    } while (this.accept(','));
    return aggregates;
  }

  #sort(at: number): Statement {
    this.next();
    const keys: { value: Expression; direction: 'ASC' | 'DESC' | Expression }[] = [];
    do {
      const value = this.expression();
      keys.push({ value, direction: this.#sortDirection() });
    } while (this.accept(','));
    return { type: 'sort', at, keys };
  }

  #sortDirection(): 'ASC' | 'DESC' | Expression {
    switch (this.token.kind as string) {
      case 'DESC':
        this.next();
        return 'DESC';
      case 'string':
      case 'integer':
      case 'number':
      case 'NULL':
      case 'TRUE':
      case 'FALSE':
      case 'parameter':
        return this.primary();
      default:
        this.accept('ASC');
        return 'ASC';
    }
  }

  #window(at: number): Statement {
    this.next();
    const first = this.expression();
    const range = this.accept('WITH') ? { range: first } : {};
    const bounds = 'range' in range ? this.#windowBounds() : first;
    if (bounds.type !== 'object') throw this.unexpected('WITH');
    return { type: 'window', at, bounds, ...range, aggregates: this.#aggregates() };
  }

  #windowBounds(): Expression {
    if (!this.sees('{')) throw this.unexpected('{');
    return this.object();
  }

  #modification(at: number): Statement {
    switch (this.token.kind as string) {
      case 'INSERT': {
        this.next();
        const document = this.expression(0, 'collection');
        return { type: 'insert', at, document, into: this.#into(), ...this.#options() };
      }
      case 'REMOVE': {
        this.next();
        const key = this.expression(0, 'collection');
        return { type: 'remove', at, key, into: this.#into(), ...this.#options() };
      }
      case 'UPDATE':
      case 'REPLACE': {
        const type = this.next().kind === 'UPDATE' ? 'update' : 'replace';
        const key = this.expression(0, 'collection');
        const document = this.accept('WITH') ? { document: this.expression(0, 'collection') } : {};
        return { type, at, key, ...document, into: this.#into(), ...this.#options() };
      }
      case 'UPSERT':
        return this.#upsert(at);
      default:
        throw this.unexpected();
    }
  }

  #upsert(at: number): Statement {
    this.next();
    const search = this.accept('FILTER')
      ? ({ type: 'filter', condition: this.expression() } as const)
      : ({ type: 'example', example: this.#upsertExample() } as const);
    this.expectOnly('INSERT');
    const insert = this.expression();
    if (!this.sees('UPDATE') && !this.sees('REPLACE')) throw this.unexpected();
    const action = this.next().kind === 'UPDATE' ? 'update' : 'replace';
    const document = this.expression(0, 'collection');
    return { type: 'upsert', at, search, insert, action, document, into: this.#into(), ...this.#options() };
  }

  #upsertExample(): Expression {
    if (this.sees('{')) return this.object();
    const { at, value } = this.expect('parameter');
    return { type: 'bind', at, name: String(value) };
  }

  #into(): CollectionReference {
    if (!this.accept('INTO') && !this.accept('IN')) throw this.unexpected();
    const { at, kind, value } = this.token;
    if (kind !== 'string') return this.#source();
    this.next();
    return { type: 'name', at, name: String(value) };
  }

  #isSource(): boolean {
    return this.sees('name') || this.sees('collection parameter');
  }

  /** A collection by name, `@@parameter` or `@parameter`. */
  #boundSource(): GraphReference {
    if (!this.sees('parameter')) return this.#source();
    const { at, value } = this.next();
    return { type: 'bind', at, name: String(value) };
  }

  /** A collection or view by name or `@@parameter`. */
  #source(): CollectionReference {
    if (!this.#isSource()) throw this.unexpected();
    const { at, kind, value } = this.next();
    return { type: kind === 'name' ? 'name' : 'collection bind', at, name: String(value) };
  }
}
