/** What is around all pages: sign-in, navigation, databases, colours, and how much has to be loaded. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Request } from 'playwright-core';
import { checkAccessibility, screenshot, startWeb } from './support.ts';

const web = startWeb({
  prepare: async (_server, ask) => {
    await ask('POST', '/_api/database', { name: 'shop' });
    await ask('POST', '/_api/user', { user: 'reader', passwd: 'secret' });
    await ask('PUT', '/_api/user/reader/database/shop', { grant: 'ro' });
  },
});

web.test(
  'who signs in is where they wanted to go; who signs out is nobody',
  async ({ page, open }) => {
    await open('services', 'shop');
    await page.getByRole('heading', { name: 'Sign in to foxden' }).waitFor();
    await checkAccessibility(page);
    await screenshot(page, 'sign-in');
    await page.getByLabel('User').fill('reader');
    await page.getByLabel('Password').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('This name and password do not belong together.').waitFor();
    await page.getByLabel('Password').fill('secret');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Services', level: 1 }).waitFor();
    assert.match(page.url(), /#\/shop\/services$/);

    await page.reload();
    await page.getByRole('heading', { name: 'Services', level: 1 }).waitFor();
    assert.deepEqual(await page.context().cookies(), []);

    await page.getByRole('button', { name: /^Database/ }).click();
    assert.deepEqual(await page.getByRole('menuitemradio').allInnerTexts(), ['shop']);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Signed in as reader' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to foxden' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in to foxden' }).waitFor();
  },
  { isSignedIn: false, failures: [401] },
);

web.test(
  'a session that the server does not know any more leads to sign-in',
  async ({ page, open }) => {
    await open('services');
    await page.getByRole('heading', { name: 'Services', level: 1 }).waitFor();
    await page.evaluate(`sessionStorage.setItem('foxden.session', '{"user":"root","token":"stale"}')`);
    await page.reload();
    await page.getByText('Your session is over.').waitFor();
  },
  { failures: [401] },
);

web.test('the database is chosen in the header, with the keyboard too', async ({ page, open }) => {
  await open('services');
  await page.getByRole('button', { name: 'Database _system' }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Database shop' }).waitFor();
  assert.match(page.url(), /#\/shop\/services$/);
});

web.test('colours are those of the system, or chosen', async ({ page, open }) => {
  await open('services');
  const ground = (): Promise<string> => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
  const light = await ground();
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await ground();
  assert.notEqual(light, dark);
  await page.getByRole('button', { name: /^Colours/ }).click();
  await page.getByRole('menuitemradio', { name: 'Light' }).click();
  assert.equal(await ground(), light);
  await page.reload();
  await page.getByRole('heading', { name: 'Services', level: 1 }).waitFor();
  assert.equal(await ground(), light);
});

web.test(
  'on a phone the navigation opens and closes',
  async ({ page, open }) => {
    await open('services');
    await page.getByRole('button', { name: 'Open navigation' }).click();
    await page.getByRole('navigation', { name: 'Main' }).waitFor();
    await checkAccessibility(page);
    await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Services' }).click();
    assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
  },
  { isPhone: true },
);

web.test('addresses of ArangoDB’s interface lead to the page of the same name', async ({ page, server }) => {
  await page.goto(`${server.url}/_db/shop/_admin/aardvark/index.html#services`);
  await page.getByRole('heading', { name: 'Services', level: 1 }).waitFor();
  await page.getByRole('button', { name: 'Database shop' }).waitFor();
});

web.test('an address that leads nowhere says so', async ({ page, open }) => {
  await open('nowhere/at/all');
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await checkAccessibility(page);
});

web.test('all scripts that the first page loads are below 150 KB', async ({ page, open }) => {
  const paths = new Set<string>();
  page.on('request', (request) => {
    const path = /\/_admin\/aardvark\/(.+\.js)$/.exec(request.url())?.[1];
    if (path !== undefined) paths.add(path);
  });
  await open('');
  const named = await page.evaluate<string[]>(
    `[...document.querySelectorAll('script[src], link[rel=modulepreload]')].map((one) => one.src ?? one.href)`,
  );
  for (const address of named) paths.add(address.slice(address.indexOf('/assets/') + 1));
  const bytes = [...paths].reduce((sum, path) => sum + gzipSync(readFileSync(`dist/web/${path}`)).length, 0);
  assert.ok(paths.size > 1 && bytes < 150_000, `${bytes} bytes in ${paths.size} files`);
});

web.test('what a page shows first is asked for while its code still comes, and once', async ({ page, open }) => {
  for (const [path, asked] of [
    ['services', '/_api/foxx/states'],
    ['collections', '/_api/collection'],
    ['graphs', '/_api/gharial'],
    ['users', '/_api/user'],
    ['tasks', '/_api/tasks'],
    ['overview', '/_admin/metrics/v2'],
  ] as const) {
    await open(path);
    const addresses: string[] = [];
    const note = (request: Request): void => void addresses.push(request.url().replace(/^.*?(\/_db\/_system)?(?=\/_)/, ''));
    page.on('request', note);
    await page.reload();
    await open(path);
    page.off('request', note);
    const code = addresses.findIndex((address) => address.includes('/assets/fox-'));
    assert.ok(addresses.indexOf(asked) < code, `${path}: ${addresses.join('\n')}`);
    const early = addresses.filter((address) => address.startsWith('/_api/')).slice(0, 4);
    assert.equal(new Set(early).size, early.length, `${path}: ${early.join('\n')}`);
  }
});
