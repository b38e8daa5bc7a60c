/** Loops over what indexes find. */
import type { IndexLookup, IndexNode, MaterializeNode } from '../../plan.ts';
import { ANY, KIND } from '../expressions.ts';
import type { FunctionWriter } from '../function-writer.ts';
import { placeHeld } from '../held-attributes.ts';
import { literal } from '../program.ts';
import {
  batchNames,
  isCountedOnly,
  openCursor,
  openDocuments,
  rowLimit,
  writeCount,
  writeProjections,
  writeRowFilter,
  type DocumentBatch,
} from './documents.ts';

export function writeIndex(writer: FunctionWriter, node: IndexNode, position: number): void {
  const { collection, lookups } = node;
  const [lookup] = lookups;
  if (lookup === undefined) throw new Error('an IndexNode looks something up');
  if (lookup.access.search !== undefined) return writeSearch(writer, node, lookup, position);
  const collectionName = writer.program.constant(collection);
  const isOneAccess = lookups.every(({ access }) => access === lookup.access);
  const isPlain = lookups.length === 1 && lookup.equal.every(({ is }) => is === 'value');
  const key = lookup.equal[0];
  // Whose documents are read late must say which row they are: entries of one range at a time do.
  const isCovering = readsEntries(node);
  const isReadLate = isCovering && node.rowVariable !== undefined;
  if (writer.hasRows && isPlain && !isReadLate && readsRow(lookup)) return writeJoin(writer, node, lookup, position);
  if (isOneAccess && isCountedOnly(writer, node, position)) {
    const ranges = lookups.map((each) => `...${rangesCode(writer, each)}`);
    writeCount(writer, position, `q.countIndex(${writer.program.constant(lookup.access)}, [${ranges.join(', ')}])`);
    return;
  }
  writer.enterSegment();
  if (isPlain && key !== undefined && isKeyAccess(lookup)) {
    const batch = batchNames(writer);
    const keyText = writer.expressions.plain(key.expression).text;
    writer.body.line(`const ${batch.batch} = q.lookupKey(${collectionName}, ${keyText}), ${batch.count} = ${batch.batch}.count;`);
    writer.body.line(noteLookups(node));
    writer.body.line(`q.scannedIndex += ${batch.count};${node.isCovering ? '' : ` q.documentLookups += ${batch.count};`}`);
    openDocuments(writer, node, position, batch);
    return;
  }
  const withoutIds = isCovering && node.rowVariable === undefined ? ', withoutIds: true' : '';
  const options = `, { isScattered: true${withoutIds}${node.isAscending ? '' : ', reverse: true'}${rowLimit(writer, node, position)} }`;
  const cursor = writer.program.name('cursor');
  if (isOneAccess) {
    const ranges = lookups.map((each) => rangesCode(writer, each));
    const all = ranges.length === 1 ? ranges[0] : `[${ranges.map((each) => `...${each}`).join(', ')}]`;
    const access = writer.program.constant(lookup.access);
    const scan = isCovering ? `q.scanCovered(${access}, [${placesOf(node, lookup).join(', ')}]` : `q.transaction.scanIndex(${access}`;
    const wanted = writer.program.name('ranges');
    writer.body.line(`const ${wanted} = ${all};`);
    writer.body.line(noteLookups(node, { cached: `${wanted}.length` }));
    writer.body.line(`const ${cursor} = ${scan}, ${wanted}${options});`);
  } else {
    const each = lookups.map((one) => `[${writer.program.constant(one.access)}, ${rangesCode(writer, one)}]`);
    const wanted = writer.program.name('scans');
    writer.body.line(`const ${wanted} = [${each.join(', ')}];`);
    writer.body.line(noteLookups(node, { cached: `${wanted}.reduce((sum, [, ranges]) => sum + ranges.length, 0)` }));
    writer.body.line(`const ${cursor} = q.scanIndexes(${wanted}${options});`);
  }
  const batch = openCursor(writer, cursor, node.isCovering ? ['scannedIndex'] : ['scannedIndex', 'documentLookups']);
  if (isCovering) openCovered(writer, node, lookup, batch);
  else openDocuments(writer, node, position, batch);
}

/** Documents come from a search; what it is asked may be of the row. */
function writeSearch(writer: FunctionWriter, node: IndexNode, { access, equal, high }: IndexLookup, position: number): void {
  writer.enterSegment();
  const values = equal.map(({ expression }) => writer.expressions.plain(expression).text);
  const limit = high && `{ value: ${writer.expressions.plain(high.expression).text}, isInclusive: ${high.isInclusive} }`;
  const farthest = limit === undefined ? '' : `farthest: ${limit}, `;
  const cursor = writer.program.name('cursor');
  const search = `{ values: [${values.join(', ')}], ${farthest}isSorted: ${node.isSorted} }`;
  writer.body.line(noteLookups(node));
  writer.body.line(`const ${cursor} = q.transaction.searchIndex(${writer.program.constant(access)}, ${search});`);
  openDocuments(writer, node, position, openCursor(writer, cursor, ['scannedIndex', 'documentLookups']));
}

