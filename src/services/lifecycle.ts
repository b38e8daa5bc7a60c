/**
 * The operations that put a version of a service into its place, or take the service away.
 *
 * All go the same way: the bundle is unpacked and looked at, setup and `main` run from there (`try-out.ts`), and only then something is stored; so an
 * operation that fails has changed nothing. The database comes first, in one transaction; the disk follows, and is healed if it does not get that far.
 */
import { ArangoError, log } from '#base';
import type { Cluster } from '#cluster';
import type { Database } from '#database';
import type { Manifest } from '#modules';
import type { ValueObject } from '#values';
import type { Activations } from './activation.ts';
import { checksumOf } from './bundle.ts';
import { changeConfiguration, changeDependencies } from './configuration.ts';
import { describe, describeVersions, type ServiceDescription, type ServiceVersion } from './descriptions.ts';
import type { ServiceFolders } from './folders.ts';
import type { GateOptions } from './gate.ts';
import { placeFiles } from './heal.ts';
import { ServiceInstance, type Surroundings } from './instance.ts';
import { checkMount } from './mount.ts';
import type { MountChanges } from './mount-changes.ts';
import { untilDone } from './pending.ts';
import { describeManifest, withPrepared, type PreparedService } from './prepare.ts';
import { bundleOfPath } from './source.ts';
import {
  findBundle,
  findDefinition,
  getDefinition,
  removeUnusedBundles,
  serviceNotFound,
  writeDefinition,
  type Definition,
  type FormerVersion,
  type ServiceOptions,
} from './store.ts';
import type { ThreadServices } from './thread-services.ts';
import { attempt, tryOut, type ActivationOptions, type Course } from './try-out.ts';
import { describeVersion, getFormer, nextDefinition, type Change } from './versions.ts';

export interface InstallOptions extends ActivationOptions {
  readonly development?: boolean;
  readonly setup?: boolean;
  readonly legacy?: boolean;
  readonly force?: boolean;
  readonly configuration?: ValueObject;
  readonly dependencies?: ValueObject;
}

export interface ReplaceOptions extends InstallOptions {
  readonly teardown?: boolean;
}

export interface RollbackOptions extends ActivationOptions {
  /** The number of a former version, or the version of its manifest; the last one when left out. */
  readonly version?: string | undefined;
  readonly development?: boolean;
  readonly setup?: boolean;
  readonly teardown?: boolean;
}

export interface UninstallOptions {
  readonly teardown?: boolean;
  readonly force?: boolean;
}

/** What is to take the place of a service. */
interface Successor {
  readonly bundle: Uint8Array;
  readonly choose: (manifest: Manifest) => ServiceOptions;
  readonly restores?: FormerVersion;
}

type Supersession = 'replace' | 'upgrade' | 'rollback';
type Described = ServiceDescription | Promise<ServiceDescription>;

export interface LifecycleOptions {
  readonly cluster: Cluster;
  readonly folders: ServiceFolders;
  readonly services: ThreadServices;
  readonly changes: MountChanges;
  readonly activations: Activations;
  /** For the tests of a version that is not in its place yet. */
  readonly gateOf: (database: Database) => GateOptions;
}

export class Lifecycle {
  readonly #options: LifecycleOptions;
  readonly #changes: MountChanges;

  constructor(options: LifecycleOptions) {
    this.#options = options;
    this.#changes = options.changes;
  }

  /**
   * Throws 3007, and 3011 where a service is mounted. For who would read a bundle for nothing. A promise where an operation that is under way has
   * the say: it may be about to remove the service.
   */
  checkVacant(database: Database, mount: string): void | Promise<void> {
    checkMount(mount);
    if (findDefinition(database, mount) === undefined) return;
    return this.#changes.inTurn(database, mount, () => this.#checkVacant(database, mount));
  }

