/**
 * Expressions that stand by themselves: `RETURN` and a value made of `@doc`, for computed values of collections. They read nothing but
 * that document, so they need no transaction and no plan that is kept.
 */
import { ArangoError, findErrorName, isArangoError, type ErrorName } from '#base';
import { DatabaseCatalog } from '#catalog';
import type { Value, ValueObject } from '#values';
import { bindQuery } from './bind.ts';
import { evaluate } from './evaluate.ts';
import { someExpression, type Expression } from './expression.ts';
import type { FunctionContext } from './functions/context.ts';
import { callByName, findFunction } from './functions/registry.ts';
import { parseQuery } from './parser.ts';
import { allNodes, expressionsOf } from './plan.ts';
import { makePlan } from './planner.ts';

const PARAMETER = 'doc';

/** What looks beyond the document, or may come to. */
const REFUSED: ReadonlySet<string> = new Set(
  (
    'APPLY CALL COLLECTIONS COLLECTION_COUNT CURRENT_DATABASE CURRENT_USER DOCUMENT FULLTEXT LEVENSHTEIN_MATCH MINHASH_MATCH ' +
    'NEAR NGRAM_MATCH PREGEL_RESULT SCHEMA_GET SCHEMA_VALIDATE SHARD_ID SLEEP TOKENS V8 VERSION WITHIN WITHIN_RECTANGLE'
  ).split(' '),
);

const PLANNING = {
  catalog: new DatabaseCatalog({ id: 0, name: '', isSystem: false }, []),
  findGraph: () => undefined,
  warn: () => undefined,
  relyOn: () => undefined,
  inlinesParameters: false,
  countsFull: false,
};

export interface CalculationOptions {
  /** A warning is an error. */
  readonly failOnWarning: boolean;
}

export class Calculation {
  readonly #expression: Expression;

  /** Throws 10 for a text that is no such expression, and says why. */
  constructor(text: string) {
    this.#expression = expressionOf(text);
  }

  /** Warnings that are no errors are nobody's: there is no query that could show them. */
  evaluate(document: ValueObject, { failOnWarning }: CalculationOptions): Value {
    const warn = (error: ErrorName, message: string): void => {
      if (failOnWarning) throw new ArangoError(error, { message });
    };
    return evaluate(this.#expression, {
      context: contextOf(warn),
      parameter: () => document,
      variable: unreachable,
    });
  }
}

function expressionOf(text: string): Expression {
  try {
    const parsed = parseQuery(text);
    const bound = bindQuery(parsed, parsed.parameters.has(PARAMETER) ? { [PARAMETER]: {} } : {}, findFunction);
    const [statement] = bound.statements;
    if (bound.statements.length !== 1 || statement?.type !== 'return' || statement.isDistinct) {
      throw refusal('it must be a single RETURN operation');
    }
    if (bound.collections.size > 0) throw refusal('collections cannot be used in it');
    if (bound.structuralParameters.size > 0) throw refusal(`@${PARAMETER} cannot stand for a name in it`);
    // Constants are not folded: their warnings belong to the moment of writing.
    const calculations = makePlan(bound, PLANNING).nodes.slice(1, -1);
    const [calculation] = calculations;
    if (calculations.length !== 1 || calculation?.type !== 'CalculationNode') throw refusal('subqueries cannot be used in it');
    checkCalls(calculation.expression);
    return calculation.expression;
  } catch (error) {
    if (!isArangoError(error) || findErrorName(error.errorNum) === 'ERROR_BAD_PARAMETER') throw error;
    throw new ArangoError('ERROR_BAD_PARAMETER', { message: error.message }, { cause: error });
  }
}

/** Whether a query needs nothing but `@param`: the rule for those of analyzers. */
export function isComputation(text: string): boolean {
  try {
    const parsed = parseQuery(text);
    const bound = bindQuery(parsed, parsed.parameters.has('param') ? { param: '' } : {}, findFunction);
    if (bound.collections.size > 0 || bound.structuralParameters.size > 0) return false;
    for (const node of allNodes(makePlan(bound, PLANNING).nodes)) expressionsOf(node).forEach(checkCalls);
    return true;
  } catch (error) {
    if (isArangoError(error)) return false;
    throw error;
  }
}

function checkCalls(expression: Expression): void {
  someExpression(expression, (each) => {
    if (each.type === 'user call') throw refusal(`user-defined function '${each.name}()' cannot be used in it`);
    if (each.type === 'call' && REFUSED.has(each.function.name)) {
      throw refusal(`function '${each.function.name}()' cannot be used in it`);
    }
    return false;
  });
}

function refusal(why: string): ArangoError {
  return new ArangoError('ERROR_BAD_PARAMETER', { message: `not a computation expression: ${why}` });
}

const unreachable = (): never => {
  throw new Error('an expression that stands by itself depends on its document alone');
};

function contextOf(warn: FunctionContext['warn']): FunctionContext {
  const context: FunctionContext = {
    database: '',
    user: undefined,
    version: '',
    warn,
    checkKilled: () => undefined,
    random: () => Math.random(),
    callFunction: (name, inputs) => callByName(name, inputs, context),
    documents: {
      collections: unreachable,
      find: unreachable,
      count: unreachable,
      all: unreachable,
      withWords: unreachable,
      nearest: unreachable,
      indexes: unreachable,
      schema: unreachable,
      analyzer: () => undefined,
      calculate: unreachable,
    },
  };
  return context;
}
