/** `Foxx.createQuery`: a query as a function, whose arguments are bind parameters and whose results may become models. */
import type { Db } from '../arangodb/db.ts';
import type { ModelConstructor } from './model.ts';

interface QuerySettings {
  readonly query: string | { toAQL(): string };
  /** Names of the parameters, in the order of the function's arguments; without them the first argument holds all by name. */
  readonly params?: string | readonly string[] | false;
  /** Names of collections, which begin with `@`, get its prefix. */
  readonly context?: { collectionName(name: string): string };
  readonly model?: ModelConstructor;
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Gets the result and the arguments that are left. */
  readonly transform?: (result: readonly unknown[], ...rest: readonly unknown[]) => unknown;
}

export function createQuery(db: Db, given: string | QuerySettings | { toAQL(): string } | undefined): (...values: unknown[]) => unknown {
  const settings = readSettings(given);
  const { query, context, model: Type, defaults, transform } = settings;
  const names = settings.params === undefined ? undefined : [settings.params || []].flat();
  return (...values) => {
    const rest = names === undefined ? values.slice(1) : values.slice(names.length);
    const own =
      names === undefined ? (values[0] as object | undefined) : Object.fromEntries(names.map((name, index) => [name, values[index]]));
    const bindVars: Record<string, unknown> = { ...defaults, ...own };
    for (const [name, value] of Object.entries(bindVars)) {
      if (context !== undefined && name.startsWith('@')) bindVars[name] = context.collectionName(value as string);
    }
    const found: readonly unknown[] = db._query(query, bindVars).toArray();
    const result = Type === undefined ? found : found.map((data) => new Type(data));
    return transform === undefined ? result : transform(result, ...rest);
  };
}

function readSettings(given: string | QuerySettings | { toAQL(): string } | undefined): QuerySettings {
  const settings = (typeof given === 'string' || isBuilder(given) ? { query: given } : (given ?? {})) as QuerySettings;
  const { query, params, context, model, transform } = settings;
  if (params && ![params].flat().every((name) => typeof name === 'string')) {
    throw new Error('Argument names must be a string, an array of strings or false.');
  }
  if (!query || (typeof query !== 'string' && !isBuilder(query)))
    throw new Error('Expected query to be a string or a QueryBuilder instance.');
  if (context && typeof context.collectionName !== 'function') throw new Error('Expected context to have a method "collectionName".');
  if (model && typeof model !== 'function') throw new Error('Expected model to be a constructor function.');
  if (transform && typeof transform !== 'function') throw new Error('Expected transform to be a function.');
  return settings;
}

function isBuilder(value: unknown): value is { toAQL(): string } {
  return typeof value === 'object' && value !== null && 'toAQL' in value && typeof value.toAQL === 'function';
}
