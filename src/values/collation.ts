/**
 * The order of strings: ICU's root collation with `a < A < b`, as ArangoDB's default language `en_US` has it.
 */

const collator = new Intl.Collator('en-US');

/** Negative, zero or positive. Zero only for strings that are the same to the letter. */
export function compareStrings(left: string, right: string): number {
  if (left === right) return 0;
  const order = collator.compare(left, right);
  if (order !== 0) return order;
  return left < right ? -1 : 1;
}
