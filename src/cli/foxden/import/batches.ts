/**
 * Documents from one server to another as the text that they are: what comes in as the result of a cursor goes out as the body of an
 * insert, without becoming values in between. So numbers, the order of attributes and escapes stay as they were, and little work is done.
 */
import { Failure } from '../../failure.ts';
import type { Client } from '../../client.ts';

export interface Batch {
  /** A JSON array of documents. */
  readonly documents: Buffer;
  readonly count: number;
}

const HEAD = Buffer.from('{"result":');
const AFTER = Buffer.from(',"hasMore":');

interface Envelope {
  readonly hasMore: boolean;
  readonly id?: string;
}

/** All documents of a collection from `offset` on, in the order of the store, in batches. */
export async function* readDocuments(
  client: Client,
  database: string,
  collection: string,
  { offset, batchSize }: { readonly offset: number; readonly batchSize: number },
): AsyncGenerator<Batch> {
  const query = offset === 0 ? 'FOR d IN @@collection RETURN d' : 'FOR d IN @@collection LIMIT @offset, 9007199254740991 RETURN d';
  const bindVars = { '@collection': collection, ...(offset === 0 ? {} : { offset }) };
  const options = { stream: true, fillBlockCache: false };
  let reply = await client.send({
    method: 'POST',
    path: '/_api/cursor',
    database,
    json: { query, bindVars, batchSize, ttl: 600, options },
  });
  for (;;) {
    const { documents, envelope } = splitBatch(reply.bytes);
    const { id } = envelope;
    // The server prepares the next batch while this one is written.
    const next =
      envelope.hasMore && id !== undefined
        ? client.send({ method: 'POST', path: `/_api/cursor/${encodeURIComponent(id)}`, database })
        : undefined;
    next?.catch(() => undefined); // it is awaited below, after the batch was taken
    const count = countElements(documents);
    if (count > 0) yield { documents, count };
    if (next === undefined) return;
    reply = await next;
  }
}

/** The array in a cursor's answer, and what is around it. */
export function splitBatch(bytes: Buffer): { readonly documents: Buffer; readonly envelope: Envelope } {
  const at = bytes.lastIndexOf(AFTER);
  if (at > 0 && bytes.subarray(0, HEAD.length).equals(HEAD)) {
    const rest = parse(`{${bytes.toString('utf8', at + 1)}`);
    if (rest !== undefined) return { documents: bytes.subarray(HEAD.length, at), envelope: rest as Envelope };
  }
  // Another order of attributes: values it is, then.
  const whole = parse(bytes.toString('utf8')) as (Envelope & { readonly result: readonly unknown[] }) | undefined;
  if (whole === undefined) throw new Failure('The server answered a cursor with something that is not JSON.');
  return { documents: Buffer.from(JSON.stringify(whole.result)), envelope: whole };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // the caller has another way
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The length of a JSON array of objects that is known to be well formed. */
export function countElements(array: Buffer): number {
  let count = 0;
  let depth = 0;
  for (let at = 0; at < array.length; at++) {
    switch (array[at]) {
      case QUOTE:
        at = endOfString(array, at);
        break;
      case 0x7b: // {
      case 0x5b: // [
        if (depth === 1) count++;
        depth++;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
      default:
    }
  }
  return count;
}

/** Where the string that begins at `start` has its closing quote. */
function endOfString(text: Buffer, start: number): number {
  for (let end = text.indexOf(QUOTE, start + 1); end !== -1; end = text.indexOf(QUOTE, end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

/** Writes documents with the keys and revisions that they have; one that is there is replaced. Gives the errors by how often they came. */
export async function writeDocuments(
  client: Client,
  database: string,
  collection: string,
  documents: Buffer,
): Promise<ReadonlyMap<string, number>> {
  const { headers } = await client.send({
    method: 'POST',
    path: `/_api/document/${encodeURIComponent(collection)}`,
    database,
    query: { overwriteMode: 'replace', isRestore: true, silent: true },
    body: documents,
    headers: { 'content-type': 'application/json' },
  });
  const codes = headers['x-arango-error-codes'];
  const counts = typeof codes === 'string' && codes !== '' ? (JSON.parse(codes) as Readonly<Record<string, number>>) : {};
  return new Map(Object.entries(counts));
}
