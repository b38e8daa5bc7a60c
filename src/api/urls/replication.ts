/**
 * /_api/replication, /_api/dump and /_api/wal as far as tools that copy a database out need them: a snapshot (a "batch"), what is in it, and
 * its documents, line by line. Nobody follows foxden by its write-ahead log, so there is none to read.
 */
import { ArangoError, ARANGODB_VERSION, type HttpAnswer } from '#base';
import type { Collection, Database, Snapshot } from '#database';
import type { ValueObject } from '#values';
import { describe, findAttribute } from '../attributes.ts';
import { answerEmpty, answerJson } from '../respond.ts';
import { del, get, post, put, type ApiContext, type ApiRequest, type Route } from '../routes.ts';

const DEFAULT_TTL_SECONDS = 300;
const DEFAULT_CHUNK_BYTES = 8 * 1024 * 1024;
const LEAST_CHUNK_BYTES = 16 * 1024;
const MOST_CHUNK_BYTES = 96 * 1024 * 1024;
/** Of an entry that is a document, in an envelope. */
const DOCUMENT_ENTRY = 2300;

export const replicationApi: readonly Route[] = [
  post('/_api/replication/batch', 'read', (request) => {
    const snapshot = request.database.takeSnapshot(ttlOf(request.findJson() === undefined ? {} : request.jsonObject()));
    return answerJson(200, {
      id: snapshot.id,
      lastTick: snapshot.tick,
      ...(request.query.flag('state') ? { state: { state: loggerState(snapshot.tick) } } : {}),
    });
  }),

  put('/_api/replication/batch/:id', 'read', (request) => {
    request.database.snapshot(request.params.id).prolong(ttlOf(request.jsonObject()));
    return answerEmpty(204);
  }),

  del('/_api/replication/batch/:id', 'read', (request) => {
    request.database.forgetSnapshot(request.database.snapshot(request.params.id));
    return answerEmpty(204);
  }),

  get('/_api/replication/inventory', 'read', (request) => {
    const { context, database, query, user } = request;
    if (query.flag('global')) {
      if (!database.isSystem) throw new ArangoError('ERROR_ARANGO_USE_SYSTEM_DATABASE');
      const all = context.databases.list().flatMap((name) => context.databases.find(name, user) ?? []);
      const databases = all.map((each) => [each.name, { id: each.id, name: each.name, ...inventory(request, each) }] as const);
      const tick = context.databases.tick();
      return answerJson(200, { databases: Object.fromEntries(databases), state: loggerState(tick), tick });
    }
    const id = query.find('batchId');
    const snapshot = id === undefined ? undefined : database.findSnapshot(id);
    const tick = snapshot?.tick ?? context.databases.tick();
    const found = snapshot === undefined ? inventory(request, database) : snapshot.run(() => inventory(request, database));
    return answerJson(200, { ...found, state: loggerState(tick), tick });
  }),

  get('/_api/replication/dump', 'read', (request) => {
    const { database, query } = request;
    const collection = query.get('collection');
    const snapshot = database.snapshot(query.get('batchId'));
    const { documents, isLast } = snapshot.read(database.getCollection(collection).name, chunkBytes(query.findNumber('chunkSize')));
    const hasEnvelope = query.flag('useEnvelope', true);
    const headers = {
      'content-type': 'application/x-arango-dump; charset=utf-8',
      'x-arango-replication-checkmore': String(!isLast),
      'x-arango-replication-lastincluded': documents.length === 0 ? '0' : snapshot.tick,
    };
    if (documents.length === 0) return { status: 204, headers, body: '' };
    return { status: 200, headers, body: linesOf(hasEnvelope ? documents.map((text) => inEnvelope(text, snapshot)) : documents) };
  }),

  /** The dump of ArangoDB 3.12: several collections in one go, in batches that the client numbers. */
  post('/_api/dump/start', 'read', (request) => {
    const body = request.jsonObject();
    const names = findAttribute(body, 'shards', 'array') ?? findAttribute(body, 'collections', 'array') ?? [];
    if (!names.every((name) => typeof name === 'string'))
      throw new ArangoError('ERROR_BAD_PARAMETER', `'shards' must be names of collections and is ${describe(names)}`);
    const collections = names.map((name) => request.database.getCollection(name).name);
    const snapshot = request.database.takeSnapshot(ttlOf(body));
    const limitBytes = chunkBytes(findAttribute(body, 'batchSize', 'number'));
    dumps.set(snapshot, { collections, limitBytes, number: -1, last: undefined });
    return answerJson(201, {}, { 'x-arango-dump-id': snapshot.id });
  }),

  post('/_api/dump/next/:id', 'read', (request) => nextOfDump(request)),

  del('/_api/dump/:id', 'read', (request) => {
    request.database.forgetSnapshot(request.database.snapshot(request.params.id));
    return answerJson(200, {});
  }),

  get('/_api/replication/logger-state', 'read', ({ context }) => {
    const tick = context.databases.tick();
    const state = { ...loggerState(tick), totalEvents: Number(tick), lastUncommittedLogTick: tick };
    return answerJson(200, { state, server: { ...serverFacts(context), engine: 'rocksdb' }, clients: [] });
  }),

  get('/_api/replication/logger-first-tick', 'read', () => answerJson(200, { firstTick: '0' })),
  get('/_api/replication/logger-tick-ranges', 'read', () => answerJson(200, [])),
  get('/_api/replication/server-id', 'read', ({ context }) => answerJson(200, { serverId: context.databases.numericServerId })),

  get('/_api/wal/range', 'system', ({ context }) =>
    answerJson(200, { time: now(), tickMin: '0', tickMax: context.databases.tick(), server: serverFacts(context) }),
  ),

  get('/_api/wal/lastTick', 'system', ({ context }) =>
    answerJson(200, { time: now(), tick: context.databases.tick(), server: serverFacts(context) }),
  ),
];

