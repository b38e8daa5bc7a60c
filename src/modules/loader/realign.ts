/**
 * Puts generated code back where its author wrote it: each token that a source map knows goes to its original line, and as far as there
 * is room to its original column.
 *
 * So what V8 runs has the author's positions by itself: stack traces, the excerpts of development mode, and breakpoints of any debugger are
 * right without anybody consulting a source map. Comments are left out. What has no place of its own stays behind what it follows.
 */
import type { Token } from 'acorn';

/** A place in the original text, lines and columns from 0. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface RealignOptions {
  readonly code: string;
  /** All tokens of `code`, in order. */
  readonly tokens: readonly Token[];
  /** Where a token that begins at an offset of `code` was written; undefined for one that the author did not write. */
  readonly findOrigin: (offset: number) => Place | undefined;
  /** What takes the place of the token at an offset; undefined: it stays. */
  readonly rename: (offset: number) => string | undefined;
}

/** A line break behind these would end a statement, or change what it means. */
const NO_BREAK_AFTER = new Set(['return', 'throw', 'yield', 'break', 'continue', 'async', 'accessor']);
/** Nor may one stand before these. */
const NO_BREAK_BEFORE = new Set(['=>', '++', '--']);

export function realign({ code, tokens, findOrigin, rename }: RealignOptions): string {
  const origins = tokens.map(({ start }) => findOrigin(start));
  const limits = lowestLineBehind(origins);
  const parts: string[] = [];
  let line = 0;
  let column = 0;
  let previous: Token | undefined;
  for (const [index, token] of tokens.entries()) {
    const raw = code.slice(token.start, token.end);
    // Template text is taken as it is; nothing may come between it and what is around it.
    const isGlued = token.type.label === 'template' || previous?.type.label === 'template';
    if (!isGlued && previous !== undefined) {
      const origin = origins[index];
      const target = Math.min(origin?.line ?? line, limits[index] ?? line);
      const previousText = code.slice(previous.start, previous.end);
      const mayBreak = !NO_BREAK_AFTER.has(previousText) && !NO_BREAK_BEFORE.has(raw);
      if (target > line && mayBreak) {
        parts.push('\n'.repeat(target - line));
        line = target;
        column = 0;
      }
      const wanted = origin !== undefined && origin.line === line ? origin.column : column;
      const gap = column > 0 && token.start > previous.end ? 1 : 0;
      const spaces = Math.max(gap, wanted - column);
      parts.push(' '.repeat(spaces));
      column += spaces;
    }
    const text = isGlued ? raw : (rename(token.start) ?? raw);
    parts.push(text);
    const lastBreak = text.lastIndexOf('\n');
    if (lastBreak < 0) {
      column += text.length;
    } else {
      line += text.split('\n').length - 1;
      column = text.length - lastBreak - 1;
    }
    previous = token;
  }
  return parts.join('');
}

/** For each token the lowest line of those behind it: what was moved up from further down must not push the rest down. */
function lowestLineBehind(origins: readonly (Place | undefined)[]): number[] {
  const limits = Array.from({ length: origins.length }, () => Infinity);
  let lowest = Infinity;
  for (let index = origins.length - 1; index >= 0; index--) {
    lowest = Math.min(lowest, origins[index]?.line ?? Infinity);
    limits[index] = lowest;
  }
  return limits;
}
