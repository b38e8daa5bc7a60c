/**
 * remove-filter-covered-by-index: what an index has answered is not asked again.
 *
 *   FOR u IN users (index age: above 30)  FILTER u.age > 30 && u.ok   =>   FOR u IN users (index age: above 30)  FILTER u.ok
 *
 * An index over an array's members is asked for a member, which is not quite what the filter says; its filters stay.
 */
import type { Expression } from '../../expression.ts';
import { countReaders, mapPipelines, type ExecutionNode, type IndexNode, type Pipeline } from '../../plan.ts';
import { conjuncts, isImplied, resolve } from '../condition.ts';
import type { Rule } from '../rule.ts';

export const removeFilterCoveredByIndex: Rule = {
  name: 'remove-filter-covered-by-index',
  apply: (nodes) =>
    mapPipelines(nodes, (pipeline) => {
      let result = pipeline;
      for (const node of pipeline) {
        if (node.type === 'IndexNode' && node.lookups.every(({ access }) => !access.isExpanded)) result = removeCovered(node, result);
      }
      return result;
    }),
};

function removeCovered(index: IndexNode, nodes: Pipeline): Pipeline {
  return removeHeld(
    index,
    index.lookups.map(({ condition }) => condition),
    nodes,
  );
}

/** Takes out of the filters after a node what its rows meet anyway; `held` are alternatives of conditions that all hold. */
export function removeHeld(source: ExecutionNode, held: readonly (readonly Expression[])[], nodes: Pipeline): Pipeline {
  const position = nodes.indexOf(source);
  const readers = countReaders(nodes);
  let isChanged = false;
  const isHeld = (condition: Expression): boolean => isImplied(resolve(condition, nodes, position), held);
  const kept = nodes.flatMap((node, i): readonly ExecutionNode[] => {
    const filter = nodes[i + 1];
    if (i <= position) return [node];
    if (node.type === 'FilterNode' && isHeld({ type: 'variable', variable: node.inVariable })) {
      isChanged = true;
      return [];
    }
    if (node.type !== 'CalculationNode' || filter?.type !== 'FilterNode' || filter.inVariable !== node.outVariable) return [node];
    if (readers.get(node.outVariable) !== 1) return [node];
    const parts = conjuncts(node.expression);
    const left = parts.filter((part) => !isHeld(part));
    if (left.length === 0 || left.length === parts.length) return [node];
    isChanged = true;
    return [{ ...node, expression: left.reduce((all, part): Expression => ({ type: 'binary', operator: '&&', left: all, right: part })) }];
  });
  return isChanged ? kept : nodes;
}
