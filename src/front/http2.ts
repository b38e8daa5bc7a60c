/**
 * HTTP/2: after ALPN on encrypted connections, and on others for clients that begin with its preface. Node's own implementation speaks the
 * protocol and holds back floods of frames; here requests become the same bytes as those of HTTP/1.1, and wait in the same queue.
 *
 * Streams of a connection are independent: each is a request under way, with limits and deadlines of its own.
 */
import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import {
  clock,
  createPeer,
  log,
  mayHaveBody,
  metrics,
  METHODS,
  type Method,
  type Peer,
  type RequestParts,
  type WrittenAnswer,
} from '#base';
import type { OpenConnection, Shared } from './connection.ts';
import { countRequest } from './count.ts';
import type { Receiver } from './queue.ts';
import { refuse, type Refusal } from './refusal.ts';

/** So many requests of one client may be under way. */
const STREAMS_LIMIT = 128;
/** Frames for streams that are closed or refused, or that are malformed; beyond that the connection ends. */
const BAD_FRAMES_LIMIT = 100;
const SESSION_MEMORY_MB = 64;
/** Pseudo headers, which are no headers of the request. */
const PSEUDO_COUNT = 5;

const { HTTP2_METHOD_HEAD, NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, NGHTTP2_INTERNAL_ERROR } = constants;

export class Http2 {
  readonly #server: Http2Server;

  constructor(shared: Shared) {
    const { headBytes, headerCount } = shared.limits;
    this.#server = createServer({
      maxSessionMemory: SESSION_MEMORY_MB,
      maxSessionInvalidFrames: BAD_FRAMES_LIMIT,
      maxSessionRejectedStreams: BAD_FRAMES_LIMIT,
      // A little more than allowed gets an answer that says so; much more is refused by the protocol.
      maxHeaderListPairs: 2 * headerCount + PSEUDO_COUNT,
      settings: { maxConcurrentStreams: STREAMS_LIMIT, maxHeaderListSize: 2 * headBytes, enableConnectProtocol: false },
    });
    this.#server.on('session', (session) => new Http2Connection(session, shared));
    // The socket's own events end the connection.
    this.#server.on('sessionError', (error) => log.debug('http', `HTTP/2 connection: ${error.message}`));
  }

  /** Takes a socket over. What was read from it has been put back. */
  accept(socket: Socket): void {
    this.#server.emit('connection', socket);
  }
}

class Http2Connection implements OpenConnection {
  readonly #session: ServerHttp2Session;
  readonly #shared: Shared;
  readonly #peer: Peer;
  readonly #exchanges = new Set<Exchange>();
  #idleUntilMs: number;

