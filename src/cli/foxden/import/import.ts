/**
 * Copies what a server holds into another, both over HTTP: databases, collections, documents, indexes, graphs, functions, users and
 * services, in the order in which they need each other. Everything may be done twice: an import that was ended is started again.
 */
import type { Client } from '../../client.ts';
import { ServerError } from '../../failure.ts';
import { findServiceProblem } from '../service-problem.ts';
import { readDocuments, writeDocuments } from './batches.ts';
import type { ProgressFile } from './progress-file.ts';
import { ImportReport } from './report.ts';

export interface ImportOptions {
  readonly source: Client;
  readonly target: Client;
  readonly progress: ProgressFile;
  /** Only these, if there are any. */
  readonly databases: readonly string[];
  readonly hasUsers: boolean;
  readonly hasServices: boolean;
  readonly batchSize: number;
  readonly watcher: ImportWatcher;
}

/** Is told what is going on. */
export interface ImportWatcher {
  step(text: string): void;
  /** A collection of `total` documents begins. */
  begin(label: string, total: number): void;
  advance(documents: number): void;
}

/** System collections that hold what people made; the others belong to the server, or are copied by what they mean. */
const COPIED_SYSTEM_COLLECTIONS: readonly string[] = ['_graphs', '_queues', '_jobs', '_editor_settings'];

interface CollectionFacts {
  readonly name: string;
  readonly type: number;
  readonly isSystem: boolean;
}

type Facts = Readonly<Record<string, unknown>>;

export async function runImport(options: ImportOptions): Promise<ImportReport> {
  const { source, databases, hasUsers } = options;
  const report = new ImportReport();
  const { result } = await source.json<{ readonly result: readonly string[] }>({ path: '/_api/database', database: '_system' });
  const wanted = result.filter((name) => databases.length === 0 || databases.includes(name));
  for (const name of databases) if (!result.includes(name)) report.lost(name, 'there is no such database');
  for (const database of wanted) await new DatabaseImport(options, report, database).run();
  if (hasUsers) await importUsers(options, report);
  return report;
}

class DatabaseImport {
  readonly #options: ImportOptions;
  readonly #report: ImportReport;
  readonly #database: string;

  constructor(options: ImportOptions, report: ImportReport, database: string) {
    this.#options = options;
    this.#report = report;
    this.#database = database;
  }

  async run(): Promise<void> {
    const { source, watcher, hasServices } = this.#options;
    watcher.step(`database ${this.#database}`);
    await this.#createDatabase();
    const { result } = await source.json<{ readonly result: readonly CollectionFacts[] }>({
      path: '/_api/collection',
      database: this.#database,
    });
    const collections = result.filter(({ name, isSystem }) => !isSystem || COPIED_SYSTEM_COLLECTIONS.includes(name));
    for (const facts of collections) await this.#createCollection(facts);
    for (const { name } of collections) await this.#copyDocuments(name);
    for (const { name } of collections) await this.#copyIndexes(name);
    this.#report.counts.graphs += await this.#count('_graphs');
    await this.#copyFunctions();
    await this.#noteViews();
    if (hasServices) await this.#copyServices();
    this.#report.counts.databases++;
  }

