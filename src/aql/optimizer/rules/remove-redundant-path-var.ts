/**
 * remove-redundant-path-var: what a traversal gives out and nobody reads is not put together.
 *
 *   FOR v, e, p IN 1..3 OUTBOUND @start edges  RETURN v   =>   FOR v IN 1..3 OUTBOUND @start edges  RETURN v
 */
import { mapPipelines, variablesOfTraversalConditions, variablesReadByAll, type TraversalNode } from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const removeRedundantPathVar: Rule = {
  name: 'remove-redundant-path-var',
  apply: (nodes) =>
    mapPipelines(nodes, (pipeline) => {
      let isChanged = false;
      const trimmed = pipeline.map((node, i) => {
        if (node.type !== 'TraversalNode') return node;
        const read = new Set([...variablesReadByAll(pipeline.slice(i + 1)), ...variablesOfTraversalConditions(node)]);
        const { edgeOutVariable: edge, pathOutVariable: path, ...rest } = node;
        const result: TraversalNode = {
          ...rest,
          ...(edge !== undefined && read.has(edge) && { edgeOutVariable: edge }),
          ...(path !== undefined && read.has(path) && { pathOutVariable: path }),
        };
        if (result.edgeOutVariable === edge && result.pathOutVariable === path) return node;
        isChanged = true;
        return result;
      });
      return isChanged ? trimmed : pipeline;
    }),
};
