/**
 * The queries that collections offer without AQL (`all`, `byExample`, `near`, …): lazy, to be narrowed with `skip` and `limit`, run when
 * the first result is asked for. Underneath they are AQL.
 */
import type { Database, QueryCursor } from '#database';
import type { Value, ValueObject } from '#values';
import { ArangoQueryCursor } from './cursor.ts';
import { toValue } from './plain-value.ts';

/** The middle of an AQL query that binds `doc`; `@@collection` is the collection. */
export interface Selection {
  readonly text: string;
  readonly bindVars: Readonly<Record<string, Value>>;
  /** What is returned; `doc` by default. */
  readonly result?: string;
  /** It goes by distance: `@distance` names the attribute that has it, and of `near` there are the `@most` nearest. */
  readonly byDistance?: 'near' | 'within';
}

/** Of `near`, unless there is a limit. */
const NEAREST_BY_DEFAULT = 100;

export class SimpleQuery implements Iterable<Value> {
  readonly isArangoResultSet = true;
  readonly #database: () => Database;
  readonly #selection: Selection;
  #skip = 0;
  #limit: number | undefined;
  #batchSize: number | undefined;
  #distance: string | null = null;
  #cursor: ArangoQueryCursor | undefined;

  constructor(database: () => Database, selection: Selection) {
    this.#database = database;
    this.#selection = selection;
  }

  /** Of what is left so far. A negative number skips from the end, as far as the end is known. */
  skip(count: number): this {
    if (count < 0) this.#skip = count;
    else {
      this.#skip = Math.max(0, this.#skip) + count;
      if (this.#limit !== undefined) this.#limit = Math.max(0, this.#limit - count);
    }
    return this;
  }

  limit(count: number): this {
    this.#limit = Math.min(count, this.#limit ?? count);
    return this;
  }

  /** Documents get an attribute with their distance in metres. */
  distance(attribute = 'distance'): this {
    this.#distance = attribute;
    return this;
  }

  setBatchSize(size: number): this {
    this.#batchSize = size;
    return this;
  }

  execute(): this {
    this.#results();
    return this;
  }

  toArray(): Value[] {
    return this.#results().toArray();
  }

  hasNext(): boolean {
    return this.#results().hasNext();
  }

  next(): Value | undefined {
    return this.#results().next();
  }

  dispose(): void {
    this.#cursor?.dispose();
    this.#cursor = undefined;
  }

  /** All that fit, or with `true` those that `skip` and `limit` leave. */
  count(appliesLimit = false): number {
    if (appliesLimit) return this.#results()._documents.length;
    const { text } = this.#selection;
    const [count] = this.#run(`RETURN LENGTH(${text} RETURN 1)`, this.#bindVars(0)).toArray();
    return Number(count);
  }

  get _documents(): Value[] {
    return this.#results()._documents;
  }

  get _countTotal(): number {
    return this.count();
  }

  [Symbol.iterator](): Iterator<Value> {
    return this.#results()[Symbol.iterator]();
  }

  forEach(action: (value: Value, index: number) => void): void {
    this.toArray().forEach((value, index) => action(value, index));
  }

  map<Result>(convert: (value: Value, index: number) => Result): Result[] {
    return this.toArray().map((value, index) => convert(value, index));
  }

  toJSON(): Value[] {
    return this.toArray();
  }

  toString(): string {
    return '[object SimpleQuery]';
  }

  #results(): ArangoQueryCursor {
    if (this.#cursor === undefined) {
      const { text, result = 'doc' } = this.#selection;
      const skip = this.#skip < 0 ? Math.max(0, this.count() + this.#skip) : this.#skip;
      // LIMIT needs a count; the largest there is stands for "all the rest".
      const limit = skip === 0 && this.#limit === undefined ? '' : `LIMIT ${skip}, ${this.#limit ?? Number.MAX_SAFE_INTEGER}`;
      this.#cursor = new ArangoQueryCursor(this.#run(`${text} ${limit} RETURN ${result}`, this.#bindVars(skip)));
    }
    return this.#cursor;
  }

  #bindVars(skip: number): ValueObject {
    const { bindVars, byDistance } = this.#selection;
    if (byDistance === undefined) return bindVars;
    const most = byDistance === 'near' ? { most: skip + (this.#limit ?? NEAREST_BY_DEFAULT) } : {};
    return { ...bindVars, ...most, distance: this.#distance };
  }

  #run(query: string, bindVars: ValueObject): QueryCursor {
    return this.#database().query({ query, bindVars, ...(this.#batchSize === undefined ? {} : { batchSize: this.#batchSize }) });
  }
}

/** `FOR doc IN @@collection` and a filter for each attribute of the example; `a.b` is an attribute of an attribute. */
export function byExample(collection: string, example: Readonly<Record<string, unknown>>): Selection {
  const filters: string[] = [];
  const bindVars: Record<string, Value> = { '@collection': collection };
  for (const [index, [name, value]] of Object.entries(example).entries()) {
    filters.push(`FILTER doc.${quotePath(name)} == @value${index}`);
    bindVars[`value${index}`] = toValue(value);
  }
  return { text: ['FOR doc IN @@collection', ...filters].join(' '), bindVars };
}

/** An attribute path with each name quoted, so that no name is mistaken for a keyword. */
export function quotePath(path: string): string {
  return path
    .split('.')
    .map((name) => `\`${name.replaceAll(/[\\`]/g, String.raw`\$&`)}\``)
    .join('.');
}
