/**
 * Everything that can be done with services: the door behind `/_api/foxx`, and the way of a request to the service it is for.
 *
 * Each thread has one `Services`; they agree through the database and the cluster's versions and locks. What changes services stands in rooms of
 * its own: `lifecycle`, `developmentMode`, `settings` and `distribution`.
 */
import { log, type HttpAnswer } from '#base';
import type { Database } from '#database';
import { runStoredFunction, toOpenApi, unknownPath, type Manifest, type ServiceRequest, type TestOptions } from '#modules';
import type { ValueObject } from '#values';
import { Activations } from './activation.ts';
import { packFolder } from './bundle.ts';
import { readableName } from './configuration.ts';
import { describe, describeState, summarize, type ServiceDescription, type ServiceState, type ServiceSummary } from './descriptions.ts';
import { DevelopmentMode } from './development-mode.ts';
import { Distribution } from './distribution.ts';
import { ServiceFolders } from './folders.ts';
import type { GateOptions } from './gate.ts';
import { sourceOf, type ServiceInstance } from './instance.ts';
import { Lifecycle } from './lifecycle.ts';
import { isSystemMount, mountName } from './mount.ts';
import { MountChanges } from './mount-changes.ts';
import { findReadme } from './prepare.ts';
import { Settings } from './settings.ts';
import { ServiceStates } from './states.ts';
import { ThreadServices, type ThreadServicesOptions } from './thread-services.ts';
import { tryLoad } from './try-out.ts';

export interface ServicesOptions extends Omit<ThreadServicesOptions, 'folders'> {
  /** The value of `javascript.app-path`. */
  readonly appPath: string;
  /** How many former versions of a service are kept. */
  readonly keptVersions: number;
  /** How long a request waits for an atomic activation. */
  readonly activationWaitMs: number;
}

/** Beyond so many services none is loaded only because somebody looks at the list. */
const LOADED_TO_BE_SEEN = 100;

export class Services {
  readonly lifecycle: Lifecycle;
  readonly developmentMode: DevelopmentMode;
  readonly settings: Settings;
  readonly distribution: Distribution;
  readonly #options: ServicesOptions;
  readonly #folders: ServiceFolders;
  readonly #services: ThreadServices;
  readonly #activations: Activations;
  readonly #changes: MountChanges;
  /** Whoever asks now waits with the thread, and has no use for a promise. */
  #isBlocking = false;

  constructor(options: ServicesOptions) {
    const { cluster, databases, activationWaitMs: waitMs, keptVersions } = options;
    const folders = new ServiceFolders(options.appPath);
    const services = new ThreadServices({ ...options, folders });
    const states = new ServiceStates(cluster);
    const activations = new Activations({
      cluster,
      folders,
      waitMs,
      findDatabase: (name) => databases.find(name),
      tryLoad: (...version) => tryLoad(services, ...version),
    });
    const changes = new MountChanges({ cluster, services, states, keptVersions, isBlocking: () => this.#isBlocking });
    const parts = { cluster, folders, services, states, changes, activations, keptVersions };
    this.#options = options;
    this.#folders = folders;
    this.#services = services;
    this.#activations = activations;
    this.#changes = changes;
    this.lifecycle = new Lifecycle({ ...parts, gateOf: (database) => this.#gateOf(database) });
    this.developmentMode = new DevelopmentMode(parts);
    this.settings = new Settings(services, changes);
    this.distribution = new Distribution(parts);
  }

  /** The service that a path of a database belongs to. */
  above(database: Database, path: string): readonly [mount: string, service: ServiceInstance] | undefined {
    return this.#services.of(database).above(path);
  }

  /** Answers a request to a service; undefined: nothing is mounted there, or the service has no such path. */
  handle(database: Database, path: string, request: Omit<ServiceRequest, 'path'>): HttpAnswer | Promise<HttpAnswer> | undefined {
    const services = this.#services.of(database);
    const target = services.target(path) ?? (this.#activations.isProposed(database.name, path) ? services.targetNow(path) : undefined);
    if (target === undefined) return undefined;
    const { mount, service, closing } = target;
    if (closing !== undefined) return this.#handleLater(database, mount, path, request);
    const { http, query, user, isAuthorized } = request;
    return service.handle({ http, query, user, isAuthorized, path: path.slice(mount.length) || '/' });
  }

  /** Waits until a mount that an activation has closed is open, and answers then. */
  #handleLater(database: Database, mount: string, path: string, request: Omit<ServiceRequest, 'path'>): ReturnType<Services['handle']> {
    const { cluster, activationWaitMs: waitMs } = this.#options;
    const services = this.#services.of(database);
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
    return [...this.#services.of(database).all].flatMap((service) => {
      if (excludeSystem && isSystemMount(service.definition.mount)) return [];
      return summarize(service) ?? [];
    });
  }

  /** Of all services, broken ones too. */
  mounts(database: Database): readonly string[] {
    return this.#services.mounts(database);
  }

  /** Throws 3009. */
  get(database: Database, mount: string): ServiceInstance {
    return this.#services.get(database, mount);
  }

  /** Throws 3009, or what is wrong with the service's manifest. */
  describe(database: Database, mount: string): ServiceDescription {
    return describe(this.get(database, mount));
  }

  /** How services are, broken ones too: all of them, or one. Throws 3009 for one that is not there. */
  states(database: Database, mount?: string): ServiceState[] {
    const all = mount === undefined ? [...this.#services.of(database).all] : [this.get(database, mount)];
    return all.map((service) => describeState(service, { loads: all.length <= LOADED_TO_BE_SEEN }));
  }

  /** Names and titles of the scripts. */
  scripts(database: Database, mount: string): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.keys(this.get(database, mount).readManifest().scripts).map((name) => [name, readableName(name)]));
  }

  /** With the rights of the server, or with those of the user for whom `as` was opened. */
  runScript(database: Database, mount: string, name: string, argv: readonly unknown[], as?: Database): unknown {
    return this.get(database, mount).runScript(name, argv, as);
  }

  /** The same for a job. Its service may be on its way only, as a setup can push jobs for its own service: then it waits for that. */
  runScriptOfJob(...[database, mount, ...call]: Parameters<Services['runScript']>): unknown {
    const run = (): unknown => this.runScript(database, mount, ...call);
    if (this.#services.of(database).at(mount) !== undefined) return run();
    const changed = this.#changes.inTurn(database, mount, () => undefined);
    return changed instanceof Promise ? changed.then(run) : run();
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
    const around = this.#services.around(database);
    const manifest: Manifest = { configuration: {}, dependencies: {}, scripts: {}, tests: [] };
    const place = { mount: '/_admin', folder: this.#folders.database(database.name), manifest };
    const host = this.#services.hostFor(database);
    const source = sourceOf({ ...around, host, database, ...place, development: false, configuration: {}, dependencies: {} });
    return runStoredFunction(source, text, argv);
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
    const bundle = service.isDevelopment ? packFolder(service.folder) : service.readBundle();
    return { name: `${mountName(mount)}.zip`, bundle };
  }

  #gateOf(database: Database): GateOptions {
    const { databases, host } = this.#options;
    return {
      callerOf: ({ headers }) =>
        host.isAuthenticationOn === true ? databases.authenticate(headers['authorization']) : { user: undefined },
      mountAbove: (path) => this.above(database, path)?.[0],
    };
  }
}
