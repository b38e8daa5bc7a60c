/**
 * replace-like-with-range: what begins with a given text lies in a range, which an index finds.
 *
 *   FILTER LIKE(u.name, "ann%")   =>   FILTER u.name >= "ANN" && u.name < "ANO" && LIKE(u.name, "ann%")
 *
 * The end of the range is the beginning with its last letter moved on by one. That letter decides for the order of ICU, whatever comes
 * after it, as long as it is a plain letter or digit that forms no pair with what follows.
 */
import { constant, type Expression } from '../../expression.ts';
import { mapPipelines, type CalculationNode, type ExecutionNode, type Pipeline } from '../../plan.ts';
import { conjuncts } from '../condition.ts';
import type { Rule } from '../rule.ts';

export const replaceLikeWithRange: Rule = {
  name: 'replace-like-with-range',
  apply: (nodes) => mapPipelines(nodes, addRanges),
};

/** Letters of which the next is a letter too; L makes pairs with a middle dot. */
const MOVABLE = /^[0-8a-km-y]$/i;

function addRanges(nodes: Pipeline): Pipeline {
  const filtered = new Set(nodes.flatMap((node) => (node.type === 'FilterNode' ? [node.inVariable] : [])));
  let isChanged = false;
  const changed = nodes.map((node): ExecutionNode => {
    if (node.type !== 'CalculationNode' || !filtered.has(node.outVariable)) return node;
    const result = withRanges(node);
    if (result !== node) isChanged = true;
    return result;
  });
  return isChanged ? changed : nodes;
}

function withRanges(node: CalculationNode): CalculationNode {
  const parts = conjuncts(node.expression);
  const added = parts.flatMap((part) => rangeOf(part, parts));
  if (added.length === 0) return node;
  const expression = [...added, ...parts].reduce((left, right): Expression => ({ type: 'binary', operator: '&&', left, right }));
  return { ...node, expression };
}

/** The bounds of a LIKE, unless they stand there already. */
function rangeOf(part: Expression, parts: readonly Expression[]): readonly Expression[] {
  if (part.type !== 'call' || part.function.name !== 'LIKE' || part.arguments.length !== 2) return [];
  const [subject, pattern] = part.arguments;
  // Keys are in another order in their index.
  if (subject?.type !== 'attribute' || subject.name === '_key' || pattern?.type !== 'constant' || typeof pattern.value !== 'string')
    return [];
  const [beginning = ''] = /^[0-9a-z ]*/i.exec(pattern.value) ?? [];
  // LIKE takes other values for their texts, so the beginning must be one that only strings have: not of true, false, null or a number.
  if (!/^[a-eg-moq-su-z]/i.test(beginning)) return [];
  const bound = firstOf(beginning);
  if (parts.some((other) => other.type === 'binary' && other.right.type === 'constant' && other.right.value === bound)) return [];
  const last = beginning.slice(-1);
  const low: Expression = { type: 'binary', operator: '>=', left: subject, right: constant(bound) };
  if (!MOVABLE.test(last)) return [low];
  const next = beginning.slice(0, -1) + String.fromCharCode(last.charCodeAt(0) + 1);
  return [low, { type: 'binary', operator: '<', left: subject, right: constant(firstOf(next)) }];
}

/** Capitals come first, so nothing that begins with the same letters is before the same in capitals. */
const firstOf = (text: string): string => text.toUpperCase();
