/** What ArangoDB's explainer says of each node of a plan: a line of something like AQL, with comments. */
import { isArray, isObject, toText, type Value, type ValueObject } from '#values';
import { expressionText, variableName, type Mentions } from './expression-text.ts';

/** What must be known of other nodes. */
export interface NodeContext extends Mentions {
  /** Names of collections by the ids of the variables that hold their documents. */
  readonly documents: ReadonlyMap<Value, string>;
}

export function nodeText(node: ValueObject, context: NodeContext): string {
  const name = (attribute: string): string => variableName(node[attribute]);
  const collection = textAt(node, 'collection');
  switch (node['type']) {
    case 'SingletonNode':
      return '* ROOT';
    case 'NoResultsNode':
      return 'EMPTY   /* empty result set */';
    case 'EnumerateCollectionNode': {
      const order = node['random'] === true ? ', random order' : '';
      const scan = `full collection scan${order}${node['producesResult'] === false ? ', scan only' : projectionsText(node)}`;
      return `FOR ${name('outVariable')} IN ${collection}   /* ${scan}  */${projectedText(node)}${pruningText(node, context)}`;
    }
    case 'IndexNode':
      return indexText(node, context);
    case 'JoinNode':
      return 'JOIN';
    case 'MaterializeNode': {
      const into = node['outVariable'] === undefined ? '' : ` INTO ${name('outVariable')}`;
      const projections = projectionsText(node);
      return `MATERIALIZE ${name('oldDocVariable')}${into}${projections === '' ? '' : ` /*${projections} */`}${projectedText(node, name('outVariable'))}`;
    }
    case 'EnumerateListNode': {
      const from =
        node['mode'] === 'object'
          ? `FOR [${name('keyOutVariable')}, ${name('outVariable')}] OF ${name('inVariable')}   /* object iteration */`
          : `FOR ${name('outVariable')} IN ${name('inVariable')}   /* list iteration */`;
      return `${from}${pruningText(node, context)}`;
    }
    case 'CalculationNode':
      return calculationText(node, context);
    case 'FilterNode':
      return `FILTER ${name('inVariable')}`;
    case 'SubqueryStartNode':
      return `LET ${name('subqueryOutVariable')} = ( /* subquery begin */`;
    case 'SubqueryEndNode':
      return `${node['inVariable'] === undefined ? '' : `RETURN  ${name('inVariable')} `}) /* subquery end */`;
    case 'SortNode':
      return sortText(node);
    case 'LimitNode':
      return `LIMIT ${constantText(node['offset'], context)}, ${constantText(node['limit'], context)}${node['fullCount'] === true ? '   /* fullCount */' : ''}`;
    case 'CollectNode':
      return collectText(node);
    case 'IndexCollectNode':
      return `FOR ${name('oldIndexVariable')} IN ${collection}   ${collectText(node)}   /* distinct value index scan */`;
    case 'WindowNode': {
      const range = node['rangeVariable'] === undefined ? '' : ` ${name('rangeVariable')} WITH`;
      const bounds = `{ preceding: ${constantText(node['preceding'], context)}, following: ${constantText(node['following'], context)} }`;
      return `WINDOW${range} ${bounds}${aggregatesText(node)}`;
    }
    case 'ReturnNode':
      return `RETURN ${name('inVariable')}`;
    case 'InsertNode':
      return `INSERT ${name('inVariable')} IN ${collection}`;
    case 'RemoveNode':
      return `REMOVE ${name('inVariable')} IN ${collection}`;
    case 'UpdateNode':
    case 'ReplaceNode': {
      const verb = node['type'] === 'UpdateNode' ? 'UPDATE' : 'REPLACE';
      const document = name('inDocVariable');
      return `${verb} ${node['inKeyVariable'] === undefined ? document : `${name('inKeyVariable')} WITH ${document}`} IN ${collection}`;
    }
    case 'UpsertNode': {
      const verb = node['isReplace'] === true ? 'REPLACE' : 'UPDATE';
      return `UPSERT ${name('inDocVariable')} INSERT ${name('insertVariable')} ${verb} ${name('updateVariable')} IN ${collection}`;
    }
    case 'TraversalNode':
      return traversalText(node);
    case 'ShortestPathNode': {
      const edge = node['edgeOutVariable'] === undefined ? '' : `, ${name('edgeOutVariable')}  /* edge */`;
      return `FOR ${name('vertexOutVariable')}  /* vertex */${edge} IN ${directionOf(node)} SHORTEST_PATH ${endText(node, 'start')} TO ${endText(node, 'target')} ${subjectText(node)}`;
    }
    case 'EnumeratePathsNode': {
      const kind = textAt(node, 'shortestPathType');
      const depth = kind === 'K_PATHS' ? ` ${depthText(node)}  /* min..maxPathDepth */` : '';
      return `FOR ${name('pathOutVariable')}  /* path */ IN${depth} ${directionOf(node)} ${kind} ${endText(node, 'start')} TO ${endText(node, 'target')} ${subjectText(node)}`;
    }
    default:
      return textAt(node, 'type');
  }
}

