/** The console and what belongs to it in the browser: writing, running, explaining, keeping and ending queries. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { checkAccessibility, screenshot, startWeb, type Visit } from './support.ts';

const web = startWeb({
  prepare: async (_server, ask) => {
    await ask('POST', '/_api/gharial', {
      name: 'flights',
      edgeDefinitions: [{ collection: 'routes', from: ['airports'], to: ['airports'] }],
    });
    const run = async (query: string): Promise<void> => {
      const { status, text } = await ask('POST', '/_api/cursor', { query });
      assert.equal(status, 201, text);
    };
    await run(
      'FOR a IN [["JFK", "New York", 4], ["OSL", "Oslo", 24], ["FCO", "Rome", 14], ["KIX", "Osaka", 26]] INSERT { _key: a[0], city: a[1], gates: a[2], place: { lat: a[2] * 2, lon: 1 } } INTO airports',
    );
    await run(
      'FOR r IN [["JFK", "OSL"], ["OSL", "FCO"], ["FCO", "KIX"], ["JFK", "FCO"]] INSERT { _from: CONCAT("airports/", r[0]), _to: CONCAT("airports/", r[1]), km: 1000 } INTO routes',
    );
  },
});

/** A console that has nothing in it, with `text` written. */
async function write({ page, open }: Visit, text: string): Promise<void> {
  await open('queries');
  await page.locator('.cm-content').waitFor();
  await replace(page, text);
}

async function replace(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').first().click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
  // What is offered is not wanted.
  await page.keyboard.press('Escape');
}

/** Takes what is offered; in its first moment the list takes no keys, since they could be meant for the text. */
async function accept(page: Page, offered: string, key: string): Promise<void> {
  await page.getByRole('listbox').getByRole('option').getByText(offered, { exact: true }).first().waitFor();
  await page.waitForTimeout(150);
  await page.keyboard.press(key);
}

const run = (page: Page): Promise<void> => page.keyboard.press('ControlOrMeta+Enter');

async function saved(page: Page, press: () => Promise<void>): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), press()]);
  return readFileSync(await file.path(), 'utf8');
}

web.test('a query runs, and its rows are a table, JSON and a file', async (visit) => {
  const { page } = visit;
  await write(visit, 'FOR a IN airports SORT a._key RETURN a');
  await checkAccessibility(page);
  await run(page);
  const grid = page.getByRole('grid', { name: 'Result' });
  await grid.getByText('New York').waitFor();
  await page.getByText(/^4 rows in/).waitFor();
  await grid.getByText('{"lat":28,"lon":1}').waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'query-table');
  await grid.getByText('New York').click();
  await page.getByRole('dialog', { name: /Row/ }).getByText('"New York"').waitFor();
  await page.keyboard.press('Escape');
  const download = (format: string): Promise<string> =>
    saved(page, async () => {
      await page.getByRole('button', { name: 'Download' }).click();
      await page.getByRole('menuitem', { name: format }).click();
    });
  assert.equal((JSON.parse(await download('JSON')) as unknown[]).length, 4);
  assert.match(await download('Comma-separated values'), /^_key,city,gates,place,_id,_rev\r\nFCO,Rome,14,"\{""lat"":28,""lon"":1\}"/);
  await page.getByRole('button', { name: 'JSON', exact: true }).click();
  await page.getByText('"New York"').waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'query-json');
  await page.getByRole('button', { name: 'Statistics' }).click();
  await page.getByText('Documents read by full scans').waitFor();
  await checkAccessibility(page);
});

