/** Libraries that few queries need are loaded at their first use: every worker would carry them otherwise. */
import { createRequire } from 'node:module';

export const requirePackage = createRequire(import.meta.url);

/** A function that makes something once, when it is first asked for it. */
export function lazily<Made>(make: () => Made): () => Made {
  let made: { readonly it: Made } | undefined;
  return () => (made ??= { it: make() }).it;
}
