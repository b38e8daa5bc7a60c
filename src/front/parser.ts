/**
 * HTTP/1.1 requests out of bytes: llhttp, the parser of Node itself, in the WebAssembly build that undici carries.
 *
 * `node:http` would parse with the same code, but makes a dozen objects and strings of each request, which costs more than the rest of
 * the front (16 against 11 µs a request). Here a head is never made into strings: its parts are places in its bytes, and travel to a worker
 * as they are. llhttp runs in its strictest form, so what two parsers might understand differently is refused.
 */
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';
import { METHODS } from '#base';

/** What llhttp says when it stops; its numbers are part of its interface. */
const OK = 0;
const INVALID_METHOD = 6;
const INVALID_VERSION = 9;
const PAUSED = 21;
const PAUSED_UPGRADE = 22;
const PAUSED_HTTP2 = 23;
const STOP = -1;
const REQUEST = 1;

/** The part of WebAssembly's interface that is used here; TypeScript knows it only together with a browser's. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

interface Llhttp {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(bytes: number): number;
  llhttp_alloc(type: number): number;
  llhttp_free(parser: number): void;
  llhttp_execute(parser: number, at: number, bytes: number): number;
  llhttp_resume(parser: number): void;
  llhttp_resume_after_upgrade(parser: number): void;
  llhttp_get_error_pos(parser: number): number;
  llhttp_get_error_reason(parser: number): number;
  llhttp_get_method(parser: number): number;
  llhttp_method_name(method: number): number;
  llhttp_get_http_major(parser: number): number;
  llhttp_get_http_minor(parser: number): number;
}

/** The parser whose bytes llhttp is looking at; callbacks happen only inside `parse`. */
let current: RequestParser | undefined;

function running(): RequestParser {
  assert(current !== undefined, 'llhttp calls back only while it is called');
  return current;
}

const load = createRequire(import.meta.url);
const binary = load('undici/lib/llhttp/llhttp_simd-wasm.js') as Uint8Array;
const { Instance, Module } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;
const llhttp = new Instance(new Module(binary), {
  env: {
    wasm_on_message_begin: () => 0,
    wasm_on_status: () => 0,
    wasm_on_url: (_: number, at: number, bytes: number) => running().onTarget(at - INPUT, bytes),
    wasm_on_header_field: (_: number, at: number, bytes: number) => running().onName(at - INPUT, bytes),
    wasm_on_header_value: (_: number, at: number, bytes: number) => running().onValue(at - INPUT, bytes),
    wasm_on_headers_complete: (_: number, _status: number, _upgrade: number, keepsAlive: number) => running().onHeadEnd(keepsAlive === 1),
    wasm_on_body: (_: number, at: number, bytes: number) => running().onBody(at - INPUT, bytes),
    wasm_on_message_complete: () => running().onMessageEnd(),
  },
}).exports as Llhttp;

const INPUT_BYTES = 65_536;
const INPUT = llhttp.malloc(INPUT_BYTES);

let inputView = new Uint8Array(llhttp.memory.buffer, INPUT, INPUT_BYTES);

function inputBytes(): Uint8Array {
  // llhttp may have grown its memory for another parser, which leaves nothing of the old view.
  if (inputView.length === 0) inputView = new Uint8Array(llhttp.memory.buffer, INPUT, INPUT_BYTES);
  return inputView;
}

function textAt(pointer: number): string {
  const bytes = Buffer.from(llhttp.memory.buffer);
  return bytes.toString('latin1', pointer, bytes.indexOf(0, pointer));
}

/** From llhttp's number of a method to its index in `METHODS`; undefined for those that nobody answers. */
const methodIndex = Array.from({ length: 46 }, (_, method) => {
  const index = METHODS.findIndex((name) => name === textAt(llhttp.llhttp_method_name(method)));
  return index === -1 ? undefined : index;
});

function execute(parser: RequestParser, pointer: number, bytes: number): number {
  current = parser;
  const error = llhttp.llhttp_execute(pointer, INPUT, bytes);
  current = undefined;
  return error;
}

export interface ParserLimits {
  readonly headBytes: number;
  readonly targetBytes: number;
  readonly headerCount: number;
}

/** What the parser stopped at. All but `needs more` and `message` end the connection. */
export type Outcome =
  | 'needs more'
  | 'message'
  | 'stopped by its owner'
  | 'target too long'
  | 'head too large'
  | 'wrong version'
  | 'unknown method'
  | 'http2'
  | 'malformed';

/** What a parser tells the connection. False stops it. */
export interface MessageListener {
  onHead(): boolean;
  onBody(chunk: Buffer): boolean;
}

export class RequestParser {
  readonly #pointer = llhttp.llhttp_alloc(REQUEST);
  readonly #limits: ParserLimits;
  readonly #listener: MessageListener;

  /** The places of target, names and values in `head`, from when the head is complete until the next message begins. */
  readonly spans: Int32Array;
  spanCount = 0;
  head: Buffer = Buffer.alloc(0);
  /** Index in `METHODS`, if it is one of them. */
  method: number | undefined;
  isVersion10 = false;
  keepsAlive = false;

  #input: Buffer = this.head;
  #stage: 'begin' | 'target' | 'name' | 'value' | 'after head' = 'begin';
  /** Pieces of a head that did not come at once, and their length. */
  #carried: Buffer[] = [];
  #carriedBytes = 0;
  #stopped: Outcome | undefined;

