/**
 * Commits: one request each, and what follows when it fails.
 *
 * A connection can die during a commit. Then nobody knows whether it was done, and doing it again blindly could do it twice. Of one row the
 * versions tell: the same commit again either finds the row as it was, or finds its own doing. Of more rows a mark tells that is written along;
 * whoever asks first writes the opposite mark under the same id, so that a commit that is still on its way then fails.
 */
import { randomBytes } from 'node:crypto';
import { ArangoError, isArangoError, log } from '#base';
import type { RowId, TableId } from '../engine.ts';
import { StorageConflict } from '../conflict.ts';
import type { Overlay } from '../overlay.ts';
import { UnknownOutcomeError } from './outcome.ts';
import { BEGIN, checkVersion, COMMIT, frame, fuse, LOCK_DEFINITIONS, mark, writeSteps, type Before, type Step } from './commit.ts';
import { rowTable } from './schema.ts';
import { firstNumber, type PostgresStore } from './store.ts';
import { ANY_CONNECTION, ENDS, int8, nextColumn, statement, type Answer, type Handle } from './wire.ts';

/** Definitions that change again and again while a transaction wants to commit. */
const RECHECKS = 20;
const DECISIONS = 10;
const ID_BYTES = 16;

const DECIDE = statement('INSERT INTO foxden.outcome (id, committed) VALUES ($1, false) ON CONFLICT DO NOTHING');
const DECIDED = statement('SELECT committed::int::bigint FROM foxden.outcome WHERE id = $1');

/** What a commit came to. */
type Result = 'done' | 'other definitions' | 'taken' | Error;

interface OnlyRow {
  readonly table: TableId;
  readonly id: RowId;
  readonly bytes: Uint8Array | undefined;
}

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
    demand(this.#send(version));
  }

  /** False when a unique key was taken. */
  tryAtOnce(version: number): boolean {
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
    demand(this.#run(handle, [...guards, ...steps, frame(COMMIT)]));
  }

  #send(version: number): Result {
    const steps = this.#steps();
    // Whoever changes definitions keeps others from writing before it looks.
    if (this.#overlay.meta.size === 0) {
      const checked = [checkVersion(version), ...steps];
      const whole = this.#onlyRow() === undefined ? undefined : fuse(checked);
      if (whole === undefined) return this.#run(ANY_CONNECTION, checked);
      const result = this.#run(ANY_CONNECTION, [whole]);
      return result instanceof StorageConflict ? this.#reasonOf(result, version) : result;
    }
    return this.#run(ANY_CONNECTION, [frame(BEGIN), frame(LOCK_DEFINITIONS), checkVersion(version), ...steps, frame(COMMIT)]);
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

  #run(handle: Handle, writes: readonly Step[], attempt = 1): Result {
    const only = this.#onlyRow();
    const id = only === undefined ? randomBytes(ID_BYTES) : undefined;
    // Before a commit that is written out, not after it.
    const at = writes.at(-1)?.statement === COMMIT ? writes.length - 1 : writes.length;
    const steps = id === undefined ? writes : [...writes.slice(0, at), mark(id), ...writes.slice(at)];
    try {
      return this.#resultOf(this.#call(handle, steps), steps);
    } catch (error) {
      if (!(error instanceof UnknownOutcomeError)) throw error;
      log.warning('engines', error.message);
      if (id === undefined) return this.#decideRow(only!, steps, error);
      if (this.#isDone(id, error)) return 'done';
      // Nothing of it was done; what proves that nothing came in between goes along once more, where no locks were lost.
      if (handle === ANY_CONNECTION && attempt < DECISIONS) return this.#run(handle, writes, attempt + 1);
      return new StorageConflict('the connection to the database was lost, nothing was changed', { cause: error });
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

  /** The same commit again does it, unless it was done; then the row is as it was to be. */
  #decideRow({ table, id, bytes }: OnlyRow, steps: readonly Step[], cause: Error): Result {
    for (let attempt = 0; attempt < DECISIONS; attempt++) {
      try {
        const framed = steps.at(-1)?.statement === COMMIT ? [frame(BEGIN), ...steps] : steps;
        const result = this.#resultOf(this.#call(ANY_CONNECTION, framed), framed);
        if (result === 'done' || result === 'other definitions') return result;
        const [rows] = this.#store.ask((writer) =>
          writer.run(statement(`SELECT row FROM ${rowTable(table)} WHERE id = $1`), [int8(id)]),
        ).results;
        const { buffer, starts, count } = rows!;
        if (bytes === undefined) return count === 0 ? 'done' : result;
        const stored = count === 0 ? undefined : buffer.subarray(starts[0]! + 4, nextColumn(buffer, starts[0]!));
        return stored?.equals(bytes) === true ? 'done' : result;
      } catch (error) {
        if (!(error instanceof UnknownOutcomeError)) throw error;
      }
    }
    throw unknown(cause);
  }

  /** Whether the commit with this mark was done; otherwise it never will be. */
  #isDone(id: Buffer, cause: Error): boolean {
    for (let attempt = 0; attempt < DECISIONS; attempt++) {
      try {
        this.#store.checked(this.#store.call(ANY_CONNECTION, 0, (writer) => writer.run(DECIDE, [id])));
        const { results } = this.#store.ask((writer) => writer.run(DECIDED, [id]));
        const isDone = firstNumber(results[0]) === 1;
        if (isDone) this.#store.latestMetaVersion();
        return isDone;
      } catch (error) {
        if (!(error instanceof UnknownOutcomeError)) throw isArangoError(error) ? unknown(error) : error;
      }
    }
    throw unknown(cause);
  }
}

function demand(result: Result): void {
  if (result === 'done') return;
  if (result instanceof Error) throw result;
  const why = result === 'taken' ? 'write-write conflict' : 'write-write conflict: definitions have changed';
  throw new StorageConflict(why);
}

function unknown(cause: Error): ArangoError {
  return new ArangoError('ERROR_HTTP_SERVICE_UNAVAILABLE', 'it is not known whether the transaction was committed', { cause });
}
