/** The parts of a `multipart/form-data` body: what they are called and what they hold. */
import { ArangoError, multipartParts, type MultipartPart } from '#base';

export interface Part {
  readonly data: Buffer;
  /** As the part says; a plain field says nothing. */
  readonly type: string | undefined;
  readonly filename: string | undefined;
}

const PARTS_LIMIT = 100;
const HEAD_BYTES_LIMIT = 16 * 1024;

/** Parts by name; of several with one name the last counts. Throws 400 for a malformed body. */
export function readMultipart(body: Uint8Array, contentType: string): ReadonlyMap<string, Part> {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  try {
    if (boundary === undefined) throw new Error('its content type names no boundary');
    return readParts(multipartParts(Buffer.from(body.buffer, body.byteOffset, body.length), boundary));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `the body is no well-formed multipart/form-data: ${reason}`, { cause });
  }
}

function readParts(found: Iterable<MultipartPart>): Map<string, Part> {
  const parts = new Map<string, Part>();
  let count = 0;
  for (const { headers, headBytes, data } of found) {
    if (++count > PARTS_LIMIT) throw new Error(`it has more than ${PARTS_LIMIT} parts`);
    if (headBytes > HEAD_BYTES_LIMIT) throw new Error('a part does not end');
    const disposition = headers['content-disposition'] ?? '';
    const name = parameter(disposition, 'name');
    const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
    if (name !== undefined) {
      parts.set(name, { data, type: type === 'text/plain' ? undefined : type, filename: parameter(disposition, 'filename') });
    }
  }
  return parts;
}

function parameter(header: string, name: string): string | undefined {
  const [, quoted, plain] = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]+))`, 'i').exec(header) ?? [];
  return quoted?.replace(/\\(.)/g, '$1') ?? plain;
}
