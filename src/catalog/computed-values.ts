/**
 * Computed values of collections: attributes whose values are calculated when documents are written. Here is their definition; whether
 * an expression is one is found out where expressions are known.
 */
import { ArangoError } from '#base';
import { isArray, isObject, type Value } from '#values';

/** A `type`, not an interface: it is a value that clients are shown as it is. */
export type ComputedValue = {
  readonly name: string;
  readonly expression: string;
  readonly computeOn: readonly ComputeEvent[];
  /** It takes the place of what the document has under its name. */
  readonly overwrite: boolean;
  /** A warning of the expression fails the write. */
  readonly failOnWarning: boolean;
  /** Otherwise there is no attribute for null. */
  readonly keepNull: boolean;
};

export type ComputeEvent = 'insert' | 'update' | 'replace';

const NOT_COMPUTED: readonly Value[] = ['_key', '_id', '_rev', '_from', '_to'];

/** The `computedValues` property, complete; null for none. Throws 10. */
export function readComputedValues(given: Value): readonly ComputedValue[] | null {
  if (given === null) return null;
  if (!isArray(given)) throw new ArangoError('ERROR_BAD_PARAMETER', { message: 'Computed values description is not an array.' });
  const names = new Set<string>();
  const values = given.map((value) => {
    const read = readComputedValue(value);
    if (names.has(read.name)) throw badEntry(`duplicate attribute name '${read.name}'`);
    names.add(read.name);
    return read;
  });
  return values.length === 0 ? null : values;
}

function readComputedValue(given: Value): ComputedValue {
  if (!isObject(given)) throw badEntry('it is no object');
  const { name, expression, overwrite, computeOn = ['insert', 'update', 'replace'], failOnWarning = false, keepNull = true } = given;
  if (typeof name !== 'string' || name === '') throw badEntry('invalid attribute name');
  if (NOT_COMPUTED.includes(name)) throw badEntry(`'${name}' attribute cannot be computed`);
  if (!isArray(computeOn)) throw badEntry("invalid 'computeOn' value");
  if (computeOn.length === 0) throw badEntry("empty 'computeOn' value");
  if (!computeOn.every(isEvent)) throw badEntry(`invalid 'computeOn' value: ${JSON.stringify(computeOn)}`);
  if (typeof expression !== 'string' || expression === '') throw badEntry("invalid 'expression' value");
  if (typeof overwrite !== 'boolean') throw badEntry("'overwrite' must be a boolean");
  if (typeof keepNull !== 'boolean') throw badEntry("'keepNull' must be a boolean");
  if (typeof failOnWarning !== 'boolean') throw badEntry("'failOnWarning' must be a boolean");
  return { name, expression, computeOn: [...new Set(computeOn)], overwrite, failOnWarning, keepNull };
}

function isEvent(value: Value): value is ComputeEvent {
  return value === 'insert' || value === 'update' || value === 'replace';
}

function badEntry(what: string): ArangoError {
  return new ArangoError('ERROR_BAD_PARAMETER', { message: `invalid 'computedValues' entry: ${what}` });
}
