/**
 * A service's files as one zip: reading what strangers sent, and making bundles of our own.
 *
 * Nothing of an archive is written before all of its directory was looked at. Refused: paths that leave the folder, absolute paths,
 * links and devices, encrypted entries, a file and a folder of one name, and archives that would unpack to more than the
 * limits (an entry never inflates beyond the size that its directory entry claims, so the claims can be added up).
 */
import type AdmZip from 'adm-zip';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { ArangoError, lazily, requirePackage } from '#base';

const library = lazily(() => requirePackage('adm-zip') as typeof AdmZip);

function newZip(bundle?: Buffer): AdmZip {
  const Zip = library();
  return new Zip(bundle);
}

/** The most that a bundle may unpack to, in bytes and in files. */
export const BUNDLE_LIMITS = { bytes: 512 * 1024 * 1024, files: 50_000, pathBytes: 1000, depth: 64 };

const FILE_TYPE = 0o170000;
const REGULAR_FILE = 0o100000;
const FOLDER = 0o040000;

/** One date for all files, so that equal trees make equal bundles. */
const FIXED_DATE = new Date(2000, 0, 1);

export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5);
}

/** The checksum that identifies a bundle: adler32 in lower-case hexadecimal without padding, as ArangoDB has it. */
export function checksumOf(bundle: Uint8Array): string {
  const sum = new Adler32();
  sum.add(bundle, bundle.length);
  return sum.text;
}

/** The same of a file, without ever having all of it in memory; undefined when there is none. */
export function checksumOfFile(path: string): string | undefined {
  const file = unlessGone(() => openSync(path, 'r'));
  if (file === undefined) return undefined;
  try {
    const sum = new Adler32();
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let length = readSync(file, chunk); length > 0; length = readSync(file, chunk)) sum.add(chunk, length);
    return sum.text;
  } finally {
    closeSync(file);
  }
}

const CHUNK_BYTES = 65_536;
/** So many bytes can be added before a sum might grow beyond what is exact. */
const ADLER_RUN = 3800;
const ADLER_MODULUS = 65_521;

class Adler32 {
  #low = 1;
  #high = 0;

  add(bytes: Uint8Array, length: number): void {
    let low = this.#low;
    let high = this.#high;
    for (let start = 0; start < length; start += ADLER_RUN) {
      const end = Math.min(start + ADLER_RUN, length);
      for (let i = start; i < end; i++) {
        low += bytes[i] ?? 0;
        high += low;
      }
      low %= ADLER_MODULUS;
      high %= ADLER_MODULUS;
    }
    this.#low = low;
    this.#high = high;
  }

  get text(): string {
    return (this.#high * 65_536 + this.#low).toString(16);
  }
}

/**
 * Unpacks a bundle into a folder that exists and is empty. The root is where the `manifest.json` with the shortest path lies, so
 * archives with a folder around everything, like GitHub's, work; what lies outside the root is left out. Throws 3012 without a
 * manifest and 3015 for an archive that is damaged or refused.
 */
export function unpackBundle(bundle: Uint8Array, folder: string): void {
  for (const file of readFiles(bundle)) writeEntry(file, folder);
}

/** Whether a folder has a file for each one of a bundle. */
export function hasAllFiles(bundle: Uint8Array, folder: string): boolean {
  return readFiles(bundle).every(({ path }) => existsSync(join(folder, path)));
}

/** Puts those files of a bundle back that its folder does not have any more, and leaves the others as they are. */
export function restoreFiles(bundle: Uint8Array, folder: string): void {
  for (const file of readFiles(bundle)) if (!existsSync(join(folder, file.path))) writeEntry(file, folder);
}

function writeEntry({ path, read }: Entry, folder: string): void {
  const target = join(folder, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, read());
}

/** The files of a service, by their paths below its root: archives may have a folder around everything. Throws 3012 and 3015. */
export function readFiles(bundle: Uint8Array): Entry[] {
  const entries = readEntries(bundle);
  const root = findRoot(entries.map(({ path }) => path));
  if (root === undefined)
    throw new ArangoError('ERROR_SERVICE_MANIFEST_NOT_FOUND', {
      message: 'missing manifest file\nSource: the bundle has no manifest.json',
    });
  return entries.filter(({ path }) => path.startsWith(root)).map(({ path, read }) => ({ path: path.slice(root.length), read }));
}

/** A bundle of a folder's files: links and special files are left out. */
export function packFolder(folder: string): Uint8Array {
  return packFiles(readFolder(folder));
}

/** What the files below a folder say, by path. One that goes away meanwhile, as those that editors make for a moment do, is left out. */
export function readFolder(folder: string): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const path of listFiles(folder)) {
    const bytes = findFile(join(folder, path));
    if (bytes !== undefined) files.set(path, bytes);
  }
  return files;
}

/** What a file says; undefined when there is none. */
export function findFile(path: string): Buffer | undefined {
  return unlessGone(() => readFileSync(path));
}

function unlessGone<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function packFiles(files: ReadonlyMap<string, Uint8Array | string>): Uint8Array {
  const zip = newZip();
  for (const path of [...files.keys()].toSorted()) {
    const content = files.get(path) ?? '';
    zip.addFile(
      path,
      typeof content === 'string' ? Buffer.from(content) : Buffer.from(content.buffer, content.byteOffset, content.byteLength),
      '',
      0o644,
    );
    const entry = zip.getEntry(path);
    if (entry !== null) entry.header.time = FIXED_DATE;
  }
  return zip.toBuffer();
}

