/**
 * LMDB as this engine uses it: snapshots, point reads, cursors, and a list of writes that is applied and committed in one go.
 *
 * The only file that knows the npm package `lmdb`. It uses the package's native part directly, because its JavaScript part renews
 * read transactions by timers, allocates for each entry, and waits for the disk where we must not. What is called `address` is a
 * pointer: whatever it points into is kept alive here as long as it is in use.
 *
 * The package takes snapshots and writes; what a snapshot sees is read from the mapped file (`pages.ts`).
 *
 * A thread that is being ended (`worker.terminate()`, no memory left) must not call the package's methods any more: each that fails
 * then ends the process. Its plain functions do not mind. So snapshots are taken again with these alone, on objects that are made once
 * and kept; what needs methods says so (*in a safe section*, see `shared.ts`).
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArangoError, requirePackage } from '#base';
import { writeBytes, writeText } from '../bytes.ts';
import type { KeyInRow, KeyList } from '../engine.ts';
import { asStorageError } from './io-error.ts';
import { findRows } from './descent.ts';
import { preparePoints } from './read-ahead.ts';
import type { HashFilter } from './hash-filter.ts';
import { findHolders } from './holders.ts';
import { KeyFilters } from './key-filters.ts';
import { findKeyedRows, type FoundKeyedRows, type KeyedPlaces } from './keyed-rows.ts';
import { MappedPages, PAGE_BYTES, type FoundRows, type Roots } from './pages.ts';
import { TreeCursor, type Bounds } from './tree-cursor.ts';

interface NativeTable {
  readonly address: number;
  readonly dbi: number;
}

interface NativeSnapshot {
  readonly address: number;
  abort(): void;
}

interface NativeEnvironment {
  readonly address: number;
  open(options: object, flags: number, scriptFlags: number): void;
  close(): void;
  beginTxn(flags: number): void;
  commitTxn(): boolean;
  abortTxn(): void;
  info(): { readonly lastPageNumber: number };
  readerCheck(): number;
  readerList(): readonly string[];
  copy(path: string, compact: boolean, done: (error?: Error) => void): void;
}

interface Native {
  readonly Env: new () => NativeEnvironment;
  readonly Txn: new (environment: NativeEnvironment, flags: number) => NativeSnapshot;
  readonly Dbi: new (environment: NativeEnvironment, flags: number, name: string | null, keyType: number) => NativeTable;
  getAddress(buffer: ArrayBufferLike): number;
  getBufferAddress(buffer: Uint8Array): number;
  /** A view of memory that is not JavaScript's. */
  createBufferForAddress(address: number, size: number): Buffer;
  getByBinary(tableAddress: number, keySize: number, unlessTxnId: number, snapshotAddress: number): number;
  /** A view of a value where it lies in the map. */
  getSharedByBinary(tableAddress: number, keySize: number): Buffer | undefined;
  resetTxn(snapshotAddress: number): void;
  /** Answers the code in the build made for one Node version, and throws in the build made for all. */
  write(environmentAddress: number, instructionAddress: number): number | undefined;
  lmdbError(code: number): Error;
}

// Not by `import`, which loads a dozen files of it, one by one.
const { nativeAddon: native } = requirePackage('lmdb') as { readonly nativeAddon: Native };

const NO_SYNC = 0x10000;
const NO_SUB_FOLDER = 0x4000;
const READ_ONLY = 0x20000;
const CREATE = 0x40000;
const BINARY_KEYS = 3;
const SYNCHRONOUS_COMMIT = 2;

const NOT_FOUND = -30798;
const KEY_EXISTS = -30799;
const READERS_FULL = -30790;

const PUT = 15;
const DELETE = 13;

/**
 * Address space set aside for the file, so that it never has to be mapped anew while threads read it. It costs neither memory nor
 * disk.
 */
const MAP_BYTES = 2 ** 40;