function ttlOf(body: ValueObject): number {
  const ttl = findAttribute(body, 'ttl', 'number') ?? DEFAULT_TTL_SECONDS;
  if (ttl <= 0) throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: `ttl must be more than 0 seconds and is ${ttl}` });
  return ttl;
}

function chunkBytes(wanted: number | undefined): number {
  return Math.min(Math.max(wanted ?? DEFAULT_CHUNK_BYTES, LEAST_CHUNK_BYTES), MOST_CHUNK_BYTES);
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

function loggerState(lastLogTick: string): ValueObject {
  return { running: true, lastLogTick, time: now() };
}

function serverFacts({ databases }: ApiContext): ValueObject {
  return { version: ARANGODB_VERSION, serverId: databases.numericServerId };
}

function inventory({ query }: ApiRequest, database: Database): ValueObject {
  const only = query.find('collection');
  const withSystem = query.flag('includeSystem', true);
  const collections = database
    .collections()
    .filter(({ name, isSystem }) => (only === undefined ? withSystem || !isSystem : name === only))
    .map(describeCollection);
  return { properties: database.properties(), collections, views: [] };
}

/** Primary and edge index come with every collection, so nobody has to make them. */
function describeCollection(collection: Collection): ValueObject {
  const properties = collection.properties();
  const parameters = { ...properties, id: collection.id, cid: collection.id, planId: collection.id, deleted: false, version: 8 };
  const indexes = collection.indexes().filter(({ type }) => type !== 'primary' && type !== 'edge');
  return { parameters, indexes };
}

const LINE_END = Buffer.from('\n');

function linesOf(documents: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(documents.flatMap((document) => [document, LINE_END]));
}

function inEnvelope(document: Uint8Array, { tick }: Snapshot): Uint8Array {
  const { _key: key, _rev: rev } = JSON.parse(Buffer.from(document).toString()) as ValueObject;
  const head = JSON.stringify({ tick, type: DOCUMENT_ENTRY, key, rev }).slice(0, -1);
  return Buffer.concat([Buffer.from(`${head},"data":`), document, Buffer.from('}')]);
}

interface Dump {
  readonly collections: string[];
  readonly limitBytes: number;
  /** Of the batch that was sent last. */
  number: number;
  /** That batch: a client that did not get it asks again. */
  last: HttpAnswer | undefined;
}

const dumps = new WeakMap<Snapshot, Dump>();

const DUMP_DONE: HttpAnswer = { status: 204, headers: {}, body: '' };

function nextOfDump({ database, params, query }: ApiRequest<'id'>): HttpAnswer {
  const snapshot = database.snapshot(params.id);
  const dump = dumps.get(snapshot);
  if (dump === undefined) throw new ArangoError('ERROR_CURSOR_NOT_FOUND', { message: 'batch not found' });
  const number = query.findNumber('batchId') ?? dump.number + 1;
  if (number === dump.number && dump.last !== undefined) return dump.last;
  dump.number = number;
  dump.last = DUMP_DONE;
  for (let collection = dump.collections[0]; collection !== undefined; collection = dump.collections[0]) {
    const { documents, isLast } = snapshot.read(collection, dump.limitBytes);
    if (isLast) dump.collections.shift();
    if (documents.length === 0) continue;
    const headers = {
      'content-type': 'application/x-arango-dump; charset=utf-8',
      'x-arango-dump-shard-id': collection,
      'x-arango-dump-block-counts': '0',
    };
    dump.last = { status: 200, headers, body: linesOf(documents) };
    break;
  }
  return dump.last;
}
