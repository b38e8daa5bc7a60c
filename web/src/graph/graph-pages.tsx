/** Named graphs: the list of them, one with its picture and its definition, and the surroundings of any document. */
import { Pencil, Plus, Trash2, Waypoints } from 'lucide';
import { useCallback, useMemo, useState } from 'preact/hooks';
import { api, messageOf } from '../api/client.ts';
import { useMayManage } from '../api/rights.ts';
import { Button } from '../components/button.tsx';
import { Confirm } from '../components/dialog.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Checkbox, SelectField, TextField } from '../components/field.tsx';
import { Loaded } from '../components/loaded.tsx';
import { Notice } from '../components/notice.tsx';
import { Page } from '../components/page.tsx';
import { Loading } from '../components/spinner.tsx';
import { Table, type Column } from '../components/table.tsx';
import { tell } from '../components/toast.tsx';
import { documentPath, listCollections, queryAll, type Document } from '../data/model.ts';
import { ConfirmByName } from '../data/settings-tab.tsx';
import type { PageParameters } from '../pages.ts';
import { invalidate, useQuery } from '../query.ts';
import { database, go, href, place, rewrite } from '../router.ts';
import { GraphExplorer } from './graph-explorer.tsx';
import { changesOf, formOf, listOf, NEW_DEFINITION, type Graph, type GraphForm } from './graph-definition.ts';
import { EMPTY_GRAPH, withExpanded, withResults } from './graph-model.ts';
import { neighbours, type Direction } from './neighbours.ts';
import './graph-pages.css';

const COLUMNS: readonly Column<Graph>[] = [
  { id: 'name', header: 'Name', cell: ({ name }) => name, compare: (a, b) => a.name.localeCompare(b.name) },
  {
    id: 'edges',
    header: 'Edges',
    cell: ({ edgeDefinitions }) => <span class="mono">{edgeDefinitions.map(({ collection }) => collection).join(', ')}</span>,
  },
  {
    id: 'vertices',
    header: 'Vertices',
    shownWhen: 'wide',
    cell: (graph) => <span class="mono">{verticesOf(graph).join(', ')}</span>,
  },
];

function verticesOf({ edgeDefinitions, orphanCollections }: Graph): readonly string[] {
  return [...new Set([...edgeDefinitions.flatMap(({ from, to }) => [...from, ...to]), ...orphanCollections])].toSorted();
}

const useGraphs = () =>
  useQuery(`graphs/${database.value}`, (aborting) => api.get<{ graphs: readonly Graph[] }>('/_api/gharial', undefined, aborting));

