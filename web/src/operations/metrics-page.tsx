/** Metrics as plots, as they come, and all of them as numbers. */
import { ChartLine } from 'lucide';
import { useState } from 'preact/hooks';
import { EmptyState, ErrorState } from '../components/empty-state.tsx';
import { TextField } from '../components/field.tsx';
import { Page, Section } from '../components/page.tsx';
import { Table, type Column } from '../components/table.tsx';
import { Plots, type PlotName } from './plots.tsx';
import { samplesFailure, useSamples } from './samples.ts';
import './operations.css';

const SHOWN: readonly PlotName[] = [
  'requests',
  'times',
  'serviceTimes',
  'serviceErrors',
  'memory',
  'processor',
  'workers',
  'connections',
  'traffic',
];

const COLUMNS: readonly Column<readonly [name: string, value: number]>[] = [
  { id: 'name', header: 'Metric', cell: ([name]) => <span class="mono">{name}</span>, compare: ([a], [b]) => a.localeCompare(b) },
  {
    id: 'value',
    header: 'Value',
    width: '12rem',
    isNumber: true,
    cell: ([, value]) => Number(value.toPrecision(9)).toLocaleString('en', { maximumFractionDigits: 6 }),
    compare: ([, a], [, b]) => a - b,
  },
];

export function MetricsPage() {
  const all = useSamples();
  const [filter, setFilter] = useState('');
  const word = filter.trim().toLowerCase();
  const rows = [...(all.at(-1)?.values ?? [])].filter(([name]) => name.includes(word));
  const failure = samplesFailure.value;
  return (
    <Page title="Metrics" beside={<Live />} description="Of this server, read every two seconds while this page is open.">
      {failure !== undefined && all.length === 0 ? <ErrorState error={failure} /> : <Plots names={SHOWN} all={all} />}
      <Section title="All metrics">
        <TextField label="Filter metrics" isLabelHidden type="search" placeholder="Filter by name" value={filter} onChange={setFilter} />
        <Table
          label="All metrics"
          rows={rows}
          columns={COLUMNS}
          keyOf={([name]) => name}
          rowHeightPx={32}
          empty={<EmptyState icon={ChartLine} title={word === '' ? 'The server keeps no metrics' : 'No metric is called so'} />}
        />
      </Section>
    </Page>
  );
}

/** Whether the server answers. */
export function Live() {
  const failed = samplesFailure.value !== undefined;
  return <span class={`live${failed ? ' off' : ''}`}>{failed ? 'No answer' : 'Live'}</span>;
}