/** Not so of single keys, which are looked for together with their documents, and of vertices that are known from what is looked for. */
function readsEntries({ isCovering, lookups, projections = [] }: IndexNode): boolean {
  if (!isCovering) return false;
  return lookups.every(({ access, equal }) => {
    if (access.index.type === 'edge') return projections.every(({ path }) => placeHeld(access, path) !== -1);
    return access.index.type !== 'primary' || equal.length === 0;
  });
}

/** `cached`: how many values are looked for, which counts where ArangoDB keeps an index in memory. */
function noteLookups(
  { id, lookups }: IndexNode,
  { times = '1', cached = '0' }: { readonly times?: string; readonly cached?: string } = {},
): string {
  const misses = lookups.every(isCached) ? cached : '0';
  return `q.noteLookups(${id}, ${lookups.length}, ${times}, ${misses});`;
}

function isCached({ access: { index, fields }, equal }: IndexLookup): boolean {
  return index.type === 'edge' || (index.type === 'persistent' && index.cacheEnabled && equal.length === fields.length);
}

function readsRow({ equal, low, high }: IndexLookup): boolean {
  const expressions = [...equal, low, high].filter((each) => each !== undefined).map(({ expression }) => expression);
  return expressions.some((expression) => expression.type !== 'constant' && expression.type !== 'parameter');
}

/** The ranges of one lookup, as an array. */
function rangesCode(writer: FunctionWriter, { equal, low, high }: IndexLookup): string {
  const bounds = [
    low && `low: { value: ${writer.expressions.plain(low.expression).text}, isInclusive: ${low.isInclusive} }`,
    high && `high: { value: ${writer.expressions.plain(high.expression).text}, isInclusive: ${high.isInclusive} }`,
  ].filter((bound) => bound !== undefined);
  if (equal.every(({ is }) => is === 'value')) {
    const values = equal.map(({ expression }) => writer.expressions.plain(expression).text);
    return `[{ ${[`equal: [${values.join(', ')}]`, ...bounds].join(', ')} }]`;
  }
  const lists = equal.map(({ is, expression }) => {
    const { text } = writer.expressions.plain(expression);
    return is === 'list' ? text : `[${text}]`;
  });
  return `${writer.program.use('rangesOf')}(q, [${lists.join(', ')}], { ${bounds.join(', ')} })`;
}

/** Rows of the outer loops are gathered and looked up together. */
function writeJoin(writer: FunctionWriter, node: IndexNode, lookup: IndexLookup, position: number): void {
  const probe = writer.program.name('probe');
  const range = rangesCode(writer, lookup).slice(1, -1);
  const { batch, bindings } = writer.batchRows(position, new Map([[probe, range]]), 'growing');
  const access = writer.program.constant(lookup.access);
  const probed = `${batch}.map((row) => row.${probe})`;
  const names = batchNames(writer);
  const { batch: b, count } = names;
  const [i, probes, first] = ['i', 'probes', 'first'].map((prefix) => writer.program.name(prefix)) as [string, string, string];
  const isCovering = readsEntries(node);
  const pieces = isCovering
    ? `${writer.program.use('joinedColumns')}(q, ${access}, [${placesOf(node, lookup).join(', ')}], ${probed})`
    : `${writer.program.use('joinedRows')}(q, ${access}, ${probed})`;
  writer.body.line(noteLookups(node, { times: `${batch}.length`, cached: `${batch}.length` }));
  writer.body.open(`for (const { rows: ${b}, probes: ${probes}, first: ${first} } of ${pieces}) {`);
  writer.body.line(`const ${count} = ${b}.count;`);
  writer.body.line(`q.scannedIndex += ${count};${node.isCovering ? '' : ` q.documentLookups += ${count};`}`);
  const columns = isCovering ? nameColumns(writer, node, lookup, b) : [];
  writer.body.open(`for (let ${i} = 0; ${i} < ${count}; ${i}++) {`);
  writer.body.line(`const row = ${batch}[${first} + ${probes}[${i}]];`);
  writer.rebind(bindings);
  if (isCovering) {
    bindColumns(writer, node, lookup, columns, { batch: b, i });
    return;
  }
  const view = writer.program.use('DocumentView');
  const { name } = node.collection;
  const text = `new ${view}(${writer.program.use('bufferOf')}(${b}, ${i}), ${b}.starts[${i}], ${b}.ends[${i}], ${literal(name)})`;
  writer.declare(node.outVariable, { text, kind: KIND.view });
  writeRowFilter(writer, node);
  writeProjections(writer, node);
}

