/**
 * The query language of fulltext indexes: words with commas between them, each perhaps with `prefix:` or `complete:` before it, and with
 * `+`, `|` or `-` before that for and, or, and not. It is worked through from left to right; no operator binds tighter than another.
 */
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
    if (operator === 'not') for (const id of matching) found.delete(id);
    else if (i === 0 || operator === 'or') for (const id of matching) found.add(id);
    else found = new Set([...found].filter((id) => matching.has(id)));
  }
  const ids = [...found].toSorted((left, right) => left - right);
  return transaction.rows(collection.rows, limit < ids.length ? ids.slice(0, limit) : ids);
}

function parseQuery(query: string): Term[] {
  return query
    .split(',')
    .map(parseTerm)
    .filter(({ word }) => word !== '');
}

function parseTerm(text: string): Term {
  const [, sign = '', qualifier = '', word = ''] = /^\s*([-+|]?)\s*(?:(prefix|complete):)?\s*([^]*?)\s*$/i.exec(text) ?? [];
  return {
    operator: sign === '-' ? 'not' : sign === '|' ? 'or' : 'and',
    word,
    isPrefix: qualifier.toLowerCase() === 'prefix',
  };
}
