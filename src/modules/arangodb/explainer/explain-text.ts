/**
 * A plan as text, for `db._explain`, `db._profileQuery` and `@arangodb/aql/explainer`: the layout of ArangoDB's shell, without colours.
 */
import { isObject, toText, type Value, type ValueObject } from '#values';
import { expressionText, variableName, type Mentions } from './expression-text.ts';
import { depthText, listAt, nodeText, objectAt, objectsAt, pathText, textAt, type NodeContext } from './node-text.ts';
import { inColumns, table } from './table.ts';

/** `result` is what `explain` answers. */
export function explainText(query: string, result: ValueObject): string {
  const plan = planOf(result);
  const stats = objectAt(result, 'stats');
  const mentions = noMentions();
  const rows = planRows(plan, mentions).map(({ node, comment }) => [
    textAt(node, 'id'),
    textAt(node, 'type'),
    node['isAsyncPrefetchEnabled'] === true ? '✓' : '',
    textAt(node, 'estimatedNrItems'),
    comment,
  ]);
  return [
    ...queryLines(query, { isCacheable: result['cacheable'] === true, planCacheKey: result['planCacheKey'] }),
    'Execution plan:',
    ...table(
      [
        { head: 'Id', align: 'right' },
        { head: 'NodeType' },
        { head: 'Par', align: 'center' },
        { head: 'Est.', align: 'right' },
        { head: 'Comment' },
      ],
      rows,
    ),
    '',
    ...planLines(plan, mentions),
    ...warningLines(objectsAt(result, 'warnings')),
    `${textAt(stats, 'rulesExecuted')} rule(s) executed, ${textAt(stats, 'plansCreated')} plan(s) created, peak mem [b]: ${textAt(stats, 'peakMemoryUsage')}, exec time [s]: ${seconds(stats['executionTime'])}`,
    '',
  ].join('\n');
}

/** `extra` is that of a cursor whose query ran with `profile: 2`. */
export function profileText(query: string, extra: ValueObject, planCacheKey?: string): string {
  const plan = planOf(extra);
  const stats = objectAt(extra, 'stats');
  const perNode = new Map(objectsAt(stats, 'nodes').map((node) => [node['id'] ?? null, node]));
  const mentions = noMentions();
  const rows = planRows(plan, mentions).map(({ node, comment }) => {
    const { calls = 0, parallel = 0, items = 0, filtered = 0, runtime = 0, fetching = 0 } = perNode.get(node['id'] ?? null) ?? {};
    const own = Math.max(0, Number(runtime) - Number(fetching));
    const ahead = node['isAsyncPrefetchEnabled'] === true ? toText(parallel) : '-';
    return [textAt(node, 'id'), textAt(node, 'type'), toText(calls), ahead, toText(items), toText(filtered), seconds(own), comment];
  });
  return [
    ...queryLines(query, { isCacheable: false, planCacheKey }),
    'Execution plan:',
    ...table(
      [
        { head: 'Id', align: 'right' },
        { head: 'NodeType' },
        ...['Calls', 'Par', 'Items', 'Filtered', 'Runtime [s]'].map((head) => ({ head, align: 'right' }) as const),
        { head: 'Comment' },
      ],
      rows,
    ),
    '',
    ...planLines(plan, noMentions()),
    ...statisticsLines(stats),
    ...stageLines(objectAt(extra, 'profile')),
    ...warningLines(objectsAt(extra, 'warnings')),
  ].join('\n');
}

/** Of several plans the best. */
function planOf(result: ValueObject): ValueObject {
  const [first] = objectsAt(result, 'plans');
  return first ?? objectAt(result, 'plan');
}

const noMentions = (): Mentions => ({ functions: new Map(), variables: new Set() });

/** What is longer is shown without its middle. */
const MAX_QUERY_LENGTH = 4096;

function queryLines(
  query: string,
  { isCacheable, planCacheKey }: { readonly isCacheable: boolean; readonly planCacheKey?: Value | undefined },
): readonly string[] {
  const half = MAX_QUERY_LENGTH / 2;
  const isLong = query.length > MAX_QUERY_LENGTH;
  const shown = isLong ? `${query.slice(0, half)} ... ${query.slice(-half)}` : query;
  const about = [
    `${query.length} chars${isLong ? ' - truncated...' : ''}`,
    ...(planCacheKey === undefined ? [] : [`plan cache key: "${toText(planCacheKey)}"`]),
    `results cachable: ${isCacheable}`,
  ];
  return [`Query String (${about.join(', ')}):`, ...shown.split('\n').map((line) => ` ${line}`), ''];
}

