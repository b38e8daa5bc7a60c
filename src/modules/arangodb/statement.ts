/** `db._createStatement`: a query with its bind parameters and options, put together in steps. */
import { ArangoError } from '#base';
import type { Database, QueryRequest } from '#database';
import type { ValueObject } from '#values';
import { isAqlSource } from './aql-tag.ts';
import { ArangoQueryCursor } from './cursor.ts';
import { toObject, toValue } from './plain-value.ts';
import type { PrintContext } from './print.ts';

export interface StatementData {
  query?: unknown;
  bindVars?: object;
  options?: object;
  count?: boolean;
  batchSize?: number;
  cache?: boolean;
  ttl?: number;
  memoryLimit?: number;
}

export class ArangoStatement {
  readonly #database: () => Database;
  #query: string;
  #bindVars: Record<string, unknown>;
  #options: object | undefined;
  #count: boolean;
  #batchSize: number | null;
  #cache: boolean | undefined;

  constructor(database: () => Database, data: StatementData | string) {
    const { query, bindVars, options, count, batchSize, cache } = typeof data === 'string' ? ({ query: data } as StatementData) : data;
    this.#database = database;
    this.#query = textOf(query);
    this.#bindVars = { ...bindVars };
    this.#options = options;
    this.#count = count ?? false;
    this.#batchSize = batchSize ?? null;
    this.#cache = cache;
  }

  /** `(name, value)` or `({name: value, …})`. A parameter is bound once. */
  bind(nameOrValues: string | number | Readonly<Record<string, unknown>>, value?: unknown): void {
    if (typeof nameOrValues === 'object') {
      for (const [name, one] of Object.entries(nameOrValues)) this.bind(name, one);
      return;
    }
    const name = String(nameOrValues);
    if (Object.hasOwn(this.#bindVars, name)) {
      throw new ArangoError('ERROR_BAD_PARAMETER', `redeclaration of bind parameter "${name}"`);
    }
    this.#bindVars[name] = value;
  }

  getBindVariables(): Readonly<Record<string, unknown>> {
    return this.#bindVars;
  }

  getQuery(): string {
    return this.#query;
  }

  setQuery(query: unknown): void {
    this.#query = textOf(query);
  }

  getCount(): boolean {
    return this.#count;
  }

  setCount(count: boolean): void {
    this.#count = count;
  }

  /** null: the default. */
  getBatchSize(): number | null {
    return this.#batchSize;
  }

  setBatchSize(size: number): void {
    this.#batchSize = size;
  }

  getOptions(): object | undefined {
    return this.#options;
  }

  setOptions(options: object): void {
    this.#options = options;
  }

  getCache(): boolean | undefined {
    return this.#cache;
  }

  setCache(cache: boolean): void {
    this.#cache = cache;
  }

  execute(): ArangoQueryCursor {
    const request = this.#request();
    return new ArangoQueryCursor(this.#database().query(request), request.options);
  }

  explain(options?: object): ValueObject {
    return this.#database().explain(this.#request(options));
  }

  /** Less than `db._parse` gives, as in ArangoDB. */
  parse(): ValueObject {
    const { bindVars = [], collections = [], ast = [] } = this.#database().parse(this.#query);
    return { bindVars, collections, ast };
  }

  toString(): string {
    return '[object ArangoStatement]';
  }

  _PRINT(context: PrintContext): void {
    context.output += this.toString();
  }

  #cacheWish(options: { readonly cache?: unknown } = {}): { readonly cache?: boolean } {
    const wish = this.#cache ?? options.cache;
    return typeof wish === 'boolean' ? { cache: wish } : {};
  }

  #request(options = this.#options): QueryRequest {
    return {
      query: this.#query,
      bindVars: toObject(this.#bindVars),
      ...(options === undefined ? {} : { options: toValue(options) as ValueObject }),
      ...(this.#count ? { count: true } : {}),
      ...(this.#batchSize === null ? {} : { batchSize: this.#batchSize }),
      ...this.#cacheWish(options),
    };
  }
}

function textOf(query: unknown): string {
  const text = isAqlSource(query) ? query.toAQL() : query;
  if (typeof text !== 'string' || text === '') throw new ArangoError('ERROR_BAD_PARAMETER', 'need a valid query string');
  return text;
}
