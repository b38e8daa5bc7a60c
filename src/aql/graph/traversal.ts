/**
 * Traversals: all walks from a vertex, in the order of depth, breadth or weight.
 *
 * Steps wait in a store until their turn: a stack goes deep first, and since what was put on it last comes first, edges come in the
 * reverse order of their insertion, as in ArangoDB since 3.10. The neighbours of siblings are read together.
 */
import type { CollectionDefinition } from '#catalog';
import type { DocumentView, Value } from '#values';
import type { GraphOptions, GraphSource } from '../plan.ts';
import type { Run } from '../run.ts';
import { depthOf, edgesAt, GraphReader, vertexId, type EdgeList } from './graph-reader.ts';
import { Heap } from './heap.ts';

/** A vertex with the way that led to it. Its documents are read together with those of its siblings. */
class Step {
  readonly parent: Step | undefined;
  /** Of the edge; undefined at the start. */
  readonly collection: CollectionDefinition | undefined;
  readonly row: number;
  readonly vertex: number;
  readonly depth: number;
  readonly weight: number;
  readonly siblings: Siblings;
  readonly place: number;

  constructor(
    parent: Step | undefined,
    collection: CollectionDefinition | undefined,
    row: number,
    vertex: number,
    weight: number,
    siblings: Siblings,
    place: number,
  ) {
    this.parent = parent;
    this.collection = collection;
    this.row = row;
    this.vertex = vertex;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
    this.weight = weight;
    this.siblings = siblings;
    this.place = place;
  }
}

/** Edges at several vertices, and which of the vertices is meant. */
interface Neighbours {
  readonly list: EdgeList;
  readonly at: number;
}

/** Steps from one vertex, or in a queue from several that follow each other. */
interface Siblings {
  readonly steps: Step[];
  vertices?: readonly (DocumentView | null)[];
  edges?: readonly DocumentView[];
  /** Neighbours of those steps whose turn came, and of some that come soon. */
  readonly neighbours: (Neighbours | undefined)[];
}

/** Steps that wait. */
interface Waiting {
  push(step: Step): void;
  pop(): Step | undefined;
}

/** Siblings whose neighbours are read together. */
const READ_AHEAD = 64;
/** Siblings whose documents are read together. */
const MOST_SIBLINGS = 512;
const STEP_BYTES = 128;
const FIRST_VISITED = 256;

export type PruneCondition = (vertex: DocumentView | null, edge: DocumentView | null, traversal: Traversal) => Value;

export class Traversal {
  readonly #reader: GraphReader;
  readonly #options: GraphOptions;
  readonly #minDepth: number;
  readonly #maxDepth: number;
  readonly #waiting: Waiting;
  /** By vertices: 1 for those that were met; undefined where vertices may be met again. */
  #visited: Uint8Array | undefined;
  /** In a queue the first of the steps to a vertex is also the first whose turn comes: the others need not wait. */
  readonly #isSeenAtOnce: boolean;
  readonly #isPruned: ((value: Value) => boolean) | undefined;
  readonly #prune: PruneCondition | undefined;
  readonly #isStepWanted: ((traversal: Traversal, depth: number) => boolean) | undefined;
  #current: Step | undefined;
  /** Siblings that more may join, because nobody has looked at them yet. */
  #latest: Siblings | undefined;
  /** What the condition of PRUNE was at the current step. */
  pruned: Value = false;

