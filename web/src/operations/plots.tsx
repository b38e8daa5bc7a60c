/** The plots of what the server does, made of the readings of the last minutes. Overview and metrics show the same ones. */
import { Plot, type Series } from '../components/plot.tsx';
import { percentiles, rates, valueOf, type Sample } from './samples.ts';
import { bytes, count, duration, milliseconds, percent, rate } from './units.ts';

const REQUESTS = 'arangodb_http_request_statistics_total_requests_total';
const TOTAL_TIME = 'arangodb_client_connection_statistics_total_time';
const SERVICE_TIME = 'foxden_service_request_seconds';

/** A plot is never narrower than two minutes, so that it fills from the right and does not change its scale with each reading. */
const LEAST = 60;

interface PlotDefinition {
  readonly id: string;
  readonly title: string;
  readonly format: (value: number) => string;
  readonly series: (all: readonly Sample[]) => readonly Series[];
}

function inMilliseconds(values: Series['values']): Series['values'] {
  return values.map((value) => (value === undefined ? undefined : value * 1000));
}

function timesOf(name: string): PlotDefinition['series'] {
  return (all) =>
    ([0.5, 0.95, 0.99] as const).map((share) => ({ name: `p${share * 100}`, values: inMilliseconds(percentiles(all, name, share)) }));
}

/** Gauges at the readings that rates end with. */
function gauge(all: readonly Sample[], of: (sample: Sample) => number | undefined): Series['values'] {
  return all.slice(1).map(of);
}

export const PLOTS = {
  requests: {
    id: 'requests',
    title: 'Requests',
    format: rate,
    series: (all) => [{ name: 'Requests', values: rates(all, valueOf(REQUESTS)) }],
  },
  times: { id: 'times', title: 'Time of answers', format: milliseconds, series: timesOf(TOTAL_TIME) },
  memory: {
    id: 'memory',
    title: 'Memory',
    format: bytes,
    series: (all) => [{ name: 'Process', values: gauge(all, ({ memoryBytes }) => memoryBytes) }],
  },
  processor: {
    id: 'processor',
    title: 'Processor (100 % is one core)',
    format: percent,
    series: (all) => [{ name: 'Processor', values: rates(all, ({ cpuSeconds }) => cpuSeconds) }],
  },
  workers: {
    id: 'workers',
    title: 'Workers',
    format: count,
    series: (all) => [
      { name: 'All', values: gauge(all, valueOf('arangodb_scheduler_num_worker_threads')) },
      { name: 'At work', values: gauge(all, valueOf('arangodb_scheduler_num_working_threads')) },
      { name: 'Requests waiting', values: gauge(all, valueOf('arangodb_scheduler_queue_length')) },
    ],
  },
  serviceTimes: { id: 'serviceTimes', title: 'Time of services', format: milliseconds, series: timesOf(SERVICE_TIME) },
  serviceErrors: {
    id: 'serviceErrors',
    title: 'Errors of services',
    format: rate,
    series: (all) => [{ name: 'Errors', values: rates(all, valueOf('foxden_service_errors_total')) }],
  },
  connections: {
    id: 'connections',
    title: 'Connections',
    format: count,
    series: (all) => [{ name: 'Open', values: gauge(all, valueOf('arangodb_client_connection_statistics_client_connections')) }],
  },
  traffic: {
    id: 'traffic',
    title: 'Traffic',
    format: (value) => `${bytes(value)}/s`,
    series: (all) => [
      { name: 'Sent', values: rates(all, valueOf('arangodb_client_connection_statistics_bytes_sent_sum')) },
      { name: 'Received', values: rates(all, valueOf('arangodb_client_connection_statistics_bytes_received_sum')) },
    ],
  },
} as const satisfies Record<string, PlotDefinition>;

export type PlotName = keyof typeof PLOTS;

export function Plots({ names, all }: { readonly names: readonly PlotName[]; readonly all: readonly Sample[] }) {
  const length = Math.max(LEAST, all.length - 1);
  const seconds =
    all.length < 2 ? length * 2 : (((all.at(-1)?.atMs ?? 0) - (all[1]?.atMs ?? 0)) / Math.max(1, all.length - 2) / 1000) * length;
  return (
    <div class="cards">
      {names.map((name) => {
        const { id, title, format, series }: PlotDefinition = PLOTS[name];
        return (
          <div key={id} class="card">
            <Plot
              title={title}
              format={format}
              series={series(all).map((one) => ({ ...one, values: filled(one.values, length) }))}
              from={`${duration(Math.round(seconds / 30) * 30)} ago`}
              to="now"
            />
          </div>
        );
      })}
    </div>
  );
}

function filled(values: Series['values'], length: number): Series['values'] {
  return [...Array.from({ length: length - values.length }, () => undefined), ...values];
}

/** The newest value of the first line of a plot, as text. */
export function latest(name: PlotName, all: readonly Sample[], line = 0): string | undefined {
  const { format, series }: PlotDefinition = PLOTS[name];
  const value = series(all)[line]?.values.findLast((one) => one !== undefined);
  return value === undefined ? undefined : format(value);
}
