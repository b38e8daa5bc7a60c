/**
 * Named graphs as they are managed over HTTP: documents in `_graphs` that say which edge collections connect which vertex collections,
 * and what must hold between those documents, the collections, and what is written through a graph.
 *
 * Everything is done with the rights of whoever the database was opened for. Collections of a definition are made when they are missing;
 * all checks come before the first of them is made.
 */
import { ArangoError, errorMessage } from '#base';
import type { CollectionType } from '#catalog';
import { isArray, isObject, type Value, type ValueObject } from '#values';
import type { Collection } from './collection.ts';
import type { Database } from './database.ts';
import type { RemoveOptions, WriteResult } from './document-options.ts';

export interface EdgeDefinition {
  readonly collection: string;
  /** Sorted, as `to`. */
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** A graph as the HTTP API shows it. */
export interface GraphDescription {
  readonly _key: string;
  readonly edgeDefinitions: readonly EdgeDefinition[];
  readonly orphanCollections: readonly string[];
  readonly _rev: string;
  readonly _id: string;
  readonly name: string;
}

type GraphContent = Pick<GraphDescription, 'edgeDefinitions' | 'orphanCollections'>;

export interface GraphWriteOptions {
  readonly waitForSync?: boolean;
}

const VERTICES: CollectionType = 2;
const EDGES: CollectionType = 3;

export class NamedGraphs {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  list(): GraphDescription[] {
    return this.#database.query({ query: 'FOR g IN _graphs RETURN g' }).toArray().filter(isObject).map(readGraph);
  }

  find(name: string): GraphDescription | undefined {
    const graphs = this.#graphs();
    return graphs.exists({ _key: name }) === undefined ? undefined : readGraph(graphs.document({ _key: name }));
  }

  /** Throws 1924. */
  get(name: string): GraphDescription {
    const found = this.find(name);
    if (found === undefined) throw new ArangoError('ERROR_GRAPH_NOT_FOUND', { message: `graph '${name}' not found` });
    return found;
  }

  /** Throws 1925 when there is one of that name, 1920 to 1944 when the definitions do not fit together or to what exists. */
  create(name: string, { edgeDefinitions, orphanCollections }: GraphContent, options: GraphWriteOptions = {}): GraphDescription {
    const others = this.list();
    if (others.some(({ _key }) => _key === name)) throw new ArangoError('ERROR_GRAPH_DUPLICATE');
    const twice = edgeDefinitions.find(
      ({ collection }, place) => edgeDefinitions.findIndex((one) => one.collection === collection) !== place,
    );
    if (twice !== undefined) throw new ArangoError('ERROR_GRAPH_COLLECTION_MULTI_USE', twice.collection);
    for (const definition of edgeDefinitions) checkAgainstOthers(definition, others);
    this.#makeCollections(edgeDefinitions, orphanCollections);
    const connected = verticesOf(edgeDefinitions);
    const document = {
      _key: name,
      edgeDefinitions: stored(edgeDefinitions),
      orphanCollections: [...new Set(orphanCollections)].filter((orphan) => !connected.has(orphan)).toSorted(),
    };
    try {
      this.#graphs().insert(document, options);
    } catch (error) {
      // Somebody else was quicker.
      if (error instanceof ArangoError && error.errorNum === UNIQUE_VIOLATION)
        throw new ArangoError('ERROR_GRAPH_DUPLICATE', undefined, { cause: error });
      throw error;
    }
    return this.get(name);
  }

  /** With `dropsCollections` those go too that no other graph has. Throws 1924. */
  drop(name: string, { dropsCollections, ...options }: GraphWriteOptions & { readonly dropsCollections: boolean }): void {
    const graph = this.get(name);
    this.#graphs().remove({ _key: name }, options);
    if (dropsCollections) for (const collection of collectionsOf(graph)) this.#dropUnused(collection);
  }

  /** Throws 1920 when the graph has the edge collection already, 1921 when another graph connects it otherwise. */
  addEdgeDefinition(name: string, definition: EdgeDefinition, options: GraphWriteOptions = {}): GraphDescription {
    const { edgeDefinitions, orphanCollections } = this.get(name);
    if (edgeDefinitions.some(({ collection }) => collection === definition.collection))
      throw new ArangoError('ERROR_GRAPH_COLLECTION_MULTI_USE', definition.collection);
    checkAgainstOthers(definition, this.list());
    this.#makeCollections([definition], []);
    const connected = verticesOf([definition]);
    return this.#save(
      name,
      {
        edgeDefinitions: [...edgeDefinitions, definition],
        orphanCollections: orphanCollections.filter((orphan) => !connected.has(orphan)),
      },
      options,
    );
  }

