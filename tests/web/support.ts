/**
 * The web interface in a real browser, against a real server with authentication. What every test of it demands, besides what it is about: nothing
 * in the browser's console, no exception, no request to anywhere else.
 *
 * Screenshots for the guide are taken where FOXDEN_SCREENSHOTS is set.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import axe from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';
import { asker, type Ask } from '../support/ask.ts';
import { startServer, type TestServer } from '../support/server.ts';

const CHROMIUM = taken('FOXDEN_CHROMIUM') ?? '/usr/bin/chromium';
const isBrowserRequired = taken('FOXDEN_BROWSER') === 'required';
const takesScreenshots = taken('FOXDEN_SCREENSHOTS') !== undefined;
const BROWSER_OPTIONS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Machines under load are slow; what never comes is not there after this time either. */
export const PATIENCE_MS = 45_000;

const IMAGES = resolve('docs/guide/images');

export interface WebOptions {
  /** For the server. */
  readonly arguments?: readonly string[];
  /** Once, before the tests: databases, services, documents. */
  readonly prepare?: (server: TestServer, ask: Ask) => Promise<void>;
}

export interface Visit {
  readonly page: Page;
  readonly server: TestServer;
  /** Requests of root to the HTTP API. */
  readonly ask: Ask;
  /** Opens `services/…` of a database and waits until its content is there. */
  readonly open: (path: string, database?: string) => Promise<void>;
}

export interface VisitOptions {
  readonly isPhone?: boolean;
  readonly colors?: 'light' | 'dark';
  /** Whether somebody has signed in already. */
  readonly isSignedIn?: boolean;
  /** Statuses that the server may answer with: the browser writes each into its console. */
  readonly failures?: readonly number[];
}

export interface Web {
  /** A test with a page of its own. Skipped where there is no browser, unless FOXDEN_BROWSER is `required`. */
  readonly test: (name: string, body: (visit: Visit) => Promise<void>, options?: VisitOptions) => void;
}

/** One server and one browser for the tests of a file. */
export function startWeb(options: WebOptions = {}): Web {
  const skip = !existsSync(CHROMIUM) && !isBrowserRequired ? `there is no ${CHROMIUM}` : false;
  let server: TestServer;
  let browser: Browser;
  let token: string;
  let ask: Ask;

  before(async () => {
    if (skip !== false) return;
    server = await startServer({ arguments: ['--server.authentication=true', '--log.level=v8=fatal', ...(options.arguments ?? [])] });
    const { body } = await asker(server)('POST', '/_open/auth', { username: 'root', password: '' });
    token = String(body['jwt']);
    ask = asker(server, { authorization: `bearer ${token}` });
    await options.prepare?.(server, ask);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: BROWSER_OPTIONS });
  });
  after(async () => {
    if (skip !== false) return;
    await browser?.close();
    await server?.dispose();
  });

  return {
    test: (name, body, { isPhone = false, colors = 'light', isSignedIn = true, failures = [] } = {}) => {
      test(name, { skip, timeout: 4 * PATIENCE_MS }, async () => {
        const context = await browser.newContext({
          viewport: isPhone ? { width: 375, height: 720 } : { width: 1280, height: 800 },
          colorScheme: colors,
          reducedMotion: 'reduce',
          locale: 'en-US',
        });
        context.setDefaultTimeout(PATIENCE_MS);
        const problems: string[] = [];
        try {
          const page = await context.newPage();
          watch(page, server.url, failures, problems);
          if (isSignedIn) {
            const session = JSON.stringify(JSON.stringify({ user: 'root', token }));
            await page.addInitScript({
              content: `sessionStorage.getItem('foxden.session') ?? sessionStorage.setItem('foxden.session', ${session})`,
            });
          }
          const open = async (path: string, database = '_system'): Promise<void> => {
            await page.goto(`${server.url}/_db/_system/_admin/aardvark/index.html#/${database}/${path}`);
            await page.locator('h1').first().waitFor();
            await page.locator('.skeleton, .loading').first().waitFor({ state: 'detached' });
          };
          await body({ page, server, ask, open });
          assert.deepEqual(problems, []);
        } catch (error) {
          if (problems.length > 0 && error instanceof Error) error.message += `\nIn the browser:\n${problems.join('\n')}`;
          throw error;
        } finally {
          await context.close();
        }
      });
    },
  };
}

/** No violation of the rules of WCAG 2.2 A and AA or of axe's best practices, neither in light nor in dark colours. */
export async function checkAccessibility(page: Page, { without = [] }: { readonly without?: readonly string[] } = {}): Promise<void> {
  await page.evaluate(axe.source);
  const exclude = JSON.stringify(without.map((selector) => [selector]));
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    // In the other colours the same elements stand: only what depends on colours is looked at again.
    const options = colorScheme === 'light' ? '{}' : `{ runOnly: ['color-contrast', 'link-in-text-block'] }`;
    const found = await page.evaluate<{ id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[]>(
      `axe.run({ exclude: ${exclude} }, ${options}).then(({ violations }) => violations)`,
    );
    const texts = found.map(
      ({ id, help, nodes }) => `${id} (${help}): ${nodes.map((node) => `${node.html}\n  ${node.failureSummary}`).join('\n')}`,
    );
    assert.deepEqual(texts, [], `with ${colorScheme} colours`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

/** For the guide: `docs/guide/images/<name>.png`. */
export async function screenshot(page: Page, name: string): Promise<void> {
  if (!takesScreenshots) return;
  mkdirSync(IMAGES, { recursive: true });
  await page.mouse.move(0, 0);
  await page.evaluate(`document.querySelector('dialog') ?? document.activeElement?.blur()`);
  await page.screenshot({ path: resolve(IMAGES, `${name}.png`) });
}

/** Out of the environment: a server would warn that it is no option of foxden. */
function taken(name: string): string | undefined {
  const value = process.env[name];
  delete process.env[name];
  return value;
}

function watch(page: Page, origin: string, failures: readonly number[], problems: string[]): void {
  const isExpected = (text: string): boolean => failures.some((status) => text.includes(`status of ${status}`));
  page.on('console', (message) => {
    const text = message.text();
    if ((message.type() === 'error' || message.type() === 'warning') && !isExpected(text)) problems.push(`console: ${text}`);
  });
  page.on('pageerror', (error) => problems.push(`exception: ${error.stack ?? error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    const isOwn = url.startsWith(`${origin}/`) || url.startsWith('data:') || url.startsWith('blob:');
    if (!isOwn) problems.push(`request to ${url}`);
  });
}
