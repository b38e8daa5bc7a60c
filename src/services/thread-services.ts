/**
 * The services of all databases as one thread has them, and what it lets them reach of the server.
 */
import { ArangoError, type ServiceMetrics } from '#base';
import type { Cluster } from '#cluster';
import type { Database, Databases } from '#database';
import type { ServiceDirectory, ServiceHost, TaskHost } from '#modules';
import type { ServiceFolders } from './folders.ts';
import type { ServiceInstance, Surroundings } from './instance.ts';
import { DatabaseServices } from './registry.ts';
import { serviceNotFound, type DevelopmentReload } from './store.ts';
import { Turns } from './turns.ts';

export interface ThreadServicesOptions {
  readonly cluster: Cluster;
  readonly folders: ServiceFolders;
  readonly developmentReload: DevelopmentReload;
  readonly databases: Databases;
  /** What a service may reach of the server, besides other services. */
  readonly host: Omit<ServiceHost, 'exportsOf' | 'databases' | 'services' | 'tasks'>;
  /** The tasks of a database; left out, there are none. */
  readonly tasksOf?: (database: string) => TaskHost;
  /** Left out, requests are not counted. */
  readonly metrics?: ServiceMetrics;
}

interface OfDatabase {
  readonly id: string;
  readonly services: DatabaseServices;
  readonly around: Surroundings;
}

export class ThreadServices {
  readonly #options: ThreadServicesOptions;
  readonly #reloads: Turns;
  readonly #databases = new Map<string, OfDatabase>();

  constructor(options: ThreadServicesOptions) {
    this.#options = options;
    this.#reloads = new Turns(options.cluster, { isLocal: true });
  }

  /** The services of a database. They run with the rights of the server, whoever asks. */
  of({ name, id }: Database): DatabaseServices {
    return this.#of(name, id).services;
  }

  /** What services of a database have around them. */
  around({ name, id }: Database): Surroundings {
    return this.#of(name, id).around;
  }

  /** Throws 3009. */
  get(database: Database, mount: string): ServiceInstance {
    const service = this.of(database).at(mount);
    if (service === undefined) throw serviceNotFound(mount);
    return service;
  }

  /** Of all services, broken ones too. */
  mounts(database: Database): readonly string[] {
    return [...this.of(database).all].map(({ definition }) => definition.mount);
  }

  /** To be called when a database was dropped. */
  forget(database: string): void {
    this.#databases.delete(database);
  }

  /** What code reaches that came as text from the user of `database`: not the server's rights in a roundabout way, unless it is an administrator. */
  hostFor(database: Database): ServiceHost {
    const { databases } = this.#options;
    const { host } = this.around(database);
    if (database.user === undefined || databases.databaseLevel(database.user, '_system') === 'rw') return host;
    const { databases: _databases, services: _services, tasks: _tasks, ...others } = host;
    return {
      ...others,
      exportsOf: () => {
        throw new ArangoError('ERROR_FORBIDDEN', 'services are for other services');
      },
    };
  }

  #of(name: string, id: string): OfDatabase {
    const known = this.#databases.get(name);
    if (known?.id === id) return known;
    const { cluster, folders, developmentReload, databases, metrics, tasksOf } = this.#options;
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
      folders,
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
}
