/** Functions that choose among values, call others, end or slow down a query, and tell about the server. */
import { ArangoError, clock, isArangoError } from '#base';
import { compareValues, isArray, isObject, plain, toBool, type DocumentView, type Value } from '#values';
import type { FunctionContext } from './context.ts';
import { bool, define, optional, rest, value, view, warn } from './define.ts';

export const NOT_NULL = define({
  name: 'NOT_NULL',
  summary: 'The first of the values that is not null.',
  params: [rest(value('alternatives'), 1)],
  examples: [
    ['NOT_NULL(null, false, 1)', false],
    ['NOT_NULL(null)', null],
  ],
  call: (values) => values.find((each) => each !== null) ?? null,
});

export const FIRST_LIST = define({
  name: 'FIRST_LIST',
  summary: 'The first of the values that is an array.',
  params: [rest(value('alternatives'), 1)],
  examples: [
    ['FIRST_LIST("fox", {}, [1], [2])', [1]],
    ['FIRST_LIST(null)', null],
  ],
  call: (values) => values.find(isArray) ?? null,
});

export const FIRST_DOCUMENT = define({
  name: 'FIRST_DOCUMENT',
  summary: 'The first of the values that is an object.',
  params: [rest(view('alternatives'), 1)],
  examples: [
    ['FIRST_DOCUMENT(null, [], {a: 1}, {b: 2})', { a: 1 }],
    ['FIRST_DOCUMENT(1)', null],
  ],
  call: (values) => values.find((each) => isObject(plain(each))) ?? null,
});

