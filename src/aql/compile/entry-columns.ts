/**
 * What entries of an index hold of documents, in columns: a list with the values of all documents for each attribute that is wanted. What is
 * long is not held by entries; it comes from the documents, which are found by their keys, as every such entry has the key.
 */
import assert from 'node:assert/strict';
import { bufferOf, isWithoutLong, keyText, type IndexAccess, type RowBatch } from '#documents';
import { ArrayColumns, attributeReader, DocumentView, type AttributeReader, type Value } from '#values';

export type Columns = readonly (readonly Value[])[];

/** `places` are those of the wanted attributes in `IndexAccess.held`, ascending. */
export type ReadColumns = (batch: RowBatch) => Columns;

export type FindDocuments = (keys: readonly string[]) => RowBatch;

export function entryColumns(access: IndexAccess, places: readonly number[], findDocuments: FindDocuments): ReadColumns {
  if (access.index.type === 'primary') return (batch) => sameTexts(places, batch, keyText);
  if (access.index.type === 'edge') return (batch) => sameTexts(places, batch, vertexText);
  const reader = new ArrayColumns(places);
  const read: ReadColumns = ({ buffer, starts, ends, count }) => {
    // Nobody may read on from there.
    for (let i = 0; i < count; i++) if (starts[i] === ends[i]) assert.fail(`an entry of the index ${access.index.name} holds nothing`);
    return reader.read(buffer, starts, ends, count);
  };
  // Only the index's own fields may be left out, and they come first.
  const ownCount = places.filter((place) => place < access.fields.length).length;
  return ownCount === 0 ? read : (batch) => withLong(access, places, read(batch), ownCount, batch, findDocuments);
}

/** Such an entry holds one text, so it is what stands at each of the places. */
function sameTexts(places: readonly number[], { buffer, starts, ends, count }: RowBatch, read: typeof keyText): Columns {
  const bytes = Buffer.from(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  const texts = Array.from({ length: count }, (_, i) => read(bytes, starts[i]!, ends[i]!));
  return places.map(() => texts);
}

const vertexText: typeof keyText = (bytes, start, end) => bytes.toString('utf8', start, end);

function withLong(
  access: IndexAccess,
  places: readonly number[],
  columns: Columns,
  ownCount: number,
  batch: RowBatch,
  findDocuments: FindDocuments,
): Columns {
  const { buffer, starts, ends, count } = batch;
  const missing = new Set<number>();
  for (let c = 0; c < ownCount; c++) {
    const column = columns[c]!;
    for (let i = 0; i < count; i++) if (column[i] === null && isWithoutLong(buffer, starts[i]!)) missing.add(i);
  }
  if (missing.size === 0) return columns;
  const incomplete = [...missing];
  const keyReader = new ArrayColumns([access.held.findIndex(({ text }) => text === '_key')]);
  const [startsOf, endsOf] = [starts, ends].map((list) => incomplete.map((i) => list[i]!)) as [number[], number[]];
  const [keys] = keyReader.read(buffer, startsOf, endsOf, incomplete.length);
  const read = documentColumns(access, places)(findDocuments(keys as readonly string[]));
  return columns.map((column, c) => {
    const filled = column.slice(0, count);
    for (const [k, i] of incomplete.entries()) filled[i] = read[c]![k]!;
    return filled;
  });
}

/** Reads from documents what entries hold of them. */
export function documentColumns({ held, collection }: IndexAccess, places: readonly number[]): ReadColumns {
  const readers = places.map((place): AttributeReader => attributeReader(...(held[place]!.steps as readonly [string, ...string[]])));
  return (batch) => {
    const { starts, ends, count } = batch;
    const view = new DocumentView(batch.buffer, 0, 0, collection.name);
    const columns: Value[][] = readers.map(() => []);
    for (let i = 0; i < count; i++) {
      view.moveTo(bufferOf(batch, i), starts[i]!, ends[i]!);
      for (const [column, read] of readers.entries()) columns[column]!.push(read(view));
    }
    return columns;
  };
}
