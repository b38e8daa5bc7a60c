/**
 * A map whose keys are AQL values: equal by AQL's equality, so `{}` and `{a: null}` are one key, and `[1]` and `[1, null]` are.
 * Scalars are their own keys; arrays and objects are looked up by a text that equal ones share.
 */
import { isArray, isObject, type Value, type ValueObject } from '#values';

type Scalar = null | boolean | number | string;

export class ValueMap<Entry> {
  readonly #scalars = new Map<Scalar, Entry>();
  readonly #composites = new Map<string, Entry>();

  get size(): number {
    return this.#scalars.size + this.#composites.size;
  }

  get(key: Value): Entry | undefined {
    return isScalar(key) ? this.#scalars.get(key) : this.#composites.get(canonicalText(key));
  }

  has(key: Value): boolean {
    return isScalar(key) ? this.#scalars.has(key) : this.#composites.has(canonicalText(key));
  }

  set(key: Value, entry: Entry): void {
    if (isScalar(key)) this.#scalars.set(key, entry);
    else this.#composites.set(canonicalText(key), entry);
  }

  /** Whether the key was there. */
  delete(key: Value): boolean {
    return isScalar(key) ? this.#scalars.delete(key) : this.#composites.delete(canonicalText(key));
  }
}

/** A set of AQL values that remembers which came first. */
export class ValueSet {
  readonly #members = new ValueMap<true>();
  readonly #values: Value[] = [];

  constructor(values: Iterable<Value> = []) {
    for (const value of values) this.add(value);
  }

  get size(): number {
    return this.#values.length;
  }

  /** In the order in which they were added. */
  get values(): readonly Value[] {
    return this.#values;
  }

  has(value: Value): boolean {
    return this.#members.has(value);
  }

  /** Whether it was not there before. */
  add(value: Value): boolean {
    const { size } = this.#members;
    this.#members.set(value, true);
    if (this.#members.size === size) return false;
    this.#values.push(value);
    return true;
  }
}

function isScalar(value: Value): value is Scalar {
  return typeof value !== 'object' || value === null;
}

/** The same for values that are equal: without the nulls that a missing element or attribute stands for, names in order. */
export function canonicalText(value: Value): string {
  if (value === null) return 'null';
  if (isArray(value)) {
    let { length } = value;
    while (length > 0 && value[length - 1] === null) length--;
    let text = '[';
    for (let i = 0; i < length; i++) text += `${canonicalText(value[i] ?? null)},`;
    return `${text}]`;
  }
  if (isObject(value)) return canonicalObject(value);
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

function canonicalObject(value: ValueObject): string {
  let text = '{';
  for (const name of Object.keys(value).toSorted()) {
    const attribute = value[name] ?? null;
    if (attribute !== null) text += `${JSON.stringify(name)}:${canonicalText(attribute)},`;
  }
  return `${text}}`;
}
