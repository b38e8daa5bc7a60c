/** Where the entries of edges are kept: in the server's index with their values, unless their tables were made before it was so. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import fc from 'fast-check';
import { tries } from '../../../tests/support/law.ts';
import { startPostgres } from '../../../tests/support/postgres.ts';
import type { RowId, StorageEngine, TableId } from '../engine.ts';
import { checkExpansions, EDGE_TABLES, expansions } from '../expansion.suite.ts';
import { openPostgresStorage } from './engine.ts';

const postgres = await startPostgres();
const folder = mkdtempSync(join(tmpdir(), 'foxden-covered-'));
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await postgres.stop();
});

const [EDGES, AT, BEFORE]: readonly TableId[] = [401, 402, 403];
const OLD_TABLE = '(k bytea, d bigint, id bigint NOT NULL, v bytea, PRIMARY KEY (k, d))';

async function withEngine(run: (engine: StorageEngine, url: string) => Promise<void>): Promise<void> {
  const url = await postgres.createDatabase();
  const engine = openPostgresStorage({ url, folder: mkdtempSync(join(folder, 'store-')) });
  try {
    await run(engine, url);
  } finally {
    engine.close();
  }
}

/** How many columns the index of each table holds. */
async function indexColumns(url: string, tables: readonly TableId[]): Promise<number[]> {
  const names = tables.map((table) => `'foxden.e_${table}'::regclass`).join();
  const rows = await postgres.query(`SELECT indnatts FROM pg_index WHERE indrelid IN (${names}) ORDER BY indrelid::regclass::text`, url);
  return rows.map(({ indnatts }) => Number(indnatts));
}

suite('entries with short values', () => {
  test('are held by the index with their values, however long ids may be', () =>
    withEngine(async (engine, url) => {
      const longest = (start: string): Buffer => Buffer.from(`${'äöü€'.repeat(28)}/${start}${randomText(253)}\0`);
      const pairs = ['a', 'b', 'c'].map((start) => [longest(start), longest(start).subarray(0, -1)] as const);
      const ids: RowId[] = [];
      const writing = engine.begin({ mode: 'direct' });
      for (const [key, value] of pairs) {
        const id = engine.tick();
        ids.push(id);
        const bytes = Buffer.alloc(16);
        bytes.writeBigUInt64BE(engine.revision());
        const add = [
          { index: AT!, key, isUnique: false, value, hasShortValue: true },
          { index: BEFORE!, key, isUnique: false },
        ] as const;
        assert.deepEqual(writing.mutate([{ do: 'insert', table: EDGES!, id, bytes, add }]), [undefined]);
      }
      writing.commit();
      assert.deepEqual(await indexColumns(url, [AT!, BEFORE!]), [4, 2]);
      const reading = engine.begin({ mode: 'read' });
      const [found] = reading.expand(
        [AT!],
        pairs.map(([key]) => key),
      );
      reading.abort();
      assert.deepEqual(Array.from(found!.ids), ids);
      const { buffer, starts, ends } = found!.values!;
      assert.deepEqual(
        ids.map((_, i) => Buffer.from(buffer.subarray(starts[i], ends[i])).toString()),
        pairs.map(([, value]) => value.toString()),
      );
    }));

  test('are found in tables that were made without such an index', () =>
    withEngine(async (engine, url) => {
      for (const table of EDGE_TABLES) await postgres.query(`CREATE TABLE foxden.e_${table} ${OLD_TABLE}`, url);
      fc.assert(
        fc.property(expansions, (one) => checkExpansions(engine, one)),
        { numRuns: tries({ quick: 8, thorough: 20 }) },
      );
      assert.deepEqual(await indexColumns(url, EDGE_TABLES), [2, 2]);
    }));
});

/** That cannot be made shorter. */
function randomText(length: number): string {
  return Array.from({ length }, () => String.fromCharCode(0x30 + Math.floor(Math.random() * 70))).join('');
}
