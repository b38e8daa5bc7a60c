/** The writes of a transaction to one table, by key: what is written, or undefined for what is removed. */
import type { TableId } from './engine.ts';
import { SortedMap, type Ordered } from './sorted-map.ts';

export type Writes<Key extends Ordered> = SortedMap<Key, Uint8Array | undefined>;

export function writesOf<Key extends Ordered>(tables: Map<TableId, Writes<Key>>, table: TableId): Writes<Key> {
  let writes = tables.get(table);
  if (writes === undefined) {
    writes = new SortedMap();
    tables.set(table, writes);
  }
  return writes;
}
