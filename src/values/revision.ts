/**
 * Revisions: 64 bits of a hybrid logical clock (44 of milliseconds, 20 of counter) and the text `_rev` shows them as.
 *
 * The text is the number in base 64, most significant digit first and without leading zeros, in ArangoDB's digits `-_A…Za…z0…9`.
 * Those do not ascend in any order of strings: to know which of two revisions is the later one, compare the numbers.
 */

const DIGITS = '-_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const MAX_LENGTH = 11;
const COUNTER_BITS = 20n;
const COUNTER_MASK = (1n << COUNTER_BITS) - 1n;

const DIGIT_CODES = Uint8Array.from(DIGITS, (digit) => digit.charCodeAt(0));
/** The value of each ASCII character as a digit; 64 for those that are none. */
const DIGIT_VALUES = new Uint8Array(128).fill(64);
DIGIT_CODES.forEach((code, value) => {
  DIGIT_VALUES[code] = value;
});

const halves = new DataView(new ArrayBuffer(8));

/** The text of a revision: `_l6zhVFC---`. */
export function encodeRevision(revision: bigint): string {
  halves.setBigUint64(0, revision);
  return revisionText(halves.getUint32(0), halves.getUint32(4));
}

/** The revision of a text; undefined when it is none. */
export function decodeRevision(text: string): bigint | undefined {
  const length = text.length;
  if (length === 0 || length > MAX_LENGTH) return undefined;
  let high = 0;
  let low = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    const digit = code < 128 ? DIGIT_VALUES[code]! : 64;
    if (digit === 64 || high >= 0x4000000) return undefined;
    high = ((high << 6) | (low >>> 26)) >>> 0;
    low = ((low << 6) | digit) >>> 0;
  }
  halves.setUint32(0, high);
  halves.setUint32(4, low);
  return halves.getBigUint64(0);
}

/** When a revision was made, and the how-manieth it was within that millisecond. */
export function revisionParts(revision: bigint): { readonly timeMs: number; readonly count: number } {
  return { timeMs: Number(revision >> COUNTER_BITS), count: Number(revision & COUNTER_MASK) };
}

/** The text of a revision that is given as its upper and lower 32 bits. */
export function revisionText(high: number, low: number): string {
  if (high >>> 28 !== 0) {
    return String.fromCharCode(
      DIGIT_CODES[high >>> 28]!,
      DIGIT_CODES[(high >>> 22) & 63]!,
      DIGIT_CODES[(high >>> 16) & 63]!,
      DIGIT_CODES[(high >>> 10) & 63]!,
      DIGIT_CODES[(high >>> 4) & 63]!,
      DIGIT_CODES[((high << 2) & 60) | (low >>> 30)]!,
      DIGIT_CODES[(low >>> 24) & 63]!,
      DIGIT_CODES[(low >>> 18) & 63]!,
      DIGIT_CODES[(low >>> 12) & 63]!,
      DIGIT_CODES[(low >>> 6) & 63]!,
      DIGIT_CODES[low & 63]!,
    );
  }
  let text = '';
  while (high !== 0 || low !== 0) {
    text = DIGITS.charAt(low & 63) + text;
    low = ((high & 63) << 26) | (low >>> 6);
    high >>>= 6;
  }
  return text === '' ? '-' : text;
}
