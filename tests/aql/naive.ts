/**
 * Runs a plan by the book: a row is a map of variables, a node turns a list of rows into a list of rows. Slow and simple, so that it can
 * be believed; compiled queries are held against it. It knows what queries that only read are made of.
 */
import { compareValues, equalValues, isArray, isObject, toBool, type Value, type ValueObject } from '#values';
import type { Variable } from '../../src/aql/bound-query.ts';
import { evaluate, type Scope } from '../../src/aql/evaluate.ts';
import type { Expression } from '../../src/aql/expression.ts';
import { findAggregateFunction } from '../../src/aql/functions/aggregates.ts';
import type {
  Aggregate,
  CollectNode,
  EnumeratePathsNode,
  ExecutionNode,
  Pipeline,
  ShortestPathNode,
  TraversalNode,
} from '../../src/aql/plan.ts';

export interface NaiveEnvironment {
  readonly context: Scope['context'];
  readonly parameters: ValueObject;
  documents(collection: string): readonly ValueObject[];
}

type Row = ReadonlyMap<Variable, Value>;

export function runNaively(nodes: Pipeline, environment: NaiveEnvironment, outer: Row = new Map()): readonly Value[] {
  let rows: readonly Row[] = [outer];
  for (const node of nodes) {
    if (node.type === 'ReturnNode') return rows.map((row) => valueIn(row, node.inVariable));
    rows = step(node, rows, environment, outer);
  }
  return [];
}

/** `outer` is the row of the outer query. */
function step(node: ExecutionNode, rows: readonly Row[], environment: NaiveEnvironment, outer: Row): readonly Row[] {
  const valueOf = (expression: Expression, row: Row): Value => evaluate(expression, scopeOf(row, environment));
  switch (node.type) {
    case 'SingletonNode':
      return rows;
    case 'CalculationNode':
      return rows.map((row) => withValue(row, node.outVariable, valueOf(node.expression, row)));
    case 'FilterNode':
      return rows.filter((row) => toBool(valueIn(row, node.inVariable)));
    case 'NoResultsNode':
      return [];
    case 'EnumerateCollectionNode':
      return rows.flatMap((row) => environment.documents(node.collection.name).map((each) => withValue(row, node.outVariable, each)));
    case 'EnumerateListNode':
      return rows.flatMap((row) => {
        const list = valueIn(row, node.inVariable);
        return isArray(list) ? list.map((each) => withValue(row, node.outVariable, each)) : [];
      });
    case 'SubqueryNode':
      return rows.map((row) => withValue(row, node.outVariable, runNaively(node.nodes, environment, row)));
    case 'SortNode':
      return rows.toSorted((left, right) => {
        for (const { variable, isAscending } of node.elements) {
          const order = compareValues(valueIn(left, variable), valueIn(right, variable));
          if (order !== 0) return isAscending ? order : -order;
        }
        return 0;
      });
    case 'LimitNode': {
      const [offset, count] = [node.offset, node.count].map((each) => valueOf(each, new Map()));
      return rows.slice(Number(offset), Number(offset) + Number(count));
    }
    case 'CollectNode':
      return collect(node, rows, outer);
    case 'WindowNode': {
      const [before, after] = [node.bounds.preceding, node.bounds.following].map((bound) => reach(valueOf(bound, new Map())));
      return rows.map((row, i) => {
        const window = rows.slice(Math.max(0, i - (before ?? 0)), i + (after ?? 0) + 1);
        return node.aggregates.reduce((result: Row, each) => withValue(result, each.outVariable, aggregate(each, window)), row);
      });
    }
    case 'TraversalNode':
      return rows.flatMap((row) => walk(node, row, environment));
    case 'ShortestPathNode':
      return rows.flatMap((row) => shortestPath(node, row, environment));
    case 'EnumeratePathsNode':
      return rows.flatMap((row) => enumeratePaths(node, row, environment));
    default:
      throw new Error(`the naive interpreter knows no ${node.type}`);
  }
}

