/**
 * The memory through which the front and the workers exchange requests and answers: one queue, many slots, one lane for each worker.
 *
 * A request occupies a *slot* from its arrival until its answer has left. The front writes it there and puts the slot's number
 * into the queue; a worker claims the number, runs the request, writes the answer over it and puts the number into its *lane*.
 * Only the front gives slots out and takes them back. A slot's state is changed by compare-and-exchange, so that a request is run
 * by one worker or by none, whatever dies in between:
 *
 *   free → waiting → claimed (by one worker, not begun: may wait again) → begun (never runs again) → free
 *
 * Nothing here may assume that a worker is still there at the next line: a worker can be ended at any moment. So there are no
 * locks, and all that a worker says is one atomic store after the bytes it speaks of.
 */
import { packetMemory, peekTarget, type PacketMemory, type Peeked } from './request.ts';

/** What a worker needs to take part: plain data, passed as `workerData`. */
export interface ExchangeMemory {
  readonly queue: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
  readonly slotCount: number;
}

/** Requests and answers beyond this travel as messages. Most fit; pages of slots that are never written cost no memory. */
export const SLOT_BYTES = 32_768;

const CACHE_LINE_WORDS = 16;

// The words of the queue: its two ends, each in a cache line of its own, and the ring.
const HEAD = 0;
const TAIL = CACHE_LINE_WORDS;
/** 1 from when a worker has called the front until it looks into the lanes. The front sleeps on this word. */
export const FRONT_IS_CALLED = 2 * CACHE_LINE_WORDS;
/** While so many requests wait, the front comes by on its own soon, and none of the workers is without work until then. */
export const MANY_WAITING = 8;
/** The worker that leads in small writes, plus one, and when it has said so last. */
const LEADER = 3 * CACHE_LINE_WORDS;
const LED_AT = LEADER + 1;
const RING = 4 * CACHE_LINE_WORDS;

/** Who has led does not any more when it says nothing for so long. */
const LEAD_MS = 10;

// The words of a lane. All but SLEEP, STANDS_BACK and HAS_MAIL are written by the worker alone.
const DONE = 0;
/** Whether the worker is `AWAKE`, `ASLEEP` and has to be woken, or `RESTING`: it leaves the work to others as long as these get on with it. */
export const SLEEP = CACHE_LINE_WORDS;
export const AWAKE = 0;
export const ASLEEP = 1;
export const RESTING = 2;
/** 1 while the front wants the worker to leave the work to others. */
export const STANDS_BACK = SLEEP + 1;
/** 1 when the front has posted a request that does not fit a slot. */
export const HAS_MAIL = 2 * CACHE_LINE_WORDS;
/** The slot whose request runs at this moment, plus one; 0 for none. */
export const CURRENT = 3 * CACHE_LINE_WORDS;
/** Counts up as long as the worker's event loop turns. */
export const BEAT = 3 * CACHE_LINE_WORDS + 1;
/** How large the worker's heap was at its last beat, in MiB. */
export const HEAP_MB = 3 * CACHE_LINE_WORDS + 2;
/** What the request that runs may take of time and memory, when its service has limits of its own; else 0. */
export const LIMIT_MS = 3 * CACHE_LINE_WORDS + 3;
export const LIMIT_MB = 3 * CACHE_LINE_WORDS + 4;
const DONE_RING = 4 * CACHE_LINE_WORDS;

// The states of a slot: the lower two bits; the upper ones are the number of the worker.
const FREE = 0;
const WAITING = 1;
const CLAIMED = 2;
const BEGUN = 3;

// Where a slot's request is.
const INLINE = 0;
const MAIL = 1;
const GIVEN_UP = 2;

export type SlotState =
  | { readonly is: 'free' }
  | { readonly is: 'waiting' }
  | { readonly is: 'claimed'; readonly worker: number }
  | { readonly is: 'begun'; readonly worker: number };

/** The first word of a slot is its state, the second says where the request is; then comes what lies in it. */
export const SLOT_HEADER_BYTES = 8;

/** Twice the slots: entries of requests that were given up stay in the ring until a worker comes across them. */
function ringSize(slotCount: number): number {
  return 2 ** Math.ceil(Math.log2(2 * slotCount));
}

export function createExchangeMemory(slotCount: number): ExchangeMemory {
  return {
    queue: new SharedArrayBuffer((RING + ringSize(slotCount)) * 4),
    slots: new SharedArrayBuffer(slotCount * SLOT_BYTES),
    slotCount,
  };
}

/** Slots and the queue of those that wait, as every thread sees them. */
export class SlotQueue {
  readonly words: Int32Array;
  readonly slots: PacketMemory;
  readonly slotCount: number;
  readonly #states: Int32Array;
  readonly #mask: number;

  constructor({ queue, slots, slotCount }: ExchangeMemory) {
    this.words = new Int32Array(queue);
    this.slots = packetMemory(slots);
    this.slotCount = slotCount;
    this.#states = this.slots.words;
    this.#mask = ringSize(slotCount) - 1;
  }

  /** Where a slot's content begins in `slots`. */
  offset(slot: number): number {
    return slot * SLOT_BYTES + SLOT_HEADER_BYTES;
  }

