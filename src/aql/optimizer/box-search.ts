/** Which multi-dimensional index answers comparisons of several numbers. */
import { searchAccesses } from '#documents';
import type { CollectionDefinition, FieldPath } from '#catalog';
import { constant, type Expression } from '../expression.ts';
import type { FieldEquality, IndexLookup } from '../plan.ts';
import type { Atom } from './condition.ts';

/** The search that finds all documents that meet the comparisons; undefined if there is none that leaves out anything. */
export function searchForBox(collection: CollectionDefinition, atoms: readonly Atom[]): IndexLookup | undefined {
  for (const access of searchAccesses(collection)) {
    const { index } = access;
    if (index.type !== 'mdi') continue;
    const prefix = index.prefixFields.map((field) => equalityOf(field, atoms));
    if (!prefix.every((each) => each !== undefined)) continue;
    const bounds = index.fields.map((field) => boundsOf(field, atoms));
    if (bounds.every(({ low, high }) => low === undefined && high === undefined)) continue;
    if (index.isSparse && !isNeverNull(index.prefixFields, index.fields, atoms)) continue;
    const box: Expression = {
      type: 'array',
      elements: bounds.map(({ low, high }) => ({ type: 'array', elements: [low ?? constant(null), high ?? constant(null)] })),
    };
    const equal: FieldEquality[] = [...prefix, box].map((expression) => ({ is: 'value', expression }));
    return { access, equal, condition: [] };
  }
  return undefined;
}

function equalityOf(field: FieldPath, atoms: readonly Atom[]): Expression | undefined {
  return atoms.find((atom) => isAbout(atom, field) && atom.operator === '==')?.value;
}

function boundsOf(
  field: FieldPath,
  atoms: readonly Atom[],
): { readonly low: Expression | undefined; readonly high: Expression | undefined } {
  const own = atoms.filter((atom) => isAbout(atom, field));
  const valueOf = (...operators: readonly Atom['operator'][]): Expression | undefined =>
    own.find(({ operator }) => operators.includes(operator))?.value;
  return { low: valueOf('==', '>', '>='), high: valueOf('==', '<', '<=') };
}

/** A sparse index lacks documents in which one of the fields is null. */
function isNeverNull(prefix: readonly FieldPath[], fields: readonly FieldPath[], atoms: readonly Atom[]): boolean {
  return [...prefix, ...fields].every((field) =>
    atoms.some(({ operator, value, ...atom }) => {
      if (!isAbout({ operator, value, ...atom }, field)) return false;
      if (operator === '>') return true;
      const isNull = value.type === 'constant' && value.value === null;
      if (operator === '!=') return isNull;
      const isKnown = value.type === 'constant' || (value.type === 'parameter' && value.kind !== 'null');
      return (operator === '==' || operator === '>=') && isKnown && !isNull;
    }),
  );
}

function isAbout({ path, expandedStep }: Atom, { steps }: FieldPath): boolean {
  return expandedStep === -1 && path.length === steps.length && path.every((step, i) => step === steps[i]);
}
