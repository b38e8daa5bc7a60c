/** The query language of FULLTEXT, answered by reading the documents. Words are compared in lower case. */
import { isArray, isObject, type DocumentView, type Value, type ValueObject } from '#values';

interface Term {
  readonly operator: 'and' | 'or' | 'not';
  readonly word: string;
  readonly isPrefix: boolean;
}

/** The first `most` documents whose attribute has the words of `query`. */
export function findFulltext(documents: Iterable<DocumentView>, attribute: string, query: string, most: number): ValueObject[] {
  const terms = query
    .split(',')
    .map(parseTerm)
    .filter(({ word }) => word !== '');
  const found: ValueObject[] = [];
  for (const document of documents) {
    if (found.length >= most) break;
    const object = document.toObject();
    if (terms.length > 0 && matches(wordsOf(valueAt(object, attribute)), terms)) found.push(object);
  }
  return found;
}

function parseTerm(text: string): Term {
  const [, sign = '', qualifier = '', word = ''] = /^\s*([-+|]?)\s*(?:(prefix|complete):)?\s*([^]*?)\s*$/i.exec(text) ?? [];
  return {
    operator: sign === '-' ? 'not' : sign === '|' ? 'or' : 'and',
    word: word.toLowerCase(),
    isPrefix: qualifier.toLowerCase() === 'prefix',
  };
}

/** From left to right: no operator binds tighter than another. */
function matches(words: readonly string[], terms: readonly Term[]): boolean {
  let result = false;
  for (const [i, { operator, word, isPrefix }] of terms.entries()) {
    const isThere = words.some((each) => (isPrefix ? each.startsWith(word) : each === word));
    if (operator === 'not') result &&= !isThere;
    else if (operator === 'or' || i === 0) result ||= isThere;
    else result &&= isThere;
  }
  return result;
}

function valueAt(object: ValueObject, path: string): Value {
  return path.split('.').reduce<Value>((value, name) => (isObject(value) ? (value[name] ?? null) : null), object);
}

/** Those of a string, or of the strings that an array or object holds. */
function wordsOf(value: Value): string[] {
  if (typeof value === 'string') return value.toLowerCase().match(/[\p{L}\p{N}\p{M}_]+/gu) ?? [];
  const parts = isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  return parts.flatMap(wordsOf);
}
