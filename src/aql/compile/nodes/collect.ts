/** COLLECT and WINDOW: rows become groups, or get what the rows around them come to. */
import type { Variable } from '../../bound-query.ts';
import { reference } from '../../expression.ts';
import type { Aggregate, CollectNode, WindowNode } from '../../plan.ts';
import { aggregateCode, type AggregateCode } from '../aggregate-code.ts';
import { ANY, KIND, memberName } from '../expressions.ts';
import type { FunctionWriter } from '../function-writer.ts';

export function writeCollect(writer: FunctionWriter, node: CollectNode): void {
  if (writer.skipped.has(node)) return;
  switch (node.method) {
    case 'distinct':
      return writeDistinct(writer, node);
    case 'sorted':
      return writeSortedCollect(writer, node);
    case 'hash':
    case 'count':
      return node.groups.length === 0 ? writeWholeCollect(writer, node) : writeHashCollect(writer, node);
  }
}

/** Rows go on one by one as they are first seen. */
function writeDistinct(writer: FunctionWriter, { groups }: CollectNode): void {
  const [group] = groups;
  if (group === undefined) throw new Error('DISTINCT looks at one value');
  writer.enterSegment();
  const set = writer.program.name('seen');
  writer.slot.line(`const ${set} = new Set();`);
  const code = writer.expressions.plain(writer.expressionOf(group.inVariable));
  const [name, key] = [writer.program.name('v'), writer.program.name('k')];
  writer.body.line(`const ${name} = ${code.text}, ${key} = ${writer.program.use('groupKey')}(${name});`);
  writer.body.open(`if (!${set}.has(${key})) {`);
  writer.body.line(`${set}.add(${key}); q.charge(${writer.program.use('sizeOf')}(${key}));`);
  writer.bind(group.outVariable, name, code.kind);
}

/** One group of all rows, also of none. */
function writeWholeCollect(writer: FunctionWriter, node: CollectNode): void {
  writer.enterSegment();
  const group = writer.program.name('group');
  const contents = contentsOf(writer, node, group);
  writer.slot.line(`const ${group} = { ${contents.initial.join(', ')} };`);
  for (const line of contents.update) writer.body.line(line);
  writer.leaveSegment();
  bindGroup(writer, node, contents, group, []);
}

function writeHashCollect(writer: FunctionWriter, node: CollectNode): void {
  writer.enterSegment();
  const [map, groups, group] = [writer.program.name('map'), writer.program.name('groups'), writer.program.name('group')];
  writer.slot.line(`const ${map} = new Map(), ${groups} = [];`);
  const keys = node.groups.map(({ inVariable }) => writer.expressions.toPlain(writer.expressions.variable(inVariable)));
  const names = keys.map(({ text, isSimple }) => {
    if (isSimple) return text;
    const name = writer.program.name('k');
    writer.body.line(`const ${name} = ${text};`);
    return name;
  });
  const last = writer.program.name('k');
  writer.body.line(`const ${last} = ${writer.program.use('groupKey')}(${names.at(-1) ?? 'null'});`);
  const level = names.slice(0, -1).reduce((outer, name) => `${writer.program.use('levelOf')}(${outer}, ${name})`, map);
  const leaf = names.length === 1 ? map : writer.program.name('level');
  if (names.length > 1) writer.body.line(`const ${leaf} = ${level};`);
  const contents = contentsOf(writer, node, group);
  const members = names.map((name, i) => `k${i}: ${name}`);
  writer.body.line(`let ${group} = ${leaf}.get(${last});`);
  writer.body.open(`if (${group} === undefined) {`);
  writer.body.line(`${leaf}.set(${last}, ${group} = { ${[...members, ...contents.initial].join(', ')} });`);
  keepGroups(writer, node, { groups, group, names, contents, kinds: keys.map(({ kind }) => kind) });
}

/** Rows come in the order of the keys: a group ends where a key changes. */
function writeSortedCollect(writer: FunctionWriter, node: CollectNode): void {
  writer.enterSegment();
  const [groups, group] = [writer.program.name('groups'), writer.program.name('group')];
  writer.slot.line(`const ${groups} = []; let ${group};`);
  const keys = node.groups.map(({ inVariable }) => writer.expressions.toPlain(writer.expressions.variable(inVariable)));
  const names = keys.map(({ text }) => {
    const name = writer.program.name('k');
    writer.body.line(`const ${name} = ${text};`);
    return name;
  });
  const contents = contentsOf(writer, node, group);
  const differs = names.map((name, i) => `!${writer.program.use('equalValues')}(${name}, ${group}.k${i})`);
  writer.body.open(`if (${[`${group} === undefined`, ...differs].join(' || ')}) {`);
  writer.body.line(`${group} = { ${[...names.map((name, i) => `k${i}: ${name}`), ...contents.initial].join(', ')} };`);
  keepGroups(writer, node, { groups, group, names, contents, kinds: keys.map(({ kind }) => kind) });
}

