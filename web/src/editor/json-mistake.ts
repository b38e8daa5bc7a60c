/**
 * Where a text stops being JSON, and what is wrong there. Browsers know it too, but some of them do not tell the place, and none tells it in words
 * for who has written a name without quotes.
 */

export interface JsonMistake {
  readonly at: number;
  readonly message: string;
}

/** undefined: it is JSON. */
export function jsonMistake(text: string): JsonMistake | undefined {
  try {
    const end = skip(text, value(text, skip(text, 0)));
    return end < text.length ? { at: end, message: 'Nothing may follow the value.' } : undefined;
  } catch (thrown) {
    if (thrown instanceof Found) return { at: thrown.at, message: thrown.message };
    throw thrown;
  }
}

class Found extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const SPACE = /[ \t\r\n]*/y;
// oxlint-disable-next-line no-control-regex -- JSON's strings may have none
const STRING = /"(?:[^"\\\u0000-\u001F]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/y;
const ATOM = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y;

function endOf(form: RegExp, text: string, at: number): number {
  form.lastIndex = at;
  return form.test(text) ? form.lastIndex : -1;
}

const skip = (text: string, at: number): number => endOf(SPACE, text, at);

function value(text: string, at: number): number {
  const first = text[at];
  if (first === '{') return members(text, at, '}', member);
  if (first === '[') return members(text, at, ']', value);
  if (first === '"') return string(text, at);
  const end = endOf(ATOM, text, at);
  if (end !== -1 && !/[\w.]/.test(text[end] ?? '')) return end;
  if (first === undefined) throw new Found(at, 'The text ends where a value should be.');
  if (first === "'") throw new Found(at, 'Strings are written in double quotes.');
  throw new Found(at, `A value should be here: a string in double quotes, a number, true, false, null, { or [.`);
}

function member(text: string, at: number): number {
  if (text[at] !== '"') {
    const isEnd = text[at] === undefined;
    throw new Found(at, isEnd ? 'The text ends where a name should be.' : 'A name should be here, in double quotes.');
  }
  const colon = skip(text, string(text, at));
  if (text[colon] !== ':') throw new Found(colon, 'A colon should follow the name.');
  return value(text, skip(text, colon + 1));
}

function members(text: string, start: number, close: '}' | ']', each: (text: string, at: number) => number): number {
  let at = skip(text, start + 1);
  if (text[at] === close) return at + 1;
  for (;;) {
    at = skip(text, each(text, at));
    if (text[at] === close) return at + 1;
    if (text[at] !== ',') throw new Found(at, `A comma or ${close} should be here.`);
    const comma = at;
    at = skip(text, at + 1);
    if (text[at] === close) throw new Found(comma, 'A comma may not stand before the end.');
  }
}

function string(text: string, at: number): number {
  const end = endOf(STRING, text, at);
  if (end !== -1) return end;
  const line = text.indexOf('\n', at);
  throw new Found(
    at,
    line === -1
      ? 'This string has no end, or \\ before what needs none.'
      : 'This string does not end in its line, or has \\ before what needs none.',
  );
}
