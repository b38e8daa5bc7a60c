/**
 * A graph as a picture. The forces of the layout move what is drawn without drawing anew: they write places into the elements. The picture is
 * dragged and zoomed; a vertex is chosen by a click and opened by a double click, or with the keyboard: arrows go to the vertex that lies there,
 * Enter opens and closes, plus and minus zoom, Delete takes a vertex out of the picture.
 */
import { Maximize, Minus, Plus } from 'lucide';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Button } from '../components/button.tsx';
import { colourGroups, groupOf, labelOf, neighboursOf, type GraphModel, type Vertex } from './graph-model.ts';
import { GraphLayout } from './layout.ts';
import './graph-picture.css';

export interface GraphPictureProps {
  readonly label: string;
  readonly model: GraphModel;
  readonly selected: string | undefined;
  readonly onSelect: (id: string | undefined) => void;
  /** Opens a vertex, or closes it. Without it the graph is as it is. */
  readonly onToggle?: ((id: string) => void) | undefined;
  readonly onRemove?: ((id: string) => void) | undefined;
  readonly vertexLabel?: string | undefined;
  readonly edgeLabel?: string | undefined;
  readonly colourBy?: string | undefined;
}

const RADIUS = 15;
const COLOURS = 8;
const MAX_LABEL = 22;
/** A first click opens the panel beside the picture; until a second one may have come, what it was meant for stays where it is. */
const DOUBLE_CLICK_MS = 500;

interface Camera {
  x: number;
  y: number;
  zoom: number;
}