  async #createDatabase(): Promise<void> {
    const { target } = this.#options;
    const { result } = await target.json<{ readonly result: readonly string[] }>({ path: '/_api/database', database: '_system' });
    if (!result.includes(this.#database)) {
      await target.send({ method: 'POST', path: '/_api/database', database: '_system', json: { name: this.#database } });
    }
  }

  async #createCollection({ name, type }: CollectionFacts): Promise<void> {
    const { source, target } = this.#options;
    const path = `/_api/collection/${encodeURIComponent(name)}`;
    const properties = await source.json<Facts>({ path: `${path}/properties`, database: this.#database });
    const found = await this.#find<{ readonly type: number }>(path);
    if (found !== undefined) {
      if (found.type !== type) this.#report.different(this.#label(name), `is there already, with type ${found.type} instead of ${type}`);
      return;
    }
    const { keyOptions, waitForSync, schema, computedValues, cacheEnabled, isSystem } = properties;
    const definition = { name, type, isSystem, keyOptions, waitForSync, schema, computedValues, cacheEnabled };
    await target.send({ method: 'POST', path: '/_api/collection', database: this.#database, json: withoutEmpty(definition) });
    const shards = properties['numberOfShards'];
    if (typeof shards === 'number' && shards > 1) this.#report.different(this.#label(name), `had ${shards} shards, and has none here`);
  }

  async #copyDocuments(collection: string): Promise<void> {
    const { progress, watcher, target } = this.#options;
    const total = await this.#count(collection);
    const before = progress.get(this.#database, collection);
    const there = await this.#count(collection, target);
    watcher.begin(this.#label(collection), total);
    if (!before.isDone || there !== total) {
      // What was acknowledged must be there; otherwise somebody took it away, and it is copied again.
      const offset = !before.isDone && there >= before.documents ? before.documents : 0;
      watcher.advance(offset);
      await this.#copyFrom(collection, offset);
      // Documents that went from the source meanwhile moved others into the part that was skipped.
      if (offset > 0 && (await this.#count(collection, target)) < (await this.#count(collection))) await this.#copyFrom(collection, 0);
    } else {
      watcher.advance(total);
    }
    if (!collection.startsWith('_')) this.#report.counts.collections++;
    this.#report.counts.documents += total;
    const [wanted, found] = [await this.#count(collection), await this.#count(collection, target)];
    if (wanted !== found) this.#report.different(this.#label(collection), `has ${found} documents here and ${wanted} there`);
  }

  /** One batch after another, so that documents come here in the order that they have there; the next is read meanwhile. */
  async #copyFrom(collection: string, offset: number): Promise<void> {
    const { source, target, progress, batchSize, watcher } = this.#options;
    const refused = new Map<string, number>();
    let done = offset;
    for await (const { documents, count } of readDocuments(source, this.#database, collection, { offset, batchSize })) {
      const errors = await writeDocuments(target, this.#database, collection, documents);
      for (const [code, times] of errors) refused.set(code, (refused.get(code) ?? 0) + times);
      done += count;
      progress.set(this.#database, collection, { documents: done, isDone: false });
      watcher.advance(count);
    }
    progress.set(this.#database, collection, { documents: done, isDone: true });
    for (const [code, times] of refused) this.#report.lost(this.#label(collection), `${times} documents were refused with error ${code}`);
  }

  async #copyIndexes(collection: string): Promise<void> {
    const { source, target } = this.#options;
    const call = { path: '/_api/index', query: { collection }, database: this.#database } as const;
    const { indexes } = await source.json<{ readonly indexes: readonly Facts[] }>(call);
    const there = new Set((await target.json<{ readonly indexes: readonly Facts[] }>(call)).indexes.map(({ name }) => name));
    for (const index of indexes) {
      const {
        type,
        id: _id,
        isNewlyCreated: _isNew,
        selectivityEstimate: _estimate,
        progress: _progress,
        figures: _figures,
        ...definition
      } = index;
      if (type === 'primary' || type === 'edge') continue;
      const name = typeof index['name'] === 'string' ? index['name'] : '';
      if (!there.has(name)) {
        try {
          await target.send({ method: 'POST', ...call, json: { type, ...definition } });
        } catch (error) {
          if (!(error instanceof ServerError)) throw error;
          this.#report.lost(`${this.#label(collection)} index ${name} (${String(type)})`, error.message);
          continue;
        }
      }
      if (!collection.startsWith('_')) this.#report.counts.indexes++;
    }
  }

  async #copyFunctions(): Promise<void> {
    const { source, target } = this.#options;
    const path = '/_api/aqlfunction';
    const found = await this.#find<{ readonly result: readonly { readonly name: string }[] }>(path, source);
    for (const definition of found?.result ?? []) {
      try {
        await target.send({ method: 'POST', path, database: this.#database, json: definition });
        this.#report.counts.functions++;
      } catch (error) {
        if (!(error instanceof ServerError)) throw error;
        this.#report.lost(`${this.#database} function ${definition.name}`, error.message);
      }
    }
  }

  async #noteViews(): Promise<void> {
    const found = await this.#find<{ readonly result: readonly { readonly name: string }[] }>('/_api/view', this.#options.source);
    for (const { name } of found?.result ?? []) this.#report.lost(`${this.#database} view ${name}`, 'views are not supported');
  }

  async #copyServices(): Promise<void> {
    const { source, watcher } = this.#options;
    const services = await source.json<readonly { readonly mount: string }[]>({
      path: '/_api/foxx',
      query: { excludeSystem: true },
      database: this.#database,
    });
    for (const { mount } of services) {
      watcher.step(`service ${mount} of ${this.#database}`);
      const state = await this.#copyService(mount);
      this.#report.services.push({ database: this.#database, mount, state });
      if (state === 'runs') this.#report.counts.services++;
      else this.#report.lost(`${this.#database} service ${mount}`, state);
    }
  }

  /** Its data is there already, so its setup script does not run. Gives what has become of it. */
  async #copyService(mount: string): Promise<string> {
    const { source, target } = this.#options;
    const at = { query: { mount }, database: this.#database } as const;
    try {
      const { development } = await source.json<{ readonly development: boolean }>({ path: '/_api/foxx/service', ...at });
      const { bytes } = await source.send({ method: 'POST', path: '/_api/foxx/download', ...at });
      const form: Record<string, string | Uint8Array> = { source: bytes };
      for (const part of ['configuration', 'dependencies']) {
        const values = await source.json<unknown>({
          path: `/_api/foxx/${part}`,
          database: this.#database,
          query: { mount, minimal: true },
        });
        form[part] = JSON.stringify(values);
      }
      const query = { mount, development, setup: false, teardown: false, force: true };
      await target.send({ method: 'PUT', path: '/_api/foxx/service', database: this.#database, query, form });
      return (await findServiceProblem(target, this.#database, mount)) ?? 'runs';
    } catch (error) {
      if (error instanceof ServerError) return error.message;
      throw error;
    }
  }

  async #count(collection: string, client: Client = this.#options.source): Promise<number> {
    return (await this.#find<{ readonly count: number }>(`/_api/collection/${encodeURIComponent(collection)}/count`, client))?.count ?? 0;
  }

  async #find<Shape>(path: string, client: Client = this.#options.target): Promise<Shape | undefined> {
    try {
      return await client.json<Shape>({ path, database: this.#database });
    } catch (error) {
      if (error instanceof ServerError && (error.status === 404 || error.status === 501)) return undefined;
      throw error;
    }
  }

  #label(collection: string): string {
    return `${this.#database}/${collection}`;
  }
}

function withoutEmpty(value: Facts): Facts {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined && each !== null));
}

interface Account {
  readonly _key?: string;
  readonly user: string;
  readonly active?: boolean;
  readonly extra?: unknown;
}

/**
 * Accounts come with the hashes of their passwords where the source shows them. root is left as it is here: whoever imports signs in
 * with it.
 */
async function importUsers({ source, target, watcher }: ImportOptions, report: ImportReport): Promise<void> {
  watcher.step('users');
  const accounts = await readAccounts(source);
  for (const account of accounts) {
    if (account.user === 'root') continue;
    if (account._key === undefined) {
      const { user, active, extra } = account;
      await target
        .send({ method: 'POST', path: '/_api/user', database: '_system', json: { user, active, extra } })
        .catch((error: unknown) => {
          if (!(error instanceof ServerError) || error.errorNum !== 1702) throw error;
        });
      report.different(`user ${user}`, 'the source does not show passwords and rights: set them anew');
    } else {
      await writeDocuments(target, '_system', '_users', Buffer.from(JSON.stringify([account])));
    }
    report.counts.users++;
  }
}

async function readAccounts(source: Client): Promise<readonly Account[]> {
  try {
    const json = { query: 'FOR u IN _users SORT u.user RETURN u', batchSize: 100_000 };
    return (await source.json<{ readonly result: readonly Account[] }>({ method: 'POST', path: '/_api/cursor', database: '_system', json }))
      .result;
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    return (await source.json<{ readonly result: readonly Account[] }>({ path: '/_api/user', database: '_system' })).result;
  }
}
