/**
 * A coordinator among others, as its worker threads see it: what is about this process alone is shared memory, as in a cluster of one, and
 * what is about all is asked of the thread that speaks with the others.
 *
 * A lock is the process's own first, so that of one process only one thread at a time asks for the row.
 */
import { ArangoError, clock } from '#base';
import { Calls } from './calls.ts';
import type { Cluster, Member } from './cluster.ts';
import type { Question, Reply } from './member.ts';
import { isAlive } from './roster.ts';
import { SharedState, type SharedClusterMemory } from './shared-state.ts';
import { DEFAULT_WAIT_MS, joinSingle, signalChange, type ClusterMemory, type SelfDescription } from './single.ts';

/** The one who is asked looks at the clock itself; this much later it is not there any more. */
const GRACE_MS = 5_000;
const LOOK_MS = 5_000;
/** Longer than a statement is waited for: an answer that nobody reads would leave the lock where it is. */
const UNLOCK_MS = 60_000;
/** Weeks: a number that JSON has. */
const LONGEST_WAIT_MS = 2 ** 31;
/** Those that are dead are shown for so long. */
const SHOWN_DEAD_MS = 3600 * 1000;

/** As one of several coordinators, or alone: the memory tells. */
export function joinCluster(memory: ClusterMemory | SharedClusterMemory, self: SelfDescription): Cluster {
  return 'state' in memory ? joinShared(memory, self) : joinSingle(memory, self);
}

export function joinShared(memory: SharedClusterMemory, self: SelfDescription): Cluster {
  const local = joinSingle(memory, self);
  const state = new SharedState(memory);
  const calls = new Calls(memory.calls);
  /** In which life this thread took the locks that it holds, and how often it entered them. */
  const entered = new Map<string, { readonly life: number; depth: number }>();

  function ask(question: Question, waitMs: number): Reply {
    const reply = calls.ask(JSON.stringify(question), () => state.ring(), waitMs + GRACE_MS);
    return reply === undefined ? { is: 'unreachable' } : (JSON.parse(reply) as Reply);
  }

  function take(name: string, waitMs: number): void {
    const limitMs = Math.min(waitMs, LONGEST_WAIT_MS);
    const reply = ask({ do: 'lock', name, waitMs: limitMs }, limitMs);
    if (reply.is === 'done') entered.set(name, { life: reply.life, depth: 1 });
    else if (reply.is === 'unreachable') throw unreachable();
    else throw new ArangoError('ERROR_LOCK_TIMEOUT', `waited ${Math.round(waitMs)} ms for "${name}", held by coordinator ${reply.by}`);
  }

  function leave(name: string): void {
    entered.delete(name);
    ask({ do: 'unlock', name }, UNLOCK_MS);
  }

  /** Runs `action` with what is left of the time. */
  function inTime<Result>(waitMs: number, action: (leftMs: () => number) => Result): Result {
    const deadline = clock.monotonic() + waitMs;
    return action(() => Math.max(0, deadline - clock.monotonic()));
  }

  const cluster: Cluster = {
    ...local,
    isShared: true,
    get isLeader() {
      return state.isLeader && state.isCurrent;
    },
    get isCurrent() {
      return state.isCurrent;
    },
    get life() {
      return state.life;
    },
    get number() {
      return state.number;
    },
    get lifeName() {
      return nameOfLife(self.id, state.members.find(({ id }) => id === self.id)?.incarnation);
    },
    isOver: (lifeName) => {
      const isListed = (): boolean => state.members.some(({ id, incarnation }) => nameOfLife(id, incarnation) === lifeName);
      if (isListed()) return false;
      // It may have begun since this process last looked.
      if (ask({ do: 'look' }, LOOK_MS).is !== 'done') throw unreachable();
      return !isListed();
    },
    catchUp: (life) => {
      state.catchUp(life);
      signalChange(memory);
    },
    waitUntilCurrent: (waitMs) => {
      if (!local.waitUntil(() => state.isCurrent, waitMs)) throw unreachable();
    },
    members: () =>
      state.members
        .filter((row) => row.id === self.id || row.beatAgeMs < SHOWN_DEAD_MS)
        .map((row): Member => ({
          id: row.id,
          number: row.number,
          endpoint: row.endpoint,
          version: row.version,
          startedAt: row.startedAt,
          secondsSinceHeartbeat: row.beatAgeMs / 1000,
          isAlive: isAlive(row),
          isOver: row.incarnation === '',
          isSelf: row.id === self.id,
        })),
    lookAgain: () => {
      if (ask({ do: 'look' }, LOOK_MS).is !== 'done') throw unreachable();
    },
    publish: (name, value) => {
      local.publish(name, value);
      state.ring();
    },
    published: (prefix) => {
      const others = state.values.filter(({ name, member }) => name.startsWith(prefix) && member !== self.id);
      const all = [...local.published(prefix), ...others];
      return all.toSorted((left, right) => compare(left.name, right.name) || compare(left.member, right.member));
    },
    newsAgeMs: () => clock.monotonic() - state.newsAtMs,
    announce: (topic) => {
      local.announceHere(topic);
      state.countOutgoing(topic);
      state.ring();
    },
    withLock: (name, action, { waitMs = DEFAULT_WAIT_MS, isLocal = false } = {}) => {
      if (isLocal) return local.withLock(name, action, { waitMs });
      return inTime(waitMs, (leftMs) =>
        local.withLock(
          name,
          () => {
            const held = entered.get(name);
            if (held === undefined) take(name, leftMs());
            else held.depth++;
            try {
              return action();
            } finally {
              const now = entered.get(name);
              if (now !== undefined && --now.depth === 0) leave(name);
            }
          },
          { waitMs },
        ),
      );
    },
    hold: (name, waitMs, { isLocal = false } = {}) =>
      inTime(waitMs, (leftMs) => {
        if (isLocal) return local.hold(name, waitMs);
        const release = local.hold(name, waitMs);
        try {
          take(name, leftMs());
        } catch (error) {
          release();
          throw error;
        }
        let isHeld = true;
        return () => {
          if (isHeld) leave(name);
          isHeld = false;
          release();
        };
      }),
    checkHeld: (name) => {
      const held = entered.get(name);
      if (held === undefined || (state.isCurrent && held.life === state.life)) return;
      throw new ArangoError('ERROR_CLUSTER_LEADERSHIP_CHALLENGE_ONGOING', {
        message: `this coordinator was out of reach of the others, and "${name}" may be another's by now; try again`,
      });
    },
  };
  return cluster;
}

function unreachable(): ArangoError {
  const error = new ArangoError('ERROR_CLUSTER_BACKEND_UNAVAILABLE', {
    message: 'the database that the coordinators share is out of reach',
  });
  error.code = 503;
  return error;
}

function nameOfLife(id: string, incarnation = ''): string {
  return `${id}.${incarnation}`;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
