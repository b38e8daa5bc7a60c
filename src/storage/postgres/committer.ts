/**
 * Commits: one request each, and what follows when it fails.
 *
 * A connection can die during a commit. Then nobody knows whether it was done, and doing it again blindly could do it twice. Of one row the
 * versions tell: the same commit again either finds the row as it was, or finds its own doing. Of more rows a mark tells that is written along;
 * whoever asks first writes the opposite mark under the same id, so that a commit that is still on its way then fails.
 */
import { ArangoError, clock, isArangoError, log } from '#base';
import type { RowId, TableId } from '../engine.ts';
import { StorageConflict } from '../conflict.ts';
import type { Overlay } from '../overlay.ts';
import { UnknownOutcomeError } from './outcome.ts';
import {
  BEGIN,
  checkVersion,
  COMMIT,
  frame,
  LOCK_DEFINITIONS,
  mark,
  WAIT_FOR_DEFINITIONS,
  writeSteps,
  type Before,
  type Step,
} from './commit.ts';
import { fuse } from './fuse.ts';
import { newMarkId } from './mark-id.ts';
import { rowTable } from './schema.ts';
import { firstNumber, type PostgresStore } from './store.ts';
import { ANY_CONNECTION, ENDS, int8, nextColumn, statement, type Answer, type Handle } from './wire.ts';

/** Definitions that change again and again while a transaction wants to commit. */
const RECHECKS = 20;
/** How long it may take to find out what has become of a commit, beyond what a new primary takes. */
const DECISION_MS = 15_000;
const LOCK_TIMEOUT = '55P03';

/**
 * Writes in any case, and so waits until standbys have what was there before it: a server that was started anew shows what it had committed alone, and may
 * still lose that.
 */
const DECIDE = statement(
  'INSERT INTO foxden.outcome AS o (id, committed) VALUES ($1, false) ON CONFLICT (id) DO UPDATE SET committed = o.committed RETURNING committed::int::bigint',
);

/** What a commit came to. */
type Result = 'done' | 'other definitions' | 'taken' | Error;

interface OnlyRow {
  readonly table: TableId;
  readonly id: RowId;
  readonly bytes: Uint8Array | undefined;
}

/** What commits, and how its outcome is found out when nobody has told it. */
type Marked = { readonly steps: readonly Step[] } & (
  { readonly only: OnlyRow; readonly id?: undefined } | { readonly id: Buffer; readonly only?: undefined }
);

export class Committer {
  readonly #store: PostgresStore;
  readonly #overlay: Overlay;
  readonly #before: Before;
  readonly #gone: ReadonlySet<TableId>;

  constructor(store: PostgresStore, overlay: Overlay, before: Before, gone: ReadonlySet<TableId>) {
    this.#store = store;
    this.#overlay = overlay;
    this.#before = before;
    this.#gone = gone;
  }

  /** By the definitions of `version`, of which the transaction has made its entries. */
  commitAtOnce(version: number): void {
    if (!this.#isLeft(version)) demand(this.#send(version));
  }

  /** False when a unique key was taken. */
  tryAtOnce(version: number): boolean {
    if (this.#isLeft(version)) return true;
    const result = this.#send(version);
    if (result === 'taken') return false;
    demand(result);
    return true;
  }

  /** Where definitions have changed since, `holdDefinitions` says whether they are those that matter. */
  commitDeferred(version: number, holdDefinitions: (() => void) | undefined): void {
    let known = version;
    for (let attempt = 0; attempt < RECHECKS; attempt++) {
      const result = this.#send(known);
      if (result !== 'other definitions') return demand(result);
      known = this.#store.shared.metaVersion;
      if (attempt === 0) holdDefinitions?.();
    }
    demand('other definitions');
  }

  /** On the connection that has the locks. `version`: undefined when the definitions are locked, too. */
  commitHeld(handle: Handle, version: number | undefined): void {
    const steps = this.#steps();
    const guards =
      version === undefined ? [] : this.#overlay.meta.size > 0 ? [frame(LOCK_DEFINITIONS), checkVersion(version)] : [checkVersion(version)];
    demand(this.#run(handle, this.#marked([...guards, ...steps], [frame(COMMIT)])));
  }

  /** On the connection that has the locks and a snapshot. The definitions that matter are held already, as rows; others may have changed. */
  commitExclusive(handle: Handle): void {
    demand(this.#run(handle, this.#marked([frame(WAIT_FOR_DEFINITIONS), ...this.#steps()], [frame(COMMIT)])));
  }

  /** Whether it is left to a commit that several transactions have together. */
  #isLeft(version: number): boolean {
    return this.#store.together?.take({ version, overlay: this.#overlay, before: this.#before }) === true;
  }

  #send(version: number): Result {
    const steps = [checkVersion(version), ...this.#steps()];
    // Whoever changes definitions keeps others from writing before it looks.
    if (this.#overlay.meta.size > 0) {
      return this.#run(ANY_CONNECTION, this.#marked([frame(BEGIN), frame(LOCK_DEFINITIONS), ...steps], [frame(COMMIT)]));
    }
    const marked = this.#marked(steps);
    const whole = fuse(marked.steps);
    if (whole === undefined) return this.#run(ANY_CONNECTION, marked);
    const result = this.#run(ANY_CONNECTION, { ...marked, steps: [whole] });
    return result instanceof StorageConflict ? this.#reasonOf(result, version) : result;
  }

  /** Why a commit in one statement met a conflict. */
  #reasonOf(met: StorageConflict, version: number): Result {
    if (this.#store.latestMetaVersion() !== version) return 'other definitions';
    return this.#overlay.entries.size > 0 ? 'taken' : met;
  }

  #steps(): Step[] {
    const { cleared } = this.#overlay;
    if (cleared.size === 0) return writeSteps(this.#overlay, this.#before, { existing: [], gone: [] });
    const names = this.#store.existingTables(cleared);
    const isGone = (name: string): boolean => this.#gone.has(Number(name.slice(2)));
    return writeSteps(this.#overlay, this.#before, {
      existing: names.filter((name) => !isGone(name)),
      gone: names.filter(isGone),
    });
  }

  /** `end`: what is to come after the mark, if there has to be one. */
  #marked(steps: readonly Step[], end: readonly Step[] = []): Marked {
    const only = this.#onlyRow();
    if (only !== undefined) return { only, steps: [...steps, ...end] };
    const id = newMarkId();
    return { id, steps: [...steps, mark(id), ...end] };
  }

  #run(handle: Handle, { steps, only, id }: Marked): Result {
    try {
      return this.#resultOf(this.#call(handle, steps), steps);
    } catch (error) {
      if (!(error instanceof UnknownOutcomeError)) throw error;
      log.warning('engines', error.message);
      return only === undefined ? this.#decide(id, error) : this.#decideRow(only, steps, error);
    }
  }

