/** What a query gave: its rows as a table, as JSON and, where there are edges, as a graph; how long it took; warnings; and as a file. */
import { Download, TriangleAlert } from 'lucide';
import { useMemo, useState } from 'preact/hooks';
import { saveAs } from '../../api/client.ts';
import { Button } from '../../components/button.tsx';
import { JsonBlock } from '../../components/code-block.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { sizeText } from '../../components/drop-zone.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { Icon } from '../../components/icon.tsx';
import { Menu } from '../../components/menu.tsx';
import { Notice } from '../../components/notice.tsx';
import { Facts } from '../../components/page.tsx';
import { columnWidths, Grid, type GridColumn } from '../../data/grid.tsx';
import { isDocumentId } from '../../data/model.ts';
import { JsonView } from '../../editor/editors.tsx';
import { lazy } from '../../components/lazy.tsx';
import { EMPTY_GRAPH, withResults } from '../../graph/graph-model.ts';
import { neighbours } from '../../graph/neighbours.ts';
import { href } from '../../router.ts';
import { PlanView, timeText } from '../plan/plan-view.tsx';
import { readPlan } from '../plan/plan.ts';
import { fetchAll, fetchMore, type Ran } from '../run-query.ts';
import { isObject, shapeOf, toCsv } from './shape.ts';

const GraphExplorer = lazy(async () => (await import('../../graph/graph-explorer.tsx')).GraphExplorer);

export interface ResultViewProps {
  readonly ran: Ran;
  readonly onChange: (ran: Ran) => void;
}

type View = 'table' | 'json' | 'graph' | 'profile' | 'statistics';

const NAMES: Readonly<Record<View, string>> = {
  table: 'Table',
  json: 'JSON',
  graph: 'Graph',
  profile: 'Profile',
  statistics: 'Statistics',
};

export function ResultView({ ran, onChange }: ResultViewProps) {
  const { rows, extra } = ran;
  const shape = useMemo(() => shapeOf(rows), [rows]);
  const isProfiled = extra.plan !== undefined;
  const views: readonly View[] = [
    'table',
    'json',
    ...(shape.hasGraph ? (['graph'] as const) : []),
    ...(isProfiled ? (['profile'] as const) : []),
    'statistics',
  ];
  const [wanted, setWanted] = useState<View>(isProfiled ? 'profile' : 'table');
  const view = views.includes(wanted) ? wanted : 'table';
  const warnings = extra.warnings ?? [];
  const count = `${rows.length.toLocaleString('en')}${ran.cursor === undefined ? '' : '+'} ${rows.length === 1 ? 'row' : 'rows'}`;
  const writes = Number(extra.stats?.['writesExecuted'] ?? 0);

  return (
    <>
      <div class="row result-bar">
        <div class="segments" role="group" aria-label="Show the result as">
          {views.map((each) => (
            <button key={each} type="button" aria-pressed={each === view} onClick={() => setWanted(each)}>
              {NAMES[each]}
            </button>
          ))}
        </div>
        <span class="soft" role="status">
          {count} in {timeText(ran.seconds)}
          {writes > 0 && `, ${writes.toLocaleString('en')} written`}
          {ran.isCached && ', from the cache'}
        </span>
        <div class="row end">
          {ran.cursor !== undefined && (
            <>
              <Button isSmall onPress={async () => onChange(await fetchMore(ran))}>
                More rows
              </Button>
              <Button isSmall onPress={async () => onChange(await fetchAll(ran))}>
                All rows
              </Button>
            </>
          )}
          <Menu
            label="Download"
            title="Download the whole result"
            icon={Download}
            items={(['json', 'csv'] as const).map((format) => ({
              label: { json: 'JSON', csv: 'Comma-separated values' }[format],
              onPress: async () => {
                const all = await fetchAll(ran);
                onChange(all);
                download(all.rows, format);
              },
            }))}
          />
        </div>
      </div>
      {warnings.length > 0 && (
        <ul class="warnings" aria-label="Warnings">
          {warnings.map(({ code, message }, at) => (
            <li key={at}>
              <Icon icon={TriangleAlert} size={14} />
              <span class="faint">{code}</span> {message}
            </li>
          ))}
        </ul>
      )}
      {view === 'table' && <ResultTable rows={rows} columns={shape.columns} />}
      {view === 'json' && <ResultJson rows={rows} />}
      {view === 'graph' && <ResultGraph rows={rows} />}
      {view === 'profile' && <PlanView plan={readPlan(extra.plan, extra.stats?.nodes ?? [])} />}
      {view === 'statistics' && <Statistics ran={ran} />}
    </>
  );
}

function download(rows: readonly unknown[], format: 'json' | 'csv'): void {
  const text = format === 'csv' ? toCsv(rows) : `${JSON.stringify(rows, undefined, 2)}\n`;
  saveAs(new Blob([text], { type: format === 'csv' ? 'text/csv' : 'application/json' }), `result.${format}`);
}

