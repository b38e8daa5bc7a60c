/** The primary index: a document by its key. Its order is that of the keys' bytes, as in ArangoDB, and not that of AQL. */
import type { PrimaryIndex } from '#catalog';
import type { IndexEntry } from '#storage';
import { attributeReader, type DocumentView } from '#values';
import { textKey } from './entry-key.ts';
import type { EntryMaker } from './entry-maker.ts';

export class PrimaryEntries implements EntryMaker {
  readonly index: PrimaryIndex;
  readonly #key = attributeReader('_key');

  constructor(index: PrimaryIndex) {
    this.index = index;
  }

  add(document: DocumentView, entries: IndexEntry[]): void {
    entries.push({ index: this.index.table, key: textKey(this.#key(document) as string), isUnique: true });
  }
}
