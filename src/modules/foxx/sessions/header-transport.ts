/** Carries the id of a session in a header. */
import type { SessionTransport } from './session.ts';

/** Options, or the name of the header. */
export function headerTransport(given: { readonly name?: string } | string = {}): SessionTransport {
  const { name = 'X-Session-Id' } = typeof given === 'string' ? { name: given } : given;
  return {
    get: (req) => req.headers[name.toLowerCase()],
    set: (res, id) => void res.setHeader(name, id),
  };
}
