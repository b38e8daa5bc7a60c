/**
 * What a store of services says: a file `applications/<name>.json` for each service, with its versions and where each is. The layout is that of
 * ArangoDB's `foxx-apps` repository; `path` and `url` besides `github` are foxden's own.
 */
import type Semver from 'semver';
import { ARANGODB_VERSION, lazily, requirePackage } from '#base';

const semver = lazily(() => requirePackage('semver') as typeof Semver);

export interface StoreEntry {
  readonly name: string;
  readonly description?: string;
  readonly author?: string;
  readonly license?: string;
  readonly keywords?: readonly string[];
  readonly versions: Readonly<Record<string, StoreVersion>>;
}

export interface StoreVersion {
  /** `github` when left out. `path`: in the store itself. `url`: anywhere. */
  readonly type?: string;
  /** `user/repository`, a path below the store's folder, or an address. */
  readonly location: string;
  /** Of a repository. */
  readonly tag?: string;
  readonly engines?: Readonly<Record<string, string>>;
}

export function isDescription(path: string): boolean {
  return /(^|\/)applications\/[^/]+\.json$/.test(path);
}

/** What cannot be a description is left out. Sorted by name. */
export function readDescriptions(texts: Iterable<string>): readonly StoreEntry[] {
  return Array.from(texts, parse)
    .filter(isEntry)
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // one broken description is no reason to offer none
  }
}

function isEntry(value: unknown): value is StoreEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { name, versions } = value as { readonly name?: unknown; readonly versions?: unknown };
  if (typeof name !== 'string' || typeof versions !== 'object' || versions === null) return false;
  return Object.values(versions).every((version) => typeof (version as { location?: unknown } | null)?.location === 'string');
}

/** The newest version whose `engines` this server satisfies; else the newest of all. */
export function newestVersion({ versions }: StoreEntry): string | undefined {
  const { maxSatisfying, rcompare, satisfies, valid } = semver();
  const known = Object.entries(versions).filter(([version]) => valid(version) !== null);
  const fitting = known.filter(([, { engines }]) => {
    const range = engines?.['arangodb'];
    return range === undefined || satisfies(ARANGODB_VERSION, range);
  });
  const names = fitting.map(([version]) => version);
  return maxSatisfying(names, '*') ?? known.map(([version]) => version).toSorted(rcompare)[0];
}

/** The version asked for, or the newest. */
export function findVersion(entry: StoreEntry, version = newestVersion(entry)): StoreVersion | undefined {
  return version !== undefined && Object.hasOwn(entry.versions, version) ? entry.versions[version] : undefined;
}