  #call(handle: Handle, steps: readonly Step[]): Answer {
    return this.#store.call(handle, ENDS, (writer) => {
      for (const { statement: what, parameters } of steps) writer.run(what, parameters);
    });
  }

  #resultOf({ results, error }: Answer, steps: readonly Step[]): Result {
    if (error === undefined) {
      const at = steps.findIndex(({ kind }) => kind === 'new version');
      if (at >= 0) this.#store.shared.raiseMetaVersion(firstNumber(results[at]));
      return 'done';
    }
    const { kind } = steps[error.statement] ?? {};
    if (kind === 'version' && error.code === '22012') {
      this.#store.latestMetaVersion();
      return 'other definitions';
    }
    if (kind === 'entries' && error.code === '22012') return 'taken';
    return this.#store.meaningOf(error);
  }

  /** The row that this commit changes, if it changes one and nothing else but its entries. */
  #onlyRow(): OnlyRow | undefined {
    const { rows, cleared, meta } = this.#overlay;
    if (rows.size !== 1 || cleared.size > 0 || meta.size > 0) return undefined;
    const [[table, writes]] = [...rows] as [[TableId, NonNullable<ReturnType<typeof rows.get>>]];
    if (writes.size !== 1) return undefined;
    const [[id, bytes]] = [...writes.from(undefined)] as [readonly [RowId, Uint8Array | undefined]];
    return { table, id, bytes };
  }

  /**
   * The same commit again does it, unless it was done; then the row is as it was to be. Where it is neither, another commit may have come after this one or
   * in its place, and nobody can tell.
   */
  #decideRow({ table, id, bytes }: OnlyRow, steps: readonly Step[], cause: Error): Result {
    const framed = steps.at(-1)?.statement === COMMIT ? [frame(BEGIN), ...steps] : steps;
    return decided(cause, () => {
      const result = this.#resultOf(this.#call(ANY_CONNECTION, framed), framed);
      if (result === 'done') return result;
      const answer = this.#store.call(ANY_CONNECTION, 0, (writer) => {
        writer.run(statement(`SELECT row FROM ${rowTable(table)} WHERE id = $1`), [int8(id)]);
        // A write, as `DECIDE` has to be one.
        writer.run(DECIDE, [newMarkId()]);
      });
      const { buffer, starts, count } = this.#store.checked(answer).results[0]!;
      const stored = count === 0 ? undefined : buffer.subarray(starts[0]! + 4, nextColumn(buffer, starts[0]!));
      const isDone = bytes === undefined ? count === 0 : stored?.equals(bytes) === true;
      if (isDone) return 'done';
      // The commit that was lost sight of may be what holds the row.
      return isLockTimeout(result) ? undefined : unknown(cause);
    });
  }

  #decide(id: Buffer, cause: Error): Result {
    return decided(cause, () => {
      const { results } = this.#store.checked(this.#store.call(ANY_CONNECTION, 0, (writer) => writer.run(DECIDE, [id])));
      if (firstNumber(results[0]) === 0)
        return new StorageConflict('the connection to the database was lost, nothing was changed', { cause });
      this.#store.latestMetaVersion();
      return 'done';
    });
  }
}

/** What `attempt` finds out, which is asked again while it does not know, or its own connection dies. */
function decided(cause: Error, attempt: () => Result | undefined): Result {
  const untilMs = clock.monotonic() + DECISION_MS;
  do {
    try {
      const result = attempt();
      if (result !== undefined) return result;
    } catch (error) {
      const isToBeTriedAgain = error instanceof UnknownOutcomeError || error instanceof StorageConflict;
      if (!isToBeTriedAgain) return isArangoError(error) ? unknown(error) : (error as Error);
    }
  } while (clock.monotonic() < untilMs);
  return unknown(cause);
}

function isLockTimeout(result: Result): boolean {
  return result instanceof Error && (result.cause as { readonly code?: string } | undefined)?.code === LOCK_TIMEOUT;
}

function demand(result: Result): void {
  if (result === 'done') return;
  if (result instanceof Error) throw result;
  const why = result === 'taken' ? 'write-write conflict' : 'write-write conflict: definitions have changed';
  throw new StorageConflict(why);
}

function unknown(cause: Error): ArangoError {
  const error = new ArangoError('ERROR_CLUSTER_TIMEOUT', { message: 'it is not known whether the transaction was committed' }, { cause });
  error.code = 503;
  return error;
}
