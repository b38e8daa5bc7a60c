/**
 * `Foxx.Model`: the attributes of a document with a schema over them. A model never refuses an attribute; it notes what is wrong with it.
 *
 * Written as a function and not as a class, since services call it as one from the constructors of their own.
 */
import { EventEmitter } from 'node:events';
import { joi } from '../foxx/libraries.ts';
import { isJoiSchema, type Schema } from '../foxx/schema.ts';
import { extend } from './extend.ts';
import { attributesOf, toJsonSchema, type Attributes } from './joi-schemas.ts';

export interface Model extends EventEmitter {
  attributes: Record<string, unknown>;
  errors: Record<string, Error>;
  isValid: boolean;
  schema?: Attributes;
  get(name: string): unknown;
  set(name: string | Readonly<Record<string, unknown>>, value?: unknown): this;
  has(name: string): boolean;
  forDB(): unknown;
  forClient(): unknown;
}

export interface ModelConstructor {
  new (attributes?: unknown): Model;
  readonly prototype: Model;
  fromClient(attributes: unknown): Model;
  toJSONSchema(id: string): unknown;
  extend: typeof extend;
}

const META_NAMES = ['_id', '_key', '_oldRev', '_rev', '_from', '_to'];

function construct(this: Model, attributes?: Readonly<Record<string, unknown>>): void {
  this.attributes = {};
  this.isValid = true;
  this.errors = {};
  if (this.schema === undefined || this.schema === null) {
    this.attributes = { ...attributes };
    return;
  }
  if (isJoiSchema(this.schema)) this.schema = attributesOf(this.schema);
  for (const name of new Set([...Object.keys(this.schema), ...Object.keys(attributes ?? {})])) this.set(name, attributes?.[name]);
}

export const Model = construct as unknown as ModelConstructor;

Object.defineProperty(Model, 'name', { value: 'Model' });

const prototype: ThisType<Model> & object = {
  get(name: string) {
    return this.attributes[name];
  },

  set(given: string | Readonly<Record<string, unknown>>, value?: unknown) {
    if (typeof given === 'object' && given !== null) {
      for (const [name, one] of Object.entries(given)) this.set(name, one);
      return this;
    }
    if (this.schema === undefined || this.schema === null) {
      this.attributes[given] = value;
      return this;
    }
    const result = schemaOf(this.schema, given).validate(value);
    if (result.error) this.errors[given] = result.error;
    else delete this.errors[given];
    this.isValid = Object.keys(this.errors).length === 0;
    if (result.value === undefined) delete this.attributes[given];
    else this.attributes[given] = result.value;
    return this;
  },

  has(name: string) {
    return this.attributes[name] !== undefined && this.attributes[name] !== null;
  },

  forDB() {
    return this.attributes;
  },

  forClient() {
    return withoutMeta(this, this.attributes);
  },
};

Object.defineProperty(Model, 'prototype', {
  value: Object.assign(Object.create(EventEmitter.prototype) as object, prototype, { constructor: Model }),
});
Object.defineProperty(Model.prototype, 'constructor', { enumerable: false });

Object.assign(Model, {
  extend,
  toJSONSchema: Object.assign(
    function (this: ModelConstructor, id: string): unknown {
      return toJsonSchema(id, this);
    },
    { isFoxxModel: true },
  ),
  fromClient(this: ModelConstructor, attributes: Readonly<Record<string, unknown>>): Model {
    const model = new this();
    model.set(withoutMeta(model, attributes));
    return model;
  },
});

function schemaOf(schema: Attributes, name: string): Schema {
  if (Object.hasOwn(schema, name)) return schema[name] as Schema;
  return META_NAMES.includes(name) ? joi().string().optional() : joi().string().forbidden();
}

/** Without what the database adds to a document, where a schema does not ask for it. */
function withoutMeta({ schema }: Model, attributes: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const isHidden = (name: string): boolean => schema !== undefined && META_NAMES.includes(name) && !Object.hasOwn(schema, name);
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !isHidden(name)));
}
