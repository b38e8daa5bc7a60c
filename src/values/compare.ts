/**
 * AQL's total order of values and its equality. Types decide first; a missing array element or attribute counts as null, so
 * `{}` equals `{a: null}` and the order in which attributes are written does not matter.
 *
 * Numbers are compared as such, so -0 equals 0. Views of documents are taken as the documents, at any depth.
 */
import { compareStrings } from './collation.ts';
import { DocumentView } from './document.ts';
import { typeRank, type Value, type ValueObject } from './value.ts';

/** Negative, zero or positive. */
export function compareValues(left: Value | DocumentView, right: Value | DocumentView): number {
  if (left === right) return 0;
  if (typeof left === 'number' && typeof right === 'number') return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === 'string' && typeof right === 'string') return compareStrings(left, right);
  const rank = typeRank(left);
  const difference = rank - typeRank(right);
  if (difference !== 0) return difference;
  switch (rank) {
    case 1:
      return left === true ? 1 : -1;
    case 4:
      return compareArrays(left as readonly Value[], right as readonly Value[]);
    case 5:
      return compareObjects(objectOf(left as object), objectOf(right as object));
    default:
      return 0;
  }
}

/** The same as `compareValues() === 0`, and faster. */
export function equalValues(left: Value | DocumentView, right: Value | DocumentView): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left)) return Array.isArray(right) && equalArrays(left as readonly Value[], right as readonly Value[]);
  return !Array.isArray(right) && equalObjects(objectOf(left), objectOf(right));
}

function objectOf(value: object): ValueObject {
  return value instanceof DocumentView ? value.toObject() : (value as ValueObject);
}

function compareArrays(left: readonly Value[], right: readonly Value[]): number {
  const length = Math.max(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const order = compareValues(left[i] ?? null, right[i] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

function equalArrays(left: readonly Value[], right: readonly Value[]): boolean {
  const length = Math.max(left.length, right.length);
  for (let i = 0; i < length; i++) if (!equalValues(left[i] ?? null, right[i] ?? null)) return false;
  return true;
}

/** Of the attributes that differ the one decides whose name comes first; so there is no need to sort the names. */
function compareObjects(left: ValueObject, right: ValueObject): number {
  let decisive: string | undefined;
  let decision = 0;
  const consider = (name: string, order: number): void => {
    if (order === 0 || (decisive !== undefined && compareStrings(decisive, name) < 0)) return;
    decisive = name;
    decision = order;
  };
  for (const name of Object.keys(left)) consider(name, compareValues(left[name] ?? null, attributeOf(right, name)));
  for (const name of Object.keys(right)) if (!Object.hasOwn(left, name)) consider(name, compareValues(null, right[name] ?? null));
  return decision;
}

function equalObjects(left: ValueObject, right: ValueObject): boolean {
  let shared = 0;
  const names = Object.keys(left);
  for (const name of names) {
    const isShared = Object.hasOwn(right, name);
    if (isShared) shared++;
    if (!equalValues(left[name] ?? null, isShared ? (right[name] ?? null) : null)) return false;
  }
  const others = Object.keys(right);
  if (others.length === shared) return true;
  return others.every((name) => Object.hasOwn(left, name) || right[name] === null || right[name] === undefined);
}

function attributeOf(object: ValueObject, name: string): Value {
  return Object.hasOwn(object, name) ? (object[name] ?? null) : null;
}
