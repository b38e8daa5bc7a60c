/**
 * Where the vertices of a picture stand: forces between them, until they rest. What stands already keeps its place when more comes; a new vertex
 * begins beside the one that it hangs on, so that it is seen to come out of it.
 */
import {
  forceCollide,
  forceLink,
  forceManyBody,
  forceSimulation,
  forceX,
  forceY,
  type Simulation,
  type SimulationNodeDatum,
} from 'd3-force';
import { neighboursOf, type GraphModel } from './graph-model.ts';

export interface Place extends SimulationNodeDatum {
  readonly id: string;
  x: number;
  y: number;
}

interface Link {
  source: Place | string;
  target: Place | string;
}

/** So few steps are computed at once that a frame is not missed. */
const REST = 0.02;

export class GraphLayout {
  readonly #simulation: Simulation<Place, Link>;
  #places = new Map<string, Place>();

  constructor(onMove: () => void) {
    this.#simulation = forceSimulation<Place, Link>()
      .force('charge', forceManyBody<Place>().strength(-340).distanceMax(600))
      .force(
        'link',
        forceLink<Place, Link>()
          .id(({ id }) => id)
          .distance(110)
          .strength(0.5),
      )
      .force('collide', forceCollide<Place>(34))
      .force('x', forceX<Place>(0).strength(0.035))
      .force('y', forceY<Place>(0).strength(0.05))
      .alphaMin(REST)
      .on('tick', onMove)
      .stop();
  }

  get places(): ReadonlyMap<string, Place> {
    return this.#places;
  }

  /** Takes in what the model has. With `atOnce` it is at rest when this returns, for who wants no motion. */
  show(model: GraphModel, { atOnce }: { readonly atOnce: boolean }): void {
    const before = this.#places;
    this.#places = new Map();
    for (const [i, id] of [...model.vertices.keys()].entries()) this.#places.set(id, before.get(id) ?? firstPlace(id, i, model, before));
    const hasNew = [...this.#places.keys()].some((id) => !before.has(id)) || before.size !== this.#places.size;
    this.#simulation.nodes([...this.#places.values()]);
    const links = [...model.edges.values()]
      .map(({ from, to }): Link => ({ source: from, target: to }))
      .filter(({ source, target }) => source !== target);
    this.#simulation.force<ReturnType<typeof forceLink<Place, Link>>>('link')?.links(links);
    if (!hasNew) return;
    this.#simulation.alpha(before.size === 0 ? 1 : 0.5);
    if (atOnce) this.settle();
    else this.#simulation.restart();
  }

  /** Computes until nothing moves. */
  settle(): void {
    this.#simulation.stop();
    while (this.#simulation.alpha() > REST) this.#simulation.tick();
  }

  /** Holds a vertex where the pointer drags it. */
  hold(id: string, x: number, y: number): void {
    const place = this.#places.get(id);
    if (place === undefined) return;
    place.fx = x;
    place.fy = y;
    this.#simulation.alphaTarget(0.15).restart();
  }

  /** It stays where it was put, but others may push it again. */
  release(id: string): void {
    const place = this.#places.get(id);
    if (place !== undefined) {
      place.fx = null;
      place.fy = null;
    }
    this.#simulation.alphaTarget(0);
  }

  stop(): void {
    this.#simulation.stop();
  }
}

/** On a sunflower's spiral: no two the same, and the same each time. */
function firstPlace(id: string, i: number, model: GraphModel, before: ReadonlyMap<string, Place>): Place {
  const anchor = neighboursOf(model, id)
    .map((each) => before.get(each))
    .find((place) => place !== undefined);
  const angle = i * Math.PI * (3 - Math.sqrt(5));
  const radius = anchor === undefined ? 30 * Math.sqrt(i) : 40;
  return { id, x: (anchor?.x ?? 0) + radius * Math.cos(angle), y: (anchor?.y ?? 0) + radius * Math.sin(angle) };
}
