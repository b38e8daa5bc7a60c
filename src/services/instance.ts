/**
 * One mounted service as this thread sees it: found in the database, loaded when it is first needed, kept until its definition
 * changes. In development mode it is loaded anew on each access, or when a file has changed.
 */
import { existsSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import {
  ArangoError,
  describeError,
  isArangoError,
  log,
  type HttpAnswer,
  type ServiceMetrics,
  tighterLimit,
  withRunLimits,
  type RunLimits,
} from '#base';
import type { Cluster } from '#cluster';
import type { Database } from '#database';
import {
  loadService,
  runScript,
  runStoredFunction,
  runTests,
  unavailable,
  unknownPath,
  type LoadedService,
  type Manifest,
  type ServiceHost,
  type ServiceRequest,
  type ServiceSource,
  type TestOptions,
} from '#modules';
import type { ValueObject } from '#values';
import { checksumOf, findFile, fingerprintOf, openBundle } from './bundle.ts';
import { missingNames, parseConfiguration } from './configuration.ts';
import { lockOfFiles, type ServiceFolders } from './folders.ts';
import { healService } from './heal.ts';
import { isLegacy, readManifest } from './manifest.ts';
import { Measure } from './measure.ts';
import { checkFiles } from './prepare.ts';
import { findBundle, getDefinition, type Definition, type DevelopmentReload } from './store.ts';
import type { Turns } from './turns.ts';

export type InstanceState =
  | { readonly is: 'not loaded' }
  | { readonly is: 'loaded'; readonly manifest: Manifest; readonly service: LoadedService }
  | { readonly is: 'unconfigured'; readonly manifest: Manifest; readonly missing: readonly string[] }
  | { readonly is: 'broken'; readonly error: Error };

interface Files {
  readonly manifest: Manifest;
  /** Of their folder. */
  readonly inode: number | undefined;
}

/** What all services of a database have around them in this thread. */
export interface Surroundings {
  readonly database: Database;
  readonly folders: ServiceFolders;
  readonly cluster: Cluster;
  readonly host: ServiceHost;
  readonly developmentReload: DevelopmentReload;
  /** At a mount in development mode: one thread of this process at a time reads its files and runs its setup. */
  readonly reloads: Turns;
  /** Left out, nothing is counted. */
  readonly metrics?: ServiceMetrics;
}

export class ServiceInstance {
  #definition: Definition;
  readonly #around: Surroundings;
  readonly #measure: Measure | undefined;
  #state: InstanceState = { is: 'not loaded' };
  #isClosed = false;
  /** Of the files that the current state was made of, in development mode. */
  #fingerprint = 0n;
  /** Requests that this thread is answering with this service right now: its requests to itself are among them. */
  #depth = 0;
  /** An asynchronous setup in development mode, and the state that follows it. */
  #settingUp: Promise<InstanceState> | undefined;
  #described: { readonly file: string; readonly manifest: Manifest } | undefined;
  #bundle: WeakRef<ReturnType<typeof openBundle>> | undefined;

  constructor(definition: Definition, around: Surroundings) {
    this.#definition = definition;
    this.#around = around;
    const { metrics, database } = around;
    if (metrics !== undefined) this.#measure = new Measure(metrics, database.name, definition.mount);
  }

  get definition(): Definition {
    return this.#definition;
  }

  get folder(): string {
    return this.#around.folders.live(this.#around.database.name, this.definition.mount);
  }

  get isDevelopment(): boolean {
    return this.definition.options.development;
  }

  get #reloads(): DevelopmentReload {
    return this.definition.options.developmentReload ?? this.#around.developmentReload;
  }

  /** The state without an access: nothing is re-loaded, but what was never loaded is. */
  get state(): InstanceState {
    if (this.#state.is === 'not loaded') {
      this.#state = this.#load();
      // While a request that began before its end has it loaded: nobody would close it any more.
      if (this.#isClosed) queueMicrotask(() => close(this.#state));
    }
    return this.#state;
  }

  /** How it is as far as this thread knows; nothing is loaded for that. What it needs and does not have is known without. */
  get known(): InstanceState {
    if (this.#state.is !== 'not loaded') return this.#state;
    try {
      const manifest = this.describedManifest();
      const missing = this.#missing(manifest);
      return missing.length > 0 ? { is: 'unconfigured', manifest, missing } : this.#state;
    } catch (error) {
      return { is: 'broken', error: error as Error };
    }
  }

  /** The manifest as it lies there now, for lists of many services. */
  describedManifest(): Manifest {
    try {
      return this.#describeManifest();
    } catch {
      // Another version may be taking the place of this one, or it is really broken.
      return this.#whileInPlace(() => this.#describeManifest());
    }
  }

  /** It is parsed again only when the file is another. */
  #describeManifest(): Manifest {
    const { ino, mtimeMs, size } = statSync(join(this.folder, 'manifest.json'), { throwIfNoEntry: false }) ?? {
      ino: 0,
      mtimeMs: 0,
      size: 0,
    };
    const file = `${ino} ${mtimeMs} ${size}`;
    if (this.#described?.file !== file) {
      this.#described = { file, manifest: readManifest(this.folder, this.definition.mount, { isNoisy: false }) };
    }
    return this.#described.manifest;
  }

  /** Undefined when it cannot be read. */
  findManifest(): Manifest | undefined {
    try {
      return this.describedManifest();
    } catch {
      return undefined; // a broken service, which `known` tells the reason of
    }
  }

  get reload(): DevelopmentReload {
    return this.#reloads;
  }

  /** What the service's `main` exports. Throws 3010 when it lacks configuration, and what broke it when it is broken. */
  get exports(): unknown {
    const { state } = this;
    switch (state.is) {
      case 'loaded':
        return state.service.exports;
      case 'unconfigured':
        throw this.#needsConfiguration(state.missing);
      case 'broken':
        throw state.error;
      case 'not loaded':
        throw new ArangoError('ERROR_SERVICE_NOT_FOUND', this.definition.mount);
    }
  }

  /** Swagger 2.0. Throws as `exports` does. */
  get documentation(): ValueObject {
    void this.exports;
    return this.#state.is === 'loaded' ? this.#state.service.documentation : {};
  }

  /** Whether the answer to a request may come later than the call returns, as far as can be told. Nothing is re-loaded for that. */
  mayAnswerLater(method: string, path: string): boolean {
    const { state } = this;
    return state.is === 'loaded' && state.service.mayAnswerLater(method, path);
  }

  /** What a request would find now: in development mode, the files as they are. */
  access(): InstanceState {
    const state = this.isDevelopment ? this.#access('/') : this.state;
    return state instanceof Promise ? this.state : state;
  }

  /** Answers a request; undefined: the service has no such path. */
  handle(request: ServiceRequest): HttpAnswer | Promise<HttpAnswer> | undefined {
    return this.#measure === undefined ? this.#handle(request) : this.#measure.around(request, () => this.#handle(request));
  }

  #handle(request: ServiceRequest): HttpAnswer | Promise<HttpAnswer> | undefined {
    const state = this.isDevelopment ? this.#access(request.path) : this.state;
    if (state instanceof Promise) return state.then((later) => this.#answer(later, request) ?? unknownPath(request));
    return this.#answer(state, request);
  }

  #answer(state: InstanceState, request: ServiceRequest): HttpAnswer | Promise<HttpAnswer> | undefined {
    if (state.is === 'not loaded') return undefined;
    if (state.is !== 'loaded') return this.#unavailable(state, request);
    this.#depth++;
    try {
      const limits = this.#limitsOf(state.manifest);
      if (limits === undefined) return state.service.handle(request);
      const answer = withRunLimits(limits, () => state.service.handle(request));
      return answer instanceof Promise && limits.timeMs > 0 ? inTime(answer, limits.timeMs) : answer;
    } finally {
      this.#depth--;
    }
  }

  /** Runs a script of the manifest. Throws 3016 for one that is not in it; setup and teardown may be missing. */
  runScript(name: string, argv: readonly unknown[], as?: Database): unknown {
    const setUp = this.isDevelopment && name !== 'setup' ? this.whileUnread<void>(() => this.#setUp()) : undefined;
    return setUp instanceof Promise ? setUp.then(() => this.#runScript(name, argv, as)) : this.#runScript(name, argv, as);
  }

  #runScript(name: string, argv: readonly unknown[], as?: Database): unknown {
    const manifest = this.readManifest();
    if (name !== 'setup' && name !== 'teardown') {
      const missing = this.#missing(manifest);
      if (manifest.scripts[name] !== undefined && missing.length > 0) throw this.#needsConfiguration(missing);
    }
    const source = this.sourceOf(manifest);
    return runNamedScript(as === undefined ? source : { ...source, database: as }, name, argv);
  }

  /** Calls a function that came as text, in the scope of the service's modules. */
  call(text: string, argv: readonly unknown[]): unknown {
    return runStoredFunction(this.sourceOf(this.readManifest()), text, argv);
  }

  /** The reporter's result; a promise only when a test is asynchronous. Throws 3010. */
  runTests(options: TestOptions): unknown {
    const manifest = this.readManifest();
    const missing = this.#missing(manifest);
    if (missing.length > 0) throw this.#needsConfiguration(missing);
    return runTests(this.sourceOf(manifest), options);
  }

  /** The manifest from the live folder, checked now. */
  readManifest(): Manifest {
    return this.#readFiles().manifest;
  }

  /** The manifest, and what tells whether other files have taken the place of those that it belongs to. */
  #readFiles(): Files {
    return this.#whileInPlace(() => {
      // A folder that is being worked on is taken as it is.
      if (!this.isDevelopment || !existsSync(this.folder)) this.#ensureFiles();
      return {
        manifest: readManifest(this.folder, this.definition.mount, { isNoisy: false }),
        inode: inode(this.folder),
      };
    });
  }

  /** While no other thread of this process touches the files. */
  #whileInPlace<Result>(look: () => Result): Result {
    const { cluster, database } = this.#around;
    return cluster.withLock(lockOfFiles(database.name, this.definition.mount), look, { isLocal: true });
  }

  sourceOf(manifest: Manifest): ServiceSource {
    const { mount, options } = this.definition;
    const { folder } = this;
    const source = sourceOf({ ...this.#around, mount, folder, manifest, ...options });
    if (this.isDevelopment) return source;
    return { ...source, readStored: (path) => this.#readStored(path), whileInPlace: (look) => this.#whileInPlace(look) };
  }

  /** In production the bundle counts, whatever has become of the files since. It is opened when a module is loaded, and let go again. */
  #readStored(path: string): string | undefined {
    let read = this.#bundle?.deref();
    if (read === undefined) {
      read = openBundle(this.readBundle());
      this.#bundle = new WeakRef(read);
    }
    const bytes = read(relative(this.folder, path).split(sep).join('/'));
    return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
  }

  /**
   * The bundle of this version, from this disk or, when another version has taken its place there while this one still answers, from the database:
   * never a mixture of both. Throws 3002 when neither has it.
   */
  readBundle(): Uint8Array {
    const { database, folders } = this.#around;
    const { mount, checksum } = this.definition;
    const bundle = findFile(folders.bundle(database.name, mount));
    if (bundle !== undefined && (checksum === undefined || checksumOf(bundle) === checksum)) return bundle;
    const stored = checksum === undefined ? undefined : findBundle(database, checksum);
    const found = stored ?? bundle;
    if (found === undefined) throw this.#filesMissing();
    return found;
  }

  /** Another instance has taken its place, or the service is gone. */
  close(): void {
    this.#isClosed = true;
    close(this.#state);
  }

  /** An access in development mode. One thread at a time reloads; static files and requests to itself use what is loaded, and run no setup. */
  #access(path: string): InstanceState | Promise<InstanceState> {
    if (this.#settingUp !== undefined) return this.#settingUp;
    const isForFile = isStaticFile(this.#state.is === 'loaded' ? this.#state.manifest : this.findManifest(), path);
    if (this.#state.is === 'loaded' && (this.#depth > 0 || isForFile)) return this.#state;
    if (this.#reloads === 'changed' && this.#state.is === 'loaded' && this.#fingerprint === fingerprintOf(this.folder)) return this.#state;
    if (this.#depth > 0) return this.state;
    this.#depth++;
    try {
      const next = this.whileUnread<InstanceState>(() => (isForFile ? this.#loadOrReload() : this.#reload()));
      if (!(next instanceof Promise)) return this.#take(next);
      this.#settingUp = next.then((state) => {
        this.#settingUp = undefined;
        return this.#take(state);
      });
      return this.#settingUp;
    } finally {
      this.#depth--;
    }
  }

  #take(state: InstanceState): InstanceState {
    close(this.#state);
    this.#state = state;
    return state;
  }

  /** Runs a change of the service's files that no thread may see by halves, or reads them. A promise when it has to wait for long. */
  whileUnread<Result>(change: () => Result | Promise<Result>): Result | Promise<Result> {
    const { reloads, database } = this.#around;
    return reloads.take(`reload ${database.name} ${this.definition.mount}`, change);
  }

  /** For a thread that has not loaded it yet. Setup has run when it was installed; it runs again only if nothing can be loaded without. */
  #loadOrReload(): InstanceState | Promise<InstanceState> {
    const state = this.#load();
    return state.is === 'broken' ? this.#reload() : state;
  }

  /** A promise when setup is asynchronous; the turn lasts as long as that. */
  #reload(): InstanceState | Promise<InstanceState> {
    const fail = (error: unknown): InstanceState => this.#breakDown(error);
    try {
      const setUp = this.#setUp();
      if (setUp instanceof Promise) return setUp.then(() => this.#load(), fail);
    } catch (error) {
      return fail(error);
    }
    return this.#load();
  }

  /** Runs setup as the reload policy wants it: on each access, or once for each change of the files. */
  #setUp(): Promise<void> | void {
    const { cluster, database } = this.#around;
    const { mount } = this.definition;
    const note = `set up ${database.name} ${mount}`;
    this.#fingerprint = fingerprintOf(this.folder);
    if (this.#reloads === 'changed' && cluster.note(note) === this.#fingerprint) return;
    const manifest = this.readManifest();
    const done = runNamedScript(this.sourceOf(manifest), 'setup', []);
    cluster.setNote(note, this.#fingerprint);
    if (done instanceof Promise) return done.then(() => undefined);
  }

  #load(): InstanceState {
    for (;;) {
      let state: InstanceState;
      let before: number | undefined;
      try {
        const files = this.#readFiles();
        const { manifest } = files;
        before = files.inode;
        // In production they were checked before they were stored, and what is stored counts.
        if (this.isDevelopment) checkFiles(this.folder, manifest);
        const missing = this.#missing(manifest);
        if (missing.length > 0) state = { is: 'unconfigured', manifest, missing };
        else state = { is: 'loaded', manifest, service: loadService(this.sourceOf(manifest)) };
      } catch (error) {
        state = this.#breakDown(error);
      }
      // Another thread may have put a new version into the folder's place meanwhile: never a mixture of both.
      if (inode(this.folder) === before || before === undefined) return state;
      close(state);
    }
  }

  /** In production clients learn nothing of what broke a service: whoever runs it finds that here. */
  #breakDown(error: unknown): InstanceState {
    const { mount } = this.definition;
    log.error('general', `Service "${mount}" of database "${this.#around.database.name}" could not be loaded`, describeError(error));
    return { is: 'broken', error: toError(error) };
  }

  /**
   * Throws 3002 or 3003 when the files are not those of the definition and cannot be had, and 3009 when the service is gone.
   *
   * The definition may be another one by now, which this thread learns of in a moment. The disk never goes back for it; a service of which
   * nothing is loaded yet is the new one from here on. With the lock of the files held.
   */
  #ensureFiles(): void {
    const { database, folders } = this.#around;
    const { mount } = this.definition;
    const current = getDefinition(database, mount);
    if (this.#state.is === 'not loaded' && current.identity !== this.#definition.identity) {
      this.#definition = current;
      this.#bundle = undefined;
    }
    const found = healService(database, folders, current);
    if (found === 'current') return;
    if (found === 'missing') throw this.#filesMissing();
    throw new ArangoError('ERROR_SERVICE_FILES_OUTDATED', { message: `service files outdated\n${this.#nameFiles()}` });
  }

  #filesMissing(): ArangoError {
    return new ArangoError('ERROR_SERVICE_FILES_MISSING', { message: `service files missing\n${this.#nameFiles()}` });
  }

  #nameFiles(): string {
    const { database, folders } = this.#around;
    const { mount } = this.definition;
    return `Mount: ${mount}\nFile: ${folders.bundle(database.name, mount)}`;
  }

  #missing(manifest: Manifest): readonly string[] {
    return missingNames(manifest, this.definition.options.configuration, this.definition.options.dependencies);
  }

  #needsConfiguration(missing: readonly string[]): ArangoError {
    return needsConfiguration(this.definition.mount, missing);
  }

  /** Undefined when there are none. A manifest may say less than the options, not more. */
  #limitsOf({ limits }: Manifest): RunLimits | undefined {
    const most = this.#around.host.limits;
    if (limits === undefined && (most === undefined || (most.timeMs === 0 && most.memoryMb === 0))) return undefined;
    return {
      timeMs: tighterLimit(most?.timeMs ?? 0, (limits?.time ?? 0) * 1000),
      memoryMb: tighterLimit(most?.memoryMb ?? 0, limits?.memory ?? 0),
    };
  }

  #unavailable(state: Exclude<InstanceState, { is: 'loaded' }>, request: ServiceRequest): HttpAnswer {
    const { mount } = this.definition;
    const error = state.is === 'broken' ? state.error : this.#needsConfiguration(state.is === 'unconfigured' ? state.missing : []);
    return unavailable(request, {
      mount,
      error,
      isConfigured: state.is !== 'unconfigured',
      isDevelopment: this.isDevelopment,
      basePath: this.folder,
    });
  }
}

