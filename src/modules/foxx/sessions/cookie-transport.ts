/** Carries the id of a session in a cookie, signed if there is a secret. */
import type { CookieOptions } from '../cookies.ts';
import type { SessionTransport } from './session.ts';

interface CookieTransportOptions extends CookieOptions {
  readonly name?: string;
}

/** In the past, by which a browser forgets a cookie. */
const EXPIRED_SECONDS = -(7 * 24 * 60 * 60);

/** Options, or the name of the cookie. */
export function cookieTransport(given: CookieTransportOptions | string = {}): SessionTransport {
  const { name = 'sid', ...options } = typeof given === 'string' ? { name: given } : given;
  return {
    get: (req) => req.cookie(name, options),
    set: (res, id) => void res.cookie(name, id, options),
    clear: (res) => void res.cookie(name, '', { ...options, ttl: EXPIRED_SECONDS }),
  };
}
