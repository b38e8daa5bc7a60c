/**
 * What published services rely on in their life on a server: what runs at installation and in which order, scripts, jobs, their own
 * folder, their own tests. Each service here is made on the spot, in the likeness of one that needs the behaviour.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { service, zip, type Files } from '../support/bundles.ts';
import { askServer, eventually, type Answer } from '../support/fixtures.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.dispose());

const ask = (method: string, path: string, body?: unknown): Promise<Answer> => askServer(server, method, path, body);

/** Installs with what goes with the request, as foxx-cli does. */
function install(
  mount: string,
  files: Files,
  given: { configuration?: object; dependencies?: object; query?: string } = {},
): Promise<Answer> {
  const form = new FormData();
  form.set('source', new Blob([zip(files)], { type: 'application/zip' }), 'service.zip');
  form.set('configuration', JSON.stringify(given.configuration ?? {}));
  form.set('dependencies', JSON.stringify(given.dependencies ?? {}));
  return ask('POST', `/_api/foxx?mount=${mount}${given.query ?? ''}`, form);
}

async function installed(...values: Parameters<typeof install>): Promise<void> {
  const answer = await install(...values);
  assert.equal(answer.status, 201, answer.text);
}

const jsonOf = async (path: string): Promise<unknown> => (await ask('GET', path)).body;
const script = (mount: string, name: string, body?: unknown): Promise<Answer> =>
  ask('POST', `/_api/foxx/scripts/${name}?mount=${mount}`, body);

test('a manifest may begin with a byte-order mark and say things that nobody asked', async () => {
  const manifest = {
    name: 'odd',
    lib: '.',
    thumbnail: 'none.png',
    $schema: 'http://json.schemastore.org/foxx-manifest',
    tests: 'test/**/*.js',
    engines: { arangodb: '3.2' },
    files: { 'a.txt': 'a.txt', b: { path: 'a.txt' } },
    scripts: { 'migrate-001:-0.1.0-to-1.0.0': 'script.js' },
    configuration: Object.fromEntries(
      ['string', 'json', 'integer', 'int', 'bool', 'boolean', 'number', 'password'].map((type) => [type, { type, required: false }]),
    ),
  };
  const { 'manifest.json': text = '', ...others } = service(`router.get('/', (req, res) => { res.send('odd'); });`, manifest, {
    'script.js': `module.exports = 'migrated';`,
    'a.txt': 'text',
  });
  await installed('/odd', { 'manifest.json': `\uFEFF${text}`, ...others });
  assert.equal((await ask('GET', '/odd')).text, 'odd');
  assert.deepEqual([(await ask('GET', '/odd/a.txt')).text, (await ask('GET', '/odd/b')).text], ['text', 'text']);
  assert.equal((await script('/odd', 'migrate-001:-0.1.0-to-1.0.0')).body, 'migrated');
});

test('a service that lacks configuration is installed and set up, and not run', async () => {
  const code = `if (!module.context.configuration.secret) throw new Error('no secret'); router.get('/', (req, res) => { res.json(module.context.configuration.secret); });`;
  const files = service(
    code,
    { configuration: { secret: { type: 'string' } }, scripts: { setup: 'setup.js' } },
    {
      'setup.js': `require('@arangodb').db._create('unconfigured_was_set_up');`,
    },
  );
  await installed('/unconfigured', files);
  assert.equal((await ask('GET', '/_api/collection/unconfigured_was_set_up')).status, 200);
  assert.equal((await ask('GET', '/unconfigured')).status, 503);
  assert.ok(((await jsonOf('/_api/foxx')) as { mount: string }[]).some(({ mount }) => mount === '/unconfigured'));
  await ask('PATCH', '/_api/foxx/configuration?mount=/unconfigured', { secret: 's' });
  assert.deepEqual(await jsonOf('/unconfigured'), 's');
});

