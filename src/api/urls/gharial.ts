/**
 * /_api/gharial: named graphs, and reading and writing vertices and edges with regard to what their graphs say.
 *
 * A write answers 201 (or 200) when it is on disk before the answer, and 202 otherwise. Revisions in `etag` have no quotes here: that is
 * ArangoDB's.
 */
import { ArangoError, isArangoError, type HttpAnswer } from '#base';
import {
  edgeCollections,
  NamedGraphs,
  parseEdgeDefinition,
  vertexCollections,
  type Collection,
  type GraphDescription,
  type ModifyOptions,
  type WriteResult,
} from '#database';
import { isArray, isObject, type Value, type ValueObject } from '#values';
import { describe } from '../attributes.ts';
import { answerJson, answerOk } from '../respond.ts';
import { del, get, patch, post, put, type ApiRequest, type Route } from '../routes.ts';

type Kind = 'vertex' | 'edge';

export const gharialApi: readonly Route[] = [
  get('/_api/gharial', 'read', (request) => answerOk({ graphs: graphsOf(request).list() })),

  post('/_api/gharial', 'write', (request) => {
    const body = request.jsonObject();
    const { name, edgeDefinitions = [], orphanCollections = [] } = body;
    if (name === undefined || name === null || name === '') throw new ArangoError('ERROR_GRAPH_CREATE_MISSING_NAME');
    if (typeof name !== 'string') throw new ArangoError('ERROR_BAD_PARAMETER', `the name must be a string and is ${describe(name)}`);
    const definitions = asList(edgeDefinitions, 'ERROR_GRAPH_CREATE_MALFORMED_EDGE_DEFINITION').map(parseEdgeDefinition);
    const orphans = asList(orphanCollections, 'ERROR_GRAPH_CREATE_MALFORMED_ORPHAN_LIST');
    if (!orphans.every((orphan) => typeof orphan === 'string')) throw new ArangoError('ERROR_GRAPH_CREATE_MALFORMED_ORPHAN_LIST');
    refuseClusterOptions(body);
    const graph = graphsOf(request).create(name, { edgeDefinitions: definitions, orphanCollections: orphans }, syncOption(request));
    return answerGraph(request, graph, isSynced(request) ? 201 : 202);
  }),

  get('/_api/gharial/:graph', 'read', (request) => answerOk({ graph: graphsOf(request).get(request.params.graph) })),

  del('/_api/gharial/:graph', 'write', (request) => {
    graphsOf(request).drop(request.params.graph, { dropsCollections: request.query.flag('dropCollections'), ...syncOption(request) });
    return answerWritten(request, { removed: true }, { status: isSynced(request) ? 201 : 202 });
  }),

  get('/_api/gharial/:graph/vertex', 'read', (request) =>
    answerOk({ collections: vertexCollections(graphsOf(request).get(request.params.graph)) }),
  ),

  post('/_api/gharial/:graph/vertex', 'write', (request) => {
    const { collection } = request.jsonObject();
    if (typeof collection !== 'string' || collection === '')
      throw new ArangoError('ERROR_BAD_PARAMETER', `'collection' must be the name of a collection and is ${describe(collection)}`);
    return answerGraph(request, graphsOf(request).addVertexCollection(request.params.graph, collection, syncOption(request)));
  }),

  del('/_api/gharial/:graph/vertex/:collection', 'write', (request) => {
    const { graph, collection } = request.params;
    const options = { dropsCollections: request.query.flag('dropCollection'), ...syncOption(request) };
    return answerGraph(request, graphsOf(request).removeVertexCollection(graph, collection, options));
  }),

  get('/_api/gharial/:graph/edge', 'read', (request) =>
    answerOk({ collections: edgeCollections(graphsOf(request).get(request.params.graph)) }),
  ),

  post('/_api/gharial/:graph/edge', 'write', (request) => {
    const definition = parseEdgeDefinition(request.jsonObject());
    return answerGraph(request, graphsOf(request).addEdgeDefinition(request.params.graph, definition, syncOption(request)));
  }),

  put('/_api/gharial/:graph/edge/:collection', 'write', (request) => {
    const { graph, collection } = request.params;
    const definition = parseEdgeDefinition({ ...request.jsonObject(), collection });
    return answerGraph(request, graphsOf(request).replaceEdgeDefinition(graph, definition, syncOption(request)));
  }),

  del('/_api/gharial/:graph/edge/:collection', 'write', (request) => {
    const { graph, collection } = request.params;
    const dropsCollections = request.query.flag('dropCollections', request.query.flag('dropCollection'));
    const options = { dropsCollections, ...syncOption(request) };
    return answerGraph(request, graphsOf(request).removeEdgeDefinition(graph, collection, options));
  }),

  ...documentRoutes('vertex'),
  ...documentRoutes('edge'),
];

type DocumentRequest = ApiRequest<'graph' | 'collection' | 'key'>;

