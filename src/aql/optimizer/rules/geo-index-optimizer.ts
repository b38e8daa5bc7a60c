/**
 * geo-index-optimizer: documents near a place, or in a region, are found by a geo index instead of by looking at all.
 *
 *   FOR d IN dens  FILTER GEO_DISTANCE(d.at, here) <= 500  …    =>   FOR d IN dens (geo index: within 500 of here)  …
 *   FOR d IN dens  FILTER GEO_CONTAINS(park, d.at)  …           =>   FOR d IN dens (geo index: in the park)  FILTER …
 *   FOR d IN dens  SORT GEO_DISTANCE(d.at, here)  LIMIT 5  …    =>   FOR d IN dens (geo index: nearest to here first)  LIMIT 5  …
 *
 * A distance is answered exactly, and its filter goes; of a region the index may give too much, and the filter stays. As in ArangoDB, documents that have no valid place are not in the index, and so the
 * query does not meet them any more.
 */
import { constant, sameExpression, type Expression } from '../../expression.ts';
import {
  isModification,
  mapPipelines,
  type EnumerateCollectionNode,
  type ExecutionNode,
  type IndexLookup,
  type IndexNode,
  type Pipeline,
} from '../../plan.ts';
import { alternativesOf, atomsOf, conditionsAfter, isKnownAt, resolve } from '../condition.ts';
import { nearestBy, searchFor, type Searched } from '../geo-search.ts';
import { chooseIndex } from '../index-choice.ts';
import type { OptimizerContext, Rule } from '../rule.ts';
import { removeHeld } from './remove-filter-covered-by-index.ts';
import { followingLimit, rowsUpTo } from './sort-limit.ts';
import { indexNode } from './use-indexes.ts';

export const geoIndexOptimizer: Rule = {
  name: 'geo-index-optimizer',
  apply: (nodes, context) => mapPipelines(nodes, (pipeline) => searchPlaces(pipeline, context)),
};

function searchPlaces(nodes: Pipeline, context: OptimizerContext): Pipeline {
  let result = nodes;
  for (const [position, node] of nodes.entries()) {
    if (node.type !== 'EnumerateCollectionNode' || node.isRandom || node.options.disableIndex === true) continue;
    if (!node.collection.indexes.some(({ type }) => type === 'geo')) continue;
    const found = searchInstead(node, nodes, position, context);
    if (found === undefined) continue;
    const replaced = result.map((each) => (each === node ? found.node : each)).filter((each) => each !== found.sort);
    const open = found.answered === undefined ? replaced : removeHeld(found.node, [[found.answered]], replaced);
    result = found.sort === undefined ? open : withLimit(found.node, open);
  }
  return result;
}

/** The nearest are looked for until there are enough. */
function withLimit(node: IndexNode, nodes: Pipeline): Pipeline {
  const limit = followingLimit(nodes.slice(nodes.indexOf(node) + 1));
  return limit === undefined ? nodes : nodes.map((each) => (each === node ? { ...node, limit: rowsUpTo(limit) } : each));
}

/** What takes the place of an enumeration, and the sort and the condition that it makes superfluous. */
interface Replacement {
  readonly node: IndexNode;
  readonly sort?: ExecutionNode;
  readonly answered?: Expression;
}

function searchInstead(
  node: EnumerateCollectionNode,
  nodes: Pipeline,
  position: number,
  context: OptimizerContext,
): Replacement | undefined {
  const { collection, outVariable: variable } = node;
  const { hasLegacyPolygons } = context;
  const searched = { collection, variable, isKnown: isKnownAt(nodes, position), hasLegacyPolygons };
  const conditions = conditionsAfter(nodes, position);
  const sort = sortAfter(nodes, position);
  const nearest = sort === undefined ? undefined : nearestBy(sort.key, searched);
  const found = conditions
    .map((condition) => searchFor(condition, searched))
    .find((each) => each !== undefined && isHinted(each.lookup, node));
  const answered = found?.answered === undefined ? {} : { answered: found.answered };
  if (
    sort !== undefined &&
    nearest !== undefined &&
    isHinted(nearest, node) &&
    (found === undefined || isSameSearch(found.lookup, nearest))
  ) {
    // Without a limit in distance an index of other conditions may leave far less to sort.
    if (found === undefined && isAnsweredOtherwise(conditions, searched, context)) return undefined;
    const replacement = { ...indexNode(node, [found?.lookup ?? nearest], context), isSorted: true };
    return { node: replacement, sort: sort.node, ...answered };
  }
  return found === undefined ? undefined : { node: indexNode(node, [found.lookup], context), ...answered };
}

function isHinted({ access: { index } }: IndexLookup, { options: { indexHint = [] } }: EnumerateCollectionNode): boolean {
  return indexHint.length === 0 || indexHint.includes(index.name);
}

function isSameSearch(left: IndexLookup, right: IndexLookup): boolean {
  return (
    left.access === right.access &&
    left.equal.every(({ expression }, i) => sameExpression(expression, right.equal[i]?.expression ?? constant(null)))
  );
}

function isAnsweredOtherwise(
  conditions: readonly Expression[],
  { collection, variable, isKnown }: Searched,
  context: OptimizerContext,
): boolean {
  const accesses = context.accessesOf(collection);
  return alternativesOf(conditions, { expandOr: false }).some((alternative) => {
    const atoms = alternative.flatMap((condition) => atomsOf(condition, variable, isKnown));
    return chooseIndex(accesses, atoms, context.count(collection)) !== undefined;
  });
}

/** An ascending sort by one key, if nothing before it changes how many times or in which order documents come. */
function sortAfter(nodes: Pipeline, position: number): { readonly node: ExecutionNode; readonly key: Expression } | undefined {
  if (!nodes.slice(0, position).every(({ type }) => type === 'SingletonNode' || type === 'CalculationNode' || type === 'SubqueryNode')) {
    return undefined;
  }
  const at = nodes.findIndex(({ type }, i) => i > position && type === 'SortNode');
  const node = nodes[at];
  if (node?.type !== 'SortNode' || !nodes.slice(position + 1, at).every(keepsRows)) return undefined;
  const [element] = node.elements;
  if (element?.isAscending !== true || node.elements.length !== 1) return undefined;
  return { node, key: resolve({ type: 'variable', variable: element.variable }, nodes, position) };
}

function keepsRows(node: ExecutionNode): boolean {
  return (node.type === 'CalculationNode' || node.type === 'FilterNode' || node.type === 'SubqueryNode') && !isModification(node);
}
