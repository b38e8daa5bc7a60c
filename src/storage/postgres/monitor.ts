/**
 * What a process does on its own account, beside the requests of its threads: it hears of new definitions, keeps the lineage guard's number
 * growing, notices when the server falls silent, and drops the tables of what is gone.
 *
 * It asks now and then; notifications only make it sooner, since a pooler does not pass them on and a server may lose them. A machine that is gone, or a
 * server that is frozen, closes no connection: that it does not answer here is how everybody learns of it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { clock, describeError, isArangoError, log } from '#base';
import { Forgetting } from './changes.ts';
import type { Lineage } from './lineage.ts';
import { lowestMarkIdAt } from './mark-id.ts';
import type { SharedMemory } from './memory.ts';

/** With the version as its payload. */
export const DEFINITIONS_CHANNEL = 'foxden_definitions';

const POLL_MS = 250;
const SAVE_MS = 1000;
const CLEAR_MS = 5000;
/** Longer than a reader holds on to a definition that is gone. */
const DROP_AFTER = '60 seconds';
const DROPS_AT_ONCE = 50;
const FORGET_OUTCOMES_AFTER_S = 3600;
/** How often changes of tables are forgotten, and after how many times. */
const FORGET_CHANGES_MS = 600_000;
const FORGET_CHANGES_AFTER = 6;
/** An answer that is there is read before it is called missing, also by a thread that had no turn for a while. */
const READING_MS = 200;

const LOOK = `SELECT v.value AS version, i.value AS identity, e.value AS epoch FROM foxden.version v, foxden.counter i, foxden.counter e
  WHERE i.name = 'identity' AND e.name = 'epoch'`;
const NEXT_EPOCH = `UPDATE foxden.counter e SET value = e.value + 1 FROM foxden.counter i
  WHERE e.name = 'epoch' AND i.name = 'identity' RETURNING i.value AS identity, e.value AS epoch`;

interface Seen {
  readonly version: string;
  readonly identity: string;
  readonly epoch: string;
}

const LATE = Symbol('late');

class SilenceError extends Error {
  override readonly name = 'SilenceError';

  constructor(limitMs: number) {
    super(`the server has not answered for ${limitMs / 1000} s; its connections are given up`);
  }
}

export interface MonitorOptions {
  /** To a server whose lineage was checked. */
  readonly connect: (signal: AbortSignal, waitMs: number) => Promise<pg.Client>;
  readonly shared: SharedMemory;
  readonly lineage: Lineage;
  /** A server that leaves a simple question open for so long has died, or is as good as dead. */
  readonly silenceMs: number;
  /** A server that answers and does not finish a write within this time, because it waits for a standby, is of no use either. */
  readonly stallMs: number;
  /** The connections of the process are not to be relied on any more. */
  readonly onTrouble: (reason: string) => void;
}

