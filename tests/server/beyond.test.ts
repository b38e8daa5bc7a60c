/** What services may do beyond Foxx, seen over HTTP: TypeScript, ES modules, asynchronous scripts and handlers. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before as beforeAll, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { zip, type Files } from '../support/bundles.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
after(() => server.dispose());

const send = (method: string, path: string, files: Files): Promise<Response> =>
  server.fetch(path, { method, body: zip(files), headers: { 'content-type': 'application/zip' } });
const text = async (path: string, init?: RequestInit): Promise<string> => (await server.fetch(path, init)).text();

/** TypeScript, an ES module, with a setup that takes its time and a `main` that awaits. */
const typed = (version: string): Files => ({
  'manifest.json': JSON.stringify({
    name: 'typed',
    version,
    main: 'src/index.ts',
    scripts: { setup: 'src/setup.ts', teardown: 'src/teardown.mjs', add: 'src/add.ts' },
  }),
  'package.json': JSON.stringify({ type: 'module' }),
  'src/setup.ts': `
    import { db } from '@arangodb';
    import { context } from '@arangodb/locals';
    const name: string = context.collectionName('notes');
    await new Promise((resolve) => setTimeout(resolve, 30));
    const { VERSION } = await import('./version.ts');
    if (!db._collection(name)) db._createDocumentCollection(name);
    db._collection(name).save({ set: VERSION });
  `,
  'src/teardown.mjs': `
    import { db } from '@arangodb';
    await new Promise((resolve) => setTimeout(resolve, 20));
    db._drop(module.context.collectionName('notes'));
  `,
  'src/add.ts': `
    import { db } from '@arangodb';
    export default (async (): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return db._collection(module.context.collectionName('notes')).count();
    })();
  `,
  'src/version.ts': `export const VERSION = '${version}' as const;`,
  'src/index.ts': `
    import createRouter from '@arangodb/foxx/router';
    import { aql, db } from '@arangodb';
    import { context } from '@arangodb/locals';
    import type { Row } from './row.ts';

    const notes = db._collection(context.collectionName('notes'));
    const first: number = await Promise.resolve(notes.count());
    const router = createRouter();
    context.use(async (req: unknown, res: { headers: Record<string, string> }, next: () => Promise<void>) => {
      await next();
      res.headers['x-after'] = 'next';
    });
    context.use(router);

    router.get('/', async (req, res) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      res.json({ first, rows: db._query(aql\`FOR n IN \${notes} RETURN n.set\`).toArray() });
    });
    router.get('/fail', () => {
      const row: Row | undefined = undefined;
      throw new TypeError(\`no row: \${row}\`);
    });
    router.get('/late', (req, res) => {
      res.json('answered');
      void (async (): Promise<void> => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        throw new Error('after the answer');
      })();
    });
    router.get('/fetch', async (req, res) => {
      const answer = await fetch(new URL(context.baseUrl + '/root', 'http://' + req.headers.host));
      res.json(await answer.json());
    });
    router.get('/root', (req, res) => res.json('root'), 'root');
  `,
});

test('a service in TypeScript is installed with an asynchronous setup, answers, and is upgraded and removed', async () => {
  const installed = await send('POST', '/_api/foxx?mount=/typed', typed('1.0.0'));
  assert.equal(installed.status, 201, await installed.text());
  const answer = await server.fetch('/typed/');
  assert.equal(answer.headers.get('x-after'), 'next');
  assert.deepEqual(await answer.json(), { first: 1, rows: ['1.0.0'] });
  assert.equal(await text('/_api/foxx/scripts/add?mount=/typed', { method: 'POST' }), '1');
  assert.equal(await text('/typed/fetch'), '"root"');

  assert.equal((await send('PATCH', '/_api/foxx/service?mount=/typed', typed('2.0.0'))).status, 200);
  assert.deepEqual(JSON.parse(await text('/typed/')), { first: 2, rows: ['1.0.0', '2.0.0'] });
  assert.equal((await send('PUT', '/_api/foxx/service?mount=/typed', typed('3.0.0'))).status, 200);
  assert.deepEqual(JSON.parse(await text('/typed/')), { first: 1, rows: ['3.0.0'] });
  assert.equal((await server.fetch('/_api/foxx/service?mount=/typed', { method: 'DELETE' })).status, 204);
  assert.equal((await server.fetch('/_api/collection/typed_notes')).status, 404);
});

