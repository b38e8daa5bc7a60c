/** Several threads at the same folders, as workers are when services come and go: nothing fails, and nothing is seen by halves. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { packFolder } from './bundle.ts';
import { ServiceFolders } from './folders.ts';

const MODULE = new URL('./folders.js', import.meta.url).href;
const TURNS = 80;

const root = mkdtempSync(join(tmpdir(), 'foxden-folders-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Runs a body again and again in a thread of its own; `folders`, `turn`, and a way to stage some code are in scope. */
async function inThread(body: string): Promise<void> {
  const code = `
    import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
    import { join } from 'node:path';
    import { workerData } from 'node:worker_threads';
    const { ServiceFolders } = await import(workerData.folders);
    const folders = new ServiceFolders(workerData.root);
    const unpack = (folder) => { for (const name of ['manifest.json', 'index.js']) writeFileSync(join(folder, name), '{}'); };
    const version = { checksum: 'same', bundle: Buffer.from('bundle') };
    function place(mount) {
      const staging = folders.stage();
      mkdirSync(join(staging, 'APP'));
      unpack(join(staging, 'APP'));
      folders.replaceLive('_system', mount, join(staging, 'APP'));
      folders.replaceBundle('_system', mount, version.bundle);
      folders.unstage(staging);
    }
    for (let turn = 0; turn < ${TURNS}; turn++) { ${body} }
  `;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(code)}`), { workerData: { folders: MODULE, root } });
  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}

const folders = new ServiceFolders(root);
const isStagingEmpty = (): boolean => readdirSync(join(root, '_staging')).length === 0;

test('mounts below each other come and go while others look what there is', async () => {
  const comeAndGo = (mount: string): string => `place('${mount}'); folders.remove('_system', '${mount}');`;
  await Promise.all([
    inThread(comeAndGo('/a/b/c')),
    inThread(comeAndGo('/a/b')),
    inThread(`folders.mounts('_system'); folders.bundleFiles('_system'); folders.databases();`),
  ]);
  assert.deepEqual(folders.mounts('_system'), []);
  assert.ok(!existsSync(join(folders.database('_system'), 'a')), 'nothing is left');
  assert.ok(isStagingEmpty());
});

test('a version that several threads make ready, put into its place and remove is there as a whole', async () => {
  const ready = `'_system', '/ready', version`;
  // Once before all of them: the one that puts it into its place may come each time when nothing is ready.
  await inThread(`if (turn === 0) { folders.makeReady(${ready}, unpack); folders.placeReady(${ready}.checksum); }`);
  await Promise.all([
    inThread(`folders.makeReady(${ready}, unpack);`),
    inThread(`folders.makeReady(${ready}, unpack); folders.removeReady(${ready}.checksum);`),
    inThread(`folders.placeReady(${ready}.checksum);`),
  ]);
  folders.removeReady('_system', '/ready', 'same');
  assert.deepEqual(readdirSync(folders.live('_system', '/ready')).toSorted(), ['index.js', 'manifest.json']);
  assert.ok(existsSync(folders.bundle('_system', '/ready')));
  assert.ok(isStagingEmpty());
});

test('a folder is packed while an editor makes and removes files in it', async () => {
  const live = folders.live('_system', '/edited');
  mkdirSync(live, { recursive: true });
  writeFileSync(join(live, 'manifest.json'), '{}');
  const edited = inThread(`
    const live = folders.live('_system', '/edited');
    mkdirSync(join(live, 'lib'), { recursive: true });
    for (const name of ['.index.js.swp', 'lib/new.js']) writeFileSync(join(live, name), String(turn));
    rmSync(join(live, '.index.js.swp'));
    rmSync(join(live, 'lib'), { recursive: true });
  `);
  const editor = new AbortController();
  const end = (): void => editor.abort();
  void edited.then(end, end);
  while (!editor.signal.aborted) {
    assert.ok(packFolder(live).length > 0);
    await new Promise(setImmediate);
  }
  await edited;
});
