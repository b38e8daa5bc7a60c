/**
 * Commits as bytes, and what many of them amount to.
 *
 * A commit is one or more *frames*. Frames stand in the journal, from where they are read after a crash, and in shared memory, from
 * where the other threads read them. `Changes` is what frames add up to that are not in the file yet: it lies over the file as a
 * transaction's own writes lie over both. Everything in a frame is absolute, so it does no harm to lay it over a file that has it.
 */
import { crc32 } from 'node:zlib';
import { textAt, writeBytes, writeText } from '../bytes.ts';
import type { RowId, TableId } from '../engine.ts';
import type { Overlay } from '../overlay.ts';
import { SortedMap, type Ordered } from '../sorted-map.ts';
import { writesOf, type Writes } from '../writes.ts';

/** What every commit brings up to date. */
export interface Progress {
  /** Numbers each commit, without a gap. */
  readonly sequence: number;
  readonly tickLimit: number;
  readonly revision: bigint;
  readonly nextPlace: number;
}

const FRAME = { size: 0, checksum: 4, sequence: 8, tickLimit: 16, revision: 24, nextPlace: 32, isLast: 36, body: 40 } as const;
export const FRAME_HEAD_BYTES = FRAME.body;
/** A commit that is larger is cut into frames of about this size. */
const FRAME_BYTES = 512 * 1024;

const STEP = { place: 1, reclaim: 2, count: 3, rows: 4, entries: 5, meta: 6 } as const;
const REMOVED = 0xffffffff;

export class Changes {
  readonly rows: Map<TableId, Writes<RowId>>;
  readonly entries: Map<TableId, Writes<string>>;
  readonly meta: Writes<string>;
  /** Where tables stand now; 0: nowhere. */
  readonly places: Map<TableId, number>;
  readonly counts: Map<TableId, number>;
  /** Places that are not used any more. */
  readonly reclaims: number[];
  #progress: Progress | undefined;
  /** The frame that has the progress, as long as nobody has asked for it. */
  #lastFrame: Buffer | undefined;
  #lastStart = 0;

  constructor(from?: Changes) {
    const frozen = <Key extends Ordered>(tables?: Map<TableId, Writes<Key>>): Map<TableId, Writes<Key>> =>
      new Map([...(tables ?? [])].map(([table, writes]) => [table, writes.freeze()]));
    this.rows = frozen(from?.rows);
    this.entries = frozen(from?.entries);
    this.meta = from?.meta.freeze() ?? new SortedMap();
    this.places = new Map(from?.places);
    this.counts = new Map(from?.counts);
    this.reclaims = [...(from?.reclaims ?? [])];
    this.#progress = from?.progress;
  }

  get isEmpty(): boolean {
    return this.#progress === undefined && this.#lastFrame === undefined;
  }

  get progress(): Progress | undefined {
    if (this.#lastFrame !== undefined) this.#progress = progressOf(this.#lastFrame, this.#lastStart);
    this.#lastFrame = undefined;
    return this.#progress;
  }

  /** What one commit amounts to. Good until `overlay` is written to. */
  static of(overlay: Overlay, { progress, destinations, counts }: Commit): Changes {
    const changes = new Changes();
    for (const [table, { place, formerPlace }] of destinations) {
      if (formerPlace === undefined) continue;
      if (formerPlace !== 0) changes.reclaims.push(formerPlace);
      changes.places.set(table, place);
    }
    for (const [table, count] of counts) changes.counts.set(table, count);
    for (const [table, rows] of overlay.rows) changes.rows.set(table, rows);
    for (const [index, entries] of overlay.entries) changes.entries.set(index, entries);
    overlay.meta.forEach((key, value) => changes.meta.set(key, value));
    changes.#progress = progress;
    return changes;
  }

  /** Adds frames that stand one after the other. The bytes are kept. */
  add(frames: Buffer): void {
    for (let start = 0; start < frames.length;) {
      const end = start + frames.readUInt32LE(start + FRAME.size);
      this.#addFrame(new Reader(frames, start + FRAME.body, end));
      this.#lastFrame = frames;
      this.#lastStart = start;
      start = end;
    }
  }

  #addFrame(reader: Reader): void {
    while (!reader.isAtEnd) {
      const step = reader.byte();
      switch (step) {
        case STEP.place: {
          const table = reader.number();
          this.places.set(table, reader.word());
          this.rows.delete(table);
          this.entries.delete(table);
          this.counts.delete(table);
          break;
        }
        case STEP.reclaim:
          this.reclaims.push(reader.word());
          break;
        case STEP.count:
          this.counts.set(reader.number(), reader.number());
          break;
        case STEP.rows: {
          const writes = writesOf(this.rows, reader.number());
          for (let left = reader.word(); left > 0; left--) writes.set(reader.number(), reader.value());
          break;
        }
        case STEP.entries: {
          const writes = writesOf(this.entries, reader.number());
          for (let left = reader.word(); left > 0; left--) writes.set(reader.text(), reader.value());
          break;
        }
        case STEP.meta:
          for (let left = reader.word(); left > 0; left--) this.meta.set(reader.text(), reader.value());
          break;
        default:
          throw new Error(`a frame with an unknown step ${step}`);
      }
    }
  }
}

