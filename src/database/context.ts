/** What all parts of the façade in one thread share. */
import type { Aql } from '#aql';
import type { NamingOptions } from '#catalog';
import type { DocumentStore } from '#documents';
import type { Access } from './access.ts';
import type { Cursors } from './cursors.ts';
import type { Snapshots } from './snapshots.ts';
import type { StreamTransactions } from './stream-transactions.ts';
import type { PlanEntries } from './tracking/plan-entries.ts';
import type { QueryTracking } from './tracking/query-tracking.ts';
import type { ResultCache } from './tracking/result-cache.ts';
import type { CompileFunction } from './compiled-function.ts';
import type { HoldLock } from './locks.ts';

export interface DatabaseContext {
  readonly store: DocumentStore;
  readonly aql: Pick<Aql, 'parse' | 'prepare' | 'explain'>;
  /** The version of ArangoDB that the server stands for. */
  readonly version: string;
  readonly access: Access;
  readonly cursors: Cursors;
  readonly transactions: StreamTransactions;
  readonly snapshots: Snapshots;
  readonly naming: NamingOptions & { readonly serverId: string };
  readonly holdLock: HoldLock;
  /** The next id of a cursor or transaction; says which thread holds it. */
  nextHeldId(): string;
  /** What all threads know of queries. */
  readonly tracking: QueryTracking;
  readonly results: ResultCache;
  readonly plans: PlanEntries;
  readonly compileFunction: CompileFunction;
  /** Whoever waits for what this thread is doing has gone. */
  isCancelled(): boolean;
  /** Somebody wants what was written to be on disk before they are answered. */
  requestSync(): void;
}
