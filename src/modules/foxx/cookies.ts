/** Cookies: reading the request's, writing the response's, and the signatures that go with them. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { clock } from '#base';

export interface CookieOptions {
  readonly ttl?: number;
  readonly path?: string;
  readonly domain?: string;
  readonly secure?: boolean;
  readonly httpOnly?: boolean;
  readonly sameSite?: string;
  readonly secret?: string;
  readonly algorithm?: string;
}

/** The first of several with one name counts, as in browsers' order the most specific. */
export function parseCookies(header: string | undefined): Record<string, string> {
  const cookies: Record<string, string> = {};
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(0, equals)).trim();
    if (name === '' || Object.hasOwn(cookies, name)) continue;
    const value = pair.slice(equals + 1).trim();
    cookies[name] = decodeValue(value.startsWith('"') && value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value);
  }
  return cookies;
}

function decodeValue(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value; // not ours, then, and taken as it is
  }
}

/** The value of a `set-cookie` header. A ttl in the past deletes the cookie. */
export function printCookie(name: string, value: string, options: CookieOptions): string {
  const parts = [`${name}=${encodeURIComponent(value)}`];
  if (options.ttl !== undefined && Number.isFinite(options.ttl)) {
    parts.push(`Max-Age=${Math.max(0, Math.trunc(options.ttl))}`, `Expires=${new Date(clock.now() + options.ttl * 1000).toUTCString()}`);
  }
  parts.push(`Path=${options.path ?? '/'}`);
  if (options.domain !== undefined) parts.push(`Domain=${options.domain}`);
  if (options.sameSite !== undefined) parts.push(`SameSite=${options.sameSite}`);
  if (options.secure) parts.push('Secure');
  if (options.httpOnly) parts.push('HttpOnly');
  return parts.join('; ');
}

export function signValue(value: string, secret: string, algorithm = 'sha256'): string {
  return createHmac(algorithm, secret).update(value).digest('hex');
}

export function isSigned(value: string, signature: string | undefined, secret: string, algorithm?: string): boolean {
  const wanted = Buffer.from(signValue(value, secret, algorithm));
  const given = Buffer.from(signature ?? '');
  return wanted.length === given.length && timingSafeEqual(wanted, given);
}
