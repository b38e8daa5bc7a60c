/**
 * What a named graph can be asked: neighbours, paths, distances and measures. All of it is AQL underneath. Vertices and edges are chosen
 * by examples: none or `{}` for all, an id, an object whose attributes must be equal, or a list of these.
 *
 * The measures look at all pairs of vertices; they are for small graphs.
 */
import { ArangoError } from '#base';
import type { Db } from './db.ts';

type Direction = 'any' | 'inbound' | 'outbound';

interface DocumentWithId {
  readonly _id: string;
  readonly [name: string]: unknown;
}

interface EdgeRestriction {
  readonly direction?: Direction;
  readonly edgeCollectionRestriction?: string | readonly string[];
}

export interface NeighborOptions extends EdgeRestriction {
  readonly edgeExamples?: unknown;
  readonly neighborExamples?: unknown;
  readonly vertexCollectionRestriction?: string | readonly string[];
  readonly minDepth?: number;
  readonly maxDepth?: number;
  /** Documents instead of ids. */
  readonly includeData?: boolean;
}

/** Restrictions of start and end vertices to collections, which the manual knows, do nothing in ArangoDB either. */
export interface PathOptions extends EdgeRestriction {
  readonly weightAttribute?: string;
  readonly defaultWeight?: number;
}

export interface PropertyOptions {
  readonly vertex1CollectionRestriction?: string | readonly string[];
  readonly vertex2CollectionRestriction?: string | readonly string[];
  readonly ignoreProperties?: string | readonly string[];
}

export interface ConnectionOptions extends PropertyOptions {
  readonly edgeCollectionRestriction?: string | readonly string[];
  readonly edgeExamples?: unknown;
}

interface ShortestPath {
  readonly start: string;
  readonly end: string;
  readonly vertices: readonly string[];
  readonly edges: readonly unknown[];
  readonly distance: number;
}

type Measures = Record<string, number>;
type BindVars = Readonly<Record<string, unknown>>;

const DIRECTIONS: ReadonlySet<string> = new Set<Direction>(['any', 'inbound', 'outbound']);
const SYSTEM_ATTRIBUTES: ReadonlySet<string> = new Set(['_id', '_key', '_rev', '_from', '_to']);

export abstract class GraphQueries {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  abstract get __name(): string;
  protected abstract get vertexCollectionNames(): readonly string[];
  protected abstract get edgeCollectionNames(): readonly string[];

  // Vertices and edges

  _vertices(example?: unknown): DocumentWithId[] {
    return this.#find(this.vertexCollectionNames, example);
  }

  _edges(example?: unknown): DocumentWithId[] {
    return this.#find(this.edgeCollectionNames, example);
  }

  /** Edges between vertices of the first and of the second kind, in either direction. */
  _getConnectingEdges(example1?: unknown, example2?: unknown, options: ConnectionOptions = {}): DocumentWithId[] {
    const { vertex1CollectionRestriction, vertex2CollectionRestriction, edgeCollectionRestriction, edgeExamples } = options;
    const [left, right] = [this.#ids(example1, vertex1CollectionRestriction), this.#ids(example2, vertex2CollectionRestriction)];
    const isWanted = like('e', edgeExamples);
    return restricted(this.edgeCollectionNames, edgeCollectionRestriction).flatMap((collection) =>
      this.#query<DocumentWithId>(
        `FOR e IN @@collection
          FILTER (e._from IN @left && e._to IN @right) || (e._from IN @right && e._to IN @left)
          FILTER ${isWanted.condition} RETURN e`,
        { ...isWanted.bindVars, '@collection': collection, left, right },
      ),
    );
  }

  // Neighbours

  _neighbors(example?: unknown, options: NeighborOptions = {}): unknown[] {
    const { query, bindVars } = this.#neighborQuery(options);
    const result = options.includeData === true ? 'v' : 'v._id';
    return this.#query(`FOR start IN @starts ${query} RETURN DISTINCT ${result}`, { ...bindVars, starts: this.#ids(example) });
  }

