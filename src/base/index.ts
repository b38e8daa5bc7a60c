/** The door of `base`: what any layer may need and that has no opinion. */
export { ArangoError, ERRORS, errorMessage, findErrorName, isArangoError, type ErrorName } from './errors.ts';
export { clock, replaceClock, type Clock } from './clock.ts';
export {
  describeError,
  isLogged,
  log,
  LOG_LEVELS,
  replaceLogSink,
  setLogLevel,
  type LogEntry,
  type LogLevel,
  type LogSink,
  type LogTopic,
} from './log.ts';
export type { HttpAnswer, HttpRequest } from './http.ts';
