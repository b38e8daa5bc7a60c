/**
 * Pipelines to JavaScript. Nested loops become nested loops: the nodes of a pipeline are written into one function, one inside the
 * other, so a row is a set of local variables and not an object.
 *
 * Where all rows must be there before the first goes on (SORT, COLLECT) the loops are closed and another begins; the code between two
 * such places is a *segment*. Where rows go on in batches (a join through an index, writing) what was written so far becomes a
 * generator of batches, and the function begins anew with a loop over it.
 */
import type { Variable } from '../bound-query.ts';
import { attributePathOf, operandsOf, reference, variablesOf, type Expression } from '../expression.ts';
import {
  countReaders,
  expressionsOf,
  isModification,
  mapExpressions,
  someNode,
  variablesReadBy,
  variablesReadByAll,
  type Aggregate,
  type CollectNode,
  type EnumerateCollectionNode,
  type EnumerateListNode,
  type EnumeratePathsNode,
  type Enumeration,
  type ExecutionNode,
  type IndexLookup,
  type IndexNode,
  type LimitNode,
  type ModificationNode,
  type Pipeline,
  type ShortestPathNode,
  type SortNode,
  type SubqueryNode,
  type TraversalNode,
  type WindowNode,
} from '../plan.ts';
import { aggregateCode, type AggregateCode } from './aggregate-code.ts';
import {
  ANY,
  captureVariables,
  ExpressionCompiler,
  KIND,
  memberName,
  PRIMITIVE,
  type Binding,
  type Code,
  type ParameterSlots,
} from './expressions.ts';
import { jsonText } from './json.ts';
import { Body, literal, type Program } from './program.ts';

/** Where the rows of a pipeline go. */
export type Sink = 'values' | 'json' | 'array';

/** Rows that wait for a batch to be full; the first batches are small, so that a LIMIT reads little. */
const FIRST_BATCH = 16;
const FULL_BATCH = 1000;

export interface PipelineFunction {
  readonly name: string;
  /** The kind of value that RETURN gives. */
  readonly resultKind: number;
}

/** Adds the function of a pipeline to the program. `inputs` are the names of its parameters after `q`. */
export function compilePipeline(
  program: Program,
  parameters: ParameterSlots,
  nodes: Pipeline,
  sink: Sink,
  inputs: readonly string[] = [],
  bindings: Map<Variable, Binding> = new Map(),
): PipelineFunction {
  return new PipelineCompiler(program, parameters, nodes, sink, inputs, bindings).compile();
}

class PipelineCompiler {
  readonly #program: Program;
  readonly #parameters: ParameterSlots;
  readonly #nodes: Pipeline;
  readonly #sink: Sink;
  readonly #inputs: readonly string[];
  readonly #name: string;
  readonly #readers: ReadonlyMap<Variable, number>;
  /** Calculations that are written where their only reader is. */
  readonly #deferred = new Map<Variable, Expression>();
  readonly #ranges = new Map<Variable, { readonly from: string; readonly to: string }>();
  #expressions: ExpressionCompiler;
  #body = new Body();
  #result = new Body();
  /** Variables whose values belong to the row, in contrast to those of the function as a whole. */
  #rowVariables = new Set<Variable>();
  /** The label of the segment, once it has loops. */
  #segment: string | undefined;
  #slot: Body;
  #resultKind = 0;

  constructor(
    program: Program,
    parameters: ParameterSlots,
    nodes: Pipeline,
    sink: Sink,
    inputs: readonly string[],
    bindings: Map<Variable, Binding>,
  ) {
    this.#program = program;
    this.#parameters = parameters;
    this.#nodes = nodes;
    this.#sink = sink;
    this.#inputs = inputs;
    this.#name = program.name(sink === 'array' ? 'subquery' : 'query');
    this.#readers = countReaders(nodes);
    this.#expressions = new ExpressionCompiler(program, parameters, bindings);
    this.#slot = this.#body.slot();
  }

  compile(): PipelineFunction {
    const isStreaming = this.#sink !== 'array';
    this.#writeResultHead();
    for (const [position, node] of this.#nodes.entries()) this.#write(node, position);
    this.#body.close();
    this.#body.line(isStreaming ? 'if (out.length > 0) yield out;' : 'q.memoryBytes = before;');
    if (!isStreaming) this.#body.line('return out;');
    const head = `function${isStreaming ? '*' : ''} ${this.#name}(${['q', ...this.#inputs].join(', ')}) {`;
    this.#program.add([head, this.#result.text, this.#expressions.declarations + this.#body.text, '}'].join('\n'));
    return { name: this.#name, resultKind: this.#resultKind };
  }

  #writeResultHead(): void {
    this.#result = new Body();
    this.#result.line(this.#sink === 'array' ? 'const out = [], before = q.memoryBytes;' : 'let out = [];');
  }

  #write(node: ExecutionNode, position: number): void {
    if (this.#program.isProfiled) this.#body.line(`q.profile.at(${node.id});`);
    switch (node.type) {
      case 'SingletonNode':
        if (this.#nodes.some(({ type }) => type === 'NoResultsNode')) this.#body.open(`${this.#enterSegment()}if (false) {`);
        return;
      case 'NoResultsNode':
        return;
      case 'CalculationNode':
        return this.#writeCalculation(node.outVariable, node.expression, position);
      case 'FilterNode':
        this.#enterSegment();
        this.#body.open(`if (${this.#expressions.condition(this.#expressionOf(node.inVariable))}) {`, '} else q.filtered++;');
        return;
      case 'EnumerateListNode':
        return this.#writeList(node);
      case 'EnumerateCollectionNode':
        return this.#writeScan(node, position);
      case 'IndexNode':
        return this.#writeIndex(node, position);
      case 'SubqueryNode':
        return this.#writeSubquery(node, position);
      case 'SortNode':
        return this.#writeSort(node, position);
      case 'LimitNode':
        return this.#writeLimit(node);
      case 'CollectNode':
        return this.#writeCollect(node);
      case 'WindowNode':
        return this.#writeWindow(node, position);
      case 'ReturnNode':
        return this.#writeReturn(node.inVariable);
      case 'InsertNode':
      case 'UpdateNode':
      case 'ReplaceNode':
      case 'RemoveNode':
        return this.#writeModification(node, position);
      case 'UpsertNode':
        return this.#writeUpsert(node, position);
      case 'TraversalNode':
        return this.#writeTraversal(node, position);
      case 'ShortestPathNode':
        return this.#writeShortestPath(node);
      case 'EnumeratePathsNode':
        return this.#writePaths(node, position);
    }
  }

  // Segments

  /** Opens the block that LIMIT may leave, before the first loop or condition. */
  #enterSegment(): string {
    if (this.#segment === undefined) {
      this.#segment = this.#program.name('S');
      this.#slot = this.#body.slot();
      this.#body.open(`${this.#segment}: {`);
    }
    return '';
  }

  #leaveSegment(): void {
    this.#body.close();
    this.#segment = undefined;
    this.#slot = this.#body.slot();
  }

