/**
 * Plans: what the planner makes of a query, what optimizer rules turn into other plans, and what is compiled.
 *
 * A plan is a list of nodes in the order in which rows pass them; a subquery's nodes are inside its `SubqueryNode`. Nodes are values
 * with ArangoDB's names: a rule returns another plan and the old one still stands. Each variable is set by exactly one node, above
 * all nodes that read it.
 */
import type { CollectionDefinition } from '#catalog';
import type { IndexAccess, InsertOptions, WriteOptions } from '#documents';
import type { Direction, PathKind } from './ast.ts';
import type { Variable } from './bound-query.ts';
import { mapOperands, substitute, variablesOf, type Expression } from './expression.ts';

/** Rows pass the nodes of a pipeline in their order. The first is a `SingletonNode`, which makes the first row. */
export type Pipeline = readonly ExecutionNode[];

export interface Plan {
  readonly nodes: Pipeline;
  /** Gives numbers and variables to nodes that rules add. */
  readonly ids: Ids;
  /** The names of the rules that changed something, in the order in which they did. */
  readonly rules: readonly string[];
}

/** The only thing of a plan that changes: numbers once given are never given again, also not in another plan of the same query. */
export class Ids {
  #nodes = 0;
  #variables: number;
  readonly #made = new Set<Variable>();

  constructor(nextVariableId: number) {
    this.#variables = nextVariableId;
  }

  node(): number {
    return ++this.#nodes;
  }

  variable(name?: string): Variable {
    const id = this.#variables++;
    const made = { id, name: name ?? String(id) };
    this.#made.add(made);
    return made;
  }

  /** One that the text of the query names. */
  note(variable: Variable): void {
    this.#made.add(variable);
  }

  /** One that turned out not to be needed before the plan was complete. */
  forget(variable: Variable): void {
    this.#made.delete(variable);
  }

  /** The query has no name for it. */
  isTemporary({ id, name }: Variable): boolean {
    return name === String(id);
  }

  /** All that there ever were, also those that rules have done away with. */
  get variables(): Iterable<Variable> {
    return this.#made;
  }
}

/** The OPTIONS of FOR. */
export interface ForOptions {
  readonly indexHint?: readonly string[];
  readonly forceIndexHint?: boolean;
  readonly disableIndex?: boolean;
  readonly maxProjections?: number;
  readonly useCache?: boolean;
  readonly lookahead?: number;
}

/** The OPTIONS of data modification; those of writing itself are in `write`. */
export interface ModificationOptions {
  readonly ignoreErrors?: boolean;
  readonly waitForSync?: boolean;
  /** False: the `_rev` of a given document must be the stored one. */
  readonly ignoreRevs?: boolean;
  readonly exclusive?: boolean;
  readonly write: InsertOptions & WriteOptions;
}

/** An attribute that is taken from each document, and the variable that it is given to, if any. */
export interface Projection {
  readonly path: readonly string[];
  readonly variable?: Variable;
}

/** What an enumeration of documents does beside giving documents. */
export interface Enumeration {
  readonly collection: CollectionDefinition;
  readonly outVariable: Variable;
  readonly options: ForOptions;
  /** Rows for which it is false are left out as they are read. It reads what the node itself sets and what was set before. */
  readonly filter?: Expression;
  /** The attributes that are read, if the document as a whole is not. Undefined: not known to be so. */
  readonly projections?: readonly Projection[];
  /** False: nobody reads the document, only the number of rows matters. */
  readonly producesResult: boolean;
}

/** A field that is compared with one value, or with each of a list. */
export interface FieldEquality {
  readonly is: 'value' | 'list';
  readonly expression: Expression;
}

export interface FieldBound {
  readonly expression: Expression;
  readonly isInclusive: boolean;
}

/** One way into an index: conditions on its leading fields, and perhaps bounds on the field after them. */
export interface IndexLookup {
  readonly access: IndexAccess;
  readonly equal: readonly FieldEquality[];
  readonly low?: FieldBound;
  readonly high?: FieldBound;
  /** The parts of the condition that this stands for. */
  readonly condition: readonly Expression[];
}

export interface SortElement {
  readonly variable: Variable;
  readonly isAscending: boolean;
}

