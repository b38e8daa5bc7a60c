/**
 * Where services lie on this disk. Live code is in `<app-path>/_db/<database>/<mount>/APP`, bundles are in
 * `<app-path>/_db/<database>/_appbundles/<name>.zip`; real services read these paths, so they are part of the interface.
 *
 * What is written goes to a staging folder on the same file system first and gets its place by a rename. So a reader sees the old
 * files or the new ones, and what a crash leaves behind lies in the staging folder, which is emptied at start.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { mountName } from './mount.ts';

export class ServiceFolders {
  readonly #root: string;

  /** `root` is the value of `javascript.app-path`. */
  constructor(root: string) {
    this.#root = root;
  }

  database(database: string): string {
    return join(this.#root, '_db', folderName(database));
  }

  /** The folder of a service's live code. */
  live(database: string, mount: string): string {
    return join(this.database(database), ...mount.slice(1).split('/'), 'APP');
  }

  bundle(database: string, mount: string): string {
    return join(this.database(database), '_appbundles', `${mountName(mount)}.zip`);
  }

  /** A fresh folder for what is not yet, or no longer, in its place. */
  stage(): string {
    const folder = join(this.#root, '_staging', randomUUID());
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  /**
   * Makes the files of a version ready, so that it takes a few renames to put them into their place. `unpack` writes the code into an
   * empty folder. Returns the folder of the code.
   */
  makeReady(
    database: string,
    mount: string,
    version: { readonly checksum: string; readonly bundle: Uint8Array },
    unpack: (folder: string) => void,
  ): string {
    const staging = this.stage();
    const ready = this.#ready(database, mount, version.checksum);
    try {
      const code = join(staging, 'APP');
      mkdirSync(code);
      unpack(code);
      writeFileSync(join(staging, 'bundle.zip'), version.bundle, { flush: true });
      rmSync(ready, { recursive: true, force: true });
      renameSync(staging, ready);
    } catch (error) {
      rmSync(staging, { recursive: true, force: true });
      throw error;
    }
    return join(ready, 'APP');
  }

  /** Puts a version that was made ready into its place; false when it is not. */
  placeReady(database: string, mount: string, checksum: string): boolean {
    const ready = this.#ready(database, mount, checksum);
    if (!existsSync(ready)) return false;
    this.replaceLive(database, mount, join(ready, 'APP'));
    mkdirSync(dirname(this.bundle(database, mount)), { recursive: true });
    renameSync(join(ready, 'bundle.zip'), this.bundle(database, mount));
    rmSync(ready, { recursive: true });
    return true;
  }

  /** Removes what was made ready and not put into its place. */
  removeReady(database: string, mount: string, checksum: string): void {
    rmSync(this.#ready(database, mount, checksum), { recursive: true, force: true });
  }

  #ready(database: string, mount: string, checksum: string): string {
    const name = createHash('sha256')
      .update(JSON.stringify([database, mount, checksum]))
      .digest('hex');
    return join(this.#root, '_staging', name);
  }

  /** Removes what crashed operations left behind. Only when no other thread is at work yet. */
  clearStaging(): void {
    rmSync(join(this.#root, '_staging'), { recursive: true, force: true });
  }

  /** Puts a staged folder into the place of the live code; the old code is gone afterwards. */
  replaceLive(database: string, mount: string, staged: string): void {
    const live = this.live(database, mount);
    mkdirSync(dirname(live), { recursive: true });
    if (!existsSync(live)) return renameSync(staged, live);
    const trash = join(this.stage(), 'APP');
    renameSync(live, trash);
    renameSync(staged, live);
    rmSync(dirname(trash), { recursive: true, force: true });
  }

  replaceBundle(database: string, mount: string, bundle: Uint8Array): void {
    const staging = this.stage();
    const staged = join(staging, 'bundle.zip');
    const place = this.bundle(database, mount);
    writeFileSync(staged, bundle, { flush: true });
    mkdirSync(dirname(place), { recursive: true });
    renameSync(staged, place);
    rmSync(staging, { recursive: true, force: true });
  }

  /** Removes code and bundle of a mount, and folders that are empty then. */
  remove(database: string, mount: string): void {
    this.removeLive(database, this.live(database, mount));
    rmSync(this.bundle(database, mount), { force: true });
  }

  /** Removes one `APP` folder by its path. */
  removeLive(database: string, live: string): void {
    rmSync(live, { recursive: true, force: true });
    const stop = this.database(database);
    let folder = dirname(live);
    while (folder !== stop && folder.startsWith(stop) && existsSync(folder) && readdirSync(folder).length === 0) {
      rmdirSync(folder);
      folder = dirname(folder);
    }
  }

  removeDatabase(database: string): void {
    rmSync(this.database(database), { recursive: true, force: true });
  }

  /** The names of the databases that have a folder. */
  databases(): readonly string[] {
    const folder = join(this.#root, '_db');
    return existsSync(folder) ? readdirSync(folder).map(databaseName) : [];
  }

  /** All `APP` folders of a database, by path. A service's own files are not looked into. */
  liveFolders(database: string): readonly string[] {
    const found: string[] = [];
    const walk = (folder: string): void => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (!entry.isDirectory()) continue;
        const path = join(folder, entry.name);
        if (entry.name === 'APP') found.push(path);
        else walk(path);
      }
    };
    const top = this.database(database);
    if (existsSync(top)) walk(top);
    return found;
  }

  /** The mounts that have live code. */
  mounts(database: string): readonly string[] {
    return this.liveFolders(database).map((folder) => `/${relative(this.database(database), dirname(folder)).split(sep).join('/')}`);
  }

  /** All bundle files of a database, by path. */
  bundleFiles(database: string): readonly string[] {
    const folder = join(this.database(database), '_appbundles');
    return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  }
}

/** The lock under which the files of a service on this disk are read as a whole, or changed. */
export function lockOfFiles(database: string, mount: string): string {
  return `files ${database} ${mount}`;
}

/** Databases may have any characters in their names when extended names are on; a folder may not. */
function folderName(database: string): string {
  return database.replace(/[^A-Za-z0-9_-]/gu, (character) => encodeURIComponent(character).replace(/\./g, '%2E').replace(/\*/g, '%2A'));
}

function databaseName(folder: string): string {
  return decodeURIComponent(folder);
}
