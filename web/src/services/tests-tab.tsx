/** Runs the tests of the service and shows what came of them. */
import { FlaskConical, Play } from 'lucide';
import { useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { Button } from '../components/button.tsx';
import { EmptyState, ErrorState } from '../components/empty-state.tsx';
import { TextField } from '../components/field.tsx';
import { Loading } from '../components/spinner.tsx';
import type { TabProps } from './service-page.tsx';
import { TestReport, type SuiteReport } from './test-report.tsx';

type Outcome =
  | { readonly is: 'none' }
  | { readonly is: 'running' }
  | { readonly is: 'failed'; readonly error: unknown }
  | { readonly is: 'done'; readonly report: SuiteReport };

export function TestsTab({ mount, service }: TabProps) {
  const [filter, setFilter] = useState('');
  const [outcome, setOutcome] = useState<Outcome>({ is: 'none' });
  if ((service?.manifest.tests ?? []).length === 0)
    return (
      <EmptyState icon={FlaskConical} title="No tests">
        Tests that the manifest names are run by Mocha inside the server, from here or with “foxx test”.
      </EmptyState>
    );

  const run = async (): Promise<void> => {
    setOutcome({ is: 'running' });
    try {
      const query = { mount, reporter: 'suite', idiomatic: false, filter: filter.trim() === '' ? undefined : filter.trim() };
      setOutcome({ is: 'done', report: await api.post<SuiteReport>('/_api/foxx/tests', undefined, query) });
    } catch (error) {
      setOutcome({ is: 'failed', error });
    }
  };

  return (
    <div class="stack">
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          if (outcome.is !== 'running') void run();
        }}
      >
        <div class="grow">
          <TextField
            label="Only tests whose name holds"
            isLabelHidden
            type="search"
            placeholder="Only tests whose name holds …"
            value={filter}
            onChange={setFilter}
          />
        </div>
        <Button type="submit" kind="primary" icon={Play} isBusy={outcome.is === 'running'}>
          Run tests
        </Button>
      </form>
      {outcome.is === 'none' && (
        <EmptyState icon={FlaskConical} title="Not run yet">
          The tests run against this database: they see its collections and change them.
        </EmptyState>
      )}
      {outcome.is === 'running' && <Loading label="Running the tests" />}
      {outcome.is === 'failed' && <ErrorState error={outcome.error} />}
      {outcome.is === 'done' && <TestReport report={outcome.report} />}
    </div>
  );
}
