/**
 * The part of a graph that a query walks in: neighbours of many vertices at once, and documents of vertices and edges when somebody
 * looks at them.
 *
 * Vertices are known by their `_id`, edges by collection and row; both are known before any document is read.
 */
import { ArangoError } from '#base';
import type { CollectionDefinition } from '#catalog';
import { attributeReader, DocumentView, isObject, plain, type AttributeReader, type Value } from '#values';
import type { Direction } from '../ast.ts';
import type { GraphOptions, GraphSource } from '../plan.ts';
import { BORROWED, type Run } from '../run.ts';

/** An edge as it was met. */
export interface Edge {
  readonly collection: CollectionDefinition;
  readonly row: number;
  /** The vertex that it leads to. */
  readonly vertex: string;
}

export class GraphReader {
  readonly run: Run;
  readonly #source: GraphSource;
  readonly #options: GraphOptions;
  readonly #vertexCollections: ReadonlySet<string> | undefined;
  readonly #readWeight: AttributeReader | undefined;

  constructor(run: Run, source: GraphSource, options: GraphOptions) {
    this.run = run;
    this.#options = options;
    const { edgeCollections, vertexCollections, weightAttribute } = options;
    const edges = source.edges.filter(({ collection }) => edgeCollections === undefined || edgeCollections.includes(collection.name));
    this.#source = { ...source, edges };
    this.#vertexCollections = vertexCollections && new Set(vertexCollections);
    this.#readWeight = weightAttribute === undefined ? undefined : attributeReader(weightAttribute);
  }

  get isWeighted(): boolean {
    return this.#readWeight !== undefined;
  }

  /** The edges at each of the vertices, in the order of the collections and then of insertion. `backwards`: against their direction. */
  expand(vertices: readonly string[], { backwards = false } = {}): readonly (readonly Edge[])[] {
    this.run.check();
    const found: Edge[][] = vertices.map(() => []);
    for (const { collection, direction } of this.#source.edges) {
      const way = backwards ? REVERSED[direction] : direction;
      if (way !== 'INBOUND') this.#expandOneWay(collection, 'from', vertices, found, false);
      if (way !== 'OUTBOUND') this.#expandOneWay(collection, 'to', vertices, found, way === 'ANY');
    }
    return found;
  }

  #expandOneWay(
    collection: CollectionDefinition,
    side: 'from' | 'to',
    vertices: readonly string[],
    found: readonly Edge[][],
    skipLoops: boolean,
  ): void {
    const { count, ids, ranges, values } = this.run.transaction.edges(collection, side, vertices);
    this.run.scannedIndex += count;
    if (values === undefined) throw new Error('edges come with the vertices at their other ends');
    const { buffer, starts, ends } = values;
    for (let i = 0; i < count; i++) {
      const range = ranges[i] ?? 0;
      const vertex = idText(buffer, starts[i] ?? 0, ends[i] ?? 0);
      // A loop is at both ends of itself.
      if (skipLoops && vertex === vertices[range]) continue;
      if (this.#vertexCollections !== undefined && !this.#vertexCollections.has(collectionOf(vertex))) continue;
      found[range]?.push({ collection, row: ids[i] ?? 0, vertex });
    }
  }

  /** The documents of vertices; null, with a warning, for one that is not there. */
  vertices(ids: readonly string[]): readonly (DocumentView | null)[] {
    const byCollection = new Map<string, number[]>();
    for (const [i, id] of ids.entries()) {
      const name = collectionOf(id);
      const places = byCollection.get(name);
      if (places === undefined) byCollection.set(name, [i]);
      else places.push(i);
    }
    const found: (DocumentView | null)[] = ids.map(() => null);
    for (const [name, places] of byCollection) {
      const collection = this.run.findReadable(name);
      const keys = places.map((place) => (ids[place] ?? '').slice(name.length + 1));
      const rows = collection && this.run.transaction.lookup(collection, keys, BORROWED);
      for (const [i, place] of places.entries()) {
        const [start, end] = [rows?.starts[i] ?? 0, rows?.ends[i] ?? 0];
        if (rows !== undefined && start < end) found[place] = new DocumentView(rows.buffer, start, end, name);
        else this.run.warn('ERROR_ARANGO_DOCUMENT_NOT_FOUND', `vertex '${ids[place] ?? ''}' not found`);
      }
    }
    return found;
  }

  /** The documents of edges, which are there: the index said so. */
  edges(edges: readonly Edge[]): readonly DocumentView[] {
    const views: DocumentView[] = [];
    for (let i = 0; i < edges.length;) {
      const { collection } = edges[i] as Edge;
      let end = i + 1;
      while (edges[end]?.collection === collection) end++;
      const { buffer, starts, ends } = this.run.transaction.rows(
        collection,
        edges.slice(i, end).map(({ row }) => row),
        BORROWED,
      );
      for (let k = 0; k < end - i; k++) views.push(new DocumentView(buffer, starts[k] ?? 0, ends[k] ?? 0, collection.name));
      i = end;
    }
    return views;
  }

  /** Each edge's weight; 1 each in a graph without weights. */
  weights(edges: readonly Edge[]): readonly number[] {
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

const REVERSED: Readonly<Record<Direction, Direction>> = { OUTBOUND: 'INBOUND', INBOUND: 'OUTBOUND', ANY: 'ANY' };

/** Where a walk begins or ends: the text of an `_id`, or an object that has one. Undefined, with a warning, for anything else. */
export function vertexId(run: Run, given: Value | DocumentView): string | undefined {
  const id = given instanceof DocumentView ? given.get('_id') : isObject(given) ? (given['_id'] ?? null) : plain(given);
  if (typeof id === 'string' && /^[^/]+\/[^/]+$/.test(id)) return id;
  run.warn('ERROR_BAD_PARAMETER', "invalid input for graph operation: only id strings or objects with an '_id' attribute are allowed");
  return undefined;
}

/** How deep a walk goes. */
export function depthOf(value: Value): number {
  if (typeof value === 'number' && value >= 0) return Math.trunc(value);
  throw new ArangoError('ERROR_BAD_PARAMETER', { message: 'invalid traversal depth' });
}

function collectionOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}

const native = Buffer.prototype as unknown as { utf8Slice(this: Uint8Array, start: number, end: number): string };

function idText(buffer: Uint8Array, start: number, end: number): string {
  return native.utf8Slice.call(buffer, start, end);
}