  /** A row for each two vertices that have neighbours in common. */
  _commonNeighbors(
    example1?: unknown,
    example2?: unknown,
    options1: NeighborOptions = {},
    options2: NeighborOptions = {},
  ): { left: string; right: string; neighbors: string[] }[] {
    const [lefts, rights] = [this.#neighborsOf(example1, options1), this.#neighborsOf(example2, options2)];
    return lefts.flatMap(({ id: left, neighbors }) =>
      rights.flatMap(({ id: right, neighbors: others }) => {
        const common = left === right ? [] : neighbors.filter((one) => others.includes(one));
        return common.length === 0 ? [] : [{ left, right, neighbors: common }];
      }),
    );
  }

  /** `[{<left>: [{<right>: 3}, …]}, …]` */
  _countCommonNeighbors(...values: Parameters<GraphQueries['_commonNeighbors']>): Record<string, Measures[]>[] {
    const counts = new Map<string, Measures[]>();
    for (const { left, right, neighbors } of this._commonNeighbors(...values)) {
      counts.set(left, [...(counts.get(left) ?? []), { [right]: neighbors.length }]);
    }
    return Array.from(counts, ([left, rights]) => ({ [left]: rights }));
  }

  // Properties

  /** `[{<id>: [{_id, and what is the same}, …]}, …]` */
  _commonProperties(example1?: unknown, example2?: unknown, options: PropertyOptions = {}): Record<string, DocumentWithId[]>[] {
    const ignored = new Set([...SYSTEM_ATTRIBUTES, ...[options.ignoreProperties ?? []].flat()]);
    const properties = (vertex: DocumentWithId): [name: string, value: unknown, identity: string][] =>
      Object.entries(vertex)
        .filter(([name]) => !ignored.has(name))
        .map(([name, value]) => [name, value, `${name}:${stableJson(value)}`]);
    const others = this.#find(restricted(this.vertexCollectionNames, options.vertex2CollectionRestriction), example2);
    const byProperty = new Map<string, number[]>();
    for (const [index, vertex] of others.entries()) {
      for (const [, , identity] of properties(vertex)) byProperty.set(identity, [...(byProperty.get(identity) ?? []), index]);
    }
    return this.#find(restricted(this.vertexCollectionNames, options.vertex1CollectionRestriction), example1).flatMap((vertex) => {
      const shared = new Map<number, DocumentWithId>();
      for (const [name, value, identity] of properties(vertex)) {
        for (const index of byProperty.get(identity) ?? []) {
          const _id = others[index]?._id ?? '';
          if (_id !== vertex._id) shared.set(index, { _id, ...shared.get(index), [name]: value });
        }
      }
      const rows = [...shared].toSorted(([a], [b]) => a - b).map(([, row]) => row);
      return rows.length === 0 ? [] : [{ [vertex._id]: rows }];
    });
  }

  /** Restrictions to collections do nothing here, as in ArangoDB. */
  _countCommonProperties(example1?: unknown, example2?: unknown, { ignoreProperties = [] }: PropertyOptions = {}): Measures[] {
    return this._commonProperties(example1, example2, { ignoreProperties }).map((row) =>
      Object.fromEntries(Object.entries(row).map(([id, vertices]) => [id, vertices.length])),
    );
  }

  // Paths

  /** All paths. `vertice` is what ArangoDB calls their vertices. */
  _paths(
    options: { direction?: Direction; followCycles?: boolean; minLength?: number; maxLength?: number } = {},
  ): { source: unknown; destination: unknown; edges: unknown[]; vertice: unknown[] }[] {
    const { direction = 'outbound', followCycles = false, minLength = 0, maxLength = 10 } = options;
    return this.#query(
      `FOR start IN @starts
        FOR v, e, p IN @min..@max ${toAql(direction)} start GRAPH @graph OPTIONS { uniqueVertices: @unique }
          RETURN { source: p.vertices[0], destination: v, edges: p.edges, vertice: p.vertices }`,
      { starts: this.#ids(), min: minLength, max: maxLength, unique: followCycles ? 'none' : 'path', graph: this.__name },
    );
  }

  _shortestPath(
    startExample?: unknown,
    endExample?: unknown,
    options?: PathOptions,
  ): { vertices: readonly string[]; edges: readonly unknown[]; distance: number }[] {
    return this.#shortestPaths(startExample, endExample, options).map(({ vertices, edges, distance }) => ({ vertices, edges, distance }));
  }

  _distanceTo(
    startExample?: unknown,
    endExample?: unknown,
    options?: PathOptions,
  ): { startVertex: string; vertex: string; distance: number }[] {
    return this.#shortestPaths(startExample, endExample, options).map(({ start, end, distance }) => ({
      startVertex: start,
      vertex: end,
      distance,
    }));
  }

  // Measures: by id, `_radius` and `_diameter` of the whole graph

  /** The distance to the vertex that is farthest away. */
  _absoluteEccentricity(example?: unknown, options?: PathOptions): Measures {
    return this.#measure(example, options, (distances) => largest(distances));
  }

  /** The radius divided by it. */
  _eccentricity(options?: PathOptions): Measures {
    return inverted(this._absoluteEccentricity(undefined, options));
  }

  /** The sum of all distances. */
  _absoluteCloseness(example?: unknown, options?: PathOptions): Measures {
    return this.#measure(example, options, (distances) => distances.reduce((sum, distance) => sum + distance, 0));
  }

  /** Another name of it. */
  _farness(example?: unknown, options?: PathOptions): Measures {
    return this._absoluteCloseness(example, options);
  }

  _closeness(options?: PathOptions): Measures {
    return inverted(this._absoluteCloseness(undefined, options));
  }

  /** On how many of the shortest paths between others a vertex lies. */
  _absoluteBetweenness(example?: unknown, options?: PathOptions): Measures {
    const measures: Measures = Object.fromEntries(this.#ids(example).map((id) => [id, 0]));
    // In any direction each path is found from both of its ends.
    const { direction = 'any' } = options ?? {};
    const share = direction === 'inbound' || direction === 'outbound' ? 1 : 1 / 2;
    for (const { vertices } of this.#shortestPaths(undefined, undefined, options)) {
      for (const id of vertices.slice(1, -1)) {
        const count = measures[id];
        if (count !== undefined) measures[id] = count + share;
      }
    }
    return measures;
  }

  _betweenness(options?: PathOptions): Measures {
    const measures = this._absoluteBetweenness(undefined, options);
    const most = largest(Object.values(measures));
    return mapped(measures, (count) => (most === 0 ? 0 : count / most));
  }

  /** The smallest eccentricity of those that reach others. */
  _radius(options?: PathOptions): number {
    return smallest(this._absoluteEccentricity(undefined, options));
  }

  _diameter(options?: PathOptions): number {
    return largest(Object.values(this._absoluteEccentricity(undefined, options)));
  }

  #measure(example: unknown, options: PathOptions | undefined, summarize: (distances: readonly number[]) => number): Measures {
    const distances = new Map<string, number[]>(this.#ids(example).map((id) => [id, []]));
    for (const { start, distance } of this.#shortestPaths(example, undefined, options)) distances.get(start)?.push(distance);
    return Object.fromEntries(Array.from(distances, ([id, list]) => [id, summarize(list)]));
  }

  #shortestPaths(startExample: unknown, endExample: unknown, options: PathOptions = {}): ShortestPath[] {
    const { weightAttribute, defaultWeight = 1 } = options;
    const { source, bindVars } = this.#source(options);
    const isWeighted = weightAttribute !== undefined;
    return this.#query(
      `FOR start IN @starts FOR end IN @ends FILTER start != end
        LET steps = (
          FOR v, e IN ${toAql(options.direction)} SHORTEST_PATH start TO end ${source}
            ${isWeighted ? 'OPTIONS { weightAttribute: @weight, defaultWeight: @defaultWeight }' : ''}
            RETURN { id: v._id, e })
        FILTER LENGTH(steps) > 0
        LET edges = steps[* FILTER CURRENT.e != null].e
        RETURN {
          start, end, edges, vertices: steps[*].id,
          distance: ${isWeighted ? 'SUM(edges[* RETURN IS_NUMBER(CURRENT[@weight]) ? CURRENT[@weight] : @defaultWeight])' : 'LENGTH(edges)'}
        }`,
      {
        ...bindVars,
        ...(isWeighted && { weight: weightAttribute, defaultWeight }),
        starts: this.#ids(startExample),
        ends: this.#ids(endExample),
      },
    );
  }

  #neighborsOf(example: unknown, options: NeighborOptions): { id: string; neighbors: string[] }[] {
    const { query, bindVars } = this.#neighborQuery(options);
    return this.#query(`FOR start IN @starts RETURN { id: start, neighbors: (${query} RETURN DISTINCT v._id) }`, {
      ...bindVars,
      starts: this.#ids(example),
    });
  }

  #neighborQuery(options: NeighborOptions): { readonly query: string; readonly bindVars: BindVars } {
    const { edgeExamples, neighborExamples, vertexCollectionRestriction, minDepth = 1, maxDepth = Math.max(minDepth, 1) } = options;
    const { source, bindVars } = this.#source(options);
    const [isEdge, isNeighbor] = [like('e', edgeExamples), like('v', neighborExamples)];
    return {
      query: `FOR v, e IN @min..@max ${toAql(options.direction)} start ${source} OPTIONS { bfs: true }
        FILTER ${isEdge.condition} FILTER ${isNeighbor.condition}
        FILTER PARSE_COLLECTION(v) IN @vertexCollections`,
      bindVars: {
        ...bindVars,
        ...isEdge.bindVars,
        ...isNeighbor.bindVars,
        min: minDepth,
        max: maxDepth,
        vertexCollections: restricted(this.vertexCollectionNames, vertexCollectionRestriction),
      },
    };
  }

  /** What a traversal goes along: the graph, or some of its edges. */
  #source({ edgeCollectionRestriction }: EdgeRestriction): { readonly source: string; readonly bindVars: BindVars } {
    if (edgeCollectionRestriction === undefined) return { source: 'GRAPH @graph', bindVars: { graph: this.__name } };
    const names = restricted(this.edgeCollectionNames, edgeCollectionRestriction);
    return {
      source: names.map((_, index) => `@@along${index}`).join(', '),
      bindVars: Object.fromEntries(names.map((name, index) => [`@along${index}`, name])),
    };
  }

  #ids(example?: unknown, restriction?: string | readonly string[]): string[] {
    return this.#find(restricted(this.vertexCollectionNames, restriction), example, 'd._id');
  }

  #find<Row = DocumentWithId>(collections: readonly string[], example: unknown, result = 'd'): Row[] {
    const { condition, bindVars } = like('d', example);
    return collections.toSorted().flatMap((collection) =>
      this.#query<Row>(`FOR d IN @@collection FILTER ${condition} SORT d._key RETURN ${result}`, {
        ...bindVars,
        '@collection': collection,
      }),
    );
  }

  #query<Row>(query: string, bindVars: BindVars): Row[] {
    return this.#db._query(query, bindVars).toArray() as Row[];
  }
}