function indexText(node: ValueObject, context: NodeContext): string {
  const types = [...new Set(objectsAt(node, 'indexes').map((index) => textAt(index, 'type')))];
  const projections = projectionsText(node);
  const how =
    node['producesResult'] === false
      ? 'scan only'
      : node['isLateMaterialized'] === true || node['indexCoversProjections'] === true
        ? projections === ''
          ? 'scan only'
          : `index only${projections}`
        : `index scan + document lookup${projections}`;
  const direction = node['ascending'] === false ? 'reverse ' : '';
  const scan = `/* ${direction}${types.join(', ')} index scan, ${how} */`;
  const late = node['isLateMaterialized'] === true ? '   /* with late materialization */' : '';
  const from = `FOR ${variableName(node['outVariable'])} IN ${textAt(node, 'collection')}   ${scan} `;
  const limit =
    node['limit'] === undefined || node['limit'] === 0
      ? ''
      : `   LIMIT ${constantText(node['limit'], context)} /* early reducing results */`;
  return `${from}${projectedText(node)}${pruningText(node, context)}${limit}${late}`;
}

function calculationText(node: ValueObject, context: NodeContext): string {
  const { expression } = node;
  const own: NodeContext = { ...context, variables: new Set() };
  const text = expression !== undefined && isObject(expression) ? expressionText(expression, own) : '';
  const type = textAt(node, 'expressionType');
  const used = [...own.variables].flatMap((id) => {
    const collection = context.documents.get(id);
    return collection === undefined || typeof collection !== 'string' ? [] : [collection];
  });
  const comments = [
    `   /* ${type} expression */`,
    type === 'json' ? '   /* const assignment */' : '',
    used.length === 0 ? '' : `   /* collections used: ${used.join(', ')} */`,
  ];
  return `LET ${variableName(node['outVariable'])} = ${text}${comments.join('')}`;
}

function sortText(node: ValueObject): string {
  const elements = objectsAt(node, 'elements').map(
    (each) => `${variableName(each['inVariable'])} ${each['ascending'] === false ? 'DESC' : 'ASC'}`,
  );
  return `SORT ${elements.join(', ')}   /* sorting strategy: ${textAt(node, 'strategy').replace('-', ' ')} */`;
}

function collectText(node: ValueObject): string {
  const options = objectAt(node, 'collectOptions');
  const groups = objectsAt(node, 'groups').map((group) => {
    return `${variableName(group['outVariable'])} = ${variableName(group['inVariable'] ?? group['attribute'])}`;
  });
  const into = node['outVariable'] === undefined ? '' : ` INTO ${variableName(node['outVariable'])}`;
  const projected = node['expressionVariable'] === undefined ? '' : ` = ${variableName(node['expressionVariable'])}`;
  const kept = objectsAt(node, 'keepVariables').map((each) => variableName(each['variable'] ?? each));
  const keep = kept.length === 0 || into === '' ? '' : ` KEEP ${kept.join(', ')}`;
  const method = textAt(options, 'method');
  return `COLLECT${groups.length === 0 ? '' : ` ${groups.join(', ')}`}${aggregatesText(node)}${into}${projected}${keep}${method === '' ? '' : `   /* ${method} */`}`;
}

function aggregatesText(node: ValueObject): string {
  const aggregates = objectsAt(node, 'aggregates').map(
    (each) => `${variableName(each['outVariable'])} = ${textAt(each, 'type')}(${variableName(each['inVariable'])})`,
  );
  return aggregates.length === 0 ? '' : ` AGGREGATE ${aggregates.join(', ')}`;
}

