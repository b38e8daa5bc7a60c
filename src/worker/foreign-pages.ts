/**
 * What a browser sends for a page of somebody else. Such a page must not act in the name of whoever looks at it: a password that the browser
 * remembers goes along with its requests, and a server on this machine that asks for none believes everybody who reaches it.
 *
 * Only paths of the server itself (`/_…`) are guarded: services are public, and say themselves which pages may call them.
 */
import type { HttpRequest } from '#base';

export interface PageRules {
  readonly isAuthenticationOn: boolean;
  /** `--http.trusted-origin` */
  readonly trustsOrigin: (origin: string) => boolean;
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Why a request to a path of the server is refused; undefined when it may go on. */
export function refusalOfPage({ method, headers, remoteAddress }: HttpRequest, rules: PageRules): string | undefined {
  const { host = '' } = headers;
  // A name that leads elsewhere at first and to this machine later makes a page of its owner the same site as this server. Programs may
  // use any name: nobody else acts through them.
  if (
    !rules.isAuthenticationOn &&
    remoteAddress !== '' &&
    isOfBrowser(headers) &&
    !isNameOfThisMachine(host) &&
    !isTrustedHost(host, rules)
  )
    return `without authentication "${host}" is no name for this server: --http.trusted-origin takes others`;
  if (!isOfAnotherPage(headers, rules)) return undefined;
  // A link to here is no request of a page, and its answer is not for the page.
  const isRead = READS.has(method) && (rules.isAuthenticationOn || headers['sec-fetch-mode'] === 'navigate');
  const isHarmless = isRead || (rules.isAuthenticationOn && hasToken(headers));
  if (isHarmless) return undefined;
  return `a page of ${headers['origin'] ?? 'another site'} may not do this: --http.trusted-origin lets it`;
}

/** All browsers call themselves so since the nineties, and no page can change it. */
function isOfBrowser(headers: HttpRequest['headers']): boolean {
  const { origin, 'sec-fetch-site': site, 'user-agent': agent = '' } = headers;
  return origin !== undefined || site !== undefined || agent.startsWith('Mozilla/');
}

/** Browsers remember passwords and send them by themselves. A token comes from a script that was given it. */
function hasToken({ authorization = '' }: HttpRequest['headers']): boolean {
  return /^bearer /i.test(authorization);
}

/** No script can set `sec-fetch-site`. Older browsers leave it out, and all do for plain HTTP that leaves the machine. */
function isOfAnotherPage({ origin, host, 'sec-fetch-site': site }: HttpRequest['headers'], { trustsOrigin }: PageRules): boolean {
  if (origin !== undefined && trustsOrigin(origin)) return false;
  if (site !== undefined) return site === 'cross-site' || site === 'same-site';
  return origin !== undefined && origin.replace(/^\w+:\/\//, '').toLowerCase() !== host?.toLowerCase();
}

function isNameOfThisMachine(host: string): boolean {
  const name = host.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  return (
    name === '' || name === 'localhost' || name.endsWith('.localhost') || /^\d+(\.\d+){3}$/.test(name) || /^\[[\da-f:.]+\]$/.test(name)
  );
}

function isTrustedHost(host: string, { trustsOrigin }: PageRules): boolean {
  return trustsOrigin(`http://${host}`) || trustsOrigin(`https://${host}`);
}
