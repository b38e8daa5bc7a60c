/** Aggregate functions as code: the common ones are a member or two of the group, the others an object that rows are added to. */
import { findAggregateFunction } from '../functions/aggregates.ts';
import { ANY, KIND, type Code } from './expressions.ts';
import type { Program } from './program.ts';

export interface AggregateCode {
  /** Members of a new group. */
  readonly initial: readonly string[];
  /** Statements for each row. */
  readonly update: readonly string[];
  readonly result: { readonly text: string; readonly kind: number };
}

/** `member` is the name of the group's member that may be used, `slot` the code that reads it. */
export function aggregateCode(program: Program, name: string, input: Code | undefined, slot: string, member: string): AggregateCode {
  const given = input?.text ?? 'null';
  switch (name) {
    case 'LENGTH':
      return { initial: [`${member}: 0`], update: [`${slot}++;`], result: { text: slot, kind: KIND.number } };
    case 'SUM':
      return {
        initial: [`${member}: null`],
        update: [`${slot} = ${program.use('plus')}(${slot}, ${given});`],
        result: { text: `${program.use('finiteOrNull')}(${slot})`, kind: KIND.number | KIND.null },
      };
    case 'AVERAGE':
      return {
        initial: [`${member}: 0`, `${member}n: 0`],
        update: [`if (${given} !== null) ${slot}n++;`, `${slot} = ${program.use('plus')}(${slot}, ${given});`],
        result: { text: `${program.use('finiteOrNull')}(${slot} / ${slot}n)`, kind: KIND.number | KIND.null },
      };
    default: {
      const definition = findAggregateFunction(name);
      if (definition === undefined) throw new Error(`no aggregate function is called ${name}`);
      const isKeeping = definition.create().kept !== undefined;
      const keeping = `{ const { kept } = ${slot}; ${slot}.add(${given}); if (${slot}.kept > kept) q.charge(${program.use('sizeOf')}(${given})); }`;
      return {
        initial: [`${member}: ${program.constant(definition.create)}()`],
        update: [isKeeping ? keeping : `${slot}.add(${given});`],
        result: { text: `${slot}.result()`, kind: ANY },
      };
    }
  }
}
