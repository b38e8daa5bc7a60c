/**
 * User functions of AQL as code that can be called: each database has an environment for them, with `require` and `AQL_WARNING` but no
 * service around. What a text compiled to is kept; functions keep no state between calls but what they leave in globals, which ArangoDB
 * forbids too.
 */
import type { CompiledFunction, CompileFunction, Database, WarnQuery } from '#database';
import { Environment } from './environment.ts';
import { registry } from './registry.ts';
import type { ServiceHost, ServiceSource } from './service.ts';

/** Texts that are kept for each database; the oldest go first. */
const KEPT = 500;

type Code = (this: unknown, ...inputs: readonly unknown[]) => unknown;

/** `databaseOf` gives a database as the server itself sees it. */
export function createFunctionCompiler(databaseOf: (name: string) => Database, endpoints: readonly string[]): CompileFunction {
  const scopes = new Map<string, FunctionScope>();
  return (databaseName, name, code) => {
    let scope = scopes.get(databaseName);
    if (scope === undefined) {
      scope = new FunctionScope(databaseOf(databaseName), endpoints);
      scopes.set(databaseName, scope);
    }
    return scope.compile(name, code);
  };
}

class FunctionScope {
  readonly #environment: Environment;
  readonly #compiled = new Map<string, CompiledFunction>();
  #warn: WarnQuery | undefined;

  constructor(database: Database, endpoints: readonly string[]) {
    this.#environment = new Environment(sourceOf(database, endpoints), [], registry);
    this.#environment.global['AQL_WARNING'] = (code: unknown, message: unknown): void => this.#warn?.(Number(code), String(message));
  }

  compile(name: string, code: string): CompiledFunction {
    const known = this.#compiled.get(code);
    if (known !== undefined) return known;
    const value = this.#environment.run(() => this.#environment.loader.evaluate(code.replace(/[\s;]+$/, ''), name));
    if (typeof value !== 'function') throw new TypeError('the code of a user function must be a function');
    const run = value as Code;
    const compiled: CompiledFunction = (self, inputs, warn) => this.#call(run, self, inputs, warn);
    if (this.#compiled.size >= KEPT) this.#compiled.delete(this.#compiled.keys().next().value ?? '');
    this.#compiled.set(code, compiled);
    return compiled;
  }

  #call(run: Code, self: object, inputs: readonly unknown[], warn: WarnQuery): unknown {
    const before = this.#warn;
    this.#warn = warn;
    try {
      return this.#environment.run((): unknown => Reflect.apply(run, self, inputs));
    } finally {
      this.#warn = before;
    }
  }
}

function sourceOf(database: Database, endpoints: readonly string[]): ServiceSource {
  const host: ServiceHost = {
    endpoints,
    exportsOf: (mount) => {
      throw new Error(`a user function of AQL cannot reach the service at ${mount}`);
    },
    request: () => {
      throw new Error('a user function of AQL cannot send requests');
    },
  };
  return {
    database,
    mount: '/_aqlfunctions',
    basePath: '/',
    manifest: { configuration: {}, dependencies: {}, scripts: {}, tests: [] },
    configuration: {},
    dependencies: {},
    isDevelopment: false,
    isLegacy: false,
    host,
  };
}
