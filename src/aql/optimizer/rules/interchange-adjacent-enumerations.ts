/**
 * interchange-adjacent-enumerations: loops in other orders, in case one of them suits the indexes better.
 *
 *   FOR p IN posts  FOR u IN users  FILTER u.name == "Ada" && p.author == u._key
 *     =>   FOR u IN users  FOR p IN posts  FILTER …
 *
 * The plans are only proposed: the one with the lowest cost is taken once all rules have had their turn.
 */
import { type ExecutionNode, type Pipeline } from '../../plan.ts';
import type { Rule } from '../rule.ts';
import { isMovable } from './move-calculations-up.ts';

/** Six loops have 720 orders. */
const MAX_LOOPS = 4;

export const interchangeAdjacentEnumerations: Rule = {
  name: 'interchange-adjacent-enumerations',
  apply: (nodes) => nodes,
  propose: (nodes, { maxPlans }) => {
    const run = firstRun(nodes);
    if (run === undefined) return [];
    const before = nodes.slice(0, run.start);
    const after = nodes.slice(run.end);
    return permutations(run.loops)
      .slice(1, maxPlans)
      .map((loops) => [...before, ...loops, ...run.others, ...after]);
  },
};

interface Run {
  readonly start: number;
  readonly end: number;
  readonly loops: Pipeline;
  /** What is between the loops and may as well come after them: the rules that follow move it up again. */
  readonly others: Pipeline;
}

/** Loops over collections with nothing between them but calculations and filters. */
function firstRun(nodes: Pipeline): Run | undefined {
  for (let start = 0; start < nodes.length; start++) {
    if (nodes[start]?.type !== 'EnumerateCollectionNode') continue;
    let end = start;
    for (let i = start; i < nodes.length && mayBeInRun(nodes[i]); i++) if (nodes[i]?.type === 'EnumerateCollectionNode') end = i + 1;
    const run = nodes.slice(start, end);
    const loops = run.filter(({ type }) => type === 'EnumerateCollectionNode');
    if (loops.length > 1 && loops.length <= MAX_LOOPS) {
      return { start, end, loops, others: run.filter(({ type }) => type !== 'EnumerateCollectionNode') };
    }
    start = end;
  }
  return undefined;
}

function mayBeInRun(node: ExecutionNode | undefined): boolean {
  if (node === undefined) return false;
  return node.type === 'EnumerateCollectionNode' || node.type === 'FilterNode' || isMovable(node);
}

/** All orders, the given one first. */
function permutations(items: Pipeline): readonly Pipeline[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest): ExecutionNode[] => [item, ...rest]),
  );
}
