/** Where a text stops being the JSON of a document. */

export interface JsonProblem {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** undefined: it is a JSON object. */
export function jsonProblem(text: string): JsonProblem | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isDocument = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isDocument ? undefined : { line: 1, column: 1, message: 'A document is a JSON object: { … }.' };
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { ...placeOf(text, offsetOf(said, text)), message: messageOf(said) };
  }
}

/** Browsers say it in words of their own; some name the place by an offset, some by line and column, some only for what is not at the end. */
function offsetOf(said: string, text: string): number {
  const position = /at position (\d+)/.exec(said)?.[1];
  if (position !== undefined) return Number(position);
  const place = /line (\d+) column (\d+)/.exec(said);
  if (place === null) return text.length;
  const before = text.split('\n').slice(0, Number(place[1]) - 1);
  return before.reduce((sum, line) => sum + line.length + 1, 0) + Number(place[2]) - 1;
}

function placeOf(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - (before.lastIndexOf('\n') + 1) + 1 };
}

const messageOf = (said: string): string =>
  said
    .replace(/^JSON\.parse: /, '')
    .replace(/,? *"[^]*" is not valid JSON$/, '')
    .replace(/ (?:in JSON )?at position [^]*$/, '')
    .replace(/ at line \d+ column \d+[^]*$/, '');