/** Loops and subqueries move what is inside them to the right. */
function planRows(plan: ValueObject, mentions: Mentions): readonly { readonly node: ValueObject; readonly comment: string }[] {
  const context: NodeContext = { ...mentions, documents: documentsOf(plan) };
  const levels: number[] = [];
  let level = 0;
  return objectsAt(plan, 'nodes').flatMap((node) => {
    const { type } = node;
    const own = type === 'SingletonNode' ? 0 : level + 1;
    const comment = type === 'SingletonNode' ? nodeText(node, context) : `${'  '.repeat(own)}- ${nodeText(node, context)}`;
    if (type === 'SubqueryStartNode') {
      levels.push(level);
      level++;
    } else if (type === 'SubqueryEndNode') level = levels.pop() ?? level;
    else if (ENUMERATIONS.has(textAt(node, 'type'))) level++;
    const joined = objectsAt(node, 'indexInfos').map((each) => ({
      node: { id: '', type: '', estimatedNrItems: '' },
      comment: `${'  '.repeat(own + 1)}- ${nodeText({ ...each, type: 'IndexNode' }, context)}`,
    }));
    return [{ node, comment }, ...joined];
  });
}

const ENUMERATIONS: ReadonlySet<string> = new Set(
  'EnumerateCollectionNode EnumerateListNode IndexNode IndexCollectNode TraversalNode ShortestPathNode EnumeratePathsNode JoinNode'.split(
    ' ',
  ),
);

function documentsOf(plan: ValueObject): ReadonlyMap<Value, string> {
  const documents = new Map<Value, string>();
  for (const node of objectsAt(plan, 'nodes')) {
    const variable = node['outVariable'];
    const isScan = node['type'] === 'EnumerateCollectionNode' || node['type'] === 'IndexNode';
    if (isScan && variable !== undefined && isObject(variable)) {
      documents.set(variable['id'] ?? null, `${variableName(variable)} : ${textAt(node, 'collection')}`);
    }
  }
  return documents;
}

function planLines(plan: ValueObject, mentions: Mentions): readonly string[] {
  return [
    ...indexLines(plan),
    ...graphLines(plan),
    ...functionLines(mentions),
    ...optionLines(plan),
    'Optimization rules applied:',
    ...ruleLines(listAt(plan, 'rules').map(toText)),
    '',
  ];
}

function indexLines(plan: ValueObject): readonly string[] {
  const nodes = objectsAt(plan, 'nodes').flatMap((node) =>
    node['type'] === 'JoinNode' ? objectsAt(node, 'indexInfos').map((each) => ({ ...each, id: node['id'] ?? null })) : [node],
  );
  const rows = nodes.flatMap((node) => {
    if (node['type'] === 'TraversalNode') return objectsAt(objectAt(node, 'indexes'), 'base').map((index) => edgeIndexRow(node, index));
    const conditions = conditionTexts(objectAt(node, 'condition'));
    return objectsAt(node, 'indexes').map((index, i) => [
      textAt(node, 'id'),
      textAt(index, 'name'),
      textAt(index, 'type'),
      textAt(node, 'collection'),
      String(index['unique'] === true),
      String(index['sparse'] === true),
      String(index['cacheEnabled'] === true),
      selectivity(index),
      `[ ${listAt(index, 'fields').map(fieldText).join(', ')} ]`,
      `[ ${listAt(index, 'storedValues').map(fieldText).join(', ')} ]`,
      conditions[i] ?? conditions[0] ?? '*',
    ]);
  });
  if (rows.length === 0) return ['Indexes used:', ' none', ''];
  const heads = ['By', 'Name', 'Type', 'Collection', 'Unique', 'Sparse', 'Cache', 'Selectivity', 'Fields', 'Stored values', 'Ranges'];
  return [
    'Indexes used:',
    ...table(
      heads.map((head) => ({ head, ...(head === 'By' || head === 'Selectivity' ? { align: 'right' as const } : {}) })),
      rows,
    ),
    '',
  ];
}

function edgeIndexRow(node: ValueObject, index: ValueObject): readonly string[] {
  const id = textAt(node, 'id');
  const fields = `[ ${listAt(index, 'fields').map(fieldText).join(', ')} ]`;
  return [
    id,
    'edge',
    'edge',
    textAt(index, 'collection'),
    'false',
    'false',
    'false',
    selectivity(index),
    fields,
    '[  ]',
    `base ${textAt(index, 'direction')}`,
  ];
}

function selectivity(index: ValueObject): string {
  const estimate = index['selectivityEstimate'];
  if (index['type'] === 'primary') return '100.00 %';
  return typeof estimate === 'number' ? `${(estimate * 100).toFixed(2)} %` : 'n/a';
}

const fieldText = (field: Value): string => (isObject(field) ? textAt(field, 'name') : pathText(toText(field).split('.')));

/** The alternatives of an index condition, one for each index. */
function conditionTexts(condition: ValueObject): readonly string[] {
  return objectsAt(condition, 'subNodes').map((alternative) => {
    const parts = objectsAt(alternative, 'subNodes').map((part) => expressionText(part, noMentions()));
    return parts.length > 1 ? `(${parts.join(' && ')})` : (parts[0] ?? '*');
  });
}

