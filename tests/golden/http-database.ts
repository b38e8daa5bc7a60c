/** `db` of the recorded scripts, over HTTP: as much of it as they use. */
import assert from 'node:assert/strict';
import type { BlockingClient, ShellAnswer } from './http-client.ts';

type Body = Readonly<Record<string, unknown>>;

export function succeed({ code, body }: ShellAnswer): ShellAnswer {
  assert(code < 400, body);
  return { code, body, headers: {}, parsedBody: body === '' ? undefined : JSON.parse(body) };
}

export function database(client: BlockingClient): Body {
  const create = (type: number) => (name: string, properties: Body) => {
    succeed(client.request('POST', '/_api/collection', { ...properties, name, type }));
    return collection(client, name);
  };
  const methods: Record<string, unknown> = {
    _create: create(2),
    _createEdgeCollection: create(3),
    _drop: (name: string) => client.request('DELETE', `/_api/collection/${name}`),
    _createDatabase: (name: string) => void succeed(client.request('POST', '/_api/database', { name })),
    /** The scripts name no database but the first. */
    _useDatabase: (name: string) => assert.equal(name, '_system'),
    _dropDatabase: (name: string) => succeed(client.request('DELETE', `/_api/database/${name}`)),
    _flushCache: () => undefined,
    _query: (query: string, bindVars?: Body, options?: Body) =>
      succeed(client.request('POST', '/_api/cursor', { query, bindVars, options })).parsedBody,
    _createTransaction: (definition: Body) => {
      const { result } = succeed(client.request('POST', '/_api/transaction/begin', definition)).parsedBody as { result: { id: string } };
      return { id: () => result.id, abort: () => void succeed(client.request('DELETE', `/_api/transaction/${result.id}`)) };
    },
  };
  return new Proxy(methods, { get: (all, name) => all[String(name)] ?? collection(client, String(name)) });
}

export function collection(client: BlockingClient, name: string) {
  return {
    name: () => name,
    get _id() {
      return (succeed(client.request('GET', `/_api/collection/${name}`)).parsedBody as { readonly id: string }).id;
    },
    save: (document: unknown) => succeed(client.request('POST', `/_api/document/${name}`, document)).parsedBody,
    remove: (which: string | readonly unknown[]) =>
      typeof which === 'string'
        ? succeed(client.request('DELETE', `/_api/document/${which}`)).parsedBody
        : succeed(client.request('DELETE', `/_api/document/${name}`, which)).parsedBody,
    /** Of any document; here it is always the one that comes first. */
    any: () => {
      const bindVars = { '@name': name };
      const answer = client.request('POST', '/_api/cursor', { query: 'FOR d IN @@name LIMIT 1 RETURN d', bindVars });
      return (succeed(answer).parsedBody as { readonly result: readonly unknown[] }).result[0];
    },
    ensureIndex: (definition: Body) => succeed(client.request('POST', `/_api/index?collection=${name}`, definition)).parsedBody,
  };
}
