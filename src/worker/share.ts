/** What the first thread passes on to all workers, and how they tell each other that they are there. */
import type { QueryMemory } from '#database';
import type { StorageShare } from '#storage';

export interface ServerShare {
  readonly storage: StorageShare;
  readonly cluster: SharedArrayBuffer;
  readonly queries: QueryMemory;
  /** One for each server in a process. */
  readonly name: string;
}

/** Who is alive is noted under this name: 1, and 0 once it is gone. */
export const aliveNote = (index: number): string => `worker ${index}`;
