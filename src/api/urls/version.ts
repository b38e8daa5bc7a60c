/** /_api/version and what else tells of the server itself. */
import { hostname } from 'node:os';
import { ARANGODB_VERSION, ArangoError, clock } from '#base';
import { answerJson, answerOk } from '../respond.ts';
import { any, get, type ApiRequest, type Route } from '../routes.ts';

/** With `--server.harden` only administrators learn what they need not know to use the server. */
export function learnsAll({ context, user }: ApiRequest): boolean {
  return !context.server.config['server.harden'] || context.databases.databaseLevel(user, '_system') === 'rw';
}

/** There is one version of the HTTP API. */
const API_VERSIONS = { apiVersions: ['v0'], deprecatedApiVersions: [], requestedApiVersion: 'v0' };

export const serverApi: readonly Route[] = [
  /** ArangoDB does not look at the method. */
  any('/_api/version', 'user', (request) =>
    answerJson(200, {
      server: 'arango',
      license: 'community',
      ...(learnsAll(request) ? { version: ARANGODB_VERSION } : {}),
      ...(learnsAll(request) && request.query.flag('details')
        ? {
            details: {
              architecture: '64bit',
              mode: 'server',
              platform: process.platform,
              host: hostname(),
              'server-version': ARANGODB_VERSION,
              'v8-version': process.versions.v8,
              'node-version': process.version,
              foxden: 'true',
            },
          }
        : {}),
      ...API_VERSIONS,
    }),
  ),

  get('/_api/engine', 'user', () =>
    answerJson(200, {
      name: 'rocksdb',
      supports: {
        indexes: ['primary', 'edge', 'hash', 'skiplist', 'ttl', 'persistent', 'geo', 'fulltext', 'mdi', 'mdi-prefixed'],
        aliases: { indexes: { hash: 'persistent', skiplist: 'persistent', zkd: 'mdi' } },
      },
      // Of the keys of rows.
      endianness: 'big',
    }),
  ),

  get('/_admin/time', 'user', () => answerOk({ time: clock.now() / 1000 })),

  get('/_admin/status', 'user', (request) => {
    const { context } = request;
    if (!learnsAll(request)) throw new ArangoError('ERROR_FORBIDDEN');
    return answerJson(200, {
      server: 'arango',
      license: 'community',
      version: ARANGODB_VERSION,
      mode: 'server',
      operationMode: 'server',
      foxxApi: context.server.isFoxxApiOn,
      host: hostname(),
      hostname: hostname(),
      pid: process.pid,
      serverInfo: {
        progress: { phase: 'in wait', feature: '', recoveryTick: 0 },
        role: context.cluster.isShared ? 'COORDINATOR' : 'SINGLE',
        writeOpsEnabled: true,
        readOnly: false,
        maintenance: false,
        serverId: context.server.serverId,
      },
    });
  }),
];
