/** Metrics as the server writes them, in Prometheus's text format, and percentiles of what was counted between two readings. */

export interface Histogram {
  /** Upper bounds with what was counted up to each, ascending. */
  readonly buckets: readonly (readonly [bound: number, count: number])[];
  readonly sum: number;
  readonly count: number;
}

export interface Metrics {
  /** Plain metrics, those with labels summed up. */
  readonly values: ReadonlyMap<string, number>;
  readonly histograms: ReadonlyMap<string, Histogram>;
}

/** Of Prometheus's text format, what this server writes of it. */
export function parseMetrics(written: string): Metrics {
  const values = new Map<string, number>();
  const buckets = new Map<string, Map<number, number>>();
  for (const line of written.split('\n')) {
    const [, name, labels = '', value] = /^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const bound = /(?:^|,)le="([^"]+)"/.exec(labels)?.[1];
    if (bound === undefined) values.set(name, (values.get(name) ?? 0) + Number(value));
    else {
      const histogram = name.replace(/_bucket$/, '');
      const own = buckets.get(histogram) ?? new Map<number, number>();
      const limit = bound === '+Inf' ? Infinity : Number(bound);
      own.set(limit, (own.get(limit) ?? 0) + Number(value));
      buckets.set(histogram, own);
    }
  }
  const histograms = new Map<string, Histogram>();
  for (const [name, own] of buckets) {
    const sorted = [...own].toSorted(([a], [b]) => a - b);
    histograms.set(name, { buckets: sorted, sum: values.get(`${name}_sum`) ?? 0, count: values.get(`${name}_count`) ?? 0 });
  }
  return { values, histograms };
}

/** The value that the given share of what was counted between two readings does not exceed; undefined where there was nothing. */
export function percentileBetween(from: Histogram | undefined, to: Histogram, share: number): number | undefined {
  const earlier = new Map(from?.buckets);
  const upTo = to.buckets.map(([bound, sum]) => [bound, sum - (earlier.get(bound) ?? 0)] as const);
  const total = upTo.at(-1)?.[1] ?? 0;
  if (total <= 0) return undefined;
  const wanted = total * share;
  let [low, below] = [0, 0];
  for (const [bound, sum] of upTo) {
    if (sum >= wanted) return bound === Infinity ? low : low + ((bound - low) * (wanted - below)) / Math.max(1, sum - below);
    [low, below] = [bound, sum];
  }
  return low;
}
