import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { ValueObject } from '#values';
import { loadRoutes } from '../../../tests/support/load-service.ts';
import { toOpenApi } from './openapi.ts';

const ROUTES = `
  const item = joi.object().required().keys({ name: joi.string().required(), price: joi.number().greater(0).max(10), any: joi.any(), tags: joi.array().items(joi.string()) }).unknown();
  router.get('/items/:id/*', (req, res) => {}, 'item')
    .pathParam('id', joi.number().integer().required(), 'Which one')
    .queryParam('tag', joi.string().valid('a', 'b').default('a').meta({ allowMultiple: true }))
    .header('x-token', joi.string().required())
    .response(200, item, ['application/json', 'application/x-item'], 'The item.')
    .response(204, null).error(404, 'None.').summary('One').description('Reads one item.').tag('items').deprecated();
  router.post('/items', (req, res) => {}).body([item], 'Some items').response([item]);
  router.put('/upload', (req, res) => {}).body(['multipart/form-data', 'image/png']).securityScheme('basic', 'Log in').securityScheme('oauth2', { flow: 'accessCode', authorizationUrl: 'https://a.example/a', tokenUrl: 'https://a.example/t', scopes: { read: 'Read' } });
  router.all('/any', () => {});
`;

async function check(document: ValueObject): Promise<void> {
  const { valid, errors } = await new Validator().validate(structuredClone(document) as Record<string, unknown>);
  assert.ok(valid, JSON.stringify(errors, null, 2));
}

test('what a service says of itself is valid Swagger 2.0, and valid OpenAPI 3.1', async (t) => {
  const { documentation } = loadRoutes(t, ROUTES, {}, { name: 'items', version: '1.2.3', license: 'MIT', description: 'Things' }).loaded;
  const document = JSON.parse(JSON.stringify(toOpenApi(documentation))) as ValueObject & {
    paths: Record<string, Record<string, ValueObject>>;
  };
  await check(document);
  assert.equal(document['openapi'], '3.1.0');
  assert.deepEqual(document['servers'], [{ url: '/_db/_system/test' }]);
  assert.deepEqual(document['info'], { title: 'items', version: '1.2.3', description: 'Things', license: { name: 'MIT' } });
  const read = document.paths['/items/{id}/*']?.['get'];
  assert.deepEqual(read?.['parameters'], [
    { name: 'id', in: 'path', required: true, description: 'Which one', schema: { type: 'integer' } },
    {
      name: 'tag',
      in: 'query',
      required: false,
      schema: { type: 'array', items: { type: 'string', enum: ['a', 'b'], default: 'a' } },
      style: 'form',
      explode: true,
    },
    { name: 'x-token', in: 'header', required: true, schema: { type: 'string' } },
  ]);
  const at = (...path: readonly string[]): unknown =>
    path.reduce<unknown>((found, name) => (found as Record<string, unknown> | undefined)?.[name], document);
  const response = ['paths', '/items/{id}/*', 'get', 'responses'] as const;
  assert.deepEqual(Object.keys(at(...response, '200', 'content') as object), ['application/json', 'application/x-item']);
  assert.equal(at(...response, '204', 'content'), undefined);
  const properties = [...response, '200', 'content', 'application/json', 'schema', 'properties'];
  assert.deepEqual([at(...properties, 'price', 'exclusiveMinimum'), at(...properties, 'price', 'maximum')], [0, 10]);
  assert.notEqual(at(...properties, 'any', 'type'), 'any');
  assert.equal(at('paths', '/items', 'post', 'requestBody', 'content', 'application/json', 'schema', 'type'), 'array');
});

test('a service that says nothing of itself has a valid document', async (t) => {
  await check(JSON.parse(JSON.stringify(toOpenApi(loadRoutes(t, `router.get('/', () => {});`).loaded.documentation))) as ValueObject);
});
