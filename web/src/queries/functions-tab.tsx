/** AQL functions that users wrote in JavaScript, and the reference of those that AQL has. */
import { Plus, SquareFunction, Trash2 } from 'lucide';
import { useMemo, useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { CodeBlock } from '../components/code-block.tsx';
import { Confirm, Dialog } from '../components/dialog.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Checkbox, TextArea, TextField } from '../components/field.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Section } from '../components/page.tsx';
import { Table, type Column } from '../components/table.tsx';
import { tell } from '../components/toast.tsx';
import { invalidate, useQuery } from '../query.ts';
import { database } from '../router.ts';
import type { AqlFunction } from './aql/completion.ts';

interface UserFunction {
  readonly name: string;
  readonly code: string;
  readonly isDeterministic: boolean;
}

const EXAMPLE = 'function (value) {\n  return value * 2;\n}';

export function FunctionsTab() {
  const key = `functions/${database.value}`;
  const own = useQuery(key, (aborting) => api.get<{ result: readonly UserFunction[] }>('/_api/aqlfunction', undefined, aborting));
  const builtin = useQuery('aql-builtin', (aborting) =>
    api.get<{ functions: readonly AqlFunction[] }>('/_api/aql-builtin', undefined, aborting),
  );
  const [asked, setAsked] = useState<
    { readonly to: 'edit'; readonly given?: UserFunction } | { readonly to: 'remove'; readonly given: UserFunction }
  >();
  const [word, setWord] = useState('');
  const [opened, setOpened] = useState<AqlFunction>();
  const found = useMemo(() => {
    const wanted = word.trim().toUpperCase();
    return (builtin.data?.functions ?? []).filter(({ name, summary }) => name.includes(wanted) || summary.toUpperCase().includes(wanted));
  }, [builtin.data, word]);
  const ownColumns: readonly Column<UserFunction>[] = [
    { id: 'name', header: 'Name', cell: ({ name }) => <span class="mono">{name}</span>, compare: (a, b) => a.name.localeCompare(b.name) },
    {
      id: 'kind',
      header: 'Result',
      width: '12rem',
      shownWhen: 'wide',
      cell: ({ isDeterministic }) => (isDeterministic ? <Badge>deterministic</Badge> : 'may differ'),
    },
    {
      id: 'actions',
      header: <span class="visually-hidden">Actions</span>,
      width: '4rem',
      cell: (given) => (
        <Button kind="quiet" isSmall icon={Trash2} label={`Remove ${given.name}`} onPress={() => setAsked({ to: 'remove', given })} />
      ),
    },
  ];
  const builtinColumns: readonly Column<AqlFunction>[] = [
    { id: 'name', header: 'Function', width: '40%', cell: ({ signature }) => <span class="mono">{signature}</span> },
    { id: 'summary', header: 'What it gives', shownWhen: 'wide', cell: ({ summary }) => <Words text={summary} /> },
    { id: 'group', header: 'Group', width: '11rem', shownWhen: 'wider', cell: ({ group }) => group },
  ];
  return (
    <div class="stack wide-gap">
      <Section
        title="Of this database"
        actions={
          <Button kind="primary" icon={Plus} onPress={() => setAsked({ to: 'edit' })}>
            New function
          </Button>
        }
      >
        <Loaded of={own} lines={2}>
          {(data) => (
            <Table
              label="Own functions"
              rows={data.result}
              columns={ownColumns}
              keyOf={({ name }) => name}
              onOpen={(given) => setAsked({ to: 'edit', given })}
              empty={
                <EmptyState icon={SquareFunction} title="No functions of your own yet">
                  Functions in JavaScript, called as NAMESPACE::NAME(…) in queries.
                </EmptyState>
              }
            />
          )}
        </Loaded>
      </Section>
      <Section title="Of AQL">
        <TextField
          label="Find a function"
          isLabelHidden
          type="search"
          placeholder="Find by name or purpose"
          value={word}
          onChange={setWord}
        />
        <div class="builtin">
          <Table
            label="Functions of AQL"
            rows={found}
            columns={builtinColumns}
            keyOf={({ name }) => name}
            onOpen={setOpened}
            empty={<EmptyState title="No function is called so" />}
          />
        </div>
      </Section>
      {opened !== undefined && (
        <Dialog title={opened.name} isWide onClose={() => setOpened(undefined)}>
          <p class="mono">{opened.signature}</p>
          <p>
            <Words text={opened.summary} />
          </p>
          {opened.examples.length > 0 && (
            <CodeBlock
              text={opened.examples.map(({ expression, result }) => `${expression}  // ${result}`).join('\n')}
              label="examples"
              isWrapped
            />
          )}
        </Dialog>
      )}
      {asked?.to === 'edit' && <FunctionDialog given={asked.given} onClose={() => setAsked(undefined)} onDone={() => invalidate(key)} />}
      {asked?.to === 'remove' && (
        <Confirm
          title={`Remove ${asked.given.name}?`}
          action="Remove"
          isDangerous
          onClose={() => setAsked(undefined)}
          onConfirm={async () => {
            await api.delete(`/_api/aqlfunction/${encodeURIComponent(asked.given.name)}`);
            tell(`${asked.given.name} is gone`);
            invalidate(key);
          }}
        >
          <p>Queries that call it will fail.</p>
        </Confirm>
      )}
    </div>
  );
}

/** Names stand between backticks. */
function Words({ text }: { readonly text: string }) {
  return <>{text.split('`').map((part, at) => (at % 2 === 0 ? part : <code key={at}>{part}</code>))}</>;
}

interface FunctionDialogProps {
  readonly given: UserFunction | undefined;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function FunctionDialog({ given, onClose, onDone }: FunctionDialogProps) {
  const [name, setName] = useState(given?.name ?? '');
  const [code, setCode] = useState(given?.code ?? EXAMPLE);
  const [isDeterministic, setDeterministic] = useState(given?.isDeterministic ?? true);
  return (
    <Confirm
      title={given === undefined ? 'New function' : given.name}
      action="Save"
      onClose={onClose}
      onConfirm={async () => {
        await api.post('/_api/aqlfunction', { name, code, isDeterministic });
        tell(`${name} is saved`);
        onDone();
      }}
    >
      <TextField
        label="Name"
        isMono
        isRequired
        hasFocus={given === undefined}
        isDisabled={given !== undefined}
        placeholder="MYSHOP::PRICE"
        hint="With a namespace before ::"
        value={name}
        onChange={setName}
      />
      <TextArea label="Code" isMono rows={10} value={code} onChange={setCode} />
      <Checkbox
        label="The same arguments give the same result"
        hint="The server may then call it less often."
        isChecked={isDeterministic}
        onChange={setDeterministic}
      />
    </Confirm>
  );
}
