/**
 * The headers that the front itself must know, found among the bytes of a head: those that decide where a request ends and whether it
 * may wait. All others are a worker's business.
 */

export interface FoundHeaders {
  hostCount: number;
  contentLength?: number;
  /** In lower case, without white space around it. */
  transferEncoding?: string;
  expect?: string;
  queueTimeLimitMs?: number;
}

type Note = (found: FoundHeaders, value: string) => void;

const NOTES: Readonly<Record<string, Note>> = {
  host: (found) => {
    found.hostCount++;
  },
  expect: (found, value) => {
    found.expect = value.toLowerCase();
  },
  'content-length': (found, value) => {
    found.contentLength = Number(value);
  },
  'transfer-encoding': (found, value) => {
    // More than one of them is more than one encoding, and no list of encodings is understood anyway.
    found.transferEncoding = found.transferEncoding === undefined ? value.toLowerCase() : `${found.transferEncoding}, ${value}`;
  },
  'x-arango-queue-time-seconds': (found, value) => {
    const seconds = Number(value);
    if (seconds > 0) found.queueTimeLimitMs = seconds * 1000;
  },
};

/** Nearly every header is ruled out by its length. */
const BY_LENGTH: readonly ({ readonly name: Buffer; readonly note: Note } | undefined)[] = Object.entries(NOTES).reduce<
  { readonly name: Buffer; readonly note: Note }[]
>((byLength, [name, note]) => {
  byLength[name.length] = { name: Buffer.from(name), note };
  return byLength;
}, []);

/** Names are letters and hyphens, so one bit makes them lower case. */
const LOWER = 0x20;

function isAt(head: Buffer, start: number, name: Buffer): boolean {
  for (let i = 0; i < name.length; i++) {
    if (((head[start + i] ?? 0) | LOWER) !== name[i]) return false;
  }
  return true;
}

/** `spans` are the places in `head` as in `RequestParts`. */
export function findHeaders(head: Buffer, spans: Int32Array, spanCount: number): FoundHeaders {
  const found: FoundHeaders = { hostCount: 0 };
  for (let i = 2; i < spanCount; i += 4) {
    const start = spans[i] ?? 0;
    const candidate = BY_LENGTH[(spans[i + 1] ?? 0) - start];
    if (candidate === undefined || !isAt(head, start, candidate.name)) continue;
    candidate.note(found, head.toString('latin1', spans[i + 2], spans[i + 3]).trim());
  }
  return found;
}
