/**
 * The versions of a service at its mount: the one that is served and the last ones before it, each with all that is needed to go back to it.
 *
 * They are kept in the definition of the mount itself, so that whatever changes what is served says in the same write what was served
 * before. Numbers of versions are never used twice at a mount: going back makes a new version of an old bundle. So going back once more
 * goes forward again.
 */
import { ArangoError, clock } from '#base';
import type { Database } from '#database';
import type { Manifest } from '#modules';
import {
  changeStore,
  findDefinition,
  FIRST_VERSION,
  writeBundle,
  writeDefinition,
  type Definition,
  type FormerVersion,
  type Operation,
  type ServiceOptions,
  type StoredDefinition,
  type Version,
} from './store.ts';

/** How a version comes about. */
export interface Change {
  readonly operation: Operation;
  readonly by?: string | undefined;
  /** The former version that is gone back to. */
  readonly restores?: FormerVersion | undefined;
  /** How many former versions are kept. */
  readonly kept: number;
}

export interface NewVersion {
  readonly checksum: string;
  readonly options: ServiceOptions;
  /** Undefined when it cannot be read. */
  readonly manifest: Manifest | undefined;
}

/** The definition that takes the place of `old`, with `old` among its former versions. */
export function nextDefinition(
  mount: string,
  old: Definition | undefined,
  { checksum, options, manifest }: NewVersion,
  { operation, by, restores, kept }: Change,
): StoredDefinition {
  // Nothing was edited while it was in development mode.
  if (operation === 'production' && old?.checksum === checksum) return { ...old, options };
  const version: Version = {
    id: old === undefined ? FIRST_VERSION.id : old.version.id + 1,
    operation,
    at: new Date(clock.now()).toISOString(),
    ...(by === undefined ? {} : { by }),
    ...(manifest?.name === undefined ? {} : { name: manifest.name }),
    ...(manifest?.version === undefined ? {} : { version: manifest.version }),
    ...(restores === undefined ? {} : { restores: restores.id }),
  };
  const others = (old?.former ?? []).filter(({ id }) => id !== restores?.id);
  // What was installed before bundles had checksums cannot be found again.
  const last = old?.checksum === undefined ? [] : [{ ...old.version, checksum: old.checksum, options: modeToKeep(old, operation) }];
  return { mount, checksum, options, version, former: [...last, ...others].slice(0, kept) };
}

/**
 * Stores a version: its bundle unless it is there, and the definition that names it, unless `check` throws in the same transaction. Returns
 * the bundle as stored, with its checksum.
 */
export function writeVersion(
  database: Database,
  mount: string,
  { bundle, ...version }: Omit<NewVersion, 'checksum'> & { readonly bundle: Uint8Array },
  change: Change,
  check: () => void = () => undefined,
): { readonly bundle: Uint8Array; readonly checksum: string } {
  return changeStore(database, () => {
    check();
    const stored = writeBundle(database, bundle);
    writeDefinition(database, nextDefinition(mount, findDefinition(database, mount), { ...version, checksum: stored.checksum }, change));
    return stored;
  });
}

/** Who switches development mode off and then goes back does not want to be in it again. */
function modeToKeep({ options }: Definition, operation: Operation): ServiceOptions {
  return operation === 'production' ? { ...options, development: false } : options;
}

/**
 * The former version that is meant: without a name the last one, else the one of that number, or the last one whose manifest has that version.
 * Throws 3014.
 */
export function getFormer({ mount, version, former }: Definition, wanted?: string): FormerVersion {
  const found =
    wanted === undefined ? former[0] : (former.find(({ id }) => String(id) === wanted) ?? former.find((each) => each.version === wanted));
  if (found !== undefined) return found;
  const kept = former.map((each) => describeVersion(each)).join(', ');
  throw new ArangoError('ERROR_SERVICE_SOURCE_NOT_FOUND', {
    message: [
      'no such version of the service is kept',
      `Mount: ${mount}`,
      `Wanted: ${wanted ?? 'the version before this one'}`,
      `Current: ${describeVersion(version)}`,
      `Kept: ${kept === '' ? 'none' : kept}`,
    ].join('\n'),
  });
}

/** `3 (1.2.0)` */
export function describeVersion({ id, version }: Version): string {
  return version === undefined ? String(id) : `${id} (${version})`;
}
