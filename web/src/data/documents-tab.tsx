/** The documents of a collection: all of them in one table, filtered and sorted by the server. */
import { Download, Funnel, Plus, RotateCw, Trash2, Upload, X } from 'lucide';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { api, saveAs, messageOf } from '../api/client.ts';
import { useMayManage } from '../api/rights.ts';
import { Button, LinkButton } from '../components/button.tsx';
import { Confirm } from '../components/dialog.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { SelectField, TextField } from '../components/field.tsx';
import { Menu } from '../components/menu.tsx';
import { Notice } from '../components/notice.tsx';
import { Skeleton } from '../components/spinner.tsx';
import { tell } from '../components/toast.tsx';
import { columnsOf, isObject, toCsv } from '../queries/results/shape.ts';
import { invalidate, useQuery } from '../query.ts';
import { database, go, href, place, rewrite } from '../router.ts';
import {
  countQuery,
  exportQuery,
  filtersFromText,
  filtersToText,
  NEEDS_NO_VALUE,
  OPERATORS,
  pageQuery,
  stepsOf,
  type BrowseRequest,
  type Filter,
  type FilterOperator,
  type Sorting,
} from './browse.ts';
import { columnWidths, Grid, type GridColumn } from './grid.tsx';
import { ImportDialog } from './import-dialog.tsx';
import {
  batchesOf,
  collectionKey,
  isDocumentId,
  postJson,
  queryAll,
  sampledAttributes,
  type CollectionProperties,
  type CursorAnswer,
  type Document,
} from './model.ts';
import { PagesOfRows } from './pages-of-rows.ts';

const OPERATOR_OPTIONS = Object.entries(OPERATORS) as [FilterOperator, string][];

