/** SORT and LIMIT. */
import type { LimitNode, SortNode } from '../../plan.ts';
import type { Binding } from '../expressions.ts';
import type { FunctionWriter } from '../function-writer.ts';
import { Body } from '../program.ts';

export function writeSort(writer: FunctionWriter, node: SortNode, position: number): void {
  const { elements, limit } = node;
  const live = new Set([...writer.liveAfter(position), ...elements.map(({ variable }) => variable)]);
  const rowVariables = [...live].filter((variable) => writer.rowVariables.has(variable));
  const keys = elements.filter(({ variable }) => writer.rowVariables.has(variable));
  writer.enterSegment();
  const rows = writer.program.name('rows');
  const { members, bindings, size } = writer.rowMembers(rowVariables);
  const compare = comparator(
    writer,
    keys.map(({ variable, isAscending }) => ({ binding: bindings.get(variable), isAscending })),
  );
  if (limit === undefined) {
    writer.slot.line(`const ${rows} = [];`);
    writer.body.line(`${rows}.push({ ${members.join(', ')} }); q.charge(${size});`);
    writer.leaveSegment();
    writer.body.line(`q.check(); ${rows}.sort(${compare});`);
    writer.openRows(`of ${rows}`, bindings);
    return;
  }
  const count = `${writer.program.use('limitCount')}(${writer.expressions.compile(limit).text})`;
  writer.slot.line(`const ${rows} = new ${writer.program.use('TopRows')}(${count}, ${compare}, q);`);
  const row = writer.program.name('row');
  writer.body.line(`const ${row} = { ${members.join(', ')} };`);
  writer.body.line(`if (${rows}.wants(${row})) ${rows}.push(${row}, ${size});`);
  writer.leaveSegment();
  writer.openRows(`of ${rows}.finish()`, bindings);
}

/** A function of the program that compares two kept rows. */
function comparator(
  writer: FunctionWriter,
  keys: readonly { readonly binding: Binding | undefined; readonly isAscending: boolean }[],
): string {
  const name = writer.program.name('compare');
  const body = new Body();
  if (keys.length > 0) body.line('let l, r, order;');
  for (const { binding, isAscending } of keys) {
    const member = (binding?.text ?? '').slice('row'.length);
    const [first, second] = isAscending ? ['left', 'right'] : ['right', 'left'];
    const slow = writer.program.use('compareValues');
    body.line(`l = ${first}${member}; r = ${second}${member};`);
    body.line(`order = typeof l === "number" && typeof r === "number" ? l - r : ${slow}(l, r);`);
    body.line('if (order !== 0) return order;');
  }
  body.line('return 0;');
  writer.program.add(`function ${name}(left, right) {\n${body.text}\n}`);
  return name;
}

export function writeLimit(writer: FunctionWriter, { offset, count, fullCount }: LimitNode): void {
  writer.enterSegment();
  const [seen, start, end] = [writer.program.name('seen'), writer.program.name('start'), writer.program.name('end')];
  const from = `${writer.program.use('limitOffset')}(${writer.expressions.compile(offset).text})`;
  const length = `${writer.program.use('limitCount')}(${writer.expressions.compile(count).text})`;
  writer.slot.line(`const ${start} = ${from}, ${end} = ${start} + ${length};`);
  writer.slot.line(`let ${seen} = 0;`);
  if (fullCount) {
    writer.slot.line('q.fullCount = 0;');
    writer.body.line(`q.fullCount = ++${seen};`);
    writer.body.open(`if (${seen} > ${start} && ${seen} <= ${end}) {`);
    return;
  }
  writer.body.open(`if (++${seen} > ${start} && ${seen} <= ${end}) {`, `} if (${seen} >= ${end}) ${writer.leaving}`);
}
