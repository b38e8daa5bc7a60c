/**
 * A worker thread, from its first line to its last: makes the handler, serves requests, and ends when the front says so.
 *
 * An exception that nobody caught, in a timer of a service or behind a forgotten promise, is logged and belongs to no request: the worker
 * goes on.
 */
import assert from 'node:assert/strict';
import { parentPort, workerData, type Transferable } from 'node:worker_threads';
import { attachLog, log, logLevelSettings, metrics, setLogLevels, type FrontMessage, type WorkerMessage, type WorkerSetup } from '#base';
import type { HandlerModule } from './handler.ts';
import { askFront } from './ask-front.ts';
import { RequestLoop } from './loop.ts';

assert(parentPort !== null, 'this module is the beginning of a thread');
const front = parentPort;
const setup = workerData as WorkerSetup;

let detachLog = attachLog(setup.log, setup.config);
metrics.attach(setup.metrics, setup.index + 1);
const post = (message: WorkerMessage, transfer: readonly Transferable[]): void => front.postMessage(message, transfer);
const loop = new RequestLoop(setup, post);

const { createHandler } = (await import(setup.handlerModule)) as HandlerModule;
const handler = await createHandler({
  index: setup.index,
  config: setup.config,
  endpoints: setup.endpoints,
  share: setup.share,
  answerHere: (request) => loop.answer(request),
  answerElsewhere: (request) => askFront(request, post),
  order: (order) => post({ type: 'order', order }, []),
});

front.on('message', (message: FrontMessage) => {
  switch (message.do) {
    case 'stop':
      void stop();
      break;
    case 'reopen the log':
      detachLog();
      detachLog = attachLog(setup.log, { ...setup.config, 'log.level': logLevelSettings() });
      break;
    case 'set log levels':
      setLogLevels(message.levels);
  }
});

async function stop(): Promise<never> {
  await loop.stop();
  await handler.close();
  // Timers and sockets of services would keep the thread alive.
  process.exit(0);
}

// Only now: what goes wrong before ends the thread.
process.on('uncaughtException', (error) => log.error('threads', 'uncaught exception', error));
process.on('unhandledRejection', (reason) => log.error('threads', 'unhandled rejection', reason));
post({ type: 'ready' }, []);
loop.start(handler);
