/**
 * An asynchronous connection to the primary of a PostgreSQL cluster.
 *
 * Where no host takes writes, all of them are asked again until the time is over: a failover has no primary for a while. What the first answer of a
 * host tells (`pg_is_in_recovery()`) decides, not the host's name. One that is frozen, or whose machine is gone, does not answer at all, and
 * nobody waits for it who could have another one: the first host has a start, and then all are asked at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { clock, isArangoError } from '#base';
import { describeAddress, tlsAttempts, type Address, type Host } from './address.ts';
import { createSocket } from './socket.ts';

export interface ConnectOptions {
  /** How long to look for a primary; 0: every host once. */
  readonly waitMs?: number;
  /** Gives up at once, with its reason. */
  readonly signal?: AbortSignal;
  /** Parameters of the session, as the server knows them (`lock_timeout`). Not all poolers take any. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Looks at a primary that was found, which is passed over when this throws: one that was frozen goes on being one for a moment. */
  readonly check?: (client: pg.Client) => Promise<void>;
}

/** Nobody can be reached who takes writes. */
export class NoPrimaryError extends Error {
  override readonly name = 'NoPrimaryError';
}

/** What will not change by waiting: password, name of the database, rights. */
const LASTING = new Set(['28P01', '28000', '3D000', '42501']);
const RETRY_MS = 200;
const HEAD_START_MS = 250;

/** Whoever is given the client must listen for its `error` event and end it. */
export async function connectPrimary(address: Address, options: ConnectOptions = {}): Promise<pg.Client> {
  const untilMs = clock.monotonic() + (options.waitMs ?? 0);
  for (;;) {
    options.signal?.throwIfAborted();
    const found = await findPrimary(address, options);
    if (!Array.isArray(found)) return found;
    const lasting = found.find(isLasting);
    if (lasting !== undefined) throw new NoPrimaryError(`${describeAddress(address)} refuses: ${lasting.message}`, { cause: lasting });
    if (clock.monotonic() >= untilMs) {
      // Found, and passed over: that says more than the silence of others.
      const refused = found.find(isArangoError);
      if (refused !== undefined) throw refused;
      const failures = address.hosts.map(({ host, port }, i) => `${host}:${port}: ${found[i]?.message}`);
      throw new NoPrimaryError(`no primary of ${describeAddress(address)} can be reached (${failures.join('; ')})`);
    }
    await sleep(RETRY_MS, undefined, options.signal && { signal: options.signal });
  }
}

/** Or why each of the hosts is not the one. */
async function findPrimary(address: Address, options: ConnectOptions): Promise<pg.Client | Error[]> {
  const [first, ...others] = address.hosts;
  let found: pg.Client | undefined;
  const attempt = async (host: Host): Promise<pg.Client> => {
    const client = await tryHost(address, host, options);
    if (found !== undefined) {
      void close(client);
      throw new Error('another one was faster');
    }
    return (found = client);
  };
  const leading = attempt(first!);
  const started = Promise.race([leading.catch(() => undefined), sleep(HEAD_START_MS)]);
  const following = others.map((host) => started.then(() => found ?? attempt(host)));
  try {
    return await Promise.any([leading, ...following]);
  } catch (error) {
    if (!(error instanceof AggregateError)) throw error;
    return error.errors as Error[];
  }
}

/** Throws why this host is not the one. */
async function tryHost(address: Address, host: Host, options: ConnectOptions): Promise<pg.Client> {
  let failure: unknown;
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
      ...(ssl === false && { stream: createSocket }),
      connectionTimeoutMillis: address.connectTimeoutMs,
      application_name: address.applicationName,
      keepAlive: true,
      ...(options.settings === undefined ? {} : { options: sessionOptions(options.settings) }),
    });
    // A connection that dies later is told by its owner's listener; one that dies here, by the promise.
    client.on('error', () => {});
    try {
      await client.connect();
    } catch (error) {
      void close(client);
      if (isLasting(error)) throw error;
      // With `prefer` and `allow`, the other way is for a server that cannot speak this one.
      failure = error;
      continue;
    }
    try {
      await inTime(examine(client, address, options), address.connectTimeoutMs);
      return client;
    } catch (error) {
      void close(client);
      throw error;
    }
  }
  throw failure;
}

async function examine(client: pg.Client, { session }: Address, { check }: ConnectOptions): Promise<void> {
  if (session !== 'any') {
    const { rows } = await client.query<{ standby: boolean }>(
      "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS standby",
    );
    if (rows[0]?.standby === true) throw new Error('a standby');
  }
  await check?.(client);
}

function isLasting(error: unknown): boolean {
  return LASTING.has((error as { readonly code?: string }).code ?? '');
}

async function inTime(work: Promise<void>, limitMs: number): Promise<void> {
  const end = new AbortController();
  const late = sleep(limitMs, undefined, { signal: end.signal }).then(() => {
    throw new Error(`no answer for ${limitMs} ms`);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    end.abort();
    void Promise.allSettled([work, late]);
  }
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
