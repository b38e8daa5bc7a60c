/** What the files of a new service say: for `foxx init`, `foxx-manager` and the web interface. */

export interface NewService {
  readonly name: string;
  readonly version: string;
  /** Versions of ArangoDB that it runs on. */
  readonly engines: string;
  readonly description?: string;
  readonly license?: string;
  readonly author?: string;
  readonly documentCollections: readonly string[];
  readonly edgeCollections: readonly string[];
  /** Routes for each collection. */
  readonly hasRoutes: boolean;
  /** A test for each collection, or one to begin with. */
  readonly hasTests?: boolean;
  readonly isExample: boolean;
  readonly configuration?: Readonly<Record<string, object>>;
  readonly dependencies?: Readonly<Record<string, object>>;
  readonly provides?: Readonly<Record<string, string>>;
}

/** Path and text of each file. */
export function filesOf(service: NewService): readonly (readonly [string, string])[] {
  const { documentCollections, edgeCollections, hasRoutes, hasTests = false, isExample } = service;
  const collections = [...documentCollections, ...edgeCollections];
  const files: (readonly [string, string])[] = [
    ['manifest.json', manifestOf(service)],
    ['index.js', isExample ? helloRoute() : mainFile(hasRoutes ? collections : [])],
    ['README.md', readmeOf(service)],
  ];
  if (collections.length > 0) files.push(['scripts/setup.js', setupScript(service)], ['scripts/teardown.js', teardownScript(collections)]);
  if (hasRoutes) {
    for (const name of documentCollections) files.push([`api/${name}.js`, crudRouter(name, { isEdge: false, isPrefixed: true })]);
    for (const name of edgeCollections) files.push([`api/${name}.js`, crudRouter(name, { isEdge: true, isPrefixed: true })]);
  }
  if (hasTests) {
    for (const name of documentCollections) files.push([`test/${name}.js`, collectionTest(name, { isEdge: false })]);
    for (const name of edgeCollections) files.push([`test/${name}.js`, collectionTest(name, { isEdge: true })]);
    if (collections.length === 0) files.push(['test/service.js', emptyTest()]);
  }
  return files;
}

