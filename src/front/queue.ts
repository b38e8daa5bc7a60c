/**
 * The front's half of the exchange: requests go into slots and into the queue, answers come back out of the lanes.
 *
 * Each request that is submitted gets exactly one answer, whatever becomes of its worker. While it waits it can be withdrawn; once
 * begun it never runs again. The queue has a limit in length and in time; beyond either the answer is 503.
 */
import assert from 'node:assert/strict';
import type { MessagePort } from 'node:worker_threads';
import {
  clock,
  CURRENT,
  FRONT_IS_CALLED,
  HAS_MAIL,
  LIMIT_MS,
  MANY_WAITING,
  tighterLimit,
  ASLEEP,
  AWAKE,
  RESTING,
  SLEEP,
  STANDS_BACK,
  Lane,
  metrics,
  packetMemory,
  readAnswer,
  requestBytes,
  SLOT_BYTES,
  SLOT_HEADER_BYTES,
  SlotQueue,
  writeRequest,
  type AnswerParts,
  type ExchangeMemory,
  type RequestParts,
  type WrittenAnswer,
} from '#base';
import { refuse, type Refusal } from './refusal.ts';

/** Who waits for an answer. Its bytes are good until `answered` returns, unless they are owned. */
export interface Receiver {
  answered(answer: WrittenAnswer): void;
}

export interface QueueLimits {
  /** So many requests may wait. */
  readonly waiting: number;
  /** So many more may be with workers. */
  readonly running: number;
  /** Nothing waits longer; 0: no limit. */
  readonly waitingMs: number;
  /** Nothing runs longer; 0: no limit. */
  readonly runningMs: number;
}

export interface SubmitOptions {
  /** The client gives up when the request has to wait longer (`x-arango-queue-time-seconds`). */
  readonly queueTimeLimitMs?: number | undefined;
}

/** A request that was submitted. There is one object for each slot, used again and again. */
interface Ticket {
  receiver: Receiver | undefined;
  /** The request, where it does not fit a slot and no worker has asked for it. */
  packet: ArrayBuffer | undefined;
  position: number;
  submittedAtMs: number;
  waitsUntilMs: number;
  isImpatient: boolean;
  /** When it was first seen with a worker; 0 before. */
  runningSinceMs: number;
  /** The receiver has its answer, but the worker has not reported yet. */
  isAnswered: boolean;
}

export type WorkerEnd = { readonly refusal: Refusal; readonly others: Refusal };

export interface AttachedWorker {
  readonly lane: Lane;
  readonly mail: MessagePort;
}

/** It runs a request that takes longer than it may. */
export interface StuckWorker {
  readonly worker: number;
  readonly limitMs: number;
}

const RETRY_AFTER_SECONDS = 1;
/** How long a request waits for a worker that is awake before another is woken for it. */
const PATIENCE_MS = 1;
/**
 * How long answers wait for each other while many requests wait and all workers are at work: to come by for each answer, and for the request that follows it,
 * takes longer than to pass it on.
 */
const GATHER_MS = 3;
/** When those that are awake have claimed nothing for so long, those that rest are needed. */
const STALL_MS = 10;
/** The same for those that stand back, as the others have too little of the processors already. */
const LONG_STALL_MS = 100;

export class RequestQueue {
  readonly #slots: SlotQueue;
  readonly #limits: QueueLimits;
  readonly #tickets: Ticket[];
  readonly #free: number[];
  readonly #workers = new Map<number, AttachedWorker>();
  /** Workers that claim nothing more: no use in waking them. */
  readonly #retiring = new Set<number>();
  #isFlushing = false;
  /** The place in the ring of the last request that came. */
  #newest = 0;
  #isWatching = false;
  /** How far workers had come in the ring at the last look, and when that was seen first. */
  #lastHead = 0;
  #movedAtMs = 0;

