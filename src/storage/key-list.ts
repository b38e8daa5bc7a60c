/** Making lists of keys, and ranges of them. */
import type { KeyList, KeyRange } from './engine.ts';

export function keyListOf(keys: readonly Uint8Array[]): KeyList {
  const count = keys.length;
  const starts = new Int32Array(count + 1);
  let end = 0;
  for (let i = 0; i < count; i++) {
    end += keys[i]!.length;
    starts[i + 1] = end;
  }
  const bytes = Buffer.allocUnsafe(end);
  for (let i = 0; i < count; i++) {
    const key = keys[i]!;
    for (let k = 0, at = starts[i]!; k < key.length; k++, at++) bytes[at] = key[k]!;
  }
  return { count, bytes, starts };
}

/** Each key as the range that has nothing else in it. */
export function rangesOfKeys({ count, bytes, starts }: KeyList): KeyRange[] {
  return Array.from({ length: count }, (_, i) => {
    const key = bytes.subarray(starts[i], starts[i + 1]);
    return { from: key, to: key, toInclusive: true };
  });
}
