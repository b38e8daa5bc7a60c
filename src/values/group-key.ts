/**
 * Keys of values for maps and sets (`COLLECT`, `DISTINCT`, set functions), and their hash: equal for equal values (1 and 1.0, `{}` and
 * `{a: null}`), different for different ones. They say nothing about order.
 *
 * Scalars are their own keys; -0 is 0 because maps take them as one. Arrays, objects and tuples are written down: null `n`, true `t`, false
 * `f`, a number `#…;`, a string `"length:…`, an array `[…]` without the nulls at its end, an object `{…}` of its names and
 * values by name, without nulls. Such a text begins with NUL; a string that does gets another one in front.
 */
import { DocumentView } from './document.ts';
import type { Value, ValueObject } from './value.ts';

/** As maps and sets compare them. */
export type GroupKey = null | boolean | number | string;

export function groupKey(value: Value | DocumentView): GroupKey {
  if (typeof value === 'string') return value.charCodeAt(0) === 0 ? `\0${value}` : value;
  if (typeof value !== 'object' || value === null) return value;
  return `\0${textOf(value)}`;
}

/** The key of several values together. */
export function tupleKey(values: readonly (Value | DocumentView)[]): GroupKey {
  if (values.length === 1) return groupKey(values[0]!);
  let text = '\0';
  for (const value of values) text += textOf(value);
  return text;
}

function textOf(value: Value | DocumentView | undefined): string {
  if (typeof value === 'string') return `"${value.length}:${value}`;
  // Adding 0 makes -0 to 0.
  if (typeof value === 'number') return `#${value + 0};`;
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (value === null || value === undefined) return 'n';
  if (Array.isArray(value)) return arrayText(value);
  return objectText(value instanceof DocumentView ? value.toObject() : (value as ValueObject));
}

function arrayText(values: readonly Value[]): string {
  let text = '[';
  const last = values.findLastIndex((value) => value !== null && value !== undefined);
  for (let i = 0; i <= last; i++) text += textOf(values[i]);
  return `${text}]`;
}

function objectText(object: ValueObject): string {
  let text = '{';
  // By UTF-16 units: any order serves.
  for (const name of Object.keys(object).toSorted((a, b) => (a < b ? -1 : 1))) {
    const value = object[name];
    if (value !== null && value !== undefined) text += textOf(name) + textOf(value);
  }
  return `${text}}`;
}

/** A safe integer that is equal for equal values, and the same at all times and on all machines. */
export function hashValue(value: Value | DocumentView): number {
  const key = textOf(value);
  // Two hashes of 32 bits each, of which 21 and 32 bits are used.
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x9e3779b1);
    low = Math.imul(low ^ unit, 0x5f356495);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return (high >>> 11) * 0x1_0000_0000 + (low >>> 0);
}
