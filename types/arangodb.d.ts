declare module '@arangodb' {
  /** A value whose type only the author of the service knows. */
  type Untyped = any;

  interface DocumentMetadata {
    readonly _id: string;
    readonly _key: string;
    readonly _rev: string;
  }
  interface EdgeMetadata extends DocumentMetadata {
    readonly _from: string;
    readonly _to: string;
  }
  type Document<T extends object = Record<string, Untyped>> = T & DocumentMetadata;
  type Edge<T extends object = Record<string, Untyped>> = T & EdgeMetadata;
  /** What stands for a document: its id, its key, or an object that has one of both. */
  type DocumentSelector = string | { readonly _id: string } | { readonly _key: string };

  interface WriteOptions {
    readonly waitForSync?: boolean;
    readonly returnNew?: boolean;
    readonly returnOld?: boolean;
    readonly silent?: boolean;
    readonly overwrite?: boolean;
    readonly overwriteMode?: 'ignore' | 'replace' | 'update' | 'conflict';
    readonly keepNull?: boolean;
    readonly mergeObjects?: boolean;
    readonly ignoreRevs?: boolean;
    readonly exclusive?: boolean;
  }
  interface WriteResult<T extends object> extends DocumentMetadata {
    readonly _oldRev?: string;
    readonly new?: Document<T>;
    readonly old?: Document<T>;
  }

  interface CollectionProperties {
    readonly waitForSync?: boolean;
    readonly isSystem?: boolean;
    readonly keyOptions?: {
      readonly type?: 'traditional' | 'autoincrement' | 'uuid' | 'padded';
      readonly allowUserKeys?: boolean;
      readonly increment?: number;
      readonly offset?: number;
    };
    readonly schema?: object | null;
    readonly computedValues?: readonly object[] | null;
    readonly cacheEnabled?: boolean;
    readonly [other: string]: unknown;
  }

  interface IndexDescription {
    readonly id?: string;
    readonly name?: string;
    readonly type: string;
    readonly fields?: readonly Untyped[];
    readonly unique?: boolean;
    readonly sparse?: boolean;
    readonly [other: string]: unknown;
  }

  interface Index extends IndexDescription {
    readonly id: string;
    readonly isNewlyCreated?: boolean;
  }

  /** A collection. `db.<name>` is one as well: declare the names of yours by extending `Database`. */
  interface ArangoCollection<T extends object = Record<string, Untyped>> {
    readonly _id: string;
    readonly isArangoCollection: true;
    name(): string;
    type(): number;
    status(): number;
    statusString(): string;
    planId(): string;
    globallyUniqueId(): string;
    version(): number;
    path(): string;
    properties(changes?: CollectionProperties): CollectionProperties;
    count(): number;
    figures(details?: boolean): Record<string, Untyped>;
    revision(): string;
    checksum(withRevisions?: boolean, withData?: boolean): { readonly checksum: string; readonly revision: string };
    rename(name: string): void;
    truncate(options?: { readonly waitForSync?: boolean }): void;
    drop(options?: { readonly isSystem?: boolean }): void;
    load(): void;
    unload(): void;
    compact(): void;
    rotate(): void;
    loadIndexesIntoMemory(): unknown;
    recalculateCount(): unknown;
    document(selector: DocumentSelector, options?: { readonly rev?: string }): Document<T>;
    document(selectors: readonly DocumentSelector[]): Document<T>[];
    exists(selector: DocumentSelector): DocumentMetadata | false;
    documentId(key: string): string;
    insert(document: T & Partial<DocumentMetadata>, options?: WriteOptions): WriteResult<T>;
    insert(documents: readonly (T & Partial<DocumentMetadata>)[], options?: WriteOptions): WriteResult<T>[];
    /** Of edges. */
    insert(from: DocumentSelector, to: DocumentSelector, document: T, options?: WriteOptions): WriteResult<T>;
    save(document: T & Partial<DocumentMetadata>, options?: WriteOptions): WriteResult<T>;
    save(documents: readonly (T & Partial<DocumentMetadata>)[], options?: WriteOptions): WriteResult<T>[];
    save(from: DocumentSelector, to: DocumentSelector, document: T, options?: WriteOptions): WriteResult<T>;
    update(selector: DocumentSelector, changes: Partial<T>, options?: WriteOptions): WriteResult<T>;
    update(selectors: readonly DocumentSelector[], changes: readonly Partial<T>[], options?: WriteOptions): WriteResult<T>[];
    replace(selector: DocumentSelector, document: T, options?: WriteOptions): WriteResult<T>;
    replace(selectors: readonly DocumentSelector[], documents: readonly T[], options?: WriteOptions): WriteResult<T>[];
    remove(selector: DocumentSelector, options?: WriteOptions): WriteResult<T>;
    remove(selectors: readonly DocumentSelector[], options?: WriteOptions): WriteResult<T>[];
    documents(keys: readonly string[]): { readonly documents: Document<T>[] };
    lookupByKeys(keys: readonly string[]): { readonly documents: Document<T>[] };
    removeByKeys(keys: readonly string[]): { readonly removed: number; readonly ignored: number };
    all(): SimpleQuery<Document<T>>;
    toArray(): Document<T>[];
    any(): Document<T> | null;
    iterate(
      callback: (document: Document<T>, index: number) => void,
      options?: { readonly limit?: number; readonly probability?: number },
    ): void;
    each(
      callback: (document: Document<T>, index: number) => void,
      options?: { readonly limit?: number; readonly probability?: number },
    ): void;
    byExample(example: Partial<Document<T>>): SimpleQuery<Document<T>>;
    firstExample(example: Partial<Document<T>>): Document<T> | null;
    firstExample(...pathsAndValues: readonly unknown[]): Document<T> | null;
    removeByExample(example: Partial<Document<T>>, waitForSync?: boolean | object, limit?: number): number;
    replaceByExample(example: Partial<Document<T>>, document: T, waitForSync?: boolean | object, limit?: number): number;
    updateByExample(
      example: Partial<Document<T>>,
      changes: Partial<T>,
      keepNull?: boolean | object,
      waitForSync?: boolean,
      limit?: number,
    ): number;
    range(attribute: string, left: unknown, right: unknown): SimpleQuery<Document<T>>;
    closedRange(attribute: string, left: unknown, right: unknown): SimpleQuery<Document<T>>;
    near(latitude: number, longitude: number): SimpleQuery<Document<T>>;
    within(latitude: number, longitude: number, radius: number): SimpleQuery<Document<T>>;
    withinRectangle(latitude1: number, longitude1: number, latitude2: number, longitude2: number): SimpleQuery<Document<T>>;
    fulltext(attribute: string, query: string, index?: string): SimpleQuery<Document<T>>;
    geo(location: unknown, longitude?: unknown): Pick<ArangoCollection<T>, 'near' | 'within'>;
    edges(vertex: DocumentSelector | readonly DocumentSelector[]): Edge<T>[];
    inEdges(vertex: DocumentSelector | readonly DocumentSelector[]): Edge<T>[];
    outEdges(vertex: DocumentSelector | readonly DocumentSelector[]): Edge<T>[];
    ensureIndex(description: IndexDescription): Index;
    indexes(withStats?: boolean, withHidden?: boolean): Index[];
    getIndexes(withStats?: boolean, withHidden?: boolean): Index[];
    index(selector: string | { readonly id: string }): Index;
    dropIndex(selector: string | { readonly id: string }): boolean;
    ensureHashIndex(...fields: readonly string[]): Index;
    ensureUniqueConstraint(...fields: readonly string[]): Index;
    ensureSkiplist(...fields: readonly string[]): Index;
    ensureUniqueSkiplist(...fields: readonly string[]): Index;
    ensureFulltextIndex(field: string, minLength?: number): Index;
    ensureGeoIndex(...fields: readonly (string | boolean)[]): Index;
    ensureGeoConstraint(...fields: readonly (string | boolean)[]): Index;
    lookupHashIndex(...fields: readonly string[]): Index | null;
    lookupUniqueConstraint(...fields: readonly string[]): Index | null;
    lookupSkiplist(...fields: readonly string[]): Index | null;
    lookupUniqueSkiplist(...fields: readonly string[]): Index | null;
    lookupFulltextIndex(field: string, minLength?: number): Index | null;
  }
  const ArangoCollection: {
    readonly TYPE_DOCUMENT: 2;
    readonly TYPE_EDGE: 3;
    readonly [other: string]: unknown;
  };

  interface ArangoQueryCursor<T = Untyped> extends Iterable<T> {
    readonly isArangoResultSet: true;
    toArray(): T[];
    hasNext(): boolean;
    next(): T;
    count(): number | undefined;
    getExtra(): {
      readonly stats?: Record<string, Untyped>;
      readonly warnings?: readonly { readonly code: number; readonly message: string }[];
      readonly [other: string]: Untyped;
    };
    /** Whether results come as they are asked for. */
    stream(): boolean;
    /** Whether results come from the cache of results. */
    cached(): boolean;
    /** Whether the last batch may be asked for again (`allowRetry`). */
    retriable(): boolean;
    dispose(): void;
    getBatchSize(): number | undefined;
    setBatchSize(size: number): void;
    forEach(callback: (value: T, index: number) => void): void;
    map<Result>(callback: (value: T, index: number) => Result): Result[];
    filter(callback: (value: T, index: number) => boolean): T[];
    reduce<Result>(callback: (before: Result, value: T, index: number) => Result, initial: Result): Result;
    every(callback: (value: T, index: number) => boolean): boolean;
    some(callback: (value: T, index: number) => boolean): boolean;
    all(): T[];
  }
  const ArangoQueryCursor: Function;

  interface SimpleQuery<T = Untyped> extends Iterable<T> {
    readonly isArangoResultSet: true;
    skip(count: number): this;
    limit(count: number): this;
    /** Documents get an attribute with their distance in metres. */
    distance(attribute?: string): this;
    setBatchSize(size: number): void;
    execute(): void;
    toArray(): T[];
    hasNext(): boolean;
    next(): T | null;
    dispose(): void;
    count(applyPagination?: boolean): number;
    forEach(callback: (value: T, index: number) => void): void;
    map<Result>(callback: (value: T, index: number) => Result): Result[];
  }

  interface AqlQuery {
    readonly query: string;
    readonly bindVars: Readonly<Record<string, unknown>>;
  }
  interface AqlLiteral {
    toAQL(): string;
  }
  interface AqlTag {
    (strings: TemplateStringsArray, ...values: readonly unknown[]): AqlQuery;
    /** Text that is taken into a query as it is. */
    literal(value: unknown): AqlLiteral;
    join(parts: readonly unknown[], separator?: string): AqlQuery;
  }
  const aql: AqlTag;
  const aqlQuery: AqlTag;
  /** Runs a query at once. */
  const query: {
    <T = Untyped>(strings: TemplateStringsArray, ...values: readonly unknown[]): ArangoQueryCursor<T>;
    <T = Untyped>(options: QueryOptions): (strings: TemplateStringsArray, ...values: readonly unknown[]) => ArangoQueryCursor<T>;
  };

  interface QueryOptions {
    readonly batchSize?: number;
    readonly count?: boolean;
    readonly fullCount?: boolean;
    readonly memoryLimit?: number;
    readonly maxRuntime?: number;
    readonly failOnWarning?: boolean;
    readonly cache?: boolean;
    readonly profile?: boolean | number;
    readonly optimizer?: { readonly rules?: readonly string[] };
    readonly stream?: boolean;
    readonly [other: string]: unknown;
  }

  interface ArangoStatement {
    bind(name: string, value: unknown): void;
    bind(variables: Readonly<Record<string, unknown>>): void;
    getBindVariables(): Record<string, unknown>;
    getQuery(): string;
    setQuery(text: string): void;
    getCount(): boolean;
    setCount(count: boolean): void;
    getBatchSize(): number | null;
    setBatchSize(size: number): void;
    getOptions(): QueryOptions;
    setOptions(options: QueryOptions): void;
    getCache(): boolean | undefined;
    setCache(cache: boolean): void;
    execute<T = Untyped>(): ArangoQueryCursor<T>;
    explain(options?: object): Record<string, Untyped>;
    parse(): Record<string, Untyped>;
  }
  const ArangoStatement: Function;

  interface TransactionDefinition<Params, Result> {
    readonly collections: {
      readonly read?: string | readonly string[];
      readonly write?: string | readonly string[];
      readonly exclusive?: string | readonly string[];
      readonly allowImplicit?: boolean;
    };
    readonly action: ((params: Params) => Result) | string;
    readonly params?: Params;
    readonly lockTimeout?: number;
    readonly maxTransactionSize?: number;
    readonly waitForSync?: boolean;
  }

  interface StreamTransaction {
    id(): string;
    running(): boolean;
    commit(): { readonly id: string; readonly status: string };
    abort(): { readonly id: string; readonly status: string };
    status(): { readonly id: string; readonly status: string };
    collection<T extends object = Record<string, Untyped>>(name: string): ArangoCollection<T>;
    query<T = Untyped>(
      query: string | AqlQuery,
      bindVars?: Readonly<Record<string, unknown>>,
      options?: QueryOptions,
    ): ArangoQueryCursor<T>;
    readonly [other: string]: Untyped;
  }

  interface Database {
    _create<T extends object = Record<string, Untyped>>(
      name: string,
      properties?: CollectionProperties,
      type?: 'document' | 'edge',
      options?: object,
    ): ArangoCollection<T>;
    _createDocumentCollection<T extends object = Record<string, Untyped>>(
      name: string,
      properties?: CollectionProperties,
    ): ArangoCollection<T>;
    _createEdgeCollection<T extends object = Record<string, Untyped>>(name: string, properties?: CollectionProperties): ArangoCollection<T>;
    /** `null`: there is none. */
    _collection<T extends object = Record<string, Untyped>>(name: string): ArangoCollection<T> | null;
    _collections(): ArangoCollection[];
    _drop(name: string, options?: { readonly isSystem?: boolean }): void;
    _truncate(name: string): void;
    _name(): string;
    _id(): string;
    _isSystem(): boolean;
    _path(): string;
    _properties(): Record<string, Untyped>;
    _version(details?: boolean): string | Record<string, Untyped>;
    _engine(): Record<string, Untyped>;
    _endpoints(): readonly string[] | readonly object[];
    _engineStats(): Record<string, Untyped>;
    _flushCache(): void;
    _compact(): void;
    _databases(): readonly string[];
    _createDatabase(name: string, options?: object, users?: readonly object[]): boolean;
    _dropDatabase(name: string): boolean;
    /** There are none: views need ArangoSearch. */
    _views(): readonly never[];
    _view(nameOrId: string | number): null;
    /** Throws 9. */
    _createView(name: string, type?: string, properties?: object): never;
    _dropView(nameOrId: string | number): void;
    _useDatabase(name: string): Database;
    _document<T extends object = Record<string, Untyped>>(selector: DocumentSelector): Document<T>;
    _exists(selector: DocumentSelector): DocumentMetadata | false;
    _replace<T extends object = Record<string, Untyped>>(selector: DocumentSelector, document: T, options?: WriteOptions): WriteResult<T>;
    _update<T extends object = Record<string, Untyped>>(
      selector: DocumentSelector,
      changes: Partial<T>,
      options?: WriteOptions,
    ): WriteResult<T>;
    _remove(selector: DocumentSelector, options?: WriteOptions): WriteResult<Record<string, Untyped>>;
    _index(selector: string | { readonly id: string }): Index | null;
    _dropIndex(selector: string | { readonly id: string }): boolean;
    _query<T = Untyped>(query: AqlQuery, options?: QueryOptions): ArangoQueryCursor<T>;
    _query<T = Untyped>(
      query: string | { readonly query: string; readonly bindVars?: object },
      bindVars?: Readonly<Record<string, unknown>>,
      options?: QueryOptions,
      extra?: object,
    ): ArangoQueryCursor<T>;
    _createStatement(
      data: string | { readonly query: string; readonly bindVars?: object; readonly [other: string]: unknown },
    ): ArangoStatement;
    _parse(query: string): Record<string, Untyped>;
    _explain(query: string | AqlQuery, bindVars?: object, options?: object): void;
    _profileQuery(query: string | AqlQuery, bindVars?: object, options?: object): void;
    _executeTransaction<Params = Untyped, Result = Untyped>(definition: TransactionDefinition<Params, Result>): Result;
    _createTransaction(definition: object): StreamTransaction;
    _transactions(): readonly { readonly id: string; readonly state: string }[];
  }
  const ArangoDatabase: Function;

  interface ArangoError extends Error {
    readonly isArangoError?: boolean;
    errorNum: number;
    code: number;
    errorMessage: string;
  }
  const ArangoError: {
    new (data?: { readonly errorNum?: number; readonly errorMessage?: string; readonly code?: number }): ArangoError;
    readonly prototype: ArangoError;
  };

  const db: Database;
  const errors: Readonly<Record<string, { readonly code: number; readonly message: string }>>;
  function isArangoError(value: unknown): value is ArangoError;
  function isArangoCollection(value: unknown): value is ArangoCollection;
  function isGeneratedAqlQuery(value: unknown): value is AqlQuery;
  function isAqlLiteral(value: unknown): value is AqlLiteral;
  /** Seconds since 1970. */
  function time(): number;
  function print(...values: readonly unknown[]): void;
  function printf(format: string, ...values: readonly unknown[]): void;
  function sprintf(format: string, ...values: readonly unknown[]): string;
  function inspect(value: unknown, options?: object): string;
  function guessContentType(fileName: string, fallback?: string): string;
  function normalizeURL(path: string): string;
  function stringPadding(text: string, length: number, pad?: string, side?: 'l' | 'r' | 'left' | 'right'): string;
}

