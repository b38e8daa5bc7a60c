// How long it takes until a page of the web interface shows its first data, in Chromium: each time in a context of its own, so that nothing is
// in any cache. What counts is the time from the beginning of the navigation until the frame in which the data stands has been drawn.
// `--latency`: so many milliseconds more for each request, which shows how many wait for each other.
// Usage: npm run bench:web [-- --rounds 10 --pages services,users --latency 100 --waterfall]. FOXDEN_CHROMIUM: the browser, if it is not /usr/bin/chromium.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** The first data of each page. */
const PAGES = {
  services: 'main tbody a',
  overview: 'main .columns .list-row, main .columns .empty-state',
  queries: '.cm-content',
  users: 'main tbody a',
  collections: 'main tbody a',
};
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    pages: { type: 'string', default: Object.keys(PAGES).join() },
    latency: { type: 'string', default: '0' },
    waterfall: { type: 'boolean', default: false },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'foxden-web-'));
const server = spawn(
  process.execPath,
  [
    join(root, 'bin', 'foxden.js'),
    '--server.endpoint=tcp://127.0.0.1:0',
    '--server.authentication=true',
    `--database.directory=${join(folder, 'data')}`,
    `--javascript.app-path=${join(folder, 'apps')}`,
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
let browser;

/** Runs in the page before its scripts: notes when the data has been drawn. */
function watch({ selector, session }) {
  sessionStorage.setItem('foxden.session', session);
  // Editors stand in trees of their own.
  const isThere = () =>
    document.querySelector(selector) !== null ||
    [...document.querySelectorAll('main .code-editor')].some((one) => one.shadowRoot?.querySelector(selector));
  const look = () => {
    if (!isThere()) requestAnimationFrame(look);
    // The frame is drawn when the next one begins.
    else requestAnimationFrame(() => globalThis.onShown(performance.now()));
  };
  requestAnimationFrame(look);
}

/** What was loaded, and when. */
function resources() {
  const round = (number) => Math.round(number);
  return performance
    .getEntries()
    .filter(({ entryType }) => entryType === 'navigation' || entryType === 'resource')
    .map(
      ({ name, startTime, responseStart, responseEnd, encodedBodySize }) =>
        `${String(round(startTime)).padStart(6)} ${String(round(responseStart)).padStart(6)} ${String(round(responseEnd)).padStart(6)} ${String(encodedBodySize).padStart(8)}  ${new URL(name).pathname}`,
    );
}

async function open(url, path, signedIn) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    let onShown;
    const shown = new Promise((resolve) => {
      onShown = resolve;
    });
    await page.exposeFunction('onShown', (ms) => onShown(ms));
    const latency = Number(options.latency);
    if (latency > 0) {
      const session = await context.newCDPSession(page);
      await session.send('Network.emulateNetworkConditions', { offline: false, latency, downloadThroughput: -1, uploadThroughput: -1 });
    }
    await page.addInitScript(watch, { selector: PAGES[path], session: signedIn });
    await page.goto(`${url}/_db/_system/_admin/aardvark/index.html#/_system/${path}`);
    return { ms: await shown, loaded: await page.evaluate(resources) };
  } finally {
    await context.close();
  }
}

try {
  const url = await new Promise((resolve) => {
    server.stdout.on('data', (chunk) => {
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(String(chunk));
      if (found !== null) resolve(found[0]);
    });
  });
  const post = async (path, body, headers = {}) =>
    (
      await fetch(url + path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } })
    ).json();
  const { jwt } = await post('/_open/auth', { username: 'root', password: '' });
  const authorization = { authorization: `bearer ${jwt}` };
  for (const mount of ['/notes', '/shop'])
    await post(`/_api/foxx?mount=${mount}`, { source: join(root, 'examples', 'notes') }, authorization);
  await post('/_api/collection', { name: 'things' }, authorization);
  const session = JSON.stringify({ user: 'root', token: jwt });

  browser = await chromium.launch({
    executablePath: process.env.FOXDEN_CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
    ],
  });
  for (const path of options.pages.split(',')) {
    const rounds = [];
    for (let round = 0; round < Number(options.rounds); round++) rounds.push(await open(url, path, session));
    const [first] = rounds;
    const sorted = rounds.toSorted((a, b) => a.ms - b.ms);
    const median = sorted[sorted.length >> 1];
    const ms = ({ ms: time }) => `${time.toFixed(0)} ms`;
    console.log(
      `${path.padEnd(12)} median ${ms(median)}, ${ms(sorted[0])} to ${ms(sorted.at(-1))}, the first ${ms(first)}; load average ${loadavg()[0].toFixed(1)}`,
    );
    if (options.waterfall) console.log(`   begun  first   last    bytes\n${median.loaded.join('\n')}`);
  }
} finally {
  await browser?.close();
  server.kill('SIGTERM');
  await new Promise((ended) => server.once('exit', ended));
  rmSync(folder, { recursive: true, force: true });
}
