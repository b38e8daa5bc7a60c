/**
 * use-index-for-sort: documents that come from an index in the order that is asked for are not sorted.
 *
 *   FOR u IN users (index city, age: "Oslo")  SORT u.age  …   =>   FOR u IN users (index city, age: "Oslo", in order)  …
 *   FOR u IN users  SORT u.age  …                             =>   FOR u IN users (index age, in order)  …
 */
import type { IndexAccess } from '#documents';
import { attributePathOf } from '../../expression.ts';
import {
  isModification,
  mapPipelines,
  type AttributeOrder,
  type EnumerateCollectionNode,
  type ExecutionNode,
  type IndexLookup,
  type IndexNode,
  type Pipeline,
  type SortNode,
} from '../../plan.ts';
import { resolve } from '../condition.ts';
import type { OptimizerContext, Rule } from '../rule.ts';
import { accessesByHint, indexNode } from './use-indexes.ts';

export const useIndexForSort: Rule = {
  name: 'use-index-for-sort',
  apply: (nodes, context) => mapPipelines(nodes, (pipeline) => useOrder(pipeline, context)),
};

type DocumentNode = EnumerateCollectionNode | IndexNode;

function useOrder(nodes: Pipeline, context: OptimizerContext): Pipeline {
  const position = nodes.findIndex(({ type }) => type !== 'SingletonNode' && type !== 'CalculationNode' && type !== 'SubqueryNode');
  const first = nodes[position];
  const sortPosition = nodes.findIndex(({ type }) => type === 'SortNode');
  const sort = nodes[sortPosition];
  if (first?.type !== 'EnumerateCollectionNode' && first?.type !== 'IndexNode') return nodes;
  if (sort?.type !== 'SortNode' || !nodes.slice(position + 1, sortPosition).every(keepsOrder)) return nodes;
  const order = orderOf(sort, nodes, position, first);
  if (order === undefined) return nodes;
  const replacement = first.type === 'IndexNode' ? inOrder(first, order) : throughIndex(first, order, context);
  if (replacement === undefined) return nodes;
  return nodes.flatMap((node) => (node === first ? [replacement] : node === sort ? [] : [node]));
}

/** Rows leave the node in the order in which they came. */
export function keepsOrder(node: ExecutionNode): boolean {
  return (
    !isModification(node) &&
    node.type !== 'CollectNode' &&
    node.type !== 'WindowNode' &&
    node.type !== 'SortNode' &&
    node.type !== 'LimitNode'
  );
}

/** Attributes of the documents of `first` that are sorted by, all in one direction. */
function orderOf(
  { elements }: SortNode,
  nodes: Pipeline,
  position: number,
  { outVariable }: DocumentNode,
): readonly AttributeOrder[] | undefined {
  const order: AttributeOrder[] = [];
  for (const { variable, isAscending } of elements) {
    const chain = attributePathOf(resolve({ type: 'variable', variable }, nodes, position));
    if (chain?.variable !== outVariable || chain.path.length === 0 || isAscending !== elements[0]?.isAscending) return undefined;
    order.push({ path: chain.path, isAscending });
  }
  return order;
}

/** As the fields of indexes are written. */
const fieldTexts = (order: readonly AttributeOrder[]): readonly string[] => order.map(({ path }) => fieldText(path));

/** The `_id`s of a collection have the order of its keys. */
const fieldText = (path: readonly string[]): string => (path.length === 1 && path[0] === '_id' ? '_key' : path.join('.'));

function inOrder(node: IndexNode, order: readonly AttributeOrder[]): IndexNode | undefined {
  const [lookup] = node.lookups;
  if (lookup === undefined || node.lookups.some(({ access }) => access !== lookup.access)) return undefined;
  const fixed = node.lookups.length === 1 ? lookup.equal.map(({ is }) => is === 'value') : [];
  return isInOrder(lookup.access, fixed, fieldTexts(order)) ? sorted(node, order) : undefined;
}

/** Fields that have one value only do not matter. */
export function isInOrder({ isSorted, isExpanded, fields }: IndexAccess, fixed: readonly boolean[], paths: readonly string[]): boolean {
  if (!isSorted || isExpanded) return false;
  const fixedTexts = new Set(fields.filter((_, i) => fixed[i] === true).map(({ text }) => text));
  const open = fields.map(({ text }) => text).filter((text) => !fixedTexts.has(text));
  return paths.filter((path) => !fixedTexts.has(path)).every((path, i) => open[i] === path);
}

function sorted(node: IndexNode, order: readonly AttributeOrder[]): IndexNode {
  return { ...node, isAscending: order[0]?.isAscending ?? true, isSorted: true, order };
}

function throughIndex(node: EnumerateCollectionNode, order: readonly AttributeOrder[], context: OptimizerContext): IndexNode | undefined {
  if (node.isRandom || node.options.disableIndex === true) return undefined;
  const access = accessesByHint(node, context).find((each) => !each.isSparse && isInOrder(each, [], fieldTexts(order)));
  if (access === undefined) return undefined;
  const lookup: IndexLookup = { access, equal: [], condition: [] };
  // A whole collection would leave no room in a cache for anything else.
  return sorted({ ...indexNode(node, [lookup], context), options: { ...node.options, useCache: false } }, order);
}
