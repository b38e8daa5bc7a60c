/**
 * PostgreSQL's protocol as far as the engine speaks it: requests of several statements as bytes, and answers read where they lie.
 *
 * The threads that have questions write and read the bytes themselves; the thread with the sockets only passes them on. So it stays
 * the smaller part of the work, and rows are never copied into objects.
 */
// As a global it is found by a getter each time, which takes ten times as long.
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { RowId, TableId } from '../engine.ts';

/** A text that is sent with parameters, parsed once by each connection. */
export interface Statement {
  readonly text: string;
  /** The same for the same text on all connections. */
  readonly name: string;
  /** The message that has the server parse it. */
  readonly parse: Buffer;
  /** That message for a connection that keeps no names. */
  readonly parseUnnamed: Buffer;
}

export type Parameter = Buffer;

const statements = new Map<string, Statement>();
const STATEMENTS_LIMIT = 4000;

export function statement(text: string): Statement {
  let known = statements.get(text);
  if (known === undefined) {
    const name = `f${createHash('sha1').update(text).digest('base64url').slice(0, 16)}`;
    known = { text, name, parse: parseMessage(name, text), parseUnnamed: parseMessage('', text) };
    if (statements.size >= STATEMENTS_LIMIT) statements.clear();
    statements.set(text, known);
  }
  return known;
}

/** What is made for a table when it is first asked for: to make a text anew and to find its statement by that takes a microsecond. */
export function madeOnce<Made>(make: (table: TableId) => Made): (table: TableId) => Made {
  const made = new Map<TableId, Made>();
  return (table) => {
    let found = made.get(table);
    if (found === undefined) {
      found = make(table);
      if (made.size >= STATEMENTS_LIMIT) made.clear();
      made.set(table, found);
    }
    return found;
  };
}

function parseMessage(name: string, text: string): Buffer {
  const length = 4 + Buffer.byteLength(name) + 1 + Buffer.byteLength(text) + 1 + 2;
  const message = Buffer.alloc(1 + length);
  message.write('P', 0, 'latin1');
  message.writeInt32BE(length, 1);
  const at = 5 + message.write(name, 5) + 1;
  message.write(text, at);
  return message;
}

/** A handle of a connection that stays with its thread; 0: any connection, for this request only. */
export type Handle = number;
export const ANY_CONNECTION: Handle = 0;

/** It has the same effect when it is done again on another connection: it reads, or only takes locks. */
export const IS_REPEATABLE = 1;
/** The connection is given back after it. */
export const ENDS = 2;

export const ROLLBACK = statement('ROLLBACK');
export const MESSAGE_HEADER_BYTES = 5;
/** Statements that a connection keeps; the server has a plan for each. */
export const PREPARED_LIMIT = 400;
/** The server stops taking writes: another one has to be found. */
export const READ_ONLY = '25006';
const DOWN = new Set(['57P01', '57P02', '57P03', '57P05']);

/** The server goes away, or this connection of it. */
export function isDown(code: string): boolean {
  return DOWN.has(code);
}

/** The message that has the server forget a statement, if it knows one of that name. */
export function closeStatement(name: string): Buffer {
  const message = Buffer.alloc(7 + name.length);
  message.write('C', 0, 'latin1');
  message.writeInt32BE(6 + name.length, 1);
  message.write(`S${name}`, 5, 'latin1');
  return message;
}

const HEADER_BYTES = 12;
const NO_MESSAGE = Buffer.alloc(0);
const INITIAL_BYTES = 16 * 1024;
const KEPT_BYTES = 1024 * 1024;

/** Writes one request after the other into the same memory. */
export class RequestWriter {
  #bytes = Buffer.allocUnsafe(INITIAL_BYTES);
  #length = 0;
  /** Where the segments lie. */
  #segments: Segment[] = [];
  #segmentsAt = 0;
  readonly #isNaming: boolean;

