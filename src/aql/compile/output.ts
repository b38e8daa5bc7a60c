/** What leaves a query: values that belong to whoever gets them, or JSON text. */
import { documentText, DocumentView, plain, type Value } from '#values';

/** An array of documents, none of them undecoded; anything else is made plain. */
export function plainList(value: Value | DocumentView | readonly (Value | DocumentView)[]): Value {
  return Array.isArray(value) ? value.map(plain) : plain(value as Value | DocumentView);
}

/** A copy that shares nothing with the query, with constants of the program or with other results. */
export function fresh(value: Value | DocumentView): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof DocumentView) return value.toNewObject();
  if (Array.isArray(value)) return value.map(fresh);
  const copy: Record<string, Value> = {};
  for (const [name, each] of Object.entries(value)) {
    if (name === '__proto__')
      Object.defineProperty(copy, name, { value: fresh(each), enumerable: true, configurable: true, writable: true });
    else copy[name] = fresh(each);
  }
  return copy;
}

/** Any value as JSON text. */
export function json(value: Value | DocumentView): string {
  if (value instanceof DocumentView) return documentText(value);
  return JSON.stringify(value);
}
