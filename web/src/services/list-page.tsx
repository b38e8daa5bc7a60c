/** All services of the database: what is mounted where, and how it is. */
import { Boxes } from 'lucide';
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { Badge } from '../components/badge.tsx';
import { EmptyState, ErrorState } from '../components/empty-state.tsx';
import { TextField } from '../components/field.tsx';
import { Page } from '../components/page.tsx';
import { Skeleton } from '../components/spinner.tsx';
import { Table, type Column } from '../components/table.tsx';
import { useQuery } from '../query.ts';
import { database, href } from '../router.ts';

interface ServiceSummary {
  readonly mount: string;
  readonly name?: string;
  readonly version?: string;
  readonly development: boolean;
}

const COLUMNS: readonly Column<ServiceSummary>[] = [
  {
    id: 'mount',
    header: 'Mount',
    cell: ({ mount }) => <span class="mono">{mount}</span>,
    compare: (a, b) => a.mount.localeCompare(b.mount),
  },
  {
    id: 'name',
    header: 'Name',
    cell: ({ name }) => name,
    compare: (a, b) => (a.name ?? '').localeCompare(b.name ?? ''),
    shownWhen: 'wide',
  },
  { id: 'version', header: 'Version', cell: ({ version }) => version, width: '7rem' },
  {
    id: 'state',
    header: 'State',
    cell: ({ development }) => <Badge kind={development ? 'info' : 'good'}>{development ? 'Development' : 'Production'}</Badge>,
    width: '9rem',
  },
];

export function ServicesPage() {
  const [filter, setFilter] = useState('');
  const { data, error, reload } = useQuery(`services/${database.value}`, (aborting) =>
    api.get<ServiceSummary[]>('/_api/foxx', { excludeSystem: true }, aborting),
  );
  const word = filter.trim().toLowerCase();
  const rows = data?.filter(({ mount, name = '' }) => mount.toLowerCase().includes(word) || name.toLowerCase().includes(word));
  return (
    <Page title="Services" isFilled>
      {rows === undefined ? (
        error === undefined ? (
          <Skeleton lines={8} />
        ) : (
          <ErrorState error={error} onRetry={reload} />
        )
      ) : (
        <>
          <div class="row">
            <div class="grow">
              <TextField
                label="Filter"
                isLabelHidden
                type="search"
                placeholder="Filter by mount or name"
                value={filter}
                onChange={setFilter}
              />
            </div>
          </div>
          <Table
            label="Services"
            rows={rows}
            columns={COLUMNS}
            keyOf={({ mount }) => mount}
            hrefOf={({ mount }) => href(['services', mount])}
            empty={<EmptyState icon={Boxes} title={word === '' ? 'No services yet' : 'No service is called so'} />}
          />
        </>
      )}
    </Page>
  );
}
