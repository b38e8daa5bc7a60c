/** /_api/analyzer: analyzers, which functions of AQL can use. */
import { Analyzers } from '#database';
import { findAttribute, getAttribute } from '../attributes.ts';
import { answerJson, answerOk, answerResult } from '../respond.ts';
import { del, get, post, type Route } from '../routes.ts';

export const analyzerApi: readonly Route[] = [
  get('/_api/analyzer', 'read', ({ database }) => answerResult(new Analyzers(database).list())),
  get('/_api/analyzer/:name', 'read', ({ database, params }) => answerOk(new Analyzers(database).get(params.name))),

  /** 201 for a new one, 200 for one that is there just like that. Throws 10 for one that is there otherwise. */
  post('/_api/analyzer', 'write', (request) => {
    const body = request.jsonObject();
    const { analyzer, isNew } = new Analyzers(request.database).save({
      name: getAttribute(body, 'name', 'string'),
      type: getAttribute(body, 'type', 'string'),
      properties: findAttribute(body, 'properties', 'object') ?? {},
      features: findAttribute(body, 'features', 'array') ?? [],
    });
    return answerJson(isNew ? 201 : 200, analyzer);
  }),

  del('/_api/analyzer/:name', 'write', ({ database, params }) => answerOk({ name: new Analyzers(database).remove(params.name) })),
];