web.test('collections, attributes, functions and keywords are completed', async (visit) => {
  const { page } = visit;
  await write(visit, '');
  await page.keyboard.type('FOR a IN air');
  await accept(page, 'airports', 'Enter');
  await page.keyboard.type(' FILT');
  await accept(page, 'FILTER', 'Tab');
  await page.keyboard.type(' a.pl');
  await accept(page, 'place', 'Enter');
  await page.keyboard.type('.la');
  await accept(page, 'lat', 'Enter');
  await page.keyboard.type(' > 10 RETURN CONCA');
  await page.getByText('A single array stands for its elements.').waitFor();
  await screenshot(page, 'query-completion');
  // Asked for once more: whatever took the focus for a moment has closed the list.
  await page.locator('.cm-content').focus();
  await page.keyboard.press('Control+Space');
  await accept(page, 'CONCAT', 'Enter');
  await page.keyboard.type('a.city');
  assert.equal(await page.locator('.cm-line').innerText(), 'FOR a IN airports FILTER a.place.lat > 10 RETURN CONCAT(a.city)');
  await page.keyboard.press('Escape');
  await run(page);
  await page.getByText(/^3 rows in/).waitFor();
});

web.test('bind parameters have fields with types, or are JSON', async (visit) => {
  const { page } = visit;
  await write(visit, 'FOR a IN @@where FILTER a.gates > @least // not @this\n RETURN { city: a.city, more: @more }');
  await page.getByRole('combobox', { name: '@@where' }).fill('airports');
  await page.getByLabel('Type of @least').selectOption('number');
  await page.getByLabel('@least', { exact: true }).fill('20');
  await page.getByLabel('Type of @more').selectOption('json');
  await page.getByLabel('@more', { exact: true }).fill('{"a": [1');
  await page.getByText('This is no JSON.').waitFor();
  await page.getByLabel('@more', { exact: true }).fill('{"a": [1]}');
  await checkAccessibility(page);
  await page.getByRole('button', { name: /^Run/ }).click();
  await page.getByText(/^2 rows in/).waitFor();
  await page.getByRole('grid').getByText('{"a":[1]}').first().waitFor();
  await screenshot(page, 'query-parameters');
  await page.getByRole('region', { name: 'Bind parameters' }).getByRole('button', { name: 'JSON' }).click();
  await page.getByLabel('Parameters as JSON').fill('{"@where": "airports", "least": 25, "more": null}');
  await page.getByRole('button', { name: /^Run/ }).click();
  await page.getByText(/^1 row in/).waitFor();
});

web.test(
  'an error is shown at its place, and in a selection too',
  async (visit) => {
    const { page } = visit;
    await write(visit, 'FOR a IN airports\n  FILTR a.x\n  RETURN a');
    await run(page);
    await page.getByText('Line 2, column 3').waitFor();
    assert.equal(await page.locator('.cm-lintRange-error').innerText(), 'FILTR');
    await checkAccessibility(page);
    await screenshot(page, 'query-error');
    await replace(page, 'RETURN 1\nRETURN 2 +');
    await page.keyboard.press('Shift+Home');
    await page.getByRole('button', { name: 'Run selection' }).click();
    await page.getByText(/^Line 2, column/).waitFor();
    await replace(page, 'RETURN 1\nRETURN [2]');
    await page.keyboard.press('Shift+Home');
    await page.keyboard.press('ControlOrMeta+Shift+Enter');
    await page.getByRole('grid').getByText('[2]').waitFor();
  },
  { failures: [400] },
);

web.test('more rows are fetched when they are wanted', async (visit) => {
  const { page } = visit;
  await write(visit, 'FOR i IN 1..100000 RETURN { i, text: CONCAT("row ", i) }');
  await page.getByLabel('Rows at once').selectOption('100');
  await run(page);
  await page.getByText(/^100\+ rows in/).waitFor();
  await page.getByRole('button', { name: 'More rows' }).click();
  await page.getByText(/^200\+ rows in/).waitFor();
  await page.getByLabel('Rows at once').selectOption('100000');
  await page.getByRole('button', { name: /^Run/ }).click();
  await page.getByText(/^100,000 rows in/).waitFor();
  const grid = page.getByRole('grid', { name: 'Result' });
  await grid.focus();
  await page.keyboard.press('End');
  await grid.getByText('row 100000').waitFor();
  assert.ok((await grid.getByRole('row').count()) < 60);
});

