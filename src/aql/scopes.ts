/**
 * Which variables a place in a query sees.
 *
 * A query and each of its subqueries is a block. Within a block, a FOR opens a scope that lasts to the block's end; COLLECT
 * closes the scopes that were opened since the block began, with the variables in them. So what is declared before a block's first FOR
 * outlives a COLLECT, as in ArangoDB. Blocks see the variables around them.
 */
import { ArangoError } from '#base';
import type { Variable } from './bound-query.ts';
import { queryError } from './query-error.ts';

const PSEUDO_VARIABLES: ReadonlySet<string> = new Set(['CURRENT', 'NEW', 'OLD']);

/** A block that is not the current one. */
interface OuterBlock {
  readonly start: number;
  readonly scopeStart: number;
  readonly isLoop: boolean;
}

export class Scopes {
  /** All that can be seen, innermost last. */
  readonly #visible: Variable[] = [];
  readonly #outer: OuterBlock[] = [];
  /** Where the current block's variables begin, and those that COLLECT takes away; `Infinity` before the first FOR. */
  #start = 0;
  #scopeStart = Infinity;
  #isLoop = false;
  #nextId = 0;

  get nextId(): number {
    return this.#nextId;
  }

  /** The variable of this name, or `OLD` and the like where there is one. */
  find(name: string): Variable | undefined {
    return this.#findExact(name) ?? (PSEUDO_VARIABLES.has(name) ? this.#findExact(`$${name}`) : undefined);
  }

  #findExact(name: string): Variable | undefined {
    return this.#visible.findLast((variable) => variable.name === name);
  }

  /** A new variable, not to be seen yet. Throws 1511 when there is one of this name in sight, 1510 and 1501 when the name is none. */
  create(name: string): Variable {
    if (name === '') throw queryError('ERROR_QUERY_VARIABLE_NAME_INVALID', name);
    if (/^_*(?:\d|$)/.test(name)) throw new ArangoError('ERROR_QUERY_PARSE', { message: `variable name '${name}' has an invalid format` });
    if (this.#findExact(name) !== undefined) throw queryError('ERROR_QUERY_VARIABLE_REDECLARED', name);
    return { id: this.#nextId++, name };
  }

  /** A variable that the query does not name. It is never seen by a name. */
  createTemporary(): Variable {
    const id = this.#nextId++;
    return { id, name: String(id) };
  }

  show(variable: Variable): void {
    this.#visible.push(variable);
  }

  declare(name: string): Variable {
    const variable = this.create(name);
    this.show(variable);
    return variable;
  }

  /** These may hide earlier ones. */
  declarePseudo(name: '$NEW' | '$OLD'): Variable {
    const variable = { id: this.#nextId++, name };
    this.show(variable);
    return variable;
  }

  /** To be seen only `within` something. */
  createCurrent(): Variable {
    return { id: this.#nextId++, name: '$CURRENT' };
  }

  /** What `run` binds sees `variable` too. */
  within<Result>(variable: Variable, run: () => Result): Result {
    this.show(variable);
    const result = run();
    this.#visible.pop();
    return result;
  }

  openBlock(): void {
    this.#outer.push({ start: this.#start, scopeStart: this.#scopeStart, isLoop: this.#isLoop });
    this.#start = this.#visible.length;
    this.#scopeStart = Infinity;
    this.#isLoop = false;
  }

  closeBlock(): void {
    this.#visible.length = this.#start;
    const outer = this.#outer.pop();
    if (outer !== undefined) ({ start: this.#start, scopeStart: this.#scopeStart, isLoop: this.#isLoop } = outer);
  }

  openLoop(): void {
    this.#isLoop = true;
    this.#scopeStart = Math.min(this.#scopeStart, this.#visible.length);
  }

  /** The variables that `INTO` collects: the block's own, without those from before its first FOR. */
  captured(): Variable[] {
    return this.#visible.slice(this.#isLoop ? this.#scopeStart : this.#start).filter(({ name }) => !name.startsWith('$'));
  }

  /** Only the main query, as long as it has no FOR, goes on seeing its variables after a COLLECT. */
  closeLoops(): void {
    if (this.#scopeStart !== Infinity) this.#visible.length = this.#scopeStart;
    else if (this.#outer.length > 1) this.#scopeStart = this.#visible.length;
  }
}

/** The variables that one statement makes: all new, and not to be seen before the whole statement is bound. */
export class NewVariables {
  readonly #scopes: Scopes;
  readonly #variables = new Map<string, Variable>();

  constructor(scopes: Scopes) {
    this.#scopes = scopes;
  }

  create(name: string): Variable {
    if (this.#variables.has(name)) throw queryError('ERROR_QUERY_VARIABLE_REDECLARED', name);
    const variable = this.#scopes.create(name);
    this.#variables.set(name, variable);
    return variable;
  }

  names(): Iterable<string> {
    return this.#variables.keys();
  }

  show(): void {
    for (const variable of this.#variables.values()) this.#scopes.show(variable);
  }
}
