/**
 * How large the heaps of workers are, also of one that is in the middle of a loop and answers nobody.
 *
 * V8's own limit is no protection: when a single allocation (the next doubling of an array that grows) is larger than what is left, V8 ends
 * the process, not the thread. So that limit is set far above the real one, and the real one is kept from outside: by way
 * of V8's inspector, which interrupts a thread wherever it is. It is asked only about workers that look suspicious.
 */
import { Session } from 'node:inspector';
import { log } from '#base';

/** The largest single allocation V8 knows is an array of 1 GiB; what comes between two looks is added. */
export const HEADROOM_MB = 2048;

interface Reply {
  readonly id: number;
  readonly result?: { readonly usedSize?: number };
}

interface Watched {
  /** The inspector's name for the thread. */
  readonly session: string;
  /** Garbage does not count, so a heap above the limit is looked at again once it has been collected. */
  state: 'below' | 'collecting' | 'collected';
  /** The question whose answer says that the garbage has been collected. */
  collection: number;
  unanswered: number;
  /** A tighter limit that holds as long as the request runs that the last look was about. */
  ownLimitBytes: number | undefined;
}

/** A thread that is in a long call of the system answers later; so many questions may lie there. */
const UNANSWERED_LIMIT = 100;

/** The thread hears of it at the next turn of its inspector, which runs also in the middle of a loop. */
const LEAVING_MS = 50;

export class HeapWatch {
  readonly #session = new Session();
  readonly #limitBytes: number;
  readonly #onAbove: (threadId: number, isOfService: boolean) => void;
  readonly #watched = new Map<number, Watched>();
  #lastQuestion = 0;

  /** `onAbove` is told of threads with more on their heaps than the limit, or than the service that they run may have. */
  constructor(limitMb: number, onAbove: (threadId: number, isOfService: boolean) => void) {
    this.#limitBytes = limitMb * 1024 * 1024;
    this.#onAbove = onAbove;
  }

  /** From now on threads that start are known. */
  start(): void {
    this.#session.connect();
    this.#session.on('NodeWorker.attachedToWorker', ({ params: { sessionId, workerInfo } }) => {
      // The inspector counts workers by itself; the title begins with the number of the thread.
      const threadId = /^\[worker (\d+)\]/.exec(workerInfo.title)?.[1];
      if (threadId === undefined) return;
      this.#watched.set(Number(threadId), { session: sessionId, state: 'below', collection: 0, unanswered: 0, ownLimitBytes: undefined });
    });
    this.#session.on('NodeWorker.receivedMessageFromWorker', ({ params: { sessionId, message } }) => {
      for (const [threadId, watched] of this.#watched) {
        if (watched.session === sessionId) this.#receive(threadId, watched, JSON.parse(message) as Reply);
      }
    });
    this.#session.post('NodeWorker.enable', { waitForDebuggerOnStart: false }, (error) => {
      if (error !== null) log.error('threads', 'the memory of workers is not watched', error);
    });
  }

  stop(): void {
    this.#session.disconnect();
  }

  /** The thread has ended. */
  forget(threadId: number): void {
    this.#watched.delete(threadId);
  }

  /** The thread is about to be ended: one that has opened an inspector of its own waits until nobody looks at it. */
  async leave(threadId: number): Promise<void> {
    const watched = this.#watched.get(threadId);
    this.#watched.delete(threadId);
    if (watched === undefined) return;
    await new Promise<void>((resolve) => this.#session.post('NodeWorker.detach', { sessionId: watched.session }, () => resolve()));
    await new Promise((resolve) => setTimeout(resolve, LEAVING_MS));
  }

  /**
   * Asks for a thread's heap. Not in one go with what follows: a question that is asked while the thread is just answering another may
   * lie there until the next one comes, so every look asks again.
   */
  look(threadId: number, ownLimitMb?: number): void {
    const watched = this.#watched.get(threadId);
    if (watched !== undefined) watched.ownLimitBytes = ownLimitMb === undefined ? undefined : ownLimitMb * 1024 * 1024;
    if (watched !== undefined && watched.unanswered < UNANSWERED_LIMIT) this.#ask(watched, 'Runtime.getHeapUsage');
  }

  #ask(watched: Watched, method: string, params: object = {}): number {
    const id = ++this.#lastQuestion;
    watched.unanswered++;
    this.#session.post('NodeWorker.sendMessageToWorker', { sessionId: watched.session, message: JSON.stringify({ id, method, params }) });
    return id;
  }

  /**
   * Has the thread collect its garbage on the spot. `HeapProfiler.collectGarbage` would wait for the event loop; the end of a
   * sampling does it in passing. With such an interval nothing is ever sampled.
   */
  #collect(watched: Watched): void {
    watched.state = 'collecting';
    this.#ask(watched, 'HeapProfiler.startSampling', { samplingInterval: Number.MAX_SAFE_INTEGER });
    watched.collection = this.#ask(watched, 'HeapProfiler.stopSampling');
  }

  #receive(threadId: number, watched: Watched, { id, result }: Reply): void {
    watched.unanswered--;
    if (id === watched.collection) watched.state = 'collected';
    const usedBytes = result?.usedSize;
    if (usedBytes === undefined || watched.state === 'collecting') return;
    const limitBytes = Math.min(this.#limitBytes, watched.ownLimitBytes ?? Infinity);
    if (usedBytes <= limitBytes) {
      watched.state = 'below';
    } else if (watched.state === 'collected') {
      this.#onAbove(threadId, limitBytes < this.#limitBytes);
    } else {
      this.#collect(watched);
    }
  }
}
