/** /_api/tasks: code that the server runs later or again and again, until it restarts. */
import { ArangoError, type HttpAnswer } from '#base';
import type { Tasks } from '#services';
import { answerJson, answerOk } from '../respond.ts';
import { del, get, post, put, type ApiRequest, type Route } from '../routes.ts';

export const tasksApi: readonly Route[] = [
  get('/_api/tasks', 'read', (request) => answerJson(200, tasksOf(request).list())),
  get('/_api/tasks/:id', 'read', (request) => answerJson(200, tasksOf(request).get(request.params.id))),

  /** Without an id in the body one is made. */
  post('/_api/tasks', 'manage', (request) => answerJson(200, tasksOf(request).register(request.jsonObject()))),

  put('/_api/tasks/:id', 'manage', (request) => registerAs(request)),
  post('/_api/tasks/:id', 'manage', (request) => registerAs(request)),

  del('/_api/tasks/:id', 'manage', (request) => {
    tasksOf(request).unregister(request.params.id);
    return answerOk({});
  }),
];

function registerAs(request: ApiRequest<'id'>): HttpAnswer {
  return answerJson(200, tasksOf(request).register({ ...request.jsonObject(), id: request.params.id }));
}

/** Of the database, run with the rights of who registers them. Throws 11 where tasks are switched off. */
function tasksOf({ context, database, user }: ApiRequest): ReturnType<Tasks['of']> {
  if (context.tasks === undefined) throw new ArangoError('ERROR_FORBIDDEN', { message: 'JavaScript tasks are disabled' });
  return context.tasks.of(database.name, user);
}
