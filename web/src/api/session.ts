/** Who uses the page. Nothing sends the token but the header of `transport.ts`. */
import { computed, signal } from '@preact/signals';
import { dropSession, storedSession, storeSession } from '../stored-session.ts';

export type Session =
  /** Not yet known whether the server wants a user at all. */
  | { readonly is: 'unknown' }
  | { readonly is: 'signed-out'; readonly wasEnded: boolean }
  /** Without a token the server asks nobody for one. */
  | { readonly is: 'signed-in'; readonly user?: string; readonly token?: string };

export const session = signal<Session>(stored());

export const userName = computed(() => (session.value.is === 'signed-in' ? session.value.user : undefined));

export function currentToken(): string | undefined {
  return session.value.is === 'signed-in' ? session.value.token : undefined;
}

export function startSession(user?: string, token?: string): void {
  if (user !== undefined && token !== undefined) storeSession({ user, token });
  session.value = { is: 'signed-in', ...(user === undefined ? {} : { user }), ...(token === undefined ? {} : { token }) };
}

/** The server knows the user no longer: the token is too old, or another server's. */
export function endSession(): void {
  const wasEnded = session.value.is === 'signed-in';
  dropSession();
  if (session.value.is !== 'signed-out') session.value = { is: 'signed-out', wasEnded };
}

export function signOut(): void {
  dropSession();
  session.value = { is: 'signed-out', wasEnded: false };
}

function stored(): Session {
  const known = storedSession();
  return known === undefined ? { is: 'unknown' } : { is: 'signed-in', ...known };
}
