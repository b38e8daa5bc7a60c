/**
 * Path searches between two vertices: the shortest path, all of the shortest, the k shortest one after the other, and all paths of
 * certain lengths.
 */
import type { DocumentView, Value } from '#values';
import type { EnumeratePathsNode, GraphOptions, GraphSource } from '../plan.ts';
import type { Run } from '../run.ts';
import { depthOf, edgesAt, GraphReader, vertexId, type Edge, type LookedAt, type Onward } from './graph-reader.ts';
import { Heap } from './heap.ts';

export interface Path {
  readonly vertices: readonly number[];
  readonly edges: readonly Edge[];
  readonly weight: number;
}

/** What a search may not use. */
interface Forbidden {
  readonly vertices: ReadonlySet<number>;
  readonly isForbiddenEdge: (edge: Edge) => boolean;
}

const NOTHING: Forbidden = { vertices: new Set(), isForbiddenEdge: () => false };
const VISITED_BYTES = 96;
/** Vertices whose neighbours are read together. */
const READ_AHEAD = 64;
/** Nobody knows how far a search will go. */
const SOME_WAY: Onward = { levels: 2, isWhole: false };

/** The rows of SHORTEST_PATH: a vertex each, and the edge that led to it. */
export function shortestPathRows(
  run: Run,
  source: GraphSource,
  options: GraphOptions,
  start: Value | DocumentView,
  target: Value | DocumentView,
): readonly { readonly vertex: DocumentView | null; readonly edge: DocumentView | null }[] {
  const reader = new GraphReader(run, source, options, { vertices: false, edges: options.weightAttribute !== undefined });
  const [from, to] = [vertexOf(reader, start), vertexOf(reader, target)];
  const path = from === undefined || to === undefined ? undefined : shortestPath(reader, from, to, NOTHING);
  if (path === undefined) return [];
  const edges = reader.edges(path.edges);
  const vertices = reader.vertices(path.vertices);
  return path.vertices.map((_, i) => ({ vertex: vertices.view(i), edge: edges[i - 1] ?? null }));
}

/** The rows of the other searches, found as they are asked for. */
export function* enumeratePaths(
  run: Run,
  { source, options, kind, lookedAt }: Pick<EnumeratePathsNode, 'source' | 'options' | 'kind'> & { readonly lookedAt: LookedAt },
  start: Value | DocumentView,
  target: Value | DocumentView,
  [minDepth, maxDepth]: readonly [min: Value, max: Value],
): Generator<FoundPath, void, void> {
  const reader = new GraphReader(run, source, options, lookedAt);
  const [from, to] = [vertexOf(reader, start), vertexOf(reader, target)];
  if (from === undefined || to === undefined) return;
  switch (kind) {
    case 'K_SHORTEST_PATHS':
      for (const path of shortestPaths(reader, from, to)) yield new FoundPath(reader, path, true);
      return;
    case 'ALL_SHORTEST_PATHS':
      for (const path of allShortestPaths(reader, from, to)) yield new FoundPath(reader, path, false);
      return;
    case 'K_PATHS':
      for (const path of pathsOfLength(reader, from, to, depthOf(minDepth), depthOf(maxDepth))) yield new FoundPath(reader, path, false);
      return;
  }
}

function vertexOf(reader: GraphReader, given: Value | DocumentView): number | undefined {
  const id = vertexId(reader.run, given);
  return id === undefined ? undefined : reader.table.numberOfId(id);
}

/** The edges at each of the vertices. */
function edgesOfAll(
  reader: GraphReader,
  vertices: readonly number[],
  { backwards = false, onward = SOME_WAY }: { readonly backwards?: boolean; readonly onward?: Onward } = {},
): (readonly Edge[])[] {
  const list = reader.expand(vertices, { backwards, onward });
  return vertices.map((_, i) => edgesAt(list, i));
}

/** A path whose documents are read when somebody looks. */
export class FoundPath {
  readonly #reader: GraphReader;
  readonly #path: Path;
  readonly #hasWeight: boolean;

  constructor(reader: GraphReader, path: Path, hasWeight: boolean) {
    this.#reader = reader;
    this.#path = path;
    this.#hasWeight = hasWeight;
  }

  get vertices(): readonly (DocumentView | null)[] {
    const documents = this.#reader.vertices(this.#path.vertices);
    return this.#path.vertices.map((_, i) => documents.view(i));
  }

  get edges(): readonly DocumentView[] {
    return this.#reader.edges(this.#path.edges);
  }

