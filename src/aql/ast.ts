/**
 * The tree of an AQL query as the parser makes it: plain readonly data, all of the language. Positions are offsets into the text,
 * from which line and column of an error are made.
 *
 * Names are not resolved here: `bind.ts` decides what is a variable and what a collection.
 */
import type { Value } from '#values';

/** Offset of a node's first character in the query text. */
export interface Positioned {
  readonly at: number;
}

export type Direction = 'OUTBOUND' | 'INBOUND' | 'ANY';
export type Quantifier = { readonly is: 'ALL' | 'ANY' | 'NONE' } | { readonly is: 'AT LEAST'; readonly count: Expression };
/** The comparisons that a quantifier may stand before. */
export type ArrayOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'IN' | 'NOT IN';
export type ComparisonOperator = ArrayOperator | 'LIKE' | 'NOT LIKE' | '=~' | '!~';
export type BinaryOperator = ComparisonOperator | '+' | '-' | '*' | '/' | '%' | '&&' | '||' | '..';
export type UnaryOperator = '!' | '+' | '-';

export type Expression = Positioned &
  (
    | { readonly type: 'literal'; readonly value: Value }
    | { readonly type: 'array'; readonly elements: readonly Expression[] }
    | { readonly type: 'object'; readonly elements: readonly ObjectElement[] }
    /** A variable, or a collection where no variable has the name; `CURRENT`, `NEW` and `OLD` too. */
    | { readonly type: 'name'; readonly name: string }
    | { readonly type: 'bind'; readonly name: string }
    /** `@@name` */
    | { readonly type: 'collection bind'; readonly name: string }
    /** `name` in upper case; user functions keep their `::`. */
    | { readonly type: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
    | { readonly type: 'subquery'; readonly query: Block }
    | { readonly type: 'unary'; readonly operator: UnaryOperator; readonly operand: Expression }
    | { readonly type: 'binary'; readonly operator: BinaryOperator; readonly left: Expression; readonly right: Expression }
    | {
        readonly type: 'quantified';
        readonly quantifier: Quantifier;
        readonly operator: ArrayOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    /** `then` is absent in `a ?: b`. */
    | { readonly type: 'ternary'; readonly condition: Expression; readonly then?: Expression; readonly otherwise: Expression }
    | { readonly type: 'attribute'; readonly object: Expression; readonly name: string }
    /** `object.@bind` */
    | { readonly type: 'bound attribute'; readonly object: Expression; readonly name: string }
    | { readonly type: 'index'; readonly object: Expression; readonly index: Expression }
    | {
        readonly type: 'expansion';
        readonly object: Expression;
        /** `[*]` is 1, `[**]` is 2. */
        readonly levels: number;
        readonly filter?: Expression;
        readonly limit?: LimitClause;
        readonly projection?: Expression;
        /** The attribute path after the brackets, in terms of the name `CURRENT`; absent when nothing follows. */
        readonly tail?: Expression;
      }
    | { readonly type: 'question'; readonly object: Expression; readonly quantifier?: QuestionQuantifier; readonly filter?: Expression }
  );

export type QuestionQuantifier = Quantifier | { readonly is: 'EXACTLY'; readonly count: Expression };

export type ObjectElement = Positioned &
  (
    | { readonly type: 'property'; readonly name: string; readonly value: Expression }
    | { readonly type: 'shorthand'; readonly name: string }
    | { readonly type: 'bound property'; readonly name: string; readonly value: Expression }
    | { readonly type: 'computed property'; readonly name: Expression; readonly value: Expression }
  );

export interface LimitClause {
  readonly offset?: Expression;
  readonly count: Expression;
}

/** What `LET` and `FOR` bind: a name, or parts of an array or object. */
export type Target = Positioned &
  (
    | { readonly type: 'variable'; readonly name: string }
    | { readonly type: 'array target'; readonly elements: readonly (Target | undefined)[] }
    | { readonly type: 'object target'; readonly elements: readonly { readonly name: string; readonly target: Target }[] }
  );

export interface Assignment extends Positioned {
  readonly name: string;
  readonly value: Expression;
}

export interface AggregateAssignment extends Positioned {
  readonly name: string;
  readonly function: string;
  readonly arguments: readonly Expression[];
}

export type CollectionReference = Positioned &
  ({ readonly type: 'name'; readonly name: string } | { readonly type: 'collection bind'; readonly name: string });

/**
 * `GRAPH "name"` or `GRAPH name`, `GRAPH @name`, and `GRAPH @@name` as the drivers' templates have it. Edge collections, and those of WITH,
 * may be named by `@name` too.
 */
export type GraphReference = CollectionReference | (Positioned & { readonly type: 'bind'; readonly name: string });

export type GraphSubject =
  | { readonly type: 'named graph'; readonly graph: GraphReference }
  | {
      readonly type: 'edge collections';
      readonly collections: readonly { readonly direction?: Direction; readonly collection: GraphReference }[];
    };

export type PathKind = 'SHORTEST_PATH' | 'K_SHORTEST_PATHS' | 'ALL_SHORTEST_PATHS' | 'K_PATHS';

export type Statement = Positioned &
  (
    | {
        readonly type: 'for';
        readonly target: Target;
        readonly source: Expression;
        readonly search?: Expression;
        readonly options?: Expression;
      }
    | {
        readonly type: 'traversal';
        /** Vertex, edge, path. */
        readonly variables: readonly string[];
        readonly depth?: Expression;
        readonly direction: Direction;
        readonly start: Expression;
        readonly subject: GraphSubject;
        readonly prune?: { readonly variable?: string; readonly condition: Expression };
        readonly options?: Expression;
      }
    | {
        readonly type: 'paths';
        readonly kind: PathKind;
        readonly variables: readonly string[];
        readonly depth?: Expression;
        readonly direction: Direction;
        readonly from: Expression;
        readonly to: Expression;
        readonly subject: GraphSubject;
        readonly options?: Expression;
      }
    | { readonly type: 'let'; readonly target: Target; readonly value: Expression }
    | { readonly type: 'filter'; readonly condition: Expression }
    | {
        readonly type: 'collect';
        readonly groups: readonly Assignment[];
        readonly aggregates: readonly AggregateAssignment[];
        readonly into?: { readonly name: string; readonly projection?: Expression; readonly keep?: readonly string[] };
        /** `WITH COUNT INTO` */
        readonly count?: string;
        readonly options?: Expression;
      }
    | { readonly type: 'sort'; readonly keys: readonly { readonly value: Expression; readonly direction: 'ASC' | 'DESC' | Expression }[] }
    | ({ readonly type: 'limit' } & LimitClause)
    | {
        readonly type: 'window';
        readonly bounds: Expression;
        readonly range?: Expression;
        readonly aggregates: readonly AggregateAssignment[];
      }
    | { readonly type: 'return'; readonly isDistinct: boolean; readonly value: Expression }
    | { readonly type: 'insert'; readonly document: Expression; readonly into: CollectionReference; readonly options?: Expression }
    | {
        readonly type: 'update' | 'replace';
        readonly key: Expression;
        /** Absent in `UPDATE document IN …`. */
        readonly document?: Expression;
        readonly into: CollectionReference;
        readonly options?: Expression;
      }
    | { readonly type: 'remove'; readonly key: Expression; readonly into: CollectionReference; readonly options?: Expression }
    | {
        readonly type: 'upsert';
        readonly search:
          { readonly type: 'example'; readonly example: Expression } | { readonly type: 'filter'; readonly condition: Expression };
        readonly insert: Expression;
        readonly action: 'update' | 'replace';
        readonly document: Expression;
        readonly into: CollectionReference;
        readonly options?: Expression;
      }
  );

/** Statements of one scope: a query, or a subquery. */
export interface Block {
  readonly statements: readonly Statement[];
}

export interface Query extends Block {
  /** The collections of `WITH`. */
  readonly with: readonly GraphReference[];
}
