/**
 * One connection of the pool: the bytes of requests out, the bytes of answers in, several requests on their way at a time.
 *
 * The driver connects, speaks TLS and proves who we are; from then on its socket is ours, because rows are to be passed on as they
 * come. All that is read of an answer is where its messages end.
 */
import { createConnection, type Socket } from 'node:net';
import { platform } from 'node:process';
import { TLSSocket } from 'node:tls';
import type pg from 'pg';
import { clock } from '#base';
import { readFrom } from './socket.ts';
import {
  ANY_CONNECTION,
  closeStatement,
  errorFields,
  isDown,
  MESSAGE_HEADER_BYTES,
  PREPARED_LIMIT,
  READ_ONLY,
  readRequest,
  RequestWriter,
  statement,
  SYNC,
  type Segment,
} from './wire.ts';

/** One request on a connection, which ends with a `Sync`. */
export interface Exchange {
  readonly segments: readonly Segment[];
  /** `state`: of the transaction after it, as the server names it: `I`, `T` or `E`. The chunks are good until it returns. */
  done(chunks: readonly Buffer[], state: string): void;
  /** The connection is gone. `isRefused`: and the server has said that nothing of it was done. */
  lost(reason: string, isRefused: boolean): void;
}

/** What there is to say to the borrower of a connection. */
export interface Borrower {
  /** The next answer; the chunks are good until it returns. */
  done(chunks: readonly Buffer[]): void;
  /** False while it writes; otherwise it never will again, and the connection can be closed. */
  breakOff(): boolean;
  /** After that. */
  lost(reason: string, isRefused: boolean): void;
}

/** What Node does not show of a socket. */
interface Handle {
  readonly fd: number;
  readStop(): void;
}

/** What the driver does not show of a client. */
interface Inside {
  readonly connection: { readonly stream: Socket };
  readonly processID: number;
  readonly secretKey: number;
  readonly host: string;
  readonly port: number;
}

const CODE = { ready: 0x5a, parsed: 0x31, error: 0x45, notice: 0x4e, parameter: 0x53, notification: 0x41 } as const;
/** Messages that may come at any time. */
const WITHOUT_REQUEST: ReadonlySet<number> = new Set([CODE.error, CODE.notice, CODE.parameter, CODE.notification]);
const CANCEL_REQUEST = 80877102;
/** Borrowers parse statements of which a connection does not hear: after so many of them, the server is to forget all. */
const LOANS_LIMIT = 16;
const FORGET_ALL = new RequestWriter({ isNaming: false }).begin(ANY_CONNECTION, 0, []).run(statement('DEALLOCATE ALL'), []).finish();
const CLOSED = 'the connection was closed';

/** An exchange whose answer nobody reads. */
const NOBODY: Exchange = { segments: [], done: () => undefined, lost: () => undefined };

export class Connection {
  readonly #socket: Socket;
  readonly #inside: Inside;
  readonly #onGone: (connection: Connection) => void;
  readonly #exchanges: Exchange[] = [];
  /** Names on their way to be parsed, of each exchange. */
  readonly #parsing: string[][] = [];
  readonly #prepared = new Set<string>();
  #chunks: Buffer[] = [];
  /** Of the message that is being read: what is still to come of its body, and of its header what has come so far. */
  #bodyLeft = 0;
  #header = Buffer.alloc(0);
  #bodyKind = 0;
  /** Of an error. */
  #body: Buffer[] = [];
  /** Of the transaction, as the server names it. */
  #state = '';
  #refusal: string | undefined;
  /** There was a message about the request that is being answered. */
  #isBegun = false;
  #isGone = false;
  #borrower: Borrower | undefined;
  /** Why it has ended. */
  #reason: string | undefined;
  #loans = 0;
  idleSinceMs = clock.monotonic();

