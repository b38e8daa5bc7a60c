/** What keeps sessions, and what carries their ids. Services bring their own, too. */
import type { FoxxRequest } from '../request.ts';
import type { FoxxResponse } from '../response.ts';

export interface SessionStorage {
  fromClient(id: string): unknown;
  /** The id; null for a session that was never saved. */
  forClient(session: unknown): string | null | undefined;
  new?(): unknown;
}

export interface SessionTransport {
  get?(req: FoxxRequest): string | null | undefined;
  set?(res: FoxxResponse, id: string): void;
  clear?(res: FoxxResponse): void;
}
