/**
 * optimize-traversal-last-element-access: the end of a path is the vertex and the edge that come with it.
 *
 *   FOR v, e, p IN … RETURN [p.vertices[-1], p.edges[-1]]   =>   FOR v, e, p IN … RETURN [v, e]
 */
import type { Variable } from '../../bound-query.ts';
import { reference, type Expression } from '../../expression.ts';
import {
  mapExpressions,
  mapPipelines,
  rewriteExpression,
  variablesReadBy,
  type ExecutionNode,
  type Ids,
  type Pipeline,
} from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const optimizeTraversalLastElementAccess: Rule = {
  name: 'optimize-traversal-last-element-access',
  apply: (nodes, { ids }) => mapPipelines(nodes, (pipeline) => replaceAll(pipeline, ids)),
};

interface Ends {
  readonly path: Variable;
  readonly vertex: Variable;
  readonly edge: Variable;
}

function replaceAll(nodes: Pipeline, ids: Ids): Pipeline {
  let result = nodes;
  for (const [i, node] of nodes.entries()) {
    if (node.type !== 'TraversalNode' || node.pathOutVariable === undefined) continue;
    const ends: Ends = { path: node.pathOutVariable, vertex: node.vertexOutVariable, edge: node.edgeOutVariable ?? ids.variable() };
    const after = result.slice(i + 1).map((each) => replaceIn(each, ends));
    if (after.every((each, place) => each === result[i + 1 + place])) continue;
    result = [...result.slice(0, i), { ...node, edgeOutVariable: ends.edge }, ...after];
  }
  return result;
}

function replaceIn(node: ExecutionNode, ends: Ends): ExecutionNode {
  if (!variablesReadBy(node).has(ends.path)) return node;
  if (node.type === 'SubqueryNode') return { ...node, nodes: node.nodes.map((inner) => replaceIn(inner, ends)) };
  let isChanged = false;
  const replaced = mapExpressions(node, (expression) => {
    const result = rewriteExpression(expression, (each) => endOf(each, ends) ?? each);
    if (result !== expression) isChanged = true;
    return result;
  });
  return isChanged ? replaced : node;
}

/** `path.vertices[-1]` or `path.edges[-1]` */
function endOf(expression: Expression, { path, vertex, edge }: Ends): Expression | undefined {
  if (expression.type !== 'index' || expression.index.type !== 'constant' || expression.index.value !== -1) return undefined;
  const { object } = expression;
  if (object.type !== 'attribute' || object.object.type !== 'variable' || object.object.variable !== path) return undefined;
  return object.name === 'vertices' ? reference(vertex) : object.name === 'edges' ? reference(edge) : undefined;
}
