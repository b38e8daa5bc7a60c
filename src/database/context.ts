/** What all parts of the façade in one thread share. */
import type { Aql } from '#aql';
import type { NameRules } from '#catalog';
import type { DocumentStore } from '#documents';
import type { Access } from './access.ts';
import type { Cursors } from './cursors.ts';
import type { StreamTransactions } from './stream-transactions.ts';

export interface DatabaseContext {
  readonly store: DocumentStore;
  readonly aql: Aql;
  readonly access: Access;
  readonly cursors: Cursors;
  readonly transactions: StreamTransactions;
  readonly rules: NameRules & { readonly serverId: string };
  /** The next id of a cursor or transaction; says which thread holds it. */
  nextHeldId(): string;
  /** Somebody wants what was written to be on disk before they are answered. */
  requestSync(): void;
}
