/**
 * The seam between foxden and what keeps its data. Start here.
 *
 * Two kinds of tables: a *row table* maps a row id to bytes (documents), an *index table* maps ordered byte keys to row ids. Keys
 * are made above the engine in AQL's total order, so an engine compares bytes and nothing else. Every call moves a batch, never a
 * row: an engine across a network must answer each in one round trip. All calls block; they run in worker threads.
 *
 * The first eight bytes of a row are its version: two rows of one id are the same if and only if their versions are. That is all
 * an engine knows of a row's content.
 */

/** A row table or an index table. Given out by the catalog, never used again. */
export type TableId = number;

/** Position of a row in its table: a safe integer, given out in ascending order, so a full scan is in order of insertion. */
export type RowId = number;

/**
 * A stretch of an index table, by byte keys, of which none begins another. An absent bound is open. A bound may be a key, the
 * beginning of keys, or a key and more, but what follows the key must then not be a zero byte.
 */
export interface KeyRange {
  readonly from?: Uint8Array;
  readonly fromExclusive?: boolean;
  readonly to?: Uint8Array;
  readonly toInclusive?: boolean;
}

/**
 * Rows in one buffer: row `i` is `buffer[starts[i]..ends[i]]` (empty: the row is not there). A batch belongs to whoever asked for
 * it and is never written again, so views into it may be kept; unless it is borrowed (`ReadOptions`).
 */
export interface RowBatch {
  readonly count: number;
  readonly ids: ArrayLike<RowId>;
  readonly buffer: Uint8Array;
  readonly starts: ArrayLike<number>;
  readonly ends: ArrayLike<number>;
  /** The buffer of each row, where they are not all in `buffer` (`ReadOptions.isScattered`). */
  readonly buffers?: readonly Uint8Array[] | undefined;
}

/**
 * Many keys in one buffer, as joins and hops ask for them: key `i` is `bytes[starts[i]..starts[i + 1]]`. An object for each would cost more than
 * looking it up.
 */
export interface KeyList {
  readonly count: number;
  readonly bytes: Uint8Array;
  /** One more than there are keys. */
  readonly starts: Int32Array;
}

export interface EntryBatch {
  readonly count: number;
  readonly ids: ArrayLike<RowId>;
  /** Which of the given ranges (of `probe`: which probe) each entry answers. */
  readonly ranges: ArrayLike<number>;
  /** The keys of the entries in one buffer, if asked for. */
  readonly keys?: RowBatch;
  /** What was stored along with the entries, if asked for. */
  readonly values?: RowBatch;
}

/** Gives batches until `undefined`. Must be closed when left early. Batches grow from small to large, so a LIMIT reads little. */
export interface BatchCursor<Batch> {
  next(): Batch | undefined;
  close(): void;
}

export interface ReadOptions {
  /** Rows, keys and values may be given where they lie in the store, without a copy: they are good until the transaction ends. */
  readonly isBorrowed?: boolean;
  /** The same, and rows may lie in several buffers: whoever asks for that looks at `RowBatch.buffers`. Not of keys and values. */
  readonly isScattered?: boolean;
}

/** What rows say of their own keys: all of a key but its last byte stands in the row from a place on, and behind it a byte that is in no key. */
export interface KeyInRow {
  readonly at: number;
  readonly end: number;
}

export interface LookupOptions extends ReadOptions {
  /** Each row of the table has the key in it under which the index has the row. */
  readonly keyInRow?: KeyInRow;
}

export interface ScanOptions extends ReadOptions {
  readonly reverse?: boolean;
  /** Most likely all of it is read: batches need not begin small. */
  readonly isWhole?: boolean;
  /** At most so many rows or entries in all; the engine need not read further. */
  readonly limit?: number;
}

export interface EntryScanOptions extends ScanOptions {
  /** Each batch is good until the next one is asked for, and may then become that. */
  readonly isPassing?: boolean;
  readonly withKeys?: boolean;
  readonly withValues?: boolean;
  /** `ids` and `ranges` of the entries may be left out: only keys or values are looked at. */
  readonly withoutIds?: boolean;
  /** `ranges` may be left out. */
  readonly withoutRanges?: boolean;
  /** Of `probe`: so many entries are enough. Those of the last probes may then be missing, and an engine may as well give more. */
  readonly enough?: number;
}

