/** The queries that run now, with a way to end each, and those that were slow. */
import { CircleStop, Eraser, Snail, Zap } from 'lucide';
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { Button } from '../components/button.tsx';
import { JsonBlock, CodeBlock } from '../components/code-block.tsx';
import { Dialog } from '../components/dialog.tsx';
import { sizeText } from '../components/drop-zone.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Facts, Section } from '../components/page.tsx';
import { Table, type Column } from '../components/table.tsx';
import { tell } from '../components/toast.tsx';
import { invalidate, useQuery } from '../query.ts';
import { database, go, href } from '../router.ts';
import { timeText } from './plan/plan-view.tsx';
import { deskOf, newTab, withTab } from './query-tabs.ts';
import type { RunningQuery } from './run-query.ts';

const EVERY_MS = 2000;

interface TrackingProperties {
  readonly slowQueryThreshold: number;
}

export function RunningTab() {
  const key = `queries/${database.value}`;
  const running = useQuery(`${key}/current`, (aborting) => api.get<readonly RunningQuery[]>('/_api/query/current', undefined, aborting), {
    everyMs: EVERY_MS,
  });
  const slow = useQuery(`${key}/slow`, (aborting) => api.get<readonly RunningQuery[]>('/_api/query/slow', undefined, aborting));
  const tracking = useQuery(`${key}/properties`, (aborting) => api.get<TrackingProperties>('/_api/query/properties', undefined, aborting));
  const [opened, setOpened] = useState<RunningQuery>();
  const kill = async ({ id }: RunningQuery): Promise<void> => {
    await api.delete(`/_api/query/${id}`);
    tell('The query is told to end');
    invalidate(`${key}/current`);
  };
  const common: readonly Column<RunningQuery>[] = [
    { id: 'query', header: 'Query', cell: ({ query }) => <span class="mono">{query.replaceAll(/\s+/g, ' ')}</span> },
    { id: 'user', header: 'User', width: '8rem', shownWhen: 'wide', cell: ({ user }) => user || '–' },
    {
      id: 'time',
      header: 'Time',
      width: '7.5rem',
      isNumber: true,
      cell: ({ runTime }) => timeText(runTime),
      compare: (a, b) => a.runTime - b.runTime,
    },
    { id: 'started', header: 'Began', width: '13.5rem', shownWhen: 'wider', cell: ({ started }) => new Date(started).toLocaleString() },
  ];
  const killing: Column<RunningQuery> = {
    id: 'kill',
    header: <span class="visually-hidden">Actions</span>,
    width: '6rem',
    cell: (query) => (
      <Button isSmall kind="danger" icon={CircleStop} onPress={() => kill(query)}>
        Kill
      </Button>
    ),
  };
  return (
    <div class="stack wide-gap">
      <Section title="Running">
        <Loaded of={running} lines={2}>
          {(data) => (
            <Table
              label="Running queries"
              rows={data}
              columns={[...common, killing]}
              keyOf={({ id }) => id}
              onOpen={setOpened}
              empty={<EmptyState icon={Zap} title="No query runs now" />}
            />
          )}
        </Loaded>
      </Section>
      <Section
        title="Slow"
        actions={
          <Button
            icon={Eraser}
            isDisabled={(slow.data ?? []).length === 0}
            onPress={async () => {
              await api.delete('/_api/query/slow');
              invalidate(`${key}/slow`);
            }}
          >
            Forget these
          </Button>
        }
      >
        <Loaded of={slow} lines={2}>
          {(data) => (
            <Table
              label="Slow queries"
              rows={data}
              columns={common}
              keyOf={({ id }) => id}
              onOpen={setOpened}
              empty={
                <EmptyState icon={Snail} title="No query was slow">
                  {tracking.data === undefined
                    ? undefined
                    : `Remembered are those that take longer than ${tracking.data.slowQueryThreshold} s.`}
                </EmptyState>
              }
            />
          )}
        </Loaded>
      </Section>
      {opened !== undefined && <QueryDialog query={opened} onClose={() => setOpened(undefined)} />}
    </div>
  );
}

function QueryDialog({ query, onClose }: { readonly query: RunningQuery; readonly onClose: () => void }) {
  return (
    <Dialog
      title={`Query ${query.id}`}
      isWide
      onClose={onClose}
      actions={
        <Button
          kind="primary"
          onPress={() => {
            const desk = deskOf(database.value);
            desk.value = withTab(desk.value, newTab({ text: query.query, values: query.bindVars }));
            go(href(['queries']));
          }}
        >
          Open in the editor
        </Button>
      }
    >
      <CodeBlock text={query.query} label="query" isWrapped />
      <Facts
        facts={[
          ['State', query.state],
          ['User', query.user || '–'],
          ['Time', timeText(query.runTime)],
          ['Began', new Date(query.started).toLocaleString()],
          query.peakMemoryUsage !== undefined && ['Most memory', sizeText(query.peakMemoryUsage)],
        ]}
      />
      {Object.keys(query.bindVars).length > 0 && <JsonBlock value={query.bindVars} label="parameters" />}
    </Dialog>
  );
}
