/** The services of `tests/services`, mounted in one server, and a client that asks them. */
import { resolve } from 'node:path';
import { after, before } from 'node:test';
import { startServer, type TestServer, type TestServerOptions } from './server.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, where it is JSON. */
  readonly body: never;
}

export interface Fixtures {
  readonly server: TestServer;
  /** A request below the mount of a service; an object is sent as JSON, and redirects are not followed. */
  readonly ask: (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
}

export const serviceFolder = (name: string): string => resolve('tests', 'services', name);

/** A server for all tests of a file, with the services mounted under their names. */
export function useFixtures(names: readonly string[], options: TestServerOptions = {}): Fixtures {
  let server: TestServer;
  before(async () => {
    const installs = names.map((name) => `--foxx.install=/${name}=${serviceFolder(name)}`);
    server = await startServer({ ...options, arguments: [...installs, ...(options.arguments ?? [])] });
  });
  after(() => server.dispose());
  const ask: Fixtures['ask'] = (method, path, body, headers) => askServer(server, method, path, body, headers);
  return {
    get server() {
      return server;
    },
    ask,
    get: (path, headers) => ask('GET', path, undefined, headers),
  };
}

export async function askServer(
  server: TestServer,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array || body instanceof FormData;
  const answer = await server.fetch(path, {
    method,
    redirect: 'manual',
    headers: { ...(body === undefined || isRaw ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    get body(): never {
      return JSON.parse(text) as never;
    },
  };
}

/** Looking takes time from what is waited for. */
const LOOK_AGAIN_MS = 25;

/** What `look` finds, as soon as it finds something; fails after a while. */
export async function eventually<Found>(what: string, look: () => Promise<Found | undefined | false>, withinMs = 60_000): Promise<Found> {
  for (const until = Date.now() + withinMs; Date.now() < until;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((again) => setTimeout(again, LOOK_AGAIN_MS));
  }
  throw new Error(`${what} has not come about within ${withinMs} ms`);
}

/** An answer that is asked for again where a machine that is short of time has needed longer than a request may take. */
export function inTime(ask: () => Promise<Answer>): Promise<Answer> {
  return eventually('an answer in time', async () => {
    const answer = await ask();
    return answer.status !== 504 && answer;
  });
}
