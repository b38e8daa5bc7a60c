/** The versions of the service that the server has kept, and the way back to each. */
import { History, RotateCw } from 'lucide';
import { useState } from 'preact/hooks';
import { ApiError } from '../api/client.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Confirm } from '../components/dialog.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Checkbox } from '../components/field.tsx';
import { NotLoaded } from '../components/loaded.tsx';
import { Table, type Column } from '../components/table.tsx';
import { tell } from '../components/toast.tsx';
import { rollBack, useOf, type Version } from './service.ts';
import type { TabProps } from './service-page.tsx';

const OPERATIONS: Readonly<Record<string, string>> = {
  install: 'Installed',
  upgrade: 'Upgraded',
  replace: 'Replaced',
  rollback: 'Rolled back',
  production: 'Left development',
  commit: 'Committed',
};

export function VersionsTab({ mount }: TabProps) {
  const versions = useOf<readonly Version[]>(mount, 'versions');
  const [wanted, setWanted] = useState<Version>();
  const { data, error } = versions;
  if (data === undefined && error instanceof ApiError && error.status === 404)
    return (
      <EmptyState icon={History} title="No former versions">
        This server keeps none.
      </EmptyState>
    );
  if (data === undefined) return <NotLoaded of={versions} lines={4} />;
  const columns: readonly Column<Version>[] = [
    { id: 'id', header: 'No.', cell: ({ id }) => id, width: '4.5rem', isNumber: true },
    {
      id: 'version',
      header: 'Version',
      cell: ({ name, version }) => [name, version].filter((word) => word !== undefined).join(' ') || '–',
    },
    {
      id: 'operation',
      header: 'By',
      cell: ({ operation, by, restores }) => (
        <span class="soft">
          {OPERATIONS[operation ?? ''] ?? 'Installed'}
          {restores === undefined ? '' : ` to no. ${restores}`}
          {by === undefined ? '' : ` by ${by}`}
        </span>
      ),
      shownWhen: 'wide',
    },
    {
      id: 'at',
      header: 'Since',
      cell: ({ at }) => (at === undefined ? '–' : <time dateTime={at}>{new Date(at).toLocaleString()}</time>),
      shownWhen: 'wide',
    },
    {
      id: 'checksum',
      header: 'Bundle',
      cell: ({ checksum }) => <span class="mono soft">{checksum ?? '–'}</span>,
      shownWhen: 'wider',
      width: '8rem',
    },
    {
      id: 'back',
      header: <span class="visually-hidden">Roll back</span>,
      width: '8.5rem',
      cell: (version) =>
        version.current ? (
          <Badge kind="good">Current</Badge>
        ) : (
          <Button isSmall icon={RotateCw} onPress={() => setWanted(version)}>
            Roll back
          </Button>
        ),
    },
  ];
  return (
    <div class="stack">
      <Table label="Versions" rows={data} columns={columns} keyOf={({ id }) => String(id)} />
      {data.length === 1 && <p class="soft">The version before will be kept here with the next upgrade.</p>}
      {wanted !== undefined && <RollBackDialog mount={mount} version={wanted} onClose={() => setWanted(undefined)} />}
    </div>
  );
}

function RollBackDialog({ mount, version, onClose }: { readonly mount: string; readonly version: Version; readonly onClose: () => void }) {
  const [setup, setSetup] = useState(true);
  const [isAtomic, setAtomic] = useState(true);
  const name = version.version === undefined ? `no. ${version.id}` : `${version.version} (no. ${version.id})`;
  return (
    <Confirm
      title={`Roll ${mount} back to ${name}?`}
      action="Roll back"
      onClose={onClose}
      onConfirm={async () => {
        await rollBack(mount, version.id, { setup, isAtomic });
        tell(`${mount} is back at ${name}`);
      }}
    >
      <p>Code, configuration, dependencies and mode become what they were. Documents stay as they are.</p>
      <Checkbox label="Run setup of that version" isChecked={setup} onChange={setSetup} />
      <Checkbox label="Activate at once everywhere, or not at all" isChecked={isAtomic} onChange={setAtomic} />
    </Confirm>
  );
}
