/**
 * Who else runs services, and how all that do agree: the threads of this process, and in a cluster the other coordinators.
 *
 * Four means, each with one promise. *Versions* only grow: whoever sees another one re-reads what it is about. *Locks* let one at a
 * time in; a lock outlives its holder's death by no more than a moment. *Published values* are small texts of one coordinator that all can
 * read; they are gone with it. *Notes* are numbers that the threads of one process share; they are gone with the process and may be lost
 * at any time.
 *
 * A coordinator has a lease. As long as it is known to be good (`isCurrent`), nobody else holds what this one holds. One that was frozen, or
 * lost its way to the others, is taken for dead after a while: its locks are free then and its values gone, and it learns of that before
 * it goes on.
 */

/** What a version is about. */
export type Topic = 'services' | 'queues' | 'tasks' | 'activations' | 'edits';

/** A coordinator: this one, or another. */
export interface Member {
  /** `CRDN-…` in a cluster, `SNGL-…` alone. It stays when the process is started again with its data. */
  readonly id: string;
  readonly number: number;
  /** Where others reach it: `http://10.0.0.1:8529`. */
  readonly endpoint: string;
  /** Of foxden. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** By the clock of the database, when this was last looked up. */
  readonly secondsSinceHeartbeat: number;
  /** Its lease is good. */
  readonly isAlive: boolean;
  /** It was taken for dead, or has left: it begins a new life before it goes on. Others may go on with what they know. */
  readonly isOver: boolean;
  readonly isSelf: boolean;
}

export interface PublishedValue {
  /** Whose it is. */
  readonly member: string;
  readonly name: string;
  readonly value: string;
}

export interface LockOptions {
  /** How long to wait for it. */
  readonly waitMs?: number;
  /** It is about something that each process has for itself, such as files: other coordinators do not care. */
  readonly isLocal?: boolean;
}

export interface Cluster {
  /** The name of this coordinator. */
  readonly id: string;
  /** Several coordinators are possible here, also when there is one at the moment. */
  readonly isShared: boolean;
  /** Runs the periodic work of which one in the cluster is enough: true for one coordinator at a time (ArangoDB: Foxxmaster). */
  readonly isLeader: boolean;
  /** The lease is known to be good at this moment: one load from shared memory, and a look at the clock. */
  readonly isCurrent: boolean;
  /**
   * Grows when this coordinator was taken for dead and has begun a new life, with nothing of what it held. It is not current then before it has
   * made up for what it may have missed (`catchUp`).
   */
  readonly life: number;
  /** All that was announced before that life began has been looked at. */
  catchUp(life: number): void;
  /** The name of this life: no other coordinator has it, and no other process. */
  readonly lifeName: string;
  /** Whether a life is over, whosever it is. Asks the others when in doubt, so it may block. */
  isOver(lifeName: string): boolean;
  /** A small number that no other coordinator has at the same time; 0 alone. */
  readonly number: number;
  /** Blocks the thread until the lease is known to be good. Throws ERROR_CLUSTER_BACKEND_UNAVAILABLE (1478, 503) after `waitMs`. */
  waitUntilCurrent(waitMs: number): void;
  /** All coordinators whose lease is good, or ended a short while ago; this one among them. Ordered by id. */
  members(): readonly Member[];
  /** Blocks the thread until `members` and `published` tell what was so when this was called, or later. Throws 1478. */
  lookAgain(): void;
  /**
   * Makes a small value of this coordinator known to all, in the place of what it published under the name before; undefined takes it back.
   * All see it soon; `published` of this process at once.
   */
  publish(name: string, value: string | undefined): void;
  /** What living coordinators have published under names that begin so, ordered by name and member. */
  published(prefix: string): readonly PublishedValue[];
  /**
   * Blocks the thread until something is so, which is asked again whenever a version, a member or a published value may have changed; false
   * when it is not so after `waitMs`.
   */
  waitUntil(isSo: () => boolean, waitMs: number): boolean;
  /** The same for those who can wait without blocking. */
  until(isSo: () => boolean, waitMs: number): Promise<boolean>;

  /**
   * What the threads of this process are to look at anew: grows with each announcement of this process. Those of other coordinators are
   * counted by `versionElsewhere` first, so that this one can get ready (take over files) before its threads look. One load.
   */
  version(topic: Topic): number;
  /** Grows with the announcements of other coordinators. One load. */
  versionElsewhere(topic: Topic): number;
  /** How long ago the last of those about services was made, where it was made. */
  newsAgeMs(): number;
  /** Makes the version grow in this process, and `versionElsewhere` on all other coordinators. Call it when what it is about is committed. */
  announce(topic: Topic): void;
  /** Makes the version grow in this process only. */
  announceHere(topic: Topic): void;

  /**
   * Runs `action` while nobody else holds the lock of that name: no thread of this process, and no other coordinator unless it is local. The
   * same thread may enter again. Waiting blocks the thread; throws ERROR_LOCK_TIMEOUT (18) after `waitMs`.
   */
  withLock<Result>(name: string, action: () => Result, options?: LockOptions): Result;
  /**
   * Takes the lock of that name until the function that it gives is called. Waiting blocks the thread; throws 18 after `waitMs`, and at
   * once when this thread has the lock already.
   */
  hold(name: string, waitMs: number, options?: Pick<LockOptions, 'isLocal'>): () => void;
  /**
   * Throws ERROR_CLUSTER_LEADERSHIP_CHALLENGE_ONGOING (1495, 503) when a lock that is held here may have gone to another coordinator, because
   * this one was taken for dead. To be called before a commit that the lock protects. It narrows the gap and cannot close it: what must be
   * certain commits only if the document that it changes is still the revision that it read under the lock.
   */
  checkHeld(name: string): void;

  /** What was noted last under a name by a thread of this process. */
  note(name: string): bigint;
  setNote(name: string, value: bigint): void;
}
