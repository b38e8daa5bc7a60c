/**
 * remove-collect-variables: COLLECT gathers only what is read afterwards.
 *
 *   COLLECT c = u.city INTO g  RETURN c                    =>   COLLECT c = u.city  RETURN c
 *   COLLECT c = u.city INTO g  RETURN g[*].u.name          =>   COLLECT c = u.city INTO g KEEP u  RETURN g[*].u.name
 *   COLLECT c = u.city AGGREGATE m = MAX(u.age)  RETURN c  =>   COLLECT c = u.city  RETURN c
 */
import type { Variable } from '../../bound-query.ts';
import { operandsOf, type Expression } from '../../expression.ts';
import {
  expressionsOf,
  mapPipelines,
  variablesReadBy,
  variablesReadByAll,
  type CollectInto,
  type CollectNode,
  type ExecutionNode,
  type Pipeline,
} from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const removeCollectVariables: Rule = {
  name: 'remove-collect-variables',
  apply: (nodes) =>
    mapPipelines(nodes, (pipeline) => {
      let isChanged = false;
      const trimmed = pipeline.map((node, i) => {
        if (node.type !== 'CollectNode' || node.method === 'distinct') return node;
        const result = trim(node, pipeline.slice(i + 1));
        if (result !== node) isChanged = true;
        return result;
      });
      return isChanged ? trimmed : pipeline;
    }),
};

function trim(node: CollectNode, after: Pipeline): CollectNode {
  const read = variablesReadByAll(after);
  const aggregates = node.aggregates.filter(({ outVariable }) => read.has(outVariable));
  const into = node.into === undefined || !read.has(node.into.outVariable) ? undefined : trimInto(node.into, after);
  if (aggregates.length === node.aggregates.length && into === node.into) return node;
  const { into: _before, ...rest } = node;
  return { ...rest, aggregates, ...(into && { into }) };
}

/** Keeps only those variables whose names are asked of the groups' elements. */
function trimInto(into: CollectInto, after: Pipeline): CollectInto {
  if (into.expressionVariable !== undefined) return into;
  const names = new Set<string>();
  if (!readsNamesOnly(after, into.outVariable, names)) return into;
  const keep = into.keep.filter(({ name }) => names.has(name));
  return keep.length === into.keep.length ? into : { ...into, keep };
}

/** Whether all readers of the groups are of the form `g[*].name…`; gathers the names. */
function readsNamesOnly(nodes: Pipeline, groups: Variable, names: Set<string>): boolean {
  return nodes.every((node) => {
    if (!variablesReadBy(node).has(groups)) return true;
    if (node.type === 'SubqueryNode') return readsNamesOnly(node.nodes, groups, names);
    return readsInExpressionsOnly(node, groups) && expressionsOf(node).every((expression) => gatherNames(expression, groups, names));
  });
}

const readsInExpressionsOnly = (node: ExecutionNode, groups: Variable): boolean =>
  node.type === 'CalculationNode' || (node.type === 'EnumerateListNode' && node.inVariable !== groups);

function gatherNames(expression: Expression, groups: Variable, names: Set<string>): boolean {
  if (expression.type === 'variable') return expression.variable !== groups;
  if (expression.type === 'call' && expression.function.name === 'LENGTH') {
    const [argument] = expression.arguments;
    if (argument?.type === 'variable' && argument.variable === groups) return true;
  }
  if (expression.type === 'expansion' && expression.object.type === 'variable' && expression.object.variable === groups) {
    const { element, filter, projection } = expression;
    if (projection === undefined || expression.levels !== 1) return false;
    return [filter, projection].every((part) => part === undefined || gatherElementNames(part, element, names));
  }
  return operandsOf(expression).every((operand) => gatherNames(operand, groups, names));
}

function gatherElementNames(expression: Expression, element: Variable, names: Set<string>): boolean {
  if (expression.type === 'attribute' && expression.object.type === 'variable' && expression.object.variable === element) {
    names.add(expression.name);
    return true;
  }
  if (expression.type === 'variable') return expression.variable !== element;
  return operandsOf(expression).every((operand) => gatherElementNames(operand, element, names));
}
