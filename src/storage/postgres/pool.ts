/**
 * The connections of a process, and which request goes over which of them.
 *
 * A request that belongs to no transaction takes any free connection, or waits for one. A transaction keeps its connection, by a handle,
 * until it ends. Once a thread has had a connection it may have it lent (`lender.ts`) for its next requests, as long as nobody waits for one.
 *
 * When a connection dies, what can be done again is done again on another one, as long as the failover may take; of the
 * rest is told what is known: it was not begun, it is lost, or its outcome is unknown.
 */
import { clock } from '#base';
import { Connection } from './connection.ts';
import { Lender } from './lender.ts';
import type { LineTable } from './lines.ts';
import { fateOf, OUTCOME, type Outcome } from './outcome.ts';
import { ENDS, type Handle, type Request, type Segment } from './wire.ts';
import type pg from 'pg';

/** A request of a thread. */
export interface Job {
  readonly owner: number;
  readonly request: Request;
  readonly untilMs: number;
  /** The chunks are good until it returns. `line`: the place of its connection among the lines, when it is lent from now on. Later answers on that are then passed on by this, too. */
  readonly finish: (outcome: Outcome, chunks: readonly Buffer[], line?: number) => void;
}

export interface PoolOptions {
  readonly size: number;
  /** How long a request waits for a server or a connection. */
  readonly waitMs: number;
  readonly connect: () => Promise<pg.Client>;
  readonly rollback: Segment;
  readonly table: LineTable;
  readonly log: (text: string) => void;
}

/** A transaction that has a connection. */
interface Held {
  readonly connection: Connection;
  hasBegun: boolean;
}

const IDLE_LIMIT_MS = 60_000;
const RETRY_MS = 200;
/** Of each so many connections one is not lent, for transactions and for threads that have none. */
const LENT_SHARE = 8;

