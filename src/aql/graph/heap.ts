/** A queue that gives out what has the least weight; of equal weights what came first, or last. */

interface Waiting<Item> {
  readonly weight: number;
  readonly order: number;
  readonly item: Item;
}

export class Heap<Item> {
  readonly #items: Waiting<Item>[] = [];
  readonly #step: 1 | -1;
  #order = 0;

  constructor(amongEquals: 'first' | 'last' = 'first') {
    this.#step = amongEquals === 'first' ? 1 : -1;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The least weight that waits. */
  get least(): number {
    return this.#items[0]?.weight ?? Infinity;
  }

  push(weight: number, item: Item): void {
    const items = this.#items;
    this.#order += this.#step;
    const added = { weight, order: this.#order, item };
    let place = items.length;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = items[parent] as Waiting<Item>;
      if (!isBefore(added, above)) break;
      items[place] = above;
      place = parent;
    }
    items[place] = added;
  }

  pop(): Item | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first?.item;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && isBefore(items[child + 1] as Waiting<Item>, items[child] as Waiting<Item>)) child++;
      const below = items[child] as Waiting<Item>;
      if (!isBefore(below, last)) break;
      items[place] = below;
      place = child;
    }
    items[place] = last;
    return first.item;
  }
}

function isBefore(left: Waiting<unknown>, right: Waiting<unknown>): boolean {
  return left.weight === right.weight ? left.order < right.order : left.weight < right.weight;
}
