/**
 * The entries of a document in the indexes of its collection. They are made from the stored bytes and nothing else, so those of an
 * old version can always be found again.
 */
import type { CollectionDefinition, IndexDefinition } from '#catalog';
import type { IndexEntry } from '#storage';
import type { DocumentView } from '#values';
import { EdgeEntries } from './edge.ts';
import type { EntryMaker } from './entry-maker.ts';
import { FulltextEntries } from './fulltext.ts';
import { GeoEntries } from './geo.ts';
import { MdiEntries } from './mdi.ts';
import { PersistentEntries } from './persistent.ts';
import { PrimaryEntries } from './primary.ts';
import { TtlEntries } from './ttl.ts';

const makers = new WeakMap<IndexDefinition, EntryMaker>();
const makersOfCollections = new WeakMap<CollectionDefinition, readonly EntryMaker[]>();

export function entryMaker(index: IndexDefinition): EntryMaker {
  let known = makers.get(index);
  if (known === undefined) {
    known = newEntryMaker(index);
    makers.set(index, known);
  }
  return known;
}

function newEntryMaker(index: IndexDefinition): EntryMaker {
  switch (index.type) {
    case 'primary':
      return new PrimaryEntries(index);
    case 'edge':
      return new EdgeEntries(index);
    case 'persistent':
      return new PersistentEntries(index);
    case 'ttl':
      return new TtlEntries(index);
    case 'geo':
      return new GeoEntries(index);
    case 'fulltext':
      return new FulltextEntries(index);
    case 'mdi':
      return new MdiEntries(index);
  }
}

/** Those of all indexes that writes must keep up; the primary index comes first. */
function entryMakers(collection: CollectionDefinition): readonly EntryMaker[] {
  let known = makersOfCollections.get(collection);
  if (known === undefined) {
    known = collection.maintained.map(entryMaker);
    makersOfCollections.set(collection, known);
  }
  return known;
}

/** All entries of a document; that of the primary index is the first. */
export function documentEntries(collection: CollectionDefinition, document: DocumentView): IndexEntry[] {
  const entries: IndexEntry[] = [];
  for (const maker of entryMakers(collection)) maker.add(document, entries);
  return entries;
}

export interface EntryChanges {
  readonly add: readonly IndexEntry[];
  readonly drop: readonly IndexEntry[];
}

const NO_CHANGES: EntryChanges = { add: [], drop: [] };

/** What must come and what must go when a document is replaced: entries that stay are in neither list. */
export function entryChanges(collection: CollectionDefinition, old: DocumentView, replacement: DocumentView): EntryChanges {
  const all = entryMakers(collection);
  // The primary index, which is the first, knows a document by its key, and that stays.
  if (all.length === 1) return NO_CHANGES;
  const add: IndexEntry[] = [];
  const drop: IndexEntry[] = [];
  for (let i = 1; i < all.length; i++) {
    const before: IndexEntry[] = [];
    const after: IndexEntry[] = [];
    all[i]!.add(old, before);
    all[i]!.add(replacement, after);
    appendDifference(before, after, drop);
    appendDifference(after, before, add);
  }
  return { add, drop };
}

/** Appends those of `entries` that are not among `others`. Lists are short: one entry, or one for each member of an array. */
function appendDifference(entries: readonly IndexEntry[], others: readonly IndexEntry[], into: IndexEntry[]): void {
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!;
    const opposite = others[i];
    if (opposite !== undefined && isSameEntry(entry, opposite)) continue;
    if (!others.some((other) => isSameEntry(entry, other))) into.push(entry);
  }
}

function isSameEntry(left: IndexEntry, right: IndexEntry): boolean {
  return left.index === right.index && Buffer.compare(left.key, right.key) === 0 && isSameValue(left.value, right.value);
}

function isSameValue(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return Buffer.compare(left, right) === 0;
}
