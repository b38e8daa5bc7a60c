/** How the server is, at a glance: what it does now, and what needs a look. */
import { CircleCheck } from 'lucide';
import type { ComponentChildren } from 'preact';
import { api, ApiError } from '../api/client.ts';
import { Badge, type BadgeKind } from '../components/badge.tsx';
import { EmptyState, ErrorState } from '../components/empty-state.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Page, Section } from '../components/page.tsx';
import { useQuery } from '../query.ts';
import { database, href } from '../router.ts';
import { Live } from './metrics-page.tsx';
import { latest, Plots } from './plots.tsx';
import { samplesFailure, useSamples, valueOf, type Sample } from './samples.ts';
import { bytes, count, duration, percent } from './units.ts';
import './operations.css';

const EVERY_MS = 5_000;

export function OverviewPage() {
  const all = useSamples();
  const failure = samplesFailure.value;
  const now = all.at(-1);
  return (
    <Page
      title="Overview"
      beside={<Live />}
      description={now?.uptimeSeconds === undefined ? 'foxden' : `foxden, up for ${duration(now.uptimeSeconds)}`}
    >
      {failure !== undefined && all.length === 0 ? (
        <ErrorState error={failure} />
      ) : (
        <>
          <Tiles all={all} />
          <Plots names={['requests', 'times', 'memory']} all={all} />
        </>
      )}
      <div class="columns">
        <Services />
        <Attention />
      </div>
    </Page>
  );
}

interface TileProps {
  readonly name: string;
  readonly value: ComponentChildren;
  readonly note?: ComponentChildren;
  readonly kind?: 'bad' | 'caution' | undefined;
  readonly to: string;
}

function Tile({ name, value, note, kind, to }: TileProps) {
  return (
    <a class="tile" href={href([to])}>
      <span class="tile-name">{name}</span>
      <span class={`tile-value ${kind ?? ''}`}>{value ?? '–'}</span>
      <span class="tile-note">{note ?? ' '}</span>
    </a>
  );
}

function Tiles({ all }: { readonly all: readonly Sample[] }) {
  const now = all.at(-1);
  const read = (name: string): number | undefined => (now === undefined ? undefined : valueOf(name)(now));
  const [workers, working] = [read('arangodb_scheduler_num_worker_threads'), read('arangodb_scheduler_num_working_threads')];
  const waiting = read('arangodb_scheduler_queue_length') ?? 0;
  const connections = read('arangodb_client_connection_statistics_client_connections');
  return (
    <div class="tiles">
      <Tile name="Requests" value={latest('requests', all)} to="metrics" />
      <Tile name="95 % take at most" value={latest('times', all, 1)} to="metrics" />
      <Tile
        name="Workers at work"
        value={workers === undefined ? undefined : `${working ?? 0} of ${workers}`}
        note={waiting > 0 ? `${count(waiting)} requests wait` : 'nobody waits'}
        kind={waiting > 0 ? 'caution' : undefined}
        to="metrics"
      />
      <Tile
        name="Memory"
        value={now?.memoryBytes === undefined ? undefined : bytes(now.memoryBytes)}
        note={now?.memoryShare === undefined ? undefined : `${percent(now.memoryShare)} of the machine`}
        to="metrics"
      />
      <Tile name="Processor" value={latest('processor', all)} note="100 % is one core" to="metrics" />
      <Tile name="Connections" value={connections === undefined ? undefined : count(connections)} to="metrics" />
    </div>
  );
}

interface ServiceState {
  readonly mount: string;
  readonly state: 'ready' | 'unconfigured' | 'broken' | 'unknown';
  readonly development: boolean;
}

interface Recent {
  readonly mount: string;
  readonly recent: { readonly requests: number; readonly serverErrors: number; readonly p95Ms: number | null };
}

/** What a user may not see is left out, and the page is there all the same. */
async function ifAllowed<Result>(asked: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  }
}

const SHOWN_SERVICES = 8;

