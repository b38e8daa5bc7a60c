/**
 * From a parsed query and its bind variables to a query in which every name is resolved: what is a variable, which one, and what a
 * collection; which values the parameters have; which functions exist and take so many arguments.
 *
 * It decides nothing about how the query runs, and does not know which collections exist.
 */
import { ArangoError } from '#base';
import { toBool, toNumber, toText, type Value, type ValueObject } from '#values';
import type {
  AggregateAssignment,
  Block,
  CollectionReference,
  Direction,
  Expression,
  GraphReference,
  GraphSubject,
  LimitClause,
  ObjectElement,
  Quantifier,
  QuestionQuantifier,
  Statement,
  Target,
} from './ast.ts';
import { checkBindValues, PLACEHOLDERS, type BindValues } from './bind-values.ts';
import type {
  Access,
  AccessMode,
  BoundAggregate,
  BoundBlock,
  BoundExpression,
  BoundInto,
  BoundLimit,
  BoundProperty,
  BoundQuantifier,
  BoundQuery,
  BoundQuestionQuantifier,
  BoundStatement,
  BoundSubject,
  Variable,
} from './bound-query.ts';
import type { ParsedQuery } from './parser.ts';
import { queryError } from './query-error.ts';
import { NewVariables, Scopes } from './scopes.ts';

/** How many arguments a function takes. */
export interface Signature {
  readonly minArguments: number;
  /** `Infinity` where there is no limit. */
  readonly maxArguments: number;
}

/** Finds one of AQL's own functions by its name in upper case. */
export type FindSignature = (name: string) => Signature | undefined;

/**
 * Throws 1550 to 1553 for bind variables that do not fit, 1511 and 1512 for names, 1540, 1541 and 1574 for calls, 1575 for
 * options that are not constant, 1522 for too many collections, 1595 for a WINDOW after a modification.
 */
export function bindQuery(parsed: ParsedQuery, bindVars: Value | undefined, findSignature: FindSignature): BoundQuery {
  let values: BindValues;
  try {
    values = checkBindValues(parsed.parameters, bindVars);
  } catch (error) {
    // What is wrong with the query itself comes first.
    bindWith(parsed, PLACEHOLDERS, findSignature);
    throw error;
  }
  return bindWith(parsed, values, findSignature);
}

/** As `bindQuery`, with values that need not come from bind variables. */
export function bindWith(parsed: ParsedQuery, values: BindValues, findSignature: FindSignature): BoundQuery {
  return new Binder(values, findSignature).bind(parsed);
}

/** What ArangoDB's messages give as the limit of functions that have none. */
const MANY_ARGUMENTS = 65_536;
const MAX_COLLECTIONS = 2048;

const AGGREGATE_FUNCTIONS: ReadonlySet<string> = new Set([
  ...'LENGTH MIN MAX SUM AVERAGE STDDEV_POPULATION STDDEV_SAMPLE VARIANCE_POPULATION VARIANCE_SAMPLE'.split(' '),
  ...'UNIQUE SORTED_UNIQUE COUNT_DISTINCT BIT_AND BIT_OR BIT_XOR PUSH'.split(' '),
]);
const AGGREGATE_ALIASES: ReadonlyMap<string, string> = new Map([
  ['COUNT', 'LENGTH'],
  ['AVG', 'AVERAGE'],
  ['STDDEV', 'STDDEV_POPULATION'],
  ['VARIANCE', 'VARIANCE_POPULATION'],
  ['COUNT_UNIQUE', 'COUNT_DISTINCT'],
]);

const STRENGTH: Readonly<Record<AccessMode, number>> = { read: 0, write: 1, exclusive: 2 };

class Binder {
  readonly #values: BindValues;
  readonly #findSignature: FindSignature;
  readonly #scopes = new Scopes();
  readonly #collections = new Map<string, AccessMode>();
  readonly #accesses: Access[] = [];
  readonly #structuralParameters = new Set<string>();
  #isModification = false;
  /** While the condition of a PRUNE is bound. */
  #isPrune = false;
  /** The variables of a COLLECT while its own expressions are bound, which may not use them. */
  #unusable: ReadonlySet<string> = new Set();

  constructor(values: BindValues, findSignature: FindSignature) {
    this.#values = values;
    this.#findSignature = findSignature;
  }