  /** `isNaming`: statements keep their names on the connections. */
  constructor(options: { readonly isNaming: boolean }) {
    this.#isNaming = options.isNaming;
  }

  /** `releases`: handles that are not used any more. */
  begin(handle: Handle, flags: number, releases: readonly Handle[]): this {
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafe(INITIAL_BYTES);
    this.#reserve(HEADER_BYTES + releases.length * 4);
    this.#segments = [];
    this.#bytes.writeUInt32LE(handle, 0);
    this.#bytes.writeUInt32LE(flags, 4);
    this.#bytes.writeUInt32LE(releases.length, 8);
    this.#length = HEADER_BYTES;
    for (const release of releases) this.#length = this.#bytes.writeUInt32LE(release, this.#length);
    this.#reserve(4);
    this.#segmentsAt = this.#length;
    this.#length += 4;
    return this;
  }

  /** Runs a statement; of a named portal `limit` rows at most, the rest by `fetch`. */
  run(what: Statement, parameters: readonly Parameter[], portal = '', limit = 0): this {
    return this.#run(what, this.#isNaming, parameters, portal, limit);
  }

  /** Runs a statement that will hardly come again. */
  runOnce(what: string): this {
    return this.#run({ text: what, name: '', parse: parseMessage('', what), parseUnnamed: parseMessage('', what) }, false, [], '', 0);
  }

  #run({ name, parse, parseUnnamed }: Statement, isNamed: boolean, parameters: readonly Parameter[], portal: string, limit: number): this {
    const given = isNamed ? name : '';
    const message = isNamed ? parse : parseUnnamed;
    let size = 4 + portal.length + 1 + given.length + 1 + 2 + 2 + 2 + 4;
    for (const parameter of parameters) size += 4 + parameter.length;
    this.#reserve(9 + given.length + message.length + 1 + size + 10 + portal.length);
    const bytes = this.#bytes;
    let at = this.#length;
    bytes[at++] = given.length;
    at += bytes.write(given, at, 'latin1');
    at = bytes.writeUInt32LE(message.length, at);
    at += message.copy(bytes, at);
    const restAt = at;
    at += 4;
    bytes[at++] = 0x42; // Bind
    at = bytes.writeInt32BE(size, at);
    at = writeText(bytes, portal, at);
    at = writeText(bytes, given, at);
    at = bytes.writeInt32BE(0x00010001, at); // one format for all: binary
    at = bytes.writeInt16BE(parameters.length, at);
    for (const parameter of parameters) {
      at = bytes.writeInt32BE(parameter.length, at);
      bytes.set(parameter, at);
      at += parameter.length;
    }
    at = bytes.writeInt32BE(0x00010001, at);
    at = writeExecute(bytes, portal, limit, at);
    bytes.writeUInt32LE(at - restAt - 4, restAt);
    this.#length = at;
    this.#segments.push({ name: given, parse: message, bytes, start: restAt + 4, end: at });
    return this;
  }

  /** More rows of a portal. */
  fetch(portal: string, limit: number): this {
    return this.#plain(10 + portal.length, (bytes, at) => writeExecute(bytes, portal, limit, at));
  }

  closePortal(portal: string): this {
    return this.#plain(7 + portal.length, (bytes, at) => {
      bytes[at] = 0x43;
      bytes.writeInt32BE(6 + portal.length, at + 1);
      bytes[at + 5] = 0x50;
      return writeText(bytes, portal, at + 6);
    });
  }

  /** What was written, until the next request is begun. */
  finish(): Buffer {
    this.#bytes.writeUInt32LE(this.#segments.length, this.#segmentsAt);
    return this.#bytes.subarray(0, this.#length);
  }

  /** What `readRequest` would find in it. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** How much was written. */
  get length(): number {
    return this.#length;
  }

  #plain(size: number, write: (bytes: Buffer, at: number) => number): this {
    this.#reserve(9 + size);
    const start = this.#length;
    this.#bytes[start] = 0;
    this.#bytes.writeUInt32LE(0, start + 1);
    this.#length = write(this.#bytes, start + 9);
    this.#bytes.writeUInt32LE(this.#length - start - 9, start + 5);
    this.#segments.push({ name: '', parse: NO_MESSAGE, bytes: this.#bytes, start: start + 9, end: this.#length });
    return this;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length + more));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
    this.#segments = this.#segments.map((segment) => ({ ...segment, bytes: larger }));
  }
}

