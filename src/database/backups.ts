/**
 * Backups of the whole server while it runs: a consistent copy of the store and the folders of services, side by side with what they are.
 *
 * A backup is a folder `<id>` with `data` (what a database directory has), `apps` and `backup.json`, which names every file with its size and
 * checksum. It is made under another name and renamed when it is whole and on disk, so a crash leaves nothing that looks like one.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { ARANGODB_VERSION, ArangoError, clock, foxdenVersion } from '#base';
import type { StorageEngine } from '#storage';

export interface BackupFile {
  /** Below the backup, with slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Backup {
  readonly id: string;
  /** Of ArangoDB's interface. */
  readonly version: string;
  readonly foxden: string;
  /** ISO 8601 */
  readonly datetime: string;
  readonly files: readonly BackupFile[];
}

const DESCRIPTION = 'backup.json';
const UNFINISHED = '.unfinished';

export class Backups {
  readonly #engine: StorageEngine;
  readonly #folder: string;
  readonly #appPath: string;

  /** `folder` is where the backups are. */
  constructor(engine: StorageEngine, { folder, appPath }: { readonly folder: string; readonly appPath: string }) {
    this.#engine = engine;
    this.#folder = folder;
    this.#appPath = appPath;
  }

  /** Where a backup is on this machine. */
  pathOf(id: string): string {
    return join(this.#folder, id);
  }

  /** Throws 10 for a label that is no part of a file name. */
  async create(label: string | undefined): Promise<Backup> {
    if (label !== undefined && !/^[\w.-]{1,100}$/.test(label)) {
      throw new ArangoError('ERROR_BAD_PARAMETER', `a label may have letters, digits, "_", "-" and ".", and is ${JSON.stringify(label)}`);
    }
    const datetime = new Date(clock.now()).toISOString();
    const id = `${datetime.replace(/[:]/g, '.').replace(/\.\d+Z$/, 'Z')}_${label ?? this.#engine.tick().toString(36)}`;
    const staged = this.pathOf(`${id}${UNFINISHED}`);
    try {
      await mkdir(staged, { recursive: true, mode: 0o700 });
      await this.#engine.backup(join(staged, 'data'));
      await this.#copyApps(join(staged, 'apps'));
      const paths = await listFiles(staged);
      const files: BackupFile[] = [];
      for (const path of paths) files.push(await describeFile(staged, path));
      const backup = { id, version: ARANGODB_VERSION, foxden: foxdenVersion(), datetime, files };
      await writeFile(join(staged, DESCRIPTION), JSON.stringify(backup, null, 2), { flush: true });
      await rename(staged, this.pathOf(id));
      await syncFolder(this.#folder);
      return backup;
    } catch (error) {
      await rm(staged, { recursive: true, force: true });
      throw error;
    }
  }

  /** From the oldest to the newest. */
  async list(): Promise<readonly Backup[]> {
    const names: string[] = await readdir(this.#folder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    const backups: Backup[] = [];
    for (const name of names.toSorted()) {
      if (name.endsWith(UNFINISHED)) continue;
      const text = await readFile(join(this.#folder, name, DESCRIPTION), 'utf8').catch(() => undefined); // not a backup of ours
      if (text !== undefined) backups.push(JSON.parse(text) as Backup);
    }
    return backups;
  }

  /** Throws 7007. */
  async remove(id: string): Promise<void> {
    const found = (await this.list()).find((backup) => backup.id === id);
    if (found === undefined) throw new ArangoError('ERROR_NO_SUCH_HOT_BACKUP', { message: `no such hot backup set can be found: ${id}` });
    const gone = this.pathOf(`${id}${UNFINISHED}`);
    await rename(this.pathOf(id), gone);
    await rm(gone, { recursive: true, force: true });
  }

  /** Services change their folders by renames; what is renamed away while it is copied is copied again as it is then. */
  async #copyApps(target: string): Promise<void> {
    const attempts = 5;
    for (let attempt = 1; ; attempt++) {
      try {
        await cp(this.#appPath, target, { recursive: true, filter: (path) => relative(this.#appPath, path).split(sep)[0] !== '_staging' });
        return;
      } catch (error) {
        await rm(target, { recursive: true, force: true });
        if (!isMissing(error) || attempt === attempts) throw error;
        if ((await stat(this.#appPath).catch(() => undefined)) === undefined) return; // no service was ever installed
      }
    }
  }
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .toSorted();
}

async function describeFile(folder: string, path: string): Promise<BackupFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(join(folder, path), { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { path, bytes, sha256: hash.digest('hex') };
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync();
  await handle.close();
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
