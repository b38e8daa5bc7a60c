/** /_api/aqlfunction: AQL functions that users wrote in JavaScript. */
import { ArangoError } from '#base';
import { findAttribute } from '../attributes.ts';
import { answerJson, answerOk } from '../respond.ts';
import { del, get, post, type Route } from '../routes.ts';

export const functionApi: readonly Route[] = [
  get('/_api/aqlfunction', 'read', ({ database, query }) => {
    const namespace = query.find('namespace') ?? query.find('prefix');
    return answerOk({ result: database.functions.list(namespace) });
  }),
  get('/_api/aqlfunction/:namespace', 'read', ({ database, params }) => answerOk({ result: database.functions.list(params.namespace) })),

  post('/_api/aqlfunction', 'write', (request) => {
    if (!request.context.server.config['javascript.user-defined-functions'])
      throw new ArangoError('ERROR_FORBIDDEN', {
        message: 'user-defined functions are switched off (--javascript.user-defined-functions)',
      });
    const body = request.jsonObject();
    const isNewlyCreated = request.database.functions.register({
      name: findAttribute(body, 'name', 'string') ?? '',
      code: (findAttribute(body, 'code', 'string') ?? '').trim(),
      isDeterministic: findAttribute(body, 'isDeterministic', 'boolean') ?? false,
    });
    const code = isNewlyCreated ? 201 : 200;
    return answerJson(code, { error: false, code, isNewlyCreated });
  }),

  del('/_api/aqlfunction/:name', 'write', ({ database, params, query }) => {
    const { functions } = database;
    if (query.flag('group')) return answerOk({ deletedCount: functions.unregisterGroup(params.name) });
    functions.unregister(params.name);
    return answerOk({ deletedCount: 1 });
  }),
];
