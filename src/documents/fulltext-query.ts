/**
 * The query language of fulltext indexes: words with commas or blanks between them, each perhaps with `prefix:` or `complete:` before it, and with
 * `+`, `|` or `-` before that for and, or, and not. It is worked through from left to right; no operator binds tighter than
 * another, and that of the first word does not count.
 */
import { ArangoError } from '#base';
import type { CollectionDefinition, FulltextIndex } from '#catalog';
import type { RowBatch, RowId, Transaction } from '#storage';
import { wordRange } from './indexes/fulltext.ts';

interface Term {
  readonly operator: 'and' | 'or' | 'not';
  readonly word: string;
  readonly isPrefix: boolean;
}

/** The index that knows the words of an attribute. */
export function findFulltextIndex({ indexes }: CollectionDefinition, attribute: string): FulltextIndex | undefined {
  return indexes.find((index) => index.type === 'fulltext' && index.fields[0]?.text === attribute) as FulltextIndex | undefined;
}

/** The documents that answer the query in the order of insertion, the first `limit` of them. */
export function searchWords(
  transaction: Transaction,
  collection: CollectionDefinition,
  { table }: FulltextIndex,
  query: string,
  limit: number,
): RowBatch {
  let found = new Set<RowId>();
  for (const [i, { operator, word, isPrefix }] of parseQuery(query).entries()) {
    const matching = new Set<RowId>();
    const cursor = transaction.scanEntries(table, [wordRange(word, isPrefix)]);
    for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) {
      for (let place = 0; place < batch.count; place++) matching.add(batch.ids[place]!);
    }
    if (i === 0 || operator === 'or') for (const id of matching) found.add(id);
    else if (operator === 'not') for (const id of matching) found.delete(id);
    else found = new Set([...found].filter((id) => matching.has(id)));
  }
  const ids = [...found].toSorted((left, right) => left - right);
  return transaction.rows(collection.rows, limit < ids.length ? ids.slice(0, limit) : ids);
}

/** Words beyond these are not looked for. */
const MOST_WORDS = 32;

/** Throws 10 for a query without a word, or with a sign or a qualifier that none follows. */
function parseQuery(query: string): Term[] {
  const [text = ''] = query.split('\0');
  const terms = text.split(/[ \t\r\n\f\b,]+/).filter((term) => term !== '');
  if (terms.length === 0) throw new ArangoError('ERROR_BAD_PARAMETER');
  return terms.slice(0, MOST_WORDS).map(parseTerm);
}

/** A qualifier that is none is passed over. */
function parseTerm(text: string): Term {
  const [, sign = '', qualifier, word = ''] = /^([-+|]?)(?:([^:]*):)?([^]*)$/.exec(text) ?? [];
  if (word === '' || qualifier === '') throw new ArangoError('ERROR_BAD_PARAMETER');
  return {
    operator: sign === '-' ? 'not' : sign === '|' ? 'or' : 'and',
    word,
    isPrefix: qualifier?.toLowerCase() === 'prefix',
  };
}
