/** Users: who there is, and what each may do in which database and collection. */
import { ChevronDown, ChevronRight, KeyRound, Plus, Trash2, Users } from 'lucide';
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { userName } from '../api/session.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Confirm } from '../components/dialog.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Checkbox, TextArea, TextField } from '../components/field.tsx';
import { Icon } from '../components/icon.tsx';
import { Loaded, NotLoaded } from '../components/loaded.tsx';
import { Page, Section } from '../components/page.tsx';
import { Table, type Column } from '../components/table.tsx';
import { tell, tellFailure } from '../components/toast.tsx';
import { Toggle } from '../components/toggle.tsx';
import { invalidate, useQuery } from '../query.ts';
import { go, href } from '../router.ts';
import './operations.css';

interface User {
  readonly user: string;
  readonly active: boolean;
  readonly extra: Readonly<Record<string, unknown>>;
}

type Level = 'rw' | 'ro' | 'none' | 'undefined';

interface DatabaseRights {
  readonly permission: Level;
  readonly collections?: Readonly<Record<string, Level>>;
}

/** Accounts and rights are the server's, whatever database is looked at. */
const USERS = '/_api/user';

function pathOf(...segments: readonly string[]): string {
  return [USERS, ...segments.map(encodeURIComponent)].join('/');
}

const COLUMNS: readonly Column<User>[] = [
  {
    id: 'user',
    header: 'User',
    cell: ({ user }) => user,
    compare: (a, b) => a.user.localeCompare(b.user),
  },
  {
    id: 'active',
    header: 'State',
    width: '9rem',
    cell: ({ active }) => <Badge kind={active ? 'good' : 'neutral'}>{active ? 'Active' : 'Locked'}</Badge>,
    compare: (a, b) => Number(b.active) - Number(a.active),
  },
  {
    id: 'extra',
    header: 'Details',
    shownWhen: 'wide',
    cell: ({ extra }) => <span class="mono soft">{Object.keys(extra).length === 0 ? '' : JSON.stringify(extra)}</span>,
  },
];

export function UsersPage() {
  const users = useQuery('users', (aborting) => api.get<{ readonly result: readonly User[] }>(USERS, undefined, aborting));
  const [filter, setFilter] = useState('');
  const [isCreating, setCreating] = useState(false);
  const word = filter.trim().toLowerCase();
  return (
    <Page
      title="Users"
      isFilled
      actions={
        <Button kind="primary" icon={Plus} onPress={() => setCreating(true)}>
          New user
        </Button>
      }
    >
      <Loaded of={users} lines={6}>
        {({ result }) => (
          <>
            <TextField label="Filter users" isLabelHidden type="search" placeholder="Filter by name" value={filter} onChange={setFilter} />
            <Table
              label="Users"
              rows={result.filter(({ user }) => user.toLowerCase().includes(word))}
              columns={COLUMNS}
              keyOf={({ user }) => user}
              hrefOf={({ user }) => href(['users', user])}
              empty={<EmptyState icon={Users} title="No user is called so" />}
            />
          </>
        )}
      </Loaded>
      {isCreating && <NewUser onClose={() => setCreating(false)} />}
    </Page>
  );
}

