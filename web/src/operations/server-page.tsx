/** What this server is, who else answers for the same data, and what was asked of it to be done later. */
import { X } from 'lucide';
import { api, ApiError, request } from '../api/client.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Loaded, NotLoaded } from '../components/loaded.tsx';
import { Facts, Page, Section } from '../components/page.tsx';
import { Table, type Column } from '../components/table.tsx';
import { tell } from '../components/toast.tsx';
import { invalidate, useQuery } from '../query.ts';
import { database } from '../router.ts';
import { bytes, count, distance, duration, moment } from './units.ts';
import './operations.css';

interface SupportInfo {
  readonly deployment: { readonly type: string; readonly persistedId: string };
  readonly host: {
    readonly id: string;
    readonly role: string;
    readonly os: string;
    readonly version: string;
    readonly physicalMemory: { readonly value: number };
    readonly freeMemory: number;
    readonly numberOfCores: { readonly value: number };
    readonly processStats: { readonly processUptime: number; readonly numberOfThreads: number; readonly residentSetSize: number };
    readonly nodeVersion: string;
  };
}

interface Member {
  readonly id: string;
  readonly Endpoint: string;
  readonly ShortName: string;
  readonly Status: string;
  readonly Version?: string;
  readonly StartedAt?: string;
  /** Seconds since it was heard of. */
  readonly LastAckedTime?: number;
}

const EVERY_MS = 3_000;

export function ServerPage() {
  const server = useQuery('server', (aborting) => api.get<SupportInfo>('/_admin/support-info', undefined, aborting), {
    everyMs: EVERY_MS,
  });
  return (
    <Page title="Server">
      <Loaded of={server} lines={10}>
        {(data) => (
          <>
            <div class="columns">
              <Section title="This server">
                <Facts
                  facts={[
                    ['Id', <span class="mono">{data.host.id}</span>],
                    ['Up for', duration(data.host.processStats.processUptime)],
                    ['Interface', `ArangoDB ${data.host.version}`],
                    ['Node.js', data.host.nodeVersion],
                    ['Threads', count(data.host.processStats.numberOfThreads)],
                    ['Memory', bytes(data.host.processStats.residentSetSize)],
                  ]}
                />
              </Section>
              <Section title="Its machine">
                <Facts
                  facts={[
                    ['System', data.host.os.replace(/^(\S+ \d+\.\d+).*/, '$1')],
                    ['Cores', count(data.host.numberOfCores.value)],
                    ['Memory', bytes(data.host.physicalMemory.value)],
                    ['Free', bytes(data.host.freeMemory)],
                  ]}
                />
                <Storage />
              </Section>
            </div>
            <Section title="Members">
              <Members />
            </Section>
            <Section title="Requests done later">
              <LaterRequests />
            </Section>
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Storage() {
  const { data } = useQuery(
    'server/engine',
    (aborting) => api.get<Readonly<Record<string, unknown>>>('/_api/engine/stats', undefined, aborting),
    {
      everyMs: EVERY_MS,
    },
  );
  const number = (name: string): number | undefined => (typeof data?.[name] === 'number' ? data[name] : undefined);
  const [used, commits] = [number('usedBytes'), number('commits')];
  return (
    <Facts
      facts={[
        used !== undefined && ['Data on disk', bytes(used)],
        commits !== undefined && ['Transactions since the start', count(commits)],
      ]}
    />
  );
}

const MEMBER_COLUMNS: readonly Column<Member>[] = [
  { id: 'name', header: 'Name', cell: ({ ShortName }) => ShortName },
  {
    id: 'state',
    header: 'State',
    width: '8rem',
    cell: ({ Status }) => <Badge kind={Status === 'GOOD' ? 'good' : 'bad'}>{Status === 'GOOD' ? 'Good' : 'Failed'}</Badge>,
  },
  { id: 'endpoint', header: 'Address', cell: ({ Endpoint }) => <span class="mono">{Endpoint}</span> },
  { id: 'version', header: 'Version', width: '8rem', shownWhen: 'wide', cell: ({ Version }) => Version },
  {
    id: 'started',
    header: 'Started',
    width: '12rem',
    shownWhen: 'wide',
    cell: ({ StartedAt }) => StartedAt !== undefined && moment(StartedAt),
  },
  {
    id: 'heard',
    header: 'Heard of',
    width: '8rem',
    shownWhen: 'wider',
    cell: ({ LastAckedTime }) => LastAckedTime !== undefined && distance(Date.now() - LastAckedTime * 1000),
  },
];

function Members() {
  const members = useQuery('server/members', findMembers, { everyMs: EVERY_MS });
  const { data } = members;
  if (data === undefined) return <NotLoaded of={members} lines={2} />;
  if (data === 'alone') return <p class="soft">This server is alone. Several that share one PostgreSQL (--storage.url) are listed here.</p>;
  return <Table label="Members" rows={data} columns={MEMBER_COLUMNS} keyOf={({ id }) => id} />;
}

async function findMembers(aborting: AbortSignal): Promise<readonly Member[] | 'alone'> {
  // Asked first, since a refusal would stand in the browser's console again and again.
  const { role } = await api.get<{ readonly role: string }>('/_admin/server/role', undefined, aborting);
  if (role === 'SINGLE') return 'alone';
  const { Health } = await api.get<{ readonly Health: Readonly<Record<string, Omit<Member, 'id'>>> }>(
    '/_admin/cluster/health',
    undefined,
    aborting,
  );
  return Object.entries(Health).map(([id, member]) => ({ id, ...member }));
}

interface Later {
  readonly id: string;
  readonly isDone: boolean;
}

/** Of the user who looks, sent with `x-arango-async: store`. */
function LaterRequests() {
  const key = `later/${database.value}`;
  const later = useQuery(
    key,
    async (aborting) => {
      const [pending, done] = await Promise.all(
        (['pending', 'done'] as const).map((kind) => api.get<readonly string[]>(`/_api/job/${kind}`, { count: 100 }, aborting)),
      );
      return [...(pending ?? []).map((id) => ({ id, isDone: false })), ...(done ?? []).map((id) => ({ id, isDone: true }))];
    },
    { everyMs: EVERY_MS },
  );
  const columns: readonly Column<Later>[] = [
    { id: 'id', header: 'Number', cell: ({ id }) => <span class="mono">{id}</span> },
    {
      id: 'state',
      header: 'State',
      width: '9rem',
      cell: ({ isDone }) => <Badge kind={isDone ? 'good' : 'info'}>{isDone ? 'Done' : 'Running'}</Badge>,
    },
    {
      id: 'actions',
      header: <span class="visually-hidden">Actions</span>,
      width: '8rem',
      cell: ({ id, isDone }) => (
        <Button
          isSmall
          icon={X}
          onPress={async () => {
            await (isDone ? request('DELETE', `/_api/job/${id}`) : request('PUT', `/_api/job/${id}/cancel`));
            tell(isDone ? 'The answer is forgotten' : 'The request is cancelled');
            invalidate(key);
          }}
        >
          {isDone ? 'Forget' : 'Cancel'}
        </Button>
      ),
    },
  ];
  if (later.data === undefined && later.error instanceof ApiError && later.error.status === 403) return null;
  return (
    <Loaded of={later} lines={2}>
      {(data) => (
        <Table
          label="Requests done later"
          rows={data}
          columns={columns}
          keyOf={({ id }) => id}
          empty={
            <EmptyState title="None">
              Requests with the header x-arango-async: store run behind others; their answers are kept here until they are fetched.
            </EmptyState>
          }
        />
      )}
    </Loaded>
  );
}
