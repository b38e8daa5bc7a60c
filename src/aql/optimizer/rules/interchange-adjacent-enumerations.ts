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

/** Six loops have 720 orders. */
const MAX_LOOPS = 4;

export const interchangeAdjacentEnumerations: Rule = {
  name: 'interchange-adjacent-enumerations',
  apply: (nodes) => nodes,
  propose: (nodes, { maxPlans }) => {
    const [run] = runsOf(nodes);
    return run === undefined
      ? []
      : permutations(run.loops)
          .slice(1, maxPlans)
          .map((loops) => withLoops(nodes, run.position, loops));
  },
};

interface Run {
  readonly position: number;
  readonly loops: Pipeline;
}

/** Loops over collections that follow each other directly. */
function runsOf(nodes: Pipeline): readonly Run[] {
  const runs: Run[] = [];
  for (let i = 0; i < nodes.length; i++) {
    let end = i;
    while (nodes[end]?.type === 'EnumerateCollectionNode') end++;
    if (end - i > 1 && end - i <= MAX_LOOPS) runs.push({ position: i, loops: nodes.slice(i, end) });
    if (end > i) i = end;
  }
  return runs;
}

function withLoops(nodes: Pipeline, position: number, loops: Pipeline): Pipeline {
  return [...nodes.slice(0, position), ...loops, ...nodes.slice(position + loops.length)];
}

/** All orders, the given one first. */
function permutations(items: Pipeline): readonly Pipeline[] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest): ExecutionNode[] => [item, ...rest]),
  );
}
