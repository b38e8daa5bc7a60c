/**
 * Which names databases and collections (and what shares their namespace: views) may have: ArangoDB's *traditional* rules, and the
 * *extended* ones of `--database.extended-names`. Both are limits of the server, not of the storage.
 */

export interface NameRules {
  /** A leading underscore is allowed, as the server's own have it. */
  readonly maySystem?: boolean;
  readonly isExtended?: boolean;
}

const COLLECTION_BYTES = 256;
const DATABASE_BYTES = 64;
const EXTENDED_DATABASE_BYTES = 128;

export function isCollectionName(name: string, rules: NameRules = {}): boolean {
  return isName(name, COLLECTION_BYTES, rules) || (rules.isExtended === true && isExtendedName(name, COLLECTION_BYTES, rules));
}

export function isDatabaseName(name: string, rules: NameRules = {}): boolean {
  return isName(name, DATABASE_BYTES, rules) || (rules.isExtended === true && isExtendedName(name, EXTENDED_DATABASE_BYTES, rules));
}

const TRADITIONAL = /^[A-Za-z_][A-Za-z0-9_-]*$/;

function isName(name: string, limitBytes: number, { maySystem }: NameRules): boolean {
  return name.length <= limitBytes && TRADITIONAL.test(name) && (maySystem === true || name.charCodeAt(0) !== 0x5f);
}

/** No slash, colon, control character or unpaired surrogate; no space at the ends; no dot, digit or underscore at the start. */
// oxlint-disable-next-line no-control-regex
const EXTENDED = /^(?![\d. ])[^\0-\x1f/:\ud800-\udfff]+(?<! )$/u;

function isExtendedName(name: string, limitBytes: number, { maySystem }: NameRules): boolean {
  return (
    EXTENDED.test(name) &&
    (maySystem === true || name.charCodeAt(0) !== 0x5f) &&
    name.normalize('NFC') === name &&
    Buffer.byteLength(name) <= limitBytes
  );
}
