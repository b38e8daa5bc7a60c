'use strict';
const createRouter = require('@arangodb/foxx/router');
const sessionsMiddleware = require('@arangodb/foxx/sessions');
const collectionStorage = require('@arangodb/foxx/sessions/storages/collection');
const jwtStorage = require('@arangodb/foxx/sessions/storages/jwt');
const cookieTransport = require('@arangodb/foxx/sessions/transports/cookie');
const headerTransport = require('@arangodb/foxx/sessions/transports/header');
const createAuth = require('@arangodb/foxx/auth');
const createOAuth1Client = require('@arangodb/foxx/oauth1');
const createOAuth2Client = require('@arangodb/foxx/oauth2');
const crypto = require('@arangodb/crypto');

// A counter in a session, in each way in which sessions can be kept and sent.
function counting(options) {
  const router = createRouter();
  router.use(sessionsMiddleware(options));
  router.get('/', (req, res) => {
    if (!req.session) return res.json({ session: null });
    const { count = 0 } = req.session.data || {};
    req.session.data = { count: count + 1 };
    if (req.sessionStorage.save) req.sessionStorage.save(req.session);
    res.json({ uid: req.session.uid, count: req.session.data.count });
  });
  router.post('/login', (req, res) => {
    req.session.uid = 'me';
    if (req.sessionStorage.save) req.sessionStorage.save(req.session);
    res.json({ uid: req.session.uid });
  });
  router.post('/logout', (req, res) => {
    if (req.sessionStorage.clear) req.sessionStorage.clear(req.session);
    req.session = null;
    res.status(204);
  });
  return router;
}
const collection = module.context.collection('sessions');
const ways = {
  'collection-cookie': { storage: collection, transport: 'cookie' },
  'collection-header': { storage: collectionStorage({ collection, ttl: 60 }), transport: 'header' },
  'collection-name': { storage: module.context.collectionName('sessions'), transport: headerTransport('X-Own') },
  'jwt-header': { storage: jwtStorage('secret'), transport: headerTransport() },
  'jwt-cookie': { storage: jwtStorage({ secret: 'secret', algorithm: 'HS256', ttl: 60 }), transport: cookieTransport({ name: 'own', secret: 'cookies', algorithm: 'sha512' }) },
  'jwt-none': { storage: jwtStorage({ algorithm: 'none' }), transport: 'header' },
  both: { storage: jwtStorage('secret'), transport: ['cookie', 'header'] },
  'short-lived': { storage: collectionStorage({ collection, ttl: 0.001 }), transport: 'header' },
  none: { storage: collection, transport: 'header', autoCreate: false },
};
for (const name of Object.keys(ways)) module.context.use(`/${name}`, counting(ways[name]));

const router = createRouter();
module.context.use(router);

router.get('/sessions', (req, res) => res.json(collection.count()));
router.get('/refused', (req, res) => {
  const refused = (options) => {
    try {
      sessionsMiddleware(options);
      return false;
    } catch (error) {
      return true;
    }
  };
  res.json([refused({}), refused({ storage: collection }), refused({ transport: 'cookie' }), refused({ storage: collection, transport: 'cookie' })]);
});

router.get('/auth', (req, res) => {
  const methods = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'pbkdf2'];
  res.json(
    methods.map((method) => {
      const auth = createAuth({ method, saltLength: 8, ...(method === 'pbkdf2' ? { workFactor: 0.01 } : {}) });
      const data = auth.create('password');
      return {
        method: data.method,
        salt: data.salt.length,
        right: auth.verify(data, 'password'),
        wrong: auth.verify(data, 'passwort'),
        none: auth.verify(undefined, 'password'),
        noPassword: auth.verify(data, undefined),
        empty: auth.verify({}, 'password'),
        // By the stored method, whatever the verifier's own is.
        byAnother: createAuth().verify(data, 'password'),
      };
    }),
  );
});

const { provider } = module.context.configuration;
const oauth1 = () =>
  createOAuth1Client({
    requestTokenEndpoint: `${provider}/request-token`,
    authEndpoint: `${provider}/authorize?force=1`,
    accessTokenEndpoint: `${provider}/access-token`,
    activeUserEndpoint: `${provider}/me`,
    clientId: 'client',
    clientSecret: 'client secret',
  });
const oauth2 = () =>
  createOAuth2Client({
    authEndpoint: `${provider}/authorize?force=1`,
    tokenEndpoint: `${provider}/token`,
    activeUserEndpoint: `${provider}/me2`,
    clientId: 'client',
    clientSecret: 'client secret',
  });
router.get('/oauth1', (req, res) => {
  const client = oauth1();
  const token = client.fetchRequestToken('http://here/back');
  const access = client.exchangeRequestToken(token.oauth_token, 'verifier');
  const user = client.fetchActiveUser(access.oauth_token, access.oauth_token_secret);
  const signed = client.createSignedRequest('GET', 'http://photos.example.net/photos', { file: 'vacation.jpg', size: 'original' }, 'token', 'token secret');
  const parts = {};
  for (const [, name, value] of signed.headers.authorization.matchAll(/(\w+)="([^"]*)"/g)) parts[name] = decodeURIComponent(value);
  const { oauth_signature: signature, ...given } = parts;
  // The signature as the standard has it made, by another way.
  const escape = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const list = Object.entries({ ...given, file: 'vacation.jpg', size: 'original' }).map(([name, value]) => `${escape(name)}=${escape(value)}`);
  const base = ['GET', escape('http://photos.example.net/photos'), escape(list.sort().join('&'))].join('&');
  const expected = Buffer.from(crypto.hmac(`${escape('client secret')}&${escape('token secret')}`, base, 'sha1'), 'hex').toString('base64');
  res.json({ token, access, user, authUrl: client.getAuthUrl(token.oauth_token), signed: signature === expected, method: parts.oauth_signature_method });
});
router.get('/oauth2', (req, res) => {
  const client = oauth2();
  const token = client.exchangeGrantToken('the code', 'http://here/back');
  res.json({ token, user: client.fetchActiveUser(token.access_token), authUrl: client.getAuthUrl('http://here/back', { state: 'xyz' }) });
});
router.get('/oauth-refused', (req, res) => {
  const refused = (action) => {
    try {
      action();
      return false;
    } catch (error) {
      return true;
    }
  };
  res.json([refused(() => createOAuth1Client({})), refused(() => createOAuth2Client({}))]);
});
