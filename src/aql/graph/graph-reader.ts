/**
 * The part of a graph that a query walks in: neighbours of many vertices at once, and documents of vertices and edges when somebody
 * looks at them.
 *
 * Vertices are known by numbers (`VertexTable`), edges by collection and row; both are known before any document is read.
 */
import { ArangoError } from '#base';
import type { CollectionDefinition } from '#catalog';
import { bufferOf, type EdgeWay, type EntryBatch, type RowBatch, type StepsAhead } from '#documents';
import { attributeReader, DocumentView, isObject, plain, type AttributeReader, type Value } from '#values';
import type { Direction } from '../ast.ts';
import type { GraphOptions, GraphSource } from '../plan.ts';
import { SCATTERED, type Run } from '../run.ts';
import { VertexTable } from './vertex-table.ts';

/** An edge as it was met. */
export interface Edge {
  readonly collection: CollectionDefinition;
  readonly row: number;
  /** The vertex that it leads to. */
  readonly vertex: number;
}

/** Edges at several vertices: those at the `i`-th have the places from `starts[i]` up to `starts[i + 1]`. */
export interface EdgeList {
  readonly starts: ArrayLike<number>;
  readonly rows: ArrayLike<number>;
  /** The vertices that they lead to. */
  readonly vertices: ArrayLike<number>;
  /** One of them may be that of all. */
  readonly collections: readonly CollectionDefinition[];
}

/** What `GraphReader.vertices` has read. */
export interface VertexDocuments {
  view(place: number): DocumentView | null;
}

/** Which documents a query looks at. */
export interface LookedAt {
  readonly vertices: boolean;
  readonly edges: boolean;
}

/** How a walk goes on after a step; `isWhole`: nothing but its depth ends it. */
export interface Onward {
  readonly levels: number;
  readonly isWhole: boolean;
}

/** One table of entries to be asked for edges. */
interface Way extends EdgeWay {
  /** A loop is at both ends of itself. */
  readonly skipsLoops: boolean;
}

const NEW_VERTEX_BYTES = 64;
/** How many steps ahead is thought, and how many tables are asked for them together. */
const MOST_LEVELS = 3;
const MOST_PARTS = 12;
/** Collections of vertices whose documents are read along with edges. */
const MOST_SOURCES = 4;

export class GraphReader {
  readonly run: Run;
  readonly table = new VertexTable();
  readonly #options: GraphOptions;
  readonly #ways: readonly Way[];
  readonly #waysBack: readonly Way[];
  readonly #vertexCollections: ReadonlySet<string> | undefined;
  readonly #readWeight: AttributeReader | undefined;
  readonly #lookedAt: LookedAt;
  /** Where vertices may be, if that is known. */
  readonly #vertexSources: readonly CollectionDefinition[];

  constructor(run: Run, source: GraphSource, options: GraphOptions, lookedAt: LookedAt) {
    this.run = run;
    this.#options = options;
    this.#lookedAt = lookedAt;
    this.#vertexSources = source.vertices;
    const { edgeCollections, vertexCollections, weightAttribute } = options;
    const edges = source.edges.filter(({ collection }) => edgeCollections === undefined || edgeCollections.includes(collection.name));
    this.#ways = edges.flatMap(({ collection, direction }) => waysOf(collection, direction));
    this.#waysBack = edges.flatMap(({ collection, direction }) => waysOf(collection, REVERSED[direction]));
    this.#vertexCollections = vertexCollections && new Set(vertexCollections);
    this.#readWeight = weightAttribute === undefined ? undefined : attributeReader(weightAttribute);
  }

  get isWeighted(): boolean {
    return this.#readWeight !== undefined;
  }

