/** The cache of results and the cache of plans: how the server keeps them, what is in them, and emptying them. */
import { Eraser } from 'lucide';
import { api } from '../api/client.ts';
import { Button } from '../components/button.tsx';
import { sizeText } from '../components/drop-zone.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { SelectField } from '../components/field.tsx';
import { NotLoaded } from '../components/loaded.tsx';
import { Section } from '../components/page.tsx';
import { Table, type Column } from '../components/table.tsx';
import { tell, tellFailure } from '../components/toast.tsx';
import { invalidate, useQuery } from '../query.ts';
import { database } from '../router.ts';

type Mode = 'off' | 'on' | 'demand';

interface CacheProperties {
  readonly mode: Mode;
  readonly maxResults: number;
  readonly maxResultsSize: number;
}

interface CachedResult {
  readonly hash: string;
  readonly query: string;
  readonly size: number;
  readonly results: number;
  readonly hits: number;
}

interface CachedPlan {
  readonly hash: string;
  readonly query: string;
  readonly hits?: number;
  readonly memoryUsage?: number;
}

const RESULTS: readonly Column<CachedResult>[] = [
  { id: 'query', header: 'Query', cell: ({ query }) => <span class="mono">{query.replaceAll(/\s+/g, ' ')}</span> },
  { id: 'results', header: 'Rows', width: '6rem', isNumber: true, cell: ({ results }) => results.toLocaleString('en') },
  { id: 'size', header: 'Size', width: '7rem', isNumber: true, shownWhen: 'wide', cell: ({ size }) => sizeText(size) },
  { id: 'hits', header: 'Hits', width: '6rem', isNumber: true, cell: ({ hits }) => hits.toLocaleString('en') },
];

const PLANS: readonly Column<CachedPlan>[] = [
  { id: 'query', header: 'Query', cell: ({ query }) => <span class="mono">{query.replaceAll(/\s+/g, ' ')}</span> },
  { id: 'hits', header: 'Hits', width: '6rem', isNumber: true, cell: ({ hits }) => hits?.toLocaleString('en') ?? '' },
];

export function CacheTab() {
  const key = `cache/${database.value}`;
  const properties = useQuery(`${key}/properties`, (aborting) =>
    api.get<CacheProperties>('/_api/query-cache/properties', undefined, aborting),
  );
  const results = useQuery(`${key}/results`, (aborting) =>
    api.get<readonly CachedResult[]>('/_api/query-cache/entries', undefined, aborting),
  );
  const plans = useQuery(`${key}/plans`, (aborting) => api.get<readonly CachedPlan[]>('/_api/query-plan-cache', undefined, aborting));
  if (properties.data === undefined) return <NotLoaded of={properties} lines={6} />;

  const setMode = async (mode: Mode): Promise<void> => {
    try {
      await api.put('/_api/query-cache/properties', { mode });
      tell('The cache is changed');
    } catch (thrown) {
      tellFailure(thrown);
    }
    invalidate(key);
  };
  const empty = async (path: string): Promise<void> => {
    await api.delete(path);
    tell('The cache is empty');
    invalidate(key);
  };
  return (
    <div class="stack wide-gap">
      <Section
        title="Results"
        actions={
          <Button icon={Eraser} onPress={() => empty('/_api/query-cache')}>
            Empty results
          </Button>
        }
      >
        <div class="cache-mode">
          <SelectField<Mode>
            label="Results are kept"
            value={properties.data.mode}
            onChange={(mode) => void setMode(mode)}
            hint={`Up to ${properties.data.maxResults} results and ${sizeText(properties.data.maxResultsSize)} in each database.`}
            options={[
              ['off', 'Never'],
              ['demand', 'Where a query asks for it'],
              ['on', 'Always, unless a query forbids it'],
            ]}
          />
        </div>
        <Table
          label="Kept results"
          rows={results.data ?? []}
          columns={RESULTS}
          keyOf={({ hash }, at) => `${hash}/${at}`}
          empty={<EmptyState title="No results are kept" />}
        />
      </Section>
      <Section
        title="Plans"
        actions={
          <Button icon={Eraser} onPress={() => empty('/_api/query-plan-cache')}>
            Empty plans
          </Button>
        }
      >
        <Table
          label="Kept plans"
          rows={plans.data ?? []}
          columns={PLANS}
          keyOf={({ hash }, at) => `${hash}/${at}`}
          empty={<EmptyState title="No plans are kept" />}
        />
      </Section>
    </div>
  );
}