web.test(
  'a running query is cancelled on the server',
  async (visit) => {
    const { page, ask } = visit;
    await write(visit, 'FOR i IN 1..600 LET s = SLEEP(0.1) RETURN i');
    await run(page);
    await page.getByText('Running …').waitFor();
    const running = async (): Promise<readonly unknown[]> =>
      JSON.parse((await ask('GET', '/_api/query/current')).text) as readonly unknown[];
    while ((await running()).length === 0) await page.waitForTimeout(50);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('The query was cancelled.').waitFor();
    assert.deepEqual(await running(), []);
  },
  { failures: [410] },
);

web.test('paths are a graph that goes on', async (visit) => {
  const { page } = visit;
  await write(visit, 'FOR v, e, p IN 1..1 OUTBOUND "airports/JFK" GRAPH "flights" RETURN p');
  await run(page);
  await page.getByText(/^2 rows in/).waitFor();
  await page.getByRole('button', { name: 'Graph', exact: true }).click();
  await page.getByText('3 vertices, 2 edges').waitFor();
  // By the keyboard: what still moves is not to be hit by a pointer.
  await page.locator('[data-vertex="airports/FCO"]').press('Enter');
  await page.getByText('4 vertices, 4 edges').waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'query-graph');
});

web.test('a plan is a tree with costs, rules and indexes', async (visit) => {
  const { page } = visit;
  await write(visit, 'FOR r IN routes\n  FILTER r._from == "airports/JFK"\n  LET to = DOCUMENT(r._to)\n  SORT to.city\n  RETURN to.city');
  await page.getByRole('button', { name: 'Explain' }).click();
  const plan = page.getByRole('region', { name: 'Plan' });
  await plan.getByText('r IN routes FILTER r._from == "airports/JFK"').waitFor();
  await plan.getByText(/index scan/).waitFor();
  await plan.getByText('use-indexes').waitFor();
  await plan.getByRole('cell', { name: 'edge', exact: true }).first().waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'query-plan');
});

web.test('a profile shows where the time goes', async (visit) => {
  const { page } = visit;
  await write(
    visit,
    'FOR i IN 1..20000\n  LET squared = i * i\n  FILTER squared % 3 == 0\n  SORT squared DESC\n  LIMIT 10\n  RETURN squared',
  );
  await page.getByRole('button', { name: 'Profile' }).click();
  const profile = page.getByRole('region', { name: 'Profile' });
  await profile.getByText('Time in steps').waitFor();
  await profile.getByText(/keeps the first 10/).waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'query-profile');
});

web.test('queries are in tabs that outlive a reload, and in the history', async (visit) => {
  const { page } = visit;
  await write(visit, 'RETURN "first"');
  await run(page);
  await page.getByRole('grid').getByText('first').waitFor();
  await page.getByRole('button', { name: 'New query' }).click();
  await replace(page, 'RETURN "second"');
  await page.reload();
  await page.getByRole('button', { name: 'RETURN "first"', exact: true }).click();
  await page.locator('.cm-line').getByText('RETURN "first"').waitFor();
  await page.getByRole('button', { name: 'Close RETURN "first"' }).click();
  await page.locator('.cm-line').getByText('RETURN "second"').waitFor();
  await page.getByRole('button', { name: 'History' }).click();
  await checkAccessibility(page);
  await page.getByRole('dialog').getByText('RETURN "first"').click();
  await page.locator('.cm-line').getByText('RETURN "first"').waitFor();
});

web.test('queries are saved with the account, renamed, exported, deleted and imported', async (visit) => {
  const { page, ask, open } = visit;
  await write(visit, 'RETURN @n');
  await page.getByLabel('Type of @n').selectOption('number');
  await page.getByLabel('@n', { exact: true }).fill('7');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByLabel(/^Name/).fill('seven');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved as seven').waitFor();
  const extra = async (): Promise<unknown> => (await ask('GET', '/_api/user/root')).body['extra'];
  assert.deepEqual(await extra(), { queries: [{ name: 'seven', value: 'RETURN @n', parameter: { n: 7 } }] });

  await page.getByRole('tab', { name: 'Saved' }).click();
  await page.getByRole('button', { name: 'Rename seven' }).click();
  await page.getByLabel(/^Name/).fill('lucky');
  await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
  await page.getByRole('button', { name: 'lucky', exact: true }).waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'query-saved');
  const exported = await saved(page, () => page.getByRole('button', { name: 'Export' }).click());
  await page.getByRole('button', { name: 'Delete lucky' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('No saved queries yet').waitFor();
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'queries.json', mimeType: 'application/json', buffer: Buffer.from(exported) });
  await page.getByRole('button', { name: 'lucky', exact: true }).click();
  await page.locator('.cm-line').getByText('RETURN @n').waitFor();
  assert.equal(await page.getByLabel('@n', { exact: true }).inputValue(), '7');
  await open('queries/saved');
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'other.json', mimeType: 'application/json', buffer: Buffer.from('{"a": 1}') });
  await page.getByText('There are no queries in other.json.').waitFor();
});

