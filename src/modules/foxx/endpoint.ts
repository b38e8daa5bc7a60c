/**
 * What can be said about a route, a router or a middleware: its parameters, bodies, answers and documentation. Dispatch reads it to
 * validate, the API documentation to describe.
 */
import { randomUUID } from 'node:crypto';
import { flag, plainObject, readArguments, text, type Parameter } from './arguments.ts';
import { joi } from './libraries.ts';
import { printPath, type RoutePath } from './path.ts';
import { JSON_TYPE, listOf, mimes, model, schema, status, type GivenModel, type Model, type Schema } from './schema.ts';

export interface ParameterDefinition {
  /** Without one every value is taken as it is. */
  readonly schema: Schema | undefined;
  readonly description: string | undefined;
}

export interface BodyDefinition {
  /** `null`: there may be no body. Undefined: any body, parsed by its type. */
  readonly model: Model | null | undefined;
  readonly isMultiple: boolean;
  /** The model's schema, or that of a list of them. */
  readonly schema: Schema | undefined;
  /** `null` when there may be no body. */
  readonly contentTypes: readonly string[] | null;
  readonly description: string | undefined;
}

export interface SecurityScheme {
  readonly type: string;
  readonly [option: string]: unknown;
}

const NAME: Parameter = { name: 'name', read: text, isRequired: true };
const SCHEMA: Parameter = { name: 'schema', read: schema };
const DESCRIPTION: Parameter = { name: 'description', read: text };
const STATUS: Parameter = { name: 'status', read: status };
const MODEL: Parameter = { name: 'model', read: model };
const MIMES: Parameter = { name: 'mimes', read: mimes };

export class Endpoint {
  readonly headers = new Map<string, ParameterDefinition>();
  readonly pathParams = new Map<string, ParameterDefinition>();
  readonly queryParams = new Map<string, ParameterDefinition>();
  readonly responses = new Map<number, BodyDefinition>();
  readonly tags = new Set<string>();
  readonly securitySchemes = new Map<string, SecurityScheme>();
  /** Scopes by the scheme's id; `false` where a scheme of an outer router does not apply. */
  readonly securities = new Map<string, Set<string> | false>();
  requestBody: BodyDefinition | undefined;
  summaryText: string | undefined;
  descriptionText: string | undefined;
  isDeprecated: boolean | undefined;
  readonly route: RoutePath;

  constructor(route: RoutePath) {
    this.route = route;
  }

  get path(): string {
    return printPath(this.route);
  }

  header(...values: readonly unknown[]): this {
    const given = readArguments('endpoint.header', values, [NAME, SCHEMA, DESCRIPTION]);
    this.headers.set((given['name'] as string).toLowerCase(), parameterOf(given));
    return this;
  }

  pathParam(...values: readonly unknown[]): this {
    const given = readArguments('endpoint.pathParam', values, [NAME, SCHEMA, DESCRIPTION]);
    this.pathParams.set(given['name'] as string, parameterOf(given));
    return this;
  }

  queryParam(...values: readonly unknown[]): this {
    const given = readArguments('endpoint.queryParam', values, [NAME, SCHEMA, DESCRIPTION]);
    this.queryParams.set(given['name'] as string, parameterOf(given));
    return this;
  }

  body(...values: readonly unknown[]): this {
    this.requestBody = bodyOf(readArguments('endpoint.body', values, [MODEL, MIMES, DESCRIPTION]));
    return this;
  }

  response(...values: readonly unknown[]): this {
    // A lone text describes the answer, though it may be a status's name too.
    const parameters = values.length === 1 && typeof values[0] === 'string' ? [DESCRIPTION] : [STATUS, MODEL, MIMES, DESCRIPTION];
    const given = readArguments('endpoint.response', values, parameters);
    const body = bodyOf(given);
    this.responses.set((given['status'] as number | undefined) ?? (body.model === null ? 204 : 200), body);
    return this;
  }

