/** What may be asked about the queries of a database: which run, which were slow, what is cached, which rules there are. */
import { ArangoError } from '#base';
import { functionDescriptions, optimizerRules } from '#aql';
import type { ValueObject } from '#values';
import type { DatabaseContext } from './context.ts';
import type { Scope } from './scope.ts';
import type { TrackingProperties } from './tracking/query-tracking.ts';
import type { CacheProperties } from './tracking/result-cache.ts';

/** `all`: of all databases, which only `_system` may ask for. */
interface Extent {
  readonly all?: boolean;
}

export class DatabaseQueries {
  readonly #context: DatabaseContext;
  readonly #scope: Scope;

  constructor(context: DatabaseContext, scope: Scope) {
    this.#context = context;
    this.#scope = scope;
  }

  get properties(): TrackingProperties {
    return this.#context.tracking.properties;
  }

  change(changes: Partial<TrackingProperties>): TrackingProperties {
    return this.#context.tracking.change(changes);
  }

  current(extent: Extent = {}): readonly ValueObject[] {
    return this.#context.tracking.current(this.#extent(extent));
  }

  slow(extent: Extent = {}): readonly ValueObject[] {
    return this.#context.tracking.slow(this.#extent(extent));
  }

  clearSlow(extent: Extent = {}): void {
    this.#context.tracking.clearSlow(this.#extent(extent));
  }

  /** Throws 1591. */
  kill(id: string, extent: Extent = {}): void {
    this.#context.tracking.kill(id, this.#extent(extent));
  }

  /** As `GET /_api/query/rules` answers. */
  rules(): readonly ValueObject[] {
    return optimizerRules();
  }

  /** As `GET /_api/aql-builtin` answers. */
  functions(): readonly ValueObject[] {
    return functionDescriptions();
  }

  // The cache of results

  get cacheProperties(): CacheProperties {
    return this.#context.results.properties;
  }

  /** Throws 10 for an unknown mode. */
  changeCache(changes: Partial<CacheProperties>): CacheProperties {
    return this.#context.results.change(changes);
  }

  cachedResults(): readonly ValueObject[] {
    return this.#context.results.list(this.#scope.databaseName);
  }

  clearCache(): void {
    this.#context.results.clear(this.#scope.databaseName);
  }

  // Kept plans

  /** Those of which the user may read all collections. */
  cachedPlans(): readonly ValueObject[] {
    return this.#context.plans.list(this.#scope.databaseName).filter(({ dataSources }) => {
      const names = (dataSources ?? []) as readonly string[];
      return names.every((name) => this.#context.access.collectionLevel(this.#scope, name) !== 'none');
    });
  }

  /** Throws 11 without the right to write to the database. */
  clearPlans(): void {
    this.#context.access.checkDatabase(this.#scope, 'rw');
    this.#context.plans.clear(this.#scope.databaseName);
  }

  #extent({ all = false }: Extent): string | undefined {
    if (!all) return this.#scope.databaseName;
    const isSystem = this.#context.store.catalog().getDatabase(this.#scope.databaseName).definition.isSystem;
    if (!isSystem)
      throw new ArangoError('ERROR_FORBIDDEN', { message: "using the 'all' parameter is only allowed in the _system database" });
    this.#context.access.checkDatabase(this.#scope, 'rw');
    return undefined;
  }
}