  /** The edges at each of the vertices, in the order of the collections and then of insertion. `backwards`: against their direction. */
  expand(
    vertices: ArrayLike<number>,
    { backwards = false, onward }: { readonly backwards?: boolean; readonly onward?: Onward } = {},
  ): EdgeList {
    this.run.check();
    const before = this.table.count;
    const ids = this.table.filedIds(vertices);
    const ways = backwards ? this.#waysBack : this.#ways;
    const [only] = ways;
    const { length } = ids;
    this.run.noteLookups(ways, ways.length, length, ways.length * length);
    const isSimple = ways.length === 1 && only !== undefined && !only.skipsLoops && this.#vertexCollections === undefined;
    const ahead = onward && this.run.readsAhead ? this.#ahead(onward, ways.length, backwards ? undefined : vertices[0]) : undefined;
    const batches = this.run.transaction.edges(ways, ids, ahead);
    const found = isSimple ? this.#listAll(only.collection, ids.length, batches[0]!) : this.#listSome(ways, vertices, batches);
    this.run.charge((this.table.count - before) * NEW_VERTEX_BYTES);
    return found;
  }

  /** `near`: a vertex from which the walk goes on to others that are looked at. */
  #ahead({ levels, isWhole }: Onward, ways: number, near: number | undefined): StepsAhead {
    const { vertices, edges } = this.#lookedAt;
    return {
      levels: Math.max(0, Math.min(levels, MOST_LEVELS, Math.floor(MOST_PARTS / ways) - 1)),
      isWhole,
      fromLast: this.#options.order === 'dfs',
      vertices: near !== undefined && vertices ? this.#sourcesNear(near) : [],
      edges: near !== undefined && edges,
    };
  }

  /** Where nothing says in which collections vertices are, most will be where others are. */
  #sourcesNear(vertex: number): readonly CollectionDefinition[] {
    if (this.#vertexSources.length > 0) return this.#vertexSources.length > MOST_SOURCES ? [] : this.#vertexSources;
    const near = this.run.catalog.findCollection(this.table.collectionOf(vertex));
    return near === undefined ? [] : [near];
  }

  #listAll(collection: CollectionDefinition, asked: number, { count, ids: rows, ranges, values }: EntryBatch): EdgeList {
    this.run.scannedIndex += count;
    const { buffer, starts: from, ends: to } = values!;
    const { table } = this;
    const starts = new Int32Array(asked + 1);
    const vertices = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      vertices[i] = table.numberOf(buffer, from[i]!, to[i]!);
      starts[ranges[i]! + 1]!++;
    }
    for (let i = 0; i < asked; i++) starts[i + 1]! += starts[i]!;
    return { starts, rows, vertices, collections: [collection] };
  }

  /** From several tables, or not all of them. */
  #listSome(ways: readonly Way[], vertices: ArrayLike<number>, batches: readonly EntryBatch[]): EdgeList {
    const found: Edge[][] = Array.from(vertices, () => []);
    for (const [way, { collection, skipsLoops }] of ways.entries()) {
      const { count, ids: rows, ranges, values } = batches[way]!;
      this.run.scannedIndex += count;
      const { buffer, starts, ends } = values!;
      for (let i = 0; i < count; i++) {
        const range = ranges[i]!;
        const vertex = this.table.numberOf(buffer, starts[i]!, ends[i]!);
        if (skipsLoops && vertex === vertices[range]) continue;
        if (this.#vertexCollections?.has(this.table.collectionOf(vertex)) === false) continue;
        found[range]!.push({ collection, row: rows[i]!, vertex });
      }
    }
    const all = found.flat();
    const starts = [0];
    for (const edges of found) starts.push(starts.at(-1)! + edges.length);
    const collections = all.map(({ collection }) => collection);
    return { starts, rows: all.map(({ row }) => row), vertices: all.map(({ vertex }) => vertex), collections };
  }

  /** The documents of vertices; null, with a warning, for one that is not there. */
  vertices(vertices: ArrayLike<number>): VertexDocuments {
    const { table } = this;
    if (table.areInSameCollection(vertices)) {
      const name = table.collectionOf(vertices[0]!);
      const rows = this.#readVertices(name, vertices);
      return { view: (place) => viewAt(rows, place, name) };
    }
    const placesByCollection = new Map<string, number[]>();
    for (let place = 0; place < vertices.length; place++) {
      const name = table.collectionOf(vertices[place]!);
      const known = placesByCollection.get(name);
      if (known === undefined) placesByCollection.set(name, [place]);
      else known.push(place);
    }
    const found: (DocumentView | null)[] = Array.from(vertices, () => null);
    for (const [name, own] of placesByCollection) {
      const rows = this.#readVertices(
        name,
        own.map((place) => vertices[place]!),
      );
      for (const [i, place] of own.entries()) found[place] = viewAt(rows, i, name);
    }
    return { view: (place) => found[place]! };
  }

  /** Of one collection. */
  #readVertices(name: string, vertices: ArrayLike<number>): RowBatch | undefined {
    const { table, run } = this;
    const collection = run.findReadable(name);
    const rows = collection && run.transaction.lookupFiled(collection, table.filedKeys(vertices), SCATTERED);
    for (let i = 0; i < vertices.length; i++) {
      if (rows !== undefined && rows.starts[i] !== rows.ends[i]) continue;
      run.warn('ERROR_ARANGO_DOCUMENT_NOT_FOUND', `vertex '${table.idOf(vertices[i]!)}' not found`);
    }
    return rows;
  }

  /** The documents of edges, which are there: the index said so. */
  edges(edges: readonly Pick<Edge, 'collection' | 'row'>[]): readonly DocumentView[] {
    const views: DocumentView[] = [];
    for (let i = 0; i < edges.length;) {
      const { collection } = edges[i]!;
      let end = i + 1;
      while (edges[end]?.collection === collection) end++;
      const rows = this.run.transaction.rows(
        collection,
        edges.slice(i, end).map(({ row }) => row),
        SCATTERED,
      );
      for (let k = 0; k < end - i; k++) views.push(new DocumentView(bufferOf(rows, k), rows.starts[k]!, rows.ends[k]!, collection.name));
      i = end;
    }
    return views;
  }

  /** Each edge's weight; 1 each in a graph without weights. */
  weights(edges: readonly Pick<Edge, 'collection' | 'row'>[]): readonly number[] {
    const read = this.#readWeight;
    if (read === undefined) return edges.map(() => 1);
    return this.edges(edges).map((edge) => this.#weightOf(read(edge)));
  }

  #weightOf(value: Value): number {
    const weight = typeof value === 'number' ? value : this.#options.defaultWeight;
    if (weight < 0) throw new ArangoError('ERROR_GRAPH_NEGATIVE_EDGE_WEIGHT');
    return weight;
  }
}

