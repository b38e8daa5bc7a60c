/**
 * The API documentation of a service: Swagger 2.0, made of what its routes say about themselves.
 *
 * Definitions are merged along the chain from the service's router to the route, so what is said about a router or a middleware shows
 * at each route behind it.
 */
import { STATUS_CODES } from 'node:http';
import { loadPackage } from '../loader/bundled.ts';
import type { BodyDefinition, Endpoint, ParameterDefinition, SecurityScheme } from './endpoint.ts';
import type { FoxxService } from './foxx-service.ts';
import type { JoiSchema } from './libraries.ts';
import { Route, RouterMount } from './router.ts';
import { isJoiSchema, type Schema } from './schema.ts';
import type { Candidate } from './tree.ts';

type JsonObject = Record<string, unknown>;

export function swaggerOf(service: FoxxService): JsonObject {
  const { manifest, database, mount } = service;
  const { paths, securityDefinitions } = describeRoutes(service);
  return {
    swagger: '2.0',
    basePath: `/_db/${encodeURIComponent(database.name)}${mount}`,
    paths,
    ...(securityDefinitions === undefined ? {} : { securityDefinitions }),
    info: {
      title: manifest.name,
      description: manifest.description,
      version: manifest.version,
      license: { name: manifest.license },
    },
  };
}

/** A service works though its documentation cannot be made: that is logged, and the paths are left out. */
function describeRoutes({ describedTree, console, mount }: FoxxService): {
  paths: JsonObject;
  securityDefinitions: JsonObject | undefined;
} {
  const paths: Record<string, JsonObject> = {};
  const securityDefinitions: JsonObject = {};
  const operationIds = new Set<string>();
  try {
    for (const candidate of describedTree.candidates()) {
      const merged = merge(candidate);
      Object.assign(securityDefinitions, Object.fromEntries(merged.securitySchemes));
      const path = (paths[merged.path] ??= {});
      for (const method of candidate.methods) {
        path[method.toLowerCase()] ??= { ...operationOf(merged), operationId: uniqueId(operationIds, operationName(merged, method)) };
      }
    }
  } catch (error) {
    console.errorStack(error, `The API documentation of "${mount}" could not be made.`);
    return { paths: {}, securityDefinitions: undefined };
  }
  return { paths, securityDefinitions: Object.keys(securityDefinitions).length === 0 ? undefined : securityDefinitions };
}

/** All that holds for one route. */
interface Merged {
  readonly path: string;
  readonly names: readonly string[];
  readonly pathParams: ReadonlyMap<string, ParameterDefinition>;
  readonly queryParams: ReadonlyMap<string, ParameterDefinition>;
  readonly headers: ReadonlyMap<string, ParameterDefinition>;
  readonly body: BodyDefinition | undefined;
  readonly responses: ReadonlyMap<number, BodyDefinition>;
  readonly tags: ReadonlySet<string>;
  readonly securitySchemes: ReadonlyMap<string, SecurityScheme>;
  readonly securities: ReadonlyMap<string, ReadonlySet<string> | false>;
  readonly summary: string | undefined;
  readonly description: string | undefined;
  readonly isDeprecated: boolean;
}

