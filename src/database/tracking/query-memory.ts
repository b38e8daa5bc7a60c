/** The memory in which the threads of a process tell each other of their queries: which ones run, which were slow, results to serve again. */
import { createCommitCounters } from './commit-counters.ts';
import { createEntriesMemory } from './shared-entries.ts';
import { createRunningMemory } from './running-queries.ts';

export interface QueryMemory {
  readonly running: SharedArrayBuffer;
  readonly slow: SharedArrayBuffer;
  readonly results: SharedArrayBuffer;
  readonly plans: SharedArrayBuffer;
  /** The settings of tracking and of the cache. */
  readonly settings: SharedArrayBuffer;
  readonly commits: SharedArrayBuffer;
}

export const SLOW_SIZE = { entries: 256, bytes: 4 * 1024 * 1024 };
export const RESULTS_SIZE = { entries: 1024, bytes: 256 * 1024 * 1024 };
export const PLANS_SIZE = { entries: 512, bytes: 8 * 1024 * 1024 };
export const SETTINGS_BYTES = 256;

export function createQueryMemory(): QueryMemory {
  return {
    running: createRunningMemory(),
    slow: createEntriesMemory(SLOW_SIZE),
    results: createEntriesMemory(RESULTS_SIZE),
    plans: createEntriesMemory(PLANS_SIZE),
    settings: new SharedArrayBuffer(SETTINGS_BYTES),
    commits: createCommitCounters(),
  };
}
