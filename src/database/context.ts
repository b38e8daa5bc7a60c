/** What all parts of the façade in one thread share. */
import type { Aql } from '#aql';
import type { NamingOptions } from '#catalog';
import type { DocumentStore } from '#documents';
import type { Value } from '#values';
import type { Access } from './access.ts';
import type { Cursors } from './cursors.ts';
import type { Snapshots } from './snapshots.ts';
import type { StreamTransactions } from './stream-transactions.ts';

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
  /** The next id of a cursor or transaction; says which thread holds it. */
  nextHeldId(): string;
  /** Calls an AQL user function; throws 1582 when there is none. */
  callUserFunction(databaseName: string, name: string, inputs: readonly Value[]): Value;
  /** Whoever waits for what this thread is doing has gone. */
  isCancelled(): boolean;
  /** Somebody wants what was written to be on disk before they are answered. */
  requestSync(): void;
}
