/** The editors that pages use. CodeMirror itself comes when one of them is shown first. */
import { lazy } from '../components/lazy.tsx';
import type { KnowledgeSource } from './aql.ts';
import type { CodeEditorProps } from './code-editor.tsx';

type Editor = Omit<CodeEditorProps, 'language'>;

export const JsonEditor = lazy<Editor>(async () => {
  const [{ CodeEditor }, { json }] = await Promise.all([import('./code-editor.tsx'), import('./json.ts')]);
  return (props) => <CodeEditor {...props} language={json} />;
});

/** JSON to be read: its parts fold. */
export const JsonView = lazy<Pick<Editor, 'label' | 'value'>>(async () => {
  const [{ CodeEditor }, { shownJson }] = await Promise.all([import('./code-editor.tsx'), import('./json.ts')]);
  return (props) => <CodeEditor {...props} isReadOnly language={shownJson} />;
});

export const AqlEditor = lazy<Editor & { readonly source: KnowledgeSource }>(async () => {
  const [{ CodeEditor }, { aql }] = await Promise.all([import('./code-editor.tsx'), import('./aql.ts')]);
  return ({ source, ...props }) => <CodeEditor {...props} language={aql(source)} />;
});
