/** Which engine keeps the data: PostgreSQL for an address, otherwise the embedded one. */
import type { StorageEngine, StorageShare } from './engine.ts';
import {
  joinStorage as joinEmbeddedStorage,
  openStorage as openEmbeddedStorage,
  type OpenOptions as EmbeddedOptions,
} from './embedded/engine.ts';
import { joinPostgresStorage, openPostgresStorage, type PostgresOptions } from './postgres/engine.ts';

export type OpenOptions = EmbeddedOptions | PostgresOptions;

/** For the first thread of a process. */
export function openStorage(options: OpenOptions): StorageEngine {
  return 'url' in options ? openPostgresStorage(options) : openEmbeddedStorage(options);
}

/** For the other threads. */
export function joinStorage(share: StorageShare): StorageEngine {
  return share.kind === 'postgres' ? joinPostgresStorage(share) : joinEmbeddedStorage(share);
}
