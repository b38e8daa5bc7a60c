/** The list of services, and the ways in, through and out: install, upgrade, replace, uninstall, roll back. */
import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { saying, service, zip } from '../support/bundles.ts';
import { install, prepareServices, SHOP } from './services-support.ts';
import { checkAccessibility, screenshot, startWeb } from './support.ts';

const web = startWeb({ prepare: prepareServices, arguments: ['--foxx.store-location=tests/web/store'] });

const row = (page: Page, mount: string) => page.getByRole('row').filter({ has: page.getByRole('link', { name: mount, exact: true }) });

web.test('the list tells how each service is, and finds', async ({ page, open, server }) => {
  await fetch(`${server.url}/shop`);
  await fetch(`${server.url}/shop/fails`);
  await open('services');
  for (const [mount, state] of [
    ['/shop', 'Production'],
    ['/developed', 'Development'],
    ['/needing', 'Unconfigured'],
    ['/broken', 'Broken'],
  ] as const)
    await row(page, mount).getByText(state, { exact: true }).waitFor();
  await page.getByText('1 broken, 1 unconfigured, 1 in development, 2 in production').waitFor();
  await row(page, '/shop').getByText('2', { exact: true }).waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'services');

  await page.getByLabel('Filter services').fill('MAIL');
  await row(page, '/shop').waitFor({ state: 'detached' });
  await row(page, '/mailer').waitFor();
  await page.getByLabel('Filter services').fill('');
  await page.getByLabel('State').selectOption('broken');
  await row(page, '/mailer').waitFor({ state: 'detached' });
  assert.equal(await page.getByRole('row').count(), 2);

  await page.getByLabel('State').selectOption('all');
  await page.getByRole('button', { name: 'Mount' }).click();
  await page.getByRole('button', { name: 'Mount' }).click();
  assert.equal(await page.getByRole('row').nth(1).getByRole('link').textContent(), '/shop');
});

web.test('the list is walked with the keyboard', async ({ page, open }) => {
  await open('services');
  await row(page, '/broken').getByRole('link').focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '/shop', level: 1 }).waitFor();
});

web.test(
  'on a phone nothing is wider than the page',
  async ({ page, open }) => {
    await open('services');
    await row(page, '/shop').waitFor();
    assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
    await checkAccessibility(page);
    await screenshot(page, 'services-phone');
  },
  { isPhone: true },
);

web.test('an empty database says how to begin', async ({ page, open, ask }) => {
  await ask('POST', '/_api/database', { name: 'empty' });
  await open('services', 'empty');
  await page.getByRole('heading', { name: 'No services yet' }).waitFor();
  await checkAccessibility(page);
});

web.test('a zip that is chosen is installed, with its options', async ({ page, open, ask }) => {
  await open('services/install');
  const button = page.getByRole('button', { name: 'Install', exact: true });
  assert.equal(await button.isDisabled(), true);
  for (const [mount, problem] of [
    ['shop2', 'A mount begins with a slash.'],
    ['/1a', 'A mount does not begin with a digit or a hyphen.'],
    ['/x/app', 'No part of a mount is called “app”.'],
    ['/shop', 'A service is mounted here already.'],
  ] as const) {
    await page.getByLabel('Mount').fill(mount);
    await page.getByText(problem).waitFor();
  }
  await page.getByLabel('Mount').fill('/uploaded');
  await page.locator('input[type=file]').setInputFiles({
    name: 'service.zip',
    mimeType: 'application/zip',
    buffer: zip(service('', { name: 'uploaded', version: '2.0.0', configuration: { word: { type: 'string' } } })),
  });
  await page.getByText('service.zip').waitFor();
  await page.getByLabel('Development mode').check();
  await page.getByText('Configuration', { exact: true }).click();
  await page.getByLabel('Configuration as JSON').fill('{"word": 1');
  assert.equal(await button.isDisabled(), true);
  await page.getByLabel('Configuration as JSON').fill('{"word": "yes"}');
  await checkAccessibility(page);
  await page.locator('h1').scrollIntoViewIfNeeded();
  await screenshot(page, 'install');
  await button.click();
  await page.getByText('Installed uploaded 2.0.0 at /uploaded').waitFor();
  await page.getByRole('heading', { name: '/uploaded', level: 1 }).waitFor();
  const { body } = await ask('GET', '/_api/foxx/service?mount=/uploaded');
  assert.equal(body['development'], true);
  const configuration = await ask('GET', '/_api/foxx/configuration?mount=/uploaded&minimal=true');
  assert.deepEqual(configuration.body, { word: 'yes' });
});

