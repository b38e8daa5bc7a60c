'use strict';
// Written in the manner of the old demo service: routes built from text, everything in one file, middleware mounted last.
const { db, inspect } = require('@arangodb');
const createRouter = require('@arangodb/foxx/router');
const joi = require('joi');
const hello = require('./lib/words').hello;

const router = createRouter();
const texts = module.context.collection('texts');

function build(source) {
  new Function('router, db, texts, require, module, hello', source)(router, db, texts, require, module, hello);
}

build(`router.get('/hello', function (req, res) { res.set('Content-Type', 'text/plain; charset=utf-8'); res.body = 'Hello World!\\n'; });`);
build(`router.get('/hello_text', function (req, res) { res.body = { result: 'Hello World!\\n' }; });`);
build(`router.get('/hello_json', function (req, res) { res.json({ result: 'Hello World!\\n' }); });`);
build(`router.get('/hello_name/:name', function (req, res) { res.body = 'Hello ' + req.param('name'); });`);
build(`router.get('/sum', function (req, res) {
  res.body = 'Result is ' + (parseInt(req.param('a'), 10) + parseInt(req.param('b'), 10)).toString();
}).queryParam('a').queryParam('b');`);
build(`router.get('/get_from_db', function (req, res) { res.body = texts.any().text + '\\n'; });`);
build(`router.get('/run_aql', function (req, res) {
  res.json(db._createStatement({ query: 'FOR i IN [ 1, 2 ] RETURN i * 2' }).execute().toArray());
});`);
build(`router.get('/local_require', function (req, res) { res.body = hello; });`);
build(`router.get('/error', function (req, res) { res.throw('forbidden', 'I feel like failing.'); });`);

router
  .post('/save_tiger/:name', (req, res) => {
    texts.save(req.body);
    res.set('Content-Type', 'text/plain; charset=utf-8');
    res.body = 'saved';
  })
  .body(joi.object({ name: joi.string().required(), stripes: joi.number().integer() }).required());

router.get('/echo_response', (req, res) => res.json({ request: req }));
router.get('/inspect_response', (req, res) => {
  res.body = inspect({ request: req });
});
router.get('/context', (req, res) => {
  res.set('Content-Type', 'text/plain');
  res.body = inspect(module.context) + ' \n';
});

let seen = 0;
router.get('/seen', (req, res) => res.json({ seen }));
module.context.use(router);
module.context.use((req, res, next) => {
  seen++;
  next();
});
