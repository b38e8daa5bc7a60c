/** `require('@arangodb/foxx/manager')`, as far as services look things up in it. Managing services is the HTTP API's business. */
import { resolve } from 'node:path';
import { ArangoError } from '#base';
import type { Environment } from '../environment.ts';
import type { ServiceSource } from '../service.ts';

interface RunOptions {
  /** Names that the file sees as globals. */
  readonly context?: Readonly<Record<string, unknown>>;
  readonly foxxContext?: { readonly argv?: readonly unknown[] };
}

export function createManager(environment: Environment): object {
  const { host } = environment.source;
  return {
    /** Throws 3009. */
    lookupService: (mount: string) => describe(environment, sourceAt(environment, mount)),
    requireService: (mount: string) => host.exportsOf(mount),
    installedServices: () => (host.services?.mounts() ?? []).map((mount) => describe(environment, sourceAt(environment, mount))),
    runTests: (mount: string, options: object = {}) => {
      const tests = environment.load('@arangodb/foxx/mocha') as { run(service: object, options: object): unknown };
      return tests.run({ mount }, options);
    },
  };
}

/** The service at a mount. Throws 3009. */
export function sourceAt({ source }: Environment, mount: string): ServiceSource {
  if (mount === source.mount) return source;
  const { services } = source.host;
  if (services === undefined) throw new ArangoError('ERROR_SERVICE_NOT_FOUND', { message: `service not found\nMount: ${mount}` });
  return services.source(mount);
}

function describe(environment: Environment, source: ServiceSource): object {
  const { mount, basePath, manifest, configuration, isDevelopment, isLegacy, host } = source;
  return {
    mount,
    basePath,
    manifest,
    configuration,
    isDevelopment,
    legacy: isLegacy,
    get exports() {
      return host.exportsOf(mount);
    },
    /** Runs a file of the service as a fresh module; returns what it exports. */
    run: (file: string, { context = {}, foxxContext }: RunOptions = {}) => {
      const other = environment.open(source, foxxContext?.argv ?? []);
      Object.assign(other.global, context);
      return other.run(() => other.loader.run(resolve(basePath, file)).exports);
    },
  };
}