/** An attribute by whose value rows come in order. */
export interface AttributeOrder {
  readonly path: readonly string[];
  readonly isAscending: boolean;
}

export interface Aggregate {
  readonly outVariable: Variable;
  /** Undefined for a count of rows. */
  readonly inVariable?: Variable;
  /** The name of the aggregate function, no alias. */
  readonly function: string;
}

export interface CollectInto {
  readonly outVariable: Variable;
  /** Of `INTO g = expression`. */
  readonly expressionVariable?: Variable;
  /** What each element of the group holds otherwise. */
  readonly keep: readonly Variable[];
}

export type CollectMethod = 'hash' | 'sorted' | 'distinct' | 'count';

/** How far a window reaches; undefined: as far as the rows go. */
export interface WindowBounds {
  readonly preceding: Expression;
  readonly following: Expression;
}

export interface EdgeSource {
  readonly collection: CollectionDefinition;
  readonly direction: Direction;
}

/** Where a traversal or a path search walks. */
export interface GraphSource {
  /** Of a named graph. */
  readonly graphName?: string;
  readonly edges: readonly EdgeSource[];
  /** All in which vertices may be; empty for an anonymous graph: any. */
  readonly vertices: readonly CollectionDefinition[];
}

export interface GraphOptions {
  readonly order: 'dfs' | 'bfs' | 'weighted';
  readonly uniqueVertices: 'none' | 'path' | 'global';
  readonly uniqueEdges: 'none' | 'path';
  readonly edgeCollections?: readonly string[];
  readonly vertexCollections?: readonly string[];
  readonly weightAttribute?: string;
  readonly defaultWeight: number;
}

/** A condition on a step of a path, in terms of the traversal's own vertex or edge. */
export interface StepCondition {
  readonly on: 'vertex' | 'edge';
  /** Of the vertex, or of the vertex that the edge leads to; undefined: at all depths. */
  readonly depth?: number;
  readonly condition: Expression;
  /** As it stands in the query, about the path. */
  readonly source: Expression;
}

interface Node {
  readonly id: number;
  /** ArangoDB would make its rows ahead of time. */
  readonly readsAhead?: true;
}

export type SingletonNode = Node & { readonly type: 'SingletonNode' };
export type EnumerateCollectionNode = Node & Enumeration & { readonly type: 'EnumerateCollectionNode'; readonly isRandom: boolean };
export type IndexNode = Node &
  Enumeration & {
    readonly type: 'IndexNode';
    /** Rows that answer any of them, each once. */
    readonly lookups: readonly IndexLookup[];
    readonly isAscending: boolean;
    /** The order of the rows is asked for. */
    readonly isSorted: boolean;
    /** What a SORT asked for that the order of the index answers. */
    readonly order?: readonly AttributeOrder[];
    /** No more rows than so many are asked of the nearest that a search finds. It ends when they are asked for no more. */
    readonly limit?: Expression;
    /** All that is read of the document is in the index. */
    readonly isCovering: boolean;
    /** Gets the number of the document's row, by which a `MaterializeNode` reads it later. */
    readonly rowVariable?: Variable;
    /** It is one with the loop before it: `JoinNode` in EXPLAIN. */
    readonly joinsPrevious?: true;
  };
