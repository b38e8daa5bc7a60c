/**
 * A collection as services have it: ArangoDB's methods, with all the forms of arguments that they have taken over the years, on the
 * façade's few.
 */
import { ArangoError } from '#base';
import { isOverwriteMode, type Collection, type Database, type InsertOptions, type ModifyOptions, type Selector } from '#database';
import { isArray, isDocumentKey, isObject, toText, type Value, type ValueObject } from '#values';
import { toObject, toValue } from './plain-value.ts';
import type { PrintContext } from './print.ts';
import { byExample, quotePath, SimpleQuery, type Selection } from './simple-query.ts';

const STATUS_LOADED = 3;
const STATUS_DELETED = 5;
/** What methods of their own say. */
const NOT_PROPERTIES: ReadonlySet<string> = new Set(['id', 'name', 'type', 'status', 'statusString']);

const LASTING_INDEXES: ReadonlySet<unknown> = new Set(['primary', 'edge']);

/** Options as an object, or the old lists of booleans, whose meaning each method has for itself. */
type GivenOptions = boolean | Readonly<Record<string, unknown>>;

type Example = Readonly<Record<string, unknown>>;

export class ArangoCollection {
  static readonly STATUS_NEW_BORN = 1;
  static readonly STATUS_UNLOADED = 2;
  static readonly STATUS_LOADED = STATUS_LOADED;
  static readonly STATUS_UNLOADING = 4;
  static readonly STATUS_DELETED = STATUS_DELETED;
  static readonly STATUS_LOADING = 6;
  static readonly TYPE_DOCUMENT = 2;
  static readonly TYPE_EDGE = 3;

  declare readonly isArangoCollection: true;
  readonly #collection: Collection;
  readonly #database: () => Database;
  readonly #geoOptions: object;

  /** `geoOptions` hold for geo indexes that do not say otherwise. */
  constructor(collection: Collection, database: () => Database, geoOptions: object = {}) {
    this.#collection = collection;
    this.#database = database;
    this.#geoOptions = geoOptions;
  }

  get _id(): string {
    return this.#collection.id;
  }

  // The collection itself

  name(): string {
    return this.#collection.name;
  }

  type(): number {
    return this.#collection.type;
  }

  status(): number {
    return this.#database().findCollection(this._id) === undefined ? STATUS_DELETED : STATUS_LOADED;
  }

  statusString(): string {
    return this.status() === STATUS_DELETED ? 'deleted' : 'loaded';
  }

  planId(): string {
    return this.#collection.id;
  }

  globallyUniqueId(): Value {
    return this.properties()['globallyUniqueId'] ?? this.#collection.id;
  }

  version(): number {
    return 1;
  }

  path(): string {
    return '';
  }

  properties(changes?: object): ValueObject {
    const found = changes === undefined ? this.#collection.properties() : this.#collection.setProperties(toObject(changes));
    return Object.fromEntries(Object.entries(found).filter(([name]) => !NOT_PROPERTIES.has(name)));
  }

  count(): number {
    return this.#collection.count();
  }

  figures(details = false): ValueObject {
    return this.#collection.figures(details);
  }

  revision(): string {
    return this.#collection.revision();
  }

