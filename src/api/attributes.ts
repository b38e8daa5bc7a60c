/** Attributes of JSON bodies, checked: an error says what was wanted and what was found. `null` counts as absent. */
import { ArangoError } from '#base';
import { isArray, isObject, type Value, type ValueObject } from '#values';

interface Kinds {
  readonly string: string;
  readonly boolean: boolean;
  readonly number: number;
  readonly object: ValueObject;
  readonly array: readonly Value[];
}

export function findAttribute<Kind extends keyof Kinds>(body: ValueObject, name: string, kind: Kind): Kinds[Kind] | undefined {
  const value = body[name] ?? null;
  if (value === null) return undefined;
  if (kindOf(value) === kind) return value as unknown as Kinds[Kind];
  throw new ArangoError('ERROR_BAD_PARAMETER', {
    message: `expecting '${name}' to be ${withArticle(kind)}, found ${describe(value)}`,
  });
}

/** Throws 10 when it is missing, too. */
export function getAttribute<Kind extends keyof Kinds>(body: ValueObject, name: string, kind: Kind): Kinds[Kind] {
  const value = findAttribute(body, name, kind);
  if (value !== undefined) return value;
  throw new ArangoError('ERROR_BAD_PARAMETER', { message: `expecting '${name}' to be ${withArticle(kind)}, found nothing` });
}

const SHOWN_LENGTH = 100;

/** A value as an error message shows it. */
export function describe(value: Value | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

function kindOf(value: Value): string {
  if (isArray(value)) return 'array';
  return isObject(value) ? 'object' : typeof value;
}

function withArticle(kind: keyof Kinds): string {
  return /^[aeiou]/.test(kind) ? `an ${kind}` : `a ${kind}`;
}
