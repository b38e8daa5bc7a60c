/**
 * A server for a test, in this process, with the handlers of `handlers.ts`; and a client that sends exactly the bytes it is given.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { DEFAULT_CONFIG, metrics, type Config } from '#base';
import { startServer } from '../../src/server.ts';

export interface TestServer {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Stops when the test is over. */
export async function startTestServer(context: TestContext, options: Partial<Config> = {}): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-test-'));
  const config: Config = {
    ...DEFAULT_CONFIG,
    'server.endpoint': ['tcp://127.0.0.1:0'],
    'server.minimal-threads': 1,
    'server.maximal-threads': 1,
    'log.level': ['all=fatal'],
    'database.directory': folder,
    ...options,
  };
  const server = await startServer(config, { handlerModule: new URL('handlers.js', import.meta.url) });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= server.stop().finally(() => rmSync(folder, { recursive: true, force: true })));
  context.after(stop);
  const url = server.urls[0] ?? '';
  return { url, port: Number(new URL(url).port), stop };
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends bytes as they are and reads the answers as they come. */
export class RawClient {
  readonly socket: Socket;
  #received = Buffer.alloc(0);
  #isClosed = false;
  #wake: () => void = () => undefined;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    this.socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    const close = (): void => {
      this.#isClosed = true;
      this.#wake();
    };
    this.socket.on('end', close);
    this.socket.on('close', close);
    this.socket.on('error', close);
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  async #more(): Promise<void> {
    if (this.#isClosed) throw new Error(`the server closed the connection after ${JSON.stringify(this.#received.toString('latin1'))}`);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** The bytes up to the first `ending`, taken out of what has come. */
  async #until(ending: string): Promise<string> {
    for (;;) {
      const at = this.#received.indexOf(ending);
      if (at !== -1) return this.#take(at + ending.length);
      await this.#more();
    }
  }

  #take(bytes: number): string {
    const text = this.#received.toString('latin1', 0, bytes);
    this.#received = this.#received.subarray(bytes);
    return text;
  }

  /** The next answer. `hasBody` is false for an answer to HEAD. */
  async reply({ hasBody = true } = {}): Promise<Reply> {
    const [first = '', ...lines] = (await this.#until('\r\n\r\n')).trimEnd().split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
    );
    const bytes = hasBody ? Number(headers['content-length'] ?? 0) : 0;
    while (this.#received.length < bytes) await this.#more();
    return { status: Number(first.split(' ')[1]), headers, body: this.#take(bytes) };
  }

  /** Waits until the server has closed its side; gives what came that nobody read. */
  async closed(): Promise<string> {
    while (!this.#isClosed) await this.#more();
    return this.#take(this.#received.length);
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** A client that is gone when the test is over. */
export function openClient(context: TestContext, { port }: TestServer): RawClient {
  const client = new RawClient(port);
  context.after(() => client.destroy());
  return client;
}

/** One request, one answer, over a connection of its own. */
export async function exchange(context: TestContext, server: TestServer, request: string): Promise<Reply> {
  const client = openClient(context, server);
  client.send(request);
  return client.reply();
}

/** Asks again until it is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 60_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < giveUpAt, 'what was waited for has not come about in a minute');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Of all servers of this process. */
export const receivedRequests = (): number => metrics.value('arangodb_http_request_statistics_total_requests_total');

export const openConnections = (): number => metrics.value('arangodb_client_connection_statistics_client_connections');

/** Keeps a worker busy, or with another path a request pending, from now on, until what this gives is called. */
export async function hold(context: TestContext, server: TestServer, path = '/hold'): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-held-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'held');
  const held = fetch(`${server.url}${path}?file=${encodeURIComponent(file)}`);
  await until(() => existsSync(file));
  return async () => {
    rmSync(file);
    assert.equal((await held).status, 200);
  };
}
