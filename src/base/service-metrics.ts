/**
 * How each service fares, in memory that all threads share: how many requests, how long they took, how many failed, and the last that did.
 *
 * Sums since the start lie in a lane for each thread, so that counting is one addition to memory that nobody else writes. What happened in
 * each of the last ten minutes' slices lies there once, since a lane for each thread would be much memory: there an addition is atomic.
 * A place is a service's for as long as the server runs. Two threads may take two places for the same service at the same moment;
 * whoever reads adds them up. Pages of places that nobody uses cost no memory.
 */
import { clock } from './clock.ts';
import { createLogMemory, LogMemory, type LogMemorySize } from './log-memory.ts';

/** Further services are not counted. */
const PLACE_LIMIT = 1024;
const LANE_COUNT = 65;

/** Upper bounds: each the root of two larger than the last, from 1/16 ms to 65 s. One more bucket takes what is above. */
const BOUND_COUNT = 41;
const LOWEST_EXPONENT = -4;
export const SERVICE_BOUNDS_MS: readonly number[] = Array.from({ length: BOUND_COUNT }, (_, at) => 2 ** (LOWEST_EXPONENT + at / 2));
const BUCKET_COUNT = BOUND_COUNT + 1;

// The cells of a lane, after the buckets. Lanes are whole cache lines.
const SUM_MS = BUCKET_COUNT;
const CLIENT_ERRORS = BUCKET_COUNT + 1;
const SERVER_ERRORS = BUCKET_COUNT + 2;
const LANE_CELLS = 48;

export const SLICE_MS = 10_000;
const SLICE_COUNT = 60;
// The words of a slice: its number plus one, two counts, and the buckets.
const NUMBER = 0;
const SLICE_CLIENT_ERRORS = 1;
const SLICE_SERVER_ERRORS = 2;
const SLICE_BUCKETS = 3;
const SLICE_WORDS = 48;

// A name: a word for the state, its length in bytes, the bytes.
const FREE = 0;
const TAKEN = 1;
const NAMED = 2;
const NAME_HEADER_BYTES = 8;
const NAME_BYTES = 1280;

const RING_COUNT = 64;
const RING: LogMemorySize = { cellCount: 32, cellBytes: 4096 };

export interface ServiceMetricsMemory {
  readonly names: SharedArrayBuffer;
  readonly totals: SharedArrayBuffer;
  readonly slices: SharedArrayBuffer;
  readonly failures: readonly SharedArrayBuffer[];
}

export function createServiceMetricsMemory(): ServiceMetricsMemory {
  return {
    names: new SharedArrayBuffer(PLACE_LIMIT * NAME_BYTES),
    totals: new SharedArrayBuffer(PLACE_LIMIT * LANE_COUNT * LANE_CELLS * 8),
    slices: new SharedArrayBuffer(PLACE_LIMIT * SLICE_COUNT * SLICE_WORDS * 4),
    failures: Array.from({ length: RING_COUNT }, () => createLogMemory(RING)),
  };
}

export interface ServiceFigures {
  readonly requests: number;
  /** Answers with a status from 400 to 499. */
  readonly clientErrors: number;
  /** And from 500 on. */
  readonly serverErrors: number;
  /** How many took no longer than each of the bounds, and longer than the one before. */
  readonly counts: readonly number[];
}

export interface ServiceSums extends ServiceFigures {
  readonly database: string;
  readonly mount: string;
  readonly sumMs: number;
}

export interface ServiceSlice extends ServiceFigures {
  /** When it began, in milliseconds since 1970. */
  readonly time: number;
}

export interface ServiceFailure {
  /** When the answer was made. */
  readonly time: number;
  readonly method: string;
  /** Without the query, where tokens may be. */
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  /** The error with its stack, as far as there was one. */
  readonly error: string;
  /** The lines of the service around the place. */
  readonly excerpt: string;
}

/** What one thread counts of one service. */
export interface ServiceMeter {
  observe(status: number, durationMs: number, nowMs: number): void;
}

export class ServiceMetrics {
  readonly #states: Int32Array;
  readonly #names: Buffer;
  readonly #totals: Float64Array;
  readonly #slices: Int32Array;
  readonly #failures: readonly LogMemory[];
  readonly #lane: number;

  /** Each thread has a lane of its own. */
  constructor({ names, totals, slices, failures }: ServiceMetricsMemory, lane: number) {
    this.#states = new Int32Array(names);
    this.#names = Buffer.from(names);
    this.#totals = new Float64Array(totals);
    this.#slices = new Int32Array(slices);
    this.#failures = failures.map((ring) => new LogMemory(ring, RING));
    this.#lane = lane;
  }

