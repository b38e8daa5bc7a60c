/** Queues and jobs of the database: how many are in which state, what each was asked to do, and why it failed. */
import { ListChecks, RotateCcw, Trash2, X } from 'lucide';
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { Badge, type BadgeKind } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { CodeBlock, JsonBlock } from '../components/code-block.tsx';
import { Confirm, Dialog } from '../components/dialog.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Facts, Page } from '../components/page.tsx';
import { Table, type Column } from '../components/table.tsx';
import { tell } from '../components/toast.tsx';
import { invalidate, useQuery } from '../query.ts';
import { database } from '../router.ts';
import { withoutServerFrames } from './stack.ts';
import { count, distance, moment } from './units.ts';
import './operations.css';

const STATES = ['pending', 'progress', 'complete', 'failed'] as const;
type State = (typeof STATES)[number];

const STATE_LABELS: Readonly<Record<State, string>> = { pending: 'Waiting', progress: 'Running', complete: 'Done', failed: 'Failed' };
const STATE_KINDS: Readonly<Record<State, BadgeKind>> = { pending: 'neutral', progress: 'info', complete: 'good', failed: 'bad' };

interface Queue {
  readonly name: string;
  readonly maxWorkers: number;
}

interface Counts {
  readonly queue: string;
  readonly status: State;
  readonly jobs: number;
}

interface JobRow {
  readonly key: string;
  readonly queue: string;
  readonly status: State;
  readonly script: string;
  readonly modified: number;
  readonly delayUntil: number;
  readonly failures: number;
}

interface Job {
  readonly queue: string;
  readonly status: State;
  readonly type: { readonly mount?: string; readonly name?: string } | string;
  readonly data: unknown;
  readonly created: number;
  readonly modified: number;
  readonly delayUntil: number;
  readonly runs?: number;
  readonly maxFailures?: unknown;
  readonly repeatTimes?: unknown;
  readonly failures: readonly { readonly message?: string; readonly stack?: string }[];
}

const EVERY_MS = 2_000;
const SHOWN_JOBS = 1_000;

async function query<Result>(text: string, bindVars: object = {}): Promise<readonly Result[]> {
  const { result } = await api.post<{ readonly result: readonly Result[] }>('/_api/cursor', {
    query: text,
    bindVars,
    batchSize: SHOWN_JOBS,
  });
  return result;
}

const SCRIPT = 'IS_OBJECT(job.type) ? CONCAT(job.type.mount, " ", job.type.name) : job.type';

