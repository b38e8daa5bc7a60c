/**
 * From the text of a `require` to a file, by Foxx's rules: `.js`, `.json`, a folder's `package.json` with `main`, `index.js`,
 * `index.json`. `exports` maps do not hide files, as services rely on; they are asked only when the plain rules find nothing, so that
 * packages made for newer Nodes work too.
 *
 * Touches the disk and nothing else; knows no cache and no built-in modules.
 */
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

const EXTENSIONS = ['.js', '.json', '.cjs', '.node'];
const INDEX_FILES = ['index.js', 'index.json', 'index.cjs', 'index.node'];
/** Conditions of an `exports` map that hold for CommonJS code in Node. */
const CONDITIONS = new Set(['node', 'require', 'default', 'module-sync']);

export function isPath(request: string): boolean {
  return request.startsWith('./') || request.startsWith('../') || request === '.' || request === '..' || isAbsolute(request);
}

/**
 * Remembers what it found: as long as one resolver is used, which is from one load of a service to the next, the files of the service
 * are taken to be where they were.
 */
export class Resolver {
  /** Where the walk up through `node_modules` ends; files outside of it walk all the way. */
  readonly #root: string;
  readonly #found = new Map<string, string | undefined>();
  readonly #moduleFolders = new Map<string, readonly string[]>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Undefined when there is no such file. */
  resolve(request: string, fromFile: string): string | undefined {
    const folder = dirname(fromFile);
    const key = `${folder}\0${request}`;
    if (this.#found.has(key)) return this.#found.get(key);
    const path = isPath(request) ? findModule(resolve(folder, request), request.endsWith('/')) : this.#findPackage(request, fromFile);
    this.#found.set(key, path);
    return path;
  }

  /** Where a module would have to be. */
  candidates(request: string, fromFile: string): string[] {
    if (isPath(request)) return [resolve(dirname(fromFile), request)];
    return moduleFolders(fromFile, this.#root).map((folder) => join(folder, request));
  }

  #findPackage(request: string, fromFile: string): string | undefined {
    for (const folder of this.#existingFolders(fromFile)) {
      const path = findModule(join(folder, request), request.endsWith('/')) ?? findExported(folder, request);
      if (path !== undefined) return path;
    }
    return undefined;
  }

  #existingFolders(fromFile: string): readonly string[] {
    const folder = dirname(fromFile);
    let folders = this.#moduleFolders.get(folder);
    if (folders === undefined) {
      folders = moduleFolders(fromFile, this.#root).filter((one) => kindOf(one) === 'folder');
      this.#moduleFolders.set(folder, folders);
    }
    return folders;
  }
}

/** The `node_modules` folders that a file sees, nearest first. */
export function moduleFolders(fromFile: string, root: string): string[] {
  const folders: string[] = [];
  const isInside = isWithin(root, fromFile);
  for (let folder = dirname(fromFile); ; folder = dirname(folder)) {
    if (!folder.endsWith('node_modules')) folders.push(join(folder, 'node_modules'));
    if ((isInside && folder === root) || dirname(folder) === folder) return folders;
  }
}

export function isWithin(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** The file that a path without or with an extension, or a folder, stands for. */
export function findModule(target: string, mustBeFolder = false): string | undefined {
  const kind = kindOf(target);
  if (kind === 'file' && !mustBeFolder) return target;
  if (!mustBeFolder) {
    for (const extension of EXTENSIONS) {
      if (kindOf(target + extension) === 'file') return target + extension;
    }
  }
  return kind === 'folder' ? findInFolder(target) : undefined;
}

function findInFolder(folder: string): string | undefined {
  const main = readManifest(folder)?.main;
  if (typeof main === 'string' && main !== '') {
    const target = resolve(folder, main);
    const path = target === folder ? undefined : findModule(target);
    if (path !== undefined) return path;
  }
  return INDEX_FILES.map((name) => join(folder, name)).find((path) => kindOf(path) === 'file');
}

function findExported(modulesFolder: string, request: string): string | undefined {
  const depth = request.startsWith('@') ? 2 : 1;
  const parts = request.split('/');
  const folder = join(modulesFolder, ...parts.slice(0, depth));
  const map = readManifest(folder)?.exports;
  if (map === undefined || map === null) return undefined;
  const target = matchExports(map, ['.', ...parts.slice(depth)].join('/'));
  if (target === undefined) return undefined;
  const path = resolve(folder, target);
  return isWithin(folder, path) && kindOf(path) === 'file' ? path : undefined;
}

/** The target that an `exports` map gives a subpath (`.`, `./lib/x`). */
export function matchExports(map: unknown, subpath: string): string | undefined {
  if (typeof map !== 'object' || map === null || Array.isArray(map) || !Object.keys(map).some((key) => key.startsWith('.'))) {
    return subpath === '.' ? pickTarget(map, '') : undefined;
  }
  const entries = Object.entries(map);
  const exact = entries.find(([key]) => key === subpath);
  if (exact !== undefined) return pickTarget(exact[1], '');
  for (const [key, target] of entries.toSorted(([left], [right]) => right.indexOf('*') - left.indexOf('*'))) {
    const [before = '', after] = key.split('*');
    if (after === undefined || !subpath.startsWith(before) || !subpath.endsWith(after)) continue;
    return pickTarget(target, subpath.slice(before.length, subpath.length - after.length));
  }
  return undefined;
}

function pickTarget(target: unknown, star: string): string | undefined {
  if (typeof target === 'string') return target.replaceAll('*', star);
  if (Array.isArray(target)) return target.map((one: unknown) => pickTarget(one, star)).find((path) => path !== undefined);
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, value] of Object.entries(target)) {
    if (!CONDITIONS.has(condition)) continue;
    const path = pickTarget(value, star);
    if (path !== undefined) return path;
  }
  return undefined;
}

interface PackageManifest {
  readonly main?: unknown;
  readonly exports?: unknown;
}

/** A package.json that is missing or broken is as good as none: the folder may still have an index file. */
function readManifest(folder: string): PackageManifest | undefined {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8').replace(/^\uFEFF/, ''));
    return typeof manifest === 'object' && manifest !== null ? manifest : undefined;
  } catch {
    return undefined;
  }
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  let stats;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // ENOTDIR, EACCES, ELOOP: whatever is there, it is no module
  }
  if (stats === undefined) return undefined;
  return stats.isDirectory() ? 'folder' : 'file';
}
