/**
 * How an index can be asked: one of its tables with the fields that order it. A primary index can be asked by `_key` and by `_id`,
 * an edge index by `_from` and by `_to`, a persistent index by its fields. The optimizer chooses among these.
 */
import type { FieldPath, IndexDefinition } from '#catalog';
import type { Value } from '#values';

export interface IndexAccess {
  readonly index: IndexDefinition;
  readonly fields: readonly FieldPath[];
  /** One document at most for values of all fields (sparse ones left out). */
  readonly isUnique: boolean;
  /** Documents in which one of the fields is null are not in it. */
  readonly isSparse: boolean;
  /** Entries come in AQL's order of `fields` and may be asked for by range. Otherwise only by equality of all fields. */
  readonly isSorted: boolean;
  /** An array is expanded: a document has an entry for each member. Scans give each document once all the same. */
  readonly isExpanded: boolean;
  /** What can be read off an entry without the document; empty: nothing. */
  readonly covered: readonly FieldPath[];
}

/** A stretch of an index: values of its leading fields and perhaps bounds for the field after them. */
export interface IndexRange {
  readonly equal: readonly Value[];
  readonly low?: RangeBound;
  readonly high?: RangeBound;
}

export interface RangeBound {
  readonly value: Value;
  readonly isInclusive: boolean;
}