  get weight(): Value {
    return this.#hasWeight ? this.#path.weight : null;
  }

  get path(): Value {
    const vertices = this.vertices.map((view) => view?.toObject() ?? null);
    const edges = this.edges.map((view) => view.toObject());
    return this.#hasWeight ? { vertices, edges, weight: this.#path.weight } : { vertices, edges };
  }
}

/** One side of a search from both ends. */
interface Side {
  readonly isBackwards: boolean;
  /** Vertices that were reached, with the edge that led there and where it came from. */
  readonly reached: Map<number, Reached>;
  readonly waiting: Heap<number>;
  readonly done: Set<number>;
}

interface Reached {
  readonly weight: number;
  readonly from: number | undefined;
  readonly edge: Edge | undefined;
}

/** Where the two sides of a search meet. */
interface Meeting {
  readonly weight: number;
  readonly vertex: number;
  /** The side that came there last, and from where. */
  readonly side: Side;
  readonly from: number | undefined;
}

/**
 * Dijkstra's search from both ends at once; without weights every edge counts 1. Which of several equally short paths is found is as in
 * ArangoDB: the start goes first, and then whichever side has fewer vertices to go on from, the target if both have as many; the first vertex
 * that leads to the other side decides, by the last of its edges that does.
 */
function shortestPath(reader: GraphReader, from: number, to: number, forbidden: Forbidden): Path | undefined {
  if (from === to) return { vertices: [from], edges: [], weight: 0 };
  const forwards = sideAt(from, false);
  const backwards = sideAt(to, true);
  let best: Meeting | undefined;
  let side = forwards;
  while (forwards.waiting.size > 0 && backwards.waiting.size > 0) {
    if (best !== undefined && forwards.waiting.least + backwards.waiting.least >= best.weight) break;
    const other = side === forwards ? backwards : forwards;
    for (const vertex of advance(reader, side, forbidden)) {
      const opposite = other.reached.get(vertex);
      const own = side.reached.get(vertex);
      if (opposite === undefined || own === undefined) continue;
      const meeting: Meeting = { weight: own.weight + opposite.weight, vertex, side, from: own.from };
      if (best === undefined || isBetter(meeting, best)) best = meeting;
    }
    side = forwards.waiting.size < backwards.waiting.size ? forwards : backwards;
  }
  return best && joinedPath(forwards, backwards, best.vertex, best.weight);
}

function isBetter({ weight, side, from }: Meeting, best: Meeting): boolean {
  return weight < best.weight || (weight === best.weight && side === best.side && from === best.from);
}

function sideAt(vertex: number, isBackwards: boolean): Side {
  const waiting = new Heap<number>();
  waiting.push(0, vertex);
  return { isBackwards, reached: new Map([[vertex, { weight: 0, from: undefined, edge: undefined }]]), waiting, done: new Set() };
}

/** Takes the nearest vertices of a side one step further; returns those that were reached by a better way than before. */
function advance(reader: GraphReader, side: Side, { vertices: forbidden, isForbiddenEdge }: Forbidden): readonly number[] {
  const { reached, waiting, done } = side;
  const nearest: number[] = [];
  const weight = waiting.least;
  while (waiting.least === weight && nearest.length < READ_AHEAD) {
    const vertex = waiting.pop();
    if (vertex === undefined) break;
    if (done.has(vertex)) continue;
    done.add(vertex);
    nearest.push(vertex);
  }
  const improved: number[] = [];
  for (const [i, edges] of edgesOfAll(reader, nearest, { backwards: side.isBackwards }).entries()) {
    const from = nearest[i] as number;
    const before = reached.get(from) as Reached;
    const weights = reader.weights(edges);
    for (const [k, edge] of edges.entries()) {
      if (forbidden.has(edge.vertex) || isForbiddenEdge(edge)) continue;
      const through = before.weight + (weights[k] ?? 1);
      const known = reached.get(edge.vertex);
      if (known !== undefined && known.weight <= through) continue;
      if (known === undefined) reader.run.charge(VISITED_BYTES);
      reached.set(edge.vertex, { weight: through, from, edge });
      waiting.push(through, edge.vertex);
      improved.push(edge.vertex);
    }
  }
  return improved;
}

function joinedPath(forwards: Side, backwards: Side, meeting: number, weight: number): Path {
  const vertices = [meeting];
  const edges: Edge[] = [];
  for (let at = forwards.reached.get(meeting); at?.edge !== undefined && at.from !== undefined; at = forwards.reached.get(at.from)) {
    vertices.unshift(at.from);
    edges.unshift(at.edge);
  }
  for (let at = backwards.reached.get(meeting); at?.edge !== undefined && at.from !== undefined; at = backwards.reached.get(at.from)) {
    vertices.push(at.from);
    edges.push(at.edge);
  }
  return { vertices, edges, weight };
}

