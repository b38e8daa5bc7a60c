/**
 * Prepared queries by their text. One text may have several: for other options, for bind values of other types, for other values of
 * the bind parameters that became part of the plan.
 *
 * What is found is valid for the catalog at hand: a prepared query names the definitions that it was made with, and all of them must
 * be the current ones.
 */
import type { CollectionDefinition, DatabaseCatalog } from '#catalog';
import { equalValues, typeName, type TypeName, type Value, type ValueObject } from '#values';

/** What a prepared query is made for. */
export interface Validity {
  readonly database: string;
  /** The options that shape a plan, as one text. */
  readonly shape: string;
  /** The types of bind values, and the values of those that became part of the plan. */
  readonly parameters: readonly { readonly name: string; readonly kind: TypeName; readonly value: Value | undefined }[];
  readonly definitions: readonly CollectionDefinition[];
}

interface Entry<Prepared> {
  readonly validity: Validity;
  readonly prepared: Prepared;
}

export class PlanCache<Prepared> {
  readonly #limit: number;
  /** By text; the least recently made first. */
  readonly #entries = new Map<string, Entry<Prepared>[]>();
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  find(text: string, shape: string, bindVars: ValueObject, catalog: DatabaseCatalog): Prepared | undefined {
    const entries = this.#entries.get(text);
    if (entries === undefined) return undefined;
    for (const { validity, prepared } of entries) {
      if (validity.shape === shape && isValid(validity, bindVars, catalog)) return prepared;
    }
    return undefined;
  }

  add(text: string, validity: Validity, prepared: Prepared, catalog: DatabaseCatalog): void {
    const kept = (this.#entries.get(text) ?? []).filter((entry) => areCurrent(entry.validity, catalog));
    this.#forget(text);
    while (this.#count >= this.#limit) {
      const [oldest] = this.#entries.keys();
      if (oldest === undefined) break;
      this.#forget(oldest);
    }
    const entries = [...kept, { validity, prepared }].slice(-MAX_VARIANTS);
    this.#entries.set(text, entries);
    this.#count += entries.length;
  }

  #forget(text: string): void {
    this.#count -= this.#entries.get(text)?.length ?? 0;
    this.#entries.delete(text);
  }
}

/** A text that is run with ever other values in its plan would fill the cache by itself. */
const MAX_VARIANTS = 16;

function isValid(validity: Validity, bindVars: ValueObject, catalog: DatabaseCatalog): boolean {
  const { parameters } = validity;
  for (const { name, kind, value } of parameters) {
    const given = Object.hasOwn(bindVars, name) ? bindVars[name] : undefined;
    if (given === undefined || typeName(given) !== kind) return false;
    if (value !== undefined && !equalValues(value, given)) return false;
  }
  return Object.keys(bindVars).length === parameters.length && areCurrent(validity, catalog);
}

function areCurrent({ database, definitions }: Validity, catalog: DatabaseCatalog): boolean {
  return catalog.definition.name === database && definitions.every((definition) => catalog.findCollection(definition.name) === definition);
}
