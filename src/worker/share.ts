/** What the first thread passes on to all workers, and how they tell each other that they are there. */
import type { ServiceMetricsMemory } from '#base';
import type { ClusterMemory } from '#cluster';
import type { QueryMemory } from '#database';
import type { StorageShare } from '#storage';

export interface ServerShare {
  readonly storage: StorageShare;
  readonly cluster: ClusterMemory;
  readonly queries: QueryMemory;
  readonly tasks: SharedArrayBuffer;
  readonly serviceLog: readonly SharedArrayBuffer[];
  readonly serviceMetrics: ServiceMetricsMemory;
  /** Set to have the front look for what is due. */
  readonly alarm: SharedArrayBuffer;
  /** Paths of requests that the server sends itself begin with this, and nobody else knows it. */
  readonly ownPath: string;
  /** One for each server in a process. */
  readonly name: string;
}

/** Who is alive is noted under this name: the number of the thread plus one, and 0 once it is gone. */
export const aliveNote = (index: number): string => `worker ${index}`;

/** A thread by a name that no other has had, also in other processes. */
export const threadName = (server: string, thread: number): string => `${server}/${thread}`;

/** Undefined for a thread of another server. */
export function threadOfName(server: string, name: string): number | undefined {
  return name.startsWith(`${server}/`) ? Number(name.slice(server.length + 1)) : undefined;
}
