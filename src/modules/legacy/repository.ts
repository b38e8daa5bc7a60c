/**
 * `Foxx.Repository`: the documents of a collection as models. What it does tells itself and the model, before and after.
 *
 * A function, as `Foxx.Model` is; `indexes` in a prototype are ensured when a repository is made, and bring methods that need them.
 */
import { EventEmitter } from 'node:events';
import type { ArangoCollection } from '../arangodb/collection.ts';
import type { Db } from '../arangodb/db.ts';
import { extend, type Constructor } from './extend.ts';
import { Model, type ModelConstructor } from './model.ts';

const EDGE_TYPE = 3;
const EVENTS = new Set([
  'beforeSave',
  'beforeCreate',
  'beforeUpdate',
  'beforeRemove',
  'afterSave',
  'afterCreate',
  'afterUpdate',
  'afterRemove',
]);

interface IndexDefinition {
  readonly type: string;
}

interface RepositoryOptions {
  readonly model?: ModelConstructor;
  readonly prefix?: string;
  readonly graph?: unknown;
}

interface Repository extends EventEmitter {
  options: RepositoryOptions;
  collection: ArangoCollection;
  model: ModelConstructor;
  prefix: string | undefined;
  graph: unknown;
  readonly indexes?: readonly IndexDefinition[];
}

type Documents = readonly Readonly<Record<string, unknown>>[];
type Listener = (...values: unknown[]) => void;

function construct(this: Repository, collection: ArangoCollection, options: RepositoryOptions = {}): void {
  EventEmitter.call(this as never);
  this.options = options;
  this.collection = collection;
  this.model = options.model ?? Model;
  this.prefix = options.prefix;
  this.graph = options.graph;
  Object.defineProperty(this, 'modelSchema', { enumerable: true, get: () => this.model.prototype.schema });
  for (const index of this.indexes ?? []) collection.ensureIndex(index);
  for (const [event, listener] of Object.entries(this.model)) {
    if (EVENTS.has(event) && typeof listener === 'function') this.on(event, (listener as Listener).bind(this.model));
  }
}

const BaseRepository = construct as unknown as Constructor;

const prototype: ThisType<Repository> & object = {
  save(given: Model | object) {
    const model = 'forDB' in given ? given : new this.model(given);
    return told(this, model, ['Create', 'Save'], [], () => {
      const { collection } = this;
      const data = model.forDB();
      const meta = collection.type() === EDGE_TYPE ? collection.save(model.get('_from'), model.get('_to'), data) : collection.save(data);
      model.set(meta as Record<string, unknown>);
      return model;
    });
  },

  byId(id: unknown) {
    return new this.model(this.collection.document(id));
  },

  byExample(example: object) {
    return modelsOf(this, this.collection.byExample(example).toArray());
  },

  firstExample(example: object) {
    const found = this.collection.firstExample(example);
    return found ? new this.model(found) : null;
  },

  all({ skip, limit }: { readonly skip?: number; readonly limit?: number } = {}) {
    let found = this.collection.all();
    if (skip) found = found.skip(skip);
    if (limit) found = found.limit(limit);
    return modelsOf(this, found.toArray());
  },

  any() {
    const found = this.collection.any();
    return found ? new this.model(found) : null;
  },

  remove(model: Model) {
    return told(this, model, ['Remove'], [], () => this.collection.remove(model.get('_id')));
  },

  removeById(id: unknown) {
    return this.collection.remove(id);
  },

  removeByExample(example: Readonly<Record<string, unknown>>) {
    return this.collection.removeByExample(example);
  },

  replace(model: Model) {
    model.set(this.collection.replace(model.get('_id') ?? model.get('_key'), model.forDB()) as Record<string, unknown>);
    return model;
  },

  replaceById(id: unknown, data: object) {
    if (!(data instanceof Model)) return this.collection.replace(id, data);
    return data.set(this.collection.replace(id, data.forDB()) as Record<string, unknown>);
  },

  replaceByExample(example: object, data: object) {
    return this.collection.replaceByExample(example as never, data);
  },

  update(model: Model, data: Readonly<Record<string, unknown>>) {
    return told(this, model, ['Update', 'Save'], [data], () => {
      const meta = this.collection.update(model.get('_id') ?? model.get('_key'), data);
      return model.set(data).set(meta as Record<string, unknown>);
    });
  },

  updateById(id: unknown, data: object) {
    if (!(data instanceof Model)) return this.collection.update(id, data);
    return data.set(this.collection.update(id, data.forDB()) as Record<string, unknown>);
  },

  updateByExample(example: object, data: object) {
    return this.collection.updateByExample(example as never, data);
  },

  exists(id: unknown) {
    return this.collection.exists(id);
  },

  count() {
    return this.collection.count();
  },
};

