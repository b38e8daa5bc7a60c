/** What commands print: results on stdout, remarks on stderr, colours only where they are seen. */
import { stripVTControlCharacters } from 'node:util';
import chalk from 'chalk';

export const { bold, cyan, gray, green, red, yellow } = chalk;

export function info(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function detail(text: string): void {
  info(gray(text));
}

export function complain(text: string): void {
  process.stderr.write(`${red(text)}\n`);
}

export function json(value: unknown): void {
  info(JSON.stringify(value ?? null, null, 2));
}

/** Two columns, the first as wide as its longest. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...rows.map(([name]) => visibleLength(name)));
  return rows.map(([name, text]) => `  ${name}${' '.repeat(width - visibleLength(name))}  ${text}`.trimEnd()).join('\n');
}

/** A table as psql and arangosh print them: a head, a line, the rows. Missing cells are blank. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, at) => Math.max(name.length, ...rows.map((row) => visibleLength(row[at] ?? ''))));
  const line = (cells: readonly string[]): string =>
    widths
      .map((width, at) => (cells[at] ?? '') + ' '.repeat(width - visibleLength(cells[at] ?? '')))
      .join('  ')
      .trimEnd();
  return [line(head.map((name) => bold(name))), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length;
}
