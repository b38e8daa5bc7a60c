/** Where analyzers part a text. */
import { LeastRecentlyUsed } from './least-recently-used.ts';

const QUOTE = '"';

/** Fields as RFC 4180 has them, but in one record: quotes around a field hide delimiters in it. Nothing as the delimiter parts all characters. */
export function splitQuoted(text: string, delimiter: string): string[] {
  const fields: string[] = [];
  let rest = text;
  for (;;) {
    const end = findDelimiter(rest, delimiter);
    if (end === undefined) return [...fields, unquoted(rest)];
    fields.push(unquoted(rest.slice(0, end)));
    rest = rest.slice(end + delimiter.length);
  }
}

function findDelimiter(text: string, delimiter: string): number | undefined {
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    if (!isQuoted && (i > 0 || delimiter !== '') && text.startsWith(delimiter, i)) return i;
    if (text[i] === QUOTE) isQuoted = !isQuoted;
  }
  return undefined;
}

/** A field whose quotes do not match is left as it is. */
function unquoted(field: string): string {
  const inner = /^"((?:[^"]|"")*)"$/.exec(field)?.[1];
  return inner === undefined ? field : inner.replaceAll('""', QUOTE);
}

/** What lies between any of the delimiters, if it is not empty. */
export function splitAtAny(text: string, delimiters: readonly string[]): string[] {
  const wanted = delimiters.filter((each) => each !== '').map((each) => each.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return (wanted.length === 0 ? [text] : text.split(new RegExp(wanted.join('|'), 'u'))).filter((part) => part !== '');
}

const segmenters = new LeastRecentlyUsed<string, Intl.Segmenter>(20);

function segment(locale: string, text: string): readonly Intl.SegmentData[] {
  const segmenter = segmenters.get(locale, () => new Intl.Segmenter(locale, { granularity: 'word' }));
  return Array.from(segmenter.segment(text));
}

/** The words of a text in a language. */
export function words(locale: string, text: string): string[] {
  return segment(locale, text)
    .filter(({ isWordLike }) => isWordLike === true)
    .map((each) => each.segment);
}

/** Characters of scripts without blanks, which only a dictionary could put together to words, with their marks. */
const UNBROKEN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]\p{M}*/gu;
const BLANKS = /^[\t \u0085\u00a0\u1680\u2000-\u200a\u2028\u202f\u205f\u3000]+$/;
const ALPHANUMERIC = /[\p{L}\p{N}]/u;

/** By the rules of Unicode alone (UAX 29): `alpha` with letters or digits, `graphic` not only blanks, `all` everything. */
export function segments(text: string, wanted: string): string[] {
  const all = segment('und', text).flatMap((each) => splitUnbroken(each.segment));
  if (wanted === 'all') return all;
  return all.filter((each) => (wanted === 'graphic' ? !BLANKS.test(each) : ALPHANUMERIC.test(each)));
}

function splitUnbroken(text: string): string[] {
  return text
    .replaceAll(UNBROKEN, '\0$&\0')
    .split('\0')
    .filter((part) => part !== '');
}
