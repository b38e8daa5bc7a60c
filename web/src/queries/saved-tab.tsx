/** Saved queries: open, rename, delete, and carry them from server to server in a file. */
import { Download, FolderOpen, Pencil, Trash2, Upload } from 'lucide';
import { useRef, useState } from 'preact/hooks';
import { request, saveAs } from '../api/client.ts';
import { userName } from '../api/session.ts';
import { Button } from '../components/button.tsx';
import { Confirm } from '../components/dialog.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { TextField } from '../components/field.tsx';
import { NotLoaded } from '../components/loaded.tsx';
import { Notice } from '../components/notice.tsx';
import { Table, type Column } from '../components/table.tsx';
import { tell } from '../components/toast.tsx';
import { invalidate, useQuery } from '../query.ts';
import { database, go, href } from '../router.ts';
import type { BindValues } from './aql/bind-parameters.ts';
import { deskOf, newTab, withTab } from './query-tabs.ts';
import { readExport, readSavedQueries, withSaved, type SavedQuery } from './saved-queries.ts';

const KEY = 'saved-queries';

interface Account {
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** A server that asks nobody who they are keeps them with root. */
const accountPath = (): string => `/_api/user/${encodeURIComponent(userName.value ?? 'root')}`;

const readAccount = (): Promise<Account> => request<Account>('GET', accountPath(), { database: '_system' });

/** Read anew before each change, as another page may have written meanwhile. */
async function changeSaved(change: (queries: readonly SavedQuery[]) => readonly SavedQuery[]): Promise<void> {
  const { extra = {} } = await readAccount();
  await request('PATCH', accountPath(), { database: '_system', body: { extra: { ...extra, queries: change(readSavedQueries(extra)) } } });
  invalidate(KEY);
}

export function useSavedQueries() {
  return useQuery(KEY, async () => readSavedQueries((await readAccount()).extra));
}

export function SavedTab() {
  const saved = useSavedQueries();
  const [asked, setAsked] = useState<{ readonly to: 'rename' | 'delete'; readonly query: SavedQuery }>();
  const input = useRef<HTMLInputElement>(null);

  const open = ({ name, value, parameter }: SavedQuery): void => {
    const desk = deskOf(database.value);
    desk.value = withTab(desk.value, newTab({ text: value, values: parameter, savedAs: name }));
    go(href(['queries']));
  };
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    const queries = readExport(await file.text());
    if (queries === undefined) throw new Error(`There are no queries in ${file.name}.`);
    await changeSaved((before) => withSaved(before, queries));
    tell(`${queries.length} ${queries.length === 1 ? 'query' : 'queries'} imported`);
  };
  const [failure, setFailure] = useState<string>();

  const columns: readonly Column<SavedQuery>[] = [
    { id: 'name', header: 'Name', width: '30%', cell: ({ name }) => name, compare: (a, b) => a.name.localeCompare(b.name) },
    {
      id: 'query',
      header: 'Query',
      shownWhen: 'wide',
      cell: ({ value }) => <span class="mono soft">{value.replaceAll(/\s+/g, ' ')}</span>,
    },
    {
      id: 'actions',
      header: <span class="visually-hidden">Actions</span>,
      width: '7rem',
      cell: (query) => (
        <span class="row-actions">
          <Button kind="quiet" isSmall icon={Pencil} label={`Rename ${query.name}`} onPress={() => setAsked({ to: 'rename', query })} />
          <Button kind="quiet" isSmall icon={Trash2} label={`Delete ${query.name}`} onPress={() => setAsked({ to: 'delete', query })} />
        </span>
      ),
    },
  ];

  const { data } = saved;
  if (data === undefined) return <NotLoaded of={saved} lines={5} />;
  return (
    <div class="stack">
      <div class="row">
        <span class="soft">
          {data.length} saved {data.length === 1 ? 'query' : 'queries'}
        </span>
        <div class="row end">
          <input
            ref={input}
            type="file"
            accept=".json"
            hidden
            aria-label="File with queries"
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? [];
              event.currentTarget.value = '';
              setFailure(undefined);
              take(file).catch((thrown: unknown) => setFailure(thrown instanceof Error ? thrown.message : String(thrown)));
            }}
          />
          <Button icon={Upload} onPress={() => input.current?.click()}>
            Import
          </Button>
          <Button
            icon={Download}
            isDisabled={data.length === 0}
            onPress={() => saveAs(new Blob([`${JSON.stringify(data, undefined, 2)}\n`], { type: 'application/json' }), 'queries.json')}
          >
            Export
          </Button>
        </div>
      </div>
      {failure !== undefined && <Notice kind="bad">{failure}</Notice>}
      <Table
        label="Saved queries"
        rows={data}
        columns={columns}
        keyOf={({ name }) => name}
        onOpen={open}
        empty={
          <EmptyState icon={FolderOpen} title="No saved queries yet">
            Save one from the editor. They are kept with your account on the server.
          </EmptyState>
        }
      />
      {asked?.to === 'rename' && (
        <RenameDialog query={asked.query} taken={data.map(({ name }) => name)} onClose={() => setAsked(undefined)} />
      )}
      {asked?.to === 'delete' && (
        <Confirm
          title={`Delete ${asked.query.name}?`}
          action="Delete"
          isDangerous
          onClose={() => setAsked(undefined)}
          onConfirm={async () => {
            await changeSaved((queries) => queries.filter(({ name }) => name !== asked.query.name));
            tell(`${asked.query.name} is gone`);
          }}
        >
          <p>This cannot be undone.</p>
        </Confirm>
      )}
    </div>
  );
}

function RenameDialog({
  query,
  taken,
  onClose,
}: {
  readonly query: SavedQuery;
  readonly taken: readonly string[];
  readonly onClose: () => void;
}) {
  const [name, setName] = useState(query.name);
  return (
    <Confirm
      title={`Rename ${query.name}`}
      action="Rename"
      onClose={onClose}
      onConfirm={async () => {
        if (name.trim() === '') throw new Error('A query needs a name.');
        if (name !== query.name && taken.includes(name)) throw new Error('Another query is called so.');
        await changeSaved((queries) => queries.map((each) => (each.name === query.name ? { ...each, name } : each)));
      }}
    >
      <TextField label="Name" hasFocus isRequired value={name} onChange={setName} />
    </Confirm>
  );
}

export interface SaveDialogProps {
  readonly name: string;
  readonly value: string;
  readonly parameter: BindValues;
  readonly onClose: () => void;
  readonly onSaved: (name: string) => void;
}

export function SaveDialog({ name: before, value, parameter, onClose, onSaved }: SaveDialogProps) {
  const [name, setName] = useState(before);
  const { data: queries = [] } = useSavedQueries();
  const isTaken = queries.some((query) => query.name === name.trim());
  return (
    <Confirm
      title="Save the query"
      action={isTaken ? 'Replace' : 'Save'}
      onClose={onClose}
      onConfirm={async () => {
        if (name.trim() === '') throw new Error('A query needs a name.');
        await changeSaved((now) => withSaved(now, [{ name: name.trim(), value, parameter }]));
        onSaved(name.trim());
        tell(`Saved as ${name.trim()}`);
      }}
    >
      <TextField
        label="Name"
        hasFocus
        isRequired
        value={name}
        onChange={setName}
        suggestions={queries.map((query) => query.name)}
        hint={
          isTaken && before !== name.trim()
            ? 'There is such a query already: it will be replaced.'
            : 'With the values of its parameters, for your account.'
        }
      />
    </Confirm>
  );
}
