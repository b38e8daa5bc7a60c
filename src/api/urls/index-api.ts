/** /_api/index: the indexes of a collection. */
import { answerOk } from '../respond.ts';
import { ArangoError, isArangoError } from '#base';
import { del, get, post, type Route } from '../routes.ts';
import type { ValueObject } from '#values';

/** What keeps an index from being made is 400 here, also documents that are not unique, which are 409 elsewhere. */
function asBadRequest<Result>(action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    if (isArangoError(error) && error.code === 409) error.code = 400;
    throw error;
  }
}

export const indexApi: readonly Route[] = [
  get('/_api/index', 'read', ({ database, query }) => {
    const indexes = database.getCollection(query.get('collection')).indexes({ withStats: query.flag('withStats') });
    return answerOk({ indexes, identifiers: Object.fromEntries(indexes.map((index) => [index['id'], index])) as ValueObject });
  }),

  get('/_api/index/:collection', 'read', () => {
    throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: 'expected GET /_api/index[/<index-identifier>]' });
  }),

  del('/_api/index/:collection', 'read', () => {
    throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: 'expected DELETE /_api/index/<index-identifier>' });
  }),

  post('/_api/index', 'write', (request) => {
    const collection = request.database.getCollection(request.query.get('collection'));
    const index = asBadRequest(() => collection.ensureIndex(request.jsonObject()));
    return answerOk(index, { status: index.isNewlyCreated ? 201 : 200 });
  }),

  get('/_api/index/:collection/:id', 'read', ({ database, params }) =>
    answerOk(database.getCollection(params.collection).index(`${params.collection}/${params.id}`)),
  ),

  del('/_api/index/:collection/:id', 'write', ({ database, params }) => {
    const id = `${params.collection}/${params.id}`;
    const collection = database.getCollection(params.collection);
    const { id: fullId } = collection.index(id);
    if (!collection.dropIndex(id)) throw new ArangoError('ERROR_ARANGO_INDEX_NOT_FOUND');
    return answerOk({ id: fullId ?? id });
  }),
];
