/**
 * `/_api/foxx/log`: what one service wrote to its console. foxden's own; the parameters and the answer are those of `/_admin/log/entries`.
 *
 * With `wait` a request for lines that are not there yet is answered when the first of them is: whoever asks again from behind the last line
 * that they have, sees all of them as they come.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { ArangoError, clock, LOG_LEVELS, type LogLevel, type ServiceLine } from '#base';
import { answerJson } from '../respond.ts';
import { get, type ApiRequest, type Route } from '../routes.ts';

const LOOK_MS = 50;
const LONGEST_WAIT_SECONDS = 60;

export const foxxLogApi: readonly Route[] = [
  get('/_api/foxx/log', 'manage', async (request) => {
    const { query } = request;
    const untilMs = clock.monotonic() + Math.min(query.findNumber('wait') ?? 0, LONGEST_WAIT_SECONDS) * 1000;
    let lines = wantedLines(request);
    while (lines.length === 0 && clock.monotonic() < untilMs) {
      await sleep(LOOK_MS);
      lines = wantedLines(request);
    }
    const offset = query.findNumber('offset') ?? 0;
    const size = query.findNumber('size');
    const page = lines.slice(offset, size === undefined ? undefined : offset + size);
    const messages = page.map(({ id, level, time, message, source }) => ({
      id,
      level: level.toUpperCase(),
      date: new Date(time).toISOString(),
      message,
      ...(source === undefined ? {} : { file: source.file, line: source.line }),
    }));
    return answerJson(200, { total: lines.length, messages });
  }),
];

function wantedLines({ context, ownDatabase: database, query }: ApiRequest): ServiceLine[] {
  const mount = query.get('mount');
  context.services.get(database, mount);
  const exact = query.find('level');
  const rank = rankOf(exact ?? query.find('upto') ?? 'debug');
  const start = query.findNumber('start') ?? 0;
  const search = query.find('search')?.toLowerCase() ?? '';
  const lines = context.serviceLog.lines(database.name, mount).filter(({ id, level, message }) => {
    const own = LOG_LEVELS.indexOf(level);
    return (exact === undefined ? own <= rank : own === rank) && id >= start && message.toLowerCase().includes(search);
  });
  return query.find('sort')?.toLowerCase() === 'desc' ? lines.toReversed() : lines;
}

/** By name or number. */
function rankOf(text: string): number {
  const level = LOG_LEVELS.find((name: LogLevel, rank) => name === text.toLowerCase() || String(rank) === text);
  if (level !== undefined) return LOG_LEVELS.indexOf(level);
  throw new ArangoError('ERROR_HTTP_BAD_PARAMETER', `the log level must be one of ${LOG_LEVELS.join(', ')} and is "${text}"`);
}
