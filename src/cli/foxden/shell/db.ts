/** The shell's `db`: arangosh's object over HTTP, as far as people use it by hand. */
import { inspect } from 'node:util';
import type { BlockingCall, BlockingClient } from './blocking-client.ts';

export type Json = unknown;
type Facts = Readonly<Record<string, unknown>>;
/** A key, an id, or a document that has one of them. */
type Selector = string | { readonly _key?: string; readonly _id?: string };

/** Results of a query. Shown, it is the table of its documents. */
export class ShellCursor implements Iterable<Json> {
  readonly extra: Facts;
  readonly #results: readonly Json[];
  #at = 0;

  constructor(results: readonly Json[], extra: Facts = {}) {
    this.#results = results;
    this.extra = extra;
  }

  toArray(): readonly Json[] {
    return this.#results;
  }

  hasNext(): boolean {
    return this.#at < this.#results.length;
  }

  next(): Json {
    return this.#results[this.#at++];
  }

  count(): number {
    return this.#results.length;
  }

  forEach(action: (value: Json) => void): void {
    this.#results.forEach((value) => action(value));
  }

  [Symbol.iterator](): Iterator<Json> {
    return this.#results[Symbol.iterator]();
  }
}

export class ShellCollection {
  readonly #db: ShellDatabase;
  readonly #name: string;

  constructor(db: ShellDatabase, name: string) {
    this.#db = db;
    this.#name = name;
  }

  name(): string {
    return this.#name;
  }

  count(): number {
    return this.#call('GET', '/count')['count'] as number;
  }

  properties(changes?: Facts): Facts {
    return changes === undefined ? this.#call('GET', '/properties') : this.#call('PUT', '/properties', changes);
  }

  figures(): Facts {
    return this.#call('GET', '/figures')['figures'] as Facts;
  }

  truncate(): void {
    this.#call('PUT', '/truncate');
  }

  rename(name: string): void {
    this.#call('PUT', '/rename', { name });
  }

  drop(): void {
    this.#call('DELETE', '');
  }

  document(selector: Selector): Json {
    return this.#db.call({ method: 'GET', path: this.#documentPath(selector) });
  }

  exists(selector: Selector): boolean {
    return this.#db._query('RETURN DOCUMENT(@@c, @key) != null', { '@c': this.#name, key: keyOf(selector) }).next() === true;
  }

  insert(document: Json, options: Facts = {}): Json {
    return this.#db.call({ method: 'POST', path: this.#path, query: options as Record<string, string>, json: document });
  }

  save(document: Json, options: Facts = {}): Json {
    return this.insert(document, options);
  }

  update(selector: Selector, changes: Json, options: Facts = {}): Json {
    return this.#db.call({ method: 'PATCH', path: this.#documentPath(selector), query: options as Record<string, string>, json: changes });
  }

  replace(selector: Selector, document: Json, options: Facts = {}): Json {
    return this.#db.call({ method: 'PUT', path: this.#documentPath(selector), query: options as Record<string, string>, json: document });
  }

  remove(selector: Selector): Json {
    return this.#db.call({ method: 'DELETE', path: this.#documentPath(selector) });
  }

  all(): ShellCursor {
    return this.#db._query('FOR d IN @@c RETURN d', { '@c': this.#name });
  }

  any(): Json {
    return this.#db._query('FOR d IN @@c SORT RAND() LIMIT 1 RETURN d', { '@c': this.#name }).next() ?? null;
  }

  byExample(example: Facts): ShellCursor {
    return this.#db._query('FOR d IN @@c FILTER MATCHES(d, @example) RETURN d', { '@c': this.#name, example });
  }

  firstExample(example: Facts): Json {
    return this.#db._query('FOR d IN @@c FILTER MATCHES(d, @example) LIMIT 1 RETURN d', { '@c': this.#name, example }).next() ?? null;
  }

  indexes(): readonly Facts[] {
    return (this.#db.call({ path: '/_api/index', query: { collection: this.#name } }) as { readonly indexes: readonly Facts[] }).indexes;
  }

  getIndexes(): readonly Facts[] {
    return this.indexes();
  }

  ensureIndex(definition: Facts): Facts {
    return this.#db.call({ method: 'POST', path: '/_api/index', query: { collection: this.#name }, json: definition }) as Facts;
  }

  dropIndex(index: string | { readonly id: string }): void {
    const id = typeof index === 'string' ? index : index.id;
    this.#db.call({ method: 'DELETE', path: `/_api/index/${id.includes('/') ? id : `${this.#name}/${id}`}` });
  }

  toString(): string {
    return `[collection ${this.#name}]`;
  }

  [inspect.custom](): string {
    return this.toString();
  }

  get #path(): string {
    return `/_api/document/${encodeURIComponent(this.#name)}`;
  }

  #documentPath(selector: Selector): string {
    return `${this.#path}/${encodeURIComponent(keyOf(selector))}`;
  }

  #call(method: 'GET' | 'PUT' | 'DELETE', below: string, json?: Facts): Facts {
    const path = `/_api/collection/${encodeURIComponent(this.#name)}${below}`;
    return this.#db.call(json === undefined ? { method, path } : { method, path, json }) as Facts;
  }
}

