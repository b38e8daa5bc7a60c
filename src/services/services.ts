/**
 * Everything that can be done with services: the door behind `/_api/foxx`, and the way of a request to the service it is for.
 *
 * Each thread has one `Services`; they agree through the database and the cluster's versions and locks. An operation on a mount
 * holds that mount's lock, so it is never half-way in two threads at once.
 */
import { readFileSync } from 'node:fs';
import { ArangoError, describeError, isArangoError, log, type HttpAnswer, type ServiceMetrics } from '#base';
import type { Cluster } from '#cluster';
import type { Database, Databases } from '#database';
import {
  loadService,
  runStoredFunction,
  toOpenApi,
  unknownPath,
  type Manifest,
  type ServiceDirectory,
  type ServiceHost,
  type ServiceRequest,
  type ServiceSource,
  type TaskHost,
  type TestOptions,
} from '#modules';
import type { Value, ValueObject } from '#values';
import { ActivationError, Activations, failureOf, lockOfMount } from './activation.ts';
import { checksumOf, checksumOfFile, fingerprintOf, packFolder } from './bundle.ts';
import { changeConfiguration, changeDependencies, missingNames, parseConfiguration, readableName, type Changed } from './configuration.ts';
import { Development, rivalWarning } from './development.ts';
import { applyEdits, type Edits } from './edits.ts';
import { lockOfFiles, ServiceFolders } from './folders.ts';
import { runGate, type GateOptions, type TestReport } from './gate.ts';
import { commitLocal, healDatabase, healService, placeFiles } from './heal.ts';
import { needsConfiguration, runNamedScript, ServiceInstance, sourceOf, type Surroundings } from './instance.ts';
import { isLegacy, readManifest } from './manifest.ts';
import { Pending, untilDone } from './pending.ts';
import { checkMount, isSystemMount, mountName } from './mount.ts';
import { checkFiles, describeManifest, findReadme, withPrepared, type PreparedService } from './prepare.ts';
import { DatabaseServices } from './registry.ts';
import { bundleOfPath } from './source.ts';
import { Turns } from './turns.ts';
import { ServiceStates, type CoordinatorState } from './states.ts';
import {
  changeStore,
  findBundle,
  findDefinition,
  readDefinitions,
  removeDefinition,
  removeUnusedBundles,
  writeDefinition,
  type Definition,
  type DevelopmentReload,
  type FormerVersion,
  type ServiceOptions,
  type Version,
} from './store.ts';
import { describeVersion, getFormer, nextDefinition, writeVersion, type Change, type NewVersion } from './versions.ts';

export interface ServicesOptions {
  readonly cluster: Cluster;
  /** The value of `javascript.app-path`. */
  readonly appPath: string;
  readonly developmentReload: DevelopmentReload;
  /** How many former versions of a service are kept. */
  readonly keptVersions: number;
  /** How long a request waits for an atomic activation. */
  readonly activationWaitMs: number;
  readonly databases: Databases;
  /** What a service may reach of the server, besides other services. */
  readonly host: Omit<ServiceHost, 'exportsOf' | 'databases' | 'services' | 'tasks'>;
  /** The tasks of a database; left out, there are none. */
  readonly tasksOf?: (database: string) => TaskHost;
  /** Left out, requests are not counted. */
  readonly metrics?: ServiceMetrics;
}

/** What every operation that puts a version into its place takes. */
interface ActivationOptions {
  /** All coordinators change to it together, or none does. */
  readonly isAtomic?: boolean;
  /** The tests of the new version must pass first; only with `isAtomic`. */
  readonly isTested?: boolean;
  /** The user who asks. */
  readonly by?: string | undefined;
}

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

/** What `GET /_api/foxx` tells of a service. */
export interface ServiceSummary {
  readonly mount: string;
  readonly name?: string;
  readonly version?: string;
  readonly provides: Readonly<Record<string, string>>;
  readonly development: boolean;
  readonly legacy: boolean;
}

/** What `GET /_api/foxx/states` tells of a service. */
export interface ServiceState {
  readonly mount: string;
  /** `unknown`: nobody has used it yet. */
  readonly state: 'ready' | 'unconfigured' | 'broken' | 'unknown';
  readonly development: boolean;
  readonly reload: DevelopmentReload;
  /** Names of required configuration and dependencies without a value. */
  readonly missing?: readonly string[];
  readonly problem?: string;
}

/** Beyond so many services none is loaded only because somebody looks at the list. */
const LOADED_TO_BE_SEEN = 100;

/** What `GET /_api/foxx/service` tells. */
export interface ServiceDescription {
  readonly mount: string;
  readonly path: string;
  readonly name?: string;
  readonly version?: string;
  readonly development: boolean;
  readonly legacy: boolean;
  readonly manifest: Manifest;
  readonly checksum?: string;
  readonly options: ValueObject;
  /** After an atomic activation. */
  readonly activation?: Activated;
  /** What whoever asked for a change should know. */
  readonly warnings?: readonly string[];
}

