/**
 * Self-heal: makes this disk agree with the database, which is always right.
 *
 * `planHeal` decides and touches nothing; `healDatabase` carries the steps out. So every case is a plain test.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { log } from '#base';
import type { Database } from '#database';
import { checksumOf, checksumOfFile, hasAllFiles, packFolder, restoreFiles, unpackBundle } from './bundle.ts';
import type { ServiceFolders } from './folders.ts';
import { isSystemMount } from './mount.ts';
import { describeManifest } from './prepare.ts';
import {
  findBundle,
  findDefinition,
  hasBundle,
  indexBundles,
  readDefinitions,
  removeUnusedBundles,
  writeBundle,
  type Definition,
  type ServiceOptions,
} from './store.ts';
import { writeVersion } from './versions.ts';

/** A service as the database has it. */
export interface StoredService {
  readonly mount: string;
  readonly checksum: string | undefined;
  /** Its bundle is in the database. */
  readonly hasBundle: boolean;
  /** Its folder is being worked on, and is never overwritten. */
  readonly isDevelopment: boolean;
}

/** What of a service lies on this disk. */
export interface LocalService {
  /** Of the bundle's file; undefined: there is none. */
  readonly checksum: string | undefined;
  readonly hasFolder: boolean;
  /** No file of the bundle is missing in its folder, as far as that matters. */
  readonly isWhole: boolean;
}

export type HealStep =
  /** The bundle in the database is right: write its file and its folder. */
  | { readonly do: 'download'; readonly mount: string; readonly checksum: string }
  /** The same without the folder. */
  | { readonly do: 'download bundle'; readonly mount: string; readonly checksum: string }
  /** The bundle's file is right: write the folder. */
  | { readonly do: 'unpack'; readonly mount: string }
  /** The bundle's file is right: put those of its files back that the folder has lost. */
  | { readonly do: 'restore'; readonly mount: string }
  /** The folder is all there is: make the bundle's file of it. */
  | { readonly do: 'pack'; readonly mount: string }
  /** The bundle's file is right and missing in the database. */
  | { readonly do: 'upload'; readonly mount: string };

export function planHeal(stored: StoredService, local: LocalService): readonly HealStep[] {
  const { mount, checksum } = stored;
  const isCurrent = local.checksum !== undefined && (checksum === undefined || checksum === local.checksum);
  if (!isCurrent && checksum !== undefined && stored.hasBundle) {
    return [{ do: stored.isDevelopment && local.hasFolder ? 'download bundle' : 'download', mount, checksum }];
  }
  const steps: HealStep[] = [];
  if (local.checksum === undefined && local.hasFolder) steps.push({ do: 'pack', mount });
  if (local.checksum !== undefined && !local.hasFolder) steps.push({ do: 'unpack', mount });
  if (isCurrent && local.hasFolder && !local.isWhole) steps.push({ do: 'restore', mount });
  if (isCurrent && checksum !== undefined && !stored.hasBundle) steps.push({ do: 'upload', mount });
  return steps;
}

/** Heals one service as far as it can be; tells how its files stand afterwards. */
export function healService(database: Database, folders: ServiceFolders, definition: Definition): FilesStand {
  const { mount, checksum, options } = definition;
  const stored = {
    mount,
    checksum,
    hasBundle: checksum !== undefined && hasBundle(database, checksum),
    isDevelopment: options.development,
  };
  const before = findLocal(folders, database.name, definition);
  const steps = planHeal(stored, before);
  for (const step of steps) carryOut(step, database, folders);
  const local = steps.length === 0 ? before : findLocal(folders, database.name, definition);
  if (local.checksum === undefined || !local.hasFolder) return 'missing';
  return checksum === undefined || checksum === local.checksum ? 'current' : 'outdated';
}

export interface HealOptions {
  /** Runs a service's healing while nobody else changes its files. */
  readonly locked: (mount: string, action: () => void) => void;
  /** Checksums of bundles that stay in the database, whatever the definitions say. */
  readonly needed: () => Iterable<string>;
  /** Told how the files of each service stand. */
  readonly healed: (definition: Definition, stand: FilesStand) => void;
}

/** How the files of a service stand on this disk: those of its definition, none, or others, and the right ones cannot be had. */
export type FilesStand = 'current' | 'missing' | 'outdated';

/**
 * Heals all services of a database, then removes folders and bundles of mounts that are not in it. An error is logged and stops
 * nothing.
 */
