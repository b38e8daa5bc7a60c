/**
 * join-index-nodes: a loop through an index right inside another one takes the rows of the outer loop in batches.
 *
 *   FOR u IN users (index age: above 30)  FOR p IN posts (index author: u._key)   =>   JOIN users, posts
 */
import { variablesOf } from '../../expression.ts';
import { mapPipelines, type ExecutionNode, type IndexNode, type Pipeline } from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const joinIndexNodes: Rule = {
  name: 'join-index-nodes',
  apply: (nodes) => mapPipelines(nodes, joinAll),
};

function joinAll(nodes: Pipeline): Pipeline {
  let isChanged = false;
  const joined = nodes.map((node, i): ExecutionNode => {
    const before = nodes[i - 1];
    if (node.type !== 'IndexNode' || before?.type !== 'IndexNode' || !readsOnly(node, before)) return node;
    isChanged = true;
    return { ...node, joinsPrevious: true };
  });
  return isChanged ? joined : nodes;
}

/** It asks for one value of each field, from the documents of the loop before it. */
function readsOnly({ lookups, isCovering }: IndexNode, { outVariable, projections = [] }: IndexNode): boolean {
  const [lookup] = lookups;
  if (lookup === undefined || lookups.length > 1 || isCovering || lookup.low !== undefined || lookup.high !== undefined) return false;
  const given = new Set([outVariable, ...projections.map(({ variable }) => variable)]);
  return lookup.equal.every(({ is, expression }) => is === 'value' && [...variablesOf(expression)].some((variable) => given.has(variable)));
}
