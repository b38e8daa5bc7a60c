/** /_admin: what the server tells of itself, and what it does on demand. */
import { ArangoError, metrics, type HttpAnswer } from '#base';
import { answerJson, answerOk } from '../respond.ts';
import { any, get, put, type ApiRequest, type Route } from '../routes.ts';
import { serviceMetricsText } from './foxx-metrics.ts';

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
      rawRequestBody: Buffer.from(http.body),
      parameters: Object.fromEntries(request.query.entries()),
    });
  }),

  get('/_admin/metrics', 'user', metricsText),
  get('/_admin/metrics/v2', 'user', metricsText),

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

/** `--server.export-metrics-api false` makes them unknown. */
function metricsText({ context, path }: ApiRequest): HttpAnswer {
  if (!context.server.config['server.export-metrics-api'])
    throw new ArangoError('ERROR_HTTP_NOT_FOUND', { message: `unknown path '${path}'` });
  return {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: metrics.text() + serviceMetricsText(context.serviceMetrics),
  };
}
