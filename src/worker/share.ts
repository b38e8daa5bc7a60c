/** What the first thread passes on to all workers, and how they tell each other that they are there. */
import type { ServiceMetricsMemory } from '#base';
import type { ClusterMemory, SharedClusterMemory } from '#cluster';
import type { QueryMemory } from '#database';
import type { StorageShare } from '#storage';

export interface ServerShare {
  readonly storage: StorageShare;
  readonly cluster: ClusterMemory | SharedClusterMemory;
  readonly queries: QueryMemory;
  readonly tasks: SharedArrayBuffer;
  readonly serviceLog: readonly SharedArrayBuffer[];
  readonly serviceMetrics: ServiceMetricsMemory;
  /** Set to have the front look for what is due. */
  readonly alarm: SharedArrayBuffer;
  /** Paths of requests that the server sends itself begin with this, and nobody else knows it. */
  readonly ownPath: string;
  /** Of this coordinator: it stays when the process is started again. */
  readonly id: string;
  /** Of this process: no other has had it. */
  readonly run: string;
}

/** Who is alive is noted under this name: the number of the thread plus one, and 0 once it is gone. */
export const aliveNote = (index: number): string => `worker ${index}`;

/** A thread by a name that no other has had, also in other processes. */
export function threadName(lifeName: string, thread: number): string {
  return `${lifeName}/${thread}`;
}

export interface NamedThread {
  readonly lifeName: string;
  readonly thread: number;
}

export function parseThreadName(name: string): NamedThread {
  const slash = name.lastIndexOf('/');
  return { lifeName: name.slice(0, slash), thread: Number(name.slice(slash + 1)) };
}
