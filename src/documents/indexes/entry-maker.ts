/** What each type of index has to do with documents: make their entries. */
import type { IndexDefinition } from '#catalog';
import type { IndexEntry } from '#storage';
import type { DocumentView } from '#values';

export interface EntryMaker {
  readonly index: IndexDefinition;
  /** Appends the entries of a document to `entries`. */
  add(document: DocumentView, entries: IndexEntry[]): void;
}
