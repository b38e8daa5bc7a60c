/**
 * One statement that follows entries over several levels: those under given keys, those under the keys that their values are, and so on, with
 * the rows that these name. What comes back is in parts, which are numbered: each level of each index, then the rows.
 */
import type { NamedRows, TableId } from '../engine.ts';
import { rowsUnder } from './queries.ts';
import { entryTable, rowTable } from './schema.ts';
import { statement, type Statement } from './wire.ts';

/** Larger rows, and more of a part, come when they are asked for: an array may have a gigabyte at most, and a vertex millions of neighbours. */
const LARGEST_ROW_BYTES = 32 * 1024;
const MOST_ROWS = 16 * 1024;

export interface ExpansionShape {
  readonly indexes: readonly TableId[];
  /** Beside the first. */
  readonly levels: number;
  /** From which entries of a level the next one goes on: from all, or only from so many with the lowest or highest ids. */
  readonly goesOn: 'from all' | 'from first' | 'from last';
  /** Rows under unique keys that values name. */
  readonly named: readonly NamedRows[];
  /** Row tables of the indexes, if the rows of the entries are wanted. */
  readonly own: readonly TableId[];
}

/** What a part has: entries of an index, or rows under keys, or rows by their ids. */
type ExpansionPart =
  | { readonly is: 'entries'; readonly way: number; readonly level: number }
  | { readonly is: 'named'; readonly place: number }
  | { readonly is: 'own'; readonly way: number };

/** By their numbers. */
export function partsOf({ indexes, levels, named, own }: ExpansionShape): ExpansionPart[] {
  const parts: ExpansionPart[] = [];
  for (let level = 0; level <= levels; level++) for (const way of indexes.keys()) parts.push({ is: 'entries', way, level });
  for (const place of named.keys()) parts.push({ is: 'named', place });
  for (const way of own.keys()) parts.push({ is: 'own', way });
  return parts;
}

/** The keys of the next level. */
function onward(entries: string, goesOn: ExpansionShape['goesOn']): string {
  const order = { 'from all': '', 'from first': ' ORDER BY id, v LIMIT $3', 'from last': ' ORDER BY id DESC, v LIMIT $3' }[goesOn];
  return `SELECT v || '\\x00'::bytea FROM (${entries}) b${order}`;
}

/** Rows of columns `k, id, row` as a part, those without a key together. */
function rowsInArrays(part: number, rows: string): string {
  const some = `SELECT k, id, row FROM (${rows}) r WHERE octet_length(row) <= ${LARGEST_ROW_BYTES} LIMIT ${MOST_ROWS}`;
  return `SELECT ${part}, k, array_agg(id), array_agg(row) FROM (${some}) s GROUP BY k`;
}

/**
 * Columns `part, k, ids, contents`, of which the last two are arrays: the entries under a key with their values, or rows. Rows have a key of their own (`k`)
 * where they do not tell it. The order of rows of the answer and within arrays is the server's. Parameters: the keys; beyond the first level, how many entries
 * there may be of each index at a level, and from how many entries it goes on; the beginnings of values that name rows.
 *
 * Arrays of keys are what the server is fastest with: it sorts them, leaves out what comes twice, and goes through the index once; a join would begin at the
 * root again for each. And it sends few large messages in less time than many small ones, as do all who pass them on.
 */
export function expansion(shape: ExpansionShape): Statement {
  const { indexes, levels, named, own, goesOn } = shape;
  const name = (level: number, way: number): string => `l${level}_${way}`;
  const prefix = (place: number): string => `$${place + (levels === 0 ? 2 : goesOn === 'from all' ? 3 : 4)}::bytea`;
  const from = (column: string, sources: readonly string[]): string =>
    sources.map((each) => `SELECT ${column} FROM ${each}`).join(' UNION ALL ');
  const levelNames = (level: number): string[] => indexes.map((_, way) => name(level, way));
  const all = Array.from({ length: levels + 1 }, (_, level) => levelNames(level)).flat();
  const queries = partsOf(shape).map((part, number) => {
    switch (part.is) {
      case 'entries':
        return `SELECT ${number}::bigint, k, array_agg(id), array_agg(v) FROM ${name(part.level, part.way)} GROUP BY k`;
      case 'named': {
        const given = prefix(part.place);
        const keys = `SELECT substring(v FROM length(${given}) + 1) || '\\x00'::bytea FROM (${from('v', all)}) a WHERE substring(v FROM 1 FOR length(${given})) = ${given}`;
        return rowsInArrays(number, rowsUnder(named[part.place]!, `ARRAY(${keys})`));
      }
      case 'own': {
        const sources = Array.from({ length: levels + 1 }, (_, level) => name(level, part.way));
        const ids = `ARRAY(${from('id', sources)})`;
        return rowsInArrays(number, `SELECT NULL::bytea AS k, id, row FROM ${rowTable(own[part.way]!)} WHERE id = ANY (${ids})`);
      }
    }
  });
  const entries = Array.from({ length: levels + 1 }, (_, level) => {
    const keys = level === 0 ? '$1::bytea[]' : `ARRAY(${onward(from('id, v', levelNames(level - 1)), goesOn)})`;
    const limit = level === 0 ? '' : ' LIMIT $2';
    return indexes.map(
      (index, way) => `${name(level, way)} AS (SELECT k, id, v FROM ${entryTable(index)} WHERE k = ANY (${keys}) ORDER BY k, d${limit})`,
    );
  });
  return statement(`WITH ${entries.flat().join(', ')} ${queries.join(' UNION ALL ')}`);
}
