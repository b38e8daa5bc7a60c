/**
 * A query whose names are resolved and whose bind values are in place: what `bind.ts` makes of a parsed query and its bind
 * variables, and what the planner starts from.
 *
 * Every variable has an id of its own, so the same name in two subqueries is two variables. `CURRENT`, `OLD` and `NEW` are
 * variables too; collections are names. Destructuring targets are plain `let` statements by now. Nothing is folded or moved: that
 * is the optimizer's work.
 */
import type { Value, ValueObject } from '#values';
import type { ArrayOperator, BinaryOperator, Direction, PathKind, Positioned, UnaryOperator } from './ast.ts';

/** One object for each variable, so that two may be compared with `===`. */
export interface Variable {
  readonly id: number;
  /** As written. Variables that the user did not name have the decimal id as their name; `OLD`, `NEW`, `CURRENT` have a `$` before it. */
  readonly name: string;
}

export type BoundQuantifier = { readonly is: 'ALL' | 'ANY' | 'NONE' } | { readonly is: 'AT LEAST'; readonly count: BoundExpression };

/** `EXACTLY` takes a number or a range `min..max`. */
export type BoundQuestionQuantifier = BoundQuantifier | { readonly is: 'EXACTLY'; readonly count: BoundExpression };

export type BoundExpression = Positioned &
  /** `parameter` is the bind parameter that the value came from; a plan that relies on the value fits no other value. */
  (
    | { readonly type: 'literal'; readonly value: Value; readonly parameter?: string }
    | { readonly type: 'array'; readonly elements: readonly BoundExpression[] }
    | { readonly type: 'object'; readonly elements: readonly BoundProperty[] }
    | { readonly type: 'reference'; readonly variable: Variable }
    /** A collection or view as a loop's source or a function's argument; anywhere else it is error 1568, the planner's to raise. */
    | { readonly type: 'collection'; readonly name: string }
    | { readonly type: 'call'; readonly name: string; readonly arguments: readonly BoundExpression[] }
    /** A user function, in upper case: `MY::FUNCTION`. */
    | { readonly type: 'user call'; readonly name: string; readonly arguments: readonly BoundExpression[] }
    | { readonly type: 'subquery'; readonly query: BoundBlock }
    | { readonly type: 'unary'; readonly operator: UnaryOperator; readonly operand: BoundExpression }
    | { readonly type: 'binary'; readonly operator: BinaryOperator; readonly left: BoundExpression; readonly right: BoundExpression }
    | {
        readonly type: 'quantified';
        readonly quantifier: BoundQuantifier;
        readonly operator: ArrayOperator;
        readonly left: BoundExpression;
        readonly right: BoundExpression;
      }
    /** `then` is absent in `a ?: b`. */
    | {
        readonly type: 'ternary';
        readonly condition: BoundExpression;
        readonly then?: BoundExpression;
        readonly otherwise: BoundExpression;
      }
    | { readonly type: 'attribute'; readonly object: BoundExpression; readonly name: string }
    | { readonly type: 'index'; readonly object: BoundExpression; readonly index: BoundExpression }
    | {
        readonly type: 'expansion';
        readonly object: BoundExpression;
        /** `[*]` is 1, `[**]` is 2. */
        readonly levels: number;
        /** What `CURRENT` is in the other parts. */
        readonly element: Variable;
        readonly filter?: BoundExpression;
        readonly limit?: BoundLimit;
        /** `RETURN` and the attribute path after the brackets in one; absent: the element itself. */
        readonly projection?: BoundExpression;
      }
    | {
        readonly type: 'question';
        readonly object: BoundExpression;
        readonly element: Variable;
        readonly quantifier?: BoundQuestionQuantifier;
        readonly filter?: BoundExpression;
      }
  );

export type BoundProperty = Positioned &
  (
    | { readonly type: 'property'; readonly name: string; readonly value: BoundExpression }
    | { readonly type: 'computed property'; readonly name: BoundExpression; readonly value: BoundExpression }
  );

export interface BoundLimit {
  readonly offset?: BoundExpression;
  readonly count: BoundExpression;
}

export interface BoundAssignment extends Positioned {
  readonly variable: Variable;
  readonly value: BoundExpression;
}

/** `function` is an aggregate function's name in upper case, aliases replaced: `AVERAGE`, `LENGTH`, `COUNT_DISTINCT` … */
export interface BoundAggregate extends Positioned {
  readonly variable: Variable;
  readonly function: string;
  readonly arguments: readonly BoundExpression[];
}

export type BoundSubject =
  | { readonly type: 'named graph'; readonly name: string }
  | {
      readonly type: 'edge collections';
      /** Each with its own direction or the statement's. */
      readonly collections: readonly { readonly direction: Direction; readonly name: string }[];
    };

