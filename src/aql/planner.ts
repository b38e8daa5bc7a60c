/**
 * From a bound query to its first plan: one or a few nodes for each statement, in the order of the text, with nothing optimized.
 *
 * Expressions lose their subqueries on the way: each becomes a node before the one that needs it. A subquery in an operand that is
 * not always evaluated (`a && (…)`, `a ? (…) : b`) begins with a filter on the condition under which it is.
 */
import { ArangoError, type ErrorName } from '#base';
import type { CollectionDefinition, DatabaseCatalog } from '#catalog';
import { isObject, typeName } from '#values';
import type {
  BoundAggregate,
  BoundBlock,
  BoundExpression,
  BoundLimit,
  BoundModification,
  BoundProperty,
  BoundQuantifier,
  BoundQuery,
  BoundQuestionQuantifier,
  BoundStatement,
  BoundSubject,
  Variable,
} from './bound-query.ts';
import type { Direction } from './ast.ts';
import {
  constant,
  isBoolean,
  reference,
  someExpression,
  variablesOf,
  type CompareOperator,
  type Expression,
  type ObjectMember,
  type Quantifier,
  type QuestionQuantifier,
} from './expression.ts';
import type { AqlFunction } from './functions/define.ts';
import { findFunction } from './functions/registry.ts';
import {
  allNodes,
  expressionsOf,
  Ids,
  isModification,
  variablesSetBy,
  type Aggregate,
  type EdgeSource,
  type ExecutionNode,
  type GraphSource,
  type Pipeline,
  type Plan,
} from './plan.ts';
import { queryError } from './query-error.ts';
import { readWindowBounds } from './window-bounds.ts';
import {
  readCollectMethod,
  readForOptions,
  readGraphOptions,
  readModificationOptions,
  readUpsertLookupOptions,
} from './statement-options.ts';

/** A named graph, as `_graphs` has it. */
export interface NamedGraph {
  readonly name: string;
  readonly edgeDefinitions: readonly { readonly collection: string; readonly from: readonly string[]; readonly to: readonly string[] }[];
  readonly orphanCollections: readonly string[];
}

export interface PlanningContext {
  readonly catalog: DatabaseCatalog;
  /** Undefined: there is no such graph. */
  findGraph(name: string): NamedGraph | undefined;
  warn(error: ErrorName, message: string): void;
  /** The plan is made for the value of this bind parameter and fits no other. */
  relyOn(parameter: string): void;
  /** The values of bind parameters become constants, for a plan that is shown; otherwise they are read when the query runs. */
  readonly inlinesParameters: boolean;
  /** The last LIMIT counts what it leaves out. */
  readonly countsFull: boolean;
}

/** Throws 1203 for collections that do not exist, 1568 and 1579 for collections where they may not be used. */
export function makePlan(query: BoundQuery, context: PlanningContext): Plan {
  const ids = new Ids(query.nextVariableId);
  const nodes = planBlock(query, ids, context, undefined);
  if (query.isModification) checkAccesses(nodes);
  for (const node of allNodes(nodes)) for (const variable of variablesSetBy(node)) ids.note(variable);
  return { nodes: context.countsFull ? withFullCount(nodes, ids) : nodes, ids, rules: [] };
}

/** The last LIMIT of the query itself, not one of a subquery, counts all rows. Without any, one that leaves out nothing does. */
function withFullCount(nodes: Pipeline, ids: Ids): Pipeline {
  const last = nodes.findLast(({ type }) => type === 'LimitNode');
  if (last === undefined) {
    const count = constant(Number.MAX_SAFE_INTEGER);
    const limit = { type: 'LimitNode', id: ids.node(), offset: constant(0), count, fullCount: true } as const;
    return nodes.at(-1)?.type === 'ReturnNode' ? nodes.toSpliced(-1, 0, limit) : nodes;
  }
  return nodes.map((node) => (node === last && node.type === 'LimitNode' ? { ...node, fullCount: true } : node));
}

