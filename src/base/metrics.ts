/**
 * Counters, gauges and histograms of the whole process, in ArangoDB's names where it has the same thing.
 *
 * Each thread writes to a lane of its own in shared memory, so nobody waits and nothing is posted; whoever is asked adds the lanes
 * up. A new worker goes on with the lane of one that ended: counters never fall.
 */

interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** The upper bounds of a histogram's buckets; one more takes what is above. */
  readonly bounds?: readonly number[];
}

const SECONDS = [0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1, 5, 15, 30];
const BYTES = [250, 1000, 2000, 5000, 10_000, 100_000, 1_000_000];

export const METRICS = {
  arangodb_http1_connections_total: { type: 'counter', help: 'HTTP/1.1 connections accepted.' },
  arangodb_http2_connections_total: { type: 'counter', help: 'HTTP/2 connections accepted.' },
  arangodb_client_connection_statistics_client_connections: { type: 'gauge', help: 'Connections that are open.' },
  arangodb_client_connection_statistics_bytes_received: { type: 'histogram', help: 'Bytes of each request.', bounds: BYTES },
  arangodb_client_connection_statistics_bytes_sent: { type: 'histogram', help: 'Bytes of each answer.', bounds: BYTES },
  arangodb_client_connection_statistics_queue_time: {
    type: 'histogram',
    help: 'Seconds from the last byte of a request until a worker took it.',
    bounds: SECONDS,
  },
  arangodb_client_connection_statistics_total_time: {
    type: 'histogram',
    help: 'Seconds from the last byte of a request until its answer was handed to the network.',
    bounds: SECONDS,
  },
  arangodb_http_request_statistics_total_requests_total: { type: 'counter', help: 'Requests.' },
  arangodb_http_request_statistics_http_get_requests_total: { type: 'counter', help: 'GET requests.' },
  arangodb_http_request_statistics_http_post_requests_total: { type: 'counter', help: 'POST requests.' },
  arangodb_http_request_statistics_http_put_requests_total: { type: 'counter', help: 'PUT requests.' },
  arangodb_http_request_statistics_http_delete_requests_total: { type: 'counter', help: 'DELETE requests.' },
  arangodb_http_request_statistics_http_head_requests_total: { type: 'counter', help: 'HEAD requests.' },
  arangodb_http_request_statistics_http_patch_requests_total: { type: 'counter', help: 'PATCH requests.' },
  arangodb_http_request_statistics_http_options_requests_total: { type: 'counter', help: 'OPTIONS requests.' },
  arangodb_http_request_statistics_other_http_requests_total: { type: 'counter', help: 'Requests of other methods.' },
  arangodb_scheduler_queue_length: { type: 'gauge', help: 'Requests that wait for a worker.' },
  arangodb_scheduler_queue_full_failures_total: { type: 'counter', help: 'Requests refused because the queue was full.' },
  arangodb_scheduler_queue_time_violations_total: { type: 'counter', help: 'Requests refused because they waited too long.' },
  arangodb_scheduler_num_worker_threads: { type: 'gauge', help: 'Workers.' },
  arangodb_scheduler_num_working_threads: { type: 'gauge', help: 'Workers that are at work.' },
  arangodb_scheduler_threads_started_total: { type: 'counter', help: 'Workers started.' },
  arangodb_scheduler_threads_stopped_total: { type: 'counter', help: 'Workers that ended.' },
  foxden_worker_failures_total: { type: 'counter', help: 'Workers that ended by themselves or had to be ended.' },
  foxden_cluster_members: { type: 'gauge', help: 'Coordinators whose lease is good, this one among them.' },
  foxden_cluster_heartbeats_total: { type: 'counter', help: 'How often this coordinator renewed its lease.' },
  foxden_cluster_leases_lost_total: { type: 'counter', help: 'How often this coordinator was taken for dead and began anew.' },
  foxden_cluster_heals_total: { type: 'counter', help: 'How often this coordinator compared its services with the database.' },
  foxden_cluster_heal_duration: { type: 'histogram', help: 'Seconds of each such comparison, with what it took over.', bounds: SECONDS },
  foxden_cluster_news_lag: {
    type: 'histogram',
    help: 'Seconds from the moment another coordinator announced a change of services until it was taken over here.',
    bounds: SECONDS,
  },
  arangodb_logger_warnings_total: { type: 'counter', help: 'Warnings in the log.' },
  arangodb_logger_errors_total: { type: 'counter', help: 'Errors in the log.' },
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof METRICS;
export type HistogramName = NameOf<'histogram'>;
type NameOf<Type extends MetricRow['type']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['type'] extends Type ? Name : never;
}[MetricName];

