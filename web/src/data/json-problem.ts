/** Where a text stops being the JSON of a document, in lines and columns. */
import { jsonMistake } from '../editor/json-mistake.ts';

export interface JsonProblem {
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** undefined: it is a JSON object. */
export function jsonProblem(text: string): JsonProblem | undefined {
  const mistake = jsonMistake(text);
  if (mistake === undefined)
    return text.trimStart().startsWith('{') ? undefined : { line: 1, column: 1, message: 'A document is a JSON object: { … }.' };
  const before = text.slice(0, mistake.at);
  return { line: before.split('\n').length, column: mistake.at - (before.lastIndexOf('\n') + 1) + 1, message: mistake.message };
}
