/** The server's own id, part of its collections' global ids: made at the very first start and kept with the data. */
import { randomBytes } from 'node:crypto';
import type { DocumentStore } from '#documents';

const SERVER_ID_KEY = 'server/id';
const SERVER_ID_BYTES = 6;

/** Twelve hexadecimal digits. */
export function serverId(store: DocumentStore): string {
  const stored = store.read(({ storage }) => storage.readMeta(SERVER_ID_KEY));
  if (stored !== undefined) return Buffer.from(stored).toString();
  return store.define(({ storage }) => {
    const id = Buffer.from(storage.readMeta(SERVER_ID_KEY) ?? randomBytes(SERVER_ID_BYTES).toString('hex').toUpperCase()).toString();
    storage.writeMeta(SERVER_ID_KEY, Buffer.from(id));
    return id;
  });
}
