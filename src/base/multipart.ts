/**
 * Bodies of several parts that lie in memory as a whole, byte by byte as they were sent: what a part means is for who asked. Apart from any
 * library for forms, since those take a field without a file name for text, and a bundle or an image may be sent as one.
 */

export interface MultipartPart {
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly headBytes: number;
  /** A view into the body. */
  readonly data: Buffer;
}

const LINE_END = '\r\n';
const HEAD_END = '\r\n\r\n';

/** The parts between the lines with the boundary, one at a time. Throws an error that says what is malformed. */
export function* multipartParts(body: Buffer, boundary: string): Generator<MultipartPart> {
  const delimiter = Buffer.from(`${LINE_END}--${boundary}`, 'latin1');
  let at = startOf(body, delimiter);
  while (!isLast(body, at)) {
    // A part without headers begins with the empty line that ends them: so the line's end before it belongs to the search.
    const headStart = body.indexOf(LINE_END, at);
    const headEnd = headStart === -1 ? -1 : body.indexOf(HEAD_END, headStart);
    const end = headEnd === -1 ? -1 : body.indexOf(delimiter, headEnd + LINE_END.length);
    if (end === -1 || headEnd > end) throw new Error('a part does not end');
    const headers = readHeaders(body.toString('utf8', headStart, headEnd));
    yield { headers, headBytes: headEnd - headStart, data: body.subarray(Math.min(headEnd + HEAD_END.length, end), end) };
    at = end + delimiter.length;
  }
}

/** Behind the first delimiter, before which there may be anything; nothing may be before its two hyphens in the line. */
function startOf(body: Buffer, delimiter: Buffer): number {
  const first = delimiter.subarray(LINE_END.length);
  if (body.subarray(0, first.length).equals(first)) return first.length;
  const found = body.indexOf(delimiter);
  if (found === -1) throw new Error('its boundary does not occur');
  return found + delimiter.length;
}

function isLast(body: Buffer, at: number): boolean {
  if (at >= body.length) throw new Error('it does not end');
  return body.toString('latin1', at, at + 2) === '--';
}

function readHeaders(head: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const line of head.split(LINE_END)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return headers;
}
