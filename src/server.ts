/**
 * The server from the bottom up, and down again. Start reading here.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import {
  attachLog,
  ConfigError,
  createAlarmMemory,
  createLogMemory,
  createMetricsMemory,
  createServiceLogMemory,
  createServiceMetricsMemory,
  log,
  logLevelSettings,
  metrics,
  type Config,
} from '#base';
import {
  coordinatorId,
  createClusterMemory,
  createSharedClusterMemory,
  createSharedText,
  joinCoordinators,
  joinSingle,
  releaseLocksOf,
  type Coordinator,
  type CoordinatorOptions,
} from '#cluster';
import { createQueryMemory, forgetQueriesOf } from '#database';
import { checkExposure, endpointUrl, Front, parseEndpoint, parseInspectAddress, type FrontOptions } from '#front';
import { isOnThisMachine, openStorage, parseAddress, type OpenOptions } from '#storage';
import { aliveNote, type ServerShare } from '#worker';

export interface Server {
  /** Where it listens: `http://127.0.0.1:8529`. */
  readonly urls: readonly string[];
  /** Opens the files of the log anew, after they have been moved away. */
  reopenLog(): void;
  /** Finishes what has begun, as far as that is possible in time, and ends everything. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** The module whose `createHandler` makes what answers requests; tests bring their own. */
  readonly handlerModule?: URL;
}

/** Throws `ConfigError` where an option that is well-formed cannot mean anything. */
export function checkConfig(config: Config): void {
  config['server.endpoint'].forEach(parseEndpoint);
  checkExposure(config);
  if (config.inspect !== '') parseInspectAddress(config.inspect);
  if (config['storage.url'] !== '') parseAddress(config['storage.url']);
  checkPatterns(config);
  attachLog(createLogMemory(), config)();
}

/** The lists of regular expressions that restrict services. */
function checkPatterns(config: Config): void {
  for (const [name, value] of Object.entries(config)) {
    if (!name.endsWith('list') || !Array.isArray(value)) continue;
    for (const pattern of value as readonly string[]) {
      try {
        RegExp(pattern);
      } catch (cause) {
        throw new ConfigError(`--${name}: found "${pattern}", wanted a regular expression`, { cause });
      }
    }
  }
}

/** One lane for the first thread, one for each worker, and one for the thread that speaks with other coordinators. */
const THREADS_LIMIT = 66;
const MEMBER_LANE = 65;

/** Throws `ConfigError` when the options are not usable. */
export async function startServer(config: Config, options: ServerOptions = {}): Promise<Server> {
  checkExposure(config);
  checkPatterns(config);
  const logMemory = createLogMemory();
  let detachLog = attachLog(logMemory, config);
  const metricsMemory = createMetricsMemory(THREADS_LIMIT);
  metrics.attach(metricsMemory, 0);

  const data = options.handlerModule === undefined ? openData(config) : withoutData(options.handlerModule);
  const front = new Front({
    config,
    workerEntry: new URL('./worker/worker.js', import.meta.url),
    isDataNear: config['storage.url'] === '' || isOnThisMachine(parseAddress(config['storage.url'])),
    onThreadEnd: data.onThreadEnd,
    endThread: data.endThread,
    ...(data.share === undefined ? {} : { errands: errandsOf(config, data.share) }),
  });
  const reopenLog = (): void => {
    detachLog();
    detachLog = attachLog(logMemory, { ...config, 'log.level': logLevelSettings() });
    front.reopenLog();
  };
  const takeDown = async (): Promise<void> => {
    await front.stop();
    await data.close();
  };
  try {
    const urls = await front.listen();
    await data.join({ endpoint: ownEndpoint(config, urls), log: logMemory, metrics: metricsMemory });
    await front.start({
      config,
      handlerModule: data.handlerModule.href,
      endpoints: urls,
      metrics: metricsMemory,
      log: logMemory,
      share: data.share,
    });
    const stop = async (): Promise<void> => {
      await takeDown();
      log.info('general', 'foxden has been shut down');
      detachLog();
    };
    return { urls, reopenLog, stop };
  } catch (error) {
    await takeDown();
    detachLog();
    throw error;
  }
}

