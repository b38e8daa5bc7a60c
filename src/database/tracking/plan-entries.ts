/**
 * The list of plans that `usePlanCache` keeps, as clients see it. Plans themselves are kept by each thread, for all queries
 * (`aql/plan-cache.ts`); this list says which were asked to be, and how often they served.
 */
import { createHash } from 'node:crypto';
import { clock } from '#base';
import type { ValueObject } from '#values';
import { queryHashOf } from './fast-hash.ts';
import { PLANS_SIZE, type QueryMemory } from './query-memory.ts';
import { SharedEntries } from './shared-entries.ts';

export interface PlanKey {
  readonly database: string;
  readonly query: string;
  /** Those of collections. */
  readonly bindVars: ValueObject;
  readonly fullCount: boolean;
  readonly dataSources: readonly string[];
  /** Changes with the definitions of the collections. */
  readonly definitions: string;
  readonly planBytes: number;
}

export class PlanEntries {
  readonly #entries: SharedEntries;

  constructor(memory: QueryMemory) {
    this.#entries = new SharedEntries(memory.plans, PLANS_SIZE.entries);
  }

  /** Notes the use of a plan. Its key, if it was there before. */
  use({ definitions, planBytes, ...key }: PlanKey): string | undefined {
    const hash = hashOf([key.database, key.query, key.bindVars, key.fullCount]);
    const known = this.#entries.list().find((head) => head['hash'] === hash && head['definitions'] === definitions);
    const head =
      known === undefined
        ? {
            hash,
            database: key.database,
            query: key.query,
            queryHash: Number(queryHashOf(key.query)),
            bindVars: key.bindVars,
            fullCount: key.fullCount,
            dataSources: key.dataSources,
            created: new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
            hits: 0,
            memoryUsage: planBytes,
            definitions,
          }
        : { ...known, hits: Number(known['hits']) + 1 };
    this.#entries.add(head, '', (other) => other['hash'] === hash);
    return known === undefined ? undefined : hash;
  }

  /** As `GET /_api/query-plan-cache` shows them, the newest first. */
  list(database: string): readonly ValueObject[] {
    return this.#entries
      .list()
      .toReversed()
      .filter((head) => head['database'] === database)
      .map(({ database: _database, definitions: _definitions, ...shown }) => shown);
  }

  clear(database: string): void {
    this.#entries.remove((head) => head['database'] === database);
  }
}

function hashOf(value: unknown): string {
  return String(createHash('sha1').update(JSON.stringify(value)).digest().readBigUInt64BE());
}
