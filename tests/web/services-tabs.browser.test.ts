/** The page of a service: every tab against a running one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import AdmZip from 'adm-zip';
import { install, prepareServices, SHOP } from './services-support.ts';
import { checkAccessibility, screenshot, startWeb } from './support.ts';

const web = startWeb({ prepare: prepareServices });

web.test('the overview has the manifest and the README, as text and never as HTML', async ({ page, open }) => {
  await open('services/%2Fshop');
  await page.getByRole('heading', { name: 'The shop' }).waitFor();
  await page.getByText('Sells things to people who want them.', { exact: true }).waitFor();
  await page.getByText('<script>window.isInjected = true</script>').waitFor();
  assert.equal(await page.getByRole('link', { name: 'the web' }).getAttribute('href'), 'https://example.org/');
  assert.equal(await page.getByRole('link', { name: 'this', exact: true }).count(), 0);
  assert.equal(await page.locator('.markdown img, .markdown script').count(), 0);
  assert.equal(await page.evaluate('window.isInjected'), undefined);
  assert.equal(
    await page.getByRole('link', { name: 'git+https://github.com/example/shop.git' }).getAttribute('href'),
    'https://github.com/example/shop.git',
  );
  assert.match((await page.getByRole('link', { name: 'Open', exact: true }).getAttribute('href')) ?? '', /^\/_db\/_system\/shop\/$/);
  await checkAccessibility(page);
  await screenshot(page, 'service');

  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  const download = await downloading;
  assert.match(download.suggestedFilename(), /\.zip$/);
  const archive = new AdmZip(readFileSync(await download.path()));
  assert.deepEqual(
    archive
      .getEntries()
      .map(({ entryName }) => entryName)
      .filter((name) => !name.endsWith('/'))
      .toSorted(),
    Object.keys(SHOP).toSorted(),
  );
});

web.test('tabs are links, which the arrow keys move among and a reload keeps', async ({ page, open }) => {
  await open('services/%2Fshop');
  await page.getByRole('tab', { name: 'Overview' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('tab', { name: 'Health', selected: true }).waitFor();
  await page.keyboard.press('End');
  await page.getByRole('tab', { name: 'Settings', selected: true }).waitFor();
  await page.reload();
  await page.getByRole('tab', { name: 'Settings', selected: true }).waitFor();
  await page.goBack();
  await page.getByRole('tab', { name: 'Health', selected: true }).waitFor();
});

web.test('health shows requests, errors and times, and what failed', async ({ page, open, server, ask }) => {
  await install(server, ask, '/failing', SHOP, { query: '&development=true' });
  for (let i = 0; i < 20; i++) await fetch(`${server.url}/failing`);
  for (let i = 0; i < 3; i++) await fetch(`${server.url}/failing/fails`);
  await open('services/%2Ffailing/health');
  for (const title of ['Requests per second', 'Errors per second', 'Time per request'])
    await page.getByRole('img', { name: title }).waitFor();
  await page.getByText('Errors of the service').waitFor();
  await page
    .getByText(/GET .*\/fails/)
    .first()
    .click();
  await page
    .getByText(/at .*index\.js/)
    .first()
    .waitFor();
  await page.getByText('return order.total;').first().waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'service-health');
});

web.test('the log shows lines as they come', async ({ page, open, server }) => {
  await open('services/%2Fshop/log');
  await fetch(`${server.url}/shop`);
  await page.getByText('someone came').first().waitFor();
  await page.getByLabel('Level').selectOption('ERROR');
  await page.getByText('someone came').first().waitFor({ state: 'detached' });
  await page.getByLabel('Level').selectOption('TRACE');
  await page.getByLabel('Search the log').fill('nobody');
  await page.getByRole('heading', { name: 'No line matches' }).waitFor();
  await page.getByLabel('Search the log').fill('');
  await fetch(`${server.url}/shop/fails`);
  await page
    .getByText(/encountered error 500/)
    .first()
    .waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'service-log');
  await page.getByRole('button', { name: 'Clear what is shown' }).click();
  await page.getByRole('heading', { name: 'Nothing was written yet' }).waitFor();
});

web.test('the API is shown by Swagger UI, which asks this server alone', async ({ page, open }) => {
  await open('services/%2Fshop/api');
  await page.getByText('/things/{id}').click();
  await page.getByRole('button', { name: 'Try it out' }).click();
  await page.locator('.swagger-ui input[placeholder="id"]').fill('7');
  await page.getByRole('button', { name: 'Execute' }).click();
  await page.locator('.swagger-ui .responses-inner').getByText('"id": 7').first().waitFor();
  // What stands around it is ours; it itself is its makers'.
  await checkAccessibility(page, { without: ['.swagger'] });
  await screenshot(page, 'service-api');
});

web.test('configuration has a field for each type, and says what is wrong', async ({ page, open, ask }) => {
  await open('services/%2Fshop/configuration');
  assert.equal(await page.getByLabel('Api Key').getAttribute('type'), 'password');
  await page.getByLabel('Currency').fill('CHF');
  await page.getByLabel('Api Key').fill('secret');
  await page.getByLabel('Limit').fill('1.5');
  await page.getByText('This is not a whole number.').waitFor();
  await page.getByLabel('Limit').fill('25');
  await page.getByLabel('Rate').fill('7.7');
  await page.getByLabel('Is Open').selectOption('No');
  await page.getByLabel('Opening').fill('{"from": 8');
  await page.getByText(/This is not JSON/).waitFor();
  await page.getByLabel('Opening').fill('{"from": 8}');
  await checkAccessibility(page);
  await screenshot(page, 'service-configuration');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved the configuration').waitFor();
  assert.deepEqual((await ask('GET', '/_api/foxx/configuration?mount=/shop&minimal=true')).body, {
    currency: 'CHF',
    apiKey: 'secret',
    limit: 25,
    rate: 7.7,
    isOpen: false,
    opening: { from: 8 },
  });
  await page.getByLabel('Rate').fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved the configuration').nth(1).waitFor();
  assert.equal((await ask('GET', '/_api/foxx/configuration?mount=/shop&minimal=true')).body['rate'], undefined);
});

web.test('fields that are filled at the same moment all keep what they are given', async ({ page, open, ask }) => {
  await open('services/%2Fshop/configuration');
  const [currency, limit] = [page.getByLabel('Currency'), page.getByLabel('Limit')];
  await currency.waitFor();
  // As whoever fills in forms does it, before anything is drawn anew.
  const others = await limit.elementHandle();
  await currency.evaluate((field, other) => {
    for (const [input, text] of [
      [field, 'SEK'],
      [other, '31'],
    ] as const) {
      Object.assign(input, { value: text });
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }
  }, others);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved the configuration').waitFor();
  const { currency: savedCurrency, limit: savedLimit } = (await ask('GET', '/_api/foxx/configuration?mount=/shop&minimal=true')).body;
  assert.deepEqual([savedCurrency, savedLimit], ['SEK', 31]);
});

web.test('an unconfigured service is configured from its page', async ({ page, open }) => {
  await open('services/%2Fneeding');
  await page.getByText('There is no value for key.').waitFor();
  await page.getByRole('alert').or(page.locator('.notice')).getByRole('link', { name: 'Configuration' }).click();
  await page.getByLabel('Key').fill('here');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Production', { exact: true }).waitFor();
});

web.test('dependencies are mounts that are picked', async ({ page, open, ask }) => {
  await open('services/%2Fshop/dependencies');
  await page.getByLabel('Mailer').selectOption('/mailer');
  await page.getByRole('button', { name: 'Add a service' }).click();
  await page.getByLabel('Payments 1', { exact: true }).selectOption('/developed');
  await page.getByRole('button', { name: 'Add a service' }).click();
  await page.getByLabel('Payments 2', { exact: true }).selectOption('/mailer');
  await checkAccessibility(page);
  await screenshot(page, 'service-dependencies');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved the dependencies').waitFor();
  assert.deepEqual((await ask('GET', '/_api/foxx/dependencies?mount=/shop&minimal=true')).body, {
    mailer: '/mailer',
    payments: ['/developed', '/mailer'],
  });
});

web.test(
  'scripts are run with an argument, and tell what came of it',
  async ({ page, open }) => {
    await open('services/%2Fshop/scripts');
    await page.getByLabel('Script', { exact: true }).selectOption('send-mail');
    await page.getByLabel('Argument').fill('{"to": ');
    await page.getByText(/This is not JSON/).waitFor();
    await page.getByLabel('Argument').fill('{"to": "ann"}');
    await page.getByRole('button', { name: 'Run Send Mail' }).click();
    await page.getByRole('region', { name: 'result of send-mail' }).getByText('"ann"').waitFor();
    await page.getByLabel('Script', { exact: true }).selectOption('crash');
    await page.getByRole('button', { name: 'Run Crash' }).click();
    await page
      .getByRole('region', { name: 'error of crash' })
      .getByText(/no mail today/)
      .waitFor();
    await checkAccessibility(page);
    await screenshot(page, 'service-scripts');
  },
  { failures: [400, 500] },
);

web.test('tests are run and reported, with what differs', async ({ page, open }) => {
  await open('services/%2Fshop/tests');
  await page.getByRole('button', { name: 'Run tests' }).click();
  await page.getByText('1 of 4 tests failed').waitFor();
  await page.getByRole('heading', { name: 'of sales' }).waitFor();
  await page.getByText('+   "sum": 30,').waitFor();
  await page.getByText(/at .*prices\.js/).waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'service-tests');
  await page.getByRole('switch', { name: 'Only failures' }).click();
  await page.getByText('are numbers').waitFor({ state: 'detached' });
  await page.getByLabel('Only tests whose name holds').fill('sales');
  await page.getByRole('button', { name: 'Run tests' }).click();
  await page.getByText('1 test passed').waitFor();
});

web.test('development mode is switched in the settings, where what speaks against it is said', async ({ page, open, server, ask }) => {
  await install(server, ask, '/switched', SHOP);
  await open('services/%2Fswitched/settings');
  await page.getByText(/apps\/_db\/_system\/switched\/APP/).waitFor();
  await page.getByRole('switch', { name: 'Development mode' }).click();
  for (const warning of [/stack traces, source code and paths/, /setup has to stand being run over and over/, /static files/, /volatile/])
    await page.getByRole('dialog').getByText(warning).waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'service-development');
  await page.getByRole('dialog').getByText('When a file has changed', { exact: true }).click();
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByText('/switched is in development mode').waitFor();
  await page.getByRole('switch', { name: 'Development mode', checked: true }).waitFor();
  assert.equal((await ask('GET', '/_api/foxx/service?mount=/switched')).body['development'], true);
  await checkAccessibility(page);
  await screenshot(page, 'service-settings');
  assert.equal(await page.getByRole('radio', { name: 'When a file has changed' }).isChecked(), true);
  await page.getByText('On every request', { exact: true }).click();
  await page.getByText('Reloads on every request').waitFor();

  await page.getByRole('switch', { name: 'Development mode' }).click();
  await page.getByRole('button', { name: 'Turn off' }).click();
  await page.getByText('/switched is in production mode').waitFor();
  assert.equal((await ask('GET', '/_api/foxx/service?mount=/switched')).body['development'], false);
});

web.test('setup and teardown are run by hand', async ({ page, open, ask }) => {
  await open('services/%2Fshop/settings');
  await page.getByRole('button', { name: 'Run teardown …' }).click();
  await page.getByRole('button', { name: 'Run teardown', exact: true }).click();
  await page.getByText('Ran teardown of /shop').waitFor();
  assert.equal((await ask('GET', '/_api/collection/shop_runs')).status, 404);
  await page.getByRole('button', { name: 'Run setup …' }).click();
  await page.getByRole('button', { name: 'Run setup', exact: true }).click();
  await page.getByText('Ran setup of /shop').waitFor();
  assert.equal((await ask('GET', '/_api/collection/shop_runs')).status, 200);
});

web.test(
  'a broken service says what broke it, on a phone too',
  async ({ page, open }) => {
    await open('services/%2Fbroken');
    await page
      .getByText(/not today/)
      .first()
      .waitFor();
    assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
    await checkAccessibility(page);
    await screenshot(page, 'service-broken-phone');
  },
  { isPhone: true },
);

web.test(
  'a service that is not there is said to be missing',
  async ({ page, open }) => {
    await open('services/%2Fnone');
    await page.getByText('No service installed at mount path "/none".').waitFor();
    await checkAccessibility(page);
  },
  { failures: [400, 404] },
);