function writeText(bytes: Buffer, text: string, at: number): number {
  const end = at + bytes.write(text, at, 'latin1');
  bytes[end] = 0;
  return end + 1;
}

function writeExecute(bytes: Buffer, portal: string, limit: number, start: number): number {
  bytes[start] = 0x45;
  bytes.writeInt32BE(9 + portal.length, start + 1);
  return bytes.writeInt32BE(limit, writeText(bytes, portal, start + 5));
}

/** One statement of a request, as the thread with the sockets sees it. */
export interface Segment {
  /** Empty: nothing to be parsed, or under no name. */
  readonly name: string;
  readonly parse: Buffer;
  /** What follows the message that has it parsed lies in these, from `start` to `end`. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

export interface Request {
  readonly handle: Handle;
  readonly flags: number;
  readonly releases: readonly Handle[];
  readonly segments: readonly Segment[];
}

export function readRequest(bytes: Buffer): Request {
  const handle = bytes.readUInt32LE(0);
  const flags = bytes.readUInt32LE(4);
  const count = bytes.readUInt32LE(8);
  let at = HEADER_BYTES;
  const releases: Handle[] = [];
  for (let i = 0; i < count; i++, at += 4) releases.push(bytes.readUInt32LE(at));
  const segmentCount = bytes.readUInt32LE(at);
  at += 4;
  const segments: Segment[] = [];
  for (let i = 0; i < segmentCount; i++) {
    const nameEnd = at + 1 + bytes[at]!;
    const name = bytes.toString('latin1', at + 1, nameEnd);
    const parseEnd = nameEnd + 4 + bytes.readUInt32LE(nameEnd);
    const restEnd = parseEnd + 4 + bytes.readUInt32LE(parseEnd);
    segments.push({ name, parse: bytes.subarray(nameEnd + 4, parseEnd), bytes, start: parseEnd + 4, end: restEnd });
    at = restEnd;
  }
  return { handle, flags, releases, segments };
}

export const SYNC = Buffer.from([0x53, 0, 0, 0, 4]);

/** An error that the server told of. */
export class PostgresError extends Error {
  override readonly name = 'PostgresError';
  /** SQLSTATE */
  readonly code: string;
  /** Which statement of the request failed. */
  readonly statement: number;