function merge({ steps }: Candidate): Merged {
  const endpoints = steps.flatMap(({ definition }) =>
    definition instanceof RouterMount ? [definition.router as Endpoint, definition] : [definition],
  );
  // A middleware's path is one of those that lead to the route anyway.
  const onPath = steps.filter(({ type }) => type !== 'middleware');
  const parts: string[] = [];
  const pathParams = new Map<string, ParameterDefinition>();
  for (const { definition } of onPath) {
    const declared = new Map([...(definition instanceof RouterMount ? definition.router.pathParams : []), ...definition.pathParams]);
    for (const segment of definition.route.segments) {
      if (segment.type === 'text') {
        parts.push(segment.text);
        continue;
      }
      const name = uniqueName(pathParams, segment.name);
      pathParams.set(name, declared.get(segment.name) ?? { schema: undefined, description: undefined });
      parts.push(`{${name}}`);
    }
  }
  const last = onPath.at(-1)?.definition;
  if (last instanceof Route && last.route.hasWildcard) parts.push('*');
  const union = <Key, Value>(pick: (endpoint: Endpoint) => ReadonlyMap<Key, Value>): Map<Key, Value> =>
    new Map(endpoints.flatMap((endpoint) => [...pick(endpoint)]));
  const securities = new Map<string, ReadonlySet<string> | false>();
  for (const [id, scopes] of endpoints.flatMap((endpoint) => [...endpoint.securities])) {
    const before = securities.get(id);
    securities.set(id, scopes === false ? false : new Set([...(before || []), ...scopes]));
  }
  return {
    path: `/${parts.join('/')}`,
    names: onPath.flatMap(({ definition }) =>
      (definition instanceof Route || definition instanceof RouterMount) && definition.name !== undefined ? [definition.name] : [],
    ),
    pathParams,
    queryParams: union(({ queryParams }) => queryParams),
    headers: union(({ headers }) => headers),
    body: endpoints.find(({ requestBody }) => requestBody !== undefined)?.requestBody,
    responses: union(({ responses }) => responses),
    tags: new Set(endpoints.flatMap(({ tags }) => [...tags])),
    securitySchemes: union(({ securitySchemes }) => securitySchemes),
    securities,
    summary: endpoints.findLast(({ summaryText }) => summaryText)?.summaryText,
    description: endpoints.findLast(({ descriptionText }) => descriptionText)?.descriptionText,
    isDeprecated: endpoints.findLast(({ isDeprecated }) => isDeprecated !== undefined)?.isDeprecated ?? false,
  };
}

/** A name that an outer router has taken gets a number. */
function uniqueName(taken: ReadonlyMap<string, unknown>, name: string): string {
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(name + number)) number++;
  return name + number;
}

function uniqueId(taken: Set<string>, name: string): string {
  let id = name;
  for (let number = 2; taken.has(id); number++) id = name + number;
  taken.add(id);
  return id;
}

function operationName({ names, path }: Merged, method: string): string {
  if (names.length === 0)
    return `${method}_${path
      .slice(1)
      .replaceAll('/', '_')
      .replaceAll(/[^_a-z]+/gi, '')}`;
  return names.map((name, index) => (index === 0 ? name.toLowerCase() : name.charAt(0).toUpperCase() + name.slice(1))).join('');
}

function operationOf(merged: Merged): JsonObject {
  const { body, responses, securities } = merged;
  const produces = new Set([...responses.values()].flatMap(({ contentTypes }) => contentTypes ?? []));
  produces.add('application/json'); // what errors are
  const security = [...securities].filter(([, scopes]) => scopes !== false).map(([id, scopes]) => ({ [id]: [...(scopes || [])] }));
  return {
    ...(merged.isDeprecated ? { deprecated: true } : {}),
    ...(merged.description === undefined ? {} : { description: merged.description }),
    ...(merged.summary === undefined ? {} : { summary: merged.summary }),
    tags: [...merged.tags],
    ...(security.length === 0 ? {} : { security }),
    ...(body === undefined ? {} : { consumes: [...(body.contentTypes ?? [])] }),
    produces: [...produces],
    parameters: [
      ...parametersOf(merged.pathParams, 'path'),
      ...parametersOf(merged.queryParams, 'query'),
      ...parametersOf(merged.headers, 'header'),
      ...(body === undefined || body.contentTypes === null ? [] : [bodyParameter(body)]),
    ],
    responses: responsesOf(responses),
  };
}

function parametersOf(definitions: ReadonlyMap<string, ParameterDefinition>, place: 'path' | 'query' | 'header'): JsonObject[] {
  return [...definitions].map(([name, { schema, description }]) => ({
    ...(isJoiSchema(schema) ? parameterOf(schema) : { type: 'string' }),
    name,
    in: place,
    ...(place === 'path' ? { required: true } : {}),
    ...(description === undefined ? {} : { description }),
  }));
}

/** What joi keeps about a schema. It has no other way to ask. */
interface JoiInternals {
  readonly _type: string;
  readonly _tests: readonly { readonly name: string }[];
  readonly _meta: readonly { readonly secret?: boolean; readonly allowMultiple?: boolean }[];
  readonly _valids: { values(): readonly unknown[] };
  readonly _flags: { readonly presence?: string; readonly default?: unknown };
  readonly _description?: string | null;
}