declare module '@arangodb/errors' {
  const errors: Readonly<Record<string, { readonly code: number; readonly message: string }>>;
}

declare module '@arangodb/aql/cache' {
  interface CacheProperties {
    readonly mode?: 'off' | 'on' | 'demand';
    readonly maxResults?: number;
    readonly [other: string]: unknown;
  }
  function properties(changes?: CacheProperties): CacheProperties;
  function clear(): boolean;
  function toArray(): readonly object[];
}

declare module '@arangodb/aql/plan-cache' {
  function clear(): unknown;
  function toArray(): readonly object[];
}

declare module '@arangodb/aql/queries' {
  /** Which databases: this one, or all. */
  interface Extent {
    readonly all?: boolean;
  }
  interface TrackedQuery {
    readonly id: string;
    readonly query: string;
    readonly bindVars?: object;
    readonly started: string;
    readonly runTime: number;
    readonly [other: string]: unknown;
  }
  function properties(changes?: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  function current(extent?: Extent): readonly TrackedQuery[];
  function slow(extent?: Extent): readonly TrackedQuery[];
  function clearSlow(extent?: Extent): void;
  function kill(query: string | { readonly id: string }): void;
}

declare module '@arangodb/aql/explainer' {
  type Explained = string | { readonly query: string; readonly bindVars?: object; readonly options?: object };
  function explain(data: Explained, options?: object, isPrinted?: boolean): string | undefined;
  function profileQuery(data: Explained, isPrinted?: boolean): string | undefined;
  function inspect(query: string, bindVars?: object, options?: object): string;
  function debugDump(path: string, query: string, bindVars?: object, options?: object): void;
}

declare module '@arangodb/aql/functions' {
  interface UserFunction {
    readonly name: string;
    readonly code: string;
    readonly isDeterministic: boolean;
  }
  function register(name: string, code: string | Function, isDeterministic?: boolean): boolean;
  function unregister(name: string): void;
  function unregisterGroup(group: string): number;
  function toArray(group?: string): UserFunction[];
}

declare module '@arangodb/general-graph' {
  import type { ArangoCollection, Document, DocumentSelector, Edge, Untyped } from '@arangodb';

