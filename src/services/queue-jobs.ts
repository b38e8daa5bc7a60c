/**
 * Running the jobs of queues.
 *
 * Which jobs are due is looked up by anybody; who runs one is settled by a claim, a transaction that counts what runs in the queue and
 * marks the job as its own. So no job runs twice at a time and no queue runs more than it may, however many look. What a run has come to
 * is written only while the job is still its own: a job that was aborted meanwhile stays as it is.
 *
 * A job in progress whose thread is gone has failed once more. Those that a whole server left behind, when it was killed, are run again: by
 * any other coordinator once that one is taken for dead, or from its own next start on.
 */
import { ArangoError, clock, describeError, isArangoError, log } from '#base';
import type { Database, Databases } from '#database';
import type { Value, ValueObject } from '#values';
import { afterRun, type JobDocument, type RunOutcome } from './job-document.ts';

export interface QueueJobsOptions {
  readonly databases: Databases;
  /** This thread, by a name that no other has had. */
  readonly self: () => string;
  /** Of a thread by its name, whosever it is. */
  readonly fateOf: (thread: string) => ThreadFate;
  /** False while others look after the jobs of all databases. */
  readonly looksNow: () => boolean;
  /** All databases were looked at; the next job is due at that time, if there is one. */
  readonly nextLook: (atMs: number) => void;
  /** Runs a script of a service, with the rights of a user of the database; without one with those of the server. */
  readonly runScript: (database: Database, mount: string, name: string, argv: readonly unknown[], user: string | undefined) => unknown;
  /** Calls a function that came as text and belongs to a service. */
  readonly call: (database: Database, mount: string, text: string, argv: readonly unknown[]) => unknown;
}

/** `here`, `elsewhere`: at work, in this process or another. `ended`: it has ended, and this process goes on. `lost`: gone with its process. */
export type ThreadFate = 'here' | 'elsewhere' | 'ended' | 'lost';

export interface JobName {
  readonly database: string;
  readonly key: string;
}

export interface DueJobs {
  readonly jobs: readonly JobName[];
  readonly nextAtMs: number | undefined;
}

const JOBS = '_jobs';
const DEFAULT_QUEUE = 'default';

const DUE = `
  LET queues = UNION_DISTINCT((FOR queue IN _queues RETURN queue._key), ["${DEFAULT_QUEUE}"])
  FOR name IN queues
    LET allowed = DOCUMENT("_queues", name).maxWorkers
    LET running = COUNT(FOR job IN ${JOBS} FILTER job.status == "progress" AND job.queue == name RETURN 1)
    LET free = MAX([0, (allowed || 1) - running])
    LET due = free == 0 ? [] : (
      FOR job IN ${JOBS} FILTER job.status == "pending" AND job.queue == name AND job.delayUntil <= @now
      SORT job.delayUntil LIMIT 64 RETURN job._key
    )
    LET next = FIRST(
      FOR job IN ${JOBS} FILTER job.status == "pending" AND job.queue == name AND job.delayUntil > @now
      SORT job.delayUntil LIMIT 1 RETURN job.delayUntil
    )
    RETURN { keys: SLICE(due, 0, free), next }`;

export class QueueJobs {
  readonly #options: QueueJobsOptions;
  #runs = 0;

  constructor(options: QueueJobsOptions) {
    this.#options = options;
  }

  /** For the start: what the last process was doing when it ended is run again. */
  recover(): void {
    for (const database of this.#withJobs()) this.#seeToOrphans(database, new Map());
  }

  /** In all databases, or in one. `ended` are jobs whose runs were ended from outside, with the reason. */
  due(ended: ReadonlyMap<string, string> = new Map(), only?: string): DueJobs {
    if (only === undefined && ended.size === 0 && !this.#options.looksNow()) return { jobs: [], nextAtMs: undefined };
    const jobs: JobName[] = [];
    let nextAtMs = Infinity;
    for (const database of this.#withJobs(only)) {
      this.#seeToOrphans(database, ended);
      for (const { keys, next } of database.query({ query: DUE, bindVars: { now: clock.now() } }).toArray() as unknown as readonly {
        readonly keys: readonly string[];
        readonly next: number | null;
      }[]) {
        jobs.push(...keys.map((key) => ({ database: database.name, key })));
        nextAtMs = Math.min(nextAtMs, next ?? Infinity);
      }
    }
    if (only === undefined) this.#options.nextLook(jobs.length > 0 ? clock.now() : nextAtMs);
    return { jobs, nextAtMs: nextAtMs === Infinity ? undefined : nextAtMs };
  }

  /** Runs a job that is due, to the end of this try; nothing when it is not there to be had any more. */
  run({ database: databaseName, key }: JobName): void | Promise<void> {
    const database = this.#options.databases.find(databaseName);
    const claimed = database && this.#claim(database, key);
    if (database === undefined || claimed === undefined) return undefined;
    const { job, user } = claimed;
    let result: unknown;
    try {
      result = this.#start(database, job, user);
    } catch (error) {
      return this.#finish(database, job, { is: 'failed', error: describeFailure(error) });
    }
    if (!isThenable(result)) return this.#finish(database, job, { is: 'done', result });
    return Promise.resolve(result).then(
      (later) => this.#finish(database, job, { is: 'done', result: later }),
      (error: unknown) => this.#finish(database, job, { is: 'failed', error: describeFailure(error) }),
    );
  }

  *#withJobs(only?: string): Iterable<Database> {
    const { databases } = this.#options;
    for (const name of only === undefined ? databases.list() : [only]) {
      const database = databases.find(name);
      const jobs = database?.findCollection(JOBS);
      if (database !== undefined && jobs !== undefined && database.findCollection('_queues') !== undefined && jobs.count() > 0)
        yield database;
    }
  }

  #claim(database: Database, key: string): { readonly job: JobDocument; readonly user: string | undefined } | undefined {
    return database.executeTransaction({ collections: { read: ['_queues'], exclusive: [JOBS] } }, () => {
      const now = clock.now();
      const [found] = database
        .query({
          query: `
            LET job = DOCUMENT("${JOBS}", @key)
            LET queue = DOCUMENT("_queues", job.queue)
            FILTER job.status == "pending" AND job.delayUntil <= @now AND (queue != null OR job.queue == "${DEFAULT_QUEUE}")
            LET running = COUNT(FOR other IN ${JOBS} FILTER other.status == "progress" AND other.queue == job.queue RETURN 1)
            FILTER running < (queue.maxWorkers || 1)
            RETURN { job, user: queue.runAsUser }`,
          bindVars: { key, now },
        })
        .toArray() as unknown as readonly { readonly job: JobDocument; readonly user: string | null }[];
      if (found === undefined) return undefined;
      const changes = { status: 'progress', modified: now, startedBy: `${this.#options.self()}/${++this.#runs}` } as const;
      database.getCollection(JOBS).update(key, changes);
      return { job: { ...found.job, ...changes }, user: found.user || undefined };
    });
  }

