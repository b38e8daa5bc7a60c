/** The door of `base`: what any layer may need and that has no opinion. */
export { ArangoError, ERRORS, errorMessage, findErrorName, isArangoError, retryHeaders, type ErrorName } from './errors.ts';
export { hashBytes } from './hash-bytes.ts';
export { lazily, requirePackage } from './lazy.ts';
export { clock, replaceClock, type Clock } from './clock.ts';
export {
  describeError,
  isLogged,
  log,
  LOG_LEVELS,
  LOG_TOPICS,
  logLevels,
  replaceLogSink,
  setLogLevel,
  type LogEntry,
  type LogLevel,
  type LogSink,
  type LogTopic,
} from './log.ts';
export type { Failure, HttpAnswer, HttpRequest } from './http.ts';
export { multipartParts, type MultipartPart } from './multipart.ts';
export {
  BEAT,
  createExchangeMemory,
  createLane,
  CURRENT,
  FRONT_IS_CALLED,
  HAS_MAIL,
  HEAP_MB,
  LIMIT_MB,
  LIMIT_MS,
  MANY_WAITING,
  ASLEEP,
  AWAKE,
  RESTING,
  STANDS_BACK,
  SLEEP,
  Lane,
  SLOT_BYTES,
  SLOT_HEADER_BYTES,
  SlotQueue,
  type ExchangeMemory,
} from './exchange/memory.ts';
export {
  createPeer,
  METHODS,
  packetMemory,
  readRequest,
  requestBytes,
  writeRequest,
  type Method,
  type Peeked,
  type Peer,
  type ReceivedRequest,
  type RequestParts,
} from './exchange/request.ts';
export {
  contentLength,
  DEFAULT_HEADERS,
  mayHaveBody,
  readAnswer,
  writeAnswer,
  type AnswerParts,
  type WrittenAnswer,
} from './exchange/answer.ts';
export { Alarm, createAlarmMemory } from './exchange/alarm.ts';
export { createServiceLogMemory, ServiceLog, type ServiceLine } from './service-log.ts';
export {
  createServiceMetricsMemory,
  percentile,
  SERVICE_BOUNDS_MS,
  ServiceMetrics,
  SLICE_MS,
  type ServiceFigures,
  type ServiceMeter,
  type ServiceMetricsMemory,
  type ServiceSums,
} from './service-metrics.ts';
export { createMetricsMemory, METRICS, metrics, type HistogramName, type MetricName } from './metrics.ts';
export { createLogMemory, LogMemory, type RememberedEntry } from './log-memory.ts';
export { attachLog, logLevelSettings, rememberedLog, setLogLevels } from './log-output.ts';
export { readTlsFiles, summarizePem, type PemSummary, type TlsFiles } from './tls-files.ts';
export { ConfigError } from './config-error.ts';
export { readConfigFile, type Setting } from './config-file.ts';
export { DEFAULT_CONFIG, readConfig, type ConfigSources, type Reading } from './config.ts';
export { helpText } from './config-help.ts';
export { OPTIONS, SECTIONS, type Config, type OptionName, type OptionRow } from './options.ts';
export type { FrontMessage, Order, WorkerMessage, WorkerSetup, WorkerSurroundings } from './exchange/setup.ts';
export { ARANGODB_VERSION, ARANGODB_VERSION_NUMBER, foxdenVersion } from './version.ts';
export { attachRunLimits, tighterLimit, withRunLimits, type RunLimits } from './exchange/run-limits.ts';
