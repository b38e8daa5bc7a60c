/**
 * Every option of the server, in one table: help, configuration file, environment and `docs/reference` are read from it.
 *
 * Names, types and defaults are arangod's where it has the option; where foxden differs, the description says so. The reading is in
 * `config.ts`. To add an option, add a row.
 */

interface Described {
  /** What it does in foxden. */
  readonly description: string;
  /** Only in foxden. */
  readonly isOwn?: true;
  /** Never printed. */
  readonly isSecret?: true;
}

export type OptionRow = Described &
  (
    | { readonly type: 'boolean'; readonly default: boolean }
    | {
        readonly type: 'integer' | 'number';
        readonly default: number;
        readonly unit?: 'bytes' | 'MiB' | 'seconds' | 'milliseconds';
        readonly minimum?: number;
        readonly maximum?: number;
      }
    | {
        readonly type: 'string';
        readonly default: string;
        readonly values?: readonly string[];
        /** What it is when it is given without a value; a value then follows an equals sign only. */
        readonly bare?: string;
      }
    /** May be given several times. */
    | { readonly type: 'strings'; readonly default: readonly string[] }
  );

const GIB = 1024 ** 3;

export const OPTIONS = {
  configuration: {
    type: 'string',
    default: '',
    description:
      'The configuration file (also -c, --config). "none": read none. Without it foxden.conf beside you or in the database directory.',
  },
  inspect: {
    type: 'string',
    default: '',
    bare: '127.0.0.1:9229',
    isOwn: true,
    description:
      'Let debuggers in at this address (host:port): those of Node.js, such as Chrome or Visual Studio Code. Whoever reaches it can run any code.',
  },

  'database.directory': {
    type: 'string',
    default: '',
    description: 'Where the data is. Can be given without the name of the option.',
  },
  'database.password': {
    type: 'string',
    default: '',
    isSecret: true,
    description: 'The password of "root" in a directory that has no data yet. Better given as ARANGO_ROOT_PASSWORD.',
  },
  'database.wait-for-sync': {
    type: 'boolean',
    default: false,
    description: 'New collections wait for the disk before a write is answered, unless they say otherwise.',
  },
  'database.max-databases': {
    type: 'integer',
    default: Number.MAX_SAFE_INTEGER,
    minimum: 1,
    description: 'How many databases there may be.',
  },
  'database.extended-names': {
    type: 'boolean',
    default: true,
    description: 'Names of databases, collections and the like may have nearly all characters.',
  },
  'storage.url': {
    type: 'string',
    default: '',
    isOwn: true,
    isSecret: true,
    description:
      'A PostgreSQL server to keep the data in (postgres://user:password@host:5432/database), for several coordinators. Several hosts with commas between them; settings as libpq has them (sslmode, sslrootcert). Without it the embedded engine.',
  },
  'storage.pool-size': {
    type: 'integer',
    default: 32,
    minimum: 2,
    maximum: 1000,
    isOwn: true,
    description: 'How many connections to PostgreSQL a coordinator opens at most. Open transactions and cursors of users keep one each.',
  },
  'storage.failover-timeout': {
    type: 'number',
    default: 15,
    unit: 'seconds',
    minimum: 0,
    isOwn: true,
    description: 'How long requests wait while no PostgreSQL server takes writes, before they are refused with 503.',
  },
  'storage.prepared-statements': {
    type: 'boolean',
    default: true,
    isOwn: true,
    description: 'Let connections to PostgreSQL keep statements. Must be off behind a pooler in transaction mode.',
  },
  'storage.keep-walks': {
    type: 'boolean',
    default: true,
    isOwn: true,
    description: 'Keep in memory what frequent walks read on PostgreSQL in graphs that seldom change, also without `cacheEnabled`.',
  },

  'cluster.my-address': {
    type: 'string',
    default: '',
    description: 'Where the other coordinators reach this one (tcp://host:port). Without it the first of --server.endpoint.',
  },
  'cluster.url': {
    type: 'string',
    default: '',
    isOwn: true,
    isSecret: true,
    description: 'The PostgreSQL server of --storage.url past any pooler, for the connection by which coordinators find each other.',
  },
  'cluster.heartbeat-interval': {
    type: 'number',
    default: 1,
    unit: 'seconds',
    minimum: 0.05,
    isOwn: true,
    description: 'How often a coordinator renews its lease, and looks for what others have announced if it was not told.',
  },
  'cluster.lease': {
    type: 'number',
    default: 10,
    unit: 'seconds',
    minimum: 0.5,
    isOwn: true,
    description: 'A coordinator that has not renewed its lease for so long is taken for dead: its locks are free, its jobs are run again.',
  },
  'cluster.maximal-wait': {
    type: 'number',
    default: 15,
    unit: 'seconds',
    minimum: 0,
    isOwn: true,
    description: 'How long a request waits while this coordinator has no lease. Then it is refused with 503.',
  },

  'server.endpoint': {
    type: 'strings',
    default: ['tcp://127.0.0.1:8529'],
    description: 'Where to listen: tcp://host:port, ssl://host:port or unix:///path. Several are possible; port 0 takes any free one.',
  },
  'server.authentication': { type: 'boolean', default: true, description: 'Whoever asks must say who they are.' },
  'server.authentication-system-only': {
    type: 'boolean',
    default: true,
    description: 'Only paths that begin with /_ ask for authentication; services are public.',
  },
  'server.authentication-unix-sockets': {
    type: 'boolean',
    default: true,
    description: 'Whoever comes through a unix socket must say who they are, too.',
  },
  'server.authentication-timeout': {
    type: 'number',
    default: 0,
    unit: 'seconds',
    minimum: 0,
    description: 'How long a password that was checked is not checked again. 0: for ever.',
  },
  'server.session-timeout': {
    type: 'number',
    default: 3600,
    unit: 'seconds',
    minimum: 1,
    description: 'How long a token from /_open/auth is valid.',
  },
  'server.jwt-secret': { type: 'string', default: '', isSecret: true, description: 'The secret that tokens are signed with.' },
  'server.jwt-secret-keyfile': { type: 'string', default: '', description: 'A file with the secret that tokens are signed with.' },
  'server.jwt-secret-folder': {
    type: 'string',
    default: '',
    description: 'A folder of such files: the first signs, all are valid.',
  },
  'server.harden': { type: 'boolean', default: false, description: 'Tell less about the server to those who are not administrators.' },
  'server.options-api': {
    type: 'string',
    default: 'jwt',
    values: ['disabled', 'jwt', 'admin', 'public'],
    description: 'Who may read these options over HTTP.',
  },
  'server.statistics': { type: 'boolean', default: true, description: 'Keep statistics.' },
  'server.export-metrics-api': { type: 'boolean', default: true, description: 'Answer /_admin/metrics.' },
  'server.maximal-queue-size': {
    type: 'integer',
    default: 4096,
    minimum: 1,
    maximum: 65_536,
    description: 'How many requests may wait for a worker. Beyond that they are refused with 503.',
  },
  'server.maximal-queue-time': {
    type: 'number',
    default: 30,
    unit: 'seconds',
    minimum: 0,
    isOwn: true,
    description: 'How long a request may wait for a worker before it is refused with 503. 0: for ever.',
  },
  'server.maximal-request-time': {
    type: 'number',
    default: 300,
    unit: 'seconds',
    minimum: 0,
    isOwn: true,
    description: 'How long a request may run. Then its worker is ended, and it is answered with 504. 0: for ever.',
  },
  'server.minimal-threads': {
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 64,
    description:
      'How many workers there are at least. 0: two; with the data on PostgreSQL, for which workers wait, twice the number of cores, at least 4.',
  },
  'server.maximal-threads': {
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 64,
    description:
      'How many workers there are at most, while all are busy. 0: twice the number of cores, at least 4; with the data on PostgreSQL eight times, at least 16.',
  },
  'server.async-requests-per-thread': {
    type: 'integer',
    default: 128,
    minimum: 1,
    maximum: 4096,
    isOwn: true,
    description: 'How many requests a worker takes on while asynchronous handlers and writes to disk are under way.',
  },
  'server.io-threads': {
    type: 'integer',
    default: 1,
    minimum: 1,
    description: 'Accepted, and without effect: one thread has the network.',
  },
  'server.shutdown-timeout': {
    type: 'number',
    default: 30,
    unit: 'seconds',
    minimum: 0,
    isOwn: true,
    description: 'How long requests that have begun may go on when the server stops.',
  },

  'http.keep-alive-timeout': {
    type: 'number',
    default: 300,
    unit: 'seconds',
    minimum: 1,
    description: 'How long a connection may be idle.',
  },
  'http.header-timeout': {
    type: 'number',
    default: 30,
    unit: 'seconds',
    minimum: 1,
    isOwn: true,
    description: 'How long the head of a request may take to arrive.',
  },
  'http.stall-timeout': {
    type: 'number',
    default: 90,
    unit: 'seconds',
    minimum: 1,
    isOwn: true,
    description: 'How long a client may pause in sending a body, or in taking an answer.',
  },
  'http.maximal-url-size': {
    type: 'integer',
    default: 16_384,
    unit: 'bytes',
    minimum: 256,
    isOwn: true,
    description: 'Longer URLs are refused with 414.',
  },
  'http.maximal-header-size': {
    type: 'integer',
    default: 65_536,
    unit: 'bytes',
    minimum: 1024,
    maximum: 16 * 1024 * 1024,
    isOwn: true,
    description: 'Longer heads of requests are refused with 431.',
  },
  'http.maximal-header-count': {
    type: 'integer',
    default: 500,
    minimum: 8,
    maximum: 10_000,
    isOwn: true,
    description: 'Requests with more headers are refused with 431.',
  },
  'http.maximal-body-size': {
    type: 'integer',
    default: 512 * 1024 * 1024,
    unit: 'bytes',
    minimum: 1024,
    maximum: 2 * GIB,
    isOwn: true,
    description: 'Longer bodies, also after decompression, are refused with 413. (A text of more than 512 MiB is beyond JavaScript.)',
  },
  'http.maximal-upload-memory': {
    type: 'integer',
    default: GIB,
    unit: 'bytes',
    minimum: 1024 * 1024,
    isOwn: true,
    description: 'What all bodies that are still arriving may take together. Beyond that they are refused with 503.',
  },
  'http.maximal-connections': {
    type: 'integer',
    default: 16_384,
    minimum: 1,
    isOwn: true,
    description: 'How many connections each endpoint has at most. Further ones are closed at once.',
  },
  'http.compress-response-threshold': {
    type: 'integer',
    default: 0,
    unit: 'bytes',
    minimum: 0,
    description: 'Answers from this length on are compressed for clients that accept it. 0: none.',
  },
  'http.return-queue-time-header': {
    type: 'boolean',
    default: true,
    description: 'Say in each answer how long its request has waited (x-arango-queue-time-seconds).',
  },
  'http.trusted-origin': {
    type: 'strings',
    default: [],
    description:
      'Pages of these origins may send credentials (CORS), and requests that change something; others may not. "*": all. Also other names for a server without authentication.',
  },
  'http.redirect-root-to': { type: 'string', default: '/_admin/aardvark/index.html', description: 'Where / leads.' },
  'http.permanently-redirect-root': { type: 'boolean', default: true, description: 'That is for ever (301), not for now (302).' },

  'ssl.keyfile': { type: 'string', default: '', description: 'A PEM file with the certificate and the private key of ssl:// endpoints.' },
  'ssl.cafile': { type: 'string', default: '', description: 'A PEM file with the authorities whose client certificates are accepted.' },
  'ssl.require-peer-certificate': { type: 'boolean', default: false, description: 'Clients must have a certificate of one of them.' },
  'ssl.protocol': {
    type: 'integer',
    default: 9,
    minimum: 4,
    maximum: 9,
    description: 'The TLS version: 4 is 1.0, 5 is 1.2, 6 is 1.3, 9 whatever both sides have.',
  },
  'ssl.cipher-list': { type: 'string', default: '', description: "The ciphers, as OpenSSL writes them. Empty: Node's own choice." },
  'ssl.server-name-indication': {
    type: 'strings',
    default: [],
    description: 'Other keyfiles for clients that ask for a server by name: name=keyfile.',
  },
  'ssl.prefer-http1-in-alpn': {
    type: 'boolean',
    default: false,
    description: 'Clients that speak both are spoken to by HTTP/1.1, not HTTP/2.',
  },
  'ssl.ecdh-curve': { type: 'string', default: 'auto', description: 'The curve of the key exchange.' },

  'javascript.app-path': {
    type: 'string',
    default: '',
    description: 'Where the files of services are. Empty: "apps" in the database directory.',
  },
  'javascript.startup-directory': {
    type: 'string',
    default: '',
    description: 'Accepted, and without effect: foxden has its modules with it.',
  },
  'javascript.enabled': { type: 'boolean', default: true, description: 'Run services at all.' },
  'javascript.v8-contexts': {
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 64,
    description: 'As --server.maximal-threads, which it overrides.',
  },
  'javascript.v8-contexts-minimum': {
    type: 'integer',
    default: 0,
    minimum: 0,
    maximum: 64,
    description: 'As --server.minimal-threads, which it overrides.',
  },
  'javascript.v8-contexts-max-age': {
    type: 'number',
    default: 60,
    unit: 'seconds',
    minimum: 1,
    description: 'How long a worker beyond the least number may be idle before it ends.',
  },
  'javascript.v8-contexts-max-invocations': {
    type: 'integer',
    default: 0,
    minimum: 0,
    description: 'A worker is replaced after so many requests. 0: never.',
  },
  'javascript.v8-max-heap': {
    type: 'integer',
    default: 3072,
    unit: 'MiB',
    minimum: 32,
    description: "How large a worker's JavaScript memory may grow; at most half of the machine's. Then the worker is replaced.",
  },
  'javascript.v8-options': { type: 'strings', default: [], description: 'Flags for V8.' },
  'javascript.allow-admin-execute': { type: 'boolean', default: false, description: 'Answer /_admin/execute, which runs any JavaScript.' },
  'javascript.allow-external-process-control': {
    type: 'boolean',
    default: false,
    description: 'Services may start and end processes.',
  },
  'javascript.allow-port-testing': { type: 'boolean', default: false, description: 'Services may try whether a port is free.' },
  'javascript.harden': { type: 'boolean', default: false, description: 'Services learn less about the process.' },
  'javascript.tasks': { type: 'boolean', default: true, description: 'Tasks can be registered.' },
  'javascript.transactions': { type: 'boolean', default: true, description: 'JavaScript transactions can be run.' },
  'javascript.user-defined-functions': { type: 'boolean', default: true, description: 'AQL can call functions written in JavaScript.' },
  'javascript.endpoints-allowlist': {
    type: 'strings',
    default: [],
    description: 'Regular expressions: services may send requests to these endpoints. None: to all.',
  },
  'javascript.endpoints-denylist': { type: 'strings', default: [], description: 'Regular expressions: but not to these.' },
  'javascript.environment-variables-allowlist': {
    type: 'strings',
    default: [],
    description: 'Regular expressions: services see these environment variables. None: all.',
  },
  'javascript.environment-variables-denylist': { type: 'strings', default: [], description: 'Regular expressions: but not these.' },
  'javascript.files-allowlist': {
    type: 'strings',
    default: [],
    description: 'Regular expressions: services may use these files besides their own. None: all.',
  },
  'javascript.files-denylist': { type: 'strings', default: [], description: 'Regular expressions: but not these.' },
  'javascript.startup-options-allowlist': {
    type: 'strings',
    default: [],
    description: 'Regular expressions: services see these options. None: all that are not secret.',
  },
  'javascript.startup-options-denylist': { type: 'strings', default: [], description: 'Regular expressions: but not these.' },
  'javascript.module-directory': { type: 'strings', default: [], description: 'Further folders that services load modules from.' },

  'foxx.api': { type: 'boolean', default: true, description: 'Services can be managed over HTTP.' },
  'foxx.enable': { type: 'boolean', default: true, description: 'Services answer requests.' },
  'foxx.store': { type: 'boolean', default: true, description: 'The web interface offers the store, if there is one.' },
  'foxx.store-location': {
    type: 'string',
    default: '',
    isOwn: true,
    description: 'A store of services: a folder, or a zip at an address, with applications/*.json. Empty: none, and nobody is asked.',
  },
  'foxx.allow-install-from-remote': {
    type: 'boolean',
    default: false,
    description: 'Services can be installed from any URL, not from GitHub alone.',
  },
  'foxx.queues': { type: 'boolean', default: true, description: 'Jobs of queues are run.' },
  'foxx.queues-poll-interval': {
    type: 'number',
    default: 1,
    unit: 'seconds',
    minimum: 0.1,
    description: 'How often to look for jobs that are due.',
  },
  'foxx.queues-warmup-period': {
    type: 'number',
    default: 0,
    unit: 'seconds',
    minimum: 0,
    description: 'How long after the start the first jobs are run.',
  },
  'foxx.force-update-on-startup': {
    type: 'boolean',
    default: false,
    description: 'No service answers before all have been compared with the database.',
  },
  'foxx.heal-interval': {
    type: 'number',
    default: 300,
    unit: 'seconds',
    minimum: 1,
    isOwn: true,
    description:
      'How often a coordinator compares its services with the database, besides being told of changes. Some are a little earlier, some later.',
  },
  'foxx.maximal-request-time': {
    type: 'number',
    default: 0,
    unit: 'seconds',
    minimum: 0,
    isOwn: true,
    description:
      'How long a service may take for a request, unless its manifest says less. Then it is answered with 504. 0: as any request.',
  },
  'foxx.maximal-request-memory': {
    type: 'integer',
    default: 0,
    unit: 'MiB',
    minimum: 0,
    isOwn: true,
    description: 'How much JavaScript memory a service may use for a request, unless its manifest says less. 0: as a worker.',
  },
  'foxx.development-reload': {
    type: 'string',
    default: 'always',
    values: ['always', 'changed'],
    isOwn: true,
    description: 'When a service in development mode is loaded anew: at each request, or when a file has changed.',
  },
  'foxx.activation-wait': {
    type: 'number',
    default: 10,
    unit: 'seconds',
    minimum: 0.1,
    isOwn: true,
    description: 'How long requests to a service wait while it changes atomically. Then the change has failed, and they go on.',
  },
  'foxx.kept-versions': {
    type: 'integer',
    default: 5,
    minimum: 0,
    maximum: 1000,
    isOwn: true,
    description: 'How many former versions of each service are kept, to go back to.',
  },
  'foxx.install': {
    type: 'strings',
    default: [],
    isOwn: true,
    description: 'Services to have at the start: [database:]/mount=path of a folder or zip. Replaced when their files have changed.',
  },

  'query.memory-limit': {
    type: 'integer',
    default: GIB,
    unit: 'bytes',
    minimum: 0,
    description: 'What a query may take of memory. 0: no limit.',
  },
  'query.memory-limit-override': { type: 'boolean', default: true, description: 'A query may ask for more than --query.memory-limit.' },
  'query.max-runtime': { type: 'number', default: 0, unit: 'seconds', minimum: 0, description: 'How long a query may run. 0: no limit.' },
  'query.slow-threshold': { type: 'number', default: 10, unit: 'seconds', minimum: 0, description: 'From when on a query is slow.' },
  'query.slow-streaming-threshold': {
    type: 'number',
    default: 10,
    unit: 'seconds',
    minimum: 0,
    description: 'The same for streaming queries.',
  },
  'query.tracking': { type: 'boolean', default: true, description: 'Know which queries run.' },
  'query.tracking-slow-queries': { type: 'boolean', default: true, description: 'Remember slow ones.' },
  'query.tracking-with-bindvars': { type: 'boolean', default: true, description: 'Remember their bind parameters.' },
  'query.fail-on-warning': { type: 'boolean', default: false, description: 'A warning is an error.' },
  'query.optimizer-max-plans': { type: 'integer', default: 128, minimum: 1, description: 'How many plans are compared.' },
  'query.optimizer-rules': {
    type: 'strings',
    default: [],
    description: 'Rules to leave out (-name) or to use (+name) unless a query says otherwise.',
  },
  'query.registry-ttl': {
    type: 'number',
    default: 30,
    unit: 'seconds',
    minimum: 0,
    description: 'How long a cursor is kept that nobody asks for.',
  },
  'query.cache-mode': {
    type: 'string',
    default: 'off',
    values: ['off', 'on', 'demand'],
    description: 'Whether results of queries are kept: never, always, or for those that ask for it.',
  },
  'query.cache-entries': { type: 'integer', default: 128, minimum: 0, description: 'How many results are kept for each database.' },
  'query.cache-entries-max-size': {
    type: 'integer',
    default: 256 * 1024 * 1024,
    unit: 'bytes',
    minimum: 0,
    description: 'How much they take together.',
  },
  'query.cache-entry-max-size': {
    type: 'integer',
    default: 16 * 1024 * 1024,
    unit: 'bytes',
    minimum: 0,
    description: 'How much one of them takes.',
  },
  'query.cache-include-system-collections': { type: 'boolean', default: false, description: 'Keep those of system collections, too.' },
  'query.plan-cache-max-entries': {
    type: 'integer',
    default: 256,
    minimum: 0,
    description: 'How many compiled queries a worker keeps.',
  },

  'transaction.streaming-idle-timeout': {
    type: 'number',
    default: 60,
    unit: 'seconds',
    minimum: 1,
    maximum: 120,
    description: 'A stream transaction that nobody uses for so long is aborted.',
  },
  'transaction.streaming-lock-timeout': {
    type: 'number',
    default: 8,
    unit: 'seconds',
    minimum: 0,
    description: 'How long a transaction waits for a lock.',
  },
  'transaction.streaming-max-transaction-size': {
    type: 'integer',
    default: 512 * 1024 * 1024,
    unit: 'bytes',
    minimum: 1024,
    description: 'How much a stream transaction may change.',
  },

  'ttl.frequency': {
    type: 'integer',
    default: 30_000,
    unit: 'milliseconds',
    minimum: 100,
    description: 'How often documents that have expired are removed.',
  },
  'ttl.max-total-removes': { type: 'integer', default: 1_000_000, minimum: 1, description: 'How many of them at a time.' },
  'ttl.max-collection-removes': {
    type: 'integer',
    default: 100_000,
    minimum: 1,
    description: 'How many of them of one collection at a time.',
  },

  'temp.path': { type: 'string', default: '', description: "Where temporary files are. Empty: the system's folder for them." },

  'web-interface.enable': { type: 'boolean', default: true, isOwn: true, description: 'Answer /_admin/aardvark/ with the web interface.' },
  'web-interface.proxy-request-check': {
    type: 'boolean',
    default: true,
    description: 'Believe the x-forwarded-… headers of trusted proxies only.',
  },
  'web-interface.trusted-proxy': {
    type: 'strings',
    default: [],
    description: 'Networks of proxies that are trusted (10.0.0.0/8). None: all are.',
  },
  'web-interface.version-check': { type: 'boolean', default: false, description: 'Accepted, and without effect: foxden calls nobody.' },

  'log.level': {
    type: 'strings',
    default: ['info'],
    description:
      'What is logged: fatal, error, warning, info, debug or trace, for general matters or for a topic: queries=debug, all=warning.',
  },
  'log.output': {
    type: 'strings',
    default: [],
    description: 'Where the log goes: - (standard output), + (standard error), file://path; for one topic: requests=file://path.',
  },
  'log.file': { type: 'string', default: '', description: 'A file for the log: "-" is the standard output, "+" the standard error.' },
  'log.use-json-format': { type: 'boolean', default: false, description: 'Each line of the log is a JSON object.' },
  'log.in-memory': { type: 'boolean', default: true, description: 'Remember the last lines for /_admin/log.' },
  'log.in-memory-level': {
    type: 'string',
    default: 'info',
    values: ['fatal', 'error', 'err', 'warning', 'warn', 'info', 'debug', 'trace'],
    description: 'Down to which level they are remembered.',
  },
  'log.api-enabled': {
    type: 'string',
    default: 'true',
    values: ['true', 'false', 'jwt'],
    description: 'Answer /_admin/log: to administrators, to nobody, or to the superuser alone.',
  },

  'cluster.my-advertised-endpoint': { type: 'string', default: '', description: 'Where clients are told to reach this coordinator.' },
  'cluster.api-jwt-policy': {
    type: 'string',
    default: 'jwt-compat',
    values: ['jwt-all', 'jwt-write', 'jwt-compat'],
    description: 'Who may ask about the cluster.',
  },
} as const satisfies Record<string, OptionRow>;

