/**
 * Constant folding: what does not depend on rows is calculated once, when the plan is made. As in ArangoDB this belongs to planning
 * and not to the optimizer's rules, so it cannot be switched off; its warnings come once, however often a loop would have run.
 */
import { toBool } from '#values';
import { evaluate, type Scope } from './evaluate.ts';
import { constant, isBoolean, mapOperands, operandsOf, type Expression } from './expression.ts';
import type { FunctionContext } from './functions/context.ts';
import {
  isModification,
  mapExpressions,
  mapPipelines,
  someNode,
  type ExecutionNode,
  type FilterNode,
  type Ids,
  type Pipeline,
  type Plan,
} from './plan.ts';

/** A call turned out to need something of the database, or much memory, and is left for the time when the query runs. */
class NotConstant extends Error {}

/** Larger constants would be kept with the plan. */
const LARGEST_CONSTANT_BYTES = 1024 * 1024;

type FoldingContext = Required<Pick<FunctionContext, 'warn' | 'hasLegacyPolygons'>>;

export function foldConstants(plan: Plan, context: FoldingContext): Plan {
  const scope = constantScope(context);
  const decide = (pipeline: Pipeline): Pipeline =>
    withoutDecidedFilters(
      pipeline.map((node) => foldNode(node, scope)),
      plan.ids,
    );
  return { ...plan, nodes: mapPipelines(plan.nodes, decide) };
}

/**
 * `FILTER 1 == 1` goes, and behind `FILTER 1 == 2` there are no rows, unless something is written before it, which happens all the same.
 * Constants that the query has names for are left to `remove-unnecessary-filters`.
 */
function withoutDecidedFilters(nodes: Pipeline, ids: Ids): Pipeline {
  const kept: ExecutionNode[] = [];
  for (const node of nodes) {
    const condition = node.type === 'FilterNode' ? constantBefore(node, kept, ids) : undefined;
    if (condition === undefined || (!condition.isTrue && someNode(kept, isModification))) {
      kept.push(node);
      continue;
    }
    kept.pop();
    ids.forget(condition.variable);
    if (!condition.isTrue) kept.push({ type: 'NoResultsNode', id: condition.id });
  }
  return kept;
}

function constantBefore({ inVariable }: FilterNode, nodes: Pipeline, ids: Ids) {
  const last = nodes.at(-1);
  if (last?.type !== 'CalculationNode' || last.outVariable !== inVariable || last.expression.type !== 'constant') return undefined;
  return ids.isTemporary(inVariable) ? { id: last.id, variable: inVariable, isTrue: toBool(last.expression.value) } : undefined;
}

function foldNode(node: ExecutionNode, scope: Scope): ExecutionNode {
  return mapExpressions(node, (expression) => fold(expression, scope));
}

/** Only functions that ask the context for nothing but warnings are folded. */
function constantScope({ warn, hasLegacyPolygons }: FoldingContext): Scope {
  const refuse = (): never => {
    throw new Error('a constant expression depends on nothing');
  };
  return {
    context: {
      database: '',
      user: undefined,
      warn,
      hasLegacyPolygons,
      checkKilled: () => undefined,
      reserve: (bytes) => {
        if (bytes > LARGEST_CONSTANT_BYTES) throw new NotConstant();
      },
      random: refuse,
      version: '',
      callFunction: refuse,
      documents: {
        collections: refuse,
        find: refuse,
        count: refuse,
        all: refuse,
        withWords: refuse,
        nearest: refuse,
        indexes: refuse,
        schema: refuse,
        // Those that come along are known without asking.
        analyzer: () => {
          throw new NotConstant();
        },
        calculate: refuse,
      },
    },
    parameter: refuse,
    variable: refuse,
  };
}

function fold(expression: Expression, scope: Scope): Expression {
  if (expression.type === 'parameter') return expression.kind === 'null' ? constant(null) : expression;
  if (expression.type === 'binary' && (expression.operator === '&&' || expression.operator === '||')) {
    const left = fold(expression.left, scope);
    if (left.type !== 'constant') return { ...expression, left, right: fold(expression.right, scope) };
    const isDecided = toBool(left.value) === (expression.operator === '||');
    return isDecided ? left : fold(expression.right, scope);
  }
  if (expression.type === 'ternary') {
    const condition = fold(expression.condition, scope);
    if (condition.type === 'constant') {
      if (!toBool(condition.value)) return fold(expression.otherwise, scope);
      return expression.then === undefined ? condition : fold(expression.then, scope);
    }
  }
  const folded = mapOperands(expression, (operand) => fold(operand, scope));
  return (isFoldable(folded) ? tryToEvaluate(folded, scope) : undefined) ?? simplified(folded);
}

function tryToEvaluate(expression: Expression, scope: Scope): Expression | undefined {
  try {
    return constant(evaluate(expression, scope));
  } catch (error) {
    if (error instanceof NotConstant) return undefined;
    throw error;
  }
}

function isFoldable(expression: Expression): boolean {
  switch (expression.type) {
    case 'constant':
    case 'parameter':
    case 'variable':
    case 'collection':
    case 'user call':
    case 'expansion':
    case 'question':
      return false;
    case 'call': {
      const { deterministic, foldable } = expression.function;
      return deterministic && foldable && allConstant(expression);
    }
    case 'binary':
      // A range is walked through without being made.
      return expression.operator !== '..' && allConstant(expression);
    default:
      return allConstant(expression);
  }
}

const allConstant = (expression: Expression): boolean => operandsOf(expression).every(({ type }) => type === 'constant');

function simplified(expression: Expression): Expression {
  if (expression.type !== 'unary' || expression.operator !== '!') return expression;
  const { operand } = expression;
  return operand.type === 'unary' && operand.operator === '!' && isBoolean(operand.operand) ? operand.operand : expression;
}
