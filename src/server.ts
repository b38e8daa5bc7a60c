/**
 * The server from the bottom up, and down again. Start reading here.
 */
import { randomBytes } from 'node:crypto';
import { attachLog, createLogMemory, createMetricsMemory, metrics, type Config } from '#base';
import { createClusterMemory, joinSingle, releaseLocksOf } from '#cluster';
import { prepareDatabases } from '#database';
import { Front, parseEndpoint } from '#front';
import { openStorage } from '#storage';
import { aliveNote, type ServerShare } from '#worker';

export interface Server {
  /** Where it listens: `http://127.0.0.1:8529`. */
  readonly urls: readonly string[];
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
  attachLog(createLogMemory(), config)();
}

/** One lane for the first thread, and one for each worker. */
const THREADS_LIMIT = 65;

/** Throws `ConfigError` when the options are not usable. */
export async function startServer(config: Config, options: ServerOptions = {}): Promise<Server> {
  const logMemory = createLogMemory();
  const detachLog = attachLog(logMemory, config);
  const metricsMemory = createMetricsMemory(THREADS_LIMIT);
  metrics.attach(metricsMemory, 0);

  const engine = openStorage({ folder: config['database.directory'] });
  prepareDatabases(engine);
  const name = `SNGL-${randomBytes(8).toString('hex')}`;
  const clusterMemory = createClusterMemory();
  const cluster = joinSingle(clusterMemory, name);
  const share: ServerShare = { storage: engine.share(), cluster: clusterMemory, name };

  const front = new Front({
    config,
    workerEntry: new URL('./worker/worker.js', import.meta.url),
    onThreadEnd: ({ index, threadId }) => {
      releaseLocksOf(clusterMemory, threadId);
      cluster.setNote(aliveNote(index), 0n);
    },
  });
  const stop = async (): Promise<void> => {
    await front.stop();
    engine.close();
    detachLog();
  };
  try {
    const urls = await front.listen();
    await front.start({
      config,
      handlerModule: (options.handlerModule ?? new URL('./worker/create-handler.js', import.meta.url)).href,
      endpoints: urls,
      metrics: metricsMemory,
      log: logMemory,
      share,
    });
    return { urls, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
