/**
 * A cluster of one: the threads of a single process agree through shared memory. It is also what the threads of one of several coordinators
 * agree by (`postgres.ts`).
 *
 * Layout of the memory: versions (one 64-bit number a topic), versions elsewhere (the same), a number that changes with everything that one
 * may wait for; then slots of three 64-bit numbers: hash of a name, thread that holds the lock (its id plus one; 0: nobody), note. A
 * slot is taken once for each name and never given back; when all are taken, the last one serves all further names, which then wait for each
 * other but are never wrong.
 */
import { randomBytes } from 'node:crypto';
import { threadId } from 'node:worker_threads';
import { ArangoError, clock, foxdenVersion } from '#base';
import type { Cluster, PublishedValue, Topic } from './cluster.ts';
import { createSharedText, SharedText } from './shared-text.ts';

export const TOPICS: readonly Topic[] = ['services', 'queues', 'tasks', 'activations', 'edits'];
const ELSEWHERE = 8;
const SIGNAL = 16;
const HEADER = 24;
const SLOT = 3;
const SLOTS = 4096;
const WAIT_SLICE_MS = 1000;
export const DEFAULT_WAIT_MS = 120_000;
/** Published values are small: a few hundred bytes for each service. */
const PUBLISHED_BYTES = 4 * 1024 * 1024;
const PUBLISHED_LOCK = 'published';

export interface ClusterMemory {
  readonly words: SharedArrayBuffer;
  /** What this process has published, as JSON. */
  readonly published: SharedArrayBuffer;
}

/** Who this is, for those who ask. */
export interface SelfDescription {
  readonly id: string;
  readonly endpoint?: string;
}

/** The memory that all threads of the process share; made once, by the first. */
export function createClusterMemory(): ClusterMemory {
  return { words: new SharedArrayBuffer((HEADER + SLOTS * SLOT) * 8), published: createSharedText(PUBLISHED_BYTES) };
}

/**
 * Frees the locks of a thread that is gone. Called by whoever sees it end, so that nobody waits for the dead.
 */
export function releaseLocksOf(memory: ClusterMemory, deadThread: number): void {
  const words = new BigInt64Array(memory.words);
  const dead = BigInt(deadThread + 1);
  for (let slot = 0; slot < SLOTS; slot++) {
    const holder = HEADER + slot * SLOT + 1;
    if (Atomics.compareExchange(words, holder, dead, 0n) === dead) Atomics.notify(words, holder);
  }
}

/** Tells those who wait that something may be so now. */
export function signalChange(memory: ClusterMemory): void {
  const words = new BigInt64Array(memory.words);
  Atomics.add(words, SIGNAL, 1n);
  Atomics.notify(words, SIGNAL);
}

/** Counts an announcement of another coordinator. */
export function countElsewhere(memory: ClusterMemory, topic: Topic): void {
  Atomics.add(new BigInt64Array(memory.words), ELSEWHERE + TOPICS.indexOf(topic), 1n);
  signalChange(memory);
}

