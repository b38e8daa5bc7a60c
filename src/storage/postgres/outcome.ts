/** How requests end, and what is made of that when a connection dies: the same for those that go by the thread with the sockets and those that do not. */
import { ArangoError } from '#base';
import { StorageConflict } from '../conflict.ts';
import { IS_REPEATABLE } from './wire.ts';

export const OUTCOME = {
  /** The server has answered, with results or an error. */
  answered: 0,
  /** Its transaction went with the connection; nothing of it was committed. */
  lost: 1,
  /** It may have been done or not. */
  unknown: 2,
  /** It was not begun: no server takes writes. */
  unavailable: 3,
  /** It was not begun: all connections are in use. */
  busy: 4,
  /** Of a borrowed connection, which is gone: it was not done. */
  refused: 5,
  /** Of a borrowed connection, which is gone: it may have been done or not. */
  broken: 6,
} as const;

export type Outcome = (typeof OUTCOME)[keyof typeof OUTCOME];

/** The connection died, and nobody knows whether what it was asked to commit is committed. */
export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownOutcomeError';
}

/**
 * What is to be done with a request whose connection died: once more on another one, or told. `isFirst`: of its transaction; `isRefused`: the server has said
 * that nothing of it was done.
 */
export function fateOf(flags: number, { isFirst, isRefused }: { readonly isFirst: boolean; readonly isRefused: boolean }): Fate {
  const isHarmless = isRefused || (flags & IS_REPEATABLE) !== 0;
  if (!isHarmless) return OUTCOME.unknown;
  return isFirst ? 'again' : OUTCOME.lost;
}

export type Fate = 'again' | typeof OUTCOME.lost | typeof OUTCOME.unknown;

export function failureOf(outcome: Outcome, reason: string): Error {
  switch (outcome) {
    case OUTCOME.lost:
      return new StorageConflict(`the connection to the database was lost, nothing was changed ${inBrackets(reason)}`);
    case OUTCOME.unknown:
      return new UnknownOutcomeError(`the connection to the database was lost during a commit ${inBrackets(reason)}`);
    case OUTCOME.busy:
      return new ArangoError('ERROR_HTTP_SERVICE_UNAVAILABLE', 'all connections to the database are in use');
    default:
      return new ArangoError('ERROR_HTTP_SERVICE_UNAVAILABLE', `the database cannot be reached ${inBrackets(reason)}`);
  }
}

function inBrackets(reason: string): string {
  return reason === '' ? '' : `(${reason})`;
}