export const MIN_MATCH = define({
  name: 'MIN_MATCH',
  summary: 'Whether at least as many of the expressions are true as the last argument says.',
  params: [rest(value('expressionsAndMinMatchCount'), 2)],
  examples: [
    ['MIN_MATCH(1 == 1, 1 == 2, true, 2)', true],
    ['MIN_MATCH(1 == 2, true, 2)', false],
    ['MIN_MATCH(true, "1")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (inputs, context) => {
    const least = inputs.at(-1);
    if (typeof least !== 'number') return warn(context, 'MIN_MATCH');
    return inputs.slice(0, -1).filter((each) => toBool(each)).length >= Math.trunc(least);
  },
});

export const IN_RANGE = define({
  name: 'IN_RANGE',
  summary: "Whether `value` lies between `low` and `high` in AQL's order; the flags say whether it may equal them.",
  params: [value('value'), value('low'), value('high'), value('includeLow'), value('includeHigh')],
  examples: [
    ['IN_RANGE(4, 3, 5, true, true)', true],
    ['IN_RANGE(3, 3, 5, false, true)', false],
    ['IN_RANGE("fox", "fo", "fp", true, false)', true],
    ['IN_RANGE(4, 3, 5, 1, true)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (given, low, high, includeLow, includeHigh, context) => {
    if (typeof includeLow !== 'boolean' || typeof includeHigh !== 'boolean') return warn(context, 'IN_RANGE');
    return compareValues(given, low) >= (includeLow ? 0 : 1) && compareValues(given, high) <= (includeHigh ? 0 : -1);
  },
});

export const CALL = define({
  name: 'CALL',
  summary: 'What the function of that name gives for the other arguments.',
  params: [value('funcName'), rest(value('args'), 0)],
  deterministic: false,
  cacheable: false,
  canThrow: true,
  canPrune: false,
  examples: [
    ['CALL("SUBSTRING", "this is a test", 0, 4)', 'this'],
    ['CALL("pi")', 3.141592653589793],
  ],
  call: (name, inputs, context) => callByName(functionName('CALL', name), inputs, context),
});

export const APPLY = define({
  name: 'APPLY',
  summary: 'What the function of that name gives for the elements of an array as its arguments.',
  params: [value('functionName'), optional(value('arguments'))],
  deterministic: false,
  cacheable: false,
  canThrow: true,
  canPrune: false,
  examples: [
    ['APPLY("SUBSTRING", ["this is a test", 0, 7])', 'this is'],
    ['APPLY("LOWER", "FOX")', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (name, inputs, context) => {
    const called = functionName('APPLY', name);
    if (inputs !== undefined && !isArray(inputs)) return warn(context, 'APPLY');
    return callByName(called, inputs ?? [], context);
  },
});

/** A user's function that fails ends the query, but not where it is called by its name: then it is a warning. */
function callByName(name: string, inputs: readonly Value[], context: FunctionContext): Value | DocumentView {
  try {
    return context.callFunction(name, inputs);
  } catch (error) {
    if (!isArangoError(error) || error.errorNum !== 1583) throw error;
    context.warn('ERROR_QUERY_FUNCTION_RUNTIME_ERROR', error.message);
    return null;
  }
}

export const ASSERT = define({
  name: 'ASSERT',
  summary: 'True if `expr` is; else the query ends with the error `message`.',
  params: [bool('expr'), value('message')],
  deterministic: false,
  canThrow: true,
  examples: [
    ['ASSERT(1, "never")', true],
    ['ASSERT(true, 1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (condition, message, context) => {
    if (typeof message !== 'string') return warn(context, 'ASSERT');
    if (!condition) throw new ArangoError('ERROR_QUERY_USER_ASSERT', { message });
    return true;
  },
});

export const WARN = define({
  name: 'WARN',
  summary: 'Whether `expr` is true; if not, the query gets the warning `message`.',
  params: [bool('expr'), value('message')],
  deterministic: false,
  examples: [
    ['WARN(1, "never")', true],
    ['WARN(0, "zero")', false, 'ERROR_QUERY_USER_WARN'],
  ],
  call: (condition, message, context) => {
    if (typeof message !== 'string') return warn(context, 'WARN');
    if (!condition) context.warn('ERROR_QUERY_USER_WARN', message);
    return condition;
  },
});

export const FAIL = define({
  name: 'FAIL',
  summary: 'Ends the query with an error.',
  params: [optional(value('reason'), '')],
  deterministic: false,
  foldable: false,
  canThrow: true,
  examples: [['1 == 1 ? "okay" : FAIL("never")', 'okay']],
  call: (reason) => {
    throw new ArangoError('ERROR_QUERY_FAIL_CALLED', { message: typeof reason === 'string' && reason !== '' ? reason : 'FAIL() called' });
  },
});

export const NOOPT = define({
  name: 'NOOPT',
  summary: '`value` itself, unknown to the optimizer, which takes the call for one that may give something else each time.',
  params: [value('value')],
  deterministic: false,
  foldable: false,
  examples: [['NOOPT(1)', 1]],
  call: (given) => given,
});

export const NOEVAL = define({
  name: 'NOEVAL',
  summary: '`value` itself, but not before the query runs.',
  params: [value('value')],
  foldable: false,
  examples: [['NOEVAL(1)', 1]],
  call: (given) => given,
});

export const PASSTHRU = define({
  name: 'PASSTHRU',
  summary: '`value` itself, unknown to the optimizer.',
  params: [value('value')],
  deterministic: false,
  foldable: false,
  examples: [['PASSTHRU([1])', [1]]],
  call: (given) => given,
});

export const V8 = define({
  name: 'V8',
  summary: '`expression` itself. In ArangoDB it is reckoned in JavaScript, here everything is.',
  params: [value('expression')],
  canPrune: false,
  examples: [['V8(1 + 1)', 2]],
  call: (given) => given,
});

/** How long a sleeping query may take to notice that it was killed. */
const NAP_MS = 10;

export const SLEEP = define({
  name: 'SLEEP',
  summary: 'Null, after a while.',
  params: [value('seconds')],
  deterministic: false,
  cacheable: false,
  foldable: false,
  canThrow: true,
  examples: [
    ['SLEEP(0.001)', null],
    ['SLEEP(-1)', null, 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH'],
  ],
  call: (seconds, context) => {
    if (typeof seconds !== 'number' || seconds < 0) return warn(context, 'SLEEP');
    const end = clock.monotonic() + seconds * 1000;
    const never = new Int32Array(new SharedArrayBuffer(4));
    for (let left = end - clock.monotonic(); left > 0; left = end - clock.monotonic()) {
      Atomics.wait(never, 0, 0, Math.min(left, NAP_MS));
      context.checkKilled();
    }
    return null;
  },
});

export const VERSION = define({
  name: 'VERSION',
  summary: 'The version of ArangoDB that the server stands for.',
  params: [],
  foldable: false,
  canPrune: false,
  examples: [['VERSION()', '3.12.0']],
  call: (context) => context.version,
});

export const CURRENT_DATABASE = define({
  name: 'CURRENT_DATABASE',
  summary: 'The name of the database that the query runs in.',
  params: [],
  cacheable: false,
  foldable: false,
  canPrune: false,
  examples: [['CURRENT_DATABASE()', '_system']],
  call: (context) => context.database,
});

export const CURRENT_USER = define({
  name: 'CURRENT_USER',
  summary: 'The name of the user whose request the query runs in; null where nobody had to log in.',
  params: [],
  cacheable: false,
  foldable: false,
  canPrune: false,
  examples: [['CURRENT_USER()', null]],
  call: (context) => context.user ?? null,
});

function functionName(caller: string, name: unknown): string {
  if (typeof name === 'string') return name;
  throw new ArangoError('ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH', {
    message: `invalid argument type in call to function '${caller}()'`,
  });
}
