/**
 * All that the code of one service has around it while it is loaded, or while one of its scripts runs: context, console, database,
 * globals and module loader. What `require` gives by name comes from the registry, which whoever opens an environment hands in.
 */
import { clock, DEFAULT_CONFIG, type LogLevel, type ServiceLine } from '#base';
import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import { aql } from './arangodb/aql-tag.ts';
import { createConsole, type ServiceConsole } from './arangodb/console.ts';
import { createDb, type Db } from './arangodb/db.ts';
import { isPrintable, printed } from './arangodb/print.ts';
import { FoxxContext } from './foxx/context.ts';
import { FoxxService } from './foxx/foxx-service.ts';
import { createDocumentationRouter, type DocumentationOptions } from './foxx/documentation.ts';
import { LegacyConsole } from './legacy/console.ts';
import { LegacyContext } from './legacy/context.ts';
import { createSystemService } from './legacy/system-services.ts';
import { findBundled, loadPackage } from './loader/bundled.ts';
import { createGlobals, type ServiceGlobals } from './loader/globals.ts';
import { ModuleLoader } from './loader/loader.ts';
import { isWithin } from './loader/resolve.ts';
import { locateError } from './loader/stack.ts';
import { createProcess, restrictModule } from './node/restricted.ts';
import { withSecondLook } from './node/second-look.ts';
import { createTimers, type ServiceTimers } from './node/timers.ts';
import { policyOf, type ServicePolicy } from './policy.ts';
import type { ServiceSource } from './service.ts';
import { format } from 'node:util';

/** Makes the exports of a module of the server's, for one service; undefined when a service of that kind has no such module. */
export type Registry = (name: string, kind: { readonly isLegacy: boolean }) => ((environment: Environment) => unknown) | undefined;

interface Exports {
  readonly exports: unknown;
}

/** What the options allow as they are when nobody has set them. */
const EVERYTHING = policyOf(DEFAULT_CONFIG);

/** Whether the manifest says that a service is for versions of ArangoDB before this one, and no other. */
function isOlderThan(version: string, { engines }: ServiceSource['manifest']): boolean {
  const range = engines?.['arangodb'];
  if (range === undefined) return false;
  const semver = loadPackage('semver') as { validRange(range: string): string | null; gtr(version: string, range: string): boolean };
  return semver.validRange(range) !== null && semver.gtr(version, range);
}

/** Services of 2.8 know a lodash whose functions have other names and take a `this`. */
function findLegacyBundled(request: string): Exports | undefined {
  return findBundled(request.replace(/^lodash(?=$|\/)/, 'lodash-3'));
}

const nodeRequire = createRequire(import.meta.url);
const nodeModules = new Map<string, Exports>();

export class Environment {
  readonly source: ServiceSource;
  readonly console: ServiceConsole;
  readonly context: FoxxContext;
  readonly service: FoxxService;
  readonly db: Db;
  readonly loader: ModuleLoader;
  readonly policy: ServicePolicy;
  readonly process: NodeJS.Process;
  /** Where the service's modules are, and its `node_modules` at the most. */
  readonly root: string;
  readonly #globals: ServiceGlobals;
  readonly #timers: ServiceTimers;
  readonly #registry: Registry;
  readonly #modules = new Map<string, Exports>();

