/** The console: queries in tabs, their parameters, and what came of running or explaining them. */
import { ChevronsUpDown, CircleStop, Clock, Gauge, ListTree, Play, Plus, Save, X } from 'lucide';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { SelectField } from '../components/field.tsx';
import { Icon } from '../components/icon.tsx';
import { Notice } from '../components/notice.tsx';
import { Spinner } from '../components/spinner.tsx';
import { listCollections } from '../data/model.ts';
import type { EditorHandle } from '../editor/code-editor.tsx';
import { AqlEditor } from '../editor/editors.tsx';
import { useQuery } from '../query.ts';
import { database } from '../router.ts';
import { bindParametersOf, valuesFor } from './aql/bind-parameters.ts';
import { BindPanel } from './bind-panel.tsx';
import { knowledgeOf } from './knowledge.ts';
import { PlanView, timeText } from './plan/plan-view.tsx';
import { readPlan, type Plan } from './plan/plan.ts';
import { currentTab, deskOf, newTab, tabTitle, withChanged, withoutTab, withPast, withTab, type QueryTab } from './query-tabs.ts';
import { ResultView } from './results/result-view.tsx';
import { closeCursor, failureOf, killQuery, runQuery, type QueryFailure, type QueryInput, type Ran } from './run-query.ts';
import { SaveDialog } from './saved-tab.tsx';

type Outcome =
  | { readonly is: 'running'; readonly since: number; readonly input: QueryInput; readonly aborting: AbortController }
  | { readonly is: 'ran'; readonly ran: Ran }
  | { readonly is: 'explained'; readonly plan: Plan; readonly warnings: readonly string[] }
  | { readonly is: 'failed'; readonly failure: QueryFailure };

interface Explained {
  readonly plan: unknown;
  readonly warnings?: readonly { readonly message: string }[];
}

/** By the tab, as long as the page is open. */
const outcomes = new Map<string, Outcome>();

const LIMITS = [
  ['100', '100 rows'],
  ['1000', '1,000 rows'],
  ['10000', '10,000 rows'],
  ['100000', '100,000 rows'],
] as const;

type Limit = (typeof LIMITS)[number][0];

const isMac = /mac/i.test(navigator.userAgent);

