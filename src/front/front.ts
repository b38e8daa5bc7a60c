/**
 * The first thread's whole business: the network on one side, the workers on the other, the queue between them.
 */
import type { Socket } from 'node:net';
import { availableParallelism, totalmem } from 'node:os';
import { clock, createExchangeMemory, log, metrics, setLogLevels, type Config, type Order, type WorkerSurroundings } from '#base';
import { askQueue } from './own-requests.ts';
import { Connection, type Shared } from './connection.ts';
import { parseEndpoint } from './endpoint.ts';
import { Errands, type ErrandOptions } from './errands.ts';
import type { Http2 } from './http2.ts';
import { Inspector, parseInspectAddress } from './inspector.ts';
import { listen, type Listener } from './listen.ts';
import { WorkerPool, type PoolOptions } from './pool.ts';
import { RequestQueue, type QueueLimits } from './queue.ts';

/** How often connections are looked at whose clients may have fallen asleep. */
const SWEEP_MS = 1_000;
const STOP_POLL_MS = 20;
/** What workers get to end, however late it is. */
const MINIMAL_STOP_MS = 2_000;
const MIB = 1024 * 1024;
/** Slots are memory, if only once they are used. */
const RUNNING_LIMIT = 8192;

/** Enough for what lives no longer than a request; a larger one only makes the process larger. */
const YOUNG_HEAP_MB = 24;

/** Beyond, more workers only wait for each other. */
const AUTOMATIC_LIMIT = 64;

/** How many workers there are, by the options. Those that wait for a server across the network leave the cores to others meanwhile. */
function workerCounts(config: Config): { readonly minimum: number; readonly maximum: number } {
  const cores = availableParallelism();
  const isWaiting = config['storage.url'] !== '';
  const usualMost = isWaiting ? Math.min(AUTOMATIC_LIMIT, Math.max(16, 8 * cores)) : Math.max(4, 2 * cores);
  const usualLeast = isWaiting ? Math.min(AUTOMATIC_LIMIT / 2, Math.max(4, 2 * cores)) : 2;
  const maximum = config['javascript.v8-contexts'] || config['server.maximal-threads'] || usualMost;
  // A debugger stops one worker; as long as it is the only one, no request misses a breakpoint. While it stands still another comes.
  const least = config['javascript.v8-contexts-minimum'] || config['server.minimal-threads'] || usualLeast;
  const minimum = config.inspect === '' ? least : 1;
  return { minimum: Math.min(minimum, maximum), maximum };
}

function poolOptions(config: Config, entry: URL, inspector: Inspector | undefined): Omit<PoolOptions, 'isDataNear'> {
  const available = Math.min(totalmem(), process.constrainedMemory() || Infinity);
  return {
    entry,
    inspector,
    ...workerCounts(config),
    idleMs: config['javascript.v8-contexts-max-age'] * 1000,
    requestLimit: config['javascript.v8-contexts-max-invocations'],
    runningMs: config['server.maximal-request-time'] * 1000,
    heapMb: Math.min(config['javascript.v8-max-heap'], Math.floor(available / 2 / MIB)),
    youngHeapMb: YOUNG_HEAP_MB,
  };
}

function queueLimits(config: Config): QueueLimits {
  return {
    waiting: config['server.maximal-queue-size'],
    running: Math.min(workerCounts(config).maximum * config['server.async-requests-per-thread'], RUNNING_LIMIT),
    waitingMs: config['server.maximal-queue-time'] * 1000,
    runningMs: config['server.maximal-request-time'] * 1000,
  };
}

export interface FrontOptions {
  readonly config: Config;
  /** The module that a worker thread starts with. */
  readonly workerEntry: URL;
  readonly onThreadEnd?: PoolOptions['onThreadEnd'];
  readonly endThread?: PoolOptions['endThread'];
  /** The data is on this machine. */
  readonly isDataNear: boolean;
  /** What the server does without being asked. */
  readonly errands?: ErrandOptions;
}

export class Front {
  #config: Config;
  readonly #queue: RequestQueue;
  readonly #pool: WorkerPool;
  readonly #shared: Shared;
  readonly #inspector: Inspector | undefined;
  readonly #errands: Errands | undefined;
  #http2: Promise<Http2> | undefined;
  #listeners: Listener[] = [];
  #sweep: NodeJS.Timeout | undefined;

