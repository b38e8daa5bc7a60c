/** What databases, collections and indexes may be called. The rules themselves are those of `values`; here they become errors. */
import { ArangoError } from '#base';
import { isCollectionName, isDatabaseName } from '#values';

export interface NamingOptions {
  /** `--database.extended-names` */
  readonly extendedNames: boolean;
}

/** Throws 1208. Nobody but the server itself makes `_system`. */
export function checkDatabaseName(name: unknown, { extendedNames }: NamingOptions): asserts name is string {
  if (typeof name !== 'string' || !isDatabaseName(name, { isExtended: extendedNames })) {
    throw new ArangoError('ERROR_ARANGO_ILLEGAL_NAME', 'database name invalid');
  }
}

/** Throws 1208. The leading underscore is for system collections. */
export function checkCollectionName(name: unknown, { extendedNames }: NamingOptions, isSystem: boolean): asserts name is string {
  if (typeof name !== 'string' || !isCollectionName(name, { maySystem: isSystem, isExtended: extendedNames })) {
    throw new ArangoError('ERROR_ARANGO_ILLEGAL_NAME', `collection name '${typeof name === 'string' ? name : ''}' is not allowed`);
  }
}

/** Throws 1208. */
export function checkIndexName(name: unknown, { extendedNames }: NamingOptions): asserts name is string {
  if (typeof name !== 'string' || !isCollectionName(name, { isExtended: extendedNames }))
    throw new ArangoError('ERROR_ARANGO_ILLEGAL_NAME');
}