function keyOf(selector: Selector): string {
  const text = typeof selector === 'string' ? selector : (selector._key ?? selector._id ?? '');
  return text.slice(text.indexOf('/') + 1);
}

export class ShellDatabase {
  readonly #client: BlockingClient;
  #name: string;

  constructor(client: BlockingClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  /** Any call of the HTTP API, in this database. */
  call(call: BlockingCall): Json {
    return this.#client.json({ database: this.#name, ...call });
  }

  _name(): string {
    return this.#name;
  }

  _version(): string {
    return (this.call({ path: '/_api/version' }) as { readonly version: string }).version;
  }

  _databases(): readonly string[] {
    return (this.call({ path: '/_api/database', database: '_system' }) as { readonly result: readonly string[] }).result;
  }

  _useDatabase(name: string): true {
    this.call({ path: '/_api/database/current', database: name });
    this.#name = name;
    return true;
  }

  _createDatabase(name: string, options: Facts = {}, users: readonly Facts[] = []): true {
    this.call({ method: 'POST', path: '/_api/database', database: '_system', json: { name, options, users } });
    return true;
  }

  _dropDatabase(name: string): true {
    this.call({ method: 'DELETE', path: `/_api/database/${encodeURIComponent(name)}`, database: '_system' });
    return true;
  }

  _collections(): readonly ShellCollection[] {
    return this.#collectionNames().map((name) => new ShellCollection(this, name));
  }

  _collection(name: string): ShellCollection | null {
    return this.#collectionNames().includes(name) ? new ShellCollection(this, name) : null;
  }

  _create(name: string, properties: Facts = {}): ShellCollection {
    this.call({ method: 'POST', path: '/_api/collection', json: { ...properties, name } });
    return new ShellCollection(this, name);
  }

  _createDocumentCollection(name: string, properties: Facts = {}): ShellCollection {
    return this._create(name, { ...properties, type: 2 });
  }

  _createEdgeCollection(name: string, properties: Facts = {}): ShellCollection {
    return this._create(name, { ...properties, type: 3 });
  }

  _drop(name: string): void {
    new ShellCollection(this, name).drop();
  }

  _truncate(name: string): void {
    new ShellCollection(this, name).truncate();
  }

  _document(id: string): Json {
    return this.call({ path: `/_api/document/${id.split('/').map(encodeURIComponent).join('/')}` });
  }

  /** All results; the server's memory limit and the shell's bound them. */
  _query(query: string | Facts, bindVars: Facts = {}, options: Facts = {}): ShellCursor {
    const body = typeof query === 'string' ? { query, bindVars, ...options } : query;
    interface Answer {
      readonly result: readonly Json[];
      readonly hasMore: boolean;
      readonly id?: string;
      readonly extra?: Facts;
    }
    let answer = this.call({ method: 'POST', path: '/_api/cursor', json: { batchSize: 10_000, ...body } }) as Answer;
    const results = [...answer.result];
    const { extra } = answer;
    while (answer.hasMore && answer.id !== undefined) {
      answer = this.call({ method: 'POST', path: `/_api/cursor/${answer.id}` }) as Answer;
      for (const each of answer.result) results.push(each);
    }
    return new ShellCursor(results, extra);
  }

  _explain(query: string, bindVars: Facts = {}, options: Facts = {}): Facts {
    return (this.call({ method: 'POST', path: '/_api/explain', json: { query, bindVars, options } }) as { readonly plan: Facts }).plan;
  }

  _executeTransaction(definition: Facts & { readonly action: unknown }): Json {
    const { action, ...others } = definition;
    const text = typeof action === 'function' ? Function.prototype.toString.call(action) : action;
    const call = { method: 'POST', path: '/_api/transaction', json: { ...others, action: text } } as const;
    return (this.call(call) as { readonly result: Json }).result;
  }

  _graphs(): readonly string[] {
    interface Answer {
      readonly graphs: readonly { readonly _key?: string; readonly name?: string }[];
    }
    const { graphs } = this.call({ path: '/_api/gharial' }) as Answer;
    return graphs.map(({ _key, name }) => name ?? _key ?? '');
  }

  #collectionNames(): readonly string[] {
    interface Answer {
      readonly result: readonly { readonly name: string }[];
    }
    const { result } = this.call({ path: '/_api/collection' }) as Answer;
    return result.map(({ name }) => name).toSorted();
  }
}

/** `db.users` is the collection `users`, whatever the object itself has not. */
export function withCollections(db: ShellDatabase): ShellDatabase {
  return new Proxy(db, {
    get: (target, name) => {
      if (typeof name !== 'string' || name in target) {
        const value = Reflect.get(target, name, target) as unknown;
        return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      }
      return name === 'then' || name === 'toJSON' ? undefined : (target._collection(name) ?? undefined);
    },
    ownKeys: (target) => target._collections().map((collection) => collection.name()),
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
  });
}