export interface Activated {
  /** Those that have loaded the version, and all serve it. */
  readonly coordinators: readonly string[];
  /** Of the service's own tests, when they were asked for. */
  readonly tests?: TestReport;
}

/** What `GET /_api/foxx/versions` tells of a version. */
export interface ServiceVersion extends Version {
  readonly current: boolean;
  readonly checksum?: string;
  readonly development: boolean;
  readonly configuration: ValueObject;
  readonly dependencies: ServiceOptions['dependencies'];
}

/** A version on its way into its place. */
interface Course {
  readonly skip: ReadonlySet<string>;
  /** An error of a script or of `main` is only logged. */
  readonly goesOn: boolean;
  readonly runsSetup: boolean;
  readonly options: ActivationOptions;
  /** What becomes of an atomic activation. */
  readonly outcome: { activated?: Activated; tests?: TestReport };
}

type Warnings = Changed<unknown>['warnings'];

/** What is to take the place of a service. */
interface Successor {
  readonly bundle: Uint8Array;
  readonly choose: (manifest: Manifest) => ServiceOptions;
  readonly restores?: FormerVersion;
}

export interface ServiceStanding {
  readonly database: string;
  readonly mount: string;
  readonly checksum?: string;
  readonly development: boolean;
  readonly coordinators: readonly CoordinatorState[];
}

export class Services {
  readonly #options: ServicesOptions;
  readonly #folders: ServiceFolders;
  readonly #activations: Activations;
  readonly #turns: Turns;
  readonly #reloads: Turns;
  readonly #states: ServiceStates;
  /** By the name of its lock, what each definition was when this thread began to change it. */
  readonly #begun = new Map<string, string | undefined>();
  readonly #development: Development;
  /** Whoever asks now waits with the thread, and has no use for a promise. */
  #isBlocking = false;
  readonly #databases = new Map<string, { readonly id: string; readonly services: DatabaseServices; readonly around: Surroundings }>();