function NewUser({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [isActive, setActive] = useState(true);
  return (
    <Confirm
      title="New user"
      action="Create"
      onClose={onClose}
      onConfirm={async () => {
        await api.post(USERS, { user: name.trim(), passwd: password, active: isActive, extra: {} });
        invalidate('users');
        tell(`The user ${name.trim()} may now be given rights`);
        go(href(['users', name.trim()]));
      }}
    >
      <TextField label="Name" isRequired hasFocus value={name} onChange={setName} />
      <TextField label="Password" type="password" autocomplete="new-password" value={password} onChange={setPassword} />
      <Checkbox label="May sign in" isChecked={isActive} onChange={setActive} />
    </Confirm>
  );
}

export function UserPage({ parameters }: { readonly parameters: Readonly<Record<string, string>> }) {
  const { name = '' } = parameters;
  const user = useQuery(`users/${name}`, (aborting) => api.get<User>(pathOf(name), undefined, aborting));
  const [asks, setAsks] = useState<'password' | 'extra' | 'delete'>();
  const close = (): void => setAsks(undefined);
  const setActive = async (active: boolean): Promise<void> => {
    try {
      await api.patch(pathOf(name), { active });
      tell(active ? `${name} may sign in again` : `${name} may not sign in any more`);
    } catch (problem) {
      tellFailure(problem);
    }
    invalidate('users');
  };
  return (
    <Page
      title={name}
      back={{ href: href(['users']), label: 'Users' }}
      beside={user.data?.active === false && <Badge>Locked</Badge>}
      actions={
        <>
          <Button icon={KeyRound} onPress={() => setAsks('password')}>
            Password
          </Button>
          {name !== 'root' && (
            <Button icon={Trash2} onPress={() => setAsks('delete')}>
              Delete
            </Button>
          )}
        </>
      }
    >
      <Loaded of={user} lines={8}>
        {(data) => (
          <>
            <div class="card row">
              <div class="grow">
                <Toggle
                  label="May sign in"
                  hint={name === userName.value ? 'This is you.' : undefined}
                  isOn={data.active}
                  isDisabled={name === userName.value}
                  onChange={(isOn) => void setActive(isOn)}
                />
              </div>
              <Button onPress={() => setAsks('extra')}>Details</Button>
            </div>
            <Section title="Rights">
              <p class="soft">
                Who may write to _system is an administrator. Databases follow the first line unless they say otherwise, and collections the
                first line of their database.
              </p>
              <Rights name={name} />
            </Section>
            {asks === 'password' && <Password name={name} onClose={close} />}
            {asks === 'extra' && <Extra user={data} onClose={close} />}
            {asks === 'delete' && (
              <Confirm
                title={`Delete the user ${name}?`}
                action="Delete"
                isDangerous
                onClose={close}
                onConfirm={async () => {
                  await api.delete(pathOf(name));
                  tell(`The user ${name} is gone`);
                  // The list asks anew when it is opened; asking for the user once more would fail.
                  go(href(['users']));
                }}
              >
                <p>Their rights go with them. What they have written stays.</p>
              </Confirm>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Password({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [differs, setDiffers] = useState(false);
  return (
    <Confirm
      title={`A new password for ${name}`}
      action="Change"
      onClose={onClose}
      onConfirm={async () => {
        setDiffers(password !== again);
        if (password !== again) throw new Error('Nothing was changed.');
        await api.patch(pathOf(name), { passwd: password });
        tell('The password is changed');
      }}
    >
      <TextField label="New password" type="password" autocomplete="new-password" hasFocus value={password} onChange={setPassword} />
      <TextField
        label="The same again"
        type="password"
        autocomplete="new-password"
        value={again}
        onChange={setAgain}
        error={differs && password !== again ? 'This is another one.' : undefined}
      />
    </Confirm>
  );
}

function Extra({ user, onClose }: { readonly user: User; readonly onClose: () => void }) {
  const [text, setText] = useState(JSON.stringify(user.extra, undefined, 2));
  return (
    <Confirm
      title={`Details of ${user.user}`}
      action="Save"
      onClose={onClose}
      onConfirm={async () => {
        await api.patch(pathOf(user.user), { extra: objectIn(text) });
        invalidate('users');
        tell('The details are saved');
      }}
    >
      <TextArea
        label="JSON object"
        isMono
        rows={8}
        hint="For whatever services want to keep with a user (extra)."
        value={text}
        onChange={setText}
      />
    </Confirm>
  );
}

function objectIn(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`This is no JSON: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new Error('The details have to be an object, { … }.');
}

const LEVELS: readonly (readonly [level: Level, label: string, short: string])[] = [
  ['rw', 'Read and write', 'Write'],
  ['ro', 'Read only', 'Read'],
  ['none', 'Nothing', 'None'],
  ['undefined', 'As the default', 'Default'],
];

function Rights({ name }: { readonly name: string }) {
  const key = `users/${name}/rights`;
  const rights = useQuery(key, async (aborting) => {
    const { result } = await api.get<{ readonly result: Readonly<Record<string, DatabaseRights>> }>(
      pathOf(name, 'database'),
      { full: true },
      aborting,
    );
    return result;
  });
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  // What was chosen here is shown at once, also while older answers come in.
  const [chosen, setChosen] = useState<Readonly<Record<string, Level>>>({});
  const [doubtful, setDoubtful] = useState<{ readonly level: Level; readonly database: string }>();
  const { data } = rights;
  if (data === undefined) return <NotLoaded of={rights} lines={6} />;

  const grant = async (level: Level, ...target: readonly string[]): Promise<void> => {
    const path = pathOf(name, 'database', ...target);
    setChosen((before) => ({ ...before, [path]: level }));
    try {
      await (level === 'undefined' ? api.delete(path) : api.put(path, { grant: level }));
    } catch (problem) {
      tellFailure(problem, 'The right was not changed');
      setChosen(({ [path]: _failed, ...others }) => others);
    }
    invalidate(key);
  };
  const grantDatabase = async (level: Level, database: string): Promise<void> => {
    if (name === userName.value && level !== 'rw' && (database === '_system' || database === '*')) setDoubtful({ level, database });
    else await grant(level, database);
  };
  const levelOf = (stored: Level | undefined, ...target: readonly string[]): Level =>
    chosen[pathOf(name, 'database', ...target)] ?? stored ?? 'undefined';
  const toggle = (database: string): void => {
    const next = new Set(opened);
    if (!next.delete(database)) next.add(database);
    setOpened(next);
  };
  const databases = Object.keys(data)
    .filter((database) => database !== '*')
    .toSorted();
  return (
    <div class="frame" role="region" aria-label="Rights" tabIndex={0}>
      <table class="rights">
        <thead>
          <tr>
            <th scope="col">Database</th>
            {LEVELS.map(([level, label, short]) => (
              <th key={level} scope="col" title={label}>
                {short}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <RightsRow
            label="Every other database"
            kind="is-default"
            level={levelOf(data['*']?.permission, '*')}
            onGrant={(level) => grantDatabase(level, '*')}
          />
        </tbody>
        {databases.map((database) => {
          const { permission, collections = {} } = data[database] ?? { permission: 'undefined' };
          const isOpen = opened.has(database);
          return (
            <tbody key={database}>
              <RightsRow
                label={database}
                level={levelOf(permission, database)}
                onGrant={(level) => grantDatabase(level, database)}
                toggle={{ isOpen, onToggle: () => toggle(database) }}
              />
              {isOpen && (
                <RightsRow
                  label="Every other collection"
                  name={`Every other collection of ${database}`}
                  kind="of-collection is-default"
                  level={levelOf(collections['*'], database, '*')}
                  onGrant={(level) => grant(level, database, '*')}
                />
              )}
              {isOpen &&
                Object.keys(collections)
                  .filter((collection) => collection !== '*')
                  .toSorted((a, b) => Number(a.startsWith('_')) - Number(b.startsWith('_')) || a.localeCompare(b))
                  .map((collection) => (
                    <RightsRow
                      key={collection}
                      label={collection}
                      name={`${collection} of ${database}`}
                      kind="of-collection"
                      level={levelOf(collections[collection], database, collection)}
                      onGrant={(level) => grant(level, database, collection)}
                    />
                  ))}
            </tbody>
          );
        })}
      </table>
      {doubtful !== undefined && (
        <Confirm
          title="Give away your own rights?"
          action="Go on"
          isDangerous
          onClose={() => setDoubtful(undefined)}
          onConfirm={() => grant(doubtful.level, doubtful.database)}
        >
          <p>This is you. If you may not write to _system any more, another administrator has to give the right back.</p>
        </Confirm>
      )}
    </div>
  );
}

interface RightsRowProps {
  readonly label: string;
  /** For those who hear it without the lines above; the label if left out. */
  readonly name?: string;
  readonly kind?: string;
  readonly level: Level;
  readonly onGrant: (level: Level) => Promise<void>;
  readonly toggle?: { readonly isOpen: boolean; readonly onToggle: () => void };
}

function RightsRow({ label, name = label, kind = '', level, onGrant, toggle }: RightsRowProps) {
  return (
    <tr class={`${kind}${level === 'undefined' ? ' inherited' : ''}`}>
      <th scope="row">
        {toggle === undefined ? (
          label
        ) : (
          <button type="button" class="rights-open" aria-expanded={toggle.isOpen} onClick={toggle.onToggle}>
            <Icon icon={toggle.isOpen ? ChevronDown : ChevronRight} size={14} />
            {label}
          </button>
        )}
      </th>
      {LEVELS.map(([value, text]) => (
        <td key={value}>
          <input
            type="radio"
            name={`right ${name}`}
            aria-label={`${name}: ${text}`}
            checked={level === value}
            onChange={() => void onGrant(value)}
          />
        </td>
      ))}
    </tr>
  );
}
