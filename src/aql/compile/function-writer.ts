/**
 * The writer of one function: the rows of a pipeline are local variables in nested loops, and the nodes add to the innermost.
 *
 * Where all rows must be there before the first goes on (SORT, COLLECT) the loops are closed and others begin; the code between two
 * such places is a *segment*. Where rows go on in batches (a join through an index, writing) what was written so far becomes a
 * generator of batches, and the function begins anew with a loop over it.
 */
import type { Variable } from '../bound-query.ts';
import { reference, type Expression } from '../expression.ts';
import { countReaders, isModification, someNode, variablesReadByAll, type ExecutionNode, type Pipeline } from '../plan.ts';
import { ExpressionCompiler, KIND, type Binding, type ParameterSlots } from './expressions.ts';
import { Body, type Program } from './program.ts';

/** Where the rows of a pipeline go. */
export type Sink = 'values' | 'json' | 'array';

/** Rows that wait for a batch to be full; the first batches are small, so that a LIMIT reads little. */
const FIRST_BATCH = 16;
const FIRST_OF_ALL = 128;
const FULL_BATCH = 1000;

/** Shorter arrays and strings of a row are not worth counting. */
const LARGE_LENGTH = 1000;

export interface PipelineFunction {
  readonly name: string;
  /** The kind of value that RETURN gives. */
  readonly resultKind: number;
}

/** A loop over batches of rows: the name of the batch, and how a `row` of it has the variables. */
export interface BatchLoop {
  readonly batch: string;
  readonly bindings: ReadonlyMap<Variable, Binding>;
}

export class FunctionWriter {
  readonly program: Program;
  readonly parameters: ParameterSlots;
  readonly nodes: Pipeline;
  readonly sink: Sink;
  readonly readers: ReadonlyMap<Variable, number>;
  /** Calculations that are written where their only reader is. */
  readonly deferred = new Map<Variable, Expression>();
  readonly ranges = new Map<Variable, { readonly from: string; readonly to: string }>();
  /** Nodes that an earlier one has done. */
  readonly skipped = new Set<ExecutionNode>();
  expressions: ExpressionCompiler;
  body = new Body();
  /** A place before the segment, for what outlives its rows. */
  slot: Body;
  /** Variables whose values belong to the row, in contrast to those of the function as a whole. */
  readonly rowVariables = new Set<Variable>();
  resultKind = 0;
  readonly #name: string;
  readonly #inputs: readonly string[];
  /** The label of the segment, once it has loops. */
  #segment: string | undefined;

  constructor(
    program: Program,
    parameters: ParameterSlots,
    nodes: Pipeline,
    sink: Sink,
    inputs: readonly string[],
    bindings: Map<Variable, Binding>,
  ) {
    this.program = program;
    this.parameters = parameters;
    this.nodes = nodes;
    this.sink = sink;
    this.#inputs = inputs;
    this.#name = program.name(sink === 'array' ? 'subquery' : 'query');
    this.readers = countReaders(nodes);
    this.expressions = new ExpressionCompiler(program, parameters, bindings);
    this.slot = this.body.slot();
  }

