/** `createAuth`: salted hashes of passwords, and the check of a password against one. */
import { clock } from '#base';
import * as crypto from '../arangodb/crypto.ts';

interface AuthOptions {
  readonly method?: string;
  readonly saltLength?: number;
  readonly workFactor?: number;
}

interface AuthData {
  readonly method?: string;
  readonly salt?: string;
  readonly hash?: string;
  readonly iter?: number;
}

const HASHES: Readonly<Record<string, (data: unknown) => string>> = {
  md5: crypto.md5,
  sha1: crypto.sha1,
  sha224: crypto.sha224,
  sha256: crypto.sha256,
  sha384: crypto.sha384,
  sha512: crypto.sha512,
};

const YEAR_2000_MS = Date.UTC(2000);
const ITERATIONS_LIMIT = 1_300_000;
const YEAR_MS = 365.242199 * 24 * 60 * 60 * 1000;

/** Options, or the method alone. */
export function createAuth(given: AuthOptions | string = {}): {
  verify(data?: AuthData | string | null, password?: string): boolean;
  create(password: string): AuthData;
} {
  const { method = 'sha256', saltLength = 16, workFactor = 1 } = typeof given === 'string' ? { method: given } : given;
  return {
    /** False for data that are missing or not made here. A hash alone is taken for an unsalted one. */
    verify(data, password = '') {
      const stored: AuthData = typeof data === 'string' ? { hash: data } : (data ?? {});
      const { method: storedMethod = method, salt = '', hash = '', iter = 1 } = stored;
      return hash !== '' && crypto.constantEquals(hash, hashOf(storedMethod, salt, password, iter));
    },

    create(password) {
      const salt = crypto.genRandomSalt(saltLength);
      if (method !== 'pbkdf2') return { method, salt, hash: hashOf(method, salt, password, 1) };
      const iter = Math.floor(defaultIterations() * workFactor);
      return { method, iter, salt, hash: hashOf(method, salt, password, iter) };
    },
  };
}

/** Twice as many every two years, as ArangoDB has it, up to what is asked for SHA-1 today: by 2026 it would be seconds for a password. */
function defaultIterations(): number {
  return Math.min(1000 * 2 ** ((clock.now() - YEAR_2000_MS) / YEAR_MS / 2), ITERATIONS_LIMIT);
}

function hashOf(method: string, salt: string, password: string, iterations: number): string {
  if (method === 'pbkdf2') return salt === '' ? '' : crypto.pbkdf2(salt, password, iterations, salt.length);
  const hash = HASHES[method];
  if (hash === undefined) throw new Error(`Unknown hash method "${method}"`);
  return hash(salt + password);
}
