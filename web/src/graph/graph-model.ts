/**
 * What a picture of a graph shows: vertices and edges that were found so far, which of them were asked for their neighbours, and how each is
 * named and coloured. Every change makes a new model; nothing here draws or asks.
 */
import { graphOf, type FoundEdge, type FoundVertex } from '../queries/results/shape.ts';

export interface Vertex extends FoundVertex {
  readonly collection: string;
  /** All its neighbours are here, as far as the limit let them. */
  readonly isExpanded: boolean;
}

export interface GraphModel {
  readonly vertices: ReadonlyMap<string, Vertex>;
  readonly edges: ReadonlyMap<string, FoundEdge>;
  /** Found but left out, as there are more than may be shown. */
  readonly leftOut: number;
}

export const EMPTY_GRAPH: GraphModel = { vertices: new Map(), edges: new Map(), leftOut: 0 };

/** More make a picture that nobody can read. */
export const MAX_VERTICES = 500;

export const collectionOf = (id: string): string => id.slice(0, Math.max(0, id.indexOf('/')));

/** The model with all vertices and edges of `results`, up to `limit` vertices; edges to what is left out are left out too. */
export function withResults(model: GraphModel, results: readonly unknown[], limit = MAX_VERTICES): GraphModel {
  const found = graphOf(results);
  const vertices = new Map(model.vertices);
  let leftOut = model.leftOut;
  for (const { id, document } of found.vertices) {
    const known = vertices.get(id);
    if (known !== undefined) {
      if (document !== undefined) vertices.set(id, { ...known, document });
    } else if (vertices.size < limit) vertices.set(id, { id, document, collection: collectionOf(id), isExpanded: false });
    else leftOut++;
  }
  const edges = new Map(model.edges);
  for (const edge of found.edges) if (vertices.has(edge.from) && vertices.has(edge.to)) edges.set(edge.id, edge);
  return { vertices, edges, leftOut };
}

export function withExpanded(model: GraphModel, id: string): GraphModel {
  const vertex = model.vertices.get(id);
  if (vertex === undefined) return model;
  return { ...model, vertices: new Map(model.vertices).set(id, { ...vertex, isExpanded: true }) };
}

/** Without the neighbours that nothing but `id` holds in the picture: the reverse of expanding. */
export function withCollapsed(model: GraphModel, id: string): GraphModel {
  const neighbours = neighboursOf(model, id);
  const gone = new Set(
    neighbours.filter((each) => each !== id && neighboursOf(model, each).every((other) => other === id || other === each)),
  );
  if (gone.size === 0) return withFolded(model, id);
  const vertices = new Map([...model.vertices].filter(([each]) => !gone.has(each)));
  const edges = new Map([...model.edges].filter(([, { from, to }]) => !gone.has(from) && !gone.has(to)));
  return withFolded({ vertices, edges, leftOut: 0 }, id);
}

/** Without one vertex and its edges. */
export function withoutVertex(model: GraphModel, id: string): GraphModel {
  const vertices = new Map(model.vertices);
  vertices.delete(id);
  return { ...model, vertices, edges: new Map([...model.edges].filter(([, { from, to }]) => from !== id && to !== id)) };
}

function withFolded(model: GraphModel, id: string): GraphModel {
  const vertex = model.vertices.get(id);
  if (vertex === undefined) return model;
  return { ...model, vertices: new Map(model.vertices).set(id, { ...vertex, isExpanded: false }) };
}

export function neighboursOf({ edges }: GraphModel, id: string): readonly string[] {
  const found = new Set<string>();
  for (const { from, to } of edges.values()) {
    if (from === id) found.add(to);
    if (to === id) found.add(from);
  }
  return [...found];
}

/** By collection alone, or by the value of an attribute. */
export interface Colouring {
  readonly attribute: string | undefined;
}

/** The groups that get a colour of their own, the greatest first; those after the last colour share one. */
export function colourGroups(model: GraphModel, { attribute }: Colouring): readonly { readonly name: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const vertex of model.vertices.values()) {
    const name = groupOf(vertex, { attribute });
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => ({ name, count })).toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

export function groupOf(vertex: Vertex, { attribute }: Colouring): string {
  if (attribute === undefined) return vertex.collection;
  const value = valueAt(vertex.document, attribute);
  return value === undefined ? '(none)' : typeof value === 'string' ? value : JSON.stringify(value);
}

/** What is written at a vertex or edge: the attribute if it has it, else what people would look for, else its key. */
export function labelOf(id: string, document: Readonly<Record<string, unknown>> | undefined, attribute: string | undefined): string {
  const chosen = attribute === undefined ? LABELS.map((name) => document?.[name]).find(isShort) : valueAt(document, attribute);
  if (chosen === undefined || chosen === null) return id.slice(id.indexOf('/') + 1);
  return typeof chosen === 'string' ? chosen : JSON.stringify(chosen);
}

const LABELS = ['name', 'label', 'title', 'username', 'email'];

const isShort = (value: unknown): boolean => typeof value === 'string' && value !== '' && value.length <= 60;

function valueAt(document: unknown, path: string): unknown {
  let value = document;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return value;
}

/** Attributes of the vertices that could name or colour them. */
export function labelAttributes(documents: Iterable<Readonly<Record<string, unknown>> | undefined>): readonly string[] {
  const names = new Set<string>();
  for (const document of documents) {
    for (const [name, value] of Object.entries(document ?? {})) if (typeof value !== 'object' && name !== '_rev') names.add(name);
  }
  return [...names].toSorted();
}
