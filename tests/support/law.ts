/**
 * Laws that are tried with random values, where a try is slow.
 *
 * The quick tests try them a few times, with other values in each run, and the slow ones (`npm run check`) often. How to try one again stands in the
 * output as soon as it has failed: looking for a smaller case may take longer than the test may run, and the report of a large one hides its beginning.
 */
import * as fc from 'fast-check';

/** Set where the slow tests run, too (`scripts/test.js`). */
export const isThorough = (process.env['FOXDEN_TEST_THOROUGH'] ?? '') !== '';

/** How often something slow is tried. */
export function tries(counts: { readonly quick: number; readonly thorough: number }): number {
  return isThorough ? counts.thorough : counts.quick;
}

/** How long a smaller case is looked for. */
const SHRINK_MS = 60_000;

export async function assertLaw<Given>(law: fc.IAsyncProperty<Given>, options: fc.Parameters<Given> = {}): Promise<void> {
  const found = await fc.check(law, { ...options, endOnFailure: true });
  if (!found.failed) return;
  const again = { seed: found.seed, path: found.counterexamplePath ?? '' };
  console.error(`The law fails with ${JSON.stringify(again)}:`, found.errorInstance);
  await fc.assert(law, { ...options, ...again, interruptAfterTimeLimit: SHRINK_MS });
  throw new Error(`The law failed with ${JSON.stringify(again)}, and then did not`, { cause: found.errorInstance });
}
