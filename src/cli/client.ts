/**
 * The HTTP client of all tools: a server, a database and credentials in, answers out.
 *
 * Endpoints are written in all of arangod's and arangojs's ways: `http`, `https`, `tcp`, `ssl`, `tls`, and sockets as `unix:///path`,
 * `http+unix:///path` or `http://unix:/path`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Agent, Dispatcher } from 'undici';
import { describeNetworkError, Failure, ServerError } from './failure.ts';

export interface ServerAddress {
  /** May carry user and password. */
  readonly url: string;
  readonly database: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** A bearer token; instead of a name and a password. */
  readonly token?: string | undefined;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD';
  /** Below the database: `/_api/foxx`. */
  readonly path: string;
  /** Those that are undefined are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is; `headers` say what it is. */
  readonly body?: Uint8Array | string;
  /** Sent as `multipart/form-data`: a text, or bytes, which become a file. */
  readonly form?: Readonly<Record<string, string | Uint8Array>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Another database than the client's. */
  readonly database?: string;
  readonly signal?: AbortSignal;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
}

interface Endpoint {
  readonly origin: string;
  readonly socketPath?: string;
  readonly username?: string;
  readonly password?: string;
}

export class Client {
  readonly database: string;
  readonly url: string;
  readonly #endpoint: Endpoint;
  readonly #authorization: string | undefined;
  /** The library is loaded for the first call: many commands make none. */
  #agent: Promise<{ readonly library: typeof import('undici'); readonly agent: Agent }> | undefined;

  /** Throws `Failure` for a URL that is none. */
  constructor({ url, database, username, password, token }: ServerAddress) {
    this.url = url;
    this.database = database;
    this.#endpoint = parseEndpoint(url);
    const user = username ?? this.#endpoint.username;
    const secret = password ?? this.#endpoint.password ?? '';
    if (token !== undefined) this.#authorization = `Bearer ${token}`;
    else if (user !== undefined) this.#authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
  }

  async #connect(): Promise<{ readonly library: typeof import('undici'); readonly agent: Agent }> {
    const library = await import('undici');
    const { socketPath } = this.#endpoint;
    // A script or a large upload may take as long as it takes: the server has limits, a person has Ctrl+C.
    const agent = new library.Agent({ headersTimeout: 0, bodyTimeout: 0, connect: socketPath === undefined ? {} : { socketPath } });
    return { library, agent };
  }

  /** Any answer below 400. Throws `ServerError` for others, `Failure` when there is none. */
  async send(call: Call): Promise<Reply> {
    const { statusCode, headers, body } = await this.open(call);
    const bytes = Buffer.from(await body.arrayBuffer());
    if (statusCode >= 400) throw errorOf(statusCode, bytes);
    return { status: statusCode, headers, bytes };
  }

  /** The JSON of an answer, `undefined` for one without a body. The shape is the caller's knowledge of the API. */
  async json<Shape>(call: Call): Promise<Shape> {
    const { bytes } = await this.send(call);
    return (bytes.length === 0 ? undefined : JSON.parse(bytes.toString('utf8'))) as Shape;
  }

  /** The same for what may take longer than a request should: the server does it aside, and is asked until it is done. */
  async jsonAside<Shape>(call: Call): Promise<Shape> {
    const { headers } = await this.send({ ...call, headers: { ...call.headers, 'x-arango-async': 'store' } });
    const id = headers['x-arango-async-id'];
    if (typeof id !== 'string') throw new Failure('The server did not take the request as a job.');
    for (let pauseMs = 2; ; pauseMs = Math.min(1000, pauseMs * 2)) {
      const { status, bytes } = await this.send({
        method: 'PUT',
        path: `/_api/job/${id}`,
        ...(call.database === undefined ? {} : { database: call.database }),
      });
      if (status !== 204) return JSON.parse(bytes.toString('utf8')) as Shape;
      await sleep(pauseMs);
    }
  }

  /** The answer as it comes in, of whatever status. */
  async open({
    method = 'GET',
    path,
    query = {},
    headers = {},
    database = this.database,
    signal,
    ...call
  }: Call): Promise<Dispatcher.ResponseData> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
    const suffix = search.size === 0 ? '' : `?${search.toString()}`;
    const url = `${this.#endpoint.origin}/_db/${encodeURIComponent(database)}${path}${suffix}`;
    this.#agent ??= this.#connect();
    const { library, agent } = await this.#agent;
    const form = new library.FormData();
    for (const [name, value] of Object.entries(call.form ?? {})) {
      if (typeof value === 'string') form.set(name, value);
      else form.set(name, new Blob([value]), 'data.bin');
    }
    const body = call.json === undefined ? (call.form === undefined ? call.body : form) : JSON.stringify(call.json);
    try {
      return await library.request(url, {
        method,
        dispatcher: agent,
        headers: {
          ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }),
          ...(call.json === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      const text = describeNetworkError(error, this.url);
      if (text === undefined) throw error;
      throw new Failure(text, { cause: error });
    }
  }

  /** Lets the program end. */
  async close(): Promise<void> {
    const connected = await this.#agent;
    await connected?.agent.destroy();
  }
}

function errorOf(status: number, bytes: Buffer): ServerError {
  const text = bytes.toString('utf8');
  try {
    const body = JSON.parse(text) as Readonly<Record<string, unknown>> & { readonly errorMessage?: string };
    const { errorNum, errorMessage } = body;
    if (typeof errorNum === 'number') return new ServerError(status, errorNum, errorMessage ?? '', body);
  } catch {
    // Not JSON: a proxy's page, for one. Its text is all there is to say.
  }
  return new ServerError(status, undefined, text.slice(0, 1000));
}

const SCHEMES: Readonly<Record<string, string>> = {
  http: 'http',
  tcp: 'http',
  https: 'https',
  ssl: 'https',
  tls: 'https',
  unix: 'http',
};

function parseEndpoint(text: string): Endpoint {
  const found = /^(?:([a-z]+)(\+unix)?:)?\/\/(.*)$/i.exec(text);
  const scheme = SCHEMES[found?.[1]?.toLowerCase() ?? 'http'];
  if (found === null || scheme === undefined) throw new Failure(`Not a valid server: "${text}".`);
  const rest = found[3] ?? '';
  const isSocket = found[1] === 'unix' || found[2] !== undefined || rest.startsWith('unix:');
  if (isSocket) return { origin: `${scheme}://localhost`, socketPath: rest.replace(/^unix:/, '') };
  let url: URL;
  try {
    url = new URL(`${scheme}://${rest}`);
  } catch (cause) {
    throw new Failure(`Not a valid server: "${text}".`, { cause });
  }
  const credentials = url.username === '' ? {} : { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  return { origin: url.origin + url.pathname.replace(/\/+$/, ''), ...credentials };
}