function collect(node: CollectNode, rows: readonly Row[], outer: Row): readonly Row[] {
  const groups: { readonly keys: readonly Value[]; readonly rows: Row[] }[] = [];
  for (const row of rows) {
    const keys = node.groups.map(({ inVariable }) => valueIn(row, inVariable));
    const group = groups.find((known) => known.keys.every((key, i) => equalValues(key, keys[i] ?? null)));
    if (group === undefined) groups.push({ keys, rows: [row] });
    else group.rows.push(row);
  }
  if (node.groups.length === 0 && groups.length === 0) groups.push({ keys: [], rows: [] });
  return groups.map(({ keys, rows: members }) => {
    const result = new Map(outer);
    for (const [i, { outVariable }] of node.groups.entries()) result.set(outVariable, keys[i] ?? null);
    for (const each of node.aggregates) result.set(each.outVariable, aggregate(each, members));
    const { into } = node;
    if (into !== undefined) {
      result.set(
        into.outVariable,
        members.map((row) =>
          into.expressionVariable === undefined
            ? Object.fromEntries(into.keep.map((variable) => [variable.name, valueIn(row, variable)]))
            : valueIn(row, into.expressionVariable),
        ),
      );
    }
    return result;
  });
}

const reach = (bound: Value): number => (bound === 'unbounded' ? Infinity : Number(bound));

function aggregate({ inVariable, function: name }: Aggregate, rows: readonly Row[]): Value {
  const accumulator = findAggregateFunction(name)?.create();
  for (const row of rows) accumulator?.add(inVariable === undefined ? null : valueIn(row, inVariable));
  return accumulator?.result() ?? null;
}

/** All walks that begin at the row's vertex, longer ones after shorter ones. */
function walk(node: TraversalNode, row: Row, environment: NaiveEnvironment): readonly Row[] {
  const given = valueIn(row, node.inVariable);
  const start = isObject(given) ? (given['_id'] ?? null) : given;
  if (typeof start !== 'string' || !start.includes('/')) return [];
  const [least, most] = [node.minDepth, node.maxDepth].map((depth) => Number(evaluate(depth, scopeOf(row, environment))));
  const found: Row[] = [];
  const visit = (vertices: readonly string[], edges: readonly ValueObject[]): void => {
    const documents = vertices.map((id) => documentOf(id, environment));
    let result = withValue(row, node.vertexOutVariable, documents.at(-1) ?? null);
    if (node.edgeOutVariable !== undefined) result = withValue(result, node.edgeOutVariable, edges.at(-1) ?? null);
    if (node.pathOutVariable !== undefined) result = withValue(result, node.pathOutVariable, { vertices: documents, edges });
    const isPruned = node.prune !== undefined && toBool(evaluate(node.prune.condition, scopeOf(result, environment)));
    if (edges.length >= (least ?? 1)) found.push(result);
    if (isPruned || edges.length >= (most ?? 1)) return;
    for (const [edge, vertex] of edgesAt(node, vertices.at(-1) ?? '', environment)) {
      if (edges.some((other) => other['_id'] === edge['_id'])) continue;
      if (node.options.uniqueVertices === 'path' && vertices.includes(vertex)) continue;
      visit([...vertices, vertex], [...edges, edge]);
    }
  };
  visit([start], []);
  return found;
}

function* edgesAt(
  { source }: Pick<TraversalNode, 'source'>,
  vertex: string,
  environment: NaiveEnvironment,
): Generator<readonly [ValueObject, string]> {
  for (const { collection, direction } of source.edges) {
    for (const edge of environment.documents(collection.name)) {
      const [from, to] = [edge['_from'] as string, edge['_to'] as string];
      if (direction !== 'INBOUND' && from === vertex) yield [edge, to];
      if (direction !== 'OUTBOUND' && to === vertex && !(direction === 'ANY' && from === to)) yield [edge, from];
    }
  }
}

interface Path {
  readonly vertices: readonly string[];
  readonly edges: readonly ValueObject[];
}

function endsOf(node: ShortestPathNode | EnumeratePathsNode, row: Row): readonly [from: string, to: string] | undefined {
  const [from, to] = [node.startVariable, node.targetVariable].map((variable) => {
    const given = valueIn(row, variable);
    return isObject(given) ? (given['_id'] ?? null) : given;
  });
  const isId = (id: Value | undefined): id is string => typeof id === 'string' && id.includes('/');
  return isId(from) && isId(to) ? [from, to] : undefined;
}

