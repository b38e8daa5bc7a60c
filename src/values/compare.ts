/**
 * AQL's total order of values and its equality. Types decide first; a missing array element or attribute counts as null, so
 * `{}` equals `{a: null}` and the order in which attributes are written does not matter.
 */
import { compareStrings } from './collation.ts';
import { typeRank, type Value, type ValueObject } from './value.ts';

export function compareValues(left: Value, right: Value): number {
  if (left === right) return 0;
  const rank = typeRank(left);
  const difference = rank - typeRank(right);
  if (difference !== 0) return difference;
  switch (rank) {
    case 0:
      return 0;
    case 1:
      return left === true ? 1 : -1;
    case 2:
      return (left as number) < (right as number) ? -1 : (left as number) > (right as number) ? 1 : 0;
    case 3:
      return compareStrings(left as string, right as string);
    case 4:
      return compareArrays(left as readonly Value[], right as readonly Value[]);
    default:
      return compareObjects(left as ValueObject, right as ValueObject);
  }
}

export function equalValues(left: Value, right: Value): boolean {
  return compareValues(left, right) === 0;
}

function compareArrays(left: readonly Value[], right: readonly Value[]): number {
  const length = Math.max(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const order = compareValues(left[i] ?? null, right[i] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

function compareObjects(left: ValueObject, right: ValueObject): number {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  for (const name of [...names].sort(compareStrings)) {
    const order = compareValues(left[name] ?? null, right[name] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}
