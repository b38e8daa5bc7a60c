/** `require('@arangodb/tasks')`: code that the server runs later or again and again, until it restarts. */
import { randomUUID } from 'node:crypto';
import { compileFunction } from 'node:vm';
import { ArangoError } from '#base';
import type { Environment } from '../environment.ts';
import type { Task, TaskHost, TaskOptions } from '../service.ts';
import { toValue } from './plain-value.ts';

export function createTasks({ source }: Environment): object {
  const host = (): TaskHost => {
    const { tasks } = source.host;
    if (tasks === undefined) throw new ArangoError('ERROR_FORBIDDEN', 'JavaScript tasks are disabled');
    return tasks;
  };
  return {
    /** The task. A function is kept as its source, so it sees nothing of what is around it; a text is the body of one. */
    register: (options: TaskOptions): Task => {
      const { command, params } = options;
      if (typeof command === 'string') checkSyntax(command);
      const text = typeof command === 'function' ? `(${Function.prototype.toString.call(command)})(params);` : command;
      return host().register({ ...options, command: text, ...(params === undefined ? {} : { params: toValue(params) }) });
    },

    /** By id, or by the task itself. Throws 1852. */
    unregister: (task?: string | number | { readonly id: string }) => {
      if (task === undefined) throw new ArangoError('ERROR_BAD_PARAMETER', 'unregister(<id>)');
      host().unregister(idOf(task));
    },

    /** One, or all of this database. Throws 1852. */
    get: (task?: string | number | { readonly id: string }): Task | readonly Task[] =>
      task === undefined ? host().list() : host().get(idOf(task)),

    createNewId: () => randomUUID(),
  };
}

/** Throws 10. */
function checkSyntax(body: string): void {
  try {
    compileFunction(body, ['params']);
  } catch (cause) {
    throw new ArangoError('ERROR_BAD_PARAMETER', `cannot compile command: ${String(cause)}`, { cause });
  }
}

function idOf(task: string | number | { readonly id: string }): string {
  return typeof task === 'object' ? task.id : String(task);
}
