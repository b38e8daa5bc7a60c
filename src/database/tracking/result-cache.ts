/**
 * Results of queries that may be served again, for all threads of the process. A result counts as long as nothing was committed to the
 * collections that it was read from.
 *
 * Each collection has a counter that grows after each commit that touched it. Counters are read before the snapshot of a query is taken, so what is committed while it runs makes its result too old, at worst without need.
 */
import { createHash } from 'node:crypto';
import { ArangoError, clock } from '#base';
import type { Value, ValueObject } from '#values';
import { CommitCounters } from './commit-counters.ts';
import { RESULTS_SIZE, SETTINGS_BYTES, type QueryMemory } from './query-memory.ts';
import { SharedEntries } from './shared-entries.ts';

/** As `/_api/query-cache/properties` shows them. */
export interface CacheProperties {
  readonly mode: CacheMode;
  readonly maxResults: number;
  readonly maxResultsSize: number;
  readonly maxEntrySize: number;
  readonly includeSystem: boolean;
}

const MODES = ['off', 'on', 'demand'] as const;
export type CacheMode = (typeof MODES)[number];

const DEFAULTS: CacheProperties = {
  mode: 'off',
  maxResults: 128,
  maxResultsSize: 268_435_456,
  maxEntrySize: 16_777_216,
  includeSystem: false,
};

/** Where the settings begin, after those of tracking. */
const SETTINGS_OFFSET = SETTINGS_BYTES / 2;

/** What a result depends on. */
export interface ResultKey {
  readonly database: string;
  readonly query: string;
  readonly bindVars: ValueObject;
  /** The options that change results, as a text. */
  readonly options: string;
  readonly dataSources: readonly { readonly name: string; readonly id: number }[];
}

/** The moment from which on a result counts. */
export interface ResultWindow {
  accepts(dataSources: ResultKey['dataSources']): boolean;
  /** How often the collections had been written to. */
  versionsOf(dataSources: ResultKey['dataSources']): readonly number[];
}

export interface CachedResult {
  readonly results: readonly string[];
  readonly extra: ValueObject;
}

export interface ResultCacheOptions {
  readonly isOff?: boolean;
  /** The properties until somebody changes them. */
  readonly defaults?: Partial<CacheProperties> | undefined;
}

export class ResultCache {
  readonly #entries: SharedEntries;
  readonly #settings: Float64Array;
  readonly #commits: CommitCounters;

  readonly #isOff: boolean;
  readonly #defaults: CacheProperties;

  /** `isOff` for good: there are writers whose commits are not counted here. It can be asked and set all the same, as in ArangoDB's clusters. */
  constructor(memory: QueryMemory, { isOff = false, defaults = {} }: ResultCacheOptions = {}) {
    this.#isOff = isOff;
    this.#defaults = { ...DEFAULTS, ...defaults };
    this.#entries = new SharedEntries(memory.results, RESULTS_SIZE.entries);
    this.#settings = new Float64Array(memory.settings, SETTINGS_OFFSET, 6);
    this.#commits = new CommitCounters(memory.commits);
  }

  get properties(): CacheProperties {
    const [isSet, mode = 0, maxResults = 0, maxResultsSize = 0, maxEntrySize = 0, includeSystem] = this.#settings;
    if (isSet !== 1) return this.#defaults;
    return { mode: MODES[mode] ?? 'off', maxResults, maxResultsSize, maxEntrySize, includeSystem: includeSystem === 1 };
  }

  /** Throws 10 for an unknown mode. */
  change(changes: Partial<CacheProperties>): CacheProperties {
    const { mode, maxResults, maxResultsSize, maxEntrySize, includeSystem } = { ...this.properties, ...changes };
    if (!MODES.includes(mode)) throw new ArangoError('ERROR_BAD_PARAMETER', { message: 'Could not parse mode string' });
    this.#settings.set([1, MODES.indexOf(mode), maxResults, maxResultsSize, maxEntrySize, Number(includeSystem)]);
    if (mode === 'off') this.clear();
    return this.properties;
  }

  /**
   * To be called before the snapshot of a query is taken. Undefined: its result is neither looked for nor kept. `isWanted` is what the
   * query itself says, if anything.
   */
  open(isWanted: boolean | undefined): ResultWindow | undefined {
    const { mode, includeSystem } = this.properties;
    if (this.#isOff || mode === 'off' || isWanted === false || (mode === 'demand' && isWanted !== true)) return undefined;
    const counterOf = this.#commits.copy();
    return {
      accepts: (dataSources) => includeSystem || dataSources.every(({ name }) => !name.startsWith('_')),
      versionsOf: (dataSources) => dataSources.map(({ id }) => counterOf(id)),
    };
  }

  /** After a commit. */
  noteCommit(collections: Iterable<number>): void {
    this.#commits.note(collections);
  }

  find(key: ResultKey, window: ResultWindow): CachedResult | undefined {
    const hash = hashOf(key);
    const versions = window.versionsOf(key.dataSources);
    const found = this.#entries.find((head) => head['hash'] === hash && head['database'] === key.database);
    if (found === undefined) return undefined;
    const { ids, versions: known, extra = {} } = found.head;
    const isCurrent =
      sameNumbers(known, versions) &&
      sameNumbers(
        ids,
        key.dataSources.map(({ id }) => id),
      );
    if (!isCurrent) {
      this.#entries.remove((head) => head['hash'] === hash && head['database'] === key.database);
      return undefined;
    }
    const { hits = 0, ...rest } = found.head;
    this.#add({ ...rest, hits: Number(hits) + 1 }, found.body);
    return { results: JSON.parse(found.body) as readonly string[], extra: extra as ValueObject };
  }

  add(key: ResultKey, window: ResultWindow, { results, extra }: CachedResult, runTimeSeconds: number): void {
    const body = JSON.stringify(results);
    if (body.length > this.properties.maxEntrySize) return;
    const head = {
      hash: hashOf(key),
      database: key.database,
      query: key.query,
      bindVars: key.bindVars,
      size: body.length + JSON.stringify(key.bindVars).length,
      results: results.length,
      started: new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
      hits: 0,
      runTime: runTimeSeconds,
      dataSources: key.dataSources.map(({ name }) => name),
      ids: key.dataSources.map(({ id }) => id),
      versions: window.versionsOf(key.dataSources),
      extra,
    };
    this.#add(head, body);
  }

  /** As `GET /_api/query-cache/entries` shows them. */
  list(database: string): readonly ValueObject[] {
    return this.#entries
      .list()
      .filter((head) => head['database'] === database)
      .map(({ database: _database, ids: _ids, versions: _versions, extra: _extra, ...shown }) => shown);
  }

  /** Of one database, or all. */
  clear(database?: string): void {
    this.#entries.remove((head) => database === undefined || head['database'] === database);
  }

  #add(head: ValueObject, body: string): void {
    const { maxResults, maxResultsSize } = this.properties;
    const isSame = (other: ValueObject): boolean => other['hash'] === head['hash'] && other['database'] === head['database'];
    this.#entries.add(head, body, isSame, { entries: maxResults, bytes: maxResultsSize });
  }
}

function sameNumbers(value: Value | undefined, numbers: readonly number[]): boolean {
  return JSON.stringify(value) === JSON.stringify(numbers);
}

function hashOf({ query, bindVars, options }: ResultKey): string {
  const digest = createHash('sha1')
    .update(JSON.stringify([query, bindVars, options]))
    .digest();
  return String(digest.readBigUInt64BE());
}
