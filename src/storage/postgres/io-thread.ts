/**
 * The thread with the sockets: passes requests of the process's threads on to PostgreSQL, and looks after what all of them share.
 *
 * It never looks into what it passes on, and it never waits for a thread.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { workerData } from 'node:worker_threads';
import type pg from 'pg';
import { clock, log } from '#base';
import { parseAddress } from './address.ts';
import { connectPrimary } from './connect.ts';
import { Lineage } from './lineage.ts';
import { ANSWER_BYTES, SERVER_STATE, SharedMemory, STATE_OF, type Box } from './memory.ts';
import { Monitor } from './monitor.ts';
import { Pool } from './pool.ts';
import { counter, prepareSchema } from './schema.ts';
import { ANY_CONNECTION, readRequest, RequestWriter, ROLLBACK } from './wire.ts';

export interface IoThreadSetup {
  readonly memory: SharedArrayBuffer;
  readonly url: string;
  readonly folder: string;
  readonly poolSize: number;
  readonly failoverTimeoutMs: number;
  readonly isPooled: boolean;
}

const SWEEP_MS = 200;
const SILENCE_MS = 5000;
const LOCK_TIMEOUT = '1000ms';

const setup = workerData as IoThreadSetup;
const shared = new SharedMemory(setup.memory);
const address = parseAddress(setup.url);
const lineage = new Lineage(setup.folder);

/**
 * Plans that go through indexes, whatever the server thinks of tables that it has not looked at: requests are written to be answered so, and
 * a plan is made once for each connection.
 */
const SESSION = {
  lock_timeout: LOCK_TIMEOUT,
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_bitmapscan: 'off',
  plan_cache_mode: 'force_generic_plan',
  jit: 'off',
};

/** Passes over a primary that was frozen or cut off, and does not know yet that it is none any more. */
async function checkLineage(client: pg.Client): Promise<void> {
  const { highest } = lineage;
  const { rows } = await client.query<{ identity: string; epoch: string }>(
    "SELECT i.value AS identity, e.value AS epoch FROM foxden.counter i, foxden.counter e WHERE i.name = 'identity' AND e.name = 'epoch'",
  );
  const [found] = rows;
  if (found !== undefined) lineage.check(BigInt(found.identity), BigInt(found.epoch), highest);
}

const connect = (): Promise<pg.Client> =>
  connectPrimary(address, { check: checkLineage, ...(setup.isPooled ? {} : { settings: SESSION }) });

async function start(): Promise<void> {
  const client = await connectPrimary(address, { waitMs: setup.failoverTimeoutMs });
  try {
    const identity = randomBytes(8).readBigInt64BE();
    shared.processNumber = await prepareSchema(client, identity);
    lineage.check(await counter(client, 'identity'), await counter(client, 'epoch'), lineage.highest);
    lineage.save();
    const { rows } = await client.query<{ value: string }>('SELECT value FROM foxden.version');
    shared.raiseMetaVersion(Number(rows[0]!.value));
  } finally {
    await client.end().catch(() => undefined);
  }
}

function serve(): void {
  const writer = new RequestWriter({ isNaming: !setup.isPooled }).begin(ANY_CONNECTION, 0, []).run(ROLLBACK, []);
  const [segment] = readRequest(writer.finish()).segments;
  assert(segment !== undefined);
  const pool = new Pool({
    size: setup.poolSize,
    waitMs: setup.failoverTimeoutMs,
    connect,
    rollback: segment,
    table: shared.table,
    log: (text) => log.warning('engines', `PostgreSQL: ${text}`),
  });
  const monitor = new Monitor({
    connect: (signal, waitMs) => connectPrimary(address, { check: checkLineage, waitMs, signal }),
    shared,
    lineage,
    // Behind a pooler a question may only be waiting for its turn.
    silenceMs: setup.isPooled ? Math.max(SILENCE_MS, setup.failoverTimeoutMs) : SILENCE_MS,
    stallMs: setup.failoverTimeoutMs,
    onTrouble: (reason) => pool.drop(reason),
  });
  const desks = shared.boxes.map((box) => new Desk(box, pool));
  const look = (): void => {
    pool.look();
    for (const desk of desks) desk.look();
  };
  const timer = setInterval(() => {
    pool.sweep();
    look();
  }, SWEEP_MS);
  void (async () => {
    while (shared.serverState !== SERVER_STATE.closing) {
      const seen = shared.rings;
      look();
      await shared.untilRung(seen);
    }
    clearInterval(timer);
    pool.close();
    await monitor.close();
    lineage.save();
    shared.setServerState(SERVER_STATE.closed);
  })();
}

/** A thread's mailbox, from this side. */
class Desk {
  readonly #box: Box;
  readonly #pool: Pool;
  #pieces: Buffer[] = [];
  /** What of an answer is still to be passed on. */
  #rest: { readonly status: number; readonly chunks: Buffer[]; readonly line: number | undefined } | undefined;
  /** Grows when the thread is gone: what was asked before is answered to nobody. */
  #generation = 0;

  constructor(box: Box, pool: Pool) {
    this.#box = box;
    this.#pool = pool;
  }

  look(): void {
    const box = this.#box;
    const { owner } = box;
    if (owner === 0) return;
    switch (box.state) {
      case STATE_OF.posted:
        this.#take();
        break;
      case STATE_OF.resumed:
        this.#pass();
        break;
      case STATE_OF.abandoned:
        this.#generation++;
        this.#pieces = [];
        this.#rest = undefined;
        this.#pool.abandon(owner);
        box.free();
    }
  }

  #take(): void {
    const box = this.#box;
    this.#pieces.push(Buffer.from(box.request.subarray(0, box.requestLength)));
    if (box.requestHasMore) {
      box.passFrom(STATE_OF.posted, STATE_OF.wanted);
      return;
    }
    const request = readRequest(this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces));
    this.#pieces = [];
    const generation = this.#generation;
    // From here on it is taken, and not to be looked at again.
    if (!box.passFrom(STATE_OF.posted, STATE_OF.taken)) return;
    this.#pool.run({
      owner: box.owner,
      request,
      untilMs: clock.monotonic() + setup.failoverTimeoutMs,
      finish: (status, chunks, line) => {
        if (generation !== this.#generation) return;
        this.#rest = { status, chunks: [...chunks], line };
        this.#pass();
        // What did not fit will be passed on later.
        if (this.#rest !== undefined) this.#rest = { status, chunks: this.#rest.chunks.map((chunk) => Buffer.from(chunk)), line };
      },
    });
  }

  #pass(): void {
    const rest = this.#rest;
    const box = this.#box;
    if (rest === undefined) return;
    let length = 0;
    while (rest.chunks.length > 0 && length < ANSWER_BYTES) {
      const [chunk] = rest.chunks;
      const copied = chunk!.copy(box.answer, length, 0, ANSWER_BYTES - length);
      length += copied;
      if (copied === chunk!.length) rest.chunks.shift();
      else rest.chunks[0] = chunk!.subarray(copied);
    }
    const hasMore = rest.chunks.length > 0;
    box.setAnswer({ status: rest.status, length, hasMore, line: rest.line });
    if (!hasMore) this.#rest = undefined;
    if (!box.passFrom(STATE_OF.taken, STATE_OF.answered)) box.passFrom(STATE_OF.resumed, STATE_OF.answered);
  }
}

try {
  await start();
  serve();
  shared.setServerState(SERVER_STATE.ready);
} catch (error) {
  shared.failure = error instanceof Error ? error.message : String(error);
  shared.setServerState(SERVER_STATE.failed);
}
