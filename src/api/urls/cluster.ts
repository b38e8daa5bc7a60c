/** The coordinators that share a database: who is there, and what each has of the services. */
import { ArangoError, type HttpAnswer } from '#base';
import { inspectDatabase, type Member } from '#cluster';
import { answerJson, answerOk } from '../respond.ts';
import { get, type ApiRequest, type Handler, type Route } from '../routes.ts';

export const clusterApi: readonly Route[] = [
  get('/_admin/server/role', 'user', ({ context: { cluster } }) =>
    answerOk({ role: cluster.isShared ? 'COORDINATOR' : 'SINGLE', mode: 'default' }),
  ),

  get('/_admin/server/id', 'user', ({ context }) => answerOk({ id: context.server.serverId })),

  /** For load balancers: one that has no lease answers nothing else for a while. */
  get('/_admin/server/availability', 'open', ({ context: { cluster } }) => {
    if (cluster.isCurrent) return answerOk({ mode: 'default' });
    return answerJson(503, { error: true, code: 503, errorNum: 503, errorMessage: 'service unavailable' });
  }),

  get('/_api/cluster/endpoints', 'user', ({ context: { cluster, server } }) => {
    const endpoints = cluster.isShared
      ? cluster
          .members()
          .filter(({ isAlive }) => isAlive)
          .map(({ endpoint }) => endpoint.replace(/^http(s?):/, (_, secure: string) => (secure === '' ? 'tcp:' : 'ssl:')))
      : server.endpoints;
    return answerOk({ endpoints: endpoints.map((endpoint) => ({ endpoint })) });
  }),

  get('/_admin/cluster/health', 'user', ofCluster(health)),

  /** foxden's own: the same from foxden's side, with the state of each service everywhere. */
  get('/_admin/cluster/status', 'system', ofCluster(status)),

  /** foxden's own: what this coordinator sees of the database. Takes a second or two. */
  get('/_admin/cluster/database', 'system', ofCluster(storage)),
];

function ofCluster(handle: Handler): Handler {
  return (request) => {
    if (request.context.cluster.isShared) return handle(request);
    throw new ArangoError('ERROR_CLUSTER_ONLY_ON_COORDINATOR', { message: 'this server is alone: it has no --storage.url to share' });
  };
}

function health({ context: { cluster, databases } }: ApiRequest): HttpAnswer {
  const entries = cluster.members().map((member) => [member.id, healthOf(member)] as const);
  return answerOk({ ClusterId: databases.deploymentId, Health: Object.fromEntries(entries) });
}

function healthOf({ number, endpoint, version, isAlive, secondsSinceHeartbeat, startedAt }: Member) {
  return {
    Endpoint: endpoint.replace(/^http:/, 'tcp:').replace(/^https:/, 'ssl:'),
    Role: 'Coordinator',
    ShortName: `Coordinator${String(number).padStart(4, '0')}`,
    Status: isAlive ? 'GOOD' : 'FAILED',
    SyncStatus: isAlive ? 'SERVING' : 'UNKNOWN',
    LastAckedTime: secondsSinceHeartbeat,
    CanBeDeleted: !isAlive,
    Version: version,
    StartedAt: new Date(startedAt).toISOString(),
  };
}

async function storage({ context: { server } }: ApiRequest): Promise<HttpAnswer> {
  return answerOk(await inspectDatabase(server.config));
}

function status({ context: { cluster, databases, services } }: ApiRequest): HttpAnswer {
  const all = databases.list().map((name) => databases.get(name));
  return answerOk({
    id: cluster.id,
    isCurrent: cluster.isCurrent,
    isLeader: cluster.isLeader,
    members: cluster.members(),
    services: all.flatMap((database) => services.distribution.standings(database)),
  });
}