  interface EdgeDefinition {
    readonly collection: string;
    readonly from: readonly string[];
    readonly to: readonly string[];
  }
  type Example = string | readonly unknown[] | Readonly<Record<string, unknown>> | null;

  interface Graph {
    readonly isArangoGraph: true;
    readonly __name: string;
    readonly __edgeDefinitions: readonly EdgeDefinition[];
    readonly __orphanCollections: readonly string[];
    readonly __vertexCollections: Readonly<Record<string, ArangoCollection>>;
    readonly __edgeCollections: Readonly<Record<string, ArangoCollection>>;
    /** The collections of the graph by their names. */
    readonly [collection: string]: Untyped;
    vertexCollectionNames(): readonly string[];
    edgeCollectionNames(): readonly string[];
    findCollection(name: string): ArangoCollection | undefined;
    _edgeCollections(): ArangoCollection[];
    _vertexCollections(excludeOrphans?: boolean): ArangoCollection[];
    _orphanCollections(): string[];
    _getEdgeCollectionByName(name: string): ArangoCollection;
    _getVertexCollectionByName(name: string): ArangoCollection;
    _addVertexCollection(name: string, create?: boolean): void;
    _removeVertexCollection(name: string, drop?: boolean): void;
    _extendEdgeDefinitions(definition: EdgeDefinition): void;
    _editEdgeDefinitions(definition: EdgeDefinition): void;
    _deleteEdgeDefinition(collection: string, drop?: boolean): void;
    _fromVertex(edge: DocumentSelector): Document;
    _toVertex(edge: DocumentSelector): Document;
    _vertices(example?: Example): { toArray(): Document[] };
    _edges(example?: Example): { toArray(): Edge[] };
    _getConnectingEdges(from: Example, to: Example, options?: object): Edge[];
    _neighbors(example: Example, options?: object): Untyped[];
    _commonNeighbors(first: Example, second: Example, firstOptions?: object, secondOptions?: object): Untyped[];
    _countCommonNeighbors(first: Example, second: Example, firstOptions?: object, secondOptions?: object): Untyped[];
    _commonProperties(first: Example, second: Example, options?: object): Untyped[];
    _countCommonProperties(first: Example, second: Example, options?: object): Untyped[];
    _paths(options?: object): Untyped[];
    _shortestPath(from: Example, to: Example, options?: object): Untyped[];
    _distanceTo(from: Example, to: Example, options?: object): Untyped[];
    _absoluteEccentricity(example: Example, options?: object): Record<string, number>;
    _eccentricity(options?: object): Record<string, number>;
    _absoluteCloseness(example: Example, options?: object): Record<string, number>;
    _farness(example?: Example, options?: object): Record<string, number>;
    _closeness(options?: object): Record<string, number>;
    _absoluteBetweenness(example: Example, options?: object): Record<string, number>;
    _betweenness(options?: object): Record<string, number>;
    _radius(options?: object): number;
    _diameter(options?: object): number;
  }
  function _relation(collection: string, from: string | readonly string[], to: string | readonly string[]): EdgeDefinition;
  function _directedRelation(collection: string, from: string | readonly string[], to: string | readonly string[]): EdgeDefinition;
  function _undirectedRelation(collection: string, vertices: string | readonly string[]): EdgeDefinition;
  function _edgeDefinitions(...definitions: readonly EdgeDefinition[]): EdgeDefinition[];
  function _extendEdgeDefinitions(definitions: EdgeDefinition[], ...others: readonly EdgeDefinition[]): void;
  function _create(name: string, edgeDefinitions?: readonly EdgeDefinition[], orphans?: readonly string[], options?: object): Graph;
  function _graph(name: string): Graph;
  function _exists(name: string): boolean;
  function _list(): string[];
  function _listObjects(): readonly object[];
  function _drop(name: string, dropCollections?: boolean): boolean;
  function _renameCollection(before: string, after: string): void;
}
