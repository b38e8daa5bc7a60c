/** A service that the server fetches itself, where that is allowed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { service, zip } from '../support/bundles.ts';
import { startWeb } from './support.ts';

const web = startWeb({ arguments: ['--foxx.allow-install-from-remote=true'] });

web.test('an address is fetched by the server, and what is there is installed', async ({ page, open, server }) => {
  const bundle = zip(service(`router.get('/', (req, res) => res.send('fetched'));`, { name: 'fetched', version: '3.1.0' }));
  const offering = createServer((request, response) => {
    response.writeHead(request.url === '/bundles/fetched.zip' ? 200 : 404, { 'content-type': 'application/zip' }).end(bundle);
  });
  offering.listen(0, '127.0.0.1');
  await once(offering, 'listening');
  try {
    const { port } = offering.address() as AddressInfo;
    await open('services/install?from=url');
    await page.getByLabel('Mount').fill('/fetched');
    await page.getByLabel('Address').fill(`http://127.0.0.1:${port}/bundles/fetched.zip`);
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    await page.getByText('Installed fetched 3.1.0 at /fetched').waitFor();
    await page.getByRole('heading', { name: '/fetched', level: 1 }).waitFor();
    assert.equal(await (await fetch(`${server.url}/fetched`)).text(), 'fetched');
  } finally {
    offering.closeAllConnections();
    offering.close();
  }
});
