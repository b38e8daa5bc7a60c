import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadRoutes } from '../../../tests/support/load-service.ts';

const SERVICE = `
const graphql = require('graphql-sync');
const createGraphQLRouter = require('@arangodb/foxx/graphql');
const field = (resolve, args = {}) => ({ type: graphql.GraphQLString, args, resolve });
const schema = new graphql.GraphQLSchema({
  query: new graphql.GraphQLObjectType({ name: 'Query', fields: {
    hello: field((root, { name }, context) => 'Hello ' + (name || root || 'World') + (context || ''), { name: { type: graphql.GraphQLString } }),
    fails: field(() => { throw new Error('told'); }),
  } }),
  mutation: new graphql.GraphQLObjectType({ name: 'Mutation', fields: { change: field(() => 'changed') } }),
});
router.use('/plain', createGraphQLRouter(schema));
router.use('/options', createGraphQLRouter({ schema, rootValue: 'Root', context: '!', pretty: true, graphiql: true, formatError: (e) => ({ own: e.message }) }));
router.use('/function', createGraphQLRouter((req) => ({ schema, rootValue: req.get('x-root') })));
`;

test('queries by GET and POST, with variables and operation names', (t) => {
  const service = loadRoutes(t, SERVICE);
  const hello = (name: string): object => ({ data: { hello: `Hello ${name}` } });
  const query = 'query q($n: String) { hello(name: $n) } query other { hello }';
  assert.deepEqual(service.get(`/plain?query=${encodeURIComponent('{ hello }')}`).json, hello('World'));
  assert.deepEqual(service.post('/plain', { query: '{ hello(name: "Ada") }' }).json, hello('Ada'));
  assert.deepEqual(service.post('/plain', { query, variables: { n: 'Eve' }, operationName: 'q' }).json, hello('Eve'));
  assert.deepEqual(service.post('/plain', { query, variables: '{"n":"Eve"}', operationName: 'other' }).json, hello('World'));
  assert.deepEqual(service.post('/plain', '{ hello }', { headers: { 'content-type': 'application/graphql' } }).json, hello('World'));
  const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
  assert.deepEqual(service.post('/plain', 'query={hello}', form).json, hello('World'));
  assert.deepEqual(service.post('/plain', { query: 'mutation { change }' }).json, { data: { change: 'changed' } });
  assert.deepEqual(service.get('/function?query={hello}', { headers: { 'x-root': 'You' } }).json, hello('You'));
  const pretty = service.get('/options?query={hello}');
  assert.equal(pretty.body, '{\n  "data": {\n    "hello": "Hello Root!"\n  }\n}');
});

test('what is wrong with a query', (t) => {
  const service = loadRoutes(t, SERVICE);
  const table: [method: string, target: string, body: unknown, status: number, message: RegExp][] = [
    ['POST', '/plain', {}, 400, /Must provide query string/],
    ['POST', '/plain', { query: '{ hello' }, 400, /Syntax Error/],
    ['POST', '/plain', { query: '{ nothing }' }, 400, /Cannot query field/],
    ['GET', '/plain?query=mutation{change}', undefined, 405, /Can only perform a mutation operation from a POST request/],
    ['POST', '/plain', { query: '{ fails }' }, 200, /told/],
  ];
  for (const [method, target, body, status, message] of table) {
    const answer = service.ask(method, target, { body });
    assert.equal(answer.status, status, target);
    assert.match((answer.json as { errors: { message: string }[] }).errors[0]?.message ?? '', message);
  }
  assert.equal(service.get('/plain?query=mutation{change}').headers['allow'], 'POST');
  assert.equal(service.post('/plain', { query: '{ hello }', variables: '{' }).status, 400);
  assert.deepEqual((service.post('/options', { query: '{ fails }' }).json as { errors: object[] }).errors, [{ own: 'told' }]);
});

test('a browser gets a page where one is wanted', (t) => {
  const service = loadRoutes(t, SERVICE);
  const html = { headers: { accept: 'text/html' } };
  const page = service.get('/options', html);
  assert.deepEqual([page.status, page.headers['content-type']], [200, 'text/html; charset=utf-8']);
  assert.match(page.body, /GraphiQL/);
  assert.equal(service.get('/options?query={hello}&raw', html).headers['content-type'], 'application/json; charset=utf-8');
  assert.equal(service.get('/plain?query={hello}', html).headers['content-type'], 'application/json; charset=utf-8');
  assert.ok(!service.get('/options?query=%7B%20hello(name:%22%3C/script%3E%22)%20%7D', html).body.includes('</script>"'));
});
