/**
 * The modules of the server that a service gets by name. Each is made for a service when it asks for it, for most of them know which
 * database, mount and log they belong to.
 */
import * as nodeTimers from 'node:timers';
import { actions } from './arangodb/actions.ts';
import { createAnalyzers } from './arangodb/analyzers.ts';
import { createAqlCache, createAqlFunctions, createAqlPlanCache, createAqlQueries, createExplainer } from './arangodb/aql-modules.ts';
import { createArangodb } from './arangodb/arangodb.ts';
import * as crypto from './arangodb/crypto.ts';
import { errors } from './arangodb/errors.ts';
import { createExampleGraphs } from './arangodb/example-graphs.ts';
import { createGeneralGraph } from './arangodb/general-graph.ts';
import { createInternal } from './arangodb/internal.ts';
import * as is from './arangodb/is.ts';
import { mimetypes } from './arangodb/mimetypes.ts';
import { createRequest, type RequestFunction } from './arangodb/request.ts';
import { createTasks } from './arangodb/tasks.ts';
import { createUsers } from './arangodb/users.ts';
import * as util from './arangodb/util.ts';
import type { Environment, Registry } from './environment.ts';
import { createAuth } from './foxx/auth.ts';
import { createFoxx, createRouter } from './foxx/foxx-module.ts';
import { createGraphQLRouter } from './foxx/graphql.ts';
import { createManager } from './foxx/manager.ts';
import { createFoxxMocha, createMocha } from './foxx/mocha-module.ts';
import { createOAuth1Client } from './foxx/oauth1.ts';
import { createOAuth2Client } from './foxx/oauth2.ts';
import { createQueues } from './foxx/queues.ts';
import { collectionStorage } from './foxx/sessions/collection-storage.ts';
import { cookieTransport } from './foxx/sessions/cookie-transport.ts';
import { headerTransport } from './foxx/sessions/header-transport.ts';
import { jwtStorage } from './foxx/sessions/jwt-storage.ts';
import { createSessionsMiddleware } from './foxx/sessions/middleware.ts';
import { LEGACY_MODULES } from './legacy/legacy-modules.ts';
import { serviceFs } from './node/fs.ts';

const MODULES: Readonly<Record<string, (environment: Environment) => unknown>> = {
  '@arangodb': createArangodb,
  '@arangodb/actions': () => actions,
  '@arangodb/analyzers': createAnalyzers,
  '@arangodb/aql/cache': createAqlCache,
  '@arangodb/aql/explainer': createExplainer,
  '@arangodb/aql/functions': createAqlFunctions,
  '@arangodb/aql/plan-cache': createAqlPlanCache,
  '@arangodb/aql/queries': createAqlQueries,
  '@arangodb/crypto': () => crypto,
  '@arangodb/errors': () => ({ errors }),
  '@arangodb/foxx': createFoxx,
  '@arangodb/foxx/auth': () => createAuth,
  '@arangodb/foxx/graphql': () => createGraphQLRouter,
  '@arangodb/foxx/manager': createManager,
  '@arangodb/foxx/mocha': createFoxxMocha,
  '@arangodb/foxx/oauth1': (environment) => createOAuth1Client(requestOf(environment)),
  '@arangodb/foxx/oauth2': (environment) => createOAuth2Client(requestOf(environment)),
  '@arangodb/foxx/queues': createQueues,
  '@arangodb/foxx/router': () => createRouter,
  '@arangodb/foxx/sessions': createSessionsMiddleware,
  '@arangodb/foxx/sessions/storages/collection':
    ({ db }) =>
    (options: unknown) =>
      collectionStorage(db, options),
  '@arangodb/foxx/sessions/storages/jwt': () => jwtStorage,
  '@arangodb/foxx/sessions/transports/cookie': () => cookieTransport,
  '@arangodb/foxx/sessions/transports/header': () => headerTransport,
  '@arangodb/general-graph': createGeneralGraph,
  '@arangodb/graph-examples/example-graph': createExampleGraphs,
  '@arangodb/is': () => is,
  '@arangodb/locals': ({ context }) => ({ context }),
  '@arangodb/mimetypes': mimetypes,
  '@arangodb/mocha': createMocha,
  '@arangodb/request': ({ source, policy }) => createRequest(source.host, policy),
  '@arangodb/tasks': createTasks,
  '@arangodb/users': createUsers,
  '@arangodb/util': () => util,
  console: ({ console }) => console,
  fs: () => serviceFs,
  internal: createInternal,
  process: ({ process }) => process,
  'node:process': ({ process }) => process,
  timers: ({ timers }) => ({ ...nodeTimers, ...timers }),
  'node:timers': ({ timers }) => ({ ...nodeTimers, ...timers }),
};

export const registry: Registry = (name, { isLegacy }) => {
  if (isLegacy && Object.hasOwn(LEGACY_MODULES, name)) return LEGACY_MODULES[name];
  return Object.hasOwn(MODULES, name) ? MODULES[name] : undefined;
};

function requestOf(environment: Environment): RequestFunction {
  return environment.load('@arangodb/request') as RequestFunction;
}
