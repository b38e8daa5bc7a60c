/**
 * sort-limit: a SORT that a LIMIT follows keeps only the rows that the LIMIT lets through.
 *
 *   SORT u.age  LIMIT 5, 10   =>   SORT u.age (15 first)  LIMIT 5, 10
 *
 * Nothing in between may drop or multiply rows.
 */
import type { Expression } from '../../expression.ts';
import { mapPipelines, type LimitNode, type Pipeline } from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const sortLimit: Rule = {
  name: 'sort-limit',
  apply: (nodes) =>
    mapPipelines(nodes, (pipeline) => {
      let isChanged = false;
      const limited = pipeline.map((node, i) => {
        if (node.type !== 'SortNode' || node.limit !== undefined || node.elements.length === 0) return node;
        const limit = followingLimit(pipeline.slice(i + 1));
        if (limit === undefined) return node;
        isChanged = true;
        return { ...node, limit: rowsUpTo(limit) };
      });
      return isChanged ? limited : pipeline;
    }),
};

/** The LIMIT that sees just the rows that come from before these nodes. */
export function followingLimit(after: Pipeline): LimitNode | undefined {
  for (const node of after) {
    if (node.type === 'LimitNode')
      return node.fullCount || (node.count.type === 'constant' && node.count.value === null) ? undefined : node;
    if (node.type !== 'CalculationNode' && node.type !== 'SubqueryNode') return undefined;
  }
  return undefined;
}

export function rowsUpTo({ offset, count }: LimitNode): Expression {
  const isNumber = (each: Expression): each is Expression & { readonly type: 'constant'; readonly value: number } =>
    each.type === 'constant' && typeof each.value === 'number';
  if (isNumber(offset) && isNumber(count)) return { type: 'constant', value: offset.value + count.value };
  return { type: 'binary', operator: '+', left: offset, right: count };
}
