/**
 * What the thread that speaks with the other coordinators (`member.ts`) and all other threads of the process tell each other: memory that they
 * share, beside that of a single process.
 *
 * Numbers are 64-bit integers that are read and written as a whole. The lease ends at a moment by two clocks, because each of them can stand
 * still while time goes on: one of them with a machine that sleeps, the other with an operator who sets it.
 */
import { clock } from '#base';
import { createCallsMemory } from './calls.ts';
import type { Topic } from './cluster.ts';
import type { MemberRow, StoredValue } from './roster.ts';
import { createSharedText, SharedText } from './shared-text.ts';
import { createClusterMemory, TOPICS, type ClusterMemory } from './single.ts';

const LEASE_MONOTONIC = 0;
const LEASE_WALL = 1;
const IS_LEADER = 2;
const LIFE = 3;
const CAUGHT_UP = 4;
const BELL = 5;
const NUMBER = 6;
const NEWS_AT = 7;
const OUTGOING = 8;
const WORDS = 16;
const ROSTER_BYTES = 1024 * 1024;
const VALUES_BYTES = 64 * 1024 * 1024;

export interface SharedClusterMemory extends ClusterMemory {
  readonly state: SharedArrayBuffer;
  readonly calls: SharedArrayBuffer;
  /** All members, as JSON. */
  readonly roster: SharedArrayBuffer;
  /** What all have published, as JSON. */
  readonly values: SharedArrayBuffer;
}

export function createSharedClusterMemory(): SharedClusterMemory {
  return {
    ...createClusterMemory(),
    state: new SharedArrayBuffer(WORDS * 8),
    calls: createCallsMemory(),
    roster: createSharedText(ROSTER_BYTES),
    values: createSharedText(VALUES_BYTES),
  };
}

export class SharedState {
  readonly #words: BigInt64Array;
  readonly #roster: SharedText;
  readonly #values: SharedText;

  constructor({ state, roster, values }: SharedClusterMemory) {
    this.#words = new BigInt64Array(state);
    this.#roster = new SharedText(roster);
    this.#values = new SharedText(values);
  }

  /** The lease is good, and what was missed before it began has been made up for. */
  get isCurrent(): boolean {
    const words = this.#words;
    return (
      clock.monotonic() < Number(Atomics.load(words, LEASE_MONOTONIC)) &&
      clock.now() < Number(Atomics.load(words, LEASE_WALL)) &&
      Atomics.load(words, CAUGHT_UP) === Atomics.load(words, LIFE)
    );
  }

  extendLease(untilMonotonicMs: number, untilWallMs: number): void {
    Atomics.store(this.#words, LEASE_MONOTONIC, BigInt(Math.floor(untilMonotonicMs)));
    Atomics.store(this.#words, LEASE_WALL, BigInt(Math.floor(untilWallMs)));
  }

  get isLeader(): boolean {
    return Atomics.load(this.#words, IS_LEADER) === 1n;
  }

  set isLeader(isLeader: boolean) {
    Atomics.store(this.#words, IS_LEADER, isLeader ? 1n : 0n);
  }

  /** Counts the lives of this coordinator since its process began: it grows when it was taken for dead, and all that it held was lost. */
  get life(): number {
    return Number(Atomics.load(this.#words, LIFE));
  }

  beginLife(number: number): void {
    Atomics.store(this.#words, NUMBER, BigInt(number));
    Atomics.add(this.#words, LIFE, 1n);
  }

  /** The number of this coordinator among the others. */
  get number(): number {
    return Number(Atomics.load(this.#words, NUMBER));
  }

  /** When the services were last said to have changed by another coordinator, by the clock that never runs backwards. */
  get newsAtMs(): number {
    return Number(Atomics.load(this.#words, NEWS_AT));
  }

  set newsAtMs(atMs: number) {
    Atomics.store(this.#words, NEWS_AT, BigInt(Math.floor(atMs)));
  }

  catchUp(life: number): void {
    Atomics.store(this.#words, CAUGHT_UP, BigInt(life));
  }

  countOutgoing(topic: Topic): void {
    Atomics.add(this.#words, OUTGOING + TOPICS.indexOf(topic), 1n);
  }

  /** How many announcements have not been passed on; they are then. */
  takeOutgoing(topic: Topic): number {
    return Number(Atomics.exchange(this.#words, OUTGOING + TOPICS.indexOf(topic), 0n));
  }

  putBackOutgoing(topic: Topic, count: number): void {
    Atomics.add(this.#words, OUTGOING + TOPICS.indexOf(topic), BigInt(count));
  }

  /** Wakes the thread that speaks with the others. */
  ring(): void {
    Atomics.add(this.#words, BELL, 1n);
    Atomics.notify(this.#words, BELL);
  }

  get rings(): bigint {
    return Atomics.load(this.#words, BELL);
  }

  /** Resolves once there were other rings than those, or after a while. */
  async rung(since: bigint, waitMs: number): Promise<void> {
    await Atomics.waitAsync(this.#words, BELL, since, waitMs).value;
  }

  get members(): readonly MemberRow[] {
    return parse(this.#roster.read()) as readonly MemberRow[];
  }

  set members(members: readonly MemberRow[]) {
    this.#roster.write(JSON.stringify(members));
  }

  get values(): readonly StoredValue[] {
    return parse(this.#values.read()) as readonly StoredValue[];
  }

  /** False when there is no room for them. */
  setValues(values: readonly StoredValue[]): boolean {
    return this.#values.write(JSON.stringify(values));
  }
}

function parse(text: string): readonly unknown[] {
  return text === '' ? [] : (JSON.parse(text) as readonly unknown[]);
}
