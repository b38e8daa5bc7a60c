/**
 * The last lines of the log, in memory that all threads share: for `/_admin/log`, whichever worker is asked.
 *
 * It is a ring of cells of one size. A thread takes the next cell by one atomic addition, fills it, and marks it as done; a thread that ends in between
 * leaves a cell that readers pass over. Lines longer than a cell are cut here, not in the log itself.
 */
import { LOG_LEVELS, type LogEntry, type LogTopic } from './log.ts';

export interface LogMemorySize {
  readonly cellCount: number;
  readonly cellBytes: number;
}

const SIZE: LogMemorySize = { cellCount: 1024, cellBytes: 2048 };
/** One double for the time, four words, then the topic and the message. */
const CELL_HEADER_BYTES = 24;

const NEXT = 0;
const MEMORY_HEADER_BYTES = 8;

// The words of a cell, after the time.
const NUMBER = 2;
const LEVEL = 3;
const TOPIC_BYTES = 4;
const MESSAGE_BYTES = 5;

export interface RememberedEntry extends LogEntry {
  /** Counts all entries since the start. */
  readonly id: number;
}

export function createLogMemory({ cellCount, cellBytes }: LogMemorySize = SIZE): SharedArrayBuffer {
  return new SharedArrayBuffer(MEMORY_HEADER_BYTES + cellCount * cellBytes);
}

export class LogMemory {
  readonly #words: Int32Array;
  readonly #bytes: Buffer;

  readonly #size: LogMemorySize;

  /** With the size it was made with. */
  constructor(memory: SharedArrayBuffer, size: LogMemorySize = SIZE) {
    this.#size = size;
    this.#words = new Int32Array(memory);
    this.#bytes = Buffer.from(memory);
  }

  #cell(id: number): number {
    return MEMORY_HEADER_BYTES + (id % this.#size.cellCount) * this.#size.cellBytes;
  }

  remember({ time, level, topic, message }: LogEntry): void {
    const id = Atomics.add(this.#words, NEXT, 1);
    const cell = this.#cell(id);
    const word = cell / 4;
    // Nobody reads it as the old entry while it becomes the new one. Numbers begin at 1: an empty cell has 0.
    Atomics.store(this.#words, word + NUMBER, 0);
    this.#bytes.writeDoubleLE(time, cell);
    this.#words[word + LEVEL] = LOG_LEVELS.indexOf(level);
    const topicBytes = this.#bytes.write(topic, cell + CELL_HEADER_BYTES);
    const start = cell + CELL_HEADER_BYTES + topicBytes;
    this.#words[word + TOPIC_BYTES] = topicBytes;
    this.#words[word + MESSAGE_BYTES] = this.#bytes.write(message, start, cell + this.#size.cellBytes - start);
    Atomics.store(this.#words, word + NUMBER, id + 1);
  }

  /** What is remembered, oldest first. */
  entries(): RememberedEntry[] {
    const next = Atomics.load(this.#words, NEXT);
    const entries: RememberedEntry[] = [];
    for (let id = Math.max(0, next - this.#size.cellCount); id < next; id++) {
      const entry = this.#read(id);
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  #read(id: number): RememberedEntry | undefined {
    const at = this.#cell(id);
    const number = at / 4 + NUMBER;
    if (Atomics.load(this.#words, number) !== id + 1) return undefined;
    const cell = Buffer.alloc(this.#size.cellBytes);
    this.#bytes.copy(cell, 0, at, at + cell.length);
    // It was overwritten while it was copied.
    if (Atomics.compareExchange(this.#words, number, id + 1, id + 1) !== id + 1) return undefined;
    const words = new Int32Array(cell.buffer, 0, CELL_HEADER_BYTES / 4);
    const topicEnd = CELL_HEADER_BYTES + (words[TOPIC_BYTES] ?? 0);
    return {
      id,
      time: cell.readDoubleLE(),
      level: LOG_LEVELS[words[LEVEL] ?? 0] ?? 'info',
      topic: cell.toString('utf8', CELL_HEADER_BYTES, topicEnd) as LogTopic,
      message: cell.toString('utf8', topicEnd, topicEnd + (words[MESSAGE_BYTES] ?? 0)),
    };
  }
}
