/**
 * The ttl index: documents by the second from which their time counts. Whatever is neither a number nor a date has no entry and
 * never expires. Queries do not use it.
 */
import type { TtlIndex } from '#catalog';
import type { IndexEntry } from '#storage';
import { attributeReader, encodeKey, type AttributeReader, type DocumentView, type Value } from '#values';
import type { EntryMaker } from './entry-maker.ts';

export class TtlEntries implements EntryMaker {
  readonly index: TtlIndex;
  readonly #read: AttributeReader;

  constructor(index: TtlIndex) {
    this.index = index;
    const [first = '', ...path] = index.fields[0]?.steps ?? [];
    this.#read = attributeReader(first, ...path);
  }

  add(document: DocumentView, entries: IndexEntry[]): void {
    const seconds = toSeconds(this.#read(document));
    if (seconds !== undefined) entries.push({ index: this.index.table, key: encodeKey([seconds]), isUnique: false });
  }
}

const DATE = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[-+]\d{2}:\d{2})?)?$/;

function toSeconds(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !DATE.test(value)) return undefined;
  // A date without a zone is in UTC; JavaScript would take the machine's.
  const text = value.replace(' ', 'T');
  const time = Date.parse(text.length > 10 && !/Z|[-+]\d{2}:\d{2}$/.test(text) ? `${text}Z` : text);
  return Number.isNaN(time) ? undefined : time / 1000;
}
