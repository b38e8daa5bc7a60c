/**
 * The HTTP client of all tools: a server, a database and credentials in, answers out.
 *
 * Endpoints are written in all of arangod's and arangojs's ways: `http`, `https`, `tcp`, `ssl`, `tls`, and sockets as `unix:///path`,
 * `http+unix:///path` or `http://unix:/path`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, type Reply } from './connection.ts';
import { describeNetworkError, Failure, ServerError } from './failure.ts';
import { encodeForm, type Form } from './form.ts';

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
  readonly form?: Form;
  readonly headers?: Readonly<Record<string, string>>;
  /** Another database than the client's. */
  readonly database?: string;
  readonly signal?: AbortSignal;
}

interface Endpoint {
  /** With a path, where a proxy has the server below one. */
  readonly origin: string;
  readonly socketPath?: string;
  readonly username?: string;
  readonly password?: string;
}

export class Client {
  readonly database: string;
  readonly url: string;
  readonly #origin: string;
  readonly #authorization: string | undefined;
  readonly #connection: Connection;

  /** Throws `Failure` for a URL that is none. */
  constructor({ url, database, username, password, token }: ServerAddress) {
    this.url = url;
    this.database = database;
    const endpoint = parseEndpoint(url);
    this.#origin = endpoint.origin;
    this.#connection = new Connection(endpoint.socketPath);
    const user = username ?? endpoint.username;
    const secret = password ?? endpoint.password ?? '';
    if (token !== undefined) this.#authorization = `Bearer ${token}`;
    else if (user !== undefined) this.#authorization = `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
  }

  /** Any answer below 400. Throws `ServerError` for others, `Failure` when there is none. */
  async send({ method = 'GET', headers = {}, signal, ...call }: Call): Promise<Reply> {
    const body = encodeBody(call);
    let reply: Reply;
    try {
      reply = await this.#connection.send(this.#urlOf(call), {
        method,
        headers: {
          ...(this.#authorization === undefined ? {} : { authorization: this.#authorization }),
          ...(body.type === undefined ? {} : { 'content-type': body.type }),
          ...headers,
        },
        body: body.content,
        signal,
      });
    } catch (error) {
      const text = describeNetworkError(error, this.url);
      if (text === undefined) throw error;
      throw new Failure(text, { cause: error });
    }
    if (reply.status >= 400) throw errorOf(reply.status, reply.bytes);
    return reply;
  }

  #urlOf({ path, query = {}, database = this.database }: Pick<Call, 'path' | 'query' | 'database'>): string {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
    const suffix = search.size === 0 ? '' : `?${search.toString()}`;
    return `${this.#origin}/_db/${encodeURIComponent(database)}${path}${suffix}`;
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

  /** Lets the program end. */
  close(): void {
    this.#connection.close();
  }
}

interface Body {
  readonly content: Uint8Array | string | undefined;
  /** Undefined where it is for the caller to say. */
  readonly type?: string;
}

function encodeBody({ json, form, body }: Pick<Call, 'json' | 'form' | 'body'>): Body {
  if (json !== undefined) return { content: JSON.stringify(json), type: 'application/json' };
  return form === undefined ? { content: body } : encodeForm(form);
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
