/**
 * reduce-extraction-to-projection: where only a few attributes of documents are read, only they are taken; from the index alone, if it
 * has them all.
 *
 *   FOR u IN users (index age: above 30)  RETURN u.age   =>   FOR u IN users (index age: above 30, index only: age)  RETURN u.age
 *   FOR u IN users  REMOVE u IN users                    =>   FOR u IN users (index _key, index only: _key)  REMOVE u._key IN users
 */
import type { IndexAccess } from '#documents';
import type { Variable } from '../../bound-query.ts';
import { attributePathOf, operandsOf, reference, type Expression } from '../../expression.ts';
import {
  expressionsOf,
  isModification,
  mapExpressions,
  mapPipelines,
  variablesReadBy,
  type EnumerateCollectionNode,
  type ExecutionNode,
  type Ids,
  type IndexNode,
  type Pipeline,
} from '../../plan.ts';
import type { OptimizerContext, Rule } from '../rule.ts';
import { accessesByHint, indexNode } from './use-indexes.ts';

export const DEFAULT_MAX_PROJECTIONS = 5;

export const reduceExtractionToProjection: Rule = {
  name: 'reduce-extraction-to-projection',
  apply: (nodes, context) =>
    mapPipelines(nodes, (whole) => {
      const pipeline = withKeysOnly(whole, context.ids);
      let isChanged = pipeline !== whole;
      const projected = pipeline.map((node, i) => {
        if ((node.type !== 'EnumerateCollectionNode' && node.type !== 'IndexNode') || node.projections !== undefined) return node;
        const paths: (readonly string[])[] = [];
        if (node.filter !== undefined && !gather(node.filter, node.outVariable, paths)) return node;
        if (!gatherAll(pipeline.slice(i + 1), node.outVariable, paths)) return node;
        const projections = withoutLonger(paths);
        if (projections.length > (node.options.maxProjections ?? DEFAULT_MAX_PROJECTIONS)) return node;
        if (projections.length === 0 && !node.producesResult) return node;
        isChanged = true;
        return project(throughKeys(node, projections, context), projections);
      });
      return isChanged ? projected : pipeline;
    }),
};

/** A modification that is given a document needs its key and no more, unless it checks the revision. */
function withKeysOnly(nodes: Pipeline, ids: Ids): Pipeline {
  const documents = new Set(
    nodes.flatMap((node) => (node.type === 'EnumerateCollectionNode' || node.type === 'IndexNode' ? [node.outVariable] : [])),
  );
  const changed = nodes.flatMap((node): readonly ExecutionNode[] => {
    const key = keyVariableOf(node);
    if (key === undefined || !documents.has(key)) return [node];
    const outVariable = ids.variable();
    const expression: Expression = { type: 'attribute', object: reference(key), name: '_key' };
    return [{ type: 'CalculationNode', id: ids.node(), expression, outVariable }, withKeyVariable(node, outVariable)];
  });
  return changed.length === nodes.length ? nodes : changed;
}

function keyVariableOf(node: ExecutionNode): Variable | undefined {
  if (!isModification(node) || node.options.ignoreRevs === false) return undefined;
  if (node.type === 'RemoveNode') return node.inVariable;
  return node.type === 'UpdateNode' || node.type === 'ReplaceNode' ? node.inKeyVariable : undefined;
}

function withKeyVariable(node: ExecutionNode, variable: Variable): ExecutionNode {
  if (node.type === 'RemoveNode') return { ...node, inVariable: variable };
  return node.type === 'UpdateNode' || node.type === 'ReplaceNode' ? { ...node, inKeyVariable: variable } : node;
}

/** Where only the keys of a whole collection are read, they are taken from the primary index. */
function throughKeys(
  node: EnumerateCollectionNode | IndexNode,
  projections: readonly (readonly string[])[],
  context: OptimizerContext,
): EnumerateCollectionNode | IndexNode {
  if (node.type === 'IndexNode' || node.isRandom || node.options.disableIndex === true || projections.length === 0) return node;
  const access = accessesByHint(node, context).find((each) => each.index.type === 'primary' && covers(each, projections));
  if (access === undefined) return node;
  return { ...indexNode(node, [{ access, equal: [], condition: [] }], context), options: { ...node.options, useCache: false } };
}

function project<Node extends EnumerateCollectionNode | IndexNode>(node: Node, projections: readonly (readonly string[])[]): Node {
  const result = { ...node, projections: projections.map((path) => ({ path })), producesResult: projections.length > 0 };
  return node.type === 'IndexNode' ? { ...result, isCovering: isCovered(node, projections) } : result;
}

function isCovered({ lookups }: IndexNode, projections: readonly (readonly string[])[]): boolean {
  const [lookup] = lookups;
  return lookup !== undefined && lookups.every(({ access }) => access === lookup.access) && covers(lookup.access, projections);
}

/** Whether the attributes can be read off the entries. */
export function covers({ index, covered, isSorted, isExpanded }: IndexAccess, projections: readonly (readonly string[])[]): boolean {
  if (index.type === 'edge') return projections.every(([name, ...rest]) => rest.length === 0 && (name === '_from' || name === '_to'));
  if (!isSorted || isExpanded) return false;
  if (index.type === 'primary') return projections.every(([name, ...rest]) => rest.length === 0 && (name === '_key' || name === '_id'));
  return projections.every((path) =>
    covered.some(({ steps }) => steps.length <= path.length && steps.every((step, i) => step === path[i])),
  );
}

/** The attributes of the variable that the nodes read, none of them part of another; undefined if it is used as a whole. */
export function attributesRead(nodes: Pipeline, variable: Variable): readonly (readonly string[])[] | undefined {
  const paths: (readonly string[])[] = [];
  return gatherAll(nodes, variable, paths) ? withoutLonger(paths) : undefined;
}

function gatherAll(nodes: Pipeline, variable: Variable, paths: (readonly string[])[]): boolean {
  return nodes.every((node) => {
    if (!variablesReadBy(node).has(variable)) return true;
    if (node.type === 'SubqueryNode') return gatherAll(node.nodes, variable, paths);
    const rest = mapExpressions(node, () => ({ type: 'constant', value: null }));
    return !variablesReadBy(rest).has(variable) && expressionsOf(node).every((expression) => gather(expression, variable, paths));
  });
}

/** Gathers the attributes of the variable; false if it is used as a whole. */
function gather(expression: Expression, variable: Variable, paths: (readonly string[])[]): boolean {
  const chain = attributePathOf(expression);
  if (chain?.variable === variable) {
    if (chain.path.length === 0) return false;
    paths.push(chain.path);
    return true;
  }
  return operandsOf(expression).every((operand) => gather(operand, variable, paths));
}

/** `a.b` is part of `a`. */
function withoutLonger(paths: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const unique = [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()];
  return unique.filter((path) => !unique.some((other) => other.length < path.length && other.every((step, i) => step === path[i])));
}
