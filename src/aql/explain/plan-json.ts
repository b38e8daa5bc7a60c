/**
 * Plans as `POST /_api/explain` shows them. Subqueries are spliced into the list of nodes between a start and an end, as ArangoDB runs
 * them; their first node and their RETURN do not show.
 */
import type { CollectionDefinition, IndexDefinition } from '#catalog';
import { isArray, isObject, type Value, type ValueObject } from '#values';
import type { Variable } from '../bound-query.ts';
import type { Estimate, Estimates } from '../cost.ts';
import type { Expression } from '../expression.ts';
import {
  allNodes,
  isModification,
  variablesReadBy,
  variablesSetBy,
  type Aggregate,
  type CollectNode,
  type ExecutionNode,
  type GraphSource,
  type ModificationNode,
  type Pipeline,
  type Plan,
  type SubqueryNode,
  type TraversalNode,
} from '../plan.ts';
import { conditionJson, expressionJson, expressionTypeOf } from './expression-json.ts';

export interface ExplainContext {
  readonly estimates: Estimates;
  /** An index as `GET /_api/index` shows it. */
  describeIndex(collection: CollectionDefinition, index: IndexDefinition): ValueObject;
  readonly collections: readonly { readonly name: string; readonly type: string }[];
  /** Says of functions what the optimizer knows of them. */
  readonly isVerbose: boolean;
}

export function planJson(plan: Plan, context: ExplainContext): ValueObject {
  const writer = new NodeWriter(plan, context);
  const { cost, items } = context.estimates.total;
  const hasSubqueries = plan.nodes.some(({ type }) => type === 'SubqueryNode');
  const nodes = writer.nodes();
  return {
    nodes: context.isVerbose ? nodes : nodes.map(withoutTraits),
    rules: hasSubqueries ? [...plan.rules, 'splice-subqueries'] : plan.rules,
    asyncPrefetchNodes: nodes.filter((node) => node['isAsyncPrefetchEnabled'] === true).length,
    collections: context.collections.map(({ name, type }) => ({ name, type })),
    variables: writer.variables(),
    estimatedCost: cost,
    estimatedNrItems: Math.round(items),
    isModificationQuery: [...allNodes(plan.nodes)].some(isModification),
  };
}

/** What nodes of function calls say only when asked. */
const TRAITS: ReadonlySet<string> = new Set(['deterministic', 'cacheable', 'usesV8']);

function withoutTraits<Given extends Value>(value: Given): Given {
  if (isArray(value)) return value.map(withoutTraits) as unknown as Given;
  if (!isObject(value)) return value;
  const isCall = value['type'] === 'function call' || value['type'] === 'user function call';
  const kept = Object.entries(value).filter(([name]) => !isCall || !TRAITS.has(name));
  return Object.fromEntries(kept.map(([name, each]) => [name, name === 'raw' ? each : withoutTraits(each)])) as Given;
}

class NodeWriter {
  readonly #plan: Plan;
  readonly #context: ExplainContext;
  readonly #documents = new Set<Variable>();
  readonly #written: ValueObject[] = [];
  /** Vertices that a query names stand in the node that starts there. */
  readonly #vertices: ReadonlyMap<Variable, Value>;

  constructor(plan: Plan, context: ExplainContext) {
    this.#plan = plan;
    this.#context = context;
    this.#vertices = namedVertices(plan.nodes);
    for (const node of allNodes(plan.nodes)) {
      const isScan = node.type === 'EnumerateCollectionNode' || node.type === 'IndexNode';
      if (node.type === 'MaterializeNode' || (isScan && (node.projections ?? []).length === 0)) {
        this.#documents.add(node.outVariable);
      }
    }
  }

  nodes(): readonly ValueObject[] {
    this.#pipeline(this.#plan.nodes, undefined);
    return this.#written;
  }

