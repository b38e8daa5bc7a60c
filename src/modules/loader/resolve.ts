/**
 * From the text of a `require` or `import` to a file, by Foxx's rules: `.js`, `.json`, a folder's `package.json` with `main`, `index.js`,
 * `index.json`, and then the extensions of TypeScript and ES modules. `exports` maps do not hide files, as services rely on; a `require`
 * asks them only when the plain rules find nothing, so that packages made for newer Nodes work too. An `import` asks them first.
 *
 * Touches the disk and nothing else; knows no cache and no built-in modules.
 */
import { readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';

const EXTENSIONS = ['.js', '.json', '.cjs', '.node', '.ts', '.tsx', '.cts', '.mjs', '.mts'];
const INDEX_FILES = EXTENSIONS.map((extension) => `index${extension}`);
/** What TypeScript writes as the extension of what the file will be, and what it is. */
const WRITTEN_AS: readonly (readonly [written: string, actual: readonly string[]])[] = [
  ['.js', ['.ts', '.tsx']],
  ['.mjs', ['.mts']],
  ['.cjs', ['.cts']],
  ['.jsx', ['.tsx']],
];

export type RequestKind = 'require' | 'import';
/** Conditions of an `exports` map that hold in Node, for each kind of code. */
const CONDITIONS: Readonly<Record<RequestKind, ReadonlySet<string>>> = {
  require: new Set(['node', 'require', 'default', 'module-sync']),
  import: new Set(['node', 'import', 'default', 'module-sync']),
};

export function isPath(request: string): boolean {
  return request.startsWith('./') || request.startsWith('../') || request === '.' || request === '..' || isAbsolute(request);
}

/** Runs what looks for files while no other version can be about to take their place. */
export type WhileInPlace = <Result>(look: () => Result) => Result;

/**
 * Remembers what it found: as long as one resolver is used, which is from one load of a service to the next, the files of the service
 * are taken to be where they were.
 */
export class Resolver {
  /** Where the walk up through `node_modules` ends; files outside of it walk all the way. */
  readonly #root: string;
  readonly #whileInPlace: WhileInPlace | undefined;
  readonly #found = new Map<string, string | undefined>();
  readonly #moduleFolders = new Map<string, readonly string[]>();

  constructor(root: string, whileInPlace?: WhileInPlace) {
    this.#root = root;
    this.#whileInPlace = whileInPlace;
  }

  /** Undefined when there is no such file. */
  resolve(request: string, fromFile: string, kind: RequestKind): string | undefined {
    const folder = dirname(fromFile);
    const key = `${kind} ${folder}\0${request}`;
    if (this.#found.has(key)) return this.#found.get(key);
    const look = (): string | undefined =>
      isPath(request) ? findModule(resolve(folder, request), request.endsWith('/')) : this.#findPackage(request, fromFile, kind);
    const lookAgain = (): string | undefined => {
      this.#moduleFolders.clear();
      return look();
    };
    const path = look() ?? this.#whileInPlace?.(lookAgain);
    this.#found.set(key, path);
    return path;
  }

  /** Where a module would have to be. */
  candidates(request: string, fromFile: string): string[] {
    if (isPath(request)) return [resolve(dirname(fromFile), request)];
    return moduleFolders(fromFile, this.#root).map((folder) => join(folder, request));
  }

  #findPackage(request: string, fromFile: string, kind: RequestKind): string | undefined {
    if (request.startsWith('#')) return this.#findImported(request, fromFile, kind);
    for (const folder of this.#existingFolders(fromFile)) {
      const plain = (): string | undefined => findModule(join(folder, request), request.endsWith('/'));
      const path =
        kind === 'import'
          ? (findExported(folder, request, 'import') ?? plain())
          : (plain() ?? findExported(folder, request, 'require') ?? findExported(folder, request, 'import'));
      if (path !== undefined) return path;
    }
    return undefined;
  }

  /** `#name`: what the nearest package says in its `imports`. */
  #findImported(request: string, fromFile: string, kind: RequestKind): string | undefined {
    const folder = packageFolderOf(fromFile, this.#root);
    const map = folder === undefined ? undefined : readManifest(folder)?.imports;
    if (folder === undefined || typeof map !== 'object' || map === null) return undefined;
    const target = matchEntries(map, request, kind);
    if (target === undefined || target.startsWith('#')) return undefined;
    return this.resolve(target, join(folder, 'package.json'), kind);
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
    for (const [written, actual] of WRITTEN_AS) {
      if (kind !== undefined || !target.endsWith(written)) continue;
      const stem = target.slice(0, -written.length);
      const found = actual.map((extension) => stem + extension).find((path) => kindOf(path) === 'file');
      if (found !== undefined) return found;
    }
  }
  return kind === 'folder' ? findInFolder(target) : undefined;
}

function findInFolder(folder: string): string | undefined {
  const manifest = readManifest(folder);
  const named = (main: unknown): string | undefined => {
    if (typeof main !== 'string' || main === '') return undefined;
    const target = resolve(folder, main);
    return target === folder ? undefined : findModule(target);
  };
  // `module` is for bundlers; a package that has nothing else can be loaded by it all the same.
  return (
    named(manifest?.main) ??
    INDEX_FILES.map((name) => join(folder, name)).find((path) => kindOf(path) === 'file') ??
    named(manifest?.module)
  );
}

/** Does the file say itself to be an ES module, by its extension or its package? */
export function isEsmPackage(file: string, root: string): boolean {
  if (/\.m[jt]s$/.test(file)) return true;
  if (/\.c[jt]s$/.test(file)) return false;
  const folder = packageFolderOf(file, root);
  return folder !== undefined && readManifest(folder)?.type === 'module';
}

function packageFolderOf(file: string, root: string): string | undefined {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (kindOf(join(folder, 'package.json')) === 'file') return folder;
    if (folder === root || dirname(folder) === folder) return undefined;
  }
}

function findExported(modulesFolder: string, request: string, kind: RequestKind): string | undefined {
  const depth = request.startsWith('@') ? 2 : 1;
  const parts = request.split('/');
  const folder = join(modulesFolder, ...parts.slice(0, depth));
  const map = readManifest(folder)?.exports;
  if (map === undefined || map === null) return undefined;
  const target = matchExports(map, ['.', ...parts.slice(depth)].join('/'), kind);
  if (target === undefined) return undefined;
  const path = resolve(folder, target);
  return isWithin(folder, path) && kindOf(path) === 'file' ? path : undefined;
}

/** The target that an `exports` map gives a subpath (`.`, `./lib/x`). */
export function matchExports(map: unknown, subpath: string, kind: RequestKind): string | undefined {
  if (typeof map !== 'object' || map === null || Array.isArray(map) || !Object.keys(map).some((key) => key.startsWith('.'))) {
    return subpath === '.' ? pickTarget(map, '', kind) : undefined;
  }
  return matchEntries(map, subpath, kind);
}

function matchEntries(map: object, wanted: string, kind: RequestKind): string | undefined {
  const entries = Object.entries(map);
  const exact = entries.find(([key]) => key === wanted);
  if (exact !== undefined) return pickTarget(exact[1], '', kind);
  for (const [key, target] of entries.toSorted(([left], [right]) => right.indexOf('*') - left.indexOf('*'))) {
    const [before = '', after] = key.split('*');
    if (after === undefined || !wanted.startsWith(before) || !wanted.endsWith(after)) continue;
    return pickTarget(target, wanted.slice(before.length, wanted.length - after.length), kind);
  }
  return undefined;
}

function pickTarget(target: unknown, star: string, kind: RequestKind): string | undefined {
  if (typeof target === 'string') return target.replaceAll('*', star);
  if (Array.isArray(target)) return target.map((one: unknown) => pickTarget(one, star, kind)).find((path) => path !== undefined);
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, value] of Object.entries(target)) {
    if (!CONDITIONS[kind].has(condition)) continue;
    const path = pickTarget(value, star, kind);
    if (path !== undefined) return path;
  }
  return undefined;
}

interface PackageManifest {
  readonly main?: unknown;
  readonly module?: unknown;
  readonly type?: unknown;
  readonly imports?: unknown;
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