test('an install waits behind a removal of the same mount that is under way, and is not refused because of it', async () => {
  const teardown = `
    import { db } from '@arangodb';
    db._create('tearing');
    while (!db._exists('tearing/go')) await new Promise((resolve) => setTimeout(resolve, 10));
    db._drop('tearing');
  `;
  const service = (version: string): Files => ({ ...typed(version), 'src/teardown.mjs': teardown });
  assert.equal((await send('POST', '/_api/foxx?mount=/waiting', service('1.0.0'))).status, 201);
  const removal = server.fetch('/_api/foxx/service?mount=/waiting', { method: 'DELETE' });
  while ((await server.fetch('/_api/collection/tearing')).status !== 200);
  const installation = send('POST', '/_api/foxx?mount=/waiting', typed('2.0.0'));
  const refused = await Promise.race([installation.then(({ status }) => status), wait(100)]);
  await server.fetch('/_api/document/tearing', { method: 'POST', body: '{"_key":"go"}' });
  assert.deepEqual([refused, (await removal).status, (await installation).status], [undefined, 204, 201]);
  assert.equal((await server.fetch('/_api/foxx/service?mount=/waiting&teardown=false', { method: 'DELETE' })).status, 204);
});

test('an asynchronous setup or main that fails leaves nothing behind', async () => {
  for (const [path, code] of [
    ['src/setup.ts', `await 1;\nthrow new Error('no setup');`],
    ['src/index.ts', `await 1;\nthrow new Error('no main');`],
  ] as const) {
    const failed = await send('POST', '/_api/foxx?mount=/failing', { ...typed('1.0.0'), [path]: code });
    const { errorNum, errorMessage } = (await failed.json()) as { errorNum: number; errorMessage: string };
    assert.deepEqual([failed.status, errorNum], [400, 3103]);
    assert.match(errorMessage, /no (setup|main)\nFile: .*\.ts\nLine: 2/);
    assert.equal((await server.fetch('/_api/foxx/service?mount=/failing')).status, 400);
  }
});

test('development mode shows the author’s lines, sees each edit, and waits for setup', async () => {
  assert.equal((await send('POST', '/_api/foxx?mount=/dev&development=true', typed('1.0.0'))).status, 201);
  const page = (await text('/dev/fail', { headers: { accept: 'text/html' } })).replaceAll(/<[^>]*>/g, '');
  assert.match(page, /throw new TypeError/);
  assert.match(page, /const row: Row \| undefined/, 'the excerpt is TypeScript');
  const error = JSON.parse(await text('/dev/fail')) as { stacktrace: string[] };
  const line = (typed('1.0.0')['src/index.ts'] ?? '').split('\n').findIndex((one) => one.includes('throw new TypeError')) + 1;
  assert.match(error.stacktrace.join('\n'), new RegExp(`index\\.ts:${line}:13`));

  const { path } = JSON.parse(await text('/_api/foxx/service?mount=/dev')) as { path: string };
  for (const version of ['1.0.1', '1.0.2', '1.0.3']) {
    writeFileSync(join(path, 'src/version.ts'), `export const VERSION = '${version}' as const;`);
    const { rows } = JSON.parse(await text('/dev/')) as { rows: string[] };
    assert.equal(rows.at(-1), version);
  }
});

test('an error after the answer is logged with the service it comes from', async () => {
  assert.equal((await send('POST', '/_api/foxx?mount=/late', typed('1.0.0'))).status, 201);
  assert.equal(await text('/late/late'), '"answered"');
  while (!server.output().includes('after the answer')) await wait(10);
  assert.match(server.output(), /Service "\/late" encountered an unhandled rejection/);
  assert.equal((await server.fetch('/late/')).status, 200);
});
