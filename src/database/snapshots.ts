/**
 * Snapshots for dumps: a database as it was at one moment, read collection by collection over many requests. Held by the thread that made
 * them and known by an id, as stream transactions are; one that nobody has used or prolonged for its time is let go, for it keeps the store
 * from using the space of what was removed meanwhile.
 */
import { ArangoError, clock } from '#base';
import type { CollectionDefinition } from '#catalog';
import { isThere, type BatchCursor, type DocumentStore, type DocumentTransaction, type RowBatch } from '#documents';
import { documentJson, DocumentView } from '#values';
import type { Access } from './access.ts';
import { mayUseOf, type Scope } from './scope.ts';

/** No dump may hold on longer without a word. */
const LONGEST_TTL_SECONDS = 24 * 3600;

interface Reading {
  readonly definition: CollectionDefinition;
  readonly rows: BatchCursor<RowBatch>;
  batch: RowBatch | undefined;
  place: number;
}

export class Snapshot {
  readonly id: string;
  readonly scope: Scope;
  /** Of the moment; grows with time. */
  readonly tick: string;
  readonly #store: DocumentStore;
  readonly #access: Access;
  readonly #transaction: DocumentTransaction;
  readonly #readings = new Map<string, Reading>();
  #ttlSeconds = 0;
  #untilMs = 0;

  constructor(
    parts: { readonly id: string; readonly scope: Scope; readonly store: DocumentStore; readonly access: Access },
    ttlSeconds: number,
  ) {
    this.id = parts.id;
    this.scope = parts.scope;
    this.#store = parts.store;
    this.#access = parts.access;
    this.#transaction = parts.store.begin({ mode: 'read' });
    this.tick = String(parts.store.engine.tick());
    this.prolong(ttlSeconds);
  }

  /** It lives for so long from now on, and from each use on. */
  prolong(ttlSeconds: number): void {
    this.#ttlSeconds = Math.min(ttlSeconds, LONGEST_TTL_SECONDS);
    this.#use();
  }

  get isOverdue(): boolean {
    return clock.monotonic() > this.#untilMs;
  }

  /** Runs `action` as if it were the snapshot's moment. */
  run<Result>(action: () => Result): Result {
    this.#use();
    return this.#store.within(this.#transaction, action);
  }

  /**
   * Further documents of a collection, each as its JSON text, until there are about `limitBytes`. After the last ones it begins anew.
   * Throws 1203.
   */
  read(collection: string, limitBytes: number): { readonly documents: readonly Uint8Array[]; readonly isLast: boolean } {
    this.#use();
    const reading = this.#reading(collection);
    const documents: Uint8Array[] = [];
    let bytes = 0;
    while (bytes < limitBytes) {
      if (reading.batch === undefined || reading.place >= reading.batch.count) {
        reading.batch = reading.rows.next();
        reading.place = 0;
        if (reading.batch === undefined) {
          this.#readings.delete(collection);
          return { documents, isLast: true };
        }
      }
      const { batch, place, definition } = reading;
      reading.place++;
      if (!isThere(batch, place)) continue;
      const text = documentJson(new DocumentView(batch.buffer, batch.starts[place]!, batch.ends[place]!, definition.name));
      documents.push(text);
      bytes += text.length;
    }
    return { documents, isLast: false };
  }

  #reading(collection: string): Reading {
    const known = this.#readings.get(collection);
    if (known !== undefined) return known;
    const definition = this.#transaction.catalog.getDatabase(this.scope.databaseName).getCollection(collection);
    this.#access.checkCollection(this.scope, definition.name, 'ro');
    const reading: Reading = { definition, rows: this.#transaction.scan(definition), batch: undefined, place: 0 };
    this.#readings.set(collection, reading);
    return reading;
  }

  #use(): void {
    this.#untilMs = clock.monotonic() + this.#ttlSeconds * 1000;
  }

  close(): void {
    for (const { rows } of this.#readings.values()) rows.close();
    this.#readings.clear();
    this.#transaction.abort();
  }
}

/** The snapshots that this thread holds. */
export class Snapshots {
  readonly #held = new Map<string, Snapshot>();

  add(snapshot: Snapshot): void {
    this.#held.set(snapshot.id, snapshot);
  }

  /** undefined for an unknown one, and for one of another database or user. */
  find(scope: Scope, id: string): Snapshot | undefined {
    this.sweep();
    const held = this.#held.get(id);
    return held !== undefined && mayUseOf(scope, held.scope) ? held : undefined;
  }

  /** Throws 1600, as for a cursor. */
  get(scope: Scope, id: string): Snapshot {
    const found = this.find(scope, id);
    if (found === undefined) throw new ArangoError('ERROR_CURSOR_NOT_FOUND', { message: 'batch not found' });
    return found;
  }

  remove(snapshot: Snapshot): void {
    this.#held.delete(snapshot.id);
    snapshot.close();
  }

  sweep(): void {
    for (const held of this.#held.values()) if (held.isOverdue) this.remove(held);
  }

  closeAll(): void {
    for (const held of this.#held.values()) this.remove(held);
  }
}