export function QueuesPage() {
  const [status, setStatus] = useState<State | 'all'>('all');
  const [queue, setQueue] = useState('');
  const [shown, setShown] = useState<string>();
  const [asks, setAsks] = useState<'delete' | 'retry' | Queue>();
  const key = `jobs/${database.value}`;

  const overview = useQuery(
    `${key}/counts`,
    async () => {
      const [queues, counts] = await Promise.all([
        query<Queue>('FOR queue IN _queues SORT queue._key RETURN { name: queue._key, maxWorkers: queue.maxWorkers }'),
        query<Counts>(
          'FOR job IN _jobs COLLECT queue = job.queue, status = job.status WITH COUNT INTO jobs RETURN { queue, status, jobs }',
        ),
      ]);
      return { queues, counts };
    },
    { everyMs: EVERY_MS },
  );
  const jobs = useQuery(
    `${key}/list/${status}/${queue}`,
    () =>
      query<JobRow>(
        `FOR job IN _jobs
           FILTER @status == "all" OR job.status == @status
           FILTER @queue == "" OR job.queue == @queue
           SORT job.modified DESC LIMIT ${SHOWN_JOBS}
           RETURN { key: job._key, queue: job.queue, status: job.status, script: ${SCRIPT}, modified: job.modified,
                    delayUntil: job.delayUntil, failures: LENGTH(job.failures) }`,
        { status, queue },
      ),
    { everyMs: EVERY_MS },
  );

  const { queues = [], counts = [] } = overview.data ?? {};
  const total = (state: State): number =>
    counts.reduce((sum, one) => sum + (one.status === state && (queue === '' || one.queue === queue) ? one.jobs : 0), 0);
  const names = [...new Set([...queues.map(({ name }) => name), ...counts.map((one) => one.queue)])].toSorted();
  const chosen = queues.find(({ name }) => name === queue);

  return (
    <Page
      title="Queues"
      isFilled
      actions={
        <>
          {chosen !== undefined && <Button onPress={() => setAsks(chosen)}>{`Workers: ${chosen.maxWorkers}`}</Button>}
          {total('failed') > 0 && (
            <Button icon={RotateCcw} onPress={() => setAsks('retry')}>
              Retry failed
            </Button>
          )}
          {total('complete') + total('failed') > 0 && (
            <Button icon={Trash2} onPress={() => setAsks('delete')}>
              Clear
            </Button>
          )}
        </>
      }
    >
      <Loaded of={{ ...overview, data: overview.data && jobs.data, error: overview.error ?? jobs.error }} lines={8}>
        {(all) =>
          names.length === 0 && all.length === 0 ? (
            <EmptyState icon={ListChecks} title="No queue yet">
              Services make queues with require('@arangodb/foxx/queues') and put jobs into them, which run behind the requests.
            </EmptyState>
          ) : (
            <>
              <div class="tiles">
                {STATES.map((state) => (
                  <div key={state} class="tile">
                    <span class="tile-name">{STATE_LABELS[state]}</span>
                    <span class={`tile-value${state === 'failed' && total(state) > 0 ? ' bad' : ''}`}>{count(total(state))}</span>
                  </div>
                ))}
              </div>
              <div class="row filters">
                <SelectField
                  label="Queue"
                  value={queue}
                  onChange={setQueue}
                  options={[['', 'All'], ...names.map((name) => [name, name] as const)]}
                />
                <SelectField
                  label="State"
                  value={status}
                  onChange={setStatus}
                  options={[['all', 'All'], ...STATES.map((state) => [state, STATE_LABELS[state]] as const)]}
                />
              </div>
              <Table
                label="Jobs"
                rows={all}
                columns={COLUMNS}
                keyOf={({ key: job }) => job}
                onOpen={({ key: job }) => setShown(job)}
                empty={<EmptyState icon={ListChecks} title="No such jobs" />}
              />
            </>
          )
        }
      </Loaded>
      {shown !== undefined && <JobDialog id={shown} onClose={() => setShown(undefined)} />}
      {typeof asks === 'object' && <Workers queue={asks} onClose={() => setAsks(undefined)} />}
      {asks === 'delete' && (
        <Confirm
          title="Clear jobs that have ended?"
          action="Clear"
          isDangerous
          onClose={() => setAsks(undefined)}
          onConfirm={() =>
            change(
              'FOR job IN _jobs FILTER job.status IN ["complete", "failed"] AND (@queue == "" OR job.queue == @queue) REMOVE job IN _jobs',
              { queue },
              'They are gone',
            )
          }
        >
          <p>{`${count(total('complete') + total('failed'))} jobs that are done or have failed will be deleted. Those that wait or run stay.`}</p>
        </Confirm>
      )}
      {asks === 'retry' && (
        <Confirm
          title="Run failed jobs again?"
          action="Run again"
          onClose={() => setAsks(undefined)}
          onConfirm={() =>
            change(
              `FOR job IN _jobs FILTER job.status == "failed" AND (@queue == "" OR job.queue == @queue)
                 UPDATE job WITH ${PENDING} IN _jobs`,
              { queue },
              'They will run again',
            )
          }
        >
          <p>{`${count(total('failed'))} jobs will wait in their queues again, with their failures remembered.`}</p>
        </Confirm>
      )}
    </Page>
  );
}

const COLUMNS: readonly Column<JobRow>[] = [
  {
    id: 'script',
    header: 'Job',
    cell: ({ script }) => <span class="mono">{script}</span>,
    compare: (a, b) => a.script.localeCompare(b.script),
  },
  {
    id: 'status',
    header: 'State',
    width: '7.5rem',
    cell: ({ status }) => <Badge kind={STATE_KINDS[status]}>{STATE_LABELS[status]}</Badge>,
  },
  { id: 'queue', header: 'Queue', width: '9rem', shownWhen: 'wide', cell: ({ queue }) => queue },
  {
    id: 'failures',
    header: 'Failures',
    width: '6.5rem',
    isNumber: true,
    shownWhen: 'wide',
    cell: ({ failures }) => (failures === 0 ? '' : failures),
    compare: (a, b) => a.failures - b.failures,
  },
  {
    id: 'modified',
    header: 'Last change',
    width: '9rem',
    shownWhen: 'wide',
    cell: ({ modified, status, delayUntil }) =>
      status === 'pending' && delayUntil > Date.now() ? `due ${distance(delayUntil)}` : distance(modified),
    compare: (a, b) => a.modified - b.modified,
  },
];

