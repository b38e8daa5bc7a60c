/**
 * The parts of a `multipart/form-data` body that lies in memory as a whole, byte by byte as they were sent: a bundle may come as a plain
 * field, which libraries for forms would take for text.
 */
import { ArangoError } from '#base';

export interface Part {
  readonly data: Buffer;
  /** As the part says; a plain field says nothing. */
  readonly type: string | undefined;
  readonly filename: string | undefined;
}

const PARTS_LIMIT = 100;
const HEAD_BYTES_LIMIT = 16 * 1024;
const HEAD_END = '\r\n\r\n';

/** Parts by name; of several with one name the last counts. Throws 400 for a malformed body. */
export function readMultipart(body: Uint8Array, contentType: string): ReadonlyMap<string, Part> {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw malformed('its content type names no boundary');
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  const parts = new Map<string, Part>();
  let at = startOf(bytes, delimiter);
  for (let count = 0; !isLast(bytes, at); count++) {
    if (count === PARTS_LIMIT) throw malformed(`it has more than ${PARTS_LIMIT} parts`);
    const headStart = bytes.indexOf('\r\n', at);
    const headEnd = headStart === -1 ? -1 : bytes.indexOf(HEAD_END, headStart);
    const end = headEnd === -1 ? -1 : bytes.indexOf(delimiter, headEnd + 2);
    if (end === -1 || headEnd > end || headEnd - headStart > HEAD_BYTES_LIMIT) throw malformed('a part does not end');
    const { name, filename, type } = readHead(bytes.toString('utf8', headStart, headEnd));
    const dataStart = Math.min(headEnd + HEAD_END.length, end);
    if (name !== undefined) parts.set(name, { data: bytes.subarray(dataStart, end), type, filename });
    at = end + delimiter.length;
  }
  return parts;
}

/** Behind the first delimiter, before which there may be anything; nothing may be before its two hyphens in the line. */
function startOf(bytes: Buffer, delimiter: Buffer): number {
  const first = delimiter.subarray(2);
  if (bytes.subarray(0, first.length).equals(first)) return first.length;
  const found = bytes.indexOf(delimiter);
  if (found === -1) throw malformed('its boundary does not occur');
  return found + delimiter.length;
}

function isLast(bytes: Buffer, at: number): boolean {
  if (at >= bytes.length) throw malformed('it does not end');
  return bytes.toString('latin1', at, at + 2) === '--';
}

function readHead(head: string): {
  readonly name?: string | undefined;
  readonly filename?: string | undefined;
  readonly type?: string | undefined;
} {
  const headers = new Map(
    head.split('\r\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, Math.max(colon, 0)).trim().toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const disposition = headers.get('content-disposition') ?? '';
  const type = headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  return {
    name: parameter(disposition, 'name'),
    filename: parameter(disposition, 'filename'),
    type: type === 'text/plain' ? undefined : type,
  };
}

function parameter(header: string, name: string): string | undefined {
  const [, quoted, plain] = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]+))`, 'i').exec(header) ?? [];
  return quoted?.replace(/\\(.)/g, '$1') ?? plain;
}

function malformed(reason: string): ArangoError {
  return new ArangoError('ERROR_HTTP_BAD_PARAMETER', `the body is no well-formed multipart/form-data: ${reason}`);
}
