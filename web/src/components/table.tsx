/**
 * A table that draws only the rows in sight, so that a hundred thousand are as quick as ten. Rows have one height; the table scrolls in a frame
 * of its own, with its head in place. With the keyboard: arrows, Page Up and Down, Home and End move from row to row, Enter opens one.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ArrowDown, ArrowUp } from 'lucide';
import { Icon } from './icon.tsx';
import './table.css';

export interface Column<Row> {
  readonly id: string;
  readonly header: ComponentChildren;
  readonly cell: (row: Row, index: number) => ComponentChildren;
  /** As in CSS: `12rem`, `20%`. Without it the column takes its share of what is left. */
  readonly width?: string;
  readonly isNumber?: boolean;
  /** Left out where there is no room for it: below 720 px (`wide`), below 1100 px (`wider`). */
  readonly shownWhen?: 'wide' | 'wider';
  /** Sorting by this column is offered. */
  readonly compare?: (a: Row, b: Row) => number;
}

export interface TableProps<Row> {
  /** What the table holds: `Services`. */
  readonly label: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row, index: number) => string;
  /** Where a row leads: the whole row can be clicked, and its first cell is the link. */
  readonly hrefOf?: (row: Row) => string;
  /** For rows that lead to no page; with `hrefOf` it is not asked. */
  readonly onOpen?: (row: Row) => void;
  readonly rowHeightPx?: number;
  /** Instead of rows, when there are none. */
  readonly empty?: ComponentChildren;
  /** Called when the last rows come into sight: more can be fetched. */
  readonly onNearEnd?: () => void;
  readonly isSelected?: (row: Row) => boolean;
  /** How many there are on the server, if more than `rows`. */
  readonly total?: number;
}

interface Sorting {
  readonly column: string;
  readonly isDescending: boolean;
}

const OVERSCAN = 12;
const INITIAL_ROWS = 40;

