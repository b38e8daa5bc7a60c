/** Setting attributes whose names come from data. */
import type { Value } from '#values';

/** As `object[name] = value`, also for `__proto__`, which is a name like any other in a document but not in JavaScript. */
export function setAttribute(object: Record<string, Value>, name: string, value: Value): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  else object[name] = value;
}
