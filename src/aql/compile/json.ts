/**
 * Expressions to code that gives JSON text: objects that a query makes only to return them are written as text at once, and documents
 * are copied as they are stored.
 */
import type { Expression } from '../expression.ts';
import { KIND, type Code, type ExpressionCompiler } from './expressions.ts';

export function jsonText(expressions: ExpressionCompiler, expression: Expression): string {
  const parts = piecesOf(expressions, expression);
  const merged: string[] = [];
  let fixed = '';
  for (const part of parts) {
    if (typeof part === 'string') {
      fixed += part;
      continue;
    }
    if (fixed !== '') merged.push(JSON.stringify(fixed));
    merged.push(part.code);
    fixed = '';
  }
  if (fixed !== '') merged.push(JSON.stringify(fixed));
  return merged.join(' + ');
}

/** Text that is known now, and code for the rest. */
type Piece = string | { readonly code: string };

function piecesOf(expressions: ExpressionCompiler, expression: Expression): Piece[] {
  switch (expression.type) {
    case 'constant':
      return [JSON.stringify(expression.value)];
    case 'array':
      return joined(
        '[',
        expression.elements.map((element) => piecesOf(expressions, element)),
        ']',
      );
    case 'object': {
      const names = expression.members.map(({ name }) => name);
      if (names.some((name) => typeof name !== 'string') || new Set(names).size < names.length) break;
      const members = expression.members.map(({ name, value }) => [`${JSON.stringify(name)}:`, ...piecesOf(expressions, value)]);
      return joined('{', members, '}');
    }
    default:
  }
  return [{ code: textOf(expressions, expressions.compile(expression)) }];
}

function joined(open: string, parts: readonly Piece[][], close: string): Piece[] {
  return [open, ...parts.flatMap((part, i) => (i === 0 ? part : [',', ...part])), close];
}

function textOf({ program }: ExpressionCompiler, { text, kind }: Code): string {
  switch (kind) {
    case KIND.view:
      return `${program.use('documentText')}(${text})`;
    case KIND.bool:
      return `(${text} ? "true" : "false")`;
    default:
      return `${program.use('json')}(${text})`;
  }
}