export function joinSingle(
  memory: ClusterMemory,
  { id, endpoint = '' }: SelfDescription = { id: `single-${randomBytes(4).toString('hex')}` },
): Cluster {
  const words = new BigInt64Array(memory.words);
  const own = new SharedText(memory.published);
  const self = BigInt(threadId + 1);
  const startedAt = clock.now();
  const slots = new Map<string, number>();
  const depths = new Map<number, number>();

  function slotOf(name: string): number {
    const known = slots.get(name);
    if (known !== undefined) return known;
    const found = claimSlot(words, hashName(name));
    slots.set(name, found);
    return found;
  }

  function acquire(name: string, holder: number, waitMs: number): void {
    const deadline = clock.monotonic() + waitMs;
    for (;;) {
      const current = Atomics.compareExchange(words, holder, 0n, self);
      if (current === 0n) return;
      const leftMs = deadline - clock.monotonic();
      if (leftMs <= 0) throw new ArangoError('ERROR_LOCK_TIMEOUT', `waited ${waitMs} ms for "${name}", held by thread ${current - 1n}`);
      Atomics.wait(words, holder, current, Math.min(leftMs, WAIT_SLICE_MS));
    }
  }

  function release(holder: number): void {
    Atomics.store(words, holder, 0n);
    Atomics.notify(words, holder, 1);
  }

  const withLock: Cluster['withLock'] = (name, action, { waitMs = DEFAULT_WAIT_MS } = {}) => {
    const holder = slotOf(name) + 1;
    const depth = depths.get(holder) ?? 0;
    if (depth === 0) acquire(name, holder, waitMs);
    depths.set(holder, depth + 1);
    try {
      return action();
    } finally {
      depths.set(holder, depth);
      if (depth === 0) release(holder);
    }
  };

  const announceHere = (topic: Topic): void => {
    Atomics.add(words, TOPICS.indexOf(topic), 1n);
    signalChange(memory);
  };

  const published = (): Readonly<Record<string, string>> => {
    const text = own.read();
    return text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, string>>);
  };

  return {
    id,
    isShared: false,
    isLeader: true,
    isCurrent: true,
    life: 1,
    catchUp: () => undefined,
    lifeName: id,
    isOver: (lifeName) => lifeName !== id,
    number: 0,
    waitUntilCurrent: () => undefined,
    members: () => [
      {
        id,
        number: 0,
        endpoint,
        version: foxdenVersion(),
        startedAt,
        secondsSinceHeartbeat: 0,
        isAlive: true,
        isOver: false,
        isSelf: true,
      },
    ],
    lookAgain: () => undefined,
    publish: (name, value) => {
      withLock(PUBLISHED_LOCK, () => {
        const { [name]: _before, ...others } = published();
        if (!own.write(JSON.stringify(value === undefined ? others : { ...others, [name]: value })))
          throw new ArangoError('ERROR_RESOURCE_LIMIT', 'there is no room for more values of this coordinator');
      });
      signalChange(memory);
    },
    published: (prefix) => chosen(published(), id, prefix),
    waitUntil: (isSo, waitMs) => {
      const deadline = clock.monotonic() + waitMs;
      for (;;) {
        const seen = Atomics.load(words, SIGNAL);
        if (isSo()) return true;
        const leftMs = deadline - clock.monotonic();
        if (leftMs <= 0) return false;
        Atomics.wait(words, SIGNAL, seen, Math.min(leftMs, WAIT_SLICE_MS));
      }
    },
    until: async (isSo, waitMs) => {
      const deadline = clock.monotonic() + waitMs;
      for (;;) {
        const seen = Atomics.load(words, SIGNAL);
        if (isSo()) return true;
        const leftMs = deadline - clock.monotonic();
        if (leftMs <= 0) return false;
        await Atomics.waitAsync(words, SIGNAL, seen, Math.min(leftMs, WAIT_SLICE_MS)).value;
      }
    },
    version: (topic) => Number(Atomics.load(words, TOPICS.indexOf(topic))),
    versionElsewhere: (topic) => Number(Atomics.load(words, ELSEWHERE + TOPICS.indexOf(topic))),
    newsAgeMs: () => 0,
    announce: announceHere,
    announceHere,
    withLock,
    hold: (name, waitMs) => {
      const holder = slotOf(name) + 1;
      acquire(name, holder, Atomics.load(words, holder) === self ? 0 : waitMs);
      let isHeld = true;
      return () => {
        if (isHeld) release(holder);
        isHeld = false;
      };
    },
    checkHeld: () => undefined,
    note: (name) => Atomics.load(words, slotOf(name) + 2),
    setNote: (name, value) => {
      Atomics.store(words, slotOf(name) + 2, value);
    },
  };
}

/** Values whose names begin with a prefix, by name. */
export function chosen(values: Readonly<Record<string, string>>, member: string, prefix: string): readonly PublishedValue[] {
  return Object.entries(values)
    .filter(([name]) => name.startsWith(prefix))
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => ({ member, name, value }));
}

function claimSlot(words: BigInt64Array, hash: bigint): number {
  const first = Number(BigInt.asUintN(32, hash)) % SLOTS;
  for (let probe = 0; probe < SLOTS - 1; probe++) {
    const slot = HEADER + ((first + probe) % (SLOTS - 1)) * SLOT;
    const owner = Atomics.compareExchange(words, slot, 0n, hash);
    if (owner === 0n || owner === hash) return slot;
  }
  return HEADER + (SLOTS - 1) * SLOT;
}

/** FNV-1a over the UTF-16 units, never 0. */
function hashName(name: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < name.length; i++) hash = BigInt.asUintN(64, (hash ^ BigInt(name.charCodeAt(i))) * 0x100000001b3n);
  return BigInt.asIntN(64, hash === 0n ? 1n : hash);
}