/** Whether a document is like one of the examples, as AQL. */
function like(variable: string, example: unknown): { readonly condition: string; readonly bindVars: BindVars } {
  const examples = example === undefined || example === null ? [] : [example].flat();
  if (examples.length === 0) return { condition: 'true', bindVars: {} };
  const name = `${variable}Examples`;
  if (examples.every((one) => typeof one === 'string')) return { condition: `${variable}._id IN @${name}`, bindVars: { [name]: examples } };
  return {
    condition: `MATCHES(${variable}, @${name})`,
    bindVars: { [name]: examples.map((one: unknown) => (typeof one === 'string' ? { _id: one } : one)) },
  };
}

function restricted(names: readonly string[], restriction: string | readonly string[] | undefined): readonly string[] {
  if (restriction === undefined) return names;
  const wanted = [restriction].flat();
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new ArangoError('ERROR_BAD_PARAMETER', `not in the graph: ${unknown.join(', ')}`);
  return wanted;
}

function toAql(direction: string = 'any'): string {
  if (!DIRECTIONS.has(direction)) throw new ArangoError('ERROR_GRAPH_INVALID_PARAMETER', `direction is no ${direction}`);
  return direction.toUpperCase();
}

function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, one) => Math.max(most, one), 0);
}

function smallest(measures: Measures): number {
  const reached = Object.values(measures).filter((measure) => measure > 0);
  return reached.length === 0 ? 0 : reached.reduce((least, one) => Math.min(least, one));
}

/** From 0 to 1, the more the closer. */
function inverted(measures: Measures): Measures {
  const least = smallest(measures);
  return mapped(measures, (measure) => (measure === 0 ? 0 : least / measure));
}

function mapped(measures: Measures, change: (measure: number) => number): Measures {
  return Object.fromEntries(Object.entries(measures).map(([id, measure]) => [id, change(measure)]));
}

/** Equal texts for equal values. */
function stableJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