/** Where a table's part of a commit goes. */
export interface Destination {
  readonly place: number;
  /** What it stood at before, if it is not that any more. */
  readonly formerPlace: number | undefined;
}

/** What there is beside the writes. `counts` are the numbers of rows that the tables then have. */
export interface Commit {
  readonly progress: Progress;
  readonly destinations: ReadonlyMap<TableId, Destination>;
  readonly counts: ReadonlyMap<TableId, number>;
}

const FIRST_BYTES = 64 * 1024;
/** A larger buffer is not kept for the next commit, and has no further frame added. */
const KEPT_BYTES = 4 * 1024 * 1024;

/** The frames of one commit. Kept for the next one, for the sake of its buffer. */
export class FrameWriter {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  /** Where in the buffer the frame in the making begins and ends. */
  #start = 0;
  #end: number = FRAME.body;
  #full: Buffer[] = [];

  /** Good until the next call. */
  write(overlay: Overlay | undefined, commit: Commit): readonly Buffer[] {
    const { progress } = commit;
    this.#full = [];
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.#begin(0);
    for (const [table, { place, formerPlace }] of commit.destinations) {
      if (formerPlace === undefined) continue;
      if (formerPlace !== 0) this.#reserve(5).#byte(STEP.reclaim).#word(formerPlace);
      this.#reserve(13).#byte(STEP.place).#number(table).#word(place);
    }
    for (const [table, count] of commit.counts) this.#reserve(17).#byte(STEP.count).#number(table).#number(count);
    for (const [table, rows] of overlay?.rows ?? []) this.#writeTable(STEP.rows, table, rows, progress);
    for (const [index, entries] of overlay?.entries ?? []) this.#writeTable(STEP.entries, index, entries, progress);
    if (overlay !== undefined && overlay.meta.size > 0) this.#writeTable(STEP.meta, undefined, overlay.meta, progress);
    const last = this.#finish(progress, true);
    return this.#full.length === 0 ? [last] : [...this.#full, last];
  }