Object.defineProperty(BaseRepository, 'prototype', {
  value: Object.assign(Object.create(EventEmitter.prototype) as object, prototype, { constructor: BaseRepository }),
});
Object.defineProperty(BaseRepository.prototype, 'constructor', { enumerable: false });

/** Tells the repository and the model before and after: the events of the outer name enclose those of the inner one. */
function told<Result>(
  repository: Repository,
  model: Model,
  [outer, inner]: readonly [outer: string, inner?: string],
  details: readonly unknown[],
  action: () => Result,
): Result {
  const tell = (event: string): void => {
    repository.emit(event, model, ...details);
    model.emit(event, ...details);
  };
  tell(`before${outer}`);
  if (inner !== undefined) tell(`before${inner}`);
  const result = action();
  if (inner !== undefined) tell(`after${inner}`);
  tell(`after${outer}`);
  return result;
}

function modelsOf(repository: Repository, documents: readonly unknown[]): Model[] {
  return documents.map((document) => new repository.model(document));
}

interface GeoOptions {
  /** The name of the index, where there are several. */
  readonly geo?: unknown;
  readonly limit?: number;
  /** True, or the name of the model's property that gets the distance in metres. */
  readonly distance?: boolean | string;
}

const NEAR_LIMIT = 100;
const DISTANCE = '$distance';

/** Methods that a repository has when its prototype asks for an index of the type. */
function indexMethods(db: Db): Readonly<Record<string, ThisType<Repository> & object>> {
  /** Models of what a query over a geo index finds; the distance becomes a property that is no attribute. */
  const findNear = (repository: Repository, query: string, bindVars: object, { distance }: GeoOptions): Model[] => {
    const bound = { '@collection': repository.collection.name(), name: DISTANCE, ...bindVars };
    const found = db._query(`FOR document IN ${query} RETURN document`, bound).toArray() as Documents;
    return found.map(({ [DISTANCE]: metres, ...document }) => {
      const model = new repository.model(document);
      return distance ? Object.assign(model, { [typeof distance === 'string' ? distance : 'distance']: metres }) : model;
    });
  };
  return {
    skiplist: {
      range(attribute: string, left: unknown, right: unknown) {
        return modelsOf(this, this.collection.range(attribute, left, right).toArray());
      },
    },
    geo: {
      near(latitude: number, longitude: number, options: GeoOptions = {}) {
        const bindVars = { latitude, longitude, limit: options.limit ?? NEAR_LIMIT };
        return findNear(this, 'NEAR(@@collection, @latitude, @longitude, @limit, @name)', bindVars, options);
      },
      within(latitude: number, longitude: number, radius: number, options: GeoOptions = {}) {
        const found = findNear(
          this,
          'WITHIN(@@collection, @latitude, @longitude, @radius, @name)',
          { latitude, longitude, radius },
          options,
        );
        return options.limit ? found.slice(0, options.limit) : found;
      },
    },
    fulltext: {
      fulltext(attribute: string, query: string, { limit }: { readonly limit?: number } = {}) {
        const found = this.collection.fulltext(attribute, query);
        return modelsOf(this, (limit ? found.limit(limit) : found).toArray());
      },
    },
  };
}

/** The repositories of one service: what they find by an index they find in its database. */
export function createRepository(db: Db): Constructor {
  const methods = indexMethods(db);
  const Repository = extend.call(BaseRepository);
  Object.assign(Repository, {
    extend(this: Constructor, properties?: { readonly indexes?: readonly IndexDefinition[] }, staticProperties?: object): Constructor {
      const child = extend.call(this, properties, staticProperties);
      const target = child.prototype as unknown as Record<string, unknown>;
      for (const { type } of properties?.indexes ?? []) {
        for (const [name, method] of Object.entries(methods[type] ?? {})) target[name] ??= method;
      }
      return child;
    },
  });
  return Repository;
}
