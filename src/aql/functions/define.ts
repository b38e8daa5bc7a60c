/**
 * How an AQL function is written down: one `define` is the function, its signature, its page of the manual and its test.
 *
 * A parameter says what it takes. Some cast, as AQL does nearly everywhere (`text`, `number`, `integer`, `bool`); some insist
 * (`array`, `object`, `string`): another value gives a warning, and the result is null without `call` being reached. So `call` in a
 * definition sees arguments that fit, with their types, and the finished function takes any values.
 */
import { errorMessage, type ErrorName } from '#base';
import { isArray, isObject, toBool, toNumber, toText, type DocumentView, type Value, type ValueObject } from '#values';
import type { FunctionContext } from './context.ts';

export interface Parameter<Argument = unknown> {
  readonly name: string;
  /** How the manual calls what it takes. */
  readonly type: 'any' | 'array' | 'bool' | 'collection' | 'date' | 'number' | 'object' | 'string';
  readonly occurs: 'once' | 'optionally' | 'often';
  readonly atLeast: number;
  /** A `DocumentView` may be passed as it is; everywhere else it has to become a plain value before. */
  readonly takesViews?: boolean;
  readonly cast?: (value: Value) => unknown;
  /** Whether the argument, after the cast, is one. */
  readonly fits?: (argument: never) => boolean;
  /** What the warning is when it is none, perhaps by what the cast made of it; 1542 if not said. */
  readonly misfit?: ErrorName | ((argument: unknown) => ErrorName);
  /** Stands for an argument that is left out; without it that is `undefined`. */
  readonly fallback?: Argument;
}

type ArgumentOf<Given> = Given extends Parameter<infer Argument> ? Argument : never;
type ArgumentsOf<Parameters extends readonly Parameter[]> = { [Index in keyof Parameters]: ArgumentOf<Parameters[Index]> };

/** An AQL expression, its result, and the warning that it gives. */
export type Example = readonly [expression: string, result: Value, warning?: ErrorName];

interface Traits {
  /** In capitals. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  readonly examples: readonly Example[];
  /** False: the same arguments may give another result, so a call is neither folded nor moved out of a loop. */
  readonly deterministic: boolean;
  /** False: the results of a query with it are not cached. */
  readonly cacheable: boolean;
  /** False: a call with constant arguments is left for run time. */
  readonly foldable: boolean;
  /** True: it may end the query by itself, with or without `failOnWarning`. */
  readonly canThrow: boolean;
  /** False: PRUNE refuses it, as ArangoDB does with whatever looks at more than its arguments. */
  readonly canPrune: boolean;
  /** The function that is meant when the first argument names a collection. */
  readonly ofCollection: string | undefined;
}

const usual = {
  aliases: [],
  deterministic: true,
  cacheable: true,
  foldable: true,
  canThrow: false,
  canPrune: true,
  ofCollection: undefined,
} satisfies Partial<Traits>;

type Definition<Parameters extends readonly Parameter[]> = Omit<Traits, keyof typeof usual> &
  Partial<Pick<Traits, keyof typeof usual>> & {
    readonly params: Parameters;
    readonly call: (...inputs: [...ArgumentsOf<Parameters>, FunctionContext]) => Value | DocumentView;
  };

export interface AqlFunction extends Traits {
  readonly params: readonly Parameter[];
  readonly minArguments: number;
  /** Infinity when the last parameter occurs often. */
  readonly maxArguments: number;
  /**
   * What a compiled query calls: one argument for each parameter, then the context. An optional argument that is left out is
   * `undefined`; the arguments of a parameter that occurs often are one array; a parameter of type `collection` gets the name.
   */
  readonly call: Callable;
}

type Callable = (...inputs: readonly unknown[]) => Value | DocumentView;

export function define<const Parameters extends readonly Parameter[]>(definition: Definition<Parameters>): AqlFunction {
  const { name, params } = definition;
  let call: Callable | undefined;
  return {
    ...usual,
    ...definition,
    minArguments: params.reduce((sum, { atLeast }) => sum + atLeast, 0),
    maxArguments: params.some(({ occurs }) => occurs === 'often') ? Infinity : params.length,
    get call() {
      return (call ??= withFitting(name, params, definition.call as Callable));
    },
  };
}

/** Calls a function with its arguments in a row. Their number must fit. */
export function callFunction(definition: AqlFunction, inputs: readonly Value[], context: FunctionContext): Value | DocumentView {
  const { params, call } = definition;
  return call(...params.map(({ occurs }, i) => (occurs === 'often' ? inputs.slice(i) : inputs[i])), context);
}

