/** Computed values: evaluated for each document that is written, checked when a collection gets them. */
import { Calculation } from '#aql';
import { ArangoError, findErrorName, isArangoError } from '#base';
import type { ComputedValue } from '#catalog';
import type { ComputeValues } from '#documents';
import type { Value } from '#values';

const calculations = new WeakMap<ComputedValue, Calculation>();

/** Throws 10 when an expression is none. */
export function checkComputedValues(values: readonly ComputedValue[] | null): void {
  for (const value of values ?? []) {
    try {
      calculationOf(value);
    } catch (error) {
      if (!isArangoError(error)) throw error;
      const message = `invalid 'computedValues' entry: invalid 'expression' value: ${error.errorMessage}`;
      throw new ArangoError('ERROR_BAD_PARAMETER', { message }, { cause: error });
    }
  }
}

/** All expressions see the document as it came, none the result of another. */
export const computeValues: ComputeValues = (values, document, event, collectionName) => {
  const computed: Record<string, Value> = { ...document };
  for (const each of values) {
    const { name, computeOn, overwrite, keepNull } = each;
    if (!computeOn.includes(event) || (!overwrite && Object.hasOwn(document, name))) continue;
    const result = evaluate(each, document, collectionName);
    if (result !== null || keepNull)
      Object.defineProperty(computed, name, { value: result, enumerable: true, configurable: true, writable: true });
    else delete computed[name];
  }
  return computed;
};

function evaluate(value: ComputedValue, document: Parameters<ComputeValues>[1], collectionName: string): Value {
  try {
    return calculationOf(value).evaluate(document, value);
  } catch (error) {
    const name = isArangoError(error) ? findErrorName(error.errorNum) : undefined;
    if (!isArangoError(error) || name === undefined) throw error;
    const where = `for attribute '${value.name}' of collection '${collectionName}'`;
    const message = `computed values expression evaluation produced a runtime error ${where}: ${error.errorMessage}`;
    throw new ArangoError(name, { message }, { cause: error });
  }
}

function calculationOf(value: ComputedValue): Calculation {
  let calculation = calculations.get(value);
  if (calculation === undefined) calculations.set(value, (calculation = new Calculation(value.expression)));
  return calculation;
}