  checksum(withRevisions = false, withData = false): ValueObject {
    return { ...this.#collection.checksum({ withRevisions, withData }) };
  }

  rename(name: string): void {
    this.#collection.rename(name);
  }

  truncate(): void {
    this.#collection.truncate();
  }

  drop(options: { readonly isSystem?: boolean } = {}): void {
    this.#collection.drop(options);
  }

  // What storage engines of the past wanted. All that is asked for holds already.

  load(): void {}

  unload(): void {}

  compact(): void {}

  rotate(): void {}

  loadIndexesIntoMemory(): { readonly result: true } {
    return { result: true };
  }

  recalculateCount(): number {
    return this.count();
  }

  // Documents

  document(selector: unknown): Value | readonly unknown[] {
    if (Array.isArray(selector)) return this.#collection.documents(selectorsOf(selector));
    return this.#collection.document(toSelector(selector));
  }

  exists(selector: unknown): unknown {
    if (Array.isArray(selector)) return selector.map((one: unknown) => this.exists(one));
    return this.#collection.exists(toSelector(selector)) ?? false;
  }

  /** Throws 1221 for what cannot be a key. */
  documentId(key: unknown): string {
    if (!isDocumentKey(typeof key === 'number' ? String(key) : key)) throw new ArangoError('ERROR_ARANGO_DOCUMENT_KEY_BAD');
    return `${this.name()}/${String(key)}`;
  }

  /** `(document, options?)`, `([documents], options?)`, and for edges `(from, to, document, options?)`. */
  insert(...values: readonly unknown[]): unknown {
    const [first, second, third, fourth] = values;
    const isEdge = this.#collection.type === 3 && values.length >= 3;
    const given = isEdge ? { ...toObject(third), _from: idOf(first), _to: idOf(second) } : first;
    const options = insertOptions((isEdge ? fourth : second) as GivenOptions | undefined);
    if (Array.isArray(given)) return silenced(this.#collection.insertAll(given.map(toValue), options), options);
    return silenced(this.#collection.insert(toObject(given), options), options);
  }

  save(...values: readonly unknown[]): unknown {
    return this.insert(...values);
  }

  /** `(selector, changes, options?)`, `([selectors], [changes], options?)`; old: `(…, overwrite, keepNull, waitForSync)`. */
  update(selector: unknown, changes: unknown, ...rest: readonly unknown[]): unknown {
    const options = modifyOptions(rest, ['overwrite', 'keepNull', 'waitForSync']);
    if (Array.isArray(selector)) {
      return silenced(this.#collection.updateAll(addressed(selector, changes, options), options), options);
    }
    return silenced(this.#collection.update(toSelector(selector, options), toObject(changes), options), options);
  }

  /** As `update`; old: `(…, overwrite, waitForSync)`. */
  replace(selector: unknown, document: unknown, ...rest: readonly unknown[]): unknown {
    const options = modifyOptions(rest, ['overwrite', 'waitForSync']);
    if (Array.isArray(selector)) {
      return silenced(this.#collection.replaceAll(addressed(selector, document, options), options), options);
    }
    return silenced(this.#collection.replace(toSelector(selector, options), toObject(document), options), options);
  }

  remove(selector: unknown, ...rest: readonly unknown[]): unknown {
    const options = modifyOptions(rest, ['overwrite', 'waitForSync']);
    if (Array.isArray(selector)) {
      return silenced(this.#collection.removeAll(selectorsOf(selector, options), options), options);
    }
    return silenced(this.#collection.remove(toSelector(selector, options), options), options);
  }

  /** Each once, however often it is asked for. */
  documents(keys: readonly string[]): { readonly documents: readonly unknown[] } {
    const own = `${this.name()}/`;
    const asked = keys.map((key: unknown) => String(key)).map((key) => (key.startsWith(own) ? key.slice(own.length) : key));
    const found = this.#collection.documents([...new Set(asked)]);
    return { documents: found.filter((one) => !('errorNum' in one && one['error'] === true)) };
  }

  lookupByKeys(keys: readonly string[]): { readonly documents: readonly unknown[] } {
    return this.documents(keys);
  }

  removeByKeys(keys: readonly string[]): { readonly removed: number; readonly ignored: number } {
    const results = this.#collection.removeAll(keys.map(String));
    const ignored = results.filter((one) => 'error' in one).length;
    return { removed: results.length - ignored, ignored };
  }

  // Queries without AQL

  all(): SimpleQuery {
    return this.#select('FOR doc IN @@collection', {});
  }

  toArray(): Value[] {
    return this.all().toArray();
  }

  /** A random document, or null. */
  any(): Value {
    return this.#select('FOR doc IN @@collection SORT RAND() LIMIT 1', {}).next() ?? null;
  }

  /** Calls `action` for documents, or for a part of them with `{probability}`, or for some with `{limit}`. */
  iterate(
    action: (document: Value, index: number) => void,
    options: { readonly probability?: number; readonly limit?: number } = {},
  ): void {
    const { probability = 1, limit } = options;
    const filter = probability < 1 ? 'FILTER RAND() < @probability' : '';
    const query = this.#select(`FOR doc IN @@collection ${filter}`, probability < 1 ? { probability } : {});
    if (limit !== undefined) query.limit(limit);
    query.forEach(action);
  }

  each(action: (document: Value, index: number) => void): void {
    this.iterate(action);
  }

  /** `({name: value, …})` or `(name, value, …)`. */
  byExample(...values: readonly unknown[]): SimpleQuery {
    return new SimpleQuery(this.#database, byExample(this.name(), exampleOf(values)));
  }

  /** Null when there is none. */
  firstExample(...values: readonly unknown[]): Value {
    return (
      this.byExample(...values)
        .limit(1)
        .next() ?? null
    );
  }

  /** The number of documents that are gone. */
  removeByExample(example: Example, ...rest: readonly unknown[]): number {
    const { waitForSync, limit } = exampleOptions(rest, ['waitForSync', 'limit']);
    return this.#modify(example, limit, () => ({ text: `REMOVE doc IN @@collection OPTIONS { waitForSync: ${waitForSync === true} }` }));
  }

  replaceByExample(example: Example, document: object, ...rest: readonly unknown[]): number {
    const { waitForSync, limit } = exampleOptions(rest, ['waitForSync', 'limit']);
    return this.#modify(example, limit, () => ({
      text: `REPLACE doc WITH @document IN @@collection OPTIONS { waitForSync: ${waitForSync === true} }`,
      bindVars: { document: toObject(document) },
    }));
  }

  updateByExample(example: Example, changes: object, ...rest: readonly unknown[]): number {
    const { keepNull, waitForSync, limit, mergeObjects } = exampleOptions(rest, ['keepNull', 'waitForSync', 'limit']);
    const options = `keepNull: ${keepNull !== false}, mergeObjects: ${mergeObjects !== false}, waitForSync: ${waitForSync === true}`;
    return this.#modify(example, limit, () => ({
      text: `UPDATE doc WITH @changes IN @@collection OPTIONS { ${options} }`,
      bindVars: { changes: toObject(changes) },
    }));
  }

  /** From `left`, included, to `right`, not included. */
  range(attribute: string, left: unknown, right: unknown): SimpleQuery {
    return this.#range(attribute, left, right, '<');
  }

  closedRange(attribute: string, left: unknown, right: unknown): SimpleQuery {
    return this.#range(attribute, left, right, '<=');
  }

  /** What is near or within, by the geo index; there is one that counts. */
  geo(_location: unknown, _longitude?: unknown): Pick<ArangoCollection, 'near' | 'within'> {
    return this;
  }

  near(latitude: number, longitude: number): SimpleQuery {
    const text = 'FOR doc IN NEAR(@@collection, @latitude, @longitude, @most, @distance)';
    return this.#select(text, { latitude, longitude }, 'near');
  }

  within(latitude: number, longitude: number, radius: number): SimpleQuery {
    const text = 'FOR doc IN WITHIN(@@collection, @latitude, @longitude, @radius, @distance)';
    return this.#select(text, { latitude, longitude, radius }, 'within');
  }

  withinRectangle(latitude1: number, longitude1: number, latitude2: number, longitude2: number): SimpleQuery {
    const corners = { latitude1, longitude1, latitude2, longitude2 };
    return this.#select('FOR doc IN WITHIN_RECTANGLE(@@collection, @latitude1, @longitude1, @latitude2, @longitude2)', corners);
  }

  fulltext(attribute: string, query: string): SimpleQuery {
    return this.#select('FOR doc IN FULLTEXT(@@collection, @attribute, @query)', { attribute, query });
  }

  /** Edges at a vertex, given by id or document, or at each of several. */
  edges(vertex: unknown): Value[] {
    return this.#edges(vertex, 'FILTER doc._from IN @ids OR doc._to IN @ids');
  }

  inEdges(vertex: unknown): Value[] {
    return this.#edges(vertex, 'FILTER doc._to IN @ids');
  }

  outEdges(vertex: unknown): Value[] {
    return this.#edges(vertex, 'FILTER doc._from IN @ids');
  }

  // Indexes

  ensureIndex(definition: object): ValueObject {
    const { type } = definition as { readonly type?: unknown };
    const isGeo = typeof type === 'string' && type.startsWith('geo');
    return this.#collection.ensureIndex(toObject(isGeo ? { ...this.#geoOptions, ...definition } : definition));
  }

  indexes(withStats = false): readonly ValueObject[] {
    return this.#collection.indexes({ withStats });
  }

  getIndexes(withStats = false): readonly ValueObject[] {
    return this.indexes(withStats);
  }

  index(idOrDefinition: unknown): ValueObject {
    return this.#collection.index(indexId(idOrDefinition));
  }

  /** False too for indexes that every collection has. */
  dropIndex(idOrDefinition: unknown): boolean {
    const id = indexId(idOrDefinition);
    const isLasting = this.indexes().some((index) => (index['id'] === id || index['name'] === id) && LASTING_INDEXES.has(index['type']));
    return !isLasting && this.#collection.dropIndex(id);
  }

  ensureHashIndex(...values: readonly unknown[]): ValueObject {
    return this.#ensure('hash', values, { unique: false });
  }

  ensureUniqueConstraint(...values: readonly unknown[]): ValueObject {
    return this.#ensure('hash', values, { unique: true });
  }

  ensureSkiplist(...values: readonly unknown[]): ValueObject {
    return this.#ensure('skiplist', values, { unique: false });
  }

  ensureUniqueSkiplist(...values: readonly unknown[]): ValueObject {
    return this.#ensure('skiplist', values, { unique: true });
  }

  ensureFulltextIndex(field: string, minLength?: number): ValueObject {
    return this.ensureIndex({ type: 'fulltext', fields: [field], ...(minLength === undefined ? {} : { minLength }) });
  }

  /** `(location)`, `(location, geoJson)` or `(latitude, longitude)`. */
  ensureGeoIndex(field: string, second?: string | boolean): ValueObject {
    if (typeof second === 'string') return this.ensureIndex({ type: 'geo', fields: [field, second], geoJson: false });
    return this.ensureIndex({ type: 'geo', fields: [field], geoJson: second === true });
  }

  ensureGeoConstraint(field: string, second?: string | boolean): ValueObject {
    return this.ensureGeoIndex(field, second);
  }

  lookupHashIndex(...fields: readonly string[]): Value {
    return this.#lookup(['hash', 'persistent'], fields, false);
  }

  lookupUniqueConstraint(...fields: readonly string[]): Value {
    return this.#lookup(['hash', 'persistent'], fields, true);
  }

  lookupSkiplist(...fields: readonly string[]): Value {
    return this.#lookup(['skiplist', 'persistent'], fields, false);
  }

  lookupUniqueSkiplist(...fields: readonly string[]): Value {
    return this.#lookup(['skiplist', 'persistent'], fields, true);
  }

  lookupFulltextIndex(field: string): Value {
    return this.#lookup(['fulltext'], [field], false);
  }

  toString(): string {
    return `[ArangoCollection ${this._id}, "${this.name()}" (type ${this.type() === 3 ? 'edge' : 'document'}, status ${this.statusString()})]`;
  }

  toJSON(): string {
    return this.toString();
  }

  _PRINT(context: PrintContext): void {
    context.output += this.toString();
  }

  #select(text: string, bindVars: Selection['bindVars'], byDistance?: Selection['byDistance']): SimpleQuery {
    const selection = { text, bindVars: { '@collection': this.name(), ...bindVars } };
    return new SimpleQuery(this.#database, byDistance === undefined ? selection : { ...selection, byDistance });
  }

  #range(attribute: string, left: unknown, right: unknown, operator: '<' | '<='): SimpleQuery {
    const path = quotePath(attribute);
    return this.#select(`FOR doc IN @@collection FILTER doc.${path} >= @left && doc.${path} ${operator} @right`, {
      left: toValue(left),
      right: toValue(right),
    });
  }

  #edges(vertex: unknown, filter: string): Value[] {
    if (this.#collection.type !== 3) throw new ArangoError('ERROR_ARANGO_COLLECTION_TYPE_INVALID', `"${this.name()}" has no edges`);
    const ids = (Array.isArray(vertex) ? vertex : [vertex]).map(idOf);
    return this.#select(`FOR doc IN @@collection ${filter}`, { ids }).toArray();
  }

  #modify(
    example: Example,
    limit: unknown,
    operation: () => { readonly text: string; readonly bindVars?: Readonly<Record<string, Value>> },
  ): number {
    if (limit === 0) return 0;
    const { text, bindVars } = byExample(this.name(), example);
    const limiting = typeof limit === 'number' ? `LIMIT ${Math.trunc(limit)}` : '';
    const { text: action, bindVars: more } = operation();
    const query = `${text} ${limiting} ${action}`;
    const { stats } = this.#database()
      .query({ query, bindVars: { ...bindVars, ...more } })
      .extra();
    return isStats(stats) ? Number(stats['writesExecuted']) : 0;
  }

