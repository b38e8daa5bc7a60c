/** The parts of a `multipart/form-data` body that lies in memory as a whole. */
import type Busboy from 'busboy';
import { ArangoError, lazily, requirePackage } from '#base';

const busboy = lazily(() => requirePackage('busboy') as typeof Busboy);

export interface Part {
  readonly data: Buffer;
  /** As the part says; a plain field says nothing. */
  readonly type: string | undefined;
  readonly filename: string | undefined;
}

const LIMITS = { parts: 100, headerPairs: 50, fieldNameSize: 1000 };

/** Parts by name; of several with one name the last counts. Throws 400 for a malformed body. */
export function readMultipart(body: Uint8Array, contentType: string): Promise<ReadonlyMap<string, Part>> {
  return new Promise((resolve, reject) => {
    const parts = new Map<string, Part>();
    const fail = (cause: unknown): void =>
      reject(new ArangoError('ERROR_HTTP_BAD_PARAMETER', 'the body is no well-formed multipart/form-data', { cause }));
    try {
      const parser = busboy()({
        headers: { 'content-type': contentType },
        limits: { ...LIMITS, fieldSize: body.length, fileSize: Number.POSITIVE_INFINITY },
        defParamCharset: 'utf8',
      });
      parser.on('field', (name, value, { mimeType }) =>
        parts.set(name, { data: Buffer.from(value), type: mimeType === 'text/plain' ? undefined : mimeType, filename: undefined }),
      );
      parser.on('file', (name, stream, { filename, mimeType }) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => parts.set(name, { data: Buffer.concat(chunks), type: mimeType, filename }));
      });
      parser.on('error', fail);
      parser.on('close', () => resolve(parts));
      parser.end(body);
    } catch (error) {
      fail(error);
    }
  });
}
