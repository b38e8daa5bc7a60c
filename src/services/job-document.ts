/** A job as `_jobs` has it, and what becomes of it after a run: done, tried again, repeated, or failed. */
import type { Value } from '#values';

/** Functions are kept as their source. */
export interface JobDocument {
  readonly _id: string;
  readonly _key: string;
  readonly queue: string;
  readonly status: 'pending' | 'progress' | 'complete' | 'failed';
  readonly type: {
    readonly name: string;
    readonly mount?: string;
    readonly backOff?: unknown;
    readonly maxFailures?: unknown;
    readonly repeatDelay?: unknown;
    readonly repeatTimes?: unknown;
    readonly repeatUntil?: unknown;
  };
  readonly data?: Value;
  readonly failures?: readonly Value[];
  readonly runs?: number;
  readonly runFailures?: number;
  readonly delayUntil: number;
  readonly backOff?: unknown;
  readonly maxFailures?: unknown;
  readonly repeatDelay?: unknown;
  readonly repeatTimes?: unknown;
  readonly repeatUntil?: unknown;
  readonly success?: unknown;
  readonly failure?: unknown;
  /** Who runs it, by a name that no other run has. */
  readonly startedBy?: string;
}

export type RunOutcome = { readonly is: 'done'; readonly result: unknown } | { readonly is: 'failed'; readonly error: Value };

export interface AfterRun {
  /** The attributes that change. */
  readonly changes: Readonly<Record<string, Value>>;
  /** The function to call now; undefined for a run that will be tried again. */
  readonly callback: 'success' | 'failure' | undefined;
}

export interface AfterRunOptions {
  readonly nowMs: number;
  /** Calls a function that came as its source. */
  readonly call: (source: string, argument: number) => unknown;
}

const DEFAULT_BACK_OFF_MS = 1000;

/** A run is the tries up to the first success, or to one more failure than are allowed. */
export function afterRun(job: JobDocument, outcome: RunOutcome, { nowMs, call }: AfterRunOptions): AfterRun {
  if (outcome.is === 'done') return { changes: { ...endOfRun(job, 'complete', nowMs), modified: nowMs }, callback: 'success' };
  const failures = [...(job.failures ?? []), outcome.error];
  const runFailures = (job.runFailures ?? 0) + 1;
  const changes = { failures, runFailures, modified: nowMs };
  const limit = setting(job, 'maxFailures');
  if (limit < 0 || runFailures <= limit) {
    return { changes: { ...changes, status: 'pending', delayUntil: nowMs + backOff(job, runFailures - 1, call) }, callback: undefined };
  }
  return { changes: { ...changes, ...endOfRun(job, 'failed', nowMs) }, callback: 'failure' };
}

function endOfRun(job: JobDocument, status: 'complete' | 'failed', nowMs: number): Readonly<Record<string, Value>> {
  const runs = (job.runs ?? 0) + 1;
  const times = setting(job, 'repeatTimes');
  const until = setting(job, 'repeatUntil');
  const isRepeated = (times < 0 || runs < times) && (until <= 0 || nowMs <= until);
  if (!isRepeated) return { runs, status };
  return { runs, runFailures: 0, status: 'pending', delayUntil: nowMs + Math.max(0, setting(job, 'repeatDelay')) };
}

/** The job's own, or else its type's; a negative number has no limit, and so have those who say nothing no repetition. */
function setting({ type, ...job }: JobDocument, name: 'maxFailures' | 'repeatDelay' | 'repeatTimes' | 'repeatUntil'): number {
  const value = job[name] ?? type[name];
  return typeof value === 'number' ? value : 0;
}

/**
 * How long until the next try. With a number the first one follows at once, and later ones after a random multiple, so that jobs which
 * failed together are not tried together.
 */
function backOff(job: JobDocument, earlierFailures: number, call: AfterRunOptions['call']): number {
  const given = job.backOff ?? job.type.backOff ?? DEFAULT_BACK_OFF_MS;
  const isFunction = typeof given === 'string' && Number.isNaN(Number(given));
  const ms = isFunction ? Number(call(given, earlierFailures)) : Number(given) * Math.floor(Math.random() * (earlierFailures + 1));
  return Number.isFinite(ms) && ms > 0 ? ms : 0;
}
