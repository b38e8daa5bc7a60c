/** Copies of few bytes, as keys and the values of entries are: loops are faster than calls for them. */

const FEW_BYTES = 24;
const FEW_CHARACTERS = 64;

/** Writes all of `source`. For keys and rows on their way in; what reads many of them has a loop of its own, compiled for what it meets. */
export function writeBytes(target: Uint8Array, at: number, source: Uint8Array): void {
  const { length } = source;
  if (length <= FEW_BYTES) for (let i = 0; i < length; i++) target[at++] = source[i]!;
  else target.set(source, at);
}

/** `bytes[start..end]` as a text with a character for each byte. */
export function textAt(bytes: Uint8Array, start: number, end: number): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return buffer.toString('latin1', start, end);
}

/** Writes a byte for each character of a text, as far as there is room, and answers where it ends. */
export function writeText(target: Buffer, at: number, text: string): number {
  if (text.length > FEW_CHARACTERS) return at + target.write(text, at, 'latin1');
  const end = Math.min(at + text.length, target.length);
  for (let i = 0; at < end; i++) target[at++] = text.charCodeAt(i);
  return end;
}
