/** A shop with products, people and places, for the tests of the pages about data, and what those tests do again and again. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { Ask } from '../support/ask.ts';
import { screenshot } from './support.ts';

export async function prepareShop(ask: Ask): Promise<void> {
  await ask('POST', '/_api/database', { name: 'shop' });
  await ask('POST', '/_api/user', { user: 'reader', passwd: 'secret' });
  await ask('PUT', '/_api/user/reader/database/shop', { grant: 'ro' });
  for (const name of ['products', 'many', 'drafts', 'people', 'cities']) await inShop(ask)('POST', '/_api/collection', { name });
  await inShop(ask)('POST', '/_api/gharial', {
    name: 'places',
    edgeDefinitions: [
      { collection: 'knows', from: ['people'], to: ['people'] },
      { collection: 'lives', from: ['people'], to: ['cities'] },
    ],
  });
  await fill(
    ask,
    'FOR p IN [["lamp", 40], ["desk", 320], ["chair", 90]] INSERT { _key: p[0], price: p[1], tags: ["home", p[0]], size: { w: p[1], h: 2 } } INTO products',
  );
  await fill(ask, 'FOR n IN ["Ada", "Bob", "Cyd", "Dan"] INSERT { _key: LOWER(n), name: n, age: 20 + LENGTH(n) } INTO people');
  await fill(ask, 'FOR n IN ["Rome", "Oslo"] INSERT { _key: LOWER(n), name: n } INTO cities');
  await fill(
    ask,
    'FOR e IN [["ada", "bob"], ["bob", "cyd"], ["cyd", "dan"]] INSERT { _key: CONCAT(e[0], e[1]), _from: CONCAT("people/", e[0]), _to: CONCAT("people/", e[1]), since: 2020 } INTO knows',
  );
  await fill(
    ask,
    'FOR e IN [["ada", "rome"], ["bob", "oslo"]] INSERT { _from: CONCAT("people/", e[0]), _to: CONCAT("cities/", e[1]) } INTO lives',
  );
}

export const inShop =
  (ask: Ask): Ask =>
  (method, path, ...rest) =>
    ask(method, `/_db/shop${path}`, ...rest);

export async function fill(ask: Ask, query: string): Promise<void> {
  const { status, text } = await inShop(ask)('POST', '/_api/cursor', { query });
  assert.equal(status, 201, text);
}

/** The text of the page's editor replaced. */
export async function type(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').first().click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}

/** A picture without the messages of what was done before. */
export async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate("document.querySelectorAll('.toast-close').forEach((button) => button.click())");
  await screenshot(page, name);
}

/** Presses in the dialog that is open, and waits until it is closed. */
export async function confirm(page: Page, action: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: action, exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

export async function saved(page: Page, press: () => Promise<void>): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), press()]);
  return readFileSync(await file.path(), 'utf8');
}
