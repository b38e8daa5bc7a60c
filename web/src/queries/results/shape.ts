/**
 * What a query's results look like, and so how they are best shown: a table where they are objects, a graph where there are edges or paths,
 * JSON always.
 */

export interface ResultShape {
  /** The attributes of the rows; undefined where rows are no objects, and stand in one column. */
  readonly columns: readonly string[] | undefined;
  readonly hasGraph: boolean;
}

const SAMPLE = 500;

export function shapeOf(results: readonly unknown[]): ResultShape {
  const sample = results.slice(0, SAMPLE);
  const isTable = sample.length > 0 && sample.every(isObject);
  return { columns: isTable ? columnsOf(sample.filter(isObject)) : undefined, hasGraph: graphOf(sample).edges.length > 0 };
}

/** System attributes first in ArangoDB's order, then the others as the rows have them. `_id` and `_rev` say little beside `_key`. */
export function columnsOf(rows: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  const system = ['_key', '_from', '_to'].filter((name) => names.has(name));
  const others = [...names].filter((name) => !SYSTEM.has(name));
  const rest = ['_id', '_rev'].filter((name) => names.has(name));
  return [...system, ...others, ...rest];
}

const SYSTEM: ReadonlySet<string> = new Set(['_key', '_id', '_rev', '_from', '_to']);

export interface FoundVertex {
  readonly id: string;
  /** Undefined when only an edge names it. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
}

export interface FoundEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** The vertices and edges in results of any form: edges, paths, `{vertex, edge}`, lists of them. */
export function graphOf(results: readonly unknown[]): { readonly vertices: readonly FoundVertex[]; readonly edges: readonly FoundEdge[] } {
  const vertices = new Map<string, FoundVertex>();
  const edges = new Map<string, FoundEdge>();
  const visit = (value: unknown, depth: number): void => {
    if (depth > MAX_DEPTH) return;
    if (Array.isArray(value)) for (const each of value) visit(each, depth + 1);
    if (!isObject(value)) return;
    const { _id: id, _from: from, _to: to } = value;
    if (typeof from === 'string' && typeof to === 'string') {
      const edge = { id: typeof id === 'string' ? id : `${from}→${to}#${edges.size}`, from, to, document: value };
      edges.set(edge.id, edge);
      for (const end of [from, to]) if (!vertices.has(end)) vertices.set(end, { id: end, document: undefined });
    } else if (typeof id === 'string' && id.includes('/')) vertices.set(id, { id, document: value });
    else for (const each of Object.values(value)) visit(each, depth + 1);
  };
  visit(results, 0);
  return { vertices: [...vertices.values()], edges: [...edges.values()] };
}

const MAX_DEPTH = 6;

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value in a cell: strings as they are, what is nested as short JSON. */
export function cellText(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  return JSON.stringify(value);
}

export type CellKind = 'missing' | 'null' | 'boolean' | 'number' | 'text' | 'nested';

export function cellKind(value: unknown): CellKind {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'number') return typeof value as 'boolean' | 'number';
  return typeof value === 'string' ? 'text' : 'nested';
}

/**
 * Rows as a table of comma-separated values (RFC 4180): a line of names, then a line a row. Nested values are JSON, null is nothing.
 */
export function toCsv(results: readonly unknown[]): string {
  const areObjects = results.length > 0 && results.every(isObject);
  const columns = areObjects ? columnsOf(results) : ['value'];
  const lines = results.map((row) =>
    columns.map((name) => csvField(areObjects ? (row as Readonly<Record<string, unknown>>)[name] : row)).join(','),
  );
  return [columns.map(csvField).join(','), ...lines, ''].join('\r\n');
}

function csvField(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = cellText(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