export type OptionName = keyof typeof OPTIONS;

type ValueOf<Row extends OptionRow> = Row extends { type: 'boolean' }
  ? boolean
  : Row extends { type: 'integer' | 'number' }
    ? number
    : Row extends { type: 'strings' }
      ? readonly string[]
      : Row extends { values: readonly (infer Value)[] }
        ? Value
        : string;

/** The value of each option. Plain data: it goes to workers as it is. */
export type Config = { readonly [Name in OptionName]: ValueOf<(typeof OPTIONS)[Name]> };

/** What each section is about, for `--help`. */
export const SECTIONS: Readonly<Record<string, string>> = {
  '': 'general',
  database: 'the data',
  storage: 'where the data is kept',
  server: 'the server as a whole',
  http: 'HTTP',
  ssl: 'encryption',
  javascript: 'running services',
  foxx: 'managing services',
  query: 'AQL queries',
  transaction: 'transactions',
  ttl: 'documents that expire',
  temp: 'temporary files',
  'web-interface': 'the web interface',
  log: 'the log',
  cluster: 'several coordinators',
};

/** Older names, which are still understood. */
export const RENAMED: Readonly<Record<string, OptionName>> = {
  config: 'configuration',
  c: 'configuration',
  log: 'log.level',
  'server.foxx-queues': 'foxx.queues',
  'server.foxx-queues-poll-interval': 'foxx.queues-poll-interval',
  'server.threads': 'server.maximal-threads',
  'server.scheduler-queue-size': 'server.maximal-queue-size',
  'server.keep-alive-timeout': 'http.keep-alive-timeout',
  'frontend.proxy-request-check': 'web-interface.proxy-request-check',
  'frontend.trusted-proxy': 'web-interface.trusted-proxy',
  'frontend.version-check': 'web-interface.version-check',
  'javascript.endpoints-whitelist': 'javascript.endpoints-allowlist',
  'javascript.endpoints-blacklist': 'javascript.endpoints-denylist',
  'javascript.environment-variables-whitelist': 'javascript.environment-variables-allowlist',
  'javascript.environment-variables-blacklist': 'javascript.environment-variables-denylist',
  'javascript.files-whitelist': 'javascript.files-allowlist',
  'javascript.startup-options-whitelist': 'javascript.startup-options-allowlist',
  'javascript.startup-options-blacklist': 'javascript.startup-options-denylist',
};

