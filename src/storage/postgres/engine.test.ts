/** The PostgreSQL engine does what every engine must do, on a real server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { startPostgres } from '../../../tests/support/postgres.ts';
import { conformance } from '../conformance.suite.ts';
import { openPostgresStorage } from './engine.ts';

const postgres = await startPostgres();
const folder = mkdtempSync(join(tmpdir(), 'foxden-engine-'));
const urls = await Promise.all(Array.from({ length: 12 }, () => postgres.createDatabase()));
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await postgres.stop();
});

conformance('the PostgreSQL engine', () => openPostgresStorage({ url: urls.pop()!, folder: mkdtempSync(join(folder, 'store-')) }));
