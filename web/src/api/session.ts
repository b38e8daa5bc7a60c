/**
 * Who uses the page. The token lies in the tab's session storage, so that a reload keeps it and the end of the tab ends it; nothing sends it
 * but the client's header.
 */
import { computed, signal } from '@preact/signals';

export type Session =
  /** Not yet known whether the server wants a user at all. */
  | { readonly is: 'unknown' }
  | { readonly is: 'signed-out'; readonly wasEnded: boolean }
  /** Without a token the server asks nobody for one. */
  | { readonly is: 'signed-in'; readonly user?: string; readonly token?: string };

const KEY = 'foxden.session';

export const session = signal<Session>(stored());

export const userName = computed(() => (session.value.is === 'signed-in' ? session.value.user : undefined));

export function authorization(): Record<string, string> {
  const now = session.value;
  return now.is === 'signed-in' && now.token !== undefined ? { authorization: `bearer ${now.token}` } : {};
}

export function startSession(user?: string, token?: string): void {
  if (user !== undefined && token !== undefined) sessionStorage.setItem(KEY, JSON.stringify({ user, token }));
  session.value = { is: 'signed-in', ...(user === undefined ? {} : { user }), ...(token === undefined ? {} : { token }) };
}

/** The server knows the user no longer: the token is too old, or another server's. */
export function endSession(): void {
  const wasEnded = session.value.is === 'signed-in';
  sessionStorage.removeItem(KEY);
  if (session.value.is !== 'signed-out') session.value = { is: 'signed-out', wasEnded };
}

export function signOut(): void {
  sessionStorage.removeItem(KEY);
  session.value = { is: 'signed-out', wasEnded: false };
}

function stored(): Session {
  const text = sessionStorage.getItem(KEY);
  if (text === null) return { is: 'unknown' };
  return { is: 'signed-in', ...(JSON.parse(text) as { user: string; token: string }) };
}