  get #hasRows(): boolean {
    return this.#segment !== undefined;
  }

  #bind(variable: Variable, text: string, kind: number): void {
    this.#expressions.bindings.set(variable, { text, kind, isSimple: true });
    if (this.#hasRows) this.#rowVariables.add(variable);
    else this.#rowVariables.delete(variable);
  }

  /** Declares a local variable of the row, or of the function where there are no rows yet. */
  #declare(variable: Variable, code: { readonly text: string; readonly kind: number }): void {
    const name = this.#program.name('v');
    this.#body.line(`const ${name} = ${code.text};`);
    this.#bind(variable, name, code.kind);
  }

  #expressionOf(variable: Variable): Expression {
    return this.#deferred.get(variable) ?? reference(variable);
  }

  /** What of the row is read from a place on. */
  #liveAfter(position: number): Variable[] {
    const live = variablesReadByAll(this.#nodes.slice(position + 1));
    return [...live].filter((variable) => this.#rowVariables.has(variable));
  }

  // Rows that are kept

  /** Keeps the live variables of all rows, and goes on with a loop over them. */
  #materialize(position: number): void {
    const stored = this.#storeRow(this.#liveAfter(position), 'rows');
    this.#leaveSegment();
    this.#openRows(`of ${stored.name}`, stored.bindings);
  }

  /** Pushes an object with the variables into an array, which is declared before the segment. */
  #storeRow(variables: readonly Variable[], prefix: string) {
    this.#enterSegment();
    const name = this.#program.name(prefix);
    this.#slot.line(`const ${name} = [];`);
    const { members, bindings, size } = this.#rowMembers(variables);
    this.#body.line(`${name}.push({ ${members.join(', ')} }); q.charge(${size});`);
    return { name, bindings };
  }

  /** How variables are kept in an object `row`: its members, and the variables' bindings afterwards. */
  #rowMembers(variables: readonly Variable[]) {
    const members: string[] = [];
    const sizes: string[] = [];
    const bindings = new Map<Variable, Binding>();
    let fixed = 32;
    const keep = ({ text, kind }: Binding): Binding => {
      const member = this.#program.name('m');
      members.push(`${member}: ${text}`);
      if (kind & ~(KIND.null | KIND.bool | KIND.number)) sizes.push(`${this.#program.use('sizeOf')}(${text})`);
      else fixed += 8;
      return { text: `row.${member}`, kind, isSimple: true };
    };
    for (const variable of variables) {
      const { attributes, ...binding } = this.#expressions.variable(variable);
      bindings.set(variable, {
        ...(binding.text === '' ? binding : keep(binding)),
        ...(attributes && { attributes: new Map([...attributes].map(([path, code]) => [path, keep(code)])) }),
      });
    }
    return { members, bindings, size: [String(fixed), ...sizes].join(' + ') };
  }

  /** Opens a loop over kept rows. */
  #openRows(of: string, bindings: ReadonlyMap<Variable, Binding>): void {
    this.#enterSegment();
    this.#body.open(`for (const row ${of}) {`);
    this.#rebind(bindings);
  }

  #rebind(bindings: ReadonlyMap<Variable, Binding>): void {
    for (const [variable, binding] of bindings) {
      const name = this.#program.name('v');
      if (binding.text !== '') this.#body.line(`const ${name} = ${binding.text};`);
      const attributes = binding.attributes && this.#declareAttributes(binding.attributes);
      this.#expressions.bindings.set(variable, { ...binding, text: binding.text === '' ? '' : name, ...(attributes && { attributes }) });
      this.#rowVariables.add(variable);
    }
  }

  #declareAttributes(attributes: ReadonlyMap<string, { readonly text: string; readonly kind: number }>) {
    return new Map(
      [...attributes].map(([path, { text, kind }]) => {
        const name = this.#program.name('v');
        this.#body.line(`const ${name} = ${text};`);
        return [path, { text: name, kind, isSimple: true }] as const;
      }),
    );
  }

  /**
   * Makes what was written so far a generator of batches of rows, and goes on in a loop over them. `extra` are further members of a
   * row. Returns the names of the batch.
   */
  #batchRows(position: number, extra: ReadonlyMap<string, string>, size: 'growing' | 'full'): { readonly batch: string } {
    this.#enterSegment();
    const generator = this.#program.name('batches');
    const [rows, limit, held] = [this.#program.name('rows'), this.#program.name('size'), this.#program.name('held')];
    // All that is live goes along, also what belongs to the function as a whole: the generator is another function.
    const live = [...variablesReadByAll(this.#nodes.slice(position))].filter((variable) => {
      const binding = this.#expressions.bindings.get(variable);
      return binding !== undefined && binding.isGlobal !== true;
    });
    const { members, bindings, size: rowSize } = this.#rowMembers(live);
    for (const [name, text] of extra) members.push(`${name}: ${text}`);
    this.#slot.line(`let ${rows} = [], ${limit} = ${size === 'growing' ? FIRST_BATCH : FULL_BATCH}, ${held} = 0;`);
    this.#body.line(`${rows}.push({ ${members.join(', ')} }); ${held} += q.charge(${rowSize});`);
    this.#body.open(`if (${rows}.length >= ${limit}) {`);
    this.#body.line(`yield ${rows};`);
    this.#body.line(`q.memoryBytes -= ${held}; ${held} = 0; ${rows} = []; if (${limit} < ${FULL_BATCH}) ${limit} *= 4;`);
    this.#body.close(this.#body.depth - 1);
    this.#body.close();
    this.#body.line(`if (${rows}.length > 0) yield ${rows};`);
    this.#body.line(`q.memoryBytes -= ${held};`);
    const inputs = ['q', ...this.#inputs].join(', ');
    this.#program.add(`function* ${generator}(${inputs}) {\n${this.#expressions.declarations}${this.#body.text}\n}`);

    const outer = this.#expressions.bindings;
    this.#expressions = new ExpressionCompiler(this.#program, this.#parameters, outer);
    this.#body = new Body();
    this.#segment = undefined;
    this.#slot = this.#body.slot();
    this.#enterSegment();
    const batch = this.#program.name('batch');
    this.#body.open(`for (const ${batch} of ${generator}(${inputs})) {`);
    this.#body.line('q.check();');
    this.#batchBindings = bindings;
    return { batch };
  }

  #batchBindings: ReadonlyMap<Variable, Binding> = new Map();

  // Nodes that make rows

  #writeCalculation(variable: Variable, expression: Expression, position: number): void {
    const readers = this.#nodes.filter((node) => variablesReadBy(node).has(variable));
    const [reader] = readers;
    // What is written elsewhere could not be timed.
    if (!this.#program.isProfiled && readers.length === 1 && this.#nodes[position + 1] === reader && this.#readsOnce(reader, variable)) {
      this.#deferred.set(variable, expression);
      return;
    }
    if (expression.type === 'binary' && expression.operator === '..' && readers.length === 1 && reader?.type === 'EnumerateListNode') {
      const isNear = this.#nodes.slice(position + 1, this.#nodes.indexOf(reader)).every((node) => !isBoundary(node));
      if (isNear && reader.inVariable === variable) return this.#writeRange(variable, expression.left, expression.right);
    }
    if (expression.type === 'constant') {
      const code = this.#expressions.compile(expression);
      this.#expressions.bindings.set(variable, { ...code, isSimple: true, isGlobal: true });
      return;
    }
    this.#declare(variable, this.#expressions.compile(expression));
  }

  /** A reader that evaluates what it reads exactly once for each row. */
  #readsOnce(reader: ExecutionNode | undefined, variable: Variable): reader is ExecutionNode {
    return (reader?.type === 'FilterNode' || reader?.type === 'ReturnNode') && reader.inVariable === variable;
  }

  #writeRange(variable: Variable, left: Expression, right: Expression): void {
    const bound = this.#program.use('rangeBound');
    const [from, to] = [this.#program.name('from'), this.#program.name('to')];
    this.#body.line(
      `const ${from} = ${bound}(${this.#expressions.compile(left).text}), ${to} = ${bound}(${this.#expressions.compile(right).text});`,
    );
    this.#ranges.set(variable, { from, to });
  }

  #writeList(node: EnumerateListNode): void {
    const range = this.#ranges.get(node.inVariable);
    const list = range === undefined ? this.#expressions.variable(node.inVariable) : undefined;
    this.#enterSegment();
    const i = this.#program.name('i');
    const item = this.#program.name('v');
    if (range !== undefined) {
      const step = this.#program.name('step');
      this.#body.line(`const ${step} = ${range.from} <= ${range.to} ? 1 : -1;`);
      this.#body.open(`for (let ${i} = ${range.from}; ${step} > 0 ? ${i} <= ${range.to} : ${i} >= ${range.to}; ${i} += ${step}) {`);
      this.#body.line(`if ((${i} & 1023) === 0) q.check();`);
      this.#bind(node.outVariable, i, KIND.number);
    } else if (list !== undefined) {
      const name = this.#program.name('list');
      this.#body.line(`const ${name} = ${this.#program.use('listOf')}(${list.text});`);
      this.#body.open(`for (let ${i} = 0; ${i} < ${name}.length; ${i}++) {`);
      this.#body.line(`if ((${i} & 1023) === 1023) q.check();`);
      this.#body.line(`const ${item} = ${name}[${i}];`);
      this.#bind(node.outVariable, item, ANY | (list.kind & KIND.views ? KIND.view : 0));
    }
    this.#writeRowFilter(node.filter);
  }

  #writeRowFilter(filter: Expression | undefined): void {
    if (filter !== undefined) this.#body.open(`if (${this.#expressions.condition(filter)}) {`, '} else q.filtered++;');
  }

  #writeScan(node: EnumerateCollectionNode, position: number): void {
    const { collection, isRandom } = node;
    const counted = this.#countedCollect(node, position);
    if (counted) return;
    this.#enterSegment();
    const collectionName = this.#program.constant(collection);
    const cursor = this.#program.name('cursor');
    this.#body.line(`const ${cursor} = q.${isRandom ? 'sample' : 'transaction.scan'}(${collectionName});`);
    this.#openCursor(cursor, ['scannedFull']);
    this.#openDocuments(node, position);
  }

  /** `FOR x IN c COLLECT WITH COUNT INTO n`: the number is known without reading. */
  #countedCollect(node: EnumerateCollectionNode, position: number): boolean {
    const next = this.#nodes[position + 1];
    if (node.filter !== undefined || this.#hasRows || next?.type !== 'CollectNode') return false;
    if (next.groups.length > 0 || next.into !== undefined || next.aggregates.some(({ function: name }) => name !== 'LENGTH')) return false;
    if (next.aggregates.some(({ inVariable }) => inVariable !== undefined)) return false;
    const count = `q.transaction.count(${this.#program.constant(node.collection)})`;
    for (const { outVariable } of next.aggregates) this.#declare(outVariable, { text: count, kind: KIND.number });
    this.#skipped.add(next);
    return true;
  }

  readonly #skipped = new Set<ExecutionNode>();

  /** Loops over the batches of a cursor. */
  #openCursor(cursor: string, statistics: readonly ('scannedFull' | 'scannedIndex' | 'documentLookups')[]): void {
    const { batch, count } = this.#batchNames();
    this.#body.open('try {', `} finally { ${cursor}.close(); }`);
    this.#body.open(`for (let ${batch}; (${batch} = ${cursor}.next()) !== undefined; ) {`);
    this.#body.line(`const ${count} = ${batch}.count;`);
    this.#body.line(`q.check(); ${statistics.map((statistic) => `q.${statistic} += ${count};`).join(' ')}`);
    this.#current = { batch, count };
  }

  #current = { batch: '', count: '' };

  #batchNames() {
    return { batch: this.#program.name('b'), count: this.#program.name('n') };
  }

  /** Loops over the rows of the current batch, which are documents. */
  #openDocuments(node: EnumerateCollectionNode | IndexNode, position: number): void {
    const { outVariable: variable, collection, filter, projections = [] } = node;
    const { batch, count } = this.#current;
    const [buffer, starts, ends, i] = ['d', 's', 'e', 'i'].map((prefix) => this.#program.name(prefix)) as [string, string, string, string];
    this.#body.line(`const { buffer: ${buffer}, starts: ${starts}, ends: ${ends} } = ${batch};`);
    const view = this.#program.use('DocumentView');
    const name = literal(collection.name);
    const isKept = this.#readers.has(variable) && !this.#isReadInPassing(variable, position);
    const isLookedAt = filter !== undefined || this.#readers.has(variable) || projections.some((each) => each.variable !== undefined);
    if (!isLookedAt) {
      this.#body.open(`for (let ${i} = 0; ${i} < ${count}; ${i}++) {`);
      return;
    }
    if (isKept && filter === undefined) {
      this.#body.open(`for (let ${i} = 0; ${i} < ${count}; ${i}++) {`);
      this.#declare(variable, { text: `new ${view}(${buffer}, ${starts}[${i}], ${ends}[${i}], ${name})`, kind: KIND.view });
    } else {
      const moving = this.#program.name('w');
      this.#slot.line(`const ${moving} = new ${view}(new Uint8Array(0), 0, 0, ${name});`);
      this.#body.open(`for (let ${i} = 0; ${i} < ${count}; ${i}++) {`);
      this.#body.line(`${moving}.moveTo(${buffer}, ${starts}[${i}], ${ends}[${i}]);`);
      this.#bind(variable, moving, KIND.view);
      this.#writeRowFilter(filter);
      if (isKept) this.#declare(variable, { text: `${moving}.clone()`, kind: KIND.view });
    }
    this.#writeProjections(node);
  }

  /** Whether nobody keeps the document: only attributes are read, or it is written out, before rows are kept anywhere. */
  #isReadInPassing(variable: Variable, position: number): boolean {
    for (const [i, node] of this.#nodes.entries()) {
      if (i <= position) continue;
      if (isBoundary(node)) return !variablesReadByAll(this.#nodes.slice(i)).has(variable);
      if (!variablesReadBy(node).has(variable)) continue;
      if (node.type === 'ReturnNode') return this.#sink !== 'array';
      if (this.#sink !== 'array' && node.type === 'CalculationNode' && this.#nodes[i + 1]?.type === 'ReturnNode') continue;
      if (node.type !== 'CalculationNode' && node.type !== 'EnumerateCollectionNode' && node.type !== 'EnumerateListNode') return false;
      if (!expressionsOf(node).every((expression) => readsAttributesOnly(expression, variable))) return false;
    }
    return true;
  }

  // Indexes

  #writeIndex(node: IndexNode, position: number): void {
    const { collection, lookups } = node;
    const [lookup] = lookups;
    if (lookup === undefined) throw new Error('an IndexNode looks something up');
    const collectionName = this.#program.constant(collection);
    const isOneAccess = lookups.every(({ access }) => access === lookup.access);
    const isPlain = lookups.length === 1 && lookup.equal.every(({ is }) => is === 'value');
    const key = lookup.equal[0];
    if (this.#hasRows && isPlain && !node.isCovering && this.#readsRow(lookup)) return this.#writeJoin(node, lookup, position);
    this.#enterSegment();
    if (isPlain && key !== undefined && isKeyAccess(lookup)) {
      const batch = this.#batchNames();
      const keyText = this.#expressions.plain(key.expression).text;
      this.#body.line(`const ${batch.batch} = q.lookupKey(${collectionName}, ${keyText}), ${batch.count} = ${batch.batch}.count;`);
      this.#body.line(`q.seeks++; q.scannedIndex += ${batch.count}; q.documentLookups += ${batch.count};`);
      this.#current = batch;
      this.#openDocuments(node, position);
      return;
    }
    const options = node.isAscending ? '' : ', { reverse: true }';
    const cursor = this.#program.name('cursor');
    if (isOneAccess) {
      const ranges = lookups.map((each) => this.#rangesCode(each));
      const all = ranges.length === 1 ? ranges[0] : `[${ranges.map((each) => `...${each}`).join(', ')}]`;
      const access = this.#program.constant(lookup.access);
      const scan = node.isCovering ? 'q.scanCovered' : 'q.transaction.scanIndex';
      this.#body.line(`q.seeks++;`);
      this.#body.line(`const ${cursor} = ${scan}(${access}, ${all}${options});`);
    } else {
      const each = lookups.map((one) => `[${this.#program.constant(one.access)}, ${this.#rangesCode(one)}]`);
      this.#body.line(`const ${cursor} = q.scanIndexes([${each.join(', ')}]${options});`);
    }
    this.#openCursor(cursor, node.isCovering ? ['scannedIndex'] : ['scannedIndex', 'documentLookups']);
    if (node.isCovering) this.#openCovered(node, lookup);
    else this.#openDocuments(node, position);
  }

  #readsRow({ equal, low, high }: IndexLookup): boolean {
    const expressions = [...equal, low, high].filter((each) => each !== undefined).map(({ expression }) => expression);
    return expressions.some((expression) => expression.type !== 'constant' && expression.type !== 'parameter');
  }

  /** The ranges of one lookup, as an array. */
  #rangesCode({ equal, low, high }: IndexLookup): string {
    const bounds = [
      low && `low: { value: ${this.#expressions.plain(low.expression).text}, isInclusive: ${low.isInclusive} }`,
      high && `high: { value: ${this.#expressions.plain(high.expression).text}, isInclusive: ${high.isInclusive} }`,
    ].filter((bound) => bound !== undefined);
    if (equal.every(({ is }) => is === 'value')) {
      const values = equal.map(({ expression }) => this.#expressions.plain(expression).text);
      return `[{ ${[`equal: [${values.join(', ')}]`, ...bounds].join(', ')} }]`;
    }
    const lists = equal.map(({ is, expression }) => {
      const { text } = this.#expressions.plain(expression);
      return is === 'list' ? text : `[${text}]`;
    });
    return `${this.#program.use('rangesOf')}([${lists.join(', ')}], { ${bounds.join(', ')} })`;
  }

  /** Rows of the outer loops are gathered and looked up together. */
  #writeJoin(node: IndexNode, lookup: IndexLookup, position: number): void {
    const probe = this.#program.name('probe');
    const range = this.#rangesCode(lookup).slice(1, -1);
    const { batch } = this.#batchRows(position, new Map([[probe, range]]), 'growing');
    const rows = this.#program.name('found');
    const access = this.#program.constant(lookup.access);
    this.#body.line(`const ${rows} = q.transaction.probeIndex(${access}, ${batch}.map((row) => row.${probe}));`);
    const names = this.#batchNames();
    this.#body.line(`const ${names.batch} = ${rows}.rows, ${names.count} = ${names.batch}.count;`);
    this.#body.line(`q.seeks += ${batch}.length; q.scannedIndex += ${names.count}; q.documentLookups += ${names.count};`);
    this.#current = names;
    const position_ = this.#program.name('j');
    const probes = this.#program.name('probes');
    this.#body.line(`const ${probes} = ${rows}.probes;`);
    const { batch: b, count } = names;
    const view = this.#program.use('DocumentView');
    this.#body.open(`for (let ${position_} = 0; ${position_} < ${count}; ${position_}++) {`);
    this.#body.line(`const row = ${batch}[${probes}[${position_}]];`);
    this.#rebind(this.#batchBindings);
    const { name } = node.collection;
    const text = `new ${view}(${b}.buffer, ${b}.starts[${position_}], ${b}.ends[${position_}], ${literal(name)})`;
    this.#declare(node.outVariable, { text, kind: KIND.view });
    this.#writeRowFilter(node.filter);
    this.#writeProjections(node);
  }

  /** Rows are what the index stores: arrays of the covered attributes. */
  #openCovered(node: IndexNode, lookup: IndexLookup): void {
    const { batch, count } = this.#current;
    const [i, entry] = [this.#program.name('i'), this.#program.name('entry')];
    this.#body.open(`for (let ${i} = 0; ${i} < ${count}; ${i}++) {`);
    const needed = (node.projections ?? []).map(({ path }) => ({
      path,
      position: lookup.access.covered.findIndex(({ steps }) => isPrefix(steps, path)),
    }));
    if (needed.length > 0) this.#body.line(`const ${entry} = ${batch}.entries[${i}];`);
    const attributes = new Map<string, { readonly text: string; readonly kind: number; readonly isSimple: true }>();
    for (const { position } of needed) {
      const steps = lookup.access.covered[position]?.steps ?? [];
      const path = JSON.stringify(steps);
      if (attributes.has(path)) continue;
      const name = this.#program.name('v');
      this.#body.line(`const ${name} = ${entry}[${position}];`);
      attributes.set(path, { text: name, kind: ANY, isSimple: true });
    }
    this.#expressions.bindings.set(node.outVariable, { text: '', kind: KIND.view, isSimple: true, attributes });
    this.#rowVariables.add(node.outVariable);
    this.#writeRowFilter(node.filter);
    this.#writeProjections(node);
  }

  /** Attributes that have variables of their own. */
  #writeProjections({ outVariable, projections = [] }: Enumeration): void {
    for (const { path, variable } of projections) {
      if (variable === undefined) continue;
      const attribute = path.reduce<Expression>((object, name) => ({ type: 'attribute', object, name }), reference(outVariable));
      this.#declare(variable, this.#expressions.compile(attribute));
    }
  }

  // Subqueries

  #writeSubquery(node: SubqueryNode, position: number): void {
    if (this.#modifiesWhatIsRead(node, position) || this.#isBeforeUpsert(node, position)) this.#materialize(position - 1);
    const captured = captureVariables(this.#expressions, variablesReadByAll(node.nodes));
    const inner = compilePipeline(this.#program, this.#parameters, node.nodes, 'array', captured.names, captured.bindings);
    const kind = KIND.array | (inner.resultKind & (KIND.view | KIND.views) ? KIND.views : 0);
    this.#declare(node.outVariable, { text: `${inner.name}(${['q', ...captured.values].join(', ')})`, kind });
  }

  /** An UPSERT whose rows come from the collection that it writes. */
  #isBeforeUpsert(node: SubqueryNode, position: number): boolean {
    if (node.isUpsertLookup !== true) return false;
    const upsert = this.#nodes.slice(position).find(({ type }) => type === 'UpsertNode');
    return upsert !== undefined && this.#modifiesWhatIsRead(upsert, position);
  }

  #modifiesWhatIsRead(node: ExecutionNode, position: number): boolean {
    const written = new Set<number>();
    someNode([node], (each) => {
      if (isModification(each)) written.add(each.collection.id);
      return false;
    });
    return this.#hasRows && written.size > 0 && this.#nodes.slice(0, position).some((each) => readsCollection(each, written));
  }

  // SORT and LIMIT

  #writeSort(node: SortNode, position: number): void {
    const { elements, limit } = node;
    const live = new Set([...this.#liveAfter(position), ...elements.map(({ variable }) => variable)]);
    const rowVariables = [...live].filter((variable) => this.#rowVariables.has(variable));
    const keys = elements.filter(({ variable }) => this.#rowVariables.has(variable));
    this.#enterSegment();
    const rows = this.#program.name('rows');
    const { members, bindings, size } = this.#rowMembers(rowVariables);
    const compare = this.#comparator(keys.map(({ variable, isAscending }) => ({ binding: bindings.get(variable), isAscending })));
    if (limit === undefined) {
      this.#slot.line(`const ${rows} = [];`);
      this.#body.line(`${rows}.push({ ${members.join(', ')} }); q.charge(${size});`);
      this.#leaveSegment();
      this.#body.line(`q.check(); ${rows}.sort(${compare});`);
      this.#openRows(`of ${rows}`, bindings);
      return;
    }
    const count = `${this.#program.use('limitCount')}(${this.#expressions.compile(limit).text})`;
    this.#slot.line(`const ${rows} = new ${this.#program.use('TopRows')}(${count}, ${compare});`);
    this.#body.line(`${rows}.push({ ${members.join(', ')} });`);
    this.#leaveSegment();
    this.#openRows(`of ${rows}.finish()`, bindings);
  }

  /** A function of the program that compares two kept rows. */
  #comparator(keys: readonly { readonly binding: Binding | undefined; readonly isAscending: boolean }[]): string {
    const name = this.#program.name('compare');
    const body = new Body();
    if (keys.length > 0) body.line('let l, r, order;');
    for (const { binding, isAscending } of keys) {
      const member = (binding?.text ?? '').slice('row'.length);
      const [first, second] = isAscending ? ['left', 'right'] : ['right', 'left'];
      const slow = this.#program.use('compareValues');
      body.line(`l = ${first}${member}; r = ${second}${member};`);
      body.line(`order = typeof l === "number" && typeof r === "number" ? l - r : ${slow}(l, r);`);
      body.line('if (order !== 0) return order;');
    }
    body.line('return 0;');
    this.#program.add(`function ${name}(left, right) {\n${body.text}\n}`);
    return name;
  }

  #writeLimit({ offset, count, fullCount }: LimitNode): void {
    this.#enterSegment();
    const [seen, start, end] = [this.#program.name('seen'), this.#program.name('start'), this.#program.name('end')];
    const from = `${this.#program.use('limitOffset')}(${this.#expressions.compile(offset).text})`;
    const length = `${this.#program.use('limitCount')}(${this.#expressions.compile(count).text})`;
    this.#slot.line(`const ${start} = ${from}, ${end} = ${start} + ${length};`);
    this.#slot.line(`let ${seen} = 0;`);
    if (fullCount) {
      this.#slot.line('q.fullCount = 0;');
      this.#body.line(`q.fullCount = ++${seen};`);
      this.#body.open(`if (${seen} > ${start} && ${seen} <= ${end}) {`);
      return;
    }
    this.#body.open(`if (++${seen} > ${start} && ${seen} <= ${end}) {`, `} if (${seen} >= ${end}) break ${this.#segment};`);
  }

  // COLLECT and WINDOW

  #writeCollect(node: CollectNode): void {
    if (this.#skipped.has(node)) return;
    switch (node.method) {
      case 'distinct':
        return this.#writeDistinct(node);
      case 'sorted':
        return this.#writeSortedCollect(node);
      case 'hash':
      case 'count':
        return node.groups.length === 0 ? this.#writeWholeCollect(node) : this.#writeHashCollect(node);
    }
  }

  /** Rows go on one by one as they are first seen. */
  #writeDistinct({ groups }: CollectNode): void {
    const [group] = groups;
    if (group === undefined) throw new Error('DISTINCT looks at one value');
    this.#enterSegment();
    const set = this.#program.name('seen');
    this.#slot.line(`const ${set} = new Set();`);
    const code = this.#expressions.plain(this.#expressionOf(group.inVariable));
    const [name, key] = [this.#program.name('v'), this.#program.name('k')];
    this.#body.line(`const ${name} = ${code.text}, ${key} = ${this.#program.use('groupKey')}(${name});`);
    this.#body.open(`if (!${set}.has(${key})) {`);
    this.#body.line(`${set}.add(${key}); q.charge(${this.#program.use('sizeOf')}(${key}));`);
    this.#bind(group.outVariable, name, code.kind);
  }

  /** One group of all rows, also of none. */
  #writeWholeCollect(node: CollectNode): void {
    this.#enterSegment();
    const group = this.#program.name('group');
    const collected = this.#collected(node, group);
    this.#slot.line(`const ${group} = { ${collected.initial.join(', ')} };`);
    for (const line of collected.update) this.#body.line(line);
    this.#leaveSegment();
    this.#bindCollected(node, collected, group, []);
  }

  #writeHashCollect(node: CollectNode): void {
    this.#enterSegment();
    const [map, groups, group] = [this.#program.name('map'), this.#program.name('groups'), this.#program.name('group')];
    this.#slot.line(`const ${map} = new Map(), ${groups} = [];`);
    const keys = node.groups.map(({ inVariable }) => this.#expressions.toPlain(this.#expressions.variable(inVariable)));
    const names = keys.map(({ text, isSimple }) => {
      if (isSimple) return text;
      const name = this.#program.name('k');
      this.#body.line(`const ${name} = ${text};`);
      return name;
    });
    const last = this.#program.name('k');
    this.#body.line(`const ${last} = ${this.#program.use('groupKey')}(${names.at(-1) ?? 'null'});`);
    const level = names.slice(0, -1).reduce((outer, name) => `${this.#program.use('levelOf')}(${outer}, ${name})`, map);
    const leaf = names.length === 1 ? map : this.#program.name('level');
    if (names.length > 1) this.#body.line(`const ${leaf} = ${level};`);
    const collected = this.#collected(node, group);
    const members = names.map((name, i) => `k${i}: ${name}`);
    this.#body.line(`let ${group} = ${leaf}.get(${last});`);
    this.#body.open(`if (${group} === undefined) {`);
    this.#body.line(`${leaf}.set(${last}, ${group} = { ${[...members, ...collected.initial].join(', ')} });`);
    const sizes = names.map((name) => `${this.#program.use('sizeOf')}(${name})`);
    this.#body.line(`${groups}.push(${group}); q.charge(${[`${64 + 16 * collected.initial.length}`, ...sizes].join(' + ')});`);
    this.#body.close(this.#body.depth - 1);
    for (const line of collected.update) this.#body.line(line);
    this.#leaveSegment();
    this.#enterSegment();
    this.#body.open(`for (const ${group} of ${groups}) {`);
    this.#bindCollected(
      node,
      collected,
      group,
      keys.map(({ kind }) => kind),
    );
  }

  /** Rows come in the order of the keys: a group ends where a key changes. */
  #writeSortedCollect(node: CollectNode): void {
    this.#enterSegment();
    const [groups, group] = [this.#program.name('groups'), this.#program.name('group')];
    this.#slot.line(`const ${groups} = []; let ${group};`);
    const keys = node.groups.map(({ inVariable }) => this.#expressions.toPlain(this.#expressions.variable(inVariable)));
    const names = keys.map(({ text }) => {
      const name = this.#program.name('k');
      this.#body.line(`const ${name} = ${text};`);
      return name;
    });
    const collected = this.#collected(node, group);
    const differs = names.map((name, i) => `!${this.#program.use('equalValues')}(${name}, ${group}.k${i})`);
    this.#body.open(`if (${[`${group} === undefined`, ...differs].join(' || ')}) {`);
    this.#body.line(`${group} = { ${[...names.map((name, i) => `k${i}: ${name}`), ...collected.initial].join(', ')} };`);
    const sizes = names.map((name) => `${this.#program.use('sizeOf')}(${name})`);
    this.#body.line(`${groups}.push(${group}); q.charge(${[`${64 + 16 * collected.initial.length}`, ...sizes].join(' + ')});`);
    this.#body.close(this.#body.depth - 1);
    for (const line of collected.update) this.#body.line(line);
    this.#leaveSegment();
    this.#enterSegment();
    this.#body.open(`for (const ${group} of ${groups}) {`);
    this.#bindCollected(
      node,
      collected,
      group,
      keys.map(({ kind }) => kind),
    );
  }

  /** What a group holds beside its keys. */
  #collected(node: CollectNode, group: string) {
    const aggregates = node.aggregates.map((aggregate, i) => this.#aggregate(aggregate, `${group}.a${i}`, `a${i}`));
    const initial = aggregates.flatMap((each) => each.initial);
    const update = aggregates.flatMap((each) => each.update);
    const { into } = node;
    if (into !== undefined) {
      initial.push('into: []');
      const element = this.#program.name('element');
      const code =
        into.expressionVariable === undefined
          ? `{ ${into.keep.map((variable) => `${memberName(variable.name)}: ${this.#expressions.plain(reference(variable)).text}`).join(', ')} }`
          : this.#expressions.plain(reference(into.expressionVariable)).text;
      update.push(`const ${element} = ${code}; ${group}.into.push(${element}); q.charge(${this.#program.use('sizeOf')}(${element}));`);
    }
    return { aggregates, initial, update };
  }

  #aggregate({ function: name, inVariable }: Aggregate, slot: string, member: string): AggregateCode {
    const input = inVariable === undefined ? undefined : this.#expressions.plain(reference(inVariable));
    return aggregateCode(this.#program, name, input, slot, member);
  }

  #bindCollected(
    node: CollectNode,
    { aggregates }: { readonly aggregates: readonly AggregateCode[] },
    group: string,
    keyKinds: readonly number[],
  ): void {
    this.#rowVariables.clear();
    for (const [i, { outVariable }] of node.groups.entries())
      this.#declare(outVariable, { text: `${group}.k${i}`, kind: keyKinds[i] ?? ANY });
    for (const [i, { outVariable }] of node.aggregates.entries()) {
      const result = aggregates[i]?.result;
      if (result !== undefined) this.#declare(outVariable, result);
    }
    if (node.into !== undefined) this.#declare(node.into.outVariable, { text: `${group}.into`, kind: KIND.array });
  }

  #writeWindow(node: WindowNode, position: number): void {
    const inputs = node.aggregates.map(({ inVariable }) => inVariable);
    const live = new Set([...this.#liveAfter(position), ...inputs.filter((variable) => variable !== undefined)]);
    if (node.rangeVariable !== undefined) live.add(node.rangeVariable);
    const stored = this.#storeRow(
      [...live].filter((variable) => this.#rowVariables.has(variable)),
      'rows',
    );
    this.#leaveSegment();
    const read = (variable: Variable | undefined): string => {
      if (variable === undefined) return 'undefined';
      const text = stored.bindings.get(variable)?.text ?? this.#expressions.variable(variable).text;
      return `(row) => ${this.#program.use('plain')}(${text})`;
    };
    const windows = this.#program.name('windows');
    const columns = node.aggregates.map(({ function: name, inVariable }) => `[${JSON.stringify(name)}, ${read(inVariable)}]`);
    const bounds = [node.bounds.preceding, node.bounds.following].map((bound) => this.#expressions.plain(bound).text);
    const inputsText = ['q', stored.name, ...bounds, read(node.rangeVariable), `[${columns.join(', ')}]`];
    this.#body.line(`const ${windows} = ${this.#program.use('windowRows')}(${inputsText.join(', ')});`);
    this.#enterSegment();
    const i = this.#program.name('i');
    this.#body.open(`for (let ${i} = 0; ${i} < ${stored.name}.length; ${i}++) {`);
    this.#body.line(`const row = ${stored.name}[${i}];`);
    this.#rebind(stored.bindings);
    for (const [column, { outVariable }] of node.aggregates.entries()) {
      this.#declare(outVariable, { text: `${windows}[${column}][${i}]`, kind: ANY });
    }
  }

  // Data modification

  #writeModification(node: Exclude<ModificationNode, { readonly type: 'UpsertNode' }>, position: number): void {
    if (this.#modifiesWhatIsRead(node, position)) this.#materialize(position - 1);
    const given = node.type === 'InsertNode' || node.type === 'RemoveNode' ? [node.inVariable] : [node.inKeyVariable, node.inDocVariable];
    const [collection, options] = [this.#program.constant(node.collection), this.#program.constant(node.options)];
    const call = this.#program.use(
      ({ InsertNode: 'insertRows', UpdateNode: 'updateRows', ReplaceNode: 'replaceRows', RemoveNode: 'removeRows' } as const)[node.type],
    );
    const outcome = this.#program.name('outcome');
    if (!this.#hasRows) {
      const inputs = given.map((variable) => (variable === undefined ? 'undefined' : `[${this.#expressions.variable(variable).text}]`));
      this.#enterSegment();
      this.#body.line(`const ${outcome} = ${call}(q, ${collection}, ${inputs.join(', ')}, ${options})[0];`);
    } else {
      const members = new Map<string, string>();
      const inputs = given.map((variable) => {
        if (variable === undefined) return 'undefined';
        const member = this.#program.name('m');
        members.set(member, this.#expressions.variable(variable).text);
        return member;
      });
      const { batch } = this.#batchRows(position, members, 'full');
      const columns = inputs.map((member) => (member === 'undefined' ? member : `${batch}.map((row) => row.${member})`));
      const outcomes = this.#program.name('outcomes');
      const i = this.#program.name('i');
      this.#body.line(`const ${outcomes} = ${call}(q, ${collection}, ${columns.join(', ')}, ${options});`);
      this.#body.open(`for (let ${i} = 0; ${i} < ${batch}.length; ${i}++) {`);
      this.#body.line(`const row = ${batch}[${i}], ${outcome} = ${outcomes}[${i}];`);
      this.#rebind(this.#batchBindings);
    }
    this.#writeOutcome(node, outcome, position);
  }

  #writeUpsert(node: ModificationNode & { readonly type: 'UpsertNode' }, position: number): void {
    const inputs = [node.inDocVariable, node.insertVariable, node.updateVariable].map(
      (variable) => this.#expressions.variable(variable).text,
    );
    const [collection, options] = [this.#program.constant(node.collection), this.#program.constant(node.options)];
    this.#enterSegment();
    const outcome = this.#program.name('outcome');
    const call = `${this.#program.use('upsertRow')}(q, ${collection}, ${inputs.join(', ')}, ${options}, ${node.isReplace})`;
    this.#body.line(`const ${outcome} = ${call};`);
    this.#writeOutcome(node, outcome, position);
  }

  /** Rows whose write failed, and was to be ignored, do not go on. A LIMIT after it must not stop the writing. */
  #writeOutcome(node: ModificationNode, outcome: string, position: number): void {
    this.#body.open(`if (${outcome}.is !== "failed") {`);
    const document = KIND.view | KIND.null;
    if (node.outVariableOld !== undefined) this.#declare(node.outVariableOld, { text: `${outcome}.old ?? null`, kind: document });
    if (node.outVariableNew !== undefined) this.#declare(node.outVariableNew, { text: `${outcome}.new ?? null`, kind: document });
    if (this.#nodes.slice(position + 1).some(({ type }) => type === 'LimitNode')) this.#materialize(position);
  }

  // Graphs

  #writeTraversal(node: TraversalNode, position: number): void {
    this.#enterSegment();
    const traversal = this.#program.name('walk');
    const depths = [node.minDepth, node.maxDepth].map((depth) => this.#expressions.plain(depth).text).join(', ');
    const inputs = ['q', this.#program.constant(node.source), this.#program.constant(node.options)];
    inputs.push(this.#expressions.variable(node.inVariable).text, `[${depths}]`);
    if (node.prune !== undefined) inputs.push(this.#pruneCode(node, node.prune.condition));
    this.#body.line(`const ${traversal} = new ${this.#program.use('Traversal')}(${inputs.join(', ')});`);
    this.#body.open(`while (${traversal}.next()) {`);
    const document = KIND.view | KIND.null;
    if (this.#readers.has(node.vertexOutVariable)) this.#declare(node.vertexOutVariable, { text: `${traversal}.vertex`, kind: document });
    const { edgeOutVariable, pathOutVariable, prune } = node;
    if (edgeOutVariable !== undefined && this.#readers.has(edgeOutVariable)) {
      this.#declare(edgeOutVariable, { text: `${traversal}.edge`, kind: document });
    }
    if (pathOutVariable !== undefined && this.#readers.has(pathOutVariable)) {
      const parts = { vertices: `${traversal}.pathVertices`, edges: `${traversal}.pathEdges` };
      this.#declarePath(pathOutVariable, `${traversal}.path`, parts, position);
    }
    if (prune?.outVariable !== undefined) this.#declare(prune.outVariable, { text: `${traversal}.pruned`, kind: ANY });
  }

  /** The condition as a function of its own, which gets what the traversal has at the moment. */
  #pruneCode({ vertexOutVariable, edgeOutVariable, pathOutVariable }: TraversalNode, condition: Expression): string {
    const outer = variablesOf(condition);
    const own = [vertexOutVariable, edgeOutVariable, pathOutVariable].filter((variable) => variable !== undefined);
    for (const variable of own) outer.delete(variable);
    const captured = captureVariables(this.#expressions, outer);
    const inner = new ExpressionCompiler(this.#program, this.#parameters, captured.bindings);
    const document = KIND.view | KIND.null;
    inner.bindings.set(vertexOutVariable, { text: 'vertex', kind: document, isSimple: true });
    if (edgeOutVariable !== undefined) inner.bindings.set(edgeOutVariable, { text: 'edge', kind: document, isSimple: true });
    if (pathOutVariable !== undefined) {
      const attributes = new Map<string, Code>([
        ['["vertices"]', { text: 'walk.pathVertices', kind: KIND.array | KIND.views, isSimple: false }],
        ['["edges"]', { text: 'walk.pathEdges', kind: KIND.array | KIND.views, isSimple: false }],
      ]);
      inner.bindings.set(pathOutVariable, { text: 'walk.path', kind: KIND.object, isSimple: false, attributes });
    }
    const name = this.#program.name('prune');
    const result = inner.plain(condition).text;
    const inputs = ['q', 'vertex', 'edge', 'walk', ...captured.names].join(', ');
    this.#program.add(`function ${name}(${inputs}) {\n${inner.declarations}  return ${result};\n}`);
    const passed = ['q', 'vertex', 'edge', 'walk', ...captured.values].join(', ');
    return `{ condition: (vertex, edge, walk) => ${name}(${passed}), isTrue: ${this.#program.use('toBool')} }`;
  }

  /** A path, whole or those of its lists that are read. */
  #declarePath(variable: Variable, whole: string, parts: Readonly<Record<string, string>>, position: number): void {
    const names = partsRead(this.#nodes.slice(position + 1), variable);
    if (names === undefined) {
      this.#declare(variable, { text: whole, kind: KIND.object });
      return;
    }
    const attributes = new Map<string, Code>();
    for (const part of names) {
      const text = parts[part];
      if (text === undefined) continue;
      const name = this.#program.name('v');
      this.#body.line(`const ${name} = ${text};`);
      attributes.set(JSON.stringify([part]), { text: name, kind: KIND.array | KIND.views, isSimple: true });
    }
    if (names.some((part) => parts[part] === undefined)) this.#declare(variable, { text: whole, kind: KIND.object });
    else {
      this.#expressions.bindings.set(variable, { text: '', kind: KIND.object, isSimple: true, attributes });
      this.#rowVariables.add(variable);
    }
  }

  #writeShortestPath(node: ShortestPathNode): void {
    this.#enterSegment();
    const row = this.#program.name('hop');
    const inputs = ['q', this.#program.constant(node.source), this.#program.constant(node.options)];
    inputs.push(this.#expressions.variable(node.startVariable).text, this.#expressions.variable(node.targetVariable).text);
    this.#body.open(`for (const ${row} of ${this.#program.use('shortestPathRows')}(${inputs.join(', ')})) {`);
    const document = KIND.view | KIND.null;
    this.#declare(node.vertexOutVariable, { text: `${row}.vertex`, kind: document });
    if (node.edgeOutVariable !== undefined) this.#declare(node.edgeOutVariable, { text: `${row}.edge`, kind: document });
  }

  #writePaths(node: EnumeratePathsNode, position: number): void {
    this.#enterSegment();
    const found = this.#program.name('path');
    const depths = [node.minDepth, node.maxDepth].map((depth) => this.#expressions.plain(depth).text).join(', ');
    const ends = [node.startVariable, node.targetVariable].map((variable) => this.#expressions.variable(variable).text);
    const { source, options, kind } = node;
    const inputs = ['q', this.#program.constant({ source, options, kind }), ...ends, `[${depths}]`];
    this.#body.open(`for (const ${found} of ${this.#program.use('enumeratePaths')}(${inputs.join(', ')})) {`);
    const parts = { vertices: `${found}.vertices`, edges: `${found}.edges` };
    this.#declarePath(node.pathOutVariable, `${found}.path`, parts, position);
  }

  // Results

  #writeReturn(variable: Variable): void {
    const expression = this.#expressionOf(variable);
    switch (this.#sink) {
      case 'array': {
        const code = this.#expressions.compile(expression);
        this.#resultKind = code.kind;
        this.#body.line(`out.push(${code.text}); q.charge(${code.isSimple ? `${this.#program.use('sizeOf')}(${code.text})` : '64'});`);
        return;
      }
      case 'json':
        this.#body.line(`out.push(${jsonText(this.#expressions, expression)});`);
        break;
      case 'values':
        this.#body.line(`out.push(${this.#freshText(expression)});`);
        break;
    }
    this.#body.line('if (out.length === q.batchSize) { yield out; out = []; }');
  }

  /** A value that belongs to whoever gets it. */
  #freshText(expression: Expression): string {
    switch (expression.type) {
      case 'constant':
        return literal(expression.value);
      case 'array':
        return `[${expression.elements.map((element) => this.#freshText(element)).join(', ')}]`;
      case 'object': {
        const members = expression.members.map(({ name, value }) => `${this.#expressions.memberName(name)}: ${this.#freshText(value)}`);
        return `({ ${members.join(', ')} })`;
      }
      default: {
        const { text, kind } = this.#expressions.compile(expression);
        return (kind & ~PRIMITIVE) === 0 ? text : `${this.#program.use('fresh')}(${text})`;
      }
    }
  }
}

/** Nodes at which rows are kept or cross from one function to another. */
function isBoundary(node: ExecutionNode): boolean {
  switch (node.type) {
    case 'SortNode':
    case 'CollectNode':
    case 'WindowNode':
    case 'InsertNode':
    case 'UpdateNode':
    case 'ReplaceNode':
    case 'RemoveNode':
    case 'UpsertNode':
    case 'IndexNode':
    case 'TraversalNode':
    case 'ShortestPathNode':
    case 'EnumeratePathsNode':
      return true;
    case 'SubqueryNode':
      return someNode([node], isModification);
    default:
      return false;
  }
}

/** The value of the expression does not hold on to the document. */
function readsAttributesOnly(expression: Expression, variable: Variable): boolean {
  const chain = attributePathOf(expression);
  if (chain !== undefined) return chain.variable !== variable || chain.path.length > 0;
  return operandsOf(expression).every((operand) => readsAttributesOnly(operand, variable));
}

/** The attributes of a variable that are read; undefined if it is read as a whole somewhere. */
function partsRead(nodes: Pipeline, variable: Variable): readonly string[] | undefined {
  const names = new Set<string>();
  const isByParts = (expression: Expression): boolean => {
    const chain = attributePathOf(expression);
    if (chain?.variable === variable) {
      const [first] = chain.path;
      if (first !== undefined) names.add(first);
      return first !== undefined;
    }
    return operandsOf(expression).every(isByParts);
  };
  const readsByParts = (node: ExecutionNode): boolean => {
    if (!variablesReadBy(node).has(variable)) return true;
    if (node.type === 'SubqueryNode') return node.nodes.every(readsByParts);
    const rest = mapExpressions(node, () => ({ type: 'constant', value: null }));
    return !variablesReadBy(rest).has(variable) && expressionsOf(node).every(isByParts);
  };
  return nodes.every(readsByParts) ? [...names] : undefined;
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

function isKeyAccess({ access, equal }: IndexLookup): boolean {
  return access.index.type === 'primary' && equal.length === 1 && access.fields[0]?.text === '_key';
}

function isPrefix(prefix: readonly string[], path: readonly string[]): boolean {
  return prefix.length <= path.length && prefix.every((step, i) => step === path[i]);
}