export function DocumentsTab({ collection }: { readonly collection: CollectionProperties }) {
  const { name } = collection;
  const mayManage = useMayManage() === true;
  const { query: address } = place.value;
  const filterText = address.get('filter');
  const sortText = address.get('sort');
  const request = useMemo(
    (): BrowseRequest => ({ collection: name, filters: filtersFromText(filterText), sorting: sortingOf(sortText) }),
    [name, filterText, sortText],
  );
  const [isFiltering, setFiltering] = useState(request.filters.length > 0);
  const [isImporting, setImporting] = useState(false);
  const [isRemoving, setRemoving] = useState(false);
  const [version, setVersion] = useState(0);
  const [failure, setFailure] = useState<unknown>();
  const [, redraw] = useState(0);
  const [chosen, setChosen] = useState<ReadonlyMap<string, Document>>(new Map());

  const count = useQuery(`collections/${database.value}/count/${name}/${filterText ?? ''}/${version}`, (aborting) =>
    countOf(request, aborting),
  );
  const { data: attributes = [] } = useQuery(`attributes/${database.value}/${name}`, () => sampledAttributes(database.value, name));

  const pages = useMemo(() => {
    setFailure(undefined);
    return new PagesOfRows(
      async (offset, size, aborting) => {
        const answer = await postJson<CursorAnswer>('/_api/cursor', { ...pageQuery(request, offset, size), batchSize: size }, aborting);
        return answer.result;
      },
      (error) => {
        setFailure(error);
        redraw((times) => times + 1);
      },
    );
  }, [request, version]);
  useEffect(() => () => pages.close(), [pages]);

  const view = useCallback((first: number, end: number) => pages.view(first, end), [pages]);
  const columns = useColumns(pages, version);

  const show = (filters: readonly Filter[], sorting: Sorting | undefined): void => {
    const filter = filtersToText(filters);
    const sort = sorting === undefined ? undefined : `${sorting.isAscending ? '' : '-'}${sorting.attribute}`;
    rewrite(
      href(['collections', name], { query: { ...(filter === undefined ? {} : { filter }), ...(sort === undefined ? {} : { sort }) } }),
    );
    setChosen(new Map());
  };

  const reload = (): void => {
    setChosen(new Map());
    setVersion((now) => now + 1);
    invalidate(`collections/${database.value}`, collectionKey(name));
  };

  const total = count.data;
  const documentAt = (index: number): Document | undefined => pages.rowAt(index) as Document | undefined;

  return (
    <div class="documents">
      <div class="row">
        <Button icon={Funnel} isPressed={isFiltering} onPress={() => setFiltering(!isFiltering)}>
          Filter{request.filters.length > 0 && ` (${request.filters.length})`}
        </Button>
        <span class="soft" role="status">
          {total === undefined
            ? 'Counting …'
            : `${total.toLocaleString('en')} ${request.filters.length > 0 ? `of ${collection.count.toLocaleString('en')} ` : ''}${total === 1 ? 'document' : 'documents'}`}
        </span>
        <div class="row end">
          {chosen.size > 0 && (
            <Button kind="danger" icon={Trash2} onPress={() => setRemoving(true)}>
              Delete {chosen.size}
            </Button>
          )}
          <Button kind="quiet" icon={RotateCw} label="Reload" onPress={reload} />
          {mayManage && (
            <Button icon={Upload} onPress={() => setImporting(true)}>
              Import
            </Button>
          )}
          <Menu
            label="Export"
            title="Export the documents that are shown"
            icon={Download}
            items={(['json', 'jsonl', 'csv'] as const).map((format) => ({
              label: { json: 'JSON, one list', jsonl: 'JSON, one document a line', csv: 'Comma-separated values' }[format],
              onPress: () => exportDocuments(request, format),
            }))}
          />
          {mayManage && (
            <LinkButton kind="primary" icon={Plus} href={href(['collections', name, 'new'])}>
              New document
            </LinkButton>
          )}
        </div>
      </div>
      {isFiltering && (
        <FilterForm
          key={filterText}
          filters={request.filters}
          attributes={attributes}
          onApply={(filters) => show(filters, request.sorting)}
        />
      )}
      {(failure ?? count.error) !== undefined && <Notice kind="bad">{messageOf(failure ?? count.error)}</Notice>}
      {total === undefined ? (
        <Skeleton lines={10} />
      ) : total === 0 ? (
        <EmptyState title={request.filters.length > 0 ? 'No document fits the filter' : 'No documents yet'}>
          {request.filters.length > 0 ? 'Change the filter, or take it away.' : 'Write one, or import many from a file.'}
        </EmptyState>
      ) : (
        <Grid
          label={`Documents of ${name}`}
          columns={columns}
          count={total}
          rowAt={(index) => pages.rowAt(index)}
          valueOf={valueOf}
          onView={view}
          onOpen={(index) => {
            const document = documentAt(index);
            if (document !== undefined) go(href(['collections', name, 'documents', document._key]));
          }}
          sorting={
            request.sorting === undefined
              ? undefined
              : { column: stepsOf(request.sorting.attribute).join('.'), isAscending: request.sorting.isAscending }
          }
          onSort={(attribute) => show(request.filters, nextSorting(request.sorting, attribute.replaceAll('.', '\\.')))}
          selection={
            mayManage
              ? {
                  has: (index) => chosen.has(documentAt(index)?._key ?? ''),
                  toggle: (index) => {
                    const document = documentAt(index);
                    if (document === undefined) return;
                    const next = new Map(chosen);
                    if (!next.delete(document._key)) next.set(document._key, document);
                    setChosen(next);
                  },
                }
              : undefined
          }
        />
      )}
      {isRemoving && (
        <Confirm
          title={`Delete ${chosen.size} ${chosen.size === 1 ? 'document' : 'documents'}?`}
          action="Delete"
          isDangerous
          onClose={() => setRemoving(false)}
          onConfirm={async () => {
            await removeDocuments(name, [...chosen.keys()]);
            reload();
          }}
        >
          <p>This cannot be undone.</p>
        </Confirm>
      )}
      {isImporting && <ImportDialog collection={name} onClose={() => setImporting(false)} onDone={reload} />}
    </div>
  );
}

const valueOf = (row: unknown, column: string): unknown => (isObject(row) ? row[column] : undefined);

/** Columns stay as they are while one scrolls; what later rows have more is in the documents themselves. */
function useColumns(pages: PagesOfRows, version: number): readonly GridColumn[] {
  const kept = useRef<{ readonly of: PagesOfRows; readonly version: number; readonly columns: readonly GridColumn[] }>(undefined);
  const rows = kept.current?.of === pages && kept.current.columns.length > 1 ? [] : pages.loaded().filter(isObject);
  if (rows.length > 0 || kept.current === undefined) {
    const names = rows.length === 0 ? ['_key'] : columnsOf(rows).filter((column) => column !== '_id' && column !== '_rev');
    const columns = columnWidths(names, rows, valueOf).map((column) =>
      column.name === '_from' || column.name === '_to' ? { ...column, cell: idCell } : column,
    );
    kept.current = { of: pages, version, columns };
  }
  return kept.current.columns;
}

function idCell(value: unknown) {
  if (!isDocumentId(value)) return String(value);
  const [collection = '', key = ''] = value.split('/');
  return <a href={href(['collections', collection, 'documents', key])}>{value}</a>;
}

function sortingOf(text: string | null): Sorting | undefined {
  if (text === null || text === '') return undefined;
  return { attribute: text.replace(/^-/, ''), isAscending: !text.startsWith('-') };
}

