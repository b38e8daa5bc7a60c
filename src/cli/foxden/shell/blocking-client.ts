/**
 * HTTP calls that block, so that the shell's `db` can be used like arangosh's: `db.users.count()` is a number, not a promise. A thread makes
 * the call; this one sleeps until the answer has been posted.
 */
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import type { Call, ServerAddress } from '../../client.ts';
import { Failure, ServerError } from '../../failure.ts';

/** What can be sent to another thread. */
export type BlockingCall = Pick<Call, 'method' | 'path' | 'query' | 'json' | 'body' | 'headers' | 'database'>;

export interface BlockingRequest {
  readonly server: ServerAddress;
  readonly port: MessagePort;
  readonly signal: Int32Array;
}

export type BlockingReply =
  | { readonly is: 'answer'; readonly text: string }
  | { readonly is: 'refused'; readonly status: number; readonly errorNum: number | undefined; readonly message: string }
  | { readonly is: 'failed'; readonly message: string };

export class BlockingClient {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #signal = new Int32Array(new SharedArrayBuffer(4));

  constructor(server: ServerAddress) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: BlockingRequest = { server, port: port2, signal: this.#signal };
    this.#worker = new Worker(new URL('./client-thread.js', import.meta.url), { workerData, transferList: [port2] });
    this.#worker.unref();
    this.#port.unref();
  }

  /** The JSON of an answer. Throws `ServerError` and `Failure`. */
  json(call: BlockingCall): unknown {
    Atomics.store(this.#signal, 0, 0);
    this.#port.postMessage(call);
    Atomics.wait(this.#signal, 0, 0);
    const reply = receiveMessageOnPort(this.#port)?.message as BlockingReply;
    switch (reply.is) {
      case 'answer':
        return reply.text === '' ? undefined : JSON.parse(reply.text);
      case 'refused':
        throw new ServerError(reply.status, reply.errorNum, reply.message);
      case 'failed':
        throw new Failure(reply.message);
    }
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
