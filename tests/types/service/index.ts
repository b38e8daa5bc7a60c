/** A service that uses a bit of everything, for a strict compiler to look at; it is installed and run as well. */
import createRouter = require('@arangodb/foxx/router');
import sessionsMiddleware = require('@arangodb/foxx/sessions');
import collectionStorage = require('@arangodb/foxx/sessions/storages/collection');
import cookieTransport = require('@arangodb/foxx/sessions/transports/cookie');
import createAuth = require('@arangodb/foxx/auth');
import request = require('@arangodb/request');
import { aql, db, errors, isArangoError, query, type ArangoCollection, type Document } from '@arangodb';
import * as crypto from '@arangodb/crypto';
import * as graphs from '@arangodb/general-graph';
import { context } from '@arangodb/locals';
import * as queues from '@arangodb/foxx/queues';
import * as users from '@arangodb/users';

interface Note {
  readonly title: string;
  readonly tags?: readonly string[];
}

const name = context.collectionName('notes');
const notes: ArangoCollection<Note> = db._collection<Note>(name) ?? db._createDocumentCollection<Note>(name);
notes.ensureIndex({ type: 'persistent', fields: ['title'], unique: false });
const sessionsName = context.collectionName('sessions');
if (db._collection(sessionsName) === null) db._createDocumentCollection(sessionsName);

const auth = createAuth({ method: 'pbkdf2' });
const sessions = sessionsMiddleware({
  storage: collectionStorage({ collection: sessionsName, ttl: 60 }),
  transport: cookieTransport({ name: 'sid' }),
});
const router: createRouter.Router = createRouter();
context.use(sessions);
context.use('/api', router, 'api');
context.use(async (req, res, next) => {
  await next();
  res.set('x-mount', req.context.mount);
});

router
  .get(
    '/notes',
    (req, res) => {
      const { tag } = req.queryParams as { readonly tag?: string };
      const found = query<Document<Note>>`FOR n IN ${notes} FILTER ${tag ?? null} == null OR ${tag ?? null} IN n.tags RETURN n`;
      res.json(found.map(({ _key, title }) => ({ _key, title })));
    },
    'list',
  )
  .summary('All notes')
  .response(200, ['application/json']);

router
  .post('/notes', (req: createRouter.Request<Note>, res) => {
    const { _key, new: saved } = notes.save(req.body, { returnNew: true });
    res.status(201).json({ _key, title: saved?.title.toUpperCase() });
  })
  .body(['application/json']);

router.get('/notes/:key', (req, res) => {
  try {
    res.json(notes.document(req.pathParams['key'] as string));
  } catch (error) {
    if (isArangoError(error) && error.errorNum === errors['ERROR_ARANGO_DOCUMENT_NOT_FOUND']?.code) res.throw(404, 'no such note');
    throw error;
  }
});

router.get('/all', async (req, res) => {
  const { body } = request.get('/_api/version', { json: true });
  const { hash } = auth.create('password');
  const graph = graphs._exists('none') ? graphs._graph('none').__name : undefined;
  const count = db._query<number>(aql`RETURN LENGTH(${notes})`).next();
  const queue = queues.create('typed', 1);
  const total: number = db._executeTransaction({ collections: { read: name }, action: (by: number) => by + 1, params: 1 });
  console.infoLines(`of ${module.context.mount}`);
  res.json({
    version: body.version,
    hash: hash.length,
    graph,
    count,
    jobs: queue.all().length,
    total,
    md5: crypto.md5('a'),
    root: users.exists('root'),
    url: req.reverse('list'),
  });
});
