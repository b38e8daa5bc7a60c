/**
 * Which rows of a long table are in view. The scrolled area is as high as all rows together, up to a limit: browsers stop drawing somewhere above
 * ten million pixels, so beyond the limit a pixel of the scroll bar stands for more than a pixel of rows.
 */

export interface RowWindow {
  /** The first row to be drawn and the one after the last. */
  readonly first: number;
  readonly end: number;
  /** Where the first drawn row lies in the scrolled area. */
  readonly offset: number;
  /** Of the scrolled area. */
  readonly height: number;
}

const MAX_HEIGHT = 8_000_000;
/** Drawn above and below what is in view, so that slow scrolling shows no gap. */
const OVERSCAN = 6;

export interface Viewport {
  readonly count: number;
  readonly rowHeight: number;
  readonly scrollTop: number;
  readonly height: number;
}

export function rowWindow({ count, rowHeight, scrollTop, height }: Viewport): RowWindow {
  const natural = count * rowHeight;
  const area = Math.min(natural, MAX_HEIGHT);
  const top = topRow({ count, rowHeight, scrollTop, height });
  const first = Math.max(0, Math.floor(top) - OVERSCAN);
  const end = Math.min(count, Math.ceil(top + height / rowHeight) + OVERSCAN);
  return {
    first,
    end,
    height: area,
    offset: Math.max(0, Math.min(scrollTop - (top - first) * rowHeight, area - (end - first) * rowHeight)),
  };
}

/** The row at the upper edge, with its hidden part as a fraction. */
function topRow({ count, rowHeight, scrollTop, height }: Viewport): number {
  const natural = count * rowHeight;
  if (natural <= MAX_HEIGHT) return Math.max(0, Math.min(scrollTop, natural - height)) / rowHeight;
  const share = Math.max(0, Math.min(1, scrollTop / (MAX_HEIGHT - height)));
  return (share * (natural - height)) / rowHeight;
}

/** Where to scroll so that `row` is in view; undefined when it is. */
export function scrollTo(row: number, viewport: Viewport): number | undefined {
  const { count, rowHeight, height } = viewport;
  const natural = count * rowHeight;
  const top = topRow(viewport) * rowHeight;
  const at = row * rowHeight;
  const wanted = at < top ? at : at + rowHeight > top + height ? at + rowHeight - height : undefined;
  if (wanted === undefined || natural <= MAX_HEIGHT) return wanted;
  return (wanted / (natural - height)) * (MAX_HEIGHT - height);
}
