/**
 * Requests over connections that stay open between them, by Node's own `http`: it is part of Node and loaded in a few milliseconds, which counts in
 * a program that is started for one call.
 *
 * Answers may take as long as they take: the server has limits, and a person has Ctrl+C. Only a host that is silent when it is called is given up.
 */
import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

export interface Outgoing {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What `node:http` and `node:https` have in common. */
interface Library {
  readonly Agent: new (options: { readonly keepAlive: boolean; readonly timeout: number }) => Agent;
  request(url: string, options: RequestOptions, onAnswer: (answer: IncomingMessage) => void): ClientRequest;
}

/** Shorter than servers and proxies keep a connection that nobody uses: none is closed while a request is on its way. */
const IDLE_LIMIT_MS = 4000;
const CONNECT_LIMIT_MS = 10_000;

export class Connection {
  readonly #socketPath: string | undefined;
  #opened: Promise<{ readonly library: Library; readonly agent: Agent }> | undefined;

  constructor(socketPath: string | undefined) {
    this.#socketPath = socketPath;
  }

  /** An answer of any status, as a whole. Throws the errors of the network as Node has them. */
  async send(url: string, { method, headers, body, signal }: Outgoing): Promise<Reply> {
    const { library, agent } = await (this.#opened ??= open(url));
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const options: RequestOptions = { method, headers: { ...headers, ...length }, agent };
    if (this.#socketPath !== undefined) options.socketPath = this.#socketPath;
    if (signal !== undefined) options.signal = signal;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = library.request(url, options, resolve);
      request.on('error', reject);
      giveUpSilentHost(request);
      request.end(body);
    });
    return { status: answer.statusCode ?? 0, headers: answer.headers, bytes: await buffer(answer) };
  }

  close(): void {
    void this.#opened?.then(({ agent }) => agent.destroy());
  }
}

async function open(url: string): Promise<{ readonly library: Library; readonly agent: Agent }> {
  const library: Library = await (url.startsWith('https:') ? import('node:https') : import('node:http'));
  return { library, agent: new library.Agent({ keepAlive: true, timeout: IDLE_LIMIT_MS }) };
}

function giveUpSilentHost(request: ClientRequest): void {
  request.once('socket', (socket) => {
    if (!socket.connecting) return;
    const giveUp = (): void => void request.destroy(Object.assign(new Error('the host does not answer'), { code: 'ETIMEDOUT' }));
    const timer = setTimeout(giveUp, CONNECT_LIMIT_MS);
    socket.once('connect', () => clearTimeout(timer));
    socket.once('close', () => clearTimeout(timer));
  });
}
