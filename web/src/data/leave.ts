/** Going away from a page about something that is no more. */
import { invalidate } from '../query.ts';
import { go } from '../router.ts';

/** What has become stale is asked for anew when the page is gone: it would ask for what is not there any more. */
export function leave(address: string, ...stale: readonly string[]): void {
  // The page is drawn anew after the event, but before any timer.
  addEventListener('hashchange', () => setTimeout(() => invalidate(...stale)), { once: true });
  go(address);
}