  constructor({ config, workerEntry, isDataNear, onThreadEnd, endThread, errands }: FrontOptions) {
    this.#config = config;
    const limits = queueLimits(config);
    const memory = createExchangeMemory(limits.waiting + limits.running);
    this.#queue = new RequestQueue(memory, limits);
    this.#inspector = config.inspect === '' ? undefined : new Inspector(parseInspectAddress(config.inspect));
    this.#pool = new WorkerPool(this.#queue, memory, {
      ...poolOptions(config, workerEntry, this.#inspector),
      isDataNear,
      onOrder: (order) => this.#obey(order),
      ...(onThreadEnd === undefined ? {} : { onThreadEnd }),
      ...(endThread === undefined ? {} : { endThread }),
    });
    this.#errands = errands && new Errands(errands, (request) => askQueue(this.#queue, request));
    this.#shared = {
      queue: this.#queue,
      connections: new Set(),
      onHttp2: (socket) => this.#acceptHttp2(socket),
      arrivingBytes: 0,
      isStopping: false,
      limits: {
        headBytes: config['http.maximal-header-size'],
        targetBytes: config['http.maximal-url-size'],
        headerCount: config['http.maximal-header-count'],
        bodyBytes: config['http.maximal-body-size'],
        allBodiesBytes: config['http.maximal-upload-memory'],
        idleMs: config['http.keep-alive-timeout'] * 1000,
        headMs: config['http.header-timeout'] * 1000,
        stallMs: config['http.stall-timeout'] * 1000,
      },
    };
  }

  /** Opens the endpoints and gives their URLs. Requests wait in the queue until there are workers. */
  async listen(): Promise<readonly string[]> {
    for (const endpoint of this.#config['server.endpoint'].map(parseEndpoint)) {
      const listener = await listen(endpoint, this.#config, ({ socket, isSecure, isHttp2 }) => {
        if (isHttp2) this.#acceptHttp2(socket);
        else this.#shared.connections.add(new Connection(socket, this.#shared, { isSecure }));
        metrics.set('arangodb_client_connection_statistics_client_connections', this.#shared.connections.size);
      });
      this.#listeners.push(listener);
    }
    this.#sweep = setInterval(() => this.#lookAfterConnections(), SWEEP_MS).unref();
    return this.#listeners.map(({ url }) => url);
  }

  /** Its module is loaded for the first client that speaks it, for that takes as long as the rest of the network together. */
  #acceptHttp2(socket: Socket): void {
    socket.on('error', (error) => log.trace('http', `connection: ${error.message}`));
    this.#http2 ??= import('./http2.ts').then((module) => new module.Http2(this.#shared));
    void this.#http2.then((http2) => http2.accept(socket));
  }

  /** Starts the workers; resolves when they can answer. */
  async start(surroundings: WorkerSurroundings): Promise<void> {
    if (this.#inspector !== undefined) {
      const address = await this.#inspector.listen();
      log.warning('general', `debuggers are let in at ${address} (--inspect): whoever reaches it can run any code`);
    }
    await this.#pool.start(surroundings);
    this.#errands?.start();
  }

  #obey(order: Order): void {
    switch (order.do) {
      case 'set log levels':
        setLogLevels(order.levels);
        this.#config = { ...this.#config, 'log.level': [...this.#config['log.level'], ...order.levels] };
        this.#pool.setConfig(this.#config);
        this.#pool.tellAll(order);
        break;
      case 'reload tls':
        for (const listener of this.#listeners) listener.reloadTls();
        break;
      case 'shut down':
        process.kill(process.pid, 'SIGTERM');
    }
  }

  /** Has the workers open the files of the log anew. */
  reopenLog(): void {
    this.#pool.tellAll({ do: 'reopen the log' });
  }

  #lookAfterConnections(): void {
    const now = clock.monotonic();
    for (const connection of this.#shared.connections) connection.expire(now);
    metrics.set('arangodb_client_connection_statistics_client_connections', this.#shared.connections.size);
  }

  /** Accepts nothing more, finishes what has begun as far as that is possible in time, and ends the workers. */
  async stop(): Promise<void> {
    const untilMs = clock.monotonic() + this.#config['server.shutdown-timeout'] * 1000;
    this.#shared.isStopping = true;
    this.#inspector?.close();
    this.#errands?.stop();
    for (const listener of this.#listeners) listener.close();
    for (const connection of this.#shared.connections) connection.stop();
    while (this.#isBusy() && clock.monotonic() < untilMs) await new Promise((resolve) => setTimeout(resolve, STOP_POLL_MS));
    if (this.#queue.size > 0) {
      log.warning('requests', `${this.#queue.size} requests are not finished and are given up`);
      this.#queue.refuseAll({ error: 'ERROR_SHUTTING_DOWN', closes: true });
    }
    clearInterval(this.#sweep);
    for (const connection of this.#shared.connections) connection.destroyWhenSent();
    await this.#pool.stop(Math.max(MINIMAL_STOP_MS, untilMs - clock.monotonic()));
    for (const connection of this.#shared.connections) connection.destroy();
  }

  #isBusy(): boolean {
    return this.#queue.size > 0 || [...this.#shared.connections].some((connection) => connection.isBusy);
  }
}