  bind({ query, warnings }: ParsedQuery): BoundQuery {
    for (const reference of query.with) this.#access(this.#referredName(reference), reference.at, 'with');
    const { statements } = this.#block(query);
    if (this.#collections.size > MAX_COLLECTIONS) throw new ArangoError('ERROR_QUERY_TOO_MANY_COLLECTIONS');
    return {
      statements,
      collections: this.#collections,
      accesses: this.#accesses,
      nextVariableId: this.#scopes.nextId,
      isModification: this.#isModification,
      structuralParameters: this.#structuralParameters,
      warnings,
    };
  }

  #block(block: Block): BoundBlock {
    this.#scopes.openBlock();
    const statements: BoundStatement[] = [];
    for (const statement of block.statements) this.#statement(statement, statements);
    this.#scopes.closeBlock();
    return { statements };
  }

  #access(collection: string, at: number, by: Access['by'], mode: AccessMode = 'read'): void {
    this.#accesses.push({ collection, at, by, mode });
    const known = this.#collections.get(collection);
    if (known === undefined || STRENGTH[known] < STRENGTH[mode]) this.#collections.set(collection, mode);
  }

  #collectionName(reference: CollectionReference): string {
    return reference.type === 'name' ? reference.name : this.#boundCollection(reference.name);
  }

  #boundCollection(parameter: string): string {
    this.#structuralParameters.add(`@${parameter}`);
    return this.#values.collection(parameter);
  }

  #statement(statement: Statement, into: BoundStatement[]): void {
    const scopes = this.#scopes;
    const { at } = statement;
    switch (statement.type) {
      case 'for': {
        const source = this.#expression(statement.source, 'loop');
        scopes.openLoop();
        const variable = this.#targetVariable(statement.target);
        const search = statement.search === undefined ? {} : { search: this.#expression(statement.search) };
        into.push({ type: 'for', at, variable, source, ...search, options: this.#options(statement.options) });
        this.#destructure(statement.target, { type: 'reference', at, variable }, into);
        return;
      }
      case 'let': {
        const value = this.#expression(statement.value);
        const variable = this.#targetVariable(statement.target);
        into.push({ type: 'let', at, variable, value });
        this.#destructure(statement.target, { type: 'reference', at, variable }, into);
        return;
      }
      case 'traversal':
        into.push(this.#traversal(statement));
        return;
      case 'paths':
        into.push(this.#paths(statement));
        return;
      case 'filter':
        into.push({ type: 'filter', at, condition: this.#expression(statement.condition) });
        return;
      case 'collect':
        into.push(this.#collect(statement));
        return;
      case 'sort': {
        const keys = statement.keys.map(({ value, direction }) => ({
          value: this.#expression(value),
          isAscending: this.#isAscending(direction),
        }));
        into.push({ type: 'sort', at, keys });
        return;
      }
      case 'limit':
        into.push({ type: 'limit', at, ...this.#limit(statement) });
        return;
      case 'window':
        into.push(this.#window(statement));
        return;
      case 'return':
        into.push({ type: 'return', at, isDistinct: statement.isDistinct, value: this.#expression(statement.value) });
        return;
      case 'insert':
      case 'update':
      case 'replace':
      case 'remove':
      case 'upsert':
        into.push(this.#modification(statement));
        this.#isModification = true;
        return;
    }
  }

  /** Declares a target's variable, or one to take apart. */
  #targetVariable(target: Target): Variable {
    return target.type === 'variable' ? this.#scopes.declare(target.name) : this.#scopes.createTemporary();
  }

  /** `[a, , {b}]` of a value: `LET a = value[0]`, `LET b = value[2].b`. */
  #destructure(target: Target, value: BoundExpression, into: BoundStatement[]): void {
    switch (target.type) {
      case 'variable':
        return;
      case 'array target':
        target.elements.forEach((element, i) => {
          if (element === undefined) return;
          const { at } = element;
          this.#part(element, { type: 'index', at, object: value, index: { type: 'literal', at, value: i } }, into);
        });
        return;
      case 'object target':
        for (const { name, target: element } of target.elements) {
          this.#part(element, { type: 'attribute', at: element.at, object: value, name }, into);
        }
        return;
    }
  }

  #part(target: Target, value: BoundExpression, into: BoundStatement[]): void {
    if (target.type !== 'variable') this.#destructure(target, value, into);
    else into.push({ type: 'let', at: target.at, variable: this.#scopes.declare(target.name), value });
  }

  #traversal(statement: Extract<Statement, { type: 'traversal' }>): BoundStatement {
    const { at, direction, variables, prune } = statement;
    const depth = statement.depth === undefined ? {} : { depth: this.#expression(statement.depth) };
    const start = this.#expression(statement.start);
    const subject = this.#subject(statement.subject, direction);
    this.#scopes.openLoop();
    const [vertex, edge, path] = variables.map((name) => this.#scopes.declare(name)) as [Variable, Variable?, Variable?];
    return {
      type: 'traversal',
      at,
      vertex,
      ...(edge && { edge }),
      ...(path && { path }),
      ...depth,
      direction,
      start,
      subject,
      ...(prune && { prune: this.#prune(prune) }),
      options: this.#options(statement.options),
    };
  }

  #prune(prune: { readonly variable?: string; readonly condition: Expression }): {
    readonly variable?: Variable;
    readonly condition: BoundExpression;
  } {
    const condition = this.#withoutSubqueries(prune.condition);
    return prune.variable === undefined ? { condition } : { variable: this.#scopes.declare(prune.variable), condition };
  }

  /** It is evaluated in the middle of a walk, where no other part of the query can run. Throws 1501. */
  #withoutSubqueries(condition: Expression): BoundExpression {
    this.#isPrune = true;
    const bound = this.#expression(condition);
    this.#isPrune = false;
    return bound;
  }

  #paths(statement: Extract<Statement, { type: 'paths' }>): BoundStatement {
    const { at, kind, direction } = statement;
    const depth = statement.depth === undefined ? {} : { depth: this.#expression(statement.depth) };
    const from = this.#expression(statement.from);
    const to = this.#expression(statement.to);
    const subject = this.#subject(statement.subject, direction);
    this.#scopes.openLoop();
    const variables = statement.variables.map((name) => this.#scopes.declare(name));
    return { type: 'paths', at, kind, variables, ...depth, direction, from, to, subject, options: this.#options(statement.options) };
  }

  #subject(subject: GraphSubject, direction: Direction): BoundSubject {
    if (subject.type === 'named graph') return { type: 'named graph', name: this.#referredName(subject.graph) };
    const collections = subject.collections.map((each) => {
      const name = this.#referredName(each.collection);
      this.#access(name, each.collection.at, 'edges');
      return { direction: each.direction ?? direction, name };
    });
    return { type: 'edge collections', collections };
  }

  #referredName(reference: GraphReference): string {
    return reference.type === 'bind' ? this.#boundName(reference.name) : this.#collectionName(reference);
  }

  #collect(statement: Extract<Statement, { type: 'collect' }>): BoundStatement {
    const scopes = this.#scopes;
    const { at, count, into } = statement;
    const own = new NewVariables(scopes);
    const groups = statement.groups.map((group) => {
      const value = this.#expression(group.value);
      return { at: group.at, variable: own.create(group.name), value };
    });
    const before = this.#unusable;
    const aggregates = this.#aggregates(statement.aggregates, own);
    const projection = into?.projection && this.#expression(into.projection);
    const captured = into?.keep?.map((name) => this.#kept(name)) ?? scopes.captured();
    this.#unusable = before;
    const options = this.#options(statement.options);

    scopes.closeLoops();
    own.show();
    const result = { type: 'collect', at, groups, aggregates, options } as const;
    if (count !== undefined) return { ...result, count: scopes.declare(count) };
    if (into === undefined) return result;
    const variable = scopes.declare(into.name);
    const bound: BoundInto = projection ? { type: 'projection', variable, projection } : { type: 'variables', variable, captured };
    return { ...result, into: bound };
  }

  /** A variable that is kept for INTO: one from before the COLLECT. */
  #kept(name: string): Variable {
    const variable = this.#scopes.find(name);
    if (variable !== undefined || this.#unusable.has(name)) return this.#known(name);
    throw new ArangoError('ERROR_QUERY_PARSE', { message: `use of unknown variable '${name}' for KEEP` });
  }

  /** Neither they nor what comes after them in the statement may use what it sets: that stays unusable. */
  #aggregates(list: readonly AggregateAssignment[], own: NewVariables): readonly BoundAggregate[] {
    const before = this.#unusable;
    const makeUnusable = (): void => {
      this.#unusable = new Set([...before, ...own.names()]);
    };
    makeUnusable();
    return list.map((each) => {
      const aggregate = this.#aggregate(each, own);
      makeUnusable();
      return aggregate;
    });
  }

  #aggregate({ at, name, function: given, arguments: list }: AggregateAssignment, own: NewVariables): BoundAggregate {
    const aggregate = AGGREGATE_ALIASES.get(given) ?? given;
    if (!AGGREGATE_FUNCTIONS.has(aggregate)) {
      this.#signature(given);
      throw queryError('ERROR_QUERY_INVALID_AGGREGATE_EXPRESSION');
    }
    checkCount(given, list.length, { minArguments: aggregate === 'LENGTH' ? 0 : 1, maxArguments: 1 });
    const inputs = list.map((argument) => this.#expression(argument));
    return { at, variable: own.create(name), function: aggregate, arguments: inputs };
  }

  #window(statement: Extract<Statement, { type: 'window' }>): BoundStatement {
    if (this.#isModification) throw queryError('ERROR_QUERY_WINDOW_AFTER_MODIFICATION');
    const range = statement.range === undefined ? {} : { range: this.#expression(statement.range) };
    // They are known before the query runs, and another plan is made for other ones.
    this.#constant(statement.bounds);
    const bounds = this.#expression(statement.bounds);
    const own = new NewVariables(this.#scopes);
    const before = this.#unusable;
    const aggregates = this.#aggregates(statement.aggregates, own);
    this.#unusable = before;
    own.show();
    return { type: 'window', at: statement.at, bounds, ...range, aggregates };
  }

  #modification(statement: Extract<Statement, { into: CollectionReference }>): BoundStatement {
    const scopes = this.#scopes;
    const { at } = statement;
    switch (statement.type) {
      case 'insert': {
        const document = this.#expression(statement.document);
        const { into, options } = this.#target(statement);
        const old = showsOld(options) ? { old: scopes.declarePseudo('$OLD') } : {};
        return { type: 'insert', at, document, into, options, ...old, new: scopes.declarePseudo('$NEW') };
      }
      case 'update':
      case 'replace': {
        const key = this.#expression(statement.key);
        const document = statement.document === undefined ? {} : { document: this.#expression(statement.document) };
        const target = this.#target(statement);
        return {
          type: statement.type,
          at,
          key,
          ...document,
          ...target,
          old: scopes.declarePseudo('$OLD'),
          new: scopes.declarePseudo('$NEW'),
        };
      }
      case 'remove': {
        const key = this.#expression(statement.key);
        return { type: 'remove', at, key, ...this.#target(statement), old: scopes.declarePseudo('$OLD') };
      }
      case 'upsert': {
        const search = this.#upsertSearch(statement.search);
        const old = scopes.declarePseudo('$OLD');
        const insert = this.#expression(statement.insert);
        const document = this.#expression(statement.document);
        const target = this.#target(statement);
        const { action } = statement;
        return { type: 'upsert', at, search, insert, action, document, ...target, old, new: scopes.declarePseudo('$NEW') };
      }
    }
  }

  #upsertSearch(search: Extract<Statement, { type: 'upsert' }>['search']): Extract<BoundStatement, { type: 'upsert' }>['search'] {
    if (search.type === 'example') return { type: 'example', example: this.#expression(search.example) };
    const current = this.#scopes.createCurrent();
    return { type: 'filter', current, condition: this.#scopes.within(current, () => this.#expression(search.condition)) };
  }

  /** Where a modification goes, after its operands: that is the order of access. */
  #target(statement: Extract<Statement, { into: CollectionReference }>): { readonly into: string; readonly options: ValueObject } {
    const options = this.#options(statement.options);
    const into = this.#collectionName(statement.into);
    this.#access(into, statement.into.at, 'modification', options['exclusive'] === true ? 'exclusive' : 'write');
    return { into, options };
  }

  #options(options: Expression | undefined): ValueObject {
    return options === undefined ? {} : (this.#constant(options) as ValueObject);
  }

  #isAscending(direction: 'ASC' | 'DESC' | Expression): boolean {
    if (typeof direction === 'string') return direction === 'ASC';
    const value = this.#constant(direction);
    if (typeof value !== 'string') return toBool(value);
    return value.toUpperCase() !== 'DESC' && value !== '';
  }

  /** The value of an expression that needs no query to know it; throws 1575 for any other. */
  #constant(expression: Expression): Value {
    switch (expression.type) {
      case 'literal':
        return expression.value;
      case 'bind':
        this.#structuralParameters.add(expression.name);
        return this.#values.value(expression.name);
      case 'array':
        return expression.elements.map((element) => this.#constant(element));
      case 'object':
        return Object.fromEntries(expression.elements.map((element) => this.#constantProperty(element)));
      case 'unary': {
        const value = this.#constant(expression.operand);
        if (expression.operator === '!') return !toBool(value);
        return expression.operator === '-' ? -toNumber(value) : toNumber(value);
      }
      case 'name':
      case 'collection bind':
      case 'call':
      case 'subquery':
      case 'binary':
      case 'quantified':
      case 'ternary':
      case 'attribute':
      case 'bound attribute':
      case 'index':
      case 'expansion':
      case 'question':
        throw queryError('ERROR_QUERY_COMPILE_TIME_OPTIONS');
    }
  }

  #constantProperty(element: ObjectElement): [name: string, value: Value] {
    switch (element.type) {
      case 'property':
        return [element.name, this.#constant(element.value)];
      case 'bound property':
        return [this.#boundName(element.name), this.#constant(element.value)];
      case 'computed property':
        return [toText(this.#constant(element.name)), this.#constant(element.value)];
      case 'shorthand':
        throw queryError('ERROR_QUERY_COMPILE_TIME_OPTIONS');
    }
  }

  #boundName(parameter: string): string {
    this.#structuralParameters.add(parameter);
    return this.#values.name(parameter);
  }

  /**
   * `by` is what a collection at this place is used for. `root` stands for the `CURRENT` at the bottom of an expansion's tail, which no
   * `CURRENT` of the query can be.
   */
  #expression(expression: Expression, by: Access['by'] = 'expression', root?: BoundExpression): BoundExpression {
    const { at } = expression;
    switch (expression.type) {
      case 'literal':
        return expression;
      case 'bind':
        return { type: 'literal', at, value: this.#values.value(expression.name), parameter: expression.name };
      case 'name':
        return root ?? this.#name(expression.name, at, by);
      case 'collection bind':
        return this.#collection(this.#boundCollection(expression.name), at, by);
      case 'attribute':
        return { type: 'attribute', at, object: this.#expression(expression.object, 'expression', root), name: expression.name };
      case 'bound attribute': {
        const object = this.#expression(expression.object, 'expression', root);
        this.#structuralParameters.add(expression.name);
        const path = this.#values.path(expression.name);
        return path.reduce<BoundExpression>((inner, name) => ({ type: 'attribute', at, object: inner, name }), object);
      }
      case 'index': {
        const object = this.#expression(expression.object, 'expression', root);
        return { type: 'index', at, object, index: this.#expression(expression.index) };
      }
      case 'expansion':
        return this.#expansion(expression, root);
      case 'question':
        return this.#question(expression, root);
      case 'binary': {
        const left = this.#expression(expression.left);
        return { type: 'binary', at, operator: expression.operator, left, right: this.#expression(expression.right) };
      }
      case 'unary':
        return { type: 'unary', at, operator: expression.operator, operand: this.#expression(expression.operand) };
      case 'call':
        return this.#call(expression);
      case 'array':
        return { type: 'array', at, elements: expression.elements.map((element) => this.#expression(element)) };
      case 'object':
        return { type: 'object', at, elements: expression.elements.map((element) => this.#property(element)) };
      case 'subquery':
        if (this.#isPrune) throw new ArangoError('ERROR_QUERY_PARSE', { message: 'prune condition must not use a subquery' });
        return { type: 'subquery', at, query: this.#block(expression.query) };
      case 'quantified': {
        const { operator } = expression;
        const left = this.#expression(expression.left);
        const quantifier = this.#quantifier(expression.quantifier);
        return { type: 'quantified', at, quantifier, operator, left, right: this.#expression(expression.right) };
      }
      case 'ternary': {
        const condition = this.#expression(expression.condition);
        // oxlint-disable-next-line unicorn/no-thenable -- the tree's own word
        const then = expression.then === undefined ? {} : { then: this.#expression(expression.then) };
        return { type: 'ternary', at, condition, ...then, otherwise: this.#expression(expression.otherwise) };
      }
    }
  }

  /** A name is a variable if there is one, and otherwise a collection. */
  #name(name: string, at: number, by: Access['by']): BoundExpression {
    const variable = this.#scopes.find(name);
    if (variable !== undefined) return { type: 'reference', at, variable };
    if (this.#unusable.has(name)) throw queryError('ERROR_QUERY_VARIABLE_NAME_UNKNOWN', name);
    return this.#collection(name, at, by);
  }

  #collection(name: string, at: number, by: Access['by']): BoundExpression {
    this.#access(name, at, by);
    return { type: 'collection', at, name };
  }

  /** Where only a variable will do. */
  #known(name: string): Variable {
    const variable = this.#scopes.find(name);
    if (variable === undefined) throw queryError('ERROR_QUERY_VARIABLE_NAME_UNKNOWN', name);
    return variable;
  }

  #property(element: ObjectElement): BoundProperty {
    const { at } = element;
    switch (element.type) {
      case 'property':
        return { type: 'property', at, name: element.name, value: this.#expression(element.value) };
      case 'shorthand':
        return { type: 'property', at, name: element.name, value: { type: 'reference', at, variable: this.#known(element.name) } };
      case 'bound property':
        return { type: 'property', at, name: this.#boundName(element.name), value: this.#expression(element.value) };
      case 'computed property': {
        const name = this.#expression(element.name);
        return { type: 'computed property', at, name, value: this.#expression(element.value) };
      }
    }
  }

  #call({ at, name, arguments: list }: Extract<Expression, { type: 'call' }>): BoundExpression {
    const isOwn = !name.includes('::');
    if (isOwn) checkCount(name, list.length, this.#signature(name));
    const inputs = list.map((argument) => this.#expression(argument, 'argument'));
    return { type: isOwn ? 'call' : 'user call', at, name, arguments: inputs };
  }

  #signature(name: string): Signature {
    const signature = this.#findSignature(name);
    if (signature === undefined) throw queryError('ERROR_QUERY_FUNCTION_NAME_UNKNOWN', name);
    return signature;
  }

  #expansion(expression: Extract<Expression, { type: 'expansion' }>, root: BoundExpression | undefined): BoundExpression {
    const { at, levels, filter, limit, projection, tail } = expression;
    const object = this.#expression(expression.object, 'expression', root);
    const element = this.#scopes.createCurrent();
    const clauses = this.#scopes.within(element, () => ({
      ...(filter && { filter: this.#expression(filter) }),
      ...(limit && { limit: this.#limit(limit) }),
      ...(projection && { projection: this.#expression(projection) }),
    }));
    const bound = { type: 'expansion', at, object, levels, element, ...clauses } as const;
    if (tail === undefined) return bound;
    return {
      ...bound,
      projection: this.#expression(tail, 'expression', clauses.projection ?? { type: 'reference', at, variable: element }),
    };
  }

  #question(expression: Extract<Expression, { type: 'question' }>, root: BoundExpression | undefined): BoundExpression {
    const { at, quantifier, filter } = expression;
    const object = this.#expression(expression.object, 'expression', root);
    const element = this.#scopes.createCurrent();
    const clauses = this.#scopes.within(element, () => ({
      ...(quantifier && { quantifier: this.#questionQuantifier(quantifier) }),
      ...(filter && { filter: this.#expression(filter) }),
    }));
    return { type: 'question', at, object, element, ...clauses };
  }

  #quantifier(quantifier: Quantifier): BoundQuantifier {
    return quantifier.is === 'AT LEAST' ? { is: 'AT LEAST', count: this.#expression(quantifier.count) } : quantifier;
  }

  #questionQuantifier(quantifier: QuestionQuantifier): BoundQuestionQuantifier {
    return quantifier.is === 'EXACTLY' ? { is: 'EXACTLY', count: this.#expression(quantifier.count) } : this.#quantifier(quantifier);
  }

  #limit({ offset, count }: LimitClause): BoundLimit {
    return offset === undefined ? { count: this.#expression(count) } : { offset: this.#expression(offset), count: this.#expression(count) };
  }
}

function checkCount(name: string, count: number, { minArguments, maxArguments }: Signature): void {
  if (count >= minArguments && count <= maxArguments) return;
  throw queryError('ERROR_QUERY_FUNCTION_ARGUMENT_NUMBER_MISMATCH', name, minArguments, Math.min(maxArguments, MANY_ARGUMENTS));
}

/** An INSERT has an `OLD` only where it may meet a document that it replaces or updates. */
function showsOld({ overwrite, overwriteMode }: ValueObject): boolean {
  return overwriteMode === undefined ? overwrite === true : overwriteMode === 'replace' || overwriteMode === 'update';
}
