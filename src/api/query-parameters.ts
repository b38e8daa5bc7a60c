/** The query string of a request: decoded once, read with the types that ArangoDB's parameters have. */
import { ArangoError } from '#base';

const TRUE = new Set(['true', 'yes', 'on', '1', 'y']);

export class QueryParameters {
  readonly #parameters: URLSearchParams | undefined;

  constructor(query: string) {
    this.#parameters = query === '' ? undefined : new URLSearchParams(query);
  }

  get isEmpty(): boolean {
    return this.#parameters === undefined;
  }

  find(name: string): string | undefined {
    return this.#parameters?.get(name) ?? undefined;
  }

  /** Throws 400 when it is missing or empty. */
  get(name: string): string {
    const value = this.find(name);
    if (value === undefined || value === '') throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `query parameter "${name}" is required`);
    return value;
  }

  /** Boolean words; anything else is false. */
  flag(name: string, otherwise = false): boolean {
    return this.findFlag(name) ?? otherwise;
  }

  findFlag(name: string): boolean | undefined {
    const value = this.find(name);
    return value === undefined || value === '' || value === 'undefined' ? undefined : TRUE.has(value.toLowerCase());
  }

  findNumber(name: string): number | undefined {
    const value = this.find(name);
    if (value === undefined || value === '') return undefined;
    const number = Number(value);
    if (!Number.isFinite(number))
      throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `query parameter "${name}" must be a number and is "${value}"`);
    return number;
  }

  entries(): Iterable<readonly [name: string, value: string]> {
    return this.#parameters ?? [];
  }
}
