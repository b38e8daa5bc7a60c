/** Loading a service, running its scripts, checking its files: what `services` asks of this layer. */
import { join } from 'node:path';
import type { ValueObject } from '#values';
import { Environment } from './environment.ts';
import { mayAnswerLater } from './foxx/asynchronous.ts';
import { answerRequest } from './foxx/answer.ts';
import { StaticFiles } from './foxx/files.ts';
import { swaggerOf } from './foxx/swagger.ts';
import { loadLegacyService } from './legacy/load.ts';
import { checkSyntax } from './loader/compile.ts';
import { settleModuleError } from './loader/module-error.ts';
import { runServiceTests, type TestOptions } from './mocha/service-tests.ts';
import { registry } from './registry.ts';
import type { CheckModule, LoadService, RunScript, ServiceSource } from './service.ts';

export const loadService: LoadService = (source) => {
  const environment = new Environment(source, [], registry);
  const { context, service } = environment;
  const { main } = source.manifest;
  const files = new StaticFiles(service);
  const ownFiles = files.isEmpty ? undefined : files;
  if (source.isLegacy) return inside(environment, () => loadLegacyService(environment, ownFiles));
  if (main !== undefined) service.exports = inside(environment, () => environment.loader.run(join(source.basePath, main)).exports);
  return {
    get exports() {
      return service.exports;
    },
    get documentation() {
      return environment.run(() => swaggerOf(service)) as ValueObject;
    },
    mayAnswerLater: (method, path) => {
      const match = service.tree.find(method, path);
      return match !== undefined && mayAnswerLater(match);
    },
    handle: (request) => environment.run(() => answerRequest(context, ownFiles, request)),
  };
};

export const runScript: RunScript = (source, path, argv) => {
  const environment = new Environment(source, argv, registry);
  return inside(environment, () => environment.loader.run(join(environment.root, path)).exports);
};

/** A function that was stored as text, such as a job's callback: no closure, but the scope and the `require` of the service's modules. */
export function runStoredFunction(source: ServiceSource, text: string, argv: readonly unknown[]): unknown {
  const environment = new Environment(source, [], registry);
  return inside(environment, () =>
    (environment.loader.evaluate(text, 'stored function') as (...values: readonly unknown[]) => unknown)(...argv),
  );
}

/** Runs the tests of a service; a promise only when one of them is asynchronous. The result is the reporter's JSON. */
export function runTests(source: ServiceSource, options: TestOptions = {}): unknown {
  const environment = new Environment(source, [], registry);
  return inside(environment, () => runServiceTests(environment, options));
}

export const checkModule: CheckModule = checkSyntax;

function inside<Result>(environment: Environment, action: () => Result): Result {
  try {
    return environment.run(action);
  } catch (error) {
    throw settleModuleError(error);
  }
}
