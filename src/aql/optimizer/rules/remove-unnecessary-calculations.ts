/**
 * remove-unnecessary-calculations: what nobody reads is not calculated.
 *
 *   FOR u IN users  LET name = UPPER(u.name)  RETURN u.age   =>   FOR u IN users  RETURN u.age
 *
 *   FOR u IN users (only: name as #1)  LET n = #1  RETURN n            =>   FOR u IN users (only: name as #1)  RETURN #1
 *
 * Calculations and subqueries that do more than give a value (write, wait, end the query) stay.
 */
import { countReaders, mapPipelines, replaceVariable, type Pipeline } from '../../plan.ts';
import type { Rule } from '../rule.ts';
import { isMovable } from './move-calculations-up.ts';
import { keepsByName } from './remove-redundant-calculations.ts';

export const removeUnnecessaryCalculations: Rule = {
  name: 'remove-unnecessary-calculations',
  apply: (nodes) => mapPipelines(removeUnread(withoutNames(nodes)), (pipeline) => removeUnread(withoutNames(pipeline))),
};

/** Readers of a variable that is only another name read the one that it stands for. */
function withoutNames(nodes: Pipeline): Pipeline {
  let result = nodes;
  for (let i = 0; i < result.length; i++) {
    const node = result[i];
    if (node?.type !== 'CalculationNode' || node.expression.type !== 'variable') continue;
    const { outVariable } = node;
    const after = result.slice(i + 1);
    if (after.some((each) => keepsByName(each, outVariable))) continue;
    result = [...result.slice(0, i + 1), ...replaceVariable(after, outVariable, node.expression.variable)];
  }
  return result;
}

function removeUnread(nodes: Pipeline): Pipeline {
  const readers = countReaders(nodes);
  const kept = nodes.filter((node) => {
    if (node.type !== 'CalculationNode' && node.type !== 'SubqueryNode') return true;
    return readers.has(node.outVariable) || !isMovable(node);
  });
  // A removal may leave unread what the removed node read.
  return kept.length < nodes.length ? removeUnread(kept) : nodes;
}
