/**
 * Whether a route may answer later than its handlers return: told from their source, before they run.
 *
 * A service that waits for an answer of its own server keeps its thread busy, so a handler that needs the thread's event loop would never
 * come to an end there; such a request has to go to another thread. Taking one for asynchronous that is not costs a little time only.
 */
import type { Handler } from './router.ts';
import type { Match } from './tree.ts';

const SIGNS = /\basync\b|\bawait\b|\bPromise\b|\.then\s*\(|\bfetch\s*\(/;

const known = new WeakMap<Handler, boolean>();

export function mayAnswerLater({ candidate }: Match): boolean {
  return candidate.steps.some(({ handlers }) => handlers.some(mayReturnPromise));
}

function mayReturnPromise(handler: Handler): boolean {
  let may = known.get(handler);
  if (may === undefined) {
    may = SIGNS.test(Function.prototype.toString.call(handler));
    known.set(handler, may);
  }
  return may;
}
