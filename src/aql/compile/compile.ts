/** A plan to a function that runs it. */
import type { DocumentView, Value } from '#values';
import type { Pipeline, Plan } from '../plan.ts';
import type { Run } from '../run.ts';
import { ParameterSlots } from './expressions.ts';
import { readLate } from './late-reads.ts';
import { readOffEntries, readRowsLate } from './late-rows.ts';
import { compilePipeline } from './pipeline.ts';
import { Program } from './program.ts';

export interface CompileOptions {
  /** Documents may be read by a call of their own, after the entries that they were found by. */
  readonly hasLateRows: boolean;
}

/** Results come in batches of `Run.batchSize`. The generator must be closed (`return`) if it is left early. */
export type StartPlan<Result> = (run: Run) => Generator<readonly Result[], void, void>;

export interface CompiledPlan<Result> {
  /** The bind parameters whose values a run must have, in this order. */
  readonly parameters: readonly string[];
  readonly start: StartPlan<Result>;
}

/** Results are values that belong to whoever gets them; documents stay undecoded. */
export function compileForValues(plan: Plan, options: CompileOptions): CompiledPlan<Value | DocumentView> {
  return compile(plan.nodes, 'values', options);
}

/** Results are JSON texts. */
export function compileForJson(plan: Plan, options: CompileOptions): CompiledPlan<string> {
  return compile(plan.nodes, 'json', options);
}

/** The same with notes of where each row is, for `Run.profile`. */
export function compileForProfile({ nodes }: Plan): CompiledPlan<Value | DocumentView> {
  // Profiles are about the nodes that are shown.
  return load(nodes, 'values', new Program({ isProfiled: true }));
}

function compile<Result>(nodes: Pipeline, sink: 'values' | 'json', { hasLateRows }: CompileOptions): CompiledPlan<Result> {
  const offEntries = readOffEntries(nodes);
  return load(readLate(hasLateRows ? readRowsLate(offEntries) : offEntries), sink, new Program());
}

function load<Result>(nodes: Pipeline, sink: 'values' | 'json', program: Program): CompiledPlan<Result> {
  const slots = new ParameterSlots();
  const { name } = compilePipeline(program, slots, nodes, sink);
  return { parameters: slots.names, start: program.load(name) as StartPlan<Result> };
}
