/** `--inspect`: a debugger finds the workers, its breakpoints hold in files of services, and no limit of time ends what stands at one. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before as beforeAll, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { service, zip, type Files } from '../support/bundles.ts';
import { attachDebugger } from '../support/debugger.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let address = '';
beforeAll(async () => {
  server = await startServer({ arguments: ['--inspect=127.0.0.1:0', '--server.maximal-request-time=4'] });
  while (!/debuggers are let in at (\S+)/.test(server.output())) await wait(10);
  address = /debuggers are let in at (\S+)/.exec(server.output())?.[1] ?? '';
});
after(() => server.dispose());

interface Target {
  readonly title: string;
  readonly webSocketDebuggerUrl: string;
}

async function targets(): Promise<readonly Target[]> {
  return (await (await fetch(`http://${address}/json/list`)).json()) as Target[];
}

const install = async (mount: string, files: Files, flags = ''): Promise<void> => {
  const body = zip(files);
  const answer = await server.fetch(`/_api/foxx?mount=${mount}${flags}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/zip' },
  });
  assert.equal(answer.status, 201, await answer.text());
};

const TYPESCRIPT = `import createRouter from '@arangodb/foxx/router';
import type { Nothing } from './nothing';

interface Answer {
  readonly text: string;
}

const router = createRouter();
module.context.use(router);
router.get('/', (req, res) => {
  const answer: Answer = { text: 'before' };
  res.json(answer.text);
});
`;

const SERVICES: readonly (readonly [mount: string, file: string, files: Files])[] = [
  [
    '/common',
    'index.js',
    {
      'manifest.json': JSON.stringify({ main: 'index.js' }),
      'index.js': `'use strict';\nconst router = require('@arangodb/foxx/router')();\nmodule.context.use(router);\nrouter.get('/', (req, res) => {\n  const answer = { text: 'before' };\n  res.json(answer.text);\n});\n`,
    },
  ],
  ['/typed', 'index.ts', { 'manifest.json': JSON.stringify({ main: 'index.ts' }), 'index.ts': TYPESCRIPT }],
  [
    '/esm',
    'index.mjs',
    {
      'manifest.json': JSON.stringify({ main: 'index.mjs' }),
      'index.mjs': `import createRouter from '@arangodb/foxx/router';\nconst router = createRouter();\nmodule.context.use(router);\n\nrouter.get('/', async (req, res) => {\n  const answer = await { text: 'before' };\n  res.json(answer.text);\n});\n`,
    },
  ],
];

test('breakpoints hold in services of every kind, in production and development, longer than a request may run', async () => {
  assert.equal((await fetch(`http://${address}/json/version`)).status, 200);
  for (const flags of ['', '&development=true']) {
    for (const [mount, file, files] of SERVICES) {
      await install(mount + flags.length, files, flags);
      const debuggers = await Promise.all((await targets()).map(({ webSocketDebuggerUrl }) => attachDebugger(webSocketDebuggerUrl)));
      const path = join(server.appPath, '_db', '_system', mount.slice(1) + flags.length, 'APP', file);
      const lineNumber = (files[file] ?? '').split('\n').findIndex((line) => line.includes('res.json'));
      for (const debug of debuggers) await debug.send('Debugger.setBreakpointByUrl', { url: pathToFileURL(path).href, lineNumber });
      const answer = server.fetch(mount + flags.length + '/');
      // Which worker takes the request is not known beforehand.
      const { debug, callFrames } = await Promise.race(debuggers.map(async (each) => ({ debug: each, ...(await each.paused()) })));
      assert.equal(debug.urlOf(callFrames[0]?.location.scriptId ?? ''), pathToFileURL(path).href);
      assert.deepEqual(callFrames[0]?.location.lineNumber, lineNumber, `${mount}${flags}`);
      const evaluate = async (expression: string): Promise<unknown> => {
        const { result } = await debug.send('Debugger.evaluateOnCallFrame', {
          callFrameId: callFrames[0]?.callFrameId,
          expression,
          returnByValue: true,
        });
        return (result as { value: unknown }).value;
      };
      assert.equal(await evaluate('answer.text'), 'before');
      assert.equal(await evaluate('answer.text = "changed"'), 'changed');
      assert.equal((await server.fetch('/_api/version')).status, 200, 'others are answered meanwhile');
      await wait(flags === '' && mount === '/typed' ? 5_000 : 0);
      await debug.send('Debugger.resume');
      const { status, ...got } = await answer.then(async (one) => ({ status: one.status, text: await one.text() }));
      assert.deepEqual([status, got.text], [200, '"changed"']);
      for (const each of debuggers) each.close();
    }
  }
});

test('without a debugger the limit of time holds, and a debugger that goes leaves nobody standing', async () => {
  await install(
    '/loop',
    service(`router.get('/loop', () => { for (;;); }); router.get('/stop', (req, res) => { debugger; res.json(1); });`),
  );
  assert.equal((await server.fetch('/loop/loop')).status, 504);
  while ((await targets()).length === 0) await wait(20);
  const debuggers = await Promise.all((await targets()).map(({ webSocketDebuggerUrl }) => attachDebugger(webSocketDebuggerUrl)));
  const answers = Array.from({ length: 4 }, () => server.fetch('/loop/stop'));
  await Promise.race(debuggers.map((debug) => debug.paused()));
  for (const debug of debuggers) debug.close();
  for (const answer of answers) assert.equal((await answer).status, 200);
});

test('a page of the web cannot attach by a name of its own', async () => {
  const statusFor = (host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      request(`http://${address}/json/list`, { headers: { host } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .on('error', reject)
        .end();
    });
  assert.equal(await statusFor('evil.example:9229'), 404);
  assert.equal(await statusFor('localhost:9229'), 200);
});

test('the server stops although somebody stands at a breakpoint', async () => {
  const other = await startServer({ arguments: ['--inspect=0', '--server.shutdown-timeout=2'] });
  try {
    const found = /debuggers are let in at (\S+)/;
    while (!found.test(other.output())) await wait(10);
    const list = (await (await fetch(`http://${found.exec(other.output())?.[1]}/json`)).json()) as Target[];
    const debug = await attachDebugger(list[0]?.webSocketDebuggerUrl ?? '');
    await debug.send('Debugger.pause');
    const asked = other.fetch('/_api/version').catch(() => undefined);
    await debug.paused();
    assert.equal(await other.stop(), 0);
    await asked;
  } finally {
    await other.dispose();
  }
});