const ROWS: readonly (readonly [MetricName, MetricRow])[] = Object.entries(METRICS) as [MetricName, MetricRow][];

/** A histogram has a cell for each bucket and one for the sum; everything else has one. */
function cellCount({ bounds }: MetricRow): number {
  return bounds === undefined ? 1 : bounds.length + 2;
}

const OFFSETS = (() => {
  const offsets = {} as Record<MetricName, number>;
  let next = 0;
  for (const [name, row] of ROWS) {
    offsets[name] = next;
    next += cellCount(row);
  }
  return offsets;
})();

const LANE_CELLS = ROWS.reduce((sum, [, row]) => sum + cellCount(row), 0);

export function createMetricsMemory(laneCount: number): SharedArrayBuffer {
  return new SharedArrayBuffer(laneCount * LANE_CELLS * 8);
}

let all: Float64Array = new Float64Array(LANE_CELLS);
let own = all;

/** Numbers as Prometheus writes them. */
function text(value: number): string {
  return value === Infinity ? '+Inf' : String(value);
}

export const metrics = {
  /** Lets this thread write to a lane. Until then it counts for itself. */
  attach(memory: SharedArrayBuffer, lane: number): void {
    all = new Float64Array(memory);
    own = all.subarray(lane * LANE_CELLS, (lane + 1) * LANE_CELLS);
  },

  add(name: NameOf<'counter'>, by = 1): void {
    const at = OFFSETS[name];
    own[at] = (own[at] ?? 0) + by;
  },

  /** This thread's share of a gauge: the value is the sum of all threads'. */
  set(name: NameOf<'gauge'>, value: number): void {
    own[OFFSETS[name]] = value;
  },

  observe(name: NameOf<'histogram'>, value: number): void {
    const bounds: readonly number[] = METRICS[name].bounds;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] ?? Infinity)) bucket++;
    const at = OFFSETS[name] + bucket;
    own[at] = (own[at] ?? 0) + 1;
    const sum = OFFSETS[name] + bounds.length + 1;
    own[sum] = (own[sum] ?? 0) + value;
  },

  /** The value over all threads; of a histogram, the sum of what was observed. */
  value(name: MetricName): number {
    return total(OFFSETS[name] + cellCount(METRICS[name]) - 1);
  },

  /** How often each bucket was met, the last one beyond all bounds, and the sum of what was observed. */
  histogram(name: HistogramName): { readonly counts: readonly number[]; readonly sum: number } {
    const at = OFFSETS[name];
    const size = METRICS[name].bounds.length + 1;
    return { counts: Array.from({ length: size }, (_, bucket) => total(at + bucket)), sum: total(at + size) };
  },

  /** All of them in Prometheus's text format. */
  text(): string {
    const lines: string[] = [];
    for (const [name, { type, help, bounds }] of ROWS) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
      const at = OFFSETS[name];
      if (bounds === undefined) {
        lines.push(`${name} ${text(total(at))}`);
        continue;
      }
      let count = 0;
      for (const [bucket, bound] of [...bounds, Infinity].entries()) {
        count += total(at + bucket);
        lines.push(`${name}_bucket{le="${text(bound)}"} ${text(count)}`);
      }
      lines.push(`${name}_count ${text(count)}`, `${name}_sum ${text(total(at + bounds.length + 1))}`);
    }
    return `${lines.join('\n')}\n`;
  },
};

function total(cell: number): number {
  let sum = 0;
  for (let at = cell; at < all.length; at += LANE_CELLS) sum += all[at] ?? 0;
  return sum;
}
