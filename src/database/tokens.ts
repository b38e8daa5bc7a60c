/**
 * JSON web tokens (HS256), as `/_open/auth` gives them: who has one need not send the password again.
 *
 * The secret belongs to the store, so all coordinators of a cluster take each other's tokens. A token without a user but with
 * `server_id` stands for the server itself; it can be made only by who has the secret.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { clock } from '#base';
import type { DocumentStore } from '#documents';
import { isObject, type Value } from '#values';

const SECRET_KEY = 'server/token-secret';
const SECRET_BYTES = 32;
const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

export class Tokens {
  readonly #secrets: () => readonly Uint8Array[];

  /** The first secret signs, and all are valid. */
  constructor(secrets: () => readonly Uint8Array[]) {
    this.#secrets = secrets;
  }

  issue(user: string, lifetimeSeconds: number): string {
    const iat = Math.floor(clock.now() / 1000);
    const content = `${HEADER}.${encode({ preferred_username: user, iss: 'arangodb', exp: iat + lifetimeSeconds, iat })}`;
    return `${content}.${sign(content, this.#secrets()[0]!).toString('base64url')}`;
  }

  /** Whom a token is for; undefined when it is not valid (any more). */
  read(token: string): { readonly user: string | undefined } | undefined {
    const end = token.lastIndexOf('.');
    const signature = Buffer.from(token.slice(end + 1), 'base64url');
    const content = token.slice(0, Math.max(end, 0));
    const [header, claims] = content.split('.').map(decode);
    if (!this.#secrets().some((secret) => isSigned(content, secret, signature))) return undefined;
    if (header === undefined || claims === undefined || !isObject(header) || !isObject(claims) || header['alg'] !== 'HS256')
      return undefined;
    const { preferred_username: user, server_id: serverId, exp } = claims;
    if (exp !== undefined && (typeof exp !== 'number' || exp * 1000 <= clock.now())) return undefined;
    if (typeof user === 'string') return { user };
    return typeof serverId === 'string' ? { user: undefined } : undefined;
  }
}

function sign(content: string, secret: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(content).digest();
}

function isSigned(content: string, secret: Uint8Array, signature: Buffer): boolean {
  const expected = sign(content, secret);
  return signature.length === expected.length && timingSafeEqual(signature, expected);
}

/** The store's secret; made when there is none. */
export function storedTokenSecret(store: DocumentStore): Uint8Array {
  const stored = store.read(({ storage }) => storage.readMeta(SECRET_KEY));
  if (stored !== undefined) return Uint8Array.from(stored);
  return store.define(({ storage }) => {
    const secret = storage.readMeta(SECRET_KEY) ?? randomBytes(SECRET_BYTES);
    storage.writeMeta(SECRET_KEY, secret);
    return Uint8Array.from(secret);
  });
}

function encode(value: Value): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** undefined for what is no JSON: a token comes from outside. */
function decode(part: string): Value | undefined {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as Value;
  } catch {
    return undefined;
  }
}
