/**
 * A file as the answer to a request that may have it already, or wants a part of it only: `If-None-Match`, `If-Modified-Since`, `Range` and
 * `If-Range`.
 */
import { closeSync, openSync, readFileSync, readSync, type Stats } from 'node:fs';
import type { HttpAnswer } from '#base';
import { rangeParser } from './libraries.ts';

type Headers = Readonly<Record<string, string>>;

export interface FileAnswer {
  readonly path: string;
  readonly stats: Stats;
  readonly headers: Headers;
  /** What is sent instead of the file's own bytes: they have no parts. */
  readonly encoded?: Uint8Array | undefined;
}

const UNSATISFIABLE = -1;

export function answerFile({ path, stats, headers: own, encoded }: FileAnswer, method: string, asked: Headers): HttpAnswer {
  const tag = `"${Math.floor(stats.mtimeMs).toString(16)}-${stats.size.toString(16)}${encoded === undefined ? '' : '-gzip'}"`;
  const headers: Headers = {
    ...own,
    etag: tag,
    'last-modified': stats.mtime.toUTCString(),
    // Kept, but never used without asking.
    'cache-control': 'no-cache',
    ...(encoded === undefined ? { 'accept-ranges': 'bytes' } : {}),
  };
  const isRead = method === 'GET' || method === 'HEAD';
  if (isRead && isUnchanged(asked, tag, stats)) return { status: 304, headers, body: '' };
  if (encoded !== undefined) return { status: 200, headers, body: encoded };
  const { range } = asked;
  if (isRead && range !== undefined && isSame(asked['if-range'], tag, stats)) {
    const ranges = rangeParser()(stats.size, range);
    if (ranges === UNSATISFIABLE) return { status: 416, headers: { ...headers, 'content-range': `bytes */${stats.size}` }, body: '' };
    // Several parts in one answer are more than anybody asks for: the whole is allowed instead.
    const part = typeof ranges === 'number' || ranges.type !== 'bytes' || ranges.length !== 1 ? undefined : ranges[0];
    if (part !== undefined) {
      const { start, end } = part;
      return {
        status: 206,
        headers: { ...headers, 'content-range': `bytes ${start}-${end}/${stats.size}` },
        body: readPart(path, start, end),
      };
    }
  }
  return { status: 200, headers, body: readFileSync(path) };
}

/** A tag says more than a date, so with one the other does not count. */
function isUnchanged(asked: Headers, tag: string, stats: Stats): boolean {
  const tags = asked['if-none-match'];
  if (tags !== undefined) return tags === '*' || tags.split(',').some((each) => each.trim().replace(/^W\//, '') === tag);
  const since = Date.parse(asked['if-modified-since'] ?? '');
  return Math.floor(stats.mtimeMs / 1000) * 1000 <= since;
}

function isSame(condition: string | undefined, tag: string, stats: Stats): boolean {
  if (condition === undefined) return true;
  return condition.startsWith('"') ? condition === tag : Math.floor(stats.mtimeMs / 1000) * 1000 <= Date.parse(condition);
}

function readPart(path: string, start: number, end: number): Uint8Array {
  const bytes = Buffer.alloc(end - start + 1);
  const file = openSync(path, 'r');
  try {
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, start));
  } finally {
    closeSync(file);
  }
}