  constructor(
    run: Run,
    source: GraphSource,
    options: GraphOptions,
    start: Value | DocumentView,
    [minDepth, maxDepth]: readonly [min: Value, max: Value],
    prune?: { readonly condition: PruneCondition; readonly isTrue: (value: Value) => boolean },
    isStepWanted?: (traversal: Traversal, depth: number) => boolean,
  ) {
    this.#isStepWanted = isStepWanted;
    this.#reader = new GraphReader(run, source, options);
    this.#options = options;
    this.#minDepth = depthOf(minDepth);
    this.#maxDepth = depthOf(maxDepth);
    this.#waiting = waitingFor(options.order);
    this.#visited = options.uniqueVertices === 'global' ? new Uint8Array(FIRST_VISITED) : undefined;
    this.#isSeenAtOnce = this.#visited !== undefined && options.order === 'bfs';
    this.#prune = prune?.condition;
    this.#isPruned = prune?.isTrue;
    const id = vertexId(run, start);
    if (id === undefined) return;
    const vertex = this.#reader.table.numberOfId(id);
    const steps: Step[] = [];
    const siblings: Siblings = { steps, neighbours: [] };
    steps.push(new Step(undefined, undefined, 0, vertex, 0, siblings, 0));
    if (this.#isSeenAtOnce) this.#isNew(vertex);
    this.#waiting.push(steps[0] as Step);
  }

  /** Goes to the next vertex that is given out; false at the end. */
  next(): boolean {
    for (;;) {
      const step = this.#waiting.pop();
      if (step === undefined) return false;
      if (step.siblings === this.#latest) this.#latest = undefined;
      if (this.#isRepeated(step)) continue;
      this.#current = step;
      if (this.#isStepWanted?.(this, step.depth) === false) continue;
      const mayGoOn = this.#prune === undefined || !this.#evaluatePrune(this.#prune);
      if (mayGoOn && step.depth < this.#maxDepth) this.#expand(step);
      if (step.depth >= this.#minDepth) return true;
    }
  }

  #evaluatePrune(prune: PruneCondition): boolean {
    this.pruned = prune(this.vertex, this.edge, this);
    return this.#isPruned?.(this.pruned) === true;
  }

  #isRepeated(step: Step): boolean {
    const { uniqueEdges, uniqueVertices } = this.#options;
    // Whoever meets no vertex twice meets no edge twice.
    if (this.#visited !== undefined) return !this.#isSeenAtOnce && !this.#isNew(step.vertex);
    if (uniqueVertices !== 'path' && uniqueEdges !== 'path') return false;
    for (let before = step.parent; before !== undefined; before = before.parent) {
      if (uniqueVertices === 'path' && before.vertex === step.vertex) return true;
      if (uniqueEdges === 'path' && before.collection !== undefined && isSameEdge(before, step)) return true;
    }
    return false;
  }

  #expand(step: Step): void {
    const { list, at } = this.#neighboursOf(step);
    const { starts, rows, vertices, collections } = list;
    const [first, end] = [starts[at]!, starts[at + 1]!];
    if (first === end) return;
    const weights = this.#options.order === 'weighted' ? this.#reader.weights(edgesAt(list, at)) : undefined;
    const siblings = this.#siblingsOfNew();
    const { steps } = siblings;
    const before = steps.length;
    for (let i = first; i < end; i++) {
      const vertex = vertices[i]!;
      if (this.#isSeenAtOnce && !this.#isNew(vertex)) continue;
      const collection = collections.length === 1 ? collections[0] : collections[i];
      const next = new Step(step, collection, rows[i]!, vertex, step.weight + (weights?.[i - first] ?? 1), siblings, steps.length);
      steps.push(next);
      this.#waiting.push(next);
    }
    this.#reader.run.charge((steps.length - before) * STEP_BYTES);
  }

  #siblingsOfNew(): Siblings {
    const isQueue = this.#options.order === 'bfs';
    if (isQueue && this.#latest !== undefined && this.#latest.steps.length < MOST_SIBLINGS) return this.#latest;
    const siblings: Siblings = { steps: [], neighbours: [] };
    if (isQueue) this.#latest = siblings;
    return siblings;
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

  #neighboursOf(step: Step): Neighbours {
    const { siblings, place } = step;
    const known = siblings.neighbours[place];
    if (known !== undefined) return known;
    // A stack takes siblings from the end, a queue from the beginning.
    const [from, to] = this.#options.order === 'dfs' ? [place - READ_AHEAD + 1, place + 1] : [place, place + READ_AHEAD];
    const first = Math.max(0, from);
    const together = siblings.steps.slice(first, to);
    const list = this.#reader.expand(together.map(({ vertex }) => vertex));
    for (let at = 0; at < together.length; at++) siblings.neighbours[first + at] = { list, at };
    return { list, at: place - first };
  }

  get #step(): Step {
    if (this.#current === undefined) throw new Error('a traversal has a current vertex after next()');
    return this.#current;
  }

  get vertex(): DocumentView | null {
    return this.#vertexOf(this.#step);
  }

  /** null at the start. */
  get edge(): DocumentView | null {
    return this.#edgeOf(this.#step);
  }

  get pathVertices(): readonly (DocumentView | null)[] {
    return stepsTo(this.#step).map((step) => this.#vertexOf(step));
  }

  get pathEdges(): readonly (DocumentView | null)[] {
    return stepsTo(this.#step)
      .slice(1)
      .map((step) => this.#edgeOf(step));
  }

  get pathWeights(): readonly number[] {
    return stepsTo(this.#step).map(({ weight }) => weight);
  }

  /** The path with all of its documents decoded. */
  get path(): Value {
    const [vertices, edges] = [this.pathVertices, this.pathEdges].map((views) => views.map((view) => view?.toObject() ?? null));
    if (vertices === undefined || edges === undefined) throw new Error('a path has two lists');
    return this.#options.order === 'weighted' ? { vertices, edges, weights: this.pathWeights } : { vertices, edges };
  }

  #vertexOf({ siblings, place }: Step): DocumentView | null {
    siblings.vertices ??= this.#reader.vertices(siblings.steps.map(({ vertex }) => vertex));
    return siblings.vertices[place] ?? null;
  }

  #edgeOf({ siblings, place, collection }: Step): DocumentView | null {
    if (collection === undefined) return null;
    siblings.edges ??= this.#reader.edges(siblings.steps.filter(isBehindEdge));
    return siblings.edges[place] ?? null;
  }
}

function isBehindEdge(step: Step): step is Step & { readonly collection: CollectionDefinition } {
  return step.collection !== undefined;
}

function isSameEdge(step: Step, other: Step): boolean {
  return step.row === other.row && step.collection === other.collection;
}

/** From the start to a step. */
function stepsTo(step: Step): readonly Step[] {
  const steps: Step[] = [];
  for (let at: Step | undefined = step; at !== undefined; at = at.parent) steps.push(at);
  return steps.toReversed();
}

function waitingFor(order: GraphOptions['order']): Waiting {
  switch (order) {
    case 'dfs': {
      const stack: Step[] = [];
      return { push: (step) => stack.push(step), pop: () => stack.pop() };
    }
    case 'bfs': {
      let queue: Step[] = [];
      let first = 0;
      return {
        push: (step) => queue.push(step),
        pop: () => {
          const step = queue[first++];
          if (first > 1024 && first * 2 > queue.length) {
            queue = queue.slice(first);
            first = 0;
          }
          return step;
        },
      };
    }
    case 'weighted': {
      const heap = new Heap<Step>();
      return { push: (step) => heap.push(step.weight, step), pop: () => heap.pop() };
    }
  }
}