  constructor(client: pg.Client, onGone: (connection: Connection) => void) {
    this.#inside = client as unknown as Inside;
    this.#onGone = onGone;
    this.#socket = this.#inside.connection.stream;
    for (const event of ['error', 'close', 'end']) this.#socket.removeAllListeners(event);
    this.#closeInTurn();
    readFrom(this.#socket, (chunk) => this.#read(chunk));
    this.#socket.on('error', (error) => this.#end(error.message));
    this.#socket.on('close', () => this.#end(CLOSED));
    this.#socket.on('end', () => this.#end('the server has closed the connection'));
  }

  get isLent(): boolean {
    return this.#borrower !== undefined;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Whether a thread could write to its descriptor: not with TLS. Tried on Linux only. */
  get isLendable(): boolean {
    const { writableLength } = this.#socket;
    const isQuiet = this.#exchanges.length === 0 && writableLength === 0 && !this.#isGone;
    return isQuiet && platform === 'linux' && !(this.#socket instanceof TLSSocket) && this.#descriptor >= 0;
  }

  /** Leaves it to another thread to write, under this descriptor: until it is taken back, nothing is sent from here. */
  lend(borrower: Borrower): number {
    this.#borrower = borrower;
    return this.#descriptor;
  }

  /** `unread`: so many answers are still to come, for nobody. */
  takeBack(unread: number): void {
    this.#borrower = undefined;
    for (let i = 0; i < unread; i++) this.#expect(NOBODY, []);
    this.idleSinceMs = clock.monotonic();
    // Where statements have no names there is nothing to forget, and behind a pooler it might be another's.
    if (++this.#loans % LOANS_LIMIT !== 0 || this.#prepared.size === 0) return;
    this.#prepared.clear();
    this.send({ ...NOBODY, segments: readRequest(FORGET_ALL).segments });
  }

  get #handle(): Handle | undefined {
    return (this.#socket as unknown as { readonly _handle?: Handle })._handle ?? undefined;
  }

  get #descriptor(): number {
    return this.#handle?.fd ?? -1;
  }

  /**
   * Node closes a socket as soon as it fails, and its descriptor may be another file's then: not while a borrower writes to it. Node does not expect
   * anything to be read in between either, and would throw where nobody can catch it.
   */
  #closeInTurn(): void {
    const socket = this.#socket;
    const close = socket._destroy.bind(socket);
    socket._destroy = (error, done) => {
      const borrower = this.#borrower;
      if (borrower?.breakOff() === false) {
        this.#handle?.readStop();
        setImmediate(() => socket._destroy(error, done));
        return;
      }
      this.#borrower = undefined;
      borrower?.lost(this.#refusal ?? this.#reason ?? error?.message ?? CLOSED, this.#refusal !== undefined);
      close(error, done);
    };
  }

  send(exchange: Exchange): void {
    const names: string[] = [];
    const parts: Buffer[] = [];
    const isParsed = (name: string): boolean =>
      this.#prepared.has(name) || names.includes(name) || this.#parsing.some((others) => others.includes(name));
    for (const { name, parse, bytes, start, end } of exchange.segments) {
      if (parse.length > 0 && !(name !== '' && isParsed(name))) {
        // A borrower may have given it already.
        if (name !== '' && this.#loans > 0) parts.push(closeStatement(name));
        parts.push(parse);
        names.push(name);
      }
      parts.push(bytes.subarray(start, end));
    }
    parts.push(...this.#forgettable(), SYNC);
    this.#expect(exchange, names);
    this.#socket.write(Buffer.concat(parts));
  }

  /** Has the server stop what it is doing for this connection. */
  cancel(): void {
    const { host, port, processID, secretKey } = this.#inside;
    const message = Buffer.alloc(16);
    [16, CANCEL_REQUEST, processID, secretKey].forEach((word, i) => message.writeInt32BE(word, i * 4));
    const socket = createConnection({ host, port });
    // A server that cannot be reached does not need to be told.
    socket.on('error', () => socket.destroy());
    socket.once('connect', () => socket.end(message));
  }

  destroy(reason: string): void {
    this.#end(reason);
    this.#socket.destroy();
  }

  /** Says goodbye to the server. */
  close(): void {
    this.#isGone = true;
    this.#socket.end(Buffer.from([0x58, 0, 0, 0, 4]));
    this.#socket.unref();
  }

  /** Messages that have the server forget statements when there are too many. */
  #forgettable(): Buffer[] {
    if (this.#prepared.size <= PREPARED_LIMIT) return [];
    const messages = [...this.#prepared].map(closeStatement);
    this.#prepared.clear();
    return messages;
  }

  #expect(exchange: Exchange, names: string[]): void {
    this.#exchanges.push(exchange);
    this.#parsing.push(names);
  }

  #read(chunk: Buffer): void {
    let start = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#bodyLeft === 0) {
        const missing = MESSAGE_HEADER_BYTES - this.#header.length;
        if (this.#header.length > 0 || chunk.length - at < missing) {
          const taken = chunk.subarray(at, at + missing);
          this.#header = Buffer.concat([this.#header, taken]);
          at += taken.length;
          if (this.#header.length < MESSAGE_HEADER_BYTES) break;
          this.#startBody(this.#header, 0);
          this.#header = Buffer.alloc(0);
        } else {
          this.#startBody(chunk, at);
          at += MESSAGE_HEADER_BYTES;
        }
        if (this.#bodyLeft > 0) continue;
      } else {
        const taken = Math.min(this.#bodyLeft, chunk.length - at);
        if (this.#bodyKind === CODE.ready) this.#state = String.fromCharCode(chunk[at]!);
        else if (this.#bodyKind === CODE.error) this.#body.push(Buffer.from(chunk.subarray(at, at + taken)));
        at += taken;
        this.#bodyLeft -= taken;
        if (this.#bodyLeft > 0) break;
      }
      // The message is whole.
      if (!WITHOUT_REQUEST.has(this.#bodyKind)) this.#isBegun = true;
      if (this.#bodyKind === CODE.parsed) {
        const name = this.#parsing[0]?.shift();
        if (name !== undefined && name !== '') this.#prepared.add(name);
      } else if (this.#bodyKind === CODE.error) this.#readError();
      else if (this.#bodyKind === CODE.ready) {
        this.#isBegun = false;
        this.#chunks.push(chunk.subarray(start, at));
        start = at;
        this.#finish();
        if (this.#isGone) return;
      }
    }
    if (start < chunk.length) this.#chunks.push(Buffer.from(chunk.subarray(start)));
  }

  #startBody(bytes: Buffer, at: number): void {
    this.#bodyKind = bytes[at]!;
    this.#bodyLeft = bytes.readInt32BE(at + 1) - 4;
  }

  #readError(): void {
    const fields = errorFields(Buffer.concat(this.#body));
    this.#body = [];
    const code = fields.get('C') ?? '';
    // A server that goes away says so at any time; before its first word about a request, it has not begun with it.
    const isUnasked = this.#exchanges.length === 0 && this.#borrower === undefined;
    if (code === READ_ONLY || isUnasked || (isDown(code) && !this.#isBegun)) this.#refusal = fields.get('M');
  }

  #finish(): void {
    const exchange = this.#exchanges.shift();
    this.#parsing.shift();
    const chunks = this.#chunks;
    this.#chunks = [];
    if (this.#refusal !== undefined && (exchange ?? this.#borrower) !== undefined) {
      exchange?.lost(this.#refusal, true);
      this.destroy(this.#refusal);
      return;
    }
    if (exchange === undefined) {
      this.#borrower?.done(chunks);
      return;
    }
    if (this.#exchanges.length === 0) this.idleSinceMs = clock.monotonic();
    exchange.done(chunks, this.#state);
  }

  #end(reason: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#reason = reason;
    this.#socket.destroy();
    this.#onGone(this);
    for (const exchange of this.#exchanges.splice(0)) exchange.lost(this.#refusal ?? reason, this.#refusal !== undefined);
  }
}
