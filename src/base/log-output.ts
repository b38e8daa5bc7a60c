/**
 * Where the log goes, by the options: standard output and error, files, and the memory that all threads share.
 *
 * Each thread opens the files for itself, to append; the system keeps their lines apart.
 */
import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { ConfigError } from './config-error.ts';
import {
  formatLine,
  isAtLeast,
  LOG_LEVELS,
  LOG_TOPICS,
  logLevels,
  replaceLogSink,
  setLogLevel,
  type LogEntry,
  type LogLevel,
  type LogTopic,
} from './log.ts';
import { LogMemory, type RememberedEntry } from './log-memory.ts';
import { metrics } from './metrics.ts';
import type { Config } from './options.ts';
import { writeLine } from './write-line.ts';

/** Topics of arangod that foxden has nothing to say about. */
const FOREIGN_TOPICS = new Set([
  'agency',
  'agencycomm',
  'agencystore',
  'aql',
  'arangosearch',
  'authentication',
  'authorization',
  'backup',
  'bench',
  'cache',
  'communication',
  'crash',
  'deprecation',
  'development',
  'dump',
  'flush',
  'graphs',
  'heartbeat',
  'httpclient',
  'license',
  'maintenance',
  'memory',
  'replication',
  'replication2',
  'rep-state',
  'rep-wal',
  'restore',
  'rocksdb',
  'ssl',
  'statistics',
  'supervision',
  'syscall',
  'trx',
  'validation',
  'views',
]);

function isTopic(name: string): name is LogTopic {
  return (LOG_TOPICS as readonly string[]).includes(name);
}

const SHORT_LEVELS: Readonly<Record<string, LogLevel>> = { err: 'error', warn: 'warning', default: 'info' };

function parseLevel(text: string, where: string): LogLevel {
  const lower = text.trim().toLowerCase();
  const level = SHORT_LEVELS[lower] ?? LOG_LEVELS.find((known) => known === lower);
  if (level === undefined) throw new ConfigError(`${where}: found "${text}", wanted one of ${LOG_LEVELS.join(', ')}`);
  return level;
}

/** "warning" is for general matters, as with arangod; "all=warning" for everything. */
function parseLevels(settings: readonly string[]): (readonly [topic: LogTopic | 'all', level: LogLevel])[] {
  return settings.flatMap((setting) => {
    const [first = '', second] = setting.split('=').map((part) => part.trim());
    const topic = second === undefined ? 'general' : first.toLowerCase();
    const level = parseLevel(second ?? first, '--log.level');
    if (topic === 'all' || isTopic(topic)) return [[topic, level] as const];
    if (FOREIGN_TOPICS.has(topic) || topic.startsWith('audit-')) return [];
    throw new ConfigError(`--log.level: found the topic "${topic}", wanted one of all, ${LOG_TOPICS.join(', ')}`);
  });
}

/** Sets levels of this thread as `--log.level` does; others stay as they are. Throws `ConfigError`, and changes nothing then. */
export function setLogLevels(settings: readonly string[]): void {
  adopt(parseLevels(settings));
}

/** The levels of this thread as `--log.level` would set them. */
export function logLevelSettings(): string[] {
  return Array.from(logLevels(), ([topic, level]) => `${topic}=${level}`);
}

function adopt(levels: readonly (readonly [topic: LogTopic | 'all', level: LogLevel])[]): void {
  // First for all topics, which would forget what was said of single ones.
  for (const [topic, level] of levels.toSorted(([a], [b]) => Number(b === 'all') - Number(a === 'all'))) setLogLevel(level, topic);
}

interface Output {
  /** Absent: all topics that have no output of their own. */
  readonly topic?: LogTopic;
  /** Undefined: standard output, or standard error for errors. */
  readonly descriptor: number | undefined;
}

const STANDARD: Output = { descriptor: undefined };

function openOutput(target: string, where: string): number {
  if (target === '-') return 1;
  if (target === '+') return 2;
  const path = resolve(target.replace(/^file:\/\//, ''));
  try {
    return openSync(path, 'a', 0o640);
  } catch (cause) {
    throw new ConfigError(`${where}: the file ${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function parseOutputs(config: Config): Output[] {
  const outputs = config['log.output'].map((setting): Output => {
    const [, topic, target = ''] = /^(?:([\w-]+)=)?(.*)$/.exec(setting) ?? [];
    if (topic !== undefined && !isTopic(topic))
      throw new ConfigError(`--log.output: found the topic "${topic}", wanted one of ${LOG_TOPICS.join(', ')}`);
    if (target !== '-' && target !== '+' && !target.startsWith('file://')) {
      throw new ConfigError(`--log.output: found "${setting}", wanted "-", "+" or "file://path", perhaps with "topic=" before it`);
    }
    return { ...(topic === undefined ? {} : { topic }), descriptor: openOutput(target, '--log.output') };
  });
  if (config['log.file'] !== '') outputs.push({ descriptor: openOutput(config['log.file'], '--log.file') });
  return outputs.length === 0 ? [STANDARD] : outputs;
}

function formatJson({ time, level, topic, message }: LogEntry): string {
  return `${JSON.stringify({ time: new Date(time).toISOString(), pid: process.pid, level: level.toUpperCase(), topic, message })}\n`;
}

let memoryOfAll: LogMemory | undefined;

/** The last entries of all threads, oldest first; none unless they are remembered (`--log.in-memory`). */
export function rememberedLog(): RememberedEntry[] {
  return memoryOfAll?.entries() ?? [];
}

/** Sets this thread's log up; a function takes it down again. Throws `ConfigError`. */
export function attachLog(memory: SharedArrayBuffer, config: Config): () => void {
  const levels = parseLevels(config['log.level']);
  const leastRemembered = parseLevel(config['log.in-memory-level'], '--log.in-memory-level');
  const outputs = parseOutputs(config);
  const remembered = config['log.in-memory'] ? new LogMemory(memory) : undefined;
  memoryOfAll = remembered;
  const format = config['log.use-json-format'] ? formatJson : formatLine;

  setLogLevel('info');
  adopt(levels);

  const restore = replaceLogSink((entry) => {
    const { level, topic } = entry;
    if (level === 'warning') metrics.add('arangodb_logger_warnings_total');
    else if (isAtLeast(level, 'error')) metrics.add('arangodb_logger_errors_total');
    if (isAtLeast(level, leastRemembered)) remembered?.remember(entry);
    const own = outputs.filter((output) => output.topic === topic);
    const standard = isAtLeast(level, 'warning') ? 2 : 1;
    const line = format(entry);
    for (const { descriptor } of own.length > 0 ? own : outputs.filter((output) => output.topic === undefined)) {
      writeLine(descriptor ?? standard, line);
    }
  });
  return () => {
    restore();
    for (const { descriptor } of outputs) if (descriptor !== undefined && descriptor > 2) closeSync(descriptor);
  };
}
