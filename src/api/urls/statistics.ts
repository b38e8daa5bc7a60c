/**
 * /_admin/statistics and its description: figures of the process, its connections and requests, from one table. The metrics have more;
 * these are the names that older tools know.
 */
import { freemem, totalmem } from 'node:os';
import { ArangoError, metrics, METRICS, type HistogramName, type MetricName } from '#base';
import { answerOk } from '../respond.ts';
import { get, type ApiRequest, type Route } from '../routes.ts';

const GROUPS = {
  system: ['Process Statistics', 'The process itself.'],
  client: ['Client Connection Statistics', 'Connections and what goes over them.'],
  clientUser: ['Client User Connection Statistics', 'The same: traffic of the server itself does not use connections.'],
  http: ['HTTP Request Statistics', 'Requests by method.'],
  server: ['Server Statistics', 'The server and its machine.'],
} as const;

type Group = keyof typeof GROUPS;

interface Distribution {
  readonly sum: number;
  readonly count: number;
  readonly counts: readonly number[];
}

interface Figure {
  readonly group: Group;
  readonly identifier: string;
  readonly name: string;
  readonly description: string;
  readonly type: 'current' | 'accumulated' | 'distribution';
  readonly units: 'seconds' | 'bytes' | 'percent' | 'number';
  readonly cuts?: readonly number[];
  readonly read: () => number | Distribution;
}

function current(group: Group, identifier: string, units: Figure['units'], name: string, description: string, read: () => number): Figure {
  return { group, identifier, name, description, type: 'current', units, read };
}

function accumulated(group: Group, identifier: string, units: Figure['units'], name: string, read: () => number): Figure {
  return { group, identifier, name, description: `${name}, since the start.`, type: 'accumulated', units, read };
}

/** Those of ArangoDB, which are among the bounds of the metrics. */
const CUTS = { seconds: [0.01, 0.05, 0.1, 0.2, 0.5, 1, 5, 15, 30], bytes: [250, 1000, 2000, 5000, 10_000] };

function distribution(group: Group, identifier: string, units: keyof typeof CUTS, name: string, metric: HistogramName): Figure {
  const { bounds, help } = METRICS[metric];
  const cuts = CUTS[units];
  const read = (): Distribution => {
    const { sum, counts } = metrics.histogram(metric);
    const merged = [...cuts, Infinity].map(() => 0);
    for (const [i, count] of counts.entries()) {
      const place = cuts.findIndex((cut) => (bounds[i] ?? Infinity) <= cut);
      merged[place === -1 ? cuts.length : place]! += count;
    }
    return { sum, count: counts.reduce((all, one) => all + one, 0), counts: merged };
  };
  return { group, identifier, name, description: help, type: 'distribution', units, cuts, read };
}

/** What is not measured: it has a place, and nothing in it. */
function unmeasured(group: Group, identifier: string, name: string, description: string, cuts: readonly number[]): Figure {
  const read = (): Distribution => ({ sum: 0, count: 0, counts: [...cuts, Infinity].map(() => 0) });
  return { group, identifier, name, description, type: 'distribution', units: 'seconds', cuts, read };
}

function ofConnections(group: 'client' | 'clientUser'): readonly Figure[] {
  return [
    current(group, 'httpConnections', 'number', 'Client Connections', 'Connections that are open.', () =>
      metrics.value('arangodb_client_connection_statistics_client_connections'),
    ),
    unmeasured(group, 'connectionTime', 'Connection Time', 'How long connections were open; not measured.', [0.1, 1, 60]),
    distribution(group, 'totalTime', 'seconds', 'Total Time', 'arangodb_client_connection_statistics_total_time'),
    distribution(group, 'requestTime', 'seconds', 'Request Time', 'arangodb_client_connection_statistics_total_time'),
    distribution(group, 'queueTime', 'seconds', 'Queue Time', 'arangodb_client_connection_statistics_queue_time'),
    unmeasured(group, 'ioTime', 'I/O Time', 'Time for reading and writing; not measured.', CUTS.seconds),
    distribution(group, 'bytesSent', 'bytes', 'Bytes Sent', 'arangodb_client_connection_statistics_bytes_sent'),
    distribution(group, 'bytesReceived', 'bytes', 'Bytes Received', 'arangodb_client_connection_statistics_bytes_received'),
  ];
}

