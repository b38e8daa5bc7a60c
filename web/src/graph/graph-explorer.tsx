/**
 * A picture of a graph with all that goes with it: labels and colours to choose, what is chosen in words, and everything that the picture shows
 * once more as a list, which can be walked in the same way.
 */
import { ListTree, Share2, X } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../components/button.tsx';
import { JsonBlock } from '../components/code-block.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { SelectField } from '../components/field.tsx';
import { Notice } from '../components/notice.tsx';
import { href } from '../router.ts';
import {
  labelAttributes,
  labelOf,
  neighboursOf,
  withCollapsed,
  withExpanded,
  withoutVertex,
  withResults,
  type GraphModel,
} from './graph-model.ts';
import { GraphPicture } from './graph-picture.tsx';
import '../data/data.css';
import './graph-explorer.css';

export interface GraphExplorerProps {
  readonly label: string;
  readonly initial: GraphModel;
  /** The edges of a vertex and what is at their other ends. Without it nothing can be opened. */
  readonly fetchNeighbours?: (id: string) => Promise<readonly unknown[]>;
}

export function GraphExplorer({ label, initial, fetchNeighbours }: GraphExplorerProps) {
  const [model, setModel] = useState(initial);
  const [selected, setSelected] = useState<string | undefined>(() =>
    initial.vertices.size === 1 ? initial.vertices.keys().next().value : undefined,
  );
  const [vertexLabel, setVertexLabel] = useState('');
  const [edgeLabel, setEdgeLabel] = useState('');
  const [colourBy, setColourBy] = useState('');
  const [isList, setList] = useState(false);
  const [failure, setFailure] = useState<string>();
  const [said, setSaid] = useState('');

  useEffect(() => setModel(initial), [initial]);

  const open = async (id: string): Promise<void> => {
    if (fetchNeighbours === undefined) return;
    setFailure(undefined);
    try {
      const found = await fetchNeighbours(id);
      setModel((now) => {
        const next = withExpanded(withResults(now, found), id);
        const added = next.vertices.size - now.vertices.size;
        setSaid(`${id} is open: ${added === 0 ? 'nothing new' : `${added} more`}. ${next.vertices.size} vertices are shown.`);
        return next;
      });
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    }
  };
  const toggle = (id: string): void => {
    setSelected(id);
    if (model.vertices.get(id)?.isExpanded === true) setModel(withCollapsed(model, id));
    else void open(id);
  };
  const remove = (id: string): void => {
    setModel(withoutVertex(model, id));
    if (selected === id) setSelected(undefined);
  };

  const vertexAttributes = labelAttributes([...model.vertices.values()].map(({ document }) => document));
  const edgeAttributes = labelAttributes([...model.edges.values()].map(({ document }) => document));
  const attributeOptions = (names: readonly string[], none: string): readonly (readonly [string, string])[] => [
    ['', none],
    ...names.map((name) => [name, name] as const),
  ];

  if (model.vertices.size === 0) return <EmptyState icon={Share2} title="There is nothing to draw" />;
  return (
    <div class="explorer">
      <div class="row explorer-tools">
        <SelectField
          label="Label of vertices"
          value={vertexLabel}
          onChange={setVertexLabel}
          options={attributeOptions(vertexAttributes, 'Name or key')}
        />
        <SelectField label="Label of edges" value={edgeLabel} onChange={setEdgeLabel} options={attributeOptions(edgeAttributes, 'None')} />
        <SelectField
          label="Colours by"
          value={colourBy}
          onChange={setColourBy}
          options={attributeOptions(vertexAttributes, 'Collection')}
        />
        <div class="row end">
          <span class="soft">
            {model.vertices.size} vertices, {model.edges.size} edges
          </span>
          <Button icon={isList ? Share2 : ListTree} onPress={() => setList(!isList)}>
            {isList ? 'As a picture' : 'As a list'}
          </Button>
        </div>
      </div>
      {model.leftOut > 0 && (
        <Notice kind="caution">{model.leftOut.toLocaleString('en')} more vertices are left out: so many could not be told apart.</Notice>
      )}
      {failure !== undefined && <Notice kind="bad">{failure}</Notice>}
      <p class="visually-hidden" role="status">
        {said}
      </p>
      <div class="explorer-stage">
        {isList ? (
          <VertexList
            model={model}
            vertexLabel={vertexLabel || undefined}
            onToggle={fetchNeighbours === undefined ? undefined : toggle}
            onSelect={setSelected}
          />
        ) : (
          <GraphPicture
            label={label}
            model={model}
            selected={selected}
            onSelect={setSelected}
            onToggle={fetchNeighbours === undefined ? undefined : toggle}
            onRemove={remove}
            vertexLabel={vertexLabel || undefined}
            edgeLabel={edgeLabel || undefined}
            colourBy={colourBy || undefined}
          />
        )}
        {selected !== undefined && model.vertices.has(selected) && (
          <VertexPanel
            id={selected}
            model={model}
            onToggle={fetchNeighbours === undefined ? undefined : toggle}
            onRemove={remove}
            onSelect={setSelected}
          />
        )}
      </div>
    </div>
  );
}