/** Rows of a table under the keys of a unique index that values of entries name. */
export interface NamedRows {
  readonly prefix: Uint8Array;
  readonly index: TableId;
  readonly table: TableId;
  /** As in `LookupOptions`. */
  readonly keyInRow?: KeyInRow;
}

/**
 * What will most likely be asked next. An engine that pays for each call may bring it along, and answer it then without another call; no
 * answer is another one for it.
 */
export interface ReadAhead {
  /** So many times over, the entries under the keys that the values of those before are, with a zero byte behind them. */
  readonly levels: number;
  /** Most likely all of it is read: it need not begin small. */
  readonly isWhole: boolean;
  /** Entries of the highest row ids are gone on from first. */
  readonly fromLast?: boolean;
  /** Rows under unique keys: what follows `prefix` in a value, with a zero byte behind it. */
  readonly named?: readonly NamedRows[];
  /** The row tables of the indexes, of which the rows of the entries will be asked for. */
  readonly own?: readonly TableId[];
}

/** The row tables of all that a walk asks for, now and ahead. */
export interface WalkedTables {
  readonly tables: readonly TableId[];
  /**
   * Everybody who changes one of them says so (`Transaction.willChange`): an engine may keep what it has read for later transactions then,
   * as long as nobody has.
   */
  readonly areTold: boolean;
}

/** How a walk's answers are found. */
export interface ExpandOptions {
  readonly ahead?: ReadAhead | undefined;
  readonly walked?: WalkedTables | undefined;
}

export interface IndexEntry {
  readonly index: TableId;
  readonly key: Uint8Array;
  /** A unique entry is refused when its key is there for another row. */
  readonly isUnique: boolean;
  /** Stored along with the entry, for covering reads. */
  readonly value?: Uint8Array;
  /** All values of the index are short, as ids of documents are: an engine may keep them where its keys are. */
  readonly hasShortValue?: true;
}

/** One row's change with its index entries: done as a whole or not at all. */
export type Mutation =
  | { readonly do: 'insert'; readonly table: TableId; readonly id: RowId; readonly bytes: Uint8Array; readonly add: readonly IndexEntry[] }
  | {
      readonly do: 'replace';
      readonly table: TableId;
      readonly id: RowId;
      readonly bytes: Uint8Array;
      readonly add: readonly IndexEntry[];
      readonly drop: readonly IndexEntry[];
    }
  | { readonly do: 'remove'; readonly table: TableId; readonly id: RowId; readonly drop: readonly IndexEntry[] };

/** `undefined`: done. Otherwise the unique entry that stood in the way and the row that holds it. */
export type MutationFailure = { readonly entry: IndexEntry; readonly holder: RowId } | undefined;

/**
 * - `read`: a snapshot, nothing may be written.
 * - `direct`: takes the write lock at once and sees the latest state; for short work that waits for nobody.
 * - `deferred`: a snapshot with its own writes kept aside (and seen by its own reads); the write lock is taken only to commit,
 *   where the first committer wins.
 */
export type TransactionMode = 'read' | 'direct' | 'deferred';

/** Whoever ends one ends those that were made since along with it; to end it again does nothing. */
export interface Savepoint {
  rollback(): void;
  release(): void;
}

