/** How much a walk has brought along with each of its steps, and what it has left for later. */
import type { ExpansionShape } from './expansion.ts';

/** Entries from which a level goes on, of a walk that may end soon. */
const FIRST_KEYS = 2;
const MOST_KEYS = 256;
/** Entries that a key may have, on average. */
const ENTRIES_FOR_KEY = 16;

/** How far a level goes: from so many entries of the one before, for so many of each index. */
export interface Extent {
  readonly keys: number;
  readonly entries: number;
}

const ZERO = Buffer.alloc(1);

export class Pace {
  /** Keys that were worth reading ahead when there was no room for them, by indexes and by how many levels there are behind them. */
  readonly #waiting = new Map<string, Uint8Array[]>();
  #keys = FIRST_KEYS;

  /** What is worth bringing along for a level: little at first, then more and more. */
  nextExtent(isWhole: boolean): Extent {
    const keys = isWhole ? MOST_KEYS : this.#keys;
    this.#keys = Math.min(MOST_KEYS, keys * 4);
    return { keys, entries: keys * ENTRIES_FOR_KEY };
  }

  /** Keys without the zero byte at their end, to be followed over so many levels; what is worth most comes last. */
  wait({ indexes }: ExpansionShape, levels: number, keys: readonly Uint8Array[]): void {
    const name = nameOf(indexes, levels);
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) this.#waiting.set(name, [...keys]);
    else for (const key of keys) waiting.push(key);
  }

  /** Keys to be asked for with others that have as many levels behind them, with a zero byte; not those that are known meanwhile. */
  takeWaiting({ indexes, levels }: ExpansionShape, most: number, isKnown: (key: Uint8Array) => boolean): Uint8Array[] {
    const waiting = this.#waiting.get(nameOf(indexes, levels)) ?? [];
    const keys: Uint8Array[] = [];
    while (waiting.length > 0 && keys.length < most) {
      const key = Buffer.concat([waiting.pop()!, ZERO]);
      if (!isKnown(key)) keys.push(key);
    }
    return keys;
  }

  forget(): void {
    this.#waiting.clear();
  }
}

function nameOf(indexes: ExpansionShape['indexes'], levels: number): string {
  return `${indexes.join()}/${levels}`;
}