/** Reads the documents of rows that an index has found before. */
export type MaterializeNode = Node & {
  readonly type: 'MaterializeNode';
  readonly collection: CollectionDefinition;
  /** The number of the row. */
  readonly inVariable: Variable;
  /** The variable under which the index gives out what it has itself. */
  readonly indexVariable: Variable;
  readonly outVariable: Variable;
};
export type EnumerateListNode = Node & {
  readonly type: 'EnumerateListNode';
  readonly inVariable: Variable;
  readonly outVariable: Variable;
  readonly filter?: Expression;
};
export type CalculationNode = Node & {
  readonly type: 'CalculationNode';
  readonly expression: Expression;
  readonly outVariable: Variable;
};
export type FilterNode = Node & { readonly type: 'FilterNode'; readonly inVariable: Variable };
export type SubqueryNode = Node & {
  readonly type: 'SubqueryNode';
  readonly nodes: Pipeline;
  readonly outVariable: Variable;
  /** Finds what an UPSERT changes: for each row anew, after the rows before it were written. */
  readonly isUpsertLookup?: true;
};
export type SortNode = Node & {
  readonly type: 'SortNode';
  readonly elements: readonly SortElement[];
  /** Only so many first rows are read, if known. */
  readonly limit?: Expression;
};
export type LimitNode = Node & {
  readonly type: 'LimitNode';
  readonly offset: Expression;
  readonly count: Expression;
  /** Rows beyond the limit are counted. */
  readonly fullCount: boolean;
};
export type CollectNode = Node & {
  readonly type: 'CollectNode';
  readonly method: CollectMethod;
  /** The method was given by OPTIONS. */
  readonly isFixed: boolean;
  readonly groups: readonly { readonly outVariable: Variable; readonly inVariable: Variable }[];
  readonly aggregates: readonly Aggregate[];
  readonly into?: CollectInto;
};
export type WindowNode = Node & {
  readonly type: 'WindowNode';
  readonly bounds: WindowBounds;
  /** The value that is compared with the bounds; without it rows are counted. */
  readonly rangeVariable?: Variable;
  readonly aggregates: readonly Aggregate[];
};
export type ReturnNode = Node & { readonly type: 'ReturnNode'; readonly inVariable: Variable };

type Modification = Node & {
  readonly collection: CollectionDefinition;
  readonly options: ModificationOptions;
  readonly outVariableOld?: Variable;
  readonly outVariableNew?: Variable;
};
export type InsertNode = Modification & { readonly type: 'InsertNode'; readonly inVariable: Variable };
export type UpdateNode = Modification & {
  readonly type: 'UpdateNode' | 'ReplaceNode';
  /** Absent in `UPDATE document IN …`, which has the key in the document. */
  readonly inKeyVariable?: Variable;
  readonly inDocVariable: Variable;
};
export type RemoveNode = Modification & { readonly type: 'RemoveNode'; readonly inVariable: Variable };
export type UpsertNode = Modification & {
  readonly type: 'UpsertNode';
  /** The document that was found, or null. */
  readonly inDocVariable: Variable;
  readonly insertVariable: Variable;
  readonly updateVariable: Variable;
  readonly isReplace: boolean;
};
export type ModificationNode = InsertNode | UpdateNode | RemoveNode | UpsertNode;

export type TraversalNode = Node & {
  readonly type: 'TraversalNode';
  readonly source: GraphSource;
  readonly inVariable: Variable;
  readonly minDepth: Expression;
  readonly maxDepth: Expression;
  readonly vertexOutVariable: Variable;
  readonly edgeOutVariable?: Variable;
  readonly pathOutVariable?: Variable;
  /** Every step of a path must meet them, or those at a depth; neither a step that does not nor what is behind it is given out. */
  readonly stepConditions?: readonly StepCondition[];
  /** What is not so is not given out, and walked through all the same. It reads the vertex and the edge. */
  readonly filter?: Expression;
  /** The condition reads what the node itself sets. */
  readonly prune?: { readonly condition: Expression; readonly outVariable?: Variable };
  readonly options: GraphOptions;
};
export type ShortestPathNode = Node & {
  readonly type: 'ShortestPathNode';
  readonly source: GraphSource;
  readonly startVariable: Variable;
  readonly targetVariable: Variable;
  readonly vertexOutVariable: Variable;
  readonly edgeOutVariable?: Variable;
  readonly options: GraphOptions;
};
export type EnumeratePathsNode = Node & {
  readonly type: 'EnumeratePathsNode';
  readonly kind: Exclude<PathKind, 'SHORTEST_PATH'>;
  readonly source: GraphSource;
  readonly startVariable: Variable;
  readonly targetVariable: Variable;
  readonly minDepth: Expression;
  readonly maxDepth: Expression;
  readonly pathOutVariable: Variable;
  readonly options: GraphOptions;
};
export type NoResultsNode = Node & { readonly type: 'NoResultsNode' };

export type ExecutionNode =
  | SingletonNode
  | EnumerateCollectionNode
  | IndexNode
  | MaterializeNode
  | EnumerateListNode
  | CalculationNode
  | FilterNode
  | SubqueryNode
  | SortNode
  | LimitNode
  | CollectNode
  | WindowNode
  | ReturnNode
  | ModificationNode
  | TraversalNode
  | ShortestPathNode
  | EnumeratePathsNode
  | NoResultsNode;

