/**
 * A connection that this thread has borrowed: it writes its requests to the descriptor itself and reads the answers itself, and blocks meanwhile.
 *
 * That saves waking another thread twice for each request, which costs more than all else about it. A thread that blocks here cannot be ended before
 * the server answers: whoever wants to end it has the server stop what it does (`Pool.cancel`).
 */
import { readSync, writeSync } from 'node:fs';
import type { LineEntry } from './lines.ts';
import { closeStatement, errorFields, isDown, MESSAGE_HEADER_BYTES, PREPARED_LIMIT, READ_ONLY, SYNC, type Segment } from './wire.ts';

/** The connection is of no more use. */
export class BrokenLineError extends Error {
  override readonly name = 'BrokenLineError';
  /** Nothing of the request was done. */
  readonly isRefused: boolean;

  constructor(reason: string, isRefused: boolean, options?: ErrorOptions) {
    super(reason, options);
    this.isRefused = isRefused;
  }
}

export interface LineAnswer {
  readonly bytes: Buffer;
  /** Of the transaction after it, as the server names it: `I`, `T` or `E`. */
  readonly state: string;
}

/**
 * Larger requests go another way: a server that answers the first statement while the last one is still being written would have both sides wait
 * for each other, unless all of the request fits into the buffers between them.
 */
export const LARGEST_REQUEST_BYTES = 32 * 1024;
const ROOM_BYTES = 64 * 1024;
const KEPT_ROOM_BYTES = 1024 * 1024;
const CODE = { ready: 0x5a, parsed: 0x31, error: 0x45, notice: 0x4e, parameter: 0x53 } as const;

/** Of this thread, which has one request at a time. */
let out = Buffer.allocUnsafeSlow(ROOM_BYTES);
let room = Buffer.allocUnsafeSlow(ROOM_BYTES);

export class Line {
  readonly entry: LineEntry;
  readonly #descriptor: number;
  /** Those that were parsed while it is borrowed. Others may have parsed more. */
  readonly #prepared = new Set<string>();

  constructor(entry: LineEntry) {
    this.entry = entry;
    this.#descriptor = entry.descriptor;
  }

  /** Throws `BrokenLineError`. */
  ask(segments: readonly Segment[]): LineAnswer {
    const parsing: string[] = [];
    this.#write(this.#compose(segments, parsing));
    return this.#read(parsing);
  }

  /** Has the server do something of which nobody needs to hear. */
  tell(segments: readonly Segment[]): void {
    this.#write(this.#compose(segments, []));
    this.entry.unread++;
  }

  /** The bytes of a request. A name that may be known from former borrowers is taken back before it is given. */
  #compose(segments: readonly Segment[], parsing: string[]): Buffer {
    let length = 0;
    const add = (bytes: Buffer): void => {
      if (length + bytes.length > out.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(out.length * 2, length + bytes.length));
        out.copy(larger, 0, 0, length);
        out = larger;
      }
      length += bytes.copy(out, length);
    };
    if (this.#prepared.size > PREPARED_LIMIT) {
      for (const name of this.#prepared) add(closeStatement(name));
      this.#prepared.clear();
    }
    for (const { name, parse, rest } of segments) {
      if (parse.length > 0 && !(name !== '' && (this.#prepared.has(name) || parsing.includes(name)))) {
        if (name !== '') add(closeStatement(name));
        add(parse);
        parsing.push(name);
      }
      add(rest);
    }
    add(SYNC);
    return out.subarray(0, length);
  }

  #write(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      try {
        at += writeSync(this.#descriptor, bytes, at);
      } catch (error) {
        // Without its end, nothing of a request is committed; with a part of it, though, more may have arrived than was acknowledged.
        throw new BrokenLineError(reasonOf(error), at === 0, { cause: error });
      }
    }
  }

  /** Reads up to the end of the answer, and past those that nobody reads. */
  #read(parsing: readonly string[]): LineAnswer {
    let length = 0;
    let start = 0;
    let at = 0;
    let parsed = 0;
    /** The server has begun with the request. */
    let isBegun = false;
    let refusal: string | undefined;
    for (;;) {
      const size = length - at < MESSAGE_HEADER_BYTES ? MESSAGE_HEADER_BYTES : 1 + room.readInt32BE(at + 1);
      if (length - at < size) {
        if (at + size > room.length) [length, at, start] = makeRoom(start, at, length, size);
        length += this.#receive(length, refusal);
        continue;
      }
      const end = at + size;
      switch (room[at]!) {
        case CODE.ready: {
          const state = String.fromCharCode(room[end - 1]!);
          if (this.entry.unread > 0) {
            this.entry.unread--;
            start = end;
            break;
          }
          if (refusal !== undefined) throw new BrokenLineError(refusal, true);
          for (const name of parsing.slice(0, parsed)) if (name !== '') this.#prepared.add(name);
          const bytes = Buffer.from(room.subarray(start, end));
          if (room.length > KEPT_ROOM_BYTES) room = Buffer.allocUnsafeSlow(ROOM_BYTES);
          return { bytes, state };
        }
        case CODE.error:
        case CODE.notice: {
          const fields = errorFields(room.subarray(at + MESSAGE_HEADER_BYTES, end));
          const code = fields.get('C') ?? '';
          // A server that goes away says so at any time; before its first word about the request, it has not begun with it.
          if (code === READ_ONLY || (isDown(code) && !isBegun)) refusal = fields.get('M') ?? code;
          break;
        }
        case CODE.parameter:
          break;
        default:
          isBegun ||= this.entry.unread === 0;
          if (room[at] === CODE.parsed && this.entry.unread === 0) parsed++;
      }
      at = end;
    }
  }

  #receive(at: number, refusal: string | undefined): number {
    let got: number;
    try {
      got = readSync(this.#descriptor, room, at, room.length - at, null);
    } catch (error) {
      throw new BrokenLineError(refusal ?? reasonOf(error), refusal !== undefined, { cause: error });
    }
    if (got === 0) throw new BrokenLineError(refusal ?? 'the server has closed the connection', refusal !== undefined);
    return got;
  }
}

/** Has `room` take a message of `size` at `at`; what stands before `start` is not needed any more. */
function makeRoom(start: number, at: number, length: number, size: number): [length: number, at: number, start: number] {
  const needed = at - start + size;
  const target = needed > room.length ? Buffer.allocUnsafeSlow(Math.max(room.length * 2, needed)) : room;
  room.copy(target, 0, start, length);
  room = target;
  return [length - start, at - start, 0];
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
