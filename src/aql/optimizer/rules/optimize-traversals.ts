/**
 * optimize-traversals: conditions on paths are checked step by step, so that a walk goes no further where they cannot hold any more; and
 * conditions on the vertex or the edge are checked before a path is put together.
 *
 *   FOR v, e, p IN 1..5 OUTBOUND @start edges  FILTER p.edges[*].type ALL == "road"     =>   walks along roads only
 *   FOR v, e, p IN 1..5 OUTBOUND @start edges  FILTER p.vertices[1].city == "Oslo"      =>   looks no further from other first stops
 *   FOR v, e, p IN 1..5 OUTBOUND @start edges  FILTER v.city == "Oslo"                  =>   gives out those in Oslo
 *
 * The filters stay; `remove-filter-covered-by-traversal` takes out what the traversal answers exactly. Where a vertex is visited once only
 * (`uniqueVertices: "global"`), a walk that leaves out steps meets vertices by another way: as in ArangoDB, the result is that of this rule.
 */
import type { Variable } from '../../bound-query.ts';
import { isDeterministic, mayThrow, reference, substitute, variablesOf, mapOperands, type Expression } from '../../expression.ts';
import { mapPipelines, type Ids, type Pipeline, type StepCondition, type TraversalNode } from '../../plan.ts';
import { conditionsAfter, isKnownAt } from '../condition.ts';
import type { Rule } from '../rule.ts';

export const optimizeTraversals: Rule = {
  name: 'optimize-traversals',
  apply: (nodes, { ids }) =>
    mapPipelines(nodes, (pipeline) => {
      let isChanged = false;
      const changed = pipeline.map((node, i) => {
        if (node.type !== 'TraversalNode' || node.stepConditions !== undefined) return node;
        const result = withConditions(node, pipeline, i, ids);
        if (result !== node) isChanged = true;
        return result;
      });
      return isChanged ? changed : pipeline;
    }),
};

function withConditions(node: TraversalNode, nodes: Pipeline, position: number, ids: Ids): TraversalNode {
  const isKnown = isKnownAt(nodes, position);
  const edge = node.edgeOutVariable ?? ids.variable();
  const steps: StepCondition[] = [];
  let filter = node.filter;
  for (const condition of conditionsAfter(nodes, position)) {
    if (!isDeterministic(condition) || mayThrow(condition)) continue;
    const step = stepConditionOf(condition, node, edge, isKnown);
    if (step !== undefined) steps.push(step);
    else if (isAboutEnd(condition, node, isKnown)) {
      filter = filter === undefined ? condition : { type: 'binary', operator: '&&', left: filter, right: condition };
    }
  }
  if (steps.length === 0 && filter === node.filter) return node;
  return {
    ...node,
    ...(steps.some(({ on }) => on === 'edge') && { edgeOutVariable: edge }),
    ...(steps.length > 0 && { stepConditions: steps }),
    ...(filter && { filter }),
  };
}

/** About the vertex and the edge that are given out, and nothing else of the traversal. */
function isAboutEnd(condition: Expression, node: TraversalNode, isKnown: (expression: Expression) => boolean): boolean {
  const own = [node.vertexOutVariable, node.edgeOutVariable].filter((variable) => variable !== undefined);
  const read = variablesOf(condition);
  if (!own.some((variable) => read.has(variable))) return false;
  return isKnown(substitute(condition, new Map(own.map((variable) => [variable, { type: 'constant', value: null } as const]))));
}

function stepConditionOf(
  source: Expression,
  node: TraversalNode,
  edge: Variable,
  isKnown: (expression: Expression) => boolean,
): StepCondition | undefined {
  const { pathOutVariable: path, vertexOutVariable: vertex } = node;
  if (path === undefined || !variablesOf(source).has(path)) return undefined;
  return allSteps(source, path, { vertex, edge }, isKnown) ?? oneStep(source, path, { vertex, edge }, isKnown);
}

interface Ends {
  readonly vertex: Variable;
  readonly edge: Variable;
}

/** `path.edges[*].attribute ALL == value`, or NONE. */
function allSteps(source: Expression, path: Variable, ends: Ends, isKnown: (expression: Expression) => boolean): StepCondition | undefined {
  if (source.type !== 'quantified' || !isKnown(source.right)) return undefined;
  const { quantifier, operator, left, right } = source;
  if (quantifier.is !== 'all' && quantifier.is !== 'none') return undefined;
  if (left.type !== 'expansion' || left.levels !== 1 || left.filter !== undefined || left.limit !== undefined) return undefined;
  const on = partOf(left.object, path);
  if (on === undefined) return undefined;
  const step = reference(ends[on]);
  const value = left.projection === undefined ? step : substitute(left.projection, new Map([[left.element, step]]));
  if (!isKnown(substitute(value, new Map([[ends[on], { type: 'constant', value: null } as const]])))) return undefined;
  const holds: Expression = { type: 'binary', operator, left: value, right };
  return { on, condition: quantifier.is === 'all' ? holds : { type: 'unary', operator: '!', operand: holds }, source };
}

/** Any condition about one place of the path: `path.edges[2]`, `path.vertices[1]`. */
function oneStep(source: Expression, path: Variable, ends: Ends, isKnown: (expression: Expression) => boolean): StepCondition | undefined {
  const places = new Set<string>();
  const replaced = replacePlaces(source, path, ends, places);
  const [place] = places;
  if (place === undefined || places.size !== 1) return undefined;
  const [on, index] = place.split(' ') as ['vertex' | 'edge', string];
  // What else the condition reads must be known before: the path itself, the vertex or the edge of the end are not.
  const alone = substitute(replaced, new Map([[ends[on], { type: 'constant', value: null } as const]]));
  if (!isKnown(alone) || variablesOf(source).has(ends[on])) return undefined;
  return { on, depth: Number(index) + (on === 'edge' ? 1 : 0), condition: replaced, source };
}

function replacePlaces(expression: Expression, path: Variable, ends: Ends, places: Set<string>): Expression {
  if (expression.type === 'index' && expression.index.type === 'constant') {
    const { value } = expression.index;
    const on = partOf(expression.object, path);
    if (on !== undefined && typeof value === 'number' && Number.isInteger(value) && value >= 0) {
      places.add(`${on} ${value}`);
      return reference(ends[on]);
    }
  }
  return mapOperands(expression, (operand) => replacePlaces(operand, path, ends, places));
}

/** `path.vertices` or `path.edges` */
function partOf(expression: Expression, path: Variable): 'vertex' | 'edge' | undefined {
  if (expression.type !== 'attribute' || expression.object.type !== 'variable' || expression.object.variable !== path) return undefined;
  return expression.name === 'vertices' ? 'vertex' : expression.name === 'edges' ? 'edge' : undefined;
}
