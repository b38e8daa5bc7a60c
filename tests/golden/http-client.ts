/**
 * HTTP for the recorded scripts, which were written for a shell whose requests return when the answer is there: a thread of its own
 * sends them, and the caller blocks meanwhile.
 */
import assert from 'node:assert/strict';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';

export interface WireRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface WireAnswer {
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** As the shell shows it to scripts. */
export interface ShellAnswer extends WireAnswer {
  readonly parsedBody: unknown;
}

export class BlockingClient {
  readonly #base: string;
  readonly #worker: Worker;
  readonly #channel = new MessageChannel();
  readonly #answered = new Int32Array(new SharedArrayBuffer(4));

  constructor(base: string) {
    this.#base = base;
    const { port2: port } = this.#channel;
    this.#worker = new Worker(new URL('./http-wire.js', import.meta.url), {
      workerData: { port, answered: this.#answered },
      transferList: [port],
    });
  }

  /** A body that is no text is sent as JSON. */
  request(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): ShellAnswer {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const before = Atomics.load(this.#answered, 0);
    this.#channel.port1.postMessage({
      url: this.#base + path,
      method,
      headers: { accept: 'application/json', ...headers },
      body: text === '' || method === 'GET' || method === 'HEAD' ? undefined : text,
    } satisfies WireRequest);
    Atomics.wait(this.#answered, 0, before);
    const received = receiveMessageOnPort(this.#channel.port1);
    assert(received !== undefined, `${method} ${path}: no answer`);
    const answer = received.message as WireAnswer;
    assert(answer.code !== 0, `${method} ${path}: ${answer.body}`);
    return { ...answer, parsedBody: parse(answer) };
  }

  async close(): Promise<void> {
    this.#channel.port1.close();
    await this.#worker.terminate();
  }
}

function parse({ headers, body }: WireAnswer): unknown {
  return body !== '' && headers['content-type']?.startsWith('application/json') === true ? JSON.parse(body) : undefined;
}
