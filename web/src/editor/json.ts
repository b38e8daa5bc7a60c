/** JSON for the editor: colours, folding, and each mistake marked where it is. */
import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
import { json as language, jsonParseLinter } from '@codemirror/lang-json';
import { codeFolding, foldGutter, foldKeymap } from '@codemirror/language';
import { linter, lintKeymap } from '@codemirror/lint';
import type { Extension } from '@codemirror/state';
import { keymap, type EditorView } from '@codemirror/view';

export const json: Extension = [
  language(),
  codeFolding(),
  foldGutter(),
  closeBrackets(),
  // An empty text is nothing yet, not a mistake.
  linter((view: EditorView) => (view.state.doc.toString().trim() === '' ? [] : jsonParseLinter()(view)), { delay: 300 }),
  keymap.of([...closeBracketsKeymap, ...foldKeymap, ...lintKeymap]),
];

export const shownJson: Extension = [language(), codeFolding(), foldGutter(), keymap.of(foldKeymap)];