test('setup sees the dependencies that come with the installation, and services may depend on each other in a circle', async () => {
  const member = (name: string, other: string): Files =>
    service(`exports.name = '${name}'; router.get('/', (req, res) => { res.json(module.context.dependencies.other.name); });`, {
      dependencies: { other: `${other}:^1.0.0` },
    });
  await installed('/left', member('left', 'right'), { dependencies: { other: '/right' } });
  await installed('/right', member('right', 'left'), { dependencies: { other: '/left' } });
  assert.deepEqual([await jsonOf('/left'), await jsonOf('/right')], ['right', 'left']);
  await installed(
    '/consumer',
    service(
      '',
      { dependencies: { shared: 'shared:^0.0.0' }, scripts: { setup: 'setup.js' } },
      {
        'setup.js': `require('@arangodb').db._create('consumer_' + module.context.dependencies.shared.name);`,
      },
    ),
    { dependencies: { shared: '/left' } },
  );
  assert.equal((await ask('GET', '/_api/collection/consumer_left')).status, 200);
});

test('a setup that fails fails the installation, what it did stays, and it can be left out', async () => {
  const files = service(
    `router.get('/', (req, res) => { res.send('up'); });`,
    { scripts: { setup: 'setup.js' } },
    {
      'setup.js': `const { db } = require('@arangodb'); const known = db._collection('second_try'); if (!known) db._create('second_try'); known.count();`,
    },
  );
  assert.equal((await install('/second', files)).status, 400);
  assert.equal((await ask('GET', '/second')).status, 404);
  assert.equal((await ask('GET', '/_api/collection/second_try')).status, 200);
  await installed('/second', files);
  assert.equal((await ask('GET', '/second')).text, 'up');
  const failing = service('', { scripts: { setup: 'setup.js' } }, { 'setup.js': `throw new Error('never');` });
  await installed('/skipped', failing, { query: '&setup=false' });
});

test('setup is over before main is loaded', async () => {
  const code = `const early = db._collection('made_by_setup'); router.get('/', (req, res) => { res.json(early.name()); });`;
  await installed(
    '/early',
    service(code, { scripts: { setup: 'setup.js' } }, { 'setup.js': `require('@arangodb').db._create('made_by_setup');` }),
  );
  assert.equal(await jsonOf('/early'), 'made_by_setup');
});

test('a script answers with what it exports, and its errors with their status', async () => {
  const files = service(
    '',
    { scripts: { echo: 'echo.js', refuse: 'refuse.js', silent: 'silent.js' } },
    {
      'echo.js': `module.exports = module.context.argv;`,
      'refuse.js': `const error = new Error('no'); error.statusCode = 418; throw error;`,
      'silent.js': ``,
    },
  );
  await installed('/scripts', files);
  assert.deepEqual((await script('/scripts', 'echo', { a: 1 })).body, [{ a: 1 }]);
  assert.deepEqual((await script('/scripts', 'echo')).body, []);
  assert.equal((await script('/scripts', 'refuse')).status, 418);
  assert.deepEqual((await script('/scripts', 'silent')).body, {});
});

test('a job that a setup pushes for its own service waits until that is installed', async () => {
  const code = `const until = Date.now() + 500; while (Date.now() < until); router.get('/', (req, res) => { res.send('up'); });`;
  const files = service(
    code,
    { scripts: { setup: 'setup.js', work: 'work.js' } },
    {
      'setup.js': `require('@arangodb').db._create('early_work'); require('@arangodb/foxx/queues').create('early').push({ mount: module.context.mount, name: 'work' }, {});`,
      'work.js': `require('@arangodb').db._collection('early_work').save({ _key: 'done' });`,
    },
  );
  await installed('/early-work', files);
  const job = await eventually('the job', async () => {
    const { body } = await ask('POST', '/_api/cursor', { query: 'FOR j IN _jobs FILTER j.queue == "early" RETURN [j.status, j.failures]' });
    const [found] = (body as { result: [string, unknown[]][] }).result;
    return (found?.[0] === 'complete' || found?.[0] === 'failed') && found;
  });
  assert.deepEqual(job, ['complete', []]);
  assert.equal((await ask('GET', '/_api/document/early_work/done')).status, 200);
});

