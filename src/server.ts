/**
 * The server from the bottom up, and down again. Start reading here.
 */
import { attachLog, createLogMemory, createMetricsMemory, log, metrics, type Config } from '#base';
import { Front, parseEndpoint } from '#front';

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
  attachLog(createLogMemory(), config)();
}

/** One lane for the first thread, and one for each worker. */
const THREADS_LIMIT = 65;

/** Throws `ConfigError` when the options are not usable. */
export async function startServer(config: Config, options: ServerOptions = {}): Promise<Server> {
  const logMemory = createLogMemory();
  let detachLog = attachLog(logMemory, config);
  const metricsMemory = createMetricsMemory(THREADS_LIMIT);
  metrics.attach(metricsMemory, 0);

  const front = new Front({ config, workerEntry: new URL('./worker/worker.js', import.meta.url) });
  const reopenLog = (): void => {
    detachLog();
    detachLog = attachLog(logMemory, config);
    front.reopenLog();
  };
  const takeDown = async (): Promise<void> => {
    await front.stop();
  };
  try {
    const urls = await front.listen();
    await front.start({
      config,
      handlerModule: (options.handlerModule ?? new URL('./worker/create-handler.js', import.meta.url)).href,
      endpoints: urls,
      metrics: metricsMemory,
      log: logMemory,
      share: undefined,
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
