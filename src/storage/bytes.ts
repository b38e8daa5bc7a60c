/** Copies of few bytes, as keys and the values of entries are: loops are faster than calls for them. */

const FEW_BYTES = 24;
const FEW_CHARACTERS = 64;

/** What Buffer's own methods call; they work on any bytes, and the way there takes as long as a short text. */
const native = Buffer.prototype as unknown as {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  latin1Write(this: Uint8Array, text: string, at: number, length: number): number;
};

/** Writes all of `source`. For keys and rows on their way in; what reads many of them has a loop of its own, compiled for what it meets. */
export function writeBytes(target: Uint8Array, at: number, source: Uint8Array): void {
  const { length } = source;
  if (length <= FEW_BYTES) for (let i = 0; i < length; i++) target[at++] = source[i]!;
  else target.set(source, at);
}

/** `bytes[start..end]` as a text with a character for each byte. */
export function textAt(bytes: Uint8Array, start: number, end: number): string {
  return native.latin1Slice.call(bytes, start, end);
}

/** Writes a byte for each character of a text, as far as there is room, and answers where it ends. */
export function writeText(target: Uint8Array, at: number, text: string): number {
  const length = Math.min(text.length, target.length - at);
  if (length > FEW_CHARACTERS) return at + native.latin1Write.call(target, text, at, length);
  for (let i = 0; i < length; i++) target[at++] = text.charCodeAt(i);
  return at;
}
