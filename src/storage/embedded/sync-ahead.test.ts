/** Who writes at a stretch in the first thread has the data file written to the disk meanwhile. */
import assert from 'node:assert/strict';
import fs, { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { mock, test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { replaceLogSink } from '#base';
import { openStorage } from './engine.ts';

const TABLE = 1;
const ROW = Buffer.alloc(1000);
const LIMITS = { applyBytes: 2000, journalBytes: 20_000, syncIntervalMs: 60_000 };
/** Of the journal's limit: when the data file is synced at the latest. */
const OUTGROWN = 4;

function isDataFile(descriptor: unknown): boolean {
  return basename(readlinkSync(`/proc/self/fd/${descriptor as number}`)) === 'data.mdb';
}

interface Sync {
  readonly kind: 'background' | 'waited for';
  readonly descriptor: number;
}

/** Those of the data file from now on, as they are begun. The ones in the background end with `outcome`. */
function watchSyncs(outcome: NodeJS.ErrnoException | null): readonly Sync[] {
  const syncs: Sync[] = [];
  const { fdatasync, fdatasyncSync } = fs;
  mock.method(fs, 'fdatasync', (descriptor: number, done: fs.NoParamCallback) => {
    if (!isDataFile(descriptor)) return fdatasync(descriptor, done);
    syncs.push({ kind: 'background', descriptor });
    setImmediate(() => done(outcome));
  });
  mock.method(fs, 'fdatasyncSync', (descriptor: number) => {
    if (isDataFile(descriptor)) syncs.push({ kind: 'waited for', descriptor });
    fdatasyncSync(descriptor);
  });
  syncBuiltinESMExports();
  return syncs;
}

function openTrial(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'foxden-sync-ahead-'));
  const engine = openStorage({ folder, ...LIMITS });
  context.after(() => {
    mock.restoreAll();
    syncBuiltinESMExports();
    engine.close();
    rmSync(folder, { recursive: true, force: true });
  });
  let id = 0;
  const write = (bytes: number) => {
    for (let written = 0; written < bytes; written += ROW.length) {
      const transaction = engine.begin({ mode: 'direct' });
      transaction.mutate([{ do: 'insert', table: TABLE, id: ++id, bytes: ROW, add: [] }]);
      transaction.commit();
    }
  };
  return { engine, write };
}

const isLinux = process.platform === 'linux';

test('the disk writes all along, so that there is little to wait for', { skip: !isLinux }, (context) => {
  const { write } = openTrial(context);
  const syncs = watchSyncs(null);
  write((2 + OUTGROWN) * LIMITS.journalBytes);
  const first = syncs.findIndex(({ kind }) => kind === 'waited for');
  const waited = syncs[first]?.descriptor;
  assert.equal(first, OUTGROWN - 1);
  assert(!syncs.slice(0, first).some(({ descriptor }) => descriptor === waited), 'the system reports a failure once to each descriptor');
});

test('small writes leave it to the timers', { skip: !isLinux }, (context) => {
  const { write } = openTrial(context);
  const syncs = watchSyncs(null);
  write(1.5 * LIMITS.journalBytes);
  assert.deepEqual(syncs, []);
});

test('what the disk does not take in the background ends writing', { skip: !isLinux }, async (context) => {
  const restoreLog = replaceLogSink(() => {});
  context.after(restoreLog);
  const { engine, write } = openTrial(context);
  watchSyncs(new Error('EIO'));
  write(3 * LIMITS.journalBytes);
  await turn();
  assert.throws(() => engine.begin({ mode: 'direct' }), /failed to keep earlier writes/);
});
