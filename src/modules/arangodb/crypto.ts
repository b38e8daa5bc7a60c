/** `require('@arangodb/crypto')`, on Node's. Hashes and the like are hexadecimal text, as services store them. */
import { createHash, createHmac, pbkdf2Sync, randomBytes, randomInt, randomUUID, timingSafeEqual, type BinaryLike } from 'node:crypto';
import { clock } from '#base';

const DIGITS = '0123456789';
const LETTERS_AND_DIGITS = `${DIGITS}ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz`;
const SALT_CHARACTERS = `${LETTERS_AND_DIGITS}(){}[]:;<>,.?/|`;

/** How long a nonce may be used for; older ones are refused and so need not be remembered. */
const NONCE_LIFETIME_MS = 60 * 60 * 1000;
const NONCE_LIMIT = 65_536;

const hash =
  (algorithm: string) =>
  (data: unknown): string =>
    createHash(algorithm).update(bytesOf(data)).digest('hex');

export const md5 = hash('md5');
export const sha1 = hash('sha1');
export const sha224 = hash('sha224');
export const sha256 = hash('sha256');
export const sha384 = hash('sha384');
export const sha512 = hash('sha512');

export function hmac(key: unknown, message: unknown, algorithm = 'sha256'): string {
  return createHmac(algorithm.toLowerCase(), bytesOf(key)).update(bytesOf(message)).digest('hex');
}

export function pbkdf2(salt: unknown, password: unknown, iterations: number, keyLengthBytes: number, algorithm = 'sha1'): string {
  return pbkdf2Sync(bytesOf(password), bytesOf(salt), iterations, keyLengthBytes, algorithm).toString('hex');
}

/** A random integer of 32 bits, with sign. */
export function rand(): number {
  return randomBytes(4).readInt32LE();
}

export function genRandomNumbers(length: number): string {
  return pick(DIGITS, length);
}

export function genRandomAlphaNumbers(length: number): string {
  return pick(LETTERS_AND_DIGITS, length);
}

export function genRandomSalt(length: number): string {
  return pick(SALT_CHARACTERS, length);
}

export function genRandomBytes(length: number): Buffer {
  return randomBytes(length);
}

export function uuidv4(): string {
  return randomUUID();
}

/** Takes as long for texts that differ at the start as for those that differ at the end. */
export function constantEquals(left: unknown, right: unknown): boolean {
  const [first, second] = [bytesOf(left), bytesOf(right)].map((bytes) => Buffer.from(bytes as string));
  return first !== undefined && second !== undefined && first.length === second.length && timingSafeEqual(first, second);
}

const usedNonces = new Map<string, number>();

/** Sixteen characters: the time and eight random bytes. */
export function createNonce(): string {
  const bytes = Buffer.concat([Buffer.alloc(4), randomBytes(8)]);
  bytes.writeUInt32BE(Math.floor(clock.now() / 1000));
  return bytes.toString('base64url');
}

/** True the first time that a nonce is shown, in this thread, while it is not too old. */
export function checkAndMarkNonce(nonce: string): boolean {
  const bytes = Buffer.from(nonce, 'base64url');
  const now = clock.now();
  if (bytes.length !== 12) return false;
  const createdAtMs = bytes.readUInt32BE() * 1000;
  if (createdAtMs < now - NONCE_LIFETIME_MS || createdAtMs > now + 1000 || usedNonces.has(nonce)) return false;
  usedNonces.set(nonce, createdAtMs);
  for (const [oldest, usedAtMs] of usedNonces) {
    if (usedNonces.size <= NONCE_LIMIT && usedAtMs >= now - NONCE_LIFETIME_MS) break;
    usedNonces.delete(oldest);
  }
  return true;
}

// JSON web tokens

interface JwtAlgorithm {
  sign(key: unknown, text: string): string;
  verify(key: unknown, text: string, signature: string): boolean;
}

