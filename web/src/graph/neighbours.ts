/** The neighbours of a vertex, asked by AQL: in a named graph, or by all edge collections of the database. */
import { listCollections, queryAll } from '../data/model.ts';

export type Direction = 'ANY' | 'OUTBOUND' | 'INBOUND';

export interface NeighbourOptions {
  /** Undefined: all edges of the database. */
  readonly graph: string | undefined;
  readonly direction: Direction;
  readonly limit: number;
}

export async function neighbours(start: string, { graph, direction, limit }: NeighbourOptions): Promise<readonly unknown[]> {
  const bounds = { start, limit };
  if (graph !== undefined) {
    return queryAll(`FOR v, e IN 1..1 ${direction} @start GRAPH @graph LIMIT @limit RETURN { v, e }`, { ...bounds, graph });
  }
  const edges = (await listCollections()).filter(({ type, isSystem }) => type === 3 && !isSystem).map(({ name }) => name);
  if (edges.length === 0) return [];
  const names = edges.map((_, i) => `@@edges${i}`).join(', ');
  const given = Object.fromEntries(edges.map((name, i) => [`@edges${i}`, name]));
  return queryAll(`FOR v, e IN 1..1 ${direction} @start ${names} LIMIT @limit RETURN { v, e }`, { ...bounds, ...given });
}
