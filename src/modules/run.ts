/** Loading a service, running its scripts, checking its files: what `services` asks of this layer. */
import { join } from 'node:path';
import { ArangoError, type HttpAnswer } from '#base';
import type { ValueObject } from '#values';
import { Environment, noteClosed, noteOpen } from './environment.ts';
import { mayAnswerLater } from './foxx/asynchronous.ts';
import { answerRequest } from './foxx/answer.ts';
import { StaticFiles } from './foxx/files.ts';
import { swaggerOf } from './foxx/swagger.ts';
import { unavailable, unknownPath } from './foxx/answers.ts';
import { loadLegacyService } from './legacy/load.ts';
import { checkSyntax } from './loader/compile.ts';
import type { ServiceModule } from './loader/loader.ts';
import { settleModuleError } from './loader/module-error.ts';
import { isNamespace } from './loader/namespace.ts';
import { runServiceTests, type TestOptions } from './mocha/service-tests.ts';
import { registry } from './registry.ts';
import type { CheckModule, LoadedService, LoadService, RunScript, ServiceRequest, ServiceSource } from './service.ts';

export const loadService: LoadService = (source) => {
  const environment = new Environment(source, [], registry);
  noteOpen(environment);
  const { context, service } = environment;
  const { main } = source.manifest;
  const files = new StaticFiles(service);
  const ownFiles = files.isEmpty ? undefined : files;
  if (source.isLegacy) return inside(environment, () => loadLegacyService(environment, ownFiles));
  let pending: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  if (main !== undefined) {
    const module = inside(environment, () => environment.loader.run(join(source.basePath, main)));
    service.exports = module.exports;
    pending = module.pending
      ?.catch((error: unknown) => {
        failure = { error: settleModuleError(error) };
        environment.console.errorStack(error, `Service "${source.mount}" could not be loaded`);
      })
      .finally(() => {
        pending = undefined;
      });
  }
  const answer = (request: ServiceRequest): ReturnType<LoadedService['handle']> =>
    failure === undefined
      ? environment.run(() => answerRequest(context, ownFiles, request))
      : unavailableFor(source, request, failure.error);
  let answering = 0;
  let isClosed = false;
  const closeWhenAnswered = (): void => {
    if (!isClosed || answering > 0) return;
    environment.close();
    noteClosed(environment);
  };
  return {
    get exports() {
      return service.exports;
    },
    get documentation() {
      return environment.run(() => swaggerOf(service)) as ValueObject;
    },
    mayAnswerLater: (method, path) => {
      const match = service.tree.find(method, path);
      return pending !== undefined || (match !== undefined && mayAnswerLater(match));
    },
    get ready() {
      return pending === undefined ? undefined : waitFor(pending, () => failure);
    },
    handle: (request) => {
      const result = pending === undefined ? answer(request) : pending.then(() => answer(request) ?? unknownPath(request));
      if (result === undefined || !('then' in result)) return result;
      answering++;
      return result.finally(() => {
        answering--;
        closeWhenAnswered();
      });
    },
    close: () => {
      isClosed = true;
      closeWhenAnswered();
    },
  };
};

async function waitFor(pending: Promise<void>, findFailure: () => { readonly error: unknown } | undefined): Promise<void> {
  await pending;
  const failure = findFailure();
  // oxlint-disable-next-line typescript/only-throw-error -- whatever `main` threw
  if (failure !== undefined) throw failure.error;
}

function unavailableFor({ mount, basePath, isDevelopment }: ServiceSource, request: ServiceRequest, error: unknown): HttpAnswer {
  return unavailable(request, { mount, basePath, isDevelopment, isConfigured: true, error });
}

export const runScript: RunScript = (source, path, argv) => {
  const environment = new Environment(source, argv, registry);
  return untilSettled(environment, () =>
    inside(environment, () => {
      const module = environment.loader.run(join(environment.root, path));
      return module.pending === undefined ? resultOf(module) : module.pending.then(() => resultOf(module));
    }),
  );
};

/** Timers end with what started them: a script that wants to wait for one has a promise as its result. */
function untilSettled(environment: Environment, action: () => unknown): unknown {
  let result;
  try {
    result = action();
  } catch (error) {
    environment.close();
    throw error;
  }
  if (result instanceof Promise) return result.finally(() => environment.close());
  environment.close();
  return result;
}

/** What a script exports; of an ES module the default export. */
function resultOf({ exports }: ServiceModule): unknown {
  return isNamespace(exports) ? exports['default'] : exports;
}

/**
 * A function that was stored as text, such as a job's callback: no closure, but the scope and the `require` of the service's modules.
 * Throws 10 for a text that is no function.
 */
export function runStoredFunction(source: ServiceSource, text: string, argv: readonly unknown[]): unknown {
  const environment = new Environment(source, [], registry);
  const call = (): unknown => storedFunction(environment, text)(...argv);
  return untilSettled(environment, () => inside(environment, call));
}

function storedFunction({ loader }: Environment, text: string): (...values: readonly unknown[]) => unknown {
  let found: unknown;
  try {
    found = loader.evaluate(text, 'stored function');
  } catch (cause) {
    throw new ArangoError('ERROR_BAD_PARAMETER', `the text is no function: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  if (typeof found !== 'function') throw new ArangoError('ERROR_BAD_PARAMETER', `the text is no function, it gives ${typeof found}`);
  return found as (...values: readonly unknown[]) => unknown;
}

/** Runs the tests of a service; a promise only when one of them is asynchronous. The result is the reporter's JSON. */
export function runTests(source: ServiceSource, options: TestOptions = {}): unknown {
  const environment = new Environment(source, [], registry);
  return untilSettled(environment, () => inside(environment, () => runServiceTests(environment, options)));
}

export const checkModule: CheckModule = checkSyntax;

function inside<Result>(environment: Environment, action: () => Result): Result {
  try {
    return environment.run(action);
  } catch (error) {
    throw settleModuleError(error);
  }
}