interface OpenedGroup {
  readonly groups: string;
  readonly group: string;
  readonly names: readonly string[];
  readonly contents: ReturnType<typeof contentsOf>;
  readonly kinds: readonly number[];
}

/** The end of a group's beginning, which was opened; what each row adds to its group; and then, when all rows were seen, group by group. */
function keepGroups(writer: FunctionWriter, node: CollectNode, { groups, group, names, contents, kinds }: OpenedGroup): void {
  const sizes = names.map((name) => `${writer.program.use('sizeOf')}(${name})`);
  writer.body.line(`${groups}.push(${group}); q.charge(${[`${64 + 16 * contents.initial.length}`, ...sizes].join(' + ')});`);
  writer.body.close(writer.body.depth - 1);
  for (const line of contents.update) writer.body.line(line);
  writer.leaveSegment();
  writer.enterSegment();
  writer.body.open(`for (const ${group} of ${groups}) {`);
  bindGroup(writer, node, contents, group, kinds);
}

/** What a group holds beside its keys. */
function contentsOf(writer: FunctionWriter, node: CollectNode, group: string) {
  const aggregates = node.aggregates.map((aggregate, i) => aggregateOf(writer, aggregate, `${group}.a${i}`, `a${i}`));
  const initial = aggregates.flatMap((each) => each.initial);
  const update = aggregates.flatMap((each) => each.update);
  const { into } = node;
  if (into !== undefined) {
    initial.push('into: []');
    const element = writer.program.name('element');
    const code =
      into.expressionVariable === undefined
        ? `{ ${into.keep.map((variable) => `${memberName(variable.name)}: ${writer.expressions.plain(reference(variable)).text}`).join(', ')} }`
        : writer.expressions.plain(reference(into.expressionVariable)).text;
    update.push(`const ${element} = ${code}; ${group}.into.push(${element}); q.charge(${writer.program.use('sizeOf')}(${element}));`);
  }
  return { aggregates, initial, update };
}

function aggregateOf(writer: FunctionWriter, { function: name, inVariable }: Aggregate, slot: string, member: string): AggregateCode {
  const input = inVariable === undefined ? undefined : writer.expressions.plain(reference(inVariable));
  return aggregateCode(writer.program, name, input, slot, member);
}

function bindGroup(
  writer: FunctionWriter,
  node: CollectNode,
  { aggregates }: { readonly aggregates: readonly AggregateCode[] },
  group: string,
  keyKinds: readonly number[],
): void {
  writer.rowVariables.clear();
  for (const [i, { outVariable }] of node.groups.entries())
    writer.declare(outVariable, { text: `${group}.k${i}`, kind: keyKinds[i] ?? ANY });
  for (const [i, { outVariable }] of node.aggregates.entries()) {
    const result = aggregates[i]?.result;
    if (result !== undefined) writer.declare(outVariable, result);
  }
  if (node.into !== undefined) writer.declare(node.into.outVariable, { text: `${group}.into`, kind: KIND.array });
}

export function writeWindow(writer: FunctionWriter, node: WindowNode, position: number): void {
  const inputs = node.aggregates.map(({ inVariable }) => inVariable);
  const live = new Set([...writer.liveAfter(position), ...inputs.filter((variable) => variable !== undefined)]);
  if (node.rangeVariable !== undefined) live.add(node.rangeVariable);
  const stored = writer.storeRow(
    [...live].filter((variable) => writer.rowVariables.has(variable)),
    'rows',
  );
  writer.leaveSegment();
  const read = (variable: Variable | undefined): string => {
    if (variable === undefined) return 'undefined';
    const text = stored.bindings.get(variable)?.text ?? writer.expressions.variable(variable).text;
    return `(row) => ${writer.program.use('plain')}(${text})`;
  };
  const windows = writer.program.name('windows');
  const columns = node.aggregates.map(({ function: name, inVariable }) => `[${JSON.stringify(name)}, ${read(inVariable)}]`);
  const bounds = [node.bounds.preceding, node.bounds.following].map((bound) => writer.expressions.plain(bound).text);
  const inputsText = ['q', stored.name, ...bounds, read(node.rangeVariable), `[${columns.join(', ')}]`];
  writer.body.line(`const ${windows} = ${writer.program.use('windowRows')}(${inputsText.join(', ')});`);
  writer.enterSegment();
  const i = writer.program.name('i');
  writer.body.open(`for (let ${i} = 0; ${i} < ${stored.name}.length; ${i}++) {`);
  writer.body.line(`const row = ${stored.name}[${i}];`);
  writer.rebind(stored.bindings);
  for (const [column, { outVariable }] of node.aggregates.entries()) {
    writer.declare(outVariable, { text: `${windows}[${column}][${i}]`, kind: ANY });
  }
}