  /** In all graphs that have the edge collection. Vertex collections that nothing connects any more become orphans. Throws 1930. */
  replaceEdgeDefinition(name: string, definition: EdgeDefinition, options: GraphWriteOptions = {}): GraphDescription {
    if (!hasEdges(this.get(name), definition.collection)) throw new ArangoError('ERROR_GRAPH_EDGE_COLLECTION_NOT_USED');
    this.#makeCollections([definition], []);
    for (const graph of this.list()) {
      if (!hasEdges(graph, definition.collection)) continue;
      const changed = graph.edgeDefinitions.map((one) => (one.collection === definition.collection ? definition : one));
      this.#save(graph.name, withDefinitions(graph, changed), options);
    }
    return this.get(name);
  }

  /** Throws 1930. */
  removeEdgeDefinition(
    name: string,
    collection: string,
    { dropsCollections, ...options }: GraphWriteOptions & { readonly dropsCollections: boolean },
  ): GraphDescription {
    const graph = this.get(name);
    if (!hasEdges(graph, collection)) throw new ArangoError('ERROR_GRAPH_EDGE_COLLECTION_NOT_USED');
    const others = graph.edgeDefinitions.filter((one) => one.collection !== collection);
    const saved = this.#save(name, withDefinitions(graph, others), options);
    if (dropsCollections) this.#dropUnused(collection);
    return saved;
  }

  /** Throws 1929 for a collection that edges connect, 1938 for one that is there already, 1927 for edges. */
  addVertexCollection(name: string, collection: string, options: GraphWriteOptions = {}): GraphDescription {
    const { edgeDefinitions, orphanCollections } = this.get(name);
    if (verticesOf(edgeDefinitions).has(collection)) throw new ArangoError('ERROR_GRAPH_COLLECTION_USED_IN_EDGE_DEF', collection);
    if (orphanCollections.includes(collection)) throw new ArangoError('ERROR_GRAPH_COLLECTION_USED_IN_ORPHANS', collection);
    this.#makeCollections([], [collection]);
    return this.#save(name, { edgeDefinitions, orphanCollections: [...orphanCollections, collection].toSorted() }, options);
  }

  /** Also of a collection that exists no more. Throws 1928 for one that is no orphan. */
  removeVertexCollection(
    name: string,
    collection: string,
    { dropsCollections, ...options }: GraphWriteOptions & { readonly dropsCollections: boolean },
  ): GraphDescription {
    const { edgeDefinitions, orphanCollections } = this.get(name);
    if (!orphanCollections.includes(collection)) throw new ArangoError('ERROR_GRAPH_NOT_IN_ORPHAN_COLLECTION');
    const saved = this.#save(name, { edgeDefinitions, orphanCollections: orphanCollections.filter((one) => one !== collection) }, options);
    if (dropsCollections) this.#dropUnused(collection);
    return saved;
  }

  /** A vertex collection of a graph. Throws 1949 for one that is not in the graph, 1926 for one that exists no more. */
  vertices(name: string, collection: string): Collection {
    if (!vertexCollections(this.get(name)).includes(collection)) throw new ArangoError('ERROR_GRAPH_COLLECTION_NOT_PART_OF_THE_GRAPH');
    const found = this.#database.findCollection(collection);
    if (found === undefined) throw new ArangoError('ERROR_GRAPH_VERTEX_COL_DOES_NOT_EXIST', collection);
    return found;
  }

  /** An edge collection of a graph. Throws 1930 for one that is not in the graph, 1939 for one that exists no more. */
  edges(name: string, collection: string): Collection {
    if (!hasEdges(this.get(name), collection)) throw new ArangoError('ERROR_GRAPH_EDGE_COLLECTION_NOT_USED');
    const found = this.#database.findCollection(collection);
    if (found === undefined) throw new ArangoError('ERROR_GRAPH_EDGE_COL_DOES_NOT_EXIST', collection);
    return found;
  }