web.test('running queries are seen and killed, slow ones are remembered and forgotten', async ({ page, open, ask }) => {
  await ask('PUT', '/_api/query/properties', { slowQueryThreshold: 0.05 });
  await ask('POST', '/_api/cursor', { query: 'RETURN SLEEP(0.1)' });
  const killed = ask('POST', '/_api/cursor', { query: 'FOR i IN 1..600 LET s = SLEEP(0.1) RETURN @mark', bindVars: { mark: 'long' } });
  await open('queries/running');
  await page.getByRole('row', { name: /FOR i IN 1\.\.600/ }).waitFor();
  await page.getByRole('row', { name: /RETURN SLEEP\(0\.1\)/ }).waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'query-running');
  await page.getByRole('button', { name: 'Kill' }).click();
  assert.equal((await killed).status, 410);
  await page.getByText('No query runs now').waitFor();
  await page.getByRole('button', { name: 'Forget these' }).click();
  await page.getByText('No query was slow').waitFor();
  await ask('PUT', '/_api/query/properties', { slowQueryThreshold: 10 });
});

web.test('functions of users are written and removed, and those of AQL explained', async ({ page, open, ask }) => {
  await open('queries/functions');
  await page.getByRole('button', { name: 'New function' }).click();
  await page.getByLabel(/^Name/).fill('SHOP::DOUBLE');
  await checkAccessibility(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'SHOP::DOUBLE', exact: true }).waitFor();
  assert.deepEqual((await ask('POST', '/_api/cursor', { query: 'RETURN SHOP::DOUBLE(21)' })).body['result'], [42]);
  await page.getByLabel('Find a function').fill('geo');
  await page.getByRole('button', { name: /^GEO_DISTANCE/ }).click();
  await page.getByRole('dialog').getByRole('region', { name: 'examples' }).waitFor();
  await page.keyboard.press('Escape');
  await checkAccessibility(page);
  await screenshot(page, 'query-functions');
  await page.getByRole('button', { name: 'Remove SHOP::DOUBLE' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('No functions of your own yet').waitFor();
});

web.test('results are kept where it is wanted, and the cache is emptied', async ({ page, open, ask }) => {
  await open('queries/cache');
  await page.getByLabel('Results are kept').selectOption('on');
  await page.getByText('The cache is changed').waitFor();
  const query = { query: 'FOR a IN airports SORT a._key RETURN a.city' };
  await ask('POST', '/_api/cursor', query);
  await page.reload();
  await page.getByRole('region', { name: 'Kept results' }).getByText(query.query).waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'query-cache');
  await page.getByRole('button', { name: 'Empty results' }).click();
  await page.getByText('No results are kept').waitFor();
  await ask('PUT', '/_api/query-cache/properties', { mode: 'off' });
});

web.test(
  'the console fits a phone, in dark colours',
  async (visit) => {
    const { page } = visit;
    await write(visit, 'FOR a IN airports FILTER a.gates > @least RETURN a');
    await page.getByLabel('Type of @least').selectOption('number');
    await page.getByLabel('@least', { exact: true }).fill('5');
    await page.getByRole('button', { name: /^Run/ }).click();
    await page.getByText(/^3 rows in/).waitFor();
    assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true);
    await checkAccessibility(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await screenshot(page, 'query-phone');
  },
  { isPhone: true, colors: 'dark' },
);
