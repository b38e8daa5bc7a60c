'use strict';
// What a service has around it: modules, globals, and what the modules do. Each route answers with what it saw.
const { db, aql, query, errors, ArangoError, isArangoError, time } = require('@arangodb');
const joi = require('joi');
const router = require('@arangodb/foxx/router')();
module.context.use(router);

function errorOf(action) {
  try {
    action();
    return null;
  } catch (error) {
    return { name: error.name, errorNum: error.errorNum, message: error.message };
  }
}
const seeing = (path, look) => router.get(path, (req, res) => res.json(look(req)));

seeing('/require', () => ({
  shadowed: joi.version,
  byMain: require('json-main'),
  byIndex: require('index-only'),
  json: require('./lib/data.json').a + require('./lib/data').a,
  folder: require('./lib/folder'),
  extension: require('./lib/folder/index') === require('./lib/folder/index.js'),
  mark: require('./lib/mark'),
  shell: require('./lib/shell'),
  circle: [require('./lib/circle-a').b, require('./lib/circle-b').sawDone],
  around: require('./lib/around'),
  alias: require('org/arangodb').db === db,
  cached: require('./lib/data') === require('./lib/data'),
  missing: errorOf(() => require('./lib/none')),
  missingPackage: errorOf(() => require('no-such-package')),
  broken: errorOf(() => require('./lib/broken')),
  syntax: errorOf(() => require('./lib/syntax')),
  again: errorOf(() => require('./lib/broken')),
}));

seeing('/bundled', () => {
  const found = {};
  for (const name of [
    'accepts', 'ansi-html', 'ansi_up', 'aqb', 'babel-code-frame', 'chai', 'chalk', 'content-disposition', 'dedent', 'error-stack-parser', 'expect.js',
    'extendible', 'graphql-sync', 'highlight.js', 'http-errors', 'i', 'iconv-lite', 'joi-to-json-schema', 'js-yaml', 'lodash', 'marked', 'media-typer',
    'mime-types', 'minimatch', 'mocha', 'netmask', 'qs', 'range-parser', 'semver', 'sinon', 'statuses', 'timezone', 'type-is', 'underscore', 'vary', 'xmldom',
  ]) {
    found[name] = typeof require(name);
  }
  return found;
});
seeing('/bundled-used', () => ({
  lodash: require('lodash').chunk([1, 2, 3], 2),
  fp: typeof require('lodash/fp').map,
  marked: require('marked')('*a*'),
  semver: require('semver').satisfies('1.2.3', '^1.0.0'),
  qs: require('qs').parse('a[b]=1'),
  yaml: require('js-yaml').safeLoad ? require('js-yaml').safeLoad('a: 1') : require('js-yaml').load('a: 1'),
  dedent: require('dedent')`
    a
      b`,
  aqb: require('aqb').for('x').in('xs').return('x').toAQL(),
  highlight: require('highlight.js').highlight ? 'function' : 'none',
  minimatch: require('minimatch')('a/b.js', '**/*.js'),
  netmask: new (require('netmask').Netmask)('10.0.0.0/8').contains('10.1.2.3'),
  iconv: require('iconv-lite').decode(Buffer.from([0xe4]), 'latin1'),
  underscore: require('underscore').last([1, 2]),
  xml: new (require('xmldom').DOMParser)().parseFromString('<a>b</a>', 'text/xml').documentElement.textContent,
}));
seeing('/node', () => {
  const names = ['assert', 'buffer', 'console', 'events', 'fs', 'module', 'path', 'punycode', 'querystring', 'stream', 'string_decoder', 'url', 'util', 'process', 'net', 'timers', 'tty', 'vm'];
  return names.filter((name) => require(name) === undefined);
});
seeing('/arangodb-modules', () => {
  const names = [
    '@arangodb', '@arangodb/actions', '@arangodb/analyzers', '@arangodb/aql/cache', '@arangodb/aql/explainer', '@arangodb/aql/functions', '@arangodb/aql/queries',
    '@arangodb/crypto', '@arangodb/errors', '@arangodb/foxx', '@arangodb/foxx/auth', '@arangodb/foxx/graphql', '@arangodb/foxx/manager', '@arangodb/foxx/mocha',
    '@arangodb/foxx/oauth1', '@arangodb/foxx/oauth2', '@arangodb/foxx/queues', '@arangodb/foxx/router', '@arangodb/foxx/sessions', '@arangodb/general-graph',
    '@arangodb/graph-examples/example-graph', '@arangodb/is', '@arangodb/locals', '@arangodb/mimetypes', '@arangodb/request', '@arangodb/tasks', '@arangodb/users', '@arangodb/util',
    'internal',
  ];
  return names.filter((name) => errorOf(() => require(name)) !== null);
});

