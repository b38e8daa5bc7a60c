/**
 * The comment above a route is its documentation in Foxx 2.8: the first line that has text is the summary, the rest are notes. Comments
 * are gone when code runs, so they are read from the file, above the line where the route is being defined.
 */
import { readSource } from '../loader/compile.ts';
import { isWithin } from '../loader/resolve.ts';
import { locateError } from '../loader/stack.ts';

export interface RouteComment {
  readonly summary: string;
  readonly notes: string;
}

/** `here` is an error that was made while the route was defined. */
export function findComment(here: Error, basePath: string): RouteComment | undefined {
  const location = locateError(here, (path) => isWithin(basePath, path));
  if (location === undefined) return undefined;
  const above = readSource(location.path)
    .split('\n')
    .slice(0, location.line - 1);
  while (above.at(-1)?.trim() === '') above.pop();
  if (above.at(-1)?.trimEnd().endsWith('*/') !== true) return undefined;
  const start = above.findLastIndex((line) => line.includes('/*'));
  if (start < 0 || !above[start]?.trimStart().startsWith('/**')) return undefined;
  const lines = above.slice(start).map((line) =>
    line
      .replace(/^\s*\/\*\*/, '')
      .replace(/\*\/\s*$/, '')
      .replace(/^\s*\*?/, '')
      .trim(),
  );
  while (lines[0] === '') lines.shift();
  const [summary = '', ...notes] = lines;
  return { summary, notes: notes.join('\n').trim() };
}
