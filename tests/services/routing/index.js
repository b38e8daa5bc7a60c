'use strict';
const joi = require('joi');
const createRouter = require('@arangodb/foxx/router');
const { errors, ArangoError } = require('@arangodb');
const httpErrors = require('http-errors');
const router = createRouter();
module.context.use(router);
module.context.registerType('application/x-shouting', {
  fromClient: (body) => ({ heard: body.toString().toLowerCase() }),
  forClient: (body) => ({ data: `${body.said.toUpperCase()}!`, headers: { 'content-type': 'application/x-shouting' } }),
});

// What has the same path in several ways.
router.get('/order/:name', (req, res) => res.json(['parameter', req.pathParams.name])).pathParam('name', joi.string());
router.get('/order/fixed', (req, res) => res.json(['fixed']));
router.get('/order/*', (req, res) => res.json(['wildcard', req.suffix]));
router.get('/order/number/:n', (req, res) => res.json(['number', req.pathParams.n])).pathParam('n', joi.number().integer());
router.get('/order/number/:word', (req, res) => res.json(['word']));
router.get('/same', (req, res) => res.json('first'));
router.get('/same', (req, res) => res.json('second'));
router.post('/same', (req, res) => res.json('posted'));
router.all('/any', (req, res) => res.json(req.method));
router.get('/only-numbers/:n', (req, res) => res.json(req.pathParams.n)).pathParam('n', joi.number());

// Middleware, and what it sees of what comes after it.
const traced = createRouter();
const note = (name) => (req, res, next) => {
  req.trace = (req.trace || []).concat(name);
  next();
  res.set('x-trace', `${res.headers['x-trace'] || ''}<${name}`);
};
traced.use(note('outer'));
traced.get('/', note('own'), (req, res) => res.json(req.trace), 'trace');
traced.use('/inner', note('inner'));
const inner = createRouter();
inner.use(note('child'));
inner.get('/end', (req, res) => res.json(req.trace), 'end');
traced.use('/inner', inner, 'inside');
traced.use((req, res, next) => {
  req.trace = req.trace.concat('late');
  next();
});
traced.get('/stopped', (req, res) => res.json('never'));
traced.use('/stopped', (req, res) => res.status(202).json({ stopped: req.trace }));
traced.get(
  '/passed-on',
  (req, res, next) => next(new Error('passed on')),
  (req, res) => res.json('never'),
);
traced.get(
  '/twice',
  (req, res, next) => {
    next();
    next();
  },
  (req, res) => res.write('once '),
);
traced.get(
  '/caught',
  (req, res, next) => {
    try {
      next();
    } catch (error) {
      res.status(418).json({ caught: error.message });
    }
  },
  () => {
    throw new Error('below');
  },
);
router.use('/traced', traced, 'traced');
router.use('/again', traced);
router.use('/registered', {
  register: (endpoint) => {
    endpoint.header('x-wanted', joi.string().required(), 'what it wants');
    return (req, res, next) => next();
  },
});
router.get('/registered', (req, res) => res.json(req.headers['x-wanted']));

// Parameters and bodies.
router
  .get('/checked/:id', (req, res) => res.json({ path: req.pathParams, query: req.queryParams, header: req.headers['x-count'] }))
  .pathParam('id', joi.number().integer().required())
  .queryParam('n', joi.number().integer().default(7))
  .queryParam('list', joi.array().items(joi.string()).single())
  .header('x-count', joi.number().max(10));
router
  .post('/bodies/json', (req, res) => res.json({ got: req.body }))
  .body(joi.object({ a: joi.number().required() }).unknown(), 'a number');
router.post('/bodies/text', (req, res) => res.json({ got: req.body })).body(['text/plain']);
router.post('/bodies/form', (req, res) => res.json({ got: req.body })).body(['application/x-www-form-urlencoded']);
router
  .post('/bodies/parts', (req, res) => {
    res.json(req.body.map(({ headers, data }) => ({ disposition: headers['content-disposition'], text: data.toString() })));
  })
  .body(['multipart/form-data']);
router.post('/bodies/raw', (req, res) => res.json({ isBuffer: Buffer.isBuffer(req.body), length: req.body.length, raw: req.rawBody.length }));
router.post('/bodies/shouting', (req, res) => res.json(req.body)).body(['application/x-shouting']);
router.post('/bodies/none', (req, res) => res.json('none')).body(null);
router.post('/bodies/either', (req, res) => res.json({ got: req.body, is: req.is('json', 'text') })).body(['json', 'text']);
class Point {
  constructor(x, y) {
    this.x = x;
    this.y = y;
  }
}
const model = {
  schema: joi.object({ x: joi.number().required(), y: joi.number().default(0) }),
  fromClient: ({ x, y }) => new Point(x, y),
  forClient: ({ x, y }) => ({ x, y, sum: x + y }),
};
router
  .post('/model/one', (req, res) => res.status('created').send(Object.assign(req.body, { isPoint: req.body instanceof Point })))
  .body(model)
  .response('created', model);
router
  .post('/model/many', (req, res) => res.send(req.body.filter((point) => point instanceof Point)))
  .body([model])
  .response(200, [model]);

