/**
 * What runs first when the interface is opened: it asks for the code of the page that the address names and for what that page will ask for, and only then
 * for the rest of the program. So all of them are under way at the same time, where each would wait for the one before.
 */
import { addressIn, readPlace } from './address.ts';
import { findPage } from './pages.ts';
import { storedSession } from './stored-session.ts';
import { begin } from './transport.ts';

const { database, segments } = readPlace();
const page = findPage(segments);
const session = storedSession();
// What goes wrong is told when the page is wanted.
page?.load().catch(() => undefined);
page?.loadMore?.().catch(() => undefined);
if (session !== undefined) {
  const { user, token } = session;
  const asked = [
    '/_api/database/user',
    `/_api/user/${encodeURIComponent(user)}/database/${encodeURIComponent(database)}`,
    ...(page?.asks ?? []),
  ];
  for (const path of asked) begin(addressIn(database, path), token);
}

void import('./main.tsx').then(({ start }) => start());