  constructor(listener: MessageListener, limits: ParserLimits) {
    this.#listener = listener;
    this.#limits = limits;
    this.spans = new Int32Array(2 + 4 * limits.headerCount);
  }

  /** Part of a message is there, but not all. */
  get isInside(): boolean {
    return this.#stage !== 'begin';
  }

  get hasHead(): boolean {
    return this.#stage === 'after head';
  }

  /** Reads until the end of a message, or of the chunk, or until something is wrong; says how many bytes it used. */
  parse(chunk: Buffer): { readonly outcome: Outcome; readonly used: number } {
    if (chunk.length <= INPUT_BYTES) return this.#execute(chunk);
    let used = 0;
    while (used < chunk.length) {
      const input = chunk.subarray(used, used + INPUT_BYTES);
      const { outcome, used: usedNow } = this.#execute(input);
      if (outcome !== 'needs more') return { outcome, used: used + usedNow };
      used += input.length;
    }
    return { outcome: 'needs more', used };
  }

  #execute(input: Buffer): { readonly outcome: Outcome; readonly used: number } {
    this.#input = input;
    inputBytes().set(input);
    const error = execute(this, this.#pointer, input.length);
    if (error === OK) return { outcome: this.#carry(input), used: input.length };
    const used = llhttp.llhttp_get_error_pos(this.#pointer) - INPUT;
    switch (error) {
      case PAUSED:
        llhttp.llhttp_resume(this.#pointer);
        this.#stage = 'begin';
        return { outcome: 'message', used };
      case PAUSED_UPGRADE: {
        // Somebody offered another protocol in the last message; nobody took it, so HTTP/1.1 goes on.
        llhttp.llhttp_resume_after_upgrade(this.#pointer);
        const rest = this.#execute(input.subarray(used));
        return { outcome: rest.outcome, used: used + rest.used };
      }
      case PAUSED_HTTP2:
        return { outcome: 'http2', used };
      case INVALID_METHOD:
        return { outcome: 'unknown method', used };
      case INVALID_VERSION:
        return { outcome: 'wrong version', used };
      default:
        return { outcome: this.#stopped ?? 'malformed', used };
    }
  }

  /** In llhttp's words, after `malformed`. */
  get reason(): string {
    return textAt(llhttp.llhttp_get_error_reason(this.#pointer));
  }

  /** Gives llhttp's memory back. Nothing may be called afterwards. */
  free(): void {
    llhttp.llhttp_free(this.#pointer);
  }

  /** Keeps the bytes of an unfinished head, up to the limit. */
  #carry(input: Buffer): Outcome {
    if (this.#stage === 'after head') return 'needs more';
    this.#carried.push(input);
    this.#carriedBytes += input.length;
    return this.#carriedBytes > this.#limits.headBytes ? 'head too large' : 'needs more';
  }

  #stop(outcome: Outcome): number {
    this.#stopped = outcome;
    return STOP;
  }

  /** Places one more part, or the rest of one that came in two pieces. */
  #place(stage: 'target' | 'name' | 'value', at: number, bytes: number): number {
    const start = this.#carriedBytes + at;
    if (this.#stage === stage) {
      this.spans[this.spanCount - 1] = start + bytes;
      return OK;
    }
    if (this.spanCount + 2 > this.spans.length) return this.#stop('head too large');
    this.#stage = stage;
    this.spans[this.spanCount++] = start;
    this.spans[this.spanCount++] = start + bytes;
    return OK;
  }

  onTarget(at: number, bytes: number): number {
    if (this.#stage === 'begin') this.spanCount = 0;
    const result = this.#place('target', at, bytes);
    const length = (this.spans[1] ?? 0) - (this.spans[0] ?? 0);
    return length > this.#limits.targetBytes ? this.#stop('target too long') : result;
  }

  onName(at: number, bytes: number): number {
    return this.#stage === 'after head' ? OK : this.#place('name', at, bytes);
  }

  onValue(at: number, bytes: number): number {
    return this.#stage === 'after head' ? OK : this.#place('value', at, bytes);
  }

  onHeadEnd(keepsAlive: boolean): number {
    const end = this.spans[this.spanCount - 1] ?? 0;
    if (end > this.#limits.headBytes) return this.#stop('head too large');
    const isVersion11 = llhttp.llhttp_get_http_major(this.#pointer) === 1;
    if (!isVersion11) return this.#stop('wrong version');
    if (this.#carriedBytes === 0) {
      this.head = this.#input.subarray(0, end);
    } else {
      this.head = Buffer.concat([...this.#carried, this.#input], end);
      this.#carried = [];
      this.#carriedBytes = 0;
    }
    this.#stage = 'after head';
    this.isVersion10 = llhttp.llhttp_get_http_minor(this.#pointer) === 0;
    this.keepsAlive = keepsAlive;
    this.method = methodIndex[llhttp.llhttp_get_method(this.#pointer)];
    return this.#listener.onHead() ? OK : this.#stop('stopped by its owner');
  }

  onBody(at: number, bytes: number): number {
    return this.#listener.onBody(this.#input.subarray(at, at + bytes)) ? OK : this.#stop('stopped by its owner');
  }

  onMessageEnd(): number {
    return PAUSED;
  }
}