function hmacAlgorithm(algorithm: string): JwtAlgorithm {
  const sign = (key: unknown, text: string): string => createHmac(algorithm, bytesOf(key)).update(text).digest('base64url');
  return { sign, verify: (key, text, signature) => constantEquals(signature, sign(key, text)) };
}

export const jwtAlgorithms: Readonly<Record<string, JwtAlgorithm>> = {
  HS256: hmacAlgorithm('sha256'),
  HS384: hmacAlgorithm('sha384'),
  HS512: hmacAlgorithm('sha512'),
  none: {
    sign: (key) => {
      if (key) throw new Error('Can not sign message with key using algorithm "none"!');
      return '';
    },
    // Else whoever has no key could sign in the name of who has one.
    verify: (key, _, signature) => !key && signature === '',
  },
};

/** The name of an algorithm in the letters in which it is known; throws for one that is not. */
export function jwtCanonicalAlgorithmName(name: unknown): string {
  if (typeof name === 'string') {
    const known = Object.keys(jwtAlgorithms).find((one) => one.toLowerCase() === name.toLowerCase());
    if (known !== undefined) return known;
  }
  throw new Error(
    `Unknown algorithm "${String(name)}". Only the following algorithms are supported at this time: ${Object.keys(jwtAlgorithms).join(', ')}`,
  );
}

export function jwtEncode(key: unknown, message: unknown, algorithm: unknown = 'HS256'): string {
  const name = jwtCanonicalAlgorithmName(algorithm);
  const segments = [{ typ: 'JWT', alg: name }, message].map((one) => Buffer.from(JSON.stringify(one)).toString('base64url'));
  const text = segments.join('.');
  return `${text}.${jwtAlgorithms[name]?.sign(key, text)}`;
}

/** Null for no token; throws for what is none, and when the signature is not the key's. */
export function jwtDecode(key: unknown, token: string | null | undefined, isUnverified = false): unknown {
  if (!token) return null;
  const segments = token.split('.');
  if (segments.length !== 3) throw new Error('Wrong number of JWT segments!');
  const [head = '', body = '', signature = ''] = segments;
  if (!isUnverified) {
    const name = jwtCanonicalAlgorithmName((parseSegment(head) as { readonly alg?: unknown }).alg);
    if (!jwtAlgorithms[name]?.verify(key, `${head}.${body}`, signature)) throw new Error('Signature verification failed!');
  }
  return parseSegment(body);
}

function parseSegment(segment: string): unknown {
  return JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'));
}

// One-time passwords (RFC 4226, RFC 6238)

/** A password of six digits for a counter. */
export function hotpGenerate(key: string, counter = 0): string {
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const digest = createHmac('sha1', key).update(moving).digest();
  const offset = (digest.at(-1) ?? 0) & 0xf;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** How far the counter of a password is from the given one; null when none in the window fits. */
export function hotpVerify(token: string, key: string, counter = 0, window = 50): { readonly delta: number } | null {
  for (let delta = -window; delta <= window; delta++) {
    if (counter + delta >= 0 && constantEquals(hotpGenerate(key, counter + delta), token)) return { delta };
  }
  return null;
}

/** A password for the current time; it holds for so many seconds. */
export function totpGenerate(key: string, stepSeconds = 30): string {
  return hotpGenerate(key, totpCounter(stepSeconds));
}

export function totpVerify(token: string, key: string, stepSeconds = 30, window = 6): { readonly delta: number } | null {
  return hotpVerify(token, key, totpCounter(stepSeconds), window);
}

function totpCounter(stepSeconds: number): number {
  return Math.floor(clock.now() / 1000 / stepSeconds);
}

function pick(characters: string, length: number): string {
  return Array.from({ length }, () => characters.charAt(randomInt(characters.length))).join('');
}

function bytesOf(data: unknown): BinaryLike {
  return data instanceof Uint8Array ? data : String(data);
}
