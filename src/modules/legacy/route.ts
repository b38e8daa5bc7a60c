/**
 * One route of a controller: what must hold before its handler runs, what the handler gets, and which errors become which answers.
 *
 * The methods are chained by services. In this order a request meets them: path and query parameters, checks (`onlyIf`), bodies, handler.
 */
import { inspect } from 'node:util';
import { httpErrors } from '../foxx/libraries.ts';
import { isJoiSchema, type Schema } from '../foxx/schema.ts';
import type { LegacyContext } from './context.ts';
import { isDeclared, messageOf, UnauthorizedError, writeBadRequest, writeError } from './errors.ts';
import { isAttributes, objectSchema, parameterOptions, readParameter, type Parameter, type ParameterOptions } from './joi-schemas.ts';
import type { Model, ModelConstructor } from './model.ts';
import type { LegacyRequest } from './request.ts';
import type { LegacyResponse } from './response.ts';
import type { UrlPattern } from './routing.ts';

export type Injected = Readonly<Record<string, unknown>>;
export type RouteHandler = (req: LegacyRequest, res: LegacyResponse, injected: Injected) => unknown;
export type ErrorClass = string | (new (...values: never[]) => unknown);

interface ErrorResponse {
  readonly errorClass: ErrorClass;
  readonly status: number;
  readonly reason: string;
  readonly toBody: ((error: unknown) => unknown) | undefined;
}

interface BodyParameter {
  readonly name: string;
  readonly allowInvalid: boolean;
  readonly construct: (raw: unknown) => unknown;
}

/** What the API documentation tells of a route. */
export interface RouteDescription {
  summary: string | undefined;
  notes: string | undefined;
  readonly pathParams: Map<string, Parameter>;
  readonly queryParams: Map<string, Parameter>;
  body: { readonly schema: Schema | undefined; readonly description: string | undefined } | undefined;
  readonly errors: { readonly status: number; readonly reason: string }[];
}

export interface RouteDefinition {
  readonly method: string;
  readonly path: string;
  readonly pattern: UrlPattern;
  readonly handler: RouteHandler;
  readonly injected: () => Injected;
  readonly context: LegacyContext;
}

const SUMMARY_LIMIT_CHARS = 8192;
const BODY_METHODS = new Set(['POST', 'PUT', 'PATCH']);

export class LegacyRoute {
  readonly definition: RouteDefinition;
  readonly description: RouteDescription = {
    summary: undefined,
    notes: undefined,
    pathParams: new Map(),
    queryParams: new Map(),
    body: undefined,
    errors: [],
  };
  /** Path parameters that are integers: other paths are not this route's. */
  readonly digits = new Set<string>();
  readonly #checks: ((req: LegacyRequest) => unknown)[] = [];
  readonly #bodies: BodyParameter[] = [];
  readonly #errorResponses: ErrorResponse[] = [];

  constructor(definition: RouteDefinition) {
    this.definition = definition;
    if (BODY_METHODS.has(definition.method)) this.#bodies.push({ name: 'undocumented body', allowInvalid: true, construct: (raw) => raw });
  }

  pathParam(name: string, given?: unknown): this {
    const parameter = readParameter(parameterOptions(given));
    this.description.pathParams.set(name, parameter);
    if (parameter.type === 'integer') this.digits.add(name);
    else this.digits.delete(name);
    return this;
  }

  queryParam(name: string, given?: unknown): this {
    this.description.queryParams.set(name, readParameter(parameterOptions(given)));
    return this;
  }

