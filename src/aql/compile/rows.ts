/** Small checks at the heads of loops. */
import { ArangoError } from '#base';
import { isArray, typeName, type Value } from '#values';

/** What FOR walks through. */
export function listOf(value: Value): readonly Value[] {
  if (isArray(value)) return value;
  throw new ArangoError('ERROR_QUERY_ARRAY_EXPECTED', {
    message: `collection or array expected as operand to FOR loop; you specified type '${typeName(value)}'`,
  });
}

export function limitOffset(offset: Value): number {
  return limitNumber(offset);
}

/** null is no limit. */
export function limitCount(count: Value): number {
  return count === null ? Infinity : limitNumber(count);
}

/** How many rows LIMIT looks at; undefined: all. */
export function rowsUpTo(offset: Value, count: Value): number | undefined {
  const rows = limitOffset(offset) + limitCount(count);
  return Number.isFinite(rows) ? rows : undefined;
}

function limitNumber(value: Value): number {
  if (typeof value !== 'number' || value < 0) {
    throw new ArangoError('ERROR_QUERY_NUMBER_OUT_OF_RANGE', { message: 'LIMIT value is out of valid range' });
  }
  return Math.trunc(value);
}