export function EditorTab() {
  const desk = deskOf(database.value);
  const tab = currentTab(desk.value);
  const { text, values } = tab;
  const [, redraw] = useState(0);
  const [limit, setLimit] = useState<Limit>('1000');
  const [hasSelection, setHasSelection] = useState(false);
  const [asked, setAsked] = useState<'save' | 'history'>();
  const editor = useRef<EditorHandle>(undefined);
  const source = useMemo(() => knowledgeOf(database.value), [database.value]);
  const { data: collections = [] } = useQuery(`collections/${database.value}`, listCollections);
  const parameters = useMemo(() => bindParametersOf(text), [text]);
  const outcome = outcomes.get(tab.id);

  const change = (changes: Partial<Omit<QueryTab, 'id'>>): void => {
    desk.value = withChanged(desk.value, tab.id, changes);
  };
  const come = (id: string, next: Outcome | undefined): void => {
    const before = outcomes.get(id);
    if (before?.is === 'ran' && next !== undefined && (next.is !== 'ran' || next.ran.cursor !== before.ran.cursor)) closeCursor(before.ran);
    if (next === undefined) outcomes.delete(id);
    else outcomes.set(id, next);
    redraw((times) => times + 1);
  };

  /** What is selected alone, if it is asked for; the place where it begins is where its errors are counted from. */
  const inputOf = (
    part: 'all' | 'selection',
  ): { readonly input: QueryInput; readonly origin: { readonly line: number; readonly column: number } } => {
    const selected = part === 'selection' ? editor.current?.selection() : undefined;
    const query = selected?.text ?? text;
    return { input: { query, bindVars: valuesFor(bindParametersOf(query), values) }, origin: selected ?? { line: 1, column: 1 } };
  };

  const run = async (part: 'all' | 'selection', isProfiled: boolean): Promise<void> => {
    const { input, origin } = inputOf(part);
    if (input.query.trim() === '' || outcomes.get(tab.id)?.is === 'running') return;
    const { id } = tab;
    const aborting = new AbortController();
    come(id, { is: 'running', since: Date.now(), input, aborting });
    desk.value = withPast(desk.value, { text: input.query, values: input.bindVars, at: Date.now() });
    try {
      come(id, { is: 'ran', ran: await runQuery(input, { limit: Number(limit), isProfiled }, aborting.signal) });
    } catch (error) {
      come(id, { is: 'failed', failure: failureOf(error, origin) });
    }
  };

  const explain = async (): Promise<void> => {
    const { input, origin } = inputOf(hasSelection ? 'selection' : 'all');
    if (input.query.trim() === '') return;
    const { id } = tab;
    try {
      const { plan, warnings = [] } = await api.post<Explained>('/_api/explain', input);
      come(id, { is: 'explained', plan: readPlan(plan), warnings: warnings.map(({ message }) => message) });
    } catch (error) {
      come(id, { is: 'failed', failure: failureOf(error, origin) });
    }
  };

  const cancel = async (running: Outcome & { readonly is: 'running' }): Promise<void> => {
    if (!(await killQuery(running.input))) running.aborting.abort();
  };

  const close = (id: string): void => {
    const gone = outcomes.get(id);
    if (gone?.is === 'ran') closeCursor(gone.ran);
    outcomes.delete(id);
    desk.value = withoutTab(desk.value, id);
  };

  const problem = outcome?.is === 'failed' ? outcome.failure.problem : undefined;
  const isRunning = outcome?.is === 'running';
  const modifier = isMac ? '⌘' : 'Ctrl';

  return (
    <div class="console">
      <div class="query-tabs">
        <ul class="query-tab-list" aria-label="Open queries">
          {desk.value.tabs.map((each) => (
            <li key={each.id} class={each.id === tab.id ? 'current' : ''}>
              <button
                type="button"
                class="query-tab"
                aria-current={each.id === tab.id ? 'true' : undefined}
                onClick={() => {
                  desk.value = { ...desk.value, current: each.id };
                }}
              >
                {outcomes.get(each.id)?.is === 'running' && <Spinner />}
                <span class="truncate">{tabTitle(each)}</span>
              </button>
              <button type="button" class="query-tab-close" aria-label={`Close ${tabTitle(each)}`} onClick={() => close(each.id)}>
                <Icon icon={X} size={13} />
              </button>
            </li>
          ))}
        </ul>
        <Button
          kind="quiet"
          isSmall
          icon={Plus}
          label="New query"
          onPress={() => {
            const added = newTab();
            desk.value = { ...desk.value, tabs: [...desk.value.tabs, added], current: added.id };
          }}
        />
        <div class="row end">
          <Button kind="quiet" isSmall icon={Clock} onPress={() => setAsked('history')}>
            History
          </Button>
        </div>
      </div>
      <div class={`query-input${parameters.length > 0 ? ' with-parameters' : ''}`}>
        <div class="query-editor">
          <AqlEditor
            key={tab.id}
            label="AQL query"
            value={text}
            source={source}
            hasFocus
            placeholder="FOR document IN collection RETURN document"
            onChange={(next) => change({ text: next })}
            onRun={() => void run('all', false)}
            onRunSelection={() => void run('selection', false)}
            onSave={() => setAsked('save')}
            onSelect={setHasSelection}
            problem={problem}
            onHandle={(handle) => {
              editor.current = handle;
            }}
          />
        </div>
        {parameters.length > 0 && (
          <BindPanel
            key={`${tab.id}/${parameters.map(({ key }) => key).join('/')}`}
            parameters={parameters}
            values={values}
            collections={collections.map(({ name }) => name)}
            onChange={(changes) => change({ values: { ...currentTab(desk.value).values, ...changes } })}
          />
        )}
      </div>
      <div class="row query-actions">
        {isRunning ? (
          <Button kind="danger" icon={CircleStop} onPress={() => cancel(outcome)}>
            Cancel
          </Button>
        ) : (
          <Button kind="primary" icon={Play} onPress={() => run('all', false)}>
            Run <kbd class="key">{modifier} ⏎</kbd>
          </Button>
        )}
        {hasSelection && (
          <Button icon={ChevronsUpDown} onPress={() => run('selection', false)}>
            Run selection
          </Button>
        )}
        <Button icon={ListTree} onPress={explain}>
          Explain
        </Button>
        <Button icon={Gauge} isDisabled={isRunning} onPress={() => run(hasSelection ? 'selection' : 'all', true)}>
          Profile
        </Button>
        <Button icon={Save} onPress={() => setAsked('save')}>
          Save
        </Button>
        <div class="query-limit">
          <SelectField<Limit> label="Rows at once" isLabelHidden value={limit} onChange={setLimit} options={LIMITS} />
        </div>
      </div>
      <section class="query-outcome" aria-label="Outcome">
        {outcome === undefined && (
          <EmptyState icon={Play} title="Nothing ran yet">
            {modifier}+Enter runs the query, {modifier}+Space completes what you type.
          </EmptyState>
        )}
        {outcome?.is === 'running' && <Running since={outcome.since} />}
        {outcome?.is === 'ran' && (
          <ResultView key={`${tab.id}/${outcome.ran.seconds}`} ran={outcome.ran} onChange={(ran) => come(tab.id, { is: 'ran', ran })} />
        )}
        {outcome?.is === 'explained' && (
          <>
            {outcome.warnings.map((message) => (
              <Notice key={message} kind="caution">
                {message}
              </Notice>
            ))}
            <PlanView plan={outcome.plan} />
          </>
        )}
        {outcome?.is === 'failed' && <Failure failure={outcome.failure} />}
      </section>
      {asked === 'save' && (
        <SaveDialog
          name={tab.savedAs ?? ''}
          value={text}
          parameter={values}
          onClose={() => setAsked(undefined)}
          onSaved={(savedAs) => change({ savedAs })}
        />
      )}
      {asked === 'history' && (
        <Dialog title="Queries that ran" isWide onClose={() => setAsked(undefined)}>
          {desk.value.history.length === 0 ? (
            <p class="soft">None yet.</p>
          ) : (
            <ul class="history">
              {desk.value.history.map((past) => (
                <li key={past.text}>
                  <button
                    type="button"
                    onClick={() => {
                      desk.value = withTab(desk.value, newTab({ text: past.text, values: past.values }));
                      setAsked(undefined);
                    }}
                  >
                    <span class="faint">{new Date(past.at).toLocaleString()}</span>
                    <pre>{past.text.slice(0, 500)}</pre>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </Dialog>
      )}
    </div>
  );
}

function Running({ since }: { readonly since: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="query-running">
      <Spinner />
      <span role="status">Running …</span>
      <span class="soft">{timeText(Math.max(0, now - since) / 1000)}</span>
    </div>
  );
}

function Failure({ failure: { message, problem, wasKilled } }: { readonly failure: QueryFailure }) {
  if (wasKilled) return <Notice kind="caution" title="The query was cancelled." />;
  return (
    <Notice kind="bad" title={problem === undefined ? 'The query failed' : `Line ${problem.line}, column ${problem.column}`}>
      <p class="failure-text">{message}</p>
    </Notice>
  );
}
