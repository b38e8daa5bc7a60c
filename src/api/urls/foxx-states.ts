/**
 * `/_api/foxx/states`: how services are: ready, unconfigured, broken, or not yet known since nobody has used them. foxden's own: the list of
 * `GET /_api/foxx` leaves out broken services, as ArangoDB's does. With `mount` it tells of one.
 */
import { answerJson } from '../respond.ts';
import { get, type Route } from '../routes.ts';

export const foxxStatesApi: readonly Route[] = [
  get('/_api/foxx/states', 'read', ({ context, ownDatabase: database, query, user }) => {
    // What broke a service may show its code: that is for those who may change it.
    const maySeeProblems = !context.server.isAuthenticationOn || context.databases.databaseLevel(user, database.name) === 'rw';
    const states = context.services.states(database, query.find('mount'));
    return answerJson(
      200,
      states.map(({ problem, ...state }) => ({ ...state, ...(maySeeProblems && problem !== undefined ? { problem } : {}) })),
    );
  }),
];
