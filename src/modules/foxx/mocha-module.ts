/** `require('@arangodb/mocha')` and `require('@arangodb/foxx/mocha')`: tests that service code starts itself. */
import { isAbsolute, join } from 'node:path';
import type { Environment } from '../environment.ts';
import { report, REPORTERS, type Reporter } from '../mocha/reporters.ts';
import { runMocha } from '../mocha/run.ts';
import { runServiceTests } from '../mocha/service-tests.ts';
import { sourceAt } from './manager.ts';

/** Runs a file with these names as globals, as `service.run` of ArangoDB does. */
type RunFile = (file: string, globals: Readonly<Record<string, unknown>>) => unknown;

const reporters = Object.fromEntries(REPORTERS.map((name) => [name, name]));

export function createMocha(environment: Environment): object {
  return {
    reporters,
    /** `(run, files, reporter?, filter?)` */
    run: (run: RunFile, files: string | readonly string[], reporter: Reporter = 'default', filter?: string) => {
      const paths = [files].flat().map((file) => (isAbsolute(file) ? file : join(environment.source.basePath, file)));
      const result = runMocha({ files: paths, filter, load: run });
      if (result instanceof Promise) return result.then((ended) => report(reporter, ended, environment.source.mount));
      return report(reporter, result, environment.source.mount);
    },
  };
}

export function createFoxxMocha(environment: Environment): object {
  return {
    reporters,
    /** Of the service itself, or of one that the manager found. */
    run: (service: { readonly mount: string }, options: { readonly reporter?: Reporter; readonly filter?: string } = {}) => {
      const other = environment.open(sourceAt(environment, service.mount));
      return other.run(() => runServiceTests(other, options));
    },
  };
}