export class Monitor {
  readonly #options: MonitorOptions;
  readonly #end = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: MonitorOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    let told = '';
    while (!signal.aborted) {
      let client: pg.Client | undefined;
      try {
        client = await this.#options.connect(signal, this.#options.stallMs);
        await this.#watch(client);
      } catch (error) {
        if (!signal.aborted) {
          const text = describeError(error);
          const isTrouble = error instanceof SilenceError || isArangoError(error);
          if (isTrouble) this.#options.onTrouble(text);
          // That nobody can be reached is told by the requests of users; here it is only tried again.
          if (isTrouble && text !== told) log.error('engines', `PostgreSQL: ${text}`);
          else log.debug('engines', `PostgreSQL: ${text}`);
          told = text;
        }
        await this.#pause(POLL_MS);
      }
      // It may be what does not answer, and then it does not end either.
      void client?.end().catch(() => undefined);
    }
  }

  async #watch(client: pg.Client): Promise<void> {
    const { shared, lineage, stallMs } = this.#options;
    client.on('notification', ({ payload }) => shared.raiseMetaVersion(Number(payload ?? 0)));
    await this.#ask(client.query(`LISTEN ${DEFINITIONS_CHANNEL}`));
    let savedAtMs = 0;
    let clearedAtMs = clock.monotonic();
    let isFirstClearing = true;
    let forgotAtMs = clearedAtMs;
    // Of this server: another one may give transactions other numbers.
    const forgetting = new Forgetting(FORGET_CHANGES_AFTER);
    let epoch = 0n;
    while (!this.#end.signal.aborted) {
      const { highest } = lineage;
      const { rows } = await this.#ask(client.query<Seen>(LOOK));
      const seen = rows[0]!;
      shared.raiseMetaVersion(Number(seen.version));
      lineage.check(BigInt(seen.identity), BigInt(seen.epoch), highest);
      // Of many coordinators one is enough to make it grow.
      epoch = BigInt(seen.epoch) === epoch ? await this.#advance(client) : BigInt(seen.epoch);
      const now = clock.monotonic();
      if (now - savedAtMs > SAVE_MS) {
        savedAtMs = now;
        lineage.save();
      }
      if (now - clearedAtMs > CLEAR_MS) {
        clearedAtMs = now;
        await this.#ask(clearUp(client, { isFirst: isFirstClearing }), stallMs);
        isFirstClearing = false;
      }
      if (now - forgotAtMs > FORGET_CHANGES_MS) {
        forgotAtMs = now;
        await this.#ask(forgetting.round(client), stallMs);
      }
      await this.#pause(POLL_MS);
    }
  }

  /** Makes the number of the lineage guard grow. */
  async #advance(client: pg.Client): Promise<bigint> {
    const { lineage, silenceMs, stallMs } = this.#options;
    const { highest } = lineage;
    const asking = client.query<Omit<Seen, 'version'>>(NEXT_EPOCH);
    if ((await this.#within(asking, silenceMs)) === LATE && !(await this.#isReachable(client))) throw new SilenceError(silenceMs);
    const { rows } = await this.#ask(asking, Math.max(0, stallMs - silenceMs));
    const epoch = BigInt(rows[0]!.epoch);
    lineage.check(BigInt(rows[0]!.identity), epoch, highest);
    return epoch;
  }

  /** It answers somebody else, and is still the one that takes writes. */
  async #isReachable({ host, port }: pg.Client): Promise<boolean> {
    try {
      const other = await this.#options.connect(this.#end.signal, 0);
      void other.end().catch(() => undefined);
      return other.host === host && other.port === port;
    } catch (error) {
      log.debug('engines', `PostgreSQL: ${describeError(error)}`);
      return false;
    }
  }

  /** Throws `SilenceError` when there is no answer in time. */
  async #ask<Result>(asking: Promise<Result>, limitMs = this.#options.silenceMs): Promise<Result> {
    const answer = await this.#within(asking, limitMs);
    if (answer === LATE) throw new SilenceError(limitMs);
    return answer;
  }

  async #within<Result>(asking: Promise<Result>, limitMs: number): Promise<Result | typeof LATE> {
    const end = new AbortController();
    const stop = (): void => end.abort();
    const wait = (ms: number): Promise<typeof LATE> => sleep(ms, LATE, { signal: end.signal }).catch(() => LATE);
    this.#end.signal.addEventListener('abort', stop);
    try {
      return await Promise.race([asking, wait(limitMs).then(() => wait(READING_MS))]);
    } finally {
      this.#end.signal.removeEventListener('abort', stop);
      end.abort();
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#end.signal }).catch(() => undefined);
  }
}

async function clearUp(client: pg.Client, { isFirst }: { readonly isFirst: boolean }): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM foxden.dropped WHERE at < now() - $1::interval ORDER BY at LIMIT ${DROPS_AT_ONCE}`,
    [DROP_AFTER],
  );
  for (const { name } of rows) {
    if (!/^[re]_\d+$/.test(name)) continue;
    // Whoever reads the table may go on. In one message, since nothing of the session may be relied on behind a pooler.
    await client.query(`BEGIN; SET LOCAL lock_timeout = '1s'; DROP TABLE IF EXISTS foxden.${name}; COMMIT`);
    await client.query('DELETE FROM foxden.dropped WHERE name = $1', [name]);
  }
  // The oldest stand first in the index. Others may be old, too, where a clock was wrong or the version knew no order: now and then all are looked at.
  const isOld = `at < now() - ${FORGET_OUTCOMES_AFTER_S} * interval '1 second'`;
  if (isFirst) await client.query(`DELETE FROM foxden.outcome WHERE ${isOld}`);
  else {
    const below = lowestMarkIdAt(clock.now() - FORGET_OUTCOMES_AFTER_S * 1000);
    await client.query(`DELETE FROM foxden.outcome WHERE id < $1 AND ${isOld}`, [below]);
  }
}
