/** Services for the tests of their pages. */
import type { Ask } from '../support/ask.ts';
import { saying, service, zip, type Files } from '../support/bundles.ts';
import type { TestServer } from '../support/server.ts';

export const README = `# The shop

Sells **things**. See <script>window.isInjected = true</script> and [the web](https://example.org/), but not [this](javascript:window.isInjected=true).

![a picture](https://example.org/picture.png)

- one
- two

\`\`\`json
{ "price": 12 }
\`\`\`

| route | what |
| --- | --- |
| \`/\` | greets |
`;

/** One that has something on every tab. */
export const SHOP: Files = service(
  `
const joi = require('joi');
router.get('/', (req, res) => { console.info('someone came'); res.json({ currency: module.context.configuration.currency }); })
  .summary('Greets').response(joi.object({ currency: joi.string() }), 'A greeting.');
router.get('/things/:id', (req, res) => res.json({ id: req.pathParams.id })).pathParam('id', joi.number().required()).summary('One thing');
router.get('/fails', () => {
  const order = undefined;
  return order.total;
}).summary('Always fails');
module.exports = { name: 'shop' };`,
  {
    name: 'shop',
    version: '1.4.0',
    description: 'Sells things to people who want them.',
    author: 'The shop team',
    license: 'Apache-2.0',
    keywords: ['shop', 'example'],
    provides: { shop: '1.4.0' },
    repository: { type: 'git', url: 'git+https://github.com/example/shop.git' },
    configuration: {
      currency: { type: 'string', default: 'EUR', description: 'What prices are in' },
      apiKey: { type: 'password', description: 'Of the payment provider', required: false },
      limit: { type: 'integer', default: 10 },
      rate: { type: 'number', required: false },
      isOpen: { type: 'boolean', default: true },
      opening: { type: 'json', required: false },
    },
    dependencies: {
      mailer: { name: 'mailer', version: '^1.0.0', description: 'Tells customers', required: false },
      payments: { name: 'payments', version: '*', multiple: true, required: false },
    },
    scripts: { setup: 'setup.js', teardown: 'teardown.js', 'send-mail': 'send-mail.js', crash: 'crash.js' },
    tests: 'test/*.js',
  },
  {
    'README.md': README,
    'setup.js': `const { db } = require('@arangodb');\nif (!db._collection('shop_runs')) db._createDocumentCollection('shop_runs');\ndb.shop_runs.save({ setup: true });`,
    'teardown.js': `const { db } = require('@arangodb');\nif (db._collection('shop_runs')) db._drop('shop_runs');`,
    'send-mail.js': `module.exports = { sent: module.context.argv[0] };`,
    'crash.js': `throw new Error('no mail today');`,
    'test/prices.js': `const { expect } = require('chai');
describe('prices', () => {
  it('are numbers', () => expect(12).to.be.a('number'));
  it('are summed', () => expect({ sum: 30, of: [10, 20] }).to.deep.equal({ sum: 31, of: [10, 21] }));
  it('are rounded');
  describe('of sales', () => { it('are lower', () => expect(1).to.be.below(2)); });
});`,
  },
);

export async function install(
  server: TestServer,
  ask: Ask,
  mount: string,
  files: Files,
  { method = 'POST', query = '', database = '_system' } = {},
): Promise<void> {
  const { body } = await ask('POST', '/_open/auth', { username: 'root', password: '' });
  const path = method === 'POST' ? '/_api/foxx' : '/_api/foxx/service';
  const answer = await fetch(`${server.url}/_db/${database}${path}?mount=${mount}${query}`, {
    method,
    body: zip(files),
    headers: { 'content-type': 'application/zip', authorization: `bearer ${String(body['jwt'])}` },
  });
  if (!answer.ok) throw new Error(`${mount} was not installed: ${await answer.text()}`);
}

/** A service of each state. */
export async function prepareServices(server: TestServer, ask: Ask): Promise<void> {
  await install(server, ask, '/shop', SHOP);
  await install(
    server,
    ask,
    '/mailer',
    service(`router.get('/', (req, res) => res.send('mail'));`, { name: 'mailer', version: '1.2.0', provides: { mailer: '1.2.0' } }),
  );
  await install(server, ask, '/developed', saying('hello'), { query: '&development=true' });
  await install(server, ask, '/needing', service('', { name: 'needing', configuration: { key: { type: 'string' } } }));
  await install(server, ask, '/broken', saying('hello'));
  await install(server, ask, '/broken', service(`throw new Error('not today');`, { name: 'broken' }), { method: 'PUT' });
}
