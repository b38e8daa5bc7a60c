/**
 * The worker's half of what the server does without being asked: what is due, and the running of it. The front's half, which knows when,
 * is `src/front/errands.ts`; the two speak of plans: what to run, and when to look again.
 */
import { clock, log, type HttpAnswer, type HttpRequest } from '#base';
import type { JobName, QueueJobs, Tasks } from '#services';
import type { Chore } from './chores.ts';

export interface ErrandsOptions {
  /** Paths that only this server knows begin with this. */
  readonly path: string;
  /** undefined: jobs are not run. */
  readonly jobs: QueueJobs | undefined;
  readonly tasks: Tasks | undefined;
  readonly chores: readonly Chore[];
  /** The coordinator has its lease. */
  readonly isCurrent: () => boolean;
}

const RETRY_MS = 1_000;

interface Plan {
  readonly run: readonly string[];
  readonly lookAtMs?: number;
}

interface Look {
  readonly ended: readonly { readonly url: string; readonly message: string }[];
}

/** Undefined for every request that a client has sent. */
export function createErrands({
  path,
  jobs,
  tasks,
  chores,
  isCurrent,
}: ErrandsOptions): (request: HttpRequest) => HttpAnswer | Promise<HttpAnswer> | undefined {
  function look({ ended }: Look): Plan {
    // A database that is out of reach would hold up this thread, and with it the answers of requests that wait for the lease.
    if (!isCurrent() && ended.length === 0) return unite(planOfChores(), planOf([], clock.now() + RETRY_MS));
    const reasons = ended.map(({ url, message }) => [url.replace(/^job\//, ''), message] as const);
    const ofJobs = planOfJobs(jobs?.due(new Map(reasons.map(([name, message]) => [decodeURIComponent(name), message]))));
    return unite(planOfChores(), unite(ofJobs, planOfTasks()));
  }

  function planOfChores(): Plan {
    return planOf(chores.filter((chore) => chore.isDue()).map(({ name }) => `chore/${name}`));
  }

  function runChore(name: string): Plan {
    try {
      chores.find((chore) => chore.name === name)?.run();
      return planOfChores();
    } catch (error) {
      log.error('cluster', `Could not ${name} what other coordinators have changed; it is tried again`, error);
      return planOf([], clock.now() + RETRY_MS);
    }
  }

  function planOfTasks(): Plan {
    const due = tasks?.due();
    return planOf(due?.ids.map((id) => `task/${encodeURIComponent(id)}`) ?? [], due?.nextAtMs);
  }

  function runJob(name: JobName): Plan | Promise<Plan> {
    const followUp = (): Plan => planOfJobs(jobs?.due(undefined, name.database));
    const pending = jobs?.run(name);
    return pending === undefined ? followUp() : pending.then(followUp);
  }

  function runTask(id: string): Plan | Promise<Plan> {
    const fail = (error: unknown): void => log.error('general', `The task "${id}" failed`, error);
    try {
      const pending = tasks?.run(id);
      return pending === undefined ? planOfTasks() : pending.catch(fail).then(planOfTasks);
    } catch (error) {
      fail(error);
      return planOfTasks();
    }
  }

  return (request) => {
    const { url } = request;
    if (!url.startsWith(path)) return undefined;
    // Only now: the body of a request that somebody sent is read once it is known who that is.
    const { body } = request;
    const [what, first = '', second = ''] = url.slice(path.length).split('/').map(decodeURIComponent);
    switch (what) {
      case 'look':
        return answerWith(look(JSON.parse(Buffer.from(body).toString()) as Look));
      case 'job':
        return answerWith(runJob({ database: first, key: second }));
      case 'chore':
        return answerWith(runChore(first));
      case 'task':
        return answerWith(runTask(first));
      default:
        return undefined;
    }
  };
}

function planOfJobs(due: ReturnType<QueueJobs['due']> | undefined): Plan {
  const urls = due?.jobs.map(({ database, key }) => `job/${encodeURIComponent(database)}/${encodeURIComponent(key)}`);
  return planOf(urls ?? [], due?.nextAtMs);
}

function planOf(run: readonly string[], lookAtMs?: number): Plan {
  return { run, ...(lookAtMs === undefined ? {} : { lookAtMs }) };
}

function unite(one: Plan, other: Plan): Plan {
  const lookAtMs = Math.min(one.lookAtMs ?? Infinity, other.lookAtMs ?? Infinity);
  return planOf([...one.run, ...other.run], lookAtMs === Infinity ? undefined : lookAtMs);
}

function answerWith(plan: Plan | Promise<Plan>): HttpAnswer | Promise<HttpAnswer> {
  if (plan instanceof Promise) return plan.then(answerWith);
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(plan) };
}
