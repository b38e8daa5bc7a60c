/**
 * The optimizer rules of a single server of ArangoDB 3.12, in the order in which it lists them, for `GET /_api/query/rules`. Those of
 * ArangoSearch and of vector indexes are never applied here; `docs/reference/optimizer-rules.md` says of each what foxden does about it.
 */
import type { ValueObject } from '#values';

/** `fixed`: it cannot be switched off. */
type Flag = 'hidden' | 'canCreateAdditionalPlans' | 'disabledByDefault' | 'enterpriseOnly' | 'fixed';

interface KnownRule {
  readonly name: string;
  /** What it does, in a sentence. */
  readonly description: string;
  /** What is not so as for most rules. */
  readonly flags?: readonly Flag[];
}

const RULES: readonly KnownRule[] = [
  {
    name: 'replace-function-with-index',
    description: 'Turns calls of NEAR, WITHIN, WITHIN_RECTANGLE and FULLTEXT into subqueries that go through the index.',
    flags: ['fixed'],
  },
  {
    name: 'inline-subqueries',
    description: 'Lets a loop run over what a subquery reads instead of over the list of its results, if nothing else needs that list.',
  },
  {
    name: 'replace-like-with-range',
    description: 'Adds a range to LIKE with a fixed beginning, so that an index can narrow the search.',
    flags: ['fixed'],
  },
  {
    name: 'replace-entries-with-object-iteration',
    description: 'Makes a loop over ENTRIES() a loop over the object, which needs no list of pairs.',
  },
  {
    name: 'simplify-conditions',
    description: 'Reads attributes and elements straight out of object and array literals.',
  },
  {
    name: 'move-calculations-up',
    description: 'Calculates as soon as everything is known that an expression reads, above all before loops instead of in them.',
  },
  {
    name: 'move-filters-up',
    description: 'Filters as soon as the condition can be decided, so that later steps see fewer rows.',
  },
  {
    name: 'remove-redundant-calculations',
    description: 'Calculates equal expressions once and reads that result everywhere.',
  },
  {
    name: 'remove-unnecessary-filters',
    description: 'Drops filters that let everything pass, and ends the query at those that let nothing pass.',
  },
  {
    name: 'remove-unnecessary-calculations',
    description: 'Drops calculations and subqueries whose results nobody reads.',
  },
  {
    name: 'specialize-collect',
    description: 'Chooses how COLLECT groups: by a hash table, by sorted input, or by mere counting.',
    flags: ['hidden', 'canCreateAdditionalPlans', 'fixed'],
  },
  {
    name: 'remove-redundant-sorts',
    description: 'Drops a SORT whose order is there already, or is lost before anyone sees it.',
  },
  {
    name: 'optimize-subqueries',
    description: 'Gives a subquery a LIMIT where only its first result matters, or whether there is one at all.',
  },
  {
    name: 'interchange-adjacent-enumerations',
    description: 'Tries other orders of loops that do not depend on each other, in plans of their own.',
    flags: ['canCreateAdditionalPlans'],
  },
  {
    name: 'move-calculations-up-2',
    description: 'Calculates earlier once more, after the loops have found their order.',
  },
  {
    name: 'move-filters-up-2',
    description: 'Filters earlier once more, after the loops have found their order.',
  },
  {
    name: 'replace-equal-attribute-accesses',
    description: 'Reads only one of two attributes that a condition makes equal.',
    flags: ['disabledByDefault'],
  },
  {
    name: 'remove-redundant-sorts-2',
    description: 'Looks for superfluous sorts once more, after the loops have found their order.',
  },
  {
    name: 'remove-sort-rand-limit-1',
    description: 'Picks one document at random instead of shuffling all for SORT RAND() LIMIT 1.',
  },
  {
    name: 'remove-collect-variables',
    description: 'Lets COLLECT gather only such variables and aggregates as are read behind it.',
  },
  {
    name: 'propagate-constant-attributes',
    description: 'Puts the value that one condition gives an attribute into the other conditions on it.',
  },
  {
    name: 'remove-data-modification-out-variables',
    description: 'Does not provide OLD and NEW where a query has no use for them.',
  },
  {
    name: 'replace-or-with-in',
    description: 'Asks once whether a value is in a list in place of several comparisons joined by OR.',
  },
  {
    name: 'replace-any-eq-with-in',
    description: 'Turns a list with ANY == into IN, which indexes can answer.',
  },
  {
    name: 'remove-redundant-or',
    description: 'Merges bounds for one value that are joined by OR into the wider of them.',
  },
  {
    name: 'geo-index-optimizer',
    description: 'Finds documents near a place or within an area through a geo index.',
  },
  {
    name: 'use-vector-index',
    description: 'Finds the most similar vectors through a vector index.',
  },
  {
    name: 'push-filter-into-enumerate-near',
    description: 'Checks conditions while a vector index is being searched.',
    flags: ['hidden', 'disabledByDefault', 'fixed'],
  },
  {
    name: 'materialize-for-enumerate-near',
    description: 'Reads the documents that a vector index found only when they are needed.',
    flags: ['hidden', 'fixed'],
  },
  {
    name: 'use-indexes',
    description: 'Finds documents through indexes that answer the conditions instead of looking at whole collections.',
  },
  {
    name: 'remove-filter-covered-by-index',
    description: 'Drops conditions that hold for all that an index gives.',
  },
  {
    name: 'remove-unnecessary-filters-2',
    description: 'Looks for filters that decide nothing once more, after indexes were chosen.',
  },
  {
    name: 'use-index-for-sort',
    description: 'Takes documents from an index in the order that SORT asks for.',
  },
  {
    name: 'sort-in-values',
    description: 'Sorts long lists on the right of IN beforehand, to search them faster.',
  },
  {
    name: 'optimize-traversal-last-element-access',
    description: 'Reads the last vertex or edge of a path from the variable that holds it, so that the path need not be built.',
  },
  {
    name: 'optimize-traversals',
    description: 'Checks conditions while walking a graph, and leaves out variables of a traversal that are not read.',
  },
  {
    name: 'optimize-enumerate-path-filters',
    description: 'Checks conditions on paths while the paths are being searched.',
  },
  {
    name: 'optimize-paths',
    description: 'Builds only those parts of a path that are read.',
  },
  {
    name: 'remove-filter-covered-by-traversal',
    description: 'Drops conditions that a traversal has checked itself.',
  },
  {
    name: 'handle-arangosearch-views',
    description: 'Makes the loops over Views searches.',
    flags: ['fixed'],
  },
  {
    name: 'arangosearch-constrained-sort',
    description: 'Lets a View keep no more of the best matches than LIMIT asks for.',
  },
  {
    name: 'remove-unnecessary-calculations-2',
    description: 'Drops what nobody reads once more, after indexes have taken over conditions.',
  },
  {
    name: 'remove-redundant-path-var',
    description: 'Builds no paths in traversals whose path variable is not read.',
  },
  {
    name: 'move-calculations-down',
    description: 'Calculates behind filters, sorts and limits if the result is needed no earlier, for the rows that are left.',
  },
  {
    name: 'fuse-filters',
    description: 'Makes one condition of filters that follow each other.',
  },
  {
    name: 'move-filters-into-enumerate',
    description: 'Checks conditions while documents are being read, so that those that fail never become rows.',
  },
  {
    name: 'remove-unnecessary-calculations-3',
    description: 'Drops what nobody reads once more, after work was given to other servers.',
    flags: ['hidden', 'disabledByDefault'],
  },
  {
    name: 'sort-limit',
    description: 'Lets SORT keep no more rows than the LIMIT behind it lets pass.',
  },
  {
    name: 'reduce-extraction-to-projection',
    description: 'Takes from documents only the few attributes that are read, from the index alone if it has them all.',
  },
  {
    name: 'optimize-count',
    description: 'Counts the results of a subquery instead of gathering them where only their number is asked for.',
  },
  {
    name: 'late-document-materialization-arangosearch',
    description: 'Reads documents that a View has found only after sorting and limiting.',
  },
  {
    name: 'late-document-materialization',
    description: 'Reads documents that an index has found only after sorting and limiting.',
  },
  {
    name: 'push-limit-into-index',
    description: 'Tells an index how many entries are enough.',
  },
  {
    name: 'batch-materialize-documents',
    description: 'Reads the documents that an index has found many at a time.',
  },
  {
    name: 'late-materialization-offset-info',
    description: 'Reads a View for the places of matches only for rows that are left in the end.',
    flags: ['enterpriseOnly'],
  },
  {
    name: 'join-index-nodes',
    description: 'Runs loops through indexes that are compared with each other as one join.',
  },
  {
    name: 'use-index-for-collect',
    description: 'Reads the groups of COLLECT from an index that has them in order.',
  },
  {
    name: 'push-down-late-materialization',
    description: 'Reads documents as late as possible, as long as the index itself has what the steps before need.',
  },
  {
    name: 'materialize-into-separate-variable',
    description: 'Gives documents that are read late a variable of their own.',
    flags: ['fixed'],
  },
  {
    name: 'optimize-projections',
    description: 'Gives the attributes that are taken from documents variables, which all later steps read.',
  },
  {
    name: 'remove-unnecessary-calculations-4',
    description: 'Drops calculations that have become mere names of other variables.',
  },
  {
    name: 'async-prefetch',
    description: 'Marks steps whose rows may be made ahead of time.',
  },
  {
    name: 'immutable-search-condition',
    description: 'Evaluates the condition of a search once if it is the same each time.',
  },
  {
    name: 'splice-subqueries',
    description: 'Puts the steps of subqueries in line with those of the query around them.',
    flags: ['fixed'],
  },
];

/** As `GET /_api/query/rules` answers. */
export function optimizerRules(): readonly ValueObject[] {
  return RULES.map(({ name, description, flags = [] }) => ({
    name,
    description,
    flags: {
      hidden: flags.includes('hidden'),
      clusterOnly: false,
      canBeDisabled: !flags.includes('fixed'),
      canCreateAdditionalPlans: flags.includes('canCreateAdditionalPlans'),
      disabledByDefault: flags.includes('disabledByDefault'),
      enterpriseOnly: flags.includes('enterpriseOnly'),
    },
  }));
}
