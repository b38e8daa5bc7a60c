/**
 * A query that is being run: batches of results, pulled one after the other, and what there is to say about it.
 *
 * Results come as values or as JSON text, as the first call asks; they are made as that and nothing else.
 */
import { ArangoError, clock, findErrorName, isArangoError } from '#base';
import type { DocumentView, Value, ValueObject } from '#values';
import type { QueryWarning } from './bound-query.ts';
import { json } from './compile/output.ts';
import { isTooLarge } from './query-error.ts';
import type { Run } from './run.ts';

type Results =
  { readonly are: 'values'; readonly batches: Batches<Value | DocumentView> } | { readonly are: 'json'; readonly batches: Batches<string> };

/** What `next` and `return` of a generator are for. */
interface Batches<Result> {
  next(): IteratorResult<readonly Result[], void>;
  return?(): unknown;
}

/** A query that can be started. */
interface Startable {
  /** All of it runs before the first result is given out, so that leaving early leaves nothing unwritten. */
  readonly isModification: boolean;
  readonly isProfiled: boolean;
  /** The nodes that an error passes when memory runs out, as a part of its text. */
  readonly memoryTrace: string;
  /** What planning had to say. */
  readonly warnings: readonly QueryWarning[];
  /** What is added to the whole of `extra` and to its statistics. */
  profile(run: Run, executionSeconds: number): { readonly extra: ValueObject; readonly stats: ValueObject };
  startForValues(run: Run): Generator<readonly (Value | DocumentView)[], void, void>;
  startForJson(run: Run): Generator<readonly string[], void, void>;
}

export class Execution {
  readonly #query: Startable;
  readonly #run: Run;
  readonly #startedMs: number;
  #finishedMs: number | undefined;
  #results: Results | undefined;

  constructor(query: Startable, run: Run, startedMs: number) {
    this.#query = query;
    this.#run = run;
    this.#startedMs = startedMs;
  }

  /** From now on whoever calls keeps all results, which counts as memory of the query. */
  keepResults(): void {
    this.#run.keepsResults = true;
  }

  /** The next results, which belong to the caller; undefined at the end. Documents may come undecoded. */
  next(): readonly (Value | DocumentView)[] | undefined {
    try {
      const results = (this.#results ??= { are: 'values', batches: this.#start(this.#query.startForValues(this.#run)) });
      if (results.are === 'values') return this.#pull(results.batches);
      return this.#pull(results.batches)?.map((text) => JSON.parse(text) as Value);
    } catch (error) {
      this.#finish();
      throw whileExecuting(error, this.#query);
    }
  }

  /** The next results as JSON texts. */
  nextJson(): readonly string[] | undefined {
    try {
      const results = (this.#results ??= { are: 'json', batches: this.#start(this.#query.startForJson(this.#run)) });
      return results.are === 'json' ? this.#pull(results.batches) : this.#pull(results.batches)?.map(json);
    } catch (error) {
      this.#finish();
      throw whileExecuting(error, this.#query);
    }
  }

  #start<Result>(batches: Generator<readonly Result[], void, void>): Batches<Result> {
    return this.#query.isModification ? [...batches].values() : batches;
  }

  #pull<Result>(batches: Batches<Result>): readonly Result[] | undefined {
    const { done, value } = batches.next();
    if (done === true) {
      this.#finish();
      return undefined;
    }
    return value;
  }

  #finish(): void {
    this.#finishedMs ??= clock.monotonic();
  }

  /** Ends it, whether there are more results or not. */
  close(): void {
    this.#results?.batches.return?.();
    this.#finish();
  }

  /** Whether `extra` reads from the transaction, which must then still be open. */
  get isProfiled(): boolean {
    return this.#query.isProfiled;
  }

  /** What there is to say of a run that is over. */
  outcome(): { readonly warnings: number; readonly peakMemoryUsage: number } {
    return { warnings: this.#warnings().length, peakMemoryUsage: this.#run.peakMemoryBytes };
  }

  /** `extra` of an answer: complete once the results are. */
  extra(): ValueObject {
    const executionTime = ((this.#finishedMs ?? clock.monotonic()) - this.#startedMs) / 1000;
    const stats = this.#run.statistics(executionTime);
    const warnings = this.#warnings();
    if (!this.isProfiled) return { warnings, stats };
    const profile = this.#query.profile(this.#run, executionTime);
    return { warnings, stats: { ...stats, ...profile.stats }, ...profile.extra };
  }

  #warnings(): ValueObject[] {
    if (this.#query.warnings.length === 0 && this.#run.warnings.length === 0) return [];
    const all: readonly QueryWarning[] = [...this.#query.warnings, ...this.#run.warnings];
    return all.slice(0, this.#run.maxWarningCount).map(({ code, message }) => ({ code, message }));
  }
}

/** An error with ArangoDB's frame for its message. A string or array that is too long for JavaScript is too large for the query. */
function whileExecuting(error: unknown, query: Startable): unknown {
  if (isTooLarge(error)) return whileExecuting(new ArangoError('ERROR_RESOURCE_LIMIT', undefined, { cause: error }), query);
  if (!isArangoError(error) || error.message.startsWith('AQL: ')) return error;
  const name = findErrorName(error.errorNum);
  if (name === undefined) return error;
  const trace = name === 'ERROR_RESOURCE_LIMIT' ? query.memoryTrace : '';
  return new ArangoError(name, { message: `AQL: ${error.message}${trace} (while executing)` }, { cause: error });
}