interface VertexListProps {
  readonly model: GraphModel;
  readonly vertexLabel: string | undefined;
  readonly onToggle: ((id: string) => void) | undefined;
  readonly onSelect: (id: string) => void;
}

function VertexList({ model, vertexLabel, onToggle, onSelect }: VertexListProps) {
  return (
    <div class="vertex-list frame" role="region" aria-label="Vertices and edges" tabIndex={0}>
      <ul>
        {[...model.vertices.values()].map(({ id, document, isExpanded }) => {
          const edges = [...model.edges.values()].filter(({ from, to }) => from === id || to === id);
          return (
            <li key={id}>
              <div class="row">
                <button type="button" class="vertex-name" onClick={() => onSelect(id)}>
                  <strong>{labelOf(id, document, vertexLabel)}</strong> <span class="mono soft">{id}</span>
                </button>
                {onToggle !== undefined && (
                  <Button isSmall label={`${isExpanded ? 'Close' : 'Open'} ${id}`} onPress={() => onToggle(id)}>
                    {isExpanded ? 'Close' : 'Open'}
                  </Button>
                )}
              </div>
              {edges.length > 0 && (
                <ul>
                  {edges.map((edge) => {
                    const other = edge.from === id ? edge.to : edge.from;
                    return (
                      <li key={edge.id}>
                        <span class="faint">{edge.from === id ? 'to' : 'from'}</span>{' '}
                        {labelOf(other, model.vertices.get(other)?.document, vertexLabel)} <span class="mono faint">{edge.id}</span>
                      </li>
                    );
                  })}
                </ul>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

interface VertexPanelProps {
  readonly id: string;
  readonly model: GraphModel;
  readonly onToggle: ((id: string) => void) | undefined;
  readonly onRemove: (id: string) => void;
  readonly onSelect: (id: string | undefined) => void;
}

const SHOWN_NEIGHBOURS = 30;

function VertexPanel({ id, model, onToggle, onRemove, onSelect }: VertexPanelProps) {
  const vertex = model.vertices.get(id);
  const [collection = '', key = ''] = id.split('/');
  const neighbours = neighboursOf(model, id).filter((each) => each !== id);
  return (
    <aside class="vertex-panel frame" aria-label={`Vertex ${id}`}>
      <div class="row vertex-panel-head">
        <h2 class="truncate">{labelOf(id, vertex?.document, undefined)}</h2>
        <Button kind="quiet" isSmall icon={X} label="Close details" onPress={() => onSelect(undefined)} />
      </div>
      <a class="mono" href={href(['collections', collection, 'documents', key])}>
        {id}
      </a>
      <div class="row">
        {onToggle !== undefined && (
          <Button isSmall kind="primary" onPress={() => onToggle(id)}>
            {vertex?.isExpanded === true ? 'Close' : 'Open neighbours'}
          </Button>
        )}
        <Button isSmall onPress={() => onRemove(id)}>
          Leave out
        </Button>
      </div>
      {vertex?.document !== undefined && <JsonBlock value={vertex.document} label={`vertex ${id}`} />}
      {neighbours.length > 0 && (
        <>
          <h3>Neighbours</h3>
          <ul class="vertex-neighbours">
            {neighbours.slice(0, SHOWN_NEIGHBOURS).map((each) => (
              <li key={each}>
                <button type="button" class="vertex-name" onClick={() => onSelect(each)}>
                  {labelOf(each, model.vertices.get(each)?.document, undefined)} <span class="mono faint">{each}</span>
                </button>
              </li>
            ))}
            {neighbours.length > SHOWN_NEIGHBOURS && <li class="faint">… and {neighbours.length - SHOWN_NEIGHBOURS} more</li>}
          </ul>
        </>
      )}
    </aside>
  );
}
