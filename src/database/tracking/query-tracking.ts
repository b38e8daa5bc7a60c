/**
 * What the server knows of its queries: those that run, those that took long, and the settings of both. ArangoDB has settings for each
 * database; here they are the server's.
 */
import { ArangoError, clock } from '#base';
import type { ValueObject } from '#values';
import { RunningQueries, RunningQuery } from './running-queries.ts';
import { SharedEntries } from './shared-entries.ts';
import { SLOW_SIZE, type QueryMemory } from './query-memory.ts';

/** As `/_api/query/properties` shows them. */
export interface TrackingProperties {
  readonly enabled: boolean;
  readonly trackSlowQueries: boolean;
  readonly trackBindVars: boolean;
  readonly maxSlowQueries: number;
  /** Seconds. */
  readonly slowQueryThreshold: number;
  readonly slowStreamingQueryThreshold: number;
  readonly maxQueryStringLength: number;
}

export const DEFAULT_TRACKING: TrackingProperties = {
  enabled: true,
  trackSlowQueries: true,
  trackBindVars: true,
  maxSlowQueries: 64,
  slowQueryThreshold: 10,
  slowStreamingQueryThreshold: 10,
  maxQueryStringLength: 4096,
};

const NAMES = Object.keys(DEFAULT_TRACKING) as (keyof TrackingProperties)[];

/** A query that is about to run, as it will be told of. */
export interface TrackedQuery {
  readonly database: string;
  readonly user: string | undefined;
  readonly query: string;
  readonly bindVars: ValueObject;
  readonly dataSources: readonly string[];
  readonly isStream: boolean;
  readonly isModification: boolean;
}

export class QueryTracking {
  readonly #running: RunningQueries;
  readonly #slow: SharedEntries;
  /** A number for each setting, after a word that says whether they were ever set. */
  readonly #settings: Float64Array;
  readonly #nextId: () => string;
  /** What this thread is at, if that is a job (`x-arango-async`). */
  #job: string | undefined;
  readonly #defaults: TrackingProperties;

  constructor(memory: QueryMemory, nextId: () => string, defaults: Partial<TrackingProperties> = {}) {
    this.#defaults = { ...DEFAULT_TRACKING, ...defaults };
    this.#running = new RunningQueries(memory.running);
    this.#slow = new SharedEntries(memory.slow, SLOW_SIZE.entries);
    this.#settings = new Float64Array(memory.settings, 0, NAMES.length + 1);
    this.#nextId = nextId;
  }

  get properties(): TrackingProperties {
    if (this.#settings[0] !== 1) return this.#defaults;
    const entries = NAMES.map((name, i) => {
      const number = this.#settings[i + 1] ?? 0;
      return [name, typeof DEFAULT_TRACKING[name] === 'boolean' ? number === 1 : number];
    });
    return Object.fromEntries(entries) as TrackingProperties;
  }

  change(changes: Partial<TrackingProperties>): TrackingProperties {
    const changed = { ...this.properties, ...changes };
    for (const [i, name] of NAMES.entries()) this.#settings[i + 1] = Number(changed[name]);
    this.#settings[0] = 1;
    return this.properties;
  }

  /** Of a database; of all without one. */
  current(database?: string): readonly ValueObject[] {
    const nowMs = clock.now();
    return this.#running
      .list()
      .filter((each) => database === undefined || each['database'] === database)
      .map((each) => {
        const { startedMs, job: _job, ...told } = each;
        return { ...told, runTime: Math.max(0, (nowMs - Number(startedMs)) / 1000) };
      });
  }

  slow(database?: string): readonly ValueObject[] {
    return this.#slow.list().filter((each) => database === undefined || each['database'] === database);
  }

  clearSlow(database?: string): void {
    this.#slow.remove((each) => database === undefined || each['database'] === database);
  }

  /** Throws 1591. */
  kill(id: string, database?: string): void {
    const isWanted = (each: ValueObject): boolean => each['id'] === id && (database === undefined || each['database'] === database);
    if (!this.#running.kill(isWanted)) throw new ArangoError('ERROR_QUERY_NOT_FOUND');
  }

  /** Does what a job is about. Queries that run before this returns are the job's. */
  asJob<Result>(id: string, action: () => Result): Result {
    this.#job = id;
    try {
      return action();
    } finally {
      this.#job = undefined;
    }
  }

  /** Ends the queries of a job, in whatever thread. False when there are none at this moment. */
  killOfJob(id: string): boolean {
    return this.#running.kill(({ job }) => job === id);
  }

  /** `describe` is called if there is something to be told of the query, which is seldom. */
  begin(describe: () => TrackedQuery, { isStream }: { readonly isStream: boolean }): Tracked {
    return new Tracked(this, this.#running, describe, isStream);
  }

  /** For `Tracked`: keeps what is to be told of a query that took long. */
  noteEnd(describe: () => TrackedQuery, isStream: boolean, startedMs: number, outcome: () => QueryOutcome): void {
    const runTime = (clock.now() - startedMs) / 1000;
    const { enabled, trackSlowQueries, slowQueryThreshold, slowStreamingQueryThreshold, maxSlowQueries } = this.properties;
    const threshold = isStream ? slowStreamingQueryThreshold : slowQueryThreshold;
    if (!enabled || !trackSlowQueries || runTime < threshold) return;
    const { startedMs: _startedMs, job: _job, ...description } = this.describe(describe(), startedMs);
    const told = { ...description, ...outcome(), runTime, state: 'finished' };
    this.#slow.add(told, '', () => false, { entries: maxSlowQueries });
  }

  describe({ database, user, query, bindVars, dataSources, isStream, isModification }: TrackedQuery, startedMs: number) {
    const { trackBindVars, maxQueryStringLength } = this.properties;
    return {
      id: this.#nextId(),
      database,
      user: user ?? 'root',
      query: query.length > maxQueryStringLength ? `${query.slice(0, maxQueryStringLength)}...` : query,
      bindVars: trackBindVars ? bindVars : {},
      dataSources,
      started: new Date(startedMs).toISOString().replace(/\.\d+Z$/, 'Z'),
      startedMs,
      runTime: 0,
      peakMemoryUsage: 0,
      state: 'executing',
      stream: isStream,
      modificationQuery: isModification,
      warnings: 0,
      ...(this.#job !== undefined && { job: this.#job }),
    };
  }
}

/** A query while it runs. */
export class Tracked {
  readonly #tracking: QueryTracking;
  readonly #describe: () => TrackedQuery;
  readonly #isStream: boolean;
  readonly #startedMs = clock.now();
  readonly #running: RunningQuery;

  constructor(tracking: QueryTracking, running: RunningQueries, describe: () => TrackedQuery, isStream: boolean) {
    this.#tracking = tracking;
    this.#describe = describe;
    this.#isStream = isStream;
    this.#running = new RunningQuery(running, () =>
      tracking.properties.enabled ? tracking.describe(describe(), this.#startedMs) : undefined,
    );
    if (isStream) this.#running.show();
  }

  isKilled(peakMemoryBytes: number): boolean {
    return this.#running.isKilled(peakMemoryBytes);
  }

  end(outcome: () => QueryOutcome): void {
    this.#running.end();
    this.#tracking.noteEnd(this.#describe, this.#isStream, this.#startedMs, outcome);
  }
}

export interface QueryOutcome {
  readonly warnings: number;
  readonly peakMemoryUsage: number;
  /** 0, or the number of the error that ended it. */
  readonly exitCode: number;
}
