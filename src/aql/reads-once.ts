/**
 * Which queries ask for data with one call: they need no snapshot, as there is nothing that another call would have to agree with. And which of them do
 * so first of all.
 */
import { isDeterministic, someExpression } from './expression.ts';
import { placeHeld } from './compile/held-attributes.ts';
import { expressionsOf, type ExecutionNode, type IndexNode, type Pipeline } from './plan.ts';

/** False where that is not sure. */
export function readsOnce(nodes: Pipeline): boolean {
  let isInLoop = false;
  for (const node of nodes) {
    if (expressionsOf(node).some((expression) => someExpression(expression, looksFurther))) return false;
    switch (stepOf(node)) {
      case 'reads again':
        return false;
      case 'reads':
        if (isInLoop) return false;
        isInLoop = true;
        break;
      case 'loops':
        isInLoop = true;
        break;
      case 'passes':
    }
  }
  return true;
}

/** Whether such a query comes to what it reads before it has done anything worth mentioning. */
export function readsFirst(nodes: Pipeline): boolean {
  for (const node of nodes) {
    if (stepOf(node) === 'reads') return true;
    if (node.type !== 'SingletonNode' && !(node.type === 'CalculationNode' && isDeterministic(node.expression))) return false;
  }
  return false;
}

/** Functions that PRUNE refuses are those that look at more than their arguments. */
const looksFurther: Parameters<typeof someExpression>[1] = (each) =>
  each.type === 'user call' || (each.type === 'call' && !each.function.canPrune);

function stepOf(node: ExecutionNode): 'passes' | 'loops' | 'reads' | 'reads again' {
  switch (node.type) {
    case 'SingletonNode':
    case 'NoResultsNode':
    case 'CalculationNode':
    case 'FilterNode':
    case 'SortNode':
    case 'LimitNode':
    case 'CollectNode':
    case 'WindowNode':
    case 'ReturnNode':
      return 'passes';
    case 'EnumerateListNode':
      return 'loops';
    case 'EnumerateCollectionNode':
      // A row at random is looked for in several places.
      return node.isRandom ? 'reads again' : 'reads';
    case 'IndexNode': {
      const [lookup] = node.lookups;
      const isOneIndex = node.lookups.every(({ access }) => access === lookup?.access && access.search === undefined);
      return isOneIndex && !(node.isCovering && readsOwnFields(node)) ? 'reads' : 'reads again';
    }
    default:
      return 'reads again';
  }
}

/** Entries may be without those that are long, and then documents are looked for. */
function readsOwnFields({ lookups, projections = [] }: IndexNode): boolean {
  const access = lookups[0]?.access;
  if (access?.index.type !== 'persistent' || !access.index.hasOwnValues) return false;
  return projections.some(({ path }) => placeHeld(access, path) < access.fields.length);
}
