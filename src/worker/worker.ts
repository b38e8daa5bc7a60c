/**
 * A worker thread, from its first line to its last: makes the handler, serves requests, and ends when the front says so.
 *
 * An exception that nobody caught, in a timer of a service or behind a forgotten promise, is logged and belongs to no request: the worker
 * goes on.
 */
import assert from 'node:assert/strict';
import { open as openInspector, url as inspectorUrl } from 'node:inspector';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { parentPort, workerData, type Transferable } from 'node:worker_threads';
import { attachLog, log, logLevelSettings, metrics, setLogLevels, type FrontMessage, type WorkerMessage, type WorkerSetup } from '#base';
import { exitThread } from './guard-process.ts';
import type { HandlerModule } from './handler.ts';
import { askFront } from './ask-front.ts';
import { RequestLoop } from './loop.ts';

assert(parentPort !== null, 'this module is the beginning of a thread');
const front = parentPort;
const setup = workerData as WorkerSetup;
// All that the server's threads share is in there; services could read each other's requests in it.
const threads = createRequire(import.meta.url)('node:worker_threads') as { workerData: unknown; parentPort: unknown };
threads.workerData = undefined;
threads.parentPort = null;
syncBuiltinESMExports();

let detachLog = attachLog(setup.log, setup.config);
metrics.attach(setup.metrics, setup.index + 1);
const post = (message: WorkerMessage, transfer: readonly Transferable[]): void => front.postMessage(message, transfer);
const loop = new RequestLoop(setup, post, (error) => {
  // Perhaps a service has changed what everything is made of (`JSON.stringify = …`); a new thread has it all anew.
  log.fatal('threads', 'this worker cannot answer any more', error);
  exitThread(1);
});

if (setup.config.inspect !== '') {
  openInspector(0, '127.0.0.1');
  post({ type: 'inspector', url: inspectorUrl() ?? '' }, []);
}

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
  exitThread(0);
}

// Only now: what goes wrong before ends the thread.
for (const [event, what] of [
  ['uncaughtException', 'uncaught exception'],
  ['unhandledRejection', 'unhandled rejection'],
] as const) {
  process.on(event, (error: unknown) => {
    if (handler.reportUncaught?.(error, what) !== true) log.error('threads', what, error);
  });
}
post({ type: 'ready' }, []);
loop.start(handler);
