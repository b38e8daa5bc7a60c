/**
 * What answers a request in a worker of the server: storage, databases, services and the HTTP API of this thread, put together.
 *
 * The first worker to come does what must be done once before anything is answered; the others wait for it.
 */
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { answerVelocypack, Jobs, readVelocypack, type ApiContext } from '#api';
import { Alarm, log, ServiceLog, ServiceMetrics, type Config, type HttpAnswer, type HttpRequest } from '#base';
import { joinSingle, SharedText, type Cluster } from '#cluster';
import { Backups, openDatabases, prepareDatabases, type Databases } from '#database';
import { createFunctionCompiler, policyOf, restrictThread } from '#modules';
import { FoxxStore, QueueJobs, Services, Tasks } from '#services';
import { joinStorage } from '#storage';
import { answerOptions } from './answer.ts';
import { createDispatch, type StartPage } from './dispatch.ts';
import { parseInstall } from './declared-services.ts';
import { guardProcess } from './guard-process.ts';
import type { CreateHandler } from './handler.ts';
import { createErrands } from './errands.ts';
import { HeldRequests } from './held.ts';
import { createSelfRequests } from './self-requests.ts';
import { TokenSecrets } from './token-secrets.ts';
import { isOfWebInterface, WebInterface } from './web-interface.ts';
import { aliveNote, threadName, threadOfName, type ServerShare } from './share.ts';

const SWEEP_MS = 5_000;
const WORKER_INDEXES = Array.from({ length: 64 }, (_, index) => index);

export const createHandler: CreateHandler = ({ index, config, endpoints, share, answerHere, answerElsewhere, order }) => {
  guardProcess();
  const shared = share as ServerShare;
  const engine = joinStorage(shared.storage);
  const cluster = joinSingle(shared.cluster, { id: shared.name, endpoint: endpoints[0] ?? '' });
  startOnce(cluster, 'databases', () => prepareDatabases(engine));
  const tokenSecrets = new TokenSecrets(config, cluster);
  const databases: Databases = openDatabases(engine, {
    tokenSecrets: () => tokenSecrets.current(),
    queries: { planCacheEntries: 256, memoryLimitBytes: config['query.memory-limit'] },
    extendedNames: config['database.extended-names'],
    thread: index,
    queryMemory: shared.queries,
    compileFunction: createFunctionCompiler((name) => databases.get(name), endpoints),
    streamTransactions: {
      idleTimeoutMs: config['transaction.streaming-idle-timeout'] * 1000,
      lockTimeoutMs: config['transaction.streaming-lock-timeout'] * 1000,
      sizeLimitBytes: config['transaction.streaming-max-transaction-size'],
    },
    holdLock: (name, waitMs) => cluster.hold(name, waitMs),
  });
  const serviceLog = new ServiceLog(shared.serviceLog);
  const serviceMetrics = new ServiceMetrics(shared.serviceMetrics, index);
  const policy = policyOf(config);
  restrictThread(policy);
  const due = new DueWork(new Alarm(shared.alarm));
  const self = threadName(shared.name, threadId);
  const isAlive = (name: string): boolean => {
    const thread = threadOfName(shared.name, name);
    return thread !== undefined && WORKER_INDEXES.some((other) => cluster.note(aliveNote(other)) === BigInt(thread + 1));
  };
  const tasks = new Tasks({
    cluster,
    table: new SharedText(shared.tasks),
    databases,
    wake: (dueAtMs) => due.at(dueAtMs),
    self,
    isAlive,
    call: (database, text, argv, user) => services.call(databases.get(database, user), text, argv),
  });
  const appPath = config['javascript.app-path'] || join(config['database.directory'], 'apps');
  const services: Services = new Services({
    cluster,
    appPath,
    developmentReload: config['foxx.development-reload'],
    keptVersions: config['foxx.kept-versions'],
    databases,
    metrics: serviceMetrics,
    host: {
      endpoints,
      policy,
      serviceLog,
      limits: { timeMs: config['foxx.maximal-request-time'] * 1000, memoryMb: config['foxx.maximal-request-memory'] },
      request: createSelfRequests({ cluster, databases, services: () => services, answerHere, answerElsewhere }),
      ...(config['web-interface.trusted-proxy'].length === 0 ? {} : { trustedProxies: config['web-interface.trusted-proxy'] }),
      isAuthenticationOn: config['server.authentication'],
      jobs: { wake: (dueAtMs) => due.at(dueAtMs) },
    },
    ...(config['javascript.tasks'] ? { tasksOf: (database: string) => tasks.of(database) } : {}),
  });
  const jobs = new QueueJobs({
    databases,
    self,
    isAlive,
    runScript: (database, mount, name, argv, user) =>
      services.runScript(database, mount, name, argv, user === undefined ? undefined : databases.get(database.name, user)),
    call: (database, mount, text, argv) => services.callFor(database, mount, text, argv),
  });
  const requestJobs = new Jobs({ folder: join(config['database.directory'], 'async-jobs'), nextId: () => databases.nextHeldId() });
  startOnce(cluster, 'services', () => {
    createRoot(config, databases);
    jobs.recover();
    requestJobs.clear();
    services.start(allDatabases(databases));
    installDeclared(config, databases, services);
  });

  requestJobs.forgetLost(index);

  const context: ApiContext = {
    databases,
    services,
    cluster,
    jobs: requestJobs,
    tasks: config['javascript.tasks'] ? tasks : undefined,
    tokenSecrets,
    store: storeOf(config),
    serviceLog,
    serviceMetrics,
    order,
    backups: new Backups(engine, { folder: join(config['database.directory'], 'backups'), appPath }),
    server: {
      serverId: shared.name,
      isAuthenticationOn: config['server.authentication'],
      isFoxxApiOn: config['foxx.api'] && config['foxx.enable'] && config['javascript.enabled'],
      allowsRemoteInstall: config['foxx.allow-install-from-remote'],
      endpoints,
      config,
    },
  };
  const dispatch = createDispatch(context, {
    isAuthenticationOn: config['server.authentication'],
    isAuthenticationForSystemOnly: config['server.authentication-system-only'],
    areServicesOn: config['foxx.enable'] && config['javascript.enabled'],
    trustsOrigin: answerOptions(config).trustsOrigin,
    webInterface: config['web-interface.enable'] ? new WebInterface() : undefined,
    startPage: startPageOf(config),
  });
  const held = new HeldRequests({
    workers: WORKER_INDEXES,
    index,
    channelName: shared.name,
    isAlive: (other) => cluster.note(aliveNote(other)) !== 0n,
    answer: answerHere,
  });
  cluster.setNote(aliveNote(index), BigInt(threadId + 1));
  const errands = createErrands({
    path: shared.ownPath,
    jobs: config['foxx.queues'] && config['foxx.enable'] ? jobs : undefined,
    tasks: config['javascript.tasks'] ? tasks : undefined,
  });
  const timers = [setInterval(() => databases.sweep(), SWEEP_MS).unref()];
  if (index === 0) timers.push(setInterval(() => removeExpired(databases, config), config['ttl.frequency']).unref());

  return {
    handle: (received) => {
      const request = readVelocypack(received);
      const answer = answerVelocypack(request, errands(request) ?? held.passOn(request) ?? dispatch(request));
      due.tellAgain();
      return databases.takeSyncRequest() ? asDurable(answer) : answer;
    },
    ...(engine.gathering === undefined ? {} : { gathering: { commits: engine.gathering, isFor: isSmallWrite } }),
    whenDurable: (done) => engine.whenDurable(done),
    close: () => {
      for (const timer of timers) clearInterval(timer);
      cluster.setNote(aliveNote(index), 0n);
      held.close();
      databases.close();
      engine.close();
    },
  };
};

