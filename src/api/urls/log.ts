/** /_admin/log: the last entries of the log, and how much is logged. */
import {
  ArangoError,
  ConfigError,
  LOG_LEVELS,
  logLevels,
  rememberedLog,
  setLogLevels,
  type HttpAnswer,
  type LogLevel,
  type RememberedEntry,
} from '#base';
import type { ValueObject } from '#values';
import { describe } from '../attributes.ts';
import { answerJson } from '../respond.ts';
import { del, get, put, type ApiRequest, type Handler, type Route } from '../routes.ts';

export const logApi: readonly Route[] = [
  get(
    '/_admin/log',
    'system',
    guarded((request) => {
      const entries = wantedEntries(request);
      return answerJson(200, {
        totalAmount: entries.total,
        lid: entries.page.map(({ id }) => id),
        topic: entries.page.map(({ topic }) => topic),
        level: entries.page.map(({ level }) => LOG_LEVELS.indexOf(level)),
        timestamp: entries.page.map(({ time }) => Math.floor(time / 1000)),
        text: entries.page.map(({ message }) => message),
      });
    }),
  ),

  get(
    '/_admin/log/entries',
    'system',
    guarded((request) => {
      const { total, page } = wantedEntries(request);
      const messages = page.map(({ id, topic, level, time, message }) => ({
        id,
        topic,
        level: level.toUpperCase(),
        date: new Date(time).toISOString().replace(/\.\d+Z$/, 'Z'),
        message,
      }));
      return answerJson(200, { total, messages });
    }),
  ),

  get('/_admin/log/level', 'system', guarded(answerLevels)),

  /** Topics with their levels; `all` is for those that are not named. Other threads follow in a moment. */
  put(
    '/_admin/log/level',
    'system',
    guarded((request) => {
      const body = request.json();
      const settings = typeof body === 'string' ? [`all=${body}`] : Object.entries(request.jsonObject()).map(setting);
      adopt(request, settings);
      return answerLevels();
    }),
  ),

  /** Back to what the options say. */
  del(
    '/_admin/log/level',
    'system',
    guarded((request) => {
      adopt(request, ['all=info', ...request.context.server.config['log.level']]);
      return answerLevels();
    }),
  ),

  /** Entries have no parameters of their own here, so nothing can be switched on. */
  get(
    '/_admin/log/structured',
    'system',
    guarded(() => answerJson(200, STRUCTURED)),
  ),
  put(
    '/_admin/log/structured',
    'system',
    guarded((request) => {
      const wanted = Object.entries(request.jsonObject()).find(([, value]) => value === true);
      if (wanted !== undefined)
        throw new ArangoError('ERROR_NOT_IMPLEMENTED', { message: `entries of the log have no parameter "${wanted[0]}"` });
      return answerJson(200, STRUCTURED);
    }),
  ),
];

const STRUCTURED = { database: false, url: false, username: false };

/** `--log.api-enabled`: for administrators, for the superuser alone, or for nobody. */
function guarded(handle: Handler): Handler {
  return (request) => {
    const allowed = request.context.server.config['log.api-enabled'];
    if (allowed === 'false' || (allowed === 'jwt' && request.user !== undefined)) throw new ArangoError('ERROR_FORBIDDEN');
    return handle(request);
  };
}

function answerLevels(): HttpAnswer {
  return answerJson(200, Object.fromEntries(Array.from(logLevels(), ([topic, level]) => [topic, level.toUpperCase()])));
}

function setting([topic, level]: readonly [string, ValueObject[string]]): string {
  if (typeof level !== 'string') throw new ArangoError('ERROR_BAD_PARAMETER', `the level of "${topic}" is ${describe(level)}`);
  return `${topic}=${level}`;
}

function adopt({ context }: ApiRequest, levels: readonly string[]): void {
  try {
    setLogLevels(levels);
  } catch (cause) {
    if (cause instanceof ConfigError) throw new ArangoError('ERROR_BAD_PARAMETER', cause.message.replace('--log.level: ', ''), { cause });
    throw cause;
  }
  context.order({ do: 'set log levels', levels });
}

const DEFAULT_LEVEL = 'info';

/** The entries that a request asks for: `upto` or `level`, `start`, `search`, `sort`, and a page by `offset` and `size`. */
function wantedEntries({ query }: ApiRequest): { readonly total: number; readonly page: readonly RememberedEntry[] } {
  const exact = query.find('level');
  const rank = LOG_LEVELS.indexOf(levelOf(exact ?? query.find('upto') ?? DEFAULT_LEVEL));
  const start = query.findNumber('start') ?? 0;
  const search = query.find('search')?.toLowerCase() ?? '';
  const wanted = rememberedLog().filter(({ id, level, message }) => {
    const own = LOG_LEVELS.indexOf(level);
    return (exact === undefined ? own <= rank : own === rank) && id >= start && message.toLowerCase().includes(search);
  });
  if (query.find('sort')?.toLowerCase() === 'desc') wanted.reverse();
  const offset = query.findNumber('offset') ?? 0;
  const size = query.findNumber('size');
  return { total: wanted.length, page: wanted.slice(offset, size === undefined ? undefined : offset + size) };
}

/** By name or number. */
function levelOf(text: string): LogLevel {
  const level = LOG_LEVELS.find((name, rank) => name === text.toLowerCase() || String(rank) === text);
  if (level !== undefined) return level;
  throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `the log level must be one of ${LOG_LEVELS.join(', ')} and is "${text}"`);
}
