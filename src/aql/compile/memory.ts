/** How much memory values take, roughly and fast: enough to keep a query within its limit. */
import { DocumentView, isArray, type Value, type ValueObject } from '#values';

const ENTRY_BYTES = 16;
/** Members beyond these are taken to be like the first. */
const SAMPLED_MEMBERS = 16;

export function sizeOf(value: Value | DocumentView): number {
  if (typeof value === 'string') return ENTRY_BYTES + value.length;
  if (typeof value !== 'object' || value === null) return ENTRY_BYTES;
  if (value instanceof DocumentView) return 4 * ENTRY_BYTES + (value.end - value.start);
  return isArray(value) ? sizeOfArray(value) : sizeOfObject(value);
}

function sizeOfArray(members: readonly Value[]): number {
  const sampled = Math.min(members.length, SAMPLED_MEMBERS);
  if (sampled === 0) return ENTRY_BYTES;
  let size = 0;
  for (let i = 0; i < sampled; i++) size += ENTRY_BYTES + sizeOf(members[i] ?? null);
  return 2 * ENTRY_BYTES + Math.ceil((size / sampled) * members.length);
}

function sizeOfObject(value: ValueObject): number {
  let size = 2 * ENTRY_BYTES;
  let sampled = 0;
  // All names are own ones, so nothing is made to look at a small object.
  for (const name in value) {
    if (sampled++ === SAMPLED_MEMBERS) return Math.ceil((size / SAMPLED_MEMBERS) * Object.keys(value).length);
    size += ENTRY_BYTES + sizeOf(value[name] ?? null);
  }
  return size;
}