export function GraphPicture(props: GraphPictureProps) {
  const { label, model, selected, onSelect, onToggle, onRemove, vertexLabel, edgeLabel, colourBy } = props;
  const svg = useRef<SVGSVGElement>(null);
  const scene = useRef<SVGGElement>(null);
  const vertices = useRef(new Map<string, SVGGElement>());
  const edges = useRef(new Map<string, SVGGElement>());
  const camera = useRef<Camera>({ x: 0, y: 0, zoom: 1 });
  const latest = useRef(model);
  latest.current = model;
  const [wasMoved, setMoved] = useState(false);
  const wasMovedNow = useRef(false);
  wasMovedNow.current = wasMoved;

  const layout = useMemo(() => {
    const made: GraphLayout = new GraphLayout(() => {
      place();
      refit();
    });
    return made;
  }, []);
  useEffect(() => () => layout.stop(), [layout]);

  const place = (): void => {
    const { places } = layout;
    for (const [id, element] of vertices.current) {
      const at = places.get(id);
      if (at !== undefined) element.setAttribute('transform', `translate(${at.x.toFixed(1)} ${at.y.toFixed(1)})`);
    }
    const parallel = new Map<string, number>();
    for (const [id, element] of edges.current) {
      const edge = latest.current.edges.get(id);
      const from = edge === undefined ? undefined : places.get(edge.from);
      const to = edge === undefined ? undefined : places.get(edge.to);
      if (edge === undefined || from === undefined || to === undefined) continue;
      const pair = edge.from < edge.to ? `${edge.from} ${edge.to}` : `${edge.to} ${edge.from}`;
      const nth = parallel.get(pair) ?? 0;
      parallel.set(pair, nth + 1);
      const line = lineOf(from, to, nth, edge.from < edge.to);
      element.children[0]?.setAttribute('d', line.path);
      element.children[1]?.setAttribute('transform', `translate(${line.middle.x.toFixed(1)} ${line.middle.y.toFixed(1)})`);
    }
  };

  const move = (): void => {
    const { x, y, zoom } = camera.current;
    scene.current?.setAttribute('transform', `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${zoom.toFixed(4)})`);
    svg.current?.classList.toggle('far', zoom < 0.55);
  };

  const fit = (): void => {
    const element = svg.current;
    const all = [...layout.places.values()];
    if (element === null || all.length === 0) return;
    const { width, height } = element.getBoundingClientRect();
    const [left, right] = [Math.min(...all.map(({ x }) => x)) - 70, Math.max(...all.map(({ x }) => x)) + 70];
    const [top, bottom] = [Math.min(...all.map(({ y }) => y)) - 40, Math.max(...all.map(({ y }) => y)) + 55];
    const zoom = Math.min(1.4, width / (right - left), height / (bottom - top));
    camera.current = { zoom, x: width / 2 - (zoom * (left + right)) / 2, y: height / 2 - (zoom * (top + bottom)) / 2 };
    move();
  };

  const pressedAtMs = useRef(-Infinity);
  const refitting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const refit = (): void => {
    if (wasMovedNow.current) return;
    clearTimeout(refitting.current);
    const restMs = pressedAtMs.current + DOUBLE_CLICK_MS - performance.now();
    if (restMs <= 0) fit();
    else refitting.current = setTimeout(refit, restMs);
  };
  useEffect(() => () => clearTimeout(refitting.current), []);

  const zoomBy = (factor: number, around?: { readonly x: number; readonly y: number }): void => {
    const { width = 0, height = 0 } = svg.current?.getBoundingClientRect() ?? {};
    const { x: cx, y: cy } = around ?? { x: width / 2, y: height / 2 };
    const { x, y, zoom } = camera.current;
    const next = Math.max(0.1, Math.min(4, zoom * factor));
    camera.current = { zoom: next, x: cx - ((cx - x) * next) / zoom, y: cy - ((cy - y) * next) / zoom };
    setMoved(true);
    move();
  };

  useLayoutEffect(() => {
    layout.show(model, { atOnce: matchMedia('(prefers-reduced-motion: reduce)').matches });
    place();
    if (!wasMoved) fit();
    else move();
  }, [model]);

  useEffect(() => {
    const element = svg.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(refit);
    observer.observe(element);
    // Not by an attribute: the browser takes those for passive, and then the page scrolls with it.
    const wheel = (event: WheelEvent): void => {
      event.preventDefault();
      zoomBy(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), { x: event.offsetX, y: event.offsetY });
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => {
      observer.disconnect();
      element.removeEventListener('wheel', wheel);
    };
  }, []);

  const groups = useMemo(() => colourGroups(model, { attribute: colourBy }), [model, colourBy]);
  const colourOf = (vertex: Vertex): number => {
    const at = groups.findIndex(({ name }) => name === groupOf(vertex, { attribute: colourBy }));
    return Math.min(at, COLOURS - 1);
  };

  const drag = useDrag({ layout, camera, svg, move, onMoved: () => setMoved(true) });

  const focus = (id: string): void => {
    onSelect(id);
    vertices.current.get(id)?.focus({ preventScroll: true });
  };

  const onKeyDown = (event: KeyboardEvent, id: string): void => {
    const direction = ARROWS[event.key];
    if (direction !== undefined) {
      const next = nearest(layout, id, direction);
      if (next !== undefined) focus(next);
    } else if (event.key === 'Enter' || event.key === ' ') onToggle?.(id);
    else if (event.key === 'Delete') onRemove?.(id);
    else if (event.key === '+') zoomBy(1.25);
    else if (event.key === '-') zoomBy(0.8);
    else return;
    event.preventDefault();
  };

  const near = selected === undefined ? undefined : new Set([selected, ...neighboursOf(model, selected)]);
  const first = selected !== undefined && model.vertices.has(selected) ? selected : model.vertices.keys().next().value;

  return (
    <div class="graph-picture">
      <svg
        ref={svg}
        role="group"
        aria-label={label}
        onPointerDown={(event) => {
          pressedAtMs.current = performance.now();
          drag.start(event);
        }}
        onPointerMove={drag.move}
        onPointerUp={drag.end}
        onPointerCancel={drag.end}
      >
        <defs>
          <marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse">
            <path d="M1 1 L9 5 L1 9" class="picture-arrow" />
          </marker>
        </defs>
        <g ref={scene}>
          <g aria-hidden="true">
            {[...model.edges.values()].map((edge) => (
              <g
                key={edge.id}
                ref={(element) => keep(edges.current, edge.id, element)}
                class={`picture-edge${selected === undefined ? '' : edge.from === selected || edge.to === selected ? ' near' : ' away'}`}
              >
                <path marker-end="url(#arrow)" />
                <text class="picture-edge-label">{edgeText(edge.id, edge.document, edgeLabel)}</text>
              </g>
            ))}
          </g>
          {[...model.vertices.values()].map((vertex) => {
            const text = labelOf(vertex.id, vertex.document, vertexLabel);
            return (
              <g
                key={vertex.id}
                ref={(element) => keep(vertices.current, vertex.id, element)}
                class={`picture-vertex colour-${colourOf(vertex)}${vertex.id === selected ? ' selected' : ''}${near === undefined || near.has(vertex.id) ? '' : ' away'}${vertex.isExpanded ? ' expanded' : ''}`}
                role="button"
                tabindex={vertex.id === first ? 0 : -1}
                aria-label={`${text}, ${vertex.id}${vertex.isExpanded ? ', open' : ''}`}
                aria-pressed={vertex.id === selected}
                data-vertex={vertex.id}
                onClick={() => {
                  if (!drag.hasMoved()) focus(vertex.id);
                }}
                onDblClick={() => onToggle?.(vertex.id)}
                onKeyDown={(event) => onKeyDown(event, vertex.id)}
              >
                <circle r={RADIUS} />
                {vertex.isExpanded && <circle r={RADIUS - 5} class="picture-open" />}
                <text y={RADIUS + 14}>{text.length > MAX_LABEL ? `${text.slice(0, MAX_LABEL - 1)}…` : text}</text>
              </g>
            );
          })}
        </g>
      </svg>
      <div class="picture-tools">
        <Button kind="quiet" isSmall icon={Plus} label="Zoom in" onPress={() => zoomBy(1.25)} />
        <Button kind="quiet" isSmall icon={Minus} label="Zoom out" onPress={() => zoomBy(0.8)} />
        <Button
          kind="quiet"
          isSmall
          icon={Maximize}
          label="Show all"
          onPress={() => {
            setMoved(false);
            fit();
          }}
        />
      </div>
      <ul class="picture-legend" aria-label="Colours">
        {groups.slice(0, COLOURS).map(({ name, count }, at) => (
          <li key={name} class={`colour-${at}`}>
            <span class="picture-swatch" />
            <span class="truncate">{at === COLOURS - 1 && groups.length > COLOURS ? 'others' : name}</span>
            <span class="faint">{at === COLOURS - 1 ? groups.slice(at).reduce((sum, group) => sum + group.count, 0) : count}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function keep(elements: Map<string, SVGGElement>, id: string, element: SVGGElement | null): void {
  if (element === null) elements.delete(id);
  else elements.set(id, element);
}

const edgeText = (id: string, document: Readonly<Record<string, unknown>>, attribute: string | undefined): string =>
  attribute === undefined ? '' : labelOf(id, document, attribute).slice(0, MAX_LABEL);

interface Point {
  readonly x: number;
  readonly y: number;
}

/** From rim to rim; further edges between the same two bend, and an edge to its own vertex is a loop. */
function lineOf(from: Point, to: Point, nth: number, isForward: boolean): { readonly path: string; readonly middle: Point } {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const distance = Math.hypot(dx, dy);
  if (distance < 1) {
    const size = 34 + nth * 14;
    const path = `M${from.x - 8} ${from.y - 13} C${from.x - size} ${from.y - size * 1.6} ${from.x + size} ${from.y - size * 1.6} ${from.x + 8} ${from.y - 13}`;
    return { path, middle: { x: from.x, y: from.y - size * 1.25 } };
  }
  const [ux, uy] = [dx / distance, dy / distance];
  const bend = (nth === 0 ? 0 : Math.ceil(nth / 2) * 26 * (nth % 2 === 0 ? -1 : 1)) * (isForward ? 1 : -1);
  const middle = { x: (from.x + to.x) / 2 - uy * bend, y: (from.y + to.y) / 2 + ux * bend };
  const start = { x: from.x + ux * RADIUS, y: from.y + uy * RADIUS };
  const end = { x: to.x - ux * (RADIUS + 3), y: to.y - uy * (RADIUS + 3) };
  const control = { x: 2 * middle.x - (start.x + end.x) / 2, y: 2 * middle.y - (start.y + end.y) / 2 };
  const f = (value: number): string => value.toFixed(1);
  return { path: `M${f(start.x)} ${f(start.y)} Q${f(control.x)} ${f(control.y)} ${f(end.x)} ${f(end.y)}`, middle };
}

const ARROWS: Readonly<Record<string, Point>> = {
  ArrowRight: { x: 1, y: 0 },
  ArrowLeft: { x: -1, y: 0 },
  ArrowDown: { x: 0, y: 1 },
  ArrowUp: { x: 0, y: -1 },
};

/** The nearest vertex that lies rather in that direction than beside it. */
function nearest({ places }: GraphLayout, id: string, direction: Point): string | undefined {
  const from = places.get(id);
  if (from === undefined) return undefined;
  let best: { readonly id: string; readonly score: number } | undefined;
  for (const to of places.values()) {
    const along = (to.x - from.x) * direction.x + (to.y - from.y) * direction.y;
    const beside = Math.abs((to.x - from.x) * direction.y) + Math.abs((to.y - from.y) * direction.x);
    if (to.id === id || along <= 0 || beside > along * 1.6) continue;
    const score = along + 2 * beside;
    if (best === undefined || score < best.score) best = { id: to.id, score };
  }
  return best?.id;
}

interface DragOptions {
  readonly layout: GraphLayout;
  readonly camera: { readonly current: Camera };
  readonly svg: { readonly current: SVGSVGElement | null };
  readonly move: () => void;
  readonly onMoved: () => void;
}

/** The pointer drags a vertex, or the whole picture; two fingers zoom. */
function useDrag({ layout, camera, svg, move, onMoved }: DragOptions) {
  const pointers = useRef(new Map<number, Point>());
  const vertex = useRef<string>(undefined);
  const moved = useRef(0);
  return {
    hasMoved: (): boolean => moved.current > 4,
    start: (event: PointerEvent): void => {
      if (event.button !== 0) return;
      moved.current = 0;
      pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
      vertex.current = (event.target as Element).closest<SVGGElement>('[data-vertex]')?.dataset['vertex'];
    },
    move: (event: PointerEvent): void => {
      const before = pointers.current.get(event.pointerId);
      if (before === undefined) return;
      const [dx, dy] = [event.clientX - before.x, event.clientY - before.y];
      const wasStill = moved.current <= 4;
      moved.current += Math.abs(dx) + Math.abs(dy);
      if (moved.current <= 4) return;
      // Taken only now: a pointer that is held sends its click to the picture, and not to the vertex.
      if (wasStill) svg.current?.setPointerCapture(event.pointerId);
      pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
      const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
      const { zoom } = camera.current;
      if (other !== undefined) {
        const ratio =
          Math.hypot(event.clientX - other.x, event.clientY - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y));
        camera.current.zoom = Math.max(0.1, Math.min(4, zoom * ratio));
        onMoved();
        move();
      } else if (vertex.current !== undefined) {
        const box = svg.current?.getBoundingClientRect();
        const { x, y } = camera.current;
        layout.hold(vertex.current, (event.clientX - (box?.left ?? 0) - x) / zoom, (event.clientY - (box?.top ?? 0) - y) / zoom);
        onMoved();
      } else {
        camera.current.x += dx;
        camera.current.y += dy;
        onMoved();
        move();
      }
    },
    end: (event: PointerEvent): void => {
      pointers.current.delete(event.pointerId);
      if (vertex.current !== undefined) layout.release(vertex.current);
      vertex.current = undefined;
    },
  };
}
