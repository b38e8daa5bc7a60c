/**
 * Where a service comes from: bytes that were sent, an address, or a path on this machine; each becomes a bundle.
 *
 * Bytes are told apart by what they are and not by what they are called: a zip begins with its magic, all else is taken for the
 * JavaScript of a service of one file.
 */
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { ArangoError } from '#base';
import { BUNDLE_LIMITS, isZip, packFiles, packFolder } from './bundle.ts';

export interface SourceOptions {
  /** `--foxx.allow-install-from-remote`: addresses other than GitHub's too. */
  readonly allowsRemote: boolean;
  /** Bytes that a download may have. */
  readonly limitBytes?: number;
}

const DOWNLOAD_TIMEOUT_MS = 60_000;

/** A bundle of whatever bytes were sent. */
export function bundleOfBytes(bytes: Uint8Array): Uint8Array {
  if (isZip(bytes)) return bytes;
  return packFiles(
    new Map<string, Uint8Array | string>([
      ['index.js', bytes],
      ['manifest.json', JSON.stringify({ main: 'index.js' }, null, 4)],
    ]),
  );
}

/** A bundle of what `source` names: an address (`http:`, `https:`) or an absolute path. Throws 3015, 3014. */
export async function bundleOfSource(source: string, options: SourceOptions): Promise<Uint8Array> {
  if (/^https?:/i.test(source)) return bundleOfBytes(await download(source, options));
  return bundleOfPath(source);
}

/** A bundle of a folder or file on this machine. Throws 3014. */
export function bundleOfPath(path: string): Uint8Array {
  const found = isAbsolute(path) ? statSync(path, { throwIfNoEntry: false }) : undefined;
  if (found === undefined) throw new ArangoError('ERROR_SERVICE_SOURCE_NOT_FOUND', { message: `source path not found\nLocation: ${path}` });
  return found.isDirectory() ? packFolder(path) : bundleOfBytes(readFileSync(path));
}

async function download(url: string, { allowsRemote, limitBytes = BUNDLE_LIMITS.bytes }: SourceOptions): Promise<Uint8Array> {
  if (!allowsRemote && !isGitHub(url)) {
    throw new ArangoError(
      'ERROR_FORBIDDEN',
      'services may be installed from github.com only, unless --foxx.allow-install-from-remote is true',
    );
  }
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS) });
    if (!answer.ok) throw new Error(`the server answered ${answer.status} ${answer.statusText}`);
    const bytes = await readAtMost(answer, limitBytes);
    if (/\bjson\b/.test(answer.headers.get('content-type') ?? '') && isErrorBody(bytes))
      throw new Error('the server answered with an error document');
    return bytes;
  } catch (cause) {
    throw new ArangoError('ERROR_SERVICE_SOURCE_ERROR', { message: `error resolving source\nURL: ${url}` }, { cause });
  }
}

function isGitHub(url: string): boolean {
  const { protocol, host } = new URL(url);
  return protocol === 'https:' && (host === 'github.com' || host === 'codeload.github.com');
}

async function readAtMost(answer: Response, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new Error(`it is larger than ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function isErrorBody(bytes: Uint8Array): boolean {
  try {
    return (JSON.parse(Buffer.from(bytes).toString('utf8')) as { errorNum?: unknown } | null)?.errorNum !== undefined;
  } catch {
    return false; // not JSON after all, so no error document
  }
}
