/**
 * Routers as services write them: routes, middleware and child routers, in the order of their definition. A router may be mounted
 * several times and in several services; it knows nothing of where.
 */
import { plainObject, readArguments, text, type Parameter, type Reader } from './arguments.ts';
import { Endpoint } from './endpoint.ts';
import { parsePath, type RoutePath } from './path.ts';

export type Next = (error?: unknown) => unknown;
/** Called with request, response and `next`; what those are is dispatch's business. */
export type Handler = (req: never, res: never, next: Next) => unknown;

export const METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'] as const;
const BODILESS_METHODS: readonly string[] = ['DELETE', 'GET', 'HEAD', 'OPTIONS'];

/** A route: ends in a handler. */
export class Route extends Endpoint {
  readonly methods: readonly string[];
  /** All but the last are middleware of this route alone. */
  readonly handlers: readonly Handler[];
  readonly name: string | undefined;

  constructor(methods: readonly string[], path: string, handlers: readonly Handler[], name: string | undefined) {
    super(parsePath(path));
    this.methods = methods;
    this.handlers = handlers;
    this.name = name;
    if (methods.every((method) => BODILESS_METHODS.includes(method))) this.body(null);
  }
}

interface Registrable {
  register(endpoint: Endpoint): unknown;
}

/** A function that stands before all routes at its path and below, wherever they are defined. */
export class Middleware extends Endpoint {
  readonly handler: Handler;

  constructor(path: string, given: Handler | Registrable) {
    super(withWildcard(path));
    const registered = 'register' in given && typeof given.register === 'function' ? given.register(this) : undefined;
    this.handler = (typeof registered === 'function' ? registered : given) as Handler;
  }
}

/** A child router at a path; what is said about it holds for this mount only. */
export class RouterMount extends Endpoint {
  readonly router: Router;
  readonly name: string | undefined;

  constructor(path: string, router: Router, name: string | undefined) {
    super(withWildcard(path));
    this.router = router;
    this.name = name;
  }
}

type Mountable = Router | Handler | Registrable;

const handler: Reader<Handler> = (value) => (typeof value === 'function' ? { value: value as Handler } : undefined);
const mountable: Reader<Mountable> = (value) => {
  if (typeof value === 'function') return { value: value as Handler };
  const object = plainObject(value)?.value;
  if (object === undefined || !(isRouter(object) || typeof object['register'] === 'function')) return undefined;
  return { value: object as unknown as Mountable };
};

/** Not by class: a router may come from another copy of this code. */
function isRouter(value: object): value is Router {
  return 'isFoxxRouter' in value && value.isFoxxRouter === true;
}

export class Router extends Endpoint {
  readonly isFoxxRouter = true;
  readonly routes: (Route | RouterMount)[] = [];
  readonly middleware: Middleware[] = [];
  readonly namedRoutes = new Map<string, Route | RouterMount>();

  constructor() {
    super({ segments: [], hasWildcard: true });
  }

  use(...values: readonly unknown[]): Endpoint {
    const given = readArguments('router.use', values, [
      { name: 'path', read: text },
      { name: 'fn', read: mountable, isRequired: true },
      { name: 'name', read: text },
    ]);
    const path = (given['path'] as string | undefined) ?? '/';
    const fn = given['fn'] as Mountable;
    if (isRouter(fn)) return this.#add(new RouterMount(path, fn, given['name'] as string | undefined));
    const middleware = new Middleware(path, fn);
    this.middleware.push(middleware);
    return middleware;
  }

  all(...values: readonly unknown[]): Route {
    return this.#route('all', METHODS, values);
  }

  delete(...values: readonly unknown[]): Route {
    return this.#route('delete', ['DELETE'], values);
  }

  get(...values: readonly unknown[]): Route {
    return this.#route('get', ['GET'], values);
  }

  head(...values: readonly unknown[]): Route {
    return this.#route('head', ['HEAD'], values);
  }

  options(...values: readonly unknown[]): Route {
    return this.#route('options', ['OPTIONS'], values);
  }

  patch(...values: readonly unknown[]): Route {
    return this.#route('patch', ['PATCH'], values);
  }

  post(...values: readonly unknown[]): Route {
    return this.#route('post', ['POST'], values);
  }

  put(...values: readonly unknown[]): Route {
    return this.#route('put', ['PUT'], values);
  }

  #route(verb: string, methods: readonly string[], values: readonly unknown[]): Route {
    const count = Math.max(1, values.filter((value) => typeof value === 'function').length);
    const given = readArguments(`router.${verb}`, values, routeParameters(count));
    const handlers = Array.from({ length: count }, (_, index) => given[`handler${index}`] as Handler);
    return this.#add(new Route(methods, (given['path'] as string | undefined) ?? '/', handlers, given['name'] as string | undefined));
  }

  #add<Child extends Route | RouterMount>(child: Child): Child {
    this.routes.push(child);
    if (child.name !== undefined) this.namedRoutes.set(child.name, child);
    return child;
  }
}

/** `(path?, ...handlers, name?)` with so many handlers. */
function routeParameters(handlerCount: number): readonly Parameter[] {
  let parameters = ROUTE_PARAMETERS[handlerCount];
  if (parameters === undefined) {
    const handlers = Array.from({ length: handlerCount }, (_, index) => ({ name: `handler${index}`, read: handler, isRequired: true }));
    parameters = [{ name: 'path', read: text }, ...handlers, { name: 'name', read: text }];
    ROUTE_PARAMETERS[handlerCount] = parameters;
  }
  return parameters;
}

const ROUTE_PARAMETERS: (readonly Parameter[])[] = [];

function withWildcard(path: string): RoutePath {
  return { ...parsePath(path), hasWildcard: true };
}
