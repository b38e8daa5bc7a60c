/**
 * Passwords: kept as salted hashes, checked in constant time.
 *
 * New ones are hashed with scrypt. Accounts that come from ArangoDB have `sha256` of salt and password; they stay as they are until the
 * password is set anew.
 */
import { createHash, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';

export interface PasswordHash {
  readonly method: 'scrypt' | 'sha256';
  readonly salt: string;
  readonly hash: string;
}

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** 4 MiB and some milliseconds for each check. */
const SCRYPT_COST = 4096;

export function hashPassword(password: string): PasswordHash {
  const salt = randomBytes(SALT_BYTES).toString('hex');
  return { method: 'scrypt', salt, hash: derive('scrypt', salt, password).toString('hex') };
}

export function isPassword(password: string, { method, salt, hash }: PasswordHash): boolean {
  const wanted = Buffer.from(hash, 'hex');
  const given = derive(method, salt, password);
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}

function derive(method: PasswordHash['method'], salt: string, password: string): Buffer {
  return method === 'scrypt'
    ? scryptSync(password, salt, HASH_BYTES, { N: SCRYPT_COST })
    : createHash('sha256').update(salt).update(password).digest();
}