  constructor(message: string, code: string, failed: number) {
    super(`${message} (SQLSTATE ${code})`);
    this.code = code;
    this.statement = failed;
  }
}

/** The rows of one statement, in the bytes of the answer. */
export interface Rows {
  readonly buffer: Buffer;
  readonly count: number;
  /** Where the columns of each row begin: at the length of the first. */
  readonly starts: readonly number[];
  /** There are more rows to be fetched from its portal. */
  readonly hasMore: boolean;
}

export interface Answer {
  /** One for each statement up to the one that failed. */
  readonly results: readonly Rows[];
  readonly error: PostgresError | undefined;
}

const CODE = { row: 0x44, complete: 0x43, suspended: 0x73, empty: 0x49, error: 0x45 } as const;

/** `skipped`: so many statements before those of the request, which are of no interest. */
export function readAnswer(buffer: Buffer, { skipped = 0 }: { readonly skipped?: number } = {}): Answer {
  const results: Rows[] = [];
  let starts: number[] = [];
  let error: PostgresError | undefined;
  const finish = (hasMore: boolean): void => {
    results.push({ buffer, count: starts.length, starts, hasMore });
    starts = [];
  };
  for (let at = 0; at < buffer.length;) {
    const end = at + 1 + buffer.readInt32BE(at + 1);
    switch (buffer[at]!) {
      case CODE.row:
        starts.push(at + 7);
        break;
      case CODE.complete:
      case CODE.empty:
        finish(false);
        break;
      case CODE.suspended:
        finish(true);
        break;
      case CODE.error:
        error ??= readError(buffer.subarray(at + 5, end), results.length - skipped);
    }
    at = end;
  }
  return { results: skipped === 0 ? results : results.slice(skipped), error };
}

function readError(fields: Buffer, failed: number): PostgresError {
  const found = errorFields(fields);
  const detail = found.get('D');
  return new PostgresError(detail === undefined ? (found.get('M') ?? '') : `${found.get('M')}: ${detail}`, found.get('C') ?? '', failed);
}

/** By their letters: `C` is the SQLSTATE, `M` the message. */
export function errorFields(fields: Buffer): Map<string, string> {
  const found = new Map<string, string>();
  for (let at = 0; at < fields.length && fields[at] !== 0;) {
    const end = fields.indexOf(0, at + 1);
    found.set(String.fromCharCode(fields[at]!), fields.toString('utf8', at + 1, end));
    at = end + 1;
  }
  return found;
}

/** The number in an `int8` column at its length. */
export function readInt8(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at + 4) * 2 ** 32 + buffer.readUInt32BE(at + 8);
}

/** Where the column after the one at `at` is. */
export function nextColumn(buffer: Buffer, at: number): number {
  const length = buffer.readInt32BE(at);
  return at + 4 + (length < 0 ? 0 : length);
}

const ARRAY_HEADER_BYTES = 20;

/** How many elements the array in the column at `at` has; it must not be empty. */
export function arrayCount(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at + 4 + 12);
}

/** Where its first element is: at its length, as with columns. */
export function firstElement(at: number): number {
  return at + 4 + ARRAY_HEADER_BYTES;
}

export function int8(value: number | bigint): Parameter {
  const bytes = Buffer.allocUnsafe(8);
  if (typeof value === 'bigint') bytes.writeBigInt64BE(value);
  else {
    bytes.writeInt32BE(Math.floor(value / 2 ** 32), 0);
    bytes.writeUInt32BE(value >>> 0, 4);
  }
  return bytes;
}

export function textBytes(value: string): Parameter {
  return Buffer.from(value);
}

const OID = { bytea: 17, int8: 20 } as const;
const EMPTY_ARRAY_BYTES = 12;

function arrayHead(count: number, oid: number, contentBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(count === 0 ? EMPTY_ARRAY_BYTES : ARRAY_HEADER_BYTES + contentBytes);
  bytes.writeInt32BE(count === 0 ? 0 : 1, 0);
  bytes.writeInt32BE(0, 4);
  bytes.writeInt32BE(oid, 8);
  if (count === 0) return bytes;
  bytes.writeInt32BE(count, 12);
  bytes.writeInt32BE(1, 16);
  return bytes;
}

export function bytesArray(values: readonly Uint8Array[]): Parameter {
  let size = 0;
  for (const value of values) size += 4 + value.length;
  const bytes = arrayHead(values.length, OID.bytea, size);
  let at = ARRAY_HEADER_BYTES;
  for (const value of values) {
    at = bytes.writeInt32BE(value.length, at);
    bytes.set(value, at);
    at += value.length;
  }
  return bytes;
}

export function int8Array(values: ArrayLike<RowId>): Parameter {
  const bytes = arrayHead(values.length, OID.int8, values.length * 12);
  for (let i = 0, at = ARRAY_HEADER_BYTES; i < values.length; i++, at += 12) {
    const value = values[i]!;
    bytes.writeInt32BE(8, at);
    bytes.writeInt32BE(Math.floor(value / 2 ** 32), at + 4);
    bytes.writeUInt32BE(value >>> 0, at + 8);
  }
  return bytes;
}
