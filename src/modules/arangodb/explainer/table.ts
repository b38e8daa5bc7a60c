/** Tables of text, as ArangoDB's explainer prints them: cells aligned, blanks between. */

export type Alignment = 'left' | 'right' | 'center';

export interface Column {
  readonly head: string;
  readonly align?: Alignment;
}

const GAP = '   ';

/** A line for the heads and one for each row. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ head }, i) => Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    ` ${columns.map(({ align }, i) => padded(cells[i] ?? '', widths[i] ?? 0, align)).join(GAP)}`.trimEnd();
  return [line(columns.map(({ head }) => head)), ...rows.map(line)];
}

/** Entries one below the other in up to three columns, each column filled before the next. */
export function inColumns(columns: readonly Column[], entries: readonly (readonly string[])[], most = 3): string[] {
  const height = Math.max(1, Math.ceil(entries.length / most));
  const count = Math.max(1, Math.ceil(entries.length / height));
  const rows = Array.from({ length: height }, (_row, row) =>
    Array.from({ length: count }, (_column, column) => entries[column * height + row] ?? columns.map(() => '')).flat(),
  );
  return table(Array.from({ length: count }, () => columns).flat(), rows);
}

function padded(text: string, width: number, align: Alignment = 'left'): string {
  switch (align) {
    case 'left':
      return text.padEnd(width);
    case 'right':
      return text.padStart(width);
    case 'center':
      return text.padStart(text.length + Math.floor((width - text.length) / 2)).padEnd(width);
  }
}
