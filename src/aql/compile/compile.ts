/** A plan to a function that runs it. */
import type { DocumentView, Value } from '#values';
import type { Plan } from '../plan.ts';
import type { Run } from '../run.ts';
import { ParameterSlots } from './expressions.ts';
import { readLate } from './late-reads.ts';
import { compilePipeline } from './pipeline.ts';
import { Program } from './program.ts';

/** Results come in batches of `Run.batchSize`. The generator must be closed (`return`) if it is left early. */
export type StartPlan<Result> = (run: Run) => Generator<readonly Result[], void, void>;

export interface CompiledPlan<Result> {
  /** The bind parameters whose values a run must have, in this order. */
  readonly parameters: readonly string[];
  readonly start: StartPlan<Result>;
}

/** Results are values that belong to whoever gets them; documents stay undecoded. */
export function compileForValues(plan: Plan): CompiledPlan<Value | DocumentView> {
  return compile(plan, 'values');
}

/** Results are JSON texts. */
export function compileForJson(plan: Plan): CompiledPlan<string> {
  return compile(plan, 'json');
}

/** The same with notes of where each row is, for `Run.profile`. */
export function compileForProfile(plan: Plan): CompiledPlan<Value | DocumentView> {
  return compile(plan, 'values', { isProfiled: true });
}

function compile<Result>({ nodes }: Plan, sink: 'values' | 'json', { isProfiled = false } = {}): CompiledPlan<Result> {
  const program = new Program({ isProfiled });
  const slots = new ParameterSlots();
  // Profiles are about the nodes that are shown.
  const { name } = compilePipeline(program, slots, isProfiled ? nodes : readLate(nodes), sink);
  return { parameters: slots.names, start: program.load(name) as StartPlan<Result> };
}