export class Pool {
  readonly #options: PoolOptions;
  readonly #all = new Set<Connection>();
  readonly #idle: Connection[] = [];
  /** By owner and handle. */
  readonly #held = new Map<string, Held>();
  /** Handles whose connections died while nothing was on its way. */
  readonly #lost = new Set<string>();
  readonly #running = new Map<Job, Connection>();
  readonly #lender: Lender;
  #waiting: Job[] = [];
  #opening = 0;
  #isClosed = false;
  /** What the last attempt to connect failed for. */
  #failure = '';
  readonly counts = { requests: 0, connections: 0 };

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#lender = new Lender(options.table, (owner, handle) => this.#lost.add(keyOf(owner, handle)));
  }

  get size(): number {
    return this.#all.size;
  }

  run(job: Job): void {
    this.counts.requests++;
    this.look();
    const { owner, request } = job;
    for (const handle of request.releases) this.#release(keyOf(owner, handle));
    if (request.segments.length === 0) return job.finish(OUTCOME.answered, []);
    const key = keyOf(owner, request.handle);
    if (request.handle !== 0 && this.#lost.has(key)) {
      if ((request.flags & ENDS) !== 0) this.#lost.delete(key);
      return job.finish(OUTCOME.lost, []);
    }
    const held = this.#held.get(key);
    if (held === undefined) this.#place(job);
    else this.#send(job, held.connection, held);
  }

  /** Takes back all that a thread has; what runs for it is stopped. */
  abandon(owner: number): void {
    for (const [job, connection] of this.#running) {
      if (job.owner !== owner) continue;
      connection.cancel();
      connection.destroy('cancelled');
    }
    this.#lender.abandon(owner);
    this.look();
    this.#waiting = this.#waiting.filter((job) => job.owner !== owner);
    const prefix = keyOf(owner, '');
    for (const key of this.#held.keys()) if (key.startsWith(prefix)) this.#release(key);
    for (const key of this.#lost) if (key.startsWith(prefix)) this.#lost.delete(key);
  }

  /** Takes back what threads have returned. */
  look(): void {
    for (const { connection, owner, handle } of this.#lender.returns()) {
      if (handle === 0) this.#giveBack(connection, true);
      else this.#held.set(keyOf(owner, handle), { connection, hasBegun: true });
    }
  }

  /** To be called now and then: closes what nobody has used for long, and gives up on what has waited for too long. */
  sweep(): void {
    this.#options.table.isWanted = this.#waiting.length > 0;
    this.#lender.look();
    this.look();
    const now = clock.monotonic();
    while (this.#idle.length > 1 && now - this.#idle[0]!.idleSinceMs > IDLE_LIMIT_MS) {
      const connection = this.#idle.shift()!;
      this.#all.delete(connection);
      connection.close();
    }
    const overdue = this.#waiting.filter(({ untilMs }) => untilMs <= now);
    if (overdue.length === 0) return;
    this.#waiting = this.#waiting.filter(({ untilMs }) => untilMs > now);
    const reason = this.#all.size === 0 ? this.#failure : '';
    for (const job of overdue) job.finish(reason === '' ? OUTCOME.busy : OUTCOME.unavailable, [Buffer.from(reason)]);
  }

  /** The server does not answer, or is not the one any more: what is on its way is lost, or to be done again on other connections. */
  drop(reason: string): void {
    for (const connection of this.#all) connection.destroy(reason);
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of this.#all) {
      if (connection.isLent) connection.destroy('the engine is closed');
      else connection.close();
    }
    this.#all.clear();
  }

  #place(job: Job): void {
    const connection = this.#idle.pop();
    if (connection === undefined) {
      this.#wait(job);
      return;
    }
    const { owner, request } = job;
    let held: Held | undefined;
    if (request.handle !== 0 && (request.flags & ENDS) === 0) {
      held = { connection, hasBegun: false };
      this.#held.set(keyOf(owner, request.handle), held);
    }
    this.#send(job, connection, held);
  }

  #send(job: Job, connection: Connection, held: Held | undefined): void {
    const { owner, request } = job;
    const key = keyOf(owner, request.handle);
    const isFirst = held?.hasBegun !== true;
    if (held !== undefined) held.hasBegun = true;
    this.#running.set(job, connection);
    connection.send({
      segments: request.segments,
      done: (chunks, state) => {
        this.#running.delete(job);
        const isOver = (request.flags & ENDS) !== 0 || held === undefined;
        const line = !isOver || state === 'I' ? this.#lend(connection, job) : undefined;
        if (isOver || line !== undefined) this.#held.delete(key);
        if (isOver && line === undefined) this.#giveBack(connection, state === 'I');
        job.finish(OUTCOME.answered, chunks, line);
      },
      lost: (reason, isRefused) => {
        this.#running.delete(job);
        this.#lost.delete(key);
        const fate = fateOf(request.flags, { isFirst, isRefused });
        if (fate === 'again') {
          this.#failure = reason;
          this.#wait(job);
          return;
        }
        if (fate === OUTCOME.lost && (request.flags & ENDS) === 0) this.#lost.add(key);
        job.finish(fate, [Buffer.from(reason)]);
      },
    });
  }

  #wait(job: Job): void {
    this.#waiting.push(job);
    this.#options.table.isWanted = true;
    this.#lender.recall();
    this.look();
    this.#open();
  }

  #lend(connection: Connection, { owner, finish }: Job): number | undefined {
    if (this.#waiting.length > 0 || this.#isClosed) return undefined;
    const { size } = this.#options;
    return this.#lender.size < size - Math.ceil(size / LENT_SHARE) ? this.#lender.lend(connection, owner, finish) : undefined;
  }

  #release(key: string): void {
    this.#lost.delete(key);
    const held = this.#held.get(key);
    if (held === undefined) return;
    this.#held.delete(key);
    this.#giveBack(held.connection, false);
  }

  /** A connection that is in a transaction leaves it; the next request may follow at once, since the server does them in turn. */
  #giveBack(connection: Connection, isClean: boolean): void {
    if (connection.isGone) return;
    if (!isClean) {
      connection.send({
        segments: [this.#options.rollback],
        done: (_chunks, state) => {
          if (state !== 'I') connection.destroy('a transaction could not be ended');
        },
        lost: () => undefined,
      });
    }
    const next = this.#waiting.shift();
    this.#options.table.isWanted = this.#waiting.length > 0;
    this.#idle.push(connection);
    if (next !== undefined) this.#place(next);
  }

  #open(): void {
    if (this.#isClosed || this.#opening >= this.#waiting.length || this.#all.size + this.#opening >= this.#options.size) return;
    this.#opening++;
    void this.#connect();
  }

  async #connect(): Promise<void> {
    let client: pg.Client;
    try {
      client = await this.#options.connect();
    } catch (error) {
      this.#opening--;
      const text = error instanceof Error ? error.message : String(error);
      if (text !== this.#failure) this.#options.log(text);
      this.#failure = text;
      this.sweep();
      setTimeout(() => this.#open(), RETRY_MS);
      return;
    }
    this.#opening--;
    this.#failure = '';
    const connection = new Connection(client, (gone) => this.#forget(gone));
    if (this.#isClosed) {
      connection.close();
      return;
    }
    this.counts.connections++;
    this.#all.add(connection);
    this.#giveBack(connection, true);
    if (this.#waiting.length > 0) this.#open();
  }

  #forget(connection: Connection): void {
    this.#all.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
    for (const [key, held] of this.#held) {
      if (held.connection !== connection) continue;
      this.#held.delete(key);
      this.#lost.add(key);
    }
    if (this.#waiting.length > 0) setTimeout(() => this.#open(), RETRY_MS);
  }
}

function keyOf(owner: number, handle: Handle | ''): string {
  return `${owner}/${handle}`;
}