export function GraphsPage() {
  const graphs = useGraphs();
  const mayManage = useMayManage() === true;
  const [isCreating, setCreating] = useState(false);
  return (
    <Page
      title="Graphs"
      isFilled
      actions={
        mayManage && (
          <Button kind="primary" icon={Plus} onPress={() => setCreating(true)}>
            New graph
          </Button>
        )
      }
    >
      <Loaded of={graphs} lines={5}>
        {(data) => (
          <Table
            label="Graphs"
            rows={data.graphs}
            columns={COLUMNS}
            keyOf={({ name }) => name}
            hrefOf={({ name }) => href(['graphs', name])}
            empty={
              <EmptyState icon={Waypoints} title="No graphs yet">
                A graph names collections of edges and the collections of documents that they connect.
              </EmptyState>
            }
          />
        )}
      </Loaded>
      {isCreating && <GraphDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}

export function GraphPage({ parameters }: { readonly parameters: PageParameters }) {
  const { name = '' } = parameters;
  const graphs = useGraphs();
  const mayManage = useMayManage() === true;
  const [asked, setAsked] = useState<'edit' | 'drop'>();
  const [dropsCollections, setDropsCollections] = useState(false);
  const graph = graphs.data?.graphs.find((each) => each.name === name);
  return (
    <Page
      title={name}
      isFilled
      back={{ href: href(['graphs']), label: 'Graphs' }}
      actions={
        mayManage && (
          <>
            <Button icon={Pencil} onPress={() => setAsked('edit')}>
              Edit
            </Button>
            <Button kind="danger" icon={Trash2} onPress={() => setAsked('drop')}>
              Drop
            </Button>
          </>
        )
      }
    >
      <Loaded of={graphs} lines={6}>
        {() => (graph === undefined ? <EmptyState title="There is no such graph" /> : <Walk graph={graph} />)}
      </Loaded>
      {asked === 'edit' && graph !== undefined && <GraphDialog graph={graph} onClose={() => setAsked(undefined)} />}
      {asked === 'drop' && (
        <ConfirmByName
          title={`Drop the graph ${name}?`}
          action="Drop"
          name={name}
          onClose={() => setAsked(undefined)}
          onConfirm={async () => {
            await api.delete(`/_api/gharial/${encodeURIComponent(name)}`, { dropCollections: dropsCollections });
            tell(`The graph ${name} is gone`);
            invalidate('graphs', 'collections');
            go(href(['graphs']));
          }}
        >
          The definition will be gone. The collections stay, unless you drop them too.
          <Checkbox label="Drop its collections, if no other graph has them" isChecked={dropsCollections} onChange={setDropsCollections} />
        </ConfirmByName>
      )}
    </Page>
  );
}

/** The surroundings of any document, by all edges of the database. */
export function SurroundingsPage() {
  return (
    <Page title="Neighbours" isFilled back={{ href: href(['graphs']), label: 'Graphs' }}>
      <Walk graph={undefined} />
    </Page>
  );
}

const LIMITS = ['25', '50', '100', '250'] as const;

function Walk({ graph }: { readonly graph: Graph | undefined }) {
  const { query } = place.value;
  const wanted = query.get('start') ?? '';
  const [start, setStart] = useState(wanted);
  const [direction, setDirection] = useState<Direction>('ANY');
  const [limit, setLimit] = useState<(typeof LIMITS)[number]>('50');
  const name = graph?.name;
  const key = `walk/${database.value}/${name ?? ''}/${wanted}/${direction}/${limit}`;
  const { data, error } = useQuery(key, () => beginning(graph, wanted, { direction, limit: Number(limit) }));
  const fetchNeighbours = useCallback(
    (id: string) => neighbours(id, { graph: name, direction, limit: Number(limit) }),
    [name, direction, limit],
  );
  const suggestions = useQuery(graph === undefined ? undefined : `starts/${database.value}/${name}`, async () =>
    graph === undefined ? [] : startsOf(graph),
  );
  const model = useMemo(() => {
    if (data === undefined) return undefined;
    const seen = withResults(EMPTY_GRAPH, data.results);
    return data.start === undefined ? seen : withExpanded(seen, data.start);
  }, [data]);
  return (
    <>
      <form
        class="row walk-form"
        onSubmit={(event) => {
          event.preventDefault();
          rewrite(href(name === undefined ? ['graph'] : ['graphs', name], { query: start.trim() === '' ? {} : { start: start.trim() } }));
        }}
      >
        <div class="grow">
          <TextField
            label="Start vertex"
            isMono
            placeholder="collection/key; empty: some edges of the graph"
            value={start}
            suggestions={suggestions.data ?? []}
            onChange={setStart}
          />
        </div>
        <SelectField<Direction>
          label="Direction"
          value={direction}
          onChange={setDirection}
          options={[
            ['ANY', 'Both'],
            ['OUTBOUND', 'Outbound'],
            ['INBOUND', 'Inbound'],
          ]}
        />
        <SelectField label="Neighbours at once" value={limit} onChange={setLimit} options={LIMITS.map((each) => [each, each] as const)} />
        <Button type="submit" kind="primary">
          Show
        </Button>
      </form>
      {error !== undefined && <Notice kind="bad">{messageOf(error)}</Notice>}
      {model === undefined ? (
        error === undefined && <Loading />
      ) : model.vertices.size === 0 ? (
        <EmptyState icon={Waypoints} title="There are no edges yet">
          Name a document to start from, or write edges into the collections of the graph.
        </EmptyState>
      ) : (
        <GraphExplorer label={`Picture of ${name ?? `the surroundings of ${wanted}`}`} initial={model} fetchNeighbours={fetchNeighbours} />
      )}
    </>
  );
}

interface Beginning {
  readonly results: readonly unknown[];
  readonly start: string | undefined;
}

/** The start vertex with its neighbours; without one, the first edges of the graph with their ends. */
async function beginning(
  graph: Graph | undefined,
  start: string,
  options: { readonly direction: Direction; readonly limit: number },
): Promise<Beginning> {
  if (start !== '') {
    const document = await api.get<Document>(documentPath(start));
    return { start, results: [document, ...(await neighbours(start, { graph: graph?.name, ...options }))] };
  }
  if (graph === undefined) return { start: undefined, results: [] };
  const perCollection = Math.max(1, Math.ceil(options.limit / Math.max(1, graph.edgeDefinitions.length)));
  const edges = await Promise.all(
    graph.edgeDefinitions.map(({ collection }) =>
      queryAll('FOR e IN @@edges LIMIT @count RETURN { e, from: DOCUMENT(e._from), to: DOCUMENT(e._to) }', {
        '@edges': collection,
        count: perCollection,
      }),
    ),
  );
  return { start: undefined, results: edges.flat() };
}

async function startsOf(graph: Graph): Promise<readonly string[]> {
  const found = await Promise.all(
    verticesOf(graph).map((collection) => queryAll<string>('FOR v IN @@vertices LIMIT 20 RETURN v._id', { '@vertices': collection })),
  );
  return found.flat();
}

/** A new graph, or changes of one. */
function GraphDialog({ graph, onClose }: { readonly graph?: Graph; readonly onClose: () => void }) {
  const [form, setForm] = useState<GraphForm>(formOf(graph));
  const { data: collections = [] } = useQuery(`collections/${database.value}`, listCollections);
  const named = (type: 2 | 3): readonly string[] =>
    collections.filter((each) => each.type === type && !each.isSystem).map(({ name }) => name);
  const change = (at: number, changes: Partial<GraphForm['definitions'][number]>): void =>
    setForm((before) => ({ ...before, definitions: before.definitions.map((each, i) => (i === at ? { ...each, ...changes } : each)) }));

  const save = async (): Promise<void> => {
    const path = `/_api/gharial/${encodeURIComponent(form.name)}`;
    if (graph === undefined) {
      const definitions = form.definitions.filter(({ collection }) => collection.trim() !== '');
      await api.post('/_api/gharial', {
        name: form.name,
        edgeDefinitions: definitions.map(({ collection, from, to }) => ({
          collection: collection.trim(),
          from: listOf(from),
          to: listOf(to),
        })),
        orphanCollections: listOf(form.orphans),
      });
    } else {
      for (const step of changesOf(graph, form)) {
        if (step.do === 'add edges') await api.post(`${path}/edge`, step.definition);
        else if (step.do === 'replace edges')
          await api.put(`${path}/edge/${encodeURIComponent(step.definition.collection)}`, step.definition);
        else if (step.do === 'remove edges') await api.delete(`${path}/edge/${encodeURIComponent(step.collection)}`);
        else if (step.do === 'add vertices') await api.post(`${path}/vertex`, { collection: step.collection });
        else if (step.do === 'remove vertices') await api.delete(`${path}/vertex/${encodeURIComponent(step.collection)}`);
      }
    }
    tell(graph === undefined ? `The graph ${form.name} is there` : `The graph ${form.name} is changed`);
    invalidate('graphs', 'collections', 'walk', 'starts');
    go(href(['graphs', form.name]));
  };

  return (
    <Confirm
      title={graph === undefined ? 'New graph' : `Edit ${graph.name}`}
      action={graph === undefined ? 'Create' : 'Save'}
      onClose={onClose}
      onConfirm={save}
    >
      <TextField
        label="Name"
        isRequired
        hasFocus={graph === undefined}
        isDisabled={graph !== undefined}
        value={form.name}
        onChange={(name) => setForm((before) => ({ ...before, name }))}
      />
      {form.definitions.map((definition, at) => (
        <fieldset key={at} class="edge-definition">
          <legend>Edges {at + 1}</legend>
          <TextField
            label="Edge collection"
            isMono
            value={definition.collection}
            suggestions={named(3)}
            onChange={(collection) => change(at, { collection })}
          />
          <div class="row">
            <div class="grow">
              <TextField
                label="From"
                isMono
                value={definition.from}
                suggestions={named(2)}
                onChange={(from) => change(at, { from })}
                hint="Collections, with commas between"
              />
            </div>
            <div class="grow">
              <TextField label="To" isMono value={definition.to} suggestions={named(2)} onChange={(to) => change(at, { to })} />
            </div>
          </div>
          <div class="row">
            <Button
              isSmall
              icon={Trash2}
              onPress={() => setForm((before) => ({ ...before, definitions: before.definitions.filter((_, i) => i !== at) }))}
            >
              Remove edges {at + 1}
            </Button>
          </div>
        </fieldset>
      ))}
      <div class="row">
        <Button icon={Plus} onPress={() => setForm((before) => ({ ...before, definitions: [...before.definitions, NEW_DEFINITION] }))}>
          Edges
        </Button>
      </div>
      <TextField
        label="Vertex collections without edges"
        isMono
        hint="Collections that are not there yet are made."
        value={form.orphans}
        suggestions={named(2)}
        onChange={(orphans) => setForm((before) => ({ ...before, orphans }))}
      />
    </Confirm>
  );
}
