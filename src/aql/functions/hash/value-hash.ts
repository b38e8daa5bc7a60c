/**
 * The hash of an AQL value as ArangoDB reckons it: of the bytes that VelocyPack, its format, writes for a scalar, with all numbers as
 * doubles; the hashes of elements and attributes are put together so that the order of attributes does not matter.
 */
import { isArray, isObject, type Value } from '#values';
import { xxh64 } from './xxh64.ts';

const SEED = 0xdeadbeefn;
const ARRAY_SALT = 0xba5bedf00dn;
const OBJECT_SALT = 0xf00ba44ba5n;

const NULL = Uint8Array.of(0x18);
const FALSE = Uint8Array.of(0x19);
const TRUE = Uint8Array.of(0x1a);
const SHORT_STRING = 0x40;
const LONG_STRING = 0xbf;
const LONGEST_SHORT_STRING = 126;

export function hashValue(value: Value, seed: bigint = SEED): bigint {
  if (isArray(value)) {
    let hash = xxh64(eightBytes(BigInt(value.length) ^ ARRAY_SALT), seed);
    for (const each of value) hash ^= hashValue(each, hash);
    return hash;
  }
  if (isObject(value)) {
    const names = Object.keys(value);
    const own = xxh64(eightBytes(BigInt(names.length) ^ OBJECT_SALT), seed);
    let hash = own;
    for (const name of names) {
      const nameHash = hashValue(name, own);
      hash ^= nameHash ^ hashValue(value[name] ?? null, nameHash);
    }
    return hash;
  }
  return xxh64(scalarBytes(value), seed);
}

function scalarBytes(value: null | boolean | number | string): Uint8Array {
  if (value === null) return NULL;
  if (typeof value === 'boolean') return value ? TRUE : FALSE;
  if (typeof value === 'number') return new Uint8Array(Float64Array.of(value).buffer);
  const text = Buffer.from(value);
  if (text.length <= LONGEST_SHORT_STRING) return Buffer.concat([Uint8Array.of(SHORT_STRING + text.length), text]);
  return Buffer.concat([Uint8Array.of(LONG_STRING), eightBytes(BigInt(text.length)), text]);
}

/** Least significant first. */
export function eightBytes(value: bigint): Uint8Array {
  return new Uint8Array(BigUint64Array.of(value).buffer);
}
