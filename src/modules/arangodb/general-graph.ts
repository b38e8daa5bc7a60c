/**
 * `require('@arangodb/general-graph')`: named graphs. A graph is a document in `_graphs` that says which edge collections connect which
 * vertex collections; the module keeps to that when vertices and edges are written through it.
 */
import { ArangoError, errorMessage, type ErrorName } from '#base';
import { byCollection, type EdgeDefinition } from '#database';
import type { ValueObject } from '#values';
import type { Environment } from '../environment.ts';
import type { ArangoCollection } from './collection.ts';
import type { Db } from './db.ts';
import type { PrintContext } from './print.ts';
import { GraphQueries } from './graph-queries.ts';

interface GraphDocument {
  readonly _key: string;
  readonly edgeDefinitions: readonly EdgeDefinition[];
  readonly orphanCollections: readonly string[];
}

const EDGE = 3;

export function createGeneralGraph({ db }: Environment): object {
  const graphs = new GraphStore(db);
  return {
    _relation: relation,
    _directedRelation: relation,
    _undirectedRelation: (name: string, vertices: unknown) => relation(name, vertices, vertices),
    _edgeDefinitions: (...definitions: readonly EdgeDefinition[]) => definitions.map(checked),
    _extendEdgeDefinitions: (list: EdgeDefinition[], ...definitions: readonly EdgeDefinition[]) =>
      void list.push(...definitions.map(checked)),
    /** `(name, edgeDefinitions?, orphanCollections?, options?)`. Makes collections that are missing. Throws 1925. */
    _create: (name: unknown, definitions: readonly EdgeDefinition[] = [], orphans: unknown = [], options?: object) =>
      graphs.create(name, definitions.map(normalize), orphans === null ? [] : toNames(orphans), options),
    /** Throws 1924. */
    _graph: (name: string) => graphs.open(name),
    _exists: (name: string) => graphs.find(name) !== undefined,
    _list: () => graphs.all().map(({ _key }) => _key),
    _listObjects: () => graphs.all().map((graph) => ({ ...graph, name: graph['_key'] })),
    /** With `true` the collections go too, unless another graph has them. Throws 1924. */
    _drop: (name: string, dropsCollections = false) => graphs.drop(name, dropsCollections),
    _renameCollection: (before: string, after: string) => graphs.renameCollection(before, after),
  };
}

/** Documents of graphs, and what must hold between them. */
class GraphStore {
  readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  all(): GraphDocument[] {
    return this.#collection().toArray() as unknown as GraphDocument[];
  }

  find(name: string): GraphDocument | undefined {
    const collection = this.#collection();
    return collection.exists(name) === false ? undefined : (collection.document(name) as unknown as GraphDocument);
  }

  get(name: string): GraphDocument {
    const found = this.find(name);
    if (found === undefined) throw new ArangoError('ERROR_GRAPH_NOT_FOUND', { message: `graph '${name}' not found` });
    return found;
  }

  open(name: string): Graph {
    this.get(name);
    return openGraph(name, this);
  }