  /**
   * Checks the ends of an edge that is about to be written: both must be there, unless a part of an edge is `changed`. Throws 1233 for what
   * is no id, 1947 for a vertex of a collection that is not in the graph, and, where both are given, 1202 for a vertex that does not exist.
   * Which of the graph's collections an edge collection connects is not asked: ArangoDB does not either.
   */
  checkEnds(name: string, { _from, _to }: Ends, { isPart }: { readonly isPart: boolean }): void {
    const hasBoth = typeof _from === 'string' && typeof _to === 'string';
    if (!hasBoth && !isPart) throw new ArangoError('ERROR_ARANGO_INVALID_EDGE_ATTRIBUTE');
    const collections = vertexCollections(this.get(name));
    const vertices = [['_from', _from] as const, ['_to', _to] as const].flatMap(([end, id]) => {
      if (typeof id !== 'string') return [];
      const { collection, key } = parseEnd(id);
      if (collections.includes(collection)) return [{ collection, key }];
      throw new ArangoError('ERROR_GRAPH_REFERENCED_VERTEX_COLLECTION_NOT_PART_OF_THE_GRAPH', {
        message: `referenced ${end} collection '${collection}' is not part of the graph`,
      });
    });
    if (!hasBoth) return;
    for (const { collection, key } of vertices) {
      if (this.#database.getCollection(collection).exists({ _key: key }) === undefined)
        throw new ArangoError('ERROR_ARANGO_DOCUMENT_NOT_FOUND');
    }
  }

  /** Removes a vertex or an edge, and in one transaction with it all edges of all graphs that begin or end at it. */
  removeWithEdges(collection: Collection, selector: ValueObject, options: RemoveOptions): WriteResult {
    const remove = (): WriteResult => {
      const present = collection.exists(selector);
      if (present === undefined) throw new ArangoError('ERROR_ARANGO_DOCUMENT_NOT_FOUND');
      const others = this.#edgesAround(present._id);
      const result = collection.remove(selector, options);
      for (const [name, keys] of others) this.#database.getCollection(name).removeAll(keys);
      return result;
    };
    if (this.#database.isInTransaction) return remove();
    const write = [...new Set([collection.name, ...this.list().flatMap(edgeCollections)])].filter(
      (name) => this.#database.findCollection(name) !== undefined,
    );
    return this.#database.executeTransaction({ collections: { write } }, remove);
  }

  /** Keys of edges by collection: those at the vertex, and as an edge may itself be the end of others, those at them. */
  #edgesAround(id: string): ReadonlyMap<string, readonly string[]> {
    const graphs = this.list();
    const seen = new Set([id]);
    const found = new Map<string, string[]>();
    for (const one of seen) {
      const [vertexCollection = ''] = one.split('/', 1);
      const definitions = graphs.flatMap(({ edgeDefinitions }) => edgeDefinitions);
      const touching = definitions.filter(({ from, to }) => from.includes(vertexCollection) || to.includes(vertexCollection));
      for (const name of new Set(touching.map(({ collection }) => collection))) {
        if (this.#database.findCollection(name) === undefined) continue;
        const keys = this.#database
          .query({
            query: 'FOR e IN @@edges FILTER e._from == @id || e._to == @id RETURN e._key',
            bindVars: { '@edges': name, id: one },
          })
          .toArray() as string[];
        const fresh = keys.filter((key) => !seen.has(`${name}/${key}`));
        for (const key of fresh) seen.add(`${name}/${key}`);
        found.set(name, [...(found.get(name) ?? []), ...fresh]);
      }
    }
    return found;
  }

  #save(name: string, { edgeDefinitions, orphanCollections }: GraphContent, options: GraphWriteOptions): GraphDescription {
    this.#graphs().update({ _key: name }, { edgeDefinitions: stored(edgeDefinitions), orphanCollections }, options);
    return this.get(name);
  }

  /** Makes what is missing once everything that is there has proved to be of the right type. */
  #makeCollections(definitions: readonly EdgeDefinition[], orphans: readonly string[]): void {
    const vertices = [...verticesOf(definitions), ...orphans];
    const edges = definitions.map(({ collection }) => collection);
    for (const name of edges) {
      const found = this.#database.findCollection(name);
      if (found !== undefined && found.type !== EDGES) throw new ArangoError('ERROR_GRAPH_EDGE_DEFINITION_IS_DOCUMENT', name);
    }
    for (const name of orphans) {
      if (this.#database.findCollection(name)?.type === EDGES) throw new ArangoError('ERROR_GRAPH_WRONG_COLLECTION_TYPE_VERTEX', name);
    }
    // Edges come first: they may be vertices of other edges.
    for (const name of edges) this.#ensureCollection(name, EDGES);
    for (const name of vertices) this.#ensureCollection(name, VERTICES);
  }

  #ensureCollection(name: string, type: CollectionType): void {
    if (this.#database.findCollection(name) === undefined) this.#database.createCollection({ name, type });
  }

  #dropUnused(collection: string): void {
    if (this.list().some((graph) => collectionsOf(graph).has(collection))) return;
    this.#database.findCollection(collection)?.drop();
  }

