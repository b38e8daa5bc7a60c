/**
 * An editor of code: CodeMirror in a shadow tree. There its style sheets are made by script alone (`adoptedStyleSheets`); in the page itself it would
 * write a <style>, which the policy of the pages forbids.
 *
 * Tab moves on to the next control, as everywhere in the page; what is selected is indented with Ctrl+].
 */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, indentOnInput } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension, type Transaction } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder as placeholderText,
} from '@codemirror/view';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { look } from './look.ts';
import './code-editor.css';

export interface EditorProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface EditorHandle {
  /** What is selected and where it begins, counted from 1; undefined unless something is. */
  readonly selection: () => { readonly text: string; readonly line: number; readonly column: number } | undefined;
  readonly focus: () => void;
}

export interface CodeEditorProps {
  readonly label: string;
  readonly value: string;
  readonly onChange?: (value: string) => void;
  /** Read once, when the editor is made. */
  readonly language: Extension;
  readonly isReadOnly?: boolean;
  readonly placeholder?: string;
  readonly hasFocus?: boolean;
  /** Ctrl+Enter, or ⌘+Enter. */
  readonly onRun?: () => void;
  /** Ctrl+Shift+Enter. */
  readonly onRunSelection?: () => void;
  readonly onSelect?: (hasSelection: boolean) => void;
  /** Ctrl+S, or ⌘+S. */
  readonly onSave?: () => void;
  readonly problem?: EditorProblem | undefined;
  readonly onHandle?: (handle: EditorHandle) => void;
}

export function CodeEditor(props: CodeEditorProps) {
  const { label, value, language, isReadOnly = false, placeholder, hasFocus = false, problem, onHandle } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(props);
  latest.current = props;

  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const editor = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: value,
        extensions: [
          keymap.of([
            { key: 'Mod-Enter', run: () => called(latest.current.onRun) },
            { key: 'Mod-Shift-Enter', run: () => called(latest.current.onRunSelection) },
            { key: 'Mod-s', run: () => called(latest.current.onSave) },
          ]),
          language,
          lineNumbers(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          highlightSelectionMatches(),
          ...(isReadOnly ? [] : [highlightActiveLine(), highlightActiveLineGutter()]),
          keymap.of([...defaultKeymap.filter(({ key }) => key !== 'Mod-Enter'), ...historyKeymap, ...searchKeymap]),
          EditorState.readOnly.of(isReadOnly),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
          EditorView.updateListener.of((update) => {
            if (update.selectionSet || update.docChanged) latest.current.onSelect?.(!update.state.selection.main.empty);
            if (update.docChanged) latest.current.onChange?.(update.state.doc.toString());
          }),
          EditorView.domEventHandlers({ beforeinput: replaceSelection }),
          ...(placeholder === undefined ? [] : [placeholderText(placeholder)]),
          look,
        ],
      }),
    });
    view.current = editor;
    if (hasFocus) editor.focus();
    onHandle?.({
      selection: () => {
        const { from, to } = editor.state.selection.main;
        const line = editor.state.doc.lineAt(from);
        return from === to ? undefined : { text: editor.state.sliceDoc(from, to), line: line.number, column: from - line.from + 1 };
      },
      focus: () => editor.focus(),
    });
    return () => editor.destroy();
  }, []);

  // What came from outside replaces the text; what was typed is there already. Before anything more can be typed: an effect that ran later would
  // put back what was there a key ago.
  useLayoutEffect(() => {
    const editor = view.current;
    if (editor === undefined || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const editor = view.current;
    if (editor === undefined || latest.current.isReadOnly === true) return;
    editor.dispatch(setDiagnostics(editor.state, problem === undefined ? [] : [diagnostic(editor.state, problem)]));
    if (problem !== undefined) editor.dispatch({ effects: EditorView.scrollIntoView(diagnostic(editor.state, problem).from) });
  }, [problem]);

  return <div ref={host} class={`code-editor${isReadOnly ? ' shown' : ''}`} />;
}

function called(action: (() => void) | undefined): boolean {
  action?.();
  return action !== undefined;
}

/**
 * Typing over a selection is done here and not by the browser: it would keep the look of what goes, such as the line below a mistake, in a style
 * attribute, which the policy of the pages forbids.
 */
function replaceSelection(event: InputEvent, view: EditorView): boolean {
  const { ranges, main } = view.state.selection;
  const { data, inputType } = event;
  if (inputType !== 'insertText' || data === null || main.empty || ranges.length > 1 || view.composing || view.state.readOnly) return false;
  event.preventDefault();
  const insert = (): Transaction => view.state.update(view.state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true });
  const isHandled = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, main.from, main.to, data, insert));
  if (!isHandled) view.dispatch(insert());
  return true;
}

/** From the place to the end of the word there. Lines and columns count from 1. */
function diagnostic(state: EditorState, { line: number, column, message }: EditorProblem) {
  const line = state.doc.line(Math.max(1, Math.min(number, state.doc.lines)));
  const from = Math.min(line.to, line.from + Math.max(0, column - 1));
  const word = /^\w+|^\S/.exec(state.sliceDoc(from, line.to))?.[0] ?? '';
  return {
    from: word === '' ? Math.max(line.from, from - 1) : from,
    to: Math.min(line.to, from + Math.max(1, word.length)),
    severity: 'error' as const,
    message,
  };
}
