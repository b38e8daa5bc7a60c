/**
 * The edge index: two tables of entries, by the `_id` of the vertex an edge starts from and of the one it leads to. Each entry
 * stores the `_id` of the other vertex, so that neighbours are found without reading edges.
 */
import type { EdgeIndex } from '#catalog';
import type { IndexEntry } from '#storage';
import { attributeReader, type DocumentView } from '#values';
import { textBytes, textKey } from './entry-key.ts';
import type { EntryMaker } from './entry-maker.ts';

export class EdgeEntries implements EntryMaker {
  readonly index: EdgeIndex;
  readonly #from = attributeReader('_from');
  readonly #to = attributeReader('_to');

  constructor(index: EdgeIndex) {
    this.index = index;
  }

  add(document: DocumentView, entries: IndexEntry[]): void {
    const from = this.#from(document) as string;
    const to = this.#to(document) as string;
    entries.push(
      { index: this.index.from, key: textKey(from), isUnique: false, value: textBytes(to), hasShortValue: true },
      { index: this.index.to, key: textKey(to), isUnique: false, value: textBytes(from), hasShortValue: true },
    );
  }
}
