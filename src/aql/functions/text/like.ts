/**
 * LIKE: `%` stands for any run of characters, `_` for one, and a backslash takes the meaning from `%`, `_` and itself.
 *
 * A pattern is cut at its `%` into pieces that must occur one after the other. Taking the first place where a piece fits is always
 * right, so matching never goes back, and no pattern can make it slow.
 */
import { LeastRecentlyUsed } from './least-recently-used.ts';

/** A character, or null for `_`. */
type Piece = string | readonly (string | null)[];

interface LikePattern {
  /** At least one; the first is anchored at the start, the last at the end. */
  readonly pieces: readonly Piece[];
}

const patterns = new LeastRecentlyUsed<string, LikePattern>(500);

/** Whether the whole of `text` is as `pattern` says. */
export function like(text: string, pattern: string): boolean {
  const { pieces } = patterns.get(pattern, compile);
  const first = pieces[0] ?? '';
  const last = pieces.at(-1) ?? '';
  const start = endOfMatch(text, first, 0);
  if (start === -1) return false;
  if (pieces.length === 1) return start === text.length;
  let position = start;
  for (let i = 1; i < pieces.length - 1; i++) {
    position = findPiece(text, pieces[i] ?? '', position);
    if (position === -1) return false;
  }
  return endsWith(text, last, position);
}

/** The same for letters of either case. */
export function likeIgnoringCase(text: string, pattern: string): boolean {
  return like(text.toLowerCase(), pattern.toLowerCase());
}

function compile(pattern: string): LikePattern {
  const pieces: Piece[] = [];
  let piece: (string | null)[] = [];
  const close = (): void => {
    pieces.push(piece.includes(null) ? piece : piece.join(''));
    piece = [];
  };
  const characters = Array.from(pattern);
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] ?? '';
    const next = characters[i + 1];
    if (character === '\\' && (next === '\\' || next === '%' || next === '_')) {
      piece.push(next);
      i++;
    } else if (character === '%') close();
    else piece.push(character === '_' ? null : character);
  }
  close();
  return { pieces };
}

/** Where `piece`, standing at `start`, ends; -1 when it does not stand there. */
function endOfMatch(text: string, piece: Piece, start: number): number {
  if (typeof piece === 'string') return text.startsWith(piece, start) ? start + piece.length : -1;
  let position = start;
  for (const character of piece) {
    if (position >= text.length) return -1;
    if (character === null) position += widthAt(text, position);
    else if (text.startsWith(character, position)) position += character.length;
    else return -1;
  }
  return position;
}

/** Where the first occurrence of `piece` at or after `start` ends, or -1. */
function findPiece(text: string, piece: Piece, start: number): number {
  if (typeof piece === 'string') {
    const found = text.indexOf(piece, start);
    return found === -1 ? -1 : found + piece.length;
  }
  for (let position = start; position <= text.length; position += widthAt(text, position)) {
    const end = endOfMatch(text, piece, position);
    if (end !== -1) return end;
  }
  return -1;
}

/** Whether `piece` stands at the end of `text`, not beginning before `start`. */
function endsWith(text: string, piece: Piece, start: number): boolean {
  if (typeof piece === 'string') return text.length - piece.length >= start && text.endsWith(piece);
  let position = text.length;
  for (let i = piece.length - 1; i >= 0; i--) {
    const character = piece[i] ?? null;
    if (character !== null && !text.endsWith(character, position)) return false;
    position -= character === null ? widthBefore(text, position) : character.length;
    if (position < start) return false;
  }
  return true;
}

function widthAt(text: string, position: number): number {
  return (text.codePointAt(position) ?? 0) > 0xffff ? 2 : 1;
}

function widthBefore(text: string, position: number): number {
  return position >= 2 && (text.codePointAt(position - 2) ?? 0) > 0xffff ? 2 : 1;
}
