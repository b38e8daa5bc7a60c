/**
 * Every operation that ArangoDB 3.12 documents is known to a running server: those that work have a route, those that cannot work say so.
 * With UPDATE_GOLDEN=1 the page in the manual is written anew.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { asker, type Ask } from '../support/ask.ts';
import { unlessEmbedded } from '../support/database.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { plainPath, routesPage, stateOf, type Operation } from './route-states.ts';

const LIST = '../shared/golden/routes-3.12.json';
const PAGE = 'docs/reference/routes.md';
const skip = existsSync(LIST) ? false : `${LIST} is missing, and with it the list of documented operations`;
const operations = skip === false ? (JSON.parse(readFileSync(LIST, 'utf8')) as readonly Operation[]) : [];

const isOnPostgres = unlessEmbedded('another engine') !== false;
/** Servers on PostgreSQL know of each other, and PostgreSQL has its own backups. */
const OTHERWISE_ON_POSTGRES = /^\/_admin\/(?:cluster\/health|backup\/)/;

let server: TestServer;
let ask: Ask;

before(async () => {
  if (skip !== false) return;
  server = await startServer({ workers: 1, arguments: ['--javascript.allow-admin-execute=true'] });
  ask = asker(server);
});
after(async () => {
  if (skip === false) await server.dispose();
});

test('the page lists each operation as it is', { skip }, () => {
  const page = routesPage(operations);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(PAGE, page);
  assert.equal(readFileSync(PAGE, 'utf8'), page, `${PAGE} is out of date: UPDATE_GOLDEN=1 writes it`);
});

test('tests that show something exist', { skip }, () => {
  for (const operation of operations) {
    const state = stateOf(operation);
    if (state.is === 'works') assert.ok(existsSync(state.shownBy), `${operation.method} ${operation.path}: ${state.shownBy}`);
  }
});

test('what works has a route, and what cannot work says so', { skip }, async () => {
  for (const operation of operations) {
    const { method } = operation;
    const state = stateOf(operation);
    if (isOnPostgres && OTHERWISE_ON_POSTGRES.test(operation.path)) continue;
    const path = plainPath(operation.path)
      .replaceAll('{index-id}', 'x/1')
      .replaceAll(/\{[^}]+\}/g, 'x');
    if (state.is === 'not yet' || (method === 'DELETE' && path === '/_admin/shutdown')) continue;
    const body = method === 'GET' || method === 'HEAD' ? undefined : bodyOf(operation);
    const { status, text, body: answered } = await ask(method, path, body);
    const line = `${method} ${operation.path} ${status} ${text.slice(0, 200)}`;
    assert.ok(status < 500 || status === 501, line);
    if (state.is === 'works') assert.ok(status !== 501 && status !== 405 && !text.includes('unknown path'), line);
    else assert.ok(status >= 400 && typeof answered['errorMessage'] === 'string' && !text.includes('unknown path'), line);
  }
});

/** Enough of a body to come to the form of the request that is meant. */
function bodyOf({ path }: Operation): unknown {
  const [, form] = path.split('#');
  return plainPath(path) === '/_api/index' && form !== undefined ? { type: form, fields: ['a'] } : {};
}