const MAX_READERS = 4096;
const LOCK_FILE = 'lock.mdb';
/** What the table of readers takes, and more. */
const LOCK_BYTES = 64 * (MAX_READERS + 64);

/** The tree of trees, and those in it. */
export const TABLE = { head: 0, data: 1, meta: 2 } as const;
export type Table = (typeof TABLE)[keyof typeof TABLE];
const TABLE_NAMES = ['', 'data', 'meta'] as const;

export interface OpenLmdbOptions {
  /** A file of its own and no folder. */
  readonly isFile?: boolean;
  /** For the first thread, when there is no other: makes the tables that are not there yet. */
  readonly createsTables?: boolean;
}

export class Lmdb {
  readonly keyBytes: Buffer = Buffer.allocUnsafeSlow(8192);
  readonly #environment = new native.Env();
  readonly #path: string;
  readonly #isFile: boolean;
  #pages: MappedPages | undefined;
  readonly filters = new KeyFilters();

  /** In a safe section, as all that opens and closes. */
  constructor(path: string, { isFile = false, createsTables = false }: OpenLmdbOptions = {}) {
    this.#path = path;
    this.#isFile = isFile;
    if (createsTables) layOutReaders(path);
    this.openEnvironment(this.#environment);
    if (createsTables) this.#createTables();
  }

  close(): void {
    this.#environment.close();
  }

  /** What LMDB has opened already it opens only for show, but each such handle reads from a snapshot of its own. */
  openEnvironment(environment: NativeEnvironment): void {
    const isFile = this.#isFile;
    environment.open(
      {
        path: this.#path,
        keyBytes: this.keyBytes,
        maxDbs: 2,
        mapSize: isFile ? 2 ** 20 : MAP_BYTES,
        pageSize: PAGE_BYTES,
        maxReaders: isFile ? 64 : MAX_READERS,
        permissionsMode: 0o600,
      },
      NO_SYNC | (isFile ? NO_SUB_FOLDER : 0),
      0,
    );
  }

  #createTables(): void {
    this.#environment.beginTxn(SYNCHRONOUS_COMMIT);
    try {
      for (const name of TABLE_NAMES) void new native.Dbi(this.#environment, CREATE, name || null, BINARY_KEYS);
    } catch (error) {
      this.#environment.abortTxn();
      this.#environment.close();
      throw asStorageError(error);
    }
    this.#environment.commitTxn();
  }

  /** The mapped file, for who has a snapshot. What was found in it last is noted here. */
  get pages(): MappedPages {
    assert(this.#pages !== undefined, 'there is a snapshot');
    return this.#pages;
  }

  /** The same, for the first snapshot. In a safe section. */
  pagesSeenBy(head: NativeTable): MappedPages {
    return (this.#pages ??= new MappedPages(this.#mapOf(head), TABLE_NAMES.slice(1)));
  }

  /** Where the map begins can be told from the address and the number of any page. */
  #mapOf(head: NativeTable): (offset: number, size: number) => Buffer {
    const keySize = this.keyBytes.write(`${TABLE_NAMES[TABLE.data]}\0`, 'latin1');
    const record = native.getSharedByBinary(head.address, keySize);
    assert(record !== undefined, 'the tree of trees knows the others');
    const address = native.getBufferAddress(record);
    const pageAddress = address - (address % PAGE_BYTES);
    const page = native.createBufferForAddress(pageAddress, PAGE_BYTES);
    const start = pageAddress - Number(page.readBigUInt64LE()) * PAGE_BYTES;
    return (offset, size) => native.createBufferForAddress(start + offset, size);
  }

  /** In a safe section. Give it back by `release` and take it again by `renew` rather than making another. */
  snapshot(): Snapshot {
    return new Snapshot(this, this.#isFile ? [] : TABLE_NAMES);
  }

  /** The processes that have a snapshot of this database, one entry for each snapshot. Those that died do not count. */
  processesWithSnapshots(): number[] {
    this.#environment.readerCheck();
    const lines = this.#environment.readerList().join('').split('\n');
    return lines.flatMap((line) => /^\s*(\d+)\s/.exec(line)?.[1] ?? []).map(Number);
  }

  /** How much of the file is in use, free pages within included. In a safe section. */
  usedBytes(): number {
    return (this.#environment.info().lastPageNumber + 1) * PAGE_BYTES;
  }

  /** Writes a compact copy while the database goes on being used. To be begun in a safe section. */
  copy(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#environment.copy(path, true, (error) => (error ? reject(error) : resolve()));
    });
  }

  /**
   * Applies and commits all of `writes`, in a safe section and while no other thread is in here. A thread that ended in here would
   * leave LMDB locked for ever; that is also why nothing here allocates: no heap limit can be hit.
   */
  commit(writes: WriteList): void {
    const environment = this.#environment;
    const { address } = environment;
    const { addresses, count } = writes;
    environment.beginTxn(SYNCHRONOUS_COMMIT);
    let code: number | undefined = 0;
    try {
      for (let i = 0; i < count; i++) {
        code = native.write(address, addresses[i]!);
        if (code !== undefined && code !== 0 && code !== NOT_FOUND && code !== KEY_EXISTS) throw storageError(code);
      }
    } catch (error) {
      environment.abortTxn();
      throw asStorageError(error);
    }
    try {
      environment.commitTxn();
    } catch (error) {
      throw asStorageError(error);
    }
  }
}

/**
 * LMDB maps the file with the table of readers and writes to it there; on a full disk the system ends the process that writes to a page
 * without a block. So all of it gets its blocks while there is nobody to disturb.
 */
function layOutReaders(folder: string): void {
  try {
    writeFileSync(join(folder, LOCK_FILE), Buffer.alloc(LOCK_BYTES), { mode: 0o600 });
  } catch (error) {
    throw asStorageError(error);
  }
}

/** A frozen view of the whole database. It keeps the pages it sees from being used again, so it is to be held shortly. */
export class Snapshot {
  readonly #lmdb: Lmdb;
  readonly #environment = new native.Env();
  readonly #native: NativeSnapshot;
  readonly tables: readonly NativeTable[];
  readonly #pages: MappedPages | undefined;
  #roots: Roots | undefined;
  /** Cursors that nobody uses. */
  readonly #cursors: Cursor[] = [];

  constructor(lmdb: Lmdb, tableNames: readonly string[]) {
    this.#lmdb = lmdb;
    lmdb.openEnvironment(this.#environment);
    try {
      this.#native = new native.Txn(this.#environment, READ_ONLY);
    } catch (error) {
      this.#environment.close();
      if ((error as { readonly code?: unknown }).code !== READERS_FULL) throw asStorageError(error);
      throw new ArangoError('ERROR_RESOURCE_LIMIT', `more than ${MAX_READERS} transactions and cursors read at a time`);
    }
    this.tables = tableNames.map((name) => new native.Dbi(this.#environment, 0, name || null, BINARY_KEYS));
    const [head] = this.tables;
    if (head === undefined) return;
    this.#pages = lmdb.pagesSeenBy(head);
    this.#roots = this.#pages.newestRoots();
  }

  /** Makes it the view of now, after `release`. */
  renew(): void {
    // Whoever reads from a released snapshot renews it, even if there is nothing to find.
    this.#lmdb.keyBytes[0] = 0;
    const answer = native.getByBinary(this.tables[TABLE.head]!.address, 1, 0, 0);
    // Without a snapshot, pages are used again while they are read.
    if (answer !== NOT_FOUND) throw new ArangoError('ERROR_ARANGO_IO_ERROR', `the data file cannot be read any more (${answer})`);
    this.#roots = this.#pages?.newestRoots();
  }

  /** Gives up the view but not the object. All cursors must be closed before. */
  release(): void {
    native.resetTxn(this.#native.address);
  }

  /** In a safe section. */
  close(): void {
    this.#native.abort();
    this.#environment.close();
  }

  /** Whether there is a value under the first `keySize` bytes of `key`. It is then in `Lmdb.pages`, good as long as the snapshot. */
  find(table: Table, key: Buffer, keySize: number): boolean {
    if (table === TABLE.data) return this.#pages!.findKnown(this.#rootOf(table), this.#roots!.transaction, key, keySize);
    return this.#pages!.find(this.#rootOf(table), key, keySize);
  }

  /** Where rows of the data table are, from `from` on as many as are looked for together (`TOGETHER`). */
  findRows(prefix: number, ids: ArrayLike<number>, from: number): FoundRows {
    return findRows(this.#pages!, this.#rootOf(TABLE.data), this.#roots!.transaction, prefix, ids, from);
  }

  /** The row that holds each of many unique keys of an index in the data table, or `NO_ROW`. */
  findHolders(prefix: number, keys: readonly Uint8Array[]): number[] {
    return findHolders(this.#pages!, this.#rootOf(TABLE.data), this.#roots!.transaction, prefix, keys);
  }

  /** Where rows of the data table are by their keys, from `from` on as many as are looked for together (`TOGETHER`). */
  findKeyedRows(places: KeyedPlaces, keys: readonly Uint8Array[], from: number, keyInRow: KeyInRow): FoundKeyedRows {
    return findKeyedRows(this.#pages!, this.#rootOf(TABLE.data), this.#roots!.transaction, places, keys, from, keyInRow);
  }

  /** To be called before `Cursor.seekPoint` is for these keys, from `from` on as many as are prepared together (`AHEAD`), as `preparePoints`. */
  preparePoints(prefix: number, keys: KeyList, from: number, filter: HashFilter | undefined): number {
    return preparePoints(this.#pages!, this.#roots!.transaction, prefix, keys, from, filter);
  }

  /** Of the keys of an index in the data table, if there is one. */
  findFilter(prefix: number): HashFilter | undefined {
    const tree = { mapped: this.#pages!, root: this.#rootOf(TABLE.data), commit: this.#roots!.transaction, prefix };
    return this.#lmdb.filters.find(tree);
  }

  /** So many keys of an index were looked for and not found. */
  noteVain(prefix: number, count: number): void {
    this.#lmdb.filters.noteVain(prefix, count);
  }

  openCursor(table: Table): Cursor {
    const cursor = this.#cursors.pop() ?? new Cursor(this.#pages!, (closed) => this.#cursors.push(closed));
    cursor.begin(this.#rootOf(table), this.#roots!.transaction);
    return cursor;
  }

  #rootOf(table: Table): number {
    const { main, named } = this.#roots!;
    return table === TABLE.head ? main : named[table - 1]!;
  }
}

/** Walks through the keys of one table that begin with one prefix. Keys are given as texts with a character for each byte. */
export class Cursor extends TreeCursor {
  readonly #onClose: (cursor: Cursor) => void;
  #root = 0;
  #commit = 0;
  readonly #lower = Buffer.allocUnsafeSlow(BOUND_BYTES);
  readonly #upper = Buffer.allocUnsafeSlow(BOUND_BYTES);
  #prefix = 0;
  #keys: Uint8Array = this.#lower;
  #keyStart = 0;
  #keyEnd = 0;
  /** Both bounds begin alike, so they have their bytes together. */
  readonly #pointBounds = (): Bounds => {
    const keys = this.#keys;
    const bound = this.#lower;
    bound.writeUInt32BE(this.#prefix, 0);
    let size = PREFIX_BYTES;
    for (let at = this.#keyStart; at < this.#keyEnd; at++) bound[size++] = keys[at]!;
    bound[size] = AFTER_IDS;
    return { lower: bound, lowerSize: size, upper: bound, upperSize: size + 1, isReverse: false };
  };

  constructor(pages: MappedPages, onClose: (cursor: Cursor) => void) {
    super(pages);
    this.#onClose = onClose;
  }

  begin(root: number, commit: number): void {
    this.#root = root;
    this.#commit = commit;
  }

  /**
   * Goes to the first key with `lower <= key < upper` (`reverse`: the last); an absent `upper` is the end of the prefix. False when
   * there is none.
   */
  seek(prefix: number, lower: string, upper: string | undefined, { reverse }: { readonly reverse: boolean }): boolean {
    const lowerSize = writeBound(this.#lower, prefix, lower);
    const upperSize = writeBound(this.#upper, prefix, upper);
    return this.seekBetween(this.#root, { lower: this.#lower, lowerSize, upper: this.#upper, upperSize, isReverse: reverse });
  }

  /** Goes to the first (`reverse`: the last) of the stored keys that are `keys[start..end]`, with an id or without. */
  seekPoint(prefix: number, keys: Uint8Array, start: number, end: number, { reverse }: { readonly reverse: boolean }): boolean {
    this.#prefix = prefix;
    this.#keys = keys;
    this.#keyStart = start;
    this.#keyEnd = end;
    if (reverse) return this.seekBetween(this.#root, { ...this.#pointBounds(), isReverse: true });
    return this.seekKnown(this.#root, this.#commit, prefix, keys, start, end, this.#pointBounds);
  }

  count(prefix: number, lower: string, upper: string | undefined): number {
    return this.seek(prefix, lower, upper, { reverse: false }) ? this.countRest() : 0;
  }

  close(): void {
    this.#onClose(this);
  }
}

/** More than the longest key takes, and more than a bound that is longer than any key. */
const BOUND_BYTES = 4096;
const PREFIX_BYTES = 4;
/** An id's first byte is zero. */
const AFTER_IDS = 1;
/** For keys without a number before them. */
export const NO_PREFIX = -1;

/** Answers the key's size. */
export function writeKey(target: Buffer, offset: number, prefix: number, text: string): number {
  if (prefix === NO_PREFIX) return writeText(target, offset, text) - offset;
  target.writeUInt32BE(prefix, offset);
  return writeText(target, offset + PREFIX_BYTES, text) - offset;
}

/** An absent `text` is the end of all keys with the prefix. Answers the bound's size, 0 where there is none. */
function writeBound(target: Buffer, prefix: number, text: string | undefined): number {
  if (text !== undefined) return writeKey(target, 0, prefix, text);
  return prefix === NO_PREFIX ? 0 : writeKey(target, 0, prefix + 1, '');
}

const FIRST_CHUNK_BYTES = 64 * 1024;
const CHUNK_BYTES = 1024 * 1024;
const SPARE_CHUNKS = 2;
/** Values above this are not copied but kept and pointed to. */
const COPY_LIMIT_BYTES = 32 * 1024;

/** Puts and deletes in the order they are to be done, in the form in which LMDB's wrapper takes them. Best in order of keys. */
export class WriteList {
  /** Of each instruction. */
  readonly addresses: number[] = [];
  count = 0;
  #chunk: Buffer;
  #words: Uint32Array;
  #doubles: Float64Array;
  #address: number;
  #position = 0;
  /** What the instructions point to beside the first chunk and the spare ones, which are kept for the next time. */
  #kept: unknown[] = [];
  readonly #first: Buffer;
  readonly #spare: Buffer[] = [];
  #spareUsed = 0;
  readonly #tables: readonly NativeTable[];

  /** For the tables that `snapshot` knows. */
  constructor(snapshot: Snapshot) {
    this.#tables = snapshot.tables;
    this.#first = Buffer.allocUnsafeSlow(FIRST_CHUNK_BYTES);
    this.#chunk = this.#first;
    this.#words = new Uint32Array(this.#chunk.buffer);
    this.#doubles = new Float64Array(this.#chunk.buffer);
    this.#address = native.getAddress(this.#chunk.buffer);
  }

  clear(): void {
    this.count = 0;
    if (this.addresses.length > 1024) this.addresses.length = 0;
    this.#kept = [];
    if (this.#chunk !== this.#first) this.#use(this.#first);
    this.#position = 0;
    this.#spareUsed = 0;
  }

  /** A key made of `prefix` and a text with a character for each byte. */
  put(table: Table, prefix: number, key: string, value: Uint8Array): void {
    this.#reserve(key.length, value.length);
    const keySize = this.#textKey(prefix, key);
    this.#put(table, keySize, value);
  }

  delete(table: Table, prefix: number, key: string): void {
    this.#reserve(key.length, 0);
    this.#finish(table, this.#textKey(prefix, key), DELETE);
  }

  /** A key made of `prefix` and a number in eight bytes. */
  putNumbered(table: Table, prefix: number, key: number, value: Uint8Array): void {
    this.#reserve(12, value.length);
    this.#numberKey(prefix, key);
    this.#put(table, 12, value);
  }

  deleteNumbered(table: Table, prefix: number, key: number): void {
    this.#reserve(12, 0);
    this.#numberKey(prefix, key);
    this.#finish(table, 12, DELETE);
  }

  #textKey(prefix: number, key: string): number {
    return writeKey(this.#chunk, this.#position + 12, prefix, key);
  }

  #numberKey(prefix: number, key: number): void {
    const start = this.#position + 12;
    this.#chunk.writeUInt32BE(prefix, start);
    this.#chunk.writeUInt32BE(Math.floor(key / 2 ** 32), start + 4);
    this.#chunk.writeUInt32BE(key >>> 0, start + 8);
  }

  /** The instruction: flags, table, size of the key, the key; then at the next but one multiple of eight the address of the value. */
  #put(table: Table, keySize: number, value: Uint8Array): void {
    const after = (this.#position + 12 + keySize + 16) & ~7;
    this.#words[(after >> 2) - 1] = value.length;
    let end = after + 8;
    if (value.length <= COPY_LIMIT_BYTES || !(value.buffer instanceof ArrayBuffer)) {
      this.#doubles[after >> 3] = this.#address + end;
      writeBytes(this.#chunk, end, value);
      end += value.length;
    } else {
      this.#doubles[after >> 3] = native.getAddress(value.buffer) + value.byteOffset;
      this.#kept.push(value);
    }
    this.#finish(table, keySize, PUT);
    this.#position = (end + 7) & ~7;
  }

  #finish(table: Table, keySize: number, operation: number): void {
    const word = this.#position >> 2;
    this.#words[word] = operation;
    this.#words[word + 1] = this.#tables[table]!.dbi;
    this.#words[word + 2] = keySize;
    this.addresses[this.count++] = this.#address + this.#position;
    this.#position = (this.#position + 12 + keySize + 16) & ~7;
  }

  #reserve(keyBytes: number, valueBytes: number): void {
    const needed = 64 + keyBytes + (valueBytes <= COPY_LIMIT_BYTES ? valueBytes : 0);
    if (this.#position + needed <= this.#chunk.length) return;
    this.#use(needed > CHUNK_BYTES ? this.#keep(Buffer.allocUnsafeSlow(needed)) : this.#spareChunk());
    this.#position = 0;
  }

  #spareChunk(): Buffer {
    const known = this.#spare[this.#spareUsed++];
    if (known !== undefined) return known;
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    if (this.#spare.length < SPARE_CHUNKS) this.#spare.push(chunk);
    return this.#keep(chunk);
  }

  #keep(chunk: Buffer): Buffer {
    this.#kept.push(chunk);
    return chunk;
  }

  #use(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#words = new Uint32Array(chunk.buffer);
    this.#doubles = new Float64Array(chunk.buffer);
    this.#address = native.getAddress(chunk.buffer);
  }
}

function storageError(code: number): Error {
  try {
    return native.lmdbError(code);
  } catch (error) {
    return asStorageError(error);
  }
}
