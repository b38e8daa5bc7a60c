/**
 * Requests that were answered with 202 at once (`x-arango-async`), and their results until somebody fetches them.
 *
 * The thread that took the request does it, after its answer; what is known of it lies in a folder that all threads see: `<id>.pending`, and then
 * `<id>.done` with the result. So any thread can answer for any job, also while the one that does it is busy. A restart
 * forgets them, as in ArangoDB.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArangoError, clock, log, type HttpAnswer, type HttpRequest } from '#base';
import { threadOfHeldId } from '#database';

/** Beyond this the oldest result is forgotten, and nothing more is taken while all are still to be done. */
const JOBS_LIMIT = 1000;

/** What an answer without a body looks like here. */
export const EMPTY: HttpAnswer = { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: '' };

const ID = /^\d{1,20}$/;

/** The first line of a job's file; behind it come the bytes of the answer's body. */
interface Note {
  /** null: it came without a user. */
  readonly user: string | null;
  readonly createdAtSeconds: number;
  readonly answer?: Pick<HttpAnswer, 'status' | 'headers'>;
}

export interface Job {
  readonly id: string;
  readonly createdAtSeconds: number;
  /** undefined: it is still to be done. */
  readonly answer: HttpAnswer | undefined;
}

/** The queries that belong to jobs. */
export interface JobQueries {
  asJob<Result>(id: string, action: () => Result): Result;
  /** False: there are none. */
  killOfJob(id: string): boolean;
}

interface JobsOptions {
  readonly folder: string;
  readonly queries: JobQueries;
  readonly nextId: () => string;
}

export class Jobs {
  readonly #folder: string;
  readonly #queries: JobQueries;
  readonly #nextId: () => string;
  #hasFolder = false;
  #unbegun = 0;

  constructor({ folder, queries, nextId }: JobsOptions) {
    this.#folder = folder;
    this.#queries = queries;
    this.#nextId = nextId;
  }

  /** This thread has answered for a job that it begins in the next turn of its event loop. */
  get hasUnbegun(): boolean {
    return this.#unbegun > 0;
  }

