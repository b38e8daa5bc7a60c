/** Multipart bodies: the bytes between boundaries, each part with its headers. */
import { mediaTyper } from './libraries.ts';

export interface Part {
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Buffer;
}

const LINE_END = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');

/** Throws when the content type has no boundary or the body does not begin with it. */
export function parseMultipart(body: Buffer, contentType: string): Part[] {
  const { boundary } = mediaTyper().parse(contentType).parameters;
  if (boundary === undefined || boundary === '') throw new Error('multipart body without a boundary');
  const delimiter = Buffer.from(`--${boundary}`);
  let start = body.indexOf(delimiter);
  if (start < 0) throw new Error('multipart body does not contain its boundary');
  const parts: Part[] = [];
  for (;;) {
    start += delimiter.length;
    if (body.subarray(start, start + 2).equals(Buffer.from('--'))) return parts;
    const next = body.indexOf(delimiter, start);
    if (next < 0) throw new Error('multipart body ends before its last boundary');
    parts.push(parsePart(body.subarray(start + LINE_END.length, next - LINE_END.length)));
    start = next;
  }
}

function parsePart(bytes: Buffer): Part {
  // A part without headers begins with the empty line that ends them.
  const headEnd = bytes.subarray(0, LINE_END.length).equals(LINE_END) ? -LINE_END.length : bytes.indexOf(HEAD_END);
  const head = headEnd < 0 ? '' : bytes.toString('utf8', 0, headEnd);
  const headers: Record<string, string> = {};
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { headers, data: bytes.subarray(headEnd + HEAD_END.length) };
}
