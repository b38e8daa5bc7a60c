/**
 * The `console` of a service: lines go to the server's log, under the topic of JavaScript code and with the mount in front.
 *
 * On top of Node's methods it has ArangoDB's: `…Lines` logs each line as an entry of its own, `…Stack` an error with its causes.
 */
import { format, inspect } from 'node:util';
import { clock, describeError, isLogged, log, LOG_LEVELS, type LogLevel, type LogTopic } from '#base';

type Write = (...values: readonly unknown[]) => void;
type WriteError = (error: unknown, message?: string) => void;

export interface ServiceConsole {
  readonly log: Write;
  readonly info: Write;
  readonly debug: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly trace: Write;
  readonly logLines: Write;
  readonly infoLines: Write;
  readonly debugLines: Write;
  readonly warnLines: Write;
  readonly errorLines: Write;
  readonly infoStack: WriteError;
  readonly warnStack: WriteError;
  readonly errorStack: WriteError;
  readonly assert: (condition: unknown, ...values: readonly unknown[]) => void;
  readonly dir: (value: unknown) => void;
  readonly dirxml: Write;
  readonly table: Write;
  readonly count: (label?: string) => void;
  readonly countReset: (label?: string) => void;
  readonly time: (label?: string) => void;
  readonly timeLog: (label?: string, ...values: readonly unknown[]) => void;
  readonly timeEnd: (label?: string) => void;
  readonly group: Write;
  readonly groupCollapsed: Write;
  readonly groupEnd: () => void;
  readonly topic: (topicAndLevel: string, ...values: readonly unknown[]) => void;
}

const TOPIC: LogTopic = 'v8';

/** Is told of every text, also of levels that are not logged, but for `trace`. */
export type Remember = (level: LogLevel, text: string) => void;

export function createConsole(name: string, remember?: Remember): ServiceConsole {
  let indentation = '';
  const timers = new Map<string, number>();
  const counts = new Map<string, number>();

  // The log keeps an entry on one line, but for the details of an error: so further lines are those, or entries of their own.
  const write = (level: LogLevel, text: string): void => {
    if (level !== 'trace') remember?.(level, indentation + text);
    if (!isLogged(level, TOPIC)) return;
    const [first = '', ...others] = text.split('\n').map((line) => indentation + line);
    if (level === 'error' || level === 'warning') {
      log[level](TOPIC, `${name} ${first}`, others.length === 0 ? undefined : others.join('\n'));
    } else {
      for (const line of [first, ...others]) log[level](TOPIC, `${name} ${line}`);
    }
  };
  const writer =
    (level: LogLevel): Write =>
    (...values) => {
      if (remember !== undefined || isLogged(level, TOPIC)) write(level, format(...values));
    };
  const lineWriter =
    (level: LogLevel): Write =>
    (...values) => {
      for (const line of format(...values).split('\n')) write(level, line);
    };
  const stackWriter =
    (level: LogLevel): WriteError =>
    (error, message) => {
      const frame = typeof error === 'object' && error !== null && 'codeFrame' in error ? `\n${String(error.codeFrame)}` : '';
      write(level, `${message === undefined ? '' : `${message}\n`}${describeError(error)}${frame}`);
    };

  const info = writer('info');
  const group: Write = (...values) => {
    if (values.length > 0) info(...values);
    indentation += '  ';
  };
  const elapsed = (label: string): string | undefined => {
    const start = timers.get(label);
    if (start !== undefined) return `${label}: ${(clock.monotonic() - start).toFixed(3)} ms`;
    write('warning', `no timer is called "${label}"`);
    return undefined;
  };

  return {
    log: info,
    info,
    debug: writer('debug'),
    warn: writer('warning'),
    error: writer('error'),
    trace: (...values) => {
      if (!isLogged('trace', TOPIC)) return;
      write('trace', `${format(...values)}\n${callStack()}`);
    },
    logLines: lineWriter('info'),
    infoLines: lineWriter('info'),
    debugLines: lineWriter('debug'),
    warnLines: lineWriter('warning'),
    errorLines: lineWriter('error'),
    infoStack: stackWriter('info'),
    warnStack: stackWriter('warning'),
    errorStack: stackWriter('error'),
    assert: (condition, ...values) => {
      if (condition) return;
      const error = new Error(values.length === 0 ? 'Assertion failed' : `Assertion failed: ${format(...values)}`);
      error.name = 'AssertionError';
      stackWriter('error')(error);
      throw error;
    },
    dir: (value) => info(inspect(value)),
    dirxml: info,
    table: (...values) => info(...values.map((value) => inspect(value))),
    count: (label = 'default') => {
      const count = (counts.get(label) ?? 0) + 1;
      counts.set(label, count);
      info(`${label}: ${count}`);
    },
    countReset: (label = 'default') => void counts.delete(label),
    time: (label = 'default') => void timers.set(label, clock.monotonic()),
    timeLog: (label = 'default', ...values) => {
      const text = elapsed(label);
      if (text !== undefined) info(text, ...values);
    },
    timeEnd: (label = 'default') => {
      const text = elapsed(label);
      timers.delete(label);
      if (text !== undefined) info(text);
    },
    group,
    groupCollapsed: group,
    groupEnd: () => {
      indentation = indentation.slice(2);
    },
    topic: (topicAndLevel, ...values) => {
      const [topic = '', wanted] = topicAndLevel.split('=');
      const level = LOG_LEVELS.find((one) => one === wanted) ?? 'info';
      write(level, `{${topic}} ${format(...values)}`);
    },
  };
}

function callStack(): string {
  const lines = new Error('trace').stack?.split('\n') ?? [];
  return lines.slice(3).join('\n');
}