  /** Before the first request of the server: nothing is left of the last run. */
  clear(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A thread has ended with what it had begun, and the next one has its number: its jobs will not be done. */
  forgetLost(thread: number): void {
    for (const { id, isDone } of this.#entries()) if (!isDone && threadOfHeldId(id) === thread) this.#remove(id);
  }

  /** Answers 202 and lets the request be done afterwards. Without `isStored` nobody can ask what became of it. */
  start(
    user: string | undefined,
    { isStored }: { readonly isStored: boolean },
    action: () => HttpAnswer | Promise<HttpAnswer>,
  ): HttpAnswer {
    if (!isStored) {
      this.#begin(() => this.#run(action));
      return { ...EMPTY, status: 202 };
    }
    const id = this.#nextId();
    const note: Note = { user: user ?? null, createdAtSeconds: clock.now() / 1000 };
    this.#makeRoom();
    this.#write(id, 'pending', note, '');
    this.#begin(() => this.#runStored(id, note, action));
    return { ...EMPTY, status: 202, headers: { ...EMPTY.headers, 'x-arango-async-id': id } };
  }

  /** Throws 404, also for another user's. */
  get(user: string | undefined, id: string): Job {
    const found = ID.test(id) ? this.#read(id) : undefined;
    if (found === undefined || found.user !== (user ?? null)) throw new ArangoError('ERROR_HTTP_NOT_FOUND');
    return found;
  }

  list(user: string | undefined, { isDone }: { readonly isDone: boolean }): readonly Job[] {
    return this.#entries()
      .filter((entry) => entry.isDone === isDone)
      .map(({ id }) => this.#read(id))
      .filter((job) => job !== undefined)
      .filter((job) => job.user === (user ?? null));
  }

  /** Ends its queries, and then it is done, with error 1500; one without is forgotten. One that is done is left as it is. */
  cancel(job: Job): void {
    if (job.answer === undefined && !this.#queries.killOfJob(job.id)) this.forget(job);
  }

  /** A result is not kept; what has not begun is not done. */
  forget({ id }: Job): void {
    this.#remove(id);
  }

  #begin(job: () => Promise<unknown>): void {
    this.#unbegun++;
    setImmediate(() => {
      this.#unbegun--;
      void job();
    });
  }

  async #run(action: () => HttpAnswer | Promise<HttpAnswer>): Promise<HttpAnswer | undefined> {
    try {
      return await action();
    } catch (error) {
      log.error('requests', 'a job failed for a reason that is a bug', error);
      return undefined;
    }
  }

  async #runStored(id: string, note: Note, action: () => HttpAnswer | Promise<HttpAnswer>): Promise<void> {
    // It was taken back before it had begun.
    if (!existsSync(this.#path(id, 'pending'))) return;
    const answer = await this.#run(() => this.#queries.asJob(id, action));
    // Nobody wants it any more.
    if (!existsSync(this.#path(id, 'pending'))) return;
    const { status, headers, body } = answer ?? { ...EMPTY, status: 500 };
    this.#write(id, 'done', { ...note, answer: { status, headers } }, body);
    rmSync(this.#path(id, 'pending'), { force: true });
  }

  #path(id: string, state: 'pending' | 'done'): string {
    return join(this.#folder, `${id}.${state}`);
  }

  #write(id: string, state: 'pending' | 'done', note: Note, body: Uint8Array | string): void {
    if (!this.#hasFolder) mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#hasFolder = true;
    const path = this.#path(id, state);
    // Others see all of it or nothing.
    writeFileSync(`${path}.part`, Buffer.concat([Buffer.from(`${JSON.stringify(note)}\n`), Buffer.from(body)]), { mode: 0o600 });
    renameSync(`${path}.part`, path);
  }

  #read(id: string): (Job & Pick<Note, 'user'>) | undefined {
    // In the order in which they come to be, or it could be neither of them in the moment when it is done.
    const pending = readIfThere(this.#path(id, 'pending'));
    const done = readIfThere(this.#path(id, 'done'));
    const bytes = done ?? pending;
    if (bytes === undefined) return undefined;
    const lineEnd = bytes.indexOf(0x0a);
    const { user, createdAtSeconds, answer } = JSON.parse(bytes.toString('utf8', 0, lineEnd)) as Note;
    const isDone = done !== undefined && answer !== undefined;
    return { id, user, createdAtSeconds, answer: isDone ? { ...answer, body: bytes.subarray(lineEnd + 1) } : undefined };
  }

  /** Oldest first, for ids grow. */
  #entries(): readonly { readonly id: string; readonly isDone: boolean }[] {
    const names = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    const done = new Set(names.filter((name) => name.endsWith('.done')).map((name) => name.slice(0, -'.done'.length)));
    const pending = names.filter((name) => name.endsWith('.pending')).map((name) => name.slice(0, -'.pending'.length));
    return [...new Set([...done, ...pending])].map((id) => ({ id, isDone: done.has(id) })).toSorted((a, b) => Number(a.id) - Number(b.id));
  }

  #remove(id: string): void {
    rmSync(this.#path(id, 'pending'), { force: true });
    rmSync(this.#path(id, 'done'), { force: true });
  }

  #makeRoom(): void {
    const entries = this.#entries();
    if (entries.length < JOBS_LIMIT) return;
    const oldest = entries.find(({ isDone }) => isDone);
    if (oldest === undefined) throw new ArangoError('ERROR_QUEUE_FULL');
    this.#remove(oldest.id);
  }
}

/** Another thread may have taken it away meanwhile. */
function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A request that wants to be a job, and whether its result is to be kept. */
export function findAsync({ headers }: HttpRequest): { readonly isStored: boolean } | undefined {
  const wish = headers['x-arango-async'];
  return wish === 'store' || wish === 'true' ? { isStored: wish === 'store' } : undefined;
}