/** What was written is not read again, nor written, in the same query: it would depend on how far the query has got. */
function checkAccesses(nodes: Pipeline): void {
  const written = new Set<string>();
  const refuse = (by: string): never => {
    throw queryError('ERROR_QUERY_ACCESS_AFTER_MODIFICATION', by);
  };
  for (const node of allNodes(nodes)) {
    if (written.size > 0) {
      if ('source' in node) refuse('traversal');
      if ('collection' in node && written.has(node.collection.name)) refuse(node.collection.name);
      for (const expression of expressionsOf(node)) {
        if (someExpression(expression, (each) => each.type === 'collection' && written.has(each.name))) refuse('function');
        if (someExpression(expression, (each) => each.type === 'call' && each.function.name === 'DOCUMENT')) refuse('function DOCUMENT()');
      }
    }
    if (isModification(node)) written.add(node.collection.name);
  }
}

/** `guard`: rows exist only if it is true. */
function planBlock(block: BoundBlock, ids: Ids, context: PlanningContext, guard: Expression | undefined): Pipeline {
  const planner = new BlockPlanner(ids, context);
  if (guard !== undefined) planner.filter(guard);
  for (const statement of block.statements) planner.add(statement);
  return planner.nodes;
}

/** Conditions under which an operand is evaluated. */
type Guard = Expression | undefined;

class BlockPlanner {
  readonly nodes: ExecutionNode[] = [];
  readonly #ids: Ids;
  readonly #context: PlanningContext;

  constructor(ids: Ids, context: PlanningContext) {
    this.#ids = ids;
    this.#context = context;
    this.nodes.push({ type: 'SingletonNode', id: ids.node() });
  }

