/**
 * The HTTP client of all tools: a server, a database and credentials in, answers out.
 *
 * Endpoints are written in all of arangod's and arangojs's ways: `http`, `https`, `tcp`, `ssl`, `tls`, and sockets as `unix:///path`,
 * `http+unix:///path` or `http://unix:/path`.
 */
import { Agent, request, type Dispatcher, type FormData } from 'undici';
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
  readonly body?: Uint8Array | FormData | string;
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
  readonly #agent: Agent;

  /** Throws `Failure` for a URL that is none. */
  constructor({ url, database, username, password, token }: ServerAddress) {
    this.url = url;
    this.database = database;
    this.#endpoint = parseEndpoint(url);
    const user = username ?? this.#endpoint.username;
    const secret = password ?? this.#endpoint.password ?? '';
    if (token !== undefined) this.#authorization = `Bearer ${token}`;
    else if (user !== undefined) this.#authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
    const { socketPath } = this.#endpoint;
    // A script or a large upload may take as long as it takes: the server has limits, a person has Ctrl+C.
    this.#agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: socketPath === undefined ? {} : { socketPath } });
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

  /** The answer as it comes in, of whatever status. */
  async open({
    method = 'GET',
    path,
    query = {},
    json,
    body,
    headers = {},
    database = this.database,
    signal,
  }: Call): Promise<Dispatcher.ResponseData> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
    const suffix = search.size === 0 ? '' : `?${search.toString()}`;
    const url = `${this.#endpoint.origin}/_db/${encodeURIComponent(database)}${path}${suffix}`;
    try {
      return await request(url, {
        method,
        dispatcher: this.#agent,
        headers: {
          ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }),
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(json === undefined ? (body === undefined ? {} : { body }) : { body: JSON.stringify(json) }),
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
    await this.#agent.destroy();
  }
}

function errorOf(status: number, bytes: Buffer): ServerError {
  const text = bytes.toString('utf8');
  try {
    const { errorNum, errorMessage } = JSON.parse(text) as { readonly errorNum?: unknown; readonly errorMessage?: string };
    if (typeof errorNum === 'number') return new ServerError(status, errorNum, errorMessage ?? '');
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
