/** Requests to the HTTP API in a line, for tests that go through many of them. */
import type { TestServer } from './server.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Of a JSON body; an empty object where there is none. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export type Ask = (method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;

/** A body that is text is sent as it is, all others as JSON. */
export function asker(server: Pick<TestServer, 'url'>, common: Readonly<Record<string, string>> = {}): Ask {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(server.url + path, {
      method,
      redirect: 'manual',
      headers: { ...common, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? (JSON.parse(text) as Answer['body']) : {},
      text,
    };
  };
}
