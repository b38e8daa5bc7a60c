/**
 * A thread's way to PostgreSQL, which blocks it until the answer is there. Requests go by its mailbox to the thread with the sockets, or over a connection
 * that this one has lent it.
 *
 * A transaction stays with the connection that it began on. Its first request goes over a borrowed connection that rests, if there is one; an answer
 * to what went by the mailbox may bring its connection along.
 */
import assert from 'node:assert/strict';
import { log } from '#base';
import { BrokenLineError, Line } from './line.ts';
import { ENGINE_CLOSED, Mailbox } from './mailbox.ts';
import type { SharedMemory } from './memory.ts';
import { failureOf, fateOf, OUTCOME } from './outcome.ts';
import { ANY_CONNECTION, ENDS, readAnswer, RequestWriter, ROLLBACK, type Answer, type Handle, type Request, type Segment } from './wire.ts';

/** Those that are larger are for the mailbox, which takes them in pieces. */
const LARGEST_REQUEST_BYTES = 64 * 1024;

/** Where a transaction is: on a borrowed connection, on one of the thread with the sockets, or nowhere since its connection died. */
type Whereabouts = Line | 'elsewhere' | 'lost';

const READY_BYTES = 6;

/** Of the transaction: the last byte of an answer, which ends with the message that the server is ready. */
function stateAfter(answer: Buffer): string {
  return answer.length < READY_BYTES ? 'E' : answer.toString('latin1', answer.length - 1);
}

export class Bridge {
  /** Requests that were answered, for statistics. */
  calls = 0;
  readonly #shared: SharedMemory;
  readonly #mailbox: Mailbox;
  readonly #writer: RequestWriter;
  readonly #rollback: readonly Segment[];
  readonly #held = new Map<Handle, Whereabouts>();
  /** Borrowed connections between two uses, the last used last. They may have been taken back. */
  readonly #resting: Line[] = [];
  /** The same with a transaction that is still to be undone: along with the next request there, or by itself when none comes. */
  #unclean: Line[] = [];
  /** Handles of the other thread's connections, to be given back with the next request. */
  #releases: Handle[] = [];
  #lastHandle: Handle = ANY_CONNECTION;
  #flush: NodeJS.Immediate | undefined;
  #isClosed = false;

  /** `isNaming`: statements keep their names on the connections. */
  constructor(shared: SharedMemory, { isNaming }: { readonly isNaming: boolean }) {
    this.#shared = shared;
    this.#mailbox = new Mailbox(shared);
    this.#writer = new RequestWriter({ isNaming });
    const rollback = new RequestWriter({ isNaming }).begin(ANY_CONNECTION, 0, []).run(ROLLBACK, []);
    this.#rollback = rollback.segments;
  }

  /** The number of this thread's mailbox. */
  get box(): number {
    return this.#mailbox.place;
  }

  /** A handle for a connection; it takes one when it is first used. */
  newHandle(): Handle {
    this.#lastHandle = this.#lastHandle === 0xffffffff ? 1 : this.#lastHandle + 1;
    return this.#lastHandle;
  }

  /** Gives a connection back; what its transaction has not committed is undone. Nobody waits for that. `hasLocks`: others may be waiting. */
  release(handle: Handle, { hasLocks }: { readonly hasLocks: boolean }): void {
    const place = this.#held.get(handle);
    if (this.#isClosed || place === undefined) return;
    this.#held.delete(handle);
    if (place === 'lost') return;
    if (place instanceof Line) this.#unclean.push(place);
    else this.#releases.push(handle);
    if (hasLocks) return this.#sendReleases();
    this.#flush ??= setImmediate(() => {
      this.#flush = undefined;
      if (!this.#isClosed) this.#sendReleases();
    }).unref();
  }

