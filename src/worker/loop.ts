/**
 * The loop of a worker: claims one request after the other from the queue they all share, has it answered, reports the answer.
 *
 * One request is claimed at a time, so none stands behind another in this worker while a second worker is free. A handler that answers
 * later, or an answer that waits for the disk, gives the thread back: the next request is claimed meanwhile, up to a limit.
 */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import {
  attachRunLimits,
  BEAT,
  clock,
  CURRENT,
  FRONT_IS_CALLED,
  HAS_MAIL,
  HEAP_MB,
  MANY_WAITING,
  ASLEEP,
  AWAKE,
  RESTING,
  SLEEP,
  STANDS_BACK,
  Lane,
  metrics,
  packetMemory,
  readRequest,
  SLOT_BYTES,
  SLOT_HEADER_BYTES,
  SlotQueue,
  writeAnswer,
  type AnswerParts,
  type HttpAnswer,
  type HttpRequest,
  type Peeked,
  type ReceivedRequest,
  type WorkerMessage,
  type WorkerSetup,
} from '#base';
import { answerOptions, errorAnswer, finishAnswer, preflightAnswer, type AnswerOptions } from './answer.ts';
import type { Handler, JointHandler } from './handler.ts';
import { inflateRequest } from './inflate.ts';

/** How long requests may be served without letting timers and promises have their turn. */
const TURN_MS = 5;
/** The same while answers are pending, which those turns bring. */
const TURN_WITH_PENDING_MS = 0.5;
/** Under load the next request comes within this time, and a thread that blocks is woken for less than an event loop. */
const LINGER_MS = 1;
const BEAT_MS = 500;
/**
 * How long the first of several answers may wait for the others while requests are waiting too: waking the front for each costs more than
 * most answers. Should the next request take long, the front comes by on its own: it does every few milliseconds while requests wait.
 */
const GATHER_MS = 0.1;
/** The same for answers to small writes, of which several make their commits safe at once. */
const GATHER_WRITES_MS = 0.4;
/**
 * Small writes of several workers take their turns, and each worker follows what the others have written. So a worker leaves them to the one
 * that leads, and rests, when it has had to wait in one of `WAITS_SHARE` requests. Where there are no more processors than the network and
 * one worker need, it does so as soon as most of its requests are small writes. It looks at so many requests at a time, and for a rest it takes so many
 * waits or writes at least.
 */
const WAITS_SHARE = 4;
const WINDOW = 64;
const LEAST = 4;
const REST_MS = 50;
/** Who stands back is called when it is needed; should that be missed, it comes by on its own. */
const STAND_BACK_MS = 500;
/** So many requests are answered together at most. */
const TOGETHER_LIMIT = 32;
const ARE_PROCESSORS_FEW = availableParallelism() <= 2;

/** A request that runs, or whose answer waits for the disk. */
interface Run {
  readonly slot: number;
  readonly received: ReceivedRequest;
  readonly queuedMs: number;
}

export class RequestLoop {
  readonly #index: number;
  readonly #queue: SlotQueue;
  readonly #lane: Lane;
  readonly #mail: MessagePort;
  readonly #post: (message: WorkerMessage, transfer: readonly ArrayBuffer[]) => void;
  readonly #onBroken: (error: unknown) => void;
  readonly #options: AnswerOptions;
  readonly #bodyLimitBytes: number;
  readonly #pendingLimit: number;
  #handler: Handler | undefined;
  /** What has begun and is not answered, other than the request that runs right now. By slot. */
  readonly #pending = new Map<number, Run>();
  #stopped: (() => void) | undefined;
  #isRunning = false;
  /** A request is being served in a turn, after which the front is told of what lies in the lane. */
  #isServing = false;
  /** When the oldest answer was put into the lane of which the front has not been told; undefined when there is none. */
  #untoldSinceMs: number | undefined;
  /** Answers that lie in their slots until what they tell of has been made safe. */
  readonly #held: Run[] = [];
  /** When the last request was taken. */
  #nowMs = 0;
  /** Of the requests that it looks at: how many there were, how many were small writes, how many had to wait for another thread's commit. */
  #requests = 0;
  #writes = 0;
  #waits = 0;
  #isLeading = false;
  #isResting = false;

