/**
 * One connection that speaks HTTP/1.1: bytes in, requests to the queue, answers out, one after the other.
 *
 * A request that was sent before the last one is answered waits in the socket: clients that pipeline see their requests happen in
 * order. Whatever cannot be read for certain ends the connection, after an answer that says why.
 */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { clock, createPeer, log, mayHaveBody, metrics, METHODS, SLOT_BYTES, type Peer, type RequestParts, type WrittenAnswer } from '#base';
import { countRequest } from './count.ts';
import { findHeaders, type FoundHeaders } from './headers.ts';
import { RequestParser, type MessageListener, type Outcome, type ParserLimits } from './parser.ts';
import type { Receiver, RequestQueue } from './queue.ts';
import { refuse, type Refusal } from './refusal.ts';

interface ConnectionLimits extends ParserLimits {
  readonly bodyBytes: number;
  /** What the bodies of all requests that are still arriving may take together. */
  readonly allBodiesBytes: number;
  /** Until the first byte of the next request. */
  readonly idleMs: number;
  /** From the first byte of a head to its last. */
  readonly headMs: number;
  /** Between two parts of a body, and until a client takes a part of an answer. */
  readonly stallMs: number;
}

/** What the front may ask of a connection, whichever protocol it speaks. */
export interface OpenConnection {
  /** Called every second or so: ends what a client takes too long for. */
  expire(nowMs: number): void;
  /** Closes as soon as nothing is under way. */
  stop(): void;
  /** A request is under way, or an answer not yet sent. */
  readonly isBusy: boolean;
  destroyWhenSent(): void;
  destroy(): void;
}

/** What the connections of a front share. */
export interface Shared {
  readonly queue: RequestQueue;
  readonly limits: ConnectionLimits;
  readonly connections: Set<OpenConnection>;
  /** Takes a socket whose client has begun to speak HTTP/2. */
  onHttp2(socket: Socket): void;
  /** Bytes of bodies that have arrived in part. */
  arrivingBytes: number;
  isStopping: boolean;
}

/** How long a client may go on sending after an answer that ended the connection: closed at once, it might never read the answer. */
const LINGER_MS = 2_000;

const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');

const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

const FAILURES: Readonly<Record<Exclude<Outcome, 'needs more' | 'message' | 'stopped by its owner'>, Refusal>> = {
  'target too long': { error: 'ERROR_HTTP_BAD_PARAMETER', status: 414, detail: 'the URL is too long' },
  'head too large': { error: 'ERROR_HTTP_BAD_PARAMETER', status: 431, detail: 'the headers are too large, or too many' },
  'wrong version': { error: 'ERROR_HTTP_BAD_PARAMETER', status: 505, detail: 'only HTTP/1.0 and HTTP/1.1 are spoken here' },
  'unknown method': { error: 'ERROR_HTTP_METHOD_NOT_ALLOWED', status: 400, detail: 'no method that HTTP has' },
  http2: { error: 'ERROR_HTTP_BAD_PARAMETER', status: 505, detail: 'HTTP/2 needs ALPN where the connection is encrypted' },
  malformed: { error: 'ERROR_HTTP_BAD_PARAMETER', detail: 'malformed request' },
};

const HEAD_METHOD = METHODS.indexOf('HEAD');
const NOTHING = Buffer.alloc(0);

/** Shorter bodies are copied behind their heads: one buffer is cheaper to send than two. */
const JOINED_BYTES = 65_536;

/** For what fits a slot; no more, for a client that is slow to take an answer keeps a whole desk. */
const DESK_BYTES = SLOT_BYTES + 1024;

/** Where answers are put together, one after the other: most are with the system when `write` returns. */
let desk = Buffer.allocUnsafeSlow(DESK_BYTES);

function roomFor(bytes: number): Buffer {
  return bytes <= DESK_BYTES ? desk.subarray(0, bytes) : Buffer.allocUnsafeSlow(bytes);
}

/** An answer that is still to be sent keeps the desk, and the next ones get another. */
function giveDeskAway(message: Buffer): void {
  if (message.buffer === desk.buffer) desk = Buffer.allocUnsafeSlow(DESK_BYTES);
}

/** The first lines of an answer, by its status and what comes after it. */
const STARTS = { keeps: new Map<number, Buffer>(), closes: new Map<number, Buffer>() };

