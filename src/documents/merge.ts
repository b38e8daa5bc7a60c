/** What an update makes of a document. */
import { isObject, type Value, type ValueObject } from '#values';

export interface MergeOptions {
  readonly keepNull: boolean;
  readonly mergeObjects: boolean;
}

/** Attributes keep their places; new ones come last. */
export function mergeDocument(old: ValueObject, patch: ValueObject, options: MergeOptions): ValueObject {
  const merged: Record<string, Value> = { ...old };
  for (const name of Object.keys(patch)) {
    const value = patch[name];
    if (value === undefined) continue;
    if (value === null && !options.keepNull) {
      delete merged[name];
      continue;
    }
    const before = old[name];
    if (isObject(value) && options.mergeObjects && before !== undefined && isObject(before)) {
      setOwn(merged, name, mergeDocument(before, value, options));
    } else {
      setOwn(merged, name, options.keepNull || !options.mergeObjects ? value : withoutNulls(value));
    }
  }
  return merged;
}

/** As if the value had been merged into nothing; what is in arrays stays. */
function withoutNulls(value: Value): Value {
  return isObject(value) ? mergeDocument({}, value, { keepNull: false, mergeObjects: true }) : value;
}

/** Also for the name `__proto__`, which a plain assignment would take for something else. */
function setOwn(object: Record<string, Value>, name: string, value: Value): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
  else object[name] = value;
}
