/** The fulltext index: documents by each word of an attribute, in lower case. */
import { lazily } from '#base';
import type { FulltextIndex } from '#catalog';
import type { IndexEntry, KeyRange } from '#storage';
import { attributeReader, isArray, isObject, type AttributeReader, type DocumentView, type Value } from '#values';
import { pointRange, textKey } from './entry-key.ts';
import type { EntryMaker } from './entry-maker.ts';

/** The rest of a longer word does not count; ArangoDB cuts at the same length. */
const WORD_LIMIT = 40;

export class FulltextEntries implements EntryMaker {
  readonly index: FulltextIndex;
  readonly #read: AttributeReader;

  constructor(index: FulltextIndex) {
    this.index = index;
    const [first = '', ...path] = index.fields[0]?.steps ?? [];
    this.#read = attributeReader(first, ...path);
  }

  add(document: DocumentView, entries: IndexEntry[]): void {
    const words = new Set<string>();
    addWords(this.#read(document), this.index.minLength, words);
    for (const word of words) entries.push({ index: this.index.table, key: textKey(word), isUnique: false });
  }
}

/** Where the documents with a word are, or with any word that begins so. */
export function wordRange(text: string, isPrefix: boolean): KeyRange {
  const word = normalized(text);
  if (!isPrefix) return pointRange(textKey(word));
  const from = Buffer.from(word);
  // No UTF-8 text has this byte.
  return { from, to: Buffer.concat([from, Buffer.of(0xff)]) };
}

/** Made when the first word is looked for: its tables are large, and few have such an index. */
const segmenter = lazily(() => new Intl.Segmenter('en', { granularity: 'word' }));

/** Those of a string, or of the strings that are directly in an array or an object. */
function addWords(value: Value, minLength: number, words: Set<string>): void {
  const texts = isArray(value) ? value : isObject(value) ? Object.values(value) : [value];
  for (const text of texts) {
    if (typeof text !== 'string') continue;
    for (const { segment, isWordLike } of segmenter().segment(text)) {
      if (isWordLike === true && lengthOf(segment) >= minLength) words.add(normalized(segment));
    }
  }
}

function normalized(word: string): string {
  const lower = word.normalize('NFC').toLowerCase();
  return lower.length <= WORD_LIMIT ? lower : Array.from(lower).slice(0, WORD_LIMIT).join('');
}

/** In characters. */
function lengthOf(word: string): number {
  let length = 0;
  for (const _character of word) length++;
  return length;
}
