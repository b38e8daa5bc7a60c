/**
 * The first step of every operation: a bundle is unpacked into a folder of its own, its manifest checked, and the files that the
 * manifest names are parsed. Nothing has changed yet; whatever is wrong with a bundle is found here.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkModule, type Manifest } from '#modules';
import { packFolder, unpackBundle } from './bundle.ts';
import type { ServiceFolders } from './folders.ts';
import { isLegacy, readManifest, readRawManifest } from './manifest.ts';
import { Pending } from './pending.ts';

export interface PreparedService {
  readonly bundle: Uint8Array;
  readonly manifest: Manifest;
  readonly isLegacy: boolean;
  /** Where the files lie until the operation is over. */
  readonly folder: string;
}

export interface PrepareOptions {
  /** Makes it a service of ArangoDB 2.8, whatever its manifest says. */
  readonly legacy: boolean;
}

/** Runs `action` with the prepared service; its folder is gone afterwards, however that ends. */
export function withPrepared<Result>(
  folders: ServiceFolders,
  mount: string,
  bundle: Uint8Array,
  { legacy }: PrepareOptions,
  action: (prepared: PreparedService) => Result,
): Result {
  const staging = folders.stage();
  const remove = (): void => folders.unstage(staging);
  let result;
  try {
    const folder = join(staging, 'APP');
    mkdirSync(folder);
    unpackBundle(bundle, folder);
    const final = legacy ? makeLegacy(folder) : bundle;
    const manifest = readManifest(folder, mount, { isNoisy: true });
    checkFiles(folder, manifest);
    result = action({ bundle: final, manifest, isLegacy: isLegacy(manifest), folder });
  } catch (error) {
    // What runs on may yet load a file.
    if (error instanceof Pending) void error.until.catch(() => undefined).finally(remove);
    else remove();
    throw error;
  }
  remove();
  return result;
}

/** Parses `main`, the scripts, and a legacy service's controllers and exports. Throws 3100 and 3101. Tests are not parsed. */
export function checkFiles(folder: string, manifest: Manifest): void {
  const root = isLegacy(manifest) ? join(folder, manifest.lib ?? '.') : folder;
  const named = (field: string): string[] => {
    const value = manifest[field] as string | Readonly<Record<string, string>> | undefined;
    return typeof value === 'string' ? [value] : Object.values(value ?? {});
  };
  const paths = [...(manifest.main === undefined ? [] : [manifest.main]), ...Object.values(manifest.scripts)];
  if (isLegacy(manifest)) paths.push(...named('controllers'), ...named('exports'));
  for (const path of paths) checkModule(join(root, path));
}

function makeLegacy(folder: string): Uint8Array {
  const raw = readRawManifest(folder) as Record<string, unknown>;
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ ...raw, engines: { arangodb: '^2.8.0' } }, null, 2));
  return packFolder(folder);
}

/** The manifest as it is in a folder, checked if it can be: for answers about services that are broken. */
export function describeManifest(folder: string, mount: string): Manifest | undefined {
  try {
    return readManifest(folder, mount, { isNoisy: false });
  } catch {
    return undefined; // whoever asks already knows that the service is broken, and why
  }
}

/** `README.md`, or else `README`. */
export function findReadme(folder: string): string | undefined {
  for (const name of ['README.md', 'README']) {
    try {
      return readFileSync(join(folder, name), 'utf8');
    } catch {
      continue; // the other name, or none
    }
  }
  return undefined;
}