  error(...values: readonly unknown[]): this {
    const given = readArguments('endpoint.error', values, [{ ...STATUS, isRequired: true }, DESCRIPTION]);
    this.responses.set(given['status'] as number, {
      model: { schema: errorSchema(), fromClient: undefined, forClient: undefined },
      isMultiple: false,
      schema: errorSchema(),
      contentTypes: [JSON_TYPE],
      description: given['description'] as string | undefined,
    });
    return this;
  }

  summary(...values: readonly unknown[]): this {
    this.summaryText = readArguments('endpoint.summary', values, [{ name: 'text', read: text, isRequired: true }])['text'] as string;
    return this;
  }

  description(...values: readonly unknown[]): this {
    this.descriptionText = readArguments('endpoint.description', values, [{ name: 'text', read: text, isRequired: true }])[
      'text'
    ] as string;
    return this;
  }

  tag(...values: readonly unknown[]): this {
    for (const value of values) {
      this.tags.add(readArguments('endpoint.tag', [value], [{ name: 'tag', read: text, isRequired: true }])['tag'] as string);
    }
    return this;
  }

  deprecated(...values: readonly unknown[]): this {
    const given = readArguments('endpoint.deprecated', values, [{ name: 'flag', read: flag }]);
    this.isDeprecated = (given['flag'] as boolean | undefined) ?? true;
    return this;
  }

  securityScheme(...values: readonly unknown[]): this {
    const type: Parameter = { name: 'type', read: text, isRequired: true };
    const given = readArguments('endpoint.securityScheme', values, [type, { name: 'options', read: plainObject }, DESCRIPTION]);
    const { id = randomUUID(), ...options } = (given['options'] ?? {}) as { readonly id?: string };
    const description = given['description'] === undefined ? {} : { description: given['description'] };
    this.securitySchemes.set(id, { ...options, type: given['type'] as string, ...description });
    this.securities.set(id, new Set());
    return this;
  }

  security(...values: readonly unknown[]): this {
    const given = readArguments('endpoint.security', values, [
      { name: 'id', read: text, isRequired: true },
      { name: 'enabled', read: flag },
    ]);
    this.securities.set(given['id'] as string, given['enabled'] === false ? false : new Set());
    return this;
  }

  securityScope(...values: readonly unknown[]): this {
    const [id, ...scopes] = values.map(
      (value) => readArguments('endpoint.securityScope', [value], [{ name: 'text', read: text, isRequired: true }])['text'] as string,
    );
    if (id === undefined) return this;
    const known = this.securities.get(id);
    this.securities.set(id, new Set([...(known === undefined || known === false ? [] : known), ...scopes]));
    return this;
  }
}

function parameterOf(given: Readonly<Record<string, unknown>>): ParameterDefinition {
  return { schema: given['schema'] as Schema | undefined, description: given['description'] as string | undefined };
}

function bodyOf(given: Readonly<Record<string, unknown>>): BodyDefinition {
  const { model: found, isMultiple } = (given['model'] as GivenModel | undefined) ?? { model: undefined, isMultiple: false };
  const description = given['description'] as string | undefined;
  if (found === null) return { model: null, isMultiple, schema: undefined, contentTypes: null, description };
  const types = (given['mimes'] as readonly string[] | undefined) ?? [];
  return {
    model: found,
    isMultiple,
    schema: found?.schema === undefined || !isMultiple ? found?.schema : listOf(found.schema),
    contentTypes: types.length === 0 && found !== undefined ? [JSON_TYPE] : types,
    description,
  };
}

let sharedErrorSchema: Schema | undefined;

/** The body of an answer that reports an error. */
function errorSchema(): Schema {
  sharedErrorSchema ??= joi()
    .object()
    .keys({
      error: joi().allow(true).required(),
      errorNum: joi().number().integer().optional(),
      errorMessage: joi().string().optional(),
      code: joi().number().integer().optional(),
    });
  return sharedErrorSchema;
}