function ResultTable({ rows, columns }: { readonly rows: readonly unknown[]; readonly columns: readonly string[] | undefined }) {
  const [opened, setOpened] = useState<number>();
  const shown = useMemo((): readonly GridColumn[] => {
    const made = columnWidths(columns ?? ['value'], rows, valueOf);
    return made.map((column) => ({ ...column, cell: valueCell }));
  }, [rows, columns]);
  if (rows.length === 0) return <EmptyState title="No rows">The query ran and gave nothing.</EmptyState>;
  return (
    <>
      <Grid
        label="Result"
        columns={shown}
        count={rows.length}
        rowAt={(index) => rows[index] ?? null}
        valueOf={valueOf}
        onOpen={setOpened}
      />
      {opened !== undefined && (
        <Dialog title={`Row ${opened + 1}`} isWide onClose={() => setOpened(undefined)}>
          <JsonBlock value={rows[opened]} label={`row ${opened + 1}`} />
        </Dialog>
      )}
    </>
  );
}

/** Rows that are no objects stand in the one column whole. */
const valueOf = (row: unknown, column: string): unknown => (isObject(row) ? row[column] : column === 'value' ? row : undefined);

const MAX_TEXT = 300;

function valueCell(value: unknown) {
  if (isDocumentId(value)) {
    const [collection = '', key = ''] = value.split('/');
    return <a href={href(['collections', collection, 'documents', key])}>{value}</a>;
  }
  if (value === undefined) return <span class="faint">–</span>;
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MAX_TEXT);
}

/** Longer texts are slow to fold and colour, and nobody reads them here. */
const MAX_JSON = 3_000_000;

function ResultJson({ rows }: { readonly rows: readonly unknown[] }) {
  const { text, shown } = useMemo(() => jsonOf(rows), [rows]);
  return (
    <>
      {shown < rows.length && <Notice>The first {shown.toLocaleString('en')} rows are shown. A download has them all.</Notice>}
      <div class="result-json">
        <JsonView label="Result as JSON" value={text} />
      </div>
    </>
  );
}

function jsonOf(rows: readonly unknown[]): { readonly text: string; readonly shown: number } {
  const parts: string[] = [];
  let size = 0;
  for (const row of rows) {
    const part = (JSON.stringify(row, undefined, 2) ?? 'null').replaceAll('\n', '\n  ');
    size += part.length;
    if (size > MAX_JSON && parts.length > 0) break;
    parts.push(part);
  }
  return { text: parts.length === 0 ? '[]' : `[\n  ${parts.join(',\n  ')}\n]`, shown: parts.length };
}

const NEIGHBOURS_AT_ONCE = 50;

function ResultGraph({ rows }: { readonly rows: readonly unknown[] }) {
  const model = useMemo(() => withResults(EMPTY_GRAPH, rows), [rows]);
  return (
    <GraphExplorer
      label="Picture of the result"
      initial={model}
      fetchNeighbours={(id) => neighbours(id, { graph: undefined, direction: 'ANY', limit: NEIGHBOURS_AT_ONCE })}
    />
  );
}

const STATISTICS: readonly (readonly [name: string, label: string])[] = [
  ['writesExecuted', 'Documents written'],
  ['writesIgnored', 'Writes that failed and were ignored'],
  ['scannedFull', 'Documents read by full scans'],
  ['scannedIndex', 'Index entries read'],
  ['documentLookups', 'Documents looked up'],
  ['filtered', 'Rows that filters left out'],
  ['fullCount', 'Rows without the LIMIT'],
  ['cursorsCreated', 'Index cursors made'],
  ['cacheHits', 'Hits in caches'],
  ['intermediateCommits', 'Commits in between'],
];

function Statistics({ ran: { extra, seconds } }: { readonly ran: Ran }) {
  const { stats = {}, profile = {} } = extra;
  return (
    <div class="statistics frame" role="region" aria-label="Statistics" tabIndex={0}>
      <Facts
        facts={[
          ['Time on the server', typeof stats['executionTime'] === 'number' ? timeText(stats['executionTime']) : '–'],
          ['Time with the network', timeText(seconds)],
          ['Most memory', typeof stats['peakMemoryUsage'] === 'number' ? sizeText(stats['peakMemoryUsage']) : '–'],
          ...STATISTICS.map(([name, label]) => typeof stats[name] === 'number' && ([label, stats[name].toLocaleString('en')] as const)),
        ]}
      />
      {Object.keys(profile).length > 0 && (
        <>
          <h2>Phases</h2>
          <Facts facts={Object.entries(profile).map(([phase, time]) => [phase, timeText(time)] as const)} />
        </>
      )}
    </div>
  );
}