/** The way with the least weight: whatever is better is put in the place of what was known, until nothing is. */
function shortestPath(node: ShortestPathNode, row: Row, environment: NaiveEnvironment): readonly Row[] {
  const ends = endsOf(node, row);
  if (ends === undefined) return [];
  const [from, to] = ends;
  const { weightAttribute, defaultWeight } = node.options;
  const weightOf = (edge: ValueObject): number => {
    const weight = weightAttribute === undefined ? 1 : edge[weightAttribute];
    return typeof weight === 'number' ? weight : defaultWeight;
  };
  const known = new Map<string, { readonly weight: number; readonly path: Path }>([
    [from, { weight: 0, path: { vertices: [from], edges: [] } }],
  ]);
  for (let isChanged = true; isChanged;) {
    isChanged = false;
    for (const [vertex, { weight, path }] of known) {
      for (const [edge, next] of edgesAt(node, vertex, environment)) {
        const through = weight + weightOf(edge);
        if (through >= (known.get(next)?.weight ?? Infinity)) continue;
        known.set(next, { weight: through, path: { vertices: [...path.vertices, next], edges: [...path.edges, edge] } });
        isChanged = true;
      }
    }
  }
  const { vertices = [], edges = [] } = known.get(to)?.path ?? {};
  return vertices.map((vertex, i) => {
    const result = withValue(row, node.vertexOutVariable, documentOf(vertex, environment));
    return node.edgeOutVariable === undefined ? result : withValue(result, node.edgeOutVariable, edges[i - 1] ?? null);
  });
}

/** More than any query asks for of the shortest. */
const ENOUGH_PATHS = 8;

function enumeratePaths(node: EnumeratePathsNode, row: Row, environment: NaiveEnvironment): readonly Row[] {
  const ends = endsOf(node, row);
  if (ends === undefined) return [];
  const [least, most] = [node.minDepth, node.maxDepth].map((depth) => Number(evaluate(depth, scopeOf(row, environment)))) as [
    number,
    number,
  ];
  const isOfLength = node.kind === 'K_PATHS';
  const enough = isOfLength ? Infinity : node.kind === 'ALL_SHORTEST_PATHS' ? 1 : ENOUGH_PATHS;
  const found = simplePaths(node, ends, environment, { most: isOfLength ? most : Infinity, enough });
  const wanted = isOfLength ? found.filter(({ edges }) => edges.length >= least) : found;
  return wanted.map(({ vertices, edges }) => {
    const path = { vertices: vertices.map((vertex) => documentOf(vertex, environment)), edges };
    return withValue(row, node.pathOutVariable, node.kind === 'K_SHORTEST_PATHS' ? { ...path, weight: edges.length } : path);
  });
}

/** Those that meet no vertex twice, shorter ones first; once there are enough, no longer ones. */
function simplePaths(
  node: EnumeratePathsNode,
  [from, to]: readonly [from: string, to: string],
  environment: NaiveEnvironment,
  { most, enough }: { readonly most: number; readonly enough: number },
): readonly Path[] {
  const reachable = new Set([from]);
  for (const vertex of reachable) for (const [, next] of edgesAt(node, vertex, environment)) reachable.add(next);
  if (!reachable.has(to)) return [];
  const found: Path[] = [];
  let level: readonly Path[] = [{ vertices: [from], edges: [] }];
  for (let length = 0; level.length > 0 && length <= most && found.length < enough; length++) {
    const longer: Path[] = [];
    for (const path of level) {
      const { vertices, edges } = path;
      const at = vertices.at(-1) ?? '';
      if (at === to) {
        found.push(path);
        continue;
      }
      for (const [edge, next] of edgesAt(node, at, environment)) {
        if (!vertices.includes(next)) longer.push({ vertices: [...vertices, next], edges: [...edges, edge] });
      }
    }
    level = longer;
  }
  return found;
}

function documentOf(id: string, environment: NaiveEnvironment): Value {
  const [collection = '', key] = id.split('/');
  return environment.documents(collection).find(({ _key }) => _key === key) ?? null;
}

function withValue(row: Row, variable: Variable, value: Value): Row {
  return new Map(row).set(variable, value);
}

function valueIn(row: Row, variable: Variable): Value {
  const value = row.get(variable);
  if (value === undefined) throw new Error(`variable ${variable.name} is read before it is set`);
  return value;
}

function scopeOf(row: Row, { context, parameters }: NaiveEnvironment): Scope {
  return { context, parameter: (name) => parameters[name] ?? null, variable: (variable) => valueIn(row, variable) };
}
