/**
 * What the front gives a worker at its start, and the messages between the two. All else goes through shared memory.
 */
import type { MessagePort } from 'node:worker_threads';
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

/** From a worker. */
export type WorkerMessage =
  | { readonly type: 'ready' }
  /** Its inspector listens there (`--inspect`). */
  | { readonly type: 'inspector'; readonly url: string }
  /** An answer that does not fit its slot. */
  | { readonly type: 'answer'; readonly slot: number; readonly answer: AnswerParts };

/** To a worker. */
export type FrontMessage =
  /** Finish what is begun, claim nothing more, and end. */
  | { readonly do: 'stop' }
  /** The files of the log have been moved away. */
  | { readonly do: 'reopen the log' };
