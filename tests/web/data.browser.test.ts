/** Databases, collections and documents in the browser. */
import assert from 'node:assert/strict';
import { confirm, fill, inShop, picture, prepareShop, saved, type } from './data-support.ts';
import { checkAccessibility, screenshot, startWeb } from './support.ts';

const MANY = 100_000;

const web = startWeb({
  prepare: async (_server, ask) => {
    await prepareShop(ask);
    await fill(ask, `FOR i IN 1..${MANY} INSERT { _key: CONCAT("k", i), n: i, even: i % 2 == 0, note: CONCAT("note ", i) } INTO many`);
  },
});

web.test('databases are made, their rights given, and dropped by name', async ({ page, open, ask }) => {
  await open('databases');
  await page.getByRole('link', { name: 'shop' }).waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'databases');
  await page.getByRole('button', { name: 'New database' }).click();
  await page.getByLabel('Name').fill('passing');
  await page.getByLabel('Owner').selectOption('reader');
  await confirm(page, 'Create');
  await page.getByRole('link', { name: 'passing' }).waitFor();
  await page.getByRole('button', { name: 'Rights in passing' }).click();
  const rights = page.getByRole('dialog').getByLabel('reader');
  await rights.waitFor();
  assert.equal(await rights.inputValue(), 'rw');
  await rights.selectOption('ro');
  await page.getByText('reader has new rights in passing').waitFor();
  assert.equal((await ask('GET', '/_api/user/reader/database/passing')).body['result'], 'ro');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();

  await page.getByRole('button', { name: 'Drop database passing' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Drop', exact: true }).click();
  await page.getByText('Type passing to go on.').waitFor();
  await page.getByLabel('Type passing to go on').fill('passing');
  await confirm(page, 'Drop');
  await page.getByRole('link', { name: 'passing' }).waitFor({ state: 'detached' });
  assert.ok(!((await ask('GET', '/_api/database')).body['result'] as string[]).includes('passing'));
});

web.test('collections are listed with their figures, and system collections on demand', async ({ page, open }) => {
  await open('collections', 'shop');
  await page.getByRole('row', { name: /many.*100,000/ }).waitFor();
  await page.getByRole('row', { name: /knows.*Edges.*3/ }).waitFor();
  assert.equal(await page.getByRole('link', { name: '_graphs' }).count(), 0);
  await checkAccessibility(page);
  await screenshot(page, 'collections');
  await page.getByLabel('System collections').check();
  await page.getByRole('link', { name: '_graphs' }).waitFor();
  await page.getByLabel('Filter collections').fill('prod');
  assert.equal(await page.getByRole('row').count(), 2);
});

web.test('a collection is made with its options, changed, renamed, emptied and dropped', async ({ page, open, ask }) => {
  await open('collections', 'shop');
  await page.getByRole('button', { name: 'New collection' }).click();
  await page.getByLabel('Name').fill('visits');
  await page.getByLabel('Type').selectOption('3');
  await page.getByLabel('Wait for sync').check();
  await page.getByText('Keys, schema and computed values').click();
  await page.getByLabel('Keys are generated').selectOption('autoincrement');
  await page.getByLabel('Increment').fill('5');
  await page.locator('.json-field .cm-content').first().click();
  await page.keyboard.insertText('{"rule": {"properties": {"n": {"type": "number"}}}, "level": "strict", "message": "n is a number"}');
  await checkAccessibility(page);
  await screenshot(page, 'new-collection');
  await confirm(page, 'Create');
  await page.getByRole('heading', { name: 'visits', level: 1 }).waitFor();
  const properties = async (name = 'visits'): Promise<Record<string, unknown>> =>
    (await inShop(ask)('GET', `/_api/collection/${name}/properties`)).body;
  const made = await properties();
  assert.deepEqual([made['type'], made['waitForSync']], [3, true]);
  assert.deepEqual((made['keyOptions'] as Record<string, unknown>)['increment'], 5);
  assert.equal((made['schema'] as Record<string, unknown>)['level'], 'strict');

  await page.getByRole('tab', { name: 'Settings' }).click();
  await page.getByRole('switch', { name: 'Wait for sync' }).click();
  await page.getByText('The collection is changed').waitFor();
  assert.equal((await properties())['waitForSync'], false);
  await checkAccessibility(page);
  await picture(page, 'collection-settings');

  await page.getByLabel('Name of the collection').fill('calls');
  await page.getByRole('button', { name: 'Rename' }).click();
  await page.getByRole('heading', { name: 'calls', level: 1 }).waitFor();
  await inShop(ask)('POST', '/_api/document/calls', { _from: 'people/ada', _to: 'people/bob', n: 1 });
  await page.getByRole('button', { name: 'Delete all documents' }).click();
  await page.getByLabel('Type calls to go on').fill('calls');
  await confirm(page, 'Delete all');
  assert.equal((await inShop(ask)('GET', '/_api/collection/calls/count')).body['count'], 0);
  await page.getByRole('button', { name: 'Drop the collection' }).click();
  await page.getByLabel('Type calls to go on').fill('calls');
  await confirm(page, 'Drop');
  await page.getByRole('heading', { name: 'Collections', level: 1 }).waitFor();
  assert.equal((await inShop(ask)('GET', '/_api/collection/calls')).status, 404);
});

web.test('a hundred thousand documents are in one table, of which only the rows in view are in the page', async ({ page, open }) => {
  await open('collections/many', 'shop');
  const grid = page.getByRole('grid', { name: 'Documents of many' });
  await page.getByText('100,000 documents').waitFor();
  await grid.getByText('note 1', { exact: true }).waitFor();
  assert.equal(await grid.getAttribute('aria-rowcount'), String(MANY + 1));
  await screenshot(page, 'documents');
  for (const share of [0.1, 0.5, 0.9, 0.3, 1]) {
    const row = await grid.evaluate((element: unknown, part) => {
      const { scrollHeight, clientHeight } = element as { scrollHeight: number; clientHeight: number };
      (element as { scrollTop: number }).scrollTop = (scrollHeight - clientHeight) * part;
      return Math.min(100_000, Math.floor(((scrollHeight - clientHeight) * part) / 36) + 5);
    }, share);
    await grid.getByText(`note ${row}`, { exact: true }).waitFor();
    assert.ok((await grid.getByRole('row').count()) < 60);
  }
  await grid.getByText(`note ${MANY}`, { exact: true }).waitFor();
  await grid.focus();
  await page.keyboard.press('Home');
  await grid.getByText('note 1', { exact: true }).waitFor();
  await page.keyboard.press('End');
  await grid.getByText(`note ${MANY}`, { exact: true }).waitFor();
  await checkAccessibility(page);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: `k${MANY - 1}`, level: 1 }).waitFor();
});

