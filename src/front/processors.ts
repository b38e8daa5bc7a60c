/** Whether the machine's processors have time to spare, as Linux counts it (`/proc/stat`). Elsewhere nothing is known, and they count as free. */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { clock } from '#base';

/** Time is counted in hundredths of a second; a shorter while would tell little. */
const LEAST_MS = 100;
const BUSY_SHARE = 0.8;
/** Of the line `cpu user nice system idle iowait …`. Who waits for a disk has no time either. */
const IDLE_COLUMN = 3;

interface Sample {
  readonly atMs: number;
  readonly idle: number;
  readonly total: number;
}

export class Processors {
  readonly #path: string;
  readonly #isKnown: boolean;
  #last: Sample | undefined;
  #isBusy = false;

  constructor(path = '/proc/stat') {
    this.#path = path;
    this.#isKnown = existsSync(path);
  }

  /** As they were found by the last look. False at first. */
  get areBusy(): boolean {
    return this.#isBusy;
  }

  /** Finds out how it was since the last look, if that is long enough ago. */
  look(): void {
    const now = clock.monotonic();
    if (!this.#isKnown || (this.#last !== undefined && now - this.#last.atMs < LEAST_MS)) return;
    const sample = this.#read(now);
    if (sample !== undefined && this.#last !== undefined) {
      const total = sample.total - this.#last.total;
      this.#isBusy = total > 0 && 1 - (sample.idle - this.#last.idle) / total > BUSY_SHARE;
    }
    this.#last = sample;
  }

  #read(atMs: number): Sample | undefined {
    const head = Buffer.alloc(256);
    try {
      const file = openSync(this.#path, 'r');
      try {
        readSync(file, head);
      } finally {
        closeSync(file);
      }
    } catch {
      return undefined; // as when too many files are open
    }
    const [line = ''] = head.toString('latin1').split('\n');
    const columns = line.trim().split(/\s+/).slice(1).map(Number);
    if (!line.startsWith('cpu ') || columns.length <= IDLE_COLUMN || columns.some(Number.isNaN)) return undefined;
    return {
      atMs,
      idle: columns[IDLE_COLUMN]!,
      total: columns.reduce((sum, ticks) => sum + ticks, 0),
    };
  }
}
