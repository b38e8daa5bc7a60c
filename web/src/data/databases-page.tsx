/** The databases that the user may use, who may do what in each, and making and dropping them. */
import { Database, Plus, Trash2 } from 'lucide';
import { useState } from 'preact/hooks';
import { api, request } from '../api/client.ts';
import { useMayAdminister } from '../api/rights.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Confirm, Dialog } from '../components/dialog.tsx';
import { EmptyState, ErrorState } from '../components/empty-state.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { Page } from '../components/page.tsx';
import { Skeleton } from '../components/spinner.tsx';
import { Table, type Column } from '../components/table.tsx';
import { tell, tellFailure } from '../components/toast.tsx';
import { invalidate, useQuery } from '../query.ts';
import { database, go, href } from '../router.ts';
import { ConfirmByName } from './settings-tab.tsx';
import './data.css';

interface Row {
  readonly name: string;
  readonly collections: number | undefined;
}

export function DatabasesPage() {
  const { data, error, reload } = useQuery('databases/described', describeDatabases);
  const mayAdminister = useMayAdminister() === true;
  const [isCreating, setCreating] = useState(false);
  const [dropping, setDropping] = useState<string>();
  const [granting, setGranting] = useState<string>();
  const columns: readonly Column<Row>[] = [
    {
      id: 'name',
      header: 'Name',
      cell: ({ name }) => (
        <span class="row">
          {name}
          {name === database.value && <Badge kind="info">current</Badge>}
        </span>
      ),
      compare: (a, b) => a.name.localeCompare(b.name),
    },
    { id: 'collections', header: 'Collections', width: '8rem', isNumber: true, cell: ({ collections }) => collections ?? '–' },
    {
      id: 'actions',
      header: <span class="visually-hidden">Actions</span>,
      width: '10rem',
      cell: ({ name }) =>
        mayAdminister && (
          <span class="row end-row">
            <Button isSmall label={`Rights in ${name}`} onPress={() => setGranting(name)}>
              Rights
            </Button>
            {name !== '_system' && (
              <Button kind="quiet" isSmall icon={Trash2} label={`Drop database ${name}`} onPress={() => setDropping(name)} />
            )}
          </span>
        ),
    },
  ];
  return (
    <Page
      title="Databases"
      isFilled
      actions={
        mayAdminister && (
          <Button kind="primary" icon={Plus} onPress={() => setCreating(true)}>
            New database
          </Button>
        )
      }
    >
      {data === undefined ? (
        error === undefined ? (
          <Skeleton lines={5} />
        ) : (
          <ErrorState error={error} onRetry={reload} />
        )
      ) : (
        <Table
          label="Databases"
          rows={data}
          columns={columns}
          keyOf={({ name }) => name}
          hrefOf={({ name }) => href(['collections'], { database: name })}
          empty={<EmptyState icon={Database} title="There is no database that you may use" />}
        />
      )}
      {isCreating && <CreateDatabase onClose={() => setCreating(false)} />}
      {granting !== undefined && <Rights name={granting} onClose={() => setGranting(undefined)} />}
      {dropping !== undefined && (
        <ConfirmByName
          title={`Drop the database ${dropping}?`}
          action="Drop"
          name={dropping}
          onClose={() => setDropping(undefined)}
          onConfirm={async () => {
            await request('DELETE', `/_api/database/${encodeURIComponent(dropping)}`, { database: '_system' });
            tell(`The database ${dropping} is gone`);
            if (dropping === database.value) go(href(['databases'], { database: '_system' }));
            invalidate('databases');
          }}
        >
          All its collections, graphs and services will be gone for good.
        </ConfirmByName>
      )}
    </Page>
  );
}

async function describeDatabases(aborting: AbortSignal): Promise<readonly Row[]> {
  const { result } = await api.get<{ result: readonly string[] }>('/_api/database/user', undefined, aborting);
  return Promise.all(
    result.toSorted().map(async (name): Promise<Row> => {
      try {
        const { result: collections } = await request<{ result: readonly { readonly isSystem: boolean }[] }>('GET', '/_api/collection', {
          database: name,
          signal: aborting,
        });
        return { name, collections: collections.filter(({ isSystem }) => !isSystem).length };
      } catch (error) {
        if (aborting.aborted) throw error;
        return { name, collections: undefined }; // dropped meanwhile
      }
    }),
  );
}

interface User {
  readonly user: string;
  readonly active: boolean;
}

/** Only who administers the server may see others. */
const useUsers = () =>
  useQuery('users/names', async (aborting) => {
    const { result } = await request<{ result: readonly User[] }>('GET', '/_api/user', { database: '_system', signal: aborting });
    return result.map(({ user }) => user).toSorted();
  });

function CreateDatabase({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [owner, setOwner] = useState('');
  const { data: users = [] } = useUsers();
  return (
    <Confirm
      title="New database"
      action="Create"
      onClose={onClose}
      onConfirm={async () => {
        await request('POST', '/_api/database', {
          database: '_system',
          body: { name, ...(owner === '' ? {} : { users: [{ username: owner }] }) },
        });
        tell(`The database ${name} is there`);
        invalidate('databases');
      }}
    >
      <TextField label="Name" isRequired hasFocus value={name} onChange={setName} />
      <SelectField
        label="Owner"
        hint="May read and write everything in it."
        value={owner}
        onChange={setOwner}
        options={[['', 'Nobody but those who may do so everywhere'], ...users.map((user) => [user, user] as const)]}
      />
    </Confirm>
  );
}

type Level = 'rw' | 'ro' | 'none' | 'undefined';

const LEVELS: readonly (readonly [Level, string])[] = [
  ['undefined', 'As for all databases'],
  ['rw', 'Read and write'],
  ['ro', 'Read only'],
  ['none', 'No access'],
];

interface Grants {
  readonly result: Readonly<Record<string, { readonly permission: Level }>>;
}

function Rights({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const users = useUsers();
  const key = `rights/${name}`;
  const { data: levels } = useQuery(users.data === undefined ? undefined : `${key}/${users.data.join('/')}`, async (aborting) => {
    const grants = await Promise.all(
      (users.data ?? []).map(async (user) => {
        const path = `/_api/user/${encodeURIComponent(user)}/database`;
        const { result } = await request<Grants>('GET', path, { database: '_system', query: { full: true }, signal: aborting });
        return [user, result[name]?.permission ?? 'undefined'] as const;
      }),
    );
    return new Map<string, Level>(grants);
  });
  const grant = async (user: string, level: Level): Promise<void> => {
    const path = `/_api/user/${encodeURIComponent(user)}/database/${encodeURIComponent(name)}`;
    try {
      if (level === 'undefined') await request('DELETE', path, { database: '_system' });
      else await request('PUT', path, { database: '_system', body: { grant: level } });
      tell(`${user} has new rights in ${name}`);
    } catch (error) {
      tellFailure(error);
    }
    invalidate(key);
  };
  return (
    <Dialog title={`Rights in ${name}`} onClose={onClose}>
      {users.error !== undefined ? (
        <ErrorState error={users.error} />
      ) : levels === undefined ? (
        <Skeleton lines={3} />
      ) : (
        <ul class="stack">
          {[...levels].map(([user, level]) => (
            <li key={user}>
              <SelectField<Level> label={user} value={level} options={LEVELS} onChange={(next) => void grant(user, next)} />
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