function internalsOf(schema: JoiSchema): {
  readonly type: string;
  readonly tests: JoiInternals['_tests'];
  readonly meta: JoiInternals['_meta'];
  readonly values: readonly unknown[];
  readonly flags: JoiInternals['_flags'];
  readonly description: string | undefined;
} {
  const {
    _type: type,
    _tests: tests,
    _meta: meta,
    _valids: valids,
    _flags: flags,
    _description: description,
  } = schema as unknown as JoiInternals;
  return { type, tests, meta, values: valids.values(), flags, description: description ?? undefined };
}

function parameterOf(schema: JoiSchema): JsonObject {
  const { flags, meta, description, values } = internalsOf(schema);
  const item: JsonObject = {
    ...typeOf(schema),
    ...(values.length === 0 ? {} : { enum: [...values] }),
    ...('default' in flags && typeof flags.default !== 'function' ? { default: flags.default } : {}),
  };
  return {
    required: flags.presence === 'required',
    ...(description ? { description } : {}),
    ...(meta.some(({ allowMultiple }) => allowMultiple) ? { type: 'array', collectionFormat: 'multi', items: item } : item),
  };
}

function typeOf(schema: JoiSchema): { readonly type: string; readonly format?: string } {
  const { type, tests, meta } = internalsOf(schema);
  switch (type) {
    case 'binary':
      return { type: 'string', format: 'binary' };
    case 'date':
      return { type: 'string', format: 'date-time' };
    case 'number':
      return { type: tests.some(({ name }) => name === 'integer') ? 'integer' : 'number' };
    case 'boolean':
    case 'array':
    case 'object':
      return { type };
    case 'string':
      return meta.some(({ secret }) => secret) ? { type, format: 'password' } : { type };
    default:
      return { type: 'string' };
  }
}

function bodyParameter(body: BodyDefinition): JsonObject {
  const own = body.model?.schema;
  const described = isJoiSchema(own) ? internalsOf(own) : undefined;
  const description = body.description ?? described?.description;
  return {
    name: 'body',
    in: 'body',
    required: described?.flags.presence === 'required',
    schema: jsonSchemaOf(body) ?? { type: 'string' },
    ...(description ? { description } : {}),
  };
}

function responsesOf(responses: ReadonlyMap<number, BodyDefinition>): JsonObject {
  const described: JsonObject = {
    500: { description: 'Default error response.', schema: ERROR_SCHEMA },
  };
  for (const [status, response] of responses) {
    const schema = response.contentTypes?.length ? (jsonSchemaOf(response) ?? { type: 'string' }) : undefined;
    const own = response.model?.schema;
    const description =
      response.description ?? (isJoiSchema(own) ? internalsOf(own).description : undefined) ?? describeStatus(status, schema !== undefined);
    described[status] = { ...(schema === undefined ? {} : { schema }), description };
  }
  return described;
}

function describeStatus(status: number, hasBody: boolean): string {
  const name = STATUS_CODES[status];
  return name === undefined ? `Nondescript ${status} response${hasBody ? '' : ' without body'}.` : `HTTP ${status} ${name}.`;
}

const ERROR_SCHEMA = {
  type: 'object',
  properties: {
    error: { enum: [true] },
    errorNum: { type: 'integer' },
    errorMessage: { type: 'string' },
    code: { type: 'integer' },
  },
  required: ['error'],
};

function jsonSchemaOf({ model, isMultiple }: BodyDefinition): unknown {
  if (model?.schema === undefined) return undefined;
  const item = toJsonSchema(model.schema);
  return isMultiple ? { type: 'array', items: item } : item;
}

/** Schemas of other libraries cannot be described, only used. */
export function toJsonSchema(schema: Schema): unknown {
  if (!isJoiSchema(schema)) return { type: 'object' };
  const convert = loadPackage('joi-to-json-schema') as (schema: JoiSchema) => JsonObject;
  return convert(schema);
}
