/**
 * Changing what is mounted: one operation on a mount at a time, in whatever thread or coordinator, and one transaction that makes the change.
 *
 * An operation takes its turn (`inTurn`), makes one or more changes in it (`change`), and each of these writes (`write`, `writeSettings`, `remove`). With several
 * coordinators a turn may be lost to one that takes this one for dead; then nothing is written any more.
 */
import { ArangoError } from '#base';
import type { Cluster } from '#cluster';
import type { Database } from '#database';
import { lockOfMount } from './activation.ts';
import { lockOfFiles } from './folders.ts';
import type { Surroundings } from './instance.ts';
import type { ServiceStates } from './states.ts';
import { changeStore, findDefinition, removeDefinition, writeDefinition, type Definition } from './store.ts';
import type { ThreadServices } from './thread-services.ts';
import { Turns } from './turns.ts';
import { writeVersion, type Change, type NewVersion } from './versions.ts';

export interface MountChangesOptions {
  readonly cluster: Cluster;
  readonly services: ThreadServices;
  readonly states: ServiceStates;
  /** How many former versions of a service are kept. */
  readonly keptVersions: number;
  /** Whether the thread waits for its turn, because nobody could wait for a promise. */
  readonly isBlocking: () => boolean;
}

export class MountChanges {
  readonly #options: MountChangesOptions;
  readonly #turns: Turns;
  /** By the name of its lock, what each definition was when this thread began to change it. */
  readonly #begun = new Map<string, string | undefined>();

  constructor(options: MountChangesOptions) {
    this.#options = options;
    this.#turns = new Turns(options.cluster, { isLocal: false });
  }

  /** One operation on one mount at a time. */
  inTurn<Result>(database: Database, mount: string, operation: () => Result | Promise<Result>): Result | Promise<Result> {
    return this.#turns.take(lockOfMount(database.name, mount), operation, { isBlocking: this.#options.isBlocking() });
  }

  /** A change, by an operation that has its turn; when it is done, every thread looks again. */
  change(database: Database, mount: string, action: (around: Surroundings) => void): void {
    const { services, cluster } = this.#options;
    const around = services.around(database);
    try {
      this.#turns.within(lockOfMount(database.name, mount), () => this.#inLine(database, mount, () => action(around)));
    } finally {
      cluster.announce('services');
    }
    this.#sayState(database, mount);
  }

  /** While no other thread of this process touches the files of a mount. */
  lockedFiles<Result>(database: Database, mount: string, action: () => Result): Result {
    return this.#options.cluster.withLock(lockOfFiles(database.name, mount), action, { isLocal: true });
  }

  /** One after the other: two services may have the same bundle, which is stored once. */
  write(
    database: Database,
    mount: string,
    version: Omit<NewVersion, 'checksum'> & { readonly bundle: Uint8Array },
    change: Omit<Change, 'kept'>,
  ): ReturnType<typeof writeVersion> {
    return this.#options.cluster.withLock(`store ${database.name}`, () =>
      writeVersion(database, mount, version, this.changeOf(change), () => this.#checkTurn(database, mount)),
    );
  }

  writeSettings(database: Database, definition: Definition): void {
    changeStore(database, () => {
      this.#checkTurn(database, definition.mount);
      writeDefinition(database, definition);
    });
  }

  remove(database: Database, mount: string): void {
    changeStore(database, () => {
      this.#checkTurn(database, mount);
      removeDefinition(database, mount);
    });
  }

  changeOf(change: Omit<Change, 'kept'>): Change {
    return { ...change, kept: this.#options.keptVersions };
  }

  /** Remembers what the definition was when the change began. A change within a change, such as by its setup, is part of it. */
  #inLine(database: Database, mount: string, action: () => void): void {
    if (!this.#options.cluster.isShared) return action();
    const lock = lockOfMount(database.name, mount);
    const isOuter = !this.#begun.has(lock);
    const remember = (): void => void this.#begun.set(lock, findDefinition(database, mount)?.identity);
    if (isOuter) remember();
    try {
      action();
      if (!isOuter) remember();
    } finally {
      if (isOuter) this.#begun.delete(lock);
    }
  }

  /**
   * In the transaction that changes a service: throws when this coordinator was taken for dead meanwhile, and another has had its turn. What is
   * read here and written there is one document, so of two that commit at the same moment one is refused.
   */
  #checkTurn(database: Database, mount: string): void {
    const { cluster } = this.#options;
    const lock = lockOfMount(database.name, mount);
    if (!cluster.isShared || !this.#begun.has(lock)) return;
    cluster.checkHeld(lock);
    if (findDefinition(database, mount)?.identity === this.#begun.get(lock)) return;
    throw new ArangoError('ERROR_ARANGO_CONFLICT', { message: `another coordinator has changed the service at ${mount} meanwhile` });
  }

  /** For the other coordinators: what this one has of a service that it has just changed. */
  #sayState(database: Database, mount: string): void {
    const { cluster, services, states } = this.#options;
    if (!cluster.isShared) return;
    const definition = findDefinition(database, mount);
    if (definition === undefined) states.unsay(database.name, mount);
    else {
      const isBroken = !definition.options.development && services.get(database, mount).state.is === 'broken';
      states.say(database.name, definition, isBroken ? 'broken' : 'current');
    }
  }
}
