/**
 * A database that does not answer, and closes no connection: its machine is gone, it is frozen, or it waits for a standby. Requests end in time all the same, and
 * say what is known of them.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isArangoError } from '#base';
import { openStorage, type StorageEngine } from '#storage';
import { familyOf, signalAll } from '../support/daemons.ts';
import { startPostgres, type TestPostgres } from '../support/postgres.ts';

const ROWS = 11;
const KEYS = 12;

let postgres: TestPostgres;
let engine: StorageEngine;
const folder = mkdtempSync(join(tmpdir(), 'foxden-silence-'));
before(async () => {
  postgres = await startPostgres();
  engine = openStorage({ url: await postgres.createDatabase(), folder, failoverTimeoutMs: 1000 });
});
after(async () => {
  engine.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

function insert(keys: readonly string[]): void {
  const transaction = engine.begin({ mode: 'direct' });
  for (const key of keys) {
    const bytes = Buffer.alloc(16);
    bytes.writeBigUInt64BE(engine.revision());
    const add = [{ index: KEYS, key: Buffer.from(key), isUnique: true }];
    assert.deepEqual(transaction.mutate([{ do: 'insert', table: ROWS, id: engine.tick(), bytes, add }]), [undefined]);
  }
  transaction.commit();
}

function stored(): string[] {
  const transaction = engine.begin({ mode: 'read', snapshot: 'none' });
  const cursor = transaction.scanEntries(KEYS, [{}], { withKeys: true });
  const found: string[] = [];
  for (let batch = cursor.next(); batch !== undefined; batch = cursor.next()) {
    const { buffer, starts, ends } = batch.keys!;
    for (let i = 0; i < batch.count; i++) found.push(Buffer.from(buffer.subarray(starts[i], ends[i])).toString());
  }
  transaction.abort();
  return found;
}

/** What it was answered with. */
function outcomeOf(action: () => void): number {
  try {
    action();
    return 0;
  } catch (error) {
    assert.ok(isArangoError(error), String(error));
    return error.errorNum;
  }
}

test('a frozen server is given up, and is used again when it thaws', () => {
  insert(['before']);
  const processes = familyOf([postgres.pid]);
  signalAll(processes, 'SIGSTOP');
  try {
    // It looks whether the key is free before it writes, and does not come further than that.
    const asked = [() => insert(['on its way']), () => insert(['not begun']), () => stored()];
    assert.deepEqual(asked.map(outcomeOf), [503, 503, 503]);
  } finally {
    signalAll(processes, 'SIGCONT');
  }
  insert(['after']);
  assert.deepEqual(stored(), ['after', 'before']);
});

for (const keys of [['one'], ['two-a', 'two-b']]) {
  test(`a commit of ${keys.length} that waits for a standby is not said to have failed`, async () => {
    const set = async (names: string): Promise<void> => {
      await postgres.query(`ALTER SYSTEM SET synchronous_standby_names = '${names}'`);
      await postgres.query('SELECT pg_reload_conf()');
    };
    await set('nobody');
    // The setting is known to a process when it is idle for a moment: the first ones may be committed as if nothing were.
    let attempt = 0;
    const named = (): string[] => keys.map((key) => `${key}-${attempt}`);
    let outcome = 0;
    while (outcome === 0 && attempt < 50) {
      attempt++;
      outcome = outcomeOf(() => insert(named()));
      await sleep(20);
    }
    await set('');
    assert.equal(outcome, 1457);
    insert([`after-${keys.join()}`]);
    assert.deepEqual(
      named().map((key) => stored().includes(key)),
      keys.map(() => true),
    );
  });
}
