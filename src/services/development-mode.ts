/** Development mode: switching it on and off, edits from afar, and what is said when several coordinators work on one service. */
import { ArangoError } from '#base';
import type { Cluster } from '#cluster';
import type { Database } from '#database';
import { fingerprintOf, packFolder } from './bundle.ts';
import { describe, type ServiceDescription } from './descriptions.ts';
import { applyEdits, type Edits } from './edits.ts';
import type { ServiceFolders } from './folders.ts';
import { ServiceInstance } from './instance.ts';
import type { MountChanges } from './mount-changes.ts';
import { untilDone } from './pending.ts';
import { describeManifest } from './prepare.ts';
import { Rivals, rivalWarning } from './rivals.ts';
import type { ServiceStates } from './states.ts';
import { getDefinition, type DevelopmentReload } from './store.ts';
import type { ThreadServices } from './thread-services.ts';
import { attempt } from './try-out.ts';

export interface DevelopmentModeOptions {
  readonly cluster: Cluster;
  readonly folders: ServiceFolders;
  readonly services: ThreadServices;
  readonly states: ServiceStates;
  readonly changes: MountChanges;
}

interface SwitchOptions {
  readonly reload?: DevelopmentReload | undefined;
  readonly force?: boolean;
}

export class DevelopmentMode {
  readonly #cluster: Cluster;
  readonly #folders: ServiceFolders;
  readonly #services: ThreadServices;
  readonly #changes: MountChanges;
  readonly #rivals: Rivals;

  constructor({ cluster, folders, services, states, changes }: DevelopmentModeOptions) {
    this.#cluster = cluster;
    this.#folders = folders;
    this.#services = services;
    this.#changes = changes;
    this.#rivals = new Rivals({ cluster, folders, states });
  }

  /**
   * Switches it. Off makes a bundle of this folder as it is, which is the service from then on; no edit is lost, also when the service
   * cannot be loaded. Then setup runs once. `reload` is kept with the service for the next time, too.
   *
   * Throws 1200 when other coordinators have other edits, which would be lost then, unless `force`.
   */
  set(
    database: Database,
    mount: string,
    isDevelopment: boolean,
    options: SwitchOptions = {},
  ): ServiceDescription | Promise<ServiceDescription> {
    return this.#changes.inTurn(database, mount, () => this.#set(database, mount, isDevelopment, options));
  }

  #set(
    database: Database,
    mount: string,
    isDevelopment: boolean,
    { reload, force = false }: SwitchOptions,
  ): ServiceDescription | Promise<ServiceDescription> {
    let setUp = (): void => undefined;
    const warnings: string[] = [];
    this.#changes.change(database, mount, (around) => {
      const definition = getDefinition(database, mount);
      const options = { ...definition.options, development: isDevelopment, ...(reload === undefined ? {} : { developmentReload: reload }) };
      const rivals = this.#rivalsOf(database, mount, { asks: !isDevelopment && definition.options.development && !force });
      if (rivals.length > 0) warnings.push(rivalWarning(mount, rivals));
      if (isDevelopment || !definition.options.development) return this.#changes.writeSettings(database, { ...definition, options });
      if (rivals.length > 0 && !force)
        throw new ArangoError('ERROR_ARANGO_CONFLICT', { message: `${warnings.join()}; their edits would be lost: use force=true` });
      const manifest = describeManifest(this.#folders.live(database.name, mount), mount);
      const version = { bundle: this.#packStable(database.name, mount), options, manifest };
      const { bundle } = this.#changes.write(database, mount, version, { operation: 'production' });
      this.#changes.lockedFiles(database, mount, () => this.#folders.replaceBundle(database.name, mount, bundle));
      const service = new ServiceInstance(getDefinition(database, mount), around);
      setUp = () => attempt(true, mount, 'setup', () => service.runScript('setup', []));
    });
    return untilDone((skip) => {
      if (!skip.has('setup')) setUp();
      return { ...describe(this.#services.get(database, mount)), ...(warnings.length === 0 ? {} : { warnings }) };
    });
  }

  /**
   * Changes files of a service in development mode, and tells what a request would find then: undefined when all is well. Throws
   * 3009, 10 for a service in production mode, and 3015 for files that are refused.
   */
  edit(database: Database, mount: string, edits: Edits): Error | undefined | Promise<Error | undefined> {
    const service = this.#services.get(database, mount);
    if (!service.isDevelopment) {
      throw new ArangoError(
        'ERROR_BAD_PARAMETER',
        `the files of ${mount} can only be edited in development mode, and it is in production mode`,
      );
    }
    const look = (): Error | undefined => {
      const state = service.access();
      return state.is === 'broken' ? state.error : undefined;
    };
    const done = service.whileUnread<void>(() => applyEdits(service.folder, edits));
    return done instanceof Promise ? done.then(look) : look();
  }

  /** Coordinators that work on a service in development mode, too, and have other files. */
  warnings(database: Database, mount: string): readonly string[] {
    const rivals = this.#rivalsOf(database, mount, { asks: false });
    return rivals.length === 0 ? [] : [rivalWarning(mount, rivals)];
  }

  /** What this coordinator's files in development mode say is to be known to the others. */
  get isWatched(): boolean {
    return this.#rivals.isWatched;
  }

  watchEdits(): void {
    this.#rivals.watch();
  }

  /** Tells coordinators that ask what this one has edited. */
  answerAboutEdits(): void {
    this.#rivals.answer();
  }

  #rivalsOf({ name }: Database, mount: string, { asks }: { readonly asks: boolean }): readonly string[] {
    if (!this.#cluster.isShared) return [];
    return asks ? this.#rivals.ask(name, mount) : this.#rivals.known(name, mount);
  }

  /** A bundle of the live folder in which no file changed while it was made. */
  #packStable(database: string, mount: string): Uint8Array {
    const live = this.#folders.live(database, mount);
    for (;;) {
      const before = fingerprintOf(live);
      const bundle = packFolder(live);
      if (fingerprintOf(live) === before) return bundle;
    }
  }
}