  /** All variables, also those that are set no more, the latest first. */
  variables(): readonly ValueObject[] {
    const constants = new Map<Variable, Expression>();
    const variables = new Set<Variable>(this.#plan.ids.variables);
    for (const node of allNodes(this.#plan.nodes)) {
      for (const variable of variablesSetBy(node)) variables.add(variable);
      if (node.type === 'CalculationNode' && node.expression.type === 'constant') constants.set(node.outVariable, node.expression);
    }
    return [...variables]
      .toSorted((left, right) => right.id - left.id)
      .map((variable) => {
        const fixed = constants.get(variable);
        return { ...this.#variable(variable), ...(fixed?.type === 'constant' && { constantValue: fixed.value }) };
      });
  }

  #pipeline(nodes: Pipeline, before: number | undefined): number | undefined {
    let previous = before;
    for (const [i, node] of nodes.entries()) {
      const next = nodes[i + 1];
      if (node.type === 'IndexNode' && next?.type === 'IndexNode' && next.joinsPrevious === true) continue;
      if (node.type === 'IndexNode' && node.joinsPrevious === true) {
        const first = nodes.slice(0, i + 1).findLastIndex((each) => each.type !== 'IndexNode' || each.joinsPrevious !== true);
        const indexInfos = nodes.slice(first, i + 1).map((each) => (each.type === 'IndexNode' ? this.#own(each) : {}));
        this.#add({ ...node, type: 'JoinNode' }, node.id, previous, { strategy: 'default', indexInfos }, this.#estimate(node));
        previous = node.id;
        continue;
      }
      if (node.type === 'CalculationNode' && this.#vertices.has(node.outVariable)) continue;
      if (node.type === 'SubqueryNode') previous = this.#subquery(node, previous);
      else {
        this.#add(node, node.id, previous, this.#own(node));
        previous = node.id;
      }
    }
    return previous;
  }

  #subquery(node: SubqueryNode, before: number | undefined): number {
    const [singleton, ...rest] = node.nodes;
    const last = rest.at(-1);
    const startId = singleton?.id ?? node.id;
    const inner = last?.type === 'ReturnNode' ? rest.slice(0, -1) : rest;
    const outVariable = this.#variable(node.outVariable);
    this.#add({ ...node, type: 'SubqueryStartNode' }, startId, before, { subqueryOutVariable: outVariable });
    const previous = this.#pipeline(inner, startId);
    const inVariable = last?.type === 'ReturnNode' ? { inVariable: this.#variable(last.inVariable) } : {};
    this.#add({ ...node, type: 'SubqueryEndNode' }, node.id, previous, { ...inVariable, outVariable }, this.#estimate(node));
    return node.id;
  }

  #estimate(node: ExecutionNode): Estimate {
    return this.#context.estimates.byNode.get(node) ?? { cost: 0, items: 0 };
  }

  #add(
    node: ExecutionNode | { readonly type: string; readonly readsAhead?: true },
    id: number,
    previous: number | undefined,
    own: ValueObject,
    estimate: Estimate = this.#estimate(node as ExecutionNode),
  ): void {
    this.#written.push({
      type: node.type,
      dependencies: previous === undefined ? [] : [previous],
      id,
      estimatedCost: estimate.cost,
      estimatedNrItems: Math.round(estimate.items),
      ...(node.readsAhead && { isAsyncPrefetchEnabled: true }),
      ...own,
    });
  }

  #variable(variable: Variable): ValueObject {
    return { id: variable.id, name: variable.name, isFullDocumentFromCollection: this.#documents.has(variable) };
  }

  #own(node: Exclude<ExecutionNode, SubqueryNode>): ValueObject {
    switch (node.type) {
      case 'SingletonNode':
        return { bindParameterVariables: {} };
      case 'NoResultsNode':
        return {};
      case 'CalculationNode':
        return {
          expression: expressionJson(node.expression),
          outVariable: this.#variable(node.outVariable),
          // ArangoDB says so of everything.
          canThrow: false,
          expressionType: expressionTypeOf(node.expression),
        };
      case 'MaterializeNode':
        return {
          collection: node.collection.name,
          inNonMaterializedDocId: this.#variable(node.inVariable),
          oldDocVariable: this.#variable(node.indexVariable),
          outVariable: this.#variable(node.outVariable),
          projections: [],
        };
      case 'FilterNode':
        return { inVariable: this.#variable(node.inVariable) };
      case 'ReturnNode':
        return { inVariable: this.#variable(node.inVariable), count: true };
      case 'EnumerateListNode':
        return { inVariable: this.#variable(node.inVariable), outVariable: this.#variable(node.outVariable), ...filterJson(node.filter) };
      case 'EnumerateCollectionNode':
        return {
          random: node.isRandom,
          indexHint: hintJson(node.options),
          ...this.#documentJson(node),
        };
      case 'IndexNode': {
        const [first] = node.lookups;
        return {
          ...this.#documentJson(node),
          strategy: node.producesResult ? (node.isCovering ? 'covering' : 'document') : 'no result',
          needsGatherNodeSort: node.order !== undefined,
          ...(node.order && {
            sortElements: node.order.map(({ path, isAscending: ascending }) => ({
              inVariable: this.#variable(node.outVariable),
              ascending,
              path,
            })),
          }),
          indexCoversProjections: node.isCovering,
          indexCoversOutProjections: node.isCovering,
          indexCoversFilterProjections: false,
          indexes: node.lookups.map(({ access: { index } }) => ({
            ...this.#context.describeIndex(node.collection, index),
            id: String(index.id),
          })),
          condition:
            first === undefined || (node.lookups.length === 1 && first.condition.length === 0)
              ? {}
              : conditionJson(node.lookups.map(({ condition }) => condition)),
          allCoveredByOneIndex: false,
          sorted: first?.access.isSorted === true || node.isSorted,
          ascending: node.isAscending,
          evalFCalls: true,
          waitForSync: false,
          limit: node.limit === undefined ? 0 : constantOf(node.limit),
          isLateMaterialized: node.rowVariable !== undefined,
          ...(node.rowVariable && { outNmDocId: this.#variable(node.rowVariable) }),
          lookahead: node.options.lookahead ?? 1,
        };
      }
      case 'SortNode':
        return {
          elements: node.elements.map(({ variable, isAscending }) => ({ inVariable: this.#variable(variable), ascending: isAscending })),
          numberOfTopGroupedElements: 0,
          stable: false,
          limit: node.limit === undefined ? 0 : constantOf(node.limit),
          strategy: node.limit === undefined ? 'standard' : 'constrained-heap',
        };
      case 'LimitNode':
        return { offset: constantOf(node.offset), limit: constantOf(node.count), fullCount: node.fullCount };
      case 'CollectNode':
        return {
          groups: node.groups.map(({ outVariable, inVariable }) => ({
            outVariable: this.#variable(outVariable),
            inVariable: this.#variable(inVariable),
          })),
          aggregates: node.aggregates.map((aggregate) => this.#aggregate(aggregate)),
          ...(node.into?.expressionVariable && { expressionVariable: this.#variable(node.into.expressionVariable) }),
          ...(node.into && {
            outVariable: this.#variable(node.into.outVariable),
            keepVariables: node.into.keep.map((variable) => ({ variable: this.#variable(variable), name: variable.name })),
          }),
          isDistinctCommand: node.method === 'distinct',
          specialized: true,
          collectOptions: { method: methodOf(node) },
        };
      case 'WindowNode':
        return {
          ...(node.rangeVariable && { rangeVariable: this.#variable(node.rangeVariable) }),
          preceding: constantOf(node.bounds.preceding),
          following: constantOf(node.bounds.following),
          aggregates: node.aggregates.map((aggregate) => this.#aggregate(aggregate)),
        };
      case 'InsertNode':
      case 'RemoveNode':
        return { ...this.#modification(node), inVariable: this.#variable(node.inVariable) };
      case 'UpdateNode':
      case 'ReplaceNode':
        return {
          ...this.#modification(node),
          inDocVariable: this.#variable(node.inDocVariable),
          ...(node.inKeyVariable && { inKeyVariable: this.#variable(node.inKeyVariable) }),
        };
      case 'UpsertNode':
        return {
          ...this.#modification(node),
          inDocVariable: this.#variable(node.inDocVariable),
          insertVariable: this.#variable(node.insertVariable),
          updateVariable: this.#variable(node.updateVariable),
          isReplace: node.isReplace,
        };
      case 'TraversalNode':
        return {
          ...graphJson(node.source),
          ...this.#vertexOr('vertexId', 'inVariable', node.inVariable),
          vertexOutVariable: this.#variable(node.vertexOutVariable),
          ...(node.edgeOutVariable && { edgeOutVariable: this.#variable(node.edgeOutVariable) }),
          ...(node.pathOutVariable && { pathOutVariable: this.#variable(node.pathOutVariable) }),
          ...(node.prune && { expression: expressionJson(node.prune.condition) }),
          ...conditionOf(node),
          indexes: { base: this.#edgeIndexes(node.source), levels: {} },
          options: {
            minDepth: constantOf(node.minDepth),
            maxDepth: constantOf(node.maxDepth),
            order: node.options.order,
            uniqueVertices: node.options.uniqueVertices,
            uniqueEdges: node.options.uniqueEdges,
            ...(node.options.weightAttribute !== undefined && { weightAttribute: node.options.weightAttribute }),
            type: 'traversal',
          },
        };
      case 'ShortestPathNode':
        return {
          ...graphJson(node.source),
          ...this.#vertexOr('startVertexId', 'startInVariable', node.startVariable),
          ...this.#vertexOr('targetVertexId', 'targetInVariable', node.targetVariable),
          vertexOutVariable: this.#variable(node.vertexOutVariable),
          ...(node.edgeOutVariable && { edgeOutVariable: this.#variable(node.edgeOutVariable) }),
        };
      case 'EnumeratePathsNode':
        return {
          ...graphJson(node.source),
          shortestPathType: node.kind,
          ...this.#vertexOr('startVertexId', 'startInVariable', node.startVariable),
          ...this.#vertexOr('targetVertexId', 'targetInVariable', node.targetVariable),
          pathOutVariable: this.#variable(node.pathOutVariable),
        };
    }
  }

  #vertexOr(named: string, calculated: string, variable: Variable): ValueObject {
    const vertex = this.#vertices.get(variable);
    return vertex === undefined ? { [calculated]: this.#variable(variable) } : { [named]: vertex };
  }

  /** The edge indexes that a walk goes by, one for each direction of each collection. */
  #edgeIndexes({ edges }: GraphSource): readonly ValueObject[] {
    return edges.flatMap(({ collection, direction }) => {
      const index = collection.indexes.find(({ type }) => type === 'edge');
      if (index === undefined) return [];
      const fields = direction === 'ANY' ? ['_from', '_to'] : [direction === 'INBOUND' ? '_to' : '_from'];
      const described = this.#context.describeIndex(collection, index);
      return fields.map((field) => ({ ...described, id: String(index.id), collection: collection.name, fields: [field], direction }));
    });
  }

  #documentJson(node: ExecutionNode & { readonly type: 'EnumerateCollectionNode' | 'IndexNode' }): ValueObject {
    return {
      outVariable: this.#variable(node.outVariable),
      projections: (node.projections ?? []).map(({ path, variable }) => ({
        path,
        ...(variable && { variable: this.#variable(variable) }),
      })),
      filterProjections: [],
      ...filterJson(node.filter),
      count: false,
      producesResult: node.producesResult,
      readOwnWrites: false,
      useCache: node.options.useCache ?? true,
      maxProjections: node.options.maxProjections ?? 5,
      collection: node.collection.name,
      satellite: false,
      isSatellite: false,
      isSatelliteOf: null,
    };
  }

  #aggregate({ outVariable, inVariable, function: type }: Aggregate): ValueObject {
    return { outVariable: this.#variable(outVariable), ...(inVariable && { inVariable: this.#variable(inVariable) }), type };
  }

  #modification({ collection, options, outVariableOld, outVariableNew }: ModificationNode): ValueObject {
    const { write } = options;
    return {
      collection: collection.name,
      ...(outVariableOld && { outVariableOld: this.#variable(outVariableOld) }),
      ...(outVariableNew && { outVariableNew: this.#variable(outVariableNew) }),
      modificationFlags: {
        waitForSync: options.waitForSync ?? collection.waitForSync,
        keepNull: write.keepNull ?? true,
        mergeObjects: write.mergeObjects ?? true,
        ignoreRevs: options.ignoreRevs ?? true,
        isRestore: write.isRestore ?? false,
        overwriteMode: write.overwriteMode ?? 'conflict',
        ignoreErrors: options.ignoreErrors ?? false,
        exclusive: options.exclusive ?? false,
      },
    };
  }
}

/** Constant strings that are read by traversals and path searches alone, as where they begin or end. */
function namedVertices(nodes: Pipeline): ReadonlyMap<Variable, Value> {
  const all = [...allNodes(nodes)];
  const ends = new Set(
    all.flatMap((node) =>
      node.type === 'TraversalNode' ? [node.inVariable] : 'startVariable' in node ? [node.startVariable, node.targetVariable] : [],
    ),
  );
  const others = all.filter((node) => node.type !== 'SubqueryNode' && node.type !== 'TraversalNode' && !('startVariable' in node));
  const readElsewhere = new Set(others.flatMap((node) => [...variablesReadBy(node)]));
  return new Map(
    all.flatMap((node) => {
      if (node.type !== 'CalculationNode' || node.expression.type !== 'constant') return [];
      const { value } = node.expression;
      const isNamed = typeof value === 'string' && ends.has(node.outVariable) && !readElsewhere.has(node.outVariable);
      return isNamed ? [[node.outVariable, value] as const] : [];
    }),
  );
}

/** All that a traversal checks by itself, as one expression. */
function conditionOf({ filter, stepConditions = [] }: TraversalNode): ValueObject {
  const all = [...(filter === undefined ? [] : [filter]), ...stepConditions.map(({ source }) => source)];
  const [first, ...others] = all;
  if (first === undefined) return {};
  return {
    condition: expressionJson(others.reduce((left, right): Expression => ({ type: 'binary', operator: '&&', left, right }), first)),
  };
}

const filterJson = (filter: Expression | undefined): ValueObject => (filter === undefined ? {} : { filter: expressionJson(filter) });

function hintJson({
  indexHint,
  forceIndexHint,
  disableIndex,
  lookahead,
}: { readonly [Name in 'indexHint']?: readonly string[] } & {
  readonly forceIndexHint?: boolean;
  readonly disableIndex?: boolean;
  readonly lookahead?: number;
}): ValueObject {
  return {
    forced: forceIndexHint ?? false,
    lookahead: lookahead ?? 1,
    type: disableIndex === true ? 'disabled' : indexHint === undefined ? 'none' : 'simple',
    ...(indexHint && { hint: indexHint }),
  };
}

function graphJson({ graphName, edges, vertices }: GraphSource): ValueObject {
  return {
    graph: graphName ?? edges.map(({ collection }) => collection.name),
    edgeCollections: edges.map(({ collection }) => collection.name),
    vertexCollections: vertices.map(({ name }) => name),
    directions: edges.map(({ direction }) => (direction === 'INBOUND' ? 1 : direction === 'OUTBOUND' ? 2 : 0)),
  };
}

const constantOf = (expression: Expression) => (expression.type === 'constant' ? expression.value : expressionJson(expression));

/** Where there are no groups, ArangoDB tells counts from all that has one group of whatever comes. */
function methodOf({ method, groups, aggregates: [first, ...more], into }: CollectNode): string {
  if (method !== 'hash' || groups.length > 0) return method;
  return first?.function === 'LENGTH' && more.length === 0 && into === undefined ? 'count' : 'sorted';
}