test('jobs run with callbacks that are text by then, and may repeat without end', async () => {
  const code = `
    const queues = require('@arangodb/foxx/queues'); const queue = queues.create('real-queue');
    router.get('/push', (req, res) => {
      res.json(queue.push({ mount: '/worker', name: 'work' }, { n: 20 }, { repeatTimes: Infinity, maxFailures: Infinity, repeatDelay: 60000, success: function (result, data, job) { sum = result + data.n; require('@arangodb').db._collection('job_results').save({ sum, status: job.status }); } }));
    });
    router.get('/jobs', (req, res) => { res.json([queue.all({ name: 'work', mount: '/worker' }).length, queue.all({ name: 'none', mount: '/worker' }).length]); });
    router.get('/delete', (req, res) => { res.json([queue.delete(queue.all()[0]), queues.delete('real-queue')]); });
  `;
  const files = service(
    code,
    { scripts: { setup: 'setup.js', work: 'work.js' } },
    {
      'setup.js': `const { db } = require('@arangodb'); db._create('job_results'); require('@arangodb/foxx/queues').create('real-queue').push({ mount: '/worker', name: 'work' }, { n: 0 }, { success: 'function () { require("@arangodb").db._collection("job_results").save({ from: "setup" }); }' });`,
      'work.js': `module.exports = module.context.argv[0].n + 1;`,
    },
  );
  await installed('/worker', files);
  assert.match((await jsonOf('/worker/push')) as string, /^_jobs\/\d+$/);
  const results = async (): Promise<unknown[]> => {
    const { body } = await ask('POST', '/_api/cursor', { query: 'FOR r IN job_results SORT r.sum RETURN UNSET(r, "_id", "_key", "_rev")' });
    return (body as { result: unknown[] }).result;
  };
  const found = await eventually('both jobs', async () => {
    const all = await results();
    return all.length >= 2 && all;
  });
  assert.deepEqual(found[0], { from: 'setup' });
  assert.equal((found[1] as { sum: number }).sum, 41);
  assert.deepEqual(((await jsonOf('/worker/jobs')) as number[])[1], 0);
  assert.deepEqual(await jsonOf('/worker/delete'), [true, true]);
});

test('a service writes into its own folder, whose path has the shape that others count on', async () => {
  const code = `
    const fs = require('fs'); const path = require('path');
    router.get('/', (req, res) => {
      fs.write(module.context.fileName('written.txt'), 'by itself');
      const apps = path.join(module.context.basePath, '..', '..'); const own = module.context.basePath.split(path.sep).slice(-4);
      res.json([fs.read(path.join(module.context.basePath, 'written.txt')), own, fs.list(apps).includes('folder'), module.context.collectionPrefix, module.context.collectionName('users')]);
    });`;
  await installed('/folder', service(code));
  assert.deepEqual(await jsonOf('/folder'), ['by itself', ['_db', '_system', 'folder', 'APP'], true, 'folder_', 'folder_users']);
});

test('a service’s tests may ask the service itself, and a service may run the tests of another', async () => {
  const code = `
    const manager = require('@arangodb/foxx/manager');
    router.get('/', (req, res) => { res.json('asked'); });
    router.get('/run', (req, res) => { const found = manager.lookupService('/tested'); res.json([found.manifest.name, require('@arangodb/foxx/mocha').run(found, { reporter: 'default' }).stats.passes]); });`;
  const files = service(
    code,
    { tests: ['test/*.js'] },
    {
      'test/self.js': `
      const { expect } = require('chai'); const request = require('@arangodb/request'); const { baseUrl } = module.context;
      describe('the service', function () {
        it('answers itself', function () { const answer = request.get(baseUrl, { timeout: 20 }); expect(answer.json).to.equal('asked'); expect(answer.statusCode).to.equal(200); });
        it('is asked in full', function () { expect(request({ method: 'get', url: baseUrl + '/', json: true }).json).to.equal('asked'); });
      });`,
    },
  );
  await installed('/tested', files);
  const { body, text } = await ask('POST', '/_api/foxx/tests?mount=/tested');
  const { stats } = body as { stats: { passes: number; failures: number } };
  assert.deepEqual([stats.passes, stats.failures], [2, 0], text);
  assert.deepEqual(await jsonOf('/tested/run'), ['made', 2]);
});

