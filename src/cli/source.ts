/** Where the bytes of a service come from: stdin, a folder, a file, or an address. */
import { readFileSync, statSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { createBundle } from './bundle.ts';
import { Failure } from './failure.ts';

/** `@` is stdin; a folder is bundled. */
export async function readSource(source: string): Promise<Buffer> {
  if (source === '@') return buffer(process.stdin);
  const found = statSync(source, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return createBundle(source);
  if (found !== undefined) return readFileSync(source);
  if (/^https?:\/\//i.test(source)) return download(source);
  throw new Failure(`No such file or directory: "${source}".`);
}

async function download(url: string): Promise<Buffer> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw new Failure(`Failed to resolve URL "${url}".`, { cause });
  }
  if (!response.ok) throw new Failure(`Server responded with code ${response.status} while fetching "${url}".`);
  return Buffer.from(await response.arrayBuffer());
}

/** JSON from stdin. */
export async function readJsonInput(): Promise<unknown> {
  return parseJson((await buffer(process.stdin)).toString('utf8'));
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Failure(`Not valid JSON: ${cause instanceof Error ? cause.message : text}`, { cause });
  }
}
