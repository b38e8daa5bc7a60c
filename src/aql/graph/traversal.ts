/**
 * Traversals: all walks from a vertex, in the order of depth, breadth or weight.
 *
 * Steps wait until their turn: a stack goes deep first, and since what was put on it last comes first, edges come in the reverse order of
 * their insertion, as in ArangoDB since 3.10. Neighbours and documents of siblings are read together.
 */
import type { DocumentView, Value } from '#values';
import type { GraphOptions, GraphSource } from '../plan.ts';
import type { Run } from '../run.ts';
import { depthOf, edgesAt, GraphReader, vertexId, type EdgeList, type LookedAt, type VertexDocuments } from './graph-reader.ts';
import { Heap } from './heap.ts';
import { NONE, StepGroups, Steps } from './steps.ts';

/** Siblings whose neighbours are read together: few at first, as perhaps not all of them are reached, and more each time. */
const FIRST_SIBLINGS = 64;
const MOST_SIBLINGS = 1024;
/** Steps whose documents are read together. */
const MOST_DOCUMENTS = 512;
const STEP_BYTES = 128;
const FIRST_VISITED = 64;

export type PruneCondition = (traversal: Traversal) => Value;

/** Steps that wait for their turn. */
interface Waiting {
  push(step: number): void;
  pop(): number | undefined;
}

/** What a query looks at; `isWhole`: of all steps, as nothing but their depth ends the walk. */
export interface Outlook extends LookedAt {
  readonly isWhole: boolean;
}

export class Traversal {
  readonly #reader: GraphReader;
  readonly #options: GraphOptions;
  readonly #minDepth: number;
  readonly #maxDepth: number;
  readonly #steps = new Steps();
  readonly #waiting: Waiting;
  readonly #neighbours = new StepGroups<EdgeList>();
  readonly #vertices = new StepGroups<VertexDocuments>();
  readonly #edges = new StepGroups<readonly DocumentView[]>();
  /** By vertices: 1 for those that were met; undefined where vertices may be met again. */
  #visited: Uint8Array | undefined;
  /** In a queue the first of the steps to a vertex is also the first whose turn comes: the others need not wait. */
  readonly #isSeenAtOnce: boolean;
  readonly #isPruned: ((value: Value) => boolean) | undefined;
  readonly #prune: PruneCondition | undefined;
  readonly #isStepWanted: ((traversal: Traversal, depth: number) => boolean) | undefined;
  readonly #isWhole: boolean;
  #siblings: number;
  #current = NONE;
  /** What the condition of PRUNE was at the current step. */
  pruned: Value = false;

