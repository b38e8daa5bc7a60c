/**
 * An asynchronous connection to the primary of a PostgreSQL cluster.
 *
 * Hosts are tried in their order, and where none takes writes, all of them again, until the time is over: a failover has no primary
 * for a while. What the first answer of a host tells (`pg_is_in_recovery()`) decides, not the host's name.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { clock } from '#base';
import { describeAddress, tlsAttempts, type Address, type Host } from './address.ts';

export interface ConnectOptions {
  /** How long to look for a primary; 0: every host once. */
  readonly waitMs?: number;
  /** Gives up at once, with its reason. */
  readonly signal?: AbortSignal;
  /** Parameters of the session, as the server knows them (`lock_timeout`). Not all poolers take any. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Nobody can be reached who takes writes. */
export class NoPrimaryError extends Error {
  override readonly name = 'NoPrimaryError';
}

/** What will not change by waiting: password, name of the database, rights. */
const LASTING = new Set(['28P01', '28000', '3D000', '42501']);
const RETRY_MS = 200;

/** Whoever is given the client must listen for its `error` event and end it. */
export async function connectPrimary(address: Address, options: ConnectOptions = {}): Promise<pg.Client> {
  const untilMs = clock.monotonic() + (options.waitMs ?? 0);
  for (;;) {
    const failures: string[] = [];
    for (const host of address.hosts) {
      options.signal?.throwIfAborted();
      const found = await tryHost(address, host, options);
      if (typeof found !== 'string') return found;
      failures.push(`${host.host}:${host.port}: ${found}`);
    }
    if (clock.monotonic() >= untilMs) {
      throw new NoPrimaryError(`no primary of ${describeAddress(address)} can be reached (${failures.join('; ')})`);
    }
    await sleep(RETRY_MS, undefined, options.signal && { signal: options.signal });
  }
}

/** The client, or why this host is not the one. Throws what waiting does not mend. */
async function tryHost(address: Address, host: Host, options: ConnectOptions): Promise<pg.Client | string> {
  let failure = '';
  for (const ssl of tlsAttempts(address, host.host)) {
    // Only for whoever connects: all threads come through the door of `storage`.
    const { default: postgres } = await import('pg');
    const client = new postgres.Client({
      host: host.host,
      port: host.port,
      user: address.user,
      ...(address.password === undefined ? {} : { password: address.password }),
      database: address.database,
      ssl,
      connectionTimeoutMillis: address.connectTimeoutMs,
      application_name: address.applicationName,
      keepAlive: true,
      ...(options.settings === undefined ? {} : { options: sessionOptions(options.settings) }),
    });
    // A connection that dies later is told by its owner's listener; one that dies here, by the promise.
    client.on('error', () => {});
    try {
      await client.connect();
      if (address.session === 'any' || !(await isInRecovery(client))) return client;
      failure = 'a standby';
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      if (LASTING.has((error as { readonly code?: string }).code ?? '')) {
        throw new NoPrimaryError(`${describeAddress(address)} refuses: ${failure}`, { cause: error });
      }
    }
    await close(client);
    // With `prefer` and `allow`, the other way is only for a server that cannot speak this one.
    if (failure === 'a standby') break;
  }
  return failure;
}

async function isInRecovery(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ standby: boolean }>(
    "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS standby",
  );
  return rows[0]?.standby === true;
}

/** A connection that is not there any more cannot be ended in good order, and need not be. */
async function close(client: pg.Client): Promise<void> {
  await client.end().catch(() => undefined);
}

function sessionOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\ ]/g, (character) => `\\${character}`)}`)
    .join(' ');
}
