/**
 * push-down-late-materialization: documents that an index has found are read only once filters, sorts and limits have had their way, as
 * long as these ask for what the index stores itself.
 *
 *   FOR u IN users (index age, storing city: above 30)  SORT u.city  LIMIT 3  RETURN u
 *     =>   FOR u IN users (index only: city)  SORT u.city  LIMIT 3  MATERIALIZE u  RETURN u
 */
import type { Variable } from '../../bound-query.ts';
import { attributePathOf, operandsOf, type Expression } from '../../expression.ts';
import {
  expressionsOf,
  isModification,
  mapExpressions,
  mapPipelines,
  replaceVariable,
  someNode,
  variablesReadBy,
  type ExecutionNode,
  type Ids,
  type IndexNode,
  type Pipeline,
} from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const pushDownLateMaterialization: Rule = {
  name: 'push-down-late-materialization',
  apply: (nodes, { ids }) => (someNode(nodes, isModification) ? nodes : mapPipelines(nodes, (pipeline) => materializeLate(pipeline, ids))),
};

type Path = readonly string[];

function materializeLate(nodes: Pipeline, ids: Ids): Pipeline {
  for (const [i, node] of nodes.entries()) {
    if (node.type !== 'IndexNode' || !storesMore(node)) continue;
    const paths: Path[] = [];
    const isStored = (expression: Expression): boolean => readsStored(expression, node, paths);
    if (node.filter !== undefined && !isStored(node.filter)) continue;
    const end = i + 1 + countWithStored(nodes.slice(i + 1), node.outVariable, isStored);
    const between = nodes.slice(i + 1, end);
    const after = nodes.slice(end);
    const isWorthIt = node.filter !== undefined || between.some(({ type }) => type === 'FilterNode' || type === 'LimitNode');
    if (!isWorthIt || !after.some((each) => variablesReadBy(each).has(node.outVariable)) || after.some((each) => keeps(each, node)))
      continue;
    const [rowVariable, outVariable] = [ids.variable(), ids.variable()];
    const projections = unique(paths).map((path) => ({ path }));
    const index: IndexNode = { ...node, projections, producesResult: projections.length > 0, isCovering: true, rowVariable };
    const { collection } = node;
    const materialize: ExecutionNode = {
      type: 'MaterializeNode',
      id: ids.node(),
      collection,
      inVariable: rowVariable,
      indexVariable: node.outVariable,
      outVariable,
    };
    return [...nodes.slice(0, i), index, ...between, materialize, ...replaceVariable(after, node.outVariable, outVariable)];
  }
  return nodes;
}

function storesMore({ lookups, projections, isCovering, producesResult, rowVariable }: IndexNode): boolean {
  const [lookup] = lookups;
  if (lookup === undefined || isCovering || !producesResult || projections !== undefined || rowVariable !== undefined) return false;
  const { covered, fields, isSorted, isExpanded } = lookup.access;
  return covered.length > fields.length && isSorted && !isExpanded && lookups.every(({ access }) => access === lookup.access);
}

/** How many nodes do without the document. Loops and the like come after it is read. */
function countWithStored(nodes: Pipeline, variable: Variable, isStored: (expression: Expression) => boolean): number {
  const end = nodes.findIndex((node) => {
    if (!['CalculationNode', 'FilterNode', 'SortNode', 'LimitNode'].includes(node.type)) return true;
    if (!variablesReadBy(node).has(variable)) return false;
    const rest = mapExpressions(node, () => ({ type: 'constant', value: null }));
    return variablesReadBy(rest).has(variable) || !expressionsOf(node).every(isStored);
  });
  return end === -1 ? nodes.length : end;
}

/** Gathers the attributes that are read; false if one is not in the index. */
function readsStored(expression: Expression, index: IndexNode, paths: Path[]): boolean {
  const chain = attributePathOf(expression);
  if (chain?.variable !== index.outVariable) {
    const gathered: Path[] = [];
    const isStored = operandsOf(expression).every((operand) => readsStored(operand, index, gathered));
    if (isStored) paths.push(...gathered);
    return isStored;
  }
  const [lookup] = index.lookups;
  const isThere = lookup?.access.covered.some(
    ({ steps }) => steps.length <= chain.path.length && steps.every((step, i) => step === chain.path[i]),
  );
  if (isThere === true) paths.push(chain.path);
  return isThere === true;
}

/** The elements of a group bear the names of the variables that go in. */
function keeps(node: ExecutionNode, { outVariable }: IndexNode): boolean {
  return someNode([node], (each) => each.type === 'CollectNode' && each.into !== undefined && each.into.keep.includes(outVariable));
}

/** `a.b` is part of `a`. */
function unique(paths: readonly Path[]): readonly Path[] {
  const all = [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
  return all.filter((path) => !all.some((other) => other.length < path.length && other.every((step, i) => step === path[i])));
}
