/**
 * Transactions that live from one request to the next, held by the thread that began them and known by an id.
 */
import { ArangoError, clock } from '#base';
import type { DocumentStore, DocumentTransaction } from '#documents';
import { mayUseOf, type Scope } from './scope.ts';

export type TransactionStatus = 'running' | 'committed' | 'aborted';

/** What a transaction needs for as long as it runs. */
export interface OpenTransaction {
  readonly store: DocumentStore;
  readonly transaction: DocumentTransaction;
  onCommit(): void;
  /** Committed or aborted. */
  onEnd(): void;
}

export class StreamTransaction {
  readonly id: string;
  readonly scope: Scope;
  /** Let go of at the end, with all that was written: how it ended is remembered for long. */
  #open: OpenTransaction | undefined;
  #status: TransactionStatus = 'running';
  #usedAtMs = clock.monotonic();

  constructor(id: string, scope: Scope, open: OpenTransaction) {
    this.id = id;
    this.scope = scope;
    this.#open = open;
  }

  status(): TransactionStatus {
    return this.#status;
  }

  /** Since it was used or ended. */
  idleMs(): number {
    return clock.monotonic() - this.#usedAtMs;
  }

  /** Runs `action`; every use of the database inside is part of this transaction. Throws 1655 once it is committed, 1654 when it was aborted. */
  run<Result>(action: () => Result): Result {
    const { store, transaction } = this.#use();
    const { current } = store;
    if (current !== undefined && current !== transaction) throw new ArangoError('ERROR_TRANSACTION_NESTED');
    return store.within(transaction, action);
  }

  /** Nothing happens when it is committed already. Throws 1653 when it was aborted, 1200 when others were first: then it is aborted. */
  commit(): void {
    if (this.#status === 'committed') return;
    if (this.#open === undefined) throw disallowed('it was aborted');
    const open = this.#open;
    try {
      open.transaction.commit();
    } catch (error) {
      this.abort();
      throw error;
    }
    this.#end('committed');
    open.onCommit();
  }

  /** Nothing happens when it is aborted already. Throws 1653 when it was committed. */
  abort(): void {
    if (this.#status === 'committed') throw disallowed('it was committed');
    if (this.#open === undefined) return;
    this.#open.transaction.abort();
    this.#end('aborted');
  }

  #use(): OpenTransaction {
    if (this.#status === 'committed') throw new ArangoError('ERROR_TRANSACTION_NOT_FOUND', 'it is committed');
    if (this.#open === undefined) throw new ArangoError('ERROR_TRANSACTION_ABORTED');
    this.#usedAtMs = clock.monotonic();
    return this.#open;
  }

  #end(status: TransactionStatus): void {
    const open = this.#open;
    this.#open = undefined;
    this.#status = status;
    this.#usedAtMs = clock.monotonic();
    open?.onEnd();
  }
}

function disallowed(reason: string): ArangoError {
  return new ArangoError('ERROR_TRANSACTION_DISALLOWED_OPERATION', reason);
}

export interface StreamTransactionLimits {
  /** `--transaction.streaming-idle-timeout` */
  readonly idleTimeoutMs: number;
  /** `--transaction.streaming-lock-timeout` */
  readonly lockTimeoutMs: number;
  /** `--transaction.streaming-max-transaction-size` */
  readonly sizeLimitBytes: number;
}

/** How long the end of a transaction is remembered, so that a client may still ask how it ended. */
const REMEMBERED_MS = 600_000;
/** Of how many at most; some ten megabytes. */
const MOST_REMEMBERED = 50_000;

/** The stream transactions that this thread holds, and how those ended that it has held. */
export class StreamTransactions {
  readonly #limits: StreamTransactionLimits;
  readonly #running = new Map<string, StreamTransaction>();
  /** Those that ended longest ago come first. */
  readonly #ended = new Map<string, StreamTransaction>();

  constructor(limits: StreamTransactionLimits) {
    this.#limits = limits;
  }

  get limits(): StreamTransactionLimits {
    return this.#limits;
  }

  /** Whoever adds one calls `noteEnd` when it has ended. */
  add(transaction: StreamTransaction): void {
    this.#running.set(transaction.id, transaction);
  }

  noteEnd(transaction: StreamTransaction): void {
    this.#running.delete(transaction.id);
    this.#ended.set(transaction.id, transaction);
    this.#forgetEnds();
  }

  /** Throws 1655 for an unknown one, and for one of another database or user. */
  get(scope: Scope, id: string): StreamTransaction {
    this.#forgetEnds();
    const held = this.#running.get(id) ?? this.#ended.get(id);
    if (held === undefined || !mayUseOf(scope, held.scope)) throw new ArangoError('ERROR_TRANSACTION_NOT_FOUND');
    this.#abortIdle(held);
    return held;
  }

  running(scope: Scope): StreamTransaction[] {
    this.sweep();
    return [...this.#running.values()].filter((held) => mayUseOf(scope, held.scope));
  }

  /** Aborts what nobody has used for too long, and forgets what ended long ago. */
  sweep(): void {
    for (const held of this.#running.values()) this.#abortIdle(held);
    this.#forgetEnds();
  }

  abortAll(): void {
    for (const held of this.#running.values()) held.abort();
  }

  #abortIdle(held: StreamTransaction): void {
    if (held.status() === 'running' && held.idleMs() > this.#limits.idleTimeoutMs) held.abort();
  }

  /** What ended long ago, and the oldest where they are too many. */
  #forgetEnds(): void {
    for (const held of this.#ended.values()) {
      if (this.#ended.size <= MOST_REMEMBERED && held.idleMs() <= REMEMBERED_MS) return;
      this.#ended.delete(held.id);
    }
  }
}