web.test('a JavaScript file that is dropped is installed', async ({ page, open, server }) => {
  await open('services/install');
  await page.getByLabel('Mount').fill('/dropped');
  const transfer = await page.evaluateHandle(`(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["const router = require('@arangodb/foxx/router')(); module.context.use(router); router.get('/', (req, res) => res.send('dropped'));"], 'one.js'));
    return transfer;
  })()`);
  await page.locator('.drop-zone').dispatchEvent('dragover', { dataTransfer: transfer });
  await page.locator('.drop-zone').dispatchEvent('drop', { dataTransfer: transfer });
  await page.getByRole('button', { name: 'Install', exact: true }).click();
  await page.getByRole('heading', { name: '/dropped', level: 1 }).waitFor();
  assert.equal(await (await fetch(`${server.url}/dropped/`)).text(), 'dropped');
});

web.test(
  'an address is fetched by the server, and its refusal is shown',
  async ({ page, open }) => {
    await open('services/install?from=url');
    await page.getByLabel('Mount').fill('/fetched');
    await page.getByLabel('Address').fill('http://127.0.0.1:1/service.zip');
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    await page.getByText('Install failed').waitFor();
    await checkAccessibility(page);
  },
  { failures: [400, 403, 500] },
);

web.test('a template is filled in and installed', async ({ page, open, server }) => {
  await open('services/install?from=template');
  await page.getByLabel('Name').fill('notes');
  await page.getByLabel('Author').fill('Somebody');
  await page.getByLabel('Document collections').fill('papers, people');
  await page.getByLabel('Edge collections').fill('wrote');
  await page.getByLabel('Mount').fill('/from-template');
  await checkAccessibility(page);
  await screenshot(page, 'install-template');
  await page.getByRole('button', { name: 'Install', exact: true }).click();
  await page.getByRole('heading', { name: '/from-template', level: 1 }).waitFor();
  assert.equal((await fetch(`${server.url}/from-template/papers`)).status, 200);
});

web.test('the store offers what is in it', async ({ page, open }) => {
  await open('services/install?from=store');
  await page.getByLabel('Search the store').fill('greet');
  await page.getByText('greeter', { exact: true }).click();
  await page.getByLabel('Version of greeter').selectOption('1.0.0');
  await page.getByLabel('Mount').fill('/from-store');
  await checkAccessibility(page);
  await page.getByRole('button', { name: 'Install', exact: true }).click();
  await page.getByText('Installed greeter 1.0.0 at /from-store').waitFor();
});

web.test(
  'a bundle that cannot be is refused, and one sees why',
  async ({ page, open }) => {
    await open('services/install');
    await page.getByLabel('Mount').fill('/refused');
    const buffer = zip(service(`throw new Error('never');`));
    await page.locator('input[type=file]').setInputFiles({ name: 'bad.zip', mimeType: 'application/zip', buffer });
    await page.getByRole('button', { name: 'Install', exact: true }).click();
    await page.getByText(/never/).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Install', exact: true }).isEnabled(), true);
  },
  { failures: [400, 500] },
);