/** Sections of arangod about parts that foxden has not; their options are accepted and have no effect. */
export const IGNORED_SECTIONS: ReadonlySet<string> = new Set([
  'activities',
  'agency',
  'arangosearch',
  'async-registry',
  'audit',
  'auth',
  'backup',
  'cache',
  'cluster',
  'compaction',
  'crash-handler',
  'dump',
  'encryption',
  'foxx-master',
  'icu',
  'ldap',
  'network',
  'nonce',
  'rclone',
  'random',
  'replication',
  'rocksdb',
  'scheduler',
  'tcp',
  'vst',
  'wal',
]);

/** Single options of arangod that have no meaning here; they are accepted, too. */
export const IGNORED: ReadonlySet<string> = new Set([
  'console',
  'daemon',
  'database.auto-upgrade',
  'database.auto-upgrade-full-compaction',
  'database.check-version',
  'database.default-replication-version',
  'database.ignore-datafile-errors',
  'database.init-database',
  'database.io-heartbeat',
  'database.required-directory-state',
  'database.restore-admin',
  'database.upgrade-check',
  'default-language',
  'default-language-check',
  'define',
  'fortune',
  'gid',
  'honor-nsswitch',
  'http.allow-method-override',
  'http.handle-content-encoding-for-unauthenticated-requests',
  'http.hide-product-header',
  'hund',
  'icu-language',
  'javascript.copy-installation',
  'javascript.dev-app-path',
  'javascript.gc-frequency',
  'javascript.gc-interval',
  'javascript.script',
  'javascript.script-parameter',
  'log.color',
  'log.escape',
  'log.escape-control-chars',
  'log.escape-unicode-chars',
  'log.file-group',
  'log.file-mode',
  'log.force-direct',
  'log.foreground-tty',
  'log.hostname',
  'log.ids',
  'log.keep-logrotate',
  'log.line-number',
  'log.max-entry-length',
  'log.max-queued-entries',
  'log.performance',
  'log.prefix',
  'log.process',
  'log.recording-api-enabled',
  'log.request-parameters',
  'log.role',
  'log.shorten-filenames',
  'log.structured-param',
  'log.thread',
  'log.thread-name',
  'log.time-format',
  'log.use-local-time',
  'log.use-microtime',
  'pid-file',
  'query.allow-collections-in-expressions',
  'query.collection-logger-all-slow-queries',
  'query.collection-logger-cleanup-interval',
  'query.collection-logger-enabled',
  'query.collection-logger-include-system-database',
  'query.collection-logger-max-buffered-queries',
  'query.collection-logger-probability',
  'query.collection-logger-push-interval',
  'query.collection-logger-retention-time',
  'query.global-memory-limit',
  'query.log-failed',
  'query.log-memory-usage-threshold',
  'query.max-artifact-log-length',
  'query.max-collections-per-query',
  'query.max-dnf-condition-members',
  'query.max-nodes-per-callstack',
  'query.max-parallelism',
  'query.max-query-async-prefetch-slots',
  'query.max-total-async-prefetch-slots',
  'query.parallelize-traversals',
  'query.plan-cache-invalidation-time',
  'query.plan-cache-max-entry-size',
  'query.plan-cache-max-memory-usage',
  'query.require-with',
  'query.smart-joins',
  'query.tracking-with-datasources',
  'query.tracking-with-querystring',
  'server.allow-use-database',
  'server.api-call-recording',
  'server.api-recording-memory-limit',
  'server.aql-query-recording',
  'server.aql-recording-memory-limit',
  'server.check-max-memory-mappings',
  'server.cluster-metrics-timeout',
  'server.count-descriptors-interval',
  'server.default-api-compatibility',
  'server.descriptors-minimum',
  'server.early-connections',
  'server.ensure-whitespace-metrics-format',
  'server.export-read-write-metrics',
  'server.export-shard-usage-metrics',
  'server.external-rbac-service',
  'server.flush-interval',
  'server.gid',
  'server.license-check-interval',
  'server.license-disk-usage-grace-period-readonly',
  'server.license-disk-usage-grace-period-shutdown',
  'server.license-disk-usage-limit',
  'server.license-disk-usage-update-interval',
  'server.local-authentication',
  'server.maintenance-actions-block',
  'server.maintenance-actions-linger',
  'server.maintenance-slow-threads',
  'server.maintenance-threads',
  'server.maximal-number-sync-shard-actions',
  'server.ongoing-low-priority-multiplier',
  'server.prio1-size',
  'server.prio2-size',
  'server.rest-server',
  'server.scheduler',
  'server.statistics-all-databases',
  'server.statistics-history',
  'server.storage-engine',
  'server.support-info-api',
  'server.uid',
  'server.unavailability-queue-fill-grade',
  'server.validate-utf8-strings',
  'ssl.options',
  'ssl.session-cache',
  'supervisor',
  'temp.intermediate-results-capacity',
  'temp.intermediate-results-encryption',
  'temp.intermediate-results-encryption-hardware-acceleration',
  'temp.intermediate-results-path',
  'temp.intermediate-results-spillover-threshold-memory-usage',
  'temp.intermediate-results-spillover-threshold-num-rows',
  'uid',
  'use-splice-syscall',
  'vector-index',
  'vector-index-build-retry-backoff',
  'working-directory',
]);
