/**
 * A request as bytes: how the front puts it into a slot or a message, and how a worker reads it.
 *
 * The head stays as it came; beside it stand the places of its parts, as the parser found them, so the front makes no strings:
 *
 *   words (see below) · [start, end] of target, name, value, name, value … · head · peer · body
 */
import type { HttpRequest } from '../http.ts';

/** All that foxden answers, as ArangoDB; others get 405. A packet has the index. */
export const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS'] as const;
export type Method = (typeof METHODS)[number];

/** Who sent it: the same for all requests of a connection. */
export interface Peer {
  readonly remotePort: number;
  readonly localPort: number;
  readonly isSecure: boolean;
  /** Remote and local address. */
  readonly addresses: Uint8Array;
}

export function createPeer(socket: {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly isSecure: boolean;
}): Peer {
  return {
    remotePort: socket.remotePort ?? 0,
    localPort: socket.localPort ?? 0,
    isSecure: socket.isSecure,
    addresses: Buffer.from(`${socket.remoteAddress ?? ''}\0${socket.localAddress ?? ''}`, 'latin1'),
  };
}

/** A request as the front has it once its last byte is there. */
export interface RequestParts {
  /** Index in `METHODS`. */
  readonly method: number;
  readonly head: Uint8Array;
  /** Pairs of start and end in `head`: the target, then names and values in turn. The first `spanCount` numbers count. */
  readonly spans: Int32Array;
  readonly spanCount: number;
  readonly body: readonly Uint8Array[];
  readonly bodyBytes: number;
  readonly peer: Peer;
  /** By `clock.monotonic()`. */
  readonly arrivedAtMs: number;
}

/** Where requests are written and read: the same memory as bytes and as words. */
export interface PacketMemory {
  readonly bytes: Buffer;
  readonly words: Int32Array;
}

export function packetMemory(memory: ArrayBuffer | SharedArrayBuffer): PacketMemory {
  return { bytes: Buffer.from(memory), words: new Int32Array(memory) };
}

// The words at the beginning of a packet. The time is in microseconds, in two halves.
const ARRIVED_HIGH = 0;
const ARRIVED_LOW = 1;
const METHOD = 2;
const SPAN_COUNT = 3;
const HEAD_BYTES = 4;
const PEER_BYTES = 5;
const BODY_BYTES = 6;
const REMOTE_PORT = 7;
const LOCAL_PORT = 8;
const IS_SECURE = 9;
const SPANS = 10;

const HALF = 2 ** 31;

export function requestBytes({ spanCount, head, peer, bodyBytes }: RequestParts): number {
  const bytes = (SPANS + spanCount) * 4 + head.length + peer.addresses.length + bodyBytes;
  return Math.ceil(bytes / 4) * 4;
}

/** Writes a request at `offset`, a multiple of 4. There are `requestBytes(parts)` free there. */
export function writeRequest({ bytes, words }: PacketMemory, offset: number, parts: RequestParts): void {
  const { method, head, spans, spanCount, body, bodyBytes, peer, arrivedAtMs } = parts;
  const first = offset / 4;
  const arrivedAtUs = Math.floor(arrivedAtMs * 1000);
  words[first + ARRIVED_HIGH] = arrivedAtUs / HALF;
  words[first + ARRIVED_LOW] = arrivedAtUs % HALF;
  words[first + METHOD] = method;
  words[first + SPAN_COUNT] = spanCount;
  words[first + HEAD_BYTES] = head.length;
  words[first + PEER_BYTES] = peer.addresses.length;
  words[first + BODY_BYTES] = bodyBytes;
  words[first + REMOTE_PORT] = peer.remotePort;
  words[first + LOCAL_PORT] = peer.localPort;
  words[first + IS_SECURE] = peer.isSecure ? 1 : 0;
  const firstSpan = first + SPANS;
  for (let i = 0; i < spanCount; i++) words[firstSpan + i] = spans[i] ?? 0;
  let at = (firstSpan + spanCount) * 4;
  bytes.set(head, at);
  at += head.length;
  bytes.set(peer.addresses, at);
  at += peer.addresses.length;
  for (const chunk of body) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
}

/** Headers of which a second one is a mistake; the first counts, as in Node. */
const SINGLE = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
]);