/** Ascending, then descending, then as they are stored. */
function nextSorting(now: Sorting | undefined, attribute: string): Sorting | undefined {
  if (now?.attribute !== attribute) return { attribute, isAscending: true };
  return now.isAscending ? { attribute, isAscending: false } : undefined;
}

async function countOf(request: BrowseRequest, aborting: AbortSignal): Promise<number> {
  const { query, bindVars } = countQuery(request);
  const [count = 0] = await queryAll<number>(query, bindVars, aborting);
  return count;
}

async function removeDocuments(collection: string, keys: readonly string[]): Promise<void> {
  const results = await api.delete<readonly { readonly error?: boolean; readonly errorMessage?: string }[]>(
    `/_api/document/${encodeURIComponent(collection)}`,
    undefined,
    keys,
  );
  const failed = results.filter(({ error }) => error === true);
  if (failed.length > 0) throw new Error(`${failed.length} of ${keys.length} are still there: ${failed[0]?.errorMessage ?? ''}`);
  tell(`${keys.length} ${keys.length === 1 ? 'document is' : 'documents are'} gone`);
}

async function exportDocuments(request: BrowseRequest, format: 'json' | 'jsonl' | 'csv'): Promise<void> {
  const { collection } = request;
  const parts: string[] = [];
  const rows: unknown[] = [];
  for await (const batch of batchesOf({ ...exportQuery(request), batchSize: 5000 })) {
    if (format === 'csv') rows.push(...batch);
    else for (const document of batch) parts.push(JSON.stringify(document));
  }
  const content = format === 'csv' ? toCsv(rows) : format === 'json' ? `[\n${parts.join(',\n')}\n]\n` : `${parts.join('\n')}\n`;
  const type = { json: 'application/json', jsonl: 'application/x-ndjson', csv: 'text/csv' }[format];
  saveAs(new Blob([content], { type }), `${collection}.${format}`);
  tell(`${collection}.${format} is being saved`);
}

interface FilterFormProps {
  readonly filters: readonly Filter[];
  readonly attributes: readonly string[];
  readonly onApply: (filters: readonly Filter[]) => void;
}

const NEW_FILTER: Filter = { attribute: '', operator: '==', value: '' };

function FilterForm({ filters, attributes, onApply }: FilterFormProps) {
  const [rows, setRows] = useState<readonly Filter[]>(filters.length === 0 ? [NEW_FILTER] : filters);
  const change = (at: number, changes: Partial<Filter>): void =>
    setRows((before) => before.map((row, i) => (i === at ? { ...row, ...changes } : row)));
  const remove = (at: number): void => {
    const rest = rows.filter((_, i) => i !== at);
    setRows(rest.length === 0 ? [NEW_FILTER] : rest);
    onApply(rest.filter(isComplete));
  };
  return (
    <form
      class="filters"
      aria-label="Filter"
      onSubmit={(event) => {
        event.preventDefault();
        onApply(rows.filter(isComplete));
      }}
    >
      {rows.map((row, at) => (
        <div key={at} class="filter">
          <TextField
            label={`Attribute ${at + 1}`}
            isLabelHidden
            isMono
            placeholder="attribute"
            value={row.attribute}
            suggestions={attributes.filter((path) => !path.includes('[*]'))}
            onChange={(attribute) => change(at, { attribute })}
          />
          <SelectField
            label={`Comparison ${at + 1}`}
            isLabelHidden
            value={row.operator}
            options={OPERATOR_OPTIONS}
            onChange={(operator) => change(at, { operator })}
          />
          <TextField
            label={`Value ${at + 1}`}
            isLabelHidden
            isMono
            isDisabled={NEEDS_NO_VALUE.has(row.operator)}
            placeholder={row.operator === 'IN' ? '1, 2, "three"' : row.operator === 'LIKE' ? 'Fox%' : 'value'}
            value={NEEDS_NO_VALUE.has(row.operator) ? '' : row.value}
            onChange={(value) => change(at, { value })}
          />
          <Button kind="quiet" icon={X} label={`Remove filter ${at + 1}`} onPress={() => remove(at)} />
        </div>
      ))}
      <div class="row">
        <Button type="submit" kind="primary">
          Apply
        </Button>
        <Button icon={Plus} onPress={() => setRows((before) => [...before, NEW_FILTER])}>
          And …
        </Button>
        <span class="faint filter-note">Numbers, true, null and JSON are what they are; anything else is text.</span>
      </div>
    </form>
  );
}

const isComplete = ({ attribute }: Filter): boolean => stepsOf(attribute).every((step) => step !== '');
