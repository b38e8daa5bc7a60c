/**
 * `Foxx.Controller`: the routes of a legacy service and the hooks around them.
 *
 * Hooks run in the order in which they were declared, those of all controllers of a service together; a hook sees every request whose
 * path fits, whichever controller has the route.
 */
import type { DocumentationOptions } from '../foxx/documentation.ts';
import type { Router } from '../foxx/router.ts';
import { activateAuthentication, type AuthenticationOptions } from './authentication.ts';
import type { LegacyContext } from './context.ts';
import type { AroundFunction, Hook, HookFunction, RouteChain } from './hooks.ts';
import { LegacyRoute, type Injected, type RouteHandler } from './route.ts';
import { findComment } from './route-comments.ts';
import { parsePattern } from './routing.ts';
import { activateSessions, type SessionOptions } from './sessions.ts';

export interface ControllerOptions {
  readonly urlPrefix?: string;
}

/** Methods of routes that `allRoutes` keeps for routes that are defined later. */
const SHARED_METHODS = ['pathParam', 'queryParam', 'bodyParam', 'errorResponse', 'onlyIf', 'onlyIfAuthenticated'];

type RouteMethod = (...values: unknown[]) => unknown;

const controllers = new WeakMap<LegacyContext, Controller[]>();

/** The controllers that were made with a context, in that order. */
export function controllersOf(context: LegacyContext): Controller[] {
  const known = controllers.get(context) ?? [];
  controllers.set(context, known);
  return known;
}

export class Controller {
  readonly applicationContext: LegacyContext;
  readonly urlPrefix: string;
  readonly collectionPrefix: string;
  readonly injectors: Record<string, unknown> = {};
  readonly injected: Record<string, unknown> = {};
  readonly extensions: Record<string, RouteMethod> = {};
  /** What is said here holds for all routes that are defined afterwards. */
  readonly allRoutes: RouteChain = {};
  readonly #routes: LegacyRoute[] = [];
  readonly #hooks: Hook[] = [];
  readonly #documentation: { readonly path: string; readonly router: Router }[] = [];
  readonly #shared: ((route: LegacyRoute) => void)[] = [];

  constructor(context: LegacyContext | undefined, { urlPrefix = '' }: ControllerOptions = {}) {
    if (context === undefined || context === null) throw new Error('parameter <context> is missing');
    this.applicationContext = context;
    this.urlPrefix = `${context.prefix}/${urlPrefix}`;
    this.collectionPrefix = context.collectionPrefix;
    for (const name of SHARED_METHODS) this.#share(name);
    controllersOf(context).push(this);
  }

  get routes(): readonly LegacyRoute[] {
    return this.#routes;
  }

  get hooks(): readonly Hook[] {
    return this.#hooks;
  }

  /** Where API documentation is shown. */
  get documentation(): readonly { readonly path: string; readonly router: Router }[] {
    return this.#documentation;
  }

  get(path: string, handler: RouteHandler): LegacyRoute {
    return this.#route('GET', path, handler);
  }

  head(path: string, handler: RouteHandler): LegacyRoute {
    return this.#route('HEAD', path, handler);
  }

  post(path: string, handler: RouteHandler): LegacyRoute {
    return this.#route('POST', path, handler);
  }

  put(path: string, handler: RouteHandler): LegacyRoute {
    return this.#route('PUT', path, handler);
  }

  patch(path: string, handler: RouteHandler): LegacyRoute {
    return this.#route('PATCH', path, handler);
  }

  delete(path: string, handler: RouteHandler): LegacyRoute {
    return this.#route('DELETE', path, handler);
  }

  del(path: string, handler: RouteHandler): LegacyRoute {
    return this.delete(path, handler);
  }

  /** A hook that returns false ends the request. */
  before(...given: readonly [hook: HookFunction] | readonly [path: string, hook: HookFunction]): void {
    this.#hook(given, (hook) => (req, res, next) => {
      if (hook(req, res, this.#options) !== false) next();
    });
  }

  after(...given: readonly [hook: HookFunction] | readonly [path: string, hook: HookFunction]): void {
    this.#hook(given, (hook) => (req, res, next) => {
      next();
      hook(req, res, this.#options);
    });
  }

  around(...given: readonly [hook: AroundFunction] | readonly [path: string, hook: AroundFunction]): void {
    this.#hook(given, (hook) => (req, res, next) => void hook(req, res, this.#options, next));
  }

  /** What handlers get as their third argument, by name; a function makes it when it is first needed. */
  addInjector(given: string | Readonly<Record<string, unknown>>, factory?: unknown): void {
    Object.assign(this.injectors, typeof given === 'string' ? { [given]: factory } : given);
  }

  /** Methods that routes have from now on; `this` is the route. */
  extend(extensions: Readonly<Record<string, RouteMethod>>): void {
    Object.assign(this.extensions, extensions);
    for (const name of Object.keys(extensions)) this.#share(name);
  }

  apiDocumentation(path: string, options?: DocumentationOptions): void {
    const { router } = this.applicationContext.service.createDocumentation(options);
    this.#documentation.push({ path: `${this.urlPrefix}/${path}`, router });
  }

  activateSessions(options?: SessionOptions): void {
    activateSessions(this, options);
  }

  activateAuthentication(options?: AuthenticationOptions): void {
    activateAuthentication(this, options);
  }

  get #options(): object {
    const { name, version, mount, isDevelopment, isProduction, prefix, options } = this.applicationContext;
    return { name, version, mount, isDevelopment, isProduction, prefix, options };
  }

  #share(name: string): void {
    this.allRoutes[name] = (...values) => {
      this.#shared.push((route) => void (route as unknown as Record<string, RouteMethod>)[name]?.(...values));
      return this.allRoutes;
    };
  }

  #route(method: string, path: string, handler: RouteHandler): LegacyRoute {
    if (typeof path !== 'string') throw new Error('URL has to be a String');
    const context = this.applicationContext;
    const pattern = parsePattern(this.urlPrefix, path);
    const route = new LegacyRoute({ method, path: `${this.urlPrefix}/${path}`, pattern, handler, injected: () => this.#inject(), context });
    for (const [name, extension] of Object.entries(this.extensions)) {
      Object.assign(route, {
        [name]: (...values: unknown[]) => {
          extension.apply(route, values);
          return route;
        },
      });
    }
    for (const apply of this.#shared) apply(route);
    const comment = findComment(new Error('here'), context.basePath);
    if (comment !== undefined) route.summary(comment.summary).notes(comment.notes);
    this.#routes.push(route);
    return route;
  }

  #inject(): Injected {
    for (const [name, injector] of Object.entries(this.injectors)) {
      if (Object.hasOwn(this.injected, name)) continue;
      this.injected[name] = typeof injector === 'function' ? (injector as () => unknown)() : injector;
    }
    return this.injected;
  }

  #hook<Function>(given: readonly [Function] | readonly [string, Function], toRun: (hook: Function) => Hook['run']): void {
    const [path, hook] = given.length === 1 ? ['/*', given[0]] : given;
    this.#hooks.push({
      pattern: parsePattern(this.urlPrefix, path),
      priority: this.#hooks.length,
      run: toRun(hook),
    });
  }
}
