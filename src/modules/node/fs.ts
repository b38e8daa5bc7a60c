/**
 * `require('fs')` as services know it: ArangoDB's functions, which are synchronous and have names of their own, on top of Node's.
 *
 * A name that both have (`read`, `write`, `exists`, `chmod`, `copyFile`) is told apart by its arguments: Node's take a callback or a
 * file descriptor.
 */
import { randomUUID } from 'node:crypto';
import nodeFs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path';
import { ArangoError } from '#base';
import { loadPackage } from '../loader/bundled.ts';

type NodeFunction = (...values: readonly unknown[]) => unknown;

interface Zip {
  addLocalFile(path: string, folder: string, name: string): void;
  getEntries(): readonly { readonly entryName: string; readonly isDirectory: boolean; getData(): Buffer }[];
  writeZip(path: string): void;
}

function hasCallback(values: readonly unknown[]): boolean {
  return typeof values.at(-1) === 'function';
}

/** Calls Node's function of a name where the arguments are Node's, else ArangoDB's. */
function either(name: string, isNodes: (values: readonly unknown[]) => boolean, own: NodeFunction): NodeFunction {
  const nodes = (nodeFs as unknown as Record<string, NodeFunction>)[name];
  return (...values) => (nodes !== undefined && isNodes(values) ? nodes(...values) : own(...values));
}

const usesDescriptor = (values: readonly unknown[]): boolean => typeof values[0] === 'number';

function statOf(path: string): nodeFs.Stats | undefined {
  return nodeFs.statSync(path, { throwIfNoEntry: false });
}

/** Everything below a folder, parents first; the folder itself is the empty path. */
export function listTree(folder: string): string[] {
  const found = [''];
  const visit = (prefix: string): void => {
    for (const entry of nodeFs.readdirSync(join(folder, prefix), { withFileTypes: true })) {
      const path = join(prefix, entry.name);
      found.push(path);
      if (entry.isDirectory()) visit(path);
    }
  };
  visit('');
  return found;
}

/** Joins, and refuses a path that leaves the folder. */
function safeJoin(folder: string, path: string): string {
  const target = resolve(folder, normalize(path));
  const way = relative(folder, target);
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    throw new ArangoError('ERROR_BAD_PARAMETER', `"${path}" leaves "${folder}"`);
  }
  return target;
}

function temporaryPath(folder = '', mustExist = true): string {
  const path = join(tmpdir(), folder, `tmp-${randomUUID()}`);
  nodeFs.mkdirSync(dirname(path), { recursive: true });
  if (mustExist) nodeFs.writeFileSync(path, '', { flag: 'wx' });
  return path;
}

function toMode(mode: unknown): number | undefined {
  return typeof mode === 'string' ? Number.parseInt(mode, 8) : (mode as number | undefined);
}

function openZip(path?: string): Zip {
  const AdmZip = loadPackage('adm-zip') as new (path?: string) => Zip;
  return new AdmZip(path);
}

function unzipFile(path: string, folder: string, skipPaths: boolean, overwrite: boolean): void {
  for (const entry of openZip(path).getEntries()) {
    if (entry.isDirectory) continue;
    const target = safeJoin(folder, skipPaths ? (entry.entryName.split('/').at(-1) ?? '') : entry.entryName);
    if (!overwrite && nodeFs.existsSync(target)) throw new ArangoError('ERROR_CANNOT_OVERWRITE_FILE', target);
    nodeFs.mkdirSync(dirname(target), { recursive: true });
    nodeFs.writeFileSync(target, entry.getData());
  }
}

function zipFile(path: string, folder: string, files: readonly string[]): void {
  if (nodeFs.existsSync(path)) throw new ArangoError('ERROR_CANNOT_OVERWRITE_FILE', path);
  const zip = openZip();
  for (const file of files) {
    const parent = dirname(file);
    zip.addLocalFile(join(folder, file), parent === '.' ? '' : parent, file.slice(parent === '.' ? 0 : parent.length + 1));
  }
  zip.writeZip(path);
}

/** Adler-32, by which bundles are told apart. */
function adler32(path: string): number {
  let low = 1;
  let high = 0;
  for (const byte of nodeFs.readFileSync(path)) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  return high * 65536 + low;
}

const ARANGO_FUNCTIONS: Readonly<Record<string, unknown>> = {
  adler32,
  append: (path: string, content: string | Uint8Array) => {
    nodeFs.appendFileSync(path, content);
    return true;
  },
  chmod: either('chmod', hasCallback, (path, mode) => {
    nodeFs.chmodSync(path as string, toMode(mode) ?? 0o755);
    return true;
  }),
  copyFile: either('copyFile', hasCallback, (source, target) => {
    const into = statOf(target as string)?.isDirectory() ? join(target as string, (source as string).split(sep).at(-1) ?? '') : target;
    nodeFs.copyFileSync(source as string, into as string);
    return true;
  }),
  copyRecursive: (source: string, target: string) => {
    nodeFs.cpSync(source, target, { recursive: true });
    return true;
  },
  exists: either('exists', hasCallback, (path) => nodeFs.existsSync(path as string)),
  getTempFile: (folder?: string, mustExist?: boolean) => temporaryPath(folder, mustExist ?? true),
  getTempPath: () => `${tmpdir()}${sep}`,
  home: () => process.cwd(),
  isDirectory: (path: string) => statOf(path)?.isDirectory() ?? false,
  isFile: (path: string) => statOf(path)?.isFile() ?? false,
  join,
  linkFile: (target: string, path: string) => {
    nodeFs.symlinkSync(target, path);
    return true;
  },
  list: (path: string) => nodeFs.readdirSync(path),
  listTree,
  makeAbsolute: (path: string) => resolve(path),
  makeDirectory: (path: string, mode?: unknown) => nodeFs.mkdirSync(path, { mode: toMode(mode) }),
  makeDirectoryRecursive: (path: string, mode?: unknown) => void nodeFs.mkdirSync(path, { mode: toMode(mode), recursive: true }),
  move: (source: string, target: string) => {
    nodeFs.renameSync(source, target);
    return true;
  },
  /** In seconds, as `stat` has it. */
  mtime: (path: string) => Math.floor(nodeFs.statSync(path).mtimeMs / 1000),
  normalize,
  pathSeparator: sep,
  read: either('read', usesDescriptor, (path) => nodeFs.readFileSync(path as string, 'utf8')),
  read64: (path: string) => nodeFs.readFileSync(path, 'base64'),
  readBuffer: (path: string) => nodeFs.readFileSync(path),
  remove: (path: string) => nodeFs.unlinkSync(path),
  removeDirectory: (path: string) => nodeFs.rmdirSync(path),
  removeDirectoryRecursive: (path: string) => nodeFs.rmSync(path, { recursive: true }),
  safeJoin,
  size: (path: string) => nodeFs.statSync(path).size,
  unzipFile: (path: string, folder: string, skipPaths = false, overwrite = false) => {
    unzipFile(path, folder, skipPaths, overwrite);
    return true;
  },
  write: either('write', usesDescriptor, (path, content) => {
    nodeFs.writeFileSync(path as string, content as string | Uint8Array);
    return true;
  }),
  zipFile: (path: string, folder: string, files: readonly string[]) => {
    zipFile(path, folder, files);
    return true;
  },
};

/** One object for all services of a thread, as Node's is; in production services look at their own folder by one of their own (`second-look.ts`). */
export const serviceFs: object = Object.defineProperties(
  {},
  {
    ...Object.getOwnPropertyDescriptors(nodeFs),
    ...Object.getOwnPropertyDescriptors(ARANGO_FUNCTIONS),
  },
);