/** Documents of rows that were found before are read in batches; those of neighbours that are of the same document together. */
export function writeMaterialize(writer: FunctionWriter, node: MaterializeNode, position: number): void {
  const member = writer.program.name('row');
  const { batch, bindings } = writer.batchRows(position, new Map([[member, writer.expressions.variable(node.inVariable).text]]), 'growing');
  const collection = writer.program.constant(node.collection);
  const [found, places, rows] = ['found', 'places', 'rows'].map((prefix) => writer.program.name(prefix)) as [string, string, string];
  const distinct = `${writer.program.use('withoutRepeats')}(${batch}.map((row) => row.${member}))`;
  writer.body.line(`const { ids: ${found}, places: ${places} } = ${distinct};`);
  writer.body.line(`const ${rows} = q.transaction.rows(${collection}, ${found}, { isScattered: true });`);
  writer.body.line(`q.documentLookups += ${found}.length;`);
  const [i, at] = ['i', 'at'].map((prefix) => writer.program.name(prefix)) as [string, string];
  writer.body.open(`for (let ${i} = 0; ${i} < ${batch}.length; ${i}++) {`);
  writer.body.line(`const row = ${batch}[${i}], ${at} = ${places}[${i}];`);
  writer.rebind(bindings);
  const view = writer.program.use('DocumentView');
  const name = literal(node.collection.name);
  const text = `new ${view}(${writer.program.use('bufferOf')}(${rows}, ${at}), ${rows}.starts[${at}], ${rows}.ends[${at}], ${name})`;
  writer.declare(node.outVariable, { text, kind: KIND.view });
}

/** The places of the attributes that are read off entries, ascending. */
function placesOf({ projections = [] }: IndexNode, { access }: IndexLookup): readonly number[] {
  const places = projections.map(({ path }) => placeHeld(access, path));
  return [...new Set(places)].toSorted((left, right) => left - right);
}

/** Rows are what entries hold of the attributes, in columns. */
function openCovered(writer: FunctionWriter, node: IndexNode, lookup: IndexLookup, { batch, count }: DocumentBatch): void {
  const i = writer.program.name('i');
  const columns = nameColumns(writer, node, lookup, batch);
  writer.body.open(`for (let ${i} = 0; ${i} < ${count}; ${i}++) {`);
  bindColumns(writer, node, lookup, columns, { batch, i });
}

interface Column {
  readonly place: number;
  readonly column: string;
}

function nameColumns(writer: FunctionWriter, node: IndexNode, lookup: IndexLookup, batch: string): readonly Column[] {
  const columns = placesOf(node, lookup).map((place) => ({ place, column: writer.program.name('column') }));
  if (columns.length > 0) writer.body.line(`const [${columns.map(({ column }) => column).join(', ')}] = ${batch}.columns;`);
  return columns;
}

/** The document is known by what its entry holds alone. */
function bindColumns(
  writer: FunctionWriter,
  node: IndexNode,
  lookup: IndexLookup,
  columns: readonly Column[],
  { batch, i }: { readonly batch: string; readonly i: string },
): void {
  if (node.rowVariable !== undefined) writer.declare(node.rowVariable, { text: `${batch}.ids[${i}]`, kind: KIND.number });
  const attributes = new Map<string, { readonly text: string; readonly kind: number; readonly isSimple: true }>();
  for (const { place, column } of columns) {
    const name = writer.program.name('v');
    writer.body.line(`const ${name} = ${column}[${i}];`);
    attributes.set(JSON.stringify(lookup.access.held[place]?.steps ?? []), { text: name, kind: ANY, isSimple: true });
  }
  if (node.projections?.some(({ path }) => path[0] === '_id') === true) {
    const key = attributes.get(JSON.stringify(['_key']))!;
    const name = writer.program.name('v');
    writer.body.line(`const ${name} = ${literal(`${node.collection.name}/`)} + ${key.text};`);
    attributes.set(JSON.stringify(['_id']), { text: name, kind: KIND.string, isSimple: true });
  }
  writer.expressions.bindings.set(node.outVariable, { text: '', kind: KIND.view, isSimple: true, attributes });
  writer.rowVariables.add(node.outVariable);
  writeRowFilter(writer, node);
  writeProjections(writer, node);
}

function isKeyAccess({ access, equal }: IndexLookup): boolean {
  return access.index.type === 'primary' && equal.length === 1 && access.fields[0]?.text === '_key';
}
