/**
 * The bind parameters of a query: which it has, and their values between a form's fields and JSON.
 *
 * Values live as one JSON object, as the server takes them; a field shows a value in the way of its type.
 */
import { tokenize } from './tokens.ts';

export interface BindParameter {
  /** As the server knows it: `name`, or `@name` for a collection. */
  readonly key: string;
  readonly isCollection: boolean;
}

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue };
export type BindValues = Readonly<Record<string, JsonValue>>;

/** By first appearance, each once. What stands in strings and comments does not count. */
export function bindParametersOf(query: string): readonly BindParameter[] {
  const keys = new Set<string>();
  for (const { kind, text } of tokenize(query)) if (kind === 'parameter' && /[A-Za-z0-9]/.test(text)) keys.add(text.slice(1));
  return [...keys].map((key) => ({ key, isCollection: key.startsWith('@') }));
}

export const FIELD_TYPES = ['text', 'number', 'boolean', 'null', 'json'] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/** The field that shows a value; a value that is not there yet is text. */
export function fieldTypeOf(value: JsonValue | undefined): FieldType {
  if (value === null) return 'null';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'object' ? 'json' : 'text';
}

export function fieldText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What a field's text stands for; undefined: it is no value of that type. */
export function readField(text: string, type: FieldType): JsonValue | undefined {
  switch (type) {
    case 'text':
      return text;
    case 'null':
      return null;
    case 'boolean':
      return text === 'true';
    case 'number':
      return text.trim() === '' || !Number.isFinite(Number(text)) ? undefined : Number(text);
    case 'json':
      return parseJson(text);
  }
}

/** The values that a query asks for, out of those that are known: the server refuses any that a query does not name. */
export function valuesFor(parameters: readonly BindParameter[], known: BindValues): BindValues {
  return Object.fromEntries(parameters.flatMap(({ key }) => (known[key] === undefined ? [] : [[key, known[key]] as const])));
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    // It is being typed: the field says so.
    return undefined;
  }
}
