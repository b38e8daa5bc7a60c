/**
 * A router and all routers below it, made into a tree of path segments for matching, once, when the service gets its first request.
 *
 * Matching is Foxx's: at each place routes that end there, then literal text before a parameter, then wildcards and child routers in
 * the order of their definition; the first route that has the verb and whose path parameters fit is taken. Middleware stands before
 * everything below its path, wherever in the file it was defined.
 *
 * A route that is mounted twice is two candidates, for each has a chain of its own.
 */
import { httpErrors, type HttpError } from './libraries.ts';
import type { BodyDefinition, Endpoint, ParameterDefinition } from './endpoint.ts';
import { Route, RouterMount, type Handler, type Middleware, type Router } from './router.ts';
import { nameInMessage, type Schema } from './schema.ts';

interface PathParameter {
  readonly name: string;
  /** The segment it is taken from; undefined for one that is declared but not in the path. */
  readonly index: number | undefined;
  readonly schema: Schema | undefined;
}

/** One link of the chain from the service's router to a route. */
export interface Step {
  readonly type: 'router' | 'middleware' | 'endpoint';
  /** What reverse routing starts from. */
  readonly definition: Endpoint;
  readonly handlers: readonly Handler[];
  /** How many segments of the path have been used up to here; the others are the suffix. */
  readonly depth: number;
  readonly pathParams: readonly PathParameter[];
  readonly queryParams: readonly (readonly [string, ParameterDefinition])[];
  readonly headers: readonly (readonly [string, ParameterDefinition])[];
  readonly body: BodyDefinition | undefined;
  /** Declared answers by status, those of the steps before included. */
  readonly responses: ReadonlyMap<number, BodyDefinition>;
}

export interface Candidate {
  readonly methods: readonly string[];
  /** Outermost first, the endpoint last. */
  readonly steps: readonly Step[];
  readonly hasPathParams: boolean;
  readonly hasQueryParams: boolean;
  readonly hasHeaders: boolean;
}

export type PathValues = Record<string, unknown>;

export interface Match {
  readonly candidate: Candidate;
  /** Percent-encoded, as they came. */
  readonly segments: readonly string[];
  /** Each step's own path parameters, validated; undefined when the route has none. */
  readonly pathValues: readonly (PathValues | undefined)[] | undefined;
}

interface Node {
  readonly texts: Map<string, Node>;
  readonly parameter: Node | undefined;
  readonly ends: readonly Candidate[];
  readonly wildcards: readonly (Candidate | Node)[];
}

export class RouteTree {
  readonly #root: Node;
  /** By verb and path, for routes without parameters: their number is that of the routes, so this stays small. */
  readonly #fixed = new Map<string, Match>();

  constructor(router: Router) {
    this.#root = compile(plant(router), [rootStep(router)], 0, 0);
  }

