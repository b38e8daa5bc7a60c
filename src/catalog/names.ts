/**
 * What databases, collections and indexes may be called.
 *
 * *Traditional* names are ASCII. *Extended* ones (`--database.extended-names`) may hold most of Unicode, normalised to NFC.
 */
import { ArangoError } from '#base';

export interface NameRules {
  readonly extendedNames: boolean;
}

const TRADITIONAL = /^[a-zA-Z][a-zA-Z0-9_-]*$/;
const TRADITIONAL_SYSTEM = /^[a-zA-Z_][a-zA-Z0-9_-]*$/;
// oxlint-disable-next-line no-control-regex -- control characters are what must not be in a name
const EXTENDED_FORBIDDEN = /[\u0000-\u001f/:]|^[ ._0-9]| $/;

const LONE_SURROGATE = /\p{Surrogate}/u;

const DATABASE_NAME_LIMIT_BYTES = { traditional: 64, extended: 128 };
const NAME_LIMIT_BYTES = 256;

/** Throws 1229. Nobody but the server itself makes `_system`. */
export function checkDatabaseName(name: unknown, rules: NameRules): asserts name is string {
  const limitBytes = rules.extendedNames ? DATABASE_NAME_LIMIT_BYTES.extended : DATABASE_NAME_LIMIT_BYTES.traditional;
  if (!isName(name, limitBytes, rules, false)) throw new ArangoError('ERROR_ARANGO_DATABASE_NAME_INVALID');
}

/** Throws 1208. The leading underscore is for system collections. */
export function checkCollectionName(name: unknown, rules: NameRules, isSystem: boolean): asserts name is string {
  if (!isName(name, NAME_LIMIT_BYTES, rules, isSystem)) {
    throw new ArangoError('ERROR_ARANGO_ILLEGAL_NAME', `collection name '${typeof name === 'string' ? name : ''}' is not allowed`);
  }
}

/** Throws 1208. */
export function checkIndexName(name: unknown, rules: NameRules): asserts name is string {
  if (!isName(name, NAME_LIMIT_BYTES, rules, false)) throw new ArangoError('ERROR_ARANGO_ILLEGAL_NAME');
}

function isName(name: unknown, limitBytes: number, rules: NameRules, isSystem: boolean): name is string {
  if (typeof name !== 'string' || name === '' || Buffer.byteLength(name) > limitBytes) return false;
  if ((isSystem ? TRADITIONAL_SYSTEM : TRADITIONAL).test(name)) return true;
  if (!rules.extendedNames) return false;
  const own = isSystem && name.startsWith('_') ? name.slice(1) : name;
  return !EXTENDED_FORBIDDEN.test(own) && !LONE_SURROGATE.test(own) && name.normalize('NFC') === name;
}