export interface Transaction {
  readonly mode: TransactionMode;
  /** Each call costs a trip, and `expand` brings along what it is told of. */
  readonly readsAhead: boolean;
  /** Of a reading transaction: only one call more will read. Where no snapshot was taken so far, none is needed then. */
  readOnce(): void;
  /** Rows by id, in the order of `ids`. */
  rows(table: TableId, ids: ArrayLike<RowId>, options?: ReadOptions): RowBatch;
  /** All rows of a table in the order of their ids. A cursor goes on seeing what was there when it was opened. */
  scanRows(table: TableId, options?: ScanOptions): BatchCursor<RowBatch>;
  /** Entries of disjoint ascending ranges, in key order (`reverse`: from the last range's end). */
  scanEntries(index: TableId, ranges: readonly KeyRange[], options?: EntryScanOptions): BatchCursor<EntryBatch>;
  /** Like `scanEntries` with the rows instead of the entries. */
  scanEntryRows(index: TableId, table: TableId, ranges: readonly KeyRange[], options?: ScanOptions): BatchCursor<RowBatch>;
  /** Entries for many ranges at once that may overlap and come in any order (joins, IN, graph frontiers), grouped by probe. */
  probe(index: TableId, probes: readonly KeyRange[], options?: EntryScanOptions): EntryBatch;
  /** The same for ranges of a single key each. */
  probeKeys(index: TableId, keys: KeyList, options?: EntryScanOptions): EntryBatch;
  /**
   * Entries under exact keys, which end in a zero byte, of several indexes that are not unique (the edges at vertices): for each index what `probe`
   * gives, with values, borrowed.
   */
  expand(indexes: readonly TableId[], keys: readonly Uint8Array[], options?: ExpandOptions): readonly EntryBatch[];
  /** The rows under exact keys of a unique index, one for each key, in their order; empty where there is none. */
  lookup(index: TableId, table: TableId, keys: readonly Uint8Array[], options?: LookupOptions): RowBatch;
  countRows(table: TableId): number;
  countEntries(index: TableId, ranges: readonly KeyRange[]): number;

  /** This transaction changes rows of the table, or their entries: those who keep what they have read of it are told by its commit. */
  willChange?(table: TableId): void;
  /** One result for each mutation, in order. A failed one changed nothing and does not stop the others. */
  mutate(mutations: readonly Mutation[], options?: MutateOptions): MutationFailure[];
  /**
   * Empties tables (drop, truncate), at the commit also of what others have put there since a deferred transaction's snapshot. The
   * space comes back later, in the background. `areGone`: nobody will ever ask for them again.
   */
  clear(tables: readonly TableId[], options?: { readonly areGone?: boolean }): void;

  /** Small named values of the server itself (the catalog); keys are ordered by their UTF-8 bytes. */
  readMeta(key: string): Uint8Array | undefined;
  listMeta(prefix: string): readonly (readonly [key: string, value: Uint8Array])[];
  /** `undefined` removes. */
  writeMeta(key: string, value: Uint8Array | undefined): void;

  /** Puts back the state at `savepoint()`; for a statement inside a longer transaction that fails. `deferred` and `direct` only. */
  savepoint(): Savepoint;

  /**
   * Makes the writes visible to all. Throws ArangoError 1200 (`write-write conflict`) when, since a deferred transaction's snapshot,
   * another has committed a change to a row or unique entry that this one changes; nothing is written then. In an engine that several
   * processes share, a direct transaction may meet the same.
   */
  commit(options?: CommitOptions): void;
  /**
   * Commits what was written so far, as `commit` does, and goes on as if it began anew; what is being read goes on as it began. Answers false
   * when it has changed nothing, since too much is still held of what was there before. Only with an engine that can do it, and never
   * while there is a savepoint.
   */
  commitSoFar?(options?: CommitOptions): boolean;
  /** What is written and not yet committed takes so much memory, about. */
  readonly writtenBytes: number;
  /** Harmless after `commit` and when called twice. */
  abort(): void;
}

export interface MutateOptions {
  /**
   * Nothing but `commit` follows if no mutation fails. An engine across a network may then commit along; what it does when one fails
   * is the same as without.
   */
  readonly isLast?: boolean;
}

export interface CommitOptions {
  /**
   * Writes what makes the commit fail when definitions have changed since the transaction began. An engine that knows that none has
   * need not call it.
   */
  readonly holdDefinitions?: () => void;
}

export interface BeginOptions {
  readonly mode: TransactionMode;
  /**
   * When a transaction's snapshot is taken, other than a direct one's: now (the default), or with its first read at the latest. `none`: a reading
   * transaction makes one call only, or each of its calls may see what is the latest then.
   */
  readonly snapshot?: 'now' | 'late' | 'none';
  /**
   * What a direct transaction keeps others from, in an engine where it does not have the only lock: `rows`: changing the rows that it has
   * read by id or key; for who has met others before. `definitions`: any write at all; for who changes definitions.
   */
  readonly locks?: 'rows' | 'definitions';
  /** Row tables that nobody else may write to while a direct transaction goes on. */
  readonly exclusive?: readonly TableId[];
  /** Bytes of kept-aside writes beyond which error 32 is thrown (`maxTransactionSize`). */
  readonly sizeLimitBytes?: number;
}