  create(name: unknown, definitions: readonly EdgeDefinition[], orphans: readonly string[], options: object | undefined): Graph {
    if (typeof name !== 'string' || name === '') throw new ArangoError('ERROR_GRAPH_CREATE_MISSING_NAME');
    if (this.find(name) !== undefined) throw new ArangoError('ERROR_GRAPH_DUPLICATE');
    const twice = definitions.find(({ collection }, index) => definitions.findIndex((one) => one.collection === collection) !== index);
    if (twice !== undefined) throw about(twice.collection, 'ERROR_GRAPH_COLLECTION_MULTI_USE');
    for (const definition of definitions) this.#checkAgainstOthers(definition, name);
    for (const definition of definitions) this.ensureCollections(definition, options);
    for (const orphan of orphans) this.ensureVertexCollection(orphan, options);
    const used = new Set(definitions.flatMap(({ from, to }) => [...from, ...to]));
    this.#collection().insert({
      _key: name,
      edgeDefinitions: byCollection(definitions),
      orphanCollections: orphans.filter((orphan) => !used.has(orphan)).toSorted(),
    });
    return openGraph(name, this);
  }

  save(name: string, changes: Partial<GraphDocument>): void {
    this.#collection().update(name, changes);
  }

  drop(name: string, dropsCollections: boolean): boolean {
    const graph = this.get(name);
    const own = collectionsOf(graph);
    this.#collection().remove(name);
    if (dropsCollections) {
      const kept = new Set(this.all().flatMap((other) => [...collectionsOf(other)]));
      for (const collection of own) if (!kept.has(collection)) this.db._drop(collection);
    }
    return true;
  }

  renameCollection(before: string, after: string): void {
    const renamed = (names: readonly string[]): string[] => names.map((one) => (one === before ? after : one));
    for (const { _key, edgeDefinitions, orphanCollections } of this.all()) {
      this.save(_key, {
        edgeDefinitions: edgeDefinitions.map(({ collection, from, to }) => ({
          collection: collection === before ? after : collection,
          from: renamed(from),
          to: renamed(to),
        })),
        orphanCollections: renamed(orphanCollections),
      });
    }
  }

  /** An edge collection connects the same vertices in all graphs. */
  #checkAgainstOthers(definition: EdgeDefinition, name: string): void {
    for (const other of this.all()) {
      if (other._key === name) continue;
      const known = other.edgeDefinitions.find(({ collection }) => collection === definition.collection);
      if (known !== undefined && JSON.stringify(normalize(known)) !== JSON.stringify(definition)) {
        throw about(definition.collection, 'ERROR_GRAPH_COLLECTION_USE_IN_MULTI_GRAPHS');
      }
    }
  }

  addDefinition(name: string, definition: EdgeDefinition): void {
    const { edgeDefinitions, orphanCollections } = this.get(name);
    if (edgeDefinitions.some(({ collection }) => collection === definition.collection)) {
      throw about(definition.collection, 'ERROR_GRAPH_COLLECTION_MULTI_USE');
    }
    this.#checkAgainstOthers(definition, name);
    this.ensureCollections(definition);
    const used = new Set([...definition.from, ...definition.to]);
    this.save(name, {
      edgeDefinitions: byCollection([...edgeDefinitions, definition]),
      orphanCollections: orphanCollections.filter((orphan) => !used.has(orphan)),
    });
  }

  /** In all graphs that have the edge collection. Vertices that are no longer connected become orphans. */
  editDefinition(name: string, definition: EdgeDefinition): void {
    const isOwn = this.get(name).edgeDefinitions.some(({ collection }) => collection === definition.collection);
    if (!isOwn) throw new ArangoError('ERROR_GRAPH_EDGE_COLLECTION_NOT_USED');
    this.ensureCollections(definition);
    for (const graph of this.all()) {
      if (!graph.edgeDefinitions.some(({ collection }) => collection === definition.collection)) continue;
      this.#saveDefinitions(
        graph,
        graph.edgeDefinitions.map((one) => (one.collection === definition.collection ? definition : one)),
      );
    }
  }

  removeDefinition(name: string, collection: string, dropsCollection: boolean): void {
    const graph = this.get(name);
    const others = graph.edgeDefinitions.filter((one) => one.collection !== collection);
    if (others.length === graph.edgeDefinitions.length) throw new ArangoError('ERROR_GRAPH_EDGE_COLLECTION_NOT_USED');
    this.#saveDefinitions(graph, others);
    if (dropsCollection && !this.#isUsed(collection)) this.db._drop(collection);
  }

  #saveDefinitions({ _key, edgeDefinitions, orphanCollections }: GraphDocument, definitions: readonly EdgeDefinition[]): void {
    const connected = (list: readonly EdgeDefinition[]): Set<string> => new Set(list.flatMap(({ from, to }) => [...from, ...to]));
    const [before, after] = [connected(edgeDefinitions), connected(definitions)];
    const orphans = new Set([...orphanCollections, ...before].filter((vertex) => !after.has(vertex)));
    this.save(_key, { edgeDefinitions: definitions, orphanCollections: [...orphans].toSorted() });
  }

  addOrphan(name: string, collection: string, isCreated: boolean): void {
    const graph = this.get(name);
    if (graph.edgeDefinitions.some(({ from, to }) => from.includes(collection) || to.includes(collection))) {
      throw about(collection, 'ERROR_GRAPH_COLLECTION_USED_IN_EDGE_DEF');
    }
    if (graph.orphanCollections.includes(collection)) throw new ArangoError('ERROR_GRAPH_COLLECTION_USED_IN_ORPHANS');
    if (isCreated) this.ensureVertexCollection(collection);
    const found = this.db._collection(collection);
    if (found === null) throw about(collection, 'ERROR_GRAPH_VERTEX_COL_DOES_NOT_EXIST');
    if (found.type() === EDGE) throw new ArangoError('ERROR_GRAPH_WRONG_COLLECTION_TYPE_VERTEX');
    this.save(name, { orphanCollections: [...graph.orphanCollections, collection].toSorted() });
  }

  removeOrphan(name: string, collection: string, dropsCollection: boolean): void {
    const { orphanCollections } = this.get(name);
    if (!orphanCollections.includes(collection)) throw new ArangoError('ERROR_GRAPH_NOT_IN_ORPHAN_COLLECTION');
    this.save(name, { orphanCollections: orphanCollections.filter((one) => one !== collection) });
    if (dropsCollection && !this.#isUsed(collection)) this.db._drop(collection);
  }

  #isUsed(collection: string): boolean {
    return this.all().some((graph) => collectionsOf(graph).has(collection));
  }

  ensureCollections({ collection, from, to }: EdgeDefinition, options?: object): void {
    // Edges come first: they may be vertices of other edges.
    const edges = this.db._collection(collection) ?? this.db._createEdgeCollection(collection, options);
    if (edges.type() !== EDGE) throw new ArangoError('ERROR_ARANGO_COLLECTION_TYPE_INVALID', `${collection} is no edge collection`);
    for (const vertex of [...from, ...to]) this.ensureVertexCollection(vertex, options);
  }

  ensureVertexCollection(name: string, options?: object): void {
    if (this.db._collection(name) === null) this.db._createDocumentCollection(name, options);
  }

  /** Removes a vertex or an edge, and all edges of all graphs that begin or end at it. */
  removeWithEdges(id: string, options: unknown): void {
    const definitions = this.all().flatMap(({ edgeDefinitions }) => edgeDefinitions);
    const removed = new Set<string>();
    const visit = (one: string): void => {
      removed.add(one);
      const collection = one.split('/')[0] ?? '';
      const edgeCollections = new Set(
        definitions
          .filter(({ from, to }) => from.includes(collection) || to.includes(collection))
          .map((definition) => definition.collection),
      );
      for (const edges of edgeCollections) {
        for (const edge of this.db._collection(edges)?.edges(one) ?? []) {
          const edgeId = (edge as ValueObject)['_id'] as string;
          if (!removed.has(edgeId)) visit(edgeId);
        }
      }
    };
    visit(id);
    for (const one of removed) this.db._remove(one, one === id ? options : undefined);
  }

  #collection(): ArangoCollection {
    const collection = this.db._collection('_graphs');
    if (collection === null) throw new ArangoError('ERROR_GRAPH_NO_GRAPH_COLLECTION');
    return collection;
  }
}

