/** Loops over documents: of whole collections, and what all loops over documents have in common. */
import type { Variable } from '../../bound-query.ts';
import { attributePathOf, operandsOf, reference, type Expression } from '../../expression.ts';
import {
  expressionsOf,
  variablesReadBy,
  variablesReadByAll,
  type EnumerateCollectionNode,
  type Enumeration,
  type IndexNode,
} from '../../plan.ts';
import { KIND } from '../expressions.ts';
import { keepsRows, type FunctionWriter } from '../function-writer.ts';
import { literal } from '../program.ts';

type Statistic = 'scannedFull' | 'scannedIndex' | 'documentLookups';

/** The names of a batch of documents and of its length. */
export interface DocumentBatch {
  readonly batch: string;
  readonly count: string;
}

export function writeScan(writer: FunctionWriter, node: EnumerateCollectionNode, position: number): void {
  const { collection, isRandom } = node;
  if (isCountedOnly(writer, node, position)) {
    writeCount(writer, position, `q.transaction.count(${writer.program.constant(collection)})`);
    return;
  }
  writer.enterSegment();
  const collectionName = writer.program.constant(collection);
  const cursor = writer.program.name('cursor');
  const scan = isRandom
    ? `q.sample(${collectionName})`
    : `q.transaction.scan(${collectionName}, { isScattered: true${rowLimit(writer, node, position)} })`;
  writer.body.line(`const ${cursor} = ${scan};`);
  openDocuments(writer, node, position, openCursor(writer, cursor, ['scannedFull']));
}

/** How many rows are enough, as a further option of a scan, where a LIMIT sees each of its documents; or that all are wanted. */
export function rowLimit(writer: FunctionWriter, { filter }: EnumerateCollectionNode | IndexNode, position: number): string {
  if (!writer.hasLimitAfter(position)) return ', isWhole: true';
  if (filter !== undefined) return '';
  const next = writer.nodes.slice(position + 1).find(({ type }) => type !== 'CalculationNode');
  if (next?.type !== 'LimitNode' || next.fullCount) return '';
  const [offset, count] = [next.offset, next.count].map((expression) => writer.expressions.compile(expression).text);
  return `, limit: ${writer.program.use('rowsUpTo')}(${offset}, ${count})`;
}

/** `FOR x IN c COLLECT WITH COUNT INTO n`: the number is known without reading. */
export function isCountedOnly(writer: FunctionWriter, node: EnumerateCollectionNode | IndexNode, position: number): boolean {
  const next = writer.nodes[position + 1];
  if (node.filter !== undefined || writer.hasRows || next?.type !== 'CollectNode') return false;
  if (next.groups.length > 0 || next.into !== undefined) return false;
  return next.aggregates.every(({ function: name, inVariable }) => name === 'LENGTH' && inVariable === undefined);
}

/** In place of the loop at a position and of the COLLECT after it. */
export function writeCount(writer: FunctionWriter, position: number, count: string): void {
  const next = writer.nodes[position + 1];
  if (next?.type !== 'CollectNode') throw new Error('what counts is a CollectNode');
  for (const { outVariable } of next.aggregates) writer.declare(outVariable, { text: count, kind: KIND.number });
  writer.skipped.add(next);
}

/** Loops over the batches of a cursor. */
export function openCursor(writer: FunctionWriter, cursor: string, statistics: readonly Statistic[]): DocumentBatch {
  const names = batchNames(writer);
  const { batch, count } = names;
  writer.body.open('try {', `} finally { ${cursor}.close(); }`);
  writer.body.open(`for (let ${batch}; (${batch} = ${cursor}.next()) !== undefined; ) {`);
  writer.body.line(`const ${count} = ${batch}.count;`);
  writer.body.line(`q.check(); ${statistics.map((statistic) => `q.${statistic} += ${count};`).join(' ')}`);
  return names;
}

export function batchNames(writer: FunctionWriter): DocumentBatch {
  return { batch: writer.program.name('b'), count: writer.program.name('n') };
}

