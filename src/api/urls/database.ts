/** /_api/database: what databases there are, and making and dropping them. */
import { ArangoError } from '#base';
import { describe, findAttribute } from '../attributes.ts';
import { answerResult } from '../respond.ts';
import { del, get, post, type ApiRequest, type Route } from '../routes.ts';

export const databaseApi: readonly Route[] = [
  get('/_api/database', 'user', (request) => {
    demandSystem(request);
    return answerResult(request.context.databases.list());
  }),

  get('/_api/database/current', 'read', ({ database }) => answerResult(database.properties())),

  get('/_api/database/user', 'user', ({ context, user }) =>
    answerResult(context.databases.list().filter((name) => context.databases.find(name, user) !== undefined)),
  ),

  post('/_api/database', 'user', (request) => {
    demandSystem(request);
    demandAdministrator(request);
    const body = request.jsonObject();
    const { name, users } = body;
    const options = findAttribute(body, 'options', 'object') ?? {};
    if (typeof name !== 'string') throw new ArangoError('ERROR_ARANGO_ILLEGAL_NAME', `the name must be a string and is ${describe(name)}`);
    request.context.databases.create(name, { ...options, ...(users === undefined || users === null ? {} : { users }) });
    request.context.cluster.announce('services');
    return answerResult(true, { status: 201 });
  }),

  del('/_api/database/:name', 'user', (request) => {
    demandSystem(request);
    demandAdministrator(request);
    const { context, params } = request;
    context.databases.drop(params.name);
    context.services.distribution.dropDatabase(params.name);
    return answerResult(true);
  }),
];

function demandAdministrator({ context, user }: ApiRequest): void {
  if (context.databases.databaseLevel(user, '_system') !== 'rw') throw new ArangoError('ERROR_FORBIDDEN');
}

/** Databases are made, listed and dropped from `_system` only. */
function demandSystem({ database }: ApiRequest): void {
  if (!database.isSystem) throw new ArangoError('ERROR_ARANGO_USE_SYSTEM_DATABASE');
}
