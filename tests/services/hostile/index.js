'use strict';
// Everything by which a service might harm others, each at a route of its own.
const router = require('@arangodb/foxx/router')();
module.context.use(router);

router.get('/fine', (req, res) => res.json({ fine: true }));

router.get('/loop', () => {
  for (;;);
});
router.get('/loop-in-timer', (req, res) => {
  setTimeout(() => {
    for (;;);
  }, 1);
  res.json({ begun: true });
});
router.get('/loop-in-promise', (req, res) => {
  const again = () => Promise.resolve().then(again);
  again();
  res.json({ begun: true });
});
router.get('/loop-in-expression', (req, res) => {
  res.json(/^(a+)+$/.test(`${'a'.repeat(40)}b`));
});
router.get('/loop-in-query', (req, res) => {
  const { query } = require('@arangodb');
  res.json(query`RETURN SUM(FOR a IN 1..100000 FOR b IN 1..100000 FILTER a * b == 7 RETURN 1)`.toArray());
});

router.get('/memory', () => {
  const all = [];
  for (;;) all.push(new Array(1000).fill(all.length));
});
router.get('/memory-of-text', () => {
  const all = [];
  for (;;) all.push(`${all.length}`.repeat(100000));
});
router.get('/memory-kept', (req, res) => {
  module.exports.kept = (module.exports.kept || []).concat(new Array(100000).fill({}));
  res.json(module.exports.kept.length);
});
router.get('/depth', () => {
  const deeper = (n) => deeper(n + 1) + 1;
  return deeper(0);
});

const throwing = {
  error: () => {
    throw new Error('of a handler');
  },
  null: () => {
    throw null;
  },
  undefined: () => {
    throw undefined;
  },
  text: () => {
    throw 'text';
  },
  number: () => {
    throw 404;
  },
  frozen: () => {
    throw Object.freeze(new Error('frozen'));
  },
  symbol: () => {
    throw Symbol('symbol');
  },
  'error-with-getters': () => {
    throw {
      get message() {
        throw new Error('of a message');
      },
      get stack() {
        throw new Error('of a stack');
      },
      get statusCode() {
        throw new Error('of a status');
      },
    };
  },
  proxy: () => {
    throw new Proxy(
      {},
      {
        get() {
          throw new Error('of a proxy');
        },
        has() {
          throw new Error('of a proxy');
        },
        getPrototypeOf() {
          throw new Error('of a proxy');
        },
      },
    );
  },
  'bad-status': () => {
    throw Object.assign(new Error('with a status'), { statusCode: 9999 });
  },
  cause: () => {
    const error = new Error('its own cause');
    error.cause = error;
    throw error;
  },
  'in-timer': (req, res) => {
    setTimeout(() => {
      throw new Error('in a timer');
    }, 1);
    res.json({ begun: true });
  },
  'in-microtask': (req, res) => {
    queueMicrotask(() => {
      throw new Error('in a microtask');
    });
    res.json({ begun: true });
  },
  rejection: (req, res) => {
    Promise.reject(new Error('rejected'));
    res.json({ begun: true });
  },
  'rejection-of-null': (req, res) => {
    Promise.reject(null);
    res.json({ begun: true });
  },
  async: async () => {
    throw new Error('asynchronously');
  },
  'async-null': async () => {
    throw null;
  },
  'then-throws': () => ({
    get then() {
      throw new Error('of then');
    },
  }),
  'to-json': (req, res) => {
    res.json({
      toJSON() {
        throw new Error('in toJSON');
      },
    });
  },
  circular: (req, res) => {
    const circle = {};
    circle.circle = circle;
    res.json(circle);
  },
  bigint: (req, res) => res.json({ big: 1n }),
  header: (req, res) => {
    res.set('x-bad', 'a\r\nb: c');
    res.json({});
  },
  status: (req, res) => {
    res.status(7);
    res.json({});
  },
  body: (req, res) => {
    res.body = {
      toString() {
        throw new Error('in toString');
      },
      toJSON() {
        throw new Error('in toJSON');
      },
    };
  },
  require: () => require('./broken'),
  exit: () => process.exit(1),
  abort: () => process.abort(),
  kill: () => process.kill(process.pid, 'SIGKILL'),
  'real-exit': () => process.reallyExit(1),
  'changes-json': (req, res) => {
    JSON.stringify = () => {
      throw new Error('of JSON.stringify');
    };
    res.json({ a: 1 });
  },
};
for (const name of Object.keys(throwing)) router.get(`/throw/${name}`, throwing[name]);
