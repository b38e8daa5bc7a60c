/**
 * Where the time of a run goes, node by node: a query that is compiled to be profiled says `at(node)` whenever a row gets to a node, and
 * the time until the next such moment is that node's.
 */
import { clock } from '#base';
import type { ValueObject } from '#values';
import type { Pipeline } from './plan.ts';

/** In ArangoDB a node gives out so many rows at a time. */
const ROWS_PER_CALL = 1000;

export class NodeProfile {
  /** Rows that have come to each node. */
  readonly #arrivals = new Map<number, number>();
  readonly #timesMs = new Map<number, number>();
  /** Rows that a node made and left out itself. */
  readonly #rejected = new Map<number, number>();
  #current: number | undefined;
  #sinceMs = 0;

  at(node: number): void {
    const nowMs = clock.monotonic();
    this.#spend(nowMs);
    this.#current = node;
    this.#sinceMs = nowMs;
    this.#arrivals.set(node, (this.#arrivals.get(node) ?? 0) + 1);
  }

  reject(node: number): void {
    this.#rejected.set(node, (this.#rejected.get(node) ?? 0) + 1);
  }

  /** Results are out of the query's hands. */
  pause(): void {
    this.#spend(clock.monotonic());
    this.#current = undefined;
  }

  #spend(nowMs: number): void {
    if (this.#current === undefined) return;
    this.#timesMs.set(this.#current, (this.#timesMs.get(this.#current) ?? 0) + nowMs - this.#sinceMs);
  }

  /** `extra.stats.nodes`: a node's time includes that of the nodes before it, from which it fetches. */
  statistics(nodes: Pipeline): readonly ValueObject[] {
    return this.#statistics(nodes).toSorted((left, right) => Number(left['id']) - Number(right['id']));
  }

  #statistics(nodes: Pipeline): readonly ValueObject[] {
    this.pause();
    let runtime = 0;
    return nodes.flatMap((node, i): readonly ValueObject[] => {
      const inner = node.type === 'SubqueryNode' ? this.#statistics(node.nodes) : [];
      const own = (this.#timesMs.get(node.id) ?? 0) / 1000 + Number(inner.at(-1)?.['runtime'] ?? 0);
      const fetching = runtime;
      runtime += own;
      const arrived = this.#arrivals.get(node.id) ?? 0;
      const next = nodes[i + 1];
      const items = next === undefined ? arrived : (this.#arrivals.get(next.id) ?? 0);
      const filtered = node.type === 'FilterNode' ? arrived - items : (this.#rejected.get(node.id) ?? 0);
      const calls = Math.max(1, Math.ceil(items / ROWS_PER_CALL));
      return [...inner, { id: node.id, calls, parallel: 0, items, filtered, runtime, fetching }];
    });
  }
}
