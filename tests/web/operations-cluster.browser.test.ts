/** The members of a cluster, as the page of the server shows them. */
import { after } from 'node:test';
import { startPostgres } from '../support/postgres.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { checkAccessibility, screenshot, startWeb } from './support.ts';

const postgres = await startPostgres();
const options = [`--storage.url=${await postgres.createDatabase()}`, '--cluster.heartbeat-interval=0.2', '--cluster.lease=4'];
let other: TestServer | undefined;

const web = startWeb({
  arguments: options,
  prepare: async () => {
    other = await startServer({ arguments: options });
  },
});
after(async () => {
  await other?.dispose();
  await postgres.stop();
});

web.test('coordinators are listed with their state, and one that is gone is seen to be', async ({ page, open }) => {
  await open('server');
  const members = page.getByRole('region', { name: 'Members' });
  await members
    .getByRole('row', { name: /Coordinator.*Good/ })
    .nth(1)
    .waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'members');
  await other?.stop('SIGKILL');
  await members.getByText('Failed').waitFor();
});
