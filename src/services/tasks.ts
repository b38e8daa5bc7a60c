/**
 * Tasks: code that the server runs later, or again and again, until it restarts. They belong to a database and to no service.
 *
 * All threads share one table of them, so a task outlives the thread that registered it, and the one that runs it. The next run of a
 * periodic task is counted from the end of the one before: it is never under way twice.
 */
import { ArangoError, clock } from '#base';
import type { Cluster, SharedText } from '#cluster';
import type { Databases } from '#database';
import type { Task, TaskHost, TaskOptions } from '#modules';
import type { Value } from '#values';

interface Entry {
  readonly task: Task;
  readonly params?: Value;
  /** The user with whose rights it runs; absent: the server. */
  readonly user?: string;
  readonly runAtMs: number;
  /** The thread that runs it now. */
  readonly runner?: string;
}

export interface TasksOptions {
  readonly cluster: Cluster;
  readonly table: SharedText;
  readonly databases: Databases;
  /** Something is due at this time. */
  readonly wake: (dueAtMs: number) => void;
  /** This thread, by a name that no other has had. */
  readonly self: string;
  readonly isAlive: (thread: string) => boolean;
  /** Runs a function that came as text in a database. */
  readonly call: (database: string, text: string, argv: readonly unknown[], user: string | undefined) => unknown;
}

const LOCK = 'tasks';
const DEFAULT_NAME = 'user-defined task';

export class Tasks {
  readonly #options: TasksOptions;

  constructor(options: TasksOptions) {
    this.#options = options;
  }

  /** As one database sees them. */
  of(database: string, user?: string): TaskHost {
    return {
      register: (options) => this.#register(database, user, options),
      unregister: (id) => this.#unregister(database, id),
      get: (id) => {
        const found = this.#read().find((entry) => entry.task.id === id && entry.task.database === database);
        if (found === undefined) throw new ArangoError('ERROR_TASK_NOT_FOUND');
        return found.task;
      },
      list: () =>
        this.#read()
          .map(({ task }) => task)
          .filter((task) => task.database === database),
    };
  }

  /** Ids of tasks that are to run now, and when the next one is due. */
  due(): { readonly ids: readonly string[]; readonly nextAtMs: number | undefined } {
    const now = clock.now();
    const entries = this.#read();
    if (entries.some((entry) => this.#isOrphan(entry)))
      this.#change((all) => all.flatMap((entry) => (this.#isOrphan(entry) ? afterRun(entry, now) : [entry])));
    const idle = this.#read().filter(({ runner }) => runner === undefined);
    const waiting = idle.filter(({ runAtMs }) => runAtMs > now).map(({ runAtMs }) => runAtMs);
    return {
      ids: idle.filter(({ runAtMs }) => runAtMs <= now).map(({ task }) => task.id),
      nextAtMs: waiting.length === 0 ? undefined : Math.min(...waiting),
    };
  }

  /** Runs a task that is due; nothing when another thread has it, or it is gone. What it throws goes upwards. */
  run(id: string): void | Promise<void> {
    const entry = this.#claim(id);
    if (entry === undefined) return undefined;
    if (this.#options.databases.find(entry.task.database) === undefined) return this.#unregister(entry.task.database, id);
    let pending: unknown;
    try {
      const { command, database } = entry.task;
      pending = this.#options.call(database, `function (params) { ${command}\n}`, [entry.params], entry.user);
    } finally {
      if (!isThenable(pending)) this.#finish(entry);
    }
    if (!isThenable(pending)) return undefined;
    return Promise.resolve(pending)
      .then(() => undefined)
      .finally(() => this.#finish(entry));
  }

  #register(database: string, user: string | undefined, options: TaskOptions): Task {
    const now = clock.now();
    const { command, period, params } = options;
    if (typeof command !== 'string') throw new ArangoError('ERROR_BAD_PARAMETER', 'command must be specified');
    if (period !== undefined && !(typeof period === 'number' && period > 0))
      throw new ArangoError('ERROR_BAD_PARAMETER', 'task period must be specified and positive');
    const offset = Math.max(0, numberOf(options.offset) ?? 0);
    const runAtMs = now + offset * 1000;
    const id = textOf(options.id);
    let task: Task | undefined;
    this.#change((entries) => {
      if (id !== undefined && entries.some((entry) => entry.task.id === id)) throw new ArangoError('ERROR_TASK_DUPLICATE_ID');
      task = {
        id: id ?? this.#options.databases.nextHeldId(),
        name: textOf(options.name) ?? DEFAULT_NAME,
        created: now / 1000,
        type: period === undefined ? 'timed' : 'periodic',
        ...(period === undefined ? {} : { period }),
        offset,
        command: `(function (params) { ${command} } )(params);`,
        database,
      };
      const entry: Entry = {
        task,
        ...(params === undefined ? {} : { params: params as Value }),
        ...(user === undefined ? {} : { user }),
        runAtMs,
      };
      return [...entries, entry];
    });
    this.#options.wake(runAtMs);
    return task as unknown as Task;
  }

  #unregister(database: string, id: string): void {
    this.#change((entries) => {
      const rest = entries.filter(({ task }) => task.id !== id || task.database !== database);
      if (rest.length === entries.length) throw new ArangoError('ERROR_TASK_NOT_FOUND');
      return rest;
    });
  }

  #claim(id: string): Entry | undefined {
    let claimed: Entry | undefined;
    this.#change((entries) =>
      entries.map((entry) => {
        if (entry.task.id !== id || entry.runner !== undefined || entry.runAtMs > clock.now()) return entry;
        claimed = { ...entry, runner: this.#options.self };
        return claimed;
      }),
    );
    return claimed;
  }

  #finish({ task: { id, created } }: Entry): void {
    const now = clock.now();
    this.#change((entries) =>
      entries.flatMap((entry) => {
        // It may have been taken back, and another one given its id.
        return entry.task.id === id && entry.task.created === created ? afterRun(entry, now) : [entry];
      }),
    );
  }

  #isOrphan({ runner }: Entry): boolean {
    return runner !== undefined && !this.#options.isAlive(runner);
  }

  #read(): readonly Entry[] {
    const text = this.#options.table.read();
    return text === '' ? [] : (JSON.parse(text) as readonly Entry[]);
  }

  #change(change: (entries: readonly Entry[]) => readonly Entry[]): void {
    const { cluster, table } = this.#options;
    cluster.withLock(
      LOCK,
      () => {
        if (!table.write(JSON.stringify(change(this.#read()))))
          throw new ArangoError('ERROR_RESOURCE_LIMIT', 'there is no room for more tasks');
      },
      { isLocal: true },
    );
  }
}

/** A period from now; one that was to run once is gone, also when its thread has ended. */
function afterRun({ runner: _runner, ...entry }: Entry, nowMs: number): readonly Entry[] {
  const { period } = entry.task;
  return period === undefined ? [] : [{ ...entry, runAtMs: nowMs + period * 1000 }];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
