/** Loading a service, running its scripts, checking its files: what `services` asks of this layer. */
import { join } from 'node:path';
import type { HttpAnswer } from '#base';
import type { ValueObject } from '#values';
import { Environment } from './environment.ts';
import { answerRequest } from './foxx/answer.ts';
import { StaticFiles } from './foxx/files.ts';
import { swaggerOf } from './foxx/swagger.ts';
import { unavailable } from './foxx/answers.ts';
import { checkSyntax } from './loader/compile.ts';
import type { ServiceModule } from './loader/loader.ts';
import { settleModuleError } from './loader/module-error.ts';
import { isNamespace } from './loader/namespace.ts';
import { runServiceTests, type TestOptions } from './mocha/service-tests.ts';
import { registry } from './registry.ts';
import type { CheckModule, LoadedService, LoadService, RunScript, ServiceRequest, ServiceSource } from './service.ts';

export const loadService: LoadService = (source) => {
  const environment = new Environment(source, [], registry);
  const { context, service } = environment;
  const { main } = source.manifest;
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
  const files = new StaticFiles(service);
  const ownFiles = files.isEmpty ? undefined : files;
  const handle = (request: ServiceRequest): ReturnType<LoadedService['handle']> =>
    failure === undefined
      ? environment.run(() => answerRequest(context, ownFiles, request))
      : unavailableFor(source, request, failure.error);
  return {
    get exports() {
      return service.exports;
    },
    get documentation() {
      return environment.run(() => swaggerOf(service)) as ValueObject;
    },
    handle: (request) => {
      if (pending === undefined) return handle(request);
      // The body lies in memory that is another request's as soon as this one gives the thread back.
      const later = { ...request, http: { ...request.http, body: request.http.body.slice() } };
      return pending.then(() => handle(later)).then((answer) => answer ?? unknownPath(request));
    },
  };
};

function unavailableFor({ mount, basePath, isDevelopment }: ServiceSource, request: ServiceRequest, error: unknown): HttpAnswer {
  return unavailable(request, { mount, basePath, isDevelopment, isConfigured: true, error });
}

/** What the server would say; nobody can be asked any more who has the next route. */
function unknownPath({ http }: ServiceRequest): HttpAnswer {
  const [path = ''] = http.url.split('?', 1);
  return {
    status: 404,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ error: true, code: 404, errorMessage: `unknown path '${path.replace(/^\/_db\/[^/]+/, '')}'`, errorNum: 404 }),
  };
}

export const runScript: RunScript = (source, path, argv) => {
  const environment = new Environment(source, argv, registry);
  return inside(environment, () => {
    const module = environment.loader.run(join(source.basePath, path));
    return module.pending === undefined ? resultOf(module) : module.pending.then(() => resultOf(module));
  });
};

/** What a script exports; of an ES module the default export. */
function resultOf({ exports }: ServiceModule): unknown {
  return isNamespace(exports) ? exports['default'] : exports;
}

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
