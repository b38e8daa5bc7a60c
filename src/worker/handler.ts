/**
 * The seam between a worker thread and what it runs: the loop brings requests, a handler answers them. Tests bring handlers of
 * their own; the server's is made of `api` and `services`.
 */
import type { Config, HttpAnswer, HttpRequest, Order, Peeked } from '#base';
import type { CommitGathering } from '#storage';

/** What a handler may know of the thread around it. */
export interface WorkerContext {
  /** The worker's number, which a replacement inherits. */
  readonly index: number;
  readonly config: Config;
  /** Where the server listens: `http://127.0.0.1:8529`. */
  readonly endpoints: readonly string[];
  /** What the first thread passed on: how to open the storage. */
  readonly share: unknown;
  /**
   * Answers a request in this thread, as if it had come over the network: for a service that calls its own server. It does not wait in the
   * queue, so it cannot wait for the very worker that it keeps busy. A promise where the handler that answers is asynchronous.
   */
  readonly answerHere: (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer>;
  /** Has another worker answer a request and sleeps until it has: for what is not over in one turn. */
  readonly answerElsewhere: (request: HttpRequest) => HttpAnswer;
  /** Has the first thread do what concerns all of them. */
  readonly order: (order: Order) => void;
}

/** Requests that are better answered together when several of them wait at the same time. */
export interface JointHandler {
  /** Which requests that wait behind this one are better answered along with it, by a look at them; undefined: none. */
  companionsOf(request: HttpRequest): ((other: Peeked) => boolean) | undefined;
  /** `answer` answers the request at a place as if it were alone. Undefined where nothing was done: it has to be answered alone. */
  handle(
    requests: readonly HttpRequest[],
    answer: (place: number) => HttpAnswer | Promise<HttpAnswer>,
  ): readonly (HttpAnswer | Promise<HttpAnswer> | undefined)[];
}

export interface Handler {
  /**
   * What it throws becomes an error answer: an `ArangoError` as it is, all else 500 without a detail, and logged. `queuedMs`: how long the request has
   * waited for a worker.
   */
  handle(request: HttpRequest, queuedMs?: number): HttpAnswer | Promise<HttpAnswer>;
  /** Where it pays. */
  readonly together?: JointHandler;
  /** What small writes have committed is made safe together, before the first of their answers leaves. */
  readonly gathering?: {
    readonly commits: CommitGathering;
    /** It is a small write and nothing else. */
    isFor(request: HttpRequest): boolean;
  };
  /** Calls back once all that this thread has committed is on disk. Answers with `isDurable` wait for that. */
  whenDurable(done: (error?: Error) => void): void;
  /** Something that was answered already waits to be done, in the next turn of the event loop. */
  readonly hasMoreToDo?: () => boolean;
  /** Tells of an error that nobody caught with the service that it comes from; false: it comes from none. */
  reportUncaught?(error: unknown, what: string): boolean;
  /** The thread ends: nothing is under way any more. */
  close(): void | Promise<void>;
}

export type CreateHandler = (context: WorkerContext) => Handler | Promise<Handler>;

/** What a handler's module exports. */
export interface HandlerModule {
  readonly createHandler: CreateHandler;
}
