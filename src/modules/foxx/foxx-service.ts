/**
 * A service while it is being loaded and as long as it lives: its router, its body types, its dependencies. Services see it as
 * `module.context.service`.
 */
import type { Database } from '#database';
import type { ServiceConsole } from '../arangodb/console.ts';
import { lookTwice } from '../node/second-look.ts';
import type { Manifest, ServiceHost, ServiceSource } from '../service.ts';
import { createBodyTypes, type BodyType, type BodyTypes, type TypeName } from './body-types.ts';
import { Router, type Handler } from './router.ts';
import { RouteTree, rootStep, type Step } from './tree.ts';

export interface FoxxServiceOptions {
  readonly source: ServiceSource;
  readonly console: ServiceConsole;
  /** By name, as `db._collection` has it. */
  readonly findCollection: (name: string) => unknown;
  readonly createDocumentation: (service: FoxxService, options: unknown) => { readonly router: Router; readonly handler: Handler };
}

export class FoxxService {
  readonly mount: string;
  readonly basePath: string;
  readonly manifest: Manifest;
  readonly isDevelopment: boolean;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, unknown>>;
  readonly console: ServiceConsole;
  readonly router = new Router();
  readonly types: BodyTypes;
  /** Whether bodies may need more than the built-in types. */
  hasOwnTypes = false;
  exports: unknown = undefined;
  /** Stands for the router in the API documentation, where requests are not answered by it. */
  describedRouter: Router | undefined;
  readonly #options: FoxxServiceOptions;
  #tree: RouteTree | undefined;

  constructor(options: FoxxServiceOptions) {
    const { mount, basePath, manifest, isDevelopment, configuration } = options.source;
    this.mount = mount;
    this.basePath = basePath;
    this.manifest = manifest;
    this.isDevelopment = isDevelopment;
    this.configuration = { ...configuration };
    this.dependencies = createDependencies(options.source);
    this.console = options.console;
    this.types = createBodyTypes({ isDevelopment });
    this.#options = options;
  }

  get database(): Database {
    return this.#options.source.database;
  }

  get host(): ServiceHost {
    return this.#options.source.host;
  }

  get collectionPrefix(): string {
    return `${this.mount.slice(1).replaceAll(/[-.:/]/g, '_')}_`;
  }

  /** Reads a file of the service. One that is not there is looked for once more, while no other version can be about to take its place. */
  readFile<Result>(read: () => Result): Result {
    const { whileInPlace } = this.#options.source;
    return whileInPlace === undefined ? read() : lookTwice(read, (found) => found === undefined, whileInPlace);
  }

  /** Routes that are defined after the first request came are not seen. */
  get tree(): RouteTree {
    this.#tree ??= new RouteTree(this.router);
    return this.#tree;
  }

  /** The routes that the API documentation tells of. */
  get describedTree(): RouteTree {
    return this.describedRouter === undefined ? this.tree : new RouteTree(this.describedRouter);
  }

  /** Where reverse routing begins when no request shows the way. */
  get rootSteps(): readonly Step[] {
    return [rootStep(this.router)];
  }

  findCollection(name: string): unknown {
    return this.#options.findCollection(name);
  }

  createDocumentation(options: unknown): { readonly router: Router; readonly handler: Handler } {
    return this.#options.createDocumentation(this, options);
  }

  addType(name: TypeName, handler: BodyType): void {
    this.types.set(name, handler);
    this.hasOwnTypes = true;
  }

  toJSON(): Record<string, unknown> {
    const { mount, manifest, isDevelopment, configuration } = this;
    return { id: mount, mount, manifest, options: { development: isDevelopment, configuration } };
  }

  simpleJSON(): Record<string, unknown> {
    return { name: this.manifest.name, version: this.manifest.version, mount: this.mount };
  }
}

/** The exports of other services, asked for when they are used: services may depend on each other in a circle. */
function createDependencies({ manifest, dependencies, host }: ServiceSource): Readonly<Record<string, unknown>> {
  const found = {};
  for (const [alias, { multiple }] of Object.entries(manifest.dependencies)) {
    Object.defineProperty(found, alias, {
      enumerable: true,
      get: () => {
        const given = dependencies[alias];
        const mounts = typeof given === 'string' ? [given] : (given ?? []);
        if (multiple) return Object.freeze(mounts.map((mount) => host.exportsOf(toMount(mount))));
        return mounts[0] === undefined ? null : host.exportsOf(toMount(mounts[0]));
      },
    });
  }
  return Object.freeze(found);
}

function toMount(path: string): string {
  return `/${path.replaceAll(/^\/+|\/+$/g, '')}`;
}