  constructor(options: ServicesOptions) {
    this.#options = options;
    this.#folders = new ServiceFolders(options.appPath);
    this.#turns = new Turns(options.cluster, { isLocal: false });
    this.#reloads = new Turns(options.cluster, { isLocal: true });
    this.#states = new ServiceStates(options.cluster);
    this.#development = new Development({ cluster: options.cluster, folders: this.#folders, states: this.#states });
    this.#activations = new Activations({
      cluster: options.cluster,
      folders: this.#folders,
      waitMs: options.activationWaitMs,
      findDatabase: (name) => options.databases.find(name),
      tryLoad: (database, mount, folder, stored) => this.#tryLoad(database, mount, folder, stored),
    });
  }

  /** The service that a path of a database belongs to. */
  above(database: Database, path: string): readonly [mount: string, service: ServiceInstance] | undefined {
    return this.#of(database).services.above(path);
  }

  /** Answers a request to a service; undefined: nothing is mounted there, or the service has no such path. */
  handle(database: Database, path: string, request: Omit<ServiceRequest, 'path'>): HttpAnswer | Promise<HttpAnswer> | undefined {
    const target = this.#of(database).services.target(path);
    if (target === undefined) return undefined;
    const { mount, service, closing } = target;
    if (closing !== undefined) return this.#handleLater(database, mount, path, request);
    return service.handle({ ...request, path: path.slice(mount.length) || '/' });
  }

  /** Waits until a mount that an activation has closed is open, and answers then. */
  #handleLater(database: Database, mount: string, path: string, request: Omit<ServiceRequest, 'path'>): ReturnType<Services['handle']> {
    const { cluster, activationWaitMs: waitMs } = this.#options;
    const { services } = this.#of(database);
    const isOpen = (): boolean => services.closingOf(mount) === undefined;
    const open = (isSo: boolean): void => {
      const closing = isSo ? undefined : services.closingOf(mount);
      if (closing === undefined) return;
      log.warning('general', `Requests to "${mount}" have waited too long for an activation, which has failed`);
      this.#activations.open(database, closing.mount, closing.token);
    };
    if (this.#isBlocking) {
      open(cluster.waitUntil(isOpen, waitMs));
      return this.handle(database, path, request);
    }
    return cluster.until(isOpen, waitMs).then((isSo) => {
      open(isSo);
      return this.handle(database, path, request) ?? unknownPath({ ...request, path });
    });
  }

  /** Runs what waits for answers with its thread: a request that has to wait for an activation blocks it. */
  whileBlocking<Result>(action: () => Result): Result {
    const before = this.#isBlocking;
    this.#isBlocking = true;
    try {
      return action();
    } finally {
      this.#isBlocking = before;
    }
  }

  /** Services that can be loaded or are only unconfigured; broken ones are left out, as in ArangoDB. Sorted by mount. */
  list(database: Database, { excludeSystem = false }: { readonly excludeSystem?: boolean } = {}): ServiceSummary[] {
    const summaries: ServiceSummary[] = [];
    for (const service of this.#of(database).services.all) {
      const { mount } = service.definition;
      if (excludeSystem && isSystemMount(mount)) continue;
      const manifest = service.findManifest();
      if (manifest === undefined) continue;
      summaries.push({
        mount,
        ...named(manifest),
        provides: manifest.provides ?? {},
        development: service.isDevelopment,
        legacy: isLegacy(manifest),
      });
    }
    return summaries;
  }

  /** Of all services, broken ones too. */
  mounts(database: Database): readonly string[] {
    return [...this.#of(database).services.all].map(({ definition }) => definition.mount);
  }

  /** Throws 3009, or what is wrong with the service's manifest. */
  describe(database: Database, mount: string): ServiceDescription {
    const service = this.get(database, mount);
    const { checksum } = service.definition;
    const manifest = service.readManifest();
    return {
      mount,
      path: service.folder,
      ...named(manifest),
      development: service.isDevelopment,
      legacy: isLegacy(manifest),
      manifest,
      ...(checksum === undefined ? {} : { checksum }),
      options: {},
    };
  }

  /** How services are, broken ones too: all of them, or one. Throws 3009 for one that is not there. */
  states(database: Database, mount?: string): ServiceState[] {
    const all = mount === undefined ? [...this.#of(database).services.all] : [this.get(database, mount)];
    return all.map((service) => {
      const { known, isDevelopment, reload } = service;
      const state = known.is === 'not loaded' && all.length <= LOADED_TO_BE_SEEN ? service.state : known;
      const common = { mount: service.definition.mount, development: isDevelopment, reload };
      switch (state.is) {
        case 'loaded':
          return { ...common, state: 'ready' };
        case 'not loaded':
          return { ...common, state: 'unknown' };
        case 'unconfigured':
          return { ...common, state: 'unconfigured', missing: state.missing };
        case 'broken':
          return { ...common, state: 'broken', problem: state.error.message };
      }
    });
  }

  /** Throws 3009. */
  get(database: Database, mount: string): ServiceInstance {
    const service = this.#of(database).services.at(mount);
    if (service === undefined) throw notFound(mount);
    return service;
  }

  /**
   * Throws 3007, 3011, whatever is wrong with the bundle, and what setup or `main` threw: nothing is stored then. A promise when one of
   * them is asynchronous.
   */
  install(
    database: Database,
    mount: string,
    bundle: Uint8Array,
    options: InstallOptions = {},
  ): ServiceDescription | Promise<ServiceDescription> {
    checkMount(mount);
    const course = { runsSetup: options.setup ?? true, goesOn: options.force === true && options.isAtomic !== true, options, outcome: {} };
    return this.#inTurn(database, mount, () => untilDone((skip) => this.#install(database, mount, bundle, options, { ...course, skip })));
  }

  #install(database: Database, mount: string, bundle: Uint8Array, options: InstallOptions, course: Course): ServiceDescription {
    this.#change(database, mount, (around) => {
      if (findDefinition(database, mount) !== undefined)
        throw new ArangoError('ERROR_SERVICE_MOUNTPOINT_CONFLICT', { message: `service already exists\nMount path: ${mount}` });
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
  replace(
    database: Database,
    mount: string,
    bundle: Uint8Array,
    options: ReplaceOptions = {},
  ): ServiceDescription | Promise<ServiceDescription> {
    const successor = { bundle, choose: (manifest: Manifest) => freshOptions(manifest, options) };
    return this.#supersede(database, mount, 'replace', { ...options, teardown: options.teardown ?? true }, () => successor);
  }

  /** A new version of the same service; configuration, dependencies and mode stay unless others are given. Throws 3009. */
  upgrade(
    database: Database,
    mount: string,
    bundle: Uint8Array,
    options: ReplaceOptions = {},
  ): ServiceDescription | Promise<ServiceDescription> {
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
  rollback(database: Database, mount: string, options: RollbackOptions = {}): ServiceDescription | Promise<ServiceDescription> {
    let wanted = options.version;
    return this.#supersede(database, mount, 'rollback', options, (old) => {
      if (old === undefined) throw notFound(mount);
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
    const { version, checksum, options, former } = this.#definitionOf(database, mount);
    const manifest = describeManifest(this.#folders.live(database.name, mount), mount);
    const describe = (
      each: Version,
      sum: string | undefined,
      { development, configuration, dependencies }: ServiceOptions,
    ): ServiceVersion => ({
      ...each,
      current: each === version,
      ...(sum === undefined ? {} : { checksum: sum }),
      development,
      configuration,
      dependencies,
    });
    const current = describe(version, checksum, options);
    const isTold = version.name !== undefined || manifest === undefined;
    return [
      isTold ? current : { ...named(manifest), ...current },
      ...former.map(({ checksum: sum, options: kept, ...each }) => describe(each, sum, kept)),
    ];
  }

  /** Throws 3009, and what teardown threw, unless `force`. */
  uninstall(database: Database, mount: string, options: UninstallOptions = {}): void | Promise<void> {
    return this.#inTurn(database, mount, () => untilDone((skip) => this.#uninstall(database, mount, options, skip)));
  }

  #uninstall(database: Database, mount: string, { teardown = true, force = false }: UninstallOptions, skip: ReadonlySet<string>): void {
    this.#change(database, mount, (around) => {
      const definition = findDefinition(database, mount);
      if (definition === undefined && !force) throw notFound(mount);
      if (definition !== undefined && teardown && !skip.has('teardown')) {
        attempt(force, mount, 'teardown', () => new ServiceInstance(definition, around).runScript('teardown', []));
      }
      changeStore(database, () => {
        this.#checkTurn(database, mount);
        removeDefinition(database, mount);
      });
      this.#lockedFiles(database, mount, () => this.#folders.remove(database.name, mount));
    });
  }

  /**
   * Switches development mode. Off makes a bundle of this folder as it is, which is the service from then on; no edit is lost, also
   * when the service cannot be loaded. Then setup runs once. `reload` is kept with the service for the next time, too.
   *
   * Throws 1200 when other coordinators have other edits, which would be lost then, unless `force`.
   */
  setDevelopment(
    database: Database,
    mount: string,
    isDevelopment: boolean,
    options: { readonly reload?: DevelopmentReload | undefined; readonly force?: boolean } = {},
  ): ServiceDescription | Promise<ServiceDescription> {
    return this.#inTurn(database, mount, () => this.#setDevelopment(database, mount, isDevelopment, options));
  }

  #setDevelopment(
    database: Database,
    mount: string,
    isDevelopment: boolean,
    { reload, force = false }: { readonly reload?: DevelopmentReload | undefined; readonly force?: boolean },
  ): ServiceDescription | Promise<ServiceDescription> {
    let setUp = (): void => undefined;
    const warnings: string[] = [];
    this.#change(database, mount, (around) => {
      const definition = this.#definitionOf(database, mount);
      const options = { ...definition.options, development: isDevelopment, ...(reload === undefined ? {} : { developmentReload: reload }) };
      const rivals = this.#rivals(database, mount, { asks: !isDevelopment && definition.options.development && !force });
      if (rivals.length > 0) warnings.push(rivalWarning(mount, rivals));
      if (isDevelopment || !definition.options.development) return this.#writeSettings(database, { ...definition, options });
      if (rivals.length > 0 && !force)
        throw new ArangoError('ERROR_ARANGO_CONFLICT', { message: `${warnings.join()}; their edits would be lost: use force=true` });
      const manifest = describeManifest(this.#folders.live(database.name, mount), mount);
      const version = { bundle: this.#packStable(database.name, mount), options, manifest };
      const { bundle } = this.#write(database, mount, version, { operation: 'production' });
      this.#lockedFiles(database, mount, () => this.#folders.replaceBundle(database.name, mount, bundle));
      const service = new ServiceInstance(this.#definitionOf(database, mount), around);
      setUp = () => attempt(true, mount, 'setup', () => service.runScript('setup', []));
    });
    return untilDone((skip) => {
      if (!skip.has('setup')) setUp();
      return { ...this.describe(database, mount), ...(warnings.length === 0 ? {} : { warnings }) };
    });
  }

  #rivals({ name }: Database, mount: string, { asks }: { readonly asks: boolean }): readonly string[] {
    if (!this.#options.cluster.isShared) return [];
    return asks ? this.#development.askForRivals(name, mount) : this.#development.knownRivals(name, mount);
  }

  /** Coordinators that work on a service in development mode, too, and have other files. */
  rivalWarnings(database: Database, mount: string): readonly string[] {
    const rivals = this.#rivals(database, mount, { asks: false });
    return rivals.length === 0 ? [] : [rivalWarning(mount, rivals)];
  }

  /** What this coordinator's files in development mode say is to be known to the others. */
  get isDeveloping(): boolean {
    return this.#development.isWatched;
  }

  watchEdits(): void {
    this.#development.watch();
  }

  /** Tells coordinators that ask what this one has edited. */
  answerAboutEdits(): void {
    this.#development.answer();
  }

  /**
   * Changes files of a service in development mode, and tells what a request would find then: undefined when all is well. Throws
   * 3009, 10 for a service in production mode, and 3015 for files that are refused.
   */
  edit(database: Database, mount: string, edits: Edits): Error | undefined | Promise<Error | undefined> {
    const service = this.get(database, mount);
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

  configuration(database: Database, mount: string): ValueObject {
    const service = this.get(database, mount);
    const manifest = service.readManifest();
    const { configuration: raw } = service.definition.options;
    const current = parseConfiguration(manifest, raw);
    return mapEntries(manifest.configuration, (definition, name) => ({
      ...(definition as unknown as ValueObject),
      title: readableName(name),
      ...(name in current ? { current: current[name] ?? null } : {}),
      ...(name in raw ? { currentRaw: raw[name] ?? null } : {}),
    }));
  }

  dependencies(database: Database, mount: string): ValueObject {
    const service = this.get(database, mount);
    const { dependencies: raw } = service.definition.options;
    return mapEntries(service.readManifest().dependencies, (definition, alias) => ({
      ...(definition as unknown as ValueObject),
      title: readableName(alias),
      ...(alias in raw ? { current: raw[alias] ?? null } : {}),
    }));
  }

  /** Answers with a warning for each value that was not taken. */
  setConfiguration(
    database: Database,
    mount: string,
    values: ValueObject,
    { isReplace }: { readonly isReplace: boolean },
  ): Warnings | Promise<Warnings> {
    return this.#setOptions(database, mount, 'configuration', (manifest, { development, configuration }) =>
      changeConfiguration(manifest, configuration, values, { isReplace, keepsUnknown: development }),
    );
  }

  setDependencies(
    database: Database,
    mount: string,
    values: ValueObject,
    { isReplace }: { readonly isReplace: boolean },
  ): Warnings | Promise<Warnings> {
    return this.#setOptions(database, mount, 'dependencies', (manifest, { development, dependencies }) =>
      changeDependencies(manifest, dependencies, values, { isReplace, keepsUnknown: development }),
    );
  }

  /** Names and titles of the scripts. */
  scripts(database: Database, mount: string): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.keys(this.get(database, mount).readManifest().scripts).map((name) => [name, readableName(name)]));
  }

  /** With the rights of the server, or with those of the user for whom `as` was opened. */
  runScript(database: Database, mount: string, name: string, argv: readonly unknown[], as?: Database): unknown {
    return this.get(database, mount).runScript(name, argv, as);
  }

  /** The reporter's result; a promise only when a test is asynchronous. Throws 3010. */
  runTests(database: Database, mount: string, options: TestOptions): unknown {
    return this.get(database, mount).runTests(options);
  }

  /** Swagger 2.0. Throws 3010, and what broke the service. */
  documentation(database: Database, mount: string): ValueObject {
    return this.get(database, mount).documentation;
  }

  /** The same as OpenAPI 3.1. */
  openApi(database: Database, mount: string): ValueObject {
    return toOpenApi(this.documentation(database, mount));
  }

  /**
   * Calls a function that came as text, with the modules that services have and the rights that the database was opened with (JavaScript
   * transactions, tasks). It belongs to no service and has no folder.
   */
  call(database: Database, text: string, argv: readonly unknown[]): unknown {
    const { around } = this.#of(database);
    const manifest: Manifest = { configuration: {}, dependencies: {}, scripts: {}, tests: [] };
    const place = { mount: '/_admin', folder: this.#folders.database(database.name), manifest };
    const host = this.#hostFor(database, around.host);
    const source = sourceOf({ ...around, host, database, ...place, development: false, configuration: {}, dependencies: {} });
    return runStoredFunction(source, text, argv);
  }

  /** Code of a user who is no administrator must not come by the server's rights in a roundabout way. */
  #hostFor({ user }: Database, host: ServiceHost): ServiceHost {
    const { databases } = this.#options;
    if (user === undefined || databases.databaseLevel(user, '_system') === 'rw') return host;
    const { databases: _databases, services: _services, tasks: _tasks, ...others } = host;
    return {
      ...others,
      exportsOf: () => {
        throw new ArangoError('ERROR_FORBIDDEN', 'services are for other services');
      },
    };
  }

  /** Calls a function that came as text and was left by a service, such as what follows a job. */
  callFor(database: Database, mount: string, text: string, argv: readonly unknown[]): unknown {
    return this.get(database, mount).call(text, argv);
  }

  readme(database: Database, mount: string): string | undefined {
    return findReadme(this.get(database, mount).folder);
  }

  /** The bundle as stored; in development mode a fresh one of the folder. */
  download(database: Database, mount: string): { readonly name: string; readonly bundle: Uint8Array } {
    const service = this.get(database, mount);
    service.readManifest();
    const bundle = service.isDevelopment ? packFolder(service.folder) : readFileSync(this.#folders.bundle(database.name, mount));
    return { name: `${mountName(mount)}.zip`, bundle };
  }

  /** Makes this disk agree with the databases. */
  heal(databases: Iterable<Database>): void {
    this.#activations.attend();
    for (const database of databases) {
      this.#activations.openForsaken(database, readDefinitions(database));
      const { name } = database;
      healDatabase(database, this.#folders, {
        locked: (mount, action) => this.#lockedFiles(database, mount, action),
        needed: () => this.#activations.proposedChecksums(),
        healed: (definition, stand) => this.#states.say(name, definition, stand),
      });
      const mounts = new Set(readDefinitions(database).map(({ mount }) => mount));
      for (const mount of this.#states.taken(name).keys()) if (!mounts.has(mount)) this.#states.unsay(name, mount);
      this.#options.cluster.announceHere('services');
    }
  }

  /**
   * Takes over what other coordinators have changed: their files get their places, this thread loads them, and only then all other threads
   * look. What did not change is not looked at.
   */
  takeOver(databases: Iterable<Database>): void {
    const { cluster } = this.#options;
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
    cluster.announceHere('services');
  }

  /** What cannot be loaded is broken here; the other services are none the worse for it. */
  #takeOver(database: Database, definition: Definition): void {
    const { mount } = definition;
    const { around } = this.#of(database);
    try {
      const stand = this.#lockedFiles(database, mount, () => {
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
    this.#lockedFiles(database, mount, () => {
      if (findDefinition(database, mount) === undefined) this.#folders.remove(database.name, mount);
    });
    this.#states.unsay(database.name, mount);
  }

  /** Checksums of the bundles on this disk, by mount; null where there is none. */
  localChecksums(database: Database, mounts?: readonly string[]): Readonly<Record<string, string | null>> {
    const all = mounts ?? readDefinitions(database).map(({ mount }) => mount);
    return Object.fromEntries(all.map((mount) => [mount, checksumOfFile(this.#folders.bundle(database.name, mount)) ?? null]));
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
    return (mount) => everywhere(this.get(database, mount).definition);
  }

  /** Does its part in activations that other coordinators lead. */
  attendToActivations(): void {
    this.#activations.attend();
  }

  /**
   * Makes the database agree with this disk: what lies here and is not known there is entered. A service whose stored bundle is another
   * one is left as it is, unless `replace`.
   */
  async commit(database: Database, { replace }: { readonly replace: boolean }): Promise<void> {
    for (const mount of this.#folders.mounts(database.name)) {
      const commit = (): void => commitLocal(database, this.#folders, mount, { replace, keptVersions: this.#options.keptVersions });
      await this.#inTurn(database, mount, () => this.#lockedFiles(database, mount, commit));
    }
    this.#options.cluster.announce('services');
  }

  /** At start, before anything is answered: removes what a crash left, then heals. */
  start(databases: readonly Database[]): void {
    this.#folders.clearStaging();
    const names = new Set(databases.map(({ name }) => name));
    for (const name of this.#folders.databases()) if (!names.has(name)) this.#folders.removeDatabase(name);
    this.heal(databases);
  }

  /** Forgets the files of a database that was dropped. */
  dropDatabase(name: string): void {
    this.#databases.delete(name);
    this.#folders.removeDatabase(name);
    this.#options.cluster.announce('services');
  }

  /** The services of a database in this thread. They run with the rights of the server, whoever asks. */
  #of({ name, id }: Database): { readonly services: DatabaseServices; readonly around: Surroundings } {
    const known = this.#databases.get(name);
    if (known?.id === id) return known;
    const { cluster, developmentReload, databases, metrics, tasksOf } = this.#options;
    const database = databases.get(name);
    const host: ServiceHost = {
      ...this.#options.host,
      databases,
      ...(tasksOf === undefined ? {} : { tasks: tasksOf(name) }),
      services: this.#directoryOf(database),
      exportsOf: (mount) => this.get(database, mount).exports,
    };
    const around: Surroundings = {
      database,
      folders: this.#folders,
      cluster,
      host,
      developmentReload,
      reloads: this.#reloads,
      ...(metrics === undefined ? {} : { metrics }),
    };
    const made = { id, around, services: new DatabaseServices(around) };
    this.#databases.set(name, made);
    return made;
  }

  #directoryOf(database: Database): ServiceDirectory {
    return {
      mounts: () => this.mounts(database),
      source: (mount) => {
        const service = this.get(database, mount);
        return service.sourceOf(service.readManifest());
      },
      documentation: (mount) => {
        const service = this.get(database, mount);
        return service.state.is === 'loaded' ? service.documentation : undefined;
      },
    };
  }

  /** One operation on one mount at a time. */
  #inTurn<Result>(database: Database, mount: string, operation: () => Result | Promise<Result>): Result | Promise<Result> {
    return this.#turns.take(lockOfMount(database.name, mount), operation, { isBlocking: this.#isBlocking });
  }

  #lockedFiles<Result>(database: Database, mount: string, action: () => Result): Result {
    return this.#options.cluster.withLock(lockOfFiles(database.name, mount), action, { isLocal: true });
  }

  /** A change, by an operation that has its turn; when it is done, every thread looks again. */
  #change(database: Database, mount: string, action: (around: Surroundings) => void): void {
    const { around } = this.#of(database);
    try {
      this.#turns.within(lockOfMount(database.name, mount), () => this.#inLine(database, mount, () => action(around)));
    } finally {
      this.#options.cluster.announce('services');
    }
    this.#sayState(database, mount);
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

  /** For the other coordinators: what this one has of a service that it has just changed. */
  #sayState(database: Database, mount: string): void {
    if (!this.#options.cluster.isShared) return;
    const definition = findDefinition(database, mount);
    if (definition === undefined) this.#states.unsay(database.name, mount);
    else {
      const isBroken = !definition.options.development && this.get(database, mount).state.is === 'broken';
      this.#states.say(database.name, definition, isBroken ? 'broken' : 'current');
    }
  }

  #definitionOf(database: Database, mount: string): Definition {
    const definition = findDefinition(database, mount);
    if (definition === undefined) throw notFound(mount);
    return definition;
  }

  #withPrepared(mount: string, bundle: Uint8Array, { legacy = false }: InstallOptions, action: (prepared: PreparedService) => void): void {
    withPrepared(this.#folders, mount, bundle, { legacy }, action);
  }

  #supersede(
    database: Database,
    mount: string,
    operation: 'replace' | 'upgrade' | 'rollback',
    options: ReplaceOptions,
    succeed: (old: Definition | undefined) => Successor,
  ): ServiceDescription | Promise<ServiceDescription> {
    if (options.force === true) checkMount(mount);
    const course = { runsSetup: options.setup ?? true, goesOn: options.isAtomic !== true, options, outcome: {} };
    return this.#inTurn(database, mount, () =>
      untilDone((skip) => this.#supersedeNow(database, mount, operation, options, succeed, { ...course, skip })),
    );
  }

  #supersedeNow(
    database: Database,
    mount: string,
    operation: 'replace' | 'upgrade' | 'rollback',
    options: ReplaceOptions,
    succeed: (old: Definition | undefined) => Successor,
    course: Course,
  ): ServiceDescription {
    this.#change(database, mount, (around) => {
      const old = findDefinition(database, mount);
      if (old === undefined && options.force !== true) throw notFound(mount);
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

  #describeOutcome(database: Database, mount: string, { outcome: { activated } }: Course): ServiceDescription {
    return { ...this.describe(database, mount), ...(activated === undefined ? {} : { activation: activated }) };
  }

  /** Runs setup, `main` and, if wanted, tests from where the files were unpacked; an error ends the operation, or is only logged if it goes on. */
  #tryOut(around: Surroundings, mount: string, { manifest, folder }: PreparedService, stored: ServiceOptions, course: Course): void {
    const { runsSetup, goesOn, skip, options, outcome } = course;
    const source = sourceOf({ ...around, mount, folder, manifest, ...stored });
    const name = (error: unknown): unknown =>
      options.isAtomic === true ? new ActivationError(mount, [failureOf(around.cluster.id, error)], { cause: error }) : error;
    if (runsSetup && !skip.has('setup')) attempt(goesOn, mount, 'setup', () => runNamedScript(source, 'setup', []), name);
    const missing = missingNames(manifest, stored.configuration, stored.dependencies);
    if (missing.length === 0 && !skip.has('main')) attempt(goesOn, mount, 'main', () => loadOnce(source), name);
    if (options.isTested !== true || skip.has('tests')) return;
    if (missing.length > 0) throw needsConfiguration(mount, missing);
    attempt(false, mount, 'tests', () => runGate(source, this.#gateOptions(around), (report) => (outcome.tests = report)));
  }

  #gateOptions({ database }: Surroundings): GateOptions {
    const { databases, host } = this.#options;
    return {
      callerOf: ({ headers }) =>
        host.isAuthenticationOn === true ? databases.authenticate(headers['authorization']) : { user: undefined },
      mountAbove: (path) => this.above(database, path)?.[0],
    };
  }

  /** Loads a version that another coordinator proposes. A promise when `main` awaits something. */
  #tryLoad(database: Database, mount: string, folder: string, stored: ServiceOptions): void | Promise<void> {
    const { around } = this.#of(database);
    const manifest = readManifest(folder, mount, { isNoisy: false });
    checkFiles(folder, manifest);
    if (missingNames(manifest, stored.configuration, stored.dependencies).length > 0) return undefined;
    return loadOnce(sourceOf({ ...around, mount, folder, manifest, ...stored }));
  }

  /** The database first, in one transaction; the disk follows, and is healed if it does not get that far. */
  #store(
    { database }: Surroundings,
    mount: string,
    { bundle, manifest }: PreparedService,
    options: ServiceOptions,
    change: Pick<Change, 'operation' | 'restores'>,
    { options: { isAtomic = false, by }, outcome }: Course,
  ): void {
    const before = findDefinition(database, mount);
    if (isAtomic) {
      const coordinators = this.#activations.lead(database, mount, { bundle, options }, (old, checksum) =>
        writeDefinition(database, nextDefinition(mount, old, { checksum, options, manifest }, this.#changeOf({ ...change, by }))),
      );
      outcome.activated = { coordinators, ...(outcome.tests === undefined ? {} : { tests: outcome.tests }) };
    } else {
      const stored = this.#write(database, mount, { bundle, options, manifest }, { ...change, by });
      this.#lockedFiles(database, mount, () => placeFiles(this.#folders, database.name, mount, stored.bundle));
    }
    this.#forget(database, before, mount);
  }

  #changeOf(change: Omit<Change, 'kept'>): Change {
    return { ...change, kept: this.#options.keptVersions };
  }

  /** One after the other: two services may have the same bundle, which is stored once. */
  #write(
    database: Database,
    mount: string,
    version: Omit<NewVersion, 'checksum'> & { readonly bundle: Uint8Array },
    change: Omit<Change, 'kept'>,
  ): ReturnType<typeof writeVersion> {
    return this.#options.cluster.withLock(`store ${database.name}`, () =>
      writeVersion(database, mount, version, this.#changeOf(change), () => this.#checkTurn(database, mount)),
    );
  }

  #writeSettings(database: Database, definition: Definition): void {
    changeStore(database, () => {
      this.#checkTurn(database, definition.mount);
      writeDefinition(database, definition);
    });
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

  /** Removes the bundles of versions that are not kept any longer. That of the last version stays: it may still be answering. */
  #forget(database: Database, before: Definition | undefined, mount: string): void {
    const kept = new Set(findDefinition(database, mount)?.former.map(({ id }) => id));
    const isForgotten = before?.former.some(({ id }) => !kept.has(id)) === true;
    if (isForgotten) removeUnusedBundles(database, () => this.#neededBundles(before));
  }

  #neededBundles(last: Definition | undefined): readonly string[] {
    const proposed = this.#activations.proposedChecksums();
    return last?.checksum === undefined ? proposed : [...proposed, last.checksum];
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

  #setOptions<Key extends 'configuration' | 'dependencies'>(
    database: Database,
    mount: string,
    key: Key,
    change: (manifest: Manifest, options: ServiceOptions) => Changed<ServiceOptions[Key]>,
  ): Warnings | Promise<Warnings> {
    return this.#inTurn(database, mount, () => this.#setOptionsNow(database, mount, key, change));
  }

  #setOptionsNow<Key extends 'configuration' | 'dependencies'>(
    database: Database,
    mount: string,
    key: Key,
    change: (manifest: Manifest, options: ServiceOptions) => Changed<ServiceOptions[Key]>,
  ): Warnings {
    const { around } = this.#of(database);
    let warnings: Warnings = {};
    this.#change(database, mount, () => {
      const definition = this.#definitionOf(database, mount);
      const changed = change(new ServiceInstance(definition, around).readManifest(), definition.options);
      ({ warnings } = changed);
      this.#writeSettings(database, { ...definition, options: { ...definition.options, [key]: changed.raw } });
    });
    return warnings;
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

