/**
 * A thread's side of the way to PostgreSQL: a request is put into the thread's mailbox, and the thread blocks until its answer is there.
 *
 * Unlike the calls of `src/cluster/calls.ts` (rare, short texts, any free slot, given up at a deadline) these are many and of any length, and what a thread
 * holds on the other side, its connections, must be found when it is gone: so each thread has a box of its own.
 */
import assert from 'node:assert/strict';
import { ArangoError } from '#base';
import { StorageConflict } from '../conflict.ts';
import { REQUEST_BYTES, SERVER_STATE, STATE_OF, type Box, type SharedMemory } from './memory.ts';
import { OUTCOME, type Outcome } from './pool.ts';
import { ANY_CONNECTION, readAnswer, RequestWriter, type Answer, type Handle } from './wire.ts';

/** The connection died, and nobody knows whether what it was asked to commit is committed. */
export class UnknownOutcomeError extends Error {
  override readonly name = 'UnknownOutcomeError';
}

const ENGINE_CLOSED = 'the storage engine is closed';

export class Bridge {
  /** Requests that were answered, for statistics. */
  calls = 0;
  readonly #shared: SharedMemory;
  readonly #box: Box;
  readonly #writer: RequestWriter;
  /** Handles to be given back with the next request. */
  #releases: Handle[] = [];
  #lastHandle: Handle = ANY_CONNECTION;
  /** A request is on its way whose answer nobody needs. */
  #isUnderWay = false;
  #flush: NodeJS.Immediate | undefined;
  #isClosed = false;

  constructor(shared: SharedMemory, options: { readonly isNaming: boolean }) {
    this.#shared = shared;
    this.#box = shared.claimBox();
    this.#writer = new RequestWriter(options);
  }

  /** A handle for a connection; it takes one when it is first used. */
  newHandle(): Handle {
    this.#lastHandle = this.#lastHandle === 0xffffffff ? 1 : this.#lastHandle + 1;
    return this.#lastHandle;
  }

  /** Gives a connection back; what its transaction has not committed is undone. Nobody waits for that. `hasLocks`: others may be waiting. */
  release(handle: Handle, { hasLocks }: { readonly hasLocks: boolean }): void {
    if (this.#isClosed) return;
    this.#releases.push(handle);
    if (hasLocks) return this.#sendReleases();
    this.#flush ??= setImmediate(() => {
      this.#flush = undefined;
      if (this.#releases.length > 0 && !this.#isClosed) this.#sendReleases();
    }).unref();
  }

  /**
   * The answer to what `write` writes. Throws 1200 when the connection of the handle is gone and its transaction with it, 503 errors when
   * there is no server, and `UnknownOutcomeError`.
   */
  call(handle: Handle, flags: number, write: (writer: RequestWriter) => void): Answer {
    assert(!this.#isClosed, ENGINE_CLOSED);
    this.#settle();
    this.#writer.begin(handle, flags, this.#releases);
    this.#releases = [];
    write(this.#writer);
    this.#post(this.#writer.finish());
    this.calls++;
    return readAnswer(this.#receive());
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearImmediate(this.#flush);
    this.#settle();
    this.#box.abandon();
    this.#shared.ring();
  }

  #sendReleases(): void {
    this.#settle();
    this.#writer.begin(ANY_CONNECTION, 0, this.#releases);
    this.#releases = [];
    this.#post(this.#writer.finish());
    this.#isUnderWay = true;
  }

  #settle(): void {
    if (!this.#isUnderWay) return;
    this.#isUnderWay = false;
    this.#await();
    this.#box.pass(STATE_OF.idle);
  }

  #post(request: Buffer): void {
    const box = this.#box;
    for (let start = 0; ;) {
      const length = request.copy(box.request, 0, start, start + REQUEST_BYTES);
      start += length;
      const hasMore = start < request.length;
      box.setRequest(length, hasMore);
      box.pass(STATE_OF.posted);
      this.#shared.ring();
      if (!hasMore) return;
      this.#await();
    }
  }

  #receive(): Buffer {
    const box = this.#box;
    const pieces: Buffer[] = [];
    for (;;) {
      this.#await();
      pieces.push(Buffer.from(box.answer.subarray(0, box.answerLength)));
      if (!box.answerHasMore) break;
      box.pass(STATE_OF.resumed);
      this.#shared.ring();
    }
    const outcome = box.answerStatus as Outcome;
    box.pass(STATE_OF.idle);
    const bytes = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
    if (outcome !== OUTCOME.answered) throw failureOf(outcome, bytes.toString());
    return bytes;
  }

  /** Blocks until it is this side's turn. */
  #await(): void {
    for (let { state } = this.#box; state !== STATE_OF.wanted && state !== STATE_OF.answered; state = this.#box.waitWhile(state)) {
      if (this.#shared.serverState === SERVER_STATE.closed) throw new ArangoError('ERROR_SHUTTING_DOWN', ENGINE_CLOSED);
      // A box that was taken away from a thread that is gone by all accounts.
      assert(state !== STATE_OF.abandoned && state !== STATE_OF.idle, ENGINE_CLOSED);
    }
  }
}

function failureOf(outcome: Outcome, reason: string): Error {
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
