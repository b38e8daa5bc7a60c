/** The pages of operations: what the server does, and what administrators do with it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { service, zip } from '../support/bundles.ts';
import { checkAccessibility, screenshot, startWeb } from './support.ts';

const NEWSLETTER = `
router.get('/send', (req, res) => {
  const queue = require('@arangodb/foxx/queues').create('mail', 2);
  for (const n of [1, 2, 3]) queue.push({ mount: module.context.mount, name: 'send' }, { to: 'person-' + n, fails: n === 2 });
  res.json(1);
});
router.get('/broken', () => { throw new Error('out of paper'); });
router.get('/', (req, res) => res.json(1));`;

const SEND = `
const [job] = module.context.argv;
if (job.fails) throw new Error('the mail server said no');
module.exports = true;`;

const web = startWeb({
  arguments: ['--log.level=v8=error'],
  prepare: async (server, ask) => {
    const install = async (mount: string, bundle: Buffer): Promise<void> => {
      const source = join(server.folder, `${mount.slice(1)}.zip`);
      writeFileSync(source, bundle);
      const { status } = await ask('POST', `/_api/foxx?mount=${mount}`, { source }, { 'content-type': 'application/json' });
      assert.equal(status, 201);
    };
    await install('/newsletter', zip(service(NEWSLETTER, { name: 'newsletter', scripts: { send: 'send.js' } }, { 'send.js': SEND })));
    await install('/waiting', zip(service('', { name: 'waiting', configuration: { key: { type: 'string', required: true } } })));
    await server.fetch('/newsletter/send');
    await server.fetch('/newsletter/broken');
    await ask('POST', '/_api/database', { name: 'shop' });
    await ask('POST', '/_db/shop/_api/collection', { name: 'orders' });
    await ask('POST', '/_api/user', { user: 'ana', passwd: 'secret', extra: { name: 'Ana' } });
    await ask('POST', '/_api/user', { user: 'zoe', passwd: 'secret', active: false });
    await ask('POST', '/_api/tasks', { name: 'refresh', period: 3600, command: 'void params' });
  },
});

const heading = (page: Page, name: string): Promise<void> => page.getByRole('heading', { name, level: 1 }).waitFor();

web.test('the overview is where one comes to: what the server does and what needs a look', async ({ page, open, server }) => {
  await open('');
  await heading(page, 'Overview');
  const requests = page.getByRole('link', { name: /^Requests/ });
  await requests.filter({ hasText: '/s' }).waitFor();
  await page.getByRole('link', { name: /^Memory.*B/ }).waitFor();
  for (let count = 0; count < 20; count++) await server.fetch('/newsletter');
  await page.getByRole('link', { name: /\/newsletter.*a minute.*1 failed/ }).waitFor();
  await page.getByRole('link', { name: /\/waiting.*quiet.*Unconfigured/ }).waitFor();
  await page.getByRole('link', { name: /A job has failed/ }).waitFor();
  await page.getByRole('link', { name: /encountered error 500.*error/ }).waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'overview');
});

web.test('metrics are plots that go on, and numbers', async ({ page, open }) => {
  await open('metrics');
  const plot = page.getByRole('img', { name: /^Requests\. Requests: .*\/s/ });
  await plot.waitFor();
  await page.getByRole('img', { name: /^Memory\. Process: .*B/ }).waitFor();
  const points = (): Promise<number> =>
    page
      .locator('.plot-line')
      .first()
      .evaluate((line) => (line.getAttribute('d') ?? '').split('L').length);
  const before = await points();
  while ((await points()) <= before) await page.waitForTimeout(100);
  await screenshot(page, 'metrics');
  await page.getByLabel('Filter metrics').fill('worker_threads');
  const rows = page.getByRole('region', { name: 'All metrics' }).getByRole('row');
  assert.equal(await rows.count(), 2);
  await checkAccessibility(page);
});

web.test('the log comes as it is written, and can be searched, paused and made quieter', async ({ page, open, server }) => {
  await open('logs');
  const log = page.getByRole('log');
  await log.getByText('is ready for business').waitFor();
  await page.getByLabel('Up to level').selectOption('warning');
  await log.getByText('is ready for business').waitFor({ state: 'detached' });
  await page.getByLabel('Containing').fill('out of paper');
  await server.fetch('/newsletter/broken');
  await log.getByText('encountered error 500').first().waitFor();
  await page
    .getByRole('button', { name: /more lines$/ })
    .first()
    .click();
  await page.getByLabel('Containing').fill('nobody wrote this');
  await page.getByText('No line has this text').waitFor();
  await page.getByLabel('Containing').fill('');
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused').waitFor();
  await page.getByRole('button', { name: 'Go on' }).click();
  await checkAccessibility(page);
  await page.getByLabel('Up to level').selectOption('info');
  await log.getByText('is ready for business').waitFor();
  await screenshot(page, 'logs');

  await page.getByRole('button', { name: 'Levels' }).click();
  await page.getByLabel('threads').selectOption('debug');
  await page.getByText('threads is logged up to debug').waitFor();
  await checkAccessibility(page);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

web.test('jobs are looked at, run again, aborted and cleared; queues get more workers', async ({ page, open, ask }) => {
  await open('queues');
  await page.getByRole('button', { name: 'Retry failed' }).waitFor();
  const jobs = page.getByRole('region', { name: 'Jobs' });
  await page.getByLabel('State').selectOption('failed');
  await jobs.getByText('Done').first().waitFor({ state: 'detached' });
  await checkAccessibility(page);
  await jobs.getByRole('button', { name: '/newsletter send' }).click();
  const dialog = page.getByRole('dialog', { name: 'Job' });
  await dialog.getByText('the mail server said no').first().waitFor();
  await dialog.getByText('person-2').waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'job');
  await dialog.getByRole('button', { name: 'Run again' }).click();
  await dialog.getByText('Failures (2)').waitFor();
  await page.keyboard.press('Escape');

  await page.getByLabel('State').selectOption('all');
  await page.getByLabel('Queue').selectOption('mail');
  await screenshot(page, 'queues');
  await page.getByRole('button', { name: 'Workers: 2' }).click();
  await page.getByLabel('Jobs that run at the same time').fill('5');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Workers: 5' }).waitFor();

  const later = {
    queue: 'mail',
    status: 'pending',
    type: { mount: '/newsletter', name: 'send' },
    data: {},
    delayUntil: Date.now() + 3_600_000,
  };
  await ask('POST', '/_api/document/_jobs', { ...later, created: Date.now(), modified: Date.now(), failures: [], runs: 0 });
  await page.getByLabel('State').selectOption('pending');
  await jobs.getByText('due in 59 min').waitFor();
  await jobs.getByRole('button', { name: '/newsletter send' }).click();
  await dialog.getByRole('button', { name: 'Abort' }).click();
  await dialog.getByText('Job aborted.').waitFor();
  await page.keyboard.press('Escape');

  await page.getByLabel('State').selectOption('all');
  await page.getByRole('button', { name: 'Clear' }).click();
  await page
    .getByRole('dialog')
    .getByText(/^4 jobs/)
    .waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Clear' }).click();
  await page.getByText('No such jobs').waitFor();
});

web.test('a database without queues says what they are for', async ({ page, open }) => {
  await open('queues', 'shop');
  await page.getByRole('heading', { name: 'No queue yet' }).waitFor();
  await checkAccessibility(page);
});

web.test('tasks are listed, made and deleted', async ({ page, open, ask }) => {
  await open('tasks');
  await page.getByRole('button', { name: 'refresh' }).waitFor();
  await page.getByText('every 1 h').waitFor();
  await page.getByRole('button', { name: 'New task' }).click();
  await page.getByLabel('Name').fill('once');
  await page.getByLabel('Runs').selectOption('timed');
  await page.getByLabel('After how many seconds').fill('1800');
  await page.getByLabel('params, as JSON').fill('{');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText(/The params are no JSON/).waitFor();
  await page.getByLabel('params, as JSON').fill('{"a": 1}');
  await checkAccessibility(page);
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('once, after 30 min').waitFor();
  await screenshot(page, 'tasks');
  await page.getByRole('button', { name: 'once', exact: true }).click();
  await page.getByRole('dialog').getByText("require('console')").waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog', { name: 'Delete the task once?' }).getByRole('button', { name: 'Delete' }).click();
  await page.getByText('once, after 30 min').waitFor({ state: 'detached' });
  const { body } = await ask('GET', '/_api/tasks');
  assert.equal((body as unknown as readonly object[]).length, 1);
});

web.test('users are made, locked, given another password and deleted', async ({ page, open, server }) => {
  await open('users');
  await page.getByRole('link', { name: 'ana' }).waitFor();
  await page.getByRole('row', { name: /zoe.*Locked/ }).waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'users');
  await page.getByRole('button', { name: 'New user' }).click();
  await page.getByLabel('Name').fill('ben');
  await page.getByLabel('Password').fill('first');
  await checkAccessibility(page);
  await page.keyboard.press('Enter');
  await heading(page, 'ben');
  const canSignIn = async (password: string): Promise<boolean> =>
    (await server.fetch('/_open/auth', { json: { username: 'ben', password } })).status === 200;
  assert.ok(await canSignIn('first'));

  await page.getByRole('button', { name: 'Password' }).click();
  await page.getByLabel('New password', { exact: true }).fill('second');
  await page.getByLabel('The same again').fill('other');
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByText('This is another one.').waitFor();
  await page.getByLabel('The same again').fill('second');
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByText('The password is changed').waitFor();
  assert.deepEqual([await canSignIn('first'), await canSignIn('second')], [false, true]);

  await page.getByRole('button', { name: 'Details' }).click();
  await page.getByLabel('JSON object').fill('{"team": "blue"}');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('The details are saved').waitFor();
  await page.getByLabel('May sign in').click();
  await page.getByText('Locked').waitFor();
  assert.equal(await canSignIn('second'), false);

  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await heading(page, 'Users');
  await page.getByRole('link', { name: 'ben' }).waitFor({ state: 'detached' });
});

web.test('rights are given by database and collection', async ({ page, open, ask }) => {
  await open('users/ana');
  await page.getByLabel('Every other database: Read only').check();
  await page.getByLabel('shop: Read and write', { exact: true }).check();
  await page.getByRole('button', { name: 'shop' }).click();
  await page.getByLabel('orders of shop: Nothing').check();
  await page.getByLabel('Every other collection of shop: Read only').check();
  await checkAccessibility(page);
  await screenshot(page, 'rights');
  const { body } = await ask('GET', '/_api/user/ana/database?full=true');
  const result = body['result'] as Record<string, { permission: string; collections: Record<string, string> }>;
  assert.equal(result['*']?.permission, 'ro');
  assert.equal(result['shop']?.permission, 'rw');
  assert.deepEqual([result['shop']?.collections['orders'], result['shop']?.collections['*']], ['none', 'ro']);
  await page.getByLabel('orders of shop: As the default').check();
  await page.reload();
  await page.getByRole('button', { name: 'shop' }).click();
  assert.ok(await page.getByLabel('orders of shop: As the default').isChecked());
});

web.test('nobody gives their own rights away by mistake', async ({ page, open }) => {
  await open('users/root');
  const mine = page.getByLabel('Every other database: Read and write');
  await mine.waitFor();
  await page.getByLabel('Every other database: Nothing').click();
  await page.getByRole('dialog', { name: 'Give away your own rights?' }).waitFor();
  await checkAccessibility(page);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.ok(await mine.isChecked());
});

web.test(
  'whoever may only read sees what they may see',
  async ({ page, open, ask }) => {
    await ask('POST', '/_api/user', { user: 'reader', passwd: 'secret' });
    await ask('PUT', '/_api/user/reader/database/shop', { grant: 'ro' });
    await open('overview', 'shop');
    await page.getByLabel('User').fill('reader');
    await page.getByLabel('Password').fill('secret');
    await page.keyboard.press('Enter');
    await heading(page, 'Overview');
    await page.getByRole('link', { name: /^Memory.*B/ }).waitFor();
    await page.getByRole('heading', { name: 'No services yet' }).waitFor();
    await page.getByRole('heading', { name: 'All is well' }).waitFor();
    for (const path of ['users', 'logs']) {
      await open(path, 'shop');
      await page.getByText('forbidden').first().waitFor();
    }
  },
  { isSignedIn: false, failures: [401, 403] },
);

web.test('the server tells what it is, and that it is alone', async ({ page, open, server }) => {
  await open('server');
  await page.getByText('This server is alone').waitFor();
  await page.getByText('ArangoDB 3.12').waitFor();
  const { body } = { body: await page.evaluate<string>(`sessionStorage.getItem('foxden.session')`) };
  const { token } = JSON.parse(body) as { token: string };
  await server.fetch('/_api/version', { headers: { authorization: `bearer ${token}`, 'x-arango-async': 'store' } });
  await page.getByRole('button', { name: 'Forget' }).click();
  await page.getByRole('heading', { name: 'None' }).waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'server');
});

for (const path of ['overview', 'metrics', 'logs', 'queues', 'tasks', 'users', 'users/ana', 'server']) {
  web.test(
    `${path} fits a phone`,
    async ({ page, open }) => {
      await open(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
      await checkAccessibility(page);
    },
    { isPhone: true },
  );
}
