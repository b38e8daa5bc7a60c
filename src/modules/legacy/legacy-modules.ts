/** The modules that are other ones for a legacy service, or that only those know. The rest are those of newer services. */
import type { Environment } from '../environment.ts';
import { AuthenticationSessions, Users } from './authentication.ts';
import { createLegacyConsole } from './console.ts';
import { Controller } from './controller.ts';
import { UnauthorizedError, UserAlreadyExistsError } from './errors.ts';
import { extend } from './extend.ts';
import { is } from './is.ts';
import { toJsonSchema } from './joi-schemas.ts';
import { Model } from './model.ts';
import { createQuery } from './query.ts';
import { createRepository } from './repository.ts';
import { Sessions } from './sessions.ts';
import { createTemplateMiddleware } from './template-middleware.ts';

type Create = (environment: Environment) => unknown;

const repositoryOf: Create = (environment) => createRepository(environment.db);

const queryOf =
  ({ db }: Environment) =>
  (given: Parameters<typeof createQuery>[1]): unknown =>
    createQuery(db, given);

const createFoxx: Create = (environment) => {
  const exportsOf = (path: string): unknown => environment.exportsOf(`/${path.replaceAll(/^\/+|\/+$/g, '')}`);
  return {
    Controller,
    Model,
    Repository: (environment.load('@arangodb/foxx/repository') as { readonly Repository: unknown }).Repository,
    queues: environment.load('@arangodb/foxx/queues'),
    createQuery: queryOf(environment),
    toJSONSchema: toJsonSchema,
    getExports: exportsOf,
    requireApp: exportsOf,
  };
};

export const LEGACY_MODULES: Readonly<Record<string, Create>> = {
  '@arangodb/extend': () => ({ extend }),
  '@arangodb/foxx': createFoxx,
  '@arangodb/foxx/authentication': () => ({ Users, Sessions: AuthenticationSessions, UnauthorizedError, UserAlreadyExistsError }),
  '@arangodb/foxx/console': (environment) => createLegacyConsole(environment.console, environment.db, environment.source.mount),
  '@arangodb/foxx/controller': () => ({ Controller }),
  '@arangodb/foxx/model': () => ({ Model }),
  '@arangodb/foxx/query': (environment) => ({ createQuery: queryOf(environment) }),
  '@arangodb/foxx/repository': (environment) => ({ Repository: repositoryOf(environment) }),
  '@arangodb/foxx/schema': () => ({ toJSONSchema: toJsonSchema }),
  '@arangodb/foxx/sessions': () => ({ Sessions, sessionTypes: ['cookie', 'header'] }),
  '@arangodb/foxx/template_middleware': ({ db }) => ({ TemplateMiddleware: createTemplateMiddleware(db) }),
  '@arangodb/is': () => is,
};
