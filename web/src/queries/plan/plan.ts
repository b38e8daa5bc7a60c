/**
 * A plan, as `_api/explain` and a profiled query send it, as the tree that the page draws: what is within a loop or a subquery lies below it,
 * and each step has its own share of cost and time. The server's numbers are sums up to and with a step.
 */
import { words } from '../aql/tokens.ts';
import { at, constantText, expressionText, isTree, textAt, treesAt, variableText, type Tree } from './expression-text.ts';

export interface PlanIndex {
  readonly collection: string;
  readonly name: string;
  readonly type: string;
  readonly fields: readonly string[];
  readonly storedValues: readonly string[];
  readonly isUnique: boolean;
  readonly isSparse: boolean;
  /** From 0 to 1; undefined where there is no estimate. */
  readonly selectivity: number | undefined;
}

/** What is measured of a step when a query was profiled. */
export interface StepProfile {
  readonly calls: number;
  readonly items: number;
  readonly filtered: number;
  /** Of this step alone. */
  readonly seconds: number;
}

export interface PlanStep {
  readonly id: number;
  /** `IndexNode` */
  readonly type: string;
  /** What the step does, in AQL's words: `FOR`, `FILTER`. */
  readonly verb: string;
  /** The rest of the line. */
  readonly text: string;
  /** How it is done: `full collection scan`, `index scan`. */
  readonly notes: readonly string[];
  /** Something that may be slow: a scan of a whole collection, a sort of everything. */
  readonly warning: string | undefined;
  readonly cost: number;
  readonly ownCost: number;
  readonly items: number;
  readonly indexes: readonly PlanIndex[];
  readonly profile: StepProfile | undefined;
  readonly steps: readonly PlanStep[];
}

export interface Plan {
  readonly steps: readonly PlanStep[];
  readonly rules: readonly string[];
  readonly indexes: readonly PlanIndex[];
  readonly collections: readonly { readonly name: string; readonly access: string }[];
  readonly cost: number;
  readonly items: number;
  readonly isModification: boolean;
  /** Undefined unless it was profiled. */
  readonly seconds: number | undefined;
}

