/**
 * The seam between a service's code and what manages services: `services` decides what runs and when, `modules` runs it.
 */
import type { HttpAnswer, HttpRequest, RunLimits, ServiceLog } from '#base';
import type { ServicePolicy } from './policy.ts';
import type { Database, Databases } from '#database';
import type { Value, ValueObject } from '#values';

/** A validated manifest: defaults filled in, strings made into lists and objects as the manual says. */
export interface Manifest {
  readonly $schema?: string;
  readonly name?: string;
  readonly version?: string;
  readonly description?: string;
  readonly author?: string;
  readonly contributors?: readonly string[];
  readonly keywords?: readonly string[];
  readonly license?: string;
  readonly thumbnail?: string;
  /** foxden's own: what a request may take. */
  readonly limits?: { readonly time?: number; readonly memory?: number };
  readonly engines?: Readonly<Record<string, string>>;
  readonly defaultDocument?: string;
  readonly lib?: string;
  readonly main?: string;
  readonly configuration: Readonly<Record<string, ConfigurationDefinition>>;
  readonly dependencies: Readonly<Record<string, DependencyDefinition>>;
  readonly provides?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, { readonly path: string; readonly gzip?: boolean; readonly type?: string }>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly tests: readonly string[];
  readonly [unknown: string]: unknown;
}

export interface ConfigurationDefinition {
  readonly type: 'string' | 'password' | 'integer' | 'int' | 'number' | 'boolean' | 'bool' | 'json';
  readonly default?: Value;
  readonly description?: string;
  readonly required: boolean;
}

export interface DependencyDefinition {
  readonly name: string;
  readonly version: string;
  readonly description?: string;
  readonly required: boolean;
  readonly multiple: boolean;
}

/** What a service's code may reach of the server around it. */
export interface ServiceHost {
  /** The exports of the service at a mount of the same database; throws 3009, 3010 or what broke it. */
  exportsOf(mount: string): unknown;
  /** Answers a request to this very server, in this thread (`@arangodb/request` with a path, or with the server's own address). */
  request(request: HttpRequest): HttpAnswer;
  /** The addresses at which the server listens (`http://127.0.0.1:8529`). */
  readonly endpoints: readonly string[];
  /** Networks whose `x-forwarded-…` headers are believed (`--web-interface.trusted-proxy`); everybody's when left out. */
  readonly trustedProxies?: readonly string[];
  /** Whether users are asked who they are (`--server.authentication`). */
  readonly isAuthenticationOn?: boolean;
  /** For `db._useDatabase` and its like; without it a service sees its own database only. */
  readonly databases?: Databases;
  /** What a request to a service may take at the most. */
  readonly limits?: RunLimits;
  /** Remembers what services write to their consoles. */
  readonly serviceLog?: ServiceLog;
  /** What services may do; everything when left out. */
  readonly policy?: ServicePolicy;
  /** What `@arangodb/foxx/queues` leaves to the server: jobs themselves are documents in `_jobs`. */
  readonly jobs?: JobHost;
  readonly tasks?: TaskHost;
  /** The services of the database, for `@arangodb/foxx/manager`. */
  readonly services?: ServiceDirectory;
}

export interface JobHost {
  /** A job is due at this time, sooner perhaps than the scheduler would look again. */
  wake(dueAtMs: number): void;
}

/** A task as `/_api/tasks` shows it. */
export interface Task {
  readonly id: string;
  readonly name: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly type: 'timed' | 'periodic';
  /** Seconds, of a periodic task. */
  readonly period?: number;
  /** Seconds until the first run. */
  readonly offset: number;
  readonly command: string;
  readonly database: string;
}

/** What a client or a service says of a new task; it is checked when the task is registered. */
export interface TaskOptions {
  readonly id?: unknown;
  readonly name?: unknown;
  /** Seconds. */
  readonly period?: unknown;
  /** Seconds. */
  readonly offset?: unknown;
  /** The body of a function that has `params`. */
  readonly command?: unknown;
  readonly params?: unknown;
}

/** The tasks of one database. */
export interface TaskHost {
  /** Throws 10 for what cannot be a task, and 1851 when the id is taken. */
  register(options: TaskOptions): Task;
  /** Throws 1852. */
  unregister(id: string): void;
  /** Throws 1852. */
  get(id: string): Task;
  list(): readonly Task[];
}

export interface ServiceDirectory {
  /** The mounts in this database. */
  mounts(): readonly string[];
  /** Throws 3009. */
  source(mount: string): ServiceSource;
  /** Swagger 2.0 of a service; undefined when it cannot be loaded. */
  documentation(mount: string): ValueObject | undefined;
}

export interface ServiceSource {
  readonly database: Database;
  readonly mount: string;
  /** The folder with the service's files. */
  readonly basePath: string;
  readonly manifest: Manifest;
  /** Parsed values, unset ones left out. */
  readonly configuration: ValueObject;
  /** Alias to the mounts given to it. */
  readonly dependencies: Readonly<Record<string, string | readonly string[]>>;
  /**
   * The text of a file below `basePath` as the stored bundle has it; undefined for one that is not in it. Left out in development, where
   * the files themselves are the service.
   */
  readonly readStored?: (path: string) => string | undefined;
  /**
   * Runs what looks at files below `basePath` while no other version can be about to take their place, where there are none for a moment. Left out in
   * development, where no other version comes.
   */
  readonly whileInPlace?: <Result>(look: () => Result) => Result;
  readonly isDevelopment: boolean;
  readonly isLegacy: boolean;
  readonly host: ServiceHost;
}

/** A request on its way into a service. */
export interface ServiceRequest {
  readonly http: HttpRequest;
  /** The decoded path below the mount, with its leading slash (`/` for the mount itself), still percent-encoded. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** The user who proved who they are, if any. */
  readonly user: string | undefined;
  readonly isAuthorized: boolean;
}

/** A service that is loaded in this thread: its modules, its routes, its exports. */
export interface LoadedService {
  readonly exports: unknown;
  /** Swagger 2.0 of all routes; made when asked for. */
  readonly documentation: ValueObject;
  /** As long as `main` awaits something; rejected when it fails. Requests wait for it. */
  readonly ready: Promise<void> | undefined;
  /** A route's handlers may return before they have answered, as far as can be told without running them. */
  mayAnswerLater(method: string, path: string): boolean;
  /** `undefined`: no route has this path, the request falls through to 404 (`unknown path`). */
  handle(request: ServiceRequest): HttpAnswer | Promise<HttpAnswer> | undefined;
  /** Another has taken its place: its timers end, once what it is answering is answered. */
  close(): void;
}

/**
 * Runs a script in a fresh module of its own, with `argv`; its `module.exports` is the result. The service need not be loaded
 * (setup runs before). A promise where the script exports one or awaits at its top level. Throws 3100 and 3103.
 */
export type RunScript = (source: ServiceSource, path: string, argv: readonly unknown[]) => unknown;

/** Runs `main` and builds the routes. Throws 3100, 3101, 3103. */
export type LoadService = (source: ServiceSource) => LoadedService;

/** Parses a file without running it. Throws 3100 and 3101 with the file's path. */
export type CheckModule = (path: string) => void;
