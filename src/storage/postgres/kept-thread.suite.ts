/** A thread that adds to what is kept at one place, and checks what it finds there, until it is told to stop or ended. */
import assert from 'node:assert/strict';
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { KeptMemory } from './kept-memory.ts';
import { KeptWalk } from './kept-walk.ts';

/** Keys that all threads add. */
export const KEYS = 20_000;
export const INDEX = 7;
const AT_ONCE = 50;

export interface KeptThreadData {
  readonly memory: SharedArrayBuffer;
  /** So many threads there may be; `thread` is this one's number. */
  readonly threads: number;
  readonly thread: number;
  readonly stop: SharedArrayBuffer;
}

export function keyOf(n: number): Buffer {
  return Buffer.from(`key ${n}\0`);
}

/** What is found under a key is made of it, and of who has added it. */
export function valueOf(n: number): string {
  return `value of ${n} `.repeat(1 + (n % 5));
}

/** Throws where something is found that nobody has added. Answers how many of the keys are there. */
export function found(walk: KeptWalk, numbers: readonly number[]): number {
  let count = 0;
  for (const n of numbers) {
    const rows = walk.findNamed(INDEX, [keyOf(n)]);
    if (rows === undefined) continue;
    count++;
    assert.equal(rows.ids[0], n);
    assert.equal(Buffer.from(rows.buffer.subarray(rows.starts[0], rows.ends[0])).toString(), valueOf(n));
  }
  return count;
}

function add(walk: KeptWalk, numbers: readonly number[]): void {
  const values = numbers.map((n) => Buffer.from(valueOf(n)));
  const ends: number[] = [];
  for (const value of values) ends.push((ends.at(-1) ?? 0) + value.length);
  const rows = { count: numbers.length, ids: numbers, buffer: Buffer.concat(values), starts: [0, ...ends], ends };
  walk.keepNamed(INDEX, numbers.map(keyOf), rows);
}

function run({ memory, threads, thread, stop }: KeptThreadData): void {
  const [place] = new KeptMemory(memory, 0, threads).places;
  place!.pin(thread);
  const walk = new KeptWalk(place!);
  const stopped = new Int32Array(stop);
  parentPort!.postMessage('begun');
  for (let turn = threadId; Atomics.load(stopped, 0) === 0; turn++) {
    const numbers = Array.from({ length: AT_ONCE }, (_, i) => (turn * 7919 + i * 31) % KEYS);
    add(walk, numbers);
    found(walk, numbers);
    found(walk, [(turn * 104_729) % KEYS]);
  }
  place!.unpin(thread);
}

if (parentPort !== null && (workerData as KeptThreadData | null)?.threads !== undefined) run(workerData as KeptThreadData);