  #ensure(type: string, values: readonly unknown[], options: { readonly unique: boolean }): ValueObject {
    const fields = values.filter((value) => typeof value === 'string');
    const last = values.at(-1);
    return this.ensureIndex({ type, fields, ...options, ...(typeof last === 'object' ? last : {}) });
  }

  #lookup(types: readonly string[], fields: readonly string[], unique: boolean): Value {
    const isWanted = (index: ValueObject): boolean =>
      types.includes(toText(index['type'] ?? null)) &&
      (index['unique'] ?? false) === unique &&
      JSON.stringify(index['fields']) === JSON.stringify(fields);
    return this.indexes().find(isWanted) ?? null;
  }
}

Object.defineProperty(ArangoCollection.prototype, 'isArangoCollection', { value: true });

function isStats(value: Value | undefined): value is ValueObject {
  return value !== undefined && isObject(value);
}

/** A key, an id, or an object that has one; the revision of an object counts unless `overwrite` says otherwise. */
function toSelector(selector: unknown, options?: ModifyOptions): Selector {
  if (typeof selector === 'string') return selector;
  if (typeof selector === 'number') return String(selector);
  if (typeof selector !== 'object' || selector === null) throw new ArangoError('ERROR_ARANGO_DOCUMENT_HANDLE_BAD');
  const { _id, _key, _rev } = selector as Record<string, unknown>;
  const found: Record<string, Value> = {};
  if (_id !== undefined) found['_id'] = toValue(_id);
  if (_key !== undefined) found['_key'] = toValue(_key);
  if (_rev !== undefined && options?.ignoreRevs !== true) found['_rev'] = toValue(_rev);
  return found;
}