  #start(database: Database, { _id, type, data }: JobDocument, user: string | undefined): unknown {
    const { mount, name } = type;
    if (mount === undefined)
      throw new ArangoError('ERROR_SERVICE_NOT_FOUND', { message: `the job names no mount for its script "${name}"` });
    const argv = [...(Array.isArray(data) ? data : [data]), _id];
    return this.#options.runScript(database, mount, name, argv, user);
  }

  #finish(database: Database, claimed: JobDocument, outcome: RunOutcome): void {
    const ended = this.#write(database, claimed, outcome);
    if (ended === undefined) return;
    const { job, callback } = ended;
    if (outcome.is === 'failed') {
      const { message } = outcome.error as { readonly message: string };
      log.warning('general', `Job ${job._id} of "${job.type.mount ?? ''}" (${job.type.name}) failed: ${message}`);
    }
    if (callback === undefined) return;
    const source = job[callback];
    if (typeof source !== 'string') return;
    try {
      const result = outcome.is === 'done' ? outcome.result : undefined;
      this.#options.call(database, job.type.mount ?? '', source, [result, job.data, job]);
    } catch (error) {
      log.error('general', `The ${callback} function of job ${job._id} threw`, error);
    }
  }

  /** Undefined when the job is not that run's any more. */
  #write(
    database: Database,
    claimed: JobDocument,
    outcome: RunOutcome,
  ): { readonly job: JobDocument; readonly callback: 'success' | 'failure' | undefined } | undefined {
    // Outside the transaction, for it may call a function of the service.
    const { changes, callback } = afterRun(claimed, outcome, {
      nowMs: clock.now(),
      call: (source, argument) => this.#options.call(database, claimed.type.mount ?? '', source, [argument]),
    });
    return database.executeTransaction({ collections: { exclusive: [JOBS] } }, () => {
      const [current] = database
        .query({ query: `FOR job IN ${JOBS} FILTER job._key == @key RETURN job`, bindVars: { key: claimed._key } })
        .toArray() as unknown as readonly JobDocument[];
      if (current?.status !== 'progress' || current.startedBy !== claimed.startedBy) return undefined;
      database.getCollection(JOBS).update(current._key, changes, { mergeObjects: false });
      return { job: { ...current, ...changes }, callback };
    });
  }

  #seeToOrphans(database: Database, ended: ReadonlyMap<string, string>): void {
    const running = database.query({
      query: `FOR job IN ${JOBS} FILTER job.status == "progress" RETURN job`,
    });
    for (const job of running.toArray() as unknown as readonly JobDocument[]) {
      const fate = this.#options.fateOf(job.startedBy?.slice(0, job.startedBy.lastIndexOf('/')) ?? '');
      const reason = ended.get(`${database.name}/${job._key}`);
      if (fate === 'lost') this.#runAgain(database, job);
      else if (fate === 'ended' || (fate === 'here' && reason !== undefined)) {
        const message = reason ?? 'the worker ended before the job did';
        this.#finish(database, job, { is: 'failed', error: { name: 'Error', message } });
      }
    }
  }

  #runAgain(database: Database, lost: JobDocument): void {
    log.info('general', `Job ${lost._id} was left behind by a server that is gone; it is run again`);
    database.executeTransaction({ collections: { exclusive: [JOBS] } }, () => {
      database.query({
        query: `
          FOR job IN ${JOBS} FILTER job._key == @key AND job.status == "progress" AND job.startedBy == @startedBy
          UPDATE job WITH { status: "pending", modified: @now } IN ${JOBS}`,
        bindVars: { key: lost._key, startedBy: lost.startedBy ?? null, now: clock.now() },
      });
    });
  }
}

/** What of an error goes into the job's `failures`. */
function describeFailure(error: unknown): Value {
  if (!(error instanceof Error) && !isArangoError(error)) return { name: 'Error', message: describeError(error) };
  const { name, message, stack, errorNum, code, statusCode } = error as Error & Readonly<Record<string, unknown>>;
  const known: Record<string, unknown> = { name, message, stack, errorNum, code, statusCode };
  return Object.fromEntries(
    Object.entries(known).filter(([, value]) => typeof value === 'string' || typeof value === 'number'),
  ) as ValueObject;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
