/**
 * Where one is: `#/<database>/<path>?<query>`. Behind the `#`, so that the same files answer at any path of any server, and a reload or a
 * bookmark leads to the same page.
 */
import { computed, signal } from '@preact/signals';

export interface Place {
  readonly database: string;
  /** Without the database: `['services', '/my/mount', 'settings']`, decoded. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

export const place = signal<Place>(read());
export const database = computed(() => place.value.database);

addEventListener('hashchange', () => {
  place.value = read();
});

/** `href(['services', mount, 'log'])`. Segments are encoded here. */
export function href(
  segments: readonly string[],
  options: { readonly database?: string; readonly query?: Readonly<Record<string, string>> } = {},
): string {
  const path = [options.database ?? database.value, ...segments].map(encodeURIComponent).join('/');
  const query = new URLSearchParams(options.query).toString();
  return `#/${path}${query === '' ? '' : `?${query}`}`;
}

export function go(address: string): void {
  location.hash = address;
}

/** Changes the address without a new entry in the history: filters and the like. */
export function rewrite(address: string): void {
  history.replaceState(null, '', address);
  place.value = read();
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

function read(): Place {
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