  /** Throws 1932. */
  #graphs(): Collection {
    const found = this.#database.findCollection('_graphs');
    if (found === undefined) throw new ArangoError('ERROR_GRAPH_NO_GRAPH_COLLECTION');
    return found;
  }
}

/** Of an edge, as a client sends them. */
interface Ends {
  readonly _from?: Value | undefined;
  readonly _to?: Value | undefined;
}

function parseEnd(id: string): { readonly collection: string; readonly key: string } {
  const [, collection = '', key = ''] = /^([^/]+)\/([^/]+)$/.exec(id) ?? [];
  if (key === '') throw new ArangoError('ERROR_ARANGO_INVALID_EDGE_ATTRIBUTE');
  return { collection, key };
}

const UNIQUE_VIOLATION = 1210;

/** Reads an edge definition that a client sent. Throws 1923. */
export function parseEdgeDefinition(given: Value | undefined): EdgeDefinition {
  const { collection, from, to } = given !== undefined && isObject(given) ? given : ({} as ValueObject);
  if (typeof collection !== 'string' || collection === '' || !areNames(from) || !areNames(to) || from.length === 0 || to.length === 0)
    throw new ArangoError('ERROR_GRAPH_CREATE_MALFORMED_EDGE_DEFINITION');
  return { collection, from: [...new Set(from)].toSorted(), to: [...new Set(to)].toSorted() };
}

/** All vertex collections of a graph, connected or not, sorted. */
export function vertexCollections({ edgeDefinitions, orphanCollections }: GraphContent): string[] {
  return [...new Set([...verticesOf(edgeDefinitions), ...orphanCollections])].toSorted();
}

/** Sorted. */
export function edgeCollections({ edgeDefinitions }: GraphContent): string[] {
  return edgeDefinitions.map(({ collection }) => collection).toSorted();
}

/** As they are stored: sorted, however they were given. */
export function byCollection<Definition extends { readonly collection: string }>(definitions: readonly Definition[]): Definition[] {
  return definitions.toSorted((left, right) => (left.collection < right.collection ? -1 : 1));
}

function stored(definitions: readonly EdgeDefinition[]): ValueObject[] {
  return byCollection(definitions).map((definition) => ({ ...definition }));
}

function text(value: Value | undefined): string {
  return typeof value === 'string' ? value : '';
}

function areNames(value: Value | undefined): value is readonly string[] {
  return value !== undefined && isArray(value) && value.every((name) => typeof name === 'string' && name !== '');
}

function readGraph(document: ValueObject): GraphDescription {
  const { _key, _rev, _id, edgeDefinitions, orphanCollections } = document;
  const definitions = edgeDefinitions !== undefined && isArray(edgeDefinitions) ? edgeDefinitions : [];
  return {
    _key: text(_key),
    edgeDefinitions: definitions.filter(isObject).map(({ collection, from, to }) => ({
      collection: text(collection),
      from: areNames(from) ? from : [],
      to: areNames(to) ? to : [],
    })),
    orphanCollections: areNames(orphanCollections) ? orphanCollections : [],
    _rev: text(_rev),
    _id: text(_id),
    name: text(_key),
  };
}

/** An edge collection connects the same vertices in all graphs. */
function checkAgainstOthers(definition: EdgeDefinition, others: readonly GraphDescription[]): void {
  for (const other of others) {
    const known = other.edgeDefinitions.find(({ collection }) => collection === definition.collection);
    if (known === undefined) continue;
    const isSame =
      `${known.from.toSorted().join('/')}>${known.to.toSorted().join('/')}` === `${definition.from.join('/')}>${definition.to.join('/')}`;
    if (!isSame)
      throw new ArangoError('ERROR_GRAPH_COLLECTION_USE_IN_MULTI_GRAPHS', {
        message: `${definition.collection} ${errorMessage('ERROR_GRAPH_COLLECTION_USE_IN_MULTI_GRAPHS')}`,
      });
  }
}

function withDefinitions(before: GraphContent, edgeDefinitions: readonly EdgeDefinition[]): GraphContent {
  const connected = verticesOf(edgeDefinitions);
  const loose = vertexCollections(before).filter((name) => !connected.has(name));
  return { edgeDefinitions, orphanCollections: loose };
}

function verticesOf(definitions: readonly EdgeDefinition[]): Set<string> {
  return new Set(definitions.flatMap(({ from, to }) => [...from, ...to]));
}

function collectionsOf(graph: GraphContent): Set<string> {
  return new Set([...edgeCollections(graph), ...vertexCollections(graph)]);
}

function hasEdges({ edgeDefinitions }: GraphContent, collection: string): boolean {
  return edgeDefinitions.some((one) => one.collection === collection);
}
