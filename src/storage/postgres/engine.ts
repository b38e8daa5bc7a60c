/**
 * The PostgreSQL engine: opened by the first thread, which starts the thread with the sockets; joined by others.
 *
 * Several processes may use one database at once. What a commit has acknowledged is as safe as the server makes it: commits are always
 * synchronous, so there is nothing left to wait for afterwards.
 */
import assert from 'node:assert/strict';
import { threadId, Worker } from 'node:worker_threads';
import { ArangoError, clock } from '#base';
import type { BeginOptions, Fate, KnownAhead, StorageEngine, StorageShare, Transaction } from '../engine.ts';
import { describeAddress, parseAddress } from './address.ts';
import { Bridge } from './bridge.ts';
import type { IoThreadSetup } from './io-thread.ts';
import { SERVER_STATE, SharedMemory } from './memory.ts';
import { firstNumber, PostgresStore } from './store.ts';
import { Together } from './together.ts';
import { PostgresTransaction } from './transaction.ts';
import { ANY_CONNECTION, int8, IS_REPEATABLE, statement } from './wire.ts';

export interface PostgresOptions {
  /** For what belongs to this coordinator alone. */
  readonly folder: string;
  readonly url: string;
  /** How many connections this process has at most. */
  readonly poolSize?: number;
  /** How long requests wait while no server takes writes. */
  readonly failoverTimeoutMs?: number;
  /** Statements are parsed once by each connection. Not for a pooler that gives out connections for a transaction only. */
  readonly keepsStatements?: boolean;
  /** What frequent walks read of collections that seldom change is kept in memory. */
  readonly keepsWalks?: boolean;
}

const DEFAULT_POOL_SIZE = 32;
const DEFAULT_FAILOVER_TIMEOUT_MS = 15_000;
/** Beyond what connecting may take. */
const START_MARGIN_MS = 30_000;
const CLOSE_LIMIT_MS = 10_000;
/** Numbers that are taken from the database at once; those that a process leaves, or is not told of because its connection dies, are lost. */
const TICK_BLOCK = 1000;
const TAKE_TICKS = statement("UPDATE foxden.counter SET value = value + $1 WHERE name = 'tick' RETURNING value");

/** Throws when nobody can be reached, or when the data there cannot be used. */
export function openPostgresStorage(options: PostgresOptions): StorageEngine {
  const address = parseAddress(options.url);
  const shared = new SharedMemory();
  const {
    poolSize = DEFAULT_POOL_SIZE,
    failoverTimeoutMs = DEFAULT_FAILOVER_TIMEOUT_MS,
    keepsStatements = true,
    keepsWalks = true,
  } = options;
  shared.keepsWalks = keepsWalks;
  const setup: IoThreadSetup = {
    memory: shared.memory,
    url: options.url,
    folder: options.folder,
    poolSize,
    failoverTimeoutMs,
    isPooled: !keepsStatements,
  };
  const thread = new Worker(new URL('./io-thread.js', import.meta.url), { workerData: setup, name: 'foxden-postgres' });
  thread.unref();
  shared.waitForServer(SERVER_STATE.starting, failoverTimeoutMs + START_MARGIN_MS);
  if (shared.serverState !== SERVER_STATE.ready) {
    const reason = shared.serverState === SERVER_STATE.failed ? shared.failure : 'it does not answer';
    void thread.terminate();
    throw new ArangoError('ERROR_HTTP_SERVICE_UNAVAILABLE', { message: `${describeAddress(address)}: ${reason}` });
  }
  const share: StorageShare = { kind: 'postgres', location: keepsStatements ? 'named' : 'unnamed', memory: shared.memory };
  return new PostgresEngine(shared, share, { isFirst: true });
}

/** In another thread of the process. */
export function joinPostgresStorage(share: StorageShare): StorageEngine {
  return new PostgresEngine(new SharedMemory(share.memory), share, { isFirst: false });
}

class PostgresEngine implements StorageEngine {
  readonly name = 'postgres';
  readonly #shared: SharedMemory;
  readonly #share: StorageShare;
  readonly #isFirst: boolean;
  readonly #store: PostgresStore;
  #isClosed = false;

  constructor(shared: SharedMemory, share: StorageShare, { isFirst }: { readonly isFirst: boolean }) {
    this.#shared = shared;
    this.#share = share;
    this.#isFirst = isFirst;
    this.#store = new PostgresStore(new Bridge(shared, { isNaming: share.location === 'named' }), shared);
  }

  get onWalks(): StorageEngine['onWalks'] {
    return this.#store.onWalks;
  }

  set onWalks(action: StorageEngine['onWalks']) {
    this.#store.onWalks = action;
  }

  begin(options: BeginOptions): Transaction {
    return new PostgresTransaction(this.#store, options);
  }

  together({ places = [], rehearsals = [] }: KnownAhead, pieces: readonly (() => void)[]): readonly Fate[] {
    return new Together(this.#store).run(places, rehearsals, pieces);
  }

  tick(count = 1): number {
    for (;;) {
      const first = this.#shared.takeTicks(count);
      if (first !== undefined) return first;
      this.#shared.refillTicks(count, () => {
        const size = Math.max(TICK_BLOCK, count);
        const answer = this.#store.checked(
          this.#store.call(ANY_CONNECTION, IS_REPEATABLE, (writer) => writer.run(TAKE_TICKS, [int8(size)])),
        );
        return { first: firstNumber(answer.results[0]) - size, count: size };
      });
    }
  }

  revision(): bigint {
    return this.#store.nextRevision(clock.now());
  }

  metaVersion(): number {
    return this.#shared.metaVersion;
  }

  latestMetaVersion(): number {
    return this.#store.latestMetaVersion();
  }

  whenDurable(done: (error?: Error) => void): void {
    setImmediate(done);
  }

  syncNow(): void {
    // What was committed is durable.
  }

  async backup(): Promise<void> {
    throw new ArangoError('ERROR_NOT_IMPLEMENTED', 'a database on PostgreSQL is backed up with its own tools');
  }

  statistics(): Readonly<Record<string, number>> {
    return { calls: this.#store.bridge.calls, metaVersion: this.metaVersion() };
  }

  share(): StorageShare {
    return this.#share;
  }

  async endThread(thread: { readonly threadId: number; terminate(): Promise<number> }): Promise<void> {
    const id = thread.threadId;
    await thread.terminate();
    this.threadEnded(id);
  }

  threadEnded(id: number): void {
    assert(this.#isFirst, 'only the first thread looks after the others');
    this.#shared.releaseTicks(id + 1);
    const box = this.#shared.boxOf(id);
    if (box === undefined || id === threadId) return;
    this.#shared.kept.threadEnded(box.place, id);
    box.abandon();
    this.#shared.ring();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#store.kept.leave();
    this.#store.bridge.close();
    if (!this.#isFirst) return;
    this.#shared.setServerState(SERVER_STATE.closing);
    this.#shared.ring();
    this.#shared.waitForServer(SERVER_STATE.closing, CLOSE_LIMIT_MS);
  }
}
