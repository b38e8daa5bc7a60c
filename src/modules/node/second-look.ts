/**
 * Files of a service whose folder may give its place to that of another version at any moment. Between the two renames there is no folder: who finds
 * nothing looks again, while no folder can be replaced. What is there costs no lock.
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isWithin, type WhileInPlace } from '../loader/resolve.ts';
import { pathOf } from './restricted.ts';

type Look = (...values: readonly unknown[]) => unknown;

/** Functions of Node and of ArangoDB that look at once at the path they are given first, and what they say of one that is not there; they throw otherwise. */
const LOOKS: Readonly<Record<string, { readonly ofNothing?: unknown; readonly isListing?: boolean }>> = {
  accessSync: {},
  adler32: {},
  copyFile: {},
  copyFileSync: {},
  copyRecursive: { isListing: true },
  cpSync: { isListing: true },
  exists: { ofNothing: false },
  existsSync: { ofNothing: false },
  isDirectory: { ofNothing: false },
  isFile: { ofNothing: false },
  list: { isListing: true },
  listTree: { isListing: true },
  lstatSync: { ofNothing: undefined },
  mtime: {},
  openSync: {},
  read: {},
  read64: {},
  readBuffer: {},
  readFileSync: {},
  readdirSync: { isListing: true },
  realpathSync: {},
  size: {},
  statSync: { ofNothing: undefined },
};

/** Whether there is no such file, or what is there is none. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR' || error.code === 'ENOTDIR');
}

/** Looks, and looks again where that found nothing. Throws what the second look threw, and what has another reason than a missing file. */
export function lookTwice<Result>(look: () => Result, isNothing: (found: Result) => boolean, whileInPlace: WhileInPlace): Result {
  try {
    const found = look();
    if (!isNothing(found)) return found;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return whileInPlace(look);
}

/**
 * A file system that looks twice below `folder`. Functions that answer later look once, for nothing can be held until then. A listing that other
 * files came in the way of is one of neither version, and is made again as well.
 */
export function withSecondLook(fs: object, folder: string, whileInPlace: WhileInPlace): object {
  const own = Object.defineProperties({}, Object.getOwnPropertyDescriptors(fs)) as Record<string, unknown>;
  const isOwn = (path: string | undefined): boolean => path !== undefined && isWithin(folder, `${resolve(path)}/`);
  for (const [name, kind] of Object.entries(LOOKS)) {
    const function_ = own[name];
    if (typeof function_ !== 'function') continue;
    own[name] = new Proxy(function_ as Look, {
      apply: (target, self, values: readonly unknown[]) => {
        const look = (): unknown => Reflect.apply<unknown, readonly unknown[], unknown>(target, self, values);
        if (!isOwn(pathOf(values[0]))) return look();
        const before = kind.isListing === true ? inodeOf(folder) : undefined;
        const isNothing = (found: unknown): boolean =>
          kind.isListing === true ? inodeOf(folder) !== before : 'ofNothing' in kind && found === kind.ofNothing;
        return lookTwice(look, isNothing, whileInPlace);
      },
    });
  }
  return own;
}

/** Tells folders apart that have one place one after the other; undefined: there is none. */
function inodeOf(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.ino;
}