web.test('documents are filtered and sorted by the server, and the address says how', async ({ page, open }) => {
  await open('collections/many', 'shop');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByLabel('Attribute 1').fill('n');
  await page.getByLabel('Comparison 1').selectOption('>');
  await page.getByLabel('Value 1').fill('99990');
  await page.getByRole('button', { name: 'And' }).click();
  await page.getByLabel('Attribute 2').fill('even');
  await page.getByLabel('Value 2').fill('true');
  await page.keyboard.press('Enter');
  await page.getByText('5 of 100,000 documents').waitFor();
  await page.getByRole('button', { name: 'n', exact: true }).click();
  await page.getByRole('columnheader', { name: 'n', exact: true }).and(page.locator('[aria-sort=ascending]')).waitFor();
  await page.getByRole('button', { name: 'n', exact: true }).click();
  await page.locator('[aria-sort=descending]').waitFor();
  const keys = (): Promise<string[]> => page.locator('.grid-body .grid-cell:nth-child(3)').allInnerTexts();
  await page.locator('.grid-body .grid-row').first().getByText('k100000').waitFor();
  assert.deepEqual(await keys(), ['k100000', 'k99998', 'k99996', 'k99994', 'k99992']);
  await checkAccessibility(page);
  await screenshot(page, 'documents-filtered');
  await page.reload();
  await page.getByText('5 of 100,000 documents').waitFor();
  await page.getByRole('button', { name: 'Remove filter 2' }).click();
  await page.getByText('10 of 100,000 documents').waitFor();
});

web.test('a document is written, its mistakes shown with their lines, edited and deleted', async ({ page, open, ask }) => {
  await open('collections/drafts', 'shop');
  await page.getByText('No documents yet').waitFor();
  await page.getByRole('link', { name: 'New document' }).click();
  await type(page, '{\n  "_key": "first",\n  title: "x"\n}');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('Line 3, column 3').waitFor();
  await checkAccessibility(page);
  await type(page, '{"_key": "first", "title": "A fox", "list": [1, {"deep": true}]}');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { name: 'first', level: 1 }).waitFor();
  await page.getByText('"A fox"').waitFor();
  await checkAccessibility(page);
  await picture(page, 'document');
  await type(page, '{"title": "Two foxes"}');
  await page.keyboard.press('ControlOrMeta+s');
  await page.getByText('Saved').waitFor();
  const { body } = await inShop(ask)('GET', '/_api/document/drafts/first');
  assert.deepEqual([body['title'], body['list']], ['Two foxes', undefined]);
  await page.getByRole('link', { name: 'drafts' }).click();
  await page.getByRole('grid').getByText('Two foxes').click();
  await page.getByText('"Two foxes"').waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await confirm(page, 'Delete');
  await page.getByText('No documents yet').waitFor();
});

web.test(
  'who saves over what somebody else has changed is asked what stays',
  async ({ page, open, ask }) => {
    const title = async (): Promise<unknown> => (await inShop(ask)('GET', '/_api/document/drafts/shared')).body['title'];
    await inShop(ask)('POST', '/_api/document/drafts', { _key: 'shared', title: 'one' });
    await open('collections/drafts/documents/shared', 'shop');
    await page.getByText('"one"').waitFor();
    await inShop(ask)('PATCH', '/_api/document/drafts/shared', { title: 'two' });
    await type(page, '{"title": "mine"}');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody has changed this document meanwhile.').waitFor();
    assert.equal(await title(), 'two');
    await checkAccessibility(page);
    await screenshot(page, 'document-conflict');
    await page.getByRole('button', { name: 'Overwrite it with mine' }).click();
    await page.getByText('Saved').waitFor();
    assert.equal(await title(), 'mine');

    await inShop(ask)('PATCH', '/_api/document/drafts/shared', { title: 'three' });
    await type(page, '{"title": "mine again"}');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Take the new one' }).click();
    await page.getByText('"three"').waitFor();
    assert.equal(await title(), 'three');
    await inShop(ask)('DELETE', '/_api/document/drafts/shared');
  },
  { failures: [412] },
);