/** Where other coordinators reach this one. */
function ownEndpoint(config: Config, urls: readonly string[]): string {
  const given = config['cluster.my-address'];
  if (given !== '') {
    const endpoint = parseEndpoint(given);
    return endpoint.type === 'unix' ? given : endpointUrl(endpoint, endpoint.port);
  }
  const [first = ''] = urls;
  // What listens everywhere is reached by the name of the machine.
  return first.replace(/^(https?:\/\/)(?:0\.0\.0\.0|\[::\])(?=:)/, `$1${hostname()}`);
}

function errandsOf(config: Config, { alarm, ownPath }: ServerShare): NonNullable<FrontOptions['errands']> {
  return {
    path: ownPath,
    alarm,
    warmupMs: config['foxx.queues-warmup-period'] * 1000,
    pollMs: config['foxx.queues-poll-interval'] * 1000,
  };
}

/** What the workers stand on, and what is to be done when one of them is gone. */
interface Ground {
  readonly handlerModule: URL;
  readonly share: ServerShare | undefined;
  readonly onThreadEnd: NonNullable<FrontOptions['onThreadEnd']>;
  readonly endThread: NonNullable<FrontOptions['endThread']>;
  /** Becomes one of the coordinators, if there can be several. */
  join(self: Pick<CoordinatorOptions, 'endpoint' | 'log' | 'metrics'>): Promise<void>;
  close(): Promise<void>;
}

/** Opens the data for all threads. Throws when another process has it, or when it is no data of foxden's. */
function openData(config: Config): Ground {
  const folder = config['database.directory'];
  const engine = openStorage(storageOptions(config));
  const run = randomBytes(8).toString('hex');
  const isShared = config['storage.url'] !== '';
  const id = isShared ? coordinatorId(folder) : `SNGL-${run}`;
  const shared = isShared ? createSharedClusterMemory() : undefined;
  const memory = shared ?? createClusterMemory();
  const queries = createQueryMemory();
  const alarm = createAlarmMemory();
  const local = joinSingle(memory, { id });
  let coordinator: Coordinator | undefined;
  return {
    handlerModule: new URL('./worker/create-handler.js', import.meta.url),
    share: {
      serviceLog: createServiceLogMemory(),
      serviceMetrics: createServiceMetricsMemory(),
      storage: engine.share(),
      cluster: memory,
      queries,
      tasks: createSharedText(),
      alarm,
      ownPath: `/_own/${randomBytes(16).toString('hex')}/`,
      id,
      run,
    },
    endThread: (thread) => engine.endThread(thread),
    onThreadEnd: ({ index, threadId }) => {
      engine.threadEnded(threadId);
      coordinator?.forgetThread(threadId);
      releaseLocksOf(memory, threadId);
      forgetQueriesOf(queries.running, threadId);
      local.setNote(aliveNote(index), 0n);
    },
    join: async (self) => {
      if (shared !== undefined)
        coordinator = await joinCoordinators({ config, id, memory: shared, alarm, metricsLane: MEMBER_LANE, ...self });
    },
    close: async () => {
      await coordinator?.leave();
      engine.close();
    },
  };
}

function storageOptions(config: Config): OpenOptions {
  const folder = config['database.directory'];
  const url = config['storage.url'];
  if (url === '') return { folder };
  return {
    folder,
    url,
    poolSize: config['storage.pool-size'],
    failoverTimeoutMs: config['storage.failover-timeout'] * 1000,
    keepsStatements: config['storage.prepared-statements'],
    keepsWalks: config['storage.keep-walks'],
  };
}

function withoutData(handlerModule: URL): Ground {
  return {
    handlerModule,
    share: undefined,
    onThreadEnd: () => undefined,
    endThread: (thread) => thread.terminate(),
    join: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
