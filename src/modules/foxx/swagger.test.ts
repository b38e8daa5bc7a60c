import assert from 'node:assert/strict';
import { test } from 'node:test';
import { captureLog, loadRoutes } from '../../../tests/support/load-service.ts';

interface Swagger {
  readonly paths: Record<string, Record<string, Record<string, unknown>>>;
  readonly [name: string]: unknown;
}

test('the documentation of a service is made of what its routes say', (t) => {
  const service = loadRoutes(
    t,
    `
    const child = createRouter();
    child.tag('child').queryParam('page', joi.number().integer().default(1), 'which page');
    child.get('/:id', () => {}, 'detail')
      .pathParam('id', joi.string().required(), 'the id').header('X-Token', joi.string().meta({ secret: true }))
      .summary('One').description('One of them').response(joi.object({ a: joi.number().required() }).description('it'), 'found')
      .error(404, 'not there').error('conflict');
    child.post('/', () => {}, 'create').body([joi.object({ a: joi.number().required() }).required()], 'what to make')
      .response('created', ['text/plain'], 'made').deprecated().tag('write');
    router.use('/items/:group', child, 'items');
    router.delete('/items/:group', () => {}).queryParam('kind', joi.valid('a', 'b')).queryParam('plain', 'no schema').response(null);
    router.all('/any/*', () => {});
    router.securityScheme('basic', { id: 'auth' }, 'password').get('/open', () => {}).security('auth', false);
    context.use('/v1', router);
    context.use((req, res, next) => next()).header('X-All', 'for all');
    `.replace('context.use', 'module.context.use'),
    {},
    { name: 'docs', version: '1.2.3', description: 'tests', license: 'MIT' },
  );
  const swagger = service.loaded.documentation as unknown as Swagger;
  const { paths, ...head } = swagger;
  assert.deepEqual(head, {
    swagger: '2.0',
    basePath: '/_db/_system/test',
    info: { title: 'docs', version: '1.2.3', description: 'tests', license: { name: 'MIT' } },
    securityDefinitions: { auth: { type: 'basic', description: 'password' } },
  });
  assert.ok('/v1/any/*' in paths && '/any/*' in paths);

  const detail = paths['/v1/items/{group}/{id}']?.['get'] ?? {};
  assert.equal(detail['operationId'], 'itemsDetail');
  assert.equal(detail['summary'], 'One');
  assert.equal(detail['description'], 'One of them');
  assert.deepEqual(detail['tags'], ['child']);
  assert.deepEqual(detail['security'], [{ auth: [] }]);
  assert.deepEqual(detail['produces'], ['application/json']);
  const parameters = detail['parameters'] as { name: string }[];
  assert.deepEqual(
    parameters.map(({ name, ...rest }) => [name, rest]),
    [
      ['group', { type: 'string', in: 'path', required: true }],
      ['id', { type: 'string', in: 'path', required: true, description: 'the id' }],
      ['page', { type: 'integer', in: 'query', required: false, default: 1, description: 'which page' }],
      ['x-all', { type: 'string', in: 'header', description: 'for all' }],
      ['x-token', { type: 'string', format: 'password', in: 'header', required: false }],
    ],
  );
  const responses = detail['responses'] as Record<string, { description: string; schema?: object }>;
  assert.deepEqual(Object.keys(responses), ['200', '404', '409', '500']);
  assert.equal(responses['200']?.description, 'found');
  assert.deepEqual(responses['200']?.schema, {
    type: 'object',
    properties: { a: { type: 'number' } },
    additionalProperties: false,
    required: ['a'],
    description: 'it',
    patterns: [],
  });
  assert.equal(responses['409']?.description, 'HTTP 409 Conflict.');

  const create = paths['/v1/items/{group}']?.['post'] ?? {};
  assert.equal(create['deprecated'], true);
  assert.deepEqual(create['consumes'], ['application/json']);
  assert.deepEqual(create['produces'], ['text/plain', 'application/json']);
  const body = (create['parameters'] as { in: string; schema?: { type: string } }[]).find((one) => one.in === 'body');
  assert.equal(body?.schema?.type, 'array');
  assert.equal((create['responses'] as Record<string, { description: string }>)['201']?.description, 'made');

  const remove = paths['/v1/items/{group}']?.['delete'] ?? {};
  assert.equal(remove['operationId'], 'DELETE_v_items_group');
  assert.deepEqual((remove['parameters'] as { enum?: string[] }[])[1]?.enum, ['a', 'b']);
  assert.equal((remove['responses'] as Record<string, { description: string }>)['204']?.description, 'HTTP 204 No Content.');
  assert.equal(paths['/v1/open']?.['get']?.['security'], undefined);
});

test('a service works whose documentation cannot be made', (t) => {
  const entries = captureLog(t);
  const service = loadRoutes(
    t,
    `const schema = joi.string(); schema._valids = null; router.get('/', (req, res) => { res.send('works'); }).queryParam('x', { isJoi: true, validate: (value) => ({ value }) });`,
  );
  assert.equal(service.get('/').body, 'works');
  assert.deepEqual((service.loaded.documentation as unknown as Swagger).paths, {});
  assert.match(entries[0]?.message ?? '', /documentation of "\/test" could not be made/);
});

test('a service shows its documentation', (t) => {
  const service = loadRoutes(
    t,
    `
    router.get('/thing', () => {}).summary('A <thing>');
    context.use('/docs', context.createDocumentationRouter());
    context.use('/guarded', context.createDocumentationRouter({ before: (req, res) => { if (req.queryParams.key !== '1') { res.throw(403); } } }));
    context.use('/refused', context.createDocumentationRouter((req, res) => { res.status(401); return false; }));
    context.use('/own', context.createDocumentationRouter('pages'));
    router.get('/old/*', context.apiDocumentation());
    `,
    {},
    { name: 'shown' },
  );
  const page = service.get('/docs');
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.match(page.body, /A &#60;thing&#62;/);
  assert.ok('/thing' in (service.get('/docs/swagger.json').json as Swagger).paths);
  assert.equal(service.get('/docs/nothing').status, 404);
  assert.equal(service.get('/guarded/').status, 403);
  assert.equal(service.get('/guarded/?key=1').status, 200);
  assert.equal(service.get('/refused').status, 401);
  assert.equal(service.get('/own/../index.js').status, 404);
  assert.equal(service.get('/old/swagger.json').status, 200);
});