  constructor(memory: ExchangeMemory, limits: QueueLimits) {
    this.#slots = new SlotQueue(memory);
    this.#limits = limits;
    this.#tickets = Array.from({ length: memory.slotCount }, () => ({
      receiver: undefined,
      packet: undefined,
      position: 0,
      submittedAtMs: 0,
      waitsUntilMs: Infinity,
      isImpatient: false,
      runningSinceMs: 0,
      isAnswered: false,
    }));
    // The slot freed last is used first: few slots are ever touched.
    this.#free = Array.from({ length: memory.slotCount }, (_, index) => memory.slotCount - 1 - index);
    this.#listen();
  }

  /** Sleeps until a worker calls; cheaper than a message, which costs some microseconds on both sides. */
  #listen(): void {
    const called = Atomics.waitAsync(this.#slots.words, FRONT_IS_CALLED, 0);
    if (called.async) void called.value.then(this.#onCall);
    else setImmediate(this.#onCall);
  }

  readonly #onCall = (): void => {
    this.drain();
    this.#listen();
  };

  /** Requests without an answer. */
  get size(): number {
    return this.#tickets.length - this.#free.length;
  }

  /** Requests that wait. Some may have been given up. */
  get waiting(): number {
    return this.#slots.length;
  }

  addWorker(worker: number, attached: AttachedWorker): void {
    this.#workers.set(worker, attached);
  }

  retireWorker(worker: number): void {
    this.#retiring.add(worker);
  }

  /** Takes a request, or answers it at once; gives the slot it lies in. */
  submit(parts: RequestParts, receiver: Receiver, { queueTimeLimitMs }: SubmitOptions = {}): number | undefined {
    const slot = this.#slots.length >= this.#limits.waiting || this.#slots.isFull ? undefined : this.#free.pop();
    if (slot === undefined) {
      metrics.add('arangodb_scheduler_queue_full_failures_total');
      receiver.answered(refuse({ error: 'ERROR_QUEUE_FULL', retryAfterSeconds: RETRY_AFTER_SECONDS }));
      return undefined;
    }
    const limitMs = this.#limits.waitingMs === 0 ? Infinity : this.#limits.waitingMs;
    const ticket = this.#ticket(slot);
    ticket.receiver = receiver;
    ticket.submittedAtMs = parts.arrivedAtMs;
    ticket.isImpatient = queueTimeLimitMs !== undefined && queueTimeLimitMs < limitMs;
    ticket.waitsUntilMs = parts.arrivedAtMs + Math.min(limitMs, queueTimeLimitMs ?? Infinity);
    ticket.runningSinceMs = 0;
    ticket.isAnswered = false;

    const bytes = requestBytes(parts);
    const at = this.#slots.offset(slot);
    if (bytes <= SLOT_BYTES - SLOT_HEADER_BYTES) {
      this.#slots.setIsMail(slot, false);
      writeRequest(this.#slots.slots, at, parts);
    } else {
      this.#slots.setIsMail(slot, true);
      ticket.packet = new ArrayBuffer(bytes);
      writeRequest(packetMemory(ticket.packet), 0, parts);
    }
    ticket.position = this.#slots.push(slot);
    this.#newest = ticket.position;
    if (!this.#isFlushing) {
      this.#isFlushing = true;
      // No need to be called before: what is ready by then leaves with that.
      Atomics.store(this.#slots.words, FRONT_IS_CALLED, 1);
      setImmediate(this.#flush);
    }
    return slot;
  }

  /** Nobody waits for the answer any more. A request that has not begun is not run. */
  abandon(slot: number, receiver: Receiver): void {
    const ticket = this.#ticket(slot);
    if (ticket.receiver !== receiver) return;
    if (this.#slots.withdraw(slot)) this.#release(slot);
    else ticket.isAnswered = true;
  }

  /**
   * All that came in one turn of the event loop wakes one worker, if none is awake: it has often done with all of it before a second
   * one would have come to itself. What still waits a moment later wakes the others.
   */
  readonly #flush = (): void => {
    this.#isFlushing = false;
    if (this.#isWatching && this.#isGathering) {
      // It comes by soon. Should the workers run out of requests before, they call.
      Atomics.store(this.#slots.words, FRONT_IS_CALLED, 0);
      return;
    }
    this.drain();
    if (this.#slots.length === 0) return;
    if (!this.#isAnyAwake()) this.wake(1);
    this.#watchWaiting();
  };

  /** Looks after what waits, and after answers whose worker has gone on to something that takes long, as long as anything waits. */
  #watchWaiting(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    const newest = this.#newest;
    setTimeout(
      () => {
        this.#isWatching = false;
        this.drain();
        if (this.#slots.length === 0) return;
        if (((newest - this.#slots.head) | 0) >= 0) this.wake();
        this.#wakeFromRest();
        this.#watchWaiting();
      },
      this.#isGathering ? GATHER_MS : PATIENCE_MS,
    ).unref();
  }

  /** There is no hurry: who is to answer has more to do, and nobody has to be woken. */
  get #isGathering(): boolean {
    if (this.#slots.length < MANY_WAITING) return false;
    for (const { lane } of this.#workers.values()) if (Atomics.load(lane.words, SLEEP) === ASLEEP) return false;
    return true;
  }

  /** Workers that rest rely on the others; when these take nothing, it is not for want of the processors that they share. */
  #wakeFromRest(): void {
    const now = clock.monotonic();
    const { head } = this.#slots;
    if (head !== this.#lastHead) {
      this.#lastHead = head;
      this.#movedAtMs = now;
      return;
    }
    const stallMs = now - this.#movedAtMs;
    for (const { lane } of this.#workers.values()) {
      const standsBack = Atomics.load(lane.words, STANDS_BACK) === 1;
      if (stallMs > (standsBack ? LONG_STALL_MS : STALL_MS)) lane.wakeFrom(RESTING);
    }
  }

  /** A worker is awake and, as far as one can tell, not at something long. */
  #isAnyAwake(): boolean {
    const now = clock.monotonic();
    for (const [worker, { lane }] of this.#workers) {
      if (this.#retiring.has(worker) || Atomics.load(lane.words, SLEEP) !== AWAKE) continue;
      const current = Atomics.load(lane.words, CURRENT);
      if (current === 0 || now - this.#ticket(current - 1).submittedAtMs < PATIENCE_MS) return true;
    }
    return false;
  }

  /** Wakes a sleeping worker for each waiting request; the first ones first, so that the last ones can be spared. */
  wake(most = Infinity): void {
    let waiting = Math.min(most, this.#slots.length);
    for (const [worker, { lane }] of this.#workers) {
      if (waiting <= 0) return;
      if (!this.#retiring.has(worker) && lane.wakeFrom(ASLEEP)) waiting--;
    }
  }

  /** Hands on all answers that lie in the lanes. */
  drain(): void {
    const { words } = this.#slots;
    // What comes while answers are written needs no call.
    Atomics.store(words, FRONT_IS_CALLED, 1);
    this.#drainLanes();
    // Who reports from now on calls; who did just before may have seen the word as it was, hence the second look.
    Atomics.store(words, FRONT_IS_CALLED, 0);
    this.#drainLanes();
  }

  #drainLanes(): void {
    for (const attached of this.#workers.values()) {
      for (let entry = attached.lane.take(); entry !== undefined; entry = attached.lane.take()) {
        if (entry < 0) this.#send(~entry, attached);
        else this.#answer(entry, readAnswer(this.#slots.slots.bytes, this.#slots.offset(entry)));
      }
    }
  }

  /** An answer that came as a message. */
  receive(slot: number, { status, closes, head, body }: AnswerParts): void {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    this.#answer(slot, { status, closes, head: Buffer.from(head, 'latin1'), body: bytes, isOwned: true });
  }

  #send(slot: number, { lane, mail }: AttachedWorker): void {
    const { packet } = this.#ticket(slot);
    assert(packet !== undefined, 'a worker asks once for the bytes of a request');
    this.#ticket(slot).packet = undefined;
    mail.postMessage(packet, [packet]);
    Atomics.store(lane.words, HAS_MAIL, 1);
    Atomics.notify(lane.words, HAS_MAIL);
  }

  #answer(slot: number, answer: WrittenAnswer): void {
    const { receiver, isAnswered, submittedAtMs } = this.#ticket(slot);
    metrics.observe('arangodb_client_connection_statistics_total_time', (clock.monotonic() - submittedAtMs) / 1000);
    assert(receiver !== undefined, 'a worker answers only what was submitted');
    if (!isAnswered) receiver.answered(answer);
    this.#release(slot);
  }

  #release(slot: number): void {
    const ticket = this.#ticket(slot);
    ticket.receiver = undefined;
    ticket.packet = undefined;
    this.#slots.release(slot);
    this.#free.push(slot);
  }

  #ticket(slot: number): Ticket {
    const ticket = this.#tickets[slot];
    assert(ticket !== undefined, `there is no slot ${slot}`);
    return ticket;
  }

  /** The requests under way with the state of each. */
  *#underWay(): Iterable<readonly [slot: number, ticket: Ticket]> {
    // Slots are taken from the first one on, so those in use stand near the beginning.
    for (let slot = 0, left = this.size; left > 0; slot++) {
      const ticket = this.#ticket(slot);
      if (ticket.receiver === undefined) continue;
      left--;
      yield [slot, ticket];
    }
  }

  /**
   * A worker has ended. What it had claimed but not begun waits again, unless it is a request whose bytes went with it.
   * Of what it had begun, the request that was running gets the first refusal, and those that were pending get the other.
   */
  removeWorker(worker: number, { refusal, others }: WorkerEnd): void {
    this.drain();
    const attached = this.#workers.get(worker);
    if (attached === undefined) return;
    this.#workers.delete(worker);
    this.#retiring.delete(worker);
    attached.mail.close();
    const current = Atomics.load(attached.lane.words, CURRENT) - 1;
    for (const [slot, ticket] of this.#underWay()) {
      const state = this.#slots.state(slot);
      if (state.is === 'waiting') {
        // The worker may have taken it out of the ring and not come to claim it.
        if (((ticket.position - this.#slots.head) | 0) < 0) ticket.position = this.#slots.push(slot);
      } else if (state.is !== 'free' && state.worker === worker) {
        const isMail = this.#slots.isMail(slot);
        if (state.is === 'claimed' && (!isMail || ticket.packet !== undefined)) ticket.position = this.#slots.push(slot);
        else this.#answer(slot, refuse(slot === current || state.is === 'claimed' ? refusal : others));
      }
    }
    this.wake();
  }

  /**
   * Looks at all that is under way; called regularly. Refuses what has waited too long, and answers for what takes too long: gives
   * the workers that are stuck in such a request, and how long the oldest has waited. For a worker with a debugger no time passes.
   */
  inspect(isDebugged: (worker: number) => boolean): { readonly stuck: readonly StuckWorker[]; readonly longestWaitMs: number } {
    const now = clock.monotonic();
    const stuck: StuckWorker[] = [];
    let longestWaitMs = 0;
    for (const [slot, ticket] of this.#underWay()) {
      const state = this.#slots.state(slot);
      if (state.is === 'waiting') {
        if (now < ticket.waitsUntilMs) longestWaitMs = Math.max(longestWaitMs, now - ticket.submittedAtMs);
        else this.#giveUp(slot, ticket);
      } else if (state.is !== 'free') {
        if (ticket.runningSinceMs === 0 || isDebugged(state.worker)) ticket.runningSinceMs = now;
        const runningForMs = now - ticket.runningSinceMs;
        const lane = this.#workers.get(state.worker)?.lane;
        if (lane !== undefined && Atomics.load(lane.words, CURRENT) === slot + 1) {
          const limitMs = tighterLimit(this.#limits.runningMs, Atomics.load(lane.words, LIMIT_MS));
          if (limitMs > 0 && runningForMs >= limitMs) stuck.push({ worker: state.worker, limitMs });
        } else if (this.#limits.runningMs > 0 && runningForMs >= this.#limits.runningMs) {
          this.#answerFor(slot, ticket);
        }
      }
    }
    return { stuck, longestWaitMs };
  }

  #giveUp(slot: number, ticket: Ticket): void {
    if (!this.#slots.withdraw(slot)) return;
    metrics.add('arangodb_scheduler_queue_time_violations_total');
    const seconds = ((ticket.waitsUntilMs - ticket.submittedAtMs) / 1000).toFixed(3);
    this.#answer(
      slot,
      refuse(
        ticket.isImpatient
          ? { error: 'ERROR_QUEUE_TIME_REQUIREMENT_VIOLATED', status: 412, detail: `no worker was free within ${seconds} s` }
          : { error: 'ERROR_QUEUE_FULL', detail: `no worker was free within ${seconds} s`, retryAfterSeconds: RETRY_AFTER_SECONDS },
      ),
    );
  }

  /** For a request that keeps no worker busy but does not come to an end: its client gets an answer, its worker goes on. */
  #answerFor(slot: number, ticket: Ticket): void {
    this.#slots.giveUp(slot);
    if (ticket.isAnswered) return;
    ticket.isAnswered = true;
    ticket.receiver?.answered(refuse(tookTooLong(this.#limits.runningMs)));
  }

  /** Answers all that has no answer yet, when the time to finish has run out. What waits is not run any more. */
  refuseAll(refusal: Refusal): void {
    for (const [slot, ticket] of this.#underWay()) {
      if (this.#slots.withdraw(slot)) {
        this.#answer(slot, refuse(refusal));
        continue;
      }
      if (ticket.isAnswered) continue;
      ticket.isAnswered = true;
      ticket.receiver?.answered(refuse(refusal));
    }
  }
}

export function tookTooLong(limitMs: number): Refusal {
  return { error: 'ERROR_REQUEST_CANCELED', status: 504, detail: `it took longer than ${limitMs / 1000} s`, closes: false };
}
