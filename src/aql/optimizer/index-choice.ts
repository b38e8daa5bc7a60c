/** Which index answers which comparisons, and how well. */
import { isArray } from '#values';
import type { IndexAccess } from '#documents';
import type { FieldPath } from '#catalog';
import { estimateLookup } from '../cost.ts';
import type { Expression } from '../expression.ts';
import type { FieldBound, FieldEquality, IndexLookup } from '../plan.ts';
import type { Atom } from './condition.ts';

/** Plans outlive the moment they are made in, so collections are taken to be no smaller than this. */
const LEAST_COUNT = 1000;
/** What a bound leaves, for the choice between indexes; costs that are shown do not count on it. */
const BOUND_SHARE = 0.5;

export interface Choice {
  readonly lookup: IndexLookup;
  readonly cost: number;
}

/** The cheapest way to find what meets all of the comparisons; undefined if no index helps. */
export function chooseIndex(accesses: readonly IndexAccess[], atoms: readonly Atom[], count: number): Choice | undefined {
  let best: Choice | undefined;
  for (const access of accesses) {
    const lookup = lookupOf(access, atoms);
    if (lookup === undefined) continue;
    const bounds = [lookup.low, lookup.high].filter((bound) => bound !== undefined).length;
    const cost = estimateLookup(lookup, Math.max(count, LEAST_COUNT)).cost * BOUND_SHARE ** bounds;
    if (best === undefined || cost < best.cost) best = { lookup, cost };
  }
  return best;
}

function lookupOf(access: IndexAccess, atoms: readonly Atom[]): IndexLookup | undefined {
  const equal: FieldEquality[] = [];
  const used: Atom[] = [];
  let low: FieldBound | undefined;
  let high: FieldBound | undefined;
  for (const field of access.fields) {
    const candidates = atoms.filter((atom) => isAbout(atom, field));
    const equality = candidates.find(({ operator }) => operator === '==') ?? candidates.find(({ operator }) => operator === 'IN');
    if (equality !== undefined) {
      equal.push({ is: equality.operator === 'IN' ? 'list' : 'value', expression: equality.value });
      used.push(equality);
      continue;
    }
    const lower = candidates.find(({ operator }) => operator === '>' || operator === '>=');
    const upper = candidates.find(({ operator }) => operator === '<' || operator === '<=');
    if (access.isSorted && lower !== undefined) {
      low = { expression: lower.value, isInclusive: lower.operator === '>=' };
      used.push(lower);
    }
    if (access.isSorted && upper !== undefined) {
      high = { expression: upper.value, isInclusive: upper.operator === '<=' };
      used.push(upper);
    }
    break;
  }
  if (used.length === 0 || (!access.isSorted && equal.length < access.fields.length)) return undefined;
  if (access.isSparse && !access.fields.every((field) => atoms.some((atom) => isAbout(atom, field) && excludesNull(atom, access)))) {
    return undefined;
  }
  return { access, equal, ...(low && { low }), ...(high && { high }), condition: used.map(({ source }) => source) };
}

function isAbout({ path, expandedStep }: Atom, { steps, expandedStep: expandedField }: FieldPath): boolean {
  return expandedStep === expandedField && path.length === steps.length && path.every((step, i) => step === steps[i]);
}

/** A sparse index lacks documents with null, so it answers only what none of them meets. */
function excludesNull({ operator, value, expandedStep }: Atom, { index }: IndexAccess): boolean {
  switch (operator) {
    case '>':
      return true;
    case '==':
      // Members of an array are there for any value, if the index as such is not sparse.
      return isNeverNull(value) || (expandedStep !== -1 && !index.isSparse);
    case '>=':
      return isNeverNull(value);
    case '!=':
      return value.type === 'constant' && value.value === null;
    case 'IN':
      return value.type === 'constant' && isArray(value.value) && value.value.every((each) => each !== null);
    case '<':
    case '<=':
    case 'NOT IN':
      return false;
  }
}

function isNeverNull(value: Expression): boolean {
  return value.type === 'constant' ? value.value !== null : value.type === 'parameter' && value.kind !== 'null';
}
