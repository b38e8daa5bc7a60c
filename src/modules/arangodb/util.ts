/** `require('@arangodb/util')`: the few of its functions that services took to. */

type Mergeable = Map<unknown, unknown> | Set<unknown> | readonly unknown[] | Readonly<Record<string, unknown>>;

/** A template, or a text, as one line. */
export function inline(strings: string | readonly string[], ...values: readonly unknown[]): string {
  const text = typeof strings === 'string' ? strings : String.raw({ raw: strings }, ...values);
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}

/** Of maps, sets, arrays or objects; later ones win. */
export function union(first: Mergeable, ...others: readonly Mergeable[]): Mergeable {
  if (first instanceof Map) return new Map([first, ...others].flatMap((one) => [...(one as Map<unknown, unknown>)]));
  if (first instanceof Set) return new Set([first, ...others].flatMap((one) => [...(one as Set<unknown>)]));
  if (Array.isArray(first)) return [first, ...others].flat();
  return Object.assign({}, first, ...others) as Record<string, unknown>;
}

export function drain(values: Iterable<unknown>): unknown[] {
  return [...values];
}

export function pluck(objects: readonly Readonly<Record<string, unknown>>[], name: string): unknown[] {
  return objects.map((object) => object[name]);
}

/** Without what begins with `_` or `$`. */
export function propertyKeys(object: object): string[] {
  return Object.keys(object).filter((name) => !/^[_$]/.test(name));
}

export function shallowCopy(object: Readonly<Record<string, unknown>> | null | undefined): Record<string, unknown> {
  return object === null || object === undefined ? {} : Object.fromEntries(propertyKeys(object).map((name) => [name, object[name]]));
}

export function indentation(level: number, unit = '    '): string {
  return unit.repeat(level);
}
