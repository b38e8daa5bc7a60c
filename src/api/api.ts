/** The HTTP API as one table, and the way of a request through it: route, rights, transaction, answer. */
import { ArangoError, type HttpAnswer, type HttpRequest } from '#base';
import type { Database } from '#database';
import { adminApi } from './urls/admin.ts';
import { backupApi } from './urls/backup.ts';
import { clusterApi } from './urls/cluster.ts';
import { collectionApi } from './urls/collection.ts';
import { cursorApi } from './urls/cursor.ts';
import { deploymentApi } from './urls/deployment.ts';
import { notApplicableApi } from './urls/not-applicable.ts';
import { logApi } from './urls/log.ts';
import { serverSecretsApi } from './urls/server.ts';
import { statisticsApi } from './urls/statistics.ts';
import { databaseApi } from './urls/database.ts';
import { documentApi } from './urls/document.ts';
import { foxxApi } from './urls/foxx.ts';
import { foxxLogApi } from './urls/foxx-log.ts';
import { foxxStatesApi } from './urls/foxx-states.ts';
import { foxxMetricsApi } from './urls/foxx-metrics.ts';
import { foxxOffersApi } from './urls/foxx-offers.ts';
import { foxxQueuesApi } from './urls/foxx-queues.ts';
import { gharialApi } from './urls/gharial.ts';
import { indexApi } from './urls/index-api.ts';
import { QueryParameters } from './query-parameters.ts';
import { answerError, answerJson } from './respond.ts';
import { edgesApi } from './urls/edges.ts';
import { importApi } from './urls/import.ts';
import { jobApi } from './urls/job.ts';
import { functionApi } from './urls/aqlfunction.ts';
import { queryApi } from './urls/query.ts';
import { replicationApi } from './urls/replication.ts';
import { restoreApi } from './urls/restore.ts';
import { analyzerApi } from './urls/analyzer.ts';
import { viewApi } from './urls/view.ts';
import { simpleApi } from './urls/simple.ts';
import { tokenApi, userApi } from './urls/user.ts';
import { ApiRequest, RouteTable, type Access, type ApiContext, type Route } from './routes.ts';
import { tasksApi } from './urls/tasks.ts';
import { transactionApi, withinTransaction } from './urls/transaction.ts';
import { serverApi } from './urls/version.ts';

export const ROUTES: readonly Route[] = [
  ...serverApi,
  ...adminApi,
  ...clusterApi,
  ...deploymentApi,
  ...logApi,
  ...serverSecretsApi,
  ...statisticsApi,
  ...notApplicableApi,
  ...backupApi,
  ...jobApi,
  ...databaseApi,
  ...collectionApi,
  ...documentApi,
  ...indexApi,
  ...cursorApi,
  ...queryApi,
  ...functionApi,
  ...simpleApi,
  ...importApi,
  ...replicationApi,
  ...restoreApi,
  ...analyzerApi,
  ...viewApi,
  ...edgesApi,
  ...gharialApi,
  ...transactionApi,
  ...tasksApi,
  ...userApi,
  ...tokenApi,
  ...foxxApi,
  ...foxxLogApi,
  ...foxxStatesApi,
  ...foxxMetricsApi,
  ...foxxOffersApi,
  ...foxxQueuesApi,
];

const table = new RouteTable(ROUTES);

/** A request that has found its database. */
export interface RoutedRequest {
  readonly http: HttpRequest;
  readonly database: Database;
  readonly user: string | undefined;
  /** False when authentication is on and nobody proved who they are. */
  readonly isAuthenticated: boolean;
  /** Below `/_db/<name>`, without the query. */
  readonly path: string;
  readonly query: string;
}

/** Answers a request to the HTTP API; undefined: it has no such path. Never throws. */
export function handleApi(context: ApiContext, routed: RoutedRequest): HttpAnswer | Promise<HttpAnswer> | undefined {
  try {
    const found = table.find(routed.http.method, routed.path);
    if (found === undefined) return undefined;
    if (!('route' in found))
      return answerJson(
        405,
        { error: true, code: 405, errorNum: 405, errorMessage: 'method not supported' },
        { allow: found.methods.join(', ') },
      );
    const { route, params } = found;
    const refusal = refuse(context, route.access, routed);
    if (refusal !== undefined) return refusal;
    const { database, http, path, user } = routed;
    const request = new ApiRequest({ context, database, http, path, user, params, query: new QueryParameters(routed.query) });
    const answer = withinTransaction(database, request, () => route.handle(request));
    return answer instanceof Promise ? answer.catch((error: unknown) => answerError(error)) : answer;
  } catch (error) {
    return answerError(error);
  }
}

/** A database was opened for who asks, so they may read it. */
function refuse(
  { databases }: ApiContext,
  access: Access,
  { isAuthenticated, http, database, user }: RoutedRequest,
): HttpAnswer | undefined {
  if (access === 'open') return undefined;
  if (isAuthenticated) {
    if (access !== 'manage' && access !== 'system') return undefined;
    const level = databases.databaseLevel(user, access === 'system' ? '_system' : database.name);
    return level === 'rw' ? undefined : answerError(new ArangoError('ERROR_FORBIDDEN'));
  }
  const challenge =
    http.headers['x-omit-www-authenticate'] === undefined ? { 'www-authenticate': 'Bearer token_type="JWT", realm="ArangoDB"' } : {};
  // ArangoDB's number for this is that of forbidden things; drivers renew their tokens by both together.
  const error = new ArangoError('ERROR_FORBIDDEN', { message: 'not authorized to execute this request' });
  error.code = 401;
  return answerError(error, challenge);
}
