/**
 * One document in an editor. It is saved over the revision that was read and no other: when somebody has changed it meanwhile, the page says so,
 * and one chooses what stays.
 */
import { ArrowRight, Save, Trash2, Waypoints } from 'lucide';
import { useEffect, useRef, useState } from 'preact/hooks';
import { api, ApiError, messageOf, request } from '../api/client.ts';
import { useMayManage } from '../api/rights.ts';
import { Button, LinkButton } from '../components/button.tsx';
import { Confirm } from '../components/dialog.tsx';
import { Icon } from '../components/icon.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Notice } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';
import { tell } from '../components/toast.tsx';
import { JsonEditor } from '../editor/editors.tsx';
import type { EditorProblem } from '../editor/code-editor.tsx';
import type { PageParameters } from '../pages.ts';
import { invalidate, useQuery } from '../query.ts';
import { database, go, href } from '../router.ts';
import { jsonProblem } from './json-problem.ts';
import { collectionPath, documentPath, isDocumentId, type Collection, type Document } from './model.ts';
import './data.css';

const SYSTEM: ReadonlySet<string> = new Set(['_key', '_id', '_rev']);

export function DocumentPage({ parameters }: { readonly parameters: PageParameters }) {
  const { name = '', key = '' } = parameters;
  return <DocumentEditor key={`${name}/${key}`} collection={name} documentKey={key} />;
}

/** What cannot be edited stands above; the editor has the rest, and of edges where they lead. */
const editable = (document: Document): string =>
  JSON.stringify(Object.fromEntries(Object.entries(document).filter(([attribute]) => !SYSTEM.has(attribute))), undefined, 2);

let visits = 0;

function DocumentEditor({ collection, documentKey }: { readonly collection: string; readonly documentKey: string }) {
  const mayManage = useMayManage() === true;
  const id = `${collection}/${documentKey}`;
  // Of this visit alone: an editor must not begin with what was read at an earlier one.
  const [visit] = useState(() => ++visits);
  const key = `document/${database.value}/${id}/${visit}`;
  const read = useQuery(key, (aborting) => api.get<Document>(documentPath(id), undefined, aborting));
  /** What the editor was filled with: newer revisions do not replace it by themselves. */
  const [base, setBase] = useState<Document>();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<EditorProblem>();
  const [conflict, setConflict] = useState<Document>();
  const [failure, setFailure] = useState<unknown>();
  const [isDeleting, setDeleting] = useState(false);

  const show = (document: Document): void => {
    setBase(document);
    setText(editable(document));
    setConflict(undefined);
    setFailure(undefined);
    setProblem(undefined);
  };
  useEffect(() => {
    if (read.data !== undefined && base === undefined) show(read.data);
  }, [read.data]);

  const isChanged = base !== undefined && text !== editable(base);
  useWarning(isChanged);

  const save = async (over: Document): Promise<void> => {
    const found = jsonProblem(text);
    setProblem(found);
    setFailure(undefined);
    if (found !== undefined) return;
    try {
      const saved = await request<{ new: Document }>('PUT', documentPath(id), {
        query: { returnNew: true },
        headers: { 'if-match': `"${over._rev}"` },
        body: JSON.parse(text) as unknown,
      });
      show(saved.new);
      invalidate(`collections/${database.value}`);
      tell('Saved');
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.status === 412) setConflict(await api.get<Document>(documentPath(id)));
      else setFailure(thrown);
    }
  };

  return (
    <Page
      title={documentKey}
      isFilled
      back={{ href: href(['collections', collection]), label: collection }}
      actions={
        <>
          <LinkButton icon={Waypoints} href={href(['graph'], { query: { start: id } })}>
            Neighbours
          </LinkButton>
          {mayManage && (
            <>
              <Button kind="danger" icon={Trash2} onPress={() => setDeleting(true)}>
                Delete
              </Button>
              <Button kind="primary" icon={Save} isDisabled={!isChanged} onPress={() => (base === undefined ? undefined : save(base))}>
                Save
              </Button>
            </>
          )}
        </>
      }
    >
      <Loaded of={{ ...read, data: base ?? read.data }} lines={8}>
        {(current) => (
          <div class="document">
            <dl class="document-facts">
              <div>
                <dt>_id</dt>
                <dd class="mono">{current._id}</dd>
              </div>
              <div>
                <dt>_rev</dt>
                <dd class="mono">{current._rev}</dd>
              </div>
              {isDocumentId(current['_from']) && isDocumentId(current['_to']) && (
                <div>
                  <dt>Leads</dt>
                  <dd class="mono document-ends">
                    <DocumentLink id={current['_from']} />
                    <Icon icon={ArrowRight} size={14} />
                    <DocumentLink id={current['_to']} />
                  </dd>
                </div>
              )}
            </dl>
            {conflict !== undefined && (
              <Notice kind="caution" title="Somebody has changed this document meanwhile.">
                <p>Its revision is {conflict._rev} now. Your changes are still in the editor.</p>
                <div class="row">
                  <Button onPress={() => show(conflict)}>Take the new one</Button>
                  <Button kind="danger" onPress={() => save(conflict)}>
                    Overwrite it with mine
                  </Button>
                </div>
              </Notice>
            )}
            <Refusals problem={problem} failure={failure} />
            <div class="document-editor">
              <JsonEditor
                label={`Document ${id}`}
                value={text}
                onChange={setText}
                onSave={() => void (mayManage && base !== undefined && save(base))}
                problem={problem}
              />
            </div>
          </div>
        )}
      </Loaded>
      {isDeleting && (
        <Confirm
          title={`Delete ${id}?`}
          action="Delete"
          isDangerous
          onClose={() => setDeleting(false)}
          onConfirm={async () => {
            await api.delete(documentPath(id));
            tell(`${id} is gone`);
            invalidate(`collections/${database.value}`);
            go(href(['collections', collection]));
          }}
        >
          <p>This cannot be undone. Edges that lead here stay.</p>
        </Confirm>
      )}
    </Page>
  );
}