  constructor(source: ServiceSource, argv: readonly unknown[], registry: Registry) {
    this.source = source;
    this.policy = source.host.policy ?? EVERYTHING;
    this.#registry = registry;
    this.root = source.isLegacy ? join(source.basePath, source.manifest.lib ?? '.') : source.basePath;
    const print = this.print.bind(this);
    const { serviceLog } = source.host;
    const nativeConsole = createConsole(
      source.mount,
      serviceLog && ((level, message) => serviceLog.remember(source.database.name, source.mount, lineOf(level, message, source.basePath))),
    );
    this.db = createDb({
      database: source.database,
      host: source.host,
      print,
      hasLegacyPolygons: isOlderThan('3.10.0', source.manifest),
      evaluate: (text) => this.loader.evaluate(text, 'transaction'),
    });
    this.console = nativeConsole;
    this.service = new FoxxService({
      source,
      console: nativeConsole,
      findCollection: (name) => this.db._collection(name),
      createDocumentation: (service, options) => createDocumentationRouter(service, options as DocumentationOptions),
    });
    const applicationContext = source.isLegacy ? new LegacyContext(this.service, argv, this) : undefined;
    this.context = applicationContext ?? new FoxxContext(this.service, argv);
    const console = source.isLegacy ? new LegacyConsole(nativeConsole, this.db, source.mount) : nativeConsole;
    this.#timers = createTimers({
      run: (action) => this.run(action),
      fail: (error) => nativeConsole.errorStack(error, `Service "${source.mount}" encountered an error in a timer`),
    });
    const { names: timers } = this.#timers;
    this.process = createProcess(this.policy);
    const { process } = this;
    const TRANSACTION: Db['_executeTransaction'] = (definition) => this.db._executeTransaction(definition);
    this.#globals = createGlobals({ console, print, aqlQuery: aql, TRANSACTION }, { ...timers, process });
    const global = this.#globals.object;
    this.loader = new ModuleLoader({
      root: this.root,
      scope: { console, print, aqlQuery: aql, global, globalThis: global, applicationContext, process, ...timers },
      context: this.context,
      readStored: source.readStored,
      whileInPlace: source.whileInPlace,
      findBuiltin: (name) => this.#findBuiltin(name),
      findBundled: source.isLegacy ? findLegacyBundled : findBundled,
      moduleFolders: this.policy.moduleFolders,
    });
  }

  /** What `require` in the service's folder gives. */
  load(name: string): unknown {
    return this.loader.require(name);
  }

  /** What service code sees as its `global`. */
  get global(): Record<string, unknown> {
    return this.#globals.object as Record<string, unknown>;
  }

  /** Runs code of the service, so that its globals are the ones meant. */
  run<Result>(action: () => Result): Result {
    return this.#globals.run(action);
  }

  /** `require('timers')` */
  get timers(): Readonly<Record<string, unknown>> {
    return this.#timers.names;
  }

  /** The code of the service is not wanted any more: its timers do not fire. */
  close(): void {
    this.#timers.end();
  }

  /** What the service at a mount exports; throws 3009. */
  exportsOf(mount: string): unknown {
    return (this.source.isLegacy ? createSystemService(this.db, mount) : undefined) ?? this.source.host.exportsOf(mount);
  }

  /** An environment for other code: another service's, or this one's again. */
  open(source: ServiceSource, argv: readonly unknown[] = []): Environment {
    return new Environment(source, argv, this.#registry);
  }

  /** A line on standard output is a line in the log, for a server. */
  print(...values: readonly unknown[]): void {
    this.console.log(format(...values.map((value) => (isPrintable(value) ? printed(value) : value))));
  }

  #findBuiltin(name: string): Exports | undefined {
    const known = this.#modules.get(name);
    if (known !== undefined) return known;
    const create = this.#registry(name, this.source);
    const made = create === undefined ? findNodeModule(name) : { exports: create(this) };
    if (made === undefined) return undefined;
    const [plainName, { basePath, whileInPlace }] = [name.replace(/^node:/, ''), this.source];
    const exports =
      plainName === 'fs' && whileInPlace !== undefined ? withSecondLook(made.exports as object, basePath, whileInPlace) : made.exports;
    const found = { exports: restrictModule(plainName, exports, this.policy, basePath) };
    this.#modules.set(name, found);
    return found;
  }
}

const DEPTH = 20;

/** A line of a console with the place in the service that wrote it. */
function lineOf(level: LogLevel, message: string, folder: string): Omit<ServiceLine, 'id'> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = DEPTH;
  const found = locateError(new Error('here'), (path) => isWithin(folder, path));
  Error.stackTraceLimit = stackTraceLimit;
  const source = found && { file: found.path.slice(folder.length + 1), line: found.line };
  return { time: clock.now(), level, message, source };
}

const open = new Map<string, Environment>();

/** From now on errors that nobody caught are looked at whether they are this service's. */
export function noteOpen(environment: Environment): void {
  open.set(environment.source.basePath, environment);
}

export function noteClosed(environment: Environment): void {
  const { basePath } = environment.source;
  if (open.get(basePath) === environment) open.delete(basePath);
}

/** Logs an error that nobody caught with the service whose code it comes from; false: that is no service's of this thread. */
export function reportUncaught(error: unknown, what: string): boolean {
  const found = locateError(error, (path) => [...open.keys()].some((folder) => isWithin(folder, path)));
  if (found === undefined) return false;
  for (const [folder, { console, source }] of open) {
    if (isWithin(folder, found.path)) console.errorStack(error, `Service "${source.mount}" encountered an ${what}`);
  }
  return true;
}

function findNodeModule(name: string): Exports | undefined {
  if (!isBuiltin(name)) return undefined;
  let found = nodeModules.get(name);
  if (found === undefined) {
    found = { exports: nodeRequire(name) };
    nodeModules.set(name, found);
  }
  return found;
}