  /**
   * `path` starts with a slash and is still percent-encoded. Undefined when no route has this path; throws an HTTP error when one has
   * it for other verbs (405), or for other values of its parameters (404).
   */
  match(method: string, path: string): Match | undefined {
    const fixed = this.#fixed.get(method + path);
    if (fixed !== undefined) return fixed;
    const segments = path.split('/').filter((segment) => segment !== '');
    const search = new Search(method, segments);
    search.visit(this.#root, 0);
    if (search.found === undefined) {
      if (search.failure !== undefined) throw search.failure;
      return undefined;
    }
    const isFixed = !search.found.candidate.hasPathParams && search.found.candidate.steps.at(-1)?.depth === segments.length;
    if (isFixed && path === `/${segments.join('/')}`) this.#fixed.set(method + path, search.found);
    return search.found;
  }

  /** The same for whom it does not matter why there is none. */
  find(method: string, path: string): Match | undefined {
    try {
      return this.match(method, path);
    } catch {
      return undefined; // an answer with 404 or 405, which is for whoever sends the request
    }
  }

  /** All routes, in the order in which the API documentation lists them. */
  candidates(): Candidate[] {
    return [...listCandidates(this.#root)];
  }
}

/** The first link of every chain. */
export function rootStep(router: Router): Step {
  return stepOf(router, 'router', [], 0, 0, []);
}

class Search {
  found: Match | undefined;
  failure: HttpError | undefined;
  readonly #method: string;
  readonly #segments: readonly string[];
  readonly #decoded: readonly string[];

  constructor(method: string, segments: readonly string[]) {
    this.#method = method;
    this.#segments = segments;
    this.#decoded = segments.map(decodeSegment);
  }

  /** True when the search is over. */
  visit(node: Node, depth: number): boolean {
    const segment = this.#decoded[depth];
    if (segment === undefined) {
      if (node.ends.some((candidate) => this.#try(candidate))) return true;
    } else {
      const next = node.texts.get(segment);
      if (next !== undefined && this.visit(next, depth + 1)) return true;
      if (node.parameter !== undefined && this.visit(node.parameter, depth + 1)) return true;
    }
    return node.wildcards.some((wildcard) => ('ends' in wildcard ? this.visit(wildcard, depth) : this.#try(wildcard)));
  }

  #try(candidate: Candidate): boolean {
    let pathValues: (PathValues | undefined)[] | undefined;
    if (candidate.hasPathParams) {
      try {
        pathValues = candidate.steps.map((step) => readPathParams(step, this.#decoded));
      } catch (cause) {
        this.failure ??= Object.assign(httpErrors()(404), { cause });
        return false;
      }
    }
    if (!candidate.methods.includes(this.#method)) {
      this.failure = Object.assign(httpErrors()(405), { methods: candidate.methods });
      return false;
    }
    this.found = { candidate, segments: this.#segments, pathValues };
    return true;
  }
}

function readPathParams({ type, pathParams }: Step, segments: readonly string[]): PathValues | undefined {
  if (pathParams.length === 0) return undefined;
  const values: PathValues = {};
  for (const { name, index, schema } of pathParams) {
    const raw = index === undefined ? undefined : segments[index];
    const result = schema?.validate(raw);
    if (result?.error) {
      // Middleware runs with whatever is there; only what leads to an endpoint can say that this is not its path.
      if (type === 'middleware') return undefined;
      throw nameInMessage(result.error, `path parameter "${name}"`);
    }
    values[name] = result === undefined ? raw : result.value;
  }
  return values;
}

function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // no valid encoding: the text itself is meant, and most likely matches nothing
  }
}

/** Routes and middleware of one router by their paths. */
interface Plant {
  readonly texts: Map<string, Plant>;
  parameter: Plant | undefined;
  readonly middleware: Middleware[];
  readonly ends: Route[];
  readonly wildcards: (Route | RouterMount)[];
}

function plant(router: Router): Plant {
  const root = newPlant();
  for (const middleware of router.middleware) {
    growTo(root, middleware).middleware.push(middleware);
  }
  for (const route of router.routes) {
    const place = growTo(root, route);
    if (route instanceof Route && !route.route.hasWildcard) place.ends.push(route);
    else place.wildcards.push(route);
  }
  return root;
}

function newPlant(): Plant {
  return { texts: new Map(), parameter: undefined, middleware: [], ends: [], wildcards: [] };
}

function growTo(root: Plant, { route }: Endpoint): Plant {
  let place = root;
  for (const segment of route.segments) {
    if (segment.type === 'parameter') {
      place.parameter ??= newPlant();
      place = place.parameter;
    } else {
      const next = place.texts.get(segment.text) ?? newPlant();
      place.texts.set(segment.text, next);
      place = next;
    }
  }
  return place;
}

/** `base` is where the router's own paths begin, `depth` where this place is. */
function compile(place: Plant, chain: readonly Step[], base: number, depth: number): Node {
  let steps = chain;
  for (const middleware of place.middleware) {
    steps = [...steps, stepOf(middleware, 'middleware', [middleware.handler], base, depth, steps)];
  }
  const candidateOf = (route: Route): Candidate => {
    const all = [...steps, stepOf(route, 'endpoint', route.handlers, base, depth, steps)];
    return {
      methods: route.methods,
      steps: all,
      hasPathParams: all.some(({ pathParams }) => pathParams.length > 0),
      hasQueryParams: all.some(({ queryParams }) => queryParams.length > 0),
      hasHeaders: all.some(({ headers }) => headers.length > 0),
    };
  };
  return {
    ends: place.ends.map(candidateOf),
    texts: new Map([...place.texts].map(([text, next]) => [text, compile(next, steps, base, depth + 1)])),
    parameter: place.parameter && compile(place.parameter, steps, base, depth + 1),
    wildcards: place.wildcards.map((wildcard) =>
      wildcard instanceof Route
        ? candidateOf(wildcard)
        : compile(plant(wildcard.router), [...steps, stepOf(wildcard, 'router', [], base, depth, steps)], depth, depth),
    ),
  };
}

function stepOf(
  definition: Endpoint,
  type: Step['type'],
  handlers: readonly Handler[],
  base: number,
  depth: number,
  before: readonly Step[],
): Step {
  // What is said about a router holds wherever it is mounted; what is said about the mount goes before it.
  const outer = definition instanceof RouterMount ? definition.router : undefined;
  const responses = unite(before.at(-1)?.responses, unite(outer?.responses, definition.responses));
  return {
    type,
    definition,
    handlers,
    depth,
    pathParams: pathParamsOf(definition, unite(outer?.pathParams, definition.pathParams), base, before),
    queryParams: [...unite(outer?.queryParams, definition.queryParams)],
    headers: [...unite(outer?.headers, definition.headers)],
    body: definition.requestBody ?? outer?.requestBody,
    responses,
  };
}

/** Both, the second before the first. */
function unite<Key, Value>(first: ReadonlyMap<Key, Value> | undefined, second: ReadonlyMap<Key, Value>): ReadonlyMap<Key, Value> {
  if (first === undefined || first.size === 0) return second;
  return second.size === 0 ? first : new Map([...first, ...second]);
}

function pathParamsOf(
  { route }: Endpoint,
  declared: ReadonlyMap<string, ParameterDefinition>,
  base: number,
  before: readonly Step[],
): PathParameter[] {
  const parameters = new Map<string, PathParameter>();
  for (const [offset, segment] of route.segments.entries()) {
    if (segment.type !== 'parameter') continue;
    parameters.set(segment.name, { name: segment.name, index: base + offset, schema: declared.get(segment.name)?.schema });
  }
  for (const [name, { schema }] of declared) {
    if (parameters.has(name)) continue;
    const outer = before.flatMap(({ pathParams }) => pathParams).findLast((parameter) => parameter.name === name);
    parameters.set(name, { name, index: outer?.index, schema });
  }
  return [...parameters.values()];
}

function* listCandidates(node: Node): Generator<Candidate> {
  for (const next of node.texts.values()) yield* listCandidates(next);
  if (node.parameter !== undefined) yield* listCandidates(node.parameter);
  yield* node.ends;
  for (const wildcard of node.wildcards) {
    if ('ends' in wildcard) yield* listCandidates(wildcard);
    else yield wildcard;
  }
}
