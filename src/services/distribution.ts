/**
 * How the disks and threads of all coordinators come to have what the database says, and what is known of them.
 *
 * The database is right and the disk is a copy. Announcements hasten it; whoever missed one finds the same when it looks by itself.
 */
import { log } from '#base';
import type { Cluster } from '#cluster';
import type { Database } from '#database';
import type { Activations } from './activation.ts';
import { checksumOfFile } from './bundle.ts';
import type { ServiceFolders } from './folders.ts';
import { commitLocal, healDatabase, healService } from './heal.ts';
import { ServiceInstance } from './instance.ts';
import { isSystemMount } from './mount.ts';
import type { MountChanges } from './mount-changes.ts';
import type { CoordinatorState, ServiceStates } from './states.ts';
import { findDefinition, readDefinitions, type Definition } from './store.ts';
import type { ThreadServices } from './thread-services.ts';

export interface ServiceStanding {
  readonly database: string;
  readonly mount: string;
  readonly checksum?: string;
  readonly development: boolean;
  readonly coordinators: readonly CoordinatorState[];
}

export interface DistributionOptions {
  readonly cluster: Cluster;
  readonly folders: ServiceFolders;
  readonly services: ThreadServices;
  readonly states: ServiceStates;
  readonly changes: MountChanges;
  readonly activations: Activations;
  /** How many former versions of a service are kept. */
  readonly keptVersions: number;
}

export class Distribution {
  readonly #options: DistributionOptions;
  readonly #folders: ServiceFolders;
  readonly #states: ServiceStates;
  readonly #changes: MountChanges;

  constructor(options: DistributionOptions) {
    this.#options = options;
    this.#folders = options.folders;
    this.#states = options.states;
    this.#changes = options.changes;
  }

  /** At start, before anything is answered: removes what a crash left, then heals. */
  start(databases: readonly Database[]): void {
    this.#folders.clearStaging();
    const names = new Set(databases.map(({ name }) => name));
    for (const name of this.#folders.databases()) if (!names.has(name)) this.#folders.removeDatabase(name);
    this.#heal(databases, { takesOver: false });
  }

  /** Makes this disk agree with the databases. What other coordinators have changed and this one has not heard of yet is taken over, too. */
  heal(databases: Iterable<Database>): void {
    this.#heal(databases, { takesOver: this.#options.cluster.isShared });
  }

  #heal(databases: Iterable<Database>, { takesOver }: { readonly takesOver: boolean }): void {
    const { activations, cluster } = this.#options;
    activations.attend();
    for (const database of databases) {
      activations.openForsaken(database, readDefinitions(database));
      const { name } = database;
      const taken = this.#states.taken(name);
      const news: Definition[] = [];
      healDatabase(database, this.#folders, {
        locked: (mount, action) => this.#changes.lockedFiles(database, mount, action),
        needed: () => activations.proposedChecksums(),
        healed: (definition, stand) => {
          // That it has its files says nothing of whether it can be loaded.
          if (takesOver && taken.get(definition.mount) !== definition.identity) news.push(definition);
          else this.#states.sayFiles(name, definition, stand);
        },
      });
      for (const definition of news) this.#takeOver(database, definition);
      const mounts = new Set(readDefinitions(database).map(({ mount }) => mount));
      for (const mount of this.#states.taken(name).keys()) if (!mounts.has(mount)) this.#states.unsay(name, mount);
      cluster.announceHere('services');
    }
  }

  /**
   * Takes over what other coordinators have changed: their files get their places, this thread loads them, and only then all other threads
   * look. What did not change is not looked at.
   */
  takeOver(databases: Iterable<Database>): void {
    for (const database of databases) {
      const taken = this.#states.taken(database.name);
      const definitions = readDefinitions(database).filter(({ mount }) => !isSystemMount(mount));
      for (const definition of definitions) {
        if (taken.get(definition.mount) === definition.identity) continue;
        this.#takeOver(database, definition);
      }
      const mounts = new Set(definitions.map(({ mount }) => mount));
      for (const mount of taken.keys()) if (!mounts.has(mount)) this.#letGo(database, mount);
    }
    this.#options.cluster.announceHere('services');
  }

  /** What cannot be loaded is broken here; the other services are none the worse for it. */
  #takeOver(database: Database, definition: Definition): void {
    const { mount } = definition;
    const around = this.#options.services.around(database);
    try {
      const stand = this.#changes.lockedFiles(database, mount, () => {
        const current = findDefinition(database, mount);
        return current?.identity === definition.identity ? healService(database, this.#folders, current) : undefined;
      });
      // It has changed again, and that is announced, too.
      if (stand === undefined) return;
      const instance = new ServiceInstance(definition, around);
      const isBroken = stand === 'current' && !definition.options.development && instance.state.is === 'broken';
      instance.close();
      this.#states.say(database.name, definition, isBroken ? 'broken' : stand);
    } catch (error) {
      log.error('general', `Could not take over the service at "${mount}" in database "${database.name}".`, error);
    }
  }

  #letGo(database: Database, mount: string): void {
    this.#changes.lockedFiles(database, mount, () => {
      if (findDefinition(database, mount) === undefined) this.#folders.remove(database.name, mount);
    });
    this.#states.unsay(database.name, mount);
  }

  /** Does its part in activations that other coordinators lead. */
  attendToActivations(): void {
    this.#options.activations.attend();
  }

  /**
   * Makes the database agree with this disk: what lies here and is not known there is entered. A service whose stored bundle is another
   * one is left as it is, unless `replace`.
   */
  async commit(database: Database, { replace }: { readonly replace: boolean }): Promise<void> {
    const { keptVersions, cluster } = this.#options;
    for (const mount of this.#folders.mounts(database.name)) {
      const commit = (): void => commitLocal(database, this.#folders, mount, { replace, keptVersions });
      await this.#changes.inTurn(database, mount, () => this.#changes.lockedFiles(database, mount, commit));
    }
    cluster.announce('services');
  }

  /** Forgets the files of a database that was dropped. */
  dropDatabase(name: string): void {
    this.#options.services.forget(name);
    this.#folders.removeDatabase(name);
    this.#options.cluster.announce('services');
  }

  /** Checksums of the bundles on this disk, by mount; null where there is none. */
  localChecksums(database: Database, mounts?: readonly string[]): Readonly<Record<string, string | null>> {
    const known = new Set(readDefinitions(database).map(({ mount }) => mount));
    const checksumAt = (mount: string): string | undefined => checksumOfFile(this.#folders.bundle(database.name, mount));
    // What is no mount is no name of a file.
    return Object.fromEntries([...(mounts ?? known)].map((mount) => [mount, (known.has(mount) ? checksumAt(mount) : undefined) ?? null]));
  }

  /** How every service of a database stands on every coordinator. */
  standings(database: Database): readonly ServiceStanding[] {
    const everywhere = this.#states.everywhere(database.name);
    return readDefinitions(database).map((definition) => ({
      database: database.name,
      mount: definition.mount,
      ...(definition.checksum === undefined ? {} : { checksum: definition.checksum }),
      development: definition.options.development,
      coordinators: everywhere(definition),
    }));
  }

  /** How services stand on every coordinator, by their mounts; empty where there is only one. */
  coordinatorsOf(database: Database): (mount: string) => readonly CoordinatorState[] {
    if (!this.#options.cluster.isShared) return () => [];
    const everywhere = this.#states.everywhere(database.name);
    return (mount) => everywhere(this.#options.services.get(database, mount).definition);
  }
}
