/** How much memory values take, roughly and fast: enough to keep a query within its limit. */
import { DocumentView, type Value } from '#values';

const ENTRY_BYTES = 16;
/** Members beyond these are taken to be like the first. */
const SAMPLED_MEMBERS = 16;

export function sizeOf(value: Value | DocumentView): number {
  if (typeof value === 'string') return ENTRY_BYTES + value.length;
  if (typeof value !== 'object' || value === null) return ENTRY_BYTES;
  if (value instanceof DocumentView) return 4 * ENTRY_BYTES + (value.end - value.start);
  const members: readonly Value[] = Array.isArray(value) ? value : Object.values(value);
  const sampled = Math.min(members.length, SAMPLED_MEMBERS);
  if (sampled === 0) return ENTRY_BYTES;
  let size = 0;
  for (let i = 0; i < sampled; i++) size += ENTRY_BYTES + sizeOf(members[i] ?? null);
  return 2 * ENTRY_BYTES + Math.ceil((size / sampled) * members.length);
}