/** `options` are evaluated; `{}` when there are none. Unknown attributes are still in them. */
export type BoundStatement = Positioned &
  (
    | {
        readonly type: 'for';
        readonly variable: Variable;
        readonly source: BoundExpression;
        readonly search?: BoundExpression;
        readonly options: ValueObject;
      }
    | {
        readonly type: 'traversal';
        readonly vertex: Variable;
        readonly edge?: Variable;
        readonly path?: Variable;
        readonly depth?: BoundExpression;
        readonly direction: Direction;
        readonly start: BoundExpression;
        readonly subject: BoundSubject;
        /** The condition may use `vertex`, `edge` and `path`; also when the query does not name them, they are not made up here. */
        readonly prune?: { readonly variable?: Variable; readonly condition: BoundExpression };
        readonly options: ValueObject;
      }
    | {
        readonly type: 'paths';
        readonly kind: PathKind;
        /** Vertex and perhaps edge of SHORTEST_PATH, the path of the others. */
        readonly variables: readonly Variable[];
        readonly depth?: BoundExpression;
        readonly direction: Direction;
        readonly from: BoundExpression;
        readonly to: BoundExpression;
        readonly subject: BoundSubject;
        readonly options: ValueObject;
      }
    | { readonly type: 'let'; readonly variable: Variable; readonly value: BoundExpression }
    | { readonly type: 'filter'; readonly condition: BoundExpression }
    /** Takes the variables of the block's loops out of sight; those from before its first FOR stay. */
    | {
        readonly type: 'collect';
        readonly groups: readonly BoundAssignment[];
        readonly aggregates: readonly BoundAggregate[];
        readonly into?: BoundInto;
        /** `WITH COUNT INTO` */
        readonly count?: Variable;
        readonly options: ValueObject;
      }
    | { readonly type: 'sort'; readonly keys: readonly { readonly value: BoundExpression; readonly isAscending: boolean }[] }
    | ({ readonly type: 'limit' } & BoundLimit)
    | {
        readonly type: 'window';
        readonly bounds: BoundExpression;
        readonly range?: BoundExpression;
        readonly aggregates: readonly BoundAggregate[];
      }
    | { readonly type: 'return'; readonly isDistinct: boolean; readonly value: BoundExpression }
    | ({ readonly type: 'insert'; readonly document: BoundExpression } & BoundModification)
    | ({ readonly type: 'update' | 'replace'; readonly key: BoundExpression; readonly document?: BoundExpression } & BoundModification)
    | ({ readonly type: 'remove'; readonly key: BoundExpression } & BoundModification)
    | ({
        readonly type: 'upsert';
        /** `current` is the candidate document (`$CURRENT`) of a `UPSERT FILTER`. */
        readonly search:
          | { readonly type: 'example'; readonly example: BoundExpression }
          | { readonly type: 'filter'; readonly current: Variable; readonly condition: BoundExpression };
        readonly insert: BoundExpression;
        readonly action: 'update' | 'replace';
        readonly document: BoundExpression;
      } & BoundModification)
  );

/** What all modifications have. `old` and `new` are there when the statement offers them, used or not. */
export interface BoundModification {
  /** The collection's name. */
  readonly into: string;
  readonly options: ValueObject;
  readonly old?: Variable;
  readonly new?: Variable;
}

export type BoundInto =
  /** `INTO variable = projection` */
  | { readonly type: 'projection'; readonly variable: Variable; readonly projection: BoundExpression }
  /** `INTO variable`, with or without `KEEP`: objects of these variables, each under its name. */
  | { readonly type: 'variables'; readonly variable: Variable; readonly captured: readonly Variable[] };

/** Statements of one scope. The last one is a `return` or a modification. */
export interface BoundBlock {
  readonly statements: readonly BoundStatement[];
}

export type AccessMode = 'read' | 'write' | 'exclusive';

/** One place that names a collection, in the order in which the query runs them: a statement's subqueries before itself. */
export interface Access extends Positioned {
  readonly collection: string;
  readonly mode: AccessMode;
  /** `with` only declares; `loop` is a FOR, `edges` a traversal's list, `argument` a function's argument, `expression` an operand. */
  readonly by: 'with' | 'loop' | 'edges' | 'argument' | 'expression' | 'modification';
}

export interface QueryWarning {
  readonly code: number;
  readonly message: string;
}

export interface BoundQuery extends BoundBlock {
  /** All collections and views that the text names, by first appearance, with the strongest access. Named graphs' are not in it. */
  readonly collections: ReadonlyMap<string, AccessMode>;
  readonly accesses: readonly Access[];
  /** Ids from here on are free for the planner's own variables. */
  readonly nextVariableId: number;
  readonly isModification: boolean;
  /** Bind parameters whose values are part of the tree (collections, attribute names, options, sort directions, graphs): other values
   *  of the others make the same tree but for its literals. */
  readonly structuralParameters: ReadonlySet<string>;
  readonly warnings: readonly QueryWarning[];
}
