/**
 * How far the windows of a WINDOW reach: read from its object when a plan is made, as the bounds must be known before the query runs.
 */
import { ArangoError } from '#base';
import type { Value } from '#values';
import type { BoundExpression } from './bound-query.ts';
import { constant } from './expression.ts';
import { parseDuration } from './functions/date/duration.ts';
import type { WindowBounds } from './plan.ts';

const NAMES = ['preceding', 'following'] as const;

/** Throws 1501 for other members than the two bounds, 10 for values that are none. A bound that is left out is 0. */
export function readWindowBounds(given: BoundExpression, isRange: boolean): WindowBounds {
  const bounds = new Map<string, Value>();
  for (const { name, value } of given.type === 'object' ? given.elements : []) {
    if (name !== 'preceding' && name !== 'following') {
      throw invalid(`Invalid WINDOW attribute '${typeof name === 'string' ? name : ''}'; only "preceding" and "following" are supported`);
    }
    if (bounds.has(name)) throw invalid(`WINDOW attribute '${name}' is specified multiple times`);
    bounds.set(name, constantOf(value));
  }
  if (bounds.size === 0) throw invalid("At least one WINDOW bound must be specified ('preceding'/'following')");
  if (isRange) checkRange(bounds);
  else if (![...bounds.values()].every(isRowCount)) {
    throw outOfBounds('WINDOW row spec is invalid; bounds must be positive integers or "unbounded"');
  }
  return { preceding: constant(bounds.get('preceding') ?? 0), following: constant(bounds.get('following') ?? 0) };
}

/** Of a number with its sign, or of a value. Arrays and objects are no bounds, whatever is in them. */
function constantOf(expression: BoundExpression): Value {
  if (expression.type === 'literal') return expression.value;
  if (expression.type !== 'unary' || expression.operand.type !== 'literal') return null;
  const { value } = expression.operand;
  if (typeof value !== 'number') return null;
  return expression.operator === '-' ? -value : expression.operator === '+' ? value : null;
}

const isRowCount = (bound: Value): boolean => bound === 'unbounded' || (typeof bound === 'number' && Number.isInteger(bound) && bound >= 0);

function checkRange(bounds: ReadonlyMap<string, Value>): void {
  const given = NAMES.filter((name) => bounds.has(name) && bounds.get(name) !== 'unbounded');
  const types = new Set(given.map((name) => typeof bounds.get(name)));
  const [type] = types;
  if (types.size > 1 || (type !== undefined && type !== 'number' && type !== 'string')) {
    throw outOfBounds(
      'WINDOW range spec is invalid; bounds must be of the same type - either both are numeric values, or both are ISO 8601 duration strings',
    );
  }
  for (const name of given) {
    const bound = bounds.get(name);
    if (typeof bound === 'string' && parseDuration(bound) === undefined) {
      throw outOfBounds(`WINDOW range spec is invalid; '${name}' is not a valid ISO 8601 duration string`);
    }
  }
}

const invalid = (message: string): ArangoError => new ArangoError('ERROR_QUERY_PARSE', { message });
const outOfBounds = (message: string): ArangoError => new ArangoError('ERROR_BAD_PARAMETER', { message });