/**
 * Tells the front that something is due. It is told at once, and once more at the end of the request: a transaction may have been open,
 * and only now others see what it has written.
 */
class DueWork {
  readonly #alarm: Alarm;
  #againAtMs: number | undefined;

  constructor(alarm: Alarm) {
    this.#alarm = alarm;
  }

  at(dueAtMs: number): void {
    this.#alarm.setBy(dueAtMs);
    this.#againAtMs = Math.min(this.#againAtMs ?? Infinity, dueAtMs);
  }

  tellAgain(): void {
    if (this.#againAtMs === undefined) return;
    this.#alarm.setBy(this.#againAtMs);
    this.#againAtMs = undefined;
  }
}

const WRITES_DOCUMENTS = /^(?:\/_db\/[^/]+)?\/_api\/document[/?]/;
const SMALL_BYTES = 16_384;

/** A few documents at most, and no waiting for a transaction that another thread may hold. */
function isSmallWrite({ method, url, headers, body }: HttpRequest): boolean {
  if (method === 'GET' || method === 'HEAD' || headers['x-arango-trx-id'] !== undefined) return false;
  return WRITES_DOCUMENTS.test(url) && body.length <= SMALL_BYTES;
}

/** Something in it asked to be on disk before the answer, in whatever way it was written. */
function asDurable(answer: HttpAnswer | Promise<HttpAnswer>): HttpAnswer | Promise<HttpAnswer> {
  return 'then' in answer ? answer.then((later) => ({ ...later, isDurable: true })) : { ...answer, isDurable: true };
}

function startOnce(cluster: Cluster, what: 'databases' | 'services', action: () => void): void {
  cluster.withLock(
    'start',
    () => {
      const note = `started ${what}`;
      if (cluster.note(note) === 1n) return;
      action();
      cluster.setNote(note, 1n);
    },
    { isLocal: true },
  );
}

/** A directory without users gets the one that may do everything. */
function createRoot(config: Config, { users }: Databases): void {
  if (users.find('root') !== undefined) return;
  users.create('root', { passwd: config['database.password'] });
  users.grantDatabase('root', '*', 'rw');
}

function storeOf(config: Config): FoxxStore | undefined {
  const location = config['foxx.store-location'];
  return location === '' || !config['foxx.store'] ? undefined : new FoxxStore(location);
}

/** Without the web interface nothing leads to it. */
function startPageOf(config: Config): StartPage | undefined {
  const location = config['http.redirect-root-to'];
  if (location === '' || (isOfWebInterface(location) && !config['web-interface.enable'])) return undefined;
  return { location, isForEver: config['http.permanently-redirect-root'] };
}

function allDatabases(databases: Databases): ReturnType<Databases['get']>[] {
  return databases.list().map((name) => databases.get(name));
}

/** Has the services that `--foxx.install` names; one that cannot be had is logged, and the server starts all the same. */
function installDeclared(config: Config, databases: Databases, services: Services): void {
  for (const declared of config['foxx.install']) {
    try {
      const { database, mount, path } = parseInstall(declared);
      if (services.ensure(databases.get(database), mount, path)) log.info('general', `installed the service at "${mount}" from ${path}`);
    } catch (error) {
      log.error('startup', `could not install "${declared}"`, error);
    }
  }
}

function removeExpired(databases: Databases, config: Config): void {
  try {
    databases.removeExpired({
      maxCollectionRemoves: config['ttl.max-collection-removes'],
      maxTotalRemoves: config['ttl.max-total-removes'],
    });
  } catch (error) {
    log.error('ttl', 'could not remove documents whose time has come', error);
  }
}
