/**
 * `require('@arangodb/foxx/queues')`: queues and jobs are documents in `_queues` and `_jobs`; the server's scheduler runs them. Functions
 * that go with a job are kept as their source, so they see nothing of what is around them.
 */
import { clock, isArangoError } from '#base';
import type { ArangoCollection } from '../arangodb/collection.ts';
import type { Environment } from '../environment.ts';
import type { Schema } from './schema.ts';

const WORKERS_LIMIT = 64;
const DOCUMENT_NOT_FOUND = 1202;
const DEFAULT_QUEUE = 'default';

interface JobType {
  readonly name: string;
  readonly mount?: string;
  readonly schema?: Schema;
  readonly preprocess?: unknown;
  readonly backOff?: unknown;
  readonly maxFailures?: unknown;
  readonly [option: string]: unknown;
}

interface JobOptions {
  readonly success?: unknown;
  readonly failure?: unknown;
  readonly delayUntil?: number | Date;
  readonly delay?: number;
  readonly backOff?: unknown;
  readonly maxFailures?: number;
  readonly repeatTimes?: number;
  readonly repeatUntil?: number | Date;
  readonly repeatDelay?: number;
}

interface JobDocument {
  readonly _key: string;
  readonly status: 'pending' | 'progress' | 'complete' | 'failed';
  readonly failures: readonly unknown[];
  readonly [attribute: string]: unknown;
}

export function createQueues(environment: Environment): object {
  const store = new JobStore(environment);
  return {
    /** Throws when there is none. */
    get: (name: string) => {
      if (name !== DEFAULT_QUEUE && !store.hasQueue(name)) throw new Error(`Queue does not exist: ${name}`);
      return new Queue(name, store);
    },
    /** Makes the queue, or changes how many of its jobs run at once. */
    create: (name: string, maxWorkers = 1) => {
      store.saveQueue(name, maxWorkers);
      return new Queue(name, store);
    },
    /** Its jobs stay, and do not run. False when there is none. */
    delete: (name: string) => store.removeQueue(name),
  };
}

class JobStore {
  readonly #environment: Environment;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  get mount(): string {
    return this.#environment.source.mount;
  }

  get jobs(): ArangoCollection {
    return this.#collection('_jobs');
  }

  hasQueue(name: string): boolean {
    return this.#collection('_queues').exists(name) !== false;
  }

  saveQueue(name: string, maxWorkers: number): void {
    const limit = Math.min(Math.max(1, Math.trunc(maxWorkers) || 1), WORKERS_LIMIT);
    const { user } = this.#environment.source.database;
    this.#collection('_queues').insert({ _key: name, maxWorkers: limit, runAsUser: user ?? '' }, { overwriteMode: 'replace' });
  }

  removeQueue(name: string): boolean {
    return unlessMissing(() => this.#collection('_queues').remove(name)) !== undefined;
  }

  /** Ids of jobs, those first that are due first. */
  find(queue: string, status?: string, type?: JobType): unknown[] {
    const filters = ['FILTER job.queue == @queue'];
    const bindVars: Record<string, unknown> = { queue };
    if (status !== undefined) {
      filters.push('FILTER job.status == @status');
      bindVars['status'] = status;
    }
    if (type !== undefined) {
      filters.push('FILTER job.type.name == @name AND job.type.mount == @mount');
      bindVars['name'] = type.name;
      bindVars['mount'] = type.mount ?? null;
    }
    const query = `FOR job IN _jobs ${filters.join(' ')} SORT job.delayUntil RETURN job._id`;
    return this.jobs && this.#environment.db._query(query, bindVars).toArray();
  }

  wake(dueAtMs: number): void {
    this.#environment.source.host.jobs?.wake(dueAtMs);
  }

  transaction<Result>(action: () => Result): Result {
    return this.#environment.db._executeTransaction({ collections: { exclusive: ['_jobs'] }, action }) as Result;
  }

  /** The server makes these with a database; a database that is older may lack them. */
  #collection(name: string): ArangoCollection {
    const { db } = this.#environment;
    return db._collection(name) ?? db._createDocumentCollection(name, { isSystem: true });
  }
}

class Queue {
  readonly name: string;
  readonly #store: JobStore;

  constructor(name: string, store: JobStore) {
    this.name = name;
    this.#store = store;
  }