  bodyParam(name: string, given?: unknown): this {
    const options = parameterOptions(given);
    const { type } = options;
    if (typeof type === 'function' || Array.isArray(type))
      return this.#modelParam(name, options, type as ModelConstructor | readonly ModelConstructor[]);
    const isSchema = isJoiSchema(type) || isAttributes(type);
    const schema = isSchema && !isJoiSchema(type) ? objectSchema(type).required() : type;
    const parameter = readParameter(isSchema ? { ...options, type: schema } : { ...options, type: undefined });
    this.#bodies.push({
      name,
      allowInvalid: parameter.allowInvalid,
      construct: (raw) => (parameter.schema === undefined ? raw : validated(raw, parameter.schema, parameter)),
    });
    this.description.body = parameter;
    return this;
  }

  #modelParam(name: string, options: ParameterOptions, type: ModelConstructor | readonly ModelConstructor[]): this {
    const { allowInvalid = false, description } = options;
    const Type = (Array.isArray(type) ? type[0] : type) as ModelConstructor;
    const given = Type.prototype.schema as unknown;
    const schema = isJoiSchema(given) ? given : isAttributes(given) ? objectSchema(given) : undefined;
    const create = (raw: unknown): Model => new Type(schema === undefined ? raw : validated(raw, schema, { allowInvalid }));
    const construct = Array.isArray(type) ? (raw: unknown) => (raw as readonly unknown[]).map(create) : create;
    this.#bodies.push({ name, allowInvalid, construct });
    this.description.body = { schema, description };
    return this;
  }

  /** At most 8192 characters. */
  summary(text: string): this {
    if (text.length > SUMMARY_LIMIT_CHARS) throw new Error(`Summary can't be longer than ${SUMMARY_LIMIT_CHARS} characters`);
    this.description.summary = text;
    return this;
  }

  notes(...texts: readonly string[]): this {
    this.description.notes = texts.join('\n');
    return this;
  }

  errorResponse(errorClass: ErrorClass, status: number, reason: string, toBody?: (error: unknown) => unknown): this {
    this.#errorResponses.push({ errorClass, status, reason, toBody });
    this.description.errors.push({ status, reason });
    return this;
  }

  /** The check throws when the request may not go on. */
  onlyIf(check: (req: LegacyRequest) => unknown): this {
    this.#checks.push(check);
    return this;
  }

  onlyIfAuthenticated(status?: number, reason?: string): this {
    this.onlyIf((req) => {
      const session = req.session as { readonly get?: (name: string) => unknown } | undefined;
      if (session?.get?.('uid') || (req.user && req.currentSession)) return;
      throw new UnauthorizedError();
    });
    return this.errorResponse(UnauthorizedError, status ?? 401, reason ?? 'Not authorized');
  }

  /** Errors become answers here, so that hooks that come after run with those, too. */
  run(req: LegacyRequest, res: LegacyResponse): void {
    try {
      const problem = this.#validateParameters(req);
      if (problem !== undefined) {
        writeBadRequest(res, problem);
        return;
      }
      for (const check of this.#checks) check(req);
      for (const { name, construct, allowInvalid } of this.#bodies) req.parameters[name] = construct(readBody(req, { allowInvalid }));
      this.definition.handler(req, res, this.definition.injected());
    } catch (error) {
      this.#answerError(res, error);
    }
  }

  #validateParameters(req: LegacyRequest): string | undefined {
    const { pathParams, queryParams } = this.description;
    for (const [parameters, values] of [[pathParams, req.urlParameters] as const, [queryParams, req.parameters] as const]) {
      for (const [name, { schema }] of parameters) {
        const result = schema?.validate(values[name]);
        if (result?.error) return `Invalid value for "${name}": ${result.error.message}`;
        if (result !== undefined && result.value !== undefined) values[name] = result.value;
      }
    }
    return undefined;
  }

  #answerError(res: LegacyResponse, error: unknown): void {
    const known = this.#errorResponses.find(({ errorClass }) =>
      typeof errorClass === 'string' ? (error as { name?: unknown } | null)?.name === errorClass : error instanceof errorClass,
    );
    if (known !== undefined) {
      res.status(known.status);
      res.json(known.toBody === undefined ? { error: known.reason } : known.toBody(error));
      return;
    }
    const { context, method, path } = this.definition;
    if (!isDeclared(error)) {
      context.service.console.errorStack(
        error instanceof Error ? error : inspect(error),
        `Error in route ${method} ${path} of "${context.mount}": ${messageOf(error)}`,
      );
    }
    writeError(res, error, context);
  }
}

function readBody(req: LegacyRequest, { allowInvalid }: { readonly allowInvalid: boolean }): unknown {
  try {
    return req.body();
  } catch (error) {
    if (allowInvalid) return {};
    throw error;
  }
}

function validated(raw: unknown, schema: Schema, { allowInvalid }: { readonly allowInvalid: boolean }): unknown {
  const { error, value } = schema.validate(raw);
  if (error && !allowInvalid) throw httpErrors()(422, error.message.replace(/^"value"/, 'Request body'));
  return value;
}
