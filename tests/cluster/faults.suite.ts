/** kill -9 of a coordinator between any two steps of a change: when it is back, all agree, and nothing is there by halves. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { service, zip, type Files } from '../support/bundles.ts';
import { startCluster, textAt, until, type TestCluster } from '../support/coordinators.ts';
import type { Point } from '../support/die-at.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';
import type { TestServer } from '../support/server.ts';

export interface Fault {
  readonly change: 'install' | 'upgrade' | 'removal';
  /** Where files are; or while a script, or the main file, of the service runs. */
  readonly at: Point | 'setup' | 'teardown' | 'main';
  /** The one that was asked for the change, or another that takes it over. */
  readonly kills: 'asked' | 'other';
}

/** All that can be. */
export const FAULTS: readonly Fault[] = [
  { change: 'upgrade', at: 'unpacking', kills: 'asked' },
  { change: 'upgrade', at: 'teardown', kills: 'asked' },
  { change: 'upgrade', at: 'setup', kills: 'asked' },
  { change: 'upgrade', at: 'main', kills: 'asked' },
  { change: 'upgrade', at: 'old code leaves', kills: 'asked' },
  { change: 'upgrade', at: 'new code comes', kills: 'asked' },
  { change: 'upgrade', at: 'bundle comes', kills: 'asked' },
  { change: 'upgrade', at: 'all is there', kills: 'asked' },
  { change: 'install', at: 'unpacking', kills: 'asked' },
  { change: 'install', at: 'setup', kills: 'asked' },
  { change: 'install', at: 'new code comes', kills: 'asked' },
  { change: 'install', at: 'bundle comes', kills: 'asked' },
  { change: 'install', at: 'all is there', kills: 'asked' },
  { change: 'removal', at: 'teardown', kills: 'asked' },
  { change: 'removal', at: 'code goes', kills: 'asked' },
  { change: 'upgrade', at: 'unpacking', kills: 'other' },
  { change: 'upgrade', at: 'old code leaves', kills: 'other' },
  { change: 'upgrade', at: 'new code comes', kills: 'other' },
  { change: 'upgrade', at: 'bundle comes', kills: 'other' },
  { change: 'upgrade', at: 'all is there', kills: 'other' },
  { change: 'install', at: 'new code comes', kills: 'other' },
  { change: 'removal', at: 'code goes', kills: 'other' },
];

/** Says that it is there, and goes on for ever: somebody will end it. Only where the collection says so. */
const HANGS = (where: string): string => `
  { const { db } = require('@arangodb');
    if (db._collection('hang') && db.hang.exists('${where}')) { db.reached.save({ where: '${where}' }); for (;;) {} } }`;

function release(number: number): Files {
  return service(
    `${HANGS('main')} router.get('/', (req, res) => res.send('${number} ' + require('./part')));`,
    { version: `${number}.0.0`, scripts: { setup: 'setup.js', teardown: 'teardown.js' } },
    {
      'part.js': `module.exports = ${number};`,
      'setup.js': `'use strict'; ${HANGS('setup')}`,
      'teardown.js': `'use strict'; ${HANGS('teardown')}`,
    },
  );
}

