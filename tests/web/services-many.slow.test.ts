/** A thousand services: how soon the list is there, and that moving in it draws little. */
import assert from 'node:assert/strict';
import { saying } from '../support/bundles.ts';
import { install } from './services-support.ts';
import { startWeb } from './support.ts';

const COUNT = 1000;

const web = startWeb({
  prepare: async (server, ask) => {
    const mounts = Array.from({ length: COUNT }, (_, at) => `/service${String(at).padStart(4, '0')}`);
    // All in one bundle, so that little is written.
    const bundle = saying('hello');
    const next = async (): Promise<void> => {
      for (let mount = mounts.pop(); mount !== undefined; mount = mounts.pop())
        await install(server, ask, mount, bundle, { query: '&setup=false' });
    };
    await Promise.all([next(), next(), next(), next()]);
  },
});

web.test('a thousand services are there at once, and few of them are drawn', async ({ page, open }) => {
  // What the page itself measures: from its first request to the first row.
  await page.addInitScript({
    content: `addEventListener('DOMContentLoaded', () => new MutationObserver((_, observer) => {
      if (document.querySelector('tbody [data-row]') === null) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => { window.firstRowMs = performance.now(); }));
    }).observe(document, { childList: true, subtree: true }))`,
  });
  await open('services');
  for (const which of ['cold', 'warm', 'warm']) {
    await page.getByRole('link', { name: '/service0000' }).waitFor();
    const firstMs = await page.evaluate<number>(
      'new Promise((done) => { const look = () => window.firstRowMs ? done(window.firstRowMs) : setTimeout(look, 10); look(); })',
    );
    const requests = await page.evaluate<string>(
      `performance.getEntriesByType('resource').map(({ name, startTime, duration }) => name.replace(/.*\\//, '') + ' ' + Math.round(startTime) + '+' + Math.round(duration)).join(', ')`,
    );
    console.log(`first rows after ${Math.round(firstMs)} ms (${which} cache; ${requests})`);
    await page.reload();
  }
  await page.getByRole('link', { name: '/service0000' }).waitFor();
  assert.ok((await page.locator('tbody tr').count()) < 100);
  assert.equal(await page.locator('table').getAttribute('aria-rowcount'), String(COUNT + 1));

  const slowest = await page.evaluate<number>(`new Promise((resolve) => {
    const frame = document.querySelector('.table-frame');
    let [last, slowest, step] = [performance.now(), 0, 0];
    const next = (now) => {
      if (step > 0) slowest = Math.max(slowest, now - last);
      last = now;
      frame.scrollTop = (++step / 60) * frame.scrollHeight;
      if (step < 60) requestAnimationFrame(next);
      else resolve(slowest);
    };
    requestAnimationFrame(next);
  })`);
  console.log(`slowest frame while scrolling through all: ${Math.round(slowest)} ms`);
  await page.getByRole('link', { name: '/service0999' }).waitFor();

  await page.getByRole('link', { name: '/service0999' }).focus();
  await page.keyboard.press('Home');
  await page.getByRole('link', { name: '/service0000' }).waitFor();
  assert.equal(await page.evaluate('document.activeElement.textContent'), '/service0000');
  await page.getByLabel('Filter services').fill('0777');
  await page.getByRole('link', { name: '/service0777' }).waitFor();
  assert.equal(await page.locator('tbody tr').count(), 1);
});
