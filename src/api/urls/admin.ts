/** /_admin: what the server tells of itself, and what it does on demand. */
import { freemem, totalmem } from 'node:os';
import {
  ArangoError,
  LOG_LEVELS,
  LOG_TOPICS,
  metrics,
  OPTIONS,
  rememberedLog,
  type HttpAnswer,
  type LogLevel,
  type OptionName,
  type RememberedEntry,
} from '#base';
import { answerJson, answerOk } from '../respond.ts';
import { any, get, post, put, type ApiRequest, type Route } from '../routes.ts';

export const adminApi: readonly Route[] = [
  /** Makes every thread look again at what is mounted. */
  any('/_admin/routing/reload', 'manage', ({ context }) => {
    context.cluster.announce('services');
    return answerOk({});
  }),

  any('/_admin/echo', 'user', (request) => {
    const { http, database, user, path } = request;
    return answerOk({
      authorized: true,
      user: user ?? null,
      isAdminUser: request.context.databases.databaseLevel(user, '_system') === 'rw',
      database: database.name,
      url: http.url,
      protocol: http.isSecure ? 'https' : 'http',
      portType: 'tcp',
      server: { address: http.localAddress, port: http.localPort },
      client: { address: http.remoteAddress, port: http.remotePort },
      internals: {},
      path: '/',
      prefix: '/',
      suffix: path.split('/').slice(3),
      headers: http.headers,
      requestType: http.method,
      requestBody: request.text(),
      parameters: Object.fromEntries(request.query.entries()),
    });
  }),

  /** Runs JavaScript, for who may do anything and only where that is switched on (`--javascript.allow-admin-execute`). */
  post('/_admin/execute', 'system', async (request) => {
    const { context, database, query } = request;
    if (!context.server.config['javascript.allow-admin-execute']) throw new ArangoError('ERROR_HTTP_NOT_FOUND');
    const result = await context.services.call(database, `function () {\n${request.text()}\n}`, []);
    if (query.flag('returnAsJSON')) return answerJson(200, result ?? null);
    return answerOk({});
  }),

  get('/_admin/log', 'system', (request) => {
    const entries = wantedEntries(request);
    return answerJson(200, {
      totalAmount: entries.total,
      lid: entries.page.map(({ id }) => id),
      topic: entries.page.map(({ topic }) => topic),
      level: entries.page.map(({ level }) => LOG_LEVELS.indexOf(level)),
      timestamp: entries.page.map(({ time }) => Math.floor(time / 1000)),
      text: entries.page.map(({ message }) => message),
    });
  }),

  get('/_admin/log/entries', 'system', (request) => {
    const { total, page } = wantedEntries(request);
    const messages = page.map(({ id, topic, level, time, message }) => ({
      id,
      topic,
      level: level.toUpperCase(),
      date: new Date(time).toISOString().replace(/\.\d+Z$/, 'Z'),
      message,
    }));
    return answerJson(200, { total, messages });
  }),

  get('/_admin/log/level', 'system', ({ context }) => {
    const levels = new Map<string, string>(LOG_TOPICS.map((topic) => [topic, 'INFO']));
    for (const setting of context.server.config['log.level']) {
      const [first = '', second] = setting.split('=');
      if (second !== undefined) levels.set(first, second.toUpperCase());
      else for (const topic of LOG_TOPICS) levels.set(topic, first.toUpperCase());
    }
    return answerJson(200, Object.fromEntries(levels));
  }),

  get('/_admin/metrics', 'user', metricsText),
  get('/_admin/metrics/v2', 'user', metricsText),

  get('/_admin/options', 'system', ({ context }) => {
    const shown = Object.entries(context.server.config).filter(([name]) => !('isSecret' in OPTIONS[name as OptionName]));
    return answerJson(200, Object.fromEntries(shown));
  }),

  get('/_admin/statistics', 'user', () => {
    const { rss, heapTotal } = process.memoryUsage();
    const { userCPUTime, systemCPUTime, majorPageFault, minorPageFault } = process.resourceUsage();
    const requests = (method: 'get' | 'post' | 'put' | 'delete' | 'head' | 'patch' | 'options'): number =>
      metrics.value(`arangodb_http_request_statistics_http_${method}_requests_total`);
    return answerOk({
      time: Date.now() / 1000,
      enabled: true,
      system: {
        minorPageFaults: minorPageFault,
        majorPageFaults: majorPageFault,
        userTime: userCPUTime / 1e6,
        systemTime: systemCPUTime / 1e6,
        residentSize: rss,
        residentSizePercent: rss / totalmem(),
        virtualSize: heapTotal,
      },
      client: { httpConnections: metrics.value('arangodb_client_connection_statistics_client_connections') },
      http: {
        requestsTotal: metrics.value('arangodb_http_request_statistics_total_requests_total'),
        requestsGet: requests('get'),
        requestsPost: requests('post'),
        requestsPut: requests('put'),
        requestsDelete: requests('delete'),
        requestsHead: requests('head'),
        requestsPatch: requests('patch'),
        requestsOptions: requests('options'),
        requestsOther: metrics.value('arangodb_http_request_statistics_other_http_requests_total'),
      },
      server: {
        uptime: process.uptime(),
        physicalMemory: totalmem(),
        freeMemory: freemem(),
        threads: {
          'scheduler-threads': metrics.value('arangodb_scheduler_num_worker_threads'),
          queued: metrics.value('arangodb_scheduler_queue_length'),
        },
      },
    });
  }),

  get('/_admin/server/mode', 'user', () => answerOk({ mode: 'default' })),

  /** There is nothing to compact by hand. */
  put('/_admin/compact', 'system', () => answerJson(200, {})),

  get('/_api/endpoint', 'system', ({ context, database }) => {
    if (!database.isSystem) throw new ArangoError('ERROR_ARANGO_USE_SYSTEM_DATABASE');
    return answerJson(
      200,
      context.server.endpoints.map((endpoint) => ({ endpoint })),
    );
  }),
];

function metricsText(): HttpAnswer {
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: metrics.text() };
}

const DEFAULT_LEVEL = 'info';

/** The entries that a request asks for: `upto` or `level`, `start`, `search`, `sort`, and a page by `offset` and `size`. */
function wantedEntries({ query }: ApiRequest): { readonly total: number; readonly page: readonly RememberedEntry[] } {
  const exact = query.find('level');
  const rank = LOG_LEVELS.indexOf(levelOf(exact ?? query.find('upto') ?? DEFAULT_LEVEL));
  const start = query.findNumber('start') ?? 0;
  const search = query.find('search')?.toLowerCase() ?? '';
  const wanted = rememberedLog().filter(({ id, level, message }) => {
    const own = LOG_LEVELS.indexOf(level);
    return (exact === undefined ? own <= rank : own === rank) && id >= start && message.toLowerCase().includes(search);
  });
  if (query.find('sort')?.toLowerCase() === 'desc') wanted.reverse();
  const offset = query.findNumber('offset') ?? 0;
  const size = query.findNumber('size');
  return { total: wanted.length, page: wanted.slice(offset, size === undefined ? undefined : offset + size) };
}

/** By name or number. */
function levelOf(text: string): LogLevel {
  const level = LOG_LEVELS.find((name, rank) => name === text.toLowerCase() || String(rank) === text);
  if (level !== undefined) return level;
  throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `the log level must be one of ${LOG_LEVELS.join(', ')} and is "${text}"`);
}
