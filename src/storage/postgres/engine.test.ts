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
const urls = await Promise.all(Array.from({ length: 24 }, () => postgres.createDatabase()));
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await postgres.stop();
});

for (const isBlockable of [true, false]) {
  const name = isBlockable ? 'over connections that threads borrow' : 'by the thread with the sockets';
  conformance(`the PostgreSQL engine ${name}`, () =>
    openPostgresStorage({ url: urls.pop()!, folder: mkdtempSync(join(folder, 'store-')), isBlockable }),
  );
}