/** A graph with its collections as properties. */
function openGraph(name: string, store: GraphStore): Graph {
  return new Proxy(new Graph(name, store), {
    get(graph, property) {
      if (typeof property === 'symbol' || property in graph) {
        const member: unknown = Reflect.get(graph, property, graph);
        return typeof member === 'function' ? (member.bind(graph) as unknown) : member;
      }
      return graph.findCollection(property);
    },
  });
}

class Graph extends GraphQueries {
  readonly isArangoGraph = true;
  readonly #name: string;
  readonly #store: GraphStore;

  constructor(name: string, store: GraphStore) {
    super(store.db);
    this.#name = name;
    this.#store = store;
  }

  /** For query templates. */
  name(): string {
    return this.#name;
  }

  override get __name(): string {
    return this.#name;
  }

  get __edgeDefinitions(): readonly EdgeDefinition[] {
    return this.#document.edgeDefinitions;
  }

  get __orphanCollections(): readonly string[] {
    return this._orphanCollections();
  }

  /** By their names. */
  get __vertexCollections(): Readonly<Record<string, ArangoCollection>> {
    return byName(this._vertexCollections());
  }

  get __edgeCollections(): Readonly<Record<string, ArangoCollection>> {
    return byName(this._edgeCollections());
  }

  protected override get vertexCollectionNames(): readonly string[] {
    const { edgeDefinitions, orphanCollections } = this.#document;
    return [...new Set([...edgeDefinitions.flatMap(({ from, to }) => [...from, ...to]), ...orphanCollections])];
  }

