/** Sessions that the client keeps itself, signed: the id of such a session is all of it. */
import assert from 'node:assert';
import { clock } from '#base';
import { jwtDecode, jwtEncode } from '../../arangodb/crypto.ts';
import type { SessionStorage } from './session.ts';

interface JwtStorageOptions {
  readonly secret?: string;
  readonly algorithm?: string;
  /** Seconds. */
  readonly ttl?: number;
  /** False: signatures are not looked at. */
  readonly verify?: boolean;
  /** A token that would hold longer, in seconds since 1970, is refused. */
  readonly maxExp?: number;
}

interface Token {
  readonly uid: unknown;
  readonly iat: number;
  readonly exp: number;
  readonly payload: unknown;
}

/** Options, or the secret alone. */
export function jwtStorage(given: JwtStorageOptions | string = {}): SessionStorage {
  const options: JwtStorageOptions = typeof given === 'string' ? { secret: given } : given;
  const { secret, algorithm = 'HS512', ttl = 60 * 60, maxExp = Infinity } = options;
  assert(algorithm === 'none' || secret, `Must pass a JWT secret for "${algorithm}" algorithm`);
  assert(algorithm !== 'none' || !secret, 'Must NOT pass a JWT secret for "none" algorithm');
  return {
    fromClient(id) {
      const token = findToken(id);
      if (token === undefined || clock.now() > token.exp * 1000 || token.exp > maxExp) return null;
      return { uid: token.uid, created: token.iat * 1000, data: token.payload };
    },

    forClient(session) {
      const { uid, created, data } = session as { readonly uid: unknown; readonly created: number; readonly data: unknown };
      const now = Math.floor(clock.now() / 1000);
      return jwtEncode(secret, { uid, iat: Math.floor(created / 1000), payload: data, exp: now + ttl }, algorithm);
    },

    new: () => ({ uid: null, created: clock.now(), data: null }),
  };

  /** What a client sends is anything; what is no token of ours is no session. */
  function findToken(id: string): Token | undefined {
    try {
      return jwtDecode(secret, id, options.verify === false) as Token;
    } catch {
      return undefined;
    }
  }
}
