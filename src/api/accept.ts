/** What a client wants to be answered with, by its `accept` header. */

/** Does a client take `type` at least as gladly as `other`? One that says nothing does. */
export function accepts(header: string | undefined, type: string, other: string): boolean {
  if (header === undefined) return true;
  const ranges = header.split(',').map(parseRange);
  const wish = weightOf(ranges, type);
  return wish > 0 && wish >= weightOf(ranges, other);
}

interface MediaRange {
  readonly type: string;
  readonly weight: number;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  return { type, weight: weight === undefined ? 1 : Number(weight.slice(2)) || 0 };
}

/** The most special range that a type is in decides. */
function weightOf(ranges: readonly MediaRange[], mediaType: string): number {
  const type = mediaType.split(';', 1)[0]?.trim() ?? '';
  const family = `${type.split('/', 1)[0]}/*`;
  for (const wanted of [type, family, '*/*']) {
    const found = ranges.find((range) => range.type === wanted);
    if (found !== undefined) return found.weight;
  }
  return 0;
}
