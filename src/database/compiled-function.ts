/** What becomes of the code of a user function: the seam between queries and whoever runs JavaScript for them. */
import type { Value } from '#values';

/** Adds a warning to the query that runs. */
export type WarnQuery = (code: number, message: string) => void;

/** A function of JavaScript, called with `{ name }` as `this`. */
export type CompiledFunction = (self: { readonly name: string }, inputs: readonly Value[], warn: WarnQuery) => unknown;

/** Throws what is wrong with the code; it must be an expression whose value is a function. */
export type CompileFunction = (databaseName: string, name: string, code: string) => CompiledFunction;