export function testFaults(faults: readonly Fault[]): void {
  let postgres: TestPostgres;
  let cluster: TestCluster;
  let folder: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'foxden-fault-'));
    postgres = await startPostgres({ settings: { fsync: 'off' } });
    cluster = await startCluster(await postgres.createDatabase(), 2, { arguments: ['--server.minimal-threads=1'] });
    for (const name of ['hang', 'reached']) await member(0).fetch('/_api/collection', { json: { name } });
  });
  after(async () => {
    await cluster.dispose();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const member = (place: number): TestServer => cluster.members[place] as TestServer;
  const send = (server: TestServer, method: string, path: string, files?: Files): Promise<Response> =>
    server.fetch(path, files === undefined ? { method } : { method, body: zip(files), headers: { 'content-type': 'application/zip' } });
  const query = async (text: string): Promise<readonly unknown[]> =>
    ((await (await member(0).fetch('/_api/cursor', { json: { query: text } })).json()) as { result: readonly unknown[] }).result;

  for (const [turn, fault] of faults.entries()) {
    const { change, at, kills } = fault;
    test(`${change}: the ${kills === 'asked' ? 'coordinator that was asked' : 'other coordinator'} dies at: ${at}`, async () => {
      const mount = `/s${turn}`;
      const isScript = at === 'setup' || at === 'teardown' || at === 'main';
      if (change !== 'install') {
        assert.equal((await send(member(0), 'POST', `/_api/foxx?mount=${mount}`, release(1))).status, 201);
        for (const server of cluster.members)
          await until(
            () => textAt(server, mount),
            (answer) => answer === '200 1 1',
          );
      }
      // The one that dies is the second; the first sees what becomes of it.
      const armed = join(folder, String(turn));
      const preload = pathToFileURL(join('dist', 'tests', 'support', 'die-at.js')).href;
      const environment = { NODE_OPTIONS: `--import=${preload}`, FOXDEN_TEST_DIE_AT: at, FOXDEN_TEST_DIE_FROM: armed };
      const dying = isScript ? member(1) : await cluster.restart(1, { environment });
      await until(
        () => textAt(dying, mount),
        (answer) => answer.startsWith(change === 'install' ? '404' : '200'),
      );
      if (isScript) await query(`INSERT { _key: "${at}" } INTO hang`);
      else writeFileSync(armed, '');
      const asked = kills === 'asked' ? dying : member(0);
      const died = new Promise((resolve) => dying.process.once('exit', resolve));
      const changing = {
        install: () => send(asked, 'POST', `/_api/foxx?mount=${mount}`, release(2)),
        upgrade: () => send(asked, 'PATCH', `/_api/foxx/service?mount=${mount}&teardown=true`, release(2)),
        removal: () => send(asked, 'DELETE', `/_api/foxx/service?mount=${mount}`),
      }[change]();
      const answered = changing.then(
        (response) => response.ok,
        () => false,
      );
      if (isScript) {
        await until(
          () => query('FOR each IN reached REMOVE each IN reached RETURN each'),
          (reached) => reached.length > 0,
        );
        await query(`REMOVE "${at}" IN hang`);
        dying.process.kill('SIGKILL');
      }
      await died;
      rmSync(armed, { force: true });
      assert.equal(await answered, kills === 'other');

      const back = await cluster.restart(1);
      const outcome = await until(
        async () => [await textAt(member(0), mount), await textAt(back, mount)],
        ([one, other]) => one === other,
      );
      const [answer = ''] = outcome;
      const isDone = change === 'removal' ? answer.startsWith('404') : answer === '200 2 2';
      const isUndone = change === 'install' ? answer.startsWith('404') : answer === '200 1 1';
      assert.ok(isDone || isUndone, answer);
      // Before the database knew, nothing has happened; from then on, all of it has.
      if (kills === 'other') assert.ok(isDone, answer);
      else assert.equal(isDone, !isScript && at !== 'unpacking', answer);
      const traces = [member(0), back].map((server) => existsSync(join(server.appPath, '_db', '_system', mount)));
      assert.deepEqual(traces, answer.startsWith('404') ? [false, false] : [true, true]);
      const staging = join(back.appPath, '_staging');
      assert.deepEqual(existsSync(staging) ? readdirSync(staging) : [], []);
      const listed = async (): Promise<{ mount: string; coordinators: { state: string }[] } | undefined> =>
        ((await (await back.fetch('/_api/foxx')).json()) as { mount: string; coordinators: { state: string }[] }[]).find(
          (each) => each.mount === mount,
        );
      if (answer.startsWith('200'))
        await until(listed, (found) => found?.coordinators.length === 2 && found.coordinators.every(({ state }) => state === 'current'));
      // And it can be changed again at once.
      const method = answer.startsWith('404') ? 'POST' : 'PUT';
      const path = answer.startsWith('404') ? `/_api/foxx?mount=${mount}` : `/_api/foxx/service?mount=${mount}`;
      const again = await send(back, method, path, release(3));
      assert.ok(again.ok, await again.text());
      for (const server of cluster.members)
        await until(
          () => textAt(server, mount),
          (text) => text === '200 3 3',
        );
    });
  }
}