/** Vertices and edges are read and written alike, but for what is checked of an edge. */
function documentRoutes(kind: Kind): readonly Route[] {
  const all = `/_api/gharial/:graph/${kind}/:collection` as const;
  const one = `${all}/:key` as const;
  const modify = (operation: 'update' | 'replace') => (request: DocumentRequest) => {
    const collection = collectionOf(request, kind);
    const document = documentOf(request);
    if (kind === 'edge') graphsOf(request).checkEnds(request.params.graph, document, { isPart: operation === 'update' });
    const options = modifyOptions(request);
    return answeringConflicts(request, collection, () =>
      answerDocument(request, kind, collection, collection[operation](selectorOf(request), document, options), 200),
    );
  };
  return [
    post(all, 'write', (request) => {
      const collection = collectionOf(request, kind);
      const document = documentOf(request);
      if (kind === 'edge') graphsOf(request).checkEnds(request.params.graph, document, { isPart: false });
      const options = { ...syncOption(request), returnNew: request.query.flag('returnNew') };
      return answerDocument(request, kind, collection, collection.insert(document, options), 201);
    }),
    get(one, 'read', (request) => read(request, kind)),
    put(one, 'write', modify('replace')),
    patch(one, 'write', modify('update')),
    del(one, 'write', (request) => {
      const collection = collectionOf(request, kind);
      const options = modifyOptions(request);
      return answeringConflicts(request, collection, () => {
        const { old } = graphsOf(request).removeWithEdges(collection, selectorOf(request), options);
        const status = isSynced(request, collection) ? 200 : 202;
        return answerWritten(request, { removed: true, ...(old === undefined ? {} : { old }) }, { status, collection });
      });
    }),
  ];
}

function graphsOf({ database }: ApiRequest): NamedGraphs {
  return new NamedGraphs(database);
}

function collectionOf(request: ApiRequest<'graph' | 'collection'>, kind: Kind): Collection {
  const { graph, collection } = request.params;
  return kind === 'vertex' ? graphsOf(request).vertices(graph, collection) : graphsOf(request).edges(graph, collection);
}

function documentOf(request: ApiRequest): ValueObject {
  const body = request.json();
  if (!isObject(body)) throw new ArangoError('ERROR_ARANGO_DOCUMENT_TYPE_INVALID');
  return body;
}

function read(request: DocumentRequest, kind: Kind): HttpAnswer {
  const collection = collectionOf(request, kind);
  return answeringConflicts(request, collection, () => {
    const document = collection.document(selectorOf(request));
    const { _rev } = document;
    const headers = { etag: _rev as string };
    if (unquoted(request.header('if-none-match')) === _rev)
      return { status: 304, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body: '' };
    return answerOk({ [kind]: document }, { headers });
  });
}

/** By key, and the revision that the header or the parameter asks for. */
function selectorOf(request: DocumentRequest): ValueObject {
  const wanted = unquoted(request.header('if-match')) ?? request.query.find('rev');
  return { _key: request.params.key, ...(wanted === undefined || wanted === '' ? {} : { _rev: wanted }) };
}

function unquoted(header: string | undefined): string | undefined {
  return header?.trim().replace(/^["']?(.*?)["']?$/, '$1');
}

function modifyOptions(request: ApiRequest): ModifyOptions {
  const { query } = request;
  return {
    ...syncOption(request),
    ignoreRevs: false,
    keepNull: query.flag('keepNull', true),
    returnNew: query.flag('returnNew'),
    returnOld: query.flag('returnOld'),
  };
}

function syncOption({ query }: ApiRequest): { readonly waitForSync: boolean } {
  return { waitForSync: query.flag('waitForSync') };
}

function isSynced({ query }: ApiRequest, collection?: Collection): boolean {
  return query.flag('waitForSync') || collection?.waitsForSync === true;
}

/** A change of a graph is only accepted, even when it is on disk: so ArangoDB has it. */
function answerGraph(request: ApiRequest, graph: GraphDescription, status = 202): HttpAnswer {
  return answerWritten(request, { graph }, { status, headers: { etag: graph._rev } });
}

function answerDocument(request: ApiRequest, kind: Kind, collection: Collection, result: WriteResult, done: number): HttpAnswer {
  const { new: after, old: before, ...meta } = result;
  const body = { [kind]: meta, ...(before === undefined ? {} : { old: before }), ...(after === undefined ? {} : { new: after }) };
  const status = isSynced(request, collection) ? done : 202;
  return answerWritten(request, body, { status, collection, headers: { etag: meta._rev } });
}

function answerWritten(
  request: ApiRequest,
  body: object,
  { status, collection, headers }: { readonly status: number; readonly collection?: Collection; readonly headers?: HttpAnswer['headers'] },
): HttpAnswer {
  return { ...answerOk(body, { status, ...(headers === undefined ? {} : { headers }) }), isDurable: isSynced(request, collection) };
}

/** A revision that does not fit is 412 with the one that is there. */
function answeringConflicts({ params }: DocumentRequest, collection: Collection, action: () => HttpAnswer): HttpAnswer {
  try {
    return action();
  } catch (error) {
    if (!isArangoError(error) || error.errorNum !== 1200 || error.code !== 412) throw error;
    const present = collection.exists({ _key: params.key });
    const { errorMessage, errorNum } = error;
    return answerJson(412, { error: true, code: 412, errorMessage, errorNum, ...present });
  }
}

function asList(
  value: Value,
  error: 'ERROR_GRAPH_CREATE_MALFORMED_EDGE_DEFINITION' | 'ERROR_GRAPH_CREATE_MALFORMED_ORPHAN_LIST',
): readonly Value[] {
  if (value === null) return [];
  if (!isArray(value)) throw new ArangoError(error);
  return value;
}

/** SmartGraphs keep what belongs together on one server of many; a client that relies on their key format must hear that there are none. */
function refuseClusterOptions({ isSmart, options }: ValueObject): void {
  const smart = options !== undefined && isObject(options) ? options['smartGraphAttribute'] : undefined;
  if (isSmart === true || typeof smart === 'string')
    throw new ArangoError('ERROR_NOT_IMPLEMENTED', { message: 'SmartGraphs are of clusters: create the graph without isSmart' });
}
