/**
 * Attributes that a plan takes from documents as it meets them are read later where that may spare reading them: behind what drops rows,
 * and inside of a calculation that may do without (`a ? b : c`). Only compiled plans are like that; EXPLAIN shows where ArangoDB reads.
 *
 *   FOR u IN users (only: age as #1, name as #2)  SORT #1 (3 first)  LIMIT 3  RETURN #2
 *     =>   FOR u IN users (only: age as #1, name)  SORT #1 (3 first)  LET #2 = u.name  LIMIT 3  RETURN #2
 */
import type { Variable } from '../bound-query.ts';
import { reference, substitute, type Expression } from '../expression.ts';
import {
  mapPipelines,
  variablesReadBy,
  type EnumerateCollectionNode,
  type ExecutionNode,
  type IndexNode,
  type Pipeline,
  type Projection,
} from '../plan.ts';

export function readLate(nodes: Pipeline): Pipeline {
  return mapPipelines(nodes, (pipeline) => {
    let result = pipeline;
    for (const node of pipeline) if (readsDocuments(node)) result = readLateOf(node, result);
    return result;
  });
}

/** What an index has itself is at hand already. */
function readsDocuments(node: ExecutionNode): node is EnumerateCollectionNode | IndexNode {
  return node.type === 'EnumerateCollectionNode' || (node.type === 'IndexNode' && !node.isCovering);
}

function readLateOf(node: EnumerateCollectionNode | IndexNode, nodes: Pipeline): Pipeline {
  const position = nodes.indexOf(node);
  let after: Pipeline = nodes.slice(position + 1);
  let isChanged = false;
  const projections = node.projections?.map((projection): Projection => {
    const { path, variable } = projection;
    const attribute = path.reduce<Expression>((object, name) => ({ type: 'attribute', object, name }), reference(node.outVariable));
    const changed = variable && (readBehindDrops(after, variable, attribute) ?? readInPlace(after, variable, attribute));
    if (changed === undefined) return projection;
    after = changed;
    isChanged = true;
    return { path };
  });
  return isChanged && projections !== undefined ? [...nodes.slice(0, position), { ...node, projections }, ...after] : nodes;
}

/** Undefined: no row is dropped before the first that reads it. */
function readBehindDrops(nodes: Pipeline, outVariable: Variable, expression: Expression): Pipeline | undefined {
  const first = nodes.findIndex((node) => variablesReadBy(node).has(outVariable));
  const reader = nodes[first];
  if (reader === undefined || !nodes.slice(0, first).some(mayDropRows)) return undefined;
  return nodes.toSpliced(first, 0, { type: 'CalculationNode', id: reader.id, expression, outVariable });
}

function mayDropRows(node: ExecutionNode): boolean {
  return node.type === 'FilterNode' || node.type === 'LimitNode' || (node.type === 'SortNode' && node.limit !== undefined);
}

/** Undefined: it is not read by one calculation alone, with the document at hand. */
function readInPlace(nodes: Pipeline, variable: Variable, expression: Expression): Pipeline | undefined {
  const readers = nodes.filter((node) => variablesReadBy(node).has(variable));
  const [reader] = readers;
  if (reader?.type !== 'CalculationNode' || readers.length > 1) return undefined;
  if (!nodes.slice(0, nodes.indexOf(reader)).every(({ type }) => type === 'CalculationNode')) return undefined;
  const replaced = { ...reader, expression: substitute(reader.expression, new Map([[variable, expression]])) };
  return nodes.map((node) => (node === reader ? replaced : node));
}
