/** Databases, collections, documents, indexes and graphs in the browser. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { Ask } from '../support/ask.ts';
import { checkAccessibility, screenshot, startWeb } from './support.ts';

const MANY = 100_000;

const web = startWeb({
  prepare: async (_server, ask) => {
    await ask('POST', '/_api/database', { name: 'shop' });
    await ask('POST', '/_api/user', { user: 'reader', passwd: 'secret' });
    for (const name of ['products', 'many', 'drafts', 'people', 'cities']) await inShop(ask)('POST', '/_api/collection', { name });
    await inShop(ask)('POST', '/_api/gharial', {
      name: 'places',
      edgeDefinitions: [
        { collection: 'knows', from: ['people'], to: ['people'] },
        { collection: 'lives', from: ['people'], to: ['cities'] },
      ],
    });
    await fill(ask, `FOR i IN 1..${MANY} INSERT { _key: CONCAT("k", i), n: i, even: i % 2 == 0, note: CONCAT("note ", i) } INTO many`);
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
  },
});

const inShop =
  (ask: Ask): Ask =>
  (method, path, ...rest) =>
    ask(method, `/_db/shop${path}`, ...rest);

async function fill(ask: Ask, query: string): Promise<void> {
  const { status, text } = await inShop(ask)('POST', '/_api/cursor', { query });
  assert.equal(status, 201, text);
}

/** The text of the page's editor replaced. */
async function type(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').first().click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}

/** Presses in the dialog that is open, and waits until it is closed. */
async function confirm(page: Page, action: string): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name: action, exact: true }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

async function saved(page: Page, press: () => Promise<void>): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent('download'), press()]);
  return readFileSync(await file.path(), 'utf8');
}

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
  await screenshot(page, 'collection-settings');

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
  await screenshot(page, 'document');
  await type(page, '{"title": "Two foxes"}');
  await page.keyboard.press('ControlOrMeta+s');
  await page.getByText('Saved').waitFor();
  const { body } = await inShop(ask)('GET', '/_api/document/drafts/first');
  assert.deepEqual([body['title'], body['list']], ['Two foxes', undefined]);
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
      await screenshot(page, 'import');
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
  'indexes are made by type, listed and dropped; what the server refuses is told',
  async ({ page, open, ask }) => {
    await open('collections/products/indexes', 'shop');
    const make = async (fields: string, set: () => Promise<void>): Promise<void> => {
      await page.getByRole('button', { name: 'New index' }).click();
      await set();
      await page
        .getByLabel(/^Fields?\b/)
        .first()
        .fill(fields);
    };
    await make('price, tags[*]', async () => {
      await page.getByLabel('Name').fill('by_price');
      await page.getByLabel('Sparse').check();
      await page.getByLabel('Stored values').fill('size');
    });
    await checkAccessibility(page);
    await screenshot(page, 'new-index');
    await confirm(page, 'Create');
    await page.getByRole('row', { name: /by_price.*persistent.*price, tags\[\*\].*size.*sparse/ }).waitFor();
    await make('soldAt', async () => {
      await page.getByLabel('Type').selectOption('ttl');
      await page.getByLabel('Documents expire after').fill('3600');
    });
    await confirm(page, 'Create');
    await page.getByRole('row', { name: /ttl.*soldAt.*3,600 s/ }).waitFor();
    await make('place', async () => {
      await page.getByLabel('Type').selectOption('geo');
      await page.getByLabel(/GeoJSON/).check();
    });
    await confirm(page, 'Create');
    await make('text', async () => void (await page.getByLabel('Type').selectOption('fulltext')));
    await confirm(page, 'Create');
    await make('x, y', async () => {
      await page.getByLabel('Type').selectOption('mdi');
      await page.getByLabel('Sparse').check();
    });
    await confirm(page, 'Create');
    await page.getByRole('row', { name: /mdi.*x, y/ }).waitFor();
    await checkAccessibility(page);
    await screenshot(page, 'indexes');
    const { body } = await inShop(ask)('GET', '/_api/index?collection=products');
    const types = (body['indexes'] as { type: string }[]).map(({ type: each }) => each);
    assert.deepEqual(types, ['primary', 'persistent', 'ttl', 'geo', 'fulltext', 'mdi']);

    await make('otherDate', async () => void (await page.getByLabel('Type').selectOption('ttl')));
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
    await page
      .getByRole('dialog')
      .getByText(/only be one ttl index/)
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Drop index by_price' }).click();
    await confirm(page, 'Drop');
    await page.getByRole('row', { name: /by_price/ }).waitFor({ state: 'detached' });
  },
  { failures: [400] },
);