web.test(
  'a version whose tests fail does not get through the gate, and one sees which',
  async ({ page, open, server, ask }) => {
    await install(server, ask, '/gated', saying('old'));
    await open('services/upgrade/%2Fgated');
    await page.locator('input[type=file]').setInputFiles({ name: 'shop.zip', mimeType: 'application/zip', buffer: zip(SHOP) });
    await page.getByLabel('Activate at once everywhere, or not at all').check();
    await page.getByLabel('Only if its tests pass').check();
    await page.getByRole('button', { name: 'Upgrade', exact: true }).click();
    await page.getByText('Upgrade failed').waitFor();
    await page.getByText('prices are summed').last().waitFor();
    await page.getByText('+   "sum": 30,').waitFor();
    await checkAccessibility(page);
    assert.equal(await (await fetch(`${server.url}/gated/`)).text(), 'old');
  },
  { failures: [400, 500] },
);

web.test('a service is upgraded, rolled back, replaced and uninstalled', async ({ page, open, server, ask }) => {
  await install(server, ask, '/changed', { ...saying('first'), 'README.md': 'first' });
  const upload = async (text: string, version: string): Promise<void> => {
    const files = { ...saying(text), 'manifest.json': JSON.stringify({ name: 'changed', version, main: 'index.js' }) };
    await page.locator('input[type=file]').setInputFiles({ name: 'new.zip', mimeType: 'application/zip', buffer: zip(files) });
  };
  const says = async (): Promise<string> => (await fetch(`${server.url}/changed/`)).text();
  const choose = async (name: string): Promise<void> => {
    await page.getByRole('button', { name: 'Actions on the service' }).click();
    await page.getByRole('menuitem', { name }).click();
  };

  await open('services/%2Fchanged');
  await choose('Upgrade …');
  await upload('second', '2.0.0');
  await page.getByLabel('Activate at once everywhere, or not at all').check();
  await page.getByRole('button', { name: 'Upgrade', exact: true }).click();
  await page.getByText('Upgraded changed 2.0.0 at /changed').waitFor();
  assert.equal(await says(), 'second');

  await choose('Roll back …');
  await page.getByRole('button', { name: 'Roll back', exact: true }).click();
  await checkAccessibility(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Roll back', exact: true }).click();
  await page.getByText(/is back at/).waitFor();
  assert.equal(await says(), 'first');
  await screenshot(page, 'service-versions');

  await choose('Replace …');
  await upload('third', '3.0.0');
  await page.getByRole('button', { name: 'Replace', exact: true }).click();
  await page.getByText('Replaced changed 3.0.0 at /changed').waitFor();
  assert.equal(await says(), 'third');

  await choose('Uninstall …');
  await checkAccessibility(page);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await choose('Uninstall …');
  await page.getByRole('dialog').getByRole('button', { name: 'Uninstall' }).click();
  await page.getByText('Uninstalled /changed').waitFor();
  assert.equal((await fetch(`${server.url}/changed/`)).status, 404);
});

web.test('of several coordinators each is told of', async ({ page, open }) => {
  // Said by the test in the server's place: a cluster has a database that would have to be started for this alone.
  const coordinators = [
    { id: 'CRDN-1', state: 'current', checksum: 'aaaa', development: false },
    { id: 'CRDN-2', state: 'outdated', checksum: 'bbbb', development: false },
    { id: 'CRDN-3', state: 'missing', development: false },
  ];
  await page.route(/\/_api\/foxx(\/service)?\?/, async (route) => {
    const answer = await route.fetch();
    const told = (await answer.json()) as object | object[];
    const extended = Array.isArray(told)
      ? told.map((each: object) => ({ ...each, coordinators }))
      : { ...told, coordinators, warnings: ['edited twice'] };
    await route.fulfill({ response: answer, json: extended });
  });
  await open('services');
  await row(page, '/mailer').getByText('current on 1 of 3').waitFor();
  await page.getByRole('link', { name: '/mailer' }).click();
  await page.getByText('edited twice').waitFor();
  await page.getByRole('listitem').filter({ hasText: 'CRDN-2' }).getByText('Outdated').waitFor();
  await checkAccessibility(page);
  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.getByRole('switch', { name: 'Development mode' }).click();
  await page.getByRole('dialog').getByText('In a cluster it is dangerous:').waitFor();
});