// Answers.
router.get('/answers/nothing', () => {});
router.get('/answers/text', (req, res) => res.send('<b>text</b>'));
router.get('/answers/buffer', (req, res) => res.send(Buffer.from('bytes')));
router.get('/answers/object', (req, res) => res.send({ an: 'object' }));
router.get('/answers/declared', (req, res) => res.send('plain')).response(['text/plain']);
router.get('/answers/shouting', (req, res) => res.send({ said: 'hey' }, 'application/x-shouting')).response(['application/x-shouting']);
router.get('/answers/written', (req, res) => {
  res.write('a');
  res.write({ b: 1 });
  res.write(Buffer.from('c'));
});
router.get('/answers/headers', (req, res) => {
  res.set({ 'X-One': '1', 'X-Two': '2' });
  res.setHeader('x-three', '3');
  res.removeHeader('x-two');
  res.vary('Origin', 'Accept');
  res.json(res.getHeader('x-one'));
});
router.get('/answers/status/:status', (req, res) => res.sendStatus(req.pathParams.status)).pathParam('status', joi.alternatives(joi.number(), joi.string()));
router.get('/answers/redirect', (req, res) => res.redirect(req.queryParams.kind || undefined, '/elsewhere'));
router.get('/answers/redirect-plain', (req, res) => res.redirect('/elsewhere'));
router.get('/answers/attachment', (req, res) => {
  res.attachment('a name".txt');
  res.write('attached');
});
router.get('/answers/download', (req, res) => res.download(module.context.fileName('assets/data.bin'), 'other.bin'));
router.get('/answers/file', (req, res) => res.sendFile(module.context.fileName('assets/page.html')));
router.get('/answers/file-without-date', (req, res) => res.sendFile(module.context.fileName('assets/page.html'), { lastModified: false }));
router.get('/answers/type', (req, res) => {
  res.type('png');
  res.body = 'x';
});
router.get('/answers/cookies', (req, res) => {
  res.cookie('plain', 'a b');
  res.cookie('signed', 'value', { secret: 'keep it', path: '/', httpOnly: true, ttl: 60 });
  res.cookie('short', 'value', 'a secret');
  res.status(204);
});
router.get('/cookies', (req, res) => {
  res.json({
    plain: req.cookie('plain'),
    signed: req.cookie('signed', { secret: 'keep it' }) || null,
    wrong: req.cookie('signed', 'another secret') || null,
  });
});

// What a request tells.
router.all('/request/*', (req, res) => {
  const { arangoUser, arangoVersion, auth, authorized, baseUrl, database, hostname, method, originalUrl, path, port, protocol } = req;
  const { queryParams, remoteAddress, remoteAddresses, secure, suffix, trustProxy, url, xhr } = req;
  res.json({
    ...{ arangoUser, arangoVersion, auth, authorized, baseUrl, database, hostname, method, originalUrl, path, port, protocol },
    ...{ queryParams, remoteAddress, remoteAddresses, secure, suffix, trustProxy, url, xhr },
    accepts: req.accepts('json', 'html'),
    languages: req.acceptsLanguages(['de', 'en']),
    range: req.range(10),
    param: req.param('suffix') || req.param('q'),
    absolute: req.makeAbsolute('/x', { a: 1 }),
    context: req.context.mount,
  });
});
router.get('/json', (req, res) => res.json({ nothing: req.json() === undefined }));

// Names of routes.
router.get('/named/:a/:b', (req, res) => {
  res.json({
    here: req.reverse('named', { a: 1, b: 'x/y', c: 3 }),
    other: req.reverse('traced.trace'),
    deep: req.reverse('traced.inside.end', { q: 'ä' }),
    missing: message(() => req.reverse('named', { a: 1 })),
    unknown: message(() => req.reverse('nobody')),
    context: module.context.reverse('named', { a: 'a', b: 'b' }),
    absolute: req.makeAbsolute(req.reverse('traced.trace')),
  });
}, 'named');
function message(action) {
  try {
    return action();
  } catch (error) {
    return `Error: ${error.message}`;
  }
}

// Errors.
const thrown = {
  error: () => {
    throw new Error('a secret');
  },
  http: (req, res) => res.throw(409, 'taken', { extra: { hint: 'another' } }),
  named: (req, res) => res.throw('conflict', 'both at once'),
  cause: (req, res) => res.throw(400, 'wrapped', { cause: new TypeError('inner') }),
  'http-errors': () => {
    throw new httpErrors.Gone('it was here');
  },
  arango: () => {
    throw new ArangoError({ errorNum: errors.ERROR_ARANGO_DOCUMENT_NOT_FOUND.code, errorMessage: 'no such thing' });
  },
  arangoConverted: (req, res) => {
    try {
      require('@arangodb').db._document('nobody/nothing');
    } catch (error) {
      res.throw(404, 'nothing there', error);
    }
  },
};
for (const name of Object.keys(thrown)) router.get(`/thrown/${name}`, thrown[name]);

// Documentation.
router
  .get('/documented/:id', (req, res) => res.json({}))
  .pathParam('id', joi.number().integer().required(), 'which one')
  .queryParam('deep', joi.boolean().default(false), 'all of it')
  .header('x-trace', joi.string(), 'for the log')
  .response(200, joi.object({ name: joi.string().required() }), 'the thing')
  .error('not found', 'no such thing')
  .summary('A thing')
  .description('All there is to a thing.')
  .tag('things', 'all')
  .deprecated();
router.use('/docs', module.context.createDocumentationRouter());

// To another service's route of its own server, which may need its event loop.
router.get('/asynchronous', async (req, res) => {
  await new Promise((later) => setTimeout(later, 5));
  res.json('later');
});
router.post('/asynchronous', (req, res) => new Promise((later) => setTimeout(later, 5)).then(() => res.json('posted later')));
