/**
 * The workers: how many there are, and what happens when one ends.
 *
 * There are always the minimum; one more starts when all are busy and a request waits, up to the maximum, and goes again when it has had nothing to
 * do for a while. A worker that runs out of memory, crashes, or is stuck in a request is replaced: its request gets an
 * answer, what it had not begun goes to others.
 */
import { MessageChannel, Worker } from 'node:worker_threads';
import {
  BEAT,
  clock,
  createLane,
  CURRENT,
  HEAP_MB,
  AWAKE,
  RESTING,
  SLEEP,
  STANDS_BACK,
  LIMIT_MB,
  Lane,
  log,
  metrics,
  type Config,
  type ExchangeMemory,
  type FrontMessage,
  type Order,
  type WorkerMessage,
  type WorkerSetup,
  type WorkerSurroundings,
} from '#base';
import { Crew } from './crew.ts';
import { HEADROOM_MB, HeapWatch } from './heap-watch.ts';
import type { Inspector } from './inspector.ts';
import { askQueue } from './own-requests.ts';
import { Processors } from './processors.ts';
import { tookTooLong, type RequestQueue, type WorkerEnd } from './queue.ts';

export interface PoolOptions {
  /** The module that a worker thread starts with. */
  readonly entry: URL;
  readonly minimum: number;
  readonly maximum: number;
  /** A worker beyond the minimum goes after so long without a request. */
  readonly idleMs: number;
  /** A worker is replaced after so many requests; 0: never. */
  readonly requestLimit: number;
  /** A request that runs longer is ended with its worker; 0: never. */
  readonly runningMs: number;
  readonly heapMb: number;
  readonly youngHeapMb: number;
  /** Workers wait for nothing that is not on this machine: when the processors have no time, more of them are of no use. */
  readonly isDataNear: boolean;
  /** A worker's thread is gone, in order or not: what it held can be given to others. */
  readonly onThreadEnd?: (thread: { readonly index: number; readonly threadId: number }) => void;
  /** Where debuggers come in. */
  readonly inspector?: Inspector | undefined;
  /** A request wants something of the whole process. */
  readonly onOrder?: (order: Order) => void;
  /** Ends a thread from outside, at a moment when that harms nobody. */
  readonly endThread?: (thread: Worker) => Promise<unknown>;
}

interface Member {
  readonly index: number;
  readonly worker: Worker;
  /** The system's number for it, which the worker itself forgets when it ends. */
  readonly threadId: number;
  readonly lane: Lane;
  state: 'starting' | 'ready' | 'retiring';
  /** Why it is being ended, once that is known. */
  end: WorkerEnd | undefined;
  cause: string | undefined;
  reported: number;
  idleSinceMs: number;
  beat: number;
  beatAtMs: number;
  /** The slot of the request that was running at the last look, plus one. */
  current: number;
  /** Since when it is at that request. */
  currentSinceMs: number;
}

/** How often the pool looks after its workers. */
const WATCH_MS = 50;
/** A request that has waited so long while all are busy asks for another worker. */
const GROW_AFTER_MS = 20;
/** A request that has waited so long asks for one even if all workers answer request after request. */
const LONG_WAIT_MS = 250;
/** Workers count up twice a second; on a machine that is short of time one or two may be late. */
const BEAT_MISSED_MS = 1_500;
/** From which share of the limit on a heap is looked at more closely. */
const SUSPICIOUS_SHARE = 0.8;
/** A worker that is at one request for so long is not counted on. */
const HELD_UP_MS = 250;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5_000;
/** So many have a place in the metrics. */
const WORKERS_LIMIT = 64;

const CRASHED: WorkerEnd = {
  refusal: { error: 'ERROR_INTERNAL', detail: 'the worker ended before it had answered' },
  others: { error: 'ERROR_INTERNAL', detail: 'the worker ended before it had answered' },
};
const ENDED_FOR_ANOTHER = { error: 'ERROR_INTERNAL', detail: 'the worker had to be ended for another request' } as const;

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

/** Whether a worker has been at its request since before that time. */
function isAtOneSince({ current, currentSinceMs }: Member, timeMs: number): boolean {
  return current !== 0 && currentSinceMs < timeMs;
}

/** At one request for long, or it does not turn: at something that is no request any more, a job or what a service began. */
function isHeldUp(member: Member, now: number): boolean {
  return member.state === 'ready' && (isAtOneSince(member, now - HELD_UP_MS) || now - member.beatAtMs > BEAT_MISSED_MS / 2);
}

function isAsleep({ lane }: Member): boolean {
  return Atomics.load(lane.words, SLEEP) !== AWAKE;
}