  /** The id of the job. Throws when the data do not fit the type's schema. */
  push(given: JobType | string, data?: unknown, options: JobOptions = {}): string {
    if (!given) throw new Error('Must pass a job type!');
    const { schema, preprocess, ...type } = typeof given === 'string' ? { name: given, mount: this.#store.mount } : given;
    let value = schema === undefined ? data : validate(data, schema);
    if (typeof preprocess === 'function') value = (preprocess as (data: unknown) => unknown)(value);
    const now = clock.now();
    const delayUntil = (toNumber(options.delayUntil) || now) + toNumber(options.delay);
    const job = {
      status: 'pending',
      queue: this.name,
      type: Object.fromEntries(Object.entries(type).map(([name, one]) => [name, name === 'maxFailures' ? toNumber(one) : sourceOf(one)])),
      failures: [],
      runs: 0,
      runFailures: 0,
      data: value,
      created: now,
      modified: now,
      delayUntil,
      maxFailures: options.maxFailures === undefined ? undefined : toNumber(options.maxFailures),
      repeatDelay: options.repeatDelay === undefined ? undefined : toNumber(options.repeatDelay),
      repeatTimes: options.repeatTimes === undefined ? undefined : toNumber(options.repeatTimes),
      repeatUntil: toNumber(options.repeatUntil) || -1,
      backOff: sourceOf(options.backOff),
      success: sourceOf(options.success),
      failure: sourceOf(options.failure),
    };
    const { _id } = this.#store.jobs.insert(job) as { readonly _id: string };
    this.#store.wake(delayUntil);
    return _id;
  }

  get(id: string): Job {
    if (typeof id !== 'string') throw new Error('Invalid job id');
    return new Job(id.startsWith('_jobs/') ? id : `_jobs/${id}`, this.#store);
  }

  delete(id: string): boolean {
    return unlessMissing(() => this.#store.jobs.remove(id)) !== undefined;
  }

  pending(type?: JobType): unknown[] {
    return this.#store.find(this.name, 'pending', type);
  }

  progress(type?: JobType): unknown[] {
    return this.#store.find(this.name, 'progress', type);
  }

  complete(type?: JobType): unknown[] {
    return this.#store.find(this.name, 'complete', type);
  }

  failed(type?: JobType): unknown[] {
    return this.#store.find(this.name, 'failed', type);
  }

  all(type?: JobType): unknown[] {
    return this.#store.find(this.name, undefined, type);
  }
}

/** A job as it is at the moment it is looked at. */
class Job {
  readonly id: string;
  readonly #store: JobStore;

  constructor(id: string, store: JobStore) {
    this.id = id;
    this.#store = store;
    for (const name of JOB_ATTRIBUTES) {
      Object.defineProperty(this, name, { enumerable: true, get: () => this.#document()[name] });
    }
  }

  /** Nothing, for a job that is complete. */
  abort(): void {
    this.#store.transaction(() => {
      const { status, failures } = this.#document();
      if (status === 'complete') return;
      const error = { name: 'Error', message: 'Job aborted.' };
      this.#store.jobs.update(this.id, { status: 'failed', modified: clock.now(), failures: [...failures, error] });
    });
  }

  reset(): void {
    this.#store.jobs.update(this.id, { status: 'pending' });
    this.#store.wake(clock.now());
  }

  #document(): JobDocument {
    return this.#store.jobs.document(this.id) as unknown as JobDocument;
  }
}

const JOB_ATTRIBUTES = [
  'queue',
  'status',
  'type',
  'data',
  'failures',
  'runs',
  'runFailures',
  'created',
  'modified',
  'delayUntil',
  'maxFailures',
  'repeatDelay',
  'repeatTimes',
  'repeatUntil',
];

/** Infinity, which JSON does not have, is -1. */
function toNumber(value: unknown): number {
  if (value instanceof Date) return value.getTime();
  if (value === Infinity) return -1;
  return Number(value) || 0;
}

function sourceOf(value: unknown): unknown {
  return typeof value === 'function' ? Function.prototype.toString.call(value) : value;
}

/** A schema whose `meta` says `isTuple` describes the arguments of a script one by one. */
function validate(data: unknown, schema: Schema): unknown {
  const { _meta: meta = [] } = schema as { readonly _meta?: readonly { readonly isTuple?: boolean }[] };
  const isTuple = meta.some((one) => one.isTuple);
  const values = isTuple ? [data].flat() : [];
  const result = schema.validate(isTuple ? Object.assign({}, values) : data);
  if (result.error) throw result.error;
  return isTuple ? values.map((_, index) => (result.value as Record<number, unknown>)[index]) : result.value;
}

function unlessMissing<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch (error) {
    if (isArangoError(error) && error.errorNum === DOCUMENT_NOT_FOUND) return undefined;
    throw error;
  }
}