export function isModification(node: ExecutionNode): node is ModificationNode {
  switch (node.type) {
    case 'InsertNode':
    case 'UpdateNode':
    case 'ReplaceNode':
    case 'RemoveNode':
    case 'UpsertNode':
      return true;
    default:
      return false;
  }
}

/** Whether any node of a pipeline is such, those of subqueries included. */
export function someNode(nodes: Pipeline, is: (node: ExecutionNode) => boolean): boolean {
  return nodes.some((node) => is(node) || (node.type === 'SubqueryNode' && someNode(node.nodes, is)));
}

/** All nodes in the order in which EXPLAIN lists them: those of a subquery before the node that holds them. */
export function* allNodes(nodes: Pipeline): Generator<ExecutionNode> {
  for (const node of nodes) {
    if (node.type === 'SubqueryNode') yield* allNodes(node.nodes);
    yield node;
  }
}

/** The variables that a node gives its value. */
export function variablesSetBy(node: ExecutionNode): readonly Variable[] {
  switch (node.type) {
    case 'EnumerateCollectionNode':
    case 'IndexNode':
      return [
        node.outVariable,
        ...given(...(node.projections ?? []).map(({ variable }) => variable), node.type === 'IndexNode' ? node.rowVariable : undefined),
      ];
    case 'MaterializeNode':
    case 'EnumerateListNode':
    case 'CalculationNode':
    case 'SubqueryNode':
      return [node.outVariable];
    case 'CollectNode':
      return [
        ...node.groups.map(({ outVariable }) => outVariable),
        ...node.aggregates.map(({ outVariable }) => outVariable),
        ...(node.into === undefined ? [] : [node.into.outVariable]),
      ];
    case 'WindowNode':
      return node.aggregates.map(({ outVariable }) => outVariable);
    case 'InsertNode':
    case 'UpdateNode':
    case 'ReplaceNode':
    case 'RemoveNode':
    case 'UpsertNode':
      return given(node.outVariableOld, node.outVariableNew);
    case 'TraversalNode':
      return given(node.vertexOutVariable, node.edgeOutVariable, node.pathOutVariable, node.prune?.outVariable);
    case 'ShortestPathNode':
      return given(node.vertexOutVariable, node.edgeOutVariable);
    case 'EnumeratePathsNode':
      return [node.pathOutVariable];
    case 'SingletonNode':
    case 'FilterNode':
    case 'SortNode':
    case 'LimitNode':
    case 'ReturnNode':
    case 'NoResultsNode':
      return [];
  }
}

const given = (...variables: readonly (Variable | undefined)[]): readonly Variable[] =>
  variables.filter((variable) => variable !== undefined);

/** The expressions that stand in a node itself. */
export function expressionsOf(node: ExecutionNode): readonly Expression[] {
  const expressions: Expression[] = [];
  mapExpressions(node, (expression) => {
    expressions.push(expression);
    return expression;
  });
  return expressions;
}

/** The same node with other expressions; a subquery's nodes stay as they are. */
export function mapExpressions(node: ExecutionNode, map: (expression: Expression) => Expression): ExecutionNode {
  switch (node.type) {
    case 'CalculationNode':
      return { ...node, expression: map(node.expression) };
    case 'EnumerateCollectionNode':
    case 'EnumerateListNode':
      return node.filter === undefined ? node : { ...node, filter: map(node.filter) };
    case 'IndexNode':
      return {
        ...node,
        lookups: node.lookups.map((lookup) => mapLookup(lookup, map)),
        ...(node.limit && { limit: map(node.limit) }),
        ...(node.filter && { filter: map(node.filter) }),
      };
    case 'SortNode':
      return node.limit === undefined ? node : { ...node, limit: map(node.limit) };
    case 'LimitNode':
      return { ...node, offset: map(node.offset), count: map(node.count) };
    case 'WindowNode':
      return { ...node, bounds: { preceding: map(node.bounds.preceding), following: map(node.bounds.following) } };
    case 'TraversalNode':
      return {
        ...node,
        minDepth: map(node.minDepth),
        maxDepth: map(node.maxDepth),
        ...(node.prune && { prune: { ...node.prune, condition: map(node.prune.condition) } }),
        ...(node.stepConditions && { stepConditions: node.stepConditions.map((each) => ({ ...each, condition: map(each.condition) })) }),
        ...(node.filter && { filter: map(node.filter) }),
      };
    case 'EnumeratePathsNode':
      return { ...node, minDepth: map(node.minDepth), maxDepth: map(node.maxDepth) };
    case 'SingletonNode':
    case 'MaterializeNode':
    case 'FilterNode':
    case 'SubqueryNode':
    case 'CollectNode':
    case 'ReturnNode':
    case 'InsertNode':
    case 'UpdateNode':
    case 'ReplaceNode':
    case 'RemoveNode':
    case 'UpsertNode':
    case 'ShortestPathNode':
    case 'NoResultsNode':
      return node;
  }
}