web.test('a graph is walked with the pointer and with the keyboard, and is a list too', async ({ page, open }) => {
  await open('graphs', 'shop');
  await page.getByRole('link', { name: 'places' }).waitFor();
  await checkAccessibility(page);
  await page.getByRole('link', { name: 'places' }).click();
  await page.getByText('6 vertices, 5 edges').waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'graph');

  await page.getByLabel('Start vertex').fill('people/ada');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByText('3 vertices, 2 edges').waitFor();
  const bob = page.locator('[data-vertex="people/bob"]');
  await bob.dblclick();
  await page.getByText('5 vertices, 4 edges').waitFor();
  await page.getByRole('complementary', { name: 'Vertex people/bob' }).waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'graph-walk');
  // The same by keyboard: to some neighbour, open, close.
  await page.locator('[data-vertex="people/cyd"]').focus();
  await page.keyboard.press('Enter');
  await page.getByText('6 vertices, 5 edges').waitFor();
  await page.keyboard.press('Enter');
  await page.getByText('5 vertices, 4 edges').waitFor();
  const focused = (): Promise<string> => page.evaluate("document.activeElement?.getAttribute('data-vertex') ?? ''");
  const from = await focused();
  for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']) {
    await page.keyboard.press(key);
    if ((await focused()) !== from) break;
  }
  assert.notEqual(await focused(), from);
  await page.keyboard.press('Delete');
  await page.getByText(/^4 vertices/).waitFor();

  await page.getByLabel('Label of vertices').selectOption('age');
  await page.getByLabel('Colours by').selectOption('name');
  await page.getByRole('button', { name: 'As a list' }).click();
  const list = page.getByRole('region', { name: 'Vertices and edges' });
  await list.waitFor();
  await checkAccessibility(page);
  await screenshot(page, 'graph-list');
});

web.test('graphs are made, changed and dropped', async ({ page, open, ask }) => {
  await open('graphs', 'shop');
  await page.getByRole('button', { name: 'New graph' }).click();
  await page.getByLabel('Name').fill('family');
  await page.getByLabel('Edge collection').fill('parents');
  await page.getByLabel('From').fill('people');
  await page.getByLabel('To', { exact: true }).fill('people');
  await checkAccessibility(page);
  await screenshot(page, 'new-graph');
  await confirm(page, 'Create');
  await page.getByRole('heading', { name: 'family', level: 1 }).waitFor();
  await page.getByText('There are no edges yet').waitFor();
  const graph = async (): Promise<Record<string, unknown>> =>
    ((await inShop(ask)('GET', '/_api/gharial/family')).body['graph'] ?? {}) as Record<string, unknown>;
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('button', { name: 'Edges', exact: true }).click();
  await page.getByLabel('Edge collection').nth(1).fill('visited');
  await page.getByLabel('From').nth(1).fill('people');
  await page.getByLabel('To', { exact: true }).nth(1).fill('cities');
  await page.getByLabel('Vertex collections without edges').fill('pets');
  await confirm(page, 'Save');
  const changed = await graph();
  assert.deepEqual(
    (changed['edgeDefinitions'] as { collection: string }[]).map(({ collection }) => collection),
    ['parents', 'visited'],
  );
  assert.deepEqual(changed['orphanCollections'], ['pets']);
  await page.getByRole('button', { name: 'Drop' }).click();
  await page.getByLabel('Type family to go on').fill('family');
  await page.getByLabel('Drop its collections, if no other graph has them').check();
  await confirm(page, 'Drop');
  await page.getByRole('heading', { name: 'Graphs', level: 1 }).waitFor();
  assert.equal((await inShop(ask)('GET', '/_api/collection/pets')).status, 404);
  assert.equal((await inShop(ask)('GET', '/_api/collection/people')).status, 200);
});

web.test(
  'the pages fit a phone, in dark colours',
  async ({ page, open }) => {
    for (const path of ['collections', 'collections/products', 'collections/products/documents/lamp', 'graphs/places', 'databases']) {
      await open(path, 'shop');
      await page.getByRole('heading', { level: 1 }).waitFor();
      assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true, path);
    }
    await open('collections/products', 'shop');
    await page.getByText('3 documents').waitFor();
    await checkAccessibility(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await screenshot(page, 'documents-phone');
  },
  { isPhone: true, colors: 'dark' },
);
