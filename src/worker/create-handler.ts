/**
 * What answers a request in a worker of the server: storage, databases, services and the HTTP API of this thread, put together.
 *
 * The first worker to come does what must be done once before anything is answered; the others wait for it.
 */
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { answerVelocypack, Jobs, readVelocypack, type ApiContext } from '#api';
import { Alarm, clock, log, ServiceLog, ServiceMetrics, type Config, type HttpAnswer, type HttpRequest } from '#base';
import { joinCluster, SharedText, type Cluster } from '#cluster';
import { Backups, openDatabases, prepareDatabases, type Databases } from '#database';
import { createFunctionCompiler, policyOf, reportUncaught, restrictThread } from '#modules';
import { FoxxStore, QueueJobs, Services, Tasks, type ThreadFate } from '#services';
import { joinStorage } from '#storage';
import { answerOptions } from './answer.ts';
import { createDispatch, type StartPage } from './dispatch.ts';
import { parseInstall } from './declared-services.ts';
import { guardProcess } from './guard-process.ts';
import type { CreateHandler, Handler } from './handler.ts';
import { clusterChores, noteHealed } from './chores.ts';
import { createErrands } from './errands.ts';
import { Forwarding } from './forward.ts';
import { HeldRequests } from './held.ts';
import { createLeaseWait } from './lease-wait.ts';
import { createSelfRequests } from './self-requests.ts';
import { createJointHandler } from './together.ts';
import { TokenSecrets } from './token-secrets.ts';
import { isOfWebInterface, WebInterface } from './web-interface.ts';
import { aliveNote, parseThreadName, threadName, type ServerShare } from './share.ts';

const SWEEP_MS = 5_000;
const WORKER_INDEXES = Array.from({ length: 64 }, (_, index) => index);

