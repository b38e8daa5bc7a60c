/**
 * The steps of a traversal: each a vertex with the step before it and the edge between them, known by their numbers. They are kept in
 * arrays, as a walk has many and most are never looked at.
 *
 * Steps come in the order in which they were found, so siblings follow each other. Of a walk that goes deep first, those behind a step
 * are done with when its turn comes, and their room is used again.
 */
import type { CollectionDefinition } from '#catalog';

/** Arrays of 64 bytes are made much faster than larger ones, and many walks are short. */
const FIRST_ROOM = 8;
/** Instead of a step or a collection. */
export const NONE = -1;

/** What was read for several steps together, from the step `from` on. */
export interface StepGroup<Content> {
  readonly from: number;
  readonly content: Content;
}

export class Steps {
  count = 0;
  parents = new Int32Array(FIRST_ROOM);
  vertices = new Int32Array(FIRST_ROOM);
  depths = new Int32Array(FIRST_ROOM);
  weights = new Float64Array(FIRST_ROOM);
  /** Of the edges that led here. */
  rows = new Float64Array(FIRST_ROOM);
  #collections = new Int32Array(FIRST_ROOM);
  readonly #known: CollectionDefinition[] = [];

  /** Without a parent, `collection` is undefined. */
  add(parent: number, collection: CollectionDefinition | undefined, row: number, vertex: number, weight: number): number {
    const step = this.count++;
    if (step === this.parents.length) this.#grow();
    this.parents[step] = parent;
    this.vertices[step] = vertex;
    this.depths[step] = parent === NONE ? 0 : this.depths[parent]! + 1;
    this.weights[step] = weight;
    this.rows[step] = row;
    this.#collections[step] = collection === undefined ? NONE : this.#numberOf(collection);
    return step;
  }

  /** Of the edge; undefined at the start. */
  collectionOf(step: number): CollectionDefinition | undefined {
    return this.#known[this.#collections[step]!];
  }

  haveSameEdge(step: number, other: number): boolean {
    return this.rows[step] === this.rows[other] && this.#collections[step] === this.#collections[other];
  }

  /** The first of the steps up to `step` that have the same parent, at most `limit` of them. */
  firstSibling(step: number, limit: number): number {
    let first = step;
    while (first > 0 && step - first + 1 < limit && this.parents[first - 1] === this.parents[step]) first--;
    return first;
  }

  /** The end of the steps from `step` on that have the same parent. */
  endOfSiblings(step: number, limit: number): number {
    let end = step + 1;
    while (end < this.count && end - step < limit && this.parents[end] === this.parents[step]) end++;
    return end;
  }

  /** The end of the steps from `step` on that are as deep. */
  endOfDepth(step: number, limit: number): number {
    let end = step + 1;
    while (end < this.count && end - step < limit && this.depths[end] === this.depths[step]) end++;
    return end;
  }

  #numberOf(collection: CollectionDefinition): number {
    const known = this.#known.indexOf(collection);
    return known === -1 ? this.#known.push(collection) - 1 : known;
  }

  #grow(): void {
    const room = 4 * this.parents.length;
    this.parents = grown(this.parents, new Int32Array(room));
    this.vertices = grown(this.vertices, new Int32Array(room));
    this.depths = grown(this.depths, new Int32Array(room));
    this.weights = grown(this.weights, new Float64Array(room));
    this.rows = grown(this.rows, new Float64Array(room));
    this.#collections = grown(this.#collections, new Int32Array(room));
  }
}

function grown<Numbers extends Int32Array | Float64Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}

/** What was read for steps, found again by their numbers. */
export class StepGroups<Content> {
  readonly #groups: StepGroup<Content>[] = [];
  /** Of each step its group; 0: none, otherwise one more than its place. */
  #groupOf = new Int32Array(FIRST_ROOM);

  find(step: number): StepGroup<Content> | undefined {
    return this.#groups[(this.#groupOf[step] ?? 0) - 1];
  }

  /** For the steps from `from` up to `end`. */
  add(from: number, end: number, content: Content): StepGroup<Content> {
    const group = { from, content };
    const number = this.#groups.push(group);
    if (end > this.#groupOf.length) this.#groupOf = grown(this.#groupOf, new Int32Array(4 * end));
    this.#groupOf.fill(number, from, end);
    return group;
  }

  /** Forgets what is known of the steps from `count` up to `end`, which were the last. */
  forget(count: number, end: number): void {
    const groups = this.#groups;
    while (groups.length > 0 && groups.at(-1)!.from >= count) groups.pop();
    this.#groupOf.fill(0, count, end);
  }
}
