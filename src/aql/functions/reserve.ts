/**
 * Long arrays, before they are made: beyond a length JavaScript cannot hold an array, and V8 would end the process rather than throw.
 */
import { ArangoError } from '#base';
import type { FunctionContext } from './context.ts';

/** No array may grow longer. */
export const LONGEST_ARRAY = 100_000_000;
const ELEMENT_BYTES = 8;
/** A string of less is cut into parts without asking. */
const LARGE_TEXT = 1_000_000;

/** Throws 32 when there is no room for an array of so many elements. */
export function reserveArray(context: Pick<FunctionContext, 'reserve'>, length: number): void {
  if (length > LONGEST_ARRAY) throw new ArangoError('ERROR_RESOURCE_LIMIT', { message: 'query would use more memory than allowed' });
  context.reserve?.(length * ELEMENT_BYTES);
}

/** The same for the parts of a text, which may be as many as its characters. */
export function reserveParts(context: Pick<FunctionContext, 'reserve'>, { length }: string): void {
  if (length > LARGE_TEXT) reserveArray(context, length);
}
