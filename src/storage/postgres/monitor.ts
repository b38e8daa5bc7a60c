/**
 * What a process does on its own account, beside the requests of its threads: it hears of new definitions, keeps the lineage guard's number
 * growing, and drops the tables of what is gone.
 *
 * It asks now and then; notifications only make it sooner, since a pooler does not pass them on and a server may lose them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { clock, log } from '#base';
import type { Address } from './address.ts';
import { connectPrimary } from './connect.ts';
import type { Lineage } from './lineage.ts';
import type { SharedMemory } from './memory.ts';

/** With the version as its payload. */
export const DEFINITIONS_CHANNEL = 'foxden_definitions';

const POLL_MS = 250;
const EPOCH_MS = 1000;
const CLEAR_MS = 5000;
/** Longer than a reader holds on to a definition that is gone. */
const DROP_AFTER = '60 seconds';
const DROPS_AT_ONCE = 50;
const FORGET_OUTCOMES_AFTER = '1 hour';
const CONNECT_WAIT_MS = 5000;

export interface MonitorOptions {
  readonly address: Address;
  readonly shared: SharedMemory;
  readonly lineage: Lineage;
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
    while (!signal.aborted) {
      let client: pg.Client | undefined;
      try {
        client = await connectPrimary(this.#options.address, { waitMs: CONNECT_WAIT_MS, signal });
        await this.#watch(client);
      } catch (error) {
        // The requests of users tell that nobody can be reached; here it is only tried again.
        if (!signal.aborted) log.debug('engines', `PostgreSQL: ${error instanceof Error ? error.message : String(error)}`);
        await this.#pause(POLL_MS);
      }
      await client?.end().catch(() => undefined);
    }
  }

  async #watch(client: pg.Client): Promise<void> {
    const { shared, lineage } = this.#options;
    const { signal } = this.#end;
    client.on('notification', ({ payload }) => shared.raiseMetaVersion(Number(payload ?? 0)));
    await client.query(`LISTEN ${DEFINITIONS_CHANNEL}`);
    await client.query("SET lock_timeout = '1s'");
    let epochAtMs = 0;
    let clearedAtMs = clock.monotonic();
    while (!signal.aborted) {
      const { rows } = await client.query<{ value: string }>({ name: 'version', text: 'SELECT value FROM foxden.version' });
      shared.raiseMetaVersion(Number(rows[0]!.value));
      const now = clock.monotonic();
      if (now - epochAtMs > EPOCH_MS) {
        epochAtMs = now;
        const { highest } = lineage;
        const found = await client.query<{ identity: string; epoch: string }>({
          name: 'epoch',
          text: `UPDATE foxden.counter e SET value = e.value + 1 FROM foxden.counter i
            WHERE e.name = 'epoch' AND i.name = 'identity' RETURNING i.value AS identity, e.value AS epoch`,
        });
        lineage.check(BigInt(found.rows[0]!.identity), BigInt(found.rows[0]!.epoch), highest);
        lineage.save();
      }
      if (now - clearedAtMs > CLEAR_MS) {
        clearedAtMs = now;
        await clearUp(client);
      }
      await this.#pause(POLL_MS);
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#end.signal }).catch(() => undefined);
  }
}

async function clearUp(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT name FROM foxden.dropped WHERE at < now() - $1::interval ORDER BY at LIMIT ${DROPS_AT_ONCE}`,
    [DROP_AFTER],
  );
  for (const { name } of rows) {
    if (!/^[re]_\d+$/.test(name)) continue;
    await client.query(`DROP TABLE IF EXISTS foxden.${name}`);
    await client.query('DELETE FROM foxden.dropped WHERE name = $1', [name]);
  }
  await client.query('DELETE FROM foxden.outcome WHERE at < now() - $1::interval', [FORGET_OUTCOMES_AFTER]);
}
