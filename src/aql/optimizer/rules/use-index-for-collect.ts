/**
 * use-index-for-collect: groups are read off an index that has them next to each other, together with all that is wanted of them.
 *
 *   FOR u IN users  COLLECT city = u.city AGGREGATE n = SUM(u.age)  …
 *     =>   FOR u IN users (index city, stored: age; in order, index only)  COLLECT (sorted) city = u.city AGGREGATE n = SUM(u.age)  …
 *
 * Entries are small beside documents, so this is worth it for a whole collection too, but only if no document has to be read.
 */
import { attributePathOf } from '../../expression.ts';
import { mapPipelines, type CollectNode, type EnumerateCollectionNode, type ExecutionNode, type Pipeline } from '../../plan.ts';
import { resolve } from '../condition.ts';
import type { OptimizerContext, Rule } from '../rule.ts';
import { attributesRead, covers, DEFAULT_MAX_PROJECTIONS } from './reduce-extraction-to-projection.ts';
import { isInOrder, keepsOrder } from './use-index-for-sort.ts';
import { accessesByHint, indexNode } from './use-indexes.ts';

export const useIndexForCollect: Rule = {
  name: 'use-index-for-collect',
  apply: (nodes, context) => mapPipelines(nodes, (pipeline) => throughIndex(pipeline, context)),
};

function throughIndex(nodes: Pipeline, context: OptimizerContext): Pipeline {
  const position = nodes.findIndex(({ type }) => type !== 'SingletonNode' && type !== 'CalculationNode');
  const first = nodes[position];
  if (first?.type !== 'EnumerateCollectionNode' || first.isRandom || first.options.disableIndex === true) return nodes;
  const collectPosition = nodes.findIndex(({ type }) => type === 'CollectNode');
  const collect = nodes[collectPosition];
  if (collect?.type !== 'CollectNode' || collect.method !== 'hash' || collect.groups.length === 0) return nodes;
  if (!nodes.slice(position + 1, collectPosition).every(isPassing)) return nodes;
  const access = accessFor(first, collect, nodes, position, context);
  if (access === undefined) return nodes;
  const after = nodes.slice(collectPosition + 1).find(({ type }) => type !== 'CalculationNode');
  const isSortedAnyway = after !== undefined && sortsByGroups(after, collect);
  return nodes.flatMap((node): readonly ExecutionNode[] => {
    if (node === first) return [{ ...indexNode(first, [{ access, equal: [], condition: [] }], context), isSorted: true }];
    if (node === collect) return [{ ...collect, method: 'sorted' }];
    return node === after && isSortedAnyway ? [] : [node];
  });
}

function isPassing(node: ExecutionNode): boolean {
  return (node.type === 'CalculationNode' || node.type === 'FilterNode') && keepsOrder(node);
}

function accessFor(node: EnumerateCollectionNode, { groups }: CollectNode, nodes: Pipeline, position: number, context: OptimizerContext) {
  const { outVariable, options } = node;
  const paths: string[] = [];
  for (const { inVariable } of groups) {
    const chain = attributePathOf(resolve({ type: 'variable', variable: inVariable }, nodes, position));
    if (chain?.variable !== outVariable || chain.path.length === 0) return undefined;
    paths.push(chain.path.join('.'));
  }
  const read = attributesRead(nodes.slice(position + 1), outVariable);
  if (read === undefined || read.length > (options.maxProjections ?? DEFAULT_MAX_PROJECTIONS)) return undefined;
  return accessesByHint(node, context).find((access) => !access.isSparse && isInOrder(access, [], paths) && covers(access, read));
}

/** Groups come out in their order, ascending. */
function sortsByGroups(node: ExecutionNode, { groups }: CollectNode): boolean {
  if (node.type !== 'SortNode' || node.elements.length > groups.length) return false;
  return node.elements.every(({ variable, isAscending }, i) => isAscending && variable === groups[i]?.outVariable);
}