const PENDING = '{ status: "pending", modified: DATE_NOW(), delayUntil: DATE_NOW() }';
const ABORTED = '{ status: "failed", modified: DATE_NOW(), failures: APPEND(job.failures, { name: "Error", message: "Job aborted." }) }';

async function change(text: string, bindVars: object, done: string): Promise<void> {
  await query(text, bindVars);
  tell(done);
  invalidate(`jobs/${database.value}`);
}

function JobDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const job = useQuery(
    `jobs/${database.value}/one/${id}`,
    async () => (await query<Job>('FOR job IN _jobs FILTER job._key == @id RETURN job', { id }))[0] ?? null,
    { everyMs: EVERY_MS },
  );
  const act = (update: string, done: string): Promise<void> => change(`FOR job IN _jobs FILTER job._key == @id ${update}`, { id }, done);
  const status = job.data?.status;
  return (
    <Dialog
      title="Job"
      isWide
      onClose={onClose}
      actions={
        <>
          <Button
            icon={Trash2}
            onPress={async () => {
              await act('REMOVE job IN _jobs', 'The job is gone');
              onClose();
            }}
          >
            Delete
          </Button>
          {(status === 'pending' || status === 'progress') && (
            <Button icon={X} onPress={() => act(`UPDATE job WITH ${ABORTED} IN _jobs`, 'The job is aborted')}>
              Abort
            </Button>
          )}
          {(status === 'failed' || status === 'complete') && (
            <Button icon={RotateCcw} kind="primary" onPress={() => act(`UPDATE job WITH ${PENDING} IN _jobs`, 'The job runs again')}>
              Run again
            </Button>
          )}
        </>
      }
    >
      <Loaded of={job}>
        {(data) =>
          data === null ? (
            <EmptyState title="The job is gone" />
          ) : (
            <div class="stack">
              <Facts
                facts={[
                  ['State', <Badge kind={STATE_KINDS[data.status]}>{STATE_LABELS[data.status]}</Badge>],
                  ['Service', typeof data.type === 'string' ? undefined : <span class="mono">{data.type.mount}</span>],
                  ['Script', <span class="mono">{typeof data.type === 'string' ? data.type : data.type.name}</span>],
                  ['Queue', data.queue],
                  ['Created', moment(data.created)],
                  ['Last change', moment(data.modified)],
                  data.status === 'pending' && ['Due', moment(data.delayUntil)],
                  data.runs !== undefined && ['Runs', data.runs],
                ]}
              />
              <h3>Data</h3>
              <JsonBlock value={data.data ?? null} label="Data of the job" />
              {data.failures.length > 0 && <h3>{`Failures (${data.failures.length})`}</h3>}
              {data.failures.toReversed().map(({ message, stack }, at) => (
                <CodeBlock
                  key={at}
                  label={`Failure ${data.failures.length - at}`}
                  text={withoutServerFrames(stack ?? message ?? 'nothing is known')}
                  isWrapped
                />
              ))}
            </div>
          )
        }
      </Loaded>
    </Dialog>
  );
}

function Workers({ queue, onClose }: { readonly queue: Queue; readonly onClose: () => void }) {
  const [text, setText] = useState(String(queue.maxWorkers));
  return (
    <Confirm
      title={`Workers of ${queue.name}`}
      action="Save"
      onClose={onClose}
      onConfirm={async () => {
        await api.put(`/_api/foxx/queues/${encodeURIComponent(queue.name)}`, { maxWorkers: Number(text) });
        tell('That is how many run at once now');
        invalidate(`jobs/${database.value}`);
      }}
    >
      <TextField
        label="Jobs that run at the same time"
        hint="A service that makes its queue when it is loaded sets this anew each time."
        type="number"
        step="1"
        hasFocus
        value={text}
        onChange={setText}
      />
    </Confirm>
  );
}
