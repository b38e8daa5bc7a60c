/**
 * The `console` of a legacy service: levels of the service's own, and entries that are kept in the collection `_foxxlog` beside the
 * server's log, where `console.logs` finds them again.
 */
import { AssertionError } from 'node:assert';
import { format, inspect } from 'node:util';
import { clock } from '#base';
import type { ArangoCollection } from '../arangodb/collection.ts';
import type { ServiceConsole } from '../arangodb/console.ts';
import type { Db } from '../arangodb/db.ts';

const COLLECTION = '_foxxlog';
const LEVELS: Readonly<Record<string, number>> = { TRACE: -200, DEBUG: -100, INFO: 0, WARN: 100, ERROR: 200 };
const CUSTOM_WEIGHT = 50;
const DEFAULT_AGE_MS = 2 * 60 * 60 * 1000;

type Write = (...values: readonly unknown[]) => void;

interface LogQuery {
  readonly startTime?: number;
  readonly endTime?: number;
  readonly level?: string | number;
  readonly minLevel?: string | number;
  readonly offset?: number;
  readonly limit?: number;
  readonly sort?: string;
}

interface Settings {
  readonly native: boolean;
  readonly database: boolean;
  readonly tracing: boolean;
  readonly assertThrows: boolean;
  readonly minLevel: number;
}

/** Makes the consoles of a service: `console('/mount')` as services call it, and the one that their code sees. */
export function createLegacyConsole(native: ServiceConsole, db: Db, mount: string): object {
  const create = (name = mount): LegacyConsole => new LegacyConsole(native, db, name);
  return Object.assign(create, { Console: LegacyConsole });
}

export class LegacyConsole {
  readonly logs: { readonly list: unknown; readonly searchByMessage: unknown; readonly searchByFileName: unknown };
  readonly debug: Write;
  readonly info: Write;
  readonly log: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly #native: ServiceConsole;
  readonly #db: Db;
  readonly #mount: string;
  readonly #levels: Record<string, number> = { ...LEVELS };
  readonly #timers = new Map<string, number>();
  #settings: Settings = { native: true, database: true, tracing: false, assertThrows: false, minLevel: -Infinity };

