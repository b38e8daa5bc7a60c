/** The Foxx store: a zip of descriptions of services (`applications/*.json`), kept in a file of this machine so that it is fetched only when asked for. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { findVersion, isDescription, readDescriptions, type StoreEntry } from '#offers';
import { Failure } from '../failure.ts';
import { readSource } from '../source.ts';

export class Store {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Fetches all entries anew. */
  async update(): Promise<readonly StoreEntry[]> {
    const AdmZip = (await import('adm-zip')).default;
    const described = new AdmZip(await readSource(this.#url))
      .getEntries()
      .filter(({ entryName, isDirectory }) => !isDirectory && isDescription(entryName));
    const entries = readDescriptions(described.map((entry) => entry.getData().toString('utf8')));
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
    const found = entry === undefined ? undefined : findVersion(entry, version);
    return found === undefined ? undefined : `https://github.com/${found.location}/archive/${found.tag ?? 'master'}.zip`;
  }

  #file(): string {
    return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'foxden', 'foxx-store.json');
  }
}