export function healDatabase(database: Database, folders: ServiceFolders, { locked, needed, healed }: HealOptions): void {
  indexBundles(database);
  // Files follow their definition, so what is here now and has none afterwards belongs to no service.
  const [mounts, bundleFiles] = [folders.mounts(database.name), folders.bundleFiles(database.name)];
  const definitions = readDefinitions(database).filter(({ mount }) => !isSystemMount(mount));
  const attempt = (mount: string, action: () => void): void => {
    try {
      locked(mount, action);
    } catch (error) {
      log.error('general', `Could not heal the service at "${mount}" in database "${database.name}".`, error);
    }
  };
  const known = new Set(definitions.map(({ mount }) => mount));
  // In the meantime it may be another one, and the disk never goes back.
  for (const mount of known) {
    attempt(mount, () => {
      const current = findDefinition(database, mount);
      if (current !== undefined) healed(current, healService(database, folders, current));
    });
  }
  // Or have been installed.
  for (const mount of mounts) {
    if (known.has(mount)) continue;
    attempt(mount, () => {
      if (isSystemMount(mount) || findDefinition(database, mount) === undefined) folders.removeLive(database.name, mount);
    });
  }
  const bundles = new Set(readDefinitions(database).map(({ mount }) => folders.bundle(database.name, mount)));
  for (const file of bundleFiles) if (!bundles.has(file)) rmSync(file, { force: true });
  removeUnusedBundles(database, needed);
}

/** Enters what lies at a mount on this disk into the database. */
export function commitLocal(
  database: Database,
  folders: ServiceFolders,
  mount: string,
  { replace, keptVersions }: { readonly replace: boolean; readonly keptVersions: number },
): void {
  const known = findDefinition(database, mount);
  const path = folders.bundle(database.name, mount);
  const bundle = existsSync(path) ? readFileSync(path) : packFolder(folders.live(database.name, mount));
  const isSame = known?.checksum === checksumOf(bundle);
  if (known?.checksum !== undefined && !isSame && !replace) return;
  if (known !== undefined && isSame) {
    if (!hasBundle(database, checksumOf(bundle))) writeBundle(database, bundle);
    return;
  }
  const manifest = describeManifest(folders.live(database.name, mount), mount);
  const version = { bundle, options: known?.options ?? FRESH, manifest };
  const { bundle: stored } = writeVersion(database, mount, version, { operation: 'commit', kept: keptVersions });
  folders.replaceBundle(database.name, mount, stored);
}

const FRESH: ServiceOptions = { development: false, configuration: {}, dependencies: {} };

function findLocal(folders: ServiceFolders, database: string, { mount, checksum, options }: Definition): LocalService {
  const [live, bundle] = [folders.live(database, mount), folders.bundle(database, mount)];
  const found = checksumOfFile(bundle);
  const hasFolder = existsSync(live);
  // A file that is missing in a folder that is being worked on was removed on purpose; and only the right bundle can say what is missing.
  const isLookedAt = hasFolder && !options.development && found !== undefined && found === checksum;
  return { checksum: found, hasFolder, isWhole: !isLookedAt || hasAllFiles(readFileSync(bundle), live) };
}

function carryOut(step: HealStep, database: Database, folders: ServiceFolders): void {
  const { mount } = step;
  switch (step.do) {
    case 'download':
    case 'download bundle': {
      if (step.do === 'download' && folders.placeReady(database.name, mount, step.checksum)) return;
      const bundle = findBundle(database, step.checksum);
      if (bundle === undefined) return;
      if (checksumOf(bundle) !== step.checksum) {
        log.error('general', `The bundle ${step.checksum} of the service at "${mount}" is damaged in the database and was not used.`);
        return;
      }
      if (step.do === 'download') placeFiles(folders, database.name, mount, bundle);
      else folders.replaceBundle(database.name, mount, bundle);
      return;
    }
    case 'unpack':
      placeLive(folders, database.name, mount, readFileSync(folders.bundle(database.name, mount)));
      return;
    case 'restore':
      restoreFiles(readFileSync(folders.bundle(database.name, mount)), folders.live(database.name, mount));
      return;
    case 'pack':
      folders.replaceBundle(database.name, mount, packFolder(folders.live(database.name, mount)));
      return;
    case 'upload':
      writeBundle(database, readFileSync(folders.bundle(database.name, mount)));
      return;
  }
}

/** Writes a service's folder and bundle: the folder first, so that the bundle's checksum vouches for both. */
export function placeFiles(folders: ServiceFolders, database: string, mount: string, bundle: Uint8Array): void {
  if (folders.placeReady(database, mount, checksumOf(bundle))) return;
  placeLive(folders, database, mount, bundle);
  folders.replaceBundle(database, mount, bundle);
}

function placeLive(folders: ServiceFolders, database: string, mount: string, bundle: Uint8Array): void {
  const staging = folders.stage();
  try {
    const staged = join(staging, 'APP');
    mkdirSync(staged);
    unpackBundle(bundle, staged);
    folders.replaceLive(database, mount, staged);
  } finally {
    folders.unstage(staging);
  }
}
