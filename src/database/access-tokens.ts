/**
 * Access tokens: further passwords of an account, each with a name and a day on which it ends, so that one can be taken back without the
 * others. The token itself is told once, to who made it; what is kept is a digest, which needs no salt, for nobody chose what is in it.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { ArangoError } from '#base';
import { isArray, isObject, type Value, type ValueObject } from '#values';

export interface AccessToken {
  readonly id: number;
  readonly name: string;
  /** In hexadecimal, of SHA-256. */
  readonly digest: string;
  readonly fingerprint: string;
  readonly createdAtSeconds: number;
  readonly validUntilSeconds: number;
}

const PREFIX = 'v1.';
const RANDOM_BYTES = 15;
const SHOWN_DIGITS = 6;
const DEFAULT_LIFETIME_SECONDS = 365 * 24 * 3600;

/** A new token beside those that an account has. Throws 1702 when the name is taken. */
export function makeAccessToken(
  user: string,
  others: readonly AccessToken[],
  { name, validUntilSeconds, nowSeconds }: { readonly name: string; readonly validUntilSeconds?: number; readonly nowSeconds: number },
): { readonly token: string; readonly kept: AccessToken } {
  if (others.some((other) => other.name === name))
    throw new ArangoError('ERROR_USER_DUPLICATE', { message: 'duplicate access token name' });
  const until = validUntilSeconds ?? nowSeconds + DEFAULT_LIFETIME_SECONDS;
  const content = { e: until, c: nowSeconds, u: user, r: randomBytes(RANDOM_BYTES).toString('base64') };
  const token = PREFIX + Buffer.from(JSON.stringify(content)).toString('hex');
  const kept = {
    id: 1 + Math.max(0, ...others.map(({ id }) => id)),
    name,
    digest: digestOf(token).toString('hex'),
    fingerprint: `v1...${token.slice(-SHOWN_DIGITS)}`,
    createdAtSeconds: nowSeconds,
    validUntilSeconds: until,
  };
  return { token, kept };
}

/** As `/_api/token` shows it. */
export function describeAccessToken(token: AccessToken, nowSeconds: number): ValueObject {
  return {
    id: token.id,
    name: token.name,
    valid_until: token.validUntilSeconds,
    created_at: token.createdAtSeconds,
    fingerprint: token.fingerprint,
    active: isActive(token, nowSeconds),
  };
}

/** Whose a token says it is: for clients that send it without a user. undefined for what is no token. */
export function userOfAccessToken(token: string): string | undefined {
  if (!token.startsWith(PREFIX)) return undefined;
  try {
    const content = JSON.parse(Buffer.from(token.slice(PREFIX.length), 'hex').toString()) as Value;
    const user = isObject(content) ? content['u'] : undefined;
    return typeof user === 'string' ? user : undefined;
  } catch {
    return undefined; // some other password
  }
}

export function isAccessToken(token: string, known: readonly AccessToken[], nowSeconds: number): boolean {
  if (!token.startsWith(PREFIX)) return false;
  const digest = digestOf(token);
  return known.some((one) => timingSafeEqual(Buffer.from(one.digest, 'hex'), digest) && isActive(one, nowSeconds));
}

/** As they are kept in the document of an account. */
export function writeAccessTokens(tokens: readonly AccessToken[]): Value {
  return tokens.map((token) => ({ ...token }));
}

export function readAccessTokens(stored: Value | undefined): readonly AccessToken[] {
  if (stored === undefined || !isArray(stored)) return [];
  return stored.filter(isObject).filter((token): token is ValueObject & AccessToken => {
    const { id, name, digest, fingerprint, createdAtSeconds, validUntilSeconds } = token;
    const areNumbers = [id, createdAtSeconds, validUntilSeconds].every((number) => typeof number === 'number');
    return areNumbers && typeof name === 'string' && typeof fingerprint === 'string' && typeof digest === 'string' && DIGEST.test(digest);
  });
}

const DIGEST = /^[\da-f]{64}$/;

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function isActive({ validUntilSeconds }: AccessToken, nowSeconds: number): boolean {
  return nowSeconds < validUntilSeconds;
}
