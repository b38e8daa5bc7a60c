/** A store for tests of what stands on one, on the engine that they run on (`database.ts`). */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMemoryStorage, openStorage, type StorageEngine } from '#storage';
import { createTestDatabase } from './database.ts';

/** A store of its own for a test, gone when it is closed. `embedded`: limits for the embedded engine alone. */
export function openTestStorage(embedded?: Parameters<typeof openMemoryStorage>[0]): StorageEngine {
  const url = createTestDatabase();
  if (url === undefined) return openMemoryStorage(embedded);
  const folder = mkdtempSync(join(tmpdir(), 'foxden-store-'));
  const engine = openStorage({ url, folder, poolSize: 8 });
  const close = engine.close.bind(engine);
  engine.close = () => {
    close();
    rmSync(folder, { recursive: true, force: true });
  };
  return engine;
}
