/**
 * What a plan is expected to cost, by ArangoDB's rules of thumb: no unit, only good for comparing plans of one query and for EXPLAIN.
 */
import type { CollectionDefinition } from '#catalog';
import type { IndexAccess } from '#documents';
import type { Expression } from './expression.ts';
import type { ExecutionNode, IndexLookup, IndexNode, Pipeline } from './plan.ts';

export interface Estimate {
  /** Of all nodes up to here. */
  readonly cost: number;
  /** Rows that leave the node. */
  readonly items: number;
}

export interface CostContext {
  count(collection: CollectionDefinition): number;
  /** Without it, rules of thumb say how many entries there are for the same values. */
  entriesForValues?(access: IndexAccess, fieldCount: number): number | undefined;
}

export interface Estimates {
  readonly total: Estimate;
  readonly byNode: ReadonlyMap<ExecutionNode, Estimate>;
}

/** Lists of unknown length are taken to have so many elements. */
const UNKNOWN_LENGTH = 100;
/** Documents that a traversal is taken to find for each start. */
const TRAVERSAL_ITEMS = 10;

export function estimate(nodes: Pipeline, context: CostContext): Estimates {
  const byNode = new Map<ExecutionNode, Estimate>();
  const total = estimatePipeline(nodes, { cost: 0, items: 1 }, context, byNode);
  return { total, byNode };
}

function estimatePipeline(nodes: Pipeline, start: Estimate, context: CostContext, byNode: Map<ExecutionNode, Estimate>): Estimate {
  let at = start;
  const lengths = new Map<unknown, number>();
  for (const node of nodes) {
    if (node.type === 'CalculationNode') lengths.set(node.outVariable, lengthOf(node.expression));
    at = next(node, at, context, byNode, lengths);
    if (node.type === 'SubqueryNode') lengths.set(node.outVariable, byNode.get(node.nodes.at(-1) ?? node)?.items ?? UNKNOWN_LENGTH);
    byNode.set(node, at);
  }
  return at;
}

function next(
  node: ExecutionNode,
  { cost, items }: Estimate,
  context: CostContext,
  byNode: Map<ExecutionNode, Estimate>,
  lengths: ReadonlyMap<unknown, number>,
): Estimate {
  switch (node.type) {
    case 'SingletonNode':
      return { cost: cost + 1, items: 1 };
    case 'EnumerateCollectionNode': {
      const rows = items * context.count(node.collection);
      return { cost: cost + rows + 1, items: rows };
    }
    case 'IndexNode': {
      const found = estimateIndex(node, context);
      return { cost: cost + items * found.cost, items: items * found.items };
    }
    case 'EnumerateListNode': {
      const rows = items * (lengths.get(node.inVariable) ?? UNKNOWN_LENGTH);
      return { cost: cost + rows, items: rows };
    }
    case 'SubqueryNode': {
      const inner = estimatePipeline(node.nodes, { cost: 0, items: 1 }, context, byNode);
      return { cost: cost + items * inner.cost, items };
    }
    case 'SortNode':
      return { cost: cost + (items <= 3 ? items : items * Math.log2(items)), items };
    case 'LimitNode': {
      const offset = numberOf(node.offset) ?? 0;
      const rows = Math.min(numberOf(node.count) ?? items, Math.max(0, items - offset));
      return { cost: cost + rows, items: rows };
    }
    case 'CollectNode': {
      if (node.groups.length === 0) return { cost: cost + items, items: 1 };
      const rows = node.method === 'distinct' || node.method === 'hash' ? items * 0.8 : items * 0.8;
      return { cost: cost + items, items: Math.max(1, rows) };
    }
    case 'TraversalNode':
    case 'ShortestPathNode':
    case 'EnumeratePathsNode': {
      const rows = items * TRAVERSAL_ITEMS;
      return { cost: cost + rows, items: rows };
    }
    case 'InsertNode':
    case 'UpdateNode':
    case 'ReplaceNode':
    case 'RemoveNode':
    case 'UpsertNode': {
      const rows = node.outVariableNew === undefined && node.outVariableOld === undefined ? 0 : items;
      return { cost: cost + items, items: rows };
    }
    case 'NoResultsNode':
      // It asks for nothing of what is before it.
      return { cost: 0.5, items: 0 };
    case 'CalculationNode':
    case 'MaterializeNode':
    case 'FilterNode':
    case 'WindowNode':
    case 'ReturnNode':
      return { cost: cost + items, items };
  }
}

const numberOf = (expression: Expression): number | undefined =>
  expression.type === 'constant' && typeof expression.value === 'number' ? expression.value : undefined;

function lengthOf(expression: Expression): number {
  switch (expression.type) {
    case 'array':
      return expression.elements.length;
    case 'constant':
      return Array.isArray(expression.value) ? expression.value.length : UNKNOWN_LENGTH;
    case 'binary': {
      const [from, to] = [numberOf(expression.left), numberOf(expression.right)];
      return expression.operator === '..' && from !== undefined && to !== undefined ? Math.abs(to - from) + 1 : UNKNOWN_LENGTH;
    }
    default:
      return UNKNOWN_LENGTH;
  }
}

/** Of one run of the node. */
export function estimateIndex({ collection, lookups }: Pick<IndexNode, 'collection' | 'lookups'>, context: CostContext): Estimate {
  const count = context.count(collection);
  if (count === 0) return { cost: 0, items: 0 };
  let cost = 0;
  let items = 0;
  for (const lookup of lookups) {
    const { access, equal } = lookup;
    const each = estimateLookup(lookup, count, equal.length === 0 ? undefined : context.entriesForValues?.(access, equal.length));
    cost += each.cost;
    items += each.items;
  }
  return { cost, items: Math.min(items, count) };
}

/** An equality leaves this share of the rows, if the index is not unique. */
const EQUALITY_SHARE = 0.1;
/** What a search for places finds. */
const PLACES_SHARE = 0.01;
/** A row that is found by an index costs more than one that is met in a scan: its document is somewhere. */
const LOOKUP_COST = 0.05;

/** `entries`: how many there are for the same values, if that was measured. */
export function estimateLookup({ access, equal, low, high }: IndexLookup, count: number, entries?: number): Estimate {
  if (equal.length === 0 && low === undefined && high === undefined) return { cost: count, items: count };
  const times = equal.reduce((product, { is, expression }) => (is === 'list' ? product * lengthOf(expression) : product), 1);
  if (access.isUnique && equal.length === access.fields.length) {
    const items = times * Math.min(1, count);
    return { cost: times * 0.995 * (1 + LOOKUP_COST), items };
  }
  if (access.index.type === 'geo')
    return { cost: Math.max(1, Math.log2(Math.max(count, 1))) + count * PLACES_SHARE * LOOKUP_COST, items: count * PLACES_SHARE };
  const items = Math.min(count, (entries ?? count * EQUALITY_SHARE ** equal.length) * times);
  return { cost: times * Math.max(1, Math.log2(Math.max(count, 1))) + items * LOOKUP_COST, items };
}
