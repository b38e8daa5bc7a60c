/**
 * use-indexes: documents are found by an index instead of by looking at all.
 *
 *   FOR u IN users  FILTER u.city == "Oslo" && u.age > 30   =>   FOR u IN users (index city, age: "Oslo", above 30)
 *   FOR u IN users  FILTER u.city == "Oslo" || u.age > 90   =>   FOR u IN users (index city: "Oslo", index age: above 90)
 *
 * The filters stay; `remove-filter-covered-by-index` takes out what the index answers exactly.
 */
import type { IndexAccess } from '#documents';
import { mapPipelines, type EnumerateCollectionNode, type IndexLookup, type IndexNode, type Pipeline } from '../../plan.ts';
import { alternativesOf, atomsOf, conditionsAfter, isKnownAt } from '../condition.ts';
import { searchForBox } from '../box-search.ts';
import { chooseIndex } from '../index-choice.ts';
import type { OptimizerContext, Rule } from '../rule.ts';

export const useIndexes: Rule = {
  name: 'use-indexes',
  apply: (nodes, context) =>
    mapPipelines(nodes, (pipeline) => {
      let isChanged = false;
      const chosen = pipeline.map((node, i) => {
        if (node.type !== 'EnumerateCollectionNode' || node.isRandom || node.options.disableIndex === true) return node;
        const lookups = lookupsFor(node, pipeline, i, context);
        if (lookups === undefined) return node;
        isChanged = true;
        return indexNode(node, lookups, context);
      });
      return isChanged ? chosen : pipeline;
    }),
};

export function indexNode(node: EnumerateCollectionNode, lookups: readonly IndexLookup[], { ids }: OptimizerContext): IndexNode {
  const { isRandom: _never, type: _type, ...rest } = node;
  return { ...rest, type: 'IndexNode', id: ids.node(), lookups, isAscending: true, isSorted: false, isCovering: false };
}

function lookupsFor(
  node: EnumerateCollectionNode,
  nodes: Pipeline,
  position: number,
  context: OptimizerContext,
): readonly IndexLookup[] | undefined {
  const { indexHint = [], forceIndexHint } = node.options;
  const all = context.accessesOf(node.collection);
  const hinted = indexHint.map((name) => all.filter(({ index }) => index.name === name)).filter((found) => found.length > 0);
  for (const accesses of hinted) {
    const lookups = cheapest(node, nodes, position, accesses, context);
    if (lookups !== undefined) return lookups;
  }
  const inArea = inBox(node, nodes, position);
  if (forceIndexHint !== true || indexHint.length === 0) return cheapest(node, nodes, position, all, context) ?? inArea;
  return inArea?.every(({ access }) => indexHint.includes(access.index.name)) === true ? inArea : undefined;
}

/** The ways to ask a collection's indexes, those that the query names first; no others, if it insists on them. */
export function accessesByHint({ collection, options }: EnumerateCollectionNode, context: OptimizerContext): readonly IndexAccess[] {
  const { indexHint = [], forceIndexHint } = options;
  const all = context.accessesOf(collection);
  if (indexHint.length === 0) return all;
  const hinted = indexHint.flatMap((name) => all.filter(({ index }) => index.name === name));
  return forceIndexHint === true ? hinted : [...hinted, ...all];
}

/** By a multi-dimensional index. */
function inBox(
  { collection, outVariable }: EnumerateCollectionNode,
  nodes: Pipeline,
  position: number,
): readonly IndexLookup[] | undefined {
  const isKnown = isKnownAt(nodes, position);
  const atoms = conditionsAfter(nodes, position).flatMap((condition) => atomsOf(condition, outVariable, isKnown));
  const lookup = searchForBox(collection, atoms);
  return lookup && [lookup];
}

function cheapest(
  { collection, outVariable }: EnumerateCollectionNode,
  nodes: Pipeline,
  position: number,
  accesses: readonly IndexAccess[],
  context: OptimizerContext,
): readonly IndexLookup[] | undefined {
  const conditions = conditionsAfter(nodes, position);
  if (conditions.length === 0) return undefined;
  const isKnown = isKnownAt(nodes, position);
  const count = context.count(collection);
  let best: { readonly lookups: readonly IndexLookup[]; readonly cost: number } | undefined;
  for (const expandOr of [false, true]) {
    const choices = alternativesOf(conditions, { expandOr }).map((alternative) =>
      chooseIndex(
        accesses,
        alternative.flatMap((condition) => atomsOf(condition, outVariable, isKnown)),
        count,
      ),
    );
    if (!choices.every((choice) => choice !== undefined)) continue;
    const cost = choices.reduce((sum, choice) => sum + choice.cost, 0);
    if (best === undefined || cost < best.cost) best = { lookups: choices.map(({ lookup }) => lookup), cost };
  }
  return best?.lookups;
}
