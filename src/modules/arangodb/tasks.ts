/** `require('@arangodb/tasks')`: code that the server runs later or again and again, until it restarts. */
import { randomUUID } from 'node:crypto';
import { ArangoError, clock } from '#base';
import type { Environment } from '../environment.ts';
import type { Task, TaskHost } from '../service.ts';

interface TaskOptions {
  readonly id?: string;
  readonly name?: string;
  /** Seconds. */
  readonly period?: number;
  /** Seconds. */
  readonly offset?: number;
  readonly command: string | ((params: unknown) => unknown);
  readonly params?: unknown;
}

export function createTasks({ source }: Environment): object {
  const host = (): TaskHost => {
    const { tasks } = source.host;
    if (tasks === undefined) throw new ArangoError('ERROR_DISABLED', 'this server runs no tasks');
    return tasks;
  };
  return {
    /** The task. A function is kept as its source; a text is the body of one, with `params`. */
    register(options: TaskOptions): Task {
      const { command, period, params, name, offset = 0 } = options;
      if (typeof command !== 'function' && typeof command !== 'string')
        throw new ArangoError('ERROR_BAD_PARAMETER', 'command must be specified');
      if (period !== undefined && !(period > 0)) throw new ArangoError('ERROR_BAD_PARAMETER', 'period must be specified and positive');
      const id = options.id ?? randomUUID();
      const task: Task = {
        id,
        name: name ?? 'user-defined task',
        type: period === undefined ? 'timed' : 'periodic',
        ...(period === undefined ? {} : { period }),
        offset,
        command: typeof command === 'function' ? Function.prototype.toString.call(command) : `(function (params) { ${command}\n})`,
        ...(params === undefined ? {} : { params }),
        created: clock.now() / 1000,
        database: source.database.name,
      };
      host().register(task);
      return task;
    },

    /** By id, or by the task itself. Throws 1852. */
    unregister: (task: string | { readonly id: string }) => host().unregister(idOf(task)),

    /** One, or all of this database. Throws 1852. */
    get(task?: string | { readonly id: string }): Task | Task[] {
      const own = host()
        .list()
        .filter(({ database }) => database === source.database.name);
      if (task === undefined) return own;
      const found = own.find(({ id }) => id === idOf(task));
      if (found === undefined) throw new ArangoError('ERROR_TASK_NOT_FOUND');
      return found;
    },

    createNewId: () => randomUUID(),
  };
}

function idOf(task: string | { readonly id: string }): string {
  return typeof task === 'object' ? task.id : task;
}
