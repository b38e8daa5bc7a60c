/**
 * The log, in the form of arangod's: time, process, level, topic, message.
 *
 * Lines are written synchronously, so that what was logged before a crash is there after it. Levels are set for all topics and
 * for single ones, as `--log.level` does; each thread sets its own from the configuration it is given.
 */
import { clock } from './clock.ts';
import { writeLine } from './write-line.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warning', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The parts of foxden that log; names are arangod's where it has the same part. */
export const LOG_TOPICS = [
  'general',
  'startup',
  'config',
  'requests',
  'engines',
  'queries',
  'v8',
  'http',
  'threads',
  'ttl',
  'security',
  'cluster',
] as const;
export type LogTopic = (typeof LOG_TOPICS)[number];

export interface LogEntry {
  readonly time: number;
  readonly level: LogLevel;
  readonly topic: LogTopic;
  readonly message: string;
}

export type LogSink = (entry: LogEntry) => void;

const rank: Readonly<Record<LogLevel, number>> = { fatal: 0, error: 1, warning: 2, info: 3, debug: 4, trace: 5 };

const levels = new Map<LogTopic | 'all', LogLevel>([['all', 'info']]);
let sink: LogSink = ({ level, ...rest }) => {
  const isNews = rank[level] >= rank.info;
  writeLine(isNews ? 1 : 2, formatLine({ level, ...rest }));
};

/** A line as arangod writes it. */
export function formatLine({ time, level, topic, message }: LogEntry): string {
  const moment = new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
  return `${moment} [${process.pid}] ${level.toUpperCase()} {${topic}} ${message}\n`;
}

export function setLogLevel(level: LogLevel, topic: LogTopic | 'all' = 'all'): void {
  if (topic === 'all') levels.clear();
  levels.set(topic, level);
}

/** The level of each topic in this thread. */
export function logLevels(): ReadonlyMap<LogTopic, LogLevel> {
  return new Map(LOG_TOPICS.map((topic) => [topic, levels.get(topic) ?? levels.get('all') ?? 'info']));
}

export function isLogged(level: LogLevel, topic: LogTopic): boolean {
  return rank[level] <= rank[levels.get(topic) ?? levels.get('all') ?? 'info'];
}

/** Whether a level is at least as important as another. */
export function isAtLeast(level: LogLevel, least: LogLevel): boolean {
  return rank[level] <= rank[least];
}

/** Sends the log elsewhere; returns a function that restores what was before. */
export function replaceLogSink(replacement: LogSink): () => void {
  const before = sink;
  sink = replacement;
  return () => {
    sink = before;
  };
}

/** What a client sent must not look like lines of the log. */
function escapeControl(message: string): string {
  // eslint-disable-next-line no-control-regex
  return message.replace(/[\u0000-\u001f\u007f]/g, (character) => JSON.stringify(character).slice(1, -1));
}

function write(level: LogLevel, topic: LogTopic, message: string, cause?: unknown): void {
  if (!isLogged(level, topic)) return;
  const lines = cause === undefined ? [] : describeError(cause).split('\n');
  const detail = lines.map((line) => `\n    ${escapeControl(line)}`).join('');
  sink({ time: clock.now(), level, topic, message: escapeControl(message) + detail });
}

/** An error with its stack and the chain of its causes, each on lines of its own. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? `${error.name}: ${error.message}`;
  return error.cause === undefined ? own : `${own}\nvia ${describeError(error.cause)}`;
}

export const log = {
  fatal: (topic: LogTopic, message: string, cause?: unknown): void => write('fatal', topic, message, cause),
  error: (topic: LogTopic, message: string, cause?: unknown): void => write('error', topic, message, cause),
  warning: (topic: LogTopic, message: string, cause?: unknown): void => write('warning', topic, message, cause),
  info: (topic: LogTopic, message: string): void => write('info', topic, message),
  debug: (topic: LogTopic, message: string): void => write('debug', topic, message),
  trace: (topic: LogTopic, message: string): void => write('trace', topic, message),
};
