/**
 * The store of services that an administrator has chosen (`--foxx.store-location`): a folder, or a zip at an address, with descriptions of services.
 * Without one there is none, for no request leaves the server by itself.
 */
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ArangoError, clock } from '#base';
import { findVersion, isDescription, newestVersion, readDescriptions, type StoreEntry, type StoreVersion } from '#offers';
import { checkPath, listFiles, packFolder, readEntries } from './bundle.ts';
import { bundleOfBytes, bundleOfSource } from './source.ts';

/** How long what came from an address is taken for what is there. */
const FRESH_MS = 600_000;

/** Files of the store by their paths below its root. */
interface Contents {
  readonly entries: readonly StoreEntry[];
  /** Undefined for a path that is not in the store. */
  readonly read: (path: string) => Uint8Array | undefined;
}

export interface StoreService extends Pick<StoreEntry, 'name' | 'description' | 'author' | 'license' | 'keywords'> {
  readonly newest: string | undefined;
  readonly versions: readonly string[];
}

export class FoxxStore {
  readonly #location: string;
  #fetched: { readonly contents: Contents; readonly atMs: number } | undefined;

  constructor(location: string) {
    this.#location = location;
  }

  /** Throws 3015 when the store cannot be read. `isFresh`: what was fetched before does not count. */
  async list({ isFresh = false } = {}): Promise<readonly StoreService[]> {
    const { entries } = await this.#contents(isFresh);
    return entries.map(({ versions, ...entry }) => ({
      ...pick(entry),
      newest: newestVersion({ ...entry, versions }),
      versions: Object.keys(versions),
    }));
  }

  /** The newest version, if none is named. Throws 3014 for what is not in the store, and 3015. */
  async bundle(name: string, version?: string): Promise<Uint8Array> {
    const contents = await this.#contents(false);
    const entry = contents.entries.find((one) => one.name === name);
    const found = entry === undefined ? undefined : findVersion(entry, version);
    if (found === undefined) throw notFound(`${name}${version === undefined ? '' : `:${version}`}`);
    return this.#bundleOf(found, contents);
  }

  async #bundleOf({ type = 'github', location, tag }: StoreVersion, contents: Contents): Promise<Uint8Array> {
    switch (type) {
      case 'github':
        return bundleOfSource(`https://github.com/${location}/archive/${encodeURIComponent(tag ?? 'master')}.zip`, { allowsRemote: false });
      case 'url':
        // Whoever chose the store has chosen where it leads.
        if (/^https?:/i.test(location)) return bundleOfSource(location, { allowsRemote: true });
        break;
      case 'path': {
        const bytes = contents.read(checkPath(location));
        if (bytes !== undefined) return bundleOfBytes(bytes);
        break;
      }
    }
    throw notFound(location);
  }

  async #contents(isFresh: boolean): Promise<Contents> {
    if (!/^https?:/i.test(this.#location)) return folderContents(resolve(this.#location));
    if (isFresh || this.#fetched === undefined || clock.monotonic() - this.#fetched.atMs > FRESH_MS) {
      const bytes = await bundleOfSource(this.#location, { allowsRemote: true });
      this.#fetched = { contents: zipContents(bytes), atMs: clock.monotonic() };
    }
    return this.#fetched.contents;
  }
}

function folderContents(folder: string): Contents {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw notFound(folder);
  const described = join(folder, 'applications');
  const paths = statSync(described, { throwIfNoEntry: false })?.isDirectory() === true ? listFiles(described) : [];
  const texts = paths.filter((path) => isDescription(`applications/${path}`)).map((path) => readFileSync(join(described, path), 'utf8'));
  return {
    entries: readDescriptions(texts),
    read: (path) => {
      const found = statSync(join(folder, path), { throwIfNoEntry: false });
      if (found === undefined) return undefined;
      return found.isDirectory() ? packFolder(join(folder, path)) : readFileSync(join(folder, path));
    },
  };
}

function zipContents(bytes: Uint8Array): Contents {
  const files = readEntries(bytes);
  const described = files.filter(({ path }) => isDescription(path));
  const root = /^(.*?)applications\//.exec(described[0]?.path ?? '')?.[1] ?? '';
  return {
    entries: readDescriptions(described.map(({ read }) => Buffer.from(read()).toString('utf8'))),
    read: (path) => files.find((file) => file.path === root + path)?.read(),
  };
}

function pick({ name, description, author, license, keywords }: Omit<StoreEntry, 'versions'>): Omit<StoreService, 'newest' | 'versions'> {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(author === undefined ? {} : { author }),
    ...(license === undefined ? {} : { license }),
    ...(keywords === undefined ? {} : { keywords }),
  };
}

function notFound(what: string): ArangoError {
  return new ArangoError('ERROR_SERVICE_SOURCE_NOT_FOUND', { message: `source path not found\nLocation: ${what}` });
}