  constructor(session: ServerHttp2Session, shared: Shared) {
    this.#session = session;
    this.#shared = shared;
    const { remoteAddress, remotePort, localAddress, localPort } = session.socket;
    this.#peer = createPeer({ remoteAddress, remotePort, localAddress, localPort, isSecure: session.encrypted === true });
    this.#idleUntilMs = clock.monotonic() + shared.limits.idleMs;
    metrics.add('arangodb_http2_connections_total');
    shared.connections.add(this);
    session.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, rawHeaders?: readonly string[]) =>
      this.#begin(stream, headers, rawHeaders ?? []),
    );
    session.on('error', (error: Error) => log.debug('http', `HTTP/2 connection: ${error.message}`));
    // A client may close its side and still wait for answers.
    session.socket.once('end', () => session.close());
    session.on('close', () => shared.connections.delete(this));
  }

  #begin(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, rawHeaders: readonly string[]): void {
    const exchange = new Exchange(stream, this.#shared, this.#peer);
    this.#exchanges.add(exchange);
    stream.on('close', () => {
      this.#exchanges.delete(exchange);
      exchange.closed();
      this.#idleUntilMs = clock.monotonic() + this.#shared.limits.idleMs;
    });
    exchange.begin(headers, rawHeaders);
  }

  expire(nowMs: number): void {
    for (const exchange of this.#exchanges) exchange.expire(nowMs);
    if (this.#exchanges.size === 0 && nowMs >= this.#idleUntilMs) this.#session.destroy();
  }

  /** What is under way is finished, and nothing more begins. */
  stop(): void {
    this.#session.close();
  }

  get isBusy(): boolean {
    return this.#exchanges.size > 0;
  }

  destroyWhenSent(): void {
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }
}

/** One stream: a request and its answer. */
class Exchange implements Receiver {
  readonly #stream: ServerHttp2Stream;
  readonly #shared: Shared;
  readonly #peer: Peer;
  #head: RequestHead | undefined;
  #body: Buffer[] = [];
  #bodyBytes = 0;
  #slot: number | undefined;
  #isAnswered = false;
  #deadlineMs: number;
  #unsentBytes = 0;

  constructor(stream: ServerHttp2Stream, shared: Shared, peer: Peer) {
    this.#stream = stream;
    this.#shared = shared;
    this.#peer = peer;
    this.#deadlineMs = clock.monotonic() + shared.limits.stallMs;
    // A client that gives up is no event for the log; `close` follows.
    stream.on('error', (error: Error) => log.trace('http', `HTTP/2 stream: ${error.message}`));
  }

  begin(headers: IncomingHttpHeaders, rawHeaders: readonly string[]): void {
    const { limits } = this.#shared;
    const head = packHead(headers, rawHeaders);
    if (head.spans.length > 2 + 4 * limits.headerCount || head.bytes.length > limits.headBytes)
      return this.#refuse({ error: 'ERROR_HTTP_BAD_PARAMETER', status: 431, detail: 'the headers are too large, or too many' });
    if ((head.spans[1] ?? 0) > limits.targetBytes)
      return this.#refuse({ error: 'ERROR_HTTP_BAD_PARAMETER', status: 414, detail: 'the URL is too long' });
    if (head.method === -1) return this.#refuse({ error: 'ERROR_HTTP_METHOD_NOT_ALLOWED' });
    if (Number(headers['content-length']) > limits.bodyBytes) return this.#refuseBody();
    this.#head = head;
    if (headers['expect'] === '100-continue') this.#stream.additionalHeaders({ ':status': 100 });
    this.#stream.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#stream.on('end', () => this.#submit(queueTimeLimitMs(headers)));
  }

  #take(chunk: Buffer): void {
    if (this.#isAnswered) return;
    const { limits } = this.#shared;
    this.#bodyBytes += chunk.length;
    this.#shared.arrivingBytes += chunk.length;
    this.#body.push(chunk);
    this.#deadlineMs = clock.monotonic() + limits.stallMs;
    if (this.#bodyBytes > limits.bodyBytes) this.#refuseBody();
    else if (this.#shared.arrivingBytes > limits.allBodiesBytes)
      this.#refuse({ error: 'ERROR_RESOURCE_LIMIT', status: 503, detail: 'too much is being uploaded', retryAfterSeconds: 1 });
  }

  #submit(limitMs: number | undefined): void {
    if (this.#isAnswered || this.#head === undefined) return;
    const { method, bytes, spans } = this.#head;
    const parts: RequestParts = {
      method,
      head: bytes,
      spans,
      spanCount: spans.length,
      body: this.#body,
      bodyBytes: this.#bodyBytes,
      peer: this.#peer,
      arrivedAtMs: clock.monotonic(),
    };
    countRequest(method, bytes.length + this.#bodyBytes);
    this.#deadlineMs = Infinity;
    this.#slot = this.#shared.queue.submit(parts, this, { queueTimeLimitMs: limitMs });
    this.#forgetBody();
  }

  answered({ status, head, body, isOwned = false }: WrittenAnswer): void {
    this.#slot = undefined;
    this.#isAnswered = true;
    this.#forgetBody();
    if (this.#stream.destroyed) return;
    this.#deadlineMs = clock.monotonic() + this.#shared.limits.stallMs;
    const isHead = this.#head?.method === METHODS.indexOf(HTTP2_METHOD_HEAD as Method);
    const hasBody = !isHead && mayHaveBody(status) && body.length > 0;
    metrics.observe('arangodb_client_connection_statistics_bytes_sent', head.length + (hasBody ? body.length : 0));
    try {
      this.#stream.respond({ ':status': status, ...unpackHead(head) }, { endStream: !hasBody });
      if (hasBody) this.#stream.end(isOwned ? body : Buffer.from(body));
    } catch (error) {
      log.error('http', 'an answer cannot be sent over HTTP/2', error);
      this.#stream.close(NGHTTP2_INTERNAL_ERROR);
    }
  }

  #refuseBody(): void {
    const detail = `the body has more than ${this.#shared.limits.bodyBytes} bytes`;
    this.#refuse({ error: 'ERROR_HTTP_BAD_PARAMETER', status: 413, detail });
  }

  /** Answers a request that is not read to its end. */
  #refuse(refusal: Refusal): void {
    this.answered(refuse(refusal));
    // The client need not send the rest.
    this.#stream.once('finish', () => this.#stream.close(NGHTTP2_NO_ERROR));
    this.#stream.resume();
  }

  #forgetBody(): void {
    this.#shared.arrivingBytes -= this.#bodyBytes;
    this.#bodyBytes = 0;
    this.#body = [];
  }

  closed(): void {
    this.#isAnswered = true;
    this.#forgetBody();
    if (this.#slot !== undefined) this.#shared.queue.abandon(this.#slot, this);
    this.#slot = undefined;
  }

  /** Ends a stream whose client pauses too long, in sending or in taking. */
  expire(nowMs: number): void {
    const { writableLength } = this.#stream;
    const isSending = writableLength > 0 && writableLength < this.#unsentBytes;
    this.#unsentBytes = writableLength;
    if (isSending) this.#deadlineMs = nowMs + this.#shared.limits.stallMs;
    if (nowMs < this.#deadlineMs) return;
    if (this.#isAnswered) this.#stream.close(NGHTTP2_CANCEL);
    else this.#refuse({ error: 'ERROR_HTTP_BAD_PARAMETER', status: 408, detail: 'the request did not arrive in time' });
  }
}

interface RequestHead {
  /** Index in `METHODS`; -1: none of them. */
  readonly method: number;
  readonly bytes: Buffer;
  readonly spans: Int32Array;
}

/** A head as `RequestParts` wants it: target, names and values one behind the other, and their places. */
function packHead(headers: IncomingHttpHeaders, rawHeaders: readonly string[]): RequestHead {
  const authority = headers[':authority'];
  const parts = [headers[':path'] ?? ''];
  if (authority !== undefined && headers.host === undefined) parts.push('host', authority);
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (!name.startsWith(':')) parts.push(name, rawHeaders[i + 1] ?? '');
  }
  const spans = new Int32Array(2 * parts.length);
  let at = 0;
  for (const [index, part] of parts.entries()) {
    spans[2 * index] = at;
    at += part.length;
    spans[2 * index + 1] = at;
  }
  return { method: METHODS.indexOf(headers[':method'] as Method), bytes: Buffer.from(parts.join(''), 'latin1'), spans };
}

/** The lines that a worker has written, as headers. Those of connections do not exist here. */
function unpackHead(head: Uint8Array): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const line of Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1').split('\r\n')) {
    const colon = line.indexOf(': ');
    if (colon === -1) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 2);
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}

function queueTimeLimitMs(headers: IncomingHttpHeaders): number | undefined {
  const seconds = Number(headers['x-arango-queue-time-seconds']);
  return seconds > 0 ? seconds * 1000 : undefined;
}
