/** Pieces of fixed lengths that analyzers make of a text, counted in characters of Unicode. */
import type { Value, ValueObject } from '#values';

/**
 * From each place on the short ones first. The text itself, if it is wanted or is a piece itself and there are markers, comes with each
 * marker for itself, and as soon as the pieces from the first place are through.
 */
export function ngrams(text: string, properties: ValueObject): string[] {
  const characters = Array.from(text);
  const { length } = characters;
  const min = Math.max(numberOf(properties['min'], 1), 1);
  const max = Math.max(numberOf(properties['max'], min), min);
  const { startMarker = '', endMarker = '', preserveOriginal } = properties as { readonly [name: string]: string };
  let isOriginalDue = (preserveOriginal as unknown) === true;
  const grams: string[] = [];
  for (let start = 0; start < length; start++) {
    for (let size = min; size <= max && start + size <= length; size++) {
      const gram = characters.slice(start, start + size).join('');
      if (size === length) isOriginalDue = true;
      else grams.push((start === 0 ? startMarker : '') + gram + (start + size === length ? endMarker : ''));
    }
    if (start === 0 && isOriginalDue) grams.push(...originals(text, startMarker, endMarker));
  }
  return grams;
}

function originals(text: string, startMarker: string, endMarker: string): string[] {
  const marked = [...(startMarker === '' ? [] : [startMarker + text]), ...(endMarker === '' ? [] : [text + endMarker])];
  return marked.length === 0 ? [text] : marked;
}

/** The beginnings of a word. */
export function edgeNgrams(word: string, properties: ValueObject): string[] {
  const characters = Array.from(word);
  const most = Math.min(numberOf(properties['max'], characters.length), characters.length);
  const grams: string[] = [];
  for (let length = Math.max(numberOf(properties['min'], 1), 1); length <= most; length++) grams.push(characters.slice(0, length).join(''));
  return properties['preserveOriginal'] === true && grams.at(-1) !== word ? [...grams, word] : grams;
}

/** Stands before and after the text of a `wildcard` analyzer. */
const EDGE = '\uFFFD';

/** Pieces of one length from each place on, the text's edges among the characters; towards the end they get shorter. */
export function wildcardGrams(text: string, size: number): string[] {
  const characters = [EDGE, ...Array.from(text), EDGE];
  return characters.slice(0, -1).map((_, start) => characters.slice(start, start + size).join(''));
}

function numberOf(value: Value | undefined, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}
