/**
 * What entries of an index hold (`IndexAccess.held`) is read off them, and documents only where more is needed: not at all, or behind what
 * drops rows. Only compiled plans are like that; EXPLAIN shows where ArangoDB reads, whose entries have no keys of documents.
 *
 *   FOR d IN items (index city; only: _key as #1, name as #2)  FOR o IN orders (index customer: #1)  RETURN [#2, o.total]
 *     =>   FOR d IN items (index city, index only: _key as #1)  FOR o IN orders (index customer: #1)  MATERIALIZE d  LET #2 = d.name  RETURN [#2, o.total]
 */
import type { Variable } from '../bound-query.ts';
import { attributePathOf, operandsOf, reference, variablesOf, type Expression } from '../expression.ts';
import {
  expressionsOf,
  isModification,
  mapExpressions,
  mapPipelines,
  replaceVariable,
  someNode,
  variablesReadBy,
  type ExecutionNode,
  type IndexNode,
  type Pipeline,
  type Projection,
} from '../plan.ts';
import { placeHeld } from './held-attributes.ts';

type Path = readonly string[];

/** Where only attributes are read that entries hold, or none. */
export function readOffEntries(nodes: Pipeline): Pipeline {
  return mapPipelines(nodes, (pipeline) => {
    const changed = pipeline.map((node, i) => (mayReadEntries(node) ? withoutDocument(node, pipeline.slice(i + 1)) : node));
    return changed.every((node, i) => node === pipeline[i]) ? pipeline : changed;
  });
}

function withoutDocument(node: IndexNode, after: Pipeline): IndexNode {
  const isLookedAt = node.producesResult || node.filter !== undefined;
  const projections = node.projections ?? (isLookedAt ? undefined : []);
  if (projections === undefined || !projections.every(({ path }) => isHeld(node, path))) return node;
  return needsOnlyHeld(node, after) ? { ...node, isCovering: true } : node;
}

/**
 * Where rows are dropped before more is read than entries hold. Nothing may write in between, as the documents are to be those that the entries
 * are of; the innermost loops of subqueries see too few rows to be worth it.
 */
export function readRowsLate(nodes: Pipeline): Pipeline {
  if (someNode(nodes, isModification)) return nodes;
  const position = nodes.findIndex(isLoop);
  const node = nodes[position];
  if (node === undefined || !mayReadEntries(node) || !node.producesResult) return nodes;
  const changed = withLateRows(node, nodes.slice(position + 1));
  return changed === undefined ? nodes : [...nodes.slice(0, position), ...changed];
}

function isLoop({ type }: ExecutionNode): boolean {
  return type !== 'SingletonNode' && type !== 'CalculationNode' && type !== 'SubqueryNode';
}

function withLateRows(node: IndexNode, after: Pipeline): Pipeline | undefined {
  const { projections = [], outVariable } = node;
  if (node.filter !== undefined && !readsOnlyHeld(node, node.filter)) return undefined;
  const late = projections.filter(({ path }) => !isHeld(node, path));
  const needsDocument = (each: ExecutionNode): boolean =>
    late.some(({ variable }) => variable !== undefined && variablesReadBy(each).has(variable)) || !needsOnlyHeld(node, [each]);
  const needed = after.findIndex(needsDocument);
  if (needed === -1) return undefined;
  const between = after.slice(0, needed);
  // Whatever multiplies rows should come behind it.
  const end = between.findLastIndex((each, i) => dropsRows(each, i === 0)) + 1;
  const isFiltered = node.filter !== undefined;
  if ((end === 0 && !isFiltered) || !between.slice(0, end).every(isHarmless)) return undefined;

  const [rowVariable, document]: Variable[] = [{ ...outVariable }, { ...outVariable }];
  const index: IndexNode = { ...node, projections: heldProjections(node, between), isCovering: true, rowVariable: rowVariable! };
  const materialize: ExecutionNode = {
    type: 'MaterializeNode',
    id: node.id,
    collection: node.collection,
    inVariable: rowVariable!,
    indexVariable: outVariable,
    outVariable: document!,
  };
  const behind = replaceVariable(after.slice(end), outVariable, document!);
  const attributes = late.filter(({ variable }) => variable !== undefined);
  return [index, ...after.slice(0, end), materialize, ...attributes.reduce((rest, each) => withAttribute(rest, each, document!), behind)];
}

