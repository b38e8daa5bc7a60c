/**
 * One coordinator among others: renews its lease, looks what the others have announced and published, and takes locks for the threads of its
 * process. It lives in a thread of its own (`member-thread.ts`) with a connection of its own, so a service that keeps all workers busy costs
 * no lease.
 *
 * It is a single loop: whatever is to be done is done in turns over one connection. News come by notification at once and are looked for
 * every interval besides, for notifications may be lost. Without a connection it tries again until it has one; the lease runs out
 * meanwhile, and all that depends on it waits.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Alarm, clock, describeError, log, metrics } from '#base';
import { Calls, type Call } from './calls.ts';
import type { Topic } from './cluster.ts';
import {
  beat,
  bump,
  bury,
  CHANNEL,
  findHolder,
  isAlive,
  join,
  leave,
  look,
  prepareRoster,
  readHeld,
  readValues,
  storeValue,
  tryLock,
  unlock,
  VALUES,
  type Connection,
  type Life,
  type Look,
} from './roster.ts';
import { SharedState, type SharedClusterMemory } from './shared-state.ts';
import { SharedText } from './shared-text.ts';
import { countElsewhere, signalChange, TOPICS } from './single.ts';

export interface MemberConnection extends Connection {
  onNotification(listener: () => void): void;
  close(): Promise<void>;
}

export interface MemberOptions {
  readonly memory: SharedClusterMemory;
  readonly alarm: SharedArrayBuffer;
  readonly id: string;
  /** Where others reach it. */
  readonly endpoint: string;
  readonly version: string;
  readonly startedAt: number;
  readonly intervalMs: number;
  readonly leaseMs: number;
  /** To the server that takes writes. Rejects when there is none. */
  readonly connect: () => Promise<MemberConnection>;
}

/** What a worker asks for. */
export type Question =
  | { readonly do: 'lock'; readonly name: string; readonly waitMs: number }
  | { readonly do: 'unlock'; readonly name: string }
  | { readonly do: 'look' };

export type Reply =
  { readonly is: 'done'; readonly life: number } | { readonly is: 'held'; readonly by: string } | { readonly is: 'unreachable' };

interface Waiting {
  readonly call: Call;
  readonly name: string;
  readonly deadline: number;
  retryAt: number;
  pauseMs: number;
  heldBy: string | undefined;
}

interface Held {
  readonly fence: number;
  thread: number;
}

const LEADER = 'leader';
/** The thread that holds what no worker holds. */
const OWN_THREAD = -2;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 80;
const RECONNECT_MS = 250;
const UNCONNECTED_LOOK_MS = 100;
/** The part of a lease for which it is relied on here: clocks do not run equally fast. */
const RELIABLE = 0.9;

