/**
 * propagate-constant-attributes: an attribute that a filter fixes is replaced by its value in other comparisons.
 *
 *   FILTER a.city == "Oslo" && b.city == a.city   =>   FILTER a.city == "Oslo" && b.city == "Oslo"
 */
import { attributePathOf, sameExpression, type Expression } from '../../expression.ts';
import { mapPipelines, type ExecutionNode, type Pipeline } from '../../plan.ts';
import { conjuncts } from '../condition.ts';
import type { Rule } from '../rule.ts';

export const propagateConstantAttributes: Rule = {
  name: 'propagate-constant-attributes',
  apply: (nodes) => mapPipelines(nodes, propagate),
};

interface Fact {
  readonly attribute: Expression;
  readonly value: Expression;
}

function propagate(nodes: Pipeline): Pipeline {
  const facts: Fact[] = [];
  let isChanged = false;
  const filtered = new Set(nodes.flatMap((node) => (node.type === 'FilterNode' ? [node.inVariable] : [])));
  const replaced = nodes.map((node): ExecutionNode => {
    if (node.type !== 'CalculationNode' || !filtered.has(node.outVariable)) return node;
    const own = factsIn(node.expression);
    const known = [...facts, ...own];
    facts.push(...own);
    const expression = replaceIn(node.expression, known);
    if (expression === node.expression) return node;
    isChanged = true;
    return { ...node, expression };
  });
  return isChanged ? replaced : nodes;
}

/** `attribute == constant` among the conditions that all hold. */
function factsIn(condition: Expression): readonly Fact[] {
  return conjuncts(condition).flatMap((part) => {
    if (part.type !== 'binary' || part.operator !== '==') return [];
    if (isAttribute(part.left) && isConstant(part.right)) return [{ attribute: part.left, value: part.right }];
    return isAttribute(part.right) && isConstant(part.left) ? [{ attribute: part.right, value: part.left }] : [];
  });
}

function replaceIn(condition: Expression, facts: readonly Fact[]): Expression {
  if (condition.type !== 'binary') return condition;
  if (condition.operator === '&&') {
    const [left, right] = [replaceIn(condition.left, facts), replaceIn(condition.right, facts)];
    return left === condition.left && right === condition.right ? condition : { ...condition, left, right };
  }
  // Only where attributes of two variables meet: the comparison that the fact comes from must stay.
  if (condition.operator !== '==' || !isAttribute(condition.left) || !isAttribute(condition.right)) return condition;
  const [left, right] = [valueOf(condition.left, facts), valueOf(condition.right, facts)];
  if (right !== undefined) return { ...condition, right };
  return left === undefined ? condition : { ...condition, left };
}

const valueOf = (attribute: Expression, facts: readonly Fact[]): Expression | undefined =>
  facts.find((fact) => sameExpression(fact.attribute, attribute))?.value;

const isConstant = ({ type }: Expression): boolean => type === 'constant' || type === 'parameter';
const isAttribute = (expression: Expression): boolean => expression.type === 'attribute' && attributePathOf(expression) !== undefined;
