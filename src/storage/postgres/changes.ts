/**
 * Who changes a table of which others keep what they have read writes down that he did, in the same commit: one row for each such table and
 * transaction, named by the server's number of the transaction.
 *
 * So whoever keeps something finds out with one small question whether it is still as the server has it. All changes that a snapshot shows and an earlier one
 * did not are of transactions that were not over then, and these have numbers from the earlier snapshot's lowest (`xmin`) on: when both show
 * the same changes from there on, both show the same rows.
 */
import type pg from 'pg';
import type { TableId } from '../engine.ts';
import { arrayCount, firstElement, int8, int8Array, nextColumn, readInt8, statement, type Parameter, type Rows } from './wire.ts';

const CHANGE = 'foxden.change';

/** `t` is a row table, `x` the number of the transaction that has changed it. */
export const CREATE_CHANGES = `CREATE TABLE IF NOT EXISTS ${CHANGE} (t bigint, x bigint, PRIMARY KEY (t, x))`;
/** Changes below this counter are not known any more. */
export const CHANGES_FLOOR = 'change';

/** Tells that the transaction has changed a table, which is the only parameter. */
export function tellText(parameter: '$1' | '$?'): string {
  return `INSERT INTO ${CHANGE} (t, x) VALUES (${parameter}, pg_current_xact_id()::text::bigint)`;
}

/** What is beyond that is not worth being compared. */
export const MOST_CHANGES = 256;

const FROM_XMIN = -1;

/** What a snapshot shows of the changes of some tables. Parameters: the tables, and from which transaction on (-1: from its own `xmin`). */
export const LOOK = statement(
  `SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint, v.value, f.value,
    s.xmin, ARRAY(SELECT c.x FROM unnest($1::bigint[]) n(t), LATERAL (
      SELECT x FROM ${CHANGE} c WHERE c.t = n.t AND c.x >= coalesce(nullif($2::bigint, ${FROM_XMIN}), s.xmin) ORDER BY x DESC LIMIT ${MOST_CHANGES + 1}
    ) c)
  FROM foxden.version v, foxden.counter f, (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin) s
  WHERE f.name = '${CHANGES_FLOOR}'`,
);

/** The state of some tables in a snapshot, as far as it can be told from another one. */
export interface TablesState {
  /** When the server was started: one that was started later, or another one, may use the numbers of transactions again that were lost. */
  readonly server: number;
  /** Of the definitions. */
  readonly version: number;
  /** All transactions with lower numbers are over. */
  readonly xmin: number;
  /** Those from there on that have changed the tables. */
  readonly changes: readonly number[];
}

/** What a look has shown. */
export class Look {
  readonly #server: number;
  readonly #version: number;
  readonly #floor: number;
  readonly #xmin: number;
  readonly #changes: readonly number[];
  /** All of these changes from here on are known. */
  readonly #from: number;

  /** `from`: as it was asked with. */
  constructor({ buffer, starts }: Rows, from: number | undefined) {
    let at = starts[0]!;
    const next = (): number => {
      const value = readInt8(buffer, at);
      at = nextColumn(buffer, at);
      return value;
    };
    this.#server = next();
    this.#version = next();
    this.#floor = next();
    this.#xmin = next();
    this.#changes = numbersAt(buffer, at);
    this.#from = from ?? this.#xmin;
  }

  /** `from`: the transaction from which on changes are looked for; its own `xmin` if not given. */
  static parameters(tables: readonly TableId[], from: number | undefined): Parameter[] {
    return [int8Array(tables), int8(from ?? FROM_XMIN)];
  }

  /** What to compare later snapshots with; undefined where definitions are not those of `version`, or more is going on than is worth it. */
  state(version: number): TablesState | undefined {
    const changes = this.#changes.filter((x) => x >= this.#xmin);
    if (this.#version !== version || changes.length > MOST_CHANGES || this.#from > this.#xmin) return undefined;
    return { server: this.#server, version, xmin: this.#xmin, changes };
  }

  /** How the tables are beside a state that is known: `earlier` is also what cannot be told. */
  compare(known: TablesState): 'same' | 'changed' | 'earlier' {
    if (this.#server !== known.server || this.#version !== known.version || known.xmin < this.#floor) return 'changed';
    if (this.#xmin < known.xmin || this.#from > known.xmin) return 'earlier';
    const hasNew = this.#changes.some((x) => !known.changes.includes(x));
    if (hasNew) return 'changed';
    if (known.changes.every((x) => this.#changes.includes(x))) return 'same';
    return 'earlier';
  }
}

function numbersAt(buffer: Buffer, at: number): number[] {
  const dimensions = buffer.readInt32BE(at + 4);
  if (dimensions === 0) return [];
  const numbers: number[] = [];
  let element = firstElement(at);
  for (let left = arrayCount(buffer, at); left > 0; left--) {
    numbers.push(readInt8(buffer, element));
    element = nextColumn(buffer, element);
  }
  return numbers;
}

const HIGHEST = 'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS x';

/** No transaction of this server had such numbers so far: they came with a dump of another one. */
const FORGET_FOREIGN = `WITH s AS (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS x),
    gone AS (DELETE FROM ${CHANGE} c USING s WHERE c.x >= s.x)
  UPDATE foxden.counter c SET value = 0 FROM s WHERE c.name = '${CHANGES_FLOOR}' AND c.value > s.x`;

/** Has changes forgotten that are so old that nobody asks for them any more. */
export class Forgetting {
  readonly #afterRounds: number;
  readonly #highest: string[] = [];

  /** Changes are kept for so many rounds. */
  constructor(afterRounds: number) {
    this.#afterRounds = afterRounds;
  }

  async round(client: pg.Client): Promise<void> {
    await client.query(FORGET_FOREIGN);
    const { rows } = await client.query<{ x: string }>(HIGHEST);
    this.#highest.push(rows[0]!.x);
    if (this.#highest.length <= this.#afterRounds) return;
    const below = this.#highest.shift()!;
    // In one statement: whoever sees that some are gone also sees the counter that says so.
    await client.query(
      `WITH gone AS (DELETE FROM ${CHANGE} WHERE x < $1::bigint)
      UPDATE foxden.counter SET value = $1::bigint WHERE name = '${CHANGES_FLOOR}' AND value < $1::bigint`,
      [below],
    );
  }
}
