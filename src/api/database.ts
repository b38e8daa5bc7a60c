/** /_api/database: what databases there are, and making and dropping them. */
import { ArangoError } from '#base';
import type { ValueObject } from '#values';
import { answerResult } from './respond.ts';
import { del, get, post, type ApiRequest, type Route } from './routes.ts';

export const databaseApi: readonly Route[] = [
  get('/_api/database', 'user', (request) => {
    demandSystem(request);
    return answerResult(request.context.databases.list());
  }),

  get('/_api/database/current', 'read', ({ database }) => answerResult(database.properties())),

  get('/_api/database/user', 'user', ({ context, user }) =>
    answerResult(context.databases.list().filter((name) => context.databases.find(name, user) !== undefined)),
  ),

  post('/_api/database', 'system', (request) => {
    demandSystem(request);
    const { name, options, users } = request.jsonObject();
    if (typeof name !== 'string')
      throw new ArangoError('ERROR_ARANGO_DATABASE_NAME_INVALID', `the name must be a string and is ${JSON.stringify(name)}`);
    request.context.databases.create(name, { ...(options as ValueObject | undefined), ...(users === undefined ? {} : { users }) });
    request.context.cluster.announce('services');
    return answerResult(true, { status: 201 });
  }),

  del('/_api/database/:name', 'system', (request) => {
    demandSystem(request);
    const { context, params } = request;
    context.databases.drop(params.name);
    context.services.dropDatabase(params.name);
    return answerResult(true);
  }),
];

/** Databases are made, listed and dropped from `_system` only. */
function demandSystem({ database }: ApiRequest): void {
  if (!database.isSystem) throw new ArangoError('ERROR_ARANGO_USE_SYSTEM_DATABASE');
}