function Services() {
  const services = useQuery(
    `overview/services/${database.value}`,
    async (aborting) => {
      const [states, metrics] = await Promise.all([
        api.get<readonly ServiceState[]>('/_api/foxx/states', undefined, aborting),
        ifAllowed(api.get<{ readonly services: readonly Recent[] }>('/_api/foxx/metrics', undefined, aborting)),
      ]);
      const recent = new Map(metrics?.services.map((one) => [one.mount, one.recent]));
      return states
        .filter(({ mount }) => !mount.startsWith('/_'))
        .map((service) => ({ ...service, recent: recent.get(service.mount) }))
        .toSorted(
          (a, b) => weight(b) - weight(a) || (b.recent?.requests ?? 0) - (a.recent?.requests ?? 0) || a.mount.localeCompare(b.mount),
        );
    },
    { everyMs: EVERY_MS },
  );
  return (
    <Section
      title="Services"
      actions={<a href={href(['services'])}>{services.data === undefined ? 'All' : `All ${count(services.data.length)}`}</a>}
    >
      <Loaded of={services} lines={4}>
        {(data) =>
          data.length === 0 ? (
            <EmptyState title="No services yet">
              <a href={href(['services'])}>Install the first</a>
            </EmptyState>
          ) : (
            <ul class="list">
              {data.slice(0, SHOWN_SERVICES).map((service) => {
                const [kind, text] = describe(service);
                const { recent } = service;
                return (
                  <li key={service.mount}>
                    <a class="list-row" href={href(['services', service.mount])}>
                      <span class="grow truncate mono">{service.mount}</span>
                      <span class="soft">
                        {recent === undefined || recent.requests === 0 ? 'quiet' : `${count(recent.requests)} a minute`}
                      </span>
                      <Badge kind={kind}>{text}</Badge>
                    </a>
                  </li>
                );
              })}
            </ul>
          )
        }
      </Loaded>
    </Section>
  );
}

interface ServiceRow extends ServiceState {
  readonly recent: Recent['recent'] | undefined;
}

/** The more, the sooner somebody should look. */
function weight({ state, recent }: ServiceRow): number {
  if (state === 'broken') return 3;
  if ((recent?.serverErrors ?? 0) > 0) return 2;
  return state === 'unconfigured' ? 1 : 0;
}

function describe({ state, development, recent }: ServiceRow): readonly [BadgeKind, string] {
  if (state === 'broken') return ['bad', 'Broken'];
  if (recent !== undefined && recent.serverErrors > 0) return ['bad', `${count(recent.serverErrors)} failed`];
  if (state === 'unconfigured') return ['caution', 'Unconfigured'];
  return development ? ['info', 'Development'] : ['good', 'Production'];
}

interface LogLine {
  readonly id: number;
  readonly level: string;
  readonly date: string;
  readonly message: string;
}

const SHOWN_LINES = 6;

/** Failed jobs and warnings. */
function Attention() {
  const attention = useQuery(
    `overview/attention/${database.value}`,
    async (aborting) => {
      const [log, jobs] = await Promise.all([
        ifAllowed(
          api.get<{ readonly total: number; readonly messages: readonly LogLine[] }>(
            '/_admin/log/entries',
            { upto: 'warning', sort: 'desc', size: SHOWN_LINES },
            aborting,
          ),
        ),
        ifAllowed(
          api.post<{ readonly result: readonly number[] }>('/_api/cursor', {
            query: 'RETURN COUNT(FOR job IN _jobs FILTER job.status == "failed" RETURN 1)',
          }),
        ),
      ]);
      return { lines: log?.messages ?? [], total: log?.total ?? 0, failedJobs: jobs?.result[0] ?? 0 };
    },
    { everyMs: EVERY_MS },
  );
  return (
    <Section title="Needs a look" actions={<a href={href(['logs'])}>Log</a>}>
      <Loaded of={attention} lines={4}>
        {(data) =>
          data.failedJobs === 0 && data.lines.length === 0 ? (
            <EmptyState icon={CircleCheck} title="All is well">
              No failed jobs, no warnings in the log.
            </EmptyState>
          ) : (
            <ul class="list">
              {data.failedJobs > 0 && (
                <li>
                  <a class="list-row" href={href(['queues'])}>
                    <span class="grow">{data.failedJobs === 1 ? 'A job has failed' : `${count(data.failedJobs)} jobs have failed`}</span>
                    <Badge kind="bad">Queues</Badge>
                  </a>
                </li>
              )}
              {data.lines.map(({ id, level, message }) => (
                <li key={id}>
                  <a class="list-row" href={href(['logs'])}>
                    <span class="grow truncate" title={message}>
                      {message.split('\n', 1)[0]}
                    </span>
                    <Badge kind={level.toLowerCase() === 'warning' ? 'caution' : 'bad'}>{level.toLowerCase()}</Badge>
                  </a>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  );
}