/** Warns in ArangoDB's words that the function `name` met `error`; `detail` replaces the error's text. Null, to be returned. */
export function warn(
  context: FunctionContext,
  name: string,
  error: ErrorName = 'ERROR_QUERY_FUNCTION_ARGUMENT_TYPE_MISMATCH',
  detail?: string,
): null {
  const message = errorMessage(error);
  if (detail === undefined && message.includes("'%s()'")) context.warn(error, message.replace('%s', name));
  else context.warn(error, `in function '${name}()': ${detail ?? message}`);
  return null;
}

/**
 * Puts the casts and checks of the parameters before `call`. As source text, so that each function has code of its own: a closure
 * made in a loop would share its inline caches with all other functions, and a compiled query could inline none of them.
 */
function withFitting(name: string, params: readonly Parameter[], call: Callable): Callable {
  const bound: Record<string, unknown> = { call };
  const steps = params.map(({ occurs, cast, fits, misfit, fallback }, i) => {
    bound[`cast${i}`] = cast;
    bound[`fits${i}`] = fits;
    bound[`fallback${i}`] = fallback;
    bound[`misfit${i}`] = (context: FunctionContext, argument: unknown) =>
      warn(context, name, typeof misfit === 'function' ? misfit(argument) : misfit);
    const step =
      (cast === undefined ? '' : occurs === 'often' ? `a${i} = a${i}.map((each) => cast${i}(each)); ` : `a${i} = cast${i}(a${i}); `) +
      (fits === undefined
        ? ''
        : `if (!${occurs === 'often' ? `a${i}.every(fits${i})` : `fits${i}(a${i})`}) return misfit${i}(context, a${i}); `);
    if (occurs !== 'optionally' || (step === '' && fallback === undefined)) return step;
    return `if (a${i} === undefined) a${i} = fallback${i}; else { ${step}} `;
  });
  if (steps.every((step) => step === '')) return call;
  const inputs = [...params.map((_, i) => `a${i}`), 'context'].join(', ');
  // oxlint-disable-next-line typescript/no-implied-eval -- the text is made of this file's own words alone
  const make = new Function(...Object.keys(bound), `return (${inputs}) => { ${steps.join('')}return call(${inputs}); };`);
  return make(...Object.values(bound)) as Callable;
}

// Parameters that take anything.

export const value = (name: string): Parameter<Value> => ({ name, type: 'any', occurs: 'once', atLeast: 1 });

/** Anything, a document that was not decoded yet among it. */
export const view = (name: string): Parameter<Value | DocumentView> => ({ ...value(name), takesViews: true });

/** A collection, written by its name or as a string; `call` gets the name. */
export const collection = (name: string): Parameter<Value> => ({ name, type: 'collection', occurs: 'once', atLeast: 1 });

// Parameters that cast.

const casting =
  <Argument>(type: Parameter['type'], cast: (value: Value) => Argument) =>
  (name: string): Parameter<Argument> => ({ name, type, occurs: 'once', atLeast: 1, cast });

export const text = casting('string', toText);
export const number = casting('number', toNumber);
export const integer = casting('number', (given) => Math.trunc(toNumber(given)));
export const bool = casting('bool', toBool);

// Parameters that insist.

const insisting =
  <Argument extends Value>(type: Parameter['type'], fits: (value: Value) => value is Argument, misfit?: ErrorName) =>
  (name: string): Parameter<Argument> => ({ name, type, occurs: 'once', atLeast: 1, fits, ...(misfit === undefined ? {} : { misfit }) });

export const array = insisting('array', isArray);
/** An array, too, where ArangoDB warns with 1563 instead of 1542. */
export const list = insisting('array', isArray, 'ERROR_QUERY_ARRAY_EXPECTED');
export const object = insisting<ValueObject>('object', isObject);
export const string = insisting('string', (given): given is string => typeof given === 'string');
export const numeral = insisting('number', (given): given is number => typeof given === 'number');

// How often a parameter occurs.

export function optional<Argument>(parameter: Parameter<Argument>): Parameter<Argument | undefined>;
export function optional<Argument>(parameter: Parameter<Argument>, fallback: Argument): Parameter<Argument>;
export function optional<Argument>(parameter: Parameter<Argument>, fallback?: Argument): Parameter<Argument | undefined> {
  return { ...parameter, occurs: 'optionally', atLeast: 0, ...(fallback === undefined ? {} : { fallback }) };
}

/** The last parameter, for all arguments that follow. */
export const rest = <Argument>(parameter: Parameter<Argument>, atLeast: number): Parameter<readonly Argument[]> => ({
  ...(parameter as Parameter as Parameter<readonly Argument[]>),
  occurs: 'often',
  atLeast,
});
