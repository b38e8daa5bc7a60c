/**
 * optimize-projections: attributes that are calculated right after their document was read are given out with it.
 *
 *   FOR u IN users (only: name)  LET n = u.name  SORT n …   =>   FOR u IN users (only: name as n)  SORT n …
 */
import { attributePathOf } from '../../expression.ts';
import { mapPipelines, type CalculationNode, type ExecutionNode, type Pipeline, type Projection } from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const optimizeProjections: Rule = {
  name: 'optimize-projections',
  apply: (nodes) => mapPipelines(nodes, giveOutAll),
};

function giveOutAll(nodes: Pipeline): Pipeline {
  const kept: ExecutionNode[] = [];
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i] as ExecutionNode;
    kept.push(node);
    if ((node.type !== 'EnumerateCollectionNode' && node.type !== 'IndexNode') || node.projections === undefined) continue;
    const calculations = followingCalculations(nodes, i + 1);
    const taken = new Set<CalculationNode>();
    const projections = node.projections.map((projection): Projection => {
      const calculation = calculations.find(({ expression }) => {
        const chain = attributePathOf(expression);
        return chain?.variable === node.outVariable && JSON.stringify(chain.path) === JSON.stringify(projection.path);
      });
      if (calculation === undefined || projection.variable !== undefined) return projection;
      taken.add(calculation);
      return { ...projection, variable: calculation.outVariable };
    });
    if (taken.size === 0) continue;
    kept.pop();
    kept.push({ ...node, projections }, ...calculations.filter((calculation) => !taken.has(calculation)));
    i += calculations.length;
  }
  return kept.length < nodes.length ? kept : nodes;
}

function followingCalculations(nodes: Pipeline, position: number): readonly CalculationNode[] {
  const calculations: CalculationNode[] = [];
  for (let i = position; nodes[i]?.type === 'CalculationNode'; i++) calculations.push(nodes[i] as CalculationNode);
  return calculations;
}
