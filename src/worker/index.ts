/** The door of `worker`. The thread itself begins in `worker.ts`. */
export type { CreateHandler, Handler, HandlerModule, WorkerContext } from './handler.ts';
export { aliveNote, type ServerShare } from './share.ts';
