/**
 * The API documentation of a service as OpenAPI 3.1, made from the Swagger 2.0 that ArangoDB knows, so that both say the same.
 *
 * Schemas change on the way: what joi's are turned into is JSON Schema of draft 4, and OpenAPI 3.1 has that of 2020-12.
 */
import { isObject, type Value, type ValueObject } from '#values';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
const JSON_TYPE = 'application/json';

export function toOpenApi(swagger: ValueObject): ValueObject {
  const paths = objectOf(swagger['paths']);
  const schemes = mapValues(objectOf(swagger['securityDefinitions']), (scheme) => securityScheme(objectOf(scheme)));
  return {
    openapi: '3.1.0',
    info: infoOf(objectOf(swagger['info']), swagger['basePath']),
    servers: [{ url: textOf(swagger['basePath']) || '/' }],
    paths: mapValues(paths, (path) => mapValues(objectOf(path), (operation, method) => operationOf(objectOf(operation), method))),
    ...(Object.keys(schemes).length === 0 ? {} : { components: { securitySchemes: schemes } }),
  };
}

/** Title and version must be there; Foxx wants neither of a manifest. */
function infoOf(info: ValueObject, basePath: Value | undefined): ValueObject {
  const license = objectOf(info['license'])['name'];
  return {
    title: textOf(info['title']) || textOf(basePath),
    version: textOf(info['version']) || '0.0.0',
    ...(info['description'] ? { description: info['description'] } : {}),
    ...(license ? { license: { name: license } } : {}),
  };
}

function operationOf(operation: ValueObject, method: string): Value {
  if (!METHODS.includes(method)) return operation;
  const { parameters, consumes, produces, responses, ...kept } = operation;
  const all = listOf(parameters).map(objectOf);
  const body = all.find((parameter) => parameter['in'] === 'body');
  return {
    ...kept,
    parameters: all.filter((parameter) => parameter !== body).map(parameterOf),
    ...(body === undefined ? {} : { requestBody: requestBody(body, listOf(consumes).map(textOf)) }),
    responses: mapValues(objectOf(responses), (response, status) =>
      responseOf(objectOf(response), status === '500' ? [JSON_TYPE] : listOf(produces).map(textOf)),
    ),
  };
}

function parameterOf(parameter: ValueObject): ValueObject {
  const { name, in: place, required, description, collectionFormat, ...schema } = parameter;
  return {
    name: name ?? '',
    in: place ?? 'query',
    required: required ?? false,
    ...(description === undefined ? {} : { description }),
    schema: toSchema(schema),
    ...(collectionFormat === 'multi' ? { style: 'form', explode: true } : {}),
  };
}

function requestBody(body: ValueObject, types: readonly string[]): ValueObject {
  return {
    required: body['required'] ?? false,
    ...(body['description'] === undefined ? {} : { description: body['description'] }),
    content: contentOf(types.length === 0 ? [JSON_TYPE] : types, body['schema']),
  };
}

function responseOf(response: ValueObject, types: readonly string[]): ValueObject {
  const { schema, description } = response;
  return { description: textOf(description), ...(schema === undefined ? {} : { content: contentOf(types, schema) }) };
}

function contentOf(types: readonly string[], schema: Value | undefined): ValueObject {
  return Object.fromEntries(types.map((type) => [type, { schema: toSchema(schema ?? {}) }]));
}

/** Where one number has a bound and a second says whether it counts, later drafts have one of two numbers; `any` is no type. */
function toSchema(schema: Value): Value {
  if (Array.isArray(schema)) return schema.map(toSchema);
  if (!isObject(schema)) return schema;
  const made: Record<string, Value> = {};
  for (const [name, value] of Object.entries(schema)) {
    if (name === 'enum' || name === 'default' || name === 'example' || name === 'examples' || name === 'const') made[name] = value;
    else if (name === 'properties' || name === 'patternProperties') made[name] = mapValues(objectOf(value), toSchema);
    else if (name === 'type' && value === 'any') continue;
    else made[name] = toSchema(value);
  }
  for (const [bound, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    if (typeof made[exclusive] !== 'boolean') continue;
    const isExclusive = made[exclusive];
    delete made[exclusive];
    if (!isExclusive || made[bound] === undefined) continue;
    made[exclusive] = made[bound];
    delete made[bound];
  }
  return made;
}

const FLOWS: Readonly<Record<string, string>> = {
  implicit: 'implicit',
  password: 'password',
  application: 'clientCredentials',
  accessCode: 'authorizationCode',
};

function securityScheme(scheme: ValueObject): ValueObject {
  const { type, flow, authorizationUrl, tokenUrl, scopes, ...others } = scheme;
  if (type === 'basic') return { type: 'http', scheme: 'basic', ...others };
  if (type !== 'oauth2' || typeof flow !== 'string') return scheme;
  return {
    type,
    ...others,
    flows: {
      [FLOWS[flow] ?? flow]: {
        ...(authorizationUrl === undefined ? {} : { authorizationUrl }),
        ...(tokenUrl === undefined ? {} : { tokenUrl }),
        scopes: scopes ?? {},
      },
    },
  };
}

function objectOf(value: Value | undefined): ValueObject {
  return value !== undefined && isObject(value) ? value : {};
}

function listOf(value: Value | undefined): readonly Value[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : '';
}

function mapValues(object: ValueObject, change: (value: Value, name: string) => Value): ValueObject {
  return Object.fromEntries(Object.entries(object).flatMap(([name, value]) => (value === undefined ? [] : [[name, change(value, name)]])));
}
