/** All services of the database: what is mounted where, how it is, and how it fares. */
import { Boxes, Plus, SearchX } from 'lucide';
import { useMemo, useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { useMayManage } from '../api/rights.ts';
import { LinkButton } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Checkbox, SelectField, TextField } from '../components/field.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Page } from '../components/page.tsx';
import { Table, type Column } from '../components/table.tsx';
import { useQuery } from '../query.ts';
import { database, href } from '../router.ts';
import { millisecondsText } from './figures.ts';
import { useServices, useStates, type Figures, type ServiceState, type ServiceSummary } from './service.ts';
import { shownState, StateBadge, type ShownState } from './state-badge.tsx';
import './list-page.css';

interface Row extends ServiceSummary {
  readonly shown: ShownState;
  readonly detail: string | undefined;
  readonly recent: Figures | undefined;
}

interface AllMetrics {
  readonly recentSeconds: number;
  readonly services: readonly { readonly mount: string; readonly recent: Figures }[];
}

const ORDER: readonly ShownState[] = ['broken', 'unconfigured', 'development', 'production'];

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'mount',
    header: 'Mount',
    cell: ({ mount }) => <span class="mono">{mount}</span>,
    compare: (a, b) => compareText(a.mount, b.mount),
  },
  {
    id: 'name',
    header: 'Name',
    cell: ({ name }) => <span class="soft">{name ?? '–'}</span>,
    compare: (a, b) => compareText(a.name ?? '', b.name ?? ''),
    shownWhen: 'wide',
  },
  {
    id: 'version',
    header: 'Version',
    cell: ({ version }) => <span class="soft">{version ?? '–'}</span>,
    width: '7rem',
    compare: (a, b) => compareText(a.version ?? '', b.version ?? ''),
    shownWhen: 'wide',
  },
  {
    id: 'requests',
    header: 'Requests/min',
    cell: ({ recent }) => <span class="soft">{recent === undefined ? '–' : recent.requests}</span>,
    width: '8.5rem',
    isNumber: true,
    shownWhen: 'wider',
    compare: (a, b) => (a.recent?.requests ?? 0) - (b.recent?.requests ?? 0),
  },
  {
    id: 'p95',
    header: 'p95',
    cell: ({ recent }) => <span class="soft">{recent?.p95Ms == null ? '–' : millisecondsText(recent.p95Ms)}</span>,
    width: '6rem',
    isNumber: true,
    shownWhen: 'wider',
    compare: (a, b) => (a.recent?.p95Ms ?? 0) - (b.recent?.p95Ms ?? 0),
  },
  {
    id: 'errors',
    header: 'Errors',
    cell: ({ recent }) =>
      recent !== undefined && recent.serverErrors > 0 ? (
        <span class="service-errors">{recent.serverErrors}</span>
      ) : (
        <span class="soft">{recent === undefined ? '–' : 0}</span>
      ),
    width: '6rem',
    isNumber: true,
    shownWhen: 'wider',
    compare: (a, b) => (a.recent?.serverErrors ?? 0) - (b.recent?.serverErrors ?? 0),
  },
  {
    id: 'state',
    header: 'State',
    cell: ({ shown, detail, coordinators = [] }) => (
      <span class="service-state">
        <StateBadge state={shown} title={detail} />
        {coordinators.length > 0 && <span class="faint">{coordinatorsText(coordinators)}</span>}
      </span>
    ),
    width: '10.5rem',
    compare: (a, b) => ORDER.indexOf(a.shown) - ORDER.indexOf(b.shown),
  },
];