export function Table<Row>(props: TableProps<Row>) {
  const { label, rows, columns, keyOf, hrefOf, onOpen, rowHeightPx = 44, empty, onNearEnd, isSelected, total } = props;
  const frame = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState<readonly [first: number, end: number]>([0, INITIAL_ROWS]);
  const [sorting, setSorting] = useState<Sorting>();
  const wanted = useRef<number | undefined>(undefined);

  const sorted = useSorted(rows, columns, sorting);

  const look = (): void => {
    const element = frame.current;
    if (element === null) return;
    const first = Math.max(0, Math.floor(element.scrollTop / rowHeightPx) - OVERSCAN);
    const end = Math.ceil((element.scrollTop + element.clientHeight) / rowHeightPx) + OVERSCAN;
    setRange((now) => (now[0] === first && now[1] === end ? now : [first, end]));
    if (end >= rows.length) onNearEnd?.();
  };

  useLayoutEffect(look, [rows.length, rowHeightPx]);
  useEffect(() => {
    const observer = new ResizeObserver(look);
    if (frame.current !== null) observer.observe(frame.current);
    return () => observer.disconnect();
  });

  // The row that the keyboard asked for may have had to be drawn first.
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const row = frame.current?.querySelector<HTMLElement>(`[data-row="${wanted.current}"]`);
    if (row === null || row === undefined) return;
    wanted.current = undefined;
    (row.querySelector<HTMLElement>('.table-open') ?? row).focus({ preventScroll: true });
  });

  const focusRow = (index: number): void => {
    const element = frame.current;
    if (element === null || sorted.length === 0) return;
    const target = Math.max(0, Math.min(sorted.length - 1, index));
    wanted.current = target;
    const top = target * rowHeightPx;
    const head = element.querySelector('thead')?.clientHeight ?? 0;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeightPx + head > element.scrollTop + element.clientHeight)
      element.scrollTop = top + rowHeightPx + head - element.clientHeight;
    setRange(([first, end]) => [Math.min(first, Math.max(0, target - OVERSCAN)), Math.max(end, target + OVERSCAN)]);
    look();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const current = (event.target as HTMLElement).closest<HTMLElement>('[data-row]');
    if (current === null || event.target instanceof HTMLInputElement) return;
    const now = Number(current.dataset['row']);
    const page = Math.max(1, Math.floor((frame.current?.clientHeight ?? 0) / rowHeightPx) - 1);
    const next = { ArrowDown: now + 1, ArrowUp: now - 1, PageDown: now + page, PageUp: now - page, Home: 0, End: sorted.length - 1 }[
      event.key
    ];
    if (next === undefined) return;
    event.preventDefault();
    focusRow(next);
  };

  if (rows.length === 0 && empty !== undefined) return <>{empty}</>;

  const [first, end] = [Math.min(range[0], Math.max(0, sorted.length - 1)), Math.min(range[1], sorted.length)];
  const above = first * rowHeightPx;
  const below = (sorted.length - end) * rowHeightPx;
  const opens = hrefOf !== undefined || onOpen !== undefined;

  return (
    <div class="table-frame frame" ref={frame} onScroll={look} tabIndex={0} role="region" aria-label={label}>
      <table class="table" aria-rowcount={(total ?? sorted.length) + 1} onKeyDown={onKeyDown}>
        <colgroup>
          {columns.map(({ id, width, shownWhen }) => (
            <col key={id} class={shownWhen} style={width === undefined ? undefined : { width }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <th
                key={column.id}
                scope="col"
                class={`${column.isNumber === true ? 'number ' : ''}${column.shownWhen ?? ''}`}
                aria-sort={sorting?.column === column.id ? (sorting.isDescending ? 'descending' : 'ascending') : undefined}
              >
                {column.compare === undefined ? (
                  column.header
                ) : (
                  <button type="button" class="table-sort" onClick={() => setSorting(nextSorting(sorting, column.id))}>
                    {column.header}
                    {sorting?.column === column.id && <Icon icon={sorting.isDescending ? ArrowDown : ArrowUp} size={13} />}
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <Filler height={above} columns={columns.length} />}
          {sorted.slice(first, end).map((row, at) => {
            const index = first + at;
            return (
              <tr
                key={keyOf(row, index)}
                data-row={index}
                aria-rowindex={index + 2}
                aria-selected={isSelected?.(row)}
                class={opens ? 'opens' : ''}
                style={{ height: `${rowHeightPx}px` }}
                tabIndex={opens ? undefined : -1}
                onClick={(event) => {
                  // A click on a link or button in the row means that one.
                  if ((event.target as HTMLElement).closest('a, button, input, select, label') !== null) return;
                  if (getSelection()?.isCollapsed === false) return;
                  if (hrefOf !== undefined) location.hash = hrefOf(row);
                  else onOpen?.(row);
                }}
              >
                {columns.map((column, columnAt) => {
                  const content = column.cell(row, index);
                  return (
                    <td key={column.id} class={`${column.isNumber === true ? 'number ' : ''}${column.shownWhen ?? ''}`}>
                      {columnAt > 0 || !opens ? (
                        content
                      ) : hrefOf !== undefined ? (
                        <a class="table-open" href={hrefOf(row)}>
                          {content}
                        </a>
                      ) : (
                        <button type="button" class="table-open" onClick={() => onOpen?.(row)}>
                          {content}
                        </button>
                      )}
                    </td>
                  );
                })}
              </tr>
            );
          })}
          {below > 0 && <Filler height={below} columns={columns.length} />}
        </tbody>
      </table>
    </div>
  );
}

function Filler({ height, columns }: { readonly height: number; readonly columns: number }) {
  return (
    <tr aria-hidden="true" class="filler">
      <td colSpan={columns} style={{ height: `${height}px` }} />
    </tr>
  );
}

/** Ascending, then descending, then as the rows came. */
function nextSorting(now: Sorting | undefined, column: string): Sorting | undefined {
  if (now?.column !== column) return { column, isDescending: false };
  return now.isDescending ? undefined : { column, isDescending: true };
}

function useSorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sorting: Sorting | undefined): readonly Row[] {
  const kept = useRef<{ rows: readonly Row[]; sorting: Sorting | undefined; sorted: readonly Row[] } | undefined>(undefined);
  if (kept.current?.rows !== rows || kept.current.sorting !== sorting) {
    const compare = columns.find(({ id }) => id === sorting?.column)?.compare;
    const sorted = compare === undefined ? rows : rows.toSorted((a, b) => (sorting?.isDescending === true ? compare(b, a) : compare(a, b)));
    kept.current = { rows, sorting, sorted };
  }
  return kept.current.sorted;
}