export const createHandler: CreateHandler = ({ index, config, endpoints, share, answerHere, answerElsewhere, order }) => {
  guardProcess();
  const shared = share as ServerShare;
  const engine = joinStorage(shared.storage);
  const cluster = joinCluster(shared.cluster, { id: shared.id, endpoint: endpoints[0] ?? '' });
  startOnce(cluster, 'databases', () => {
    // What another one is in the middle of looks like what a crash has left.
    if (cluster.members().every(({ isAlive, isSelf }) => isSelf || !isAlive)) prepareDatabases(engine);
  });
  const tokenSecrets = new TokenSecrets(config, cluster);
  const databases: Databases = openDatabases(engine, {
    tokenSecrets: () => tokenSecrets.current(),
    queries: {
      planCacheEntries: config['query.plan-cache-max-entries'],
      memoryLimitBytes: config['query.memory-limit'],
      mayExceedMemoryLimit: config['query.memory-limit-override'],
      maxRuntimeSeconds: config['query.max-runtime'],
      failOnWarning: config['query.fail-on-warning'],
      maxPlans: config['query.optimizer-max-plans'],
      rules: config['query.optimizer-rules'],
    },
    tracking: {
      enabled: config['query.tracking'],
      trackSlowQueries: config['query.tracking-slow-queries'],
      trackBindVars: config['query.tracking-with-bindvars'],
      slowQueryThreshold: config['query.slow-threshold'],
      slowStreamingQueryThreshold: config['query.slow-streaming-threshold'],
    },
    resultCache: {
      mode: config['query.cache-mode'],
      maxResults: config['query.cache-entries'],
      maxResultsSize: config['query.cache-entries-max-size'],
      maxEntrySize: config['query.cache-entry-max-size'],
      includeSystem: config['query.cache-include-system-collections'],
    },
    cursorTtlSeconds: config['query.registry-ttl'],
    extendedNames: config['database.extended-names'],
    thread: index,
    ...(cluster.isShared ? { coordinator: () => cluster.number, keepsNoResults: true } : {}),
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
  const due = new DueWork(new Alarm(shared.alarm), cluster);
  const self = (): string => threadName(cluster.lifeName, threadId);
  const isThreadAlive = (thread: number): boolean => WORKER_INDEXES.some((other) => cluster.note(aliveNote(other)) === BigInt(thread + 1));
  const fateOf = (name: string): ThreadFate => {
    const { lifeName, thread } = parseThreadName(name);
    if (lifeName === cluster.lifeName) return isThreadAlive(thread) ? 'here' : 'ended';
    return cluster.isOver(lifeName) ? 'lost' : 'elsewhere';
  };
  const tasks = new Tasks({
    cluster,
    table: new SharedText(shared.tasks),
    databases,
    wake: (dueAtMs) => due.at(dueAtMs),
    self: threadName(shared.run, threadId),
    isAlive: (name) => isThreadAlive(parseThreadName(name).thread),
    call: (database, text, argv, user) => services.call(databases.get(database, user), text, argv),
  });
  const appPath = config['javascript.app-path'] || join(config['database.directory'], 'apps');
  const services: Services = new Services({
    cluster,
    appPath,
    developmentReload: config['foxx.development-reload'],
    keptVersions: config['foxx.kept-versions'],
    activationWaitMs: config['foxx.activation-wait'] * 1000,
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
    fateOf,
    looksNow: () => due.looksNow(),
    nextLook: (atMs) => due.looked(atMs),
    runScript: (database, mount, name, argv, user) =>
      services.runScriptOfJob(database, mount, name, argv, user === undefined ? undefined : databases.get(database.name, user)),
    call: (database, mount, text, argv) => services.callFor(database, mount, text, argv),
  });
  const healIntervalMs = config['foxx.heal-interval'] * 1000;
  const requestJobs = new Jobs({
    folder: join(config['database.directory'], 'async-jobs'),
    queries: databases.jobQueries,
    nextId: () => databases.nextHeldId(),
  });
  let installed: Promise<void> | undefined;
  startOnce(cluster, 'services', () => {
    createRoot(config, databases);
    jobs.recover();
    requestJobs.clear();
    services.distribution.start(allDatabases(databases));
    installed = installDeclared(config, databases, services);
    noteHealed(cluster, healIntervalMs);
    cluster.catchUp(cluster.life);
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
      serverId: shared.id,
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
    channelName: shared.run,
    isAlive: (other) => cluster.note(aliveNote(other)) !== 0n,
    forwarding: new Forwarding(cluster),
    answer: answerHere,
  });
  cluster.setNote(aliveNote(index), BigInt(threadId + 1));
  const errands = createErrands({
    path: shared.ownPath,
    jobs: config['foxx.queues'] && config['foxx.enable'] ? jobs : undefined,
    tasks: config['javascript.tasks'] ? tasks : undefined,
    chores: clusterChores({ cluster, databases, services, healIntervalMs }),
    isCurrent: () => cluster.isCurrent,
  });
  const timers = [setInterval(() => databases.sweep(), SWEEP_MS).unref()];
  const expire = (): void => {
    if (cluster.isLeader) removeExpired(databases, config);
  };
  if (index === 0) timers.push(setInterval(expire, config['ttl.frequency']).unref());
  const leaseWait = createLeaseWait({
    cluster,
    ownPath: shared.ownPath,
    waitMs: config['cluster.maximal-wait'] * 1000,
    answer: answerHere,
  });

  const handler: Handler = {
    handle: (received, queuedMs = 0) => {
      const waiting = leaseWait(received, queuedMs);
      if (waiting !== undefined) return waiting;
      const request = readVelocypack(received);
      const answer = answerVelocypack(request, errands(request) ?? held.passOn(request) ?? dispatch(request));
      due.tellAgain();
      return databases.takeSyncRequest() ? asDurable(answer) : answer;
    },
    ...(engine.gathering === undefined ? {} : { gathering: { commits: engine.gathering, isFor: isSmallWrite } }),
    ...(engine.together === undefined ? {} : { together: createJointHandler(databases) }),
    whenDurable: (done) => engine.whenDurable(done),
    hasMoreToDo: () => requestJobs.hasUnbegun,
    reportUncaught,
    close: () => {
      for (const timer of timers) clearInterval(timer);
      cluster.setNote(aliveNote(index), 0n);
      held.close();
      databases.close();
      engine.close();
    },
  };
  return installed?.then(() => handler) ?? handler;
};

/** How long a coordinator that does not lead may leave jobs to the one that does, and to those that know of them. */
const LEFT_TO_OTHERS_MS = 10_000;
const LOOK_AT = 'jobs may be due at';

/**
 * Tells the front that something is due. It is told at once, and once more at the end of the request: a transaction may have been open,
 * and only now others see what it has written.
 *
 * Of several coordinators the leader looks for jobs at each turn. The others look when something was put into a queue here or is due, and
 * now and then.
 */
class DueWork {
  readonly #alarm: Alarm;
  readonly #cluster: Cluster;
  #againAtMs: number | undefined;

  constructor(alarm: Alarm, cluster: Cluster) {
    this.#alarm = alarm;
    this.#cluster = cluster;
  }

  at(dueAtMs: number): void {
    this.#tell(dueAtMs);
    this.#againAtMs = Math.min(this.#againAtMs ?? Infinity, dueAtMs);
  }

  tellAgain(): void {
    if (this.#againAtMs === undefined) return;
    this.#tell(this.#againAtMs);
    this.#againAtMs = undefined;
  }

  looksNow(): boolean {
    return this.#cluster.isLeader || clock.now() >= Number(this.#cluster.note(LOOK_AT));
  }

  /** All jobs were looked at, and the next one is due at that time. */
  looked(nextAtMs: number): void {
    this.#cluster.setNote(LOOK_AT, BigInt(Math.floor(Math.min(nextAtMs, clock.now() + LEFT_TO_OTHERS_MS * (0.5 + Math.random())))));
  }

  #tell(dueAtMs: number): void {
    if (dueAtMs < Number(this.#cluster.note(LOOK_AT))) this.#cluster.setNote(LOOK_AT, BigInt(Math.floor(dueAtMs)));
    this.#alarm.setBy(dueAtMs);
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
      cluster.withLock(`start ${what}`, action);
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

/**
 * Has the services that `--foxx.install` names; one that cannot be had is logged, and the server starts all the same. It is over when the
 * function returns, unless a setup is asynchronous.
 */
async function installDeclared(config: Config, databases: Databases, services: Services): Promise<void> {
  for (const declared of config['foxx.install']) {
    try {
      const { database, mount, path } = parseInstall(declared);
      const done = services.lifecycle.ensure(databases.get(database), mount, path);
      if (done instanceof Promise ? await done : done) log.info('general', `installed the service at "${mount}" from ${path}`);
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