/**
 * Yen's method: each further path leaves one of the known ones at some vertex, and is the shortest that does. Of those that are equally short
 * the one that was found last comes first, as in ArangoDB: it goes along with a known path for longer.
 */
function* shortestPaths(reader: GraphReader, from: number, to: number): Generator<Path, void, void> {
  const first = shortestPath(reader, from, to, NOTHING);
  if (first === undefined) return;
  const known: Path[] = [];
  const candidates = new Heap<Path>('last');
  const seen = new Set<string>([textOf(first)]);
  for (let path: Path | undefined = first; path !== undefined; path = candidates.pop()) {
    yield path;
    known.push(path);
    const weights = reader.weights(path.edges);
    let rootWeight = 0;
    for (let i = 0; i < path.edges.length; i++) {
      const candidate = deviation(reader, path, i, rootWeight, known, to);
      if (candidate !== undefined && !seen.has(textOf(candidate))) {
        seen.add(textOf(candidate));
        reader.run.charge(VISITED_BYTES * candidate.vertices.length);
        candidates.push(candidate.weight, candidate);
      }
      rootWeight += weights[i] ?? 1;
    }
  }
}

/** The shortest path that goes along `path` for `length` edges and then another way than all known ones. */
function deviation(
  reader: GraphReader,
  path: Path,
  length: number,
  rootWeight: number,
  known: readonly Path[],
  to: number,
): Path | undefined {
  const root = path.edges.slice(0, length);
  const isOnRoot = (other: Path): boolean => root.every((edge, i) => isSame(edge, other.edges[i]));
  const taken = known.filter(isOnRoot).flatMap((other) => other.edges.slice(length, length + 1));
  const spur = path.vertices[length] as number;
  const rest = shortestPath(reader, spur, to, {
    vertices: new Set(path.vertices.slice(0, length)),
    isForbiddenEdge: (edge) => taken.some((other) => isSame(edge, other)),
  });
  if (rest === undefined || rest.edges.length === 0) return undefined;
  return {
    vertices: [...path.vertices.slice(0, length), ...rest.vertices],
    edges: [...root, ...rest.edges],
    weight: rootWeight + rest.weight,
  };
}

function isSame(edge: Edge, other: Edge | undefined): boolean {
  return edge.row === other?.row && edge.collection === other.collection;
}

const textOf = ({ edges }: Path): string => edges.map(({ collection, row }) => `${collection.id}/${row}`).join(' ');

/** All paths with as few edges as possible: breadth first, remembering every edge that leads one step further. */
function* allShortestPaths(reader: GraphReader, from: number, to: number): Generator<Path, void, void> {
  if (from === to) {
    yield { vertices: [from], edges: [], weight: 0 };
    return;
  }
  const depths = new Map<number, number>([[from, 0]]);
  const ways = new Map<number, { readonly from: number; readonly edge: Edge }[]>();
  let level: readonly number[] = [from];
  for (let depth = 1; level.length > 0 && !depths.has(to); depth++) {
    const next: number[] = [];
    for (const [i, edges] of edgesOfAll(reader, level).entries()) {
      const before = level[i] as number;
      for (const edge of edges) {
        const known = depths.get(edge.vertex);
        if (known !== undefined && known < depth) continue;
        if (known === undefined) {
          depths.set(edge.vertex, depth);
          next.push(edge.vertex);
          reader.run.charge(VISITED_BYTES);
        }
        const before_ = ways.get(edge.vertex);
        if (before_ === undefined) ways.set(edge.vertex, [{ from: before, edge }]);
        else before_.push({ from: before, edge });
      }
    }
    level = next;
  }
  yield* backFrom(to, [], []);

  function* backFrom(vertex: number, vertices: readonly number[], edges: readonly Edge[]): Generator<Path, void, void> {
    if (vertex === from) {
      yield { vertices: [vertex, ...vertices], edges, weight: edges.length };
      return;
    }
    for (const way of ways.get(vertex) ?? []) yield* backFrom(way.from, [vertex, ...vertices], [way.edge, ...edges]);
  }
}

/** A half of a path, from one of its ends on. */
interface Half {
  readonly vertices: readonly number[];
  readonly edges: readonly Edge[];
}

