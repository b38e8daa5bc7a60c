/**
 * Edits that come over the network to a service in development mode: files of a zip are written over those of the folder. Paths are
 * checked as those of any bundle; nothing is written before all of them are known to be good, and each file is replaced by a rename.
 */
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkPath, listFiles, readEntries } from './bundle.ts';

export interface Edits {
  /** A zip of files with their paths below the service's folder. */
  readonly files: Uint8Array | undefined;
  readonly removed: readonly string[];
  /** Whether files that are not among these go. */
  readonly isWhole: boolean;
}

/** Throws 3015 for a zip or a path that is refused. */
export function applyEdits(folder: string, { files, removed, isWhole }: Edits): void {
  const entries = files === undefined ? [] : readEntries(files).map(({ path, read }) => ({ path, bytes: read() }));
  const written = new Set(entries.map(({ path }) => path));
  const gone = [...removed.map(checkPath), ...(isWhole ? listFiles(folder) : [])].filter((path) => !written.has(path));
  for (const path of gone) rmSync(join(folder, path), { recursive: true, force: true });
  for (const { path, bytes } of entries) {
    const target = join(folder, path);
    if (statSync(target, { throwIfNoEntry: false })?.isDirectory() === true) rmSync(target, { recursive: true });
    makeFolder(folder, dirname(path));
    const fresh = `${target}.foxden-new`;
    writeFileSync(fresh, bytes);
    renameSync(fresh, target);
  }
}

/** A folder below another; files that are in its way go. */
function makeFolder(root: string, below: string): void {
  let path = root;
  for (const name of below === '.' ? [] : below.split('/')) {
    path = join(path, name);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(path);
  }
  mkdirSync(path, { recursive: true });
}
