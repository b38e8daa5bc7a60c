/** The options of a query, as `POST /_api/cursor` and `db._query` take them. What does not fit is ignored, as ArangoDB does. */
import { isArray, type Value, type ValueObject } from '#values';

export interface QueryOptions {
  readonly fullCount: boolean;
  readonly failOnWarning: boolean;
  readonly maxWarningCount: number;
  /** 1 adds times, 2 the plan and the nodes' statistics. */
  readonly profile: 0 | 1 | 2;
  readonly stream: boolean;
  /** 0: none. */
  readonly memoryLimitBytes: number;
  /** 0: none. */
  readonly maxRuntimeSeconds: number;
  /** `+name` and `-name`, applied in their order. */
  readonly rules: readonly string[];
  readonly maxPlans: number;
  readonly allPlans: boolean;
  /** EXPLAIN says more of functions. */
  readonly verbosePlans: boolean;
  /** foxden's own: the rings of polygons are read as before ArangoDB 3.10. */
  readonly hasLegacyPolygons?: boolean;
}

const DEFAULT_MAX_WARNINGS = 10;
const DEFAULT_MAX_PLANS = 128;

/** What the server's own options say of queries that do not say it themselves. */
export interface QueryDefaults {
  /** The memory that a query may use; 0: no limit. */
  readonly memoryLimitBytes: number;
  /** False: a query may ask for less memory only. */
  readonly mayExceedMemoryLimit?: boolean;
  /** 0: none. */
  readonly maxRuntimeSeconds?: number;
  readonly failOnWarning?: boolean;
  readonly maxPlans?: number;
  /** They come before those of the query. */
  readonly rules?: readonly string[];
}

export function readQueryOptions(options: ValueObject = {}, defaults: QueryDefaults = { memoryLimitBytes: 0 }): QueryOptions {
  const optimizer = options['optimizer'];
  const rules = typeof optimizer === 'object' && optimizer !== null && !isArray(optimizer) ? optimizer['rules'] : undefined;
  const { profile, failOnWarning } = options;
  return {
    fullCount: options['fullCount'] === true,
    failOnWarning: typeof failOnWarning === 'boolean' ? failOnWarning : (defaults.failOnWarning ?? false),
    maxWarningCount: positive(options['maxWarningCount']) ?? DEFAULT_MAX_WARNINGS,
    profile: profile === true || profile === 1 ? 1 : typeof profile === 'number' && profile >= 2 ? 2 : 0,
    stream: options['stream'] === true,
    memoryLimitBytes: memoryLimit(positive(options['memoryLimit']), defaults),
    maxRuntimeSeconds: positive(options['maxRuntime']) ?? defaults.maxRuntimeSeconds ?? 0,
    rules: [...(defaults.rules ?? []), ...(rules !== undefined && isArray(rules) ? rules.filter((rule) => typeof rule === 'string') : [])],
    maxPlans: positive(options['maxNumberOfPlans']) ?? positive(options['maxPlans']) ?? defaults.maxPlans ?? DEFAULT_MAX_PLANS,
    allPlans: options['allPlans'] === true,
    verbosePlans: options['verbosePlans'] === true,
    ...(options['legacyPolygons'] === true ? { hasLegacyPolygons: true } : {}),
  };
}

const positive = (value: Value | undefined): number | undefined => (typeof value === 'number' && value >= 0 ? value : undefined);

function memoryLimit(asked: number | undefined, { memoryLimitBytes, mayExceedMemoryLimit = true }: QueryDefaults): number {
  if (asked === undefined) return memoryLimitBytes;
  if (mayExceedMemoryLimit || memoryLimitBytes === 0) return asked;
  return asked === 0 ? memoryLimitBytes : Math.min(asked, memoryLimitBytes);
}