function graphLines(plan: ValueObject): readonly string[] {
  const nodes = objectsAt(plan, 'nodes');
  const sections: readonly (readonly [title: string, type: string])[] = [
    ['Traversals on graphs:', 'TraversalNode'],
    ['Shortest paths on graphs:', 'ShortestPathNode'],
    ['Paths on graphs:', 'EnumeratePathsNode'],
  ];
  return sections.flatMap(([title, type]) => {
    const rows = nodes.filter((node) => node['type'] === type).map(graphRow);
    if (rows.length === 0) return [];
    const heads = ['Id', 'Depth', 'Vertex collections', 'Edge collections', 'Options', 'Filter / Prune Conditions'];
    const columns = type === 'TraversalNode' ? heads : heads.slice(0, -1).filter((head) => head !== 'Depth');
    const cells = rows.map((row) => columns.map((head) => row[heads.indexOf(head)] ?? ''));
    return [
      title,
      ...table(
        columns.map((head) => ({ head })),
        cells,
      ),
      '',
    ];
  });
}

function graphRow(node: ValueObject): readonly string[] {
  const options = objectAt(node, 'options');
  const shown =
    node['type'] === 'TraversalNode' ? ['uniqueVertices', 'uniqueEdges', 'order', 'weightAttribute'] : ['weightAttribute', 'defaultWeight'];
  const conditions = [
    node['condition'] === undefined ? '' : `FILTER ${expressionText(objectAt(node, 'condition'), noMentions())}`,
    node['expression'] === undefined ? '' : `PRUNE ${expressionText(objectAt(node, 'expression'), noMentions())}`,
  ];
  return [
    textAt(node, 'id'),
    depthText(node),
    listAt(node, 'vertexCollections').map(toText).join(', '),
    listAt(node, 'edgeCollections').map(toText).join(', '),
    shown
      .filter((name) => options[name] !== undefined && options[name] !== '')
      .map((name) => `${name}: ${textAt(options, name)}`)
      .join(', '),
    conditions.filter((condition) => condition !== '').join(', '),
  ];
}

function functionLines({ functions }: Mentions): readonly string[] {
  if (functions.size === 0) return [];
  const rows = [...functions].map(([name, node]) => [
    name,
    String(node['deterministic'] !== false),
    String(node['cacheable'] !== false),
    String(node['usesV8'] === true),
  ]);
  return [
    'Functions used:',
    ...table(
      ['Name', 'Deterministic', 'Cacheable', 'Uses V8'].map((head) => ({ head })),
      rows,
    ),
    '',
  ];
}

function optionLines(plan: ValueObject): readonly string[] {
  const flags = objectsAt(plan, 'nodes').flatMap((node) =>
    node['modificationFlags'] === undefined ? [] : [objectAt(node, 'modificationFlags')],
  );
  const [first] = flags;
  if (first === undefined) return [];
  const rows = Object.entries(first).map(([name, value]) => [name, toText(value)]);
  return ['Write query options:', ...table([{ head: 'Option' }, { head: 'Value' }], rows), ''];
}

function ruleLines(rules: readonly string[]): readonly string[] {
  if (rules.length === 0) return [' none'];
  const entries = rules.map((rule, i) => [String(i + 1), rule]);
  return inColumns([{ head: 'Id', align: 'right' }, { head: 'Rule Name' }], entries);
}

function statisticsLines(stats: ValueObject): readonly string[] {
  const cells: readonly (readonly [head: string, value: string])[] = [
    ['Writes Exec', textAt(stats, 'writesExecuted')],
    ['Writes Ign', textAt(stats, 'writesIgnored')],
    ['Doc. Lookups', textAt(stats, 'documentLookups')],
    ['Scan Full', textAt(stats, 'scannedFull')],
    ['Scan Index', textAt(stats, 'scannedIndex')],
    ['Cache Hits/Misses', `${textAt(stats, 'cacheHits')} / ${textAt(stats, 'cacheMisses')}`],
    ['Filtered', textAt(stats, 'filtered')],
    ...(stats['fullCount'] === undefined ? [] : [['Full Count', textAt(stats, 'fullCount')] as const]),
    ['Peak Mem [b]', textAt(stats, 'peakMemoryUsage')],
    ['Exec Time [s]', seconds(stats['executionTime'])],
  ];
  return [
    'Query Statistics:',
    ...table(
      cells.map(([head]) => ({ head, align: 'right' })),
      [cells.map(([, value]) => value)],
    ),
    '',
  ];
}

function stageLines(profile: ValueObject): readonly string[] {
  const entries = Object.entries(profile).map(([stage, duration]) => [stage, seconds(duration)]);
  return ['Query Profile:', ...inColumns([{ head: 'Query Stage' }, { head: 'Duration [s]', align: 'right' }], entries), ''];
}

function warningLines(warnings: readonly ValueObject[]): readonly string[] {
  if (warnings.length === 0) return [];
  const rows = warnings.map((warning) => [textAt(warning, 'code'), textAt(warning, 'message')]);
  return ['Warnings:', ...table([{ head: 'Code' }, { head: 'Message' }], rows), ''];
}

const seconds = (duration: Value | undefined): string => Number(duration ?? 0).toFixed(5);
