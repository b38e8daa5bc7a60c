/**
 * The driver that most clients use, unmodified, against a server with several workers: databases, collections, documents, indexes, queries
 * in batches, transactions, jobs, users and services.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import AdmZip from 'adm-zip';
import { aql, Database } from 'arangojs';
import { CollectionType } from 'arangojs/collections';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let system: Database;
let db: Database;

before(async () => {
  server = await startServer();
  system = new Database({ url: server.url });
  db = await system.createDatabase('shop');
});
after(async () => {
  db.close();
  system.close();
  await server.dispose();
});

function failsWith(errorNum: number, action: Promise<unknown>): Promise<void> {
  return assert.rejects(action, (error: { readonly errorNum?: number }) => error.errorNum === errorNum);
}

test('databases are made, listed and dropped', async () => {
  const other = await system.createDatabase('other');
  assert.deepEqual((await system.listDatabases()).toSorted(), ['_system', 'other', 'shop']);
  assert.deepEqual((await system.listUserDatabases()).toSorted(), ['_system', 'other', 'shop']);
  assert.equal((await other.get()).name, 'other');
  assert.equal(await other.exists(), true);
  await failsWith(1230, other.createDatabase('third'));
  await failsWith(1207, system.createDatabase('other'));
  assert.equal(await system.dropDatabase('other'), true);
  assert.equal(await other.exists(), false);
  other.close();
});

test('a server says what it is', async () => {
  assert.match((await system.version(true)).version, /^3\.12\./);
  assert.equal((await system.engine()).name, 'rocksdb');
  assert.ok(Math.abs((await system.time()) - Date.now()) < 60_000);
  const log = (await system.getLogEntries()) as unknown as { readonly total: number };
  assert.ok(log.total > 0);
});

test('collections have their properties', async () => {
  const collection = await db.createCollection('props', { waitForSync: true, keyOptions: { type: 'autoincrement', increment: 5 } });
  assert.equal((await collection.properties()).waitForSync, true);
  assert.equal((await collection.properties({ waitForSync: false })).waitForSync, false);
  assert.equal((await collection.count()).count, 0);
  assert.equal((await collection.figures()).count, 0);
  assert.equal(typeof (await collection.revision()).revision, 'string');
  assert.equal(typeof (await collection.checksum()).checksum, 'string');
  assert.ok(await collection.recalculateCount());
  await collection.loadIndexes();
  await collection.compact();
  assert.deepEqual([(await collection.save({}))._key, (await collection.save({}))._key], ['5', '10']);
  await collection.truncate();
  assert.equal((await collection.count()).count, 0);
  await collection.rename('renamed');
  assert.deepEqual(
    (await db.listCollections()).map(({ name }) => name),
    ['renamed'],
  );
  await db.collection('renamed').drop();
  await failsWith(1203, db.collection('renamed').drop());
});

test('documents are written and read one by one', async () => {
  const people = await db.createCollection<{ name?: string; age?: number | null }>('people');
  const saved = await people.save({ _key: 'ada', name: 'Ada' }, { returnNew: true });
  assert.equal(saved.new?.name, 'Ada');
  assert.equal(await people.documentExists('ada'), true);
  assert.equal(await people.documentExists('bob'), false);
  await failsWith(1210, people.save({ _key: 'ada' }));
  await failsWith(1202, people.document('bob'));
  assert.equal(await people.document('bob', { graceful: true }), null);
  await failsWith(1221, people.save({ _key: 'a b' }));

  const updated = await people.update('ada', { age: 36 }, { returnNew: true, returnOld: true });
  assert.deepEqual([updated._oldRev, updated.old?.age, updated.new?.age, updated.new?.name], [saved._rev, undefined, 36, 'Ada']);
  await failsWith(1200, people.update('ada', { age: 37 }, { ifMatch: saved._rev }));
  await failsWith(1200, people.replace('ada', { _rev: saved._rev }, { ignoreRevs: false }));
  await failsWith(1200, people.document('ada', { ifMatch: saved._rev }));
  await people.update('ada', { age: null }, { keepNull: false });
  assert.equal('age' in (await people.document('ada')), false);
  await people.replace('ada', { age: 5 });
  assert.equal((await people.document('ada')).name, undefined);
  const removed = await people.remove('ada', { returnOld: true });
  assert.equal(removed.old?.age, 5);
  await failsWith(1202, people.remove('ada'));
});

test('documents are written and read as arrays', async () => {
  const items = await db.createCollection<{ n?: number }>('items');
  const saved = await items.saveAll([{ _key: 'a', n: 1 }, { _key: 'a' }, { _key: 'b', n: 2 }], { returnNew: true });
  assert.deepEqual(
    saved.map((one) => ('errorNum' in one ? one.errorNum : one._key)),
    ['a', 1210, 'b'],
  );
  const read = await items.documents(['a', 'missing', { _key: 'b' }]);
  assert.deepEqual(
    read.map((one) => ('errorNum' in one ? one.errorNum : one.n)),
    [1, 1202, 2],
  );
  const updated = await items.updateAll([{ _key: 'a', n: 10 }, { _key: 'x' }]);
  assert.deepEqual(
    updated.map((one) => ('errorNum' in one ? one.errorNum : one._key)),
    ['a', 1202],
  );
  await items.replaceAll([{ _key: 'b', n: 20 }]);
  assert.equal((await items.document('b')).n, 20);
  const imported = await items.import([{ _key: 'c' }, { _key: 'c' }], { details: true });
  assert.deepEqual([imported.created, imported.errors, imported.details?.length], [1, 1, 1]);
  const table = await items.import(
    [
      ['_key', 'n'],
      ['d', 4],
    ],
    {},
  );
  assert.equal(table.created, 1);
  const removed = await items.removeAll(['a', 'b', 'c', 'd', 'e']);
  assert.deepEqual(
    removed.map((one) => ('errorNum' in one ? one.errorNum : one._key)),
    ['a', 'b', 'c', 'd', 1202],
  );
});

test('edges are found from their vertices', async () => {
  await db.createCollection('places');
  const roads = await db.createEdgeCollection('roads');
  await roads.saveAll([
    { _from: 'places/a', _to: 'places/b', n: 1 },
    { _from: 'places/b', _to: 'places/c', n: 2 },
  ]);
  const found = async (find: Promise<{ readonly edges: readonly { readonly [name: string]: unknown }[] }>): Promise<unknown> =>
    (await find).edges.map((edge) => edge['n']).toSorted((one, other) => Number(one) - Number(other));
  assert.deepEqual(await found(roads.edges('places/b')), [1, 2]);
  assert.deepEqual(await found(roads.inEdges('places/b')), [1]);
  assert.deepEqual(await found(roads.outEdges('places/b')), [2]);
  await failsWith(1233, roads.save({ n: 3 }));
  assert.equal((await roads.get()).type, CollectionType.EDGE_COLLECTION);
});

test('indexes are made, listed and dropped', async () => {
  const indexed = await db.createCollection<{ name?: string }>('indexed');
  const made = await indexed.ensureIndex({ type: 'persistent', fields: ['name'], unique: true, name: 'by-name' });
  assert.equal(made.isNewlyCreated, true);
  assert.equal((await indexed.ensureIndex({ type: 'persistent', fields: ['name'], unique: true, name: 'by-name' })).isNewlyCreated, false);
  assert.deepEqual(
    (await indexed.indexes()).map(({ name }) => name),
    ['primary', 'by-name'],
  );
  assert.equal((await indexed.index('by-name')).id, made.id);
  await indexed.save({ name: 'x' });
  await failsWith(1210, indexed.save({ name: 'x' }));
  await indexed.ensureIndex({ type: 'ttl', fields: ['at'], expireAfter: 60 });
  await indexed.dropIndex('by-name');
  await failsWith(1212, indexed.dropIndex('by-name'));
  await failsWith(11, indexed.dropIndex('primary'));
});

test('parallel queries read their batches, whichever worker is asked', async () => {
  const numbers = await db.createCollection<{ n: number }>('numbers');
  await numbers.saveAll(Array.from({ length: 100 }, (_, n) => ({ n })));
  const wanted = Array.from({ length: 100 }, (_, n) => n);
  const readers = Array.from({ length: 24 }, async (_, at) => {
    const own = new Database({ url: server.url, databaseName: 'shop', poolSize: 3 });
    try {
      const cursor = await own.query<number>(aql`FOR doc IN ${numbers} SORT doc.n RETURN doc.n`, {
        batchSize: 10,
        count: true,
        ...(at % 2 === 0 ? {} : { allowRetry: true }),
      });
      assert.equal(cursor.count, 100);
      const rows: number[] = [];
      while (cursor.hasNext) rows.push((await cursor.next()) ?? -1);
      assert.deepEqual(rows, wanted);
    } finally {
      own.close();
    }
  });
  await Promise.all(readers);
});

test('queries are parsed, explained, and ended early', async () => {
  assert.deepEqual((await db.parse(aql`FOR d IN numbers RETURN d`)).collections, ['numbers']);
  assert.ok('plan' in (await db.explain(aql`FOR d IN numbers RETURN d`)));
  await failsWith(1501, db.query('FOR d IN RETURN'));
  await failsWith(1203, db.query('FOR d IN nowhere RETURN d'));
  await failsWith(1551, db.query('RETURN @missing'));
  const cursor = await db.query('FOR i IN 1..100 RETURN i', {}, { batchSize: 10 });
  await cursor.kill();
  assert.deepEqual(await db.listRunningQueries(), []);
  assert.deepEqual(await db.listSlowQueries(), []);
  assert.equal((await db.queryTracking()).enabled, true);
});

test('stream transactions commit and abort, whichever worker is asked', async () => {
  const accounts = await db.createCollection<{ n: number }>('accounts');
  await Promise.all(
    Array.from({ length: 6 }, async (_, at) => {
      const transaction = await db.beginTransaction({ read: 'accounts' });
      await transaction.step(() => accounts.count());
      assert.deepEqual([(await transaction.get()).status, (await transaction.commit()).status], ['running', 'committed'], String(at));
    }),
  );
  const kept = await db.beginTransaction('accounts');
  await kept.step(() => accounts.save({ _key: 'kept', n: 1 }));
  assert.equal(await accounts.documentExists('kept'), false);
  assert.equal(await kept.step(() => accounts.documentExists('kept')), true);
  await kept.commit();
  assert.equal(await accounts.documentExists('kept'), true);

  const dropped = await db.beginTransaction('accounts');
  await dropped.step(() => accounts.remove('kept'));
  assert.equal((await dropped.abort()).status, 'aborted');
  assert.equal(await accounts.documentExists('kept'), true);
  await failsWith(1655, db.transaction('12345678').get());
});

test('a JavaScript transaction is all or nothing', async () => {
  const action = `function (params) {
    const { db } = require('@arangodb');
    db.accounts.insert({ _key: params.key, n: 2 });
    if (params.fails) throw new Error('no ' + params.key);
    return db.accounts.count();
  }`;
  assert.equal(await db.executeTransaction('accounts', action, { params: { key: 'x', fails: false } }), 2);
  await assert.rejects(db.executeTransaction('accounts', action, { params: { key: 'y', fails: true } }), /no y/);
  assert.equal(await db.collection('accounts').documentExists('y'), false);
});

test('a job is done later, and its answer fetched', async () => {
  const job = await db.createJob(() => db.collection('numbers').count());
  while (!(await job.getCompleted())) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal((await job.load())?.count, 100);
  await failsWith(404, db.job(job.id).load());
});

test('users get their rights', async () => {
  await system.createUser('eve', { passwd: 'apple' });
  await system.setUserAccessLevel('eve', { database: 'shop' }, 'ro');
  assert.equal(await system.getUserAccessLevel('eve', { database: 'shop' }), 'ro');
  assert.deepEqual(await system.getUserDatabases('eve'), { shop: 'ro' });
  assert.ok((await system.listUsers()).some(({ user }) => user === 'eve'));
  await system.updateUser('eve', { active: false });
  assert.equal((await system.getUser('eve')).active, false);
  await system.removeUser('eve');
  await failsWith(1703, system.getUser('eve'));
});

const SERVICE: Readonly<Record<string, string>> = {
  'manifest.json': JSON.stringify({
    name: 'greeter',
    version: '1.0.0',
    main: 'main.js',
    scripts: { echo: 'echo.js', refuse: 'refuse.js' },
    tests: ['test.js'],
    configuration: { word: { type: 'string', default: 'Hello' }, level: { type: 'integer', required: false } },
  }),
  'main.js': `
    const router = require('@arangodb/foxx/router')();
    module.context.use(router);
    router.get('/', (req, res) => res.json({ said: module.context.configuration.word })).summary('Greets');
  `,
  'echo.js': 'module.exports = module.context.argv;',
  'refuse.js': 'const error = new Error("not today"); error.statusCode = 418; throw error;',
  'test.js': `
    const { expect } = require('chai');
    describe('greeter', () => {
      it('adds', () => expect(1 + 1).to.equal(2));
      it('fails', () => expect(1).to.equal(2));
    });
  `,
  'README.md': '# Greeter',
};

function bundle(): Blob {
  const zip = new AdmZip();
  for (const [name, text] of Object.entries(SERVICE)) zip.addFile(name, Buffer.from(text));
  return new Blob([new Uint8Array(zip.toBuffer())]);
}

test('a service is installed, configured, run, tested, downloaded and removed', async () => {
  const mount = '/greeter';
  const installed = await db.installService(mount, bundle(), { configuration: { word: 'Hi' } });
  assert.deepEqual([installed.name, installed.version, installed.development], ['greeter', '1.0.0', false]);
  assert.deepEqual((await db.listServices()).map((service) => service.mount).includes(mount), true);
  const greet = async (): Promise<unknown> => ((await db.route(mount).get()) as { readonly parsedBody?: unknown }).parsedBody;
  assert.deepEqual(await greet(), { said: 'Hi' });

  assert.deepEqual(await db.getServiceConfiguration(mount, true), { word: 'Hi' });
  await db.updateServiceConfiguration(mount, { word: 'Hey' });
  assert.deepEqual(await greet(), { said: 'Hey' });
  const { values, warnings } = await db.replaceServiceConfiguration(mount, { level: 'high' }, true);
  assert.deepEqual(values, { word: 'Hello' });
  assert.ok('level' in (warnings ?? {}));

  assert.deepEqual(await db.getServiceScripts(mount), { echo: 'Echo', refuse: 'Refuse' });
  assert.deepEqual(await db.runServiceScript(mount, 'echo', { a: 1 }), [{ a: 1 }]);
  await assert.rejects(db.runServiceScript(mount, 'refuse'), (error: { readonly code?: number; readonly message?: string }) => {
    assert.deepEqual([error.code, error.message], [418, 'not today']);
    return true;
  });
  await failsWith(3016, db.runServiceScript(mount, 'nothing'));

  const report = await db.runServiceTests(mount, {});
  assert.deepEqual([report.stats.tests, report.stats.passes, report.stats.failures], [2, 1, 1]);
  const filtered = await db.runServiceTests(mount, { reporter: 'suite', filter: 'adds' });
  assert.equal(filtered.stats.tests, 1);
  assert.match(await db.runServiceTests(mount, { reporter: 'xunit', idiomatic: true }), /^<\?xml version="1\.0"/);
  assert.equal((await db.runServiceTests(mount, { reporter: 'tap', idiomatic: false }))[0], '1..2');

  assert.equal(await db.getServiceReadme(mount), '# Greeter');
  const documentation = await db.getServiceDocumentation(mount);
  assert.equal((documentation as { readonly swagger?: string }).swagger, '2.0');
  const downloaded = new AdmZip(Buffer.from(await ((await db.downloadService(mount)) as Blob).arrayBuffer()));
  assert.equal(downloaded.readAsText('main.js'), SERVICE['main.js']);

  assert.equal((await db.setServiceDevelopmentMode(mount, true)).development, true);
  assert.equal((await db.setServiceDevelopmentMode(mount, false)).development, false);
  await db.upgradeService(mount, bundle());
  await db.replaceService(mount, bundle());
  await db.collection('_apps').removeAll(await (await db.query(`FOR app IN _apps FILTER app.mount == '${mount}' RETURN app._key`)).all());
  await db.commitLocalServiceState();
  assert.deepEqual(await greet(), { said: 'Hello' });
  await db.uninstallService(mount);
  await failsWith(3009, db.getService(mount));
});