  #checkVacant(database: Database, mount: string): void {
    if (findDefinition(database, mount) === undefined) return;
    throw new ArangoError('ERROR_SERVICE_MOUNTPOINT_CONFLICT', { message: `service already exists\nMount path: ${mount}` });
  }

  /** Throws 3009 where no service is mounted. For who would read a bundle for nothing. A promise while one may be about to be installed. */
  checkMounted(database: Database, mount: string): void | Promise<void> {
    if (findDefinition(database, mount) !== undefined) return;
    return this.#changes.inTurn(database, mount, () => void getDefinition(database, mount));
  }

  /**
   * Throws 3007, 3011, whatever is wrong with the bundle, and what setup or `main` threw: nothing is stored then. A promise when one of
   * them is asynchronous.
   */
  install(database: Database, mount: string, bundle: Uint8Array, options: InstallOptions = {}): Described {
    checkMount(mount);
    const course = { runsSetup: options.setup ?? true, goesOn: options.force === true && options.isAtomic !== true, options, outcome: {} };
    return this.#changes.inTurn(database, mount, () =>
      untilDone((skip) => this.#install(database, mount, bundle, options, { ...course, skip })),
    );
  }

  #install(database: Database, mount: string, bundle: Uint8Array, options: InstallOptions, course: Course): ServiceDescription {
    this.#changes.change(database, mount, (around) => {
      this.#checkVacant(database, mount);
      this.#withPrepared(mount, bundle, options, (prepared) => {
        const stored = freshOptions(prepared.manifest, options);
        this.#tryOut(around, mount, prepared, stored, course);
        this.#store(around, mount, prepared, stored, { operation: 'install' }, course);
      });
    });
    return this.#describeOutcome(database, mount, course);
  }

  /**
   * Installs the service of a folder or file, or upgrades to it when it differs from what is mounted. A service in development mode
   * is left alone. True when something was done; a promise when setup or `main` is asynchronous.
   */
  ensure(database: Database, mount: string, path: string): boolean | Promise<boolean> {
    const bundle = bundleOfPath(path);
    const definition = findDefinition(database, mount);
    if (definition?.checksum === checksumOf(bundle) || definition?.options.development === true) return false;
    const done = definition === undefined ? this.install(database, mount, bundle) : this.upgrade(database, mount, bundle);
    return done instanceof Promise ? done.then(() => true) : true;
  }

  /** A new service in the old one's place; its configuration, dependencies and mode are forgotten. Throws 3009. */
  replace(database: Database, mount: string, bundle: Uint8Array, options: ReplaceOptions = {}): Described {
    const successor = { bundle, choose: (manifest: Manifest) => freshOptions(manifest, options) };
    return this.#supersede(database, mount, 'replace', { ...options, teardown: options.teardown ?? true }, () => successor);
  }

  /** A new version of the same service; configuration, dependencies and mode stay unless others are given. Throws 3009. */
  upgrade(database: Database, mount: string, bundle: Uint8Array, options: ReplaceOptions = {}): Described {
    return this.#supersede(database, mount, 'upgrade', options, (old) => {
      const choose = (manifest: Manifest): ServiceOptions => {
        const fresh = freshOptions(manifest, options);
        return {
          development: options.development ?? old?.options.development ?? false,
          configuration: { ...old?.options.configuration, ...fresh.configuration },
          dependencies: { ...old?.options.dependencies, ...fresh.dependencies },
        };
      };
      return { bundle, choose };
    });
  }

  /**
   * Back to a former version: its bundle, configuration, dependencies and mode, by the way of an upgrade. Throws 3009, 3014 when no such
   * version is kept, 3002 when its bundle is lost.
   */
  rollback(database: Database, mount: string, options: RollbackOptions = {}): Described {
    let wanted = options.version;
    return this.#supersede(database, mount, 'rollback', options, (old) => {
      if (old === undefined) throw serviceNotFound(mount);
      const restores = getFormer(old, wanted);
      // Should a script make this wait, it is still the same version.
      wanted = String(restores.id);
      const bundle = findBundle(database, restores.checksum);
      if (bundle === undefined) {
        throw new ArangoError('ERROR_SERVICE_FILES_MISSING', {
          message: `service files missing\nMount: ${mount}\nVersion: ${describeVersion(restores)}\nDetails: its bundle ${restores.checksum} is not in _appbundles any more`,
        });
      }
      const { development = restores.options.development } = options;
      return { bundle, choose: () => ({ ...restores.options, development }), restores };
    });
  }

  /** The versions that are kept, the newest first: that is the one that is served. Throws 3009. */
  versions(database: Database, mount: string): ServiceVersion[] {
    const definition = getDefinition(database, mount);
    return describeVersions(definition, describeManifest(this.#options.folders.live(database.name, mount), mount));
  }

  /** Throws 3009, and what teardown threw, unless `force`. */
  uninstall(database: Database, mount: string, options: UninstallOptions = {}): void | Promise<void> {
    return this.#changes.inTurn(database, mount, () => untilDone((skip) => this.#uninstall(database, mount, options, skip)));
  }

  #uninstall(database: Database, mount: string, { teardown = true, force = false }: UninstallOptions, skip: ReadonlySet<string>): void {
    this.#changes.change(database, mount, (around) => {
      const definition = findDefinition(database, mount);
      if (definition === undefined && !force) throw serviceNotFound(mount);
      if (definition !== undefined && teardown && !skip.has('teardown')) {
        attempt(force, mount, 'teardown', () => new ServiceInstance(definition, around).runScript('teardown', []));
      }
      this.#changes.remove(database, mount);
      this.#changes.lockedFiles(database, mount, () => this.#options.folders.remove(database.name, mount));
    });
  }

  #supersede(
    database: Database,
    mount: string,
    operation: Supersession,
    options: ReplaceOptions,
    succeed: (old: Definition | undefined) => Successor,
  ): Described {
    if (options.force === true) checkMount(mount);
    const course = { runsSetup: options.setup ?? true, goesOn: options.isAtomic !== true, options, outcome: {} };
    return this.#changes.inTurn(database, mount, () =>
      untilDone((skip) => this.#supersedeNow(database, mount, operation, options, succeed, { ...course, skip })),
    );
  }

  #supersedeNow(
    database: Database,
    mount: string,
    operation: Supersession,
    options: ReplaceOptions,
    succeed: (old: Definition | undefined) => Successor,
    course: Course,
  ): ServiceDescription {
    this.#changes.change(database, mount, (around) => {
      const old = findDefinition(database, mount);
      if (old === undefined && options.force !== true) throw serviceNotFound(mount);
      const { bundle, choose, restores } = succeed(old);
      this.#withPrepared(mount, bundle, options, (prepared) => {
        if (old !== undefined && options.teardown === true && !course.skip.has('teardown'))
          attempt(true, mount, 'teardown', () => new ServiceInstance(old, around).runScript('teardown', []));
        const stored = choose(prepared.manifest);
        this.#tryOut(around, mount, prepared, stored, course);
        this.#store(around, mount, prepared, stored, { operation, restores }, course);
      });
    });
    return this.#describeOutcome(database, mount, course);
  }

  #withPrepared(mount: string, bundle: Uint8Array, { legacy = false }: InstallOptions, action: (prepared: PreparedService) => void): void {
    withPrepared(this.#options.folders, mount, bundle, { legacy }, action);
  }

  #tryOut(around: Surroundings, mount: string, prepared: PreparedService, stored: ServiceOptions, course: Course): void {
    tryOut(around, mount, prepared, stored, course, () => this.#options.gateOf(around.database));
  }

  #store(
    { database }: Surroundings,
    mount: string,
    { bundle, manifest }: PreparedService,
    options: ServiceOptions,
    change: Pick<Change, 'operation' | 'restores'>,
    { options: { isAtomic = false, by }, outcome }: Course,
  ): void {
    const changes = this.#changes;
    const before = findDefinition(database, mount);
    if (isAtomic) {
      const coordinators = this.#options.activations.lead(database, mount, { bundle, options }, (old, checksum) =>
        writeDefinition(database, nextDefinition(mount, old, { checksum, options, manifest }, changes.changeOf({ ...change, by }))),
      );
      outcome.activated = { coordinators, ...(outcome.tests === undefined ? {} : { tests: outcome.tests }) };
    } else {
      const stored = changes.write(database, mount, { bundle, options, manifest }, { ...change, by });
      changes.lockedFiles(database, mount, () => placeFiles(this.#options.folders, database.name, mount, stored.bundle));
    }
    this.#forget(database, before, mount);
  }

  /**
   * Removes the bundles of versions that are not kept any longer. That of the last version stays: it may still be answering. The change is done,
   * whatever comes of this.
   */
  #forget(database: Database, before: Definition | undefined, mount: string): void {
    const kept = new Set(findDefinition(database, mount)?.former.map(({ id }) => id));
    const isForgotten = before?.former.some(({ id }) => !kept.has(id)) === true;
    if (!isForgotten) return;
    try {
      removeUnusedBundles(database, () => this.#neededBundles(before));
    } catch (error) {
      log.warning('general', `Bundles that nobody needs after a change of "${mount}" could not be removed; healing tries again.`, error);
    }
  }

  #neededBundles(last: Definition | undefined): readonly string[] {
    const proposed = this.#options.activations.proposedChecksums();
    return last?.checksum === undefined ? proposed : [...proposed, last.checksum];
  }

  #describeOutcome(database: Database, mount: string, { outcome: { activated } }: Course): ServiceDescription {
    return { ...describe(this.#options.services.get(database, mount)), ...(activated === undefined ? {} : { activation: activated }) };
  }
}

function freshOptions(manifest: Manifest, { development = false, configuration = {}, dependencies = {} }: InstallOptions): ServiceOptions {
  const change = { isReplace: false, keepsUnknown: false };
  const values = changeConfiguration(manifest, {}, configuration, change);
  const mounts = changeDependencies(manifest, {}, dependencies, change);
  for (const [name, warning] of Object.entries({ ...values.warnings, ...mounts.warnings }))
    log.warning('general', `Given for the service: "${name}" ${warning}.`);
  return { development, configuration: values.raw, dependencies: mounts.raw };
}
