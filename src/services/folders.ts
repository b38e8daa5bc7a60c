/**
 * Where services lie on this disk. Live code is in `<app-path>/_db/<database>/<mount>/APP`, bundles are in
 * `<app-path>/_db/<database>/_appbundles/<name>.zip`; real services read these paths, so they are part of the interface.
 *
 * What is written goes to a staging folder on the same file system first and gets its place by a rename, and what goes leaves it by one. So a
 * reader sees the old files or the new ones, of several threads who take the same folder away one has it, and what a crash leaves behind lies in the
 * staging folder, which is emptied at start.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync, type Dirent } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { log } from '#base';
import { mountName } from './mount.ts';

/** How often others may be quicker at the same moment. */
const ATTEMPTS = 100;

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

  /** Removes it. A service that still runs may write into it at this moment: what stays then is gone after the next start. */
  unstage(folder: string): void {
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      log.warning('general', `The folder ${folder} is not needed any more and could not be removed.`, error);
    }
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
      withoutOthers(() => {
        this.#discard(ready);
        renameSync(staging, ready);
      });
    } catch (error) {
      this.unstage(staging);
      throw error;
    }
    return join(ready, 'APP');
  }

  /** Puts a version that was made ready into its place; false when it is not. */
  placeReady(database: string, mount: string, checksum: string): boolean {
    const taken = this.#take(this.#ready(database, mount, checksum));
    if (taken === undefined) return false;
    try {
      this.replaceLive(database, mount, join(taken.path, 'APP'));
      move(join(taken.path, 'bundle.zip'), this.bundle(database, mount));
    } finally {
      this.unstage(taken.staging);
    }
    return true;
  }

  /** Removes what was made ready and not put into its place. */
  removeReady(database: string, mount: string, checksum: string): void {
    this.#discard(this.#ready(database, mount, checksum));
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
    const old = this.#take(live);
    move(staged, live);
    if (old !== undefined) this.unstage(old.staging);
  }

  replaceBundle(database: string, mount: string, bundle: Uint8Array): void {
    const staging = this.stage();
    try {
      const staged = join(staging, 'bundle.zip');
      writeFileSync(staged, bundle, { flush: true });
      move(staged, this.bundle(database, mount));
    } finally {
      this.unstage(staging);
    }
  }

  /** Removes code and bundle of a mount, and folders that are empty then. */
  remove(database: string, mount: string): void {
    this.removeLive(database, mount);
    rmSync(this.bundle(database, mount), { force: true });
  }

  /** Removes the code of a mount, and folders that are empty then. */
  removeLive(database: string, mount: string): void {
    const live = this.live(database, mount);
    this.#discard(live);
    const stop = this.database(database);
    let folder = dirname(live);
    while (folder !== stop && removeEmpty(folder)) folder = dirname(folder);
  }

  removeDatabase(database: string): void {
    this.#discard(this.database(database));
  }

  /** Takes what lies at a path out of its place; undefined when nothing does, or another thread has it. */
  #take(path: string): Taken | undefined {
    const staging = this.stage();
    const taken = { staging, path: join(staging, 'taken') };
    try {
      renameSync(path, taken.path);
      return taken;
    } catch (error) {
      this.unstage(staging);
      if (isOneOf(error, NOTHING_THERE)) return undefined;
      throw error;
    }
  }

  #discard(path: string): void {
    const taken = this.#take(path);
    if (taken !== undefined) this.unstage(taken.staging);
  }

  /** The names of the databases that have a folder. */
  databases(): readonly string[] {
    return entriesOf(join(this.#root, '_db')).map(({ name }) => databaseName(name));
  }

  /** The mounts that have live code. A service's own files are not looked into. */
  mounts(database: string): readonly string[] {
    const found: string[] = [];
    const top = this.database(database);
    const walk = (folder: string): void => {
      for (const entry of entriesOf(folder)) {
        if (!entry.isDirectory()) continue;
        if (entry.name === 'APP') found.push(`/${relative(top, folder).split(sep).join('/')}`);
        else walk(join(folder, entry.name));
      }
    };
    walk(top);
    return found;
  }

  /** All bundle files of a database, by path. */
  bundleFiles(database: string): readonly string[] {
    const folder = join(this.database(database), '_appbundles');
    return entriesOf(folder).map(({ name }) => join(folder, name));
  }
}

/** What was taken out of its place, in a staging folder of its own. */
interface Taken {
  readonly staging: string;
  readonly path: string;
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

const NOTHING_THERE = ['ENOENT', 'ENOTDIR'];
const NOT_EMPTY = ['ENOTEMPTY', 'EEXIST'];

function isOneOf(error: unknown, codes: readonly string[]): boolean {
  return codes.includes(String((error as NodeJS.ErrnoException).code));
}

/** What lies in a folder; nothing when it is not there, or not any more. */
function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (isOneOf(error, NOTHING_THERE)) return [];
    throw error;
  }
}

/** False when something lies in it. */
function removeEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (isOneOf(error, NOT_EMPTY)) return false;
    if (!isOneOf(error, NOTHING_THERE)) throw error;
  }
  return true;
}

/** Gives something its place, in a folder that another thread may remove at the same moment because it is empty. */
function move(from: string, to: string): void {
  withoutOthers(() => {
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
  });
}

/** Does something again that failed because of what another thread did in between. */
function withoutOthers(action: () => void): void {
  for (let attempt = 1; ; attempt++) {
    try {
      return action();
    } catch (error) {
      if (attempt === ATTEMPTS || !isOneOf(error, [...NOTHING_THERE, ...NOT_EMPTY])) throw error;
    }
  }
}
