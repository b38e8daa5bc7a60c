/** Tables as foxx-manager prints them: a head, a divider, the rows, a divider, and how many there are. */

const MOST_WIDTH = 100;
const GAP = '   ';

export function managerTable(head: readonly string[], rows: readonly (readonly string[])[], counted: string): string {
  const cells = [head, ...rows].map((row) => row.map(cut));
  const widths = head.map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string => widths.map((width, at) => (row[at] ?? '').padEnd(width)).join(GAP);
  const divider = line(widths.map((width) => '-'.repeat(width)));
  const [titles = [], ...others] = cells;
  return [line(titles), divider, ...others.map(line), divider, `${rows.length} ${counted} found`].map((text) => text.trimEnd()).join('\n');
}

function cut(text: string): string {
  const plain = text.replace(/\s+/g, ' ');
  return plain.length > MOST_WIDTH ? `${plain.slice(0, MOST_WIDTH - 3)}...` : plain;
}