function startOf(status: number, closes: boolean): Buffer {
  const known = closes ? STARTS.closes : STARTS.keeps;
  let start = known.get(status);
  if (start === undefined) {
    start = Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nconnection: ${closes ? 'Close' : 'Keep-Alive'}\r\n`);
    known.set(status, start);
  }
  return start;
}

export class Connection implements OpenConnection, Receiver, MessageListener {
  readonly #socket: Socket;
  readonly #shared: Shared;
  readonly #parser: RequestParser;
  readonly #peer: Peer;
  #stage: 'reads' | 'waits' | 'lingers' = 'reads';
  /** What came while a request was under way. */
  #rest: Buffer = NOTHING;
  #found: FoundHeaders = { hostCount: 0 };
  #isHead = false;
  #body: Buffer[] = [];
  #bodyBytes = 0;
  #slot: number | undefined;
  /** The client has said that it sends nothing more. */
  #hasEnded = false;
  #deadlineMs: number;
  #unsentBytes = 0;

  constructor(socket: Socket, shared: Shared, { isSecure }: { readonly isSecure: boolean }) {
    this.#socket = socket;
    this.#shared = shared;
    this.#parser = new RequestParser(this, shared.limits);
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    this.#peer = createPeer({ remoteAddress, remotePort, localAddress, localPort, isSecure });
    this.#deadlineMs = clock.monotonic() + shared.limits.idleMs;
    metrics.add('arangodb_http1_connections_total');
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('close', this.#onClose);
    socket.on('error', this.#onError);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#stage === 'lingers') return;
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = NOTHING;
    this.#read(bytes);
  };

  #read(chunk: Buffer): void {
    const wasInside = this.#parser.isInside;
    let left = chunk;
    while (left.length > 0 && this.#stage === 'reads') {
      const { outcome, used } = this.#parser.parse(left);
      left = used === left.length ? NOTHING : left.subarray(used);
      if (outcome === 'message') this.#submit();
      else if (outcome === 'http2' && !this.#peer.isSecure) return this.#handOver(left);
      else if (outcome !== 'needs more' && outcome !== 'stopped by its owner') this.#fail(outcome);
    }
    if (this.#stage === 'waits') this.#keep(left);
    else if (this.#stage === 'reads' && this.#hasEnded) this.#linger();
    else if (this.#stage === 'reads') this.#expectMore(wasInside && this.#parser.isInside);
  }

  /** The client speaks HTTP/2 from the beginning. What it has sent is put back, and the socket is another's. */
  #handOver(rest: Buffer): void {
    const socket = this.#socket;
    this.#shared.connections.delete(this);
    this.#parser.free();
    socket.pause();
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('close', this.#onClose);
    socket.off('error', this.#onError);
    socket.unshift(Buffer.concat([HTTP2_PREFACE, rest]));
    this.#shared.onHttp2(socket);
  }

  #expectMore(isSameMessage: boolean): void {
    const { idleMs, headMs, stallMs } = this.#shared.limits;
    if (this.#parser.hasHead) this.#deadlineMs = clock.monotonic() + stallMs;
    else if (!this.#parser.isInside) this.#deadlineMs = clock.monotonic() + idleMs;
    else if (!isSameMessage) this.#deadlineMs = clock.monotonic() + headMs;
  }

  #keep(rest: Buffer): void {
    this.#rest = rest;
    if (rest.length > 0) this.#socket.pause();
  }

  // What the parser tells.

  onHead(): boolean {
    const { head, spans, spanCount, isVersion10, method } = this.#parser;
    this.#found = findHeaders(head, spans, spanCount);
    this.#isHead = method === HEAD_METHOD;
    const { contentLength, transferEncoding, expect, hostCount } = this.#found;
    if (method === undefined) {
      metrics.add('arangodb_http_request_statistics_other_http_requests_total');
      return this.#refuse({ error: 'ERROR_HTTP_METHOD_NOT_ALLOWED' });
    }
    if (hostCount > 1 || (hostCount === 0 && !isVersion10)) return this.#refuseHead(400, 'a request has one header "host"');
    if (transferEncoding !== undefined) {
      if (isVersion10) return this.#refuseHead(400, 'HTTP/1.0 has no transfer encodings');
      if (transferEncoding !== 'chunked') return this.#refuseHead(501, 'only the transfer encoding "chunked" is understood');
    }
    if (contentLength !== undefined && contentLength > this.#shared.limits.bodyBytes) return this.#refuseBody();
    if (expect !== undefined && !isVersion10) {
      if (expect !== '100-continue') return this.#refuseHead(417, 'only "100-continue" can be expected');
      this.#socket.write(CONTINUE);
    }
    return true;
  }

  onBody(chunk: Buffer): boolean {
    this.#bodyBytes += chunk.length;
    this.#shared.arrivingBytes += chunk.length;
    if (this.#bodyBytes > this.#shared.limits.bodyBytes) return this.#refuseBody();
    if (this.#shared.arrivingBytes > this.#shared.limits.allBodiesBytes) {
      return this.#refuse({ error: 'ERROR_RESOURCE_LIMIT', status: 503, detail: 'too much is being uploaded', retryAfterSeconds: 1 });
    }
    this.#body.push(chunk);
    return true;
  }

  #refuseHead(status: number, detail: string): false {
    return this.#refuse({ error: 'ERROR_HTTP_BAD_PARAMETER', status, detail });
  }

  #refuseBody(): false {
    const detail = `the body has more than ${this.#shared.limits.bodyBytes} bytes`;
    return this.#refuse({ error: 'ERROR_HTTP_BAD_PARAMETER', status: 413, detail });
  }

  /** Answers a request that is not read to its end, which ends the connection. */
  #refuse(refusal: Refusal): false {
    this.#forgetBody();
    this.#write(refuse({ ...refusal, closes: true }), { closes: true });
    this.#linger();
    return false;
  }

  #fail(outcome: keyof typeof FAILURES): void {
    const refusal = FAILURES[outcome];
    this.#refuse(outcome === 'malformed' ? { ...refusal, detail: `malformed request: ${this.#parser.reason}` } : refusal);
  }

  #forgetBody(): void {
    this.#shared.arrivingBytes -= this.#bodyBytes;
    this.#bodyBytes = 0;
    this.#body = [];
  }

  #submit(): void {
    const { head, spans, spanCount, method = 0 } = this.#parser;
    const parts: RequestParts = {
      method,
      head,
      spans,
      spanCount,
      body: this.#body,
      bodyBytes: this.#bodyBytes,
      peer: this.#peer,
      arrivedAtMs: clock.monotonic(),
    };
    countRequest(method, head.length + this.#bodyBytes);
    this.#stage = 'waits';
    this.#deadlineMs = Infinity;
    this.#slot = this.#shared.queue.submit(parts, this, { queueTimeLimitMs: this.#found.queueTimeLimitMs });
    this.#forgetBody();
  }

  // What the queue tells.

  answered(answer: WrittenAnswer): void {
    const isLast = this.#hasEnded && this.#rest.length === 0;
    const closes = answer.closes || !this.#parser.keepsAlive || this.#shared.isStopping || isLast;
    this.#slot = undefined;
    const isTaken = this.#write(answer, { closes });
    this.#isHead = false;
    if (closes) {
      this.#linger();
    } else if (isTaken) {
      this.#goOn();
    } else {
      // A client that does not read its answers gets no further ones.
      this.#deadlineMs = clock.monotonic() + this.#shared.limits.stallMs;
      this.#socket.once('drain', () => this.#goOn());
    }
  }

  #goOn(): void {
    this.#stage = 'reads';
    this.#deadlineMs = clock.monotonic() + this.#shared.limits.idleMs;
    const rest = this.#rest;
    if (rest.length === 0) return;
    this.#rest = NOTHING;
    this.#socket.resume();
    this.#read(rest);
  }

  /** False when the client is slow to take it. */
  #write({ status, head, body, isOwned = false }: WrittenAnswer, { closes }: { readonly closes: boolean }): boolean {
    const start = startOf(status, closes);
    const bodyBytes = this.#isHead || !mayHaveBody(status) ? 0 : body.length;
    const headBytes = start.length + head.length;
    metrics.observe('arangodb_client_connection_statistics_bytes_sent', headBytes + bodyBytes);

    const isJoined = !isOwned || bodyBytes < JOINED_BYTES;
    const message = roomFor(isJoined ? headBytes + bodyBytes : headBytes);
    message.set(start);
    message.set(head, start.length);
    if (isJoined) {
      if (bodyBytes > 0) message.set(body, headBytes);
      const isTaken = this.#socket.write(message);
      if (this.#socket.writableLength > 0) giveDeskAway(message);
      return isTaken;
    }
    giveDeskAway(message);
    this.#socket.cork();
    this.#socket.write(message);
    const isTaken = this.#socket.write(body);
    this.#socket.uncork();
    return isTaken;
  }

  /** Sends what is left to send, throws away what still comes, and closes. */
  #linger(): void {
    this.#stage = 'lingers';
    this.#rest = NOTHING;
    this.#deadlineMs = clock.monotonic() + LINGER_MS;
    this.#socket.end();
    this.#socket.resume();
  }

  readonly #onEnd = (): void => {
    this.#hasEnded = true;
    // A client may end its side and still wait for the answer.
    if (this.#stage === 'reads') this.#linger();
  };

  /** A client that goes away is no event for the log; `close` follows. */
  readonly #onError = (error: Error): void => log.trace('http', `connection: ${error.message}`);

  readonly #onClose = (): void => {
    this.#shared.connections.delete(this);
    this.#forgetBody();
    this.#parser.free();
    if (this.#slot !== undefined) this.#shared.queue.abandon(this.#slot, this);
  };

  expire(nowMs: number): void {
    const { writableLength } = this.#socket;
    const isSending = writableLength > 0 && writableLength < this.#unsentBytes;
    this.#unsentBytes = writableLength;
    if (isSending) this.#deadlineMs = Math.max(this.#deadlineMs, nowMs + this.#shared.limits.stallMs);
    if (nowMs < this.#deadlineMs) return;
    if (this.#stage === 'reads' && this.#parser.isInside) {
      this.#refuse({ error: 'ERROR_HTTP_BAD_PARAMETER', status: 408, detail: 'the request did not arrive in time' });
    } else {
      this.#socket.destroy();
    }
  }

  stop(): void {
    if (this.#stage === 'reads' && !this.#parser.isInside) this.#linger();
  }

  get isBusy(): boolean {
    return this.#stage === 'waits' || (this.#stage === 'reads' && this.#parser.isInside) || this.#socket.writableLength > 0;
  }

  destroyWhenSent(): void {
    this.#socket.destroySoon();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
