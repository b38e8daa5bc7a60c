/**
 * Takes a request through the chain of routers and middleware to its endpoint, and back.
 *
 * Handlers are synchronous in Foxx. Here any of them may be asynchronous too: `next()` then returns a promise, and the answer waits for
 * all of them, also for what a middleware started and did not wait for.
 */
import { httpErrors } from './libraries.ts';
import { parseBody, validateBody } from './body.ts';
import type { ParameterDefinition } from './endpoint.ts';
import { enterView, type FoxxRequest, type View } from './request.ts';
import { enterResponses, type FoxxResponse } from './response.ts';
import type { Handler, Next } from './router.ts';
import { nameInMessage } from './schema.ts';
import type { Match, PathValues, Step } from './tree.ts';

/** Undefined when all handlers were synchronous. */
export function dispatch(match: Match, req: FoxxRequest, res: FoxxResponse): Promise<void> | undefined {
  return new Dispatch(match, req, res).run(0);
}

class Dispatch {
  readonly #match: Match;
  readonly #req: FoxxRequest;
  readonly #res: FoxxResponse;
  // What routers and endpoints validated so far; a middleware sees it and its own on top.
  #pathParams: PathValues | undefined;
  #queryParams: Record<string, unknown> | undefined;
  #headers: Record<string, string> | undefined;
  #isBodyParsed = false;

  constructor(match: Match, req: FoxxRequest, res: FoxxResponse) {
    this.#match = match;
    this.#req = req;
    this.#res = res;
    const { hasQueryParams, hasHeaders } = match.candidate;
    if (hasQueryParams) this.#queryParams = { ...req.queryParams };
    if (hasHeaders) this.#headers = { ...req.headers };
  }

  run(index: number): Promise<void> | undefined {
    const step = this.#match.candidate.steps[index];
    if (step === undefined) return undefined;
    const view = this.#viewOf(step, index);
    const viewBefore = enterView(this.#req, view);
    const responsesBefore = enterResponses(this.#res, step.responses);
    const leave = (): void => {
      if (viewBefore !== undefined) enterView(this.#req, viewBefore);
      enterResponses(this.#res, responsesBefore);
    };
    let pending: Promise<void> | undefined;
    try {
      pending = step.type === 'router' ? this.run(index + 1) : this.#handle(step.handlers, 0, index);
    } finally {
      if (pending === undefined) leave();
    }
    return pending?.finally(leave);
  }

  #handle(handlers: readonly Handler[], position: number, index: number): Promise<void> | undefined {
    const handler = handlers[position];
    if (handler === undefined) return undefined;
    const isMiddleware = this.#match.candidate.steps[index]?.type === 'middleware';
    if (!isMiddleware && position === handlers.length - 1) {
      // The end of the chain gets no `next`, as in ArangoDB.
      const result = (handler as unknown as (req: FoxxRequest, res: FoxxResponse) => unknown)(this.#req, this.#res);
      return isThenable(result) ? Promise.resolve(result).then(() => undefined) : undefined;
    }
    let downstream: Downstream | undefined;
    let isCalled = false;
    const next: Next = (error) => {
      // oxlint-disable-next-line typescript/only-throw-error -- whatever a service passes on
      if (error) throw error;
      if (isCalled) return downstream?.promise;
      isCalled = true;
      const pending = isMiddleware ? this.run(index + 1) : this.#handle(handlers, position + 1, index);
      if (pending === undefined) return undefined;
      downstream = follow(pending);
      return downstream.promise;
    };
    const result = handler(this.#req as never, this.#res as never, next);
    if (!isThenable(result) && downstream === undefined) return undefined;
    return waitForBoth(result, () => downstream);
  }

  #viewOf(step: Step, index: number): View {
    const { candidate, pathValues } = this.#match;
    if (step.body !== undefined) this.#readBody(step);
    const queryParams = step.queryParams.length === 0 ? undefined : validate(step.queryParams, this.#req.queryParams, 'query parameter');
    const headers = step.headers.length === 0 ? undefined : validate(step.headers, this.#req.headers, 'request header');
    const own = pathValues?.[index];
    const view: View = {
      match: this.#match,
      step,
      pathParams: undefined,
      queryParams: undefined,
      headers: undefined,
      path: undefined,
      suffix: undefined,
    };
    if (step.type === 'middleware') {
      if (candidate.hasPathParams) view.pathParams = { ...this.#pathParams, ...own };
      if (candidate.hasQueryParams) view.queryParams = { ...this.#queryParams, ...queryParams };
      if (candidate.hasHeaders) view.headers = { ...this.#headers, ...headers } as Record<string, string>;
    } else {
      if (candidate.hasPathParams) view.pathParams = this.#pathParams = Object.assign(this.#pathParams ?? {}, own);
      if (candidate.hasQueryParams) view.queryParams = this.#queryParams = Object.assign(this.#queryParams ?? {}, queryParams);
      if (candidate.hasHeaders) view.headers = this.#headers = Object.assign(this.#headers ?? {}, headers);
    }
    return view;
  }

  #readBody({ body: definition }: Step): void {
    if (definition === undefined) return;
    const req = this.#req;
    try {
      if (!this.#isBodyParsed) {
        this.#isBodyParsed = true;
        req.body = parseBody(definition, req, req.context.service.types);
      }
      if (definition.model) req.body = validateBody(definition, req.body);
    } catch (cause) {
      throw badRequest(cause);
    }
  }
}

function validate(
  definitions: readonly (readonly [string, ParameterDefinition])[],
  given: Readonly<Record<string, unknown>>,
  kind: string,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, { schema }] of definitions) {
    const result = schema?.validate(given[name]);
    if (result?.error) throw badRequest(nameInMessage(result.error, `${kind} "${name}"`));
    values[name] = result === undefined ? given[name] : result.value;
  }
  return values;
}

function badRequest(cause: unknown): Error {
  return Object.assign(httpErrors()(400, cause instanceof Error ? cause.message : String(cause)), { cause });
}

interface Downstream {
  /** What `next()` returns. */
  readonly promise: Promise<void>;
  readonly done: Promise<void>;
  /** Whether somebody waits for the promise, and so has its errors. */
  isWatched(): boolean;
}

function follow(done: Promise<void>): Downstream {
  let isWatched = false;
  const promise = done.then(() => undefined);
  void promise.catch(() => undefined); // whoever does not wait for it learns of the error from `done`
  // Everything that waits for a promise, `await` too, looks at its constructor first.
  Reflect.defineProperty(promise, 'constructor', {
    get: () => {
      isWatched = true;
      return Promise;
    },
  });
  return { promise, done, isWatched: () => isWatched };
}

async function waitForBoth(result: unknown, downstreamOf: () => Downstream | undefined): Promise<void> {
  try {
    await result;
  } catch (error) {
    downstreamOf()?.done.catch(() => undefined); // the first error is the one that is answered
    throw error;
  }
  const downstream = downstreamOf();
  if (downstream === undefined) return;
  try {
    await downstream.done;
  } catch (error) {
    if (!downstream.isWatched()) throw error;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
