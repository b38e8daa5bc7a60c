/**
 * A table of any length whose rows are fetched when they come into view: only those are in the page. The grid itself has the focus and says which
 * row is the current one; arrows, Page Up and Down, Home and End move, Enter opens a row, Space chooses it.
 */
import type { ComponentChildren } from 'preact';
import { ArrowDown, ArrowUp } from 'lucide';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../components/icon.tsx';
import { cellKind, cellText } from '../queries/results/shape.ts';
import { rowWindow, scrollTo, type Viewport } from './row-window.ts';
import './grid.css';

export interface GridColumn {
  readonly name: string;
  /** In pixels. */
  readonly width: number;
  /** What the cell shows; its value as text without it. */
  readonly cell?: (value: unknown) => ComponentChildren;
}

export interface GridSorting {
  readonly column: string;
  readonly isAscending: boolean;
}

export interface GridProps {
  readonly label: string;
  readonly columns: readonly GridColumn[];
  readonly count: number;
  /** Undefined while the row is on its way. */
  readonly rowAt: (index: number) => unknown;
  readonly valueOf: (row: unknown, column: string) => unknown;
  /** Which rows are in view: time to fetch them. */
  readonly onView?: (first: number, end: number) => void;
  readonly onOpen: (index: number) => void;
  readonly sorting?: GridSorting | undefined;
  readonly onSort?: (column: string) => void;
  readonly selection?: undefined | { readonly has: (index: number) => boolean; readonly toggle: (index: number) => void };
}

const ROW_HEIGHT = 36;

export function Grid(props: GridProps) {
  const { label, columns, count, rowAt, valueOf, onView, onOpen, sorting, onSort, selection } = props;
  const id = useId();
  const frame = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ scrollTop: 0, height: 600 });
  const [current, setCurrent] = useState(0);
  const viewport: Viewport = { count, rowHeight: ROW_HEIGHT, ...view };
  const { first, end, offset, height } = rowWindow(viewport);

  const look = (): void => {
    const element = frame.current;
    if (element === null) return;
    const headHeight = head.current?.clientHeight ?? ROW_HEIGHT;
    setView({ scrollTop: element.scrollTop, height: Math.max(ROW_HEIGHT, element.clientHeight - headHeight) });
  };
  useLayoutEffect(() => {
    look();
    const observer = new ResizeObserver(look);
    if (frame.current !== null) observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => onView?.(first, end), [first, end, onView]);
  useEffect(() => {
    if (current >= count) setCurrent(Math.max(0, count - 1));
  }, [count]);

  const move = (row: number): void => {
    const target = Math.max(0, Math.min(count - 1, row));
    setCurrent(target);
    const top = scrollTo(target, viewport);
    if (top !== undefined && frame.current !== null) frame.current.scrollTop = top;
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== frame.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(view.height / ROW_HEIGHT) - 1);
    const next = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + page,
      PageUp: current - page,
      Home: 0,
      End: count - 1,
    }[event.key];
    if (next !== undefined) move(next);
    else if (event.key === 'Enter') onOpen(current);
    else if (event.key === ' ' && selection !== undefined) selection.toggle(current);
    else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') frame.current?.scrollBy(event.key === 'ArrowRight' ? 80 : -80, 0);
    else return;
    event.preventDefault();
  };

  const template = `${selection === undefined ? '' : '2.5rem '}4rem ${columns.map(({ width }, i) => (i === columns.length - 1 ? `minmax(${width}px, 1fr)` : `${width}px`)).join(' ')}`;
  const total = columns.reduce((sum, { width }) => sum + width, 64 + (selection === undefined ? 0 : 40));

  return (
    <div
      ref={frame}
      class="grid frame"
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={count + 1}
      aria-colcount={columns.length + 1}
      aria-multiselectable={selection === undefined ? undefined : 'true'}
      aria-activedescendant={current >= first && current < end ? `${id}-${current}` : undefined}
      style={{ '--columns': template, '--total': `${total}px` }}
      onScroll={look}
      onKeyDown={onKeyDown}
    >
      <div ref={head} class="grid-row grid-head" role="row" aria-rowindex={1}>
        {selection !== undefined && (
          <div role="columnheader">
            <span class="visually-hidden">Chosen</span>
          </div>
        )}
        <div role="columnheader" class="grid-number">
          #
        </div>
        {columns.map(({ name }) => {
          const isSorted = sorting?.column === name;
          return (
            <div key={name} role="columnheader" aria-sort={isSorted ? (sorting.isAscending ? 'ascending' : 'descending') : undefined}>
              {onSort === undefined ? (
                <span class="truncate">{name}</span>
              ) : (
                <button type="button" class="grid-sort" onClick={() => onSort(name)} title={`Sort by ${name}`}>
                  <span class="truncate">{name}</span>
                  {isSorted && <Icon icon={sorting.isAscending ? ArrowUp : ArrowDown} size={13} />}
                </button>
              )}
            </div>
          );
        })}
      </div>
      <div class="grid-body" role="rowgroup" style={{ height: `${height}px` }}>
        <div role="presentation" style={{ transform: `translateY(${offset}px)` }}>
          {Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i).map((index) => {
            const row = rowAt(index);
            const isSelected = selection?.has(index) === true;
            return (
              <div
                key={index}
                id={`${id}-${index}`}
                class={`grid-row${index === current ? ' current' : ''}${isSelected ? ' selected' : ''}`}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={selection === undefined ? undefined : isSelected}
                onClick={(event) => {
                  if ((event.target as HTMLElement).closest('a, button, input') !== null || getSelection()?.isCollapsed === false) return;
                  setCurrent(index);
                  onOpen(index);
                }}
              >
                {selection !== undefined && (
                  <div role="gridcell">
                    <input
                      type="checkbox"
                      tabIndex={-1}
                      aria-label={`Choose row ${index + 1}`}
                      checked={isSelected}
                      onChange={() => selection.toggle(index)}
                    />
                  </div>
                )}
                <div role="gridcell" class="grid-number">
                  {(index + 1).toLocaleString('en')}
                </div>
                {row === undefined ? (
                  <div role="gridcell" class="grid-waiting">
                    <span class="visually-hidden">Loading</span>
                  </div>
                ) : (
                  columns.map(({ name, cell }) => <Cell key={name} value={valueOf(row, name)} cell={cell} />)
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** So much of a value can be seen at most. */
const MAX_TEXT = 200;

function Cell({ value, cell }: { readonly value: unknown; readonly cell: GridColumn['cell'] }) {
  const kind = cellKind(value);
  const text = cellText(value);
  return (
    <div role="gridcell" class={`grid-cell ${kind}`} title={text.length > 24 ? text.slice(0, 1000) : undefined}>
      {cell === undefined ? text.slice(0, MAX_TEXT) : cell(value)}
    </div>
  );
}

/** Columns as wide as what stands in them, within reason. */
export function columnWidths(names: readonly string[], rows: readonly unknown[], valueOf: GridProps['valueOf']): readonly GridColumn[] {
  const sample = rows.slice(0, 60);
  return names.map((name) => {
    const longest = Math.max(name.length + 2, ...sample.map((row) => Math.min(60, cellText(valueOf(row, name)).length)));
    return { name, width: Math.round(Math.max(72, Math.min(340, longest * 7.4 + 30))) };
  });
}
