/**
 * A connection that this thread has borrowed: it writes its requests to the descriptor itself, so that nobody has to be woken for that. The answers come
 * by its mailbox as all others do, where a thread waits that can be ended at any moment.
 */
// As a global it is found by a getter each time, which takes ten times as long.
import { Buffer } from 'node:buffer';
import { writeSync } from 'node:fs';
import type { LineEntry } from './lines.ts';
import { closeStatement, PREPARED_LIMIT, SYNC, type Segment } from './wire.ts';

/** The connection is gone. */
export class BrokenLineError extends Error {
  override readonly name = 'BrokenLineError';
  /** Nothing of the request was done. */
  readonly isRefused: boolean;
  /** The thread with the sockets has noticed it, too, and tells of it as an answer. */
  readonly isTold: boolean;

  constructor(reason: string, { isRefused, isTold = false }: { readonly isRefused: boolean; readonly isTold?: boolean }) {
    super(reason);
    this.isRefused = isRefused;
    this.isTold = isTold;
  }
}

const ROOM_BYTES = 64 * 1024;
/** While the buffers between here and the server are full. */
const FULL_PAUSE_MS = 1;

/** Of this thread, which writes one request at a time. */
let room = Buffer.allocUnsafeSlow(ROOM_BYTES);
const pause = new Int32Array(new SharedArrayBuffer(4));

export class Line {
  readonly entry: LineEntry;
  readonly #descriptor: number;
  /** Those that this borrower has had parsed. Others may have had more. */
  readonly #prepared = new Set<string>();

  constructor(entry: LineEntry) {
    this.entry = entry;
    this.#descriptor = entry.descriptor;
  }

  /** Throws `BrokenLineError`. Returns the names of the statements that are to be parsed, for `noteParsed`. `isRead`: somebody waits for the answer. */
  send(segments: readonly Segment[], options: { readonly isRead: boolean }): readonly string[] {
    const names: string[] = [];
    const length = this.#compose(segments, names);
    if (!this.entry.beginWriting(options)) throw new BrokenLineError('the connection was closed', { isRefused: true });
    try {
      this.#write(length, options);
    } finally {
      this.entry.endWriting();
    }
    return names;
  }

  /** The server has them. */
  noteParsed(names: readonly string[]): void {
    for (const name of names) this.#prepared.add(name);
  }

  /** Puts the bytes of a request into the room, and returns how many. A name that may be known from former borrowers is taken back before it is given. */
  #compose(segments: readonly Segment[], names: string[]): number {
    let at = 0;
    if (this.#prepared.size > PREPARED_LIMIT) {
      for (const name of this.#prepared) at = add(at, closeStatement(name));
      this.#prepared.clear();
    }
    for (const { name, parse, bytes, start, end } of segments) {
      if (parse.length > 0 && !(name !== '' && (this.#prepared.has(name) || names.includes(name)))) {
        if (name !== '') {
          at = add(at, closeStatement(name));
          names.push(name);
        }
        at = add(at, parse);
      }
      at = add(at, bytes, start, end);
    }
    return add(at, SYNC);
  }

  #write(length: number, { isRead }: { readonly isRead: boolean }): void {
    for (let at = 0; at < length;) {
      try {
        at += writeSync(this.#descriptor, room, at, length - at);
      } catch (error) {
        // Without its end, nothing of a request is committed; with a part of it, though, more may have arrived than was acknowledged.
        if ((error as { readonly code?: string }).code !== 'EAGAIN' || this.entry.isDoomed) {
          const reason = error instanceof Error ? error.message : String(error);
          throw new BrokenLineError(reason, { isRefused: at === 0, isTold: isRead && !this.entry.takeAwaited() });
        }
        Atomics.wait(pause, 0, 0, FULL_PAUSE_MS);
      }
    }
  }
}

/** Copies bytes to `at` in the room, and returns where they end. */
function add(at: number, bytes: Buffer, start = 0, end = bytes.length): number {
  if (at + end - start > room.length) {
    const larger = Buffer.allocUnsafeSlow(Math.max(room.length * 2, at + end - start));
    room.copy(larger, 0, 0, at);
    room = larger;
  }
  return at + bytes.copy(room, at, start, end);
}
