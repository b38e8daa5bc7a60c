/**
 * optimize-projections: attributes that are taken from documents have variables of their own, which everybody reads in the document's place.
 *
 *   FOR u IN users (only: name)  SORT u.name  RETURN { n: u.name }   =>   FOR u IN users (only: name as #1)  SORT #1  RETURN { n: #1 }
 *
 * What was a calculation of its own is only another name afterwards; `remove-unnecessary-calculations` has a further turn for these.
 */
import type { Variable } from '../../bound-query.ts';
import { attributePathOf, reference, type Expression } from '../../expression.ts';
import {
  mapExpressions,
  mapPipelines,
  rewriteExpression,
  variablesReadBy,
  type ExecutionNode,
  type Ids,
  type Pipeline,
  type Projection,
} from '../../plan.ts';
import type { Rule } from '../rule.ts';

export const optimizeProjections: Rule = {
  name: 'optimize-projections',
  apply: (nodes, { ids }) => mapPipelines(nodes, (pipeline) => giveOutAll(pipeline, ids)),
};

function giveOutAll(nodes: Pipeline, ids: Ids): Pipeline {
  let result = nodes;
  for (const [i, { type }] of nodes.entries()) {
    const node = result[i];
    if (type !== 'EnumerateCollectionNode' && type !== 'IndexNode') continue;
    if (node?.type !== 'EnumerateCollectionNode' && node?.type !== 'IndexNode') continue;
    // As ArangoDB has it, the rule has had its say where a node filters by itself.
    if (node.filter !== undefined) result = [...result];
    if (node.projections === undefined) continue;
    let after = result.slice(i + 1);
    const projections = node.projections.map((projection): Projection => {
      const attribute = { document: node.outVariable, path: projection.path };
      if (projection.variable !== undefined || !after.some((each) => reads(each, attribute))) return projection;
      const variable = ids.variable();
      after = after.map((each) => readInstead(each, attribute, variable));
      return { ...projection, variable };
    });
    if (projections.some(({ variable }, place) => variable !== node.projections?.[place]?.variable)) {
      result = [...result.slice(0, i), { ...node, projections }, ...after];
    }
  }
  return result;
}

interface Attribute {
  readonly document: Variable;
  readonly path: readonly string[];
}

function isAttribute(expression: Expression, { document, path }: Attribute): boolean {
  const chain = attributePathOf(expression);
  return chain?.variable === document && chain.path.length === path.length && chain.path.every((step, i) => step === path[i]);
}

function reads(node: ExecutionNode, attribute: Attribute): boolean {
  return readInstead(node, attribute, attribute.document) !== node;
}

/** The node itself, if it does not read the attribute. */
function readInstead(node: ExecutionNode, attribute: Attribute, variable: Variable): ExecutionNode {
  if (!variablesReadBy(node).has(attribute.document)) return node;
  if (node.type === 'SubqueryNode') {
    const nodes = node.nodes.map((inner) => readInstead(inner, attribute, variable));
    return nodes.every((inner, i) => inner === node.nodes[i]) ? node : { ...node, nodes };
  }
  let isChanged = false;
  const replaced = mapExpressions(node, (expression) =>
    rewriteExpression(expression, (part) => {
      if (!isAttribute(part, attribute)) return part;
      isChanged = true;
      return reference(variable);
    }),
  );
  return isChanged ? replaced : node;
}
