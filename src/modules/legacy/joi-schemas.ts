/** What Foxx 2.8 reads out of joi schemas: the attributes of an object, types for its documentation, options that travel as meta data. */
import { joi, type JoiSchema } from '../foxx/libraries.ts';
import { isJoiSchema, type Schema } from '../foxx/schema.ts';

/** A joi schema's own words about itself, as far as they are looked at. */
interface Description {
  readonly type: string;
  readonly description?: string;
  readonly flags?: { readonly presence?: string };
  readonly rules?: readonly { readonly name: string }[];
  readonly meta?: readonly unknown[] | object;
  readonly options?: object;
  readonly children?: Readonly<Record<string, Description>>;
}

interface DescribedSchema extends Schema {
  describe(): Description;
  description(text: string): DescribedSchema;
  required(): DescribedSchema;
  optional(): DescribedSchema;
  meta(data: object): DescribedSchema;
  readonly _inner?: { readonly children?: readonly { readonly key: string; readonly schema: Schema }[] | null };
}

export type Attributes = Readonly<Record<string, Schema>>;

export function isAttributes(value: unknown): value is Attributes {
  return typeof value === 'object' && value !== null && !isJoiSchema(value) && Object.values(value).some(isJoiSchema);
}

/** The attributes that a schema of an object names. */
export function attributesOf(schema: Attributes | JoiSchema): Attributes {
  if (!isJoiSchema(schema)) return schema;
  const { _inner: inner } = schema as unknown as DescribedSchema;
  return Object.fromEntries((inner?.children ?? []).map(({ key, schema: one }) => [key, one]));
}

export function objectSchema(attributes: Attributes): JoiSchema {
  return joi().object().keys(attributes);
}

export interface ParameterOptions {
  readonly type?: unknown;
  readonly required?: boolean;
  readonly description?: string;
  readonly allowMultiple?: boolean;
  readonly allowInvalid?: boolean;
}

/** A parameter's options, where a lone schema is its type. */
export function parameterOptions(given: unknown): ParameterOptions {
  if (isJoiSchema(given)) return { type: given };
  return given ?? {};
}

export interface Parameter {
  readonly schema: Schema | undefined;
  readonly description: string | undefined;
  /** `integer`, `string`, … */
  readonly type: string;
  readonly allowInvalid: boolean;
}

/** Types by name are those of Foxx before 2.5. */
const NAMED_TYPES: Readonly<Record<string, () => JoiSchema>> = {
  int: () => joi().number().integer(),
  integer: () => joi().number().integer(),
  string: () => joi().string(),
};

/** Throws for the name of a type that there is not. */
export function readParameter(options: ParameterOptions): Parameter {
  const { type, required, description, allowInvalid } = options;
  if (type === undefined || type === null) return { schema: undefined, description, type: 'string', allowInvalid: allowInvalid ?? false };
  if (typeof type === 'string' && NAMED_TYPES[type] === undefined) throw new Error(`Illegal attribute type: ${type}`);
  let schema = (typeof type === 'string' ? NAMED_TYPES[type]?.() : type) as DescribedSchema;
  if (typeof required === 'boolean') schema = required ? schema.required() : schema.optional();
  if (typeof description === 'string') schema = schema.description(description);
  const described = describe(schema);
  const metas = [described?.meta ?? []].flat() as readonly { readonly allowInvalid?: boolean }[];
  return {
    schema,
    description: described?.description ?? description,
    type: described === undefined ? 'string' : typeName(described),
    allowInvalid: allowInvalid ?? metas.some((meta) => meta.allowInvalid === true),
  };
}

function describe(schema: DescribedSchema): Description | undefined {
  const described = schema.describe();
  return Array.isArray(described) ? undefined : described; // alternatives describe themselves as a list
}

function typeName({ type, rules }: Description): string {
  return type === 'number' && rules?.some(({ name }) => name === 'integer') ? 'integer' : type;
}

interface JsonSchema {
  readonly id: string;
  readonly required?: readonly string[];
  readonly properties: Readonly<Record<string, { readonly type: string }>>;
}

/** A schema, a map of them, a model, or anything that has a `toJSONSchema` of its own. */
export function toJsonSchema(id: string, given: unknown): unknown {
  if (!given) return { id, required: [], properties: {} };
  const { toJSONSchema } = given as { readonly toJSONSchema?: unknown };
  if (typeof toJSONSchema === 'function' && !('isFoxxModel' in toJSONSchema)) {
    return (given as { toJSONSchema(id: string): unknown }).toJSONSchema(id);
  }
  const source = typeof given === 'function' ? ((given.prototype as { readonly schema?: unknown }).schema ?? {}) : given;
  const schema = isJoiSchema(source) ? source : objectSchema(source as Attributes);
  return jsonSchemaOf(id, (schema as unknown as DescribedSchema).describe());
}

function jsonSchemaOf(id: string, { type, children = {} }: Description): JsonSchema {
  if (type !== 'object') return { id, required: [], properties: {} };
  const entries = Object.entries(children);
  const required = entries.filter(([, { flags }]) => flags?.presence === 'required').map(([name]) => name);
  return {
    id,
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(entries.map(([name, description]) => [name, { type: typeName(description) }])),
  };
}