/**
 * Several commits of a thread made safe together, for a thread that answers many: while it is on, a commit is over before it survives
 * the end of the process. Nobody may be told of it before `write`. Other threads do not see it before either, unless they gather too.
 */
export interface CommitGathering {
  isOn: boolean;
  /** There are commits that have still to be made safe. */
  readonly isPending: boolean;
  /** Makes all commits safe that were gathered, by whichever thread. Throws when the disk does not take them. */
  write(): void;
  /** Called before this thread waits for another one to end its commit; to be called before it does anything else that may take long. */
  onDelay: ((delay: 'wait' | 'work') => void) | undefined;
}

/** A row by its key in a unique index. */
export interface RowPlace {
  readonly index: TableId;
  readonly table: TableId;
  readonly key: Uint8Array;
}

/** What pieces of work are going to read. */
export interface KnownAhead {
  readonly places?: readonly RowPlace[];
  /**
   * Begin as pieces will, each with a reading transaction that needs no snapshot (`readOnce`), and do nothing besides. Its first question ends a rehearsal with
   * an exception; it is asked along with the others.
   */
  readonly rehearsals?: readonly (() => void)[];
}

/** What became of a piece of work that was done together with others; `again`: nothing, and it has to be done alone. */
export type Fate = 'done' | 'again' | Error;

export interface StorageEngine {
  readonly name: 'embedded' | 'postgres';
  /** Where it pays. */
  readonly gathering?: CommitGathering;
  /**
   * Does several pieces of work with fewer trips, where each call is one: what they are known to read is read by one call before, and what the pieces
   * commit is committed by one call after them. So they all see the state at the beginning, and none what another one writes. A piece commits
   * once at most; until its fate is known, nobody may be told of it.
   */
  together?(known: KnownAhead, pieces: readonly (() => void)[]): readonly Fate[];
  /** Called when it would pay, or pays no more, that changes of these tables are told (`WalkedTables`); in the midst of a transaction. */
  onWalks?: ((tables: readonly TableId[], isWorthTelling: boolean) => void) | undefined;
  begin(options: BeginOptions): Transaction;
  /**
   * The next of the process-wide ascending numbers (row ids, automatic keys, ids of definitions): a safe integer that was never
   * given out before, also across restarts and crashes. With `count`, the first of so many in a row.
   */
  tick(count?: number): number;
  /** The next revision: a hybrid logical clock, strictly ascending across threads and restarts. 44 bits of milliseconds, 20 of counter. */
  revision(): bigint;
  /** Grows with each commit that wrote a meta value; one load from shared memory. Caches of the catalog are keyed by it. */
  metaVersion(): number;
  /** The same after having asked whether another process has committed: for who does not find what may be new. */
  latestMetaVersion(): number;
  /** Calls back once all that this thread committed before the call is on disk. Calls that come together share one sync. */
  whenDurable(done: (error?: Error) => void): void;
  /** Blocks until all that this thread committed is on disk. */
  syncNow(): void;
  /** Writes a consistent copy of the whole store into an empty folder while it goes on being used. Resolves when it is on disk. */
  backup(folder: string): Promise<void>;
  statistics(): Readonly<Record<string, number>>;
  /** What another thread needs to join. */
  share(): StorageShare;
  /**
   * In the first thread only: ends a thread that has joined, at a moment when that harms nobody, and takes away its locks. A thread
   * that uses the store must not be terminated in any other way.
   */
  endThread(thread: { readonly threadId: number; terminate(): Promise<number> }): Promise<void>;
  /** In the first thread only: to be called when a thread that had joined has come to an end by itself, whatever the reason. */
  threadEnded(threadId: number): void;
  /** The first thread closes last. */
  close(): void;
}

/**
 * How a worker thread opens the store that the first thread opened: plain data with shared memory, to be passed as `workerData`.
 */
export interface StorageShare {
  readonly kind: 'embedded' | 'postgres';
  readonly location: string;
  readonly memory: SharedArrayBuffer;
}
