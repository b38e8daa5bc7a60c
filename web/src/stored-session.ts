/** Who signed in in this tab: its session storage keeps that over a reload, and ends it with the tab. */
export interface StoredSession {
  readonly user: string;
  readonly token: string;
}

const KEY = 'foxden.session';

export function storedSession(): StoredSession | undefined {
  const text = sessionStorage.getItem(KEY);
  return text === null ? undefined : (JSON.parse(text) as StoredSession);
}

export function storeSession(session: StoredSession): void {
  sessionStorage.setItem(KEY, JSON.stringify(session));
}

export function dropSession(): void {
  sessionStorage.removeItem(KEY);
}
