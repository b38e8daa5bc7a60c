/**
 * Requests that were answered with 202 at once (`x-arango-async`), and their results until somebody fetches them. They live in memory: a
 * restart forgets them, as in ArangoDB.
 */
import { ArangoError, clock, type HttpAnswer, type HttpRequest } from '#base';

/** Beyond this the oldest result is forgotten, and nothing more is taken while all are still to be done. */
const JOBS_LIMIT = 1000;

/** What an answer without a body looks like here. */
export const EMPTY: HttpAnswer = { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: '' };

export interface Job {
  readonly id: string;
  readonly user: string | undefined;
  readonly createdAtSeconds: number;
  isCanceled: boolean;
  /** undefined: it is still to be done. */
  answer: HttpAnswer | undefined;
}

/** The jobs of a server; one thread has them all, so that one list is the whole. */
export class Jobs {
  readonly #nextId: () => string;
  readonly #jobs = new Map<string, Job>();

  constructor(nextId: () => string) {
    this.#nextId = nextId;
  }

  /** Answers 202 and lets the request be done afterwards. Without `isStored` nobody can ask what became of it. */
  start(
    user: string | undefined,
    { isStored }: { readonly isStored: boolean },
    action: () => HttpAnswer | Promise<HttpAnswer>,
  ): HttpAnswer {
    this.#makeRoom();
    const job: Job = { id: this.#nextId(), user, createdAtSeconds: clock.now() / 1000, isCanceled: false, answer: undefined };
    this.#jobs.set(job.id, job);
    setImmediate(() => void this.#run(job, isStored, action));
    return { ...EMPTY, status: 202, headers: { ...EMPTY.headers, ...(isStored ? { 'x-arango-async-id': job.id } : {}) } };
  }

  /** Throws 404. */
  get(user: string | undefined, id: string): Job {
    const job = this.#jobs.get(id);
    if (job === undefined || job.user !== user) throw new ArangoError('ERROR_HTTP_NOT_FOUND');
    return job;
  }

  list(user: string | undefined, { isDone }: { readonly isDone: boolean }): readonly Job[] {
    return [...this.#jobs.values()].filter((job) => job.user === user && (job.answer !== undefined) === isDone);
  }

  forget({ id }: Job): void {
    this.#jobs.delete(id);
  }

  async #run(job: Job, isStored: boolean, action: () => HttpAnswer | Promise<HttpAnswer>): Promise<void> {
    if (!job.isCanceled) job.answer = await action();
    if (job.isCanceled || !isStored) this.forget(job);
  }

  #makeRoom(): void {
    if (this.#jobs.size < JOBS_LIMIT) return;
    for (const job of this.#jobs.values()) if (job.answer !== undefined) return this.forget(job);
    throw new ArangoError('ERROR_QUEUE_FULL');
  }
}

/** A request that wants to be a job, and whether its result is to be kept. */
export function findAsync({ headers }: HttpRequest): { readonly isStored: boolean } | undefined {
  const wish = headers['x-arango-async'];
  return wish === 'store' || wish === 'true' ? { isStored: wish === 'store' } : undefined;
}
