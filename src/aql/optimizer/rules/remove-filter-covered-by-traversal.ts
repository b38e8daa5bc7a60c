/**
 * remove-filter-covered-by-traversal: what a traversal has checked is not checked again.
 *
 *   FOR v, e, p IN … (all edges: type == "road")  FILTER p.edges[*].type ALL == "road"   =>   FOR v, e, p IN … (all edges: type == "road")
 *
 * A condition on one place of the path stays: it is also asked of paths that are too short to have the place.
 */
import { mapPipelines, type Pipeline, type TraversalNode } from '../../plan.ts';
import { conjuncts } from '../condition.ts';
import type { Rule } from '../rule.ts';
import { removeHeld } from './remove-filter-covered-by-index.ts';

export const removeFilterCoveredByTraversal: Rule = {
  name: 'remove-filter-covered-by-traversal',
  apply: (nodes) =>
    mapPipelines(nodes, (pipeline) => {
      let result: Pipeline = pipeline;
      for (const node of pipeline) if (node.type === 'TraversalNode') result = removeHeld(node, [held(node)], result);
      return result;
    }),
};

const held = ({ stepConditions = [], filter }: TraversalNode) => [
  ...stepConditions.filter(({ depth }) => depth === undefined).map(({ source }) => source),
  ...(filter === undefined ? [] : conjuncts(filter)),
];
