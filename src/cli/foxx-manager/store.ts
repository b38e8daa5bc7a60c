/** The Foxx store: a zip of descriptions of services (`applications/*.json`), kept in a file of this machine so that it is fetched only when asked for. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { maxSatisfying, rcompare, satisfies, valid } from 'semver';
import { ARANGODB_VERSION } from '#base';
import { Failure } from '../failure.ts';
import { readSource } from '../source.ts';

export interface StoreEntry {
  readonly name: string;
  readonly description?: string;
  readonly author?: string;
  readonly keywords?: readonly string[];
  readonly versions: Readonly<Record<string, StoreVersion>>;
}

interface StoreVersion {
  readonly type: string;
  /** `user/repository` */
  readonly location: string;
  readonly tag: string;
  readonly engines?: Readonly<Record<string, string>>;
}

export class Store {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Fetches all entries anew. */
  async update(): Promise<readonly StoreEntry[]> {
    const AdmZip = (await import('adm-zip')).default;
    const entries = new AdmZip(await readSource(this.#url))
      .getEntries()
      .filter(({ entryName, isDirectory }) => !isDirectory && /(^|\/)applications\/[^/]+\.json$/.test(entryName))
      .map((entry) => JSON.parse(entry.getData().toString('utf8')) as StoreEntry)
      .filter(({ name, versions }) => typeof name === 'string' && typeof versions === 'object')
      .toSorted((left, right) => (left.name < right.name ? -1 : 1));
    const file = this.#file();
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ url: this.#url, entries }));
    return entries;
  }

  async entries(): Promise<readonly StoreEntry[]> {
    const file = this.#file();
    if (existsSync(file)) {
      const { url, entries } = JSON.parse(readFileSync(file, 'utf8')) as { readonly url: string; readonly entries: readonly StoreEntry[] };
      if (url === this.#url) return entries;
    }
    return this.update();
  }

  /** Throws `Failure`. */
  async get(name: string): Promise<StoreEntry> {
    const found = (await this.entries()).find((entry) => entry.name === name);
    if (found === undefined) throw new Failure(`Unknown service '${name}', use 'search'`);
    return found;
  }

  /** Where the bundle of a version is, of the newest that runs here if none is named. */
  async locate(name: string, version: string | undefined): Promise<string | undefined> {
    const entry = (await this.entries()).find((each) => each.name === name);
    const wanted = version ?? (entry === undefined ? undefined : newestVersion(entry));
    const found = wanted === undefined ? undefined : entry?.versions[wanted];
    return found === undefined ? undefined : `https://github.com/${found.location}/archive/${found.tag}.zip`;
  }

  #file(): string {
    return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'foxden', 'foxx-store.json');
  }
}

/** The newest version whose `engines` this server satisfies. */
export function newestVersion({ versions }: StoreEntry): string | undefined {
  const fitting = Object.entries(versions).filter(([version, { engines }]) => {
    const range = engines?.['arangodb'];
    return valid(version) !== null && (range === undefined || satisfies(ARANGODB_VERSION, range));
  });
  return (
    maxSatisfying(
      fitting.map(([version]) => version),
      '*',
    ) ??
    Object.keys(versions)
      .filter((version) => valid(version) !== null)
      .toSorted(rcompare)[0]
  );
}