/** Loops over the rows of a batch, which are documents. */
export function openDocuments(
  writer: FunctionWriter,
  node: EnumerateCollectionNode | IndexNode,
  position: number,
  { batch, count }: DocumentBatch,
): void {
  const { outVariable: variable, collection, filter, projections = [] } = node;
  const [buffer, buffers, starts, ends, i] = ['d', 'o', 's', 'e', 'i'].map((prefix) => writer.program.name(prefix));
  writer.body.line(`const { buffer: ${buffer}, buffers: ${buffers}, starts: ${starts}, ends: ${ends} } = ${batch};`);
  const row = `${buffers} === undefined ? ${buffer} : ${buffers}[${i}], ${starts}[${i}], ${ends}[${i}]`;
  const view = writer.program.use('DocumentView');
  const name = literal(collection.name);
  const isKept = writer.readers.has(variable) && !isReadInPassing(writer, variable, position);
  const isLookedAt = filter !== undefined || writer.readers.has(variable) || projections.some((each) => each.variable !== undefined);
  if (!isLookedAt) {
    writer.body.open(`for (let ${i} = 0; ${i} < ${count}; ${i}++) {`);
    return;
  }
  if (isKept && filter === undefined) {
    writer.body.open(`for (let ${i} = 0; ${i} < ${count}; ${i}++) {`);
    writer.declare(variable, { text: `new ${view}(${row}, ${name})`, kind: KIND.view });
  } else {
    const moving = writer.program.name('w');
    writer.slot.line(`const ${moving} = new ${view}(new Uint8Array(0), 0, 0, ${name});`);
    writer.body.open(`for (let ${i} = 0; ${i} < ${count}; ${i}++) {`);
    writer.body.line(`${moving}.moveTo(${row});`);
    writer.bind(variable, moving, KIND.view);
    writeRowFilter(writer, node);
    if (isKept) writer.declare(variable, { text: `${moving}.clone()`, kind: KIND.view });
  }
  writeProjections(writer, node);
}

/** Whether nobody keeps the document: only attributes are read, or it is written out, before rows are kept anywhere. */
function isReadInPassing(writer: FunctionWriter, variable: Variable, position: number): boolean {
  for (const [i, node] of writer.nodes.entries()) {
    if (i <= position) continue;
    if (keepsRows(node)) return !variablesReadByAll(writer.nodes.slice(i)).has(variable);
    if (!variablesReadBy(node).has(variable)) continue;
    if (node.type === 'ReturnNode') return writer.sink !== 'array';
    if (writer.sink !== 'array' && node.type === 'CalculationNode' && writer.nodes[i + 1]?.type === 'ReturnNode') continue;
    if (node.type !== 'CalculationNode' && node.type !== 'EnumerateCollectionNode' && node.type !== 'EnumerateListNode') return false;
    if (!expressionsOf(node).every((expression) => readsAttributesOnly(expression, variable))) return false;
  }
  return true;
}

export function writeRowFilter(
  writer: FunctionWriter,
  { id, filter }: { readonly id: number; readonly filter?: Expression | undefined },
): void {
  if (filter === undefined) return;
  const note = writer.program.isProfiled ? ` q.profile.reject(${id});` : '';
  writer.body.open(`if (${writer.expressions.condition(filter)}) {`, `} else { q.filtered++;${note} }`);
}

/** Attributes that have variables of their own. */
export function writeProjections(writer: FunctionWriter, { outVariable, projections = [] }: Enumeration): void {
  for (const { path, variable } of projections) {
    if (variable === undefined) continue;
    const attribute = path.reduce<Expression>((object, name) => ({ type: 'attribute', object, name }), reference(outVariable));
    writer.declare(variable, writer.expressions.compile(attribute));
  }
}

/** The value of the expression does not hold on to the document. */
function readsAttributesOnly(expression: Expression, variable: Variable): boolean {
  const chain = attributePathOf(expression);
  if (chain !== undefined) return chain.variable !== variable || chain.path.length > 0;
  return operandsOf(expression).every((operand) => readsAttributesOnly(operand, variable));
}