function mapLookup(lookup: IndexLookup, map: (expression: Expression) => Expression): IndexLookup {
  const { access, equal, low, high, condition } = lookup;
  return {
    access,
    equal: equal.map(({ is, expression }) => ({ is, expression: map(expression) })),
    ...(low && { low: { ...low, expression: map(low.expression) } }),
    ...(high && { high: { ...high, expression: map(high.expression) } }),
    condition: condition.map(map),
  };
}

/** The variables that a node refers to by themselves, not in an expression. */
function inVariablesOf(node: ExecutionNode): readonly Variable[] {
  switch (node.type) {
    case 'EnumerateListNode':
    case 'MaterializeNode':
    case 'FilterNode':
    case 'ReturnNode':
    case 'InsertNode':
    case 'RemoveNode':
    case 'TraversalNode':
      return [node.inVariable];
    case 'SortNode':
      return node.elements.map(({ variable }) => variable);
    case 'CollectNode':
      return [
        ...node.groups.map(({ inVariable }) => inVariable),
        ...given(...node.aggregates.map(({ inVariable }) => inVariable)),
        ...(node.into === undefined ? [] : given(node.into.expressionVariable, ...node.into.keep)),
      ];
    case 'WindowNode':
      return given(node.rangeVariable, ...node.aggregates.map(({ inVariable }) => inVariable));
    case 'UpdateNode':
    case 'ReplaceNode':
      return given(node.inKeyVariable, node.inDocVariable);
    case 'UpsertNode':
      return [node.inDocVariable, node.insertVariable, node.updateVariable];
    case 'ShortestPathNode':
    case 'EnumeratePathsNode':
      return [node.startVariable, node.targetVariable];
    case 'SingletonNode':
    case 'EnumerateCollectionNode':
    case 'IndexNode':
    case 'CalculationNode':
    case 'SubqueryNode':
    case 'LimitNode':
    case 'NoResultsNode':
      return [];
  }
}

/** The variables that a node reads and others set; of a subquery those that come from outside. */
export function variablesReadBy(node: ExecutionNode): ReadonlySet<Variable> {
  if (node.type === 'SubqueryNode') return variablesReadByAll(node.nodes);
  const read = new Set(inVariablesOf(node));
  for (const expression of expressionsOf(node)) variablesOf(expression, read);
  // The filter of an enumeration and the condition of PRUNE read what the node itself sets.
  for (const variable of variablesSetBy(node)) read.delete(variable);
  return read;
}

/** What the conditions of a traversal read, its own variables among it. */
export function variablesOfTraversalConditions({ prune, filter, stepConditions = [] }: TraversalNode): ReadonlySet<Variable> {
  const read = new Set<Variable>();
  for (const condition of [prune?.condition, filter, ...stepConditions.map((step) => step.condition)]) {
    if (condition !== undefined) variablesOf(condition, read);
  }
  return read;
}

/** The variables that a pipeline reads and does not set. */
export function variablesReadByAll(nodes: Pipeline): ReadonlySet<Variable> {
  const read = new Set<Variable>();
  const set = new Set<Variable>();
  for (const node of nodes) {
    for (const variable of variablesReadBy(node)) if (!set.has(variable)) read.add(variable);
    for (const variable of variablesSetBy(node)) set.add(variable);
  }
  return read;
}

/** How many nodes of a pipeline read each variable, a node with a subquery being one. */
export function countReaders(nodes: Pipeline): ReadonlyMap<Variable, number> {
  const counts = new Map<Variable, number>();
  for (const node of nodes) {
    for (const variable of variablesReadBy(node)) counts.set(variable, (counts.get(variable) ?? 0) + 1);
  }
  return counts;
}

