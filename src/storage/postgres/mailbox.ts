/**
 * A thread's mailbox from its own side: a request is put into it, and the thread blocks until the answer is there. A thread that waits so may be
 * ended at any moment.
 *
 * Unlike the calls of `src/cluster/calls.ts` (rare, short texts, any free slot, given up at a deadline) these are of any length, and what a thread holds on
 * the other side, its connections, must be found when it is gone: so each thread has a box of its own.
 */
import { Buffer } from 'node:buffer';
import assert from 'node:assert/strict';
import { ArangoError } from '#base';
import { REQUEST_BYTES, SERVER_STATE, STATE_OF, type Box, type SharedMemory } from './memory.ts';
import type { Outcome } from './outcome.ts';

export const ENGINE_CLOSED = 'the storage engine is closed';

export interface MailAnswer {
  readonly outcome: Outcome;
  readonly bytes: Buffer;
  /** The connection is lent to this thread from now on: its place among the lines. */
  readonly line: number | undefined;
}

export class Mailbox {
  readonly #shared: SharedMemory;
  readonly #box: Box;
  /** A request is on its way whose answer nobody needs. */
  #isUnderWay = false;

  constructor(shared: SharedMemory) {
    this.#shared = shared;
    this.#box = shared.claimBox();
  }

  /** The number of this thread as the other side knows it. */
  get owner(): number {
    return this.#box.owner;
  }

  /** Which of the mailboxes it is. */
  get place(): number {
    return this.#box.place;
  }

  ask(request: Buffer): MailAnswer {
    this.#settle();
    this.#post(request);
    return this.receive();
  }

  /** An answer will come, to what is sent by another way. */
  expect(): void {
    this.#settle();
    this.#box.expect();
  }

  /** It will not, since nothing was sent. */
  expectNothing(): void {
    this.#box.pass(STATE_OF.idle);
  }

  /** Nobody waits for it. */
  tell(request: Buffer): void {
    this.#settle();
    this.#post(request);
    this.#isUnderWay = true;
  }

  close(): void {
    this.#settle();
    this.#box.abandon();
    this.#shared.ring();
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

  /** Blocks until the answer is there. */
  receive(): MailAnswer {
    const box = this.#box;
    this.#await();
    let bytes = box.takeAnswer();
    if (box.answerHasMore) {
      const pieces = [bytes];
      while (box.answerHasMore) {
        box.pass(STATE_OF.resumed);
        this.#shared.ring();
        this.#await();
        pieces.push(box.takeAnswer());
      }
      bytes = Buffer.concat(pieces);
    }
    const outcome = box.answerStatus as Outcome;
    const line = box.answerLine;
    box.pass(STATE_OF.idle);
    return { outcome, bytes, line };
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
