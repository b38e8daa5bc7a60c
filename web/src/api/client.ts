/**
 * The way to the server for everything that is shown.
 *
 * Failures are `ApiError`s with ArangoDB's number and message, whatever failed. A 401 ends the session, and the page asks who it is.
 */
import { signal } from '@preact/signals';
import { addressIn, type Query } from '../address.ts';
import { database } from '../router.ts';
import { transmit } from '../transport.ts';
import { currentToken, endSession } from './session.ts';

export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** 0: there was no answer at all. */
  readonly status: number;
  readonly errorNum: number;
  /** All that the server said, where it was JSON. */
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, errorNum: number, message: string, body: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.errorNum = errorNum;
    this.body = body;
  }
}

export interface RequestOptions {
  readonly query?: Query | undefined;
  /** FormData, Blob and text are sent as they are, everything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Left out, the one that the page is about; null for what belongs to no database, such as `/_open/auth`. */
  readonly database?: string | null;
  /** Nobody waits for the answer: it waits itself until there is news. */
  readonly isBackground?: boolean;
}

/** How many requests are under way whose answer the user waits for; the header shows it. */
export const pendingRequests = signal(0);

/** The answer as it is, when its status is below 400. */
export async function send(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
  const { body, headers = {}, signal: aborting, isBackground = false } = options;
  const isRaw = typeof body === 'string' || body instanceof FormData || body instanceof Blob;
  const isJson = body !== undefined && !isRaw;
  let response: Response;
  if (!isBackground) pendingRequests.value++;
  try {
    response = await transmit(addressOf(path, options), {
      method,
      token: currentToken(),
      headers: { ...(isJson ? { 'content-type': 'application/json' } : {}), ...headers },
      body: isRaw ? body : body === undefined ? undefined : JSON.stringify(body),
      signal: aborting,
    });
  } catch (error) {
    if (aborting?.aborted) throw error;
    throw new ApiError(0, 0, 'The server does not answer.');
  } finally {
    if (!isBackground) pendingRequests.value--;
  }
  if (response.status < 400) return response;
  if (response.status === 401) endSession();
  throw await failureOf(response);
}

/** The JSON of the answer; undefined where it is empty. */
export async function request<Result>(method: string, path: string, options: RequestOptions = {}): Promise<Result> {
  const text = await (await send(method, path, options)).text();
  return (text === '' ? undefined : JSON.parse(text)) as Result;
}

export const api = {
  get: <Result>(path: string, query?: Query, aborting?: AbortSignal): Promise<Result> => request('GET', path, { query, signal: aborting }),
  post: <Result>(path: string, body?: unknown, query?: Query): Promise<Result> => request('POST', path, { body, query }),
  put: <Result>(path: string, body?: unknown, query?: Query): Promise<Result> => request('PUT', path, { body, query }),
  patch: <Result>(path: string, body?: unknown, query?: Query): Promise<Result> => request('PATCH', path, { body, query }),
  delete: <Result>(path: string, query?: Query, body?: unknown): Promise<Result> => request('DELETE', path, { query, body }),
};

/** What an answer is worth telling of any error. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Lets the browser keep what the server answers as a file; a plain link would be a request without the token. */
export async function download(method: string, path: string, fallbackName: string, options: RequestOptions = {}): Promise<void> {
  const response = await send(method, path, options);
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? fallbackName;
  saveAs(await response.blob(), name);
}

export function saveAs(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken hold of it when the click returns, but not everywhere at once.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function addressOf(path: string, { query, database: name = database.value }: RequestOptions = {}): string {
  return addressIn(name, path, query);
}

async function failureOf(response: Response): Promise<ApiError> {
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined; // a proxy's page, or nothing: the status says what can be said
  }
  const { errorNum, errorMessage } = (typeof body === 'object' && body !== null ? body : {}) as {
    errorNum?: unknown;
    errorMessage?: unknown;
  };
  return new ApiError(
    response.status,
    typeof errorNum === 'number' ? errorNum : response.status,
    typeof errorMessage === 'string' && errorMessage !== ''
      ? errorMessage
      : `The server answered ${response.status} ${response.statusText}`.trimEnd(),
    (body ?? {}) as Readonly<Record<string, unknown>>,
  );
}