  /** Undefined when all places are taken. */
  meter(database: string, mount: string): ServiceMeter | undefined {
    const place = this.#placeFor(`${database}\0${mount}`);
    if (place === undefined) return undefined;
    const lane = this.#laneOf(place, this.#lane);
    return { observe: (status, durationMs, nowMs) => this.#observe(place, lane, status, durationMs, nowMs) };
  }

  #observe(place: number, lane: number, status: number, durationMs: number, nowMs: number): void {
    const totals = this.#totals;
    const bucket = bucketOf(durationMs);
    totals[lane + bucket] = (totals[lane + bucket] ?? 0) + 1;
    totals[lane + SUM_MS] = (totals[lane + SUM_MS] ?? 0) + durationMs;
    const slice = this.#currentSlice(place, nowMs);
    Atomics.add(this.#slices, slice + SLICE_BUCKETS + bucket, 1);
    if (status < 400) return;
    const [cell, word] = status < 500 ? [CLIENT_ERRORS, SLICE_CLIENT_ERRORS] : [SERVER_ERRORS, SLICE_SERVER_ERRORS];
    totals[lane + cell] = (totals[lane + cell] ?? 0) + 1;
    Atomics.add(this.#slices, slice + word, 1);
  }

  remember(database: string, mount: string, failure: ServiceFailure): void {
    const { time, method, path, status, durationMs, error, excerpt } = failure;
    const message = [database, mount, method, path, status, durationMs, excerpt, error].join('\0');
    this.#ringOf(database, mount).remember({ time, level: 'error', topic: 'v8', message });
  }

  /** Of all services that have had a request: since the start, and in the last slices together. */
  all(recentSlices = 0): (ServiceSums & { readonly recent: ServiceFigures })[] {
    const places = new Map<string, number[]>();
    for (const [place, name] of this.#places()) places.set(name, [...(places.get(name) ?? []), place]);
    const numbers = lastNumbers(recentSlices);
    return Array.from(places, ([name, own]) => ({ ...this.#sums(name, own), recent: this.#sliceFigures(own, numbers) }));
  }

  sums(database: string, mount: string): ServiceSums {
    return this.#sums(`${database}\0${mount}`, this.#placesOf(`${database}\0${mount}`));
  }

  /** What happened in the last `count` slices, oldest first, the one that is not over among them. */
  recent(database: string, mount: string, count = SLICE_COUNT): ServiceSlice[] {
    const places = this.#placesOf(`${database}\0${mount}`);
    const epochMs = clock.now() - clock.monotonic();
    return lastNumbers(count).map((number) => ({
      time: Math.round(epochMs + number * SLICE_MS),
      ...this.#sliceFigures(places, [number]),
    }));
  }

  /** Newest first. */
  failures(database: string, mount: string): ServiceFailure[] {
    const prefix = `${database}\0${mount}\0`;
    return this.#ringOf(database, mount)
      .entries()
      .filter(({ message }) => message.startsWith(prefix))
      .map(({ time, message }) => {
        const [method = '', path = '', status, durationMs, excerpt = '', error = ''] = message.slice(prefix.length).split('\0');
        return { time, method, path, status: Number(status), durationMs: Number(durationMs), error, excerpt };
      })
      .toReversed();
  }

  #sums(name: string, places: readonly number[]): ServiceSums {
    const cells = new Float64Array(LANE_CELLS);
    for (const place of places) {
      for (let lane = 0; lane < LANE_COUNT; lane++) {
        const at = this.#laneOf(place, lane);
        for (let cell = 0; cell <= SERVER_ERRORS; cell++) cells[cell] = (cells[cell] ?? 0) + (this.#totals[at + cell] ?? 0);
      }
    }
    const [database = '', mount = ''] = name.split('\0');
    const counts = Array.from(cells.subarray(0, BUCKET_COUNT));
    const [sumMs = 0, clientErrors = 0, serverErrors = 0] = cells.subarray(SUM_MS);
    return { database, mount, requests: sum(counts), clientErrors, serverErrors, counts, sumMs };
  }

  /** Of several slices, all together. */
  #sliceFigures(places: readonly number[], numbers: readonly number[]): ServiceFigures {
    const words = new Int32Array(SLICE_WORDS);
    for (const place of places) {
      for (const number of numbers) {
        const at = this.#sliceOf(place, number);
        if (Atomics.load(this.#slices, at + NUMBER) !== asWord(number)) continue;
        for (let word = 1; word < SLICE_WORDS; word++) words[word] = (words[word] ?? 0) + (this.#slices[at + word] ?? 0);
      }
    }
    const counts = Array.from(words.subarray(SLICE_BUCKETS, SLICE_BUCKETS + BUCKET_COUNT));
    const [, clientErrors = 0, serverErrors = 0] = words;
    return { requests: sum(counts), clientErrors, serverErrors, counts };
  }

  /** The slice of this moment, emptied by the first that comes. A count that another thread adds meanwhile may be lost. */
  #currentSlice(place: number, nowMs: number): number {
    const number = Math.floor(nowMs / SLICE_MS);
    const at = this.#sliceOf(place, number);
    const word = asWord(number);
    const found = Atomics.load(this.#slices, at + NUMBER);
    if (found !== word && Atomics.compareExchange(this.#slices, at + NUMBER, found, word) === found)
      this.#slices.fill(0, at + NUMBER + 1, at + SLICE_WORDS);
    return at;
  }

  #placeFor(name: string): number | undefined {
    const [known] = this.#placesOf(name);
    const bytes = Buffer.from(name);
    if (known !== undefined || bytes.length > NAME_BYTES - NAME_HEADER_BYTES) return known;
    for (let place = 0; place < PLACE_LIMIT; place++) {
      const state = (place * NAME_BYTES) / 4;
      if (Atomics.compareExchange(this.#states, state, FREE, TAKEN) !== FREE) continue;
      this.#states[state + 1] = bytes.length;
      this.#names.set(bytes, place * NAME_BYTES + NAME_HEADER_BYTES);
      Atomics.store(this.#states, state, NAMED);
      return place;
    }
    return undefined;
  }

  #placesOf(name: string): number[] {
    return Array.from(this.#places()).flatMap(([place, other]) => (other === name ? [place] : []));
  }

  /** A place that was taken by a thread which then ended has no name, and is never anybody's. */
  *#places(): Iterable<readonly [place: number, name: string]> {
    for (let place = 0; place < PLACE_LIMIT; place++) {
      const state = Atomics.load(this.#states, (place * NAME_BYTES) / 4);
      if (state === FREE) return;
      const start = place * NAME_BYTES + NAME_HEADER_BYTES;
      if (state === NAMED) yield [place, this.#names.toString('utf8', start, start + (this.#states[(place * NAME_BYTES) / 4 + 1] ?? 0))];
    }
  }

  #laneOf(place: number, lane: number): number {
    return (place * LANE_COUNT + lane) * LANE_CELLS;
  }

  #sliceOf(place: number, number: number): number {
    return (place * SLICE_COUNT + (number % SLICE_COUNT)) * SLICE_WORDS;
  }

  #ringOf(database: string, mount: string): LogMemory {
    let hash = 0;
    for (const character of database + mount) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) | 0;
    return this.#failures[Math.abs(hash) % this.#failures.length] as LogMemory;
  }
}

/** How long the given share of requests took at most, guessed within its bucket. Undefined when there were none. */
export function percentile(counts: readonly number[], share: number): number | undefined {
  const wanted = sum(counts) * share;
  let before = 0;
  for (const [bucket, count] of counts.entries()) {
    if (count === 0 || before + count < wanted) {
      before += count;
      continue;
    }
    const low = SERVICE_BOUNDS_MS[bucket - 1] ?? 0;
    const high = SERVICE_BOUNDS_MS[bucket] ?? low;
    return low + ((high - low) * (wanted - before)) / count;
  }
  return undefined;
}

const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);
const HIGH_WORD = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;
/** The upper word of the root of two, without its exponent. */
const HALF_WAY = 0x6a09e;

/** From the bits of the number: a logarithm takes several times as long. What lies between two numbers of 20 bits may be one bucket too low. */
function bucketOf(ms: number): number {
  scratch[0] = ms;
  const high = scratchWords[HIGH_WORD] ?? 0;
  const mantissa = high & 0xfffff;
  const exponent = (high >>> 20) - 1023 - LOWEST_EXPONENT;
  const bucket = 2 * exponent + (mantissa === 0 ? 0 : mantissa <= HALF_WAY ? 1 : 2);
  return bucket < 0 ? 0 : bucket > BOUND_COUNT ? BOUND_COUNT : bucket;
}

/** Of the last slices, oldest first, the one that is not over among them. */
function lastNumbers(count: number): readonly number[] {
  const length = Math.min(count, SLICE_COUNT);
  const current = Math.floor(clock.monotonic() / SLICE_MS);
  return Array.from({ length }, (_, at) => current - length + 1 + at);
}

/** Zero is the number of no slice. */
function asWord(number: number): number {
  return (number + 1) | 0;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, one) => all + one, 0);
}
