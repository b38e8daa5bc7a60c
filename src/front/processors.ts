/** Whether the machine's processors have time to spare, as Linux counts it (`/proc/stat`). Elsewhere nothing is known, and they count as free. */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { clock } from '#base';

/** Time is counted in hundredths of a second; a shorter while would tell little. */
const LEAST_MS = 100;
const BUSY_SHARE = 0.8;
/** Of the line `cpu user nice system idle iowait …`. */
const IDLE_COLUMN = 3;
const WAITING_COLUMN = 4;

interface Sample {
  readonly atMs: number;
  readonly idle: number;
  /** Idle, too, but somebody waits for a disk. */
  readonly waiting: number;
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

  /** As they were found by the last look. False at first. Who waits for a disk has no time either. */
  get areBusy(): boolean {
    return this.#isBusy;
  }

  /** In which share of their time they have worked since the last look; undefined if that was just before, or nothing is known. */
  look(): number | undefined {
    const now = clock.monotonic();
    const last = this.#last;
    if (!this.#isKnown || (last !== undefined && now - last.atMs < LEAST_MS)) return undefined;
    const sample = this.#read(now);
    this.#last = sample;
    if (sample === undefined || last === undefined) return undefined;
    const total = sample.total - last.total;
    if (total <= 0) return undefined;
    const used = 1 - (sample.idle - last.idle) / total;
    this.#isBusy = used > BUSY_SHARE;
    return used - (sample.waiting - last.waiting) / total;
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
    if (!line.startsWith('cpu ') || columns.length <= WAITING_COLUMN || columns.some(Number.isNaN)) return undefined;
    return {
      atMs,
      idle: columns[IDLE_COLUMN]!,
      waiting: columns[WAITING_COLUMN]!,
      total: columns.reduce((sum, ticks) => sum + ticks, 0),
    };
  }
}
