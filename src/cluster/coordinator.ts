/**
 * Becoming a coordinator, as the first thread of a process sees it: starts the thread that speaks with the others, waits until it has joined, and
 * takes it down again. Who this coordinator is is kept in its folder, so that it is the same one after a restart.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { clock, foxdenVersion, log, type Config } from '#base';
import type { FromMember, MemberSetup, ToMember } from './member-thread.ts';
import type { SharedClusterMemory } from './shared-state.ts';

export interface CoordinatorOptions {
  readonly config: Config;
  readonly memory: SharedClusterMemory;
  readonly log: SharedArrayBuffer;
  readonly metrics: SharedArrayBuffer;
  readonly metricsLane: number;
  readonly alarm: SharedArrayBuffer;
  readonly id: string;
  readonly endpoint: string;
}

export interface Coordinator {
  /** A worker thread is gone: what it held for this coordinator is free. */
  forgetThread(thread: number): void;
  /** Tells the others, unless that takes too long. */
  leave(): Promise<void>;
}

const LEAVE_LIMIT_MS = 5_000;
const RESTART_MS = 1_000;

/** Resolves once this process is one of the coordinators, however long the database takes to be there. */
export async function joinCoordinators({ config, ...given }: CoordinatorOptions): Promise<Coordinator> {
  const setup: MemberSetup = {
    ...given,
    config,
    version: foxdenVersion(),
    startedAt: clock.now(),
    intervalMs: config['cluster.heartbeat-interval'] * 1000,
    leaseMs: config['cluster.lease'] * 1000,
    url: config['cluster.url'] || config['storage.url'],
  };
  let isLeaving = false;
  let thread: Worker;

  const begin = (): Promise<void> =>
    new Promise((resolve) => {
      thread = new Worker(new URL('./member-thread.js', import.meta.url), { workerData: setup });
      thread.on('message', (message: FromMember) => {
        if (message.is === 'joined') resolve();
      });
      thread.on('error', (error) => log.error('cluster', 'the thread that speaks with the other coordinators has ended', error));
      thread.on('exit', () => {
        if (!isLeaving) setTimeout(() => void begin().then(resolve), RESTART_MS);
      });
    });
  await begin();

  return {
    forgetThread: (dead) => thread.postMessage({ do: 'forget thread', thread: dead } satisfies ToMember),
    leave: async () => {
      isLeaving = true;
      const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
      thread.postMessage({ do: 'stop' } satisfies ToMember);
      const late = setTimeout(() => void thread.terminate(), LEAVE_LIMIT_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Who this is, as its folder says; made at the very first start. */
export function coordinatorId(folder: string): string {
  const path = join(folder, 'coordinator');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const id = `CRDN-${randomBytes(8).toString('hex')}`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${path}.new`, `${id}\n`, { flush: true });
  renameSync(`${path}.new`, path);
  return id;
}