export class WorkerPool {
  readonly #queue: RequestQueue;
  readonly #memory: ExchangeMemory;
  readonly #options: PoolOptions;
  readonly #members = new Map<number, Member>();
  readonly #heaps: HeapWatch;
  readonly #processors = new Processors();
  readonly #crew: Crew | undefined;
  #surroundings: WorkerSurroundings | undefined;
  #watch: NodeJS.Timeout | undefined;
  #isStopping = false;
  #failuresInARow = 0;
  /** Workers that sleep until another worker has answered their own request. */
  #asking = 0;

  constructor(queue: RequestQueue, memory: ExchangeMemory, options: PoolOptions) {
    this.#queue = queue;
    this.#memory = memory;
    this.#options = options;
    this.#crew = options.isDataNear ? new Crew() : undefined;
    this.#heaps = new HeapWatch(options.heapMb, (threadId, isOfService) => this.#endTooLarge(threadId, isOfService));
  }

  get size(): number {
    return this.#members.size;
  }

  /** Starts the least number of workers; resolves when all are ready, and fails when one of them cannot start. */
  async start(surroundings: WorkerSurroundings): Promise<void> {
    this.#surroundings = surroundings;
    this.#heaps.start();
    const starts = Array.from({ length: this.#options.minimum }, () => this.#spawn(surroundings));
    await Promise.all(starts);
    this.#watch = setInterval(() => this.#look(), WATCH_MS).unref();
  }

  /** Workers finish what they have begun, and end; those that have not after `withinMs` are ended. */
  async stop(withinMs: number): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#watch);
    const ends = [...this.#members.values()].map(async (member) => {
      const exit = new Promise((resolve) => member.worker.once('exit', resolve));
      this.#tell(member, { do: 'stop' });
      const timer = setTimeout(() => this.#terminate(member), withinMs);
      await exit;
      clearTimeout(timer);
    });
    await Promise.all(ends);
    this.#heaps.stop();
  }

  /** For workers that start from now on. */
  setConfig(config: Config): void {
    if (this.#surroundings !== undefined) this.#surroundings = { ...this.#surroundings, config };
  }

  tellAll(message: FrontMessage): void {
    for (const member of this.#members.values()) this.#tell(member, message);
  }

  #tell({ worker }: Member, message: FrontMessage): void {
    worker.postMessage(message);
  }

  #freeIndex(): number {
    let index = 0;
    while (this.#members.has(index)) index++;
    return index;
  }

  /** Starts a worker; resolves when it is ready, and fails when it ends before. */
  #spawn(surroundings: WorkerSurroundings): Promise<void> {
    const index = this.#freeIndex();
    const lane = createLane(this.#memory.slotCount);
    const { port1: mail, port2: theirs } = new MessageChannel();
    const setup: WorkerSetup = { ...surroundings, index, exchange: this.#memory, lane, mail: theirs };
    const worker = new Worker(this.#options.entry, {
      workerData: setup,
      transferList: [theirs],
      name: `worker ${index}`,
      // Workers that open their inspector do not say so on the standard error.
      ...(this.#options.inspector === undefined ? {} : { execArgv: [...process.execArgv, '--inspect-publish-uid=http'] }),
      resourceLimits: {
        maxOldGenerationSizeMb: this.#options.heapMb + HEADROOM_MB,
        maxYoungGenerationSizeMb: this.#options.youngHeapMb,
      },
    });
    const now = clock.monotonic();
    const member: Member = {
      index,
      worker,
      threadId: worker.threadId,
      lane: new Lane(lane),
      state: 'starting',
      end: undefined,
      cause: undefined,
      reported: 0,
      idleSinceMs: now,
      beat: 0,
      beatAtMs: now,
      current: 0,
      currentSinceMs: now,
    };
    this.#members.set(index, member);
    this.#queue.addWorker(index, { lane: member.lane, mail });
    metrics.add('arangodb_scheduler_threads_started_total');
    metrics.set('arangodb_scheduler_num_worker_threads', this.#members.size);

    const { threadId } = worker;
    return new Promise((resolve, reject) => {
      worker.on('message', (message: WorkerMessage) => {
        // After its end the slots it knew may be others'.
        if (this.#members.get(index) !== member) return;
        if (message.type === 'ready') {
          member.state = 'ready';
          // Its beat counts from now on, however long the start has taken.
          member.beatAtMs = clock.monotonic();
          this.#failuresInARow = 0;
          resolve();
        }
        this.#onMessage(index, message);
      });
      let failure: unknown;
      worker.on('error', (error) => {
        failure = error;
        if (isOutOfMemory(error)) this.#noteOutOfMemory(member);
        else log.error('threads', `worker ${index} has crashed`, error);
      });
      worker.on('exit', (code) => {
        const wasStarting = member.state === 'starting';
        this.#options.onThreadEnd?.({ index, threadId });
        this.#onExit(member, code);
        if (wasStarting) reject(failure instanceof Error ? failure : new Error(`worker ${index} ended at its start, with code ${code}`));
      });
    });
  }

  #onMessage(index: number, message: WorkerMessage): void {
    switch (message.type) {
      case 'ready':
        break;
      case 'inspector':
        this.#options.inspector?.add(index, message.url);
        break;
      case 'answer':
        this.#queue.receive(message.slot, message.answer);
        break;
      case 'ask':
        void this.#ask(message);
        break;
      case 'order':
        this.#options.onOrder?.(message.order);
        break;
    }
  }

  async #ask({ request, reply, turn }: Extract<WorkerMessage, { type: 'ask' }>): Promise<void> {
    this.#asking++;
    const answer = await askQueue(this.#queue, request);
    this.#asking--;
    reply.postMessage(answer);
    Atomics.store(turn, 0, 1);
    Atomics.notify(turn, 0);
    reply.close();
  }

  #onExit(member: Member, code: number): void {
    this.#members.delete(member.index);
    this.#options.inspector?.remove(member.index);
    this.#heaps.forget(member.threadId);
    metrics.add('arangodb_scheduler_threads_stopped_total');
    metrics.set('arangodb_scheduler_num_worker_threads', this.#members.size);
    this.#queue.removeWorker(member.index, member.end ?? CRASHED);
    if (this.#isStopping || member.state === 'retiring') {
      this.#refill();
      return;
    }
    metrics.add('foxden_worker_failures_total');
    log.error('threads', `worker ${member.index} has ended (${member.cause ?? `exit code ${code}`}) and is replaced`);
    if (member.state === 'starting') this.#failuresInARow++;
    const delayMs = this.#failuresInARow === 0 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (this.#failuresInARow - 1), LONGEST_DELAY_MS);
    setTimeout(() => this.#refill(), delayMs).unref();
  }

  /** Brings the workers up to the least number. Before the start has succeeded, a worker that fails is not replaced. */
  #refill(): void {
    if (this.#watch === undefined) return;
    while (!this.#isStopping && this.#members.size < this.#options.minimum) this.#grow();
  }

  #grow(): void {
    if (this.#surroundings === undefined) return;
    // What goes wrong is logged, and tried again, by `#onExit`.
    this.#spawn(this.#surroundings).catch((error: unknown) => log.debug('threads', `a worker did not start: ${String(error)}`));
  }

  #look(): void {
    this.#queue.drain();
    this.#adaptCrew();
    const { stuck, longestWaitMs } = this.#queue.inspect(this.#isDebugged);
    for (const { worker, limitMs } of stuck) this.#endStuck(worker, limitMs);
    const members = [...this.#members.values()];
    for (const member of members) this.#lookAt(member);
    const sleeping = members.filter(isAsleep).length;
    metrics.set('arangodb_scheduler_num_working_threads', members.length - sleeping);
    metrics.set('arangodb_scheduler_queue_length', this.#queue.waiting);

    if (longestWaitMs > GROW_AFTER_MS) {
      // Where all workers answer one request after the other, it is the machine that is busy: one more would only make them slower. So it is where no
      // processor has time, unless none of them comes to its next request: a new one is slow at first, and must not ask for another.
      const now = clock.monotonic();
      const isSlow = longestWaitMs > LONG_WAIT_MS || members.some(({ idleSinceMs }) => now - idleSinceMs > GROW_AFTER_MS);
      const wantsMore = isSlow && (!this.#processors.areBusy || members.every((member) => isHeldUp(member, now)));
      const isStarting = members.some(({ state }) => state === 'starting');
      if (sleeping > 0) this.#queue.wake();
      else if (wantsMore && !isStarting && members.length < this.#mostWorkers) this.#grow();
      return;
    }
    if (!this.#replaceHeldUp(members)) this.#shrink(members);
  }

  /** Those that came last stand back: they have answered the fewest requests. Nobody can count on one that is held up. */
  #adaptCrew(): void {
    const share = this.#processors.look();
    const crew = this.#crew;
    if (share === undefined || crew === undefined) return;
    const now = clock.monotonic();
    const able = [...this.#members.values()].filter((member) => member.state === 'ready' && !isHeldUp(member, now));
    crew.adapt(share, able.length);
    for (const [place, { lane }] of able.entries()) {
      const standsBack = Number(place >= crew.size);
      const didStandBack = Atomics.exchange(lane.words, STANDS_BACK, standsBack);
      if (didStandBack > standsBack) lane.wakeFrom(RESTING);
    }
  }

  readonly #isDebugged = (worker: number): boolean => this.#options.inspector?.isAttached(worker) ?? false;

  /**
   * A worker that is held up may never come back: there are as many others as there are to be, before anybody has to wait for one to start.
   * True when one was started, or none is to be let go.
   */
  #replaceHeldUp(members: readonly Member[]): boolean {
    const now = clock.monotonic();
    const heldUp = members.filter((member) => isHeldUp(member, now)).length;
    if (heldUp === 0) return false;
    if (members.length - heldUp < this.#options.minimum && members.length < this.#mostWorkers) this.#grow();
    return true;
  }

  /** Those that wait for another worker do not count, or all might wait for one that cannot start. */
  get #mostWorkers(): number {
    return Math.min(this.#options.maximum + this.#asking, WORKERS_LIMIT);
  }

  /** Has its heap measured if it has been at one request since the last look, is silent, or was large at its last beat. */
  #lookAt(member: Member): void {
    const { lane, state } = member;
    const now = clock.monotonic();
    const current = Atomics.load(lane.words, CURRENT);
    const isAtTheSame = current !== 0 && current === member.current && lane.reported === member.reported;
    const isSilent = now - member.beatAtMs > BEAT_MISSED_MS / 2;
    const isLarge = Atomics.load(lane.words, HEAP_MB) > SUSPICIOUS_SHARE * this.#options.heapMb;
    const limitMb = current === 0 ? 0 : Atomics.load(lane.words, LIMIT_MB);
    // What was there at the last beat is not the request's.
    const ownLimitMb = limitMb === 0 ? undefined : Atomics.load(lane.words, HEAP_MB) + limitMb;
    if (isAtTheSame || isSilent || isLarge) this.#heaps.look(member.threadId, ownLimitMb);
    member.current = current;
    if (!isAtTheSame) member.currentSinceMs = now;
    if (lane.reported !== member.reported) {
      member.reported = lane.reported;
      member.idleSinceMs = now;
    }
    const beat = Atomics.load(lane.words, BEAT);
    if (beat !== member.beat || current !== 0 || this.#isDebugged(member.index)) {
      member.beat = beat;
      member.beatAtMs = now;
    }
    const { runningMs, requestLimit } = this.#options;
    // Between requests its event loop has to turn: a loop in a timer or behind an `await` belongs to no request that could be named.
    if (runningMs > 0 && state === 'ready' && now - member.beatAtMs > Math.max(runningMs, BEAT_MISSED_MS))
      this.#endStuck(member.index, runningMs);
    else if (requestLimit > 0 && member.reported >= requestLimit) this.#replace(member);
  }

  #noteOutOfMemory(member: Member, isOfService = false): void {
    const detail = isOfService
      ? "the limit of the service's memory is reached"
      : `the limit of ${this.#options.heapMb} MiB for a worker's memory is reached`;
    member.cause = 'it ran out of memory';
    member.end = { refusal: { error: 'ERROR_OUT_OF_MEMORY', detail }, others: ENDED_FOR_ANOTHER };
  }

  #endTooLarge(threadId: number, isOfService: boolean): void {
    const member = [...this.#members.values()].find((each) => each.threadId === threadId);
    if (member === undefined || member.end !== undefined) return;
    this.#noteOutOfMemory(member, isOfService);
    this.#terminate(member);
  }

  #terminate({ index, worker, threadId }: Member): void {
    const { endThread = (thread: Worker) => thread.terminate() } = this.#options;
    const { inspector } = this.#options;
    inspector?.remove(index);
    if (inspector === undefined) this.#heaps.forget(threadId);
    const end = (): void => {
      endThread(worker).catch((error: unknown) => log.error('threads', `worker ${index} could not be ended`, error));
    };
    // Not in the middle of a message from the inspector, which has locks of that thread.
    if (inspector === undefined) setImmediate(end);
    else void this.#heaps.leave(threadId).then(end);
  }

  #endStuck(index: number, limitMs: number): void {
    const member = this.#members.get(index);
    if (member === undefined || member.end !== undefined) return;
    member.cause = `stuck for more than ${limitMs / 1000} s`;
    member.end = { refusal: tookTooLong(limitMs), others: ENDED_FOR_ANOTHER };
    this.#terminate(member);
  }

  /** Lets one worker go that is not needed any more. */
  #shrink(members: readonly Member[]): void {
    if (members.filter(({ state }) => state !== 'retiring').length <= this.#options.minimum) return;
    const now = clock.monotonic();
    const spare = members.findLast(({ state, idleSinceMs }) => state === 'ready' && now - idleSinceMs > this.#options.idleMs);
    if (spare !== undefined) this.#retire(spare);
  }

  /** One after the other, so that there are others meanwhile. */
  #replace(member: Member): void {
    const members = [...this.#members.values()];
    if (members.every(({ state }) => state === 'ready')) this.#retire(member);
  }

  #retire(member: Member): void {
    member.state = 'retiring';
    this.#queue.retireWorker(member.index);
    this.#tell(member, { do: 'stop' });
  }
}
