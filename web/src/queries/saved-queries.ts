/**
 * Saved queries: in the `extra` of the user's account, as ArangoDB's own interface keeps them, so that both show the same list. What else is in
 * `extra` stays as it is.
 */
import type { BindValues } from './aql/bind-parameters.ts';
import { isObject } from './results/shape.ts';

export interface SavedQuery {
  readonly name: string;
  readonly value: string;
  readonly parameter: BindValues;
}

/** Those of an account's `extra`; whatever is no query is passed over. */
export function readSavedQueries(extra: unknown): readonly SavedQuery[] {
  return isObject(extra) ? readList(extra['queries']) : [];
}

/** The list in a file: as exported here or from ArangoDB. Undefined: there is none in it. */
export function readExport(text: string): readonly SavedQuery[] | undefined {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return undefined; // some other file was chosen
  }
  const list = isObject(content) ? content['queries'] : content;
  return Array.isArray(list) ? readList(list) : undefined;
}

/** A query of the same name is replaced. */
export function withSaved(queries: readonly SavedQuery[], added: readonly SavedQuery[]): readonly SavedQuery[] {
  const byName = new Map(queries.map((query) => [query.name, query]));
  for (const query of added) byName.set(query.name, query);
  return [...byName.values()];
}

function readList(list: unknown): readonly SavedQuery[] {
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).flatMap((each): readonly SavedQuery[] => {
    const { name, value, parameter } = each;
    if (typeof name !== 'string' || typeof value !== 'string') return [];
    return [{ name, value, parameter: isObject(parameter) ? (parameter as BindValues) : {} }];
  });
}
