/** `multipart/form-data` out of values that lie in memory. By hand: a program that sends one form need not load a library for them. */
import { randomBytes } from 'node:crypto';

/** By names: a text, or bytes, which become a file. */
export type Form = Readonly<Record<string, string | Uint8Array>>;

export function encodeForm(form: Form): { readonly content: Uint8Array; readonly type: string } {
  const boundary = `foxden-${randomBytes(16).toString('hex')}`;
  const parts = Object.entries(form).flatMap(([name, value]) => [
    `--${boundary}\r\n${headOf(name, typeof value !== 'string')}\r\n\r\n`,
    value,
    '\r\n',
  ]);
  const content = Buffer.concat([...parts, `--${boundary}--\r\n`].map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  return { content, type: `multipart/form-data; boundary=${boundary}` };
}

function headOf(name: string, isFile: boolean): string {
  const disposition = `content-disposition: form-data; name="${name}"`;
  return isFile ? `${disposition}; filename="data.bin"\r\ncontent-type: application/octet-stream` : disposition;
}
