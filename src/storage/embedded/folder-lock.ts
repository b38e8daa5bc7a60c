/**
 * One process at a time for a folder.
 *
 * The lock is a tiny LMDB database of its own, in which a process that uses the folder holds a snapshot. LMDB registers snapshots
 * under locks of the operating system, so they end with their process however it ends, and it tells whose they are.
 */
import { join } from 'node:path';
import { ArangoError } from '#base';
import { Lmdb, type Snapshot } from './lmdb.ts';

export const LOCK_FILES = ['owner', 'owner-lock'] as const;

const ATTEMPTS = 20;
const PAUSE_MS = 20;

export interface FolderLock {
  release(): void;
}

/** Throws 1107 with the process id of whoever has the folder. */
export function lockFolder(folder: string): FolderLock {
  const registry = new Lmdb(join(folder, LOCK_FILES[0]), { isFile: true });
  try {
    const snapshot = register(registry, folder);
    return {
      release: () => {
        snapshot.close();
        registry.close();
      },
    };
  } catch (error) {
    registry.close();
    throw error;
  }
}

function register(registry: Lmdb, folder: string): Snapshot {
  for (let attempt = 0; ; attempt++) {
    const [owner] = registry.processesWithSnapshots();
    if (owner !== undefined && attempt === ATTEMPTS) throw inUse(folder, owner);
    if (owner === undefined) {
      const snapshot = registry.snapshot();
      const others = registry.processesWithSnapshots().filter((pid) => pid !== process.pid);
      if (others.length === 0) return snapshot;
      // Another came at the same moment. Both step back, and one will be sooner the next time.
      snapshot.close();
    } else if (owner === process.pid) {
      throw inUse(folder, owner);
    }
    pause(Math.random() * PAUSE_MS);
  }
}

function inUse(folder: string, owner: number): ArangoError {
  const who = owner === process.pid ? `this process (${owner})` : `process ${owner}`;
  return new ArangoError('ERROR_ARANGO_DATADIR_LOCKED', `${folder} is in use by ${who}`);
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