  state(slot: number): SlotState {
    const word = Atomics.load(this.#states, slot * (SLOT_BYTES / 4));
    switch (word & 3) {
      case FREE:
        return { is: 'free' };
      case WAITING:
        return { is: 'waiting' };
      case CLAIMED:
        return { is: 'claimed', worker: word >> 2 };
      default:
        return { is: 'begun', worker: word >> 2 };
    }
  }

  /** The request does not lie in the slot; a worker asks for it in its lane. */
  isMail(slot: number): boolean {
    return this.#states[slot * (SLOT_BYTES / 4) + 1] === MAIL;
  }

  setIsMail(slot: number, isMail: boolean): void {
    this.#states[slot * (SLOT_BYTES / 4) + 1] = isMail ? MAIL : INLINE;
  }

  /** The front has answered in the worker's place, and wants the slot back. */
  isGivenUp(slot: number): boolean {
    return Atomics.load(this.#states, slot * (SLOT_BYTES / 4) + 1) === GIVEN_UP;
  }

  giveUp(slot: number): void {
    Atomics.store(this.#states, slot * (SLOT_BYTES / 4) + 1, GIVEN_UP);
  }

  /** How many entries of the ring no worker has looked at. Some may be of requests given up since. */
  get length(): number {
    return (Atomics.load(this.words, TAIL) - Atomics.load(this.words, HEAD)) | 0;
  }

  /** The position in the ring up to which workers have looked. */
  get head(): number {
    return Atomics.load(this.words, HEAD);
  }

  // For the front alone.

  /** The ring has no place left, for all the requests that were given up while no worker came by. */
  get isFull(): boolean {
    return this.length > this.#mask;
  }

  /**
   * Puts a slot at the end of the queue and returns its position; the bytes are there before. A slot may be in the ring twice
   * (the older entry was given up, or a worker died with it): its state decides, not the ring.
   */
  push(slot: number): number {
    const tail = Atomics.load(this.words, TAIL);
    this.words[RING + (tail & this.#mask)] = slot;
    Atomics.store(this.#states, slot * (SLOT_BYTES / 4), WAITING);
    Atomics.store(this.words, TAIL, (tail + 1) | 0);
    return tail;
  }

  /** Takes a request back that no worker has claimed; false if one has. */
  withdraw(slot: number): boolean {
    return Atomics.compareExchange(this.#states, slot * (SLOT_BYTES / 4), WAITING, FREE) === WAITING;
  }

  release(slot: number): void {
    Atomics.store(this.#states, slot * (SLOT_BYTES / 4), FREE);
  }

  // For workers.

  /**
   * Claims the request that has waited longest; undefined when none waits, or it is not of those that are wanted. What is wanted is only as good
   * as a look at what another one may be claiming, or giving up, at that moment.
   */
  claim(worker: number, isWanted?: (request: Peeked) => boolean): number | undefined {
    for (;;) {
      const head = Atomics.load(this.words, HEAD);
      if (head === Atomics.load(this.words, TAIL)) return undefined;
      // Read before the head moves: after that, the front may reuse this place of the ring.
      const slot = this.words[RING + (head & this.#mask)] ?? 0;
      if (isWanted !== undefined && !this.#seems(slot, isWanted)) return undefined;
      if (Atomics.compareExchange(this.words, HEAD, head, (head + 1) | 0) !== head) continue;
      const before = Atomics.compareExchange(this.#states, slot * (SLOT_BYTES / 4), WAITING, (worker << 2) | CLAIMED);
      if (before === WAITING) return slot;
    }
  }

  #seems(slot: number, isWanted: (request: Peeked) => boolean): boolean {
    return !this.isMail(slot) && isWanted(peekTarget(this.slots, this.offset(slot)));
  }

  /**
   * One worker leads: the same one as long as it says so again and again. True for the one that does. All others may rest, for they know that
   * there is one who works.
   */
  lead(worker: number, nowMs: number): boolean {
    const leader = Atomics.load(this.words, LEADER);
    if (leader !== worker + 1) {
      const isThere = leader !== 0 && ((nowMs - Atomics.load(this.words, LED_AT)) | 0) < LEAD_MS;
      if (isThere || Atomics.compareExchange(this.words, LEADER, leader, worker + 1) !== leader) return false;
    }
    Atomics.store(this.words, LED_AT, nowMs);
    return true;
  }

  begin(slot: number, worker: number): void {
    Atomics.store(this.#states, slot * (SLOT_BYTES / 4), (worker << 2) | BEGUN);
  }
}

export function createLane(slotCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer((DONE_RING + ringSize(slotCount)) * 4);
}

/** What one worker tells the front: which slots hold answers, and how it is. */
export class Lane {
  readonly words: Int32Array;
  readonly #mask: number;
  #read = 0;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    this.#mask = this.words.length - DONE_RING - 1;
  }

  /** For the worker: the slot's bytes are in place, or (`ask`) wanted. */
  report(slot: number, ask: boolean): void {
    const done = Atomics.load(this.words, DONE);
    this.words[DONE_RING + (done & this.#mask)] = ask ? ~slot : slot;
    Atomics.store(this.words, DONE, (done + 1) | 0);
  }

  /** How many reports there have been; wraps around. */
  get reported(): number {
    return Atomics.load(this.words, DONE);
  }

  /** For the front: has the worker come back from where it is; false when it is not there. */
  wakeFrom(state: typeof ASLEEP | typeof RESTING): boolean {
    const wasThere = Atomics.compareExchange(this.words, SLEEP, state, AWAKE) === state;
    if (wasThere) Atomics.notify(this.words, SLEEP);
    return wasThere;
  }

  /** For the front: the next report, `undefined` when there is none. Negative (`~slot`): the worker asks for the slot's bytes. */
  take(): number | undefined {
    if (this.#read === Atomics.load(this.words, DONE)) return undefined;
    const entry = this.words[DONE_RING + (this.#read & this.#mask)];
    this.#read = (this.#read + 1) | 0;
    return entry;
  }
}
