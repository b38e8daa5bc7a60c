/** Indexes and graphs in the browser, and the pages about data on a phone. */
import assert from 'node:assert/strict';
import { confirm, inShop, picture, prepareShop } from './data-support.ts';
import { checkAccessibility, screenshot, startWeb } from './support.ts';

const web = startWeb({ prepare: (_server, ask) => prepareShop(ask) });

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
    await picture(page, 'indexes');
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
  // A slow double click: the first one opens the panel beside the picture, and the second one meets the same vertex.
  await bob.click();
  await page.getByRole('complementary', { name: 'Vertex people/bob' }).waitFor();
  await page.mouse.down({ clickCount: 2 });
  await page.mouse.up({ clickCount: 2 });
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
  await picture(page, 'graph-list');
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