/** Of a list each has its own outcome, so what names no document is left for the collection to refuse. */
function selectorsOf(selectors: readonly unknown[], options?: ModifyOptions): Value[] {
  return selectors.map((one) => (namesDocument(one) ? toSelector(one, options) : null));
}

function namesDocument(selector: unknown): boolean {
  return typeof selector === 'string' || (typeof selector === 'object' && selector !== null);
}

/** A list's documents with what says which they are. */
function addressed(selectors: readonly unknown[], changes: unknown, options: ModifyOptions): Value[] {
  if (!Array.isArray(changes) || changes.length !== selectors.length) throw new ArangoError('ERROR_ARANGO_DOCUMENT_TYPE_INVALID');
  return selectors.map((selector, index) => {
    const change = toValue(changes[index]);
    if (!isObject(change)) return change;
    const { _key, _id, _rev, ...rest } = change;
    if (!namesDocument(selector)) return rest;
    const found = toSelector(selector, options);
    const address = typeof found === 'string' ? (found.includes('/') ? { _id: found } : { _key: found }) : found;
    return { ...rest, ...address };
  });
}

function idOf(vertex: unknown): string {
  if (typeof vertex === 'string') return vertex;
  const id = typeof vertex === 'object' && vertex !== null && '_id' in vertex ? vertex._id : undefined;
  if (typeof id !== 'string') throw new ArangoError('ERROR_ARANGO_DOCUMENT_HANDLE_BAD');
  return id;
}

