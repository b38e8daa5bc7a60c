/** The collections of a database. */
import { Layers, Plus, Spline } from 'lucide';
import { useMemo, useState } from 'preact/hooks';
import { api } from '../api/client.ts';
import { useMayManage } from '../api/rights.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { sizeText } from '../components/drop-zone.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Checkbox, TextField } from '../components/field.tsx';
import { Icon } from '../components/icon.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Page } from '../components/page.tsx';
import { Table, type Column } from '../components/table.tsx';
import { useQuery } from '../query.ts';
import { database, href } from '../router.ts';
import { CreateCollection } from './create-collection.tsx';
import { collectionPath, listCollections, type Collection, type Figures } from './model.ts';
import './data.css';

/** So many requests for figures are under way at once. */
const LANES = 4;

type Row = Collection & { readonly figures: Figures | undefined };

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'name',
    header: 'Name',
    cell: ({ name, type }) => (
      <span class="collection-name">
        <Icon icon={type === 3 ? Spline : Layers} />
        <span class="truncate">{name}</span>
      </span>
    ),
    compare: (a, b) => a.name.localeCompare(b.name),
  },
  {
    id: 'type',
    header: 'Type',
    width: '8rem',
    shownWhen: 'wide',
    cell: ({ type }) => <Badge kind={type === 3 ? 'info' : 'neutral'}>{type === 3 ? 'Edges' : 'Documents'}</Badge>,
  },
  {
    id: 'count',
    header: 'Documents',
    width: '8rem',
    isNumber: true,
    cell: ({ figures }) => figures?.count.toLocaleString('en') ?? <span class="faint">…</span>,
    compare: (a, b) => (a.figures?.count ?? 0) - (b.figures?.count ?? 0),
  },
  {
    id: 'size',
    header: 'Size',
    width: '7rem',
    isNumber: true,
    shownWhen: 'wide',
    cell: ({ figures }) => (figures === undefined ? '' : sizeText(figures.figures.documentsSize)),
    compare: (a, b) => (a.figures?.figures.documentsSize ?? 0) - (b.figures?.figures.documentsSize ?? 0),
  },
  {
    id: 'indexes',
    header: 'Indexes',
    width: '6.5rem',
    isNumber: true,
    shownWhen: 'wider',
    cell: ({ figures }) => figures?.figures.indexes.count ?? '',
  },
];

export function CollectionsPage() {
  const mayManage = useMayManage();
  const [filter, setFilter] = useState('');
  const [withSystem, setWithSystem] = useState(false);
  const [isCreating, setCreating] = useState(false);
  const key = `collections/${database.value}`;
  const collections = useQuery(key, listCollections);
  const word = filter.trim().toLowerCase();
  const shown = useMemo(
    () => collections.data?.filter(({ name, isSystem }) => (withSystem || !isSystem) && name.toLowerCase().includes(word)),
    [collections.data, withSystem, word],
  );
  const names = shown?.map(({ name }) => name) ?? [];
  const { data: figures } = useQuery(names.length === 0 ? undefined : `${key}/figures/${names.join('/')}`, (aborting) =>
    figuresOf(names, aborting),
  );

  return (
    <Page
      title="Collections"
      isFilled
      actions={
        mayManage === true && (
          <Button kind="primary" icon={Plus} onPress={() => setCreating(true)}>
            New collection
          </Button>
        )
      }
    >
      <Loaded of={{ ...collections, data: shown }} lines={8}>
        {(all) => (
          <>
            <div class="row">
              <div class="grow">
                <TextField
                  label="Filter collections"
                  isLabelHidden
                  type="search"
                  placeholder="Filter by name"
                  value={filter}
                  onChange={setFilter}
                />
              </div>
              <Checkbox label="System collections" isChecked={withSystem} onChange={setWithSystem} />
            </div>
            <Table
              label="Collections"
              rows={all.map((collection): Row => ({ ...collection, figures: figures?.get(collection.name) }))}
              columns={COLUMNS}
              keyOf={({ id }) => id}
              hrefOf={({ name }) => href(['collections', name])}
              empty={
                <EmptyState icon={Layers} title={word === '' ? 'No collections yet' : 'No collection is called so'}>
                  {word === '' ? 'A collection holds documents, or edges between documents.' : undefined}
                </EmptyState>
              }
            />
          </>
        )}
      </Loaded>
      {isCreating && <CreateCollection onClose={() => setCreating(false)} />}
    </Page>
  );
}

async function figuresOf(names: readonly string[], aborting: AbortSignal): Promise<ReadonlyMap<string, Figures>> {
  const found = new Map<string, Figures>();
  const waiting = names[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (const name of waiting) {
      try {
        found.set(name, await api.get<Figures>(`${collectionPath(name)}/figures`, undefined, aborting));
      } catch (error) {
        if (aborting.aborted) throw error;
        // Dropped meanwhile, or not to be read by this user: the others' figures are shown all the same.
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return found;
}