  constructor(native: ServiceConsole, db: Db, mount: string) {
    this.#native = native;
    this.#db = db;
    this.#mount = mount;
    this.debug = this.custom('DEBUG', -100);
    this.info = this.custom('INFO', 0);
    this.log = this.info;
    this.warn = this.custom('WARN', 100);
    this.error = this.custom('ERROR', 200);
    this.logs = {
      list: (options?: LogQuery) => this.#find('true', {}, options),
      searchByMessage: (text: string, options?: LogQuery) => this.#find('CONTAINS(LOWER(entry.message), LOWER(@text))', { text }, options),
      searchByFileName: (text: string, options?: LogQuery) => {
        if (!this.#settings.tracing) throw new Error('Tracing must be enabled in order to search by filename.');
        return this.#find('CONTAINS(LOWER(entry.stack), LOWER(@text))', { text }, options);
      },
    };
    // Services take the methods off the object.
    for (const name of ['assert', 'dir', 'time', 'timeEnd', 'trace', 'custom'] as const)
      Object.assign(this, { [name]: this[name].bind(this) });
  }

  custom(level: string, weight: number = CUSTOM_WEIGHT): Write {
    this.#levels[level] = Number.isNaN(weight) ? CUSTOM_WEIGHT : weight;
    return (...values) => this.#write(level, format(...values));
  }

  assert(condition: unknown, message?: string): void {
    if (condition) return;
    const error = new AssertionError({ message: message ?? 'Assertion failed', actual: condition, expected: true, operator: '==' });
    this.#write('ERROR', error.stack ?? error.message);
    if (this.#settings.assertThrows) throw error;
  }

  dir(value: unknown): void {
    this.#write('INFO', inspect(value));
  }

  time(label: string): void {
    this.#timers.set(label, clock.monotonic());
  }

  timeEnd(label: string): void {
    const start = this.#timers.get(label);
    if (start === undefined) throw new Error(`No such label: ${label}`);
    this.#timers.delete(label);
    this.#write('INFO', `${label}: ${Math.round(clock.monotonic() - start)}ms`);
  }

  trace(message?: string): void {
    this.#write('TRACE', stackOf(message));
  }

  setLogLevel(level: string | number): number {
    const minLevel = typeof level === 'string' ? this.#weightOf(level) : typeof level === 'number' ? level : -Infinity;
    this.#settings = { ...this.#settings, minLevel };
    return minLevel;
  }

  setTracing(tracing: unknown): boolean {
    this.#settings = { ...this.#settings, tracing: Boolean(tracing) };
    return this.#settings.tracing;
  }

  setNativeLogging(native: unknown): boolean {
    this.#settings = { ...this.#settings, native: Boolean(native) };
    return this.#settings.native;
  }

  setDatabaseLogging(database: unknown): boolean {
    this.#settings = { ...this.#settings, database: Boolean(database) };
    return this.#settings.database;
  }

  setAssertThrows(assertThrows: unknown): boolean {
    this.#settings = { ...this.#settings, assertThrows: Boolean(assertThrows) };
    return this.#settings.assertThrows;
  }

  #write(level: string, message: string): void {
    const levelNum = this.#weightOf(level);
    const { native, database, tracing, minLevel } = this.#settings;
    if (levelNum < minLevel) return;
    const stack = tracing ? stackOf() : undefined;
    if (native) this.#writeNative(level, levelNum, stack === undefined ? message : `${message}\n${stack}`);
    if (!database) return;
    try {
      this.#collection().save({
        mount: this.#mount,
        level,
        levelNum,
        time: clock.now(),
        message,
        ...(stack === undefined ? {} : { stack }),
      });
    } catch (error) {
      // A transaction that writes other collections only, or a read-only server: the entry is in the server's log.
      this.#native.debug(`an entry was not kept in ${COLLECTION}: ${String(error)}`);
    }
  }

  #writeNative(level: string, levelNum: number, message: string): void {
    const text = Object.hasOwn(LEVELS, level) ? message : `(${level}) ${message}`;
    if (levelNum >= 200) this.#native.error(text);
    else if (levelNum >= 100) this.#native.warn(text);
    else if (levelNum <= -100) this.#native.debug(text);
    else this.#native.info(text);
  }

  #collection(): ArangoCollection {
    const found = this.#db._collection(COLLECTION);
    if (found !== null) return found;
    const created = this.#db._createDocumentCollection(COLLECTION, { isSystem: true });
    created.ensureIndex({ type: 'skiplist', fields: ['mount', 'time'] });
    return created;
  }

  #find(condition: string, bindVars: object, options: LogQuery = {}): unknown[] {
    if (this.#db._collection(COLLECTION) === null) return [];
    const { startTime = clock.now() - DEFAULT_AGE_MS, endTime, level, minLevel, offset = 0, limit, sort = 'ASC' } = options;
    const query = `FOR entry IN @@collection FILTER entry.mount == @mount AND entry.time >= @startTime
      FILTER @endTime == null OR entry.time <= @endTime
      FILTER @level == null OR entry.level == @level OR entry.levelNum == @level
      FILTER @minLevel == null OR entry.levelNum >= @minLevel
      FILTER ${condition} SORT entry.time ${limit === undefined ? '' : 'LIMIT @offset, @limit'} RETURN entry`;
    const found = this.#db
      ._query(query, {
        '@collection': COLLECTION,
        mount: this.#mount,
        startTime,
        endTime: endTime ?? null,
        level: level ?? null,
        minLevel: typeof minLevel === 'string' ? this.#weightOf(minLevel) : (minLevel ?? null),
        ...(limit === undefined ? {} : { offset, limit }),
        ...bindVars,
      })
      .toArray();
    return sort.toUpperCase() === 'DESC' ? found.toReversed() : found;
  }

  #weightOf(level: string): number {
    const weight = this.#levels[level];
    if (weight === undefined) throw new Error(`Unknown log level: ${level}`);
    return weight;
  }
}

function stackOf(message = 'Trace'): string {
  const [head = '', ...frames] = (new Error(message).stack ?? '').split('\n');
  return [head.replace(/^Error/, 'Trace'), ...frames.slice(2)].join('\n');
}