test('tasks are registered, seen and taken back', async () => {
  const code = `
    const tasks = require('@arangodb/tasks');
    router.get('/', (req, res) => {
      const task = tasks.register({ id: 'real-task', name: 'periodic', period: 3600, offset: 3600, params: { n: 1 }, command: function (params) { require('@arangodb').db._create('never'); } });
      const seen = tasks.get('real-task'); tasks.unregister('real-task'); let gone; try { tasks.get('real-task'); } catch (e) { gone = e.errorNum; }
      res.json([task.id, seen.type, seen.period, gone]);
    });`;
  await installed('/tasks', service(code));
  assert.deepEqual(await jsonOf('/tasks'), ['real-task', 'periodic', 3600, 1852]);
});

test('what ArangoDB removed fails the installation, and the neighbours stay up', async () => {
  await installed('/neighbour', service(`router.get('/', (req, res) => { res.send('up'); });`));
  for (const code of [
    `require('@arangodb/pregel');`,
    `require('@arangodb/graph/traversal');`,
    `require('internal').none.AQL_PARSE_IDENTIFIER('a/b');`,
  ]) {
    assert.ok((await install('/removed', service(code))).status >= 400, code);
    assert.equal((await ask('GET', '/neighbour')).text, 'up');
    assert.equal((await ask('GET', '/removed')).status, 404);
  }
});

test('a service of ArangoDB 2.8 is installed as any other, and says that it is one', async () => {
  const files = {
    'manifest.json': JSON.stringify({
      name: 'old',
      version: '1.0.0',
      engines: { arangodb: '^2.8.0' },
      controllers: { '/api': 'api.js' },
      scripts: { setup: 'setup.js', count: 'count.js' },
      tests: 'test.js',
      defaultDocument: '',
    }),
    'setup.js': `var db = require('org/arangodb').db; var name = applicationContext.collectionName('notes'); if (!db._collection(name)) db._create(name);`,
    'count.js': `module.exports = applicationContext.collection('notes').count() + applicationContext.argv.length;`,
    'test.js': `var expect = require('chai').expect; describe('old', function () { it('has its collection', function () { expect(applicationContext.collection('notes').count()).to.equal(1); }); });`,
    'api.js': `
      var Foxx = require('org/arangodb/foxx'), joi = require('joi'), controller = new Foxx.Controller(applicationContext);
      var Note = Foxx.Model.extend({ schema: { text: joi.string().required() } });
      var notes = new Foxx.Repository(applicationContext.collection('notes'), { model: Note });
      controller.activateSessions({ cookie: { name: 'old' } });
      /** Adds a note. */
      controller.post('/notes', function (req, res) { res.status(201); res.json(notes.save(req.params('note')).forClient()); }).bodyParam('note', { type: Note, description: 'the note' });
      controller.get('/notes', function (req, res) { res.json(notes.all().map(function (note) { return note.get('text'); })); });`,
  };
  await installed('/old', files);
  const made = await ask('POST', '/old/api/notes', { text: 'first' });
  assert.deepEqual([made.status, made.text], [201, '{"text":"first"}']);
  assert.match(made.headers.get('set-cookie') ?? '', /^old=/);
  assert.equal((await ask('POST', '/old/api/notes', {})).status, 422);
  assert.deepEqual(await jsonOf('/old/api/notes'), ['first']);
  assert.equal((await script('/old', 'count', { a: 1 })).body, 2);
  assert.equal(((await jsonOf('/_api/foxx/service?mount=/old')) as { legacy: boolean }).legacy, true);
  const { paths } = (await jsonOf('/_api/foxx/swagger?mount=/old')) as { paths: Record<string, Record<string, { summary: string }>> };
  assert.equal(paths['/api/notes']?.['post']?.summary, 'Adds a note.');
  assert.equal(((await ask('POST', '/_api/foxx/tests?mount=/old')).body as { stats: { passes: number } }).stats.passes, 1);
  assert.equal((await ask('DELETE', '/_api/foxx/service?mount=/old')).status, 204);
});