seeing('/globals', () => {
  const types = {};
  for (const name of ['global', 'process', 'console', 'Buffer', 'print', 'aqlQuery', 'require', 'module', 'exports', '__filename', '__dirname', 'setTimeout', 'applicationContext', 'describe'])
    types[name] = eval(`typeof ${name}`);
  global.ownGlobal = 5;
  return { types, own: [ownGlobal, global.ownGlobal], aqlQuery: aqlQuery`RETURN ${1}`.query, cwd: typeof process.cwd(), argv: Array.isArray(process.argv) };
});

seeing('/context', () => {
  const { argv, basePath, baseUrl, collectionPrefix, configuration, dependencies, isDevelopment, isProduction, manifest, mount } = module.context;
  return {
    ...{ argv, baseUrl, collectionPrefix, configuration, dependencies, isDevelopment, isProduction, mount, name: manifest.name },
    basePath: basePath.endsWith('/APP'),
    names: [module.context.collectionName('a'), module.context.collectionName('a-b.c'), module.context.collectionName(`${'x'.repeat(80)}`).length],
    none: module.context.collection('none'),
    file: module.context.file('lib/data.json', 'utf-8').trim(),
    buffer: Buffer.isBuffer(module.context.file('lib/data.json')),
    fileName: module.context.fileName('lib').endsWith('/APP/lib'),
    locals: require('@arangodb/locals').context === module.context,
    json: JSON.parse(JSON.stringify(module.context)).mount,
  };
});