function manifestOf(service: NewService): string {
  const { name, version, license, author, description, engines, configuration, dependencies, provides } = service;
  const hasCollections = service.documentCollections.length + service.edgeCollections.length > 0;
  const manifest = {
    $schema: 'http://json.schemastore.org/foxx-manifest',
    name,
    version,
    description,
    license,
    author,
    main: 'index.js',
    engines: { arangodb: engines },
    configuration,
    dependencies,
    provides,
    scripts: hasCollections ? { setup: 'scripts/setup.js', teardown: 'scripts/teardown.js' } : undefined,
    tests: 'test/**/*.js',
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function readmeOf({ name, description, license, author = '<copyright holders>' }: NewService): string {
  const terms =
    license === undefined
      ? `Copyright (c) ${new Date().getFullYear()} ${author}. All rights reserved.`
      : `The ${license} license. For more information, see the accompanying LICENSE file.`;
  return `# ${name}\n${description === undefined ? '' : `\n${description}\n`}\n## License\n\n${terms}\n`;
}

function mainFile(collections: readonly string[]): string {
  const mounts = collections.map((name) => `module.context.use('/${name}', require('./api/${name}'), '${name}');\n`);
  return `'use strict';\n\n${mounts.join('')}`;
}

function helloRoute(): string {
  return `'use strict';
const createRouter = require('@arangodb/foxx/router');

const router = createRouter();
module.context.use(router);

router
  .get('/', (req, res) => {
    res.send('Hello World!');
  })
  .response(['text/plain'], 'A greeting.')
  .summary('Say hello');
`;
}

function setupScript({ documentCollections, edgeCollections }: NewService): string {
  return `'use strict';
// Runs when the service is installed, replaced or upgraded: more than once, so it only makes what is missing.
const { db } = require('@arangodb');

for (const name of ${listOf(documentCollections)}) {
  if (!module.context.collection(name)) db._createDocumentCollection(module.context.collectionName(name));
}

for (const name of ${listOf(edgeCollections)}) {
  if (!module.context.collection(name)) db._createEdgeCollection(module.context.collectionName(name));
}
`;
}

function teardownScript(collections: readonly string[]): string {
  return `'use strict';
// Runs when the service is removed. All of its data goes.
const { db } = require('@arangodb');

for (const name of ${listOf(collections)}) {
  db._drop(module.context.collectionName(name));
}
`;
}

function listOf(names: readonly string[]): string {
  return `[${names.map((name) => `'${name}'`).join(', ')}]`;
}

export function emptyRouter(): string {
  return `'use strict';
const joi = require('joi');
const createRouter = require('@arangodb/foxx/router');

const router = createRouter();
module.exports = router;

router.use((req, res, next) => {
  // What all routes need goes here.
  next();
  // And here what is done with all their answers.
});

router
  .post('/', (req, res) => {
    res.send(req.body);
  })
  .body(joi.object(), 'What is sent.')
  .response(200, joi.object(), 'What is answered.');
`;
}

export function emptyScript(): string {
  return `'use strict';
const { db } = require('@arangodb');
const [options] = module.context.argv;

// What is exported is the script's result.
module.exports = null;
`;
}

export function emptyTest(): string {
  return `/* global describe, it */
'use strict';
const { expect } = require('chai');

describe('the service', () => {
  it('is tested', () => {
    expect(1 + 1).to.equal(2);
  });
});
`;
}

/** What is saved in the collection is found there, and gone when it is removed. */
function collectionTest(collection: string, { isEdge }: { readonly isEdge: boolean }): string {
  const ends = isEdge ? `_from: 'tested/1', _to: 'tested/2', ` : '';
  return `/* global describe, it */
'use strict';
const { expect } = require('chai');

const documents = module.context.collection('${collection}');

describe('${collection}', () => {
  it('keeps what is saved until it is removed', () => {
    const { _key } = documents.save({ ${ends}tested: true });
    try {
      expect(documents.document(_key)).to.have.property('tested', true);
    } finally {
      documents.remove(_key);
    }
    expect(documents.exists(_key)).to.equal(false);
  });
});
`;
}

/** A router with the six routes of a collection. */
export function crudRouter(collection: string, { isEdge, isPrefixed }: { readonly isEdge: boolean; readonly isPrefixed: boolean }): string {
  const open = isPrefixed ? `module.context.collection('${collection}')` : `db._collection('${collection}')`;
  const edge = isEdge ? `  _from: joi.string().required(),\n  _to: joi.string().required(),\n` : '';
  return `'use strict';
const joi = require('joi');
${isPrefixed ? '' : `const db = require('@arangodb').db;\n`}const errors = require('@arangodb').errors;
const createRouter = require('@arangodb/foxx/router');

const documents = ${open};
const NOT_FOUND = errors.ERROR_ARANGO_DOCUMENT_NOT_FOUND.code;
const DUPLICATE = errors.ERROR_ARANGO_UNIQUE_CONSTRAINT_VIOLATED.code;
const CONFLICT = errors.ERROR_ARANGO_CONFLICT.code;

const keySchema = joi.string().required().description('The key of the document');
// What a document looks like to the outside.
const documentSchema = joi.object().keys({
  _key: joi.string(),
${edge.replaceAll('.required()', '')}}).unknown();
// What may be sent to create or replace one.
const bodySchema = joi.object().keys({
${edge}}).unknown();
// What may be sent to change one.
const patchSchema = joi.object().unknown();

const router = createRouter();
module.exports = router;

/** Runs an operation of the collection; its errors become answers. */
function attempt(res, operation) {
  try {
    return operation();
  } catch (error) {
    if (!error.isArangoError) throw error;
    if (error.errorNum === NOT_FOUND) res.throw('not found', error.message);
    if (error.errorNum === DUPLICATE || error.errorNum === CONFLICT) res.throw('conflict', error.message);
    throw error;
  }
}

router
  .get('/', (req, res) => {
    res.send(documents.all());
  }, 'list')
  .response([documentSchema], 'All documents.')
  .summary('List all documents of ${collection}');

router
  .post('/', (req, res) => {
    const meta = attempt(res, () => documents.save(req.body));
    res.status(201);
    res.set('location', req.makeAbsolute(req.reverse('detail', { key: meta._key })));
    res.send(Object.assign({}, req.body, meta));
  }, 'create')
  .body(bodySchema, 'The document to create.')
  .response(201, documentSchema, 'The created document.')
  .error('conflict', 'There is such a document already.')
  .summary('Create a document of ${collection}');

router
  .get('/:key', (req, res) => {
    res.send(attempt(res, () => documents.document(req.pathParams.key)));
  }, 'detail')
  .pathParam('key', keySchema)
  .response(documentSchema, 'The document.')
  .error('not found', 'There is no such document.')
  .summary('Read a document of ${collection}');

router
  .put('/:key', (req, res) => {
    const meta = attempt(res, () => documents.replace(req.pathParams.key, req.body));
    res.send(Object.assign({}, req.body, meta));
  }, 'replace')
  .pathParam('key', keySchema)
  .body(bodySchema, 'What takes its place.')
  .response(documentSchema, 'The new document.')
  .error('not found', 'There is no such document.')
  .error('conflict', 'The document was changed meanwhile.')
  .summary('Replace a document of ${collection}');

router
  .patch('/:key', (req, res) => {
    attempt(res, () => documents.update(req.pathParams.key, req.body));
    res.send(documents.document(req.pathParams.key));
  }, 'update')
  .pathParam('key', keySchema)
  .body(patchSchema, 'The attributes to change.')
  .response(documentSchema, 'The changed document.')
  .error('not found', 'There is no such document.')
  .error('conflict', 'The document was changed meanwhile.')
  .summary('Change a document of ${collection}');

router
  .delete('/:key', (req, res) => {
    attempt(res, () => documents.remove(req.pathParams.key));
    res.status(204);
  }, 'delete')
  .pathParam('key', keySchema)
  .response(204, null, 'It is gone.')
  .error('not found', 'There is no such document.')
  .summary('Remove a document of ${collection}');
`;
}
