/** Numbers about a collection: figures, revision, checksum, and how far its key generator has come. */
import { createHash } from 'node:crypto';
import { indexTables, type CollectionDefinition } from '#catalog';
import { automaticKeyNumber, isThere, readCounter, type DocumentTransaction } from '#documents';
import { DocumentView, encodeRevision, type ValueObject } from '#values';

/** Rows from whose sizes those of all are guessed. */
const SIZE_SAMPLE = 100;

export function figures(transaction: DocumentTransaction, collection: CollectionDefinition, details: boolean): ValueObject {
  const documents = transaction.count(collection);
  const general = {
    indexes: { count: collection.indexes.length, size: 0 },
    documentsSize: documentsSize(transaction, collection, documents),
    cacheInUse: false,
    cacheSize: 0,
    cacheUsage: 0,
  };
  if (!details) return general;
  const indexes = collection.indexes.map((index) => {
    const count = transaction.storage.countEntries(indexTables(index)[0]!, [{}]);
    return { type: index.type, id: index.id, count };
  });
  return { ...general, engine: { documents, indexes } };
}

function documentsSize(transaction: DocumentTransaction, collection: CollectionDefinition, count: number): number {
  const cursor = transaction.scan(collection, { limit: SIZE_SAMPLE });
  let bytes = 0;
  let rowCount = 0;
  for (let rows = cursor.next(); rows !== undefined; rows = cursor.next()) {
    for (let place = 0; place < rows.count; place++) bytes += rows.ends[place]! - rows.starts[place]!;
    rowCount += rows.count;
  }
  return rowCount === 0 ? 0 : Math.round((bytes / rowCount) * count);
}

/** Changes whenever the collection's documents do. ArangoDB has the newest `_rev` here; so it is when there is one document. */
export function revisionOf(transaction: DocumentTransaction, collection: CollectionDefinition): string {
  let sum = 0n;
  forEachDocument(transaction, collection, (document) => {
    sum = BigInt.asUintN(64, sum + document.revision);
  });
  return sum === 0n ? '0' : encodeRevision(sum);
}

export interface ChecksumOptions {
  readonly withRevisions?: boolean;
  readonly withData?: boolean;
}

/** The same for collections with the same documents, in whatever order they were written. */
export function checksum(transaction: DocumentTransaction, collection: CollectionDefinition, options: ChecksumOptions): string {
  let sum = 0n;
  forEachDocument(transaction, collection, (document) => {
    const { _id, _key, _rev, ...data } = document.toObject();
    const hash = createHash('sha256').update(JSON.stringify(_key));
    if (options.withRevisions === true) hash.update(`\n${JSON.stringify(_rev)}`);
    if (options.withData === true) hash.update(`\n${JSON.stringify(data)}`);
    sum = BigInt.asUintN(64, sum + hash.digest().readBigUInt64BE());
  });
  return String(sum);
}

/** `lastValue` of the collection's key generator; undefined for one that does not count. */
export function lastKeyNumber(transaction: DocumentTransaction, collection: CollectionDefinition): number | undefined {
  const { keyOptions, name } = collection;
  if (keyOptions.type === 'uuid') return undefined;
  if (keyOptions.type === 'autoincrement') return readCounter(transaction.storage, keyOptions.counter);
  const last = transaction.storage.scanRows(collection.rows, { reverse: true, limit: 1 }).next();
  if (last === undefined || last.count === 0) return 0;
  const key = new DocumentView(last.buffer, last.starts[0]!, last.ends[0]!, name).get('_key') as string;
  return automaticKeyNumber(keyOptions, key) ?? 0;
}

/** The view is moved from document to document. */
export function forEachDocument(
  transaction: DocumentTransaction,
  collection: CollectionDefinition,
  action: (document: DocumentView) => void,
): void {
  const cursor = transaction.scan(collection);
  const document = new DocumentView(new Uint8Array(0), 0, 0, collection.name);
  for (let rows = cursor.next(); rows !== undefined; rows = cursor.next()) {
    for (let place = 0; place < rows.count; place++) {
      if (!isThere(rows, place)) continue;
      document.moveTo(rows.buffer, rows.starts[place]!, rows.ends[place]!);
      action(document);
    }
  }
}