/** Reads an attribute of the document before it is first needed. */
function withAttribute(nodes: Pipeline, { path, variable }: Projection, document: Variable): Pipeline {
  const first = nodes.findIndex((node) => variablesReadBy(node).has(variable!));
  const reader = nodes[first];
  if (reader === undefined) return nodes;
  const expression = path.reduce<Expression>((object, name) => ({ type: 'attribute', object, name }), reference(document));
  return nodes.toSpliced(first, 0, { type: 'CalculationNode', id: reader.id, expression, outVariable: variable! });
}

/** Those that have variables, and those that are read without one. */
function heldProjections(node: IndexNode, between: Pipeline): readonly Projection[] {
  const given = (node.projections ?? []).filter(({ path }) => isHeld(node, path));
  const paths = new Map<string, Path>();
  const gather = (expression: Expression): void => {
    const chain = attributePathOf(expression);
    if (chain?.variable === node.outVariable) paths.set(JSON.stringify(chain.path), chain.path);
    else operandsOf(expression).forEach(gather);
  };
  for (const expression of [...(node.filter === undefined ? [] : [node.filter]), ...between.flatMap(expressionsOf)]) gather(expression);
  for (const { path } of given) paths.delete(JSON.stringify(path));
  return [...given, ...[...paths.values()].map((path) => ({ path }))];
}

/** By one index in its order, whose entries hold something and say for themselves whether they are asked for. */
function mayReadEntries(node: ExecutionNode): node is IndexNode {
  if (node.type !== 'IndexNode' || node.isCovering || node.rowVariable !== undefined) return false;
  const [lookup] = node.lookups;
  if (lookup === undefined || !node.lookups.every(({ access }) => access === lookup.access)) return false;
  const { held, index, isSorted, isExpanded } = lookup.access;
  return index.type !== 'primary' && isSorted && !isExpanded && held.length > 0;
}

function isHeld({ lookups }: IndexNode, path: Path): boolean {
  return path.length > 0 && placeHeld(lookups[0]!.access, path) !== -1;
}

function needsOnlyHeld(node: IndexNode, nodes: Pipeline): boolean {
  return nodes.every((each) => {
    if (!variablesReadBy(each).has(node.outVariable)) return true;
    if (each.type === 'SubqueryNode') return needsOnlyHeld(node, each.nodes);
    const rest = mapExpressions(each, () => ({ type: 'constant', value: null }));
    return !variablesReadBy(rest).has(node.outVariable) && expressionsOf(each).every((expression) => readsOnlyHeld(node, expression));
  });
}

function readsOnlyHeld(node: IndexNode, expression: Expression): boolean {
  const chain = attributePathOf(expression);
  if (chain?.variable === node.outVariable) return isHeld(node, chain.path);
  return operandsOf(expression).every((operand) => readsOnlyHeld(node, operand));
}

/** A LIMIT right behind the index keeps all that is read, but for a large offset. */
function dropsRows(node: ExecutionNode, isFirst: boolean): boolean {
  switch (node.type) {
    case 'FilterNode':
      return true;
    case 'IndexNode':
      return variablesOfLookups(node).size > 0;
    case 'SortNode':
      return node.limit !== undefined;
    case 'LimitNode':
      return !isFirst || (node.offset.type === 'constant' && typeof node.offset.value === 'number' && node.offset.value >= LARGE_OFFSET);
    default:
      return false;
  }
}

const LARGE_OFFSET = 100;

function variablesOfLookups({ lookups }: IndexNode): ReadonlySet<Variable> {
  const read = new Set<Variable>();
  for (const { equal, low, high } of lookups) {
    for (const each of [...equal, low, high]) if (each !== undefined) variablesOf(each.expression, read);
  }
  return read;
}

function isHarmless({ type }: ExecutionNode): boolean {
  return ['CalculationNode', 'FilterNode', 'SortNode', 'LimitNode', 'IndexNode', 'EnumerateListNode', 'SubqueryNode'].includes(type);
}
