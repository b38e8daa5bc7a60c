/** The scripts of the manifest, run by hand: with an argument, and what came of it. */
import { Play, SquareTerminal } from 'lucide';
import { useState } from 'preact/hooks';
import { api, messageOf } from '../api/client.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { CodeBlock, JsonBlock } from '../components/code-block.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { SelectField, TextArea } from '../components/field.tsx';
import { NotLoaded } from '../components/loaded.tsx';
import { Notice } from '../components/notice.tsx';
import { Section } from '../components/page.tsx';
import { millisecondsText } from './figures.ts';
import { servicesChanged, useOf } from './service.ts';
import type { TabProps } from './service-page.tsx';

interface Run {
  readonly id: number;
  readonly name: string;
  readonly argument: string;
  readonly durationMs: number;
  readonly outcome: { readonly is: 'done'; readonly result: unknown } | { readonly is: 'failed'; readonly message: string };
}

const KEPT_RUNS = 20;

export function ScriptsTab({ mount }: TabProps) {
  const scripts = useOf<Readonly<Record<string, string>>>(mount, 'scripts');
  const [chosen, setChosen] = useState<string>();
  const [argument, setArgument] = useState('');
  const [runs, setRuns] = useState<readonly Run[]>([]);
  const { data } = scripts;
  if (data === undefined) return <NotLoaded of={scripts} lines={4} />;
  const names = Object.keys(data);
  const name = chosen ?? names.find((each) => each !== 'setup' && each !== 'teardown') ?? names[0];
  if (name === undefined)
    return (
      <EmptyState icon={SquareTerminal} title="No scripts">
        Scripts that the manifest names can be run from here.
      </EmptyState>
    );
  const problem = problemOf(argument);

  const run = async (): Promise<void> => {
    const startedMs = performance.now();
    const add = (outcome: Run['outcome']): void => {
      const done = { id: startedMs, name, argument: argument.trim(), durationMs: performance.now() - startedMs, outcome };
      setRuns((before) => [done, ...before].slice(0, KEPT_RUNS));
    };
    try {
      const body = argument.trim() === '' ? undefined : (JSON.parse(argument) as unknown);
      const result = await api.post<unknown>(`/_api/foxx/scripts/${encodeURIComponent(name)}`, body, { mount });
      add({ is: 'done', result });
      servicesChanged();
    } catch (failure) {
      add({ is: 'failed', message: messageOf(failure) });
    }
  };

  return (
    <div class="stack">
      <div class="stack service-form">
        <SelectField
          label="Script"
          value={name}
          onChange={setChosen}
          options={names.map((each) => [each, data[each] === each ? each : `${data[each]} (${each})`] as const)}
        />
        <TextArea
          label="Argument"
          value={argument}
          onChange={setArgument}
          isMono
          rows={4}
          placeholder='{"since": "2024-01-01"}'
          hint="JSON, which the script finds in module.context.argv. Left empty, there is none."
          error={problem}
        />
        {name === 'teardown' && (
          <Notice kind="caution">Teardown removes what the service has made, such as its collections with all documents.</Notice>
        )}
        <div>
          <Button kind={name === 'teardown' ? 'danger' : 'primary'} icon={Play} isDisabled={problem !== undefined} onPress={run}>
            Run {data[name]}
          </Button>
        </div>
      </div>
      {runs.length > 0 && (
        <Section title="Runs">
          <ul class="stack" aria-live="polite">
            {runs.map((each) => (
              <li key={each.id} class="card stack tight">
                <div class="row">
                  <Badge kind={each.outcome.is === 'done' ? 'good' : 'bad'}>{each.outcome.is === 'done' ? 'Done' : 'Failed'}</Badge>
                  <strong>{data[each.name]}</strong>
                  {each.argument !== '' && <code class="soft truncate">{each.argument}</code>}
                  <span class="faint">{millisecondsText(each.durationMs)}</span>
                </div>
                {each.outcome.is === 'done' ? (
                  <JsonBlock value={each.outcome.result} label={`result of ${each.name}`} />
                ) : (
                  <CodeBlock text={each.outcome.message} label={`error of ${each.name}`} isWrapped />
                )}
              </li>
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}

function problemOf(text: string): string | undefined {
  if (text.trim() === '') return undefined;
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return `This is not JSON: ${messageOf(error)}`;
  }
}
