/**
 * Where one is: `#/<database>/<path>?<query>`. Behind the `#`, so that the same files answer at any path of any server, and a reload or a
 * bookmark leads to the same page.
 */
import { computed, signal } from '@preact/signals';
import { readPlace, type Place } from './address.ts';

export const place = signal<Place>(readPlace());
export const database = computed(() => place.value.database);

addEventListener('hashchange', () => {
  place.value = readPlace();
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
  place.value = readPlace();
}