export function ServicesPage() {
  const [filter, setFilter] = useState('');
  const [only, setOnly] = useState<ShownState | 'all'>('all');
  const [isSystemShown, setSystemShown] = useState(false);
  const services = useServices(isSystemShown);
  const states = useStates();
  const mayManage = useMayManage();
  const metrics = useQuery(
    mayManage === true ? `services\n${database.value}\nmetrics` : undefined,
    (aborting) => api.get<AllMetrics>('/_api/foxx/metrics', {}, aborting),
    {
      everyMs: 15_000,
    },
  );
  const rows = useMemo(
    () => services.data && rowsOf(services.data, states.data ?? [], metrics.data, isSystemShown),
    [services.data, states.data, metrics.data, isSystemShown],
  );
  const word = filter.trim().toLowerCase();
  const shown = useMemo(
    () =>
      rows?.filter(
        ({ mount, name = '', shown: state }) =>
          (only === 'all' || state === only) && (mount.toLowerCase().includes(word) || name.toLowerCase().includes(word)),
      ) ?? [],
    [rows, word, only],
  );

  return (
    <Page
      title="Services"
      isFilled
      description={rows === undefined ? ' ' : summaryOf(rows)}
      actions={
        mayManage !== false && (
          <LinkButton kind="primary" icon={Plus} href={href(['services', 'install'])}>
            Install service
          </LinkButton>
        )
      }
    >
      <Loaded of={{ ...services, data: rows }} lines={8}>
        {({ length }) => (
          <>
            <div class="services-filter">
              <TextField
                label="Filter services"
                isLabelHidden
                type="search"
                placeholder="Filter by mount or name"
                value={filter}
                onChange={setFilter}
              />
              <SelectField
                label="State"
                isLabelHidden
                value={only}
                onChange={setOnly}
                options={[
                  ['all', 'All states'],
                  ['production', 'Production'],
                  ['development', 'Development'],
                  ['unconfigured', 'Unconfigured'],
                  ['broken', 'Broken'],
                ]}
              />
              <Checkbox label="System services" isChecked={isSystemShown} onChange={setSystemShown} />
            </div>
            <Table
              label="Services"
              rows={shown}
              columns={COLUMNS}
              keyOf={({ mount }) => mount}
              hrefOf={({ mount }) => href(['services', mount])}
              empty={
                length === 0 ? (
                  <EmptyState
                    icon={Boxes}
                    title="No services yet"
                    actions={
                      mayManage !== false && (
                        <LinkButton kind="primary" icon={Plus} href={href(['services', 'install'])}>
                          Install service
                        </LinkButton>
                      )
                    }
                  >
                    A service is JavaScript or TypeScript that answers HTTP requests next to the data. Upload one, take one from a URL, or
                    begin with a template.
                  </EmptyState>
                ) : (
                  <EmptyState icon={SearchX} title="Nothing matches">
                    No service of this database has such a mount, name or state.
                  </EmptyState>
                )
              }
            />
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** Broken services are in the states alone. */
function rowsOf(
  services: readonly ServiceSummary[],
  states: readonly ServiceState[],
  metrics: AllMetrics | undefined,
  isSystemShown: boolean,
): readonly Row[] {
  const stateOf = new Map(states.map((state) => [state.mount, state]));
  const figuresOf = new Map(metrics?.services.map(({ mount, recent }) => [mount, recent]));
  const listed = new Set(services.map(({ mount }) => mount));
  const others = states.filter(({ mount }) => !listed.has(mount) && (isSystemShown || !mount.startsWith('/_')));
  const all: readonly ServiceSummary[] = [...services, ...others.map(({ mount, development }) => ({ mount, development, legacy: false }))];
  return all
    .map((service) => {
      const state = stateOf.get(service.mount);
      const detail = state?.problem ?? (state?.missing === undefined ? undefined : `No value for ${state.missing.join(', ')}`);
      return {
        ...service,
        shown: shownState(service, state),
        detail: service.warnings?.join('\n') ?? detail,
        recent: figuresOf.get(service.mount),
      };
    })
    .toSorted((a, b) => compareText(a.mount, b.mount));
}

function summaryOf(rows: readonly Row[]): string {
  const counts = ORDER.map((state) => [state, rows.filter(({ shown }) => shown === state).length] as const).filter(
    ([, count]) => count > 0,
  );
  if (rows.length === 0) return 'Nothing is mounted in this database.';
  return counts.map(([state, count]) => `${count} ${state === 'development' || state === 'production' ? `in ${state}` : state}`).join(', ');
}

/** How many have the service as it is stored, and whether more than one was edited. */
function coordinatorsText(coordinators: NonNullable<ServiceSummary['coordinators']>): string {
  const current = coordinators.filter(({ state }) => state === 'current').length;
  const edited = coordinators.filter(({ edits }) => edits !== undefined).length;
  if (current < coordinators.length) return `current on ${current} of ${coordinators.length}`;
  return edited > 0 ? `edited on ${edited} of ${coordinators.length}` : `on all ${coordinators.length} servers`;
}

/** As code points, which is much quicker than a language's order, and what the server sorts by. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
