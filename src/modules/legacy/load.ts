/**
 * Loading a service of ArangoDB 2.8, and its answers to requests: the controllers that its manifest lists make the routes, the files
 * under `exports` are what other services get of it.
 */
import { join } from 'node:path';
import type { HttpAnswer } from '#base';
import type { ValueObject } from '#values';
import type { Environment } from '../environment.ts';
import { answerRequest } from '../foxx/answer.ts';
import type { StaticFiles } from '../foxx/files.ts';
import { Router } from '../foxx/router.ts';
import { swaggerOf } from '../foxx/swagger.ts';
import type { LoadedService, ServiceRequest } from '../service.ts';
import { Assets } from './assets.ts';
import type { LegacyContext } from './context.ts';
import { controllersOf } from './controller.ts';
import type { Hook } from './hooks.ts';
import { findFailure, isDeclared, messageOf, writeError } from './errors.ts';
import { LegacyRequest } from './request.ts';
import { LegacyResponse } from './response.ts';
import type { LegacyRoute } from './route.ts';
import { compareSpecificity, matchPattern, parsePattern, splitPath, type UrlMatch } from './routing.ts';

type Paths = string | Readonly<Record<string, string>> | undefined;

export function loadLegacyService(environment: Environment, files: StaticFiles | undefined): LoadedService {
  const context = environment.context as LegacyContext;
  const { service, manifest } = context;
  const run = (file: string): unknown => environment.loader.run(join(environment.root, file)).exports;
  if (manifest.main !== undefined) service.exports = run(manifest.main);
  for (const [prefix, file] of Object.entries((manifest['controllers'] ?? {}) as Readonly<Record<string, string>>)) {
    context.prefix = prefix;
    run(file);
  }
  context.prefix = '/';
  const routing = new LegacyRouting(context);
  const assets = new Assets(service.basePath, manifest['assets']);
  for (const { path, router } of controllersOf(context).flatMap(({ documentation }) => documentation)) service.router.use(path, router);
  let exports: { readonly value: unknown } | undefined;
  return {
    /** Loaded when another service asks: the files may ask for that service in turn. */
    get exports() {
      exports ??= { value: environment.run(() => runExports(service.exports, manifest['exports'] as Paths, run)) };
      return exports.value;
    },
    get documentation() {
      return environment.run(() => swaggerOf(service)) as ValueObject;
    },
    // Everything of 2.8 answers before it returns.
    mayAnswerLater: () => false,
    ready: undefined,
    close: () => environment.close(),
    handle: (request) =>
      environment.run(
        () =>
          routing.answer(request, files) ??
          answerRequest(context, undefined, request) ??
          assets.answer(request.path) ??
          files?.answerUnrouted(request),
      ),
  };
}

function runExports(exports: unknown, paths: Paths, run: (file: string) => unknown): unknown {
  if (paths === undefined) return exports ?? {};
  if (typeof paths === 'string') return run(paths);
  return Object.fromEntries(Object.entries(paths).map(([name, file]) => [name, run(file)]));
}

class LegacyRouting {
  readonly #context: LegacyContext;
  /** The most specific first. */
  readonly #routes: readonly LegacyRoute[];
  readonly #hooks: readonly Hook[];

  constructor(context: LegacyContext) {
    this.#context = context;
    this.#routes = controllersOf(context)
      .flatMap(({ routes }) => routes)
      .toSorted((left, right) => compareSpecificity(left.definition.pattern, right.definition.pattern));
    this.#hooks = controllersOf(context)
      .flatMap(({ hooks }) => hooks)
      .toSorted((left, right) => left.priority - right.priority);
    context.service.describedRouter = describe(this.#routes);
  }

  /** Undefined when neither a route nor a file has the path. */
  answer(request: ServiceRequest, files: StaticFiles | undefined): HttpAnswer | undefined {
    const path = splitPath(request.path).map(decode);
    const { method } = request.http;
    const found = this.#find(method, path) ?? (method === 'HEAD' ? this.#find('GET', path) : undefined);
    const file = this.#isFile(request, files, found?.route) ? files?.answer(request) : undefined;
    if (file !== undefined || found === undefined) return file;
    const context = this.#context;
    const req = new LegacyRequest(request, context, found.match);
    const res = new LegacyResponse();
    const hooks = this.#hooks.filter(({ pattern }) => matchPattern(pattern, path) !== undefined);
    const { console, mount, isDevelopment } = context.service;
    const isTraced = isDevelopment || context.options.trace === true;
    if (isTraced) console.log(`${mount}, incoming request from ${req.client.address}: ${req.requestType} ${req.url}`);
    try {
      runFrom(hooks, 0, req, res, found.route);
    } catch (error) {
      if (!isDeclared(error))
        console.errorStack(error, `Error in a hook for ${req.requestType} ${req.url} of "${mount}": ${messageOf(error)}`);
      writeError(res, error, context);
    }
    const answer = res.toAnswer();
    if (isTraced) {
      const type = String(answer.headers['content-type']);
      console.log(`${mount}, outgoing response with status ${answer.status} of type ${type}, body length: ${answer.body.length}`);
    }
    const failure = findFailure(res);
    return failure === undefined ? answer : { ...answer, failure };
  }

  /** The more specific of the two: a folder of files may have routes below it. The service's own path is that of its default document. */
  #isFile({ path }: ServiceRequest, files: StaticFiles | undefined, route: LegacyRoute | undefined): boolean {
    if (path === '/' || route === undefined) return true;
    const prefix = files?.prefixOf(path);
    return prefix !== undefined && compareSpecificity(parsePattern(prefix, '*'), route.definition.pattern) <= 0;
  }

  #find(method: string, path: readonly string[]): { readonly route: LegacyRoute; readonly match: UrlMatch } | undefined {
    for (const route of this.#routes) {
      if (route.definition.method !== method) continue;
      const match = matchPattern(route.definition.pattern, path, route.digits);
      if (match !== undefined) return { route, match };
    }
    return undefined;
  }
}

function runFrom(hooks: readonly Hook[], index: number, req: LegacyRequest, res: LegacyResponse, route: LegacyRoute): void {
  const hook = hooks[index];
  if (hook === undefined) route.run(req, res);
  else hook.run(req, res, () => runFrom(hooks, index + 1, req, res, route));
}

/** The routes as a router of newer services, for their API documentation alone. */
function describe(routes: readonly LegacyRoute[]): Router {
  const router = new Router();
  for (const { definition, description } of routes) {
    const verb = definition.method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head';
    const endpoint = router[verb](definition.path, () => undefined);
    const { summary, notes, body, pathParams, queryParams, errors } = description;
    if (summary !== undefined) endpoint.summary(summary);
    if (notes !== undefined) endpoint.description(notes);
    for (const [name, { schema, description: text }] of pathParams) endpoint.pathParam(...given(name, schema, text));
    for (const [name, { schema, description: text }] of queryParams) endpoint.queryParam(...given(name, schema, text));
    if (body !== undefined) endpoint.body(...given(body.schema, body.description));
    for (const { status, reason } of errors) endpoint.error(...given(status, reason));
  }
  return router;
}

function given(...values: readonly unknown[]): unknown[] {
  return values.filter((value) => value !== undefined);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // matched as it stands
  }
}
