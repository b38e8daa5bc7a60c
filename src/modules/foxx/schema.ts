/**
 * Schemas and models as endpoints take them: joi schemas of any version, anything with `validate`, plain objects of joi schemas, and
 * models with `fromClient` and `forClient`. What can be made ready is made ready here, when a route is defined.
 */
import type { Reader } from './arguments.ts';
import { joi, mediaTyper, mimeTypes, statuses, type JoiSchema } from './libraries.ts';

export interface Schema {
  validate(value: unknown): { readonly error?: Error | null; readonly value: unknown };
}

export interface Model {
  readonly schema: Schema | undefined;
  readonly fromClient: ((value: unknown) => unknown) | undefined;
  readonly forClient: ((value: unknown) => unknown) | undefined;
}

/** A model as it was given: `null` for no body at all, and whether a list of it was meant. */
export interface GivenModel {
  readonly model: Model | null;
  readonly isMultiple: boolean;
}

export const JSON_TYPE = 'application/json';

export const schema: Reader<Schema> = (value) => {
  const found = toSchema(value);
  return found === undefined ? undefined : { value: found };
};

export const model: Reader<GivenModel> = (value) => {
  if (value === null || value === false) return { value: { model: null, isMultiple: false } };
  const isMultiple = Array.isArray(value);
  if (isMultiple && value.length !== 1) return undefined;
  const found = toModel(isMultiple ? value[0] : value);
  return found === undefined ? undefined : { value: { model: found, isMultiple } };
};

export const mimes: Reader<string[]> = (value) =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') ? { value: value.map(toMime) } : undefined;

/** A number, or a name as `created`. */
export const status: Reader<number> = (value) => {
  if (typeof value === 'number') return Number.isInteger(value) ? { value } : undefined;
  if (typeof value !== 'string') return undefined;
  const known = findStatus(value);
  return known === undefined ? undefined : { value: known };
};

export function findStatus(name: string): number | undefined {
  try {
    return statuses()(name);
  } catch {
    return undefined; // the library throws for a name that it does not know
  }
}

/** The joi schema behind a schema, when it is one that knows how to describe itself. */
export function isJoiSchema(value: unknown): value is JoiSchema {
  return typeof value === 'object' && value !== null && 'isJoi' in value && value.isJoi === true;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && 'validate' in value && typeof value.validate === 'function';
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function toSchema(value: unknown): Schema | undefined {
  if (isSchema(value)) return value;
  return isPlain(value) && Object.values(value).every(isSchema) ? objectOf(value as Record<string, Schema>) : undefined;
}

interface ObjectOf {
  keys(schemas: object): { required(): Schema };
}

/** A required object of these attributes, made by the joi that made them: newer ones refuse those of others. */
function objectOf(schemas: Readonly<Record<string, Schema>>): Schema {
  const [first] = Object.values(schemas);
  const root = first !== undefined && '$_root' in first ? (first.$_root as { object(): ObjectOf }) : joi();
  return (root.object() as ObjectOf).keys(schemas).required();
}

function toModel(value: unknown): Model | undefined {
  if (isSchema(value)) return { schema: value, fromClient: undefined, forClient: undefined };
  if (typeof value === 'function' ? !isModel(value) : typeof value !== 'object' || value === null) return undefined;
  if (isModel(value)) {
    const found = value.schema === undefined || value.schema === null ? undefined : toSchema(value.schema);
    if (found === undefined && value.schema) return undefined;
    return {
      schema: found,
      fromClient: typeof value.fromClient === 'function' ? value.fromClient.bind(value) : undefined,
      forClient: typeof value.forClient === 'function' ? value.forClient.bind(value) : undefined,
    };
  }
  const found = toSchema(value);
  return found === undefined ? undefined : { schema: found, fromClient: undefined, forClient: undefined };
}

interface LooseModel {
  readonly schema?: unknown;
  readonly fromClient?: (value: unknown) => unknown;
  readonly forClient?: (value: unknown) => unknown;
}

/** `{schema: …}` is a model, unless all it has are joi schemas: then `schema` is the name of an attribute. */
function isModel(value: unknown): value is LooseModel {
  const { schema: ownSchema, fromClient, forClient } = value as LooseModel;
  if (typeof fromClient === 'function' || typeof forClient === 'function') return true;
  if (ownSchema === undefined) return false;
  const names = Object.keys(value as object);
  return names.length === 1 || !names.every((name) => isSchema((value as Record<string, unknown>)[name]));
}

/** `json` and the like stand for their types; parameters such as the charset are left out. */
export function toMime(name: string): string {
  if (name === 'binary') return 'application/octet-stream';
  const { type, subtype, suffix } = mediaTyper().parse(mimeTypes().contentType(name) || name);
  return mediaTyper().format({ type, subtype, suffix });
}

/** joi calls everything "value"; a client wants to know what is meant. */
export function nameInMessage(error: Error, name: string): Error {
  error.message = error.message.replace(/^"value"/, name);
  return error;
}

/** For a body that is a list of what the schema describes. */
export function listOf(item: Schema): Schema {
  if (isJoiSchema(item)) return joi().array().items(item).required();
  return {
    validate(value) {
      if (!Array.isArray(value)) return { error: new Error('"value" must be an array'), value };
      const values: unknown[] = [];
      for (const [index, element] of value.entries()) {
        const result = item.validate(element);
        if (result.error) return { error: new Error(`"value" at position ${index} fails because ${result.error.message}`), value };
        values.push(result.value);
      }
      return { value: values };
    },
  };
}