const crypto = require('@arangodb/crypto');
seeing('/crypto', () => {
  const nonce = crypto.createNonce();
  const token = crypto.jwtEncode('key', { a: 1 }, 'HS256');
  return {
    hashes: ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map((name) => crypto[name]('abc')),
    hmac: crypto.hmac('key', 'The quick brown fox jumps over the lazy dog'),
    hmacSha1: crypto.hmac('key', 'The quick brown fox jumps over the lazy dog', 'sha1'),
    pbkdf2: crypto.pbkdf2('salt', 'password', 4096, 20),
    random: [crypto.genRandomNumbers(5).length, crypto.genRandomAlphaNumbers(6).length, crypto.genRandomSalt(7).length, crypto.genRandomBytes(8).length, Number.isInteger(crypto.rand())],
    uuid: /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/.test(crypto.uuidv4()),
    nonce: [crypto.checkAndMarkNonce(nonce), crypto.checkAndMarkNonce(nonce)],
    equal: [crypto.constantEquals('a', 'a'), crypto.constantEquals('a', 'b')],
    jwt: [crypto.jwtDecode('key', token), errorOf(() => crypto.jwtDecode('other', token)) !== null, crypto.jwtDecode(null, token, true)],
    algorithms: [crypto.jwtCanonicalAlgorithmName('hs256'), Object.keys(crypto.jwtAlgorithms).sort()],
    known: crypto.jwtDecode('your-256-bit-secret', 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c').name,
    // RFC 4226, appendix D: the secret is "12345678901234567890".
    hotp: [0, 1, 2, 9].map((counter) => crypto.hotpGenerate('12345678901234567890', counter)),
    hotpVerify: [crypto.hotpVerify('755224', '12345678901234567890', 0), crypto.hotpVerify('000000', '12345678901234567890', 0)],
    totp: crypto.totpVerify(crypto.totpGenerate('12345678901234567890'), '12345678901234567890') !== null,
  };
});

seeing('/db', () => {
  const name = module.context.collectionName('things');
  if (db._collection(name)) db._drop(name);
  const things = db._create(name);
  const saved = things.save({ _key: 'a', n: 1 });
  things.insert([{ _key: 'b', n: 2 }, { _key: 'c', n: 3 }]);
  const updated = things.update('a', { m: 1 }, { returnNew: true, returnOld: true });
  const cursor = db._query(aql`FOR t IN ${things} FILTER t.n >= ${2} SORT t.n RETURN t.n`);
  const rolledBack = errorOf(() =>
    db._executeTransaction({
      collections: { write: name },
      action: () => {
        things.remove('a');
        throw new Error('no');
      },
    }),
  );
  return {
    saved: [saved._id === `${name}/a`, typeof saved._rev],
    property: db[name] === things || db[name].name() === name,
    document: things.document('a').m,
    missing: errorOf(() => things.document('none')).errorNum === errors.ERROR_ARANGO_DOCUMENT_NOT_FOUND.code,
    isArangoError: isArangoError(new ArangoError({ errorNum: 1, errorMessage: 'x' })),
    exists: [Boolean(things.exists('a')), things.exists('none')],
    count: things.count(),
    updated: [updated.old.m === undefined, updated.new.m],
    cursor: [cursor.hasNext(), cursor.toArray()],
    tagged: query`RETURN ${[1, 2]}`.next(),
    literal: db._query(aql`FOR i IN 1..3 SORT i ${aql.literal('DESC')} RETURN i`).toArray(),
    joined: db._query(aql`RETURN ${aql.join([aql`1`, aql`2`], ' + ')}`).next(),
    example: things.byExample({ n: 2 }).toArray().length,
    first: things.firstExample({ n: 3 })._key,
    all: things.all().limit(2).toArray().length,
    keys: things.documents(['a', 'b', 'none']).documents.length,
    rolledBack: [rolledBack.message, things.exists('a') !== false],
    removed: things.removeByExample({ n: 3 }),
    index: things.ensureIndex({ type: 'persistent', fields: ['n'] }).type,
    explained: typeof db._explain === 'function' && db._createStatement({ query: 'RETURN 1' }).explain().plan !== undefined,
    truncated: [things.truncate(), things.count()][1],
    time: Math.abs(time() - Date.now() / 1000) < 5,
    version: /^3\.12/.test(db._version()),
  };
});

seeing('/graph', () => {
  const graphs = require('@arangodb/general-graph');
  const prefix = module.context.collectionPrefix;
  if (graphs._exists(`${prefix}graph`)) graphs._drop(`${prefix}graph`, true);
  const graph = graphs._create(`${prefix}graph`, [graphs._relation(`${prefix}knows`, [`${prefix}people`], [`${prefix}people`])]);
  const people = graph[`${prefix}people`];
  const [ada, bob, eve] = ['ada', 'bob', 'eve'].map((name) => people.save({ _key: name })._id);
  graph[`${prefix}knows`].save(ada, bob, { since: 1 });
  graph[`${prefix}knows`].save({ _from: bob, _to: eve });
  const bare = (ids) => ids.map((id) => id.split('/')[1]).sort();
  return {
    list: graphs._list().includes(`${prefix}graph`),
    neighbors: bare(graph._neighbors(bob, { direction: 'any' })),
    path: bare(graph._shortestPath(ada, eve)[0].vertices),
    distance: graph._distanceTo(ada, eve)[0].distance,
    edges: graph._edges().length,
    removed: [people.remove(bob), graph._edges().length][1],
    refused: errorOf(() => graph[`${prefix}knows`].save('nobody/1', ada, {})) !== null,
  };
});

seeing('/request', (req) => {
  const request = require('@arangodb/request');
  const { baseUrl, mount } = module.context;
  const get = (path, options) => request({ url: `${baseUrl}${path}`, ...options });
  const echo = request.post(`${baseUrl}/echo?x=1`, { qs: { y: 'a b' }, json: true, body: { sent: true }, headers: { 'X-Own': 'yes' }, auth: { username: 'me', password: 'pw' } });
  return {
    echo: [echo.status, echo.statusCode, echo.json],
    form: request.post(`${baseUrl}/echo`, { form: { a: [1, 2], b: 'c' } }).json.body,
    bearer: request.get(`${baseUrl}/echo`, { auth: { bearer: 'token' } }).json.authorization,
    buffer: Buffer.isBuffer(get('/echo', { encoding: null }).body),
    text: typeof get('/echo').body,
    error: errorOf(() => get('/none').throw()).message,
    head: [request.head(`${baseUrl}/echo`).status, request.head(`${baseUrl}/echo`).body.length],
    absolute: request.get(req.makeAbsolute('/echo')).status,
    path: request.get(`${mount}/echo`).json.method,
    later: [get('/later').json, request.post(`${baseUrl}/later`).json, get('/hidden-later').json],
    unreachable: request.get('http://127.0.0.1:1/', { timeout: 1 }).status,
    unsupported: errorOf(() => request.post('/x', { formData: {} })).message,
    outside: req.queryParams.outside && [
      request.get(`${req.queryParams.outside}/redirect`).json,
      request.get(`${req.queryParams.outside}/redirect`, { followRedirect: false }).status,
      request.get(`${req.queryParams.outside}/loop`, { maxRedirects: 3 }).status,
      request.get(`${req.queryParams.outside}/slow`, { timeout: 0.1 }).status,
      request.get(`${req.queryParams.outside}/error`, { returnBodyOnError: false }).body === undefined,
      request.put(`${req.queryParams.outside}/echo`, { body: 'text' }).json,
      request.patch(`${req.queryParams.outside}/echo`, { body: Buffer.from([1, 2]) }).json.type,
      request.delete(`${req.queryParams.outside.replace('http://', 'http://u:p@')}/echo`).json.authorization,
    ],
  };
});
router.get('/asks', (req, res) => {
  res.json(require('@arangodb/request').get(`${module.context.baseUrl}/later`).json);
});
router.all('/echo', (req, res) => {
  res.json({ method: req.method, query: req.queryParams, own: req.get('x-own'), authorization: req.get('authorization'), body: req.rawBody ? req.rawBody.toString() : '' });
});
router.get('/later', async (req, res) => {
  await new Promise((done) => setTimeout(done, 5));
  res.json('later');
});
router.post('/later', async (req, res) => {
  await new Promise((done) => setImmediate(done));
  res.json('posted later');
});
const hidden = require('./lib/hidden');
router.get('/hidden-later', (req, res) => hidden(req, res));

seeing('/fs', () => {
  const fs = require('fs');
  const folder = fs.getTempFile('modules', true);
  fs.remove(folder);
  fs.makeDirectoryRecursive(fs.join(folder, 'a', 'b'));
  fs.write(fs.join(folder, 'a', 'file.txt'), 'text');
  fs.append(fs.join(folder, 'a', 'file.txt'), ' more');
  fs.copyFile(fs.join(folder, 'a', 'file.txt'), fs.join(folder, 'copy.txt'));
  fs.move(fs.join(folder, 'copy.txt'), fs.join(folder, 'moved.txt'));
  const seen = {
    exists: [fs.exists(folder), fs.exists(fs.join(folder, 'copy.txt'))],
    kinds: [fs.isDirectory(folder), fs.isFile(fs.join(folder, 'moved.txt'))],
    read: [fs.read(fs.join(folder, 'moved.txt')), fs.read64(fs.join(folder, 'moved.txt')), fs.readBuffer(fs.join(folder, 'moved.txt')).length, fs.readFileSync(fs.join(folder, 'moved.txt'), 'utf-8')],
    size: fs.size(fs.join(folder, 'moved.txt')),
    list: fs.list(folder).sort(),
    tree: fs.listTree(folder).filter((path) => path !== '').sort(),
    absolute: fs.makeAbsolute('x').startsWith('/'),
    missing: errorOf(() => fs.read(fs.join(folder, 'none'))).errorNum,
  };
  fs.removeDirectoryRecursive(folder);
  return { ...seen, gone: fs.exists(folder) };
});

seeing('/users', () => {
  const users = require('@arangodb/users');
  if (users.exists('fixture')) users.remove('fixture');
  users.save('fixture', 'pw', true, { a: 1 });
  users.grantDatabase('fixture', '_system', 'ro');
  const seen = {
    document: users.document('fixture').extra,
    valid: [users.isValid('fixture', 'pw'), users.isValid('fixture', 'no')],
    permission: users.permission('fixture', '_system'),
    listed: users.all().some(({ user }) => user === 'fixture'),
    databases: db._databases().includes('_system'),
  };
  users.remove('fixture');
  return { ...seen, gone: errorOf(() => users.document('fixture')).errorNum };
});

seeing('/console', () => {
  console.log('a line for %s with %d', 'the log', 5);
  console.warn('a warning');
  console.error(new Error('an error'));
  console.infoLines('one\ntwo');
  console.topic('queries=warning', 'under a topic');
  return { thrown: errorOf(() => console.assert(false, 'asserted')) };
});