web.test('several documents are deleted at once', async ({ page, open, ask }) => {
  await fill(ask, 'FOR i IN 1..5 INSERT { _key: CONCAT("d", i) } INTO drafts');
  await open('collections/drafts', 'shop');
  await page.getByLabel('Choose row 2').check();
  await page.getByLabel('Choose row 4').check();
  await page.getByRole('button', { name: 'Delete 2' }).click();
  await confirm(page, 'Delete');
  await page.getByText('3 documents').waitFor();
  assert.equal((await inShop(ask)('GET', '/_api/collection/drafts/count')).body['count'], 3);
  await inShop(ask)('PUT', '/_api/collection/drafts/truncate');
});

web.test('an edge leads to its ends', async ({ page, open }) => {
  await open('collections/knows/documents/adabob', 'shop');
  await page.getByRole('link', { name: 'people/bob' }).click();
  await page.getByRole('heading', { name: 'bob', level: 1 }).waitFor();
});

web.test('documents are exported, and imported from JSON, lines of JSON and comma-separated values', async ({ page, open, ask }) => {
  await open('collections/products', 'shop');
  await page.getByText('3 documents').waitFor();
  const take = (format: string): Promise<string> =>
    saved(page, async () => {
      await page.getByRole('button', { name: 'Export' }).click();
      await page.getByRole('menuitem', { name: format }).click();
    });
  const json = await take('JSON, one list');
  const lines = await take('JSON, one document a line');
  const csv = await take('Comma-separated values');
  assert.equal((JSON.parse(json) as unknown[]).length, 3);
  assert.equal(lines.trim().split('\n').length, 3);
  assert.match(csv, /^_key,price,tags,size/);

  const documents = async (): Promise<unknown> =>
    (await inShop(ask)('POST', '/_api/cursor', { query: 'FOR d IN drafts SORT d._key RETURN UNSET(d, "_id", "_rev")' })).body['result'];
  const { body } = await inShop(ask)('POST', '/_api/cursor', { query: 'FOR d IN products SORT d._key RETURN UNSET(d, "_id", "_rev")' });
  for (const [name, content] of [
    ['list.json', json],
    ['lines.jsonl', lines],
    ['table.csv', csv],
  ] as const) {
    await inShop(ask)('PUT', '/_api/collection/drafts/truncate');
    await open('collections/drafts', 'shop');
    await page.getByRole('button', { name: 'Import' }).click();
    await page.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) });
    if (name === 'list.json') {
      await checkAccessibility(page);
      await picture(page, 'import');
    }
    await confirm(page, 'Import');
    await page.getByText('3 documents').waitFor();
    assert.deepEqual(await documents(), body['result'], name);
  }
  // Keys that are taken are told, one by one.
  await page.getByRole('button', { name: 'Import' }).click();
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'lines.jsonl', mimeType: 'application/x-ndjson', buffer: Buffer.from(lines) });
  await page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true }).click();
  await page.getByText('0 created, but 3 could not be imported.').waitFor();
  await page
    .getByRole('list', { name: 'What could not be imported' })
    .getByText(/position 1/)
    .waitFor();
});

web.test(
  'who may only read sees everything and is offered no changes',
  async ({ page, open }) => {
    await open('collections', 'shop');
    await page.getByLabel('User').fill('reader');
    await page.getByLabel('Password').fill('secret');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'products' }).click();
    await page.getByText('3 documents').waitFor();
    await page.getByRole('grid').getByText('lamp', { exact: true }).waitFor();
    for (const offer of ['New document', 'Import']) assert.equal(await page.getByText(offer).count(), 0, offer);
    assert.equal(await page.getByRole('checkbox').count(), 0);
    await page.getByRole('grid').getByText('lamp', { exact: true }).click();
    await page.getByRole('grid').waitFor({ state: 'detached' });
    await page.getByText('"home"').waitFor();
    for (const offer of ['Save', 'Delete']) assert.equal(await page.getByRole('button', { name: offer }).count(), 0, offer);
    for (const [path, offer] of [
      ['collections', 'New collection'],
      ['collections/products/indexes', 'New index'],
      ['collections/products/settings', 'Drop the collection'],
      ['graphs', 'New graph'],
      ['graphs/places', 'Drop'],
      ['databases', 'New database'],
    ] as const) {
      await open(path, 'shop');
      await page.getByRole('heading', { level: 1 }).waitFor();
      assert.equal(await page.getByRole('button', { name: offer }).count(), 0, offer);
    }
  },
  { isSignedIn: false, failures: [401] },
);