  /**
   * The answer to what `write` writes. Throws 1200 when the connection of the handle is gone and its transaction with it, 503 errors when
   * there is no server, and `UnknownOutcomeError`.
   */
  call(handle: Handle, flags: number, write: (writer: RequestWriter) => void): Answer {
    assert(!this.#isClosed, ENGINE_CLOSED);
    const place = this.#held.get(handle);
    if (place === 'lost') throw failureOf(OUTCOME.lost, '');
    this.#writer.begin(handle, flags, this.#releases);
    write(this.#writer);
    this.calls++;
    const isSmall = this.#writer.length <= LARGEST_REQUEST_BYTES;
    const unclean = place === undefined && isSmall ? this.#unclean.pop() : undefined;
    const line = place === 'elsewhere' || (place === undefined && !isSmall) ? undefined : (place ?? unclean ?? this.#takeResting());
    const answer =
      line === undefined || !isSmall
        ? undefined
        : this.#askOver(
            line,
            { handle, flags, segments: this.#writer.segments },
            { isFirst: place === undefined, isUnclean: unclean !== undefined },
          );
    if (answer !== undefined) return answer;
    if (line !== undefined && !isSmall && !line.entry.giveBack(handle)) {
      this.#held.set(handle, 'lost');
      throw failureOf(OUTCOME.lost, '');
    }
    return readAnswer(this.#askByMailbox(handle, flags, this.#writer.finish()));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearImmediate(this.#flush);
    this.#mailbox.close();
  }

  /** Undefined: nothing was done, and it is to be asked elsewhere. `isUnclean`: the connection leaves a former transaction first. */
  #askOver(
    line: Line,
    { handle, flags, segments }: Omit<Request, 'releases'>,
    { isFirst, isUnclean }: { readonly isFirst: boolean; readonly isUnclean: boolean },
  ): Answer | undefined {
    try {
      const parsing = this.#send(line, isUnclean ? [...this.#rollback, ...segments] : segments);
      const { outcome, bytes } = this.#mailbox.receive();
      if (outcome !== OUTCOME.answered) throw new BrokenLineError(bytes.toString(), { isRefused: outcome === OUTCOME.refused });
      const answer = readAnswer(bytes, { skipped: isUnclean ? this.#rollback.length : 0 });
      if (answer.error === undefined) line.noteParsed(parsing);
      if (handle !== ANY_CONNECTION && (flags & ENDS) === 0) this.#held.set(handle, line);
      else {
        this.#held.delete(handle);
        this.#putDown(line, stateAfter(bytes));
      }
      return answer;
    } catch (error) {
      if (!(error instanceof BrokenLineError)) throw error;
      const fate = fateOf(flags, { isFirst, isRefused: error.isRefused });
      if (fate === 'again') return undefined;
      if ((flags & ENDS) !== 0) this.#held.delete(handle);
      else if (handle !== ANY_CONNECTION) this.#held.set(handle, 'lost');
      throw failureOf(fate, error.message);
    }
  }

  #send(line: Line, segments: readonly Segment[]): readonly string[] {
    this.#mailbox.expect();
    try {
      return line.send(segments, { isRead: true });
    } catch (error) {
      if (error instanceof BrokenLineError && error.isTold) this.#mailbox.receive();
      else this.#mailbox.expectNothing();
      throw error;
    }
  }

  #askByMailbox(handle: Handle, flags: number, request: Buffer): Buffer {
    this.#releases = [];
    // This may have to wait for a connection, and nobody is to wait for this thread's meanwhile.
    this.#undo(this.#unclean.splice(0));
    const keeps = handle !== ANY_CONNECTION && (flags & ENDS) === 0;
    if (keeps) this.#held.set(handle, 'elsewhere');
    else this.#held.delete(handle);
    const { outcome, bytes, line: place } = this.#mailbox.ask(request);
    if (place !== undefined) {
      const entry = this.#shared.table.lentTo(this.#mailbox.owner, place);
      const line = entry && new Line(entry);
      if (keeps) this.#held.set(handle, line ?? 'lost');
      else if (line !== undefined) this.#putDown(line, 'I');
    }
    if (outcome !== OUTCOME.answered) throw failureOf(outcome, bytes.toString());
    return bytes;
  }

  #takeResting(): Line | undefined {
    for (;;) {
      const line = this.#resting.pop();
      if (line === undefined || line.entry.take()) return line;
    }
  }

  /** Until it is used again; or for good, when others wait for connections. `state`: of its transaction. */
  #putDown(line: Line, state: string): void {
    if (state !== 'I') return this.#undo([line]);
    if (this.#shared.table.isWanted) {
      line.entry.giveBack(0);
      this.#shared.ring();
      return;
    }
    line.entry.rest();
    this.#resting.push(line);
  }

  #undo(lines: readonly Line[]): void {
    for (const line of lines) {
      try {
        line.noteParsed(line.send(this.#rollback, { isRead: false }));
        this.#putDown(line, 'I');
      } catch (error) {
        if (!(error instanceof BrokenLineError)) throw error;
        // The server undoes what nobody has committed.
        log.debug('engines', `PostgreSQL: ${error.message}`);
      }
    }
  }

  #sendReleases(): void {
    this.#undo(this.#unclean.splice(0));
    if (this.#releases.length === 0) return;
    this.#writer.begin(ANY_CONNECTION, 0, this.#releases);
    this.#releases = [];
    this.#mailbox.tell(this.#writer.finish());
  }
}
