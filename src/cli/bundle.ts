/** A service's folder as a zip, and back: what is sent to a server and what comes from it. */
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { foxdenVersion } from '#base';
import { Failure } from './failure.ts';
import { readIgnoreFile } from './ignore-file.ts';

/** The files of a folder that belong into its bundle, relative and with `/`, in order. Links are followed, but never into a folder twice. */
export function listBundleFiles(folder: string): readonly string[] {
  const isIgnored = readIgnoreFile(folder);
  const root = realpathSync(folder);
  const followed = new Set([root]);
  const files: string[] = [];
  const walk = (below: string): void => {
    for (const name of readdirSync(join(root, below))) {
      const path = below === '' ? name : `${below}/${name}`;
      const full = join(root, path);
      const found = statSync(full, { throwIfNoEntry: false });
      if (found?.isDirectory() === true) {
        const real = realpathSync(full);
        if (real !== full && followed.has(real)) continue;
        followed.add(real);
        // What a whole folder's pattern leaves out need not be walked: node_modules may be large.
        if (!isIgnored(`${path}/`) || !isIgnored(`${path}/x`)) walk(path);
      } else if (found?.isFile() === true && !isIgnored(path)) {
        files.push(path);
      }
    }
  };
  walk('');
  return files.toSorted();
}

export async function createBundle(folder: string): Promise<Buffer> {
  return zipFiles(new Map(listBundleFiles(folder).map((path) => [path, readFileSync(join(folder, path))])));
}

/** Contents by path. */
export async function zipFiles(files: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  const zip = new (await import('adm-zip')).default();
  for (const [path, content] of files) zip.addFile(path, content);
  zip.addZipComment(`Created with foxden ${foxdenVersion()}`);
  return zip.toBuffer();
}

/** Writes a bundle's files below `folder`; tells each path before it is written. Throws `Failure` for one that leads out of it. */
export async function extractBundle(bundle: Buffer, folder: string, onFile: (path: string, existed: boolean) => void): Promise<void> {
  const AdmZip = (await import('adm-zip')).default;
  const root = resolve(folder);
  for (const entry of new AdmZip(bundle).getEntries()) {
    const target = resolve(root, entry.entryName);
    const path = relative(root, target);
    if (path === '' || path === '..' || path.startsWith(`..${sep}`) || target === path) {
      throw new Failure(`The bundle has a file that does not lie in its folder: "${entry.entryName}".`);
    }
    if (entry.isDirectory) continue;
    onFile(entry.entryName, existsSync(target));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, entry.getData());
  }
}
