/**
 * What the front gives a worker at its start, and the messages between the two. All else goes through shared memory.
 */
import type { MessagePort } from 'node:worker_threads';
import type { HttpRequest } from '../http.ts';
import type { Config } from '../options.ts';
import type { AnswerParts } from './answer.ts';
import type { ExchangeMemory } from './memory.ts';

/** The same for all workers of a process. */
export interface WorkerSurroundings {
  readonly config: Config;
  /** The module whose `createHandler` makes what answers requests. */
  readonly handlerModule: string;
  /** Where the server listens: `http://127.0.0.1:8529`. */
  readonly endpoints: readonly string[];
  readonly metrics: SharedArrayBuffer;
  readonly log: SharedArrayBuffer;
  /** For `createHandler`: plain data and shared memory, such as how to open the storage. */
  readonly share: unknown;
}

/** A worker's `workerData`. */
export interface WorkerSetup extends WorkerSurroundings {
  /** Its number among the workers; a replacement has the number of the one it replaces. */
  readonly index: number;
  readonly exchange: ExchangeMemory;
  readonly lane: SharedArrayBuffer;
  /** Where requests come that do not fit a slot. */
  readonly mail: MessagePort;
}

/** What a request wants of the whole process. */
export type Order =
  /** As `--log.level` has them: in all threads, also in those that start later. */
  | { readonly do: 'set log levels'; readonly levels: readonly string[] }
  /** Certificates and keys have proved to be well-formed: new connections are to be made with them. */
  | { readonly do: 'reload tls' }
  /** As the signal would. */
  | { readonly do: 'shut down' };

/** From a worker. */
export type WorkerMessage =
  | { readonly type: 'ready' }
  /** Its inspector listens there (`--inspect`). */
  | { readonly type: 'inspector'; readonly url: string }
  | { readonly type: 'order'; readonly order: Order }
  /** An answer that does not fit its slot. */
  | { readonly type: 'answer'; readonly slot: number; readonly answer: AnswerParts }
  /** A request to this server from the worker itself, which sleeps on `turn` until it is 1 and the answer lies at `reply`. */
  | { readonly type: 'ask'; readonly request: HttpRequest; readonly reply: MessagePort; readonly turn: Int32Array };

/** To a worker. */
export type FrontMessage =
  /** Finish what is begun, claim nothing more, and end. */
  | { readonly do: 'stop' }
  /** The files of the log have been moved away. */
  | { readonly do: 'reopen the log' }
  | Extract<Order, { readonly do: 'set log levels' }>;
