/** `createOAuth1Client`: OAuth 1.0a from the service's side, with its signed requests. */
import assert from 'node:assert';
import { createHmac } from 'node:crypto';
import { clock } from '#base';
import { genRandomAlphaNumbers } from '../arangodb/crypto.ts';
import type { RequestFunction } from '../arangodb/request.ts';
import { readAnswer } from './oauth2.ts';

interface OAuth1Options {
  readonly requestTokenEndpoint: string;
  readonly authEndpoint: string;
  readonly accessTokenEndpoint: string;
  readonly activeUserEndpoint?: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly signatureMethod?: 'HMAC-SHA1' | 'PLAINTEXT';
  readonly realm?: string;
}

type Parameters = Readonly<Record<string, string>>;

interface SignedRequest {
  readonly url: string;
  readonly qs: string;
  readonly headers: { readonly accept: string; readonly authorization: string };
}

interface OAuth1Client {
  fetchRequestToken(callback: string, parameters?: Parameters): unknown;
  /** Where the user goes to say yes. */
  getAuthUrl(token: string, parameters?: Parameters): string;
  exchangeRequestToken(token: string, verifier: string, parameters?: Parameters): unknown;
  /** Null when the client knows no endpoint for it. */
  fetchActiveUser(token: string, tokenSecret: string, parameters?: Parameters): unknown;
  createSignedRequest(method: string, url: string, parameters: Parameters | undefined, token: string, tokenSecret: string): SignedRequest;
}

export function createOAuth1Client(request: RequestFunction): (options: OAuth1Options) => OAuth1Client {
  return (given) => {
    const options = (given ?? {}) as Partial<OAuth1Options>;
    const { requestTokenEndpoint, authEndpoint, accessTokenEndpoint, activeUserEndpoint, clientId, clientSecret } = options;
    const { signatureMethod = 'HMAC-SHA1', realm } = options;
    assert(requestTokenEndpoint, 'No Request Token URL specified');
    assert(authEndpoint, 'No User Authorization URL specified');
    assert(accessTokenEndpoint, 'No Access Token URL specified');
    assert(clientId, 'No Client ID specified');
    assert(clientSecret, 'No Client Secret specified');
    assert(
      signatureMethod === 'HMAC-SHA1' || signatureMethod === 'PLAINTEXT',
      `Unsupported signature method: "${signatureMethod as string}"`,
    );

    const sign = (method: string, target: string, own: Parameters, tokenSecret = ''): SignedRequest => {
      const url = new URL(target);
      const parameters = {
        ...Object.fromEntries(url.searchParams),
        oauth_timestamp: String(Math.floor(clock.now() / 1000)),
        oauth_nonce: genRandomAlphaNumbers(32),
        oauth_consumer_key: clientId,
        oauth_signature_method: signatureMethod,
        oauth_version: '1.0',
        ...own,
      };
      const pairs = Object.entries(parameters).map(([name, value]) => `${encode(name)}=${encode(value)}`);
      const base = [method.toUpperCase(), url.origin + url.pathname, pairs.toSorted().join('&')].map(encode).join('&');
      const key = `${encode(clientSecret)}&${encode(tokenSecret)}`;
      const signature = signatureMethod === 'PLAINTEXT' ? key : createHmac('sha1', key).update(base).digest('base64');
      const authorization = [...pairs.filter((pair) => pair.startsWith('oauth_')), `oauth_signature=${encode(signature)}`]
        .toSorted()
        .map((pair) => pair.replace('=', '="').concat('"'));
      if (realm !== undefined) authorization.unshift(`realm="${encode(realm)}"`);
      return {
        url: url.origin + url.pathname,
        qs: pairs.filter((pair) => !pair.startsWith('oauth_')).join('&'),
        headers: { accept: 'application/json', authorization: `OAuth ${authorization.join(', ')}` },
      };
    };

    return {
      fetchRequestToken(callback, parameters) {
        assert(callback, 'No Callback URL specified');
        return readAnswer(request.post(sign('POST', requestTokenEndpoint, { oauth_callback: callback, ...parameters })));
      },

      getAuthUrl(token, parameters) {
        assert(token, 'No Request Token specified');
        const url = new URL(authEndpoint);
        for (const [name, value] of Object.entries({ ...parameters, oauth_token: token })) url.searchParams.set(name, value);
        return url.href;
      },

      exchangeRequestToken(token, verifier, parameters) {
        assert(token, 'No Request Token specified');
        assert(verifier, 'No Verification Code specified');
        const own = { oauth_token: token, oauth_verifier: verifier, ...parameters };
        return readAnswer(request.post(sign('POST', accessTokenEndpoint, own)));
      },

      fetchActiveUser(token, tokenSecret, parameters) {
        assert(token, 'No Access Token specified');
        assert(tokenSecret, 'No Token Secret specified');
        if (!activeUserEndpoint) return null;
        return readAnswer(request.get(sign('GET', activeUserEndpoint, { oauth_token: token, ...parameters }, tokenSecret)));
      },

      createSignedRequest(method, url, parameters, token, tokenSecret) {
        assert(token, 'No Access Token specified');
        assert(tokenSecret, 'No Token Secret specified');
        return sign(method, url, { oauth_token: token, ...parameters }, tokenSecret);
      },
    };
  };
}

/** RFC 3986, which OAuth wants, encodes more than `encodeURIComponent` does. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
