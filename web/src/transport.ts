/**
 * The one place from which anything is sent. A request carries the token that sign-in gave, in a header: no cookie is ever set, so another site that
 * makes the browser send something here sends it as nobody.
 *
 * What is begun before anybody has asked (`first.ts`) is the answer to whoever asks for the same soon.
 */
export interface Outgoing {
  readonly method: string;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyInit | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Afterwards, what was begun when the page was opened is no answer of now. */
const FRESH_MS = 10_000;
const begun = new Map<string, Promise<Response>>();

export function transmit(address: string, { method, token, headers, body, signal }: Outgoing): Promise<Response> {
  const early = method === 'GET' ? takeBegun(address, token) : undefined;
  if (early !== undefined) return early;
  return fetch(address, {
    method,
    headers: { accept: 'application/json', ...(token === undefined ? {} : { authorization: `bearer ${token}` }), ...headers },
    credentials: 'omit',
    cache: 'no-store',
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  });
}

export function begin(address: string, token: string): void {
  const answer = transmit(address, { method: 'GET', token });
  // Whoever takes it is told.
  answer.catch(() => undefined);
  begun.set(keyOf(address, token), answer);
}

/** Each serves once. */
function takeBegun(address: string, token: string | undefined): Promise<Response> | undefined {
  if (performance.now() > FRESH_MS) begun.clear();
  const key = keyOf(address, token ?? '');
  const answer = begun.get(key);
  begun.delete(key);
  return answer;
}

function keyOf(address: string, token: string): string {
  return `${token} ${address}`;
}