export class Member {
  readonly #options: MemberOptions;
  readonly #state: SharedState;
  readonly #calls: Calls;
  readonly #own: SharedText;
  readonly #alarm: Alarm;
  readonly #seen = new Map<string, number>();
  readonly #held = new Map<string, Held>();
  readonly #stored = new Map<string, string>();
  #waiting: Waiting[] = [];
  /** Those who want to know what is so now. */
  #looking: Call[] = [];
  #life: Life | undefined;
  /** Of all members, as last seen. */
  #lives: string | undefined;
  #isNotified = false;
  #canNotify = true;
  #connectedAt = 0;
  #beatAt = 0;
  #lookAt = 0;
  #isStopped = false;
  #isLost = false;
  #joined: (() => void) | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: MemberOptions) {
    this.#options = options;
    this.#state = new SharedState(options.memory);
    this.#calls = new Calls(options.memory.calls);
    this.#own = new SharedText(options.memory.published);
    this.#alarm = new Alarm(options.alarm);
  }

  /** Resolves when it is a member. */
  async start(): Promise<void> {
    const joined = new Promise<void>((resolve) => (this.#joined = resolve));
    this.#running = this.#run();
    await joined;
  }

  /** Tells the others that it goes. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#state.ring();
    await this.#running;
  }

  /** A thread of this process is gone: nobody else would free what it has held. */
  forgetThread(thread: number): void {
    this.#calls.forget(thread);
    for (const held of this.#held.values()) if (held.thread === thread) held.thread = OWN_THREAD;
    this.#state.ring();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      let connection: MemberConnection | undefined;
      try {
        connection = await this.#connect();
        await this.#serve(connection);
      } catch (error) {
        if (!this.#isLost) log.warning('cluster', 'the database that the coordinators share is out of reach', error);
        this.#isLost = true;
        this.#attendUnconnected();
        await sleep(RECONNECT_MS * (0.5 + Math.random()));
      } finally {
        // It may be what was lost, and then it does not end either.
        void connection?.close().catch(() => undefined);
      }
    }
  }

  /** Threads that give a lock back need no connection, and must not wait for one. */
  async #connect(): Promise<MemberConnection> {
    let isSettled = false;
    const connecting = this.#options.connect().finally(() => {
      isSettled = true;
      this.#state.ring();
    });
    for (;;) {
      const rings = this.#state.rings;
      if (isSettled) return connecting;
      this.#attendUnconnected();
      await Promise.race([this.#state.rung(rings, UNCONNECTED_LOOK_MS), connecting.then(undefined, () => undefined)]);
    }
  }

  #attendUnconnected(): void {
    this.#takeCalls();
    this.#answerLate('unreachable');
    for (const call of this.#looking.splice(0)) this.#reply(call, { is: 'unreachable' });
  }

  async #serve(raw: MemberConnection): Promise<void> {
    const connection = inTime(raw, this.#options.leaseMs / 2);
    await prepareRoster(connection);
    this.#connectedAt = clock.monotonic();
    this.#beatAt = 0;
    this.#lookAt = 0;
    raw.onNotification(() => {
      this.#isNotified = true;
      this.#state.ring();
    });
    await connection.query(`LISTEN ${CHANNEL}`).catch((error: unknown) => {
      log.info('cluster', `the database does not notify, so news are looked for only: ${describeError(error)}`);
    });
    await this.#live(connection);
    await this.#freeForgotten(connection);
    if (this.#isLost) log.info('cluster', 'the database that the coordinators share is back');
    this.#isLost = false;
    while (!this.#isStopped) {
      const rings = this.#state.rings;
      await this.#takeTurn(connection);
      if (this.#isStopped) break;
      await this.#state.rung(rings, this.#pauseMs());
    }
    await this.#takeTurn(connection);
    if (this.#life !== undefined) await leave(connection, this.#life);
    await this.#notify(connection);
    this.#state.extendLease(0, 0);
  }

  async #takeTurn(connection: Connection): Promise<void> {
    if (clock.monotonic() >= this.#beatAt) await this.#live(connection);
    this.#takeCalls();
    await this.#announce(connection);
    if (this.#isNotified || clock.monotonic() >= this.#lookAt) await this.#look(connection);
    await this.#freeForgotten(connection);
    await this.#tryWaiting(connection);
  }

  /** Until the next thing has to be done, if nobody rings. */
  #pauseMs(): number {
    const next = Math.min(this.#beatAt, this.#lookAt, ...this.#waiting.map(({ retryAt }) => retryAt));
    return Math.max(0, next - clock.monotonic());
  }

  /** Renews the lease, or begins a new life where others have ended this one. */
  async #live(connection: Connection): Promise<void> {
    const { id, endpoint, version, startedAt, intervalMs, leaseMs } = this.#options;
    const [sentAt, sentAtWall] = [clock.monotonic(), clock.now()];
    if (this.#life === undefined || !(await beat(connection, this.#life, leaseMs))) {
      if (this.#life !== undefined) this.#loseLife();
      this.#life = await join(connection, { id, endpoint, version, startedAt, leaseMs });
      await this.#look(connection);
      this.#state.beginLife(this.#life.number);
    }
    // Nothing may be relied on for longer than the others count, who began to count later.
    this.#state.extendLease(sentAt + leaseMs * RELIABLE, sentAtWall + leaseMs * RELIABLE);
    this.#beatAt = sentAt + intervalMs * (0.75 + Math.random() / 2);
    if (!this.#state.isLeader) this.#state.isLeader = await this.#take(connection, LEADER, OWN_THREAD);
    signalChange(this.#options.memory);
    this.#joined?.();
    metrics.add('foxden_cluster_heartbeats_total');
  }

  #loseLife(): void {
    log.warning('cluster', 'this coordinator was out of reach for so long that the others have taken it for dead; it begins anew');
    metrics.add('foxden_cluster_leases_lost_total');
    this.#life = undefined;
    this.#held.clear();
    this.#stored.clear();
    this.#state.isLeader = false;
    // What was announced meanwhile is made up for before anything is answered.
    for (const topic of TOPICS) countElsewhere(this.#options.memory, topic);
    this.#alarm.setBy(clock.now());
  }

  async #look(connection: Connection): Promise<void> {
    this.#isNotified = false;
    const { intervalMs } = this.#options;
    const askers = this.#looking;
    this.#looking = [];
    const seen = await look(connection);
    this.#lookAt = clock.monotonic() + intervalMs * (0.75 + Math.random() / 2);
    await this.#buryDead(connection, seen);
    // First what was published, which the announcements may be about.
    if (this.#notice(VALUES, seen)) await this.#readValues(connection);
    let isNew = this.#noticeLives(seen);
    for (const topic of TOPICS) {
      if (!this.#notice(topic, seen)) continue;
      isNew = true;
      if (topic === 'services') this.#state.newsAtMs = clock.monotonic() - (seen.versions.get(topic)?.ageMs ?? 0);
    }
    this.#state.members = seen.members;
    if (isNew) this.#alarm.setBy(clock.now());
    signalChange(this.#options.memory);
    for (const call of askers) this.#reply(call, { is: 'done', life: this.#state.life });
    metrics.set('foxden_cluster_members', seen.members.filter(isAlive).length);
  }

  /** Whoever has come or gone may have changed something and died before it was announced: that counts as news, and is then true. */
  #noticeLives({ members }: Look): boolean {
    const lives = members.map(({ incarnation }) => incarnation).join(' ');
    const isFirst = this.#lives === undefined;
    if (lives === this.#lives) return false;
    this.#lives = lives;
    if (!isFirst) for (const topic of TOPICS) countElsewhere(this.#options.memory, topic);
    return !isFirst;
  }

  /** True when the version is another than was known. */
  #notice(topic: string, { versions }: Look): boolean {
    const version = versions.get(topic)?.version ?? 0;
    const known = this.#seen.get(topic);
    this.#seen.set(topic, version);
    if (known === version) return false;
    if (known !== undefined && isTopic(topic)) countElsewhere(this.#options.memory, topic);
    return true;
  }

  /** Right after a connection was made others may not have had the time to renew theirs. */
  async #buryDead(connection: Connection, { members }: Look): Promise<void> {
    if (clock.monotonic() < this.#connectedAt + this.#options.leaseMs) return;
    for (const member of members) {
      if (member.incarnation === '' || member.leaseLeftMs >= 0 || member.id === this.#options.id) continue;
      if (!(await bury(connection, member))) continue;
      log.warning('cluster', `coordinator ${member.id} (${member.endpoint}) does not answer any more and was taken for dead`);
      this.#lookAt = 0;
      await this.#notify(connection);
    }
  }

  async #readValues(connection: Connection): Promise<void> {
    if (!this.#state.setValues(await readValues(connection)))
      log.error('cluster', 'the coordinators have published more than there is room for');
  }

  /** Whoever hears an announcement finds what was published before it: so it is known what is to be announced before that is looked at. */
  async #announce(connection: Connection): Promise<void> {
    const outgoing = TOPICS.map((topic) => ({ topic, count: this.#state.takeOutgoing(topic) })).filter(({ count }) => count > 0);
    try {
      await this.#publish(connection);
      for (const { topic, count } of outgoing) await this.#bump(connection, topic, count);
      if (outgoing.length > 0) await this.#notify(connection);
    } catch (error) {
      // Some may be announced twice then, which does no harm.
      for (const { topic, count } of outgoing) this.#state.putBackOutgoing(topic, count);
      throw error;
    }
  }

  /** What this coordinator itself has announced is no news to it. */
  async #bump(connection: Connection, topic: string, by: number): Promise<void> {
    const known = this.#seen.get(topic) ?? 0;
    const version = await bump(connection, topic, by);
    if (version === known + by) this.#seen.set(topic, version);
    else this.#lookAt = 0;
  }

  /** Makes what is stored equal to what this process has published. */
  async #publish(connection: Connection): Promise<void> {
    const text = this.#own.read();
    const wanted = new Map(Object.entries(text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, string>>)));
    const changes: (readonly [string, string | undefined])[] = [
      ...[...wanted].filter(([name, value]) => this.#stored.get(name) !== value),
      ...[...this.#stored.keys()].filter((name) => !wanted.has(name)).map((name) => [name, undefined] as const),
    ];
    if (changes.length === 0 || this.#life === undefined) return;
    for (const [name, value] of changes) {
      if (!(await storeValue(connection, this.#life, name, value))) {
        this.#beatAt = 0;
        return;
      }
      if (value === undefined) this.#stored.delete(name);
      else this.#stored.set(name, value);
    }
    await bump(connection, VALUES, 1);
    this.#lookAt = 0;
    await this.#notify(connection);
    await this.#look(connection);
  }

  async #notify(connection: Connection): Promise<void> {
    if (!this.#canNotify) return;
    try {
      await connection.query(`SELECT pg_notify('${CHANNEL}', '')`);
    } catch (error) {
      if ((error as { readonly code?: unknown }).code === undefined) throw error;
      this.#canNotify = false; // a database that speaks the same language and has no such function
    }
  }

  #takeCalls(): void {
    for (const call of this.#calls.take()) {
      const question = JSON.parse(call.text) as Question;
      const now = clock.monotonic();
      if (question.do === 'look') {
        this.#looking.push(call);
        this.#lookAt = 0;
      } else if (question.do === 'unlock') {
        const held = this.#held.get(question.name);
        if (held !== undefined) held.thread = OWN_THREAD;
        this.#reply(call, { is: 'done', life: this.#state.life });
      } else {
        const { name, waitMs } = question;
        this.#waiting.push({ call, name, deadline: now + waitMs, retryAt: now, pauseMs: FIRST_PAUSE_MS, heldBy: undefined });
      }
    }
  }

  async #tryWaiting(connection: Connection): Promise<void> {
    for (const waiting of this.#waiting.filter(({ retryAt }) => retryAt <= clock.monotonic())) {
      const { call, name } = waiting;
      if (await this.#take(connection, name, call.thread)) {
        this.#waiting = this.#waiting.filter((other) => other !== waiting);
        if (!this.#reply(call, { is: 'done', life: this.#state.life })) await this.#free(connection, name);
        continue;
      }
      waiting.heldBy ??= await findHolder(connection, name);
      waiting.retryAt = clock.monotonic() + waiting.pauseMs;
      waiting.pauseMs = Math.min(LONGEST_PAUSE_MS, waiting.pauseMs * 2);
    }
    this.#answerLate('held');
  }

  #answerLate(why: 'held' | 'unreachable'): void {
    const late = this.#waiting.filter(({ deadline }) => deadline <= clock.monotonic());
    this.#waiting = this.#waiting.filter((waiting) => !late.includes(waiting));
    for (const { call, heldBy } of late)
      this.#reply(call, why === 'held' ? { is: 'held', by: heldBy ?? 'another' } : { is: 'unreachable' });
  }

  #reply(call: Call, reply: Reply): boolean {
    return call.answer(JSON.stringify(reply));
  }

  /** A lock that a thread of this process has had is passed on as it is: the process's own locks say that that one has left it. */
  async #take(connection: Connection, name: string, thread: number): Promise<boolean> {
    const held = this.#held.get(name);
    if (held !== undefined) {
      held.thread = thread;
      return true;
    }
    if (this.#life === undefined) return false;
    const fence = await tryLock(connection, this.#life, name);
    if (fence === undefined) return false;
    this.#held.set(name, { fence, thread });
    return true;
  }

  async #free(connection: Connection, name: string): Promise<void> {
    const held = this.#held.get(name);
    if (held === undefined || this.#life === undefined) return;
    await unlock(connection, this.#life, name, held.fence);
    this.#held.delete(name);
  }

  /** Locks that no thread wants any more; and those that were taken in a moment when the connection was lost. */
  async #freeForgotten(connection: Connection): Promise<void> {
    const wanted = new Set(this.#waiting.map(({ name }) => name));
    for (const [name, { thread }] of this.#held)
      if (thread === OWN_THREAD && name !== LEADER && !wanted.has(name)) await this.#free(connection, name);
    if (this.#life === undefined || !this.#isLost) return;
    for (const { name, fence } of await readHeld(connection, this.#life))
      if (this.#held.get(name)?.fence !== fence) await unlock(connection, this.#life, name, fence);
  }
}

function isTopic(name: string): name is Topic {
  return (TOPICS as readonly string[]).includes(name);
}

/** A statement that takes too long counts as a connection that is lost. */
function inTime(connection: MemberConnection, limitMs: number): Connection {
  return {
    query: async (text, values) => {
      const ended = new AbortController();
      const late = sleep(limitMs, undefined, { signal: ended.signal }).then(() => {
        throw new Error(`the database has not answered for ${limitMs} ms`);
      });
      try {
        return await Promise.race([connection.query(text, values), late]);
      } finally {
        ended.abort();
        void late.catch(() => undefined);
      }
    },
  };
}
