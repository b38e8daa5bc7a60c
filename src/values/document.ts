/**
 * A document's bytes and the view that reads them.
 *
 * The bytes begin with the revision (8 bytes, big-endian), as `storage` demands of a row. A view looks like the object it stands for
 * to `compareValues` and the casts only after `toObject()`; code that may meet one calls `plain()` first.
 */
import type { Value, ValueObject } from './value.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** `attributes` are all but `_id` and `_rev`: `_key` first, `_from` and `_to` in edges, then the user's in their order. */
export function encodeDocument(revision: bigint, attributes: ValueObject): Uint8Array {
  const text = encoder.encode(JSON.stringify(attributes));
  const bytes = new Uint8Array(text.length + 8);
  new DataView(bytes.buffer).setBigUint64(0, revision);
  bytes.set(text, 8);
  return bytes;
}

export class DocumentView {
  readonly #buffer: Uint8Array;
  readonly #start: number;
  readonly #end: number;
  readonly #collection: string;
  #object: ValueObject | undefined;

  /** `collection` is the collection's name, for `_id`. */
  constructor(buffer: Uint8Array, start: number, end: number, collection: string) {
    this.#buffer = buffer;
    this.#start = start;
    this.#end = end;
    this.#collection = collection;
  }

  /** An attribute's value, `_id` and `_rev` included; null when there is none. */
  get(name: string): Value {
    return this.toObject()[name] ?? null;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.toObject(), name);
  }

  get revision(): bigint {
    return new DataView(this.#buffer.buffer, this.#buffer.byteOffset + this.#start).getBigUint64(0);
  }

  /** The whole document: `_key`, `_id`, (`_from`, `_to`,) `_rev`, then the user's attributes as stored. Always the same object. */
  toObject(): ValueObject {
    if (this.#object === undefined) {
      const stored = JSON.parse(decoder.decode(this.#buffer.subarray(this.#start + 8, this.#end))) as Record<string, Value>;
      const { _key, _from, _to, ...own } = stored;
      this.#object = {
        _key: _key ?? null,
        _id: `${this.#collection}/${String(_key)}`,
        ...(_from === undefined ? {} : { _from, _to: _to ?? null }),
        _rev: String(this.revision),
        ...own,
      };
    }
    return this.#object;
  }

  /** JSON.stringify writes the document. */
  toJSON(): ValueObject {
    return this.toObject();
  }
}

/** A value as the plain data it stands for; only the outermost level can be a view. */
export function plain(value: Value | DocumentView): Value {
  return value instanceof DocumentView ? value.toObject() : value;
}
