/** The identifiers of documents (`collection/key`), given as strings or as the documents themselves. */
import { DocumentView, isObject, type Value } from '#values';

export interface Identifier extends Readonly<Record<string, string>> {
  readonly collection: string;
  readonly key: string;
}

/** The text of an identifier; empty when `given` has none. */
export function identifierText(given: Value | DocumentView): string {
  if (typeof given === 'string') return given;
  const id = given instanceof DocumentView ? given.get('_id') : isObject(given) ? given['_id'] : null;
  return typeof id === 'string' ? id : '';
}

/** Undefined when there is no identifier, or not one with exactly one slash. */
export function parseIdentifier(given: Value | DocumentView): Identifier | undefined {
  const [collection, key, ...others] = identifierText(given).split('/');
  return collection === undefined || key === undefined || others.length > 0 ? undefined : { collection, key };
}