/** Runs a step; its error goes to the log if the operation goes on without it. Throws `Pending` when the step is asynchronous. */
function attempt(goesOn: boolean, mount: string, step: string, action: () => unknown, name = (error: unknown) => error): void {
  const fail = (error: unknown): void => {
    if (!goesOn) throw name(error);
    log.warning(
      'general',
      `The ${step} of the service at "${mount}" failed: ${isArangoError(error) ? error.message : describeError(error)}`,
      error,
    );
  };
  let result;
  try {
    result = action();
  } catch (error) {
    return fail(error);
  }
  if (result instanceof Promise) throw new Pending(step, result.catch(fail));
}

/** Loads a service to see that it can be loaded. A promise when `main` awaits something. */
function loadOnce(source: ServiceSource): void | Promise<void> {
  const service = loadService(source);
  if (service.ready === undefined) return service.close();
  return service.ready.finally(() => service.close());
}

function notFound(mount: string): ArangoError {
  return new ArangoError('ERROR_SERVICE_NOT_FOUND', { message: `service not found\nMount: ${mount}` });
}

function named({ name, version }: Manifest): { readonly name?: string; readonly version?: string } {
  return { ...(name === undefined ? {} : { name }), ...(version === undefined ? {} : { version }) };
}

function mapEntries<Item>(map: Readonly<Record<string, Item>>, change: (item: Item, name: string) => Value): ValueObject {
  return Object.fromEntries(Object.entries(map).map(([name, item]) => [name, change(item, name)]));
}
