/** JSON for the editor: colours, folding, and each mistake marked where it is. */
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { json as language } from '@codemirror/lang-json';
import { codeFolding, foldGutter, foldKeymap } from '@codemirror/language';
import { linter, lintKeymap, type Diagnostic } from '@codemirror/lint';
import type { Extension } from '@codemirror/state';
import { keymap, type EditorView } from '@codemirror/view';
import { jsonMistake } from './json-mistake.ts';

export const json: Extension = [
  language(),
  codeFolding(),
  foldGutter(),
  closeBrackets(),
  linter(mistakes, { delay: 300 }),
  keymap.of([...closeBracketsKeymap, ...foldKeymap, ...lintKeymap]),
];

export const shownJson: Extension = [language(), codeFolding(), foldGutter(), keymap.of(foldKeymap)];

/** An empty text is nothing yet, not a mistake. */
function mistakes({ state }: EditorView): readonly Diagnostic[] {
  const text = state.doc.toString();
  const mistake = text.trim() === '' ? undefined : jsonMistake(text);
  if (mistake === undefined) return [];
  const { at, message } = mistake;
  return [{ from: Math.min(at, Math.max(0, text.length - 1)), to: Math.min(text.length, at + 1), severity: 'error', message }];
}
