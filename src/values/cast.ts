/** AQL's casts: to boolean, number, string and array. None of them fails. Views of documents are taken as the documents. */
import { DocumentView } from './document.ts';
import type { Value } from './value.ts';

/** null, false, 0 and "" are false; everything else is true, empty arrays and objects too. */
export function toBool(value: Value | DocumentView): boolean {
  return !(value === null || value === false || value === 0 || value === '');
}

const NUMERIC = /^[ \t\r\n\f\v]*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?[ \t\r\n\f\v]*$/;

/** null and false are 0, true is 1; a numeric string is its number, any other 0; `[x]` is x, longer arrays and objects are 0. */
export function toNumber(value: Value | DocumentView): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return textToNumber(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  return Array.isArray(value) && value.length === 1 ? toNumber((value as readonly Value[])[0] ?? null) : 0;
}

function textToNumber(text: string): number {
  if (!NUMERIC.test(text)) return 0;
  const number = Number(text);
  return Number.isFinite(number) ? number : 0;
}

/** null is "", arrays and objects are compact JSON. */
export function toText(value: Value | DocumentView): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return numberToText(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  return value === null ? '' : JSON.stringify(value);
}

/** null is [], an array itself, an object the list of its values, any other value an array of it. */
export function toArray(value: Value | DocumentView): readonly Value[] {
  if (value === null) return [];
  if (typeof value !== 'object') return [value];
  if (Array.isArray(value)) return value as readonly Value[];
  return Object.values(value instanceof DocumentView ? value.toObject() : value);
}

/**
 * A number as ArangoDB prints it: with its shortest digits, as JavaScript does, but sooner with an exponent where there are many of them
 * (`1.2345678e-4`, `1e+20`). Integers of 64 bits never have one there, and what is a double of integral value here may be an integer there.
 */
export function numberToText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return String(value + 0);
  const text = String(value);
  const point = text.indexOf('.');
  if (point >= 0 && text.length - point <= 7 && !text.includes('e')) return text;
  const scientific = value.toExponential();
  const mark = scientific.indexOf('e');
  const exponent = Number(scientific.slice(mark + 1));
  const digits = scientific.slice(0, mark).replace(/[-.]/g, '');
  const scale = exponent - digits.length + 1;
  if (scale >= 0) return exponent < digits.length + 7 ? `${value < 0 ? '-' : ''}${digits}${'0'.repeat(scale)}` : scientific;
  return scale > -7 || Math.abs(exponent) < 4 ? text : scientific;
}
