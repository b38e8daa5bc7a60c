/**
 * Schemas of collections: a JSON Schema of draft 4 under `rule`, when it counts (`level`), and the words for documents that fail it.
 *
 * As in ArangoDB system attributes are hidden from the rule, and the type of every number is `number`: `integer` fits nothing, whole
 * numbers are asked for by `multipleOf: 1`. The formats are those of draft 4; nothing is ever fetched for a `$ref`.
 */
import type { ValidateFunction } from 'ajv';
import { ArangoError, lazily, requirePackage } from '#base';
import { isArray, isObject, type Value, type ValueObject } from '#values';

export type SchemaLevel = 'none' | 'new' | 'moderate' | 'strict';

const LEVELS: readonly Value[] = ['none', 'new', 'moderate', 'strict'] satisfies readonly SchemaLevel[];

/** The `schema` property of a collection, complete; null for none, as which `null` and `{}` count. Throws 1621. */
export function readSchema(schema: Value): ValueObject | null {
  if (schema === null) return null;
  if (!isObject(schema)) throw badSchema('Schema description is not an object.');
  if (Object.keys(schema).length === 0) return null;
  const { rule, level = 'strict', message = '', type = 'json' } = schema;
  if (rule === undefined || !isObject(rule)) {
    throw badSchema(`No valid schema in rule attribute given (no object): ${JSON.stringify(schema)}`);
  }
  if (!LEVELS.includes(level)) throw badSchema('Valid validation levels are: "none", "new", "moderate", "strict"');
  if (typeof message !== 'string') throw badSchema('Schema message is not a string.');
  if (type !== 'json') throw badSchema('Schema type must be "json".');
  compileRule(rule);
  return { rule, level, message, type };
}

/** Whether a document is as a rule demands. */
export type RuleCheck = (document: ValueObject) => boolean;

/** Throws 1621 for what is no JSON Schema. */
export function compileRule(rule: ValueObject): RuleCheck {
  const validate = compile(rule);
  return (document) => validate(withoutSystemAttributes(document));
}

const checks = new WeakMap<ValueObject, RuleCheck>();

/** The check of a collection's schema; undefined where it is switched off. */
export function schemaCheck(schema: ValueObject): RuleCheck | undefined {
  const { level, rule = null } = schema;
  if (level === 'none' || !isObject(rule)) return undefined;
  let check = checks.get(schema);
  if (check === undefined) checks.set(schema, (check = compileRule(rule)));
  return check;
}

/** Error 1620, with the schema's own words if it has any. */
export function schemaFailure({ message }: ValueObject): ArangoError {
  return new ArangoError('ERROR_VALIDATION_FAILED', typeof message === 'string' && message !== '' ? { message } : undefined);
}

const ajv = lazily(() => {
  const { default: Ajv } = requirePackage('ajv-draft-04') as typeof import('ajv-draft-04');
  const addFormats = requirePackage('ajv-formats') as typeof import('ajv-formats').default;
  // Patterns are those of ECMAScript without the `u` flag, which refuses some that ArangoDB takes.
  const made = new Ajv({ strict: false, logger: false, addUsedSchema: false, unicodeRegExp: false });
  addFormats(made, ['date-time', 'email', 'hostname', 'ipv4', 'ipv6', 'uri']);
  return made;
});

function compile(rule: ValueObject): ValidateFunction {
  try {
    return ajv().compile(withoutIntegers(rule) as ValueObject);
  } catch (cause) {
    throw new ArangoError('ERROR_VALIDATION_BAD_PARAMETER', { message: `invalid object: ${String(cause)}` }, { cause });
  }
}

/** Keywords whose values are data and no schemas. */
const DATA_KEYWORDS: ReadonlySet<string> = new Set(['enum', 'default']);

/** A rule in which the type `integer` fits nothing. */
function withoutIntegers(schema: Value): Value {
  if (isArray(schema)) return schema.map(withoutIntegers);
  if (!isObject(schema)) return schema;
  const members = Object.entries(schema).map(([name, value]) => [name, DATA_KEYWORDS.has(name) ? value : withoutIntegers(value)] as const);
  const copy: Record<string, Value> = Object.fromEntries(members);
  const type = copy['type'] ?? null;
  const types = isArray(type) ? type : [type];
  if (!types.includes('integer') || !types.every((each) => typeof each === 'string')) return copy;
  const left = types.filter((each) => each !== 'integer');
  if (left.length > 0) return { ...copy, type: left };
  delete copy['type'];
  return { allOf: [copy, { not: {} }] };
}

const SYSTEM_ATTRIBUTES: ReadonlySet<string> = new Set(['_key', '_id', '_rev', '_from', '_to']);

function withoutSystemAttributes(document: ValueObject): ValueObject {
  const shown: Record<string, Value> = {};
  for (const name of Object.keys(document)) if (!SYSTEM_ATTRIBUTES.has(name)) shown[name] = document[name]!;
  return shown;
}

function badSchema(message: string): ArangoError {
  return new ArangoError('ERROR_VALIDATION_BAD_PARAMETER', { message });
}
