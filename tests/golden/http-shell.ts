/**
 * As much of ArangoDB's shell as the recorded scripts use, over HTTP: `db`, `internal`, a few modules, and the functions that log
 * requests and answers.
 */
import assert from 'node:assert/strict';
import { createContext, runInContext } from 'node:vm';
import type { BlockingClient, ShellAnswer } from './http-client.ts';
import { database, succeed } from './http-database.ts';
import { exampleGraphs, generalGraphs } from './http-graphs.ts';

type Body = Readonly<Record<string, unknown>>;

/** Runs a script; the answers that it logged, in order. An assertion of the script that fails ends it and is told as `failure`. */
export function runScript(client: BlockingClient, script: string): { readonly logged: readonly ShellAnswer[]; readonly failure?: string } {
  const logged: ShellAnswer[] = [];
  const log = (answer: ShellAnswer): void => void logged.push(answer);
  const db = database(client);
  const send = (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): ShellAnswer =>
    client.request(method, path, body, headers);
  const raw = (method: string) => (path: string, body?: unknown) => send(method, path, body);
  const parsed = (method: string) => (path: string, body?: unknown) => send(method, path, body).parsedBody;
  const arango = { GET_RAW: raw('GET'), GET: parsed('GET'), POST: parsed('POST'), PUT: parsed('PUT'), DELETE: parsed('DELETE') };
  const internal = {
    db,
    arango,
    sleep: (seconds: number) => block(seconds * 1000),
    wal: { flush: () => undefined },
    print: () => undefined,
  };
  const modules: Readonly<Record<string, unknown>> = {
    '@arangodb': { db: db },
    internal,
    jsunity: { jsUnity: { assertions: { assertEqual: (actual: unknown, wanted: unknown) => assert.deepEqual(actual, wanted) } } },
    '@arangodb/users': users(client),
    '@arangodb/general-graph': generalGraphs(client),
    '@arangodb/graph-examples/example-graph.js': exampleGraphs(client),
    '@arangodb/aql/cache': { properties: (changes: Body) => send('PUT', '/_api/query-cache/properties', changes).parsedBody },
  };
  const context = createContext({
    db: Object.assign(db, { _connection: arango }),
    internal,
    arango,
    print: () => undefined,
    addIgnoreCollection: () => undefined,
    removeIgnoreCollection: () => undefined,
    swallowText: () => undefined,
    require: (name: string) => {
      assert(Object.hasOwn(modules, name), `the shell of these tests has no module ${name}`);
      return modules[name];
    },
    assert: (condition: unknown, message?: string) => assert(condition, message ?? 'an assertion of the script'),
    logCurlRequest: send,
    logCurlRequestRaw: send,
    curlRequest: send,
    logJsonResponse: log,
    logRawResponse: log,
    logPlainResponse: log,
    logJsonLResponse: log,
  });
  try {
    runInContext(script, context);
    return { logged };
  } catch (error) {
    return { logged, failure: error instanceof Error ? error.message : String(error) };
  }
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function users(client: BlockingClient): Body {
  return {
    save: (user: string, passwd: string) => succeed(client.request('POST', '/_api/user', { user, passwd })).parsedBody,
    remove: (user: string) => client.request('DELETE', `/_api/user/${encodeURIComponent(user)}`).parsedBody,
    grantCollection: (user: string, name: string, collection: string, grant: string) =>
      succeed(client.request('PUT', `/_api/user/${encodeURIComponent(user)}/database/${name}/${collection}`, { grant })).parsedBody,
    grantDatabase: (user: string, name: string, grant: string) =>
      succeed(client.request('PUT', `/_api/user/${encodeURIComponent(user)}/database/${name}`, { grant })).parsedBody,
  };
}