  /** Adds the function to the program, once all nodes are written. */
  finish(): PipelineFunction {
    const isStreaming = this.sink !== 'array';
    this.body.close();
    this.body.line(isStreaming ? 'if (out.length > 0) { q.give(bytes); yield out; }' : 'q.memoryBytes = before;');
    if (!isStreaming) this.body.line('return out;');
    const opening = `function${isStreaming ? '*' : ''} ${this.#name}(${['q', ...this.#inputs].join(', ')}) {`;
    const result = isStreaming ? '  let out = [], bytes = 0;' : '  const out = [], before = q.memoryBytes;';
    this.program.add([opening, result, this.expressions.declarations + this.body.text, '}'].join('\n'));
    return { name: this.#name, resultKind: this.resultKind };
  }

  /** Opens the block that LIMIT may leave, before the first loop or condition. */
  enterSegment(): void {
    if (this.#segment === undefined) {
      this.#segment = this.program.name('S');
      this.slot = this.body.slot();
      this.body.open(`${this.#segment}: {`);
    }
  }

  leaveSegment(): void {
    this.body.close();
    this.#segment = undefined;
    this.slot = this.body.slot();
  }

  get hasRows(): boolean {
    return this.#segment !== undefined;
  }

  /** The statement that leaves the segment. */
  get leaving(): string {
    return `break ${this.#segment};`;
  }

  bind(variable: Variable, text: string, kind: number): void {
    this.expressions.bindings.set(variable, { text, kind, isSimple: true });
    if (this.hasRows) this.rowVariables.add(variable);
    else this.rowVariables.delete(variable);
  }

  /** Declares a local variable of the row, or of the function where there are no rows yet. */
  declare(variable: Variable, code: { readonly text: string; readonly kind: number }): void {
    const name = this.program.name('v');
    this.body.line(`const ${name} = ${code.text};`);
    this.bind(variable, name, code.kind);
  }

  /** Counts what a variable has as memory of the query if that is large, until it has something else. */
  hold(variable: Variable): void {
    const { text, kind } = this.expressions.variable(variable);
    if ((kind & (KIND.string | KIND.array)) === 0) return;
    const held = this.program.name('held');
    this.slot.line(`let ${held} = 0;`);
    this.body.line(`if (${text}?.length > ${LARGE_LENGTH} || ${held} > 0) ${held} = q.hold(${text}, ${held});`);
  }

  expressionOf(variable: Variable): Expression {
    return this.deferred.get(variable) ?? reference(variable);
  }

  /** Whether some rows may never be asked for. */
  hasLimitAfter(position: number): boolean {
    return this.nodes.some(({ type }, i) => i > position && type === 'LimitNode');
  }

  /** What of the row is read from a place on. */
  liveAfter(position: number): Variable[] {
    const live = variablesReadByAll(this.nodes.slice(position + 1));
    return [...live].filter((variable) => this.rowVariables.has(variable));
  }

  /** Keeps the live variables of all rows, and goes on with a loop over them. */
  materialize(position: number): void {
    const stored = this.storeRow(this.liveAfter(position), 'rows');
    this.leaveSegment();
    this.openRows(`of ${stored.name}`, stored.bindings);
  }

  /** Pushes an object with the variables into an array, which is declared before the segment. */
  storeRow(variables: readonly Variable[], prefix: string) {
    this.enterSegment();
    const name = this.program.name(prefix);
    this.slot.line(`const ${name} = [];`);
    const { members, bindings, size } = this.rowMembers(variables);
    this.body.line(`${name}.push({ ${members.join(', ')} }); q.charge(${size});`);
    return { name, bindings };
  }

  /** How variables are kept in an object `row`: its members, and the variables' bindings afterwards. */
  rowMembers(variables: readonly Variable[]) {
    const members: string[] = [];
    const sizes: string[] = [];
    const bindings = new Map<Variable, Binding>();
    let fixed = 32;
    const keep = ({ text, kind }: Binding): Binding => {
      const member = this.program.name('m');
      members.push(`${member}: ${text}`);
      if (kind & ~(KIND.null | KIND.bool | KIND.number)) sizes.push(`${this.program.use('sizeOf')}(${text})`);
      else fixed += 8;
      return { text: `row.${member}`, kind, isSimple: true };
    };
    for (const variable of variables) {
      const { attributes, ...binding } = this.expressions.variable(variable);
      bindings.set(variable, {
        ...(binding.text === '' ? binding : keep(binding)),
        ...(attributes && { attributes: new Map([...attributes].map(([path, code]) => [path, keep(code)])) }),
      });
    }
    return { members, bindings, size: [String(fixed), ...sizes].join(' + ') };
  }

  /** Opens a loop over kept rows. */
  openRows(of: string, bindings: ReadonlyMap<Variable, Binding>): void {
    this.enterSegment();
    this.body.open(`for (const row ${of}) {`);
    this.rebind(bindings);
  }

  rebind(bindings: ReadonlyMap<Variable, Binding>): void {
    for (const [variable, binding] of bindings) {
      const name = this.program.name('v');
      if (binding.text !== '') this.body.line(`const ${name} = ${binding.text};`);
      const attributes = binding.attributes && this.#declareAttributes(binding.attributes);
      this.expressions.bindings.set(variable, { ...binding, text: binding.text === '' ? '' : name, ...(attributes && { attributes }) });
      this.rowVariables.add(variable);
    }
  }

  #declareAttributes(attributes: ReadonlyMap<string, { readonly text: string; readonly kind: number }>) {
    return new Map(
      [...attributes].map(([path, { text, kind }]) => {
        const name = this.program.name('v');
        this.body.line(`const ${name} = ${text};`);
        return [path, { text: name, kind, isSimple: true }] as const;
      }),
    );
  }

  /**
   * Makes what was written so far a generator of batches of rows, and goes on in a loop over them. `extra` are further members of a
   * row.
   */
  batchRows(position: number, extra: ReadonlyMap<string, string>, size: 'growing' | 'full'): BatchLoop {
    this.enterSegment();
    const generator = this.program.name('batches');
    const growing = this.hasLimitAfter(position) ? FIRST_BATCH : FIRST_OF_ALL;
    const firstBatch = size === 'growing' ? growing : FULL_BATCH;
    const [rows, limit, held] = [this.program.name('rows'), this.program.name('size'), this.program.name('held')];
    // All that is live goes along, also what belongs to the function as a whole: the generator is another function.
    const live = [...variablesReadByAll(this.nodes.slice(position))].filter((variable) => {
      const binding = this.expressions.bindings.get(variable);
      return binding !== undefined && binding.isGlobal !== true;
    });
    const { members, bindings, size: rowSize } = this.rowMembers(live);
    for (const [name, text] of extra) members.push(`${name}: ${text}`);
    this.slot.line(`let ${rows} = [], ${limit} = ${firstBatch}, ${held} = 0;`);
    this.body.line(`${rows}.push({ ${members.join(', ')} }); ${held} += q.charge(${rowSize});`);
    this.body.open(`if (${rows}.length >= ${limit}) {`);
    this.body.line(`yield ${rows};`);
    this.body.line(`q.memoryBytes -= ${held}; ${held} = 0; ${rows} = []; if (${limit} < ${FULL_BATCH}) ${limit} *= 4;`);
    this.body.close(this.body.depth - 1);
    this.body.close();
    this.body.line(`if (${rows}.length > 0) yield ${rows};`);
    this.body.line(`q.memoryBytes -= ${held};`);
    const inputs = ['q', ...this.#inputs].join(', ');
    this.program.add(`function* ${generator}(${inputs}) {\n${this.expressions.declarations}${this.body.text}\n}`);

    const outer = this.expressions.bindings;
    this.expressions = new ExpressionCompiler(this.program, this.parameters, outer);
    this.body = new Body();
    this.#segment = undefined;
    this.slot = this.body.slot();
    this.enterSegment();
    const batch = this.program.name('batch');
    this.body.open(`for (const ${batch} of ${generator}(${inputs})) {`);
    this.body.line('q.check();');
    return { batch, bindings };
  }
}

/** Nodes at which rows are kept or cross from one function to another. */
export function keepsRows(node: ExecutionNode): boolean {
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
    case 'MaterializeNode':
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