  constructor(
    run: Run,
    source: GraphSource,
    options: GraphOptions,
    start: Value | DocumentView,
    [minDepth, maxDepth]: readonly [min: Value, max: Value],
    outlook: Outlook,
    prune?: { readonly condition: PruneCondition; readonly isTrue: (value: Value) => boolean },
    isStepWanted?: (traversal: Traversal, depth: number) => boolean,
  ) {
    this.#isStepWanted = isStepWanted;
    this.#reader = new GraphReader(run, source, options, outlook);
    this.#isWhole = outlook.isWhole;
    // What is read ahead for one of them is what the others want.
    this.#siblings = run.readsAhead && !this.#isWhole ? 1 : FIRST_SIBLINGS;
    this.#options = options;
    this.#minDepth = depthOf(minDepth);
    this.#maxDepth = depthOf(maxDepth);
    this.#waiting = waitingFor(options.order, this.#steps);
    this.#visited = options.uniqueVertices === 'global' ? new Uint8Array(FIRST_VISITED) : undefined;
    this.#isSeenAtOnce = this.#visited !== undefined && options.order === 'bfs' && isStepWanted === undefined;
    this.#prune = prune?.condition;
    this.#isPruned = prune?.isTrue;
    const id = vertexId(run, start);
    if (id === undefined) return;
    const vertex = this.#reader.table.numberOfId(id);
    if (this.#isSeenAtOnce) this.#isNew(vertex);
    this.#waiting.push(this.#steps.add(NONE, undefined, 0, vertex, 0));
  }

  /** Goes to the next vertex that is given out; false at the end. */
  next(): boolean {
    for (;;) {
      const step = this.#waiting.pop();
      if (step === undefined) return false;
      if (this.#options.order === 'dfs') this.#forgetBehind(step);
      // A step that is not wanted is no visit: the vertex may be met by another way.
      if (this.#visited === undefined && this.#isRepeated(step)) continue;
      this.#current = step;
      const depth = this.#steps.depths[step]!;
      if (this.#isStepWanted?.(this, depth) === false) continue;
      if (this.#visited !== undefined && this.#isRepeated(step)) continue;
      const mayGoOn = this.#prune === undefined || !this.#evaluatePrune(this.#prune);
      if (mayGoOn && depth < this.#maxDepth) this.#expand(step);
      if (depth >= this.#minDepth) return true;
    }
  }

  /** The steps behind one that goes deep first are done with. */
  #forgetBehind(step: number): void {
    const count = step + 1;
    const end = this.#steps.count;
    if (count === end) return;
    this.#steps.count = count;
    for (const groups of [this.#neighbours, this.#vertices, this.#edges]) groups.forget(count, end);
  }

  #evaluatePrune(prune: PruneCondition): boolean {
    this.pruned = prune(this);
    return this.#isPruned?.(this.pruned) === true;
  }

  #isRepeated(step: number): boolean {
    const { uniqueEdges, uniqueVertices } = this.#options;
    const steps = this.#steps;
    const { vertices, parents } = steps;
    // Whoever meets no vertex twice meets no edge twice.
    if (this.#visited !== undefined) return !this.#isSeenAtOnce && !this.#isNew(vertices[step]!);
    if (uniqueVertices !== 'path' && uniqueEdges !== 'path') return false;
    for (let before = parents[step]!; before !== NONE; before = parents[before]!) {
      if (uniqueVertices === 'path' && vertices[before] === vertices[step]) return true;
      if (uniqueEdges === 'path' && steps.haveSameEdge(before, step)) return true;
    }
    return false;
  }

  #expand(step: number): void {
    const { from, content: list } = this.#neighboursOf(step);
    const at = step - from;
    const { starts, rows, vertices, collections } = list;
    const [first, end] = [starts[at]!, starts[at + 1]!];
    if (first === end) return;
    const weights = this.#options.order === 'weighted' ? this.#reader.weights(edgesAt(list, at)) : undefined;
    const steps = this.#steps;
    const before = steps.count;
    const weight = steps.weights[step]!;
    for (let i = first; i < end; i++) {
      const vertex = vertices[i]!;
      if (this.#isSeenAtOnce && !this.#isNew(vertex)) continue;
      const collection = collections.length === 1 ? collections[0] : collections[i];
      this.#waiting.push(steps.add(step, collection, rows[i]!, vertex, weight + (weights?.[i - first] ?? 1)));
    }
    this.#reader.run.charge((steps.count - before) * STEP_BYTES);
  }

  /** Notes a vertex that is met. */
  #isNew(vertex: number): boolean {
    let visited = this.#visited!;
    if (vertex >= visited.length) {
      const more = new Uint8Array(Math.max(4 * visited.length, vertex + 1));
      more.set(visited);
      this.#visited = visited = more;
    }
    if (visited[vertex] === 1) return false;
    visited[vertex] = 1;
    return true;
  }

  #neighboursOf(step: number): { readonly from: number; readonly content: EdgeList } {
    const known = this.#neighbours.find(step);
    if (known !== undefined) return known;
    const [from, end] = this.#stepsWith(step, this.#siblings);
    if (this.#siblings > 1 && end - from === this.#siblings && this.#siblings < MOST_SIBLINGS) this.#siblings *= 4;
    const onward = { levels: this.#maxDepth - this.#steps.depths[step]! - 1, isWhole: this.#isWhole };
    return this.#neighbours.add(from, end, this.#reader.expand(this.#steps.vertices.subarray(from, end), { onward }));
  }

  /** The steps around one whose turn comes soon: a stack takes siblings from the end, a queue from the beginning. */
  #stepsWith(step: number, limit: number): readonly [from: number, end: number] {
    switch (this.#options.order) {
      case 'dfs':
        return [this.#steps.firstSibling(step, limit), step + 1];
      case 'bfs':
        return [step, this.#steps.endOfDepth(step, limit)];
      case 'weighted':
        return [step, this.#steps.endOfSiblings(step, limit)];
    }
  }

  get vertex(): DocumentView | null {
    return this.#vertexOf(this.#current);
  }

  /** null at the start. */
  get edge(): DocumentView | null {
    return this.#edgeOf(this.#current);
  }

  get pathVertices(): readonly (DocumentView | null)[] {
    return this.#stepsToCurrent().map((step) => this.#vertexOf(step));
  }

  get pathEdges(): readonly (DocumentView | null)[] {
    return this.#stepsToCurrent()
      .slice(1)
      .map((step) => this.#edgeOf(step));
  }

  get pathWeights(): readonly number[] {
    return this.#stepsToCurrent().map((step) => this.#steps.weights[step]!);
  }

  /** The path with all of its documents decoded. */
  get path(): Value {
    const [vertices, edges] = [this.pathVertices, this.pathEdges].map((views) => views.map((view) => view?.toObject() ?? null));
    if (vertices === undefined || edges === undefined) throw new Error('a path has two lists');
    return this.#options.order === 'weighted' ? { vertices, edges, weights: this.pathWeights } : { vertices, edges };
  }

  /** From the start on. */
  #stepsToCurrent(): readonly number[] {
    const steps: number[] = [];
    for (let at = this.#current; at !== NONE; at = this.#steps.parents[at]!) steps.push(at);
    return steps.toReversed();
  }

  #vertexOf(step: number): DocumentView | null {
    let group = this.#vertices.find(step);
    if (group === undefined) {
      const [from, end] = this.#stepsWith(step, MOST_DOCUMENTS);
      group = this.#vertices.add(from, end, this.#reader.vertices(this.#steps.vertices.subarray(from, end)));
    }
    return group.content.view(step - group.from);
  }

  #edgeOf(step: number): DocumentView | null {
    if (this.#steps.collectionOf(step) === undefined) return null;
    let group = this.#edges.find(step);
    if (group === undefined) {
      const [from, end] = this.#stepsWith(step, MOST_DOCUMENTS);
      const edges = Array.from({ length: end - from }, (_, i) => ({
        collection: this.#steps.collectionOf(from + i)!,
        row: this.#steps.rows[from + i]!,
      }));
      group = this.#edges.add(from, end, this.#reader.edges(edges));
    }
    return group.content[step - group.from]!;
  }
}

function waitingFor(order: GraphOptions['order'], steps: Steps): Waiting {
  switch (order) {
    case 'dfs': {
      const stack: number[] = [];
      return { push: (step) => stack.push(step), pop: () => stack.pop() };
    }
    case 'bfs': {
      // Steps are numbered in the order in which they come.
      let next = 0;
      return { push: () => undefined, pop: () => (next < steps.count ? next++ : undefined) };
    }
    case 'weighted': {
      const heap = new Heap<number>();
      return { push: (step) => heap.push(steps.weights[step]!, step), pop: () => heap.pop() };
    }
  }
}
