/** What the server tells of itself to those who run it: version, machine, options; and ending it. */
import { cpus, freemem, release, totalmem, type as systemType } from 'node:os';
import { ArangoError, ARANGODB_VERSION, DEFAULT_CONFIG, log, metrics, OPTIONS, type OptionName } from '#base';
import { describe } from '../attributes.ts';
import { answerJson, answerOk, answerResult } from '../respond.ts';
import { del, get, post, put, type ApiRequest, type Handler, type Route } from '../routes.ts';
import { demandSuperuser } from './server.ts';

export const deploymentApi: readonly Route[] = [
  get('/_admin/support-info', 'user', (request) => {
    demandSystem(request);
    return answerJson(200, {
      date: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
      deployment: { type: 'single' },
      host: {
        role: 'SINGLE',
        maintenance: false,
        readOnly: false,
        version: ARANGODB_VERSION,
        license: 'community',
        os: `${systemType()} ${release()}`,
        physicalMemory: { value: totalmem(), overridden: false },
        freeMemory: freemem(),
        numberOfCores: { value: cpus().length, overridden: false },
        processStats: {
          processUptime: process.uptime(),
          numberOfThreads: 1 + metrics.value('arangodb_scheduler_num_worker_threads'),
          residentSetSize: process.memoryUsage.rss(),
        },
        nodeVersion: process.version,
      },
    });
  }),

  get('/_admin/deployment/id', 'user', ({ context }) => answerJson(200, { id: context.databases.deploymentId })),

  /** Nothing here wants a licence key, and there is no limit on what may be stored. */
  get('/_admin/license', 'user', () =>
    answerJson(200, {
      upgrading: false,
      diskUsage: { bytesUsed: 0, bytesLimit: 0, limitReached: false, secondsUntilReadOnly: 0, secondsUntilShutDown: 0, status: 'good' },
    }),
  ),

  get('/_admin/database/target-version', 'user', () => answerOk({ version: versionNumber(ARANGODB_VERSION) })),

  get('/_api/engine/stats', 'user', ({ context }) => answerJson(200, context.databases.engineStatistics())),

  get(
    '/_admin/options',
    'user',
    ofOptions(({ context }) => {
      const shown = Object.entries(context.server.config).filter(([name]) => !isSecret(name as OptionName));
      return answerJson(200, Object.fromEntries(shown));
    }),
  ),

  get(
    '/_admin/options-description',
    'user',
    ofOptions(() => answerJson(200, Object.fromEntries(Object.keys(OPTIONS).map((name) => [name, describeOption(name as OptionName)])))),
  ),

  get('/_admin/options-public', 'user', ({ context }) => {
    const { config } = context.server;
    return answerJson(200, {
      'database.extended-names': config['database.extended-names'],
      'cluster.min-replication-factor': 1,
      'cluster.max-replication-factor': 1,
      'cluster.max-number-of-shards': 1,
      'cluster.api-jwt-policy': config['cluster.api-jwt-policy'],
      'server.session-timeout': config['server.session-timeout'],
    });
  }),

  /** Usage by shard, of which there are none. */
  get('/_admin/usage-metrics', 'user', () => ({ status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: '' })),

  /** The log has what a crash left. */
  get('/_admin/crashes', 'system', () => answerResult([])),
  get('/_admin/crashes/:id', 'system', unknownCrash),
  del('/_admin/crashes/:id', 'system', unknownCrash),

  get('/_admin/shutdown', 'user', () =>
    answerJson(200, { softShutdownOngoing: false, AQLcursors: 0, transactions: 0, pendingJobs: 0, doneJobs: 0, allClear: true }),
  ),

  /** As a signal would: what has begun is finished, this answer among it. */
  del('/_admin/shutdown', 'system', ({ context }) => {
    log.info('general', 'a client asks to shut down');
    context.order({ do: 'shut down' });
    return answerJson(200, 'OK');
  }),

  put('/_admin/server/mode', 'system', (request) => {
    const { mode } = request.jsonObject();
    if (mode === 'default') return answerOk({ mode });
    if (mode === 'readonly')
      throw new ArangoError('ERROR_NOT_IMPLEMENTED', { message: 'there is no read-only mode: take the right to write from the users' });
    throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', { message: `mode must be "default" or "readonly" and is ${describe(mode)}` });
  }),

  post('/_admin/execute', 'system', async (request) => {
    const { context, ownDatabase, query, path } = request;
    if (!context.server.config['javascript.allow-admin-execute'])
      throw new ArangoError('ERROR_HTTP_NOT_FOUND', { message: `unknown path '${path}'` });
    const result = await context.services.call(ownDatabase, `function () {\n${request.text()}\n}`, []);
    if (result === undefined) return answerOk({});
    if (query.flag('returnAsJSON')) return answerJson(200, result);
    return {
      status: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: typeof result === 'string' ? result : JSON.stringify(result),
    };
  }),
];

function unknownCrash(): never {
  throw new ArangoError('ERROR_HTTP_NOT_FOUND', { message: 'there is no such crash dump' });
}

function demandSystem({ database }: ApiRequest): void {
  if (!database.isSystem) throw new ArangoError('ERROR_FORBIDDEN', { message: 'this can be asked in the _system database only' });
}

/** `--server.options-api`: for nobody, the superuser, administrators, or whoever may read `_system`. */
function ofOptions(handle: Handler): Handler {
  return (request) => {
    demandSystem(request);
    const { context, user, path } = request;
    switch (context.server.config['server.options-api']) {
      case 'disabled':
        throw new ArangoError('ERROR_HTTP_NOT_FOUND', { message: `unknown path '${path}'` });
      case 'jwt':
        demandSuperuser(request);
        break;
      case 'admin':
        if (context.databases.databaseLevel(user, '_system') !== 'rw') throw new ArangoError('ERROR_FORBIDDEN');
        break;
      case 'public':
    }
    return handle(request);
  };
}

function isSecret(name: OptionName): boolean {
  return 'isSecret' in OPTIONS[name];
}

const TYPES = { boolean: 'boolean', integer: 'uint64', number: 'double', string: 'string', strings: 'string...' } as const;

/** As arangod describes an option of its own. */
function describeOption(name: OptionName): object {
  const row = OPTIONS[name];
  const dot = name.indexOf('.');
  return {
    section: dot === -1 ? '' : name.slice(0, dot),
    description: row.description,
    category: 'option',
    hidden: false,
    type: TYPES[row.type],
    experimental: false,
    obsolete: false,
    enterpriseOnly: false,
    requiresValue: row.type !== 'boolean',
    os: ['linux', 'macos', 'windows'],
    component: ['single'],
    introducedIn: null,
    deprecatedIn: null,
    ...('values' in row ? { values: `Possible values: ${row.values.map((value) => JSON.stringify(value)).join(', ')}` } : {}),
    ...(isSecret(name) ? {} : { default: DEFAULT_CONFIG[name] }),
    dynamic: false,
    required: false,
    ...('minimum' in row ? { minValue: row.minimum, minInclusive: true } : {}),
    ...('maximum' in row ? { maxValue: row.maximum, maxInclusive: true } : {}),
  };
}

/** `3.12.5` is 31205. */
function versionNumber(version: string): string {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  return String(10_000 * major + 100 * minor + patch);
}
