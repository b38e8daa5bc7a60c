/**
 * The modules of one service: CommonJS with Foxx's rules, a cache of its own, and `module.context` in every file, those below
 * `node_modules` too.
 *
 * In this order a `require` means: an `org/arangodb/…` alias, a module of the server or of Node, a file of the service, a package in
 * the service's own `node_modules`, a package that is bundled with foxden.
 */
import { dirname } from 'node:path';
import { createRequire } from 'node:module';
import { compileModule, compileText, parseJson, type Scope } from './compile.ts';
import { isModuleError, missingFile, moduleFailure, moduleNotFound } from './module-error.ts';
import { findModule, isPath, moduleFolders, Resolver } from './resolve.ts';

/** A module as its code sees it, in the shape that Node's has. */
export interface ServiceModule {
  readonly id: string;
  readonly filename: string;
  readonly parent: ServiceModule | undefined;
  readonly children: ServiceModule[];
  readonly paths: readonly string[];
  readonly require: ServiceRequire;
  exports: unknown;
  loaded: boolean;
  context: unknown;
}

export interface ServiceRequire {
  (request: string): unknown;
  resolve(request: string): string;
  readonly cache: Record<string, ServiceModule | undefined>;
  readonly main: ServiceModule | undefined;
}

export interface LoaderOptions {
  /** The service's folder: `node_modules` above it are not looked into. */
  readonly root: string;
  readonly scope: Scope;
  /** Becomes `module.context`. */
  readonly context: unknown;
  /** A file's text where it is not what lies on the disk that counts; undefined: the file. */
  readonly readStored?: ((path: string) => string | undefined) | undefined;
  /** Modules of the server and of Node; undefined for a name that has none. */
  readonly findBuiltin: (name: string) => { readonly exports: unknown } | undefined;
  /** npm packages that come with foxden. */
  readonly findBundled: (name: string) => { readonly exports: unknown } | undefined;
}

const nodeRequire = createRequire(import.meta.url);

export class ModuleLoader {
  readonly #options: LoaderOptions;
  readonly #resolver: Resolver;
  readonly #cache: Record<string, ServiceModule | undefined> = Object.create(null) as Record<string, undefined>;
  #main: ServiceModule | undefined;

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.#resolver = new Resolver(options.root);
  }

  /** Runs a file as the entry of the service, a script or a test. Throws 3100, 3101, 3103. */
  run(path: string): ServiceModule {
    const found = findModule(path);
    if (found === undefined) throw missingFile(path);
    return this.#load(found, undefined);
  }

  /** What a function stands for that was stored as its source: no closure, but the scope of the service's modules and its `require`. */
  evaluate(text: string, name: string): unknown {
    const module = this.#createModule(`${this.#options.root}/${name}`, undefined);
    const run = compileText(`module.exports = (${text}\n);`, name, this.#options.scope);
    run.call(module.exports, module.exports, module.require, module, module.filename, this.#options.root);
    return module.exports;
  }

  /** A `require` as code in the service's folder has it. */
  get require(): ServiceRequire {
    return this.#createModule(`${this.#options.root}/.foxx`, undefined).require;
  }

  #require(request: string, module: ServiceModule): unknown {
    if (typeof request !== 'string' || request === '') {
      throw new TypeError(`require() wants the name of a module, and got ${request === '' ? 'an empty string' : typeof request}`);
    }
    const name = request.startsWith('org/arangodb') ? `@arangodb${request.slice('org/arangodb'.length)}` : request;
    if (!isPath(name)) {
      const builtin = this.#options.findBuiltin(name);
      if (builtin !== undefined) return builtin.exports;
    }
    const path = this.#resolver.resolve(name, module.filename);
    if (path !== undefined) return (this.#cache[path] ?? this.#load(path, module)).exports;
    if (!isPath(name)) {
      const bundled = this.#options.findBundled(name);
      if (bundled !== undefined) return bundled.exports;
    }
    throw moduleNotFound(request, module.filename, this.#resolver.candidates(request, module.filename));
  }

  #resolve(request: string, module: ServiceModule): string {
    const path = this.#resolver.resolve(request, module.filename);
    if (path !== undefined) return path;
    const isProvided = this.#options.findBuiltin(request) !== undefined || this.#options.findBundled(request) !== undefined;
    if (isProvided) return request;
    throw moduleNotFound(request, module.filename, this.#resolver.candidates(request, module.filename));
  }

  #load(path: string, parent: ServiceModule | undefined): ServiceModule {
    const module = this.#createModule(path, parent);
    this.#main ??= module;
    parent?.children.push(module);
    this.#cache[path] = module;
    try {
      this.#execute(module);
    } catch (error) {
      delete this.#cache[path];
      throw isModuleError(error) ? error : moduleFailure(path, error);
    }
    module.loaded = true;
    return module;
  }

  #execute(module: ServiceModule): void {
    const path = module.filename;
    const stored = path.endsWith('.node') ? undefined : this.#options.readStored?.(path);
    if (path.endsWith('.json')) {
      module.exports = parseJson(path, stored);
    } else if (path.endsWith('.node')) {
      module.exports = nodeRequire(path);
    } else {
      const run = compileModule(path, this.#options.scope, stored);
      run.call(module.exports, module.exports, module.require, module, path, dirname(path));
    }
  }

  #createModule(path: string, parent: ServiceModule | undefined): ServiceModule {
    const { context, root } = this.#options;
    const require = Object.assign((request: string): unknown => this.#require(request, module), {
      resolve: (request: string): string => this.#resolve(request, module),
      cache: this.#cache,
      main: this.#main,
    });
    const module: ServiceModule = {
      id: path,
      filename: path,
      parent,
      children: [],
      exports: {},
      loaded: false,
      context,
      require,
      get paths() {
        return moduleFolders(path, root);
      },
    };
    require.main ??= module;
    return module;
  }
}