function indexId(idOrDefinition: unknown): string {
  if (typeof idOrDefinition === 'object' && idOrDefinition !== null && 'id' in idOrDefinition) return String(idOrDefinition.id);
  return String(idOrDefinition);
}

function insertOptions(given: GivenOptions | undefined): InsertOptions {
  if (typeof given === 'boolean') return { waitForSync: given };
  const { overwriteMode, ...options } = definedOf(given);
  return isOverwriteMode(overwriteMode) ? { ...options, overwriteMode } : options;
}

/** `overwrite` in these methods means that revisions do not matter. */
/** Revisions count, in lists as well, unless what is there is to be overwritten. */
function modifyOptions(given: readonly unknown[], names: readonly string[]): ModifyOptions {
  if (given.length === 0) return { ignoreRevs: false };
  const { overwrite, ...options } = optionsOf(given, names);
  return { ignoreRevs: overwrite === true, ...options };
}

function exampleOptions(given: readonly unknown[], names: readonly string[]): Record<string, unknown> {
  if (typeof given[0] === 'object' && given[0] !== null && given.length > 1) {
    throw new ArangoError('ERROR_BAD_PARAMETER', 'too many parameters');
  }
  return optionsOf(given, names);
}

function optionsOf(given: readonly unknown[], names: readonly string[]): Record<string, unknown> {
  const [first] = given;
  if (typeof first === 'object' && first !== null) return definedOf(first as Record<string, unknown>);
  return definedOf(Object.fromEntries(names.map((name, index) => [name, given[index]])));
}

function definedOf(options: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function exampleOf(values: readonly unknown[]): Example {
  const [first] = values;
  if (typeof first === 'object' && first !== null) return first as Example;
  if (values.length % 2 !== 0 || values.length === 0) {
    throw new ArangoError('ERROR_BAD_PARAMETER', 'an example is an object, or names and values in turn');
  }
  const example: Record<string, unknown> = {};
  for (let i = 0; i < values.length; i += 2) example[String(values[i])] = values[i + 1];
  return example;
}

/** `silent` answers nothing but errors. */
function silenced(result: unknown, { silent }: { readonly silent?: boolean }): unknown {
  if (silent !== true) return result;
  if (!Array.isArray(result)) return true;
  return isArray(result as Value) ? (result as readonly object[]).filter((one) => 'error' in one) : result;
}
