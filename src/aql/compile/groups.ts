/**
 * Finding values that AQL holds equal: for COLLECT, DISTINCT and the aggregate functions that count or list distinct values.
 *
 * Primitive values are equal if JavaScript's Map says so; arrays and objects are looked up by a text in which equal ones are the same.
 */
import { plain, type DocumentView, type Value } from '#values';

/** Entries by one value, or level by level by several. */
export class GroupMap<Entry> {
  readonly #primitive = new Map<Value, Entry>();
  #compound: Map<string, Entry> | undefined;

  find(key: Value | DocumentView): Entry | undefined {
    if (typeof key !== 'object' || key === null) return this.#primitive.get(key);
    return this.#compound?.get(canonicalText(plain(key)));
  }

  set(key: Value | DocumentView, entry: Entry): void {
    if (typeof key !== 'object' || key === null) this.#primitive.set(key, entry);
    else (this.#compound ??= new Map()).set(canonicalText(plain(key)), entry);
  }
}

/** The map of the next level under a key. */
export function levelOf<Entry>(map: GroupMap<GroupMap<Entry>>, key: Value): GroupMap<Entry> {
  let level = map.find(key);
  if (level === undefined) {
    level = new GroupMap();
    map.set(key, level);
  }
  return level;
}

/** Remembers values. */
export class ValueSet {
  readonly #known = new GroupMap<true>();
  /** In the order in which they came. */
  readonly values: Value[] = [];

  /** False if an equal value is there already. */
  add(value: Value): boolean {
    if (this.#known.find(value) === true) return false;
    this.#known.set(value, true);
    this.values.push(value);
    return true;
  }
}

/**
 * A text that two values share if and only if they are equal: attributes sorted and those with null left out, as are nulls at an
 * array's end, since what is missing counts as null.
 */
function canonicalText(value: Value): string {
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '0' : JSON.stringify(value);
  if (Array.isArray(value)) {
    const texts = value.map((each: Value) => canonicalText(each));
    while (texts.at(-1) === 'null') texts.pop();
    return `[${texts.join(',')}]`;
  }
  const texts: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const text = canonicalText((value as Readonly<Record<string, Value>>)[name] ?? null);
    if (text !== 'null') texts.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${texts.join(',')}}`;
}