export function readPlan(plan: unknown, nodeStatistics: readonly unknown[] = []): Plan {
  const nodes = treesAt(plan, 'nodes');
  const profiles = new Map(nodeStatistics.map((each) => [Number(at(each, 'id')), profileOf(each)]));
  const costs = new Map(nodes.map((node) => [Number(node['id']), numberAt(node, 'estimatedCost')]));
  const steps = nodes.map((node) => stepOf(node, costs, profiles));
  const indexes = uniqueIndexes(steps.flatMap((step) => step.indexes));
  return {
    steps: nested(nodes, steps),
    rules: listAt(plan, 'rules'),
    indexes,
    collections: treesAt(plan, 'collections').map((each) => ({ name: textAt(each, 'name'), access: textAt(each, 'type') })),
    cost: numberAt(plan, 'estimatedCost'),
    items: numberAt(plan, 'estimatedNrItems'),
    isModification: at(plan, 'isModificationQuery') === true,
    seconds: nodeStatistics.length === 0 ? undefined : [...profiles.values()].reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

/** All steps in their order, the inner ones after the one that they are in. */
export function allSteps(steps: readonly PlanStep[]): readonly PlanStep[] {
  return steps.flatMap((step) => [step, ...allSteps(step.steps)]);
}

function profileOf(statistics: unknown): StepProfile {
  return {
    calls: numberAt(statistics, 'calls'),
    items: numberAt(statistics, 'items'),
    filtered: numberAt(statistics, 'filtered'),
    seconds: Math.max(0, numberAt(statistics, 'runtime') - numberAt(statistics, 'fetching')),
  };
}

function stepOf(node: Tree, costs: ReadonlyMap<number, number>, profiles: ReadonlyMap<number, StepProfile>): PlanStep {
  const id = Number(node['id']);
  const before = listAt(node, 'dependencies').map((dependency) => costs.get(Number(dependency)) ?? 0);
  const cost = numberAt(node, 'estimatedCost');
  return {
    id,
    type: textAt(node, 'type'),
    ...described(node),
    cost,
    ownCost: Math.max(0, cost - Math.max(0, ...before)),
    items: numberAt(node, 'estimatedNrItems'),
    indexes: indexesOf(node),
    profile: profiles.get(id),
    steps: [],
  };
}

/** Loops take what follows below them, and so do subqueries up to their end. */
function nested(nodes: readonly Tree[], steps: readonly PlanStep[]): readonly PlanStep[] {
  interface Open {
    readonly step: PlanStep;
    readonly inner: PlanStep[];
  }
  const root: PlanStep[] = [];
  const open: Open[] = [];
  const current = (): PlanStep[] => open.at(-1)?.inner ?? root;
  const close = (): void => {
    const closed = open.pop();
    if (closed !== undefined) current().push({ ...closed.step, steps: closed.inner });
  };
  for (const [i, node] of nodes.entries()) {
    const step = steps[i];
    if (step === undefined) continue;
    if (step.type === 'SubqueryEndNode') {
      while (open.length > 0 && open.at(-1)?.step.type !== 'SubqueryStartNode') close();
      current().push(step);
      const start = open.at(-1);
      if (start !== undefined) {
        // What the whole subquery costs is known at its end.
        const { step: started } = start;
        open[open.length - 1] = { step: { ...started, cost: step.cost, items: step.items }, inner: start.inner };
      }
      close();
    } else if (step.type === 'SubqueryStartNode' || isLoop(node)) open.push({ step, inner: [] });
    else current().push(step);
  }
  while (open.length > 0) close();
  return root;
}

const LOOPS: ReadonlySet<string> = words(
  'EnumerateCollectionNode IndexNode EnumerateListNode TraversalNode ShortestPathNode EnumeratePathsNode JoinNode',
);

const isLoop = (node: Tree): boolean => LOOPS.has(textAt(node, 'type'));

type Description = Pick<PlanStep, 'verb' | 'text' | 'notes' | 'warning'>;

function described(node: Tree): Description {
  const name = (attribute: string): string => variableText(node[attribute]);
  const collection = textAt(node, 'collection');
  const line = (verb: string, text: string, notes: readonly string[] = [], warning?: string): Description => ({
    verb,
    text,
    notes,
    warning,
  });
  switch (node['type']) {
    case 'SingletonNode':
      return line('START', '');
    case 'NoResultsNode':
      return line('EMPTY', '', ['no results']);
    case 'EnumerateCollectionNode':
      return line(
        'FOR',
        `${name('outVariable')} IN ${collection}${filterText(node)}`,
        ['full collection scan', ...(node['random'] === true ? ['random order'] : []), ...projectionNotes(node)],
        node['filter'] === undefined ? undefined : 'Reads every document of the collection to find some: an index could find them at once.',
      );
    case 'IndexNode': {
      const condition = expressionText(node['condition']);
      const how = node['indexCoversProjections'] === true ? 'answered by the index alone' : 'documents looked up';
      const order = node['sorted'] === true ? [node['ascending'] === false ? 'backwards' : 'in order of the index'] : [];
      const text = `${name('outVariable')} IN ${collection}${condition === '' ? '' : ` FILTER ${condition}`}${filterText(node)}`;
      return line('FOR', text, [
        'index scan',
        ...(node['producesResult'] === false ? ['counts only'] : [how]),
        ...order,
        ...projectionNotes(node),
      ]);
    }
    case 'JoinNode':
      return line(
        'JOIN',
        treesAt(node, 'indexInfos')
          .map((each) => `${variableText(each['outVariable'])} IN ${textAt(each, 'collection')}`)
          .join(', '),
        ['two indexes side by side'],
      );
    case 'MaterializeNode':
      return line('FETCH', `${name('outVariable')} FROM ${collection}`, ['documents looked up late']);
    case 'EnumerateListNode':
      return line('FOR', `${name('outVariable')} IN ${name('inVariable')}${filterText(node)}`, ['items of a list']);
    case 'CalculationNode':
      return line('LET', `${name('outVariable')} = ${expressionText(node['expression'])}`);
    case 'FilterNode':
      return line('FILTER', name('inVariable'));
    case 'SubqueryStartNode':
      return line('LET', `${name('subqueryOutVariable')} = (`, ['subquery']);
    case 'SubqueryEndNode':
      return line(node['inVariable'] === undefined ? 'END' : 'RETURN', node['inVariable'] === undefined ? '' : name('inVariable'), [
        'end of the subquery',
      ]);
    case 'SortNode': {
      const isLimited = Number(node['limit'] ?? 0) > 0;
      const elements = treesAt(node, 'elements').map(
        (each) => `${variableText(each['inVariable'])}${each['ascending'] === false ? ' DESC' : ''}`,
      );
      return line('SORT', elements.join(', '), [
        isLimited ? `keeps the first ${Number(node['limit']).toLocaleString('en')}` : 'sorts all rows in memory',
      ]);
    }
    case 'LimitNode':
      return line(
        'LIMIT',
        `${constantOrTree(node['offset'])}, ${constantOrTree(node['limit'])}`,
        node['fullCount'] === true ? ['counts the rest, too'] : [],
      );
    case 'CollectNode':
      return line('COLLECT', collectText(node), methodNote(node));
    case 'IndexCollectNode':
      return line('COLLECT', collectText(node), ['distinct values of an index']);
    case 'WindowNode': {
      const range = node['rangeVariable'] === undefined ? '' : `${name('rangeVariable')} WITH `;
      const bounds = `{ preceding: ${constantOrTree(node['preceding'])}, following: ${constantOrTree(node['following'])} }`;
      return line('WINDOW', `${range}${bounds}${aggregatesText(node)}`);
    }
    case 'ReturnNode':
      return line('RETURN', name('inVariable'));
    case 'InsertNode':
      return line('INSERT', `${name('inVariable')} INTO ${collection}`);
    case 'RemoveNode':
      return line('REMOVE', `${name('inVariable')} IN ${collection}`);
    case 'UpdateNode':
    case 'ReplaceNode': {
      const key = node['inKeyVariable'] === undefined ? '' : `${name('inKeyVariable')} WITH `;
      return line(node['type'] === 'UpdateNode' ? 'UPDATE' : 'REPLACE', `${key}${name('inDocVariable')} IN ${collection}`);
    }
    case 'UpsertNode': {
      const verb = node['isReplace'] === true ? 'REPLACE' : 'UPDATE';
      return line('UPSERT', `${name('inDocVariable')} INSERT ${name('insertVariable')} ${verb} ${name('updateVariable')} IN ${collection}`);
    }
    case 'TraversalNode': {
      const variables = ['vertexOutVariable', 'edgeOutVariable', 'pathOutVariable'].map(name).filter((each) => each !== '');
      const options = at(node, 'options');
      const depth = `${textAt(options, 'minDepth') || 1}..${textAt(options, 'maxDepth') || 1}`;
      const start = node['inVariable'] === undefined ? constantText(node['vertexId']) : name('inVariable');
      const condition = isTree(node['condition']) ? ` FILTER ${expressionText(node['condition'])}` : '';
      const prune = isTree(node['expression']) ? ` PRUNE ${expressionText(node['expression'])}` : '';
      return line('FOR', `${variables.join(', ')} IN ${depth} ${directionOf(node)} ${start} ${subjectText(node)}${prune}${condition}`, [
        'graph traversal',
        `order: ${textAt(options, 'order') || 'dfs'}`,
      ]);
    }
    case 'ShortestPathNode': {
      const variables = ['vertexOutVariable', 'edgeOutVariable'].map(name).filter((each) => each !== '');
      return line('FOR', `${variables.join(', ')} IN ${directionOf(node)} SHORTEST_PATH ${endsText(node)} ${subjectText(node)}`, [
        'shortest path',
      ]);
    }
    case 'EnumeratePathsNode':
      return line(
        'FOR',
        `${name('pathOutVariable')} IN ${directionOf(node)} ${textAt(node, 'shortestPathType')} ${endsText(node)} ${subjectText(node)}`,
        ['paths'],
      );
    default:
      return line(textAt(node, 'type').replace(/Node$/, ''), '');
  }
}

const filterText = ({ filter }: Tree): string => (filter === undefined ? '' : ` FILTER ${expressionText(filter)}`);

function projectionNotes(node: Tree): readonly string[] {
  const paths = treesAt(node, 'projections').map((each) => listAt(each, 'path').join('.'));
  return paths.length === 0 ? [] : [`reads only ${paths.join(', ')}`];
}

function collectText(node: Tree): string {
  const groups = treesAt(node, 'groups').map((group) => `${variableText(group['outVariable'])} = ${variableText(group['inVariable'])}`);
  const into = node['outVariable'] === undefined ? '' : ` INTO ${variableText(node['outVariable'])}`;
  const expression = node['expressionVariable'] === undefined ? '' : ` = ${variableText(node['expressionVariable'])}`;
  return `${groups.join(', ')}${aggregatesText(node)}${into}${expression}`.trim();
}

function aggregatesText(node: Tree): string {
  const aggregates = treesAt(node, 'aggregates').map(
    (each) => `${variableText(each['outVariable'])} = ${textAt(each, 'type')}(${variableText(each['inVariable'])})`,
  );
  return aggregates.length === 0 ? '' : ` AGGREGATE ${aggregates.join(', ')}`;
}

function methodNote(node: Tree): readonly string[] {
  const method = textAt(at(node, 'collectOptions'), 'method');
  return method === '' ? [] : [`method: ${method}`];
}

const DIRECTIONS: Readonly<Record<string, string>> = { '0': 'ANY', '1': 'INBOUND', '2': 'OUTBOUND' };

function directionOf(node: Tree): string {
  const directions = new Set(listAt(node, 'directions'));
  return directions.size === 1 ? (DIRECTIONS[[...directions][0] ?? ''] ?? 'ANY') : 'ANY';
}

function endsText(node: Tree): string {
  const end = (which: string): string =>
    node[`${which}InVariable`] === undefined ? constantText(node[`${which}VertexId`]) : variableText(node[`${which}InVariable`]);
  return `${end('start')} TO ${end('target')}`;
}

function subjectText({ graph }: Tree): string {
  return Array.isArray(graph) ? graph.map(String).join(', ') : `GRAPH ${constantText(graph)}`;
}

const constantOrTree = (value: unknown): string => (isTree(value) ? expressionText(value) : constantText(value ?? 0));

function indexesOf(node: Tree): readonly PlanIndex[] {
  const own = treesAt(node, 'indexes').map((index) => indexOf(index, textAt(node, 'collection')));
  const joined = treesAt(node, 'indexInfos').flatMap(indexesOf);
  const walked = treesAt(at(node, 'indexes'), 'base').map((index) => indexOf(index, textAt(index, 'collection')));
  return [...own, ...joined, ...walked];
}

function indexOf(index: Tree, collection: string): PlanIndex {
  const selectivity = index['selectivityEstimate'];
  return {
    collection,
    name: textAt(index, 'name'),
    type: textAt(index, 'type'),
    fields: listAt(index, 'fields'),
    storedValues: listAt(index, 'storedValues'),
    isUnique: index['unique'] === true,
    isSparse: index['sparse'] === true,
    selectivity: typeof selectivity === 'number' ? selectivity : undefined,
  };
}

function uniqueIndexes(indexes: readonly PlanIndex[]): readonly PlanIndex[] {
  return [...new Map(indexes.map((index) => [`${index.collection}/${index.name}/${index.fields.join()}`, index])).values()];
}

function numberAt(tree: unknown, name: string): number {
  const value = at(tree, name);
  return typeof value === 'number' ? value : 0;
}

function listAt(tree: unknown, name: string): readonly string[] {
  const value = at(tree, name);
  return Array.isArray(value) ? value.map(String) : [];
}