export function DocumentLink({ id }: { readonly id: string }) {
  const [collection = '', key = ''] = id.split('/');
  return <a href={href(['collections', collection, 'documents', key])}>{id}</a>;
}

export function NewDocumentPage({ parameters }: { readonly parameters: PageParameters }) {
  const { name = '' } = parameters;
  const collection = useQuery(`collections/${database.value}/type/${name}`, (aborting) =>
    api.get<Collection>(collectionPath(name), undefined, aborting),
  );
  return (
    <Loaded of={collection} lines={4}>
      {(data) => <NewDocument key={name} collection={data} />}
    </Loaded>
  );
}

function NewDocument({ collection: { name, type } }: { readonly collection: Collection }) {
  const empty = type === 3 ? '{\n  "_from": "",\n  "_to": ""\n}' : '{\n  \n}';
  const [text, setText] = useState(empty);
  const [problem, setProblem] = useState<EditorProblem>();
  const [failure, setFailure] = useState<unknown>();
  const isSaved = useRef(false);
  useWarning(text !== empty && !isSaved.current);
  const save = async (): Promise<void> => {
    const found = jsonProblem(text);
    setProblem(found);
    setFailure(undefined);
    if (found !== undefined) return;
    try {
      const { _key: key } = await api.post<Document>(`/_api/document/${encodeURIComponent(name)}`, JSON.parse(text) as unknown);
      isSaved.current = true;
      tell(`Document ${key} is there`);
      invalidate(`collections/${database.value}`);
      go(href(['collections', name, 'documents', key]));
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <Page
      title="New document"
      isFilled
      back={{ href: href(['collections', name]), label: name }}
      description={
        type === 3 ? 'An edge leads from one document to another: _from and _to are their ids.' : 'Without a _key the server makes one.'
      }
      actions={
        <Button kind="primary" icon={Save} onPress={save}>
          Create
        </Button>
      }
    >
      <div class="document">
        <Refusals problem={problem} failure={failure} />
        <div class="document-editor">
          <JsonEditor label="New document" value={text} onChange={setText} onSave={() => void save()} problem={problem} hasFocus />
        </div>
      </div>
    </Page>
  );
}

/** Why a document was not saved: its text is no document, or the server will not have it. */
function Refusals({ problem, failure }: { readonly problem: EditorProblem | undefined; readonly failure: unknown }) {
  return (
    <>
      {problem !== undefined && (
        <Notice kind="bad">
          Line {problem.line}, column {problem.column}: {problem.message}
        </Notice>
      )}
      {failure !== undefined && <Notice kind="bad">{messageOf(failure)}</Notice>}
    </>
  );
}

/** The browser asks before what was typed is lost. */
function useWarning(isChanged: boolean): void {
  useEffect(() => {
    if (!isChanged) return undefined;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isChanged]);
}
