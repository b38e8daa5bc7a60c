/**
 * The modules of one service: CommonJS with Foxx's rules and ES modules beside it, a cache of its own, and `module.context` in every
 * file, those below `node_modules` too.
 *
 * Both kinds may load each other. A module runs when it is asked for, and at once, unless it awaits something at its top level: then
 * it is pending, and so are ES modules that import it.
 *
 * In this order a `require` means: an `org/arangodb/…` alias, a module of the server or of Node, a file of the service, a package in
 * the service's own `node_modules`, a package that is bundled with foxden.
 */
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  compileModule,
  parseJson,
  runText,
  type CompiledModule,
  type DynamicImport,
  type EsmHooks,
  type ImportRequest,
  type ModuleNames,
  type Scope,
} from './compile.ts';
import { isModuleError, missingExport, missingFile, moduleFailure, moduleNotFound, pendingModule } from './module-error.ts';
import { createNamespace, exportAll, isNamespace, namespaceOf } from './namespace.ts';
import { findModule, isEsmPackage, isPath, moduleFolders, Resolver, type WhileInPlace } from './resolve.ts';

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
  /** It awaits something, or what it imports does; fulfilled once it has run. */
  pending: Promise<void> | undefined;
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
  readonly whileInPlace?: WhileInPlace | undefined;
  /** Modules of the server and of Node; undefined for a name that has none. */
  readonly findBuiltin: (name: string) => { readonly exports: unknown } | undefined;
  /** Folders with modules for what is found nowhere else. */
  readonly moduleFolders: readonly string[];
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
    this.#resolver = new Resolver(options.root, options.whileInPlace);
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
    runText(`module.exports = (${text}\n);`, name, this.#options.scope, namesOf(module), this.#dynamicImport(module));
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
    const found = this.#find(request, module, 'require');
    if (isServiceModule(found) && found.pending !== undefined) throw pendingModule(found.filename, module.filename);
    const { exports } = found;
    // As in Node: an ES module may say what CommonJS gets of it.
    return isNamespace(exports) && 'module.exports' in exports ? exports['module.exports'] : exports;
  }

  #find(request: string, module: ServiceModule, kind: 'require' | 'import'): ServiceModule | { readonly exports: unknown } {
    const name = request.startsWith('org/arangodb') ? `@arangodb${request.slice('org/arangodb'.length)}` : request;
    if (!isPath(name)) {
      const builtin = this.#options.findBuiltin(name);
      if (builtin !== undefined) return builtin;
    }
    const path = this.#resolver.resolve(name, module.filename, kind);
    if (path !== undefined) return this.#cache[path] ?? this.#load(path, module);
    if (!isPath(name)) {
      const bundled = this.#options.findBundled(name);
      if (bundled !== undefined) return bundled;
      const further = this.#options.moduleFolders.map((folder) => findModule(join(folder, name))).find((found) => found !== undefined);
      if (further !== undefined) return this.#cache[further] ?? this.#load(further, module);
    }
    throw moduleNotFound(request, module.filename, this.#resolver.candidates(request, module.filename));
  }

  /** What an `import` of `specifier` means, loaded or on its way. */
  #import(specifier: string, module: ServiceModule): { readonly namespace: () => object; readonly pending: Promise<void> | undefined } {
    const request = specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier;
    const found = this.#find(request, module, 'import');
    const followsNode = (): boolean => isEsmPackage(module.filename, this.#options.root);
    return {
      pending: isServiceModule(found) ? found.pending : undefined,
      namespace: () => {
        const { exports } = found;
        return isNamespace(exports) ? exports : namespaceOf(exports, { followsNode: followsNode() });
      },
    };
  }

  #dynamicImport(module: ServiceModule): DynamicImport {
    return async (specifier) => {
      const { pending, namespace } = this.#import(String(specifier), module);
      await pending;
      return namespace();
    };
  }

  #resolve(request: string, module: ServiceModule, kind: 'require' | 'import'): string {
    const path = this.#resolver.resolve(request, module.filename, kind);
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
      throw this.#fail(module, error);
    }
    module.loaded = module.pending === undefined;
    return module;
  }

  #fail({ filename }: ServiceModule, error: unknown): unknown {
    delete this.#cache[filename];
    return isModuleError(error) ? error : moduleFailure(filename, error);
  }

  #execute(module: ServiceModule): void {
    const path = module.filename;
    const stored = path.endsWith('.node') ? undefined : this.#options.readStored?.(path);
    if (path.endsWith('.json')) {
      module.exports = parseJson(path, stored);
    } else if (path.endsWith('.node')) {
      module.exports = nodeRequire(path);
    } else {
      const compiled = compileModule(path, this.#options.scope, stored);
      if (compiled.type === 'CommonJS') compiled.run(namesOf(module), this.#dynamicImport(module));
      else this.#runEsm(module, compiled);
    }
  }

  #runEsm(module: ServiceModule, { start }: Extract<CompiledModule, { type: 'ES module' }>): void {
    const namespace = createNamespace();
    module.exports = namespace;
    const hooks: EsmHooks = {
      request: (specifier, { importedNames } = {}) => ({ specifier, importedNames }),
      meta: this.#metaOf(module),
      exportAll: (source) => exportAll(namespace, source),
      load: this.#dynamicImport(module),
    };
    const later = this.#drive(module, start(namesOf(module), hooks));
    if (later === undefined) return;
    module.pending = this.#finish(module, later);
    void module.pending.catch(() => undefined); // whoever waits for it learns of the error
  }

  async #finish(module: ServiceModule, running: Promise<void>): Promise<void> {
    try {
      await running;
    } catch (error) {
      throw this.#fail(module, error);
    }
    module.pending = undefined;
    module.loaded = true;
  }

  /** Gives a module what it asks for until it has run; undefined when that is so at once. */
  #drive(module: ServiceModule, steps: Steps): Promise<void> | undefined {
    let step = steps.next();
    for (;;) {
      if (step instanceof Promise) return this.#driveOn(module, steps, step);
      if (step.done === true) return undefined;
      const { value } = step;
      const { pending, namespace } = this.#import(value.specifier, module);
      if (pending !== undefined) {
        return this.#driveOn(
          module,
          steps,
          pending.then(() => steps.next(checked(namespace(), value, module))),
        );
      }
      step = steps.next(checked(namespace(), value, module));
    }
  }

  async #driveOn(module: ServiceModule, steps: Steps, next: Promise<Step>): Promise<void> {
    let step = await next;
    while (step.done !== true) {
      const { pending, namespace } = this.#import(step.value.specifier, module);
      await pending;
      step = await steps.next(checked(namespace(), step.value, module));
    }
  }

  #metaOf(module: ServiceModule): object {
    const { filename } = module;
    return {
      __proto__: null,
      url: pathToFileURL(filename).href,
      filename,
      dirname: dirname(filename),
      context: this.#options.context,
      resolve: (specifier: string): string => {
        const found = this.#resolve(specifier.startsWith('file:') ? fileURLToPath(specifier) : specifier, module, 'import');
        return found.startsWith('/') ? pathToFileURL(found).href : found;
      },
    };
  }

  #createModule(path: string, parent: ServiceModule | undefined): ServiceModule {
    const { context, root } = this.#options;
    const require = Object.assign((request: string): unknown => this.#require(request, module), {
      resolve: (request: string): string => this.#resolve(request, module, 'require'),
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
      pending: undefined,
      require,
      get paths() {
        return moduleFolders(path, root);
      },
    };
    require.main ??= module;
    return module;
  }
}

type Step = IteratorResult<ImportRequest, void>;
type Steps = ReturnType<Extract<CompiledModule, { type: 'ES module' }>['start']>;

function isServiceModule(found: ServiceModule | { readonly exports: unknown }): found is ServiceModule {
  return 'filename' in found;
}

function namesOf(module: ServiceModule): ModuleNames {
  const { exports, require, filename } = module;
  return { exports, require, module, filename, dirname: dirname(filename) };
}

/** An ES module that has run must have what is imported from it; one that is still running may yet get it by `export *`. */
function checked(namespace: object, { specifier, importedNames = [] }: ImportRequest, { filename }: ServiceModule): object {
  if (!isNamespace(namespace) || /\.[cm]?tsx?$/.test(filename)) return namespace;
  const missing = importedNames.find((name) => !(name in namespace));
  if (missing !== undefined) throw missingExport(specifier, missing, filename);
  return namespace;
}