  /** `onBroken` ends the thread: it can answer no more, not even with an error. */
  constructor(
    setup: WorkerSetup,
    post: (message: WorkerMessage, transfer: readonly ArrayBuffer[]) => void,
    onBroken: (error: unknown) => void,
  ) {
    this.#onBroken = onBroken;
    this.#index = setup.index;
    this.#queue = new SlotQueue(setup.exchange);
    this.#lane = new Lane(setup.lane);
    attachRunLimits(this.#lane.words);
    this.#mail = setup.mail;
    this.#post = post;
    this.#options = answerOptions(setup.config);
    this.#bodyLimitBytes = setup.config['http.maximal-body-size'];
    this.#pendingLimit = setup.config['server.async-requests-per-thread'];
  }

  start(handler: Handler): void {
    this.#handler = handler;
    if (handler.gathering !== undefined) {
      handler.gathering.commits.onDelay = (delay) => {
        if (delay === 'wait') this.#waits++;
        this.#tell();
      };
    }
    setInterval(() => this.#beat(), BEAT_MS).unref();
    this.#run();
  }

  /** Claims nothing more; resolves when all that had begun is answered. */
  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#stopped = resolve;
      this.#checkStopped();
    });
  }

  #checkStopped(): void {
    if (this.#pending.size === 0) this.#stopped?.();
  }

  readonly #run = (): void => {
    this.#isRunning = true;
    try {
      this.#isRunning = this.#takeTurn();
      if (!this.#isFrontComing) this.#tell();
    } catch (error) {
      this.#onBroken(error);
    }
  };

  /** Serves requests for a while; true when it goes on later. */
  #takeTurn(): boolean {
    this.#nowMs = clock.monotonic();
    const startedAtMs = this.#nowMs;
    while (this.#stopped === undefined && this.#pending.size < this.#pendingLimit) {
      const slot = this.#queue.claim(this.#index);
      if (slot === undefined) {
        this.#tell();
        if (!this.#sleep()) return true;
      } else {
        this.#isServing = true;
        this.#serve(slot);
        this.#isServing = false;
        // One that took long does not wait for the next: that may take as long.
        const gatherMs = this.#held.length === 0 ? GATHER_MS : GATHER_WRITES_MS;
        if (this.#untoldSinceMs !== undefined && clock.monotonic() - this.#untoldSinceMs > gatherMs && !this.#isFrontComing) this.#tell();
      }
      if (this.#handler?.hasMoreToDo?.() === true) {
        // It may take long: what comes meanwhile is for others.
        this.#tell();
        setImmediate(this.#run);
        return true;
      }
      const restMs = this.#restMs();
      if (restMs > 0) {
        this.#tell();
        void this.#rest(restMs);
        return true;
      }
      if (this.#nowMs - startedAtMs > (this.#pending.size > 0 ? TURN_WITH_PENDING_MS : TURN_MS)) {
        setImmediate(this.#run);
        return true;
      }
    }
    return false;
  }

  /** Of itself, for the answers that lie in the lane. Those that are held lie elsewhere. */
  get #isFrontComing(): boolean {
    return this.#held.length === 0 && this.#queue.length >= MANY_WAITING;
  }

  /** Waits for a request, blocking for a moment first; false when the loop is to end and will be called. */
  #sleep(): boolean {
    const { words } = this.#lane;
    Atomics.store(words, SLEEP, ASLEEP);
    // A request that came just before may have been put there by someone who saw this worker awake.
    if (this.#queue.length > 0) {
      Atomics.store(words, SLEEP, AWAKE);
      return true;
    }
    if (this.#pending.size === 0 && Atomics.wait(words, SLEEP, ASLEEP, LINGER_MS) !== 'timed-out') return true;
    const woken = Atomics.waitAsync(words, SLEEP, ASLEEP);
    if (!woken.async) return true;
    void woken.value.then(this.#run);
    return false;
  }

  /** 0: none. */
  #restMs(): number {
    if (Atomics.load(this.#lane.words, STANDS_BACK) === 1) return STAND_BACK_MS;
    return this.#mayRest() ? REST_MS : 0;
  }

  #mayRest(): boolean {
    const isInTheWay =
      (this.#waits >= LEAST && this.#waits * WAITS_SHARE > this.#requests) ||
      (ARE_PROCESSORS_FEW && this.#writes >= LEAST && this.#writes * 2 > this.#requests);
    const mayRest = isInTheWay && !this.#isLeading;
    if (mayRest || this.#requests >= WINDOW) {
      this.#requests = 0;
      this.#writes = 0;
      this.#waits = 0;
    }
    return mayRest;
  }

  /** Takes no requests for a while, unless the others do not either. What is pending goes on. */
  async #rest(restMs: number): Promise<void> {
    const { words } = this.#lane;
    Atomics.store(words, SLEEP, RESTING);
    this.#isResting = true;
    const rest = Atomics.waitAsync(words, SLEEP, RESTING, restMs);
    if (rest.async) await rest.value;
    Atomics.store(words, SLEEP, AWAKE);
    this.#isResting = false;
    this.#run();
  }

  #serve(slot: number): void {
    const run = this.#take(slot);
    const { request } = run.received;
    const together = this.#handler?.together;
    const isCompanion = this.#queue.length > 0 ? together?.companionsOf(request) : undefined;
    if (together !== undefined && isCompanion !== undefined) this.#serveTogether(run, together, isCompanion);
    else {
      this.#beginGathering(request);
      this.#conclude(run, this.#begin(run));
      this.#endGathering();
    }
    Atomics.store(this.#lane.words, CURRENT, 0);
  }

  /** One and those of its kind that wait behind it. Others that are free had the same chance to claim them. */
  #serveTogether(first: Run, together: JointHandler, isCompanion: (other: Peeked) => boolean): void {
    const runs = [first];
    while (runs.length < TOGETHER_LIMIT) {
      const slot = this.#queue.claim(this.#index, isCompanion);
      if (slot === undefined) break;
      runs.push(this.#take(slot));
    }
    const answers = together.handle(
      runs.map(({ received }) => received.request),
      (place) => this.#begin(runs[place]!),
    );
    runs.forEach((run, place) => {
      const answer = answers[place];
      if (answer !== undefined) this.#conclude(run, answer);
    });
    // Alone one may take long: what is answered need not wait for it.
    for (const run of runs.filter((_run, place) => answers[place] === undefined)) {
      this.#tell();
      this.#conclude(run, this.#begin(run));
    }
  }

  #take(slot: number): Run {
    this.#requests++;
    const received = this.#receive(slot);
    this.#nowMs = clock.monotonic();
    const queuedMs = this.#nowMs - received.arrivedAtMs;
    metrics.observe('arangodb_client_connection_statistics_queue_time', queuedMs / 1000);
    return { slot, received, queuedMs };
  }

  #begin({ slot, received, queuedMs }: Run): HttpAnswer | Promise<HttpAnswer> {
    Atomics.store(this.#lane.words, CURRENT, slot + 1);
    this.#queue.begin(slot, this.#index);
    return this.answer(received.request, queuedMs);
  }

  #conclude(run: Run, answer: HttpAnswer | Promise<HttpAnswer>): void {
    if (answer instanceof Promise) {
      this.#pending.set(run.slot, run);
      void this.#finishLater(run, answer);
    } else {
      this.#finish(run, answer);
    }
  }

  /** Held answers wait for small writes only: all else may take long, or may have this worker ended. */
  #beginGathering(request: HttpRequest): void {
    const gathering = this.#handler?.gathering;
    if (gathering === undefined) return;
    const isOn = gathering.isFor(request);
    if (!isOn && this.#held.length > 0) this.#tell();
    gathering.commits.isOn = isOn;
    if (isOn) this.#isLeading = this.#queue.lead(this.#index, this.#nowMs);
  }

  #endGathering(): void {
    const gathering = this.#handler?.gathering;
    if (gathering !== undefined) gathering.commits.isOn = false;
  }

  #receive(slot: number): ReceivedRequest {
    if (!this.#queue.isMail(slot)) return readRequest(this.#queue.slots, this.#queue.offset(slot), { isOwned: false });
    this.#lane.report(slot, true);
    this.#call();
    Atomics.wait(this.#lane.words, HAS_MAIL, 0);
    Atomics.store(this.#lane.words, HAS_MAIL, 0);
    const letter: { readonly message: ArrayBuffer } | undefined = receiveMessageOnPort(this.#mail);
    assert(letter !== undefined, 'the front posts first and rings then');
    return readRequest(packetMemory(letter.message), 0, { isOwned: true });
  }

  /** The answer to a request, whatever goes wrong. */
  answer(received: HttpRequest, queuedMs = 0): HttpAnswer | Promise<HttpAnswer> {
    if (received.method === 'OPTIONS') return preflightAnswer(received);
    assert(this.#handler !== undefined, 'requests come after the start');
    try {
      const request = 'content-encoding' in received.headers ? inflateRequest(received, this.#bodyLimitBytes) : received;
      const answer = this.#handler.handle(request, queuedMs);
      // Not `instanceof`: a promise may come out of a service's own realm.
      return 'then' in answer ? Promise.resolve(answer).catch(errorAnswer) : answer;
    } catch (error) {
      return errorAnswer(error);
    }
  }

  /** False when the front has given the request up meanwhile, and its slot may be another's. */
  #settle(run: Run): boolean {
    if (this.#pending.get(run.slot) !== run) return false;
    this.#pending.delete(run.slot);
    return true;
  }

  async #finishLater(run: Run, answer: Promise<HttpAnswer>): Promise<void> {
    const later = await answer;
    if (this.#settle(run)) this.#finish(run, later);
    this.#goOn();
  }

  #finish(run: Run, answer: HttpAnswer): void {
    if (answer.isDurable !== true || this.#handler === undefined) {
      this.#report(run, answer);
      return;
    }
    this.#pending.set(run.slot, run);
    const done = (error?: Error): void => {
      if (this.#settle(run)) this.#report(run, error === undefined ? answer : errorAnswer(error));
      this.#goOn();
    };
    try {
      this.#handler.whenDurable(done);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #report(run: Run, answer: HttpAnswer): void {
    const { received, queuedMs } = run;
    try {
      this.#write(run, finishAnswer(received.request, answer, queuedMs, this.#options));
    } catch (error) {
      this.#write(run, finishAnswer(received.request, errorAnswer(error), queuedMs, this.#options));
    }
  }

  #write(run: Run, parts: AnswerParts): void {
    const { slot } = run;
    const start = this.#queue.offset(slot);
    if (writeAnswer(this.#queue.slots.bytes, start, start + SLOT_BYTES - SLOT_HEADER_BYTES, parts)) {
      if (this.#isGathering) this.#hold(run);
      else this.#lane.report(slot, false);
      this.#untoldSinceMs ??= this.#nowMs;
      if (!this.#isServing) this.#tell();
    } else {
      if (this.#isGathering) this.#handler?.gathering?.commits.write();
      // A copy, for what is sent along is taken away from here.
      const body = Uint8Array.from(typeof parts.body === 'string' ? Buffer.from(parts.body) : parts.body);
      this.#post({ type: 'answer', slot, answer: { ...parts, body } }, [body.buffer]);
    }
  }

  /** The request that runs has committed what is still to be made safe, or has seen it. */
  get #isGathering(): boolean {
    const commits = this.#handler?.gathering?.commits;
    return commits !== undefined && commits.isOn && commits.isPending;
  }

  #hold(run: Run): void {
    this.#held.push(run);
    this.#writes++;
  }

  /** Tells the front of the answers in the lane. */
  #tell(): void {
    if (this.#untoldSinceMs === undefined) return;
    this.#untoldSinceMs = undefined;
    if (this.#held.length > 0) this.#letGo();
    this.#call();
  }

  #letGo(): void {
    const held = this.#held.splice(0);
    try {
      this.#handler?.gathering?.commits.write();
    } catch (error) {
      for (const run of held) this.#report(run, errorAnswer(error));
      return;
    }
    for (const { slot } of held) this.#lane.report(slot, false);
  }

  /** Makes the front look into the lanes, unless it is about to: most of the time it is, and this costs nothing. */
  #call(): void {
    const { words } = this.#queue;
    if (Atomics.load(words, FRONT_IS_CALLED) === 0 && Atomics.exchange(words, FRONT_IS_CALLED, 1) === 0)
      Atomics.notify(words, FRONT_IS_CALLED);
  }

  /** After something pending has ended. */
  #goOn(): void {
    if (this.#stopped !== undefined) this.#checkStopped();
    else if (!this.#isRunning && !this.#isResting) this.#run();
  }

  #beat(): void {
    Atomics.add(this.#lane.words, BEAT, 1);
    Atomics.store(this.#lane.words, HEAP_MB, process.memoryUsage().heapUsed / 1024 / 1024);
    for (const run of this.#pending.values()) {
      if (!this.#queue.isGivenUp(run.slot)) continue;
      // Its client has been answered; nobody knows whether it will ever end.
      this.#settle(run);
      this.#lane.report(run.slot, false);
      this.#call();
      this.#goOn();
    }
  }
}
