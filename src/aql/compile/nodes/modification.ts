/** Writing: rows are gathered to batches, and what comes out of them goes on. */
import { isModification, someNode, type ExecutionNode, type ModificationNode, type SubqueryNode } from '../../plan.ts';
import { KIND } from '../expressions.ts';
import type { FunctionWriter } from '../function-writer.ts';
import type { RunOptions } from '../modify.ts';

export function writeModification(
  writer: FunctionWriter,
  node: Exclude<ModificationNode, { readonly type: 'UpsertNode' }>,
  position: number,
): void {
  if (modifiesWhatIsRead(writer, node, position)) writer.materialize(position - 1);
  const given = node.type === 'InsertNode' || node.type === 'RemoveNode' ? [node.inVariable] : [node.inKeyVariable, node.inDocVariable];
  const [collection, options] = [writer.program.constant(node.collection), writer.program.constant(runOptions(writer, node, position))];
  const call = writer.program.use(
    ({ InsertNode: 'insertRows', UpdateNode: 'updateRows', ReplaceNode: 'replaceRows', RemoveNode: 'removeRows' } as const)[node.type],
  );
  const outcome = writer.program.name('outcome');
  if (!writer.hasRows) {
    const inputs = given.map((variable) => (variable === undefined ? 'undefined' : `[${writer.expressions.variable(variable).text}]`));
    writer.enterSegment();
    writer.body.line(`const ${outcome} = ${call}(q, ${collection}, ${inputs.join(', ')}, ${options})[0];`);
  } else {
    const members = new Map<string, string>();
    const inputs = given.map((variable) => {
      if (variable === undefined) return 'undefined';
      const member = writer.program.name('m');
      members.set(member, writer.expressions.variable(variable).text);
      return member;
    });
    const { batch, bindings } = writer.batchRows(position, members, 'full');
    const columns = inputs.map((member) => (member === 'undefined' ? member : `${batch}.map((row) => row.${member})`));
    const outcomes = writer.program.name('outcomes');
    const i = writer.program.name('i');
    writer.body.line(`const ${outcomes} = ${call}(q, ${collection}, ${columns.join(', ')}, ${options});`);
    writer.body.open(`for (let ${i} = 0; ${i} < ${batch}.length; ${i}++) {`);
    writer.body.line(`const row = ${batch}[${i}], ${outcome} = ${outcomes}[${i}];`);
    writer.rebind(bindings);
  }
  writeOutcome(writer, node, outcome, position);
}

export function writeUpsert(writer: FunctionWriter, node: ModificationNode & { readonly type: 'UpsertNode' }, position: number): void {
  const inputs = [node.inDocVariable, node.insertVariable, node.updateVariable].map(
    (variable) => writer.expressions.variable(variable).text,
  );
  const [collection, options] = [writer.program.constant(node.collection), writer.program.constant(runOptions(writer, node, position))];
  writer.enterSegment();
  const outcome = writer.program.name('outcome');
  const call = `${writer.program.use('upsertRow')}(q, ${collection}, ${inputs.join(', ')}, ${options}, ${node.isReplace})`;
  writer.body.line(`const ${outcome} = ${call};`);
  writeOutcome(writer, node, outcome, position);
}

function runOptions(writer: FunctionWriter, node: ModificationNode, position: number): RunOptions {
  const trace = writer.nodes.slice(position).map(({ id, type }) => `[node #${id}: ${type}]`);
  return { ...node.options, trace: trace.join(' ') };
}

/** Rows whose write failed, and was to be ignored, do not go on. A LIMIT after it must not stop the writing. */
function writeOutcome(writer: FunctionWriter, node: ModificationNode, outcome: string, position: number): void {
  writer.body.open(`if (${outcome}.is !== "failed") {`);
  const document = KIND.view | KIND.null;
  if (node.outVariableOld !== undefined) writer.declare(node.outVariableOld, { text: `${outcome}.old ?? null`, kind: document });
  if (node.outVariableNew !== undefined) writer.declare(node.outVariableNew, { text: `${outcome}.new ?? null`, kind: document });
  if (writer.nodes.slice(position + 1).some(({ type }) => type === 'LimitNode')) writer.materialize(position);
}

/** An UPSERT whose rows come from the collection that it writes. */
export function isBeforeUpsert(writer: FunctionWriter, node: SubqueryNode, position: number): boolean {
  if (node.isUpsertLookup !== true) return false;
  const upsert = writer.nodes.slice(position).find(({ type }) => type === 'UpsertNode');
  return upsert !== undefined && modifiesWhatIsRead(writer, upsert, position);
}

export function modifiesWhatIsRead(writer: FunctionWriter, node: ExecutionNode, position: number): boolean {
  const written = new Set<number>();
  someNode([node], (each) => {
    if (isModification(each)) written.add(each.collection.id);
    return false;
  });
  return writer.hasRows && written.size > 0 && writer.nodes.slice(0, position).some((each) => readsCollection(each, written));
}

function readsCollection(node: ExecutionNode, ids: ReadonlySet<number>): boolean {
  return someNode([node], (each) => {
    switch (each.type) {
      case 'EnumerateCollectionNode':
      case 'IndexNode':
        return ids.has(each.collection.id);
      case 'TraversalNode':
      case 'ShortestPathNode':
      case 'EnumeratePathsNode':
        return true;
      default:
        return false;
    }
  });
}