/** The same pipeline with a variable's readers reading another, in subqueries too. */
export function replaceVariable(nodes: Pipeline, from: Variable, to: Variable): Pipeline {
  const other = (variable: Variable): Variable => (variable === from ? to : variable);
  const replacement = new Map<Variable, Expression>([[from, { type: 'variable', variable: to }]]);
  return nodes.map((node) => {
    if (!variablesReadBy(node).has(from)) return node;
    if (node.type === 'SubqueryNode') return { ...node, nodes: replaceVariable(node.nodes, from, to) };
    return mapInVariables(
      mapExpressions(node, (expression) => substitute(expression, replacement)),
      other,
    );
  });
}

function mapInVariables(node: ExecutionNode, map: (variable: Variable) => Variable): ExecutionNode {
  switch (node.type) {
    case 'EnumerateListNode':
    case 'MaterializeNode':
    case 'FilterNode':
    case 'ReturnNode':
    case 'InsertNode':
    case 'RemoveNode':
    case 'TraversalNode':
      return { ...node, inVariable: map(node.inVariable) };
    case 'SortNode':
      return { ...node, elements: node.elements.map((element) => ({ ...element, variable: map(element.variable) })) };
    case 'CollectNode':
      return {
        ...node,
        groups: node.groups.map((group) => ({ ...group, inVariable: map(group.inVariable) })),
        aggregates: node.aggregates.map((aggregate) => mapAggregate(aggregate, map)),
        ...(node.into && {
          into: {
            ...node.into,
            ...(node.into.expressionVariable && { expressionVariable: map(node.into.expressionVariable) }),
            // The elements of a group are named after these variables, so they stay.
            keep: node.into.keep,
          },
        }),
      };
    case 'WindowNode':
      return {
        ...node,
        ...(node.rangeVariable && { rangeVariable: map(node.rangeVariable) }),
        aggregates: node.aggregates.map((aggregate) => mapAggregate(aggregate, map)),
      };
    case 'UpdateNode':
    case 'ReplaceNode':
      return { ...node, ...(node.inKeyVariable && { inKeyVariable: map(node.inKeyVariable) }), inDocVariable: map(node.inDocVariable) };
    case 'UpsertNode':
      return {
        ...node,
        inDocVariable: map(node.inDocVariable),
        insertVariable: map(node.insertVariable),
        updateVariable: map(node.updateVariable),
      };
    case 'ShortestPathNode':
    case 'EnumeratePathsNode':
      return { ...node, startVariable: map(node.startVariable), targetVariable: map(node.targetVariable) };
    case 'SingletonNode':
    case 'EnumerateCollectionNode':
    case 'IndexNode':
    case 'CalculationNode':
    case 'SubqueryNode':
    case 'LimitNode':
    case 'NoResultsNode':
      return node;
  }
}

const mapAggregate = (aggregate: Aggregate, map: (variable: Variable) => Variable): Aggregate =>
  aggregate.inVariable === undefined ? aggregate : { ...aggregate, inVariable: map(aggregate.inVariable) };

/** Rewrites a pipeline and those of all its subqueries, inner ones first. Gives the same object when nothing changed. */
export function mapPipelines(nodes: Pipeline, rewrite: (nodes: Pipeline) => Pipeline): Pipeline {
  let isChanged = false;
  const inner = nodes.map((node) => {
    if (node.type !== 'SubqueryNode') return node;
    const rewritten = mapPipelines(node.nodes, rewrite);
    if (rewritten === node.nodes) return node;
    isChanged = true;
    return { ...node, nodes: rewritten };
  });
  return rewrite(isChanged ? inner : nodes);
}

/** Rewrites all calculated expressions bottom-up. Gives the same object when nothing changed. */
export function rewriteExpression(expression: Expression, rewrite: (expression: Expression) => Expression): Expression {
  let isChanged = false;
  const inner = mapOperands(expression, (operand) => {
    const rewritten = rewriteExpression(operand, rewrite);
    if (rewritten !== operand) isChanged = true;
    return rewritten;
  });
  return rewrite(isChanged ? inner : expression);
}
