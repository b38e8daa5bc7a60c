/** `createOAuth2Client`: the authorization code flow of OAuth 2.0, from the service's side. */
import assert from 'node:assert';
import { parse as parseQuery } from 'node:querystring';
import type { RequestFunction } from '../arangodb/request.ts';

interface OAuth2Options {
  readonly authEndpoint: string;
  readonly tokenEndpoint: string;
  readonly refreshEndpoint?: string;
  readonly activeUserEndpoint?: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

type Parameters = Readonly<Record<string, string>>;

interface OAuth2Client {
  /** Where the user goes to say yes. */
  getAuthUrl(redirectUri?: string | Parameters, parameters?: Parameters): string;
  /** Throws when the provider answers nothing. */
  exchangeGrantToken(code: string, redirectUri?: string | Parameters, parameters?: Parameters): unknown;
  /** Null when the client knows no endpoint for it. */
  fetchActiveUser(accessToken: string): unknown;
}

export function createOAuth2Client(request: RequestFunction): (options: OAuth2Options) => OAuth2Client {
  return (options) => {
    const { authEndpoint, tokenEndpoint, activeUserEndpoint, clientId, clientSecret } = (options ?? {}) as Partial<OAuth2Options>;
    assert(tokenEndpoint, 'No Token Request URL specified');
    assert(authEndpoint, 'No User Authorization URL specified');
    assert(clientId, 'No Client ID specified');
    assert(clientSecret, 'No Client Secret specified');

    return {
      getAuthUrl(given, more) {
        const { redirectUri, parameters } = redirectAnd(given, more);
        const url = new URL(authEndpoint);
        const query = { response_type: 'code', ...Object.fromEntries(url.searchParams), ...parameters, client_id: clientId };
        return withQuery(url, { ...query, ...(redirectUri === undefined ? {} : { redirect_uri: redirectUri }) });
      },

      exchangeGrantToken(code, given, more) {
        assert(code, 'No Grant Token specified');
        const { redirectUri, parameters } = redirectAnd(given, more);
        const url = new URL(tokenEndpoint);
        const form = {
          grant_type: 'authorization_code',
          ...Object.fromEntries(url.searchParams),
          ...parameters,
          client_id: clientId,
          client_secret: clientSecret,
          code,
          ...(redirectUri === undefined ? {} : { redirect_uri: redirectUri }),
        };
        return readAnswer(request.post(withQuery(url, {}), { headers: { accept: 'application/json' }, form }));
      },

      fetchActiveUser(accessToken) {
        assert(accessToken, 'No Access Token specified');
        if (!activeUserEndpoint) return null;
        const url = new URL(activeUserEndpoint);
        return readAnswer(request.get(withQuery(url, { ...Object.fromEntries(url.searchParams), access_token: accessToken })));
      },
    };
  };
}

function redirectAnd(
  given: string | Parameters | undefined,
  more: Parameters | undefined,
): { readonly redirectUri: string | undefined; readonly parameters: Parameters | undefined } {
  return typeof given === 'object' ? { redirectUri: undefined, parameters: given } : { redirectUri: given, parameters: more };
}

function withQuery(url: URL, query: Parameters): string {
  const changed = new URL(url);
  changed.search = new URLSearchParams(query).toString();
  return changed.href;
}

/** Providers answer JSON or a form. Throws for an empty answer. */
export function readAnswer({ body, status }: { readonly body: unknown; readonly status: number }): unknown {
  if (typeof body !== 'string' || body === '') throw new Error(`OAuth provider returned empty response with HTTP status ${status}`);
  try {
    return JSON.parse(body);
  } catch {
    return { ...parseQuery(body) };
  }
}
