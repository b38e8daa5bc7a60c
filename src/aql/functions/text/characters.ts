/**
 * Strings as sequences of characters (code points): AQL counts and cuts so, JavaScript in UTF-16 units. Text without surrogates, as
 * nearly all is, takes the short way.
 */
const SURROGATE = /[\uD800-\uDFFF]/;

/** Whether each character is one unit. */
export function isNarrow(text: string): boolean {
  return !SURROGATE.test(text);
}

export function characterCount(text: string): number {
  if (isNarrow(text)) return text.length;
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** The characters from `start` up to but not including `end`, both not negative. */
export function sliceCharacters(text: string, start: number, end: number): string {
  return isNarrow(text) ? text.slice(start, end) : Array.from(text).slice(start, end).join('');
}

/** How many characters stand before the unit at `index`. */
export function charactersBefore(text: string, index: number): number {
  return characterCount(text.slice(0, index));
}

export function reverseCharacters(text: string): string {
  return Array.from(text).toReversed().join('');
}
