/**
 * move-filters-up: filters as early as the filter's variable is known, so that fewer rows go on.
 *
 *   FOR u IN users  LET x = …  FILTER u.age > 30              =>   FOR u IN users  FILTER u.age > 30  LET x = …
 *   FOR u IN users  FOR p IN posts  FILTER u.ok && p.u == u   =>   FOR u IN users  FILTER u.ok  FOR p IN posts  FILTER p.u == u
 *
 * A filter may not pass LIMIT, which would then count other rows, nor a modification, which would then write other rows.
 */
import type { Variable } from '../../bound-query.ts';
import { variablesOf, type Expression } from '../../expression.ts';
import {
  countReaders,
  isModification,
  mapPipelines,
  someNode,
  variablesSetBy,
  type CalculationNode,
  type ExecutionNode,
  type FilterNode,
  type Ids,
  type Pipeline,
} from '../../plan.ts';
import { conjuncts } from '../condition.ts';
import type { Rule } from '../rule.ts';
import { isMovable } from './move-calculations-up.ts';

export const moveFiltersUp: Rule = {
  name: 'move-filters-up',
  apply: (nodes, { ids }) => mapPipelines(nodes, (pipeline) => liftAll(splitAll(pipeline, ids))),
};

function liftAll(nodes: Pipeline): Pipeline {
  const readers = countReaders(nodes);
  const lifted: ExecutionNode[] = [];
  let isMoved = false;
  for (const node of nodes) {
    const unit: ExecutionNode[] = [node];
    let position = lifted.length;
    if (node.type === 'FilterNode') {
      const condition = lifted[position - 1];
      const takesAlong = isCalculationOf(condition, node) && readers.get(node.inVariable) === 1 && isMovable(condition);
      if (takesAlong) unit.unshift(...lifted.splice(--position));
      const read = takesAlong ? variablesOf(condition.expression) : new Set([node.inVariable]);
      const before = position;
      while (mayPass(read, lifted[position - 1])) position--;
      if (position < before) isMoved = true;
    }
    lifted.splice(position, 0, ...unit);
  }
  return isMoved ? lifted : nodes;
}

function isCalculationOf(node: ExecutionNode | undefined, { inVariable }: FilterNode): node is CalculationNode {
  return node?.type === 'CalculationNode' && node.outVariable === inVariable;
}

function mayPass(read: ReadonlySet<Variable>, above: ExecutionNode | undefined): boolean {
  if (above === undefined || isModification(above)) return false;
  if (variablesSetBy(above).some((variable) => read.has(variable))) return false;
  switch (above.type) {
    case 'CalculationNode':
      return isMovable(above);
    case 'SubqueryNode':
      return above.isUpsertLookup !== true && !someNode(above.nodes, isModification);
    case 'EnumerateCollectionNode':
    case 'IndexNode':
    case 'EnumerateListNode':
    case 'TraversalNode':
    case 'ShortestPathNode':
    case 'EnumeratePathsNode':
    case 'SortNode':
      return true;
    case 'SingletonNode':
    case 'MaterializeNode':
    case 'FilterNode':
    case 'LimitNode':
    case 'CollectNode':
    case 'WindowNode':
    case 'ReturnNode':
    case 'NoResultsNode':
      return false;
  }
}

/** `FILTER a && b` as two filters where one of them can go higher than the other. */
function splitAll(nodes: Pipeline, ids: Ids): Pipeline {
  const readers = countReaders(nodes);
  let isSplit = false;
  const split = nodes.flatMap((node, i) => {
    const next = nodes[i + 1];
    if (node.type !== 'CalculationNode' || next?.type !== 'FilterNode' || next.inVariable !== node.outVariable) return [node];
    if (readers.get(node.outVariable) !== 1 || conjuncts(node.expression).length === 1) return [node];
    const parts = conjuncts(node.expression);
    const levels = parts.map((part) => levelOf(part, nodes.slice(0, i)));
    if (levels.every((level) => level === levels[0])) return [node];
    isSplit = true;
    return parts.flatMap((part, k) => {
      const isLast = k === parts.length - 1;
      const outVariable = isLast ? node.outVariable : ids.variable();
      const calculation: CalculationNode = { ...node, id: isLast ? node.id : ids.node(), expression: part, outVariable };
      return isLast ? [calculation] : [calculation, filterOf(outVariable, ids)];
    });
  });
  return isSplit ? split : nodes;
}

const filterOf = (inVariable: Variable, ids: Ids): FilterNode => ({ type: 'FilterNode', id: ids.node(), inVariable });

/** How many enumerations must have run before an expression can be evaluated. */
function levelOf(expression: Expression, before: Pipeline): number {
  const needed = variablesOf(expression);
  for (let i = before.length - 1; i >= 0; i--) {
    const node = before[i];
    if (node !== undefined && variablesSetBy(node).some((variable) => needed.has(variable))) {
      return before.slice(0, i + 1).filter(isEnumeration).length;
    }
  }
  return 0;
}

function isEnumeration(node: ExecutionNode): boolean {
  switch (node.type) {
    case 'EnumerateCollectionNode':
    case 'IndexNode':
    case 'EnumerateListNode':
    case 'TraversalNode':
    case 'ShortestPathNode':
    case 'EnumeratePathsNode':
      return true;
    default:
      return false;
  }
}