  protected override get edgeCollectionNames(): readonly string[] {
    return this.__edgeDefinitions.map(({ collection }) => collection);
  }

  get #document(): GraphDocument {
    return this.#store.get(this.#name);
  }

  findCollection(name: string): ArangoCollection | undefined {
    const { edgeDefinitions } = this.#document;
    const found = this.#store.db._collection(name);
    if (found === null || !collectionsOf(this.#document).has(name)) return undefined;
    const definition = edgeDefinitions.find(({ collection }) => collection === name);
    return guarded(found, definition, (id, options) => this.#store.removeWithEdges(id.includes('/') ? id : `${name}/${id}`, options));
  }

  _edgeCollections(): ArangoCollection[] {
    return this.#collections(this.edgeCollectionNames);
  }

  _vertexCollections(withoutOrphans = false): ArangoCollection[] {
    const orphans = withoutOrphans ? this._orphanCollections() : [];
    return this.#collections(this.vertexCollectionNames.filter((name) => !orphans.includes(name)));
  }

  _orphanCollections(): readonly string[] {
    return this.#document.orphanCollections;
  }

  /** Throws 1930. */
  _getEdgeCollectionByName(name: string): ArangoCollection {
    const found = this.edgeCollectionNames.includes(name) ? this.findCollection(name) : undefined;
    if (found === undefined) throw new ArangoError('ERROR_GRAPH_EDGE_COLLECTION_NOT_USED');
    return found;
  }

  /** Throws 1926. */
  _getVertexCollectionByName(name: string): ArangoCollection {
    const found = this.vertexCollectionNames.includes(name) ? this.findCollection(name) : undefined;
    if (found === undefined) throw new ArangoError('ERROR_GRAPH_VERTEX_COL_DOES_NOT_EXIST', name);
    return found;
  }

  _addVertexCollection(collection: string, isCreated = true): void {
    this.#store.addOrphan(this.#name, collection, isCreated);
  }

  _removeVertexCollection(collection: string, dropsCollection = false): void {
    this.#store.removeOrphan(this.#name, collection, dropsCollection);
  }

  _extendEdgeDefinitions(definition: EdgeDefinition): void {
    this.#store.addDefinition(this.#name, normalize(definition));
  }

  _editEdgeDefinitions(definition: EdgeDefinition): void {
    this.#store.editDefinition(this.#name, normalize(definition));
  }

  _deleteEdgeDefinition(collection: string, dropsCollection = false): void {
    this.#store.removeDefinition(this.#name, collection, dropsCollection);
  }

  /** The document at the beginning of an edge. */
  _fromVertex(edgeId: string): unknown {
    return this.#end(edgeId, '_from');
  }

  _toVertex(edgeId: string): unknown {
    return this.#end(edgeId, '_to');
  }

  override toString(): string {
    return `[Graph ${this.#name}]`;
  }

  /** How the shell shows it: the collections of each edge definition, then the orphans. */
  _PRINT(context: PrintContext): void {
    const { edgeDefinitions, orphanCollections } = this.#document;
    const names = edgeDefinitions.flatMap(({ collection, from, to }) => [collection, ...from, ...to]);
    const lines = this.#collections([...new Set([...names, ...orphanCollections])]).map(
      (collection) => `  ${JSON.stringify(collection.name())} : ${collection.toString()}`,
    );
    context.output += `{[GeneralGraph] \n${lines.join(', \n')}${lines.length === 0 ? '' : ' \n'}}`;
  }

  /** Throws 1939 for what is in no edge collection of the graph. */
  #end(edgeId: string, attribute: '_from' | '_to'): unknown {
    const { db } = this.#store;
    const slash = typeof edgeId === 'string' ? edgeId.indexOf('/') : -1;
    if (slash <= 0) throw new ArangoError('ERROR_ARANGO_DOCUMENT_HANDLE_BAD');
    const collection = edgeId.slice(0, slash);
    if (!this.edgeCollectionNames.includes(collection)) throw about(collection, 'ERROR_GRAPH_EDGE_COL_DOES_NOT_EXIST');
    return db._document((db._document(edgeId) as ValueObject)[attribute]);
  }

  #collections(names: readonly string[]): ArangoCollection[] {
    return names.map((name) => this.#store.db._collection(name)).filter((collection) => collection !== null);
  }
}

function byName(collections: readonly ArangoCollection[]): Record<string, ArangoCollection> {
  return Object.fromEntries(collections.map((collection) => [collection.name(), collection]));
}

