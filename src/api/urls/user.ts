/** /_api/user and /_open/auth: accounts, what they may do, and tokens for who proves to be one. */
import { ArangoError } from '#base';
import type { AccessLevel, UserChanges } from '#database';
import type { ValueObject } from '#values';
import { describe, findAttribute, getAttribute } from '../attributes.ts';
import { answerJson, answerOk, answerResult } from '../respond.ts';
import { del, get, patch, post, put, type ApiRequest, type Handler, type Route } from '../routes.ts';

export const userApi: readonly Route[] = [
  post('/_open/auth', 'open', (request) => {
    const body = request.jsonObject();
    const username = findAttribute(body, 'username', 'string') ?? 'root';
    const password = findAttribute(body, 'password', 'string') ?? '';
    const { users, tokens } = request.context.databases;
    const user = users.identify(username, password);
    if (user === undefined) throw new ArangoError('ERROR_HTTP_UNAUTHORIZED', { message: 'Wrong credentials' });
    return answerJson(200, { jwt: tokens.issue(user, request.context.server.config['server.session-timeout']) });
  }),

  post('/_open/auth/renew', 'user', ({ context, user }) =>
    answerJson(
      200,
      user === undefined ? {} : { jwt: context.databases.tokens.issue(user, context.server.config['server.session-timeout']) },
    ),
  ),

  get('/_api/user', 'system', ({ context }) => answerResult(context.databases.users.list())),

  post('/_api/user', 'system', (request) => {
    const body = request.jsonObject();
    const name = findAttribute(body, 'user', 'string') ?? '';
    return answerOk(request.context.databases.users.create(name, changesOf(body)), { status: 201 });
  }),

  /** Is this the password? */
  post(
    '/_api/user/:user',
    'user',
    own((request) => {
      const { users } = request.context.databases;
      const password = findAttribute(changesIn(request), 'passwd', 'string') ?? '';
      if (users.identify(request.params.user, password) !== request.params.user) throw new ArangoError('ERROR_USER_NOT_FOUND');
      return answerResult(true);
    }),
  ),

  get(
    '/_api/user/:user',
    'user',
    own(({ context, params }) => answerOk(context.databases.users.describe(params.user))),
  ),

  put(
    '/_api/user/:user',
    'user',
    own((request) => answerOk(request.context.databases.users.replace(request.params.user, changesOf(changesIn(request))))),
  ),

  patch(
    '/_api/user/:user',
    'user',
    own((request) => answerOk(request.context.databases.users.update(request.params.user, changesOf(changesIn(request))))),
  ),

  put('/_api/user', 'system', () => missingUser()),
  patch('/_api/user', 'system', () => missingUser()),
  del('/_api/user', 'system', () => missingUser()),

  del('/_api/user/:user', 'system', ({ context, params }) => {
    context.databases.users.remove(params.user);
    return answerOk({}, { status: 202 });
  }),

  get(
    '/_api/user/:user/database',
    'user',
    own(({ context, params, query }) =>
      answerResult(query.flag('full') ? context.databases.allGrants(params.user) : context.databases.grantedDatabases(params.user)),
    ),
  ),

  get(
    '/_api/user/:user/database/:database',
    'user',
    own(({ context, params }) => {
      context.databases.users.get(params.user);
      return answerResult(context.databases.databaseLevel(params.user, params.database));
    }),
  ),

  put('/_api/user/:user/database/:database', 'system', (request) => {
    const { user, database } = request.params;
    const level = levelOf(request.jsonObject());
    request.context.databases.users.grantDatabase(user, database, level);
    return answerOk({ [database]: level });
  }),

  del('/_api/user/:user/database/:database', 'system', ({ context, params }) => {
    context.databases.users.grantDatabase(params.user, params.database, undefined);
    return answerOk({}, { status: 202 });
  }),

  get(
    '/_api/user/:user/database/:database/:collection',
    'user',
    own(({ context, params }) => {
      context.databases.users.get(params.user);
      return answerResult(context.databases.collectionLevel(params.user, params.database, params.collection));
    }),
  ),

  put('/_api/user/:user/database/:database/:collection', 'system', (request) => {
    const { user, database, collection } = request.params;
    const level = levelOf(request.jsonObject());
    request.context.databases.grantCollection(user, database, collection, level);
    return answerOk({ [`${database}/${collection}`]: level });
  }),

  del('/_api/user/:user/database/:database/:collection', 'system', ({ context, params }) => {
    context.databases.grantCollection(params.user, params.database, params.collection, undefined);
    return answerOk({}, { status: 202 });
  }),
];

function missingUser(): never {
  throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: 'expecting /_api/user/<user>' });
}

/** Access tokens of an account. */
export const tokenApi: readonly Route[] = [
  get(
    '/_api/token/:user',
    'user',
    own(({ context, params }) => answerJson(200, { tokens: context.databases.users.accessTokens(params.user) })),
  ),

  post(
    '/_api/token/:user',
    'user',
    own((request) => {
      const body = request.jsonObject();
      const name = getAttribute(body, 'name', 'string');
      const validUntilSeconds = findAttribute(body, 'valid_until', 'number');
      if (name === '') throw new ArangoError('ERROR_BAD_PARAMETER', 'the name of an access token must not be empty');
      const options = { name, ...(validUntilSeconds === undefined ? {} : { validUntilSeconds }) };
      return answerJson(200, request.context.databases.users.createAccessToken(request.params.user, options));
    }),
  ),

  del(
    '/_api/token/:user/:id',
    'user',
    own(({ context, params }) => {
      context.databases.users.removeAccessToken(params.user, Number(params.id));
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: '' };
    }),
  ),
];

/** Whoever may write to `_system` may do it to everybody, all others only to themselves. */
function own<Name extends string>(handle: Handler<Name | 'user'>): Handler<Name | 'user'> {
  return (request) => {
    const { context, params, user } = request;
    if (user !== params['user' as Name | 'user'] && context.databases.databaseLevel(user, '_system') !== 'rw')
      throw new ArangoError('ERROR_FORBIDDEN');
    return handle(request);
  };
}

/** Without a body nothing is said of the account. */
function changesIn(request: ApiRequest): ValueObject {
  return request.http.body.length === 0 ? {} : request.jsonObject();
}

function changesOf(body: ValueObject): UserChanges {
  const passwd = findAttribute(body, 'passwd', 'string');
  const active = findAttribute(body, 'active', 'boolean');
  const extra = findAttribute(body, 'extra', 'object');
  return {
    ...(passwd === undefined ? {} : { passwd }),
    ...(active === undefined ? {} : { active }),
    ...(extra === undefined ? {} : { extra }),
  };
}

function levelOf(body: ValueObject): AccessLevel {
  const { grant } = body;
  if (grant === 'rw' || grant === 'ro' || grant === 'none') return grant;
  throw new ArangoError('ERROR_BAD_PARAMETER', { message: `expecting 'grant' to be "rw", "ro" or "none", found ${describe(grant)}` });
}
