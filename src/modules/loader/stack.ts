/**
 * Where an error happened, read off its stack: V8 gives no other way to know. Used for the `File:` lines of module errors and for the
 * excerpt of source that development mode shows.
 */

export interface SourceLocation {
  readonly path: string;
  readonly line: number;
  /** Missing for syntax errors. */
  readonly column: number | undefined;
}

const FRAME = /^\s+at (?:.* \()?(?:file:\/\/)?(\/[^()]*?|[A-Za-z]:[\\/][^()]*?):(\d+):(\d+)\)?$/;
const SYNTAX_ERROR_HEAD = /^(?:file:\/\/)?(\/[^\n]*|[A-Za-z]:[\\/][^\n]*):(\d+)$/;

/** The innermost place of a stack in a file that `isWanted`; undefined when there is none. */
export function locateError(error: unknown, isWanted: (path: string) => boolean = () => true): SourceLocation | undefined {
  if (!(error instanceof Error) || typeof error.stack !== 'string') return undefined;
  const lines = error.stack.split('\n');
  const head = SYNTAX_ERROR_HEAD.exec(lines[0] ?? '');
  if (head?.[1] !== undefined && isWanted(head[1])) return { path: head[1], line: Number(head[2]), column: undefined };
  for (const line of lines) {
    const frame = FRAME.exec(line);
    if (frame?.[1] !== undefined && isWanted(frame[1])) return { path: frame[1], line: Number(frame[2]), column: Number(frame[3]) };
  }
  return undefined;
}