/**
 * All paths within the bounds that meet no vertex twice, the shorter ones first, as ArangoDB gives them: of halves that meet in the middle, in
 * the order of those from the start, and then of those from the target.
 */
function* pathsOfLength(reader: GraphReader, from: number, to: number, minDepth: number, maxDepth: number): Generator<Path, void, void> {
  if (from === to) {
    if (minDepth === 0) yield { vertices: [from], edges: [], weight: 0 };
    return;
  }
  const { distances, edgesBefore } = distancesTo(reader, to, maxDepth);
  const nearest = distances.get(from);
  if (nearest === undefined) return;
  let [forwards, backwards]: [readonly Half[], readonly Half[]] = [[{ vertices: [from], edges: [] }], [{ vertices: [to], edges: [] }]];
  for (let length = 1; length <= maxDepth; length++) {
    if (length % 2 === 1) forwards = longer(forwards);
    else
      backwards = backwards.flatMap((half) =>
        continued(half, edgesBefore.get(half.vertices.at(-1)!) ?? [], ({ vertex }) => vertex !== from),
      );
    if (forwards.length === 0 || backwards.length === 0) return;
    if (length >= minDepth && length >= nearest) yield* joined(forwards, backwards);
  }

  function longer(halves: readonly Half[]): readonly Half[] {
    const ends = [...new Set(halves.map(({ vertices }) => vertices.at(-1)!))].filter((vertex) => vertex !== to);
    const found = edgesOfAll(reader, ends, { onward: { levels: 1, isWhole: true } });
    const edgesAfter = new Map(ends.map((vertex, i) => [vertex, found[i]!]));
    return halves.flatMap((half) => {
      const rest = maxDepth - half.edges.length - 1;
      return continued(half, edgesAfter.get(half.vertices.at(-1)!) ?? [], ({ vertex }) => (distances.get(vertex) ?? Infinity) <= rest);
    });
  }

  function continued({ vertices, edges }: Half, next: readonly Edge[], isWanted: (edge: Edge) => boolean): Half[] {
    const halves = next
      .filter((edge) => isWanted(edge) && !vertices.includes(edge.vertex))
      .map((edge) => ({ vertices: [...vertices, edge.vertex], edges: [...edges, edge] }));
    reader.run.charge(halves.length * VISITED_BYTES);
    return halves;
  }
}

function* joined(forwards: readonly Half[], backwards: readonly Half[]): Generator<Path, void, void> {
  const byMiddle = new Map<number, Half[]>();
  for (const half of backwards) {
    const middle = half.vertices.at(-1)!;
    const others = byMiddle.get(middle);
    if (others === undefined) byMiddle.set(middle, [half]);
    else others.push(half);
  }
  for (const first of forwards) {
    for (const second of byMiddle.get(first.vertices.at(-1)!) ?? []) {
      const others = second.vertices.slice(0, -1);
      if (others.some((vertex) => first.vertices.includes(vertex))) continue;
      const vertices = [...first.vertices, ...others.toReversed()];
      const edges = [...first.edges, ...turned(second)];
      yield { vertices, edges, weight: edges.length };
    }
  }
}

/** The edges of a half from the target in the direction of the path: each with the vertex that it leads to then. */
function turned({ vertices, edges }: Half): Edge[] {
  return edges.map((edge, i) => ({ ...edge, vertex: vertices[i]! })).toReversed();
}

/** How far it is from each vertex to the target, and the edges that lead to each, as far as they matter. */
function distancesTo(
  reader: GraphReader,
  to: number,
  maxDepth: number,
): { readonly distances: ReadonlyMap<number, number>; readonly edgesBefore: ReadonlyMap<number, readonly Edge[]> } {
  const distances = new Map<number, number>([[to, 0]]);
  const edgesBefore = new Map<number, readonly Edge[]>();
  let level: readonly number[] = [to];
  for (let depth = 1; depth <= maxDepth && level.length > 0; depth++) {
    const next: number[] = [];
    const found = edgesOfAll(reader, level, { backwards: true, onward: { levels: maxDepth - depth, isWhole: true } });
    for (const [i, edges] of found.entries()) {
      edgesBefore.set(level[i]!, edges);
      reader.run.charge(edges.length * VISITED_BYTES);
      for (const { vertex } of edges) {
        if (distances.has(vertex)) continue;
        distances.set(vertex, depth);
        reader.run.charge(VISITED_BYTES);
        next.push(vertex);
      }
    }
    level = next;
  }
  return { distances, edgesBefore };
}
