/** Tasks of the database: code that the server runs later, or again and again, until it restarts. */
import { AlarmClock, Plus, Trash2 } from 'lucide';
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { CodeBlock } from '../components/code-block.tsx';
import { Confirm, Dialog } from '../components/dialog.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { SelectField, TextArea, TextField } from '../components/field.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Facts, Page } from '../components/page.tsx';
import { Table, type Column } from '../components/table.tsx';
import { tell } from '../components/toast.tsx';
import { invalidate, useQuery } from '../query.ts';
import { database } from '../router.ts';
import { duration, moment } from './units.ts';
import './operations.css';

interface Task {
  readonly id: string;
  readonly name: string;
  readonly created: number;
  readonly type: 'timed' | 'periodic';
  readonly period?: number;
  readonly offset: number;
  readonly command: string;
}

const COLUMNS: readonly Column<Task>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => name, compare: (a, b) => a.name.localeCompare(b.name) },
  {
    id: 'when',
    header: 'When',
    width: '11rem',
    cell: ({ type, period, offset }) =>
      type === 'periodic' ? <Badge kind="info">every {duration(period ?? 0)}</Badge> : <Badge>once, after {duration(offset)}</Badge>,
  },
  { id: 'id', header: 'Id', width: '12rem', shownWhen: 'wide', cell: ({ id }) => <span class="mono">{id}</span> },
  { id: 'created', header: 'Created', width: '12rem', shownWhen: 'wide', cell: ({ created }) => moment(created * 1000) },
];

export function TasksPage() {
  const tasks = useQuery(`tasks/${database.value}`, (aborting) => api.get<readonly Task[]>('/_api/tasks', undefined, aborting), {
    everyMs: 5_000,
  });
  const [shown, setShown] = useState<Task>();
  const [asks, setAsks] = useState<'new' | 'delete'>();
  const create = (
    <Button kind="primary" icon={Plus} onPress={() => setAsks('new')}>
      New task
    </Button>
  );
  return (
    <Page title="Tasks" isFilled actions={create}>
      <Loaded of={tasks} lines={6}>
        {(data) => (
          <Table
            label="Tasks"
            rows={data}
            columns={COLUMNS}
            keyOf={({ id }) => id}
            onOpen={setShown}
            empty={
              <EmptyState icon={AlarmClock} title="No tasks">
                Services register tasks with require('@arangodb/tasks'). They are forgotten when the server stops; for what has to be done
                in any case there are queues.
              </EmptyState>
            }
          />
        )}
      </Loaded>
      {asks === 'new' && <NewTask onClose={() => setAsks(undefined)} />}
      {shown !== undefined && asks !== 'delete' && (
        <Dialog
          title={shown.name}
          isWide
          onClose={() => setShown(undefined)}
          actions={
            <Button icon={Trash2} onPress={() => setAsks('delete')}>
              Delete
            </Button>
          }
        >
          <div class="stack">
            <Facts
              facts={[
                ['Id', <span class="mono">{shown.id}</span>],
                ['Runs', shown.type === 'periodic' ? `every ${duration(shown.period ?? 0)}` : 'once'],
                ['First after', duration(shown.offset)],
                ['Created', moment(shown.created * 1000)],
              ]}
            />
            <CodeBlock label="Command" text={shown.command} isWrapped />
          </div>
        </Dialog>
      )}
      {shown !== undefined && asks === 'delete' && (
        <Confirm
          title={`Delete the task ${shown.name}?`}
          action="Delete"
          isDangerous
          onClose={() => {
            setAsks(undefined);
            setShown(undefined);
          }}
          onConfirm={async () => {
            await api.delete(`/_api/tasks/${encodeURIComponent(shown.id)}`);
            tell('The task is gone');
            invalidate('tasks/');
          }}
        >
          <p>It will not run any more.</p>
        </Confirm>
      )}
    </Page>
  );
}

function NewTask({ onClose }: { readonly onClose: () => void }) {
  const [name, setName] = useState('');
  const [kind, setKind] = useState<'periodic' | 'timed'>('periodic');
  const [seconds, setSeconds] = useState('60');
  const [command, setCommand] = useState(`(function (params) {\n  require('console').log('a task', params);\n})(params)`);
  const [params, setParams] = useState('{}');
  return (
    <Confirm
      title="New task"
      action="Create"
      onClose={onClose}
      onConfirm={async () => {
        const time = Number(seconds);
        if (!(time > 0)) throw new Error('The time has to be a number of seconds.');
        await api.post('/_api/tasks', {
          name: name.trim() || 'task',
          command,
          params: jsonIn(params),
          ...(kind === 'periodic' ? { period: time } : { offset: time }),
        });
        tell('The task is registered');
        invalidate('tasks/');
      }}
    >
      <TextField label="Name" hasFocus value={name} onChange={setName} />
      <SelectField
        label="Runs"
        value={kind}
        onChange={setKind}
        options={[
          ['periodic', 'again and again'],
          ['timed', 'once'],
        ]}
      />
      <TextField
        label={kind === 'periodic' ? 'Every how many seconds' : 'After how many seconds'}
        type="number"
        step="any"
        value={seconds}
        onChange={setSeconds}
      />
      <TextArea
        label="JavaScript"
        isMono
        rows={5}
        value={command}
        onChange={setCommand}
        hint="It has params, and all modules that services have."
      />
      <TextArea label="params, as JSON" isMono rows={2} value={params} onChange={setParams} />
    </Confirm>
  );
}

function jsonIn(text: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text);
  } catch (cause) {
    throw new Error(`The params are no JSON: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
}
