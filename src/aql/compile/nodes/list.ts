/** Calculations and loops over lists. */
import type { Variable } from '../../bound-query.ts';
import type { Expression } from '../../expression.ts';
import { variablesReadBy, type EnumerateListNode, type ExecutionNode } from '../../plan.ts';
import { ANY, KIND } from '../expressions.ts';
import { keepsRows, type FunctionWriter } from '../function-writer.ts';
import { writeRowFilter } from './documents.ts';

export function writeCalculation(writer: FunctionWriter, variable: Variable, expression: Expression, position: number): void {
  const readers = writer.nodes.filter((node) => variablesReadBy(node).has(variable));
  const [reader] = readers;
  // What is written elsewhere could not be timed.
  if (!writer.program.isProfiled && readers.length === 1 && writer.nodes[position + 1] === reader && readsOnce(reader, variable)) {
    writer.deferred.set(variable, expression);
    return;
  }
  if (expression.type === 'binary' && expression.operator === '..' && readers.length === 1 && reader?.type === 'EnumerateListNode') {
    const isNear = writer.nodes.slice(position + 1, writer.nodes.indexOf(reader)).every((node) => !keepsRows(node));
    if (isNear && reader.inVariable === variable) return writeRange(writer, variable, expression.left, expression.right);
  }
  if (expression.type === 'constant') {
    const code = writer.expressions.compile(expression);
    writer.expressions.bindings.set(variable, { ...code, isSimple: true, isGlobal: true });
    return;
  }
  writer.declare(variable, writer.expressions.compile(expression));
  if (makesValues(expression)) writer.hold(variable);
}

/** Whether it makes a value that was not there before, as large as may be. */
function makesValues({ type }: Expression): boolean {
  return type === 'call' || type === 'user call' || type === 'expansion' || type === 'binary' || type === 'ternary';
}

/** A reader that evaluates what it reads exactly once for each row. */
function readsOnce(reader: ExecutionNode | undefined, variable: Variable): reader is ExecutionNode {
  return (reader?.type === 'FilterNode' || reader?.type === 'ReturnNode') && reader.inVariable === variable;
}

function writeRange(writer: FunctionWriter, variable: Variable, left: Expression, right: Expression): void {
  const bound = writer.program.use('rangeBound');
  const [from, to] = [writer.program.name('from'), writer.program.name('to')];
  writer.body.line(
    `const ${from} = ${bound}(${writer.expressions.compile(left).text}), ${to} = ${bound}(${writer.expressions.compile(right).text});`,
  );
  writer.ranges.set(variable, { from, to });
}

export function writeList(writer: FunctionWriter, node: EnumerateListNode): void {
  const range = writer.ranges.get(node.inVariable);
  const list = range === undefined ? writer.expressions.variable(node.inVariable) : undefined;
  writer.enterSegment();
  const i = writer.program.name('i');
  const item = writer.program.name('v');
  if (range !== undefined) {
    const step = writer.program.name('step');
    writer.body.line(`const ${step} = ${range.from} <= ${range.to} ? 1 : -1;`);
    writer.body.open(`for (let ${i} = ${range.from}; ${step} > 0 ? ${i} <= ${range.to} : ${i} >= ${range.to}; ${i} += ${step}) {`);
    writer.body.line(`if ((${i} & 1023) === 0) q.check();`);
    writer.bind(node.outVariable, i, KIND.number);
  } else if (list !== undefined) {
    const name = writer.program.name('list');
    writer.body.line(`const ${name} = ${writer.program.use('listOf')}(${list.text});`);
    writer.body.open(`for (let ${i} = 0; ${i} < ${name}.length; ${i}++) {`);
    writer.body.line(`if ((${i} & 1023) === 1023) q.check();`);
    writer.body.line(`const ${item} = ${name}[${i}];`);
    writer.bind(node.outVariable, item, ANY | (list.kind & KIND.views ? KIND.view : 0));
  }
  writeRowFilter(writer, node);
}