function viewAt(rows: RowBatch | undefined, place: number, name: string): DocumentView | null {
  if (rows === undefined) return null;
  const [start, end] = [rows.starts[place]!, rows.ends[place]!];
  return start === end ? null : new DocumentView(bufferOf(rows, place), start, end, name);
}

function waysOf(collection: CollectionDefinition, direction: Direction): Way[] {
  const ways: Way[] = [];
  if (direction !== 'INBOUND') ways.push({ collection, side: 'from', skipsLoops: false });
  if (direction !== 'OUTBOUND') ways.push({ collection, side: 'to', skipsLoops: direction === 'ANY' });
  return ways;
}

/** The edges at one of the vertices. */
export function edgesAt({ starts, rows, vertices, collections }: EdgeList, i: number): readonly Edge[] {
  const edges: Edge[] = [];
  for (let at = starts[i]!; at < starts[i + 1]!; at++) {
    edges.push({ collection: collections[at] ?? collections[0]!, row: rows[at]!, vertex: vertices[at]! });
  }
  return edges;
}

const REVERSED: Readonly<Record<Direction, Direction>> = { OUTBOUND: 'INBOUND', INBOUND: 'OUTBOUND', ANY: 'ANY' };

/** Where a walk begins or ends: the text of an `_id`, or an object that has one. Undefined, with a warning, for anything else. */
export function vertexId(run: Run, given: Value | DocumentView): string | undefined {
  const id = given instanceof DocumentView ? given.get('_id') : isObject(given) ? (given['_id'] ?? null) : plain(given);
  if (typeof id === 'string' && /^[^/]+\/[^/]+$/.test(id)) return id;
  run.warn('ERROR_BAD_PARAMETER', "invalid input for graph operation: only id strings or objects with an '_id' attribute are allowed");
  return undefined;
}

const MAX_DEPTH = 2 ** 64;

/** How deep a walk goes. */
export function depthOf(value: Value): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < MAX_DEPTH) return value;
  throw new ArangoError('ERROR_QUERY_PARSE', { message: 'invalid traversal depth' });
}