function join(headers: Record<string, string>, name: string, before: string, value: string): void {
  if (SINGLE.has(name)) return;
  headers[name] = `${before}${name === 'cookie' ? '; ' : ', '}${value}`;
}

/** The names that came before, as sent, in lower case: a client sends the same ones again and again. */
const lowerCased = new Map<string, string>();
const KNOWN_NAMES_LIMIT = 500;

function lowerCase(name: string): string {
  const known = lowerCased.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  if (lowerCased.size < KNOWN_NAMES_LIMIT) lowerCased.set(name, lower);
  return lower;
}

/** White space after a value is no part of it; the parser leaves it in. */
function trimEnd(value: string): string {
  const last = value.charCodeAt(value.length - 1);
  return last === 32 || last === 9 ? value.replace(/[ \t]+$/, '') : value;
}

/** A proxy's form of the target, `http://host/path`, means the path to us. */
function pathOf(target: string): string {
  if (target.startsWith('/')) return target;
  const path = /^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i.exec(target);
  if (path === null) return target;
  const rest = target.slice(path[0].length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

export interface ReceivedRequest {
  readonly request: HttpRequest;
  /** By `clock.monotonic()` of the thread that received it. */
  readonly arrivedAtMs: number;
}

/** What can be seen of a request before it is claimed. */
export interface Peeked {
  readonly method: string;
  readonly url: string;
  /** As it lies there. */
  readonly body: Uint8Array;
}

/** A target is longer than that only where nobody looks at it before it is claimed. */
const PEEKED_BYTES = 2048;

/**
 * What a request written at `offset` asks for. It may be looked at while others write there: then it is nothing that could be relied on, but
 * it does no harm.
 */
export function peekTarget({ bytes, words }: PacketMemory, offset: number): Peeked {
  const first = offset / 4;
  const head = offset + (SPANS + words[first + SPAN_COUNT]!) * 4;
  const start = words[first + SPANS]!;
  const end = Math.min(words[first + SPANS + 1]!, start + PEEKED_BYTES);
  const body = head + words[first + HEAD_BYTES]! + words[first + PEER_BYTES]!;
  return {
    method: METHODS[words[first + METHOD]!] ?? 'GET',
    url: bytes.toString('latin1', head + start, head + end),
    body: bytes.subarray(body, body + words[first + BODY_BYTES]!),
  };
}

/**
 * Reads a request written at `offset`. `isOwned`: nobody else will write to this memory, so the body need not be copied.
 */
export function readRequest({ bytes, words }: PacketMemory, offset: number, { isOwned }: { readonly isOwned: boolean }): ReceivedRequest {
  const first = offset / 4;
  const word = (index: number): number => words[first + index] ?? 0;
  const spanCount = word(SPAN_COUNT);
  const headStart = offset + (SPANS + spanCount) * 4;
  const peerStart = headStart + word(HEAD_BYTES);
  const bodyStart = peerStart + word(PEER_BYTES);
  const bodyEnd = bodyStart + word(BODY_BYTES);

  // Both in one call: making a string costs more by the call than by the byte.
  const head = bytes.toString('latin1', headStart, bodyStart);
  const part = (index: number): string => head.slice(word(SPANS + index), word(SPANS + index + 1));
  const headers: Record<string, string> = {};
  for (let i = 2; i < spanCount; i += 4) {
    const name = lowerCase(part(i));
    const value = trimEnd(part(i + 2));
    const before = headers[name];
    if (before === undefined || !Object.hasOwn(headers, name)) headers[name] = value;
    else join(headers, name, before, value);
  }
  const addresses = head.slice(peerStart - headStart);
  const parting = addresses.indexOf('\0');
  const body = bytes.subarray(bodyStart, bodyEnd);

  return {
    request: {
      method: METHODS[word(METHOD)] ?? 'GET',
      url: pathOf(part(0)),
      headers,
      body: isOwned || body.length === 0 ? body : Buffer.from(body),
      remoteAddress: addresses.slice(0, parting),
      remotePort: word(REMOTE_PORT),
      localAddress: addresses.slice(parting + 1),
      localPort: word(LOCAL_PORT),
      isSecure: word(IS_SECURE) === 1,
    },
    arrivedAtMs: (word(ARRIVED_HIGH) * HALF + word(ARRIVED_LOW)) / 1000,
  };
}