  #writeTable<Key extends Ordered>(step: number, table: TableId | undefined, writes: Writes<Key>, progress: Progress): void {
    let countAt = -1;
    let count = 0;
    writes.forEach((key, value) => {
      const size = 16 + (typeof key === 'string' ? key.length : 0) + (value?.length ?? 0);
      if (this.#end - this.#start + size > FRAME_BYTES && countAt >= 0) {
        this.#buffer.writeUInt32LE(count, countAt);
        this.#nextFrame(progress);
        countAt = -1;
      }
      this.#reserve(size + 16);
      if (countAt < 0) {
        this.#byte(step);
        if (table !== undefined) this.#number(table);
        countAt = this.#end;
        count = 0;
        this.#word(0);
      }
      if (typeof key === 'string') this.#text(key);
      else this.#number(key);
      this.#value(value);
      count++;
    });
    if (countAt >= 0) this.#buffer.writeUInt32LE(count, countAt);
  }

  #begin(start: number): void {
    this.#start = start;
    this.#end = start + FRAME.body;
  }

  /** Ends a frame. The next one follows it, or the buffer becomes the frame's own. */
  #nextFrame(progress: Progress): void {
    this.#full.push(this.#finish(progress, false));
    if (this.#end + FRAME_BYTES > KEPT_BYTES) {
      this.#buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
      this.#begin(0);
    } else {
      this.#begin(this.#end);
    }
  }

  #finish({ sequence, tickLimit, revision, nextPlace }: Progress, isLast: boolean): Buffer {
    const frame = this.#buffer.subarray(this.#start, this.#end);
    frame.writeUInt32LE(frame.length, FRAME.size);
    frame.writeDoubleLE(sequence, FRAME.sequence);
    frame.writeDoubleLE(tickLimit, FRAME.tickLimit);
    frame.writeBigUInt64LE(revision, FRAME.revision);
    frame.writeUInt32LE(nextPlace, FRAME.nextPlace);
    frame.writeUInt32LE(isLast ? 1 : 0, FRAME.isLast);
    frame.writeUInt32LE(crc32(frame.subarray(FRAME.sequence)), FRAME.checksum);
    return frame;
  }

  #reserve(bytes: number): this {
    if (this.#end + bytes > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, this.#end + bytes));
      larger.set(this.#buffer.subarray(0, this.#end));
      this.#buffer = larger;
    }
    return this;
  }

  #byte(value: number): this {
    this.#buffer[this.#end++] = value;
    return this;
  }

  #word(value: number): this {
    this.#end = this.#buffer.writeUInt32LE(value, this.#end);
    return this;
  }

  #number(value: number): this {
    this.#end = this.#buffer.writeDoubleLE(value, this.#end);
    return this;
  }

  #text(value: string): void {
    this.#word(value.length);
    this.#end = writeText(this.#buffer, this.#end, value);
  }

  #value(value: Uint8Array | undefined): void {
    if (value === undefined) {
      this.#word(REMOVED);
      return;
    }
    this.#word(value.length);
    writeBytes(this.#buffer, this.#end, value);
    this.#end += value.length;
  }
}

class Reader {
  readonly #bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  byte(): number {
    return this.#bytes[this.#at++]!;
  }

  word(): number {
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  number(): number {
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#at - 8);
  }

  text(): string {
    const size = this.word();
    this.#at += size;
    return textAt(this.#bytes, this.#at - size, this.#at);
  }

  value(): Uint8Array | undefined {
    const size = this.word();
    if (size === REMOVED) return undefined;
    this.#at += size;
    return this.#bytes.subarray(this.#at - size, this.#at);
  }
}

function progressOf(bytes: Buffer, start: number): Progress {
  return {
    sequence: bytes.readDoubleLE(start + FRAME.sequence),
    tickLimit: bytes.readDoubleLE(start + FRAME.tickLimit),
    revision: bytes.readBigUInt64LE(start + FRAME.revision),
    nextPlace: bytes.readUInt32LE(start + FRAME.nextPlace),
  };
}

/** A frame as it is found in a file, where anything may stand. */
export interface FoundFrame {
  readonly sequence: number;
  readonly isLast: boolean;
  readonly bytes: Buffer;
}

/** The frame at the beginning of `bytes`, if there is a whole one. */
export function findFrame(bytes: Buffer): FoundFrame | undefined {
  if (bytes.length < FRAME.body) return undefined;
  const size = bytes.readUInt32LE(FRAME.size);
  if (size < FRAME.body || size > bytes.length) return undefined;
  const frame = bytes.subarray(0, size);
  if (frame.readUInt32LE(FRAME.checksum) !== crc32(frame.subarray(FRAME.sequence))) return undefined;
  return { sequence: frame.readDoubleLE(FRAME.sequence), isLast: frame.readUInt32LE(FRAME.isLast) === 1, bytes: frame };
}
