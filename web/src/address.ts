/** Where one is, as the address says it, and how addresses of the server are made. No state: the first thing that runs needs it before all else is there. */

export interface Place {
  readonly database: string;
  /** Without the database: `['services', '/my/mount', 'settings']`, decoded. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

export function readPlace(): Place {
  const [path = '', query = ''] = location.hash.replace(/^#/, '').split('?');
  const ofAddress = decoded(/^\/_db\/([^/]+)/.exec(location.pathname)?.[1] ?? '_system');
  // Addresses of ArangoDB's interface have no database behind the `#`: `#services`.
  const [first = '', ...rest] = path.startsWith('/') ? path.slice(1).split('/') : ['', ...path.split('/')];
  return {
    database: decoded(first) || ofAddress,
    segments: rest.map(decoded).filter((segment) => segment !== ''),
    query: new URLSearchParams(query),
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // typed by hand, with a lone %
  }
}

/**
 * The parameters of a pattern such as `services/:mount/:tab?`, or undefined when the segments are others. `?` marks what may be left out.
 */
export function match(pattern: string, segments: readonly string[]): Readonly<Record<string, string>> | undefined {
  const parts = pattern.split('/');
  if (segments.length > parts.length) return undefined;
  const found: Record<string, string> = {};
  for (const [at, part] of parts.entries()) {
    const segment = segments[at];
    const isOptional = part.endsWith('?');
    if (segment === undefined || segment === '') {
      if (!isOptional) return undefined;
    } else if (part.startsWith(':')) found[part.slice(1).replace('?', '')] = segment;
    else if (part.replace('?', '') !== segment) return undefined;
  }
  return found;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** `database` null: of what belongs to none. */
export function addressIn(database: string | null, path: string, query: Query = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string | number | boolean] => entry[1] !== undefined);
  const search = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
  return `${database === null ? '' : `/_db/${encodeURIComponent(database)}`}${path}${search === '' ? '' : `?${search}`}`;
}