/** A collection whose edges fit the definition, and from which nothing is removed without its edges. */
function guarded(
  collection: ArangoCollection,
  definition: EdgeDefinition | undefined,
  remove: (id: string, options: unknown) => void,
): ArangoCollection {
  const insert = (...values: readonly unknown[]): unknown => {
    if (definition !== undefined) checkEdge(values, definition);
    return collection.insert(...values);
  };
  const overrides: Readonly<Record<string, unknown>> = {
    insert,
    save: insert,
    remove: (selector: unknown, options?: unknown) => {
      const documents = [collection.document(selector)].flat() as readonly { readonly _id?: string }[];
      for (const { _id } of documents) if (_id !== undefined) remove(_id, options);
      return true;
    },
  };
  return new Proxy(collection, {
    get(target, property) {
      if (typeof property === 'string' && Object.hasOwn(overrides, property)) return overrides[property];
      const member: unknown = Reflect.get(target, property, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

/** Edges are given as `(from, to, data)` or with `_from` and `_to` in the data. Throws 1906. */
function checkEdge([first, second, ...rest]: readonly unknown[], { from, to }: EdgeDefinition): void {
  const isSplit = rest.length > 0 || idOf(second) !== undefined;
  const edges = isSplit ? [{ _from: first, _to: second }] : [first].flat();
  for (const edge of edges as readonly ({ readonly _from?: unknown; readonly _to?: unknown } | null)[]) {
    const [start, end] = [idOf(edge?._from), idOf(edge?._to)];
    if (start === undefined || end === undefined) throw new ArangoError('ERROR_ARANGO_DOCUMENT_HANDLE_BAD');
    if (!from.includes(collectionOf(start)) || !to.includes(collectionOf(end))) {
      throw new ArangoError('ERROR_GRAPH_INVALID_EDGE', {
        message: `invalid edge between ${start} and ${end}. Doesn't conform to any edge definition`,
      });
    }
  }
}

/** Of an id or a document. */
function idOf(vertex: unknown): string | undefined {
  const id = typeof vertex === 'object' && vertex !== null && '_id' in vertex ? vertex._id : vertex;
  return typeof id === 'string' && id.includes('/') ? id : undefined;
}

function collectionOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}

function collectionsOf({ edgeDefinitions, orphanCollections }: GraphDocument): Set<string> {
  return new Set([...edgeDefinitions.flatMap(({ collection, from, to }) => [collection, ...from, ...to]), ...orphanCollections]);
}

function relation(...values: readonly unknown[]): EdgeDefinition {
  if (values.length !== 3)
    throw new ArangoError('ERROR_GRAPH_INVALID_NUMBER_OF_ARGUMENTS', { message: 'Invalid number of arguments. Expected: 3' });
  const [name, from, to] = values;
  if (typeof name !== 'string' || name === '') throw invalid('arg1 must be non empty string');
  return { collection: name, from: toNames(from, 2), to: toNames(to, 3) };
}

function checked(definition: EdgeDefinition): EdgeDefinition {
  const { collection, from, to } = (definition ?? {}) as Partial<EdgeDefinition>;
  if (typeof collection !== 'string' || !Array.isArray(from) || !Array.isArray(to)) {
    throw new ArangoError('ERROR_GRAPH_CREATE_MALFORMED_EDGE_DEFINITION');
  }
  return { collection, from, to };
}

/** As it is kept, so that equal definitions look alike. */
function normalize(definition: EdgeDefinition): EdgeDefinition {
  const { collection, from, to } = checked(definition);
  return { collection, from: from.toSorted(), to: to.toSorted() };
}

/** `place`: of the argument. */
function toNames(value: unknown, place = 3): string[] {
  const names = [value].flat();
  if (!names.every((name): name is string => typeof name === 'string' && name !== '')) {
    throw invalid(`arg${place} must be non empty string or array`);
  }
  return names;
}

function invalid(detail: string): ArangoError {
  return new ArangoError('ERROR_GRAPH_INVALID_PARAMETER', { message: `${errorMessage('ERROR_GRAPH_INVALID_PARAMETER')} ${detail}` });
}

/** An error whose message begins with the collection that it is about. */
function about(collection: string, error: ErrorName): ArangoError {
  return new ArangoError(error, { message: `${collection} ${errorMessage(error)}` });
}
