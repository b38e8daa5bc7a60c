/**
 * The template tag `aql` and its companions: values become bind parameters, collections `@@` ones, other queries and literals become
 * part of the text. Parameters are numbered over the whole query, however deep it is nested.
 */

import { textOf } from '../text.ts';

/** Something whose text goes into a query as it is: a literal, an `aqb` query, … */
export interface AqlSource {
  toAQL(): string;
}

export interface AqlQuery {
  query: string;
  bindVars: Record<string, unknown>;
  /** The template that it was made of, so that it can become part of another. */
  _source(): { readonly strings: readonly string[]; readonly args: readonly unknown[] };
}

export interface AqlTag {
  (strings: readonly string[], ...args: readonly unknown[]): AqlQuery;
  literal(value: unknown): AqlSource;
  join(parts: readonly unknown[], separator?: string): AqlQuery;
}

interface Named {
  readonly name: string | (() => string);
}

class Builder {
  query = '';
  readonly bindVars: Record<string, unknown> = {};
  readonly #values: unknown[] = [];

  addTemplate(strings: readonly string[], args: readonly unknown[]): void {
    for (const [index, text] of strings.entries()) {
      this.query += text;
      if (index < args.length) this.#add(args[index]);
    }
  }

  #add(value: unknown): void {
    if (value === undefined) return;
    if (isAqlQuery(value)) {
      const { strings, args } = value._source();
      this.addTemplate(strings, args);
    } else if (isAqlSource(value)) {
      this.query += value.toAQL();
    } else if (isNamedThing(value)) {
      const isCollection = !('isArangoGraph' in value);
      this.#bind(value, typeof value.name === 'function' ? value.name() : value.name, isCollection ? '@' : '');
    } else {
      this.#bind(value, value, '');
    }
  }

  /** The same value, or the same collection, is one parameter. */
  #bind(key: unknown, value: unknown, sigil: string): void {
    let index = this.#values.indexOf(key);
    if (index < 0) {
      index = this.#values.push(key) - 1;
      this.bindVars[`${sigil}value${index}`] = value;
    }
    this.query += `@${sigil}value${index}`;
  }
}

function build(strings: readonly string[], args: readonly unknown[]): AqlQuery {
  const builder = new Builder();
  builder.addTemplate(strings, args);
  const { query, bindVars } = builder;
  return { query, bindVars, _source: () => ({ strings, args }) };
}

export const aql: AqlTag = Object.assign((strings: readonly string[], ...args: readonly unknown[]): AqlQuery => build([...strings], args), {
  literal(value: unknown): AqlSource {
    if (isAqlSource(value)) return value;
    return { toAQL: () => (value === undefined ? '' : textOf(value)) };
  },
  join(parts: readonly unknown[], separator = ' '): AqlQuery {
    if (parts.length === 0) return build([''], []);
    return build(['', ...parts.slice(1).map(() => separator), ''], parts);
  },
});

export function isAqlQuery(value: unknown): value is AqlQuery {
  return isObject(value) && typeof value['query'] === 'string' && isObject(value['bindVars']) && typeof value['_source'] === 'function';
}

export function isAqlSource(value: unknown): value is AqlSource {
  return isObject(value) && typeof value['toAQL'] === 'function';
}

/** Collections, views and graphs, the server's and those of a driver. */
function isNamedThing(value: unknown): value is Named {
  return isObject(value) && (value['isArangoCollection'] === true || value['isArangoView'] === true || value['isArangoGraph'] === true);
}

/** The name of a collection for APIs that take either. */
export function nameOf(collection: unknown): string {
  if (!isNamedThing(collection)) return String(collection);
  return typeof collection.name === 'function' ? collection.name() : collection.name;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
