/**
 * remove-unnecessary-calculations: what nobody reads is not calculated.
 *
 *   FOR u IN users  LET name = UPPER(u.name)  RETURN u.age   =>   FOR u IN users  RETURN u.age
 *
 * Calculations and subqueries that do more than give a value (write, wait, end the query) stay.
 */
import { countReaders, mapPipelines, type Pipeline } from '../../plan.ts';
import type { Rule } from '../rule.ts';
import { isMovable } from './move-calculations-up.ts';

export const removeUnnecessaryCalculations: Rule = {
  name: 'remove-unnecessary-calculations',
  apply: (nodes) => mapPipelines(removeUnread(nodes), removeUnread),
};

function removeUnread(nodes: Pipeline): Pipeline {
  const readers = countReaders(nodes);
  const kept = nodes.filter((node) => {
    if (node.type !== 'CalculationNode' && node.type !== 'SubqueryNode') return true;
    return readers.has(node.outVariable) || !isMovable(node);
  });
  // A removal may leave unread what the removed node read.
  return kept.length < nodes.length ? removeUnread(kept) : nodes;
}
