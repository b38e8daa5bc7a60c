/**
 * The journal: where every commit is written, one after the other, before anybody is told of it.
 *
 * Two files are used in turns. When one has grown large, what it says is put into the data file, commits go on in the other, and once
 * the data file is synced the first is free again. They are written over, not made anew: what follows the last commit of a file is
 * of an earlier use, and known by its lower numbers. At the start of the server both are emptied after everything in them is in the
 * data file, so numbers never repeat in them.
 */
import { closeSync, fdatasync, fdatasyncSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { findFrame, FRAME_HEAD_BYTES } from './changes.ts';

export const JOURNAL_FILES = ['journal-0', 'journal-1'] as const;

/** Which of the two files. */
export type JournalFile = 0 | 1;

/** One thread's hands on the files. Who writes and where is agreed upon in shared memory. */
export class Journal {
  readonly #files: readonly [number, number];
  #syncs = 0;
  #isClosed = false;

  /** Creates the files if they are missing. */
  constructor(folder: string) {
    const flags = 'a+';
    for (const name of JOURNAL_FILES) closeSync(openSync(join(folder, name), flags, 0o600));
    this.#files = [openSync(join(folder, JOURNAL_FILES[0]), 'r+'), openSync(join(folder, JOURNAL_FILES[1]), 'r+')];
  }

  /** Returns where it ends. */
  write(file: JournalFile, position: number, frame: Uint8Array): number {
    let written = 0;
    while (written < frame.length) {
      written += writeSync(this.#files[file], frame, written, frame.length - written, position + written);
    }
    return position + written;
  }

  /** Takes back what was written there last. */
  void(file: JournalFile, position: number): void {
    this.write(file, position, Buffer.alloc(FRAME_HEAD_BYTES));
  }

  syncNow(file: JournalFile): void {
    fdatasyncSync(this.#files[file]);
  }

  sync(file: JournalFile, done: (error: Error | null) => void): void {
    this.#syncs++;
    fdatasync(this.#files[file], (error) => {
      this.#syncs--;
      if (this.#isClosed) this.close();
      else done(error);
    });
  }

  /** For when the data file has everything. */
  empty(): void {
    for (const file of this.#files) {
      ftruncateSync(file);
      fsyncSync(file);
    }
  }

  /** Nobody is called back after it. */
  close(): void {
    this.#isClosed = true;
    // The system gives the number of a closed file to another at once: nothing may then still be using it.
    if (this.#syncs > 0) return;
    for (const file of this.#files) closeSync(file);
  }
}

/** Each whole commit after number `sequence` up to the first that is missing, as its frames. */
export function* readJournal(folder: string, sequence: number): Generator<Buffer[]> {
  const commits = new Map<number, Buffer[]>();
  for (const name of JOURNAL_FILES) {
    for (const [number, frames] of readFile(join(folder, name))) commits.set(number, frames);
  }
  for (let next = sequence + 1; ; next++) {
    const frames = commits.get(next);
    if (frames === undefined) return;
    yield frames;
  }
}

function* readFile(path: string): Generator<[sequence: number, frames: Buffer[]]> {
  const bytes = readFileSync(path);
  let last = 0;
  let frames: Buffer[] = [];
  for (let at = 0; ;) {
    const frame = findFrame(bytes.subarray(at));
    if (frame === undefined || frame.sequence < last || (frames.length > 0 && frame.sequence !== last)) return;
    frames.push(frame.bytes);
    if (frame.isLast) {
      yield [frame.sequence, frames];
      frames = [];
    }
    last = frame.sequence;
    at += frame.bytes.length;
  }
}
