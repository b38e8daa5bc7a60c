/**
 * `/_api/foxx/metrics`: how services fare. foxden's own.
 *
 * With `mount` it tells of one: all since the start, the last ten minutes in slices of ten seconds, and the last requests that failed with what
 * was thrown. Stacks show code and data, so it is for those who may change the services; clients of a service in production learn nothing of it.
 * Without `mount` it tells of every service of the database that has had a request.
 */
import { percentile, SERVICE_BOUNDS_MS, SLICE_MS, type ServiceFigures, type ServiceMetrics, type ServiceSums } from '#base';
import type { Value, ValueObject } from '#values';
import { answerJson } from '../respond.ts';
import { get, type ApiRequest, type Route } from '../routes.ts';

/** What counts as now in the list of all services. */
const RECENT_SLICES = 6;

export const foxxMetricsApi: readonly Route[] = [
  get('/_api/foxx/metrics', 'manage', (request) => {
    const mount = request.query.find('mount');
    return answerJson(200, mount === undefined ? describeAll(request) : describeOne(request, mount));
  }),
];

function describeOne({ context, ownDatabase: database }: ApiRequest, mount: string): ValueObject {
  const { serviceMetrics, services } = context;
  services.get(database, mount);
  return {
    mount,
    total: describeSums(serviceMetrics.sums(database.name, mount)),
    sliceSeconds: SLICE_MS / 1000,
    slices: serviceMetrics.recent(database.name, mount).map(({ time, ...figures }) => ({ time, ...describe(figures) })),
    failures: serviceMetrics.failures(database.name, mount).map(({ time, durationMs, ...others }) => ({
      time: new Date(time).toISOString(),
      durationMs: rounded(durationMs),
      ...others,
    })),
  };
}

function describeAll({ context, ownDatabase: database }: ApiRequest): ValueObject {
  const { serviceMetrics, services } = context;
  const mounts = new Set(services.mounts(database));
  const known = serviceMetrics.all(RECENT_SLICES).filter((sums) => sums.database === database.name && mounts.has(sums.mount));
  return {
    recentSeconds: (RECENT_SLICES * SLICE_MS) / 1000,
    services: known.map((sums) => ({
      mount: sums.mount,
      total: describeSums(sums),
      recent: describe(sums.recent),
    })),
  };
}

function describeSums(sums: ServiceSums): ValueObject {
  return { ...describe(sums), meanMs: sums.requests === 0 ? null : rounded(sums.sumMs / sums.requests) };
}

function describe({ requests, clientErrors, serverErrors, counts }: ServiceFigures): ValueObject {
  const share = (of: number): Value => {
    const found = percentile(counts, of);
    return found === undefined ? null : rounded(found);
  };
  return { requests, clientErrors, serverErrors, p50Ms: share(0.5), p95Ms: share(0.95), p99Ms: share(0.99) };
}

/** Microseconds. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** Fewer than are counted: each line is a line for each service. Every fourth bound is four times the one before. */
const SHOWN_BOUNDS = SERVICE_BOUNDS_MS.map((ms, bucket) => ({ ms, bucket })).filter(({ bucket }) => bucket % 4 === 0);

/** The same in Prometheus's text format, with the database and the mount as labels. */
export function serviceMetricsText(serviceMetrics: ServiceMetrics): string {
  const all = serviceMetrics.all();
  if (all.length === 0) return '';
  const rows = all.map((sums) => ({ ...sums, labels: `database="${label(sums.database)}",mount="${label(sums.mount)}"` }));
  const lines = [
    ...headOf('foxden_service_errors_total'),
    ...rows.flatMap(({ labels, clientErrors, serverErrors }) => [
      `foxden_service_errors_total{${labels},status="4xx"} ${clientErrors}`,
      `foxden_service_errors_total{${labels},status="5xx"} ${serverErrors}`,
    ]),
    ...headOf('foxden_service_request_seconds'),
    ...rows.flatMap(({ labels, counts, requests, sumMs }) => [
      ...SHOWN_BOUNDS.map(({ ms, bucket }) => {
        const count = counts.slice(0, bucket + 1).reduce((sum, one) => sum + one, 0);
        return `foxden_service_request_seconds_bucket{${labels},le="${ms / 1000}"} ${count}`;
      }),
      `foxden_service_request_seconds_bucket{${labels},le="+Inf"} ${requests}`,
      `foxden_service_request_seconds_count{${labels}} ${requests}`,
      `foxden_service_request_seconds_sum{${labels}} ${sumMs / 1000}`,
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

const OWN_METRICS = {
  foxden_service_errors_total: { type: 'counter', help: 'Answers of a service with an error as their status.' },
  foxden_service_request_seconds: { type: 'histogram', help: 'Seconds that a service took for a request.' },
} as const;

function headOf(name: keyof typeof OWN_METRICS): string[] {
  const { help, type } = OWN_METRICS[name];
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function label(text: string): string {
  return text.replaceAll(/["\\\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}