function ofMethod(method: 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete' | 'options'): Figure {
  const identifier = `requests${method.slice(0, 1).toUpperCase()}${method.slice(1)}`;
  const metric = `arangodb_http_request_statistics_http_${method}_requests_total` as const satisfies MetricName;
  return accumulated('http', identifier, 'number', `HTTP ${method.toUpperCase()} requests`, () => metrics.value(metric));
}

const FIGURES: readonly Figure[] = [
  accumulated('system', 'minorPageFaults', 'number', 'Minor Page Faults', () => process.resourceUsage().minorPageFault),
  accumulated('system', 'majorPageFaults', 'number', 'Major Page Faults', () => process.resourceUsage().majorPageFault),
  accumulated('system', 'userTime', 'seconds', 'User Time', () => process.resourceUsage().userCPUTime / 1e6),
  accumulated('system', 'systemTime', 'seconds', 'System Time', () => process.resourceUsage().systemCPUTime / 1e6),
  current(
    'system',
    'numberOfThreads',
    'number',
    'Number of Threads',
    'Workers, and the thread of the network.',
    () => 1 + metrics.value('arangodb_scheduler_num_worker_threads'),
  ),
  current('system', 'residentSize', 'bytes', 'Resident Set Size', 'Memory that the process really has.', () => process.memoryUsage.rss()),
  current(
    'system',
    'residentSizePercent',
    'percent',
    'Resident Set Size',
    'The same as a share of all memory.',
    () => process.memoryUsage.rss() / totalmem(),
  ),
  current('system', 'virtualSize', 'bytes', 'Virtual Memory Size', 'Memory of the heaps and beside them.', () => {
    const { heapTotal, external } = process.memoryUsage();
    return heapTotal + external;
  }),
  ...ofConnections('client'),
  ...ofConnections('clientUser'),
  accumulated('http', 'requestsTotal', 'number', 'Total requests', () =>
    metrics.value('arangodb_http_request_statistics_total_requests_total'),
  ),
  accumulated('http', 'requestsSuperuser', 'number', 'Total superuser requests', () => 0),
  accumulated('http', 'requestsUser', 'number', 'Total user requests', () =>
    metrics.value('arangodb_http_request_statistics_total_requests_total'),
  ),
  ...(['get', 'head', 'post', 'put', 'patch', 'delete', 'options'] as const).map(ofMethod),
  accumulated('http', 'requestsOther', 'number', 'Other HTTP requests', () =>
    metrics.value('arangodb_http_request_statistics_other_http_requests_total'),
  ),
  current('server', 'uptime', 'seconds', 'Server Uptime', 'How long the server has been running.', () => process.uptime()),
  current('server', 'physicalMemory', 'bytes', 'Physical Memory', 'Memory of the machine.', totalmem),
  current('server', 'freeMemory', 'bytes', 'Free Memory', 'Memory that nobody uses.', freemem),
];

export const statisticsApi: readonly Route[] = [
  get('/_admin/statistics', 'user', (request) => {
    demandStatistics(request);
    const groups = Object.keys(GROUPS).map((group) => {
      const own = FIGURES.filter((figure) => figure.group === group).map(({ identifier, read }) => [identifier, read()] as const);
      return [group, Object.fromEntries(own)] as const;
    });
    const { server, ...others } = Object.fromEntries(groups);
    const workers = metrics.value('arangodb_scheduler_num_worker_threads');
    const busy = metrics.value('arangodb_scheduler_num_working_threads');
    const queued = metrics.value('arangodb_scheduler_queue_length');
    const threads = { 'scheduler-threads': workers, blocked: 0, queued, 'in-progress': busy, 'direct-exec': 0 };
    // Each worker has a context of its own, and only that one.
    const v8Context = { available: workers, busy, dirty: 0, free: Math.max(0, workers - busy), max: workers, min: 1, memory: [] };
    return answerOk({ time: Date.now() / 1000, enabled: true, ...others, server: { ...server, v8Context, threads } });
  }),

  get('/_admin/statistics-description', 'user', (request) => {
    demandStatistics(request);
    return answerOk({
      groups: Object.entries(GROUPS).map(([group, [name, description]]) => ({ group, name, description })),
      figures: FIGURES.map(({ read: _read, ...figure }) => figure),
    });
  }),
];

/** `--server.statistics false` makes them unknown. */
function demandStatistics({ context, path }: ApiRequest): void {
  if (!context.server.config['server.statistics']) throw new ArangoError('ERROR_HTTP_NOT_FOUND', { message: `unknown path '${path}'` });
}