export interface SourceParts extends Pick<Surroundings, 'database' | 'host'> {
  readonly mount: string;
  readonly folder: string;
  readonly manifest: Manifest;
  readonly development: boolean;
  readonly configuration: Definition['options']['configuration'];
  readonly dependencies: Definition['options']['dependencies'];
}

export function sourceOf({
  database,
  host,
  mount,
  folder,
  manifest,
  development,
  configuration,
  dependencies,
}: SourceParts): ServiceSource {
  return {
    database,
    host,
    mount,
    basePath: folder,
    manifest,
    configuration: parseConfiguration(manifest, configuration),
    dependencies,
    isDevelopment: development,
    isLegacy: isLegacy(manifest),
  };
}

export function needsConfiguration(mount: string, missing: readonly string[]): ArangoError {
  const names = missing.map((name) => `"${name}"`).join(', ');
  return new ArangoError('ERROR_SERVICE_NEEDS_CONFIGURATION', {
    message: `service needs configuration\nMount: ${mount}\nDetails: no value for ${names}`,
  });
}

/** Setup and teardown may be missing, silently; any other name that the manifest does not have is error 3016. */
export function runNamedScript(source: ServiceSource, name: string, argv: readonly unknown[]): unknown {
  const path = source.manifest.scripts[name];
  if (path !== undefined) return runScript(source, path, argv);
  if (name === 'setup' || name === 'teardown') return undefined;
  throw new ArangoError('ERROR_SERVICE_UNKNOWN_SCRIPT', { message: `unknown script\nName: ${name}` });
}

/** For an answer that keeps no thread busy and does not come. */
async function inTime(answer: Promise<HttpAnswer>, timeMs: number): Promise<HttpAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new ArangoError('ERROR_REQUEST_CANCELED', `it took longer than ${timeMs / 1000} s`);
      error.code = 504;
      reject(error);
    }, timeMs);
  });
  void answer.catch(() => undefined); // whoever asked has been answered by then
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

function close(state: InstanceState): void {
  if (state.is === 'loaded') state.service.close();
}

/** Another one when another folder has taken the place. */
function inode(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.ino;
}

/** Is this a path of the manifest's `files`, or the redirect to the default document? */
function isStaticFile(manifest: Manifest | undefined, path: string): boolean {
  if (manifest === undefined) return false;
  const { files, defaultDocument } = manifest;
  if (path === '/' && defaultDocument) return true;
  return Object.keys(files ?? {}).some((key) => {
    const prefix = key.startsWith('/') ? key : `/${key}`;
    return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);
  });
}

function toError(thrown: unknown): Error {
  if (thrown instanceof Error || isArangoError(thrown)) return thrown;
  return new Error(String(thrown), { cause: thrown });
}
