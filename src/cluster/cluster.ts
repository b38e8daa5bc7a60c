/**
 * Who else runs services, and how all that do agree: threads of this process, and in a cluster the other coordinators.
 *
 * Three means, each with one promise. *Versions* only grow: whoever sees another one re-reads what it is about. *Locks* let one at a
 * time in; a lock outlives its holder's death by no more than a moment. *Notes* are numbers that the threads of one process
 * share; they are gone with the process and may be lost at any time.
 */

/** What a version is about. */
export type Topic = 'services' | 'queues' | 'tasks';

export interface Cluster {
  /** The name of this coordinator. */
  readonly id: string;
  /** Runs the queues and the periodic work: true for one coordinator at a time (ArangoDB: Foxxmaster). */
  readonly isLeader: boolean;
  /** One load from shared memory. */
  version(topic: Topic): number;
  /** Makes the version grow, here and on all coordinators. */
  announce(topic: Topic): void;
  /**
   * Runs `action` while nobody else holds the lock of that name. The same thread may enter again. Waiting blocks the thread; throws
   * ERROR_LOCK_TIMEOUT (18) after `waitMs`.
   */
  withLock<Result>(name: string, action: () => Result, options?: { readonly waitMs?: number }): Result;
  /**
   * Takes the lock of that name until the function that it gives is called. Waiting blocks the thread; throws 18 after `waitMs`, and at
   * once when this thread has the lock already.
   */
  hold(name: string, waitMs: number): () => void;
  /** What was noted last under a name by a thread of this process. */
  note(name: string): bigint;
  setNote(name: string, value: bigint): void;
}
