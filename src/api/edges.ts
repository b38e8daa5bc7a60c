/** /_api/edges: the edges that start or end at a vertex. */
import { ArangoError, type HttpAnswer } from '#base';
import type { ValueObject } from '#values';
import { answerOk } from './respond.ts';
import { get, post, type ApiRequest, type Route } from './routes.ts';

const CONDITIONS = {
  any: 'e._from IN @vertices || e._to IN @vertices',
  in: 'e._to IN @vertices',
  out: 'e._from IN @vertices',
} as const;

export const edgesApi: readonly Route[] = [
  get('/_api/edges/:collection', 'read', (request) => {
    const vertex = request.query.find('vertex');
    if (vertex === undefined || vertex === '')
      throw new ArangoError('ERROR_ARANGO_DOCUMENT_HANDLE_BAD', {
        message: 'illegal document handle: query parameter "vertex" is missing',
      });
    return answerEdges(request, [vertex]);
  }),

  /** The vertices as an array in the body. */
  post('/_api/edges/:collection', 'read', (request) => {
    const vertices = request.json();
    if (!Array.isArray(vertices) || !vertices.every((vertex) => typeof vertex === 'string'))
      throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: 'expecting an array of vertex ids in the body' });
    return answerEdges(request, vertices);
  }),
];

function answerEdges({ database, params, query }: ApiRequest<'collection'>, vertices: readonly string[]): HttpAnswer {
  // Drivers write out what they were not given.
  const given = query.find('direction');
  const direction = given === undefined || given === '' || given === 'undefined' ? 'any' : given;
  if (direction !== 'any' && direction !== 'in' && direction !== 'out')
    throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: `<direction> must be any, in, or out, not: ${direction}` });
  const { name, type } = database.getCollection(params.collection);
  if (type !== 3) throw new ArangoError('ERROR_ARANGO_COLLECTION_TYPE_INVALID');
  const cursor = database.query({
    query: `FOR e IN @@collection FILTER ${CONDITIONS[direction]} RETURN e`,
    bindVars: { '@collection': name, vertices },
  });
  const edges = cursor.toArray();
  return answerOk({ edges, stats: cursor.extra()['stats'] as ValueObject });
}