function traversalText(node: ValueObject): string {
  const options = objectAt(node, 'options');
  const variables = [
    node['vertexOutVariable'] === undefined ? undefined : `${variableName(node['vertexOutVariable'])}  /* vertex */`,
    node['edgeOutVariable'] === undefined ? undefined : `${variableName(node['edgeOutVariable'])}  /* edge */`,
    node['pathOutVariable'] === undefined ? undefined : `${variableName(node['pathOutVariable'])}  /* paths: ${pathParts(options)} */`,
  ].filter((each) => each !== undefined);
  const start = node['inVariable'] === undefined ? JSON.stringify(node['vertexId']) : variableName(node['inVariable']);
  return `FOR ${variables.join(', ')} IN ${depthText(node)}  /* min..maxPathDepth */ ${directionOf(node)} ${quoted(start)} /* startnode */  ${subjectText(node)} /* order: ${textAt(options, 'order')} */`;
}

/** Strings are shown in single quotes here. */
const quoted = (text: string): string => text.replace(/^"(.*)"$/, "'$1'");

function pathParts(options: ValueObject): string {
  const parts = [
    options['producePathsVertices'] === false ? '' : 'vertices',
    options['producePathsEdges'] === false ? '' : 'edges',
    options['producePathsWeights'] === true ? 'weights' : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

export function depthText(node: ValueObject): string {
  const { minDepth = 1, maxDepth = 1 } = objectAt(node, 'options');
  return `${toText(minDepth)}..${toText(maxDepth)}`;
}

function endText(node: ValueObject, which: 'start' | 'target'): string {
  const variable = node[`${which}InVariable`];
  return `${variable === undefined ? quoted(JSON.stringify(node[`${which}VertexId`] ?? null)) : variableName(variable)} /* ${which === 'start' ? 'startnode' : 'targetnode'} */`;
}

function directionOf(node: ValueObject): string {
  const directions = listAt(node, 'directions');
  const names = { 0: 'ANY', 1: 'INBOUND', 2: 'OUTBOUND' } as const;
  return directions.length > 0 && directions.every((each) => each === directions[0]) ? names[Number(directions[0]) as 0 | 1 | 2] : 'ANY';
}

function subjectText(node: ValueObject): string {
  const graph = node['graph'] ?? null;
  return isArray(graph) ? graph.map(toText).join(', ') : ` GRAPH '${toText(graph)}'`;
}

/** `` (projections: `a`, `b`.`c`) `` */
function projectionsText(node: ValueObject): string {
  const paths = objectsAt(node, 'projections').map((projection) => pathText(listAt(projection, 'path')));
  return paths.length === 0 ? '' : ` (projections: ${paths.join(', ')})`;
}

/** The variables that projections set. */
function projectedText(node: ValueObject, document = variableName(node['outVariable'])): string {
  const set = objectsAt(node, 'projections')
    .filter((projection) => projection['variable'] !== undefined)
    .map((projection) => `${variableName(projection['variable'])} = ${document}.${pathText(listAt(projection, 'path'))}`);
  return set.length === 0 ? '' : `   LET ${set.join(', ')}`;
}

function pruningText(node: ValueObject, context: NodeContext): string {
  const { filter } = node;
  return filter !== undefined && isObject(filter) ? `   FILTER ${expressionText(filter, context)}   /* early pruning */` : '';
}

export const pathText = (path: readonly Value[]): string => path.map((step) => `\`${toText(step)}\``).join('.');

function constantText(value: Value | undefined, context: NodeContext): string {
  return value !== undefined && isObject(value) ? expressionText(value, context) : JSON.stringify(value ?? null);
}

export function textAt(node: ValueObject, name: string): string {
  return toText(node[name] ?? null);
}

export function objectAt(node: ValueObject, name: string): ValueObject {
  const value = node[name];
  return value !== undefined && isObject(value) ? value : {};
}

export function listAt(node: ValueObject, name: string): readonly Value[] {
  const value = node[name];
  return value !== undefined && isArray(value) ? value : [];
}

export function objectsAt(node: ValueObject, name: string): readonly ValueObject[] {
  return listAt(node, name).filter(isObject);
}
