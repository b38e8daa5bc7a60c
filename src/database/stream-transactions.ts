/**
 * Transactions that live from one request to the next, held by the thread that began them and known by an id.
 */
import { ArangoError, clock } from '#base';
import type { DocumentStore, DocumentTransaction } from '#documents';
import { mayUseOf, type Scope } from './scope.ts';

export type TransactionStatus = 'running' | 'committed' | 'aborted';

export interface StreamTransactionHooks {
  onCommit(): void;
  /** Committed or aborted; harmless when called again. */
  onEnd(): void;
}

export class StreamTransaction {
  readonly id: string;
  readonly scope: Scope;
  readonly #store: DocumentStore;
  readonly #transaction: DocumentTransaction;
  readonly #hooks: StreamTransactionHooks;
  #status: TransactionStatus = 'running';
  #usedAtMs = clock.monotonic();

  constructor(id: string, scope: Scope, store: DocumentStore, transaction: DocumentTransaction, hooks: StreamTransactionHooks) {
    this.id = id;
    this.scope = scope;
    this.#store = store;
    this.#transaction = transaction;
    this.#hooks = hooks;
  }

  status(): TransactionStatus {
    return this.#status;
  }

  idleMs(): number {
    return clock.monotonic() - this.#usedAtMs;
  }

  /** Runs `action`; every use of the database inside is part of this transaction. Throws 1655 once it is committed, 1654 when it was aborted. */
  run<Result>(action: () => Result): Result {
    this.#use();
    const { current } = this.#store;
    if (current !== undefined && current !== this.#transaction) throw new ArangoError('ERROR_TRANSACTION_NESTED');
    return this.#store.within(this.#transaction, action);
  }

  /** Nothing happens when it is committed already. Throws 1653 when it was aborted, 1200 when others were first: then it is aborted. */
  commit(): void {
    if (this.#status === 'committed') return;
    if (this.#status === 'aborted') throw disallowed('it was aborted');
    try {
      this.#transaction.commit();
      this.#status = 'committed';
    } finally {
      if (this.#status === 'running') this.abort();
    }
    this.#hooks.onEnd();
    this.#hooks.onCommit();
  }

  /** Nothing happens when it is aborted already. Throws 1653 when it was committed. */
  abort(): void {
    if (this.#status === 'committed') throw disallowed('it was committed');
    this.#transaction.abort();
    this.#status = 'aborted';
    this.#hooks.onEnd();
  }

  #use(): void {
    if (this.#status === 'aborted') throw new ArangoError('ERROR_TRANSACTION_ABORTED');
    if (this.#status === 'committed') throw new ArangoError('ERROR_TRANSACTION_NOT_FOUND', 'it is committed');
    this.#usedAtMs = clock.monotonic();
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

/** The stream transactions that this thread holds. */
export class StreamTransactions {
  readonly #limits: StreamTransactionLimits;
  readonly #transactions = new Map<string, StreamTransaction>();

  constructor(limits: StreamTransactionLimits) {
    this.#limits = limits;
  }

  get limits(): StreamTransactionLimits {
    return this.#limits;
  }

  add(transaction: StreamTransaction): void {
    this.#transactions.set(transaction.id, transaction);
  }

  /** Throws 1655 for an unknown one, and for one of another database or user. */
  get(scope: Scope, id: string): StreamTransaction {
    this.sweep();
    const held = this.#transactions.get(id);
    if (held === undefined || !mayUseOf(scope, held.scope)) throw new ArangoError('ERROR_TRANSACTION_NOT_FOUND');
    return held;
  }

  running(scope: Scope): StreamTransaction[] {
    this.sweep();
    return [...this.#transactions.values()].filter((held) => held.status() === 'running' && mayUseOf(scope, held.scope));
  }

  /** Aborts what nobody has used for too long, and forgets what ended long ago. */
  sweep(): void {
    for (const held of this.#transactions.values()) {
      if (held.status() === 'running' && held.idleMs() > this.#limits.idleTimeoutMs) held.abort();
      else if (held.status() !== 'running' && held.idleMs() > REMEMBERED_MS) this.#transactions.delete(held.id);
    }
  }

  abortAll(): void {
    for (const held of this.#transactions.values()) if (held.status() === 'running') held.abort();
    this.#transactions.clear();
  }
}