  filter(condition: Expression): void {
    const inVariable = this.#calculate(condition);
    this.nodes.push({ type: 'FilterNode', id: this.#ids.node(), inVariable });
  }

  add(statement: BoundStatement): void {
    const ids = this.#ids;
    switch (statement.type) {
      case 'for':
        return this.#addFor(statement);
      case 'traversal':
        return this.#addTraversal(statement);
      case 'paths':
        return this.#addPaths(statement);
      case 'let':
        this.#calculateAs(statement.variable, statement.value);
        return;
      case 'filter':
        return this.filter(this.#lower(statement.condition));
      case 'collect':
        return this.#addCollect(statement);
      case 'sort': {
        const elements = statement.keys.map(({ value, isAscending }) => ({ variable: this.#calculated(value), isAscending }));
        this.nodes.push({ type: 'SortNode', id: ids.node(), elements });
        return;
      }
      case 'limit': {
        const { offset, count } = this.#lowerLimit(statement);
        this.nodes.push({ type: 'LimitNode', id: ids.node(), offset, count, fullCount: false });
        return;
      }
      case 'window':
        return this.#addWindow(statement);
      case 'return': {
        let inVariable = this.#calculated(statement.value);
        if (statement.isDistinct) {
          const outVariable = ids.variable();
          this.nodes.push({
            type: 'CollectNode',
            id: ids.node(),
            method: 'distinct',
            isFixed: true,
            groups: [{ outVariable, inVariable }],
            aggregates: [],
          });
          inVariable = outVariable;
        }
        this.nodes.push({ type: 'ReturnNode', id: ids.node(), inVariable });
        return;
      }
      case 'insert': {
        const inVariable = this.#calculated(statement.document);
        this.nodes.push({ type: 'InsertNode', id: ids.node(), inVariable, ...this.#modification(statement, 'INSERT') });
        return;
      }
      case 'update':
      case 'replace': {
        const first = this.#calculated(statement.key);
        const second = statement.document && this.#calculated(statement.document);
        this.nodes.push({
          type: statement.type === 'update' ? 'UpdateNode' : 'ReplaceNode',
          id: ids.node(),
          ...(second === undefined ? { inDocVariable: first } : { inKeyVariable: first, inDocVariable: second }),
          ...this.#modification(statement, statement.type.toUpperCase()),
        });
        return;
      }
      case 'remove': {
        const inVariable = this.#calculated(statement.key);
        this.nodes.push({ type: 'RemoveNode', id: ids.node(), inVariable, ...this.#modification(statement, 'REMOVE') });
        return;
      }
      case 'upsert':
        return this.#addUpsert(statement);
    }
  }

  // Statements

  #addFor(statement: BoundStatement & { readonly type: 'for' }): void {
    const { variable: outVariable, source, search } = statement;
    const options = readForOptions(statement.options, this.#refuse);
    if (search !== undefined) {
      throw new ArangoError('ERROR_NOT_IMPLEMENTED', 'SEARCH needs a View, and foxden has no ArangoSearch');
    }
    if (source.type === 'collection') {
      const collection = this.#context.catalog.getCollection(source.name);
      this.nodes.push({
        type: 'EnumerateCollectionNode',
        id: this.#ids.node(),
        collection,
        outVariable,
        options,
        isRandom: false,
        producesResult: true,
      });
      return;
    }
    const inVariable = this.#calculated(source);
    this.nodes.push({ type: 'EnumerateListNode', id: this.#ids.node(), inVariable, outVariable });
  }

  #addCollect(statement: BoundStatement & { readonly type: 'collect' }): void {
    const ids = this.#ids;
    const groups = statement.groups.map(({ variable, value }) => ({ outVariable: variable, inVariable: this.#calculated(value) }));
    const aggregates = statement.aggregates.map((aggregate) => this.#lowerAggregate(aggregate));
    const { into, count } = statement;
    if (count !== undefined) aggregates.push({ outVariable: count, function: 'LENGTH' });
    const method = readCollectMethod(statement.options, this.#refuse);
    const expressionVariable = into?.type === 'projection' ? this.#calculated(into.projection) : undefined;
    this.nodes.push({
      type: 'CollectNode',
      id: ids.node(),
      // Which one it will be is for `specialize-collect` to say; with either the groups come out sorted.
      method: method ?? 'hash',
      isFixed: method !== undefined,
      groups,
      aggregates,
      ...(into && {
        into: {
          outVariable: into.variable,
          ...(expressionVariable && { expressionVariable }),
          keep: into.type === 'variables' ? into.captured : [],
        },
      }),
    });
  }

  #addWindow(statement: BoundStatement & { readonly type: 'window' }): void {
    const rangeVariable = statement.range && this.#calculated(statement.range);
    const bounds = readWindowBounds(statement.bounds, statement.range !== undefined);
    const aggregates = statement.aggregates.map((aggregate) => this.#lowerAggregate(aggregate));
    if (rangeVariable !== undefined) {
      this.nodes.push({ type: 'SortNode', id: this.#ids.node(), elements: [{ variable: rangeVariable, isAscending: true }] });
    }
    this.nodes.push({
      type: 'WindowNode',
      id: this.#ids.node(),
      bounds,
      ...(rangeVariable && { rangeVariable }),
      aggregates,
    });
  }

  #lowerAggregate({ variable, function: name, arguments: [argument] }: BoundAggregate): Aggregate {
    const inVariable = argument && this.#calculated(argument);
    // LENGTH counts rows, whatever it is given.
    return { outVariable: variable, function: name, ...(inVariable && name !== 'LENGTH' && { inVariable }) };
  }

  #addUpsert(statement: BoundStatement & { readonly type: 'upsert' }): void {
    const ids = this.#ids;
    const { search, into } = statement;
    const collection = this.#context.catalog.getCollection(into);
    const lookup = new BlockPlanner(ids, this.#context);
    const candidate = search.type === 'filter' ? search.current : ids.variable();
    // What the example reads is calculated outside, once for each row; only the comparison is inside.
    const conditions =
      search.type === 'example' ? this.#exampleConditions(this.#example(search.example), candidate) : [lookup.#lower(search.condition)];
    lookup.nodes.push({
      type: 'EnumerateCollectionNode',
      id: ids.node(),
      collection,
      outVariable: candidate,
      options: readUpsertLookupOptions(statement.options),
      isRandom: false,
      producesResult: true,
    });
    for (const condition of conditions) lookup.filter(condition);
    lookup.nodes.push(
      { type: 'LimitNode', id: ids.node(), offset: constant(0), count: constant(1), fullCount: false },
      { type: 'ReturnNode', id: ids.node(), inVariable: candidate },
    );
    const found = ids.variable();
    this.nodes.push({ type: 'SubqueryNode', id: ids.node(), nodes: lookup.nodes, outVariable: found, isUpsertLookup: true });
    const inDocVariable = statement.old ?? ids.variable('$OLD');
    this.#calculateExpression(inDocVariable, { type: 'index', object: reference(found), index: constant(0) });
    const insertVariable = this.#calculated(statement.insert);
    const updateVariable = this.#calculated(statement.document);
    // OLD is what was found: it is set before, since the update may read it.
    const { outVariableOld: _found, ...rest } = this.#modification(statement, 'UPSERT');
    this.nodes.push({
      type: 'UpsertNode',
      id: ids.node(),
      inDocVariable,
      insertVariable,
      updateVariable,
      isReplace: statement.action === 'replace',
      ...rest,
    });
  }

  /** The names of an example's attributes become part of the plan. */
  #example(example: BoundExpression): Expression {
    if (example.type !== 'literal') return this.#lower(example);
    if (example.parameter !== undefined) this.#context.relyOn(example.parameter);
    return constant(example.value);
  }

  /** `{a: 1, b: {c: 2}}` finds documents with `a == 1 && b == {c: 2}`. */
  #exampleConditions(example: Expression, candidate: Variable): Expression[] {
    const members: readonly ObjectMember[] | undefined =
      example.type === 'object'
        ? example.members
        : example.type === 'constant' && isObject(example.value)
          ? Object.entries(example.value).map(([name, value]) => ({ name, value: constant(value) }))
          : undefined;
    if (members === undefined)
      throw new ArangoError('ERROR_QUERY_PARSE', { message: 'expecting object literal as upsert search document' });
    return members.map(({ name, value }): Expression => {
      if (typeof name !== 'string') {
        throw new ArangoError('ERROR_QUERY_PARSE', {
          message: 'expecting object literal with static attribute names as upsert search document',
        });
      }
      const attribute: Expression = { type: 'attribute', object: reference(candidate), name };
      return { type: 'binary', operator: '==', left: attribute, right: value };
    });
  }

  #modification(statement: BoundModification, name: string) {
    return {
      collection: this.#context.catalog.getCollection(statement.into),
      options: readModificationOptions(statement.options, name, this.#refuse),
      ...(statement.old && { outVariableOld: statement.old }),
      ...(statement.new && { outVariableNew: statement.new }),
    };
  }

  #addTraversal(statement: BoundStatement & { readonly type: 'traversal' }): void {
    const { vertex, edge, path, prune } = statement;
    const inVariable = this.#walkEnd(statement.start);
    const options = readGraphOptions(statement.options, 'TRAVERSAL', this.#refuse);
    if (options.uniqueVertices === 'global' && options.order === 'dfs') {
      throw new ArangoError('ERROR_BAD_PARAMETER', {
        message: "uniqueVertices: 'global' is only supported, with mode: bfs|weighted due to otherwise unpredictable results.",
      });
    }
    const condition = prune && this.#lowerPrune(prune.condition);
    this.nodes.push({
      type: 'TraversalNode',
      id: this.#ids.node(),
      source: this.#graphSource(statement.subject, statement.direction),
      inVariable,
      ...this.#lowerDepth(statement.depth),
      vertexOutVariable: vertex,
      ...(edge && { edgeOutVariable: edge }),
      ...(path && { pathOutVariable: path }),
      ...(condition && { prune: { condition, ...(prune?.variable && { outVariable: prune.variable }) } }),
      options,
    });
  }

  /** Where a walk starts or ends. What is no string or object at first sight is 1501, and later a warning; so is nothing at all, which services rely on. */
  #walkEnd(given: BoundExpression): Variable {
    const expression = this.#lower(given);
    if (isNeverText(expression)) {
      throw new ArangoError('ERROR_QUERY_PARSE', {
        message: 'invalid start vertex. Must either be an _id string value or an object with _id.',
      });
    }
    return this.#calculate(expression);
  }

  /** Throws 1501 for a call of what looks at more than the walk. */
  #lowerPrune(given: BoundExpression): Expression {
    const condition = this.#lower(given);
    const refused = (each: Expression): boolean => each.type === 'user call' || (each.type === 'call' && !each.function.canPrune);
    if (someExpression(condition, refused)) {
      throw new ArangoError('ERROR_QUERY_PARSE', { message: 'Invalid PRUNE expression: it calls a function that is not allowed there' });
    }
    return condition;
  }

  #addPaths(statement: BoundStatement & { readonly type: 'paths' }): void {
    const { kind, variables } = statement;
    const startVariable = this.#walkEnd(statement.from);
    const targetVariable = this.#walkEnd(statement.to);
    const [first, second] = variables;
    if (first === undefined) throw new Error('a path search sets a variable');
    const common = {
      id: this.#ids.node(),
      source: this.#graphSource(statement.subject, statement.direction),
      startVariable,
      targetVariable,
      options: readGraphOptions(statement.options, kind, this.#refuse),
    };
    this.nodes.push(
      kind === 'SHORTEST_PATH'
        ? { type: 'ShortestPathNode', ...common, vertexOutVariable: first, ...(second && { edgeOutVariable: second }) }
        : { type: 'EnumeratePathsNode', ...common, kind, ...this.#lowerDepth(statement.depth), pathOutVariable: first },
    );
  }

  #graphSource(subject: BoundSubject, direction: Direction): GraphSource {
    const { catalog } = this.#context;
    if (subject.type === 'edge collections') {
      const edges = subject.collections.map((each) => ({ collection: edgeCollection(catalog, each.name), direction: each.direction }));
      return { edges: withoutRepeats(edges), vertices: [] };
    }
    const graph = this.#context.findGraph(subject.name);
    if (graph === undefined) throw queryError('ERROR_GRAPH_NOT_FOUND', subject.name);
    if (graph.edgeDefinitions.length === 0) throw new ArangoError('ERROR_GRAPH_EMPTY');
    const vertices = new Set([...graph.edgeDefinitions.flatMap(({ from, to }) => [...from, ...to]), ...graph.orphanCollections]);
    return {
      graphName: graph.name,
      edges: graph.edgeDefinitions.map((each) => ({ collection: edgeCollection(catalog, each.collection), direction })),
      vertices: [...vertices].map((name) => catalog.getCollection(name)),
    };
  }

  #lowerDepth(depth: BoundExpression | undefined): { readonly minDepth: Expression; readonly maxDepth: Expression } {
    const lowered = depth === undefined ? constant(1) : this.#lower(depth);
    return lowered.type === 'binary' && lowered.operator === '..'
      ? { minDepth: lowered.left, maxDepth: lowered.right }
      : { minDepth: lowered, maxDepth: lowered };
  }

  // Expressions

  readonly #refuse = (detail: string): void => this.#context.warn('ERROR_QUERY_INVALID_OPTIONS_ATTRIBUTE', detail);

  /** The variable that holds an expression's value. */
  #calculated(expression: BoundExpression): Variable {
    return this.#calculate(this.#lower(expression));
  }

  #calculate(expression: Expression): Variable {
    if (expression.type === 'variable') return expression.variable;
    const outVariable = this.#ids.variable();
    this.#calculateExpression(outVariable, expression);
    return outVariable;
  }

  #calculateAs(outVariable: Variable, expression: BoundExpression): void {
    if (expression.type === 'subquery') this.#addSubquery(expression.query, outVariable, undefined);
    else this.#calculateExpression(outVariable, this.#lower(expression));
  }

  #calculateExpression(outVariable: Variable, expression: Expression): void {
    this.nodes.push({ type: 'CalculationNode', id: this.#ids.node(), expression, outVariable });
  }

  #addSubquery(query: BoundBlock, outVariable: Variable, guard: Guard): void {
    const nodes = planBlock(query, this.#ids, this.#context, guard);
    this.nodes.push({ type: 'SubqueryNode', id: this.#ids.node(), nodes, outVariable });
  }

  #lower(expression: BoundExpression, guard?: Guard): Expression {
    switch (expression.type) {
      case 'literal': {
        const { value, parameter } = expression;
        if (parameter === undefined || this.#context.inlinesParameters) return constant(value);
        return { type: 'parameter', name: parameter, kind: typeName(value) };
      }
      case 'array':
        return { type: 'array', elements: expression.elements.map((element) => this.#lower(element, guard)) };
      case 'object':
        return {
          type: 'object',
          members: withoutRepeatedNames(expression.elements).map(({ name, value }) => ({
            name: typeof name === 'string' ? name : this.#lower(name, guard),
            value: this.#lower(value, guard),
          })),
        };
      case 'reference':
        return reference(expression.variable);
      case 'collection':
        throw queryError('ERROR_QUERY_COLLECTION_USED_IN_EXPRESSION', expression.name);
      case 'call':
        return this.#lowerCall(expression, guard);
      case 'user call':
        return { type: 'user call', name: expression.name, arguments: expression.arguments.map((each) => this.#lower(each, guard)) };
      case 'subquery': {
        const outVariable = this.#ids.variable();
        this.#addSubquery(expression.query, outVariable, guard);
        return reference(outVariable);
      }
      case 'unary':
        return { type: 'unary', operator: expression.operator, operand: this.#lower(expression.operand, guard) };
      case 'binary':
        return this.#lowerBinary(expression, guard);
      case 'quantified':
        return {
          type: 'quantified',
          quantifier: this.#lowerQuantifier(expression.quantifier, guard),
          operator: comparison(expression.operator),
          left: this.#lower(expression.left, guard),
          right: this.#lower(expression.right, guard),
        };
      case 'ternary':
        return this.#lowerTernary(expression, guard);
      case 'attribute':
        return { type: 'attribute', object: this.#lower(expression.object, guard), name: expression.name };
      case 'index':
        return { type: 'index', object: this.#lower(expression.object, guard), index: this.#lower(expression.index, guard) };
      case 'expansion': {
        const { levels, element, filter, limit, projection } = expression;
        return {
          type: 'expansion',
          object: this.#lower(expression.object, guard),
          levels,
          element,
          ...(filter && { filter: this.#lower(filter, guard) }),
          ...(limit && {
            limit: { offset: limit.offset ? this.#lower(limit.offset, guard) : constant(0), count: this.#lower(limit.count, guard) },
          }),
          ...(projection && { projection: this.#lower(projection, guard) }),
        };
      }
      case 'question': {
        const { element, filter } = expression;
        return {
          type: 'question',
          object: this.#lower(expression.object, guard),
          element,
          quantifier: this.#lowerQuestion(expression.quantifier, guard),
          ...(filter && { filter: this.#lower(filter, guard) }),
        };
      }
    }
  }

  #lowerQuantifier(quantifier: BoundQuantifier, guard: Guard): Quantifier {
    switch (quantifier.is) {
      case 'ALL':
        return { is: 'all' };
      case 'ANY':
        return { is: 'any' };
      case 'NONE':
        return { is: 'none' };
      case 'AT LEAST':
        return { is: 'at least', count: this.#lower(quantifier.count, guard) };
    }
  }

  #lowerQuestion(quantifier: BoundQuestionQuantifier | undefined, guard: Guard): QuestionQuantifier {
    if (quantifier === undefined) return { is: 'any' };
    if (quantifier.is !== 'EXACTLY') return this.#lowerQuantifier(quantifier, guard);
    const count = this.#lower(quantifier.count, guard);
    return count.type === 'binary' && count.operator === '..'
      ? { is: 'between', low: count.left, high: count.right }
      : { is: 'exactly', count };
  }

  #lowerCall({ name, arguments: given }: BoundExpression & { readonly type: 'call' }, guard: Guard): Expression {
    let definition = getFunction(name);
    if (given[0]?.type === 'collection' && definition.ofCollection !== undefined) definition = getFunction(definition.ofCollection);
    const inputs = given.map((argument, i): Expression => {
      const parameter = definition.params[Math.min(i, definition.params.length - 1)];
      if (argument.type !== 'collection' || parameter?.type !== 'collection') return this.#lower(argument, guard);
      return { type: 'collection', name: argument.name };
    });
    return { type: 'call', function: definition, arguments: inputs };
  }

  #lowerBinary(expression: BoundExpression & { readonly type: 'binary' }, guard: Guard): Expression {
    const { operator } = expression;
    switch (operator) {
      case 'LIKE':
        return this.#lowerMatch('LIKE', expression, guard);
      case 'NOT LIKE':
        return not(this.#lowerMatch('LIKE', expression, guard));
      case '=~':
        return this.#lowerMatch('REGEX_TEST', expression, guard);
      case '!~':
        return not(this.#lowerMatch('REGEX_TEST', expression, guard));
      case '&&':
      case '||': {
        const [left, right] = this.#lowerLazily(
          this.#lower(expression.left, guard),
          guard,
          (condition) => (operator === '&&' ? condition : not(condition)),
          (inner) => this.#lower(expression.right, inner),
        );
        return { type: 'binary', operator, left, right };
      }
      default:
        return { type: 'binary', operator, left: this.#lower(expression.left, guard), right: this.#lower(expression.right, guard) };
    }
  }

  #lowerMatch(name: string, { left, right }: BoundExpression & { readonly type: 'binary' }, guard: Guard): Expression {
    return { type: 'call', function: getFunction(name), arguments: [this.#lower(left, guard), this.#lower(right, guard)] };
  }

  #lowerTernary({ condition, then, otherwise }: BoundExpression & { readonly type: 'ternary' }, guard: Guard): Expression {
    const [first, last] = this.#lowerLazily(this.#lower(condition, guard), guard, not, (inner) => this.#lower(otherwise, inner));
    if (then === undefined) return { type: 'ternary', condition: first, otherwise: last };
    const [second, middle] = this.#lowerLazily(
      first,
      guard,
      (decided) => decided,
      (inner) => this.#lower(then, inner),
    );
    // oxlint-disable-next-line unicorn/no-thenable -- the tree's own word
    return { type: 'ternary', condition: second, then: middle, otherwise: last };
  }

  /**
   * Lowers an operand that is evaluated only if `when(condition)`. If that makes nodes, the condition becomes a node before them, so
   * that it is evaluated once.
   */
  #lowerLazily(
    condition: Expression,
    guard: Guard,
    when: (condition: Expression) => Expression,
    lower: (guard: Guard) => Expression,
  ): readonly [condition: Expression, operand: Expression] {
    const position = this.nodes.length;
    const decided = condition.type === 'variable' ? condition.variable : this.#ids.variable();
    const inner = when(reference(decided));
    const operand = lower(guard === undefined ? inner : and(guard, inner));
    if (this.nodes.length === position || condition.type === 'variable') return [condition, operand];
    this.nodes.splice(position, 0, {
      type: 'CalculationNode',
      id: this.#ids.node(),
      // oxlint-disable-next-line unicorn/no-thenable -- the tree's own word
      expression: guard === undefined ? condition : { type: 'ternary', condition: guard, then: condition, otherwise: constant(null) },
      outVariable: decided,
    });
    return [reference(decided), operand];
  }

  #lowerLimit({ offset, count }: BoundLimit): { readonly offset: Expression; readonly count: Expression } {
    return {
      offset: offset === undefined ? constant(0) : this.#lowerConstant(offset, 'LIMIT'),
      count: this.#lowerConstant(count, 'LIMIT'),
    };
  }

  #lowerConstant(expression: BoundExpression, what: string): Expression {
    const lowered = this.#lower(expression);
    if (variablesOf(lowered).size > 0) throw compileTimeOptions(what);
    return lowered;
  }
}

function getFunction(name: string): AqlFunction {
  const definition = findFunction(name);
  if (definition === undefined) throw queryError('ERROR_QUERY_FUNCTION_NAME_UNKNOWN', name);
  return definition;
}

const compileTimeOptions = (what: string): ArangoError =>
  new ArangoError('ERROR_QUERY_COMPILE_TIME_OPTIONS', { message: `${what} must be readable at query compile time` });

function edgeCollection(catalog: DatabaseCatalog, name: string): CollectionDefinition {
  const collection = catalog.getCollection(name);
  if (collection.edge === undefined) {
    throw new ArangoError('ERROR_ARANGO_COLLECTION_TYPE_INVALID', `expecting an edge collection, and '${name}' is none`);
  }
  return collection;
}

/** A collection may be listed twice, with one direction. */
function withoutRepeats(edges: readonly EdgeSource[]): readonly EdgeSource[] {
  const byName = new Map<string, EdgeSource>();
  for (const edge of edges) {
    const known = byName.get(edge.collection.name);
    if (known !== undefined && known.direction !== edge.direction) {
      throw new ArangoError('ERROR_ARANGO_COLLECTION_TYPE_INVALID', {
        message: `conflicting directions specified for collection '${edge.collection.name}'`,
      });
    }
    byName.set(edge.collection.name, edge);
  }
  return [...byName.values()];
}

/** Of members with the same name the first counts; names that are still to be calculated are compared when the object is made. */
function withoutRepeatedNames(members: readonly BoundProperty[]): readonly BoundProperty[] {
  const names = new Set<string>();
  return members.filter(({ name }) => typeof name !== 'string' || (!names.has(name) && names.add(name)));
}

/** A number or a boolean, as far as the expression tells by itself. */
function isNeverText(expression: Expression): boolean {
  if (expression.type === 'unary' || isBoolean(expression)) return true;
  if (expression.type === 'parameter') return ['bool', 'number'].includes(expression.kind);
  return expression.type === 'constant' && typeof expression.value === 'number';
}

function comparison(operator: string): CompareOperator {
  return operator as CompareOperator;
}

const not = (operand: Expression): Expression => ({ type: 'unary', operator: '!', operand });
const and = (left: Expression, right: Expression): Expression => ({ type: 'binary', operator: '&&', left, right });
