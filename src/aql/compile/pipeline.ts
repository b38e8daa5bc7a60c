/**
 * Pipelines to JavaScript. Nested loops become nested loops: the nodes of a pipeline are written into one function, one inside the
 * other, so a row is a set of local variables and not an object.
 */
import type { Variable } from '../bound-query.ts';
import { variablesReadByAll, type ExecutionNode, type Pipeline, type SubqueryNode } from '../plan.ts';
import { captureVariables, KIND, type Binding, type ParameterSlots } from './expressions.ts';
import { FunctionWriter, type PipelineFunction, type Sink } from './function-writer.ts';
import { writeCollect, writeWindow } from './nodes/collect.ts';
import { writeScan } from './nodes/documents.ts';
import { writePaths, writeShortestPath, writeTraversal } from './nodes/graph.ts';
import { writeIndex, writeMaterialize } from './nodes/index-lookup.ts';
import { writeCalculation, writeList } from './nodes/list.ts';
import { isBeforeUpsert, modifiesWhatIsRead, writeModification, writeUpsert } from './nodes/modification.ts';
import { writeReturn } from './nodes/result.ts';
import { writeLimit, writeSort } from './nodes/sort.ts';
import type { Program } from './program.ts';

/** Adds the function of a pipeline to the program. `inputs` are the names of its parameters after `q`. */
export function compilePipeline(
  program: Program,
  parameters: ParameterSlots,
  nodes: Pipeline,
  sink: Sink,
  inputs: readonly string[] = [],
  bindings: Map<Variable, Binding> = new Map(),
): PipelineFunction {
  const writer = new FunctionWriter(program, parameters, nodes, sink, inputs, bindings);
  for (const [position, node] of nodes.entries()) writeNode(writer, node, position);
  return writer.finish();
}

function writeNoRows(writer: FunctionWriter): void {
  writer.enterSegment();
  writer.body.open('if (false) {');
}

function writeNode(writer: FunctionWriter, node: ExecutionNode, position: number): void {
  if (writer.program.isProfiled) writer.body.line(`q.profile.at(${node.id});`);
  switch (node.type) {
    case 'SingletonNode':
      // What comes before the end of all rows need not run.
      if (writer.nodes.some(({ type }) => type === 'NoResultsNode')) writeNoRows(writer);
      return;
    case 'NoResultsNode':
      // A COLLECT before it makes a row of none.
      return writeNoRows(writer);
    case 'CalculationNode':
      return writeCalculation(writer, node.outVariable, node.expression, position);
    case 'FilterNode':
      writer.enterSegment();
      writer.body.open(`if (${writer.expressions.condition(writer.expressionOf(node.inVariable))}) {`, '} else q.filtered++;');
      return;
    case 'EnumerateListNode':
      return writeList(writer, node);
    case 'EnumerateCollectionNode':
      return writeScan(writer, node, position);
    case 'IndexNode':
      return writeIndex(writer, node, position);
    case 'MaterializeNode':
      return writeMaterialize(writer, node, position);
    case 'SubqueryNode':
      return writeSubquery(writer, node, position);
    case 'SortNode':
      return writeSort(writer, node, position);
    case 'LimitNode':
      return writeLimit(writer, node);
    case 'CollectNode':
      return writeCollect(writer, node);
    case 'WindowNode':
      return writeWindow(writer, node, position);
    case 'ReturnNode':
      return writeReturn(writer, node.inVariable);
    case 'InsertNode':
    case 'UpdateNode':
    case 'ReplaceNode':
    case 'RemoveNode':
      return writeModification(writer, node, position);
    case 'UpsertNode':
      return writeUpsert(writer, node, position);
    case 'TraversalNode':
      return writeTraversal(writer, node, position);
    case 'ShortestPathNode':
      return writeShortestPath(writer, node);
    case 'EnumeratePathsNode':
      return writePaths(writer, node, position);
  }
}

function writeSubquery(writer: FunctionWriter, node: SubqueryNode, position: number): void {
  if (modifiesWhatIsRead(writer, node, position) || isBeforeUpsert(writer, node, position)) writer.materialize(position - 1);
  const captured = captureVariables(writer.expressions, variablesReadByAll(node.nodes));
  const inner = compilePipeline(writer.program, writer.parameters, node.nodes, 'array', captured.names, captured.bindings);
  const kind = KIND.array | (inner.resultKind & (KIND.view | KIND.views) ? KIND.views : 0);
  writer.declare(node.outVariable, { text: `${inner.name}(${['q', ...captured.values].join(', ')})`, kind });
  writer.hold(node.outVariable);
}