/** Reads single files of a bundle that was unpacked before, so that is known to be sound. Undefined for a path that is not in it. */
export function openBundle(bundle: Uint8Array): (path: string) => Uint8Array | undefined {
  const byPath = new Map(readFiles(bundle).map(({ path, read }) => [path, read]));
  return (path) => byPath.get(path)?.();
}

/** The same files with another checksum, for the rare case that two different bundles have the same. */
export function varyBundle(bundle: Uint8Array, attempt: number): Uint8Array {
  const zip = newZip(Buffer.from(bundle));
  zip.addZipComment(`foxden ${attempt}`);
  return zip.toBuffer();
}

/** Paths of all regular files below a folder, with slashes, sorted. Folders below it may go away meanwhile. */
export function listFiles(folder: string): string[] {
  const found: string[] = [];
  const walk = (below: string): void => {
    for (const entry of unlessGone(() => readdirSync(join(folder, below), { withFileTypes: true })) ?? []) {
      const path = posix.join(below, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) found.push(path);
    }
  };
  if (statSync(folder).isDirectory()) walk('');
  return found.toSorted();
}

/** A number that changes when any file below a folder does: its path, size or time of change; also of a folder that is not there. */
export function fingerprintOf(folder: string): bigint {
  const hash = createHash('md5');
  for (const path of unlessGone(() => listFiles(folder)) ?? []) {
    const { mtimeMs, ctimeMs, size } = statSync(join(folder, path), { throwIfNoEntry: false }) ?? { mtimeMs: 0, ctimeMs: 0, size: -1 };
    hash.update(`${path}\0${mtimeMs}\0${ctimeMs}\0${size}\0`);
  }
  return BigInt.asIntN(64, hash.digest().readBigUInt64BE());
}

interface Entry {
  readonly path: string;
  readonly read: () => Uint8Array;
}

/** The files of a zip whose directory was checked as a whole. Throws 3015. */
export function readEntries(bundle: Uint8Array): readonly Entry[] {
  const listed = openZip(bundle);
  if (listed.length > BUNDLE_LIMITS.files) refuse(`it has ${listed.length} entries, at most ${BUNDLE_LIMITS.files} are allowed`);
  const files: Entry[] = [];
  const folders = new Set<string>();
  let bytes = 0;
  for (const entry of listed) {
    const path = checkPath(entry.rawEntryName.toString('utf8'));
    const fileType = (entry.attr >>> 16) & FILE_TYPE;
    if (fileType !== 0 && fileType !== REGULAR_FILE && fileType !== FOLDER) refuse(`"${path}" is a link or a special file`);
    for (let above = posix.dirname(path); above !== '.'; above = posix.dirname(above)) folders.add(above);
    if (entry.isDirectory) continue;
    if (entry.header.encrypted) refuse(`"${path}" is encrypted`);
    bytes += entry.header.size;
    if (bytes > BUNDLE_LIMITS.bytes) refuse(`it unpacks to more than ${BUNDLE_LIMITS.bytes} bytes`);
    files.push({ path, read: () => inflate(entry, path) });
  }
  const clash = files.find(({ path }) => folders.has(path));
  if (clash !== undefined) refuse(`"${clash.path}" is a file and a folder`);
  return files;
}

function openZip(bundle: Uint8Array): AdmZip.IZipEntry[] {
  try {
    return newZip(Buffer.from(bundle.buffer, bundle.byteOffset, bundle.byteLength)).getEntries();
  } catch (cause) {
    throw damaged(cause);
  }
}

function inflate(entry: AdmZip.IZipEntry, path: string): Uint8Array {
  try {
    return entry.getData();
  } catch (cause) {
    throw damaged(cause, path);
  }
}

function damaged(cause: unknown, path?: string): ArangoError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const where = path === undefined ? '' : ` in "${path}"`;
  return new ArangoError(
    'ERROR_SERVICE_SOURCE_ERROR',
    { message: `error resolving source\nDetails: the bundle cannot be unpacked${where}: ${reason}` },
    { cause },
  );
}

function refuse(reason: string): never {
  throw new ArangoError('ERROR_SERVICE_SOURCE_ERROR', { message: `error resolving source\nDetails: the bundle is refused: ${reason}` });
}

/**
 * A path that stays below any folder it is joined to; folders lose their trailing slash, and what was packed on Windows gets slashes.
 * Throws 3015 for another.
 */
export function checkPath(raw: string): string {
  const path = raw.replaceAll('\\', '/').replace(/\/+$/, '');
  if (path === '' || path.includes('\0') || path.includes('\uFFFD')) refuse(`"${raw}" is no usable path`);
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) refuse(`"${raw}" is an absolute path`);
  const segments = path.split('/');
  if (segments.some((segment) => segment === '..' || segment === '.' || segment === '')) refuse(`"${raw}" may leave its folder`);
  if (
    Buffer.byteLength(path) > BUNDLE_LIMITS.pathBytes ||
    segments.length > BUNDLE_LIMITS.depth ||
    segments.some((segment) => Buffer.byteLength(segment) > 255)
  ) {
    refuse(`"${raw.slice(0, 80)}…" is too long a path`);
  }
  return path;
}

/** The folder (with its slash; empty for the top) of the shortest path to a manifest. */
function findRoot(paths: readonly string[]): string | undefined {
  const manifests = paths.filter((path) => posix.basename(path) === 'manifest.json');
  const shortest = manifests.toSorted((left, right) => left.length - right.length || (left < right ? -1 : 1))[0];
  return shortest?.slice(0, -'manifest.json'.length);
}
